//! What the leader knows of one learner: ZooKeeper's LearnerHandler as a value.

use crate::base::{Learner as LearnerKind, Time, Zxid};
use crate::message::Packet;
use crate::trace::{LearnerPhase, LearnerStatus, SyncMode};

/// The most packets held for a learner between NEWLEADER and UPTODATE; more, and it is dropped and
/// synchronises anew.
pub(crate) const MAX_HELD: usize = 100_000;

/// One learner in its leader's eyes.
#[derive(Clone, Debug)]
pub(crate) struct LearnerHandler {
    pub kind: LearnerKind,
    pub phase: LearnerPhase,
    pub sync: Option<SyncMode>,
    /// Its last zxid at ACKEPOCH, then the last it acknowledged.
    pub acked: Zxid,
    /// When it was heard last.
    pub last_heard: Time,
    /// Live packets that wait for its UPTODATE. A COMMIT between NEWLEADER and UPTODATE makes
    /// Apache 3.8 followers drop out (docs/protocol.md, Q5.9).
    pub held: Vec<Packet>,
    /// The oldest proposal sent to it and not acknowledged, and when it was sent.
    pub unacked_since: Option<(Zxid, Time)>,
}

impl LearnerHandler {
    /// A learner that has just named itself.
    pub fn registered(kind: LearnerKind, now: Time) -> LearnerHandler {
        LearnerHandler {
            kind,
            phase: LearnerPhase::Registered,
            sync: None,
            acked: Zxid::ZERO,
            last_heard: now,
            held: Vec::new(),
            unacked_since: None,
        }
    }

    /// Whether live packets reach it, now or after UPTODATE.
    pub fn is_forwarding(&self) -> bool {
        match self.phase {
            LearnerPhase::Syncing | LearnerPhase::Synced | LearnerPhase::UpToDate => true,
            LearnerPhase::Registered | LearnerPhase::EpochOffered | LearnerPhase::Promised => false,
        }
    }

    /// For a viewer.
    pub fn status(&self) -> LearnerStatus {
        LearnerStatus { phase: self.phase, sync: self.sync, acked: self.acked }
    }
}
