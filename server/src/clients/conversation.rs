//! A connection that has its session: routes requests, writes replies and events in order.
//!
//! Invariants:
//! 1. A read is answered from the replica only when nothing older of this connection is under way
//!    (`service::pipeline` says when), and the events that it must not overtake are written before
//!    its reply.
//! 2. Requests reach the core loop in the order in which they were sent.

use super::connection::{Closed, Socket};
use super::handshake::Session;
use super::identify::{self, SASL};
use super::{ClientPort, ConnectionInfo};
use crate::auth::Exchange;
use crate::replica::ToConnection;
use bytes::BytesMut;
use std::borrow::Cow;
use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};
use tokio::sync::mpsc;
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

/// One client and its session at this server.
pub struct Conversation<'a> {
    pub(super) port: &'a ClientPort,
    origin: ConnectionId,
    pub(super) info: &'a ConnectionInfo,
    session: Session,
    pub(super) pipeline: Pipeline,
    /// The client's SASL exchange, where the server offers one.
    pub(super) exchange: Option<Exchange>,
    /// Requests that the core loop had no room for yet.
    submissions: VecDeque<Input>,
    /// When the unanswered requests arrived, oldest first.
    arrivals: VecDeque<Instant>,
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
            submissions: VecDeque::new(),
            arrivals: VecDeque::new(),
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
        while !self.closing && self.has_room() && willing(socket) {
            let Some(payload) = frame::take_frame(&mut socket.input, 0, most)? else { break };
            if payload.len() < LEAST_FRAME {
                let (length, least) = (i32::try_from(payload.len()).unwrap_or(0), LEAST_FRAME);
                return Err(Closed::Frame(frame::FrameError { length, least, most }));
            }
            self.on_request(&payload, socket, mailbox)?;
        }
        let queued = u64::try_from(self.pipeline.len()).unwrap_or(u64::MAX);
        self.info.queued.store(queued, Ordering::Relaxed);
        Ok(())
    }

    fn on_request(
        &mut self,
        payload: &[u8],
        socket: &mut Socket,
        mailbox: &mut mpsc::Receiver<ToConnection>,
    ) -> Result<(), Closed> {
        self.touch();
        self.arrivals.push_back(Instant::now());
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

    /// Does the steps in their order, with those that follow from them.
    fn carry_out(
        &mut self,
        steps: Vec<Step>,
        output: &mut BytesMut,
        mailbox: &mut mpsc::Receiver<ToConnection>,
    ) {
        let mut steps: VecDeque<Step> = steps.into();
        while let Some(step) = steps.pop_front() {
            match step {
                Step::Submit(request) => {
                    self.submit(Input::Submitted { request, origin: self.origin });
                }
                Step::Read { cxid, op, auth } => {
                    let more = self.read(cxid, &op, &auth, output, mailbox);
                    steps.extend(more);
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
        let read = self.port.replica().read(self.origin, self.session.id, cxid, op, &ids);
        let Some((reply, events)) = read else {
            self.closing = true;
            return Vec::new();
        };
        let mut steps = Vec::new();
        // What this read has seen is in the mailbox by now: events first.
        while let Ok(message) = mailbox.try_recv() {
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
            Err(mpsc::error::TrySendError::Closed(_)) => self.closing = true,
        }
    }

    fn send(&mut self, reply: &Reply, output: &mut BytesMut) {
        frame::put_frame(output, |out| encode_reply(reply, out));
        self.count_sent();
        if let Some(arrived) = self.arrivals.pop_front() {
            self.port.stats.took(arrived.elapsed());
        }
    }

    fn count_sent(&self) {
        self.info.sent.fetch_add(1, Ordering::Relaxed);
        self.port.stats.sent.fetch_add(1, Ordering::Relaxed);
    }
}
