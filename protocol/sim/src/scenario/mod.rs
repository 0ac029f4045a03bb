//! The story language: what is done to a world, what is waited for, and what happened.
//!
//! ```text
//! # Why this story is told.
//! ensemble 3 leader=3
//! disk 1 stalled
//! client c1 at 3: create /a "x"
//! until delivered PROPOSAL 1
//! crash 1
//! ----
//! 3: proposed 1|2 create /a
//! holds: agreement, total order, primary order, durability
//! ```
//! Above the rule: the ensemble (`leader=3` starts it and waits until 3 leads and everybody serves;
//! the record begins then), commands, `until CONDITION [within 10s]`, `expect CONDITION`,
//! `expect not CONDITION`, `wait 500ms`. Below it: what happened, one line a step.
//!
//! A line may call servers by the parts that they play: `crash $leader`, or `name old = leader` and
//! later `until role $old LOOKING` (`cast`). What is counted (`crashes`, `elections`), `seen` or
//! `lasted` is so since the record begins.

mod cast;
mod condition;
mod parse;
mod print;
mod run;

pub use cast::{Cast, CastError};
pub use condition::{Bound, Condition, Facts, Measure, MessageLike, Relation, ReplyIs, Watch};
pub use parse::{StoryError, read_acts};
pub use print::{narrate, verdict};
pub use run::{Outcome, Player, StuckError};

use crate::command::Command;
use crate::setup::Setup;
use vivarium_protocol::base::ServerId;

/// One line above the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Something is done.
    Do(Command),
    /// Time passes until a condition holds.
    Until {
        /// The condition.
        condition: Condition,
        /// The longest wait, microseconds of virtual time.
        within_us: u64,
    },
    /// A condition must hold now, or must not.
    Expect {
        /// The condition.
        condition: Condition,
        /// Whether it must hold.
        holds: bool,
    },
    /// Time passes, microseconds.
    Wait(u64),
    /// A line that uses or binds names: what it says is known when it is played.
    Named(String),
}

/// A story.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// The lines that begin with `#`, without it.
    pub why: Vec<String>,
    /// The world.
    pub setup: Setup,
    /// The leader to wait for before the record begins.
    pub leader: Option<ServerId>,
    /// What is done, each with its line, from 1.
    pub acts: Vec<(usize, Act)>,
    /// What is said to happen: the text below the rule.
    pub record: String,
}
