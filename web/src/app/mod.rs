//! The root: one message enum, `update` as a dispatch table, and a view of parts that draw
//! themselves again only when what they show has changed.
//!
//! While playing, every picture moves the playhead, the messages under way and the veil of the
//! diagram; everything else follows a snapshot that is renewed at most ten times a second.

mod acts;
mod checker;
mod clients;
mod everyone;
pub mod faults;
mod keys;
mod late;
mod learn;
mod share;
mod shell;
mod stage;
mod time;

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::EventListener;
use gloo_timers::callback::Timeout;
use vivarium_sim::Setup;
use wasm_bindgen::JsValue;
use yew::prelude::*;

use crate::i18n::Lang;
use crate::model::flight::Filters;
use crate::model::layout::StageBox;
use crate::panels::diagram::Window;
use crate::panels::export::Export;
use crate::panels::front::Learn;
use crate::panels::time::TimeView;
use crate::view::{
    Choices, Ground, Msg, OnGround, Page, Selection, Session, Shown, Snapshot, StageSize, Tab,
};
use crate::{api, narrate, tasks};
use late::Late;
use shell::Pictures;

/// Snapshots while playing are at least this far apart, in milliseconds.
const RENEWAL_MS: f64 = 100.0;
/// The most real time that one picture may cover, so that a page in the background does not leap.
const LONGEST_PICTURE_MS: f64 = 100.0;

/// What is shown for a while at the foot of the page.
struct Toast {
    number: u32,
    words: String,
}

/// The root component.
pub struct App {
    session: Session,
    shown: Shown,
    late: Late,
    ground: OnGround,
    lang: Lang,
    selection: Selection,
    filters: Filters,
    tab: Tab,
    stage: StageSize,
    diagram: (f64, f64),
    window: Window,
    presenting: bool,
    blank: bool,
    collapsed: (bool, bool),
    keys_open: bool,
    cutting: bool,
    elections_open: bool,
    boot_open: bool,
    prefix: Option<char>,
    learn: Learn,
    /// The controls that a link for a class left in.
    only: Option<AttrValue>,
    teaching: bool,
    time: TimeView,
    first_span: f64,
    toast: Option<Toast>,
    toasts: u32,
    spoken: AttrValue,
    sentence: AttrValue,
    last_picture: Option<f64>,
    last_renewal: f64,
    pictures: Pictures,
    calm: Option<Timeout>,
    explorer: Option<checker::Explorer>,
    send: Callback<Msg>,
    _listeners: Vec<EventListener>,
}

/// The ensemble that a visitor meets first.
fn first_setup() -> Setup {
    Setup::watchable(5)
}

impl Component for App {
    type Message = Msg;
    type Properties = ();

    fn create(ctx: &Context<App>) -> App {
        let send = ctx.link().callback(|msg| msg);
        let address = tasks::address();
        let (playback, error) = share::opened(&address);
        let session: Session = Rc::new(RefCell::new(playback));
        let lang = share::language_of(&address).unwrap_or_else(tasks::language);
        tasks::set_root("lang", lang.tag());
        everyone::remember_single_keys();
        let shown = Shown(Rc::new(Snapshot::of(&session)));
        let stage = StageSize { width: 814.0, height: 586.0, scale: 1.0 };
        let ground = ground(&shown, stage, false);
        let listeners = listeners(&send);
        api::publish(&session);
        api::connect(&send);
        let narrow = tasks::is_narrow();
        let window = Window { start: 0.0, span: if narrow { 520_000.0 } else { 1_340_000.0 } };
        let mut app = App {
            session,
            late: Late::of(&shown),
            shown,
            ground,
            lang,
            selection: Selection::Nothing,
            filters: Filters::default(),
            tab: Tab::Guide,
            stage,
            diagram: (1440.0, 218.0),
            window,
            presenting: false,
            blank: false,
            collapsed: (false, false),
            keys_open: false,
            cutting: false,
            elections_open: false,
            boot_open: false,
            prefix: None,
            learn: Learn::Front,
            only: None,
            teaching: false,
            time: TimeView::default(),
            first_span: window.span,
            toast: None,
            toasts: 0,
            spoken: AttrValue::default(),
            sentence: AttrValue::default(),
            last_picture: None,
            last_renewal: 0.0,
            pictures: Pictures::new(send.clone()),
            calm: None,
            explorer: None,
            send,
            _listeners: listeners,
        };
        app.renew();
        app.look_as(&address);
        if let Some(error) = error {
            app.refuse(&error);
        }
        app
    }

    fn update(&mut self, _: &Context<App>, msg: Msg) -> bool {
        self.take(msg)
    }

    fn view(&self, _: &Context<App>) -> Html {
        self.draw()
    }
}

fn ground(shown: &Shown, stage: StageSize, presenting: bool) -> OnGround {
    let StageSize { width, height, scale } = stage;
    let stage = StageBox { width, height, scale, presenting };
    OnGround(Rc::new(Ground::new(&shown.ids, stage)))
}

fn listeners(send: &Callback<Msg>) -> Vec<EventListener> {
    let Some(window) = web_sys::window() else { return Vec::new() };
    let keys = {
        let send = send.clone();
        EventListener::new_with_options(
            &window,
            "keydown",
            gloo_events::EventListenerOptions::enable_prevent_default(),
            move |event| {
                if let Some(msg) = keys::message(event) {
                    event.prevent_default();
                    send.emit(msg);
                }
            },
        )
    };
    let address = {
        let send = send.clone();
        EventListener::new(&window, "hashchange", move |_| send.emit(Msg::AddressChanged))
    };
    let (over, dropped) = files(&window, send);
    vec![keys, address, over, dropped]
}

/// A file that is let fall on the page is opened.
fn files(window: &web_sys::Window, send: &Callback<Msg>) -> (EventListener, EventListener) {
    let options = gloo_events::EventListenerOptions::enable_prevent_default();
    let over = EventListener::new_with_options(window, "dragover", options, |event| {
        event.prevent_default();
    });
    let send = send.clone();
    let dropped = EventListener::new_with_options(window, "drop", options, move |event| {
        event.prevent_default();
        // What was let fall can be read only while the event lasts.
        let part = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into());
        let files = part(event, "dataTransfer").and_then(|data| part(&data, "files"));
        if let Ok(files) = files {
            send.emit(Msg::Export(Export::Open(files)));
        }
    });
    (over, dropped)
}

impl App {
    fn choices(&self) -> Choices {
        Choices { lang: self.lang, selection: self.selection, filters: self.filters }
    }

    /// Takes a new snapshot of the run for every part of the page.
    fn renew(&mut self) {
        self.renew_stage();
        self.late = Late::of(&self.shown);
    }

    /// Takes a new snapshot of the run for the stage, and moves what follows it; the other parts
    /// take it in the next pictures.
    fn renew_stage(&mut self) {
        let ids = self.shown.ids.clone();
        self.shown = Shown(Rc::new(Snapshot::of(&self.session)));
        if ids != self.shown.ids {
            self.ground = ground(&self.shown, self.stage, self.presenting);
            self.selection = Selection::Nothing;
        }
        self.last_renewal = tasks::clock();
        let sentence = self.shown.frame.as_ref().map_or_else(
            || begin_words(self.shown.ids.len(), self.lang),
            |frame| narrate::sentence(self.lang, frame, &self.shown.scene),
        );
        self.sentence = AttrValue::from(sentence);
        // While playing only key events are spoken; standing still, every step is.
        let key = self.shown.frame.as_ref().is_some_and(crate::model::chronicle::is_key);
        if !self.shown.playing || key {
            self.spoken = self.sentence.clone();
        }
        self.follow();
        tasks::announce();
    }

    /// Moves the diagram's window after the playhead.
    fn follow(&mut self) {
        let playback = self.session.borrow();
        let playhead = self.time.axis.playhead(&playback);
        self.window = self.window.following(playhead, playback.rate() > 0.2);
    }

    /// The address always names the run while it stands still, so that a reload loses nothing.
    fn keep_address(&self) {
        let playback = self.session.borrow();
        if !playback.playing {
            drop(playback);
            tasks::set_address(&self.link());
        }
    }

    fn say(&mut self, words: String) {
        self.toasts += 1;
        let number = self.toasts;
        self.toast = Some(Toast { number, words });
        let send = self.send.clone();
        Timeout::new(3500, move || send.emit(Msg::Page(Page::ToastDone(number)))).forget();
    }
}

fn begin_words(servers: usize, lang: Lang) -> String {
    match lang {
        Lang::English if servers == 1 => "One server is ready to start.".to_owned(),
        Lang::English => format!("{servers} servers are ready to start."),
        Lang::Chinese => format!("{servers} 台服务器准备启动。"),
    }
}
