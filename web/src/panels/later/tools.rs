//! What the second file does besides drawing: writing what is taken away, and searching.
//!
//! Invariant: outside of this file nothing of the page calls what [`TOOLS`] points to, for the same
//! reason as with [`super::Part`].

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::{Frame, Travel};
use vivarium_sim::checkers::Sentence;
use vivarium_sim::{Progress, Run, Search, Setup, Timeline, export};

use crate::narrate::broken;

/// Which messages to keep.
pub type Keep<'a> = dyn Fn(&Travel) -> bool + 'a;

/// The functions of the second file, by what they do.
pub struct Tools {
    /// A range of a run as text for Mermaid.
    pub mermaid: fn(&Timeline, (Time, Time), &Keep<'_>) -> String,
    /// A run as a JSON trace.
    pub trace: fn(&Timeline) -> String,
    /// A run as a ShiViz log.
    pub shiviz: fn(&Timeline) -> String,
    /// Steps as JSON.
    pub frames: fn(&[Frame]) -> String,
    /// Begins a search for a schedule that breaks an invariant.
    pub search: fn(&Setup, u64, u64) -> Search,
    /// Goes on with it for so many steps.
    pub search_on: fn(&mut Search, u64) -> Progress,
    /// The Chinese words for a broken promise.
    pub broken: fn(Sentence) -> &'static str,
    /// What it found.
    pub found: fn(&Search) -> Option<Run>,
}

/// Every function.
pub static TOOLS: Tools = Tools {
    mermaid: export::mermaid,
    trace: export::trace,
    shiviz: export::shiviz,
    frames: export::frames,
    search: Search::new,
    search_on: Search::advance,
    broken: broken::chinese,
    found: Search::counterexample,
};
