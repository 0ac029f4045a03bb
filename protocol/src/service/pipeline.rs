//! The order within one client connection: who waits for whom, and in which order replies leave.
//!
//! What ZooKeeper's CommitProcessor guarantees, seen from one connection (docs/protocol.md,
//! C9). Native connections and virtual clients use the same. Invariants:
//! 1. Replies leave in the order of the requests, whatever order the answers come in.
//! 2. A read runs only when every older write and sync is answered, so it sees them.
//! 3. A write or sync goes to the core only when every older read has run, so none sees it.
//!    Writes behind writes do not wait.
//!
//! The driver hands in each request as it is decoded and each answer as it is known, and does the
//! steps that come back, in their order, each to its end before the next:
//!
//! ```text
//! let mut steps = Vec::new();
//! pipeline.accept(cxid, op, &mut steps);        // or refuse(cxid, code, zxid, …) if undecodable
//! let mut next = 0;
//! while next < steps.len() {                    // steps may add steps at the end
//!     match take(&mut steps[next]) {
//!         Step::Submit(request) => core.submit(request),           // Input::Submitted
//!         Step::Read { cxid, op, auth } => {
//!             let reply = replica.read(…);       // events it made go to the socket first
//!             pipeline.answered(reply, &mut steps);
//!         }
//!         Step::Identify(ids) => replica.identify(origin, ids),
//!         Step::Send(reply) => socket.write(reply),
//!         Step::Close => …                        // after everything before it is written
//!     }
//!     next += 1;
//! }
//! ```
//! Answers from deliveries (`ToClient::Reply`) and refusals of the core go to `answered` as well.
//! Events never wait: they go to the socket as they come. The pipeline of a session begins when the
//! session is open; the handshake is the driver's.

use super::auth::authenticate;
use crate::base::{SessionId, Zxid};
use crate::message::{ErrorCode, Id, Op, Reply, ReplyBody, Request};
use std::collections::VecDeque;
use std::sync::Arc;

/// What the driver does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Give it to the core: a write, a sync, the closing of the session.
    Submit(Request),
    /// Answer it from the replica now, and hand the reply to [`Pipeline::answered`].
    Read {
        /// The request's number.
        cxid: i32,
        /// What is asked: a read, setWatches or a ping.
        op: Op,
        /// Who asks, as of the request's arrival.
        auth: Arc<[Id]>,
    },
    /// The connection's ids are these from here on.
    Identify(Vec<Id>),
    /// Write this reply.
    Send(Reply),
    /// Close the connection once everything before is written.
    Close,
}

/// The requests of one connection that are not yet answered.
///
/// ```
/// use vivarium_protocol::base::SessionId;
/// use vivarium_protocol::message::Op;
/// use vivarium_protocol::service::{Pipeline, Step};
///
/// let mut pipeline = Pipeline::new(SessionId(1), Vec::new(), None);
/// let mut steps = Vec::new();
/// pipeline.accept(1, Op::Delete { path: Some("/a".to_owned()), version: -1 }, &mut steps);
/// pipeline.accept(2, Op::Exists { path: Some("/a".to_owned()), watch: false }, &mut steps);
/// assert!(matches!(&steps[..], [Step::Submit(_)]), "the read waits for the write");
/// ```
#[derive(Clone, Debug)]
pub struct Pipeline {
    session: SessionId,
    auth: Arc<[Id]>,
    super_digest: Option<Arc<str>>,
    entries: VecDeque<Entry>,
    /// How many entries at the front are no longer held: the first held one is at this index.
    released: usize,
    /// How many are at the core.
    at_core: usize,
    /// Nothing is taken any more: the last reply will be followed by the end.
    closing: bool,
    last_zxid: Zxid,
}

/// One request that is not yet answered.
#[derive(Clone, Debug)]
struct Entry {
    cxid: i32,
    state: State,
    is_ping: bool,
    closes: bool,
}

#[derive(Clone, Debug)]
enum State {
    /// Waits for older requests.
    Held { op: Op, auth: Arc<[Id]> },
    /// The replica is asked.
    Reading,
    /// The core is asked.
    AtCore,
    /// Waits for older replies.
    Answered(Reply),
}

/// What becomes of a request.
enum Route {
    /// The core orders it.
    Core,
    /// The replica answers it.
    Local,
    /// It has no place here: refused, and the connection closes.
    Refuse,
}

impl Pipeline {
    /// An empty pipeline for a session that is open; `auth` holds what every connection starts
    /// with, its `ip` id. `super_digest`: see [`super::auth::authenticate`].
    #[must_use]
    pub fn new(session: SessionId, auth: Vec<Id>, super_digest: Option<Arc<str>>) -> Pipeline {
        Pipeline {
            session,
            auth: auth.into(),
            super_digest,
            entries: VecDeque::new(),
            released: 0,
            at_core: 0,
            closing: false,
            last_zxid: Zxid::ZERO,
        }
    }

    /// Takes the next request of the connection. After a closeSession, a failed auth or an unknown
    /// opcode nothing is taken any more.
    pub fn accept(&mut self, cxid: i32, op: Op, steps: &mut Vec<Step>) {
        if self.closing {
            return;
        }
        match op {
            Op::Auth { scheme, auth } => {
                let credentials = auth.as_deref();
                let scheme = scheme.as_deref().unwrap_or_default();
                let shown = authenticate(scheme, credentials, self.super_digest.as_deref());
                let (ids, result) = match shown {
                    Ok(ids) => (ids, Ok(ReplyBody::Empty)),
                    Err(code) => (Vec::new(), Err(code)),
                };
                return self.judged(cxid, ids, result, steps);
            }
            op => match route(&op) {
                Route::Core | Route::Local => {
                    let closes = op == Op::CloseSession;
                    self.push(State::Held { op, auth: Arc::clone(&self.auth) }, cxid, closes);
                }
                Route::Refuse => {
                    let result = Err(ErrorCode::Unimplemented);
                    let reply = Reply { cxid, zxid: Zxid(-1), result };
                    self.push(State::Answered(reply), cxid, true);
                }
            },
        }
        self.advance(steps);
    }

    /// Takes a request about who the client is that has been judged already: `ids` count for every
    /// request from here on, though the reply waits its turn. An error ends the connection.
    pub fn judged(
        &mut self,
        cxid: i32,
        ids: Vec<Id>,
        result: Result<ReplyBody, ErrorCode>,
        steps: &mut Vec<Step>,
    ) {
        if self.closing {
            return;
        }
        self.identify(ids, steps);
        let closes = result.is_err();
        let reply = Reply { cxid, zxid: Zxid::ZERO, result };
        self.push(State::Answered(reply), cxid, closes);
        self.advance(steps);
    }

    /// Takes a request whose body does not decode: it is answered with `code` in its turn. `zxid`
    /// is the replica's [`reply_zxid`](crate::replica::Replica::reply_zxid).
    pub fn refuse(&mut self, cxid: i32, code: ErrorCode, zxid: Zxid, steps: &mut Vec<Step>) {
        if !self.closing {
            let reply = Reply { cxid, zxid, result: Err(code) };
            self.push(State::Answered(reply), cxid, false);
            self.advance(steps);
        }
    }

    /// Takes the answer to a request: the oldest one under way with its cxid. An answer that
    /// belongs to none is dropped.
    pub fn answered(&mut self, reply: Reply, steps: &mut Vec<Step>) {
        let under_way = |entry: &&mut Entry| {
            let asked = matches!(entry.state, State::Reading | State::AtCore);
            asked && entry.cxid == reply.cxid
        };
        let Some(entry) = self.entries.iter_mut().find(under_way) else { return };
        let was_at_core = matches!(entry.state, State::AtCore);
        entry.state = State::Answered(reply);
        self.at_core -= usize::from(was_at_core);
        self.advance(steps);
    }

    /// How many requests are not yet answered: for limits.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether every request has been answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The session.
    #[must_use]
    pub fn session(&self) -> SessionId {
        self.session
    }

    /// Who the connection has shown to be.
    #[must_use]
    pub fn auth(&self) -> &Arc<[Id]> {
        &self.auth
    }

    fn identify(&mut self, ids: Vec<Id>, steps: &mut Vec<Step>) {
        if ids.is_empty() {
            return;
        }
        let mut auth = self.auth.to_vec();
        for id in ids {
            if !auth.contains(&id) {
                auth.push(id);
            }
        }
        self.auth = auth.clone().into();
        steps.push(Step::Identify(auth));
    }

    fn push(&mut self, state: State, cxid: i32, closes: bool) {
        self.closing |= closes;
        let is_ping = matches!(state, State::Held { op: Op::Ping, .. });
        self.entries.push_back(Entry { cxid, state, is_ping, closes });
    }

    /// Sends what can be sent and starts what can be started.
    fn advance(&mut self, steps: &mut Vec<Step>) {
        self.send(steps);
        while let Some(entry) = self.entries.get_mut(self.released) {
            if let State::Held { op, .. } = &entry.state {
                let is_local = matches!(route(op), Route::Local);
                if is_local && self.at_core > 0 {
                    return;
                }
                let begun = if is_local { State::Reading } else { State::AtCore };
                self.at_core += usize::from(!is_local);
                let held = std::mem::replace(&mut entry.state, begun);
                steps.push(entry.begin(held, self.session));
            }
            self.released += 1;
        }
    }

    /// Sends the replies that nothing older holds up.
    fn send(&mut self, steps: &mut Vec<Step>) {
        while let Some(entry) =
            self.entries.pop_front_if(|entry| matches!(entry.state, State::Answered(_)))
        {
            let State::Answered(mut reply) = entry.state else { return };
            self.released = self.released.saturating_sub(1);
            if entry.is_ping && reply.result.is_ok() {
                reply.cxid = -2;
            }
            if reply.zxid > Zxid::ZERO {
                // A refusal made early must not seem to go back in time.
                reply.zxid = reply.zxid.max(self.last_zxid);
                self.last_zxid = reply.zxid;
            }
            steps.push(Step::Send(reply));
            if entry.closes {
                steps.push(Step::Close);
            }
        }
    }
}

impl Entry {
    /// The step that begins a request that was held.
    fn begin(&self, held: State, session: SessionId) -> Step {
        let State::Held { op, auth } = held else { return Step::Close };
        let cxid = self.cxid;
        match self.state {
            State::Reading => Step::Read { cxid, op, auth },
            State::AtCore | State::Held { .. } | State::Answered(_) => {
                Step::Submit(Request { session, cxid, op, auth: auth.to_vec() })
            }
        }
    }
}

fn route(op: &Op) -> Route {
    match op {
        Op::Create { .. }
        | Op::Delete { .. }
        | Op::SetData { .. }
        | Op::SetAcl { .. }
        | Op::Multi(_)
        | Op::Reconfig { .. }
        | Op::Sync { .. }
        | Op::CloseSession => Route::Core,
        Op::Exists { .. }
        | Op::GetData { .. }
        | Op::GetAcl { .. }
        | Op::GetChildren { .. }
        | Op::GetChildren2 { .. }
        | Op::GetEphemerals { .. }
        | Op::GetAllChildrenNumber { .. }
        | Op::MultiRead(_)
        | Op::WhoAmI
        | Op::AddWatch { .. }
        | Op::CheckWatches { .. }
        | Op::RemoveWatches { .. }
        | Op::SetWatches { .. }
        | Op::Ping => Route::Local,
        // Check has its place in a multi, createSession in a handshake, deleteContainer in a
        // leader; auth never gets here.
        Op::Check { .. }
        | Op::CreateSession { .. }
        | Op::DeleteContainer { .. }
        | Op::Unsupported { .. }
        | Op::Auth { .. } => Route::Refuse,
    }
}
