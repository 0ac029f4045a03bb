//! What the messages about time do.

use gloo_timers::callback::Timeout;
use vivarium_sim::{Run, Setup};

use super::App;
use crate::model::axis::{Axis, STEP};
use crate::model::playback::goto::Place;
use crate::model::playback::{Playback, Until};
use crate::model::twin::otherwise;
use crate::panels::diagram::Window;
use crate::panels::time::menus::{JUMPS, UNTILS};
use crate::panels::time::words::Otherwise;
use crate::panels::time::{Beside, Other, TimeMsg, Word};
use crate::tasks;
use crate::view::Msg;

/// What the diagram shows when its axis changes, in steps.
const STEPS_SHOWN: f64 = 90.0;
/// A comparison with another run needs something to compare, in microseconds.
const LEAST_COMPARED: f64 = 2_000_000.0;

impl App {
    /// Takes a message about time.
    pub(super) fn take_time(&mut self, msg: TimeMsg) {
        match msg {
            TimeMsg::NextBeat => self.moved(Playback::next_beat),
            TimeMsg::PreviousBeat => self.moved(Playback::previous_beat),
            TimeMsg::Next(until) => self.jump(until, true),
            TimeMsg::Previous(until) => self.jump(until, false),
            TimeMsg::Field => {
                self.time.field = if self.time.field.is_some() { None } else { Some(None) };
            }
            TimeMsg::GoTo(text) => self.go_to(&text),
            TimeMsg::Events => self.toggle_events(),
            TimeMsg::Switch(number) => self.switch(number),
            TimeMsg::NextBranch => {
                let next = self.session.borrow().next_branch();
                self.switch(next);
            }
            TimeMsg::Beside(number) => self.beside(number),
            TimeMsg::BesideSeed => self.beside_seed(),
            TimeMsg::BesideLine(line) => self.beside_line(&line),
            TimeMsg::Compare => self.compare(),
            TimeMsg::Axis => self.switch_axis(),
            TimeMsg::Cone => self.time.cone = !self.time.cone,
            TimeMsg::Pan(share) => {
                self.window.start = (self.window.start + share * self.window.span).max(0.0);
            }
            TimeMsg::ZoomAt(factor, place) => self.window = self.window.zoomed(factor, place),
        }
    }

    fn jump(&mut self, until: Until, on: bool) {
        let mut found = false;
        self.moved(|playback| {
            found = if on { playback.next(until) } else { playback.previous(until) };
        });
        if !found {
            let word = if on { Word::NoNext } else { Word::NoPrevious };
            self.say(self.lang.t(word).to_owned());
        }
    }

    fn go_to(&mut self, text: &str) {
        let Some(place) = Place::parse(text) else {
            self.time.field = Some(Some(Word::NoPlace));
            return;
        };
        let mut reached = false;
        self.moved(|playback| reached = playback.go_to(place));
        self.time.field = if reached { None } else { Some(Some(Word::TooFar)) };
    }

    fn toggle_events(&mut self) {
        self.time.listing = !self.time.listing;
        if !self.time.listing {
            // The diagram can take the focus once it is drawn again.
            Timeout::new(0, || tasks::focus("diagram")).forget();
        }
    }

    /// Closes what is open of time; false if nothing was.
    pub(super) fn close_time(&mut self) -> bool {
        let open = self.time.field.is_some() || self.time.listing;
        if self.time.field.take().is_none() && self.time.listing {
            self.toggle_events();
        }
        open
    }

    fn switch(&mut self, number: u32) {
        self.time.beside = None;
        self.moved(|playback| {
            playback.switch(number);
        });
    }

    fn beside(&mut self, number: u32) {
        let twin = self.session.borrow().beside(number);
        let other = Other::Branch(number);
        self.time.beside = twin.map(|twin| Beside { twin: twin.into(), other });
        self.look_at_difference();
    }

    fn beside_seed(&mut self) {
        let run = self.session.borrow().run();
        let seed = run.setup.seed + 1;
        self.beside_other(Run { setup: Setup { seed, ..run.setup }, ..run }, Other::Seed(seed));
    }

    fn beside_line(&mut self, line: &str) {
        let run = self.session.borrow().run();
        match otherwise(run, line) {
            Some(other) => self.beside_other(other, Other::Line(line.trim().into())),
            None => self.say(self.lang.t(Otherwise::Neither).to_owned()),
        }
    }

    /// Both runs are recorded as far as the longer one, and a little beyond a run that just begins.
    fn beside_other(&mut self, run: Run, other: Other) {
        let end = {
            let mut playback = self.session.borrow_mut();
            playback.pause();
            let (position, playhead) = (playback.position(), playback.playhead());
            playback.record_until(playhead + LEAST_COMPARED);
            playback.seek(position);
            playback.seek_time(playhead);
            playback.chronicle().end.0 as f64
        };
        let mut twin = Playback::from_run(run);
        twin.record_until(end);
        let twin = self.session.borrow().beside_run(&twin);
        self.time.beside = Some(Beside { twin: twin.into(), other });
        self.renew();
        self.look_at_difference();
    }

    /// The difference stands a third of the way into the window.
    fn look_at_difference(&mut self) {
        let step = self.time.beside.as_ref().and_then(|beside| beside.twin.differs);
        let Some(step) = step else { return };
        let playback = self.session.borrow();
        let Some(frame) = playback.timeline().frames().get(step) else { return };
        let place = self.time.axis.place(frame.at, step + 1);
        self.window.start = (place - self.window.span / 3.0).max(0.0);
    }

    fn compare(&mut self) {
        if self.time.beside.take().is_some() {
            return;
        }
        let other = {
            let playback = self.session.borrow();
            let others = playback.branches().iter().filter(|branch| branch.shared().is_some());
            others.map(|branch| branch.number).next_back()
        };
        match other {
            Some(number) => self.beside(number),
            None => self.beside_seed(),
        }
    }

    fn switch_axis(&mut self) {
        self.time.axis = self.time.axis.other();
        let span = match self.time.axis {
            Axis::Time => self.first_span,
            Axis::Steps => STEPS_SHOWN * STEP,
        };
        let playhead = self.time.axis.playhead(&self.session.borrow());
        self.window = Window { start: (playhead - span * 0.6).max(0.0), span };
    }

    /// What a digit means after `u`, `j` and `J`.
    pub(super) fn prefixed(prefix: char, index: usize) -> Option<Msg> {
        let (until, _) = match prefix {
            'u' => UNTILS.get(index)?,
            _ => JUMPS.get(index)?,
        };
        Some(match prefix {
            'u' => Msg::PlayUntil(*until),
            'j' => Msg::Time(TimeMsg::Next(*until)),
            _ => Msg::Time(TimeMsg::Previous(*until)),
        })
    }
}
