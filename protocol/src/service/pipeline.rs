//! The order within one client connection: who waits for whom, and in which order replies leave.
//!
//! The driver hands in each request as it is decoded and each answer as it is known, and does the
//! steps that come back, in their order, each to its end before the next:
//!
//! ```text
//! let mut steps = Vec::new();
//! pipeline.accept(cxid, op, &mut steps);        // or refuse(cxid, code, zxid, …) if undecodable
//! while let Some(step) = next(&mut steps) {     // first in, first out
//!     match step {
//!         Step::Submit(request) => core.submit(request),           // Input::Submitted
//!         Step::Read { cxid, op, auth } => {
//!             let reply = replica.read(…);       // events it made go to the socket first
//!             pipeline.answered(reply, &mut steps);
//!         }
//!         Step::Identify(ids) => replica.identify(origin, ids),
//!         Step::Send(reply) => socket.write(reply),
//!         Step::Close => …                        // after everything before it is written
//!     }
//! }
//! ```
//! Answers from deliveries (`ToClient::Reply`) and refusals of the core go to `answered` as well.
//! Events never wait: they go to the socket as they come.

use crate::base::{SessionId, Zxid};
use crate::message::{ErrorCode, Id, Op, Reply, Request};
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
#[derive(Clone, Debug)]
pub struct Pipeline {
    session: SessionId,
    auth: Arc<[Id]>,
}

impl Pipeline {
    /// An empty pipeline for a session that is open; `auth` holds what every connection starts
    /// with, its `ip` id. `super_digest`: see [`super::auth::authenticate`].
    #[must_use]
    pub fn new(session: SessionId, auth: Vec<Id>, super_digest: Option<Arc<str>>) -> Pipeline {
        let _ = super_digest;
        Pipeline { session, auth: auth.into() }
    }

    /// Takes the next request of the connection.
    pub fn accept(&mut self, cxid: i32, op: Op, steps: &mut Vec<Step>) {
        let _ = (cxid, op, steps);
    }

    /// Takes a request whose body does not decode: it is answered with `code` in its turn. `zxid`
    /// is the replica's [`reply_zxid`](crate::replica::Replica::reply_zxid).
    pub fn refuse(&mut self, cxid: i32, code: ErrorCode, zxid: Zxid, steps: &mut Vec<Step>) {
        let _ = (cxid, code, zxid, steps);
    }

    /// Takes the answer to a request: the oldest unanswered one with its cxid.
    pub fn answered(&mut self, reply: Reply, steps: &mut Vec<Step>) {
        let _ = (reply, steps);
    }

    /// How many requests are not yet answered: for limits.
    #[must_use]
    pub fn len(&self) -> usize {
        0
    }

    /// Whether every request has been answered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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
}
