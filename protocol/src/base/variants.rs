//! Variants: the switches that let the playground show a historical bug.
//!
//! The server can only construct [`Variants::faithful`]. Each switch is asked at exactly one place,
//! and told in a story of its name in `tests/stories/exhibits/`.

/// A bug that can be put back: a switch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exhibit {
    /// See [`Variants::acks_before_durable`].
    AcksBeforeDurable,
    /// See [`Variants::acks_new_leader_before_log`].
    AcksNewLeaderBeforeLog,
    /// See [`Variants::epoch_before_history`].
    EpochBeforeHistory,
    /// See [`Variants::keeps_database_on_role_loss`].
    KeepsDatabaseOnRoleLoss,
    /// See [`Variants::diff_without_trunc`].
    DiffWithoutTrunc,
    /// See [`Variants::forgets_promised_epoch`].
    ForgetsPromisedEpoch,
}

impl Exhibit {
    /// Every switch, in the order in which setups write them.
    pub const ALL: [Exhibit; 6] = [
        Exhibit::AcksBeforeDurable,
        Exhibit::AcksNewLeaderBeforeLog,
        Exhibit::EpochBeforeHistory,
        Exhibit::KeepsDatabaseOnRoleLoss,
        Exhibit::DiffWithoutTrunc,
        Exhibit::ForgetsPromisedEpoch,
    ];

    /// Its name in setups, links and files: that of the method that asks it.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Exhibit::AcksBeforeDurable => "acks_before_durable",
            Exhibit::AcksNewLeaderBeforeLog => "acks_new_leader_before_log",
            Exhibit::EpochBeforeHistory => "epoch_before_history",
            Exhibit::KeepsDatabaseOnRoleLoss => "keeps_database_on_role_loss",
            Exhibit::DiffWithoutTrunc => "diff_without_trunc",
            Exhibit::ForgetsPromisedEpoch => "forgets_promised_epoch",
        }
    }

    /// The number of ZooKeeper's issue; `None` for one that was never released.
    #[must_use]
    pub fn issue(self) -> Option<u32> {
        match self {
            Exhibit::AcksBeforeDurable => None,
            Exhibit::AcksNewLeaderBeforeLog => Some(4646),
            Exhibit::EpochBeforeHistory => Some(4643),
            Exhibit::KeepsDatabaseOnRoleLoss => Some(2845),
            Exhibit::DiffWithoutTrunc => Some(1154),
            Exhibit::ForgetsPromisedEpoch => Some(335),
        }
    }

    /// The switch with this name.
    #[must_use]
    pub fn by_key(key: &str) -> Option<Exhibit> {
        Exhibit::ALL.into_iter().find(|exhibit| exhibit.key() == key)
    }
}

/// Which deliberate departures from the right protocol are switched on; none in a real server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variants {
    /// One bit a switch, by its place in the enum.
    switched: u8,
}

impl Variants {
    /// ZooKeeper as it should be: the only value a native server uses.
    #[must_use]
    pub fn faithful() -> Variants {
        Variants::default()
    }

    /// The same with a bug put back, or mended again.
    #[must_use]
    pub fn with(mut self, exhibit: Exhibit, on: bool) -> Variants {
        let bit = 1 << exhibit as u8;
        self.switched = if on { self.switched | bit } else { self.switched & !bit };
        self
    }

    /// Switches on: a follower acknowledges a proposal before it is on disk.
    #[must_use]
    pub fn with_acks_before_durable(self) -> Variants {
        self.with(Exhibit::AcksBeforeDurable, true)
    }

    /// The switches that are on.
    pub fn on(self) -> impl Iterator<Item = Exhibit> {
        Exhibit::ALL.into_iter().filter(move |exhibit| self.is_on(*exhibit))
    }

    /// Whether a bug is put back.
    fn is_on(self, exhibit: Exhibit) -> bool {
        self.switched & (1 << exhibit as u8) != 0
    }

    /// Right: ACK leaves only when the transaction survives a crash. With the switch, it leaves at
    /// once, and a committed transaction can be lost by a quorum that acknowledged it. Never in a
    /// release of ZooKeeper; the simplest way to see why the disk comes first.
    #[must_use]
    pub fn acks_before_durable(&self) -> bool {
        self.is_on(Exhibit::AcksBeforeDurable)
    }

    /// Right: the acknowledgement of NEWLEADER leaves when everything that was synchronised is on
    /// disk. With the switch it leaves at once, and an epoch stands on a history that only its
    /// leader has (ZOOKEEPER-3911, and ZOOKEEPER-4646 after its repair).
    #[must_use]
    pub fn acks_new_leader_before_log(&self) -> bool {
        self.is_on(Exhibit::AcksNewLeaderBeforeLog)
    }

    /// Right: what is synchronised goes to disk before `currentEpoch`. With the switch the epoch
    /// goes first; after a crash in between a server votes with a high epoch and an old history,
    /// and committed transactions are truncated (ZOOKEEPER-4643).
    #[must_use]
    pub fn epoch_before_history(&self) -> bool {
        self.is_on(Exhibit::EpochBeforeHistory)
    }

    /// Right: a server that loses its role votes with what its log holds. With the switch it keeps
    /// its database as it is and votes with what that has applied; what is logged and not yet
    /// applied is forgotten (ZOOKEEPER-2845).
    #[must_use]
    pub fn keeps_database_on_role_loss(&self) -> bool {
        self.is_on(Exhibit::KeepsDatabaseOnRoleLoss)
    }

    /// Right: a learner gets a plain DIFF only if its last transaction is in the leader's history.
    /// With the switch it is enough that it lies within; what was never decided stays in its log
    /// and is served (ZOOKEEPER-1154).
    #[must_use]
    pub fn diff_without_trunc(&self) -> bool {
        self.is_on(Exhibit::DiffWithoutTrunc)
    }

    /// Right: a server that starts reads from its disk which epochs it promised and adopted. With
    /// the switch it goes by the epoch of its last transaction; after a crash the same epoch is
    /// promised again, and two leaders give one zxid to different transactions (ZOOKEEPER-335).
    #[must_use]
    pub fn forgets_promised_epoch(&self) -> bool {
        self.is_on(Exhibit::ForgetsPromisedEpoch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_is_found_by_its_name_and_goes_on_and_off_alone() {
        for exhibit in Exhibit::ALL {
            assert_eq!(Exhibit::by_key(exhibit.key()), Some(exhibit));
            let on = Variants::faithful().with(exhibit, true);
            assert_eq!(on.on().collect::<Vec<_>>(), [exhibit]);
            assert_eq!(on.with(exhibit, false), Variants::faithful());
        }
        let all = Exhibit::ALL.iter().fold(Variants::faithful(), |all, one| all.with(*one, true));
        assert_eq!(all.on().count(), Exhibit::ALL.len());
    }
}
