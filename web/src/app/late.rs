//! The parts of the page that take a new moment one after another.
//!
//! While playing, the stage shows a new moment ten times a second. Were the diagram and the panels
//! drawn in the same picture, it would take longer than a picture may: each takes its turn in one
//! of the pictures after. Whatever is not playing shows the same moment everywhere at once.

use crate::view::Shown;

/// The moments that the later parts show.
pub struct Late {
    /// The transport and the diagram.
    pub dock: Shown,
    /// The panels at both sides.
    pub sides: Shown,
}

impl Late {
    /// Every part shows this moment.
    pub fn of(shown: &Shown) -> Late {
        Late { dock: shown.clone(), sides: shown.clone() }
    }

    /// Whether every part shows this moment. Where pictures are so far apart that each brings a new
    /// moment, none has its turn, and all must be drawn at once.
    pub fn shows(&self, shown: &Shown) -> bool {
        self.dock == *shown && self.sides == *shown
    }

    /// The next part whose moment is not this one takes it.
    pub fn take_turn(&mut self, shown: &Shown) {
        if self.dock != *shown {
            self.dock = shown.clone();
        } else {
            self.sides = shown.clone();
        }
    }
}
