//! A run that somebody else leads on: a lesson, which adds commands and time to it or puts another
//! in its place.

use vivarium_sim::{Tail, Timeline};

use super::Playback;

impl Playback {
    /// Lets `act` change the run, and shows it as it is then. What a run of the same beginning had
    /// recorded stays; a run that is another one is shown as a new one.
    pub fn led<R>(&mut self, act: impl FnOnce(&mut Timeline) -> R) -> R {
        let (setup, commands) =
            (self.timeline.world().setup().clone(), self.timeline.commands().to_vec());
        let recorded = self.timeline.frames().len();
        let found = act(&mut self.timeline);
        let same = *self.timeline.world().setup() == setup
            && self.timeline.commands().starts_with(&commands)
            && self.timeline.frames().len() >= recorded
            && self.timeline.commands()[commands.len()..]
                .iter()
                .all(|(at, _)| *at >= recorded as u64);
        if same {
            self.follow();
            self.playhead = self.last_time();
        } else {
            self.begin_anew();
        }
        found
    }

    /// Like [`Playback::led`], for one that takes off what the learner had added: that is kept as a
    /// branch beside the lesson's own.
    pub fn led_back(&mut self, act: impl FnOnce(&mut Timeline) -> Option<Tail>) {
        if let Some(tail) = self.led(act) {
            self.keep_beside(tail);
        }
    }

    /// Everything that is known of the run is taken from the timeline again.
    fn begin_anew(&mut self) {
        let nothing = Timeline::new(self.timeline.world().setup().clone());
        let timeline = std::mem::replace(&mut self.timeline, nothing);
        let fresh = Playback { speed: self.speed, ..Playback::over(timeline) };
        *self = fresh;
        self.playhead = self.last_time();
    }

    /// Goes to a recorded place and plays from there to another one.
    pub fn play_between(&mut self, from: usize, to: usize) {
        self.seek(from);
        self.play_recorded(to);
    }
}
