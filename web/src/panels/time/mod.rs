//! Time's own parts: the field to go somewhere, the list of events, the branches, the comparison,
//! and the messages they send.

pub mod branches;
pub mod events;
pub mod goto;
pub mod menus;
pub mod tools;
pub mod twin;
pub mod words;

use std::rc::Rc;

use crate::model::axis::Axis;
use crate::model::playback::Until;
use crate::model::twin::Twin;
pub use words::Word;

/// The keys of time beyond play and step.
pub const KEYS: [(&str, Word); 6] = [
    ("N Shift N", Word::KeyBeat),
    ("J 1…5", Word::KeyJump),
    ("G E", Word::KeyGoTo),
    ("R Shift R", Word::KeyBranch),
    ("T H", Word::KeyAxis),
    ("< >", Word::KeyPan),
];

/// What may be asked about time beyond play and step.
#[derive(Clone, Debug, PartialEq)]
pub enum TimeMsg {
    /// To the end of the next beat.
    NextBeat,
    /// To the end of the beat before.
    PreviousBeat,
    /// To the next step of a kind.
    Next(Until),
    /// To the step of a kind before.
    Previous(Until),
    /// The field to go somewhere, on or off.
    Field,
    /// To the place that the field names.
    GoTo(String),
    /// The list of events instead of the diagram, or the diagram again.
    Events,
    /// Over to another branch.
    Switch(u32),
    /// Over to the next branch.
    NextBranch,
    /// This branch beside that one.
    Beside(u32),
    /// This run beside the same ensemble with the next seed.
    BesideSeed,
    /// This run beside the one that a line makes of it.
    BesideLine(String),
    /// Compare with the first other branch, or end the comparison.
    Compare,
    /// The diagram's axis in steps or in time.
    Axis,
    /// Past and future of the present step, on or off.
    Cone,
    /// The diagram's window moves by this share of itself.
    Pan(f64),
    /// The diagram shows more or less around a place of its axis.
    ZoomAt(f64, f64),
}

/// The run that stands beside the present one.
#[derive(Clone)]
pub struct Beside {
    /// The other run.
    pub twin: Rc<Twin>,
    /// What it is.
    pub other: Other,
}

/// Which run stands beside the present one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Other {
    /// A branch, by number.
    Branch(u32),
    /// The same ensemble with this seed.
    Seed(u64),
    /// What this line makes of the run.
    Line(Rc<str>),
}

impl PartialEq for Beside {
    fn eq(&self, other: &Beside) -> bool {
        Rc::ptr_eq(&self.twin, &other.twin)
    }
}

/// What the visitor chose of how time is shown.
#[derive(Clone, Default, PartialEq)]
pub struct TimeView {
    /// What the axis counts.
    pub axis: Axis,
    /// Whether past and future of the present step are highlighted.
    pub cone: bool,
    /// Whether the list of events stands in the diagram's place.
    pub listing: bool,
    /// Whether the field to go somewhere is open, and what it complains of.
    pub field: Option<Option<Word>>,
    /// Another run beside this one.
    pub beside: Option<Beside>,
}
