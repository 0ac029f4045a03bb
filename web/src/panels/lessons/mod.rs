//! A lesson in the first tab: its steps, the question before one, the task and the quiz.
//!
//! The desk outlives the panel, so that a learner may look into another tab and come back. What a
//! click does to the run is done here and told to the root, which shows it.

mod ahead;
mod quiz;
mod steps;
mod task;

use std::cell::{Cell, RefCell};

use vivarium_lessons::{Lesson, Progress, Reached, Text};
use vivarium_protocol::base::ServerId;
use vivarium_protocol::trace::TraceEvent;
use yew::prelude::*;

use super::front::{self, Learn, LearnMsg};
use crate::i18n::Lang;
use crate::model::desk::{Desk, Watch};
use crate::model::playback::Playback;
use crate::tasks;
use crate::view::{Msg, Selection, Session, Shown};

/// Under which name the progress is kept in the browser.
const PROGRESS: &str = "progress";

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
    /// Whether the lesson that is open is a draft, of which no progress is kept.
    static IS_DRAFT: Cell<bool> = const { Cell::new(false) };
}

/// What a lesson is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// The lesson or the step that is asked for.
    pub place: AttrValue,
    /// Whether the run that is shown stays when the lesson opens.
    pub own: bool,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// What the parts of the panel share.
#[derive(Clone)]
struct Hand {
    lang: Lang,
    session: Session,
    send: Callback<Msg>,
}

impl Hand {
    /// A click that does something at the desk and to the run; the root shows what came of it.
    fn act(&self, what: impl Fn(&mut Desk, &mut Playback) + 'static) -> Callback<MouseEvent> {
        let hand = self.clone();
        Callback::from(move |_: MouseEvent| hand.go(&what))
    }

    fn go(&self, what: impl Fn(&mut Desk, &mut Playback)) {
        let place = DESK.with_borrow_mut(|desk| {
            let desk = desk.as_mut()?;
            what(desk, &mut self.session.borrow_mut());
            if !IS_DRAFT.get() {
                tasks::store(PROGRESS, &desk.progress.to_json());
            }
            Some(desk.place().to_owned())
        });
        if let Some(place) = place {
            self.send.emit(Msg::Learn(LearnMsg::Led(place.into())));
        }
    }

    fn text(&self, text: &Text) -> String {
        self.lang.pick(&text.en, &text.zh).clone()
    }
}

/// How the visitor watches: at once, where less motion is asked for.
fn watch() -> Watch {
    if tasks::reduced_motion() { Watch::AtOnce } else { Watch::Played }
}

/// How far a lesson's file is.
#[derive(Clone, PartialEq)]
enum File {
    Fetching,
    Here,
    Failed(String),
}

/// The panel.
#[component]
pub fn LessonPanel(props: &Props) -> Html {
    let file = use_state(|| if is_open(props) { File::Here } else { File::Fetching });
    {
        let (file, props) = (file.clone(), props.clone());
        use_effect_with(props.place.clone(), move |_| {
            if !is_open(&props) {
                file.set(File::Fetching);
                fetch(&props, file);
            }
        });
    }
    let hand = Hand { lang: props.lang, session: props.shown.live().0, send: props.send.clone() };
    let arrived = DESK.with_borrow(|desk| {
        let desk = desk.as_ref().filter(|_| *file == File::Here)?;
        let on_its_way = desk.is_on_its_way(props.shown.playing, props.shown.position);
        desk.reached().last().filter(|_| !on_its_way).map(|reached| reached.id.clone())
    });
    {
        let (hand, arrived) = (hand.clone(), arrived.clone());
        use_effect_with(arrived, move |arrived| {
            if arrived.is_some() {
                look_at(&hand);
                ahead::refocus();
                tasks::reveal("#lesson li[aria-current]");
            }
        });
    }
    let body = match &*file {
        File::Fetching => html! {
            <p class="hint" role="status" aria-busy="true">
                { props.lang.pick("Fetching the lesson …", "正在获取课程……") }</p>
        },
        File::Failed(why) => html! { <p class="hint" role="alert">{ why }</p> },
        File::Here => DESK.with_borrow(|desk| {
            desk.as_ref().map_or_else(Html::default, |desk| draw(desk, &hand, &props.shown))
        }),
    };
    let back = if *file == File::Here && IS_DRAFT.get() { to_draft } else { front::back };
    html! { <div id="lesson-panel">{ back(props.lang, &props.send) }{ body }</div> }
}

/// The way back to the draft that is being tried.
fn to_draft(lang: Lang, send: &Callback<Msg>) -> Html {
    html! {
        <button type="button" class="back" id="to-draft"
            onclick={front::show(send, Learn::Writing)}>
            { lang.pick("← Go on writing", "← 继续编写") }</button>
    }
}

/// Opens a draft as a lesson, to be tried.
///
/// # Errors
/// It cannot be read: why.
pub fn try_out(lesson: Lesson, session: &Session, send: &Callback<Msg>) -> Result<(), String> {
    let opened = Desk::open(lesson, Progress::default(), &mut session.borrow_mut());
    let desk = opened.map_err(|error| error.to_string())?;
    let place = desk.place().to_owned();
    DESK.set(Some(desk));
    IS_DRAFT.set(true);
    send.emit(Msg::Learn(LearnMsg::Led(place.into())));
    Ok(())
}

/// Whether the desk has that lesson, or that step of it, open.
fn is_open(props: &Props) -> bool {
    // A draft may bear the name of a lesson; whoever asks for that one means the lesson.
    let meant = props.own || !IS_DRAFT.get();
    let place = props.place.as_str();
    DESK.with_borrow(|desk| {
        let at = |desk: &Desk| place == desk.place() || place == desk.lesson().id;
        meant && desk.as_ref().is_some_and(at)
    })
}

/// Fetches a lesson and opens it.
fn fetch(props: &Props, file: UseStateHandle<File>) {
    let (props, lang) = (props.clone(), props.lang);
    let id = props.place.split('.').next().unwrap_or_default().to_owned();
    tasks::fetch_text(&format!("lessons/{id}.json"), move |text| {
        let missing = || {
            lang.pick(
                format!("There is no lesson {id} here, or it can't be fetched."),
                format!("这里没有课程 {id}，或无法获取。"),
            )
        };
        let draft = text.is_none();
        let text = text.or_else(|| super::writing::kept(&id));
        let opened = text.ok_or_else(missing).and_then(|text| open(&props, &text));
        match opened {
            Ok(()) => {
                IS_DRAFT.set(draft);
                file.set(File::Here);
            }
            Err(why) => file.set(File::Failed(why)),
        }
    });
}

fn open(props: &Props, text: &str) -> Result<(), String> {
    let lesson = Lesson::parse(text).map_err(|error| error.to_string())?;
    let stored = tasks::stored(PROGRESS).and_then(|json| Progress::parse(&json));
    let progress = stored.unwrap_or_default();
    let session = props.shown.live().0;
    let opened = {
        let playback = &mut session.borrow_mut();
        if props.own || props.place.contains('.') {
            Desk::open_at(lesson, progress, &props.place, props.own, playback)
        } else {
            Desk::open(lesson, progress, playback)
        }
    };
    let desk = opened.map_err(|error| error.to_string())?;
    let place = desk.place().to_owned();
    DESK.set(Some(desk));
    props.send.emit(Msg::Learn(LearnMsg::Led(place.into())));
    Ok(())
}

/// Shows on the page what the step that was just reached speaks of.
fn look_at(hand: &Hand) {
    let reached = DESK.with_borrow(|desk| desk.as_ref()?.reached().last().cloned());
    let Some(Reached { focus: Some(focus), frame, event, .. }) = reached else { return };
    let mut words = focus.split(' ');
    let (what, which) = (words.next().unwrap_or_default(), words.next());
    if what != "boot" && tasks::is_narrow() {
        // There the inspector takes the place of the lesson.
        return;
    }
    let server = which.and_then(|number| number.parse().ok()).map(ServerId);
    match (what, server) {
        ("server", Some(server)) => hand.send.emit(Msg::Select(Selection::Server(server))),
        ("boot", Some(server)) => hand.send.emit(Msg::Learn(LearnMsg::Boot(server))),
        ("message", _) => {
            let message = frame.zip(event).and_then(|(frame, event)| {
                let playback = hand.session.borrow();
                match playback.timeline().frames().get(frame as usize)?.events.get(event)? {
                    TraceEvent::Travelled(travel) => Some(travel.id),
                    TraceEvent::Decided(_) => None,
                }
            });
            if let Some(id) = message {
                hand.send.emit(Msg::Select(Selection::Message(id)));
            }
        }
        _ => {}
    }
}

fn draw(desk: &Desk, hand: &Hand, shown: &Shown) -> Html {
    let lesson = desk.lesson();
    let on_its_way = desk.is_on_its_way(shown.playing, shown.position);
    let number = lesson.id.trim_start_matches('L').trim_start_matches('0');
    let minutes = lesson.minutes;
    let kick = hand.lang.pick(
        format!("Lesson {number} · {minutes} min"),
        format!("第 {number} 课 · {minutes} 分钟"),
    );
    html! {
        <>
            <p class="kick">{ kick }</p>
            <h1 aria-level="2">{ hand.text(&lesson.title) }</h1>
            <p class="lead">{ hand.text(&lesson.goal) }</p>
            { steps::steps(desk, hand, shown, on_its_way) }
            { strayed(desk, hand) }
            { ahead::ahead(desk, hand, on_its_way) }
            if desk.next().is_none() && !on_its_way {
                { task::task(desk, hand) }
                { quiz::quiz(desk, hand) }
                { next_lesson(&lesson.id, hand) }
            }
        </>
    }
}

/// The way to the lesson after this one, as far as the list is known.
fn next_lesson(id: &str, hand: &Hand) -> Html {
    let listed = front::listed();
    let after = listed.iter().skip_while(|other| *other != id).nth(1).cloned();
    let Some(after) = after else { return html! {} };
    let send = hand.send.clone();
    let open = Callback::from(move |_: MouseEvent| {
        send.emit(Msg::Learn(LearnMsg::Show(Learn::lesson(&after, false))));
    });
    html! {
        <div class="acts">
            <button type="button" class="btn line" id="lesson-after" onclick={open}>
                { hand.lang.pick("The next lesson", "下一课") }</button>
        </div>
    }
}

/// What a learner who has left the path is told, and the way back.
fn strayed(desk: &Desk, hand: &Hand) -> Html {
    let lang = hand.lang;
    if let Some(missed) = desk.missed() {
        return html! {
            <div class="strayed" role="alert" id="lesson-missed">
                <p>{ lang.pick(
                    "This step cannot come any more in your run.",
                    "在你的运行里，这一步已经不会出现了。",
                ) }</p>
                <p class="hint">{ steps::why(missed, lang) }</p>
                <div class="acts">
                    <button type="button" class="btn solid" id="lesson-before"
                        onclick={hand.act(Desk::back_before)}>
                        { lang.pick("Back to where it could", "回到还来得及的地方") }</button>
                    <button type="button" class="btn line" id="lesson-back"
                        onclick={hand.act(Desk::back)}>
                        { lang.pick("Back to the lesson", "回到课程") }</button>
                </div>
            </div>
        };
    }
    if !desk.is_astray(&hand.session.borrow()) {
        return html! {};
    }
    html! {
        <div class="strayed" role="status" id="lesson-astray">
            <p>{ lang.pick(
                "You have left the lesson's path: this run is yours.",
                "你已离开课程的路线：现在的运行是你自己的。",
            ) }</p>
            <button type="button" class="btn line" id="lesson-back" onclick={hand.act(Desk::back)}>
                { lang.pick("Back to the lesson", "回到课程") }</button>
        </div>
    }
}
