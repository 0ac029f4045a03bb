//! Moving the playhead: play, step by event and by beat, jump, seek, run on.

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::Frame;
use vivarium_sim::World;

use super::goto::Place;
use super::speed::SPEEDS;
use super::{Playback, Until, beat};
use crate::model::chronicle;
use crate::model::decimal::Between;
use crate::model::flight::micros;

/// The most steps that one request may run on, so that a page never hangs.
const FARTHEST: u64 = 10_000;
/// The most steps that the way to a chosen moment or step may take.
const FARTHEST_PLACE: usize = 30_000;
/// The most steps in one beat, where nothing is worth a look for long.
const LONGEST_BEAT: usize = 2_000;
/// Playing up to something takes at most this long, in milliseconds of real time.
const LONGEST_PLAY_MS: f64 = 8_000.0;
/// The most steps in one picture while playing; the rest follows in the next one.
const PER_PICTURE: usize = 400;

impl Playback {
    /// Lets real time pass while playing; tells whether a step was taken. Where much happens at
    /// once the playhead waits at it: no step is begun after the first once `has_time` says no.
    pub fn advance(&mut self, real_ms: f64, has_time: impl Fn() -> bool) -> bool {
        if !self.playing {
            return false;
        }
        let target = self.playhead + real_ms * 1000.0 * self.rate();
        let mut stepped = 0;
        while let Some(next) = self.next_time() {
            if next > target || stepped == PER_PICTURE || stepped > 0 && !has_time() {
                break;
            }
            if !self.step() {
                break;
            }
            stepped += 1;
            if self.stops_here() || self.breaks_here() {
                self.pause();
                self.playhead = self.last_time();
                return true;
            }
        }
        let upper = self.next_time().unwrap_or(f64::INFINITY);
        self.playhead = target.min(upper).max(self.last_time());
        stepped > 0
    }

    /// Stops playing.
    pub fn pause(&mut self) {
        self.playing = false;
        self.until = None;
        self.until_rate = None;
    }

    /// Takes one step; false if nothing can happen any more.
    pub fn step_forward(&mut self) -> bool {
        let stepped = self.step();
        self.playhead = self.playhead.max(self.last_time());
        if stepped {
            self.playhead = self.last_time();
        }
        stepped
    }

    /// Takes one step back; false at the beginning.
    pub fn step_back(&mut self) -> bool {
        let stepped = self.timeline.step_back();
        self.follow();
        self.playhead = self.last_time();
        stepped
    }

    /// Takes one step, if anything can happen.
    pub fn forward(&mut self) {
        self.step_forward();
    }

    /// Takes one step back, if there is one.
    pub fn back(&mut self) {
        self.step_back();
    }

    /// Goes to the next key event, running on if need be.
    pub fn next_key(&mut self) {
        let position = self.position();
        let recorded = self.chronicle.keys.iter().map(|(index, _)| *index);
        if let Some(index) = recorded.into_iter().find(|index| *index >= position) {
            self.seek(index + 1);
            return;
        }
        self.seek(self.timeline.frames().len());
        self.run_on(|_, frame| chronicle::is_key(frame));
    }

    /// Goes back to the key event before this one.
    pub fn previous_key(&mut self) {
        let position = self.position();
        let keys = self.chronicle.keys.iter().rev().map(|(index, _)| *index);
        let target = keys.into_iter().find(|index| index + 1 < position);
        self.seek(target.map_or(0, |index| index + 1));
    }

    /// How fast the playhead moves while playing, as a fraction of real time: as chosen, or faster
    /// where playing up to something would otherwise take too long.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let chosen = SPEEDS[self.speed].0;
        self.until_rate.map_or(chosen, |rate| rate.max(chosen))
    }

    /// Starts to play until a step is what was waited for. Such a step is looked for first, so
    /// that the way there is recorded; false if it does not come.
    pub fn play_until(&mut self, until: Until) -> bool {
        self.play_to(|world, frame| until.holds_in(world, frame))
    }

    /// Like [`Playback::play_until`], for whatever can be seen of a step and the world after it.
    pub fn play_to(&mut self, wanted: impl Fn(&World, &Frame) -> bool) -> bool {
        let (start, playhead) = (self.position(), self.playhead);
        let found = self.run_on(wanted);
        let target = self.position();
        self.seek(start);
        self.playhead = playhead;
        if found {
            self.play_recorded(target);
        }
        found
    }

    /// Begins to play to a step that is recorded.
    pub fn play_recorded(&mut self, position: usize) {
        let end = self.timeline.frames().get(position.saturating_sub(1));
        let distance = end.map_or(0.0, |frame| micros(frame.at) - self.playhead);
        self.playing = true;
        self.until = Some(position);
        self.until_rate = Some(distance / 1000.0 / LONGEST_PLAY_MS);
    }

    /// Runs on at once until a step is what was waited for; false if that did not come.
    pub fn run_until(&mut self, until: Until) -> bool {
        self.run_on(|world, frame| until.holds_in(world, frame))
    }

    fn run_on(&mut self, wanted: impl Fn(&World, &Frame) -> bool) -> bool {
        // An election of n servers takes some n² steps of each kind.
        let servers = self.scene.servers.len() as u64;
        let farthest = FARTHEST.max(servers * servers * 20);
        let found = self.timeline.run_until(farthest, wanted).is_some();
        self.follow();
        self.playhead = self.last_time();
        found
    }

    /// Puts the playhead after that many frames.
    pub fn seek(&mut self, position: usize) {
        self.timeline.seek(position as u64);
        self.follow();
        self.playhead = self.last_time();
    }

    /// Puts the playhead at a moment of the recorded run.
    pub fn seek_time(&mut self, time: f64) {
        let end = micros(self.chronicle.end);
        let time = time.between(0.0, end.max(self.playhead));
        let target = Time(time as u64);
        let position = self.timeline.frames().partition_point(|frame| frame.at <= target);
        self.timeline.seek(position as u64);
        self.follow();
        self.playhead = time.max(self.last_time());
    }

    /// Goes to the next step of a kind, running on if need be; false if none comes, and then the
    /// playhead stays.
    pub fn next(&mut self, wanted: Until) -> bool {
        let start = (self.position(), self.playhead);
        let recorded = self.timeline.frames().len();
        if let Some(index) = (start.0..recorded).find(|index| self.holds_at(wanted, *index)) {
            self.seek(index + 1);
            return true;
        }
        self.seek(recorded);
        let found = self.run_until(wanted);
        if !found {
            self.seek(start.0);
            self.playhead = start.1;
        }
        found
    }

    /// Goes back to the step of a kind before this one; false if there is none, and then the
    /// playhead stays.
    pub fn previous(&mut self, wanted: Until) -> bool {
        let before = self.position().saturating_sub(1);
        let found = (0..before).rev().find(|index| self.holds_at(wanted, *index));
        if let Some(index) = found {
            self.seek(index + 1);
        }
        found.is_some()
    }

    fn holds_at(&self, wanted: Until, index: usize) -> bool {
        if wanted == Until::Violation {
            return self.violations.contains(&(index as u64));
        }
        self.timeline.frames().get(index).is_some_and(|frame| wanted.holds(frame))
    }

    /// Goes on to the end of the next beat: past every step of the next moment in which something
    /// worth a look is done.
    pub fn next_beat(&mut self) {
        let mut worth = false;
        for _ in 0..LONGEST_BEAT {
            if !self.step() {
                break;
            }
            worth |= self.last_frame().is_some_and(beat::is_act);
            if worth && self.next_time() != Some(self.last_time()) {
                break;
            }
        }
        self.playhead = self.last_time();
    }

    /// Goes back to the end of the beat before this one, or to the beginning.
    pub fn previous_beat(&mut self) {
        self.seek(beat::before(self.timeline.frames(), self.position()));
    }

    /// Goes to a moment or a step, running on if nothing is recorded there yet; false if the run
    /// ends before, or is too far from there.
    pub fn go_to(&mut self, place: Place) -> bool {
        match place {
            Place::Step(step) => {
                let step = step as usize;
                self.seek(step);
                for _ in self.position()..step.min(self.position() + FARTHEST_PLACE) {
                    if !self.step() {
                        break;
                    }
                }
                self.playhead = self.last_time();
                self.position() == step
            }
            Place::Moment(time) => {
                self.record_until(time);
                let reached = self.next_time().is_none_or(|next| next > time);
                self.seek_time(time);
                if reached && self.is_at_frontier() {
                    self.playhead = time.max(self.last_time());
                }
                reached
            }
        }
    }

    /// Records everything up to a moment, in microseconds, and leaves the playhead at the end of
    /// what is recorded if that was too little.
    pub fn record_until(&mut self, time: f64) {
        if micros(self.chronicle.end) >= time {
            return;
        }
        self.seek(usize::MAX);
        for _ in 0..FARTHEST_PLACE {
            if self.next_time().is_none_or(|next| next > time) || !self.step() {
                break;
            }
        }
        self.playhead = self.last_time();
    }

    /// Reduced motion: goes on to the next step that is worth a look; false when playing is over.
    pub fn calm_step(&mut self) -> bool {
        let stepped = self.step_forward();
        if self.stops_here() || self.breaks_here() {
            self.pause();
        }
        stepped
    }

    /// A promise that is seen broken stops the run, so that nobody looks away from it.
    fn breaks_here(&self) -> bool {
        self.position() > 0 && self.holds_at(Until::Violation, self.position() - 1)
    }

    fn stops_here(&self) -> bool {
        self.until.is_some_and(|until| self.position() >= until)
    }
}
