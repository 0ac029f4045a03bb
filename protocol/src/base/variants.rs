//! Variants: the switches that let the playground show a historical bug.
//!
//! The server can only construct [`Variants::faithful`]. Each switch is asked at exactly one place.

/// Which deliberate departures from the right protocol are switched on; none in a real server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variants {
    acks_before_durable: bool,
}

impl Variants {
    /// ZooKeeper as it should be: the only value a native server uses.
    #[must_use]
    pub fn faithful() -> Variants {
        Variants::default()
    }

    /// Switches on: a follower acknowledges a proposal before it is on disk.
    #[must_use]
    pub fn with_acks_before_durable(mut self) -> Variants {
        self.acks_before_durable = true;
        self
    }

    /// Right: ACK leaves only when the transaction survives a crash. With the switch, it leaves at
    /// once, and a committed transaction can be lost by a quorum that acknowledged it
    /// (ZOOKEEPER-4646 and its kin).
    #[must_use]
    pub fn acks_before_durable(&self) -> bool {
        self.acks_before_durable
    }
}
