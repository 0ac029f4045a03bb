//! What a run can be asked to go on to, and go back to: the steps that are worth a jump.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Cause, Decision, Frame, QuorumKind, SyncMode, TraceEvent};
use vivarium_sim::World;

/// What "run until" waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A server is elected, and knows it.
    Elected,
    /// A leader's epoch stands and it serves.
    Serving,
    /// A leader commits a transaction.
    Commit,
    /// A leader plans how to bring a learner up to date.
    SyncPlanned,
    /// A leader plans to take something away from a learner: TRUNC or SNAP.
    Divergence,
    /// A majority of votes for one candidate is counted somewhere.
    MajorityOfVotes,
    /// A learner registers with a leader.
    Registered,
    /// A majority of promises for a new epoch.
    Promised,
    /// This server serves clients.
    ServerServing(ServerId),
    /// Somebody looks for a leader again.
    Looking,
    /// A server proposes, or switches to, another candidate.
    VoteSwitched,
    /// A follower logs a proposal.
    Logged,
    /// A server proposes a candidate: its own vote, or a better one.
    VoteCast,
    /// A server crashes.
    Crash,
    /// A promise of the protocol is seen broken.
    Violation,
}

impl Until {
    /// Whether `frame` is what it waits for, in the world after it.
    #[must_use]
    pub fn holds_in(self, world: &World, frame: &Frame) -> bool {
        if self == Until::Violation {
            return world.violations().iter().any(|seen| seen.step == frame.step);
        }
        self.holds(frame)
    }

    /// Whether `frame` is what it waits for, as far as a frame can tell: a broken promise is seen
    /// by the world's checkers alone.
    #[must_use]
    pub fn holds(self, frame: &Frame) -> bool {
        if self == Until::Crash {
            return frame.cause == Cause::Crashed;
        }
        frame.events.iter().any(|event| match event {
            TraceEvent::Decided(decision) => self.holds_for(frame.peer, decision),
            TraceEvent::Travelled(_) => false,
        })
    }

    fn holds_for(self, peer: Option<ServerId>, decision: &Decision) -> bool {
        let quorum = |of: QuorumKind| {
            let Decision::Quorum { what, reached: true, .. } = decision else { return false };
            *what == of
        };
        match self {
            Until::Elected => {
                matches!(decision, Decision::Elected { vote, .. } if Some(vote.leader) == peer)
            }
            Until::Serving => matches!(decision, Decision::Established { .. }),
            Until::Commit => {
                matches!(decision, Decision::Committed { by, .. } if !by.is_empty())
            }
            Until::SyncPlanned => matches!(decision, Decision::SyncPlanned { .. }),
            Until::Divergence => {
                matches!(decision, Decision::SyncPlanned { mode, .. } if *mode != SyncMode::Diff)
            }
            Until::MajorityOfVotes => quorum(QuorumKind::Votes),
            Until::Registered => {
                matches!(decision, Decision::Learner { phase, .. } if phase.is_some())
            }
            Until::Promised => quorum(QuorumKind::Promised),
            Until::ServerServing(id) => {
                peer == Some(id) && matches!(decision, Decision::Serving { serving: true })
            }
            Until::Looking => {
                matches!(decision, Decision::RoleChanged { role: PeerState::Looking, .. })
            }
            Until::VoteSwitched => matches!(decision, Decision::Proposes { against, vote, .. }
                if against.is_some() && Some(vote.leader) != peer),
            Until::Logged => matches!(decision, Decision::Logged { .. }),
            Until::VoteCast => matches!(decision, Decision::Proposes { .. }),
            // Of these two no decision tells.
            Until::Crash | Until::Violation => false,
        }
    }
}
