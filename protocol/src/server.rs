//! Server: QuorumPeer plus request service; the face that drivers hold.
//!
//! `zab` orders transactions without knowing what is in them; `service` knows requests and sessions
//! without knowing quorums. This file passes what one says to the other.

mod local;

use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::{
    Config, ConnectionId, LargeMap, Now, ServerId, SessionId, SortedMap, Time, Zxid,
};
use crate::effects::{ClientEffect, Delivery, Effects};
use crate::input::Input;
use crate::message::{ErrorCode, ForwardedRequest, Id, Op, Packet, PeerState, Request, Vote};
use crate::replica::DataTree;
use crate::service::Service;
use crate::service::local::LocalSessions;
use crate::trace::{Decision, LearnerStatus, PeerStatus, Timer};
use crate::zab::{QuorumPeer, Recovered, Step, Upcall};

/// A client's sync on its way to the leader and back.
#[derive(Clone, Debug)]
struct PendingSync {
    origin: ConnectionId,
    cxid: i32,
    path: Option<String>,
}

/// One ZooKeeper server as a value.
///
/// ```
/// use std::sync::Arc;
/// use vivarium_protocol::base::{Config, Ensemble, Now, ServerId};
/// use vivarium_protocol::message::PeerState;
/// use vivarium_protocol::{Effects, Recovered, Server};
///
/// let config = Arc::new(Config::new(ServerId(1), Arc::new(Ensemble::numbered(3, 0))));
/// let mut out = Effects::traced();
/// let server = Server::recover(config, Recovered::default(), Now::default(), &mut out);
/// assert_eq!(server.role(), PeerState::Looking);
/// ```
#[derive(Clone, Debug)]
pub struct Server {
    peer: QuorumPeer,
    service: Service,
    /// The sessions that only this server knows.
    local: LocalSessions,
    /// Clients of this learner heard from since the leader's last PING.
    touched: LargeMap<SessionId, i32>,
    syncs: VecDeque<PendingSync>,
    revalidating: VecDeque<(SessionId, i32, ConnectionId)>,
}

impl Server {
    /// Brings a server to life with what its disk gave back.
    pub fn recover(
        config: Arc<Config>,
        recovered: Recovered,
        now: Now,
        out: &mut Effects,
    ) -> Server {
        let mut step = Step { now, out };
        let peer = QuorumPeer::recover(&config, recovered, &mut step);
        Server {
            peer,
            service: Service::new(&config),
            local: LocalSessions::new(config.tick_time_ms),
            touched: LargeMap::new(),
            syncs: VecDeque::new(),
            revalidating: VecDeque::new(),
        }
    }

    /// Takes one input. `tree` is the replica's tree as it stands; it is only looked at. What must
    /// follow is in `out` when this returns, and nowhere else.
    pub fn handle(&mut self, now: Now, input: Input, tree: &DataTree, out: &mut Effects) {
        let mark = out.apply.len();
        let was_read_only = self.peer.is_read_only();
        let mut step = Step { now, out };
        match input {
            Input::LinkUp { peer, channel } => self.peer.on_link_up(peer, channel, &mut step),
            Input::LinkDown { peer, channel } => self.peer.on_link_down(peer, channel, &mut step),
            Input::Received { from, message } => self.peer.on_received(from, message, &mut step),
            Input::Durable { upto } => self.peer.on_durable(upto, &mut step),
            Input::Applied { upto } => {
                self.on_applied(upto, &mut step);
                self.service.clean(now, tree);
            }
            Input::Deadline => self.on_deadline(tree, &mut step),
            Input::Submitted { request, origin } => {
                self.on_submitted(request, origin, tree, &mut step);
            }
            Input::Resumed { session, timeout_ms, origin } => {
                self.on_resumed(session, timeout_ms, origin, tree, &mut step);
            }
            Input::Touched(sessions) => self.on_touched(&sessions, now),
            Input::Disconnected { origin } => self.on_disconnected(origin),
        }
        // Before a role that has ended forgets who asked for what it has just decided.
        let decided = step.out.apply.len();
        self.name_origins(&mut step.out.apply[mark..]);
        while let Some(upcall) = self.peer.take_upcall() {
            self.on_upcall(upcall, tree, &mut step);
        }
        self.service.configure(self.peer.config());
        if was_read_only && !self.peer.is_read_only() {
            self.local.clear();
        }
        self.name_origins(&mut out.apply[decided..]);
    }

    /// When something falls due, and what it is.
    #[must_use]
    pub fn next_deadline(&self) -> Option<(Time, Timer)> {
        let expiries = self.service.next_expiry().into_iter().chain(self.local.next_expiry());
        let expiry = expiries.min().map(|at| (at, Timer::SessionExpiry));
        let cleaning = self.service.next_cleaning().map(|at| (at, Timer::ContainerCheck));
        self.peer.next_deadline().into_iter().chain(expiry).chain(cleaning).min()
    }

    /// What a viewer needs, and no more.
    #[must_use]
    pub fn status(&self) -> PeerStatus {
        self.peer.status()
    }

    /// Its configuration.
    #[must_use]
    pub fn config(&self) -> &Arc<Config> {
        self.peer.config()
    }

    /// The vote that waits for an election connection to a peer: the newest, as older ones are
    /// replaced.
    #[must_use]
    pub fn waiting_vote(&self, to: ServerId) -> Option<Vote> {
        self.peer.waiting_vote(to)
    }

    /// Its role.
    #[must_use]
    pub fn role(&self) -> PeerState {
        self.peer.role()
    }

    /// Whom it follows, or itself; `None` while looking.
    #[must_use]
    pub fn leader(&self) -> Option<ServerId> {
        self.peer.leader()
    }

    /// The last transaction handed to its log.
    #[must_use]
    pub fn last_logged(&self) -> Zxid {
        self.peer.last_logged()
    }

    /// Requests of own clients under way, plus, of a leader, proposals that are not decided.
    #[must_use]
    pub fn outstanding(&self) -> usize {
        self.service.under_way().max(self.peer.outstanding())
    }

    /// Leader: its learners, by id.
    #[must_use]
    pub fn learners(&self) -> SortedMap<ServerId, LearnerStatus> {
        self.peer.learners()
    }

    /// Sessions that only this server knows.
    #[must_use]
    pub fn local_sessions(&self) -> usize {
        self.local.len()
    }

    /// Syncs of own clients that wait for the leader.
    #[must_use]
    pub fn pending_syncs(&self) -> usize {
        self.syncs.len()
    }

    /// A delivery that came from an own client is answered there.
    fn name_origins(&mut self, deliveries: &mut [Delivery]) {
        for delivery in deliveries {
            if let Delivery::Txn { txn, origin } = delivery {
                *origin = self.service.committed(txn);
            }
        }
    }

    fn on_applied(&mut self, upto: Zxid, step: &mut Step<'_>) {
        self.service.applied(upto);
        self.peer.on_applied(upto, step);
    }

    fn on_deadline(&mut self, tree: &DataTree, step: &mut Step<'_>) {
        self.peer.on_deadline(step);
        self.expire_local(step);
        self.clean(tree, step);
        if self.service.next_expiry().is_none_or(|at| at > step.now.at) {
            return;
        }
        for session in self.service.expired(step.now) {
            step.trace(|| Decision::SessionExpired { session });
            let request = Request { session, cxid: 0, op: Op::CloseSession, auth: Vec::new() };
            let me = self.peer.config().id;
            self.propose(&request, me, tree, step);
        }
    }

    /// Asks for the deletion of what need not stay, if it is time for one.
    fn clean(&mut self, tree: &DataTree, step: &mut Step<'_>) {
        if let Some(path) = self.service.take_unneeded(step.now, tree) {
            let op = Op::DeleteContainer { path: path.to_string() };
            let request = Request { session: SessionId(0), cxid: 0, op, auth: Vec::new() };
            self.propose(&request, self.peer.config().id, tree, step);
        }
    }

    fn propose(
        &mut self,
        request: &Request,
        owner: ServerId,
        tree: &DataTree,
        step: &mut Step<'_>,
    ) {
        if let Op::Reconfig { .. } = request.op {
            self.service.set_in_step(self.peer.synced_followers());
        }
        let (service, now) = (&mut self.service, step.now);
        self.peer.propose(|zxid| service.prepare(now, zxid, request, owner, tree), step);
    }

    /// A leader orders its client's request, a learner passes it on, anybody else cannot serve.
    fn on_submitted(
        &mut self,
        request: Request,
        origin: ConnectionId,
        tree: &DataTree,
        step: &mut Step<'_>,
    ) {
        if !request.op.is_write() && !matches!(request.op, Op::Sync { .. }) {
            let why = ErrorCode::Unimplemented;
            step.out.client.push(ClientEffect::Refused { origin, cxid: request.cxid, why });
        } else if self.peer.is_read_only() {
            self.submit_read_only(&request, origin, step);
        } else if self.config().local_sessions && self.stays_local(&request, origin, tree, step) {
        } else if self.peer.can_propose() {
            if let Op::Sync { path } = request.op {
                self.peer.sync_own(origin, request.cxid, path, step);
                return;
            }
            self.service.submitted(&request, origin);
            let me = self.peer.config().id;
            self.propose(&request, me, tree, step);
        } else if let Some(leader) = self.peer.passes_on_to() {
            self.pass_on(request, origin, leader, step);
        } else {
            step.out.client.push(ClientEffect::Close { origin });
        }
    }

    /// The learner notes where the answer goes before it sends, so that no commit overtakes it.
    fn pass_on(
        &mut self,
        request: Request,
        origin: ConnectionId,
        leader: ServerId,
        step: &mut Step<'_>,
    ) {
        if let Op::Sync { path } = &request.op {
            let path = path.clone();
            self.syncs.push_back(PendingSync { origin, cxid: request.cxid, path });
        } else {
            self.service.submitted(&request, origin);
        }
        self.forward(request, leader, step);
    }

    fn forward(&mut self, request: Request, leader: ServerId, step: &mut Step<'_>) {
        let Request { session, cxid, op, auth } = request;
        let auth = Some(auth).filter(|ids: &Vec<Id>| !ids.is_empty());
        let opcode = op.opcode();
        let forwarded = ForwardedRequest { session, cxid, opcode, op, auth };
        self.peer.send(leader, Packet::Request(forwarded), step);
    }

    fn on_resumed(
        &mut self,
        session: SessionId,
        timeout_ms: i32,
        origin: ConnectionId,
        tree: &DataTree,
        step: &mut Step<'_>,
    ) {
        if self.local.touch(step.now, session, timeout_ms) {
            let answer = ClientEffect::Revalidated { origin, session, timeout_ms, valid: true };
            step.out.client.push(answer);
        } else if self.peer.is_read_only() {
            self.resume_read_only(session, origin, tree, step);
        } else if self.peer.can_propose() {
            let me = self.peer.config().id;
            let valid = self.service.revalidate(step.now, session, timeout_ms, me);
            let answer = ClientEffect::Revalidated { origin, session, timeout_ms, valid };
            step.out.client.push(answer);
        } else if let Some(leader) = self.peer.passes_on_to() {
            self.revalidating.push_back((session, timeout_ms, origin));
            self.peer.send(leader, Packet::Revalidate { session, timeout_ms }, step);
        } else {
            step.out.client.push(ClientEffect::Close { origin });
        }
    }

    fn on_touched(&mut self, sessions: &[(SessionId, i32)], now: Now) {
        for (session, timeout_ms) in sessions {
            if self.local.touch(now, *session, *timeout_ms) {
                continue;
            }
            if self.peer.can_propose() {
                self.service.touch(now, *session, *timeout_ms);
            } else {
                self.touched.insert(*session, *timeout_ms);
            }
        }
    }

    fn on_disconnected(&mut self, origin: ConnectionId) {
        self.service.disconnected(origin);
        self.revalidating.retain(|(_, _, waiting)| *waiting != origin);
    }

    fn on_upcall(&mut self, upcall: Upcall, tree: &DataTree, step: &mut Step<'_>) {
        match upcall {
            Upcall::Request { from, request } => self.on_forwarded(from, request, tree, step),
            Upcall::Touched { sessions } => self.on_touched(&sessions, step.now),
            Upcall::Revalidate { from, session, timeout_ms } => {
                let valid = self.service.revalidate(step.now, session, timeout_ms, from);
                if valid {
                    step.out.client.push(ClientEffect::Gone { session });
                }
                self.peer.send(from, Packet::Revalidated { session, valid }, step);
            }
            Upcall::Revalidated { session, valid } => self.on_revalidated(session, valid, step),
            Upcall::SyncDone => {
                if let Some(PendingSync { origin, cxid, path }) = self.syncs.pop_front() {
                    step.out.apply.push(Delivery::Sync { origin, cxid, path });
                }
            }
            Upcall::Pinged { zxid } => {
                let touched = Some(std::mem::take(&mut self.touched).into_iter().collect());
                if let Some(leader) = self.peer.leader() {
                    self.peer.send(leader, Packet::Ping { zxid, touched }, step);
                }
            }
            Upcall::Ready => self.service.begin_leading(step.now, tree),
            Upcall::RoleEnded => self.on_role_ended(),
        }
    }

    /// A learner's client wants something.
    fn on_forwarded(
        &mut self,
        from: ServerId,
        forwarded: ForwardedRequest,
        tree: &DataTree,
        step: &mut Step<'_>,
    ) {
        let ForwardedRequest { session, cxid, op, auth, .. } = forwarded;
        if let Op::Sync { .. } = op {
            self.peer.sync_learner(from, step);
            return;
        }
        let request = Request { session, cxid, op, auth: auth.unwrap_or_default() };
        self.propose(&request, from, tree, step);
    }

    /// The leader answered for the oldest request about this session.
    fn on_revalidated(&mut self, session: SessionId, valid: bool, step: &mut Step<'_>) {
        let position = self.revalidating.iter().position(|(waiting, _, _)| *waiting == session);
        let Some((_, timeout_ms, origin)) = position.and_then(|at| self.revalidating.remove(at))
        else {
            return;
        };
        let answer = ClientEffect::Revalidated { origin, session, timeout_ms, valid };
        step.out.client.push(answer);
    }

    /// Nothing that was under way will be answered; the replica closes all clients by itself.
    fn on_role_ended(&mut self) {
        self.service.stop_leading();
        self.service.drop_all();
        self.touched.clear();
        self.syncs.clear();
        self.revalidating.clear();
    }
}
