//! What each message does. A message that changes the run renews the snapshot at once; a picture
//! renews it only when it is due.

use gloo_timers::callback::Timeout;
use vivarium_protocol::base::ServerId;
use vivarium_sim::{Command, Setup};

use super::faults::FaultMsg;
use super::share::{self, opened};
use super::{App, LONGEST_PICTURE_MS, RENEWAL_MS, ground};
use crate::i18n::{Lang, Text};
use crate::model::decimal::Between;
use crate::model::playback::{Playback, SPEEDS, Until};
use crate::view::{Filter, Msg, Page, Selection, Tab};
use crate::{api, tasks};

/// How long the run may take for one picture, in milliseconds, and where a part of the page takes
/// a new moment in the same picture: where much happens at once it is spread over pictures.
const RUN_MS: (f64, f64) = (6.0, 2.0);
/// With reduced motion one event is shown for so long, in milliseconds.
const CALM_MS: u32 = 900;

impl App {
    /// Takes a message; tells whether the page must be drawn again.
    pub(super) fn take(&mut self, msg: Msg) -> bool {
        match msg {
            Msg::Picture(at) => return self.picture(at),
            Msg::Checker(msg) => return self.take_checker(msg),
            Msg::CalmStep => self.calm_step(),
            Msg::Time(msg) => self.take_time(msg),
            Msg::TogglePlay => self.toggle_play(),
            Msg::StepForward => self.moved(Playback::forward),
            Msg::StepBack => self.moved(Playback::back),
            Msg::NextKey => self.moved(Playback::next_key),
            Msg::PreviousKey => self.moved(Playback::previous_key),
            Msg::Home => self.moved(|playback| playback.seek(0)),
            Msg::End => self.moved(|playback| playback.seek(usize::MAX)),
            Msg::SeekTime(at) => self.moved(|playback| playback.seek_time(at)),
            Msg::SeekStep(step) => self.moved(|playback| playback.seek(step as usize)),
            Msg::Speed(index) => self.set_speed(index),
            Msg::PlayUntil(until) => self.play_until(until),
            Msg::Command(command) => self.commands(vec![command]),
            Msg::Commands(commands) => self.commands(commands),
            Msg::NewRun(setup) => self.new_run(*setup),
            Msg::AddressChanged => self.open_address(),
            Msg::CrashOrStart => self.crash_or_start(),
            Msg::FollowCause => self.follow_cause(),
            Msg::Select(selection) => self.select(selection),
            Msg::NextMessage(by) => self.next_message(by),
            Msg::Key(key) => self.key(key),
            Msg::Fault(msg) => self.take_fault(msg),
            Msg::Clients(msg) => self.take_clients(msg),
            Msg::Page(page) => self.take_page(page),
            Msg::Everyone(msg) => self.take_everyone(msg),
            Msg::Learn(msg) => self.take_learn(msg),
            Msg::Export(ask) => self.export(ask),
        }
        true
    }

    /// Messages about the page and not about the run.
    fn take_page(&mut self, page: Page) {
        match page {
            Page::Open(tab) => {
                self.tab = tab;
                self.keep_address();
            }
            Page::Toggle(filter) => self.toggle(filter),
            Page::Speak(lang) => self.speak(lang),
            Page::SpeakOther => self.speak(self.lang.other()),
            Page::SwitchTheme => switch_theme(),
            Page::Present => self.present(),
            Page::Collapse(false) => self.collapsed.0 = !self.collapsed.0,
            Page::Collapse(true) => self.collapsed.1 = !self.collapsed.1,
            Page::Share => self.share(),
            Page::Shared(copied) => self.shared(copied),
            Page::Keys => self.keys_open = !self.keys_open,
            Page::Elections => self.elections_open = !self.elections_open,
            Page::Boot => self.toggle_boot(),
            Page::Escape => self.escape(),
            Page::Resized(size) => {
                self.stage = size;
                self.ground = ground(&self.shown, self.stage, self.presenting);
            }
            Page::DiagramSize(width, height) => self.diagram = (width, height),
            Page::Zoom(factor) => {
                let playhead = self.time.axis.playhead(&self.session.borrow());
                self.window = self.window.zoomed(factor, playhead);
            }
            Page::Pan(start) => self.window.start = start.max(0.0),
            Page::ToastDone(number) => {
                if self.toast.as_ref().is_some_and(|toast| toast.number == number) {
                    self.toast = None;
                }
            }
        }
    }

    fn picture(&mut self, at: f64) -> bool {
        self.pictures.came();
        let start = tasks::clock();
        let last = self.last_picture.replace(at).unwrap_or(at);
        let passed = (at - last).between(0.0, LONGEST_PICTURE_MS);
        let (playing, at_rest) = {
            let mut playback = self.session.borrow_mut();
            // A picture in which a part of the page takes a new moment has less time for the run.
            let renews = !self.late.shows(&self.shown) || start - self.last_renewal >= RENEWAL_MS;
            let most = if renews { RUN_MS.1 } else { RUN_MS.0 };
            playback.advance(passed, || tasks::clock() - start < most);
            (playback.playing, !playback.playing)
        };
        let due = tasks::clock() - self.last_renewal >= RENEWAL_MS;
        if at_rest || (due && !self.late.shows(&self.shown)) {
            self.renew();
        } else if due {
            self.renew_stage();
        } else {
            self.late.take_turn(&self.shown);
            self.follow();
        }
        if playing {
            self.pictures.request();
        } else {
            self.rest();
        }
        true
    }

    /// Nothing moves by itself any more.
    pub(super) fn rest(&mut self) {
        self.pictures.stop();
        self.last_picture = None;
        self.calm = None;
        self.keep_address();
    }

    pub(super) fn start_playing(&mut self) {
        self.session.borrow_mut().playing = true;
        if tasks::reduced_motion() {
            self.calm_step();
        } else {
            self.pictures.request();
            self.renew();
        }
    }

    /// Reduced motion: playing is one event after another.
    fn calm_step(&mut self) {
        let more = {
            let mut playback = self.session.borrow_mut();
            playback.playing && playback.calm_step()
        };
        self.renew();
        if more && self.session.borrow().playing {
            let send = self.send.clone();
            self.calm = Some(Timeout::new(CALM_MS, move || send.emit(Msg::CalmStep)));
        } else {
            self.session.borrow_mut().pause();
            self.renew();
            self.rest();
        }
    }

    fn toggle_play(&mut self) {
        if self.session.borrow().playing {
            self.moved(|_| ());
        } else {
            self.start_playing();
        }
    }

    /// Stops playing, moves the playhead, and shows where it is.
    pub(super) fn moved(&mut self, go: impl FnOnce(&mut Playback)) {
        {
            let mut playback = self.session.borrow_mut();
            playback.pause();
            go(&mut playback);
        }
        self.renew();
        self.rest();
    }

    fn set_speed(&mut self, index: i32) {
        let last = SPEEDS.len() - 1;
        self.session.borrow_mut().speed = usize::try_from(index).unwrap_or(0).min(last);
    }

    fn play_until(&mut self, until: Until) {
        let found = {
            let mut playback = self.session.borrow_mut();
            playback.pause();
            playback.play_until(until)
        };
        if found {
            self.start_playing();
        } else {
            self.renew();
            self.say(self.lang.t(Text::UntilNotFound).to_owned());
        }
    }

    fn commands(&mut self, commands: Vec<Command>) {
        let mut refused = None;
        let branch = self.shown.branch;
        {
            let mut playback = self.session.borrow_mut();
            for command in commands {
                if let Err(error) = playback.command(command) {
                    refused = Some(error.to_string());
                }
            }
        }
        if let Some(error) = refused {
            self.say(format!("{} {error}", self.lang.t(Text::CannotAct)));
        }
        self.renew();
        if branch != self.shown.branch {
            self.time.beside = None;
        }
        self.keep_address();
    }

    fn new_run(&mut self, setup: Setup) {
        let speed = self.session.borrow().speed;
        let mut playback = Playback::new(setup);
        playback.speed = speed;
        self.replace(playback);
    }

    fn open_address(&mut self) {
        let address = tasks::address();
        let (playback, error) = opened(&address);
        if let Some(lang) = share::language_of(&address) {
            self.lang = lang;
            tasks::set_root("lang", lang.tag());
        }
        self.replace(playback);
        self.leave_class();
        self.look_as(&address);
        if let Some(error) = error {
            self.refuse(&error);
        }
    }

    pub(super) fn replace(&mut self, playback: Playback) {
        *self.session.borrow_mut() = playback;
        api::publish(&self.session);
        self.selection = Selection::Nothing;
        self.time.beside = None;
        self.window.start = 0.0;
        self.renew();
        self.ground = ground(&self.shown, self.stage, self.presenting);
        self.rest();
    }

    fn selected_server(&self) -> Option<ServerId> {
        match self.selection {
            Selection::Server(id) => Some(id),
            Selection::Message(_) | Selection::Link(_) | Selection::Nothing => None,
        }
    }

    fn crash_or_start(&mut self) {
        let Some(id) = self.selected_server() else {
            return self.say(self.lang.t(Text::SelectServer).to_owned());
        };
        let up = self.shown.scene.servers.get(&id).is_some_and(|server| server.up);
        let command = if up { Command::Crash(id) } else { Command::Start(id) };
        self.commands(vec![command]);
    }

    fn follow_cause(&mut self) {
        let cause = self.shown.frame.as_ref().and_then(|frame| frame.caused_by);
        if let Some(step) = cause {
            self.moved(|playback| playback.seek(step as usize + 1));
        }
    }

    fn select(&mut self, selection: Selection) {
        self.selection = selection;
        if tasks::is_narrow() && selection != Selection::Nothing {
            self.tab = Tab::Inspect;
        }
    }

    fn next_message(&mut self, by: i32) {
        let flying: Vec<_> = self
            .shown
            .scene
            .flights
            .iter()
            .filter(|(_, flight)| flight.arrived.is_none() && flight.lost.is_none())
            .filter(|(_, flight)| self.filters.show(crate::model::flight::family(&flight.travel)))
            .map(|(id, _)| *id)
            .collect();
        let now = flying.iter().position(|id| self.selection == Selection::Message(*id));
        let count = flying.len() as i32;
        let next = match (now, by) {
            (Some(now), by) => (now as i32 + by).rem_euclid(count.max(1)),
            (None, 1) => 0,
            (None, _) => count - 1,
        };
        if let Some(id) = usize::try_from(next).ok().and_then(|next| flying.get(next)) {
            self.select(Selection::Message(*id));
        }
    }

    /// Keys whose meaning depends on what came before.
    fn key(&mut self, key: char) {
        let waiting = matches!(key, 'u' | 'j' | 'J').then_some(key);
        let before = std::mem::replace(&mut self.prefix, waiting);
        match key {
            ',' | '.' => {
                let now = self.session.borrow().speed as i32;
                self.set_speed(if key == '.' { now + 1 } else { now - 1 });
            }
            digit => {
                let Some(number) = digit.to_digit(10).filter(|number| *number > 0) else { return };
                let index = number as usize - 1;
                match before.and_then(|prefix| App::prefixed(prefix, index)) {
                    Some(msg) => drop(self.take(msg)),
                    None => {
                        if let Some(id) = self.shown.ids.get(index).copied() {
                            self.select(Selection::Server(id));
                            tasks::focus(&format!("server-{id}"));
                        }
                    }
                }
            }
        }
    }

    fn toggle(&mut self, filter: Filter) {
        let shown = match filter {
            Filter::Votes => &mut self.filters.votes,
            Filter::Sync => &mut self.filters.sync,
            Filter::Broadcast => &mut self.filters.broadcast,
            Filter::Pings => &mut self.filters.pings,
        };
        *shown = !*shown;
    }

    fn speak(&mut self, lang: Lang) {
        self.lang = lang;
        tasks::set_root("lang", lang.tag());
        tasks::store("lang", lang.tag());
        self.renew();
        self.keep_address();
    }

    fn present(&mut self) {
        self.presenting = !self.presenting;
        tasks::set_root("data-present", if self.presenting { "on" } else { "off" });
        if let Some(scale) = tasks::text_scale() {
            self.stage.scale = scale;
        }
        self.ground = ground(&self.shown, self.stage, self.presenting);
    }

    fn share(&mut self) {
        let address = tasks::set_address(&self.link());
        let send = self.send.clone();
        tasks::copy(&address, move |copied| send.emit(Msg::Page(Page::Shared(copied))));
    }

    fn shared(&mut self, copied: bool) {
        let text = if copied { Text::ShareDone } else { Text::ShareShown };
        self.say(self.lang.t(text).to_owned());
    }

    fn escape(&mut self) {
        if self.cutting {
            self.take_fault(FaultMsg::Cutting(false));
        } else if self.keys_open {
            self.keys_open = false;
        } else if self.teaching {
            self.teaching = false;
        } else if self.elections_open {
            self.elections_open = false;
        } else if self.boot_open {
            self.close_boot();
        } else if self.blank {
            self.blank();
        } else if !self.close_time() {
            self.selection = Selection::Nothing;
            self.tab = if self.tab == Tab::Inspect { Tab::Guide } else { self.tab };
        }
    }
}

fn switch_theme() {
    let dark = tasks::root_attribute("data-theme").as_deref() != Some("light");
    let theme = if dark { "light" } else { "dark" };
    tasks::set_root("data-theme", theme);
    tasks::store("theme", theme);
}
