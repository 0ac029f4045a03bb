//! Clients and servers talking: connecting, asking, answering, losing each other.
//!
//! A client's connection has its own latency and is FIFO both ways. A server takes a client only
//! while it serves, and only if it has seen everything that the client has (docs/protocol.md,
//! C2.3):
//! otherwise a client could travel back in time.
//! Watches are `client_watches`.

mod closing;

use crate::agenda::Event;
use crate::client::{ClientState, Pending, Told, VirtualClient};
use crate::client_watches::SET_WATCHES;
use crate::command::{ClientAct, ClientOp, CommandError};
use crate::peer::Served;
use crate::world::World;
use vivarium_protocol::Input;
use vivarium_protocol::base::{ConnectionId, ServerId, SessionId, Zxid};
use vivarium_protocol::effects::ClientEffect;
use vivarium_protocol::message::{Id, Op, Reply, ReplyBody, Request};
use vivarium_protocol::replica::{Outbox, ToClient};
use vivarium_protocol::service::{Pipeline, Step};
use vivarium_protocol::trace::Cause;

/// How long a client waits before it tries again, least and most, milliseconds.
const RETRY_MS: (u64, u64) = (100, 400);

impl World {
    /// A client acts.
    pub(crate) fn client_acts(&mut self, id: u32, act: &ClientAct) -> Result<(), CommandError> {
        if let ClientAct::Connect { server } = act
            && !self.peers.contains_key(server)
        {
            return Err(CommandError::NoSuchServer(*server));
        }
        if let ClientAct::Request(op) = act {
            return self.client_asks(id, op);
        }
        let list = self.list_of(act)?;
        let client = self.client_mut(id);
        client.list = list;
        client.balanced = *act == ClientAct::Balanced;
        match act {
            ClientAct::Connect { server } => {
                (client.roams, client.home) = (false, Some(*server));
            }
            ClientAct::Roam | ClientAct::Balanced => client.roams = true,
            ClientAct::List { .. } => (client.roams, client.home) = (true, None),
            ClientAct::Disconnect | ClientAct::Request(_) => {
                (client.roams, client.home) = (false, None);
            }
        }
        self.client_leaves(id);
        if *act != ClientAct::Disconnect {
            self.client_dials(id);
        }
        Ok(())
    }

    pub(crate) fn client_mut(&mut self, id: u32) -> &mut VirtualClient {
        let place = match self.clients.binary_search_by_key(&id, |client| client.id) {
            Ok(place) => place,
            Err(place) => {
                self.clients.insert(place, VirtualClient::new(id));
                place
            }
        };
        &mut self.clients[place]
    }

    pub(crate) fn client_delay(&mut self) -> u64 {
        self.rng.between(self.setup.latency_us.0, self.setup.latency_us.1)
    }

    /// Leaves its server, if it has one, without closing the session.
    fn client_leaves(&mut self, id: u32) {
        let now = self.now;
        let client = self.client_mut(id);
        client.attempt += 1;
        let left = std::mem::replace(&mut client.state, ClientState::Away);
        client.pending.clear();
        let (history, moment) = self.checkers.record();
        history.lost(moment, id);
        let client = self.client_mut(id);
        if let ClientState::Connected { server, connection } = left {
            client.told.push((now, Told::ConnectionLost));
            let at = (now + self.client_delay()).max(self.client_mut(id).last_sent);
            self.later(at, Event::ClientGone { server, connection });
        }
    }

    /// Chooses a server and connects.
    pub(crate) fn client_dials(&mut self, id: u32) {
        let servers: Vec<ServerId> = self.peers.keys().copied().collect();
        let handed_to = self.hand_out(id);
        let client = self.client_mut(id);
        if let ClientState::Ended { .. } = client.state {
            client.state = ClientState::Away;
        }
        let next = servers.iter().find(|server| client.home.is_none_or(|last| **server > last));
        let next = if client.list.is_empty() { next.copied() } else { client.next_of_list() };
        let server = match client.home {
            Some(_) | None if handed_to.is_some() => handed_to,
            Some(home) if !client.roams => Some(home),
            Some(_) | None => client.roams.then(|| next.unwrap_or(servers[0])),
        };
        let Some(server) = server else { return };
        client.home = Some(server);
        client.state = ClientState::Connecting { server };
        let attempt = client.attempt;
        let at = self.now + self.client_delay();
        self.client_mut(id).last_sent = at;
        self.later(at, Event::ClientHello { server, client: id, attempt });
    }

    /// A request leaves; while the session is being granted it waits at the client.
    fn client_asks(&mut self, id: u32, op: &ClientOp) -> Result<(), CommandError> {
        let now = self.now;
        let client = self.client_mut(id);
        if !matches!(client.state, ClientState::Connected { .. } | ClientState::Connecting { .. }) {
            return Err(CommandError::NotConnected(id));
        }
        client.next_cxid += 1;
        let cxid = client.next_cxid;
        client.pending.push(Pending { cxid, op: op.clone(), asked: now });
        let at = (client.server(), client.session);
        let (history, moment) = self.checkers.record();
        history.asked(moment, id, (cxid, op), at);
        self.client_sends(id, cxid, op.clone());
        Ok(())
    }

    fn client_sends(&mut self, id: u32, cxid: i32, op: ClientOp) {
        let soonest = self.now + self.client_delay();
        let client = self.client_mut(id);
        if let ClientState::Connected { server, connection } = client.state {
            client.last_sent = client.last_sent.max(soonest);
            let at = client.last_sent;
            self.later(at, Event::ClientAsk { server, connection, cxid, op });
        }
    }

    /// A client's connection reaches a server.
    pub(crate) fn on_hello(&mut self, id: ServerId, client: u32, attempt: u64) -> Option<Cause> {
        let session = self.client_mut(client).session;
        let seen = self.client_mut(client).last_zxid;
        let timeout_ms = (5 * self.setup.tick_time_ms).min(i32::MAX as u64) as i32;
        let peer = self.peers.get_mut(&id)?;
        if peer.server.is_none() || !peer.replica.serving() || seen > peer.replica.reply_zxid() {
            self.drop_client(client, attempt);
            return Some(Cause::Client { request: format!("c{client} is turned away") });
        }
        let process = &mut peer.process;
        let origin = ConnectionId(process.next_connection);
        process.next_connection += 1;
        let fresh = process.next_session;
        let served = Served {
            client,
            attempt,
            session: session.unwrap_or(fresh),
            timeout_ms,
            pipeline: None,
            last: self.now,
        };
        process.connections.insert(origin, served);
        self.keep_touching(id);
        let input = match session {
            Some(session) => Input::Resumed { session, timeout_ms, origin },
            None => {
                self.peers.get_mut(&id)?.process.next_session = SessionId(fresh.0 + 1);
                let op = Op::CreateSession { timeout_ms };
                let request = Request { session: fresh, cxid: 0, op, auth: Vec::new() };
                Input::Submitted { request, origin }
            }
        };
        self.handle(id, input);
        Some(Cause::Client { request: format!("c{client} connects") })
    }

    /// A client's request reaches its server.
    pub(crate) fn on_ask(
        &mut self,
        id: ServerId,
        origin: ConnectionId,
        cxid: i32,
        op: &ClientOp,
    ) -> Option<Cause> {
        let served = self.peers.get_mut(&id)?.process.connections.get_mut(&origin)?;
        let client = served.client;
        let mut steps = Vec::new();
        served.pipeline.as_mut()?.accept(cxid, op.to_op(), &mut steps);
        self.run_steps(id, origin, steps);
        Some(Cause::Client { request: format!("c{client} {op}") })
    }

    /// A client has left.
    pub(crate) fn on_gone(&mut self, id: ServerId, origin: ConnectionId) -> Option<Cause> {
        let peer = self.peers.get_mut(&id)?;
        let served = peer.process.connections.remove(&origin)?;
        peer.replica.forget(origin);
        self.handle(id, Input::Disconnected { origin });
        Some(Cause::Client { request: format!("c{} leaves", served.client) })
    }

    /// Does what a pipeline says, step by step, each to its end before the next.
    pub(crate) fn run_steps(&mut self, id: ServerId, origin: ConnectionId, mut steps: Vec<Step>) {
        let mut next = 0;
        while next < steps.len() {
            let step = steps[next].clone();
            next += 1;
            match step {
                Step::Submit(request) => {
                    self.handle(id, Input::Submitted { request, origin });
                }
                Step::Read { cxid, op, auth } => {
                    let Some(reply) = self.read(id, origin, cxid, &op, &auth) else { return };
                    self.answered(id, origin, reply, &mut steps);
                }
                Step::Identify(ids) => {
                    if let Some(peer) = self.peers.get_mut(&id) {
                        peer.replica.identify(origin, ids);
                    }
                }
                Step::Send(reply) => self.answer(id, origin, reply),
                Step::Close => self.close_client(id, origin),
            }
        }
    }

    fn answered(&mut self, id: ServerId, origin: ConnectionId, reply: Reply, out: &mut Vec<Step>) {
        let connections = self.peers.get_mut(&id).map(|peer| &mut peer.process.connections);
        let served = connections.and_then(|connections| connections.get_mut(&origin));
        if let Some(pipeline) = served.and_then(|served| served.pipeline.as_mut()) {
            pipeline.answered(reply, out);
        }
    }

    fn read(
        &mut self,
        id: ServerId,
        origin: ConnectionId,
        cxid: i32,
        op: &Op,
        auth: &[Id],
    ) -> Option<Reply> {
        let peer = self.peers.get_mut(&id)?;
        let session = peer.process.connections.get(&origin)?.session;
        let mut outbox = Outbox::default();
        let reply = peer.replica.read(origin, cxid, op, auth, session, &mut outbox);
        self.dispatch(id, outbox);
        Some(reply)
    }

    /// Passes on what the replica has to tell clients.
    pub(crate) fn dispatch(&mut self, id: ServerId, outbox: Outbox) {
        for (origin, message) in outbox.messages {
            match message {
                ToClient::Event(event) => {
                    let zxid = event.zxid;
                    self.tell(id, origin, Told::Event(event), zxid);
                }
                ToClient::Reply(reply) => self.on_reply(id, origin, reply),
            }
        }
        for session in outbox.closed {
            self.close_session(id, session);
        }
        for origin in outbox.moved {
            self.close_client(id, origin);
        }
    }

    fn connections_of(&self, id: ServerId, session: SessionId) -> Vec<ConnectionId> {
        let connections = self.peers[&id].process.connections.iter();
        let own = connections.filter(|(_, served)| served.session == session);
        own.map(|(origin, _)| *origin).collect()
    }

    /// A reply from a delivery: the grant of a session, or the answer to a request.
    fn on_reply(&mut self, id: ServerId, origin: ConnectionId, reply: Reply) {
        if let Ok(ReplyBody::Connected { session, timeout_ms, .. }) = reply.result {
            self.grant(id, origin, session, timeout_ms > 0, reply.zxid);
            return;
        }
        let served = self.peers[&id].process.connections.get(&origin);
        if served.is_some_and(|served| served.pipeline.is_none()) {
            self.close_client(id, origin);
            return;
        }
        let mut steps = Vec::new();
        self.answered(id, origin, reply, &mut steps);
        self.run_steps(id, origin, steps);
    }

    fn grant(
        &mut self,
        id: ServerId,
        origin: ConnectionId,
        session: SessionId,
        valid: bool,
        zxid: Zxid,
    ) {
        if !valid {
            self.tell(id, origin, Told::Expired, zxid);
            self.close_client(id, origin);
            return;
        }
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if let Some(served) = peer.process.connections.get_mut(&origin) {
            let ip = Id { scheme: "ip".to_owned(), id: format!("10.0.1.{}", served.client) };
            served.pipeline = Some(Pipeline::new(session, vec![ip.clone()], None));
            peer.replica.identify(origin, vec![ip]);
        }
        self.tell(id, origin, Told::Session(session), zxid);
    }

    /// What the core tells own clients outside the order of deliveries.
    pub(crate) fn on_client_effect(&mut self, id: ServerId, effect: ClientEffect) {
        let zxid = self.peers[&id].replica.reply_zxid();
        match effect {
            ClientEffect::Refused { origin, cxid, why } => {
                self.on_reply(id, origin, Reply { cxid, zxid, result: Err(why) });
            }
            ClientEffect::Done { origin, cxid } => {
                let result = Ok(ReplyBody::Empty);
                self.on_reply(id, origin, Reply { cxid, zxid, result });
            }
            ClientEffect::Revalidated { origin, session, valid, .. } => {
                self.grant(id, origin, session, valid, zxid);
            }
            ClientEffect::Close { origin } => self.close_client(id, origin),
            ClientEffect::Gone { session } => self.close_session(id, session),
        }
    }

    /// An answer leaves for its client.
    fn answer(&mut self, id: ServerId, origin: ConnectionId, reply: Reply) {
        let Some(served) = self.peers[&id].process.connections.get(&origin) else { return };
        let client = served.client;
        if reply.cxid == SET_WATCHES {
            return self.tell(id, origin, Told::WatchesSet, reply.zxid);
        }
        let pending = self.client_mut(client).pending.iter();
        let op = pending.rev().find(|pending| pending.cxid == reply.cxid).map(|p| p.op.clone());
        let Some(op) = op else { return };
        if reply.result.is_ok() && op.is_write() {
            self.checkers.acknowledged(id, reply.zxid);
        }
        let told = Told::Answer { cxid: reply.cxid, op, result: reply.result, zxid: reply.zxid };
        self.tell(id, origin, told, reply.zxid);
    }

    fn tell(&mut self, id: ServerId, origin: ConnectionId, told: Told, zxid: Zxid) {
        let delay = self.client_delay();
        let now = self.now;
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Some(served) = peer.process.connections.get_mut(&origin) else { return };
        served.last = served.last.max(now + delay);
        let (at, client, attempt) = (served.last, served.client, served.attempt);
        let connection = Some((id, origin));
        self.later(at, Event::ClientTold { client, attempt, told, zxid, connection });
    }

    /// Something reaches a client.
    pub(crate) fn on_told(
        &mut self,
        id: u32,
        attempt: u64,
        told: Told,
        zxid: Zxid,
        connection: Option<(ServerId, ConnectionId)>,
    ) {
        let now = self.now;
        let client = self.client_mut(id);
        if client.attempt != attempt {
            return;
        }
        client.last_zxid = client.last_zxid.max(zxid);
        self.note_told(id, &told, zxid, connection.map(|(server, _)| server));
        let client = self.client_mut(id);
        match (&told, connection) {
            (Told::Session(session), Some((server, connection))) => {
                client.session = Some(*session);
                client.state = ClientState::Connected { server, connection };
                let waiting = client.pending.clone();
                self.client_watches_again(id);
                for waiting in waiting {
                    self.client_sends(id, waiting.cxid, waiting.op);
                }
            }
            (Told::Answer { cxid, op, result, .. }, _) => {
                client.pending.retain(|pending| pending.cxid != *cxid);
                client.answered_zxid = client.answered_zxid.max(zxid);
                client.watches.answered(op, result);
                if *op == ClientOp::Close && result.is_ok() {
                    client.ends(false);
                }
            }
            (Told::Expired, _) => client.ends(true),
            (Told::Event(event), _) => client.watches.fired(event),
            (Told::WatchesSet, _) => client.answered_zxid = client.answered_zxid.max(zxid),
            (Told::Session(_) | Told::ConnectionLost, _) => {}
        }
        self.client_mut(id).told.push((now, told));
    }

    /// Shows the checkers what reaches a client.
    fn note_told(&mut self, id: u32, told: &Told, zxid: Zxid, server: Option<ServerId>) {
        let (history, moment) = self.checkers.record();
        let breach = match told {
            Told::Session(session) => history.opened(id, server, *session, zxid),
            Told::Answer { cxid, result, .. } => history.answered(moment, id, *cxid, zxid, result),
            Told::Event(event) => history.fired(id, event),
            Told::WatchesSet => history.watches_again(id, zxid),
            Told::ConnectionLost | Told::Expired => {
                history.lost(moment, id);
                None
            }
        };
        if let Some((promise, what)) = breach {
            self.checkers.report(promise, server.unwrap_or(ServerId(0)), what);
        }
    }

    /// A client's connection is gone: it tries again, unless its session has ended.
    pub(crate) fn on_lost(&mut self, id: u32, attempt: u64) {
        let now = self.now;
        let client = self.client_mut(id);
        if client.attempt != attempt || matches!(client.state, ClientState::Ended { .. }) {
            return;
        }
        if client.server().is_some() {
            client.told.push((now, Told::ConnectionLost));
        }
        client.attempt += 1;
        client.state = ClientState::Away;
        client.pending.clear();
        let attempt = client.attempt;
        let (history, moment) = self.checkers.record();
        history.lost(moment, id);
        let at = now.after_ms(self.rng.between(RETRY_MS.0, RETRY_MS.1));
        self.later(at, Event::ClientRetry { client: id, attempt });
    }

    /// The pause of a client is over.
    pub(crate) fn on_retry(&mut self, id: u32, attempt: u64) {
        if self.client_mut(id).attempt == attempt {
            self.client_dials(id);
        }
    }

    /// Once in half a tick a server with clients tells its core which of them it heard from.
    fn keep_touching(&mut self, id: ServerId) {
        let at = self.now.after_ms(self.setup.tick_time_ms / 2);
        let Some(peer) = self.peers.get_mut(&id) else { return };
        if !peer.process.touching && !peer.process.connections.is_empty() {
            peer.process.touching = true;
            self.later(at, Event::Touch(id));
        }
    }

    /// The clients of a server were heard from.
    pub(crate) fn on_touch(&mut self, id: ServerId) -> Option<Cause> {
        let peer = self.peers.get_mut(&id)?;
        peer.process.touching = false;
        let granted = peer.process.connections.values().filter(|s| s.pipeline.is_some());
        let heard: Vec<_> = granted.map(|s| (s.session, s.timeout_ms)).collect();
        if !heard.is_empty() {
            self.handle(id, Input::Touched(heard));
        }
        self.keep_touching(id);
        Some(Cause::Client { request: "pings".to_owned() })
    }
}
