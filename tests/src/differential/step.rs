//! What is done to both servers: one step at a time, the same to each.

use super::request::Request;
use std::fmt;

/// A client of the run, by number: at most one connection at a time, and a session that it may
/// take to the next one.
pub type Slot = usize;

/// One step. Between two steps every connection is asked to ping, so that what a step caused has
/// arrived before the next begins.
#[derive(Clone, Debug)]
pub enum Step {
    /// Opens a connection, beside the one that the client still has, if it has one.
    Connect {
        /// Whose.
        slot: Slot,
        /// What the ConnectRequest says.
        hello: Hello,
    },
    /// Sends requests without waiting in between.
    Burst {
        /// Whose.
        slot: Slot,
        /// Each with its number.
        requests: Vec<(i32, Request)>,
    },
    /// Sends bytes that are no frame of a request.
    Noise {
        /// Whose.
        slot: Slot,
        /// What is sent.
        bytes: Vec<u8>,
    },
    /// Closes a connection without a word; the session goes on.
    Drop {
        /// Whose.
        slot: Slot,
    },
}

/// What a ConnectRequest says.
#[derive(Clone, Debug)]
pub struct Hello {
    /// The session that it asks for.
    pub resume: Resume,
    /// The timeout that it asks for, ms.
    pub timeout_ms: i32,
    /// Whether the client claims to have seen what this server has not.
    pub ahead: bool,
    /// The flag `readOnly`; old clients have none.
    pub read_only: Option<bool>,
}

/// The session that a ConnectRequest asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resume {
    /// A new one, with a password of zeros, of no bytes, or null.
    New(Option<usize>),
    /// The client's own.
    Own,
    /// The client's own, with a wrong password.
    WrongPassword,
    /// One that nobody has.
    Unknown,
}

impl Step {
    /// Who does it.
    #[must_use]
    pub fn slot(&self) -> Slot {
        match self {
            Step::Connect { slot, .. }
            | Step::Burst { slot, .. }
            | Step::Noise { slot, .. }
            | Step::Drop { slot } => *slot,
        }
    }

    /// The request with this number, if the step has it.
    #[must_use]
    pub fn request(&self, xid: i32) -> Option<&Request> {
        let Step::Burst { requests, .. } = self else { return None };
        requests.iter().find(|(own, _)| *own == xid).map(|(_, request)| request)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Connect { slot, hello } => write!(out, "client {slot} connects: {hello:?}"),
            Step::Burst { slot, requests } => {
                write!(out, "client {slot} sends")?;
                requests.iter().try_for_each(|(xid, it)| write!(out, "\n    {xid}: {}", it.says))
            }
            Step::Noise { slot, bytes } => write!(out, "client {slot} sends bytes {bytes:02x?}"),
            Step::Drop { slot } => write!(out, "client {slot} drops its connection"),
        }
    }
}
