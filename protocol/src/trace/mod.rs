//! The trace: what a server made up its mind about, what links carried, and what follows from it.
//!
//! These are the only serialisable types of the crate. Folding the decisions of one server from its
//! birth gives exactly its `status()`; so the playground and a live ensemble can share every pixel.

pub mod boot;
pub mod event;
pub mod frame;
pub mod status;

pub use boot::BootPart;
pub use event::{
    Comparison, Decision, ElectedHow, LearnerPhase, Phase, QuorumKind, RoleReason, SyncMode,
    SyncRule, Timer, Travel, TravelFate, Verdict, VoteReason,
};
pub use frame::{Cause, Frame, MessageId, TraceEvent};
pub use status::{LearnerStatus, PeerStatus, QuorumStatus, ReceivedVote, TimerStatus};
