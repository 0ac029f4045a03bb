//! What a run records beyond one position: a fork takes it off, a swap puts it back.
//!
//! Invariant: frames, commands, keyframes and cuts of a tail are those of one run from its position
//! on, so a run with its tail put back is the run that it was.

use vivarium_protocol::base::{ServerId, SortedMap, SortedSet, Time};
use vivarium_protocol::trace::Frame;

use crate::command::Command;
use crate::world::World;

/// What the network does not carry from one command on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// The frame of the command that made it so.
    pub position: u64,
    /// When.
    pub at: Time,
    /// Directions that carry nothing: from, to.
    pub directions: SortedSet<(ServerId, ServerId)>,
}

/// The part of a run beyond one position.
#[derive(Clone, Debug)]
pub struct Tail {
    pub(crate) at: u64,
    pub(crate) frames: Vec<Frame>,
    pub(crate) commands: Vec<(u64, Command)>,
    pub(crate) keyframes: SortedMap<u64, World>,
    pub(crate) cuts: Vec<Cuts>,
}

impl Tail {
    /// How many frames lie before it.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.at
    }

    /// Its frames.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// What the network did not carry, where that changed within the tail.
    #[must_use]
    pub fn cuts(&self) -> &[Cuts] {
        &self.cuts
    }

    /// Makes it begin where `before` begins: a tail of the same run that begins earlier, and holds
    /// all that lies between the two. One that begins later leaves it as it is.
    pub fn begin_with(&mut self, before: &Tail) {
        let Some(between) = self.at.checked_sub(before.at) else { return };
        let Some(frames) = before.frames.get(..between as usize) else { return };
        let earlier = before.commands.iter().filter(|(given, _)| *given < self.at);
        let keyframes = before.keyframes.range(..=self.at);
        let cuts = before.cuts.iter().filter(|cuts| cuts.position < self.at);
        self.frames.splice(..0, frames.iter().cloned());
        self.commands.splice(..0, earlier.cloned().collect::<Vec<_>>());
        self.keyframes.extend(keyframes.map(|(at, world)| (*at, world.clone())));
        self.cuts.splice(..0, cuts.cloned().collect::<Vec<_>>());
        self.at = before.at;
    }
}
