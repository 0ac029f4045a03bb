//! Connections to other servers: who dials whom, what travels on them, and which one counts.
//!
//! Invariants:
//! 1. For each peer and channel the core sees `LinkUp`, messages in order, `LinkDown`; never two
//!    links at once. [`LinkTable`] keeps this: a newer connection ends the older one first, and
//!    what a connection says after its end is dropped.
//! 2. Every queue is bounded; a link whose queue is full is closed, and the learner resynchronises.
//! 3. Bad bytes close the link that they came from, and nothing else.

pub mod dial;
pub mod door;
pub mod election;
pub mod framed;
pub mod quorum;
mod sasl;
pub mod settings;
pub mod table;

pub use door::Door;
pub use settings::LinkSettings;
pub use table::LinkTable;

use crate::disk::LogSource;
use std::sync::Arc;
use tokio::sync::mpsc;
use vivarium_protocol::base::{Config, Member, ServerId, Zxid};
use vivarium_protocol::effects::SyncPlan;
use vivarium_protocol::message::{Channel, Message};
use vivarium_protocol::replica::DataTree;

/// How many messages may wait for one link: a learner that is so far behind resynchronises.
pub const LINK_QUEUE: usize = 8192;

/// Where members are, in force or proposed, for who looks whom a certificate names.
fn hosts(config: &Config) -> Vec<String> {
    let members = config.ensemble.members.values().chain(config.last_seen().members.values());
    members.flat_map(|member| member.addresses().into_iter().map(|(host, _, _)| host)).collect()
}

/// Where a member listens for notifications.
#[must_use]
pub fn election_addresses(member: &Member) -> Vec<(String, u16)> {
    member.addresses().into_iter().map(|(host, _, port)| (host, port)).collect()
}

/// Where a member listens for learners while it leads.
#[must_use]
pub fn quorum_addresses(member: &Member) -> Vec<(String, u16)> {
    member.addresses().into_iter().map(|(host, port, _)| (host, port)).collect()
}

/// One connection, as the core loop knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other end.
    pub peer: ServerId,
    /// Which of the two connections.
    pub channel: Channel,
    /// Counts connections of this process: tells an old connection from its successor.
    pub generation: u64,
}

/// What connections report to the core loop.
#[derive(Debug)]
pub enum LinkEvent {
    /// A connection stands; what is put into `outbox` goes out on it, and dropping that closes it.
    Up {
        /// Which.
        link: Link,
        /// Whether this end dialled: then it counts only while the attempt is still wanted.
        dialled: bool,
        /// Its queue.
        outbox: mpsc::Sender<Outgoing>,
    },
    /// A message arrived.
    Received {
        /// On which connection.
        link: Link,
        /// What it says.
        message: Message,
    },
    /// A connection is gone.
    Down {
        /// Which.
        link: Link,
        /// Why, for the log.
        why: String,
    },
    /// A connection could not be made.
    Unreachable {
        /// The other end, the channel, and the number of the attempt.
        attempt: Link,
        /// Why, for the log.
        why: String,
    },
    /// A server with a smaller id rang: its connection is closed again, and this end dials back.
    Rung {
        /// Who.
        peer: ServerId,
        /// Where it says that its election port is; empty if it did not say.
        addresses: Vec<(String, u16)>,
    },
}

/// What goes out on a connection.
#[derive(Debug)]
pub enum Outgoing {
    /// One message.
    Message(Message),
    /// A learner is brought up to date.
    Synchronize(Box<Synchronization>),
}

/// All that a plan needs, taken at the moment when the plan was drained.
#[derive(Debug)]
pub struct Synchronization {
    /// What to send.
    pub plan: SyncPlan,
    /// The tree at that moment, for SNAP.
    pub tree: DataTree,
    /// The last transaction in that tree.
    pub zxid: Zxid,
    /// The own log.
    pub log: Arc<LogSource>,
}
