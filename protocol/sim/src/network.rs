//! The virtual network: connections with generations, FIFO in each direction, and its faults.

use std::collections::{BTreeMap, BTreeSet};
use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::Message;
use vivarium_protocol::trace::MessageId;

/// A message on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flight {
    /// Which message.
    pub id: MessageId,
    /// When it left.
    pub sent: Time,
    /// When it arrives, or would arrive.
    pub arrives: Time,
    /// What it says.
    pub message: Message,
    /// Whether it is lost already: it runs into a cut.
    pub lost: bool,
}

/// What is wrong with the network and the machines right now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Directions that are cut: from, to.
    pub cuts: BTreeSet<(ServerId, ServerId)>,
    /// Latencies other than the setup's, microseconds, by pair with the smaller id first.
    pub latencies: BTreeMap<(ServerId, ServerId), u64>,
    /// Stalled disks.
    pub stalled: BTreeSet<ServerId>,
    /// Paused servers.
    pub paused: BTreeSet<ServerId>,
}
