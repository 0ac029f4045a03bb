//! What the Checker tab asks for: bugs put back, counterexamples played, and a search that gets a
//! slice of time between pictures, so that the page stays usable while it searches.

use gloo_timers::callback::Timeout;
use vivarium_protocol::base::Exhibit;
use vivarium_sim::{Run, Search};

use super::App;
use crate::model::exhibits;
use crate::model::playback::Playback;
use crate::panels::checker::{CheckerMsg, Explored};
use crate::panels::later;
use crate::tasks;
use crate::view::Msg;

/// How long one slice lasts, in milliseconds: half a picture.
const SLICE_MS: f64 = 8.0;
/// Steps between two looks at the clock.
const STEPS: u64 = 100;
/// The most schedules that one search tries.
const SCHEDULES: u64 = 2_000;
/// The numbers on the page are renewed this often, in milliseconds.
const SHOWN_MS: f64 = 100.0;

/// A search on the page.
pub struct Explorer {
    search: Search,
    tools: &'static later::Tools,
    shown: Explored,
    /// Milliseconds spent in slices, and the clock when the numbers were shown last.
    spent: f64,
    shown_at: f64,
    next: Option<Timeout>,
}

impl Explorer {
    fn found(&self) -> Option<Run> {
        (self.tools.found)(&self.search)
    }
}

impl App {
    /// Takes a message of the Checker tab; tells whether the page must be drawn again.
    pub(super) fn take_checker(&mut self, msg: CheckerMsg) -> bool {
        match msg {
            CheckerMsg::Switch(exhibit, on) => self.switch_bug(exhibit, on),
            CheckerMsg::Show(exhibit) => {
                if let Some(run) = exhibits::run(exhibit) {
                    self.play_run(run);
                }
            }
            CheckerMsg::Search => self.begin_search(),
            CheckerMsg::Slice => return self.search_on(),
            CheckerMsg::Stop => self.stop_search(),
            CheckerMsg::PlayFound => {
                let found = self.explorer.as_ref().and_then(Explorer::found);
                self.stop_search();
                if let Some(run) = found {
                    self.play_run(run);
                }
            }
        }
        true
    }

    /// How the search stands.
    pub(super) fn explored(&self) -> Option<Explored> {
        self.explorer.as_ref().map(|explorer| explorer.shown)
    }

    /// The same commands with a bug in every server, or without it.
    fn switch_bug(&mut self, exhibit: Exhibit, on: bool) {
        let mut run = self.session.borrow().run();
        run.setup.variants = run.setup.variants.with(exhibit, on);
        self.explorer = None;
        self.replace(Playback::from_run(run));
    }

    /// Opens a run where its first command is given, and plays it to its end.
    fn play_run(&mut self, run: Run) {
        let start = run.commands.first().map_or(0, |(at, _)| *at);
        let end = run.position;
        let speed = self.session.borrow().speed;
        let mut playback = Playback::from_run(run);
        playback.speed = speed;
        playback.seek(usize::try_from(start).unwrap_or(0));
        playback.play_recorded(usize::try_from(end).unwrap_or(usize::MAX));
        self.replace(playback);
        self.start_playing();
    }

    fn begin_search(&mut self) {
        // Who asks for a search sees the Checker tab, which came with the same file.
        let Some(tools) = later::tools() else { return };
        let run = self.session.borrow().run();
        // Another seed each time the run's own seed is another: a link finds what it found.
        let search = (tools.search)(&run.setup, run.setup.seed, SCHEDULES);
        let shown = Explored { running: true, most: SCHEDULES, ..Explored::default() };
        let shown_at = tasks::clock();
        self.explorer = Some(Explorer { search, tools, shown, spent: 0.0, shown_at, next: None });
        self.next_slice();
    }

    fn next_slice(&mut self) {
        let send = self.send.clone();
        if let Some(explorer) = &mut self.explorer {
            let slice = move || send.emit(Msg::Checker(CheckerMsg::Slice));
            explorer.next = Some(Timeout::new(0, slice));
        }
    }

    fn search_on(&mut self) -> bool {
        let Some(explorer) = self.explorer.as_mut().filter(|it| it.shown.running) else {
            return false;
        };
        let begun = tasks::clock();
        let on = |search: &mut Search| (explorer.tools.search_on)(search, STEPS);
        let mut progress = on(&mut explorer.search);
        while !progress.done && tasks::clock() - begun < SLICE_MS {
            progress = on(&mut explorer.search);
        }
        let now = tasks::clock();
        explorer.spent += now - begun;
        let renewed = progress.done || now - explorer.shown_at >= SHOWN_MS;
        if renewed {
            explorer.shown_at = now;
            explorer.shown = Explored {
                running: !progress.done,
                schedules: progress.schedules,
                deepest: progress.deepest,
                rate: (progress.steps as f64 * 1000.0 / explorer.spent.max(1.0)) as u64,
                shortest: progress.shortest,
                done: progress.done,
                ..explorer.shown
            };
        }
        if !progress.done {
            self.next_slice();
        }
        renewed
    }

    fn stop_search(&mut self) {
        if let Some(explorer) = &mut self.explorer {
            explorer.next = None;
            explorer.shown.running = false;
        }
    }
}
