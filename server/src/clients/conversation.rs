//! A connection that has its session: routes requests, writes replies and events in order.
//!
//! Invariants:
//! 1. A read is answered from the replica only when nothing older of this connection is under way
//!    (`service::pipeline` says when), and the events that it must not overtake are written before
//!    its reply.
//! 2. Requests reach the core loop in the order in which they were sent.

use super::connection::{Closed, Socket, UNREAD_PAUSE};
use super::handshake::Session;
use super::identify::{self, SASL};
use super::throttle::InWork;
use super::{ClientPort, ConnectionInfo};
use crate::auth::Exchange;
use crate::replica::ToConnection;
use bytes::{Bytes, BytesMut};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, mpsc};
use vivarium_protocol::Input;
use vivarium_protocol::base::ConnectionId;
use vivarium_protocol::message::{ErrorCode, Id, Op, Reply, ReplyBody};
use vivarium_protocol::replica::{ToClient, acl};
use vivarium_protocol::service::{Pipeline, Step};
use vivarium_protocol::wire::client::{RequestError, decode_request, encode_event, encode_reply};
use vivarium_protocol::wire::frame;

/// Requests of one connection that may be under way before it is no longer read.
const PIPELINE: usize = 1000;
/// The shortest request: its header.
const LEAST_FRAME: usize = 8;

/// A request from its arrival to its answer.
struct Arrival {
    at: Instant,
    /// Comes back when it is answered, or its connection ends.
    _in_work: InWork,
}

/// A request whose turn has not come.
struct Waiting {
    payload: Bytes,
    since: Instant,
    turn: Turn,
}

type Turn = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

/// One client and its session at this server.
pub struct Conversation<'a> {
    pub(super) port: &'a ClientPort,
    origin: ConnectionId,
    pub(super) info: &'a ConnectionInfo,
    session: Session,
    pub(super) pipeline: Pipeline,
    /// The client's SASL exchange, where the server offers one.
    pub(super) exchange: Option<Exchange>,
    /// What is to be done, in order; reads stay here while the client does not read.
    steps: VecDeque<Step>,
    /// Requests that the core loop had no room for yet.
    submissions: VecDeque<Input>,
    /// The unanswered requests, oldest first.
    arrivals: VecDeque<Arrival>,
    /// The request that waits for its turn, where requests in work are limited.
    waiting: Option<Waiting>,
    /// The turn that it was given.
    granted: Option<OwnedSemaphorePermit>,
    last_touch: Option<Instant>,
    closing: bool,
}

impl<'a> Conversation<'a> {
    /// Begins: from here on the session is at this connection, and at no other of this server.
    pub fn begin(
        port: &'a ClientPort,
        origin: ConnectionId,
        info: &'a ConnectionInfo,
        session: Session,
    ) -> Conversation<'a> {
        info.session.store(session.id.0, Ordering::Relaxed);
        info.timeout_ms.store(session.timeout_ms.into(), Ordering::Relaxed);
        port.replica().attach(session.id, origin);
        let mut ids = vec![identify::address_id(info.address.ip())];
        ids.extend_from_slice(&info.certificate);
        let conversation = Conversation {
            port,
            origin,
            info,
            session,
            pipeline: Pipeline::new(session.id, ids.clone(), None),
            exchange: port.authentication.exchange(),
            steps: VecDeque::new(),
            submissions: VecDeque::new(),
            arrivals: VecDeque::new(),
            waiting: None,
            granted: None,
            last_touch: None,
            closing: false,
        };
        conversation.identify(&ids);
        conversation
    }

    /// Lets the watches know who hears of what.
    fn identify(&self, ids: &[Id]) {
        let ids = acl::effective(&self.port.shared.config.acl, ids);
        self.port.replica().identify(self.origin, ids.into_owned());
    }

    /// Whether the connection is to be closed, once what is written has gone out.
    pub fn is_closing(&self) -> bool {
        self.closing
    }

    /// Whether the client may ask for more.
    pub fn has_room(&self) -> bool {
        self.submissions.is_empty() && self.pipeline.len() < PIPELINE
    }

    /// Whether a request waits for room in the core loop's mailbox.
    pub fn is_waiting_for_core(&self) -> bool {
        !self.submissions.is_empty()
    }

    /// Hands the core loop the oldest request that waits.
    pub fn submit_next(&mut self, permit: mpsc::Permit<'_, Input>) {
        if let Some(input) = self.submissions.pop_front() {
            permit.send(input);
        }
    }

    /// The core loop has ended: what waits for it will not be done. What was answered still goes
    /// out, and the mailbox ends behind it.
    pub fn forget_submissions(&mut self) {
        self.submissions.clear();
    }

    /// Routes the requests that are whole, while there is room for them.
    ///
    /// # Errors
    /// A request that ends the connection.
    pub fn take_requests(
        &mut self,
        socket: &mut Socket,
        mailbox: &mut mpsc::Receiver<ToConnection>,
        willing: fn(&Socket) -> bool,
    ) -> Result<(), Closed> {
        let most = self.port.limits.max_frame;
        self.carry_out(Vec::new(), &mut socket.output, mailbox);
        while !self.closing && !self.is_waiting_for_turn() && self.has_room() && willing(socket) {
            let (payload, since) = match self.waiting.take() {
                Some(waiting) => (waiting.payload, waiting.since),
                None => {
                    self.port.requests.announce(&socket.input)?;
                    let taken = frame::take_frame(&mut socket.input, 0, most)?;
                    let Some(payload) = taken else { break };
                    (payload, socket.read_at)
                }
            };
            if payload.len() < LEAST_FRAME {
                let (length, least) = (i32::try_from(payload.len()).unwrap_or(0), LEAST_FRAME);
                return Err(Closed::Frame(frame::FrameError { length, least, most }));
            }
            let Some(turn) = self.take_turn(&payload, since) else { break };
            let in_work = InWork::new(turn, self.port.requests.weigh(payload.len())?);
            self.arrivals.push_back(Arrival { at: Instant::now(), _in_work: in_work });
            self.on_request(&payload, since, socket, mailbox)?;
        }
        let queued = u64::try_from(self.pipeline.len()).unwrap_or(u64::MAX);
        self.info.queued.store(queued, Ordering::Relaxed);
        Ok(())
    }

    /// Whether a request waits until others are answered.
    pub fn is_waiting_for_turn(&self) -> bool {
        self.waiting.is_some() && self.granted.is_none()
    }

    /// Waits for the turn of the request that waits; its place in the queue is kept between calls.
    pub async fn turn(&mut self) -> Option<OwnedSemaphorePermit> {
        match &mut self.waiting {
            Some(waiting) => waiting.turn.as_mut().await.ok(),
            None => std::future::pending().await,
        }
    }

    /// The turn has come; the next `take_requests` does the request.
    pub fn granted(&mut self, turn: Option<OwnedSemaphorePermit>) {
        self.closing |= turn.is_none();
        self.granted = turn;
    }

    /// A turn for a request, if one is free or none is needed; otherwise the request waits.
    fn take_turn(
        &mut self,
        payload: &Bytes,
        since: Instant,
    ) -> Option<Option<OwnedSemaphorePermit>> {
        let Some(turns) = self.port.requests.turns() else { return Some(None) };
        let free = || Arc::clone(turns).try_acquire_owned().ok();
        let turn = self.granted.take().or_else(free);
        if turn.is_none() {
            let turn: Turn = Box::pin(Arc::clone(turns).acquire_owned());
            self.waiting = Some(Waiting { payload: payload.clone(), since, turn });
        }
        turn.map(Some)
    }

    /// What waited too long is not done any more: the request is answered so, or its session is
    /// taken for gone.
    fn is_throttled(&self, op: &Op, since: Instant) -> Result<bool, Closed> {
        let flow = &self.port.limits.flow;
        let waited = since.elapsed();
        let timeout = Duration::from_millis(self.session.timeout_ms.unsigned_abs().into());
        if flow.requests > 0 && flow.stale_latency && waited > timeout && *op != Op::CloseSession {
            return Err(Closed::Stale);
        }
        let exempt = matches!(op, Op::Ping | Op::CloseSession);
        Ok(!flow.throttled.is_zero() && waited > flow.throttled && !exempt)
    }

    fn on_request(
        &mut self,
        payload: &[u8],
        since: Instant,
        socket: &mut Socket,
        mailbox: &mut mpsc::Receiver<ToConnection>,
    ) -> Result<(), Closed> {
        self.touch();
        self.info.received.fetch_add(1, Ordering::Relaxed);
        self.port.stats.received.fetch_add(1, Ordering::Relaxed);
        let mut steps = Vec::new();
        match decode_request(payload) {
            Ok((cxid, Op::Auth { scheme, auth })) => {
                self.authenticate(cxid, scheme.as_deref(), auth.as_deref(), &mut steps)?;
            }
            Ok((cxid, Op::Unsupported { opcode: SASL })) => {
                self.negotiate(cxid, &payload[LEAST_FRAME..], &mut steps)?;
            }
            Ok((xid, _)) | Err(RequestError::Malformed { xid, .. }) if !self.is_admitted() => {
                self.turn_away(xid, &mut steps);
            }
            Ok((cxid, op)) if self.is_throttled(&op, since)? => {
                let zxid = self.port.replica().look().reply_zxid();
                self.pipeline.refuse(cxid, ErrorCode::ThrottledOp, zxid, &mut steps);
            }
            Ok((cxid, op)) => self.pipeline.accept(cxid, op, &mut steps),
            Err(RequestError::Malformed { xid, opcode, error }) => {
                tracing::debug!("request {xid} with opcode {opcode} is malformed: {error}");
                let zxid = self.port.replica().look().reply_zxid();
                self.pipeline.refuse(xid, ErrorCode::MarshallingError, zxid, &mut steps);
            }
            Err(error @ RequestError::Close(_)) => return Err(error.into()),
        }
        self.carry_out(steps, &mut socket.output, mailbox);
        Ok(())
    }

    /// Every request is a sign of life; the core hears of it at most a few times a tick.
    fn touch(&mut self) {
        let pause = Duration::from_millis(self.port.shared.config.tick_time_ms / 4);
        if self.last_touch.is_none_or(|at| at.elapsed() >= pause) {
            self.last_touch = Some(Instant::now());
            self.port.heard(self.session.id, self.session.timeout_ms);
        }
    }

    /// Takes what the core loop has for this connection.
    pub fn on_message(
        &mut self,
        message: ToConnection,
        socket: &mut Socket,
        mailbox: &mut mpsc::Receiver<ToConnection>,
    ) {
        let mut steps = Vec::new();
        self.note(message, &mut socket.output, &mut steps);
        self.carry_out(steps, &mut socket.output, mailbox);
    }

    /// Writes an event, or lets the pipeline say what an answer releases.
    fn note(&mut self, message: ToConnection, output: &mut BytesMut, steps: &mut Vec<Step>) {
        match message {
            ToConnection::Client(ToClient::Event(event)) => {
                frame::put_frame(output, |out| encode_event(&event, out));
                self.count_sent();
            }
            ToConnection::Client(ToClient::Reply(reply)) => self.pipeline.answered(reply, steps),
            ToConnection::Refused { cxid, why } => {
                let zxid = self.port.replica().look().reply_zxid();
                self.pipeline.answered(Reply { cxid, zxid, result: Err(why) }, steps);
            }
            ToConnection::Done { cxid } => {
                let zxid = self.port.replica().look().reply_zxid();
                let result = Ok(ReplyBody::Empty);
                self.pipeline.answered(Reply { cxid, zxid, result }, steps);
            }
            ToConnection::Revalidated { .. } => {
                tracing::debug!("an answer to a question that this connection did not ask");
            }
        }
    }

    /// Does the steps in their order, with those that follow from them, but answers no read while
    /// too much waits for the socket.
    fn carry_out(
        &mut self,
        steps: Vec<Step>,
        output: &mut BytesMut,
        mailbox: &mut mpsc::Receiver<ToConnection>,
    ) {
        self.steps.extend(steps);
        while let Some(step) = self.steps.pop_front() {
            if matches!(step, Step::Read { .. }) && output.len() >= UNREAD_PAUSE {
                return self.steps.push_front(step);
            }
            match step {
                Step::Submit(request) => {
                    self.submit(Input::Submitted { request, origin: self.origin });
                }
                Step::Read { cxid, op, auth } => {
                    let more = self.read(cxid, &op, &auth, output, mailbox);
                    // Its reply is written before the next read is looked at, so that what waits
                    // for the socket is known.
                    more.into_iter().rev().for_each(|step| self.steps.push_front(step));
                }
                Step::Identify(ids) => self.identify(&ids),
                Step::Send(reply) => self.send(&reply, output),
                Step::Close => self.closing = true,
            }
            if self.closing {
                return;
            }
        }
    }

    fn read(
        &mut self,
        cxid: i32,
        op: &Op,
        auth: &[Id],
        output: &mut BytesMut,
        mailbox: &mut mpsc::Receiver<ToConnection>,
    ) -> Vec<Step> {
        let ids = match op {
            Op::WhoAmI => Cow::Borrowed(auth),
            _ => acl::effective(&self.port.shared.config.acl, auth),
        };
        // What this read has seen is in the mailbox before the replica is let go, and nothing else:
        // those events go first. Later ones may belong to the watch that this very read has set.
        let mut seen = Vec::new();
        let mut take = || seen.extend(std::iter::from_fn(|| mailbox.try_recv().ok()));
        let (origin, session) = (self.origin, self.session.id);
        let read = self.port.replica().read(origin, session, cxid, op, &ids, &mut take);
        let Some((reply, events)) = read else {
            self.closing = true;
            return Vec::new();
        };
        let mut steps = Vec::new();
        for message in seen {
            self.note(message, output, &mut steps);
        }
        for event in events {
            self.note(ToConnection::Client(event), output, &mut steps);
        }
        self.pipeline.answered(reply, &mut steps);
        steps
    }

    /// Gives the core loop a request, after those that wait for room.
    fn submit(&mut self, input: Input) {
        if !self.submissions.is_empty() {
            self.submissions.push_back(input);
            return;
        }
        match self.port.shared.core.try_send(input) {
            Ok(()) => {}
            Err(mpsc::error::TrySendError::Full(input)) => self.submissions.push_back(input),
            // The core loop has ended, and so will the mailbox, behind the last answers.
            Err(mpsc::error::TrySendError::Closed(_)) => {}
        }
    }

    fn send(&mut self, reply: &Reply, output: &mut BytesMut) {
        frame::put_frame(output, |out| encode_reply(reply, out));
        self.count_sent();
        if let Some(arrived) = self.arrivals.pop_front() {
            self.port.stats.took(arrived.at.elapsed());
        }
    }

    fn count_sent(&self) {
        self.info.sent.fetch_add(1, Ordering::Relaxed);
        self.port.stats.sent.fetch_add(1, Ordering::Relaxed);
    }
}
