//! Numbers the disk effects and holds what waits for them: the one file that decides what must not
//! be said before it is on disk.
//!
//! Invariants kept here:
//! 1. ACKEPOCH and LEADERINFO leave after `acceptedEpoch` is durable (I1, I2).
//! 2. The acknowledgement of NEWLEADER leaves after everything that was synchronised and after
//!    `currentEpoch` (I4). The disk lane is in order, so one number says both.
//! 3. The acknowledgement of a transaction leaves after it is durable (I5).
//!
//! A change of role forgets what waited; the numbers go on, so a late `Durable` harms nobody.

use crate::base::{DiskSeq, Epoch, Zxid};
use crate::effects::{DiskEffect, Effects};
use std::collections::VecDeque;

/// What happens once a disk effect is durable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Then {
    /// The log is durable up to here; belongs to no role.
    LogDurable(Zxid),
    /// Leader: offer the epoch to those who registered.
    OfferEpoch(Epoch),
    /// Leader: its own NEWLEADER acknowledgement counts.
    CountOwnNewLeader(Epoch),
    /// Learner: promise the epoch.
    PromiseEpoch(Epoch),
    /// Learner: acknowledge NEWLEADER.
    AckNewLeader(Epoch),
    /// Follower: acknowledge this transaction. Leader: count its own acknowledgement.
    AckTxn(Zxid),
}

/// The numbering and the waiting.
#[derive(Clone, Debug, Default)]
pub(crate) struct Durability {
    last: DiskSeq,
    waiting: VecDeque<(DiskSeq, Then)>,
}

impl Durability {
    /// Hands an effect to the disk.
    pub fn write(&mut self, effect: DiskEffect, out: &mut Effects) {
        self.last = self.last.next();
        out.disk.push((self.last, effect));
    }

    /// After everything handed over so far is durable, this happens.
    pub fn then(&mut self, what: Then) {
        self.waiting.push_back((self.last, what));
    }

    /// Takes the next thing that may happen now.
    pub fn take_ready(&mut self, upto: DiskSeq) -> Option<Then> {
        let (seq, _) = self.waiting.front()?;
        (*seq <= upto).then(|| self.waiting.pop_front().map(|(_, what)| what)).flatten()
    }

    /// A role ended: what it waited for no longer happens. What the log itself reports stays.
    pub fn forget_role(&mut self) {
        self.waiting.retain(|(_, what)| matches!(what, Then::LogDurable(_)));
    }

    /// The log was cut: reports of what is gone are withdrawn.
    pub fn forget_log_after(&mut self, zxid: Zxid) {
        self.waiting.retain(|(_, what)| !matches!(what, Then::LogDurable(z) if *z > zxid));
    }
}
