//! Branches: a change in the past leaves the run as it was and begins another one beside it.
//!
//! Invariants:
//! 1. The present branch is the timeline; every other one is kept as the tail by which it differs
//!    from the timeline, so that what they share is recorded once.
//! 2. A tail begins no later than where its branch leaves the timeline.

use std::rc::Rc;

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::Cause;
use vivarium_sim::{Cuts, Tail};

use super::Playback;
use crate::model::chronicle::Chronicle;
use crate::model::twin::Twin;

/// Branches kept beside the present one; beyond this the oldest is let go.
const KEPT: usize = 15;

/// One branch of the run.
#[derive(Clone, Debug)]
pub struct Branch {
    /// Its number: 1 is the run before its first fork.
    pub number: u32,
    /// Where it left the branch that it came from: how many frames they share.
    pub forked: usize,
    /// When.
    pub at: Time,
    /// The command that it began with, in the story language; empty for the first.
    pub why: String,
    /// The rest of it, unless it is the present one.
    tail: Option<Tail>,
}

impl Branch {
    /// The run before its first fork.
    pub(super) fn first() -> Branch {
        Branch { number: 1, forked: 0, at: Time::default(), why: String::new(), tail: None }
    }

    /// How many frames it shares with the present branch; `None` for the present one itself.
    #[must_use]
    pub fn shared(&self) -> Option<usize> {
        self.tail.as_ref().map(|tail| tail.position() as usize)
    }

    /// How many frames are recorded of it beyond those.
    #[must_use]
    pub fn recorded(&self) -> usize {
        self.tail.as_ref().map_or(0, |tail| tail.frames().len())
    }

    /// The end of what is recorded of it; `None` for the present one.
    #[must_use]
    pub fn end(&self) -> Option<Time> {
        let tail = self.tail.as_ref()?;
        Some(tail.frames().last().map_or(self.at, |frame| frame.at))
    }
}

impl Playback {
    /// Every branch, oldest first.
    #[must_use]
    pub fn branches(&self) -> &[Branch] {
        &self.branches
    }

    /// The present branch was left at a command: what it had recorded is kept, and the present one
    /// has a number of its own.
    pub(super) fn forked(&mut self, tail: Tail, why: String) {
        let forked = tail.position() as usize;
        let at = self.timeline.frames().get(forked).map_or(self.now(), |frame| frame.at);
        self.park(tail, self.branch);
        let number = self.branches.iter().map(|branch| branch.number).max().unwrap_or(0) + 1;
        self.branches.push(Branch { number, forked, at, why, tail: None });
        self.branch = number;
        if self.branches.len() > KEPT + 1 {
            self.branches.remove(0);
        }
    }

    /// Keeps what came off the run as a branch beside the present one.
    pub(super) fn keep_beside(&mut self, tail: Tail) {
        let first = tail.frames().first();
        let at = first.map_or(self.now(), |frame| frame.at);
        let why = match first.map(|frame| &frame.cause) {
            Some(Cause::Command { text }) => text.clone(),
            _ => String::new(),
        };
        let number = self.branches.iter().map(|branch| branch.number).max().unwrap_or(0) + 1;
        let forked = tail.position() as usize;
        self.branches.push(Branch { number, forked, at, why, tail: Some(tail) });
    }

    /// What was the present branch becomes one of those that are kept, with what came off.
    fn park(&mut self, tail: Tail, present: u32) {
        for other in self.branches.iter_mut().filter_map(|branch| branch.tail.as_mut()) {
            other.begin_with(&tail);
        }
        if let Some(left) = self.branches.iter_mut().find(|branch| branch.number == present) {
            left.tail = Some(tail);
        }
    }

    /// Goes over to another branch, at the same moment as far as it is recorded; false if there is
    /// no such branch.
    pub fn switch(&mut self, number: u32) -> bool {
        let other = self.branches.iter_mut().find(|branch| branch.number == number);
        let Some(tail) = other.and_then(|branch| branch.tail.take()) else { return false };
        self.pause();
        let (now, shared) = (self.playhead, tail.position() as usize);
        let before = self.timeline.swap(tail);
        self.park(before, self.branch);
        self.branch = number;
        self.cut_back(shared);
        self.seek(usize::MAX);
        self.seek_time(now);
        true
    }

    /// The number of the branch after the present one, the first after the last.
    #[must_use]
    pub fn next_branch(&self) -> u32 {
        let later = self.branches.iter().map(|branch| branch.number).find(|it| *it > self.branch);
        later.or_else(|| self.branches.first().map(|first| first.number)).unwrap_or(1)
    }

    /// The present branch beside another one, aligned where they first differ.
    #[must_use]
    pub fn beside(&self, number: u32) -> Option<Twin> {
        let branch = self.branches.iter().find(|branch| branch.number == number)?;
        let tail = branch.tail.as_ref()?;
        let shared = tail.position() as usize;
        let ours = self.timeline.frames();
        let frames = ours[..shared].iter().chain(tail.frames()).cloned();
        let until = tail.position();
        let cuts: Vec<Cuts> = self
            .timeline
            .cuts()
            .iter()
            .filter(|it| it.position < until)
            .cloned()
            .chain(tail.cuts().iter().cloned())
            .collect();
        Some(Twin::new(self.empty(), frames.collect(), cuts, ours))
    }

    /// The present run beside another one, of which as much is recorded.
    #[must_use]
    pub fn beside_run(&self, other: &Playback) -> Twin {
        let frames = other.timeline.frames().to_vec();
        let cuts = other.timeline.cuts().to_vec();
        Twin::new(other.empty(), frames, cuts, self.timeline.frames())
    }

    fn empty(&self) -> Chronicle {
        Chronicle::new(Rc::new(Playback::first_scene(&self.timeline)))
    }
}
