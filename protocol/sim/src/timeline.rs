//! Time travel: keyframes and replay.
//!
//! Every frame is one position. A command is the frame at its position, so a run is its setup and
//! its commands, each with the position at which it was given. Invariants:
//! 1. Between two keyframes replay needs no outside input: the commands are recorded.
//! 2. A keyframe is the world exactly after as many frames as its position says.
//!
//! A command in the past forks: what was recorded after the playhead comes off as a [`Tail`], which
//! can be put back by [`Timeline::swap`]. Keyframes are `SPACING` frames apart, so a seek clones
//! one world and replays fewer frames than that, wherever it goes.

use vivarium_protocol::base::{Gather, SortedMap, Time};
use vivarium_protocol::trace::Frame;

use crate::command::{Command, CommandError};
use crate::run::Run;
use crate::scenario::{Condition, Watch};
use crate::setup::Setup;
use crate::tail::{Cuts, Tail};
use crate::world::World;

/// Steps between keyframes.
const SPACING: u64 = 256;
/// Keyframes kept; beyond this the older half is thinned.
const KEYFRAMES: usize = 160;
/// The widest gap that thinning leaves: replaying it takes a few tens of milliseconds.
const WIDEST: u64 = 2048;

/// A recorded run with a playhead.
#[derive(Clone, Debug)]
pub struct Timeline {
    world: World,
    frames: Vec<Frame>,
    commands: Vec<(u64, Command)>,
    keyframes: SortedMap<u64, World>,
    cuts: Vec<Cuts>,
    replayed: u64,
}

impl Timeline {
    /// A run that has only begun.
    #[must_use]
    pub fn new(setup: Setup) -> Timeline {
        let world = World::new(&setup);
        let keyframes = [(0, world.clone())].into_iter().gather();
        let (frames, commands, cuts) = (Vec::new(), Vec::new(), Vec::new());
        Timeline { world, frames, commands, keyframes, cuts, replayed: 0 }
    }

    /// Replays a run up to its position. A command that does not fit (a run that was edited by
    /// hand) is left out.
    #[must_use]
    pub fn from_run(run: Run) -> Timeline {
        let mut timeline = Timeline::new(run.setup);
        for (at, command) in run.commands {
            timeline.run_to(at);
            let _ = timeline.command(command);
        }
        timeline.run_to(run.position);
        timeline.seek(run.position);
        timeline
    }

    /// The world at the playhead.
    #[must_use]
    pub fn world(&self) -> &World {
        &self.world
    }

    /// Every frame recorded so far, also those after the playhead.
    #[must_use]
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The frame right behind the playhead.
    #[must_use]
    pub fn last_frame(&self) -> Option<&Frame> {
        self.frames.get(self.position().checked_sub(1)? as usize)
    }

    /// The commands with the positions at which they were given.
    #[must_use]
    pub fn commands(&self) -> &[(u64, Command)] {
        &self.commands
    }

    /// What the network would not carry, and from when on, oldest first.
    #[must_use]
    pub fn cuts(&self) -> &[Cuts] {
        &self.cuts
    }

    /// How many frames seeks have replayed so far: what going back and forth has cost.
    #[must_use]
    pub fn replayed(&self) -> u64 {
        self.replayed
    }

    /// How many frames lie behind the playhead.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.world.steps()
    }

    /// Goes one frame on: a recorded one, or a new one at the end. False if nothing can happen.
    pub fn step_forward(&mut self) -> bool {
        let position = self.position();
        let Some(frame) = self.advance() else { return false };
        if position == self.frames.len() as u64 {
            self.frames.push(frame);
        }
        if self.position().is_multiple_of(self.spacing()) {
            self.keep();
        }
        true
    }

    /// Frames between keyframes: a world of a hundred servers is too large to keep often.
    fn spacing(&self) -> u64 {
        if self.world.ensemble().members.len() > 9 { 16 * SPACING } else { SPACING }
    }

    /// Goes one frame back. False at the beginning.
    pub fn step_back(&mut self) -> bool {
        let position = self.position();
        if position == 0 {
            return false;
        }
        self.seek(position - 1);
        true
    }

    /// Puts the playhead after that many frames, or at the end of what is recorded.
    pub fn seek(&mut self, step: u64) {
        let target = step.min(self.frames.len() as u64);
        let nearest = self.keyframes.range(..=target).next_back();
        let (at, keyframe) = nearest.expect("the first keyframe is at position 0 and stays");
        if *at > self.position() || target < self.position() {
            self.world = keyframe.clone();
        }
        while self.position() < target && self.advance().is_some() {
            self.replayed += 1;
        }
    }

    /// Puts the playhead after everything that happens up to this moment, running on if need be.
    pub fn seek_time(&mut self, time: Time) {
        let recorded = self.frames.partition_point(|frame| frame.at <= time) as u64;
        self.seek(recorded);
        if recorded == self.frames.len() as u64 {
            while self.world.next_at().is_some_and(|next| next <= time) && self.step_forward() {}
        }
    }

    /// Goes on, at most `limit_steps` frames, until one satisfies the condition; gives its number.
    pub fn run_until(
        &mut self,
        limit_steps: u64,
        mut condition: impl FnMut(&World, &Frame) -> bool,
    ) -> Option<u64> {
        for _ in 0..limit_steps {
            let position = self.position();
            if !self.step_forward() {
                return None;
            }
            if condition(&self.world, &self.frames[position as usize]) {
                return Some(position);
            }
        }
        None
    }

    /// Carries out a command at the playhead. In the past this forks: what came later is dropped.
    ///
    /// # Errors
    /// The command does not fit the world; nothing has changed then.
    pub fn command(&mut self, command: Command) -> Result<(), CommandError> {
        self.fork(command).map(drop)
    }

    /// Carries out a command at the playhead and gives what was recorded after it, which is empty
    /// at the end of the run.
    ///
    /// # Errors
    /// The command does not fit the world; nothing has changed then.
    pub fn fork(&mut self, command: Command) -> Result<Tail, CommandError> {
        let position = self.position();
        let mut world = self.world.clone();
        let frames = world.command(&command)?;
        let tail = self.split_off(position);
        self.keep();
        self.world = world;
        self.frames.extend(frames);
        self.commands.push((position, command));
        self.note_cuts(position);
        self.keep();
        Ok(tail)
    }

    /// Takes off what is recorded beyond the tail's position, puts the tail in its place and gives
    /// what was there. A tail of another run, or one beyond the end, is given back as it is.
    pub fn swap(&mut self, tail: Tail) -> Tail {
        if tail.at > self.frames.len() as u64 {
            return tail;
        }
        let before = self.split_off(tail.at);
        self.frames.extend(tail.frames);
        self.commands.extend(tail.commands);
        self.keyframes.extend(tail.keyframes);
        self.cuts.extend(tail.cuts);
        before
    }

    /// The world after that many recorded frames; the playhead stays where it is.
    #[must_use]
    pub fn world_after(&self, step: u64) -> World {
        let target = step.min(self.frames.len() as u64);
        let nearest = self.keyframes.range(..=target).next_back();
        let mut world = nearest.expect("the first keyframe is at position 0 and stays").1.clone();
        while world.steps() < target && next(&mut world, &self.commands).is_some() {}
        world
    }

    /// Shows every recorded frame between two positions, each with the world after it; the
    /// playhead stays where it is. Gives the world at the end.
    pub fn replay(&self, from: u64, to: u64, mut see: impl FnMut(&World, &Frame)) -> World {
        let mut world = self.world_after(from);
        while world.steps() < to.min(self.frames.len() as u64) {
            let Some(frame) = next(&mut world, &self.commands) else { break };
            see(&world, &frame);
        }
        world
    }

    /// A watch that has seen everything from one position up to another.
    #[must_use]
    pub fn watched(&self, condition: Condition, begin: u64, end: u64) -> Watch {
        let begin = if condition.looks_back() { begin } else { end };
        let world = self.world_after(begin);
        let mut watch = Watch::new(condition, &world);
        let _ = watch.look(&world, None);
        self.replay(begin, end, |world, frame| {
            watch.see(world, frame);
        });
        watch
    }

    /// Makes this the given run up to that run's end: what both share stays, the rest is taken off
    /// and given back, and the playhead stands at the run's position. A run of another setup
    /// changes nothing and gives nothing.
    pub fn follow(&mut self, run: &Run) -> Option<Tail> {
        if self.world.setup() != &run.setup {
            return None;
        }
        let same = self.commands.iter().zip(&run.commands).take_while(|(a, b)| a == b).count();
        let next = |commands: &[(u64, Command)]| commands.get(same).map(|(at, _)| *at);
        let parting = next(&self.commands).into_iter().chain(next(&run.commands)).min();
        let tail = parting.map(|at| self.split_off(at));
        for (at, command) in &run.commands[same..] {
            self.seek(*at);
            self.run_to(*at);
            let _ = self.command(command.clone());
        }
        self.seek(run.position);
        self.run_to(run.position);
        tail.filter(|tail| !tail.frames().is_empty())
    }

    /// The run up to the playhead's position, with every command recorded.
    #[must_use]
    pub fn run(&self) -> Run {
        Run {
            setup: self.world.setup().clone(),
            commands: self.commands.clone(),
            position: self.position(),
        }
    }

    fn run_to(&mut self, position: u64) {
        while self.position() < position && self.step_forward() {}
    }

    /// The next frame: that of the command given at this position, or of the next step.
    fn advance(&mut self) -> Option<Frame> {
        next(&mut self.world, &self.commands)
    }

    /// Takes off what is recorded beyond a position; the playhead is at most there afterwards.
    fn split_off(&mut self, at: u64) -> Tail {
        if self.position() > at {
            self.seek(at);
        }
        let commands = self.commands.partition_point(|(given, _)| *given < at);
        let cuts = self.cuts.partition_point(|cuts| cuts.position < at);
        Tail {
            at,
            frames: self.frames.split_off(at as usize),
            commands: self.commands.split_off(commands),
            keyframes: self.keyframes.split_off(&(at + 1)),
            cuts: self.cuts.split_off(cuts),
        }
    }

    /// Notes what the network no longer carries after the command at that position.
    fn note_cuts(&mut self, position: u64) {
        let now = &self.world.faults().cuts;
        let unchanged = match self.cuts.last() {
            Some(last) => last.directions == *now,
            None => now.is_empty(),
        };
        if !unchanged {
            let at = self.frames.get(position as usize).map_or(self.world.now(), |frame| frame.at);
            self.cuts.push(Cuts { position, at, directions: now.clone() });
        }
    }

    fn keep(&mut self) {
        self.keyframes.entry(self.position()).or_insert_with(|| self.world.clone());
        if self.keyframes.len() > KEYFRAMES {
            self.thin();
        }
    }

    /// Drops every second keyframe of the older half, where no gap becomes too wide.
    fn thin(&mut self) {
        let places: Vec<u64> = self.keyframes.keys().copied().take(KEYFRAMES / 2).collect();
        let mut kept = 0;
        for pair in places.windows(2).skip(1).step_by(2) {
            let (place, next) = (pair[0], pair[1]);
            if next - kept <= WIDEST {
                self.keyframes.remove(&place);
            }
            kept = next;
        }
    }
}

/// The next frame of a recorded run.
fn next(world: &mut World, commands: &[(u64, Command)]) -> Option<Frame> {
    match commands.binary_search_by_key(&world.steps(), |(at, _)| *at) {
        Ok(found) => world.begin_command(&commands[found].1).ok(),
        Err(_) => world.step(),
    }
}
