//! A frame: one step of one server, with its cause and what followed.

use super::event::{Decision, Timer, Travel};
use crate::base::{ServerId, Time};
use crate::message::Channel;
use serde::{Deserialize, Serialize};

/// A message, named alike by both ends: its link and its place on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct MessageId {
    /// The sender.
    pub from: ServerId,
    /// The receiver.
    pub to: ServerId,
    /// Which of their two connections.
    pub channel: Channel,
    /// Its number on that link since the run began, counting from 1.
    pub count: u64,
}

/// What made a server take a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause")]
pub enum Cause {
    /// It was started, or started again.
    Started,
    /// It crashed.
    Crashed,
    /// A connection came up.
    LinkUp {
        /// To whom.
        peer: ServerId,
        /// Which.
        channel: Channel,
    },
    /// A connection went down.
    LinkDown {
        /// To whom.
        peer: ServerId,
        /// Which.
        channel: Channel,
    },
    /// A message arrived.
    Received(MessageId),
    /// A deadline passed.
    Deadline {
        /// Which.
        timer: Timer,
    },
    /// Its disk reported.
    Durable,
    /// Its replica reported.
    Applied,
    /// A client of its own asked for something.
    Client {
        /// What, in one line.
        request: String,
    },
    /// Somebody outside did something to the world (a command of the visitor or of a story).
    Command {
        /// What, in the story language.
        text: String,
    },
}

impl Cause {
    /// The message that arrived, where one did.
    #[must_use]
    pub fn message(&self) -> Option<MessageId> {
        match self {
            Cause::Received(id) => Some(*id),
            Cause::Started
            | Cause::Crashed
            | Cause::LinkUp { .. }
            | Cause::LinkDown { .. }
            | Cause::Deadline { .. }
            | Cause::Durable
            | Cause::Applied
            | Cause::Client { .. }
            | Cause::Command { .. } => None,
        }
    }
}

/// One thing that happened within a step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum TraceEvent {
    /// The server decided.
    Decided(Decision),
    /// A link carried.
    Travelled(Travel),
}

/// One step of one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frame {
    /// Its number in the run, from 0.
    pub step: u64,
    /// When.
    pub at: Time,
    /// Whose step; `None` for the world itself (a partition, say).
    pub peer: Option<ServerId>,
    /// What made it happen.
    pub cause: Cause,
    /// The step that caused this one (the sending of the message, the setting of the timer).
    pub caused_by: Option<u64>,
    /// What happened, in order.
    pub events: Vec<TraceEvent>,
}
