//! Where somebody writes a lesson: they do something in the run, record it as a step, say what it
//! shows in both languages, try it, check it on many seeds, and save the file.
//!
//! The draft outlives the panel and is kept in the browser after every change.

mod field;
mod finish;
mod record;
mod steps;

use std::cell::{Cell, RefCell};

use yew::prelude::*;

use super::front::{self, LearnMsg};
use crate::i18n::Lang;
use crate::model::playback::Playback;
use crate::model::writing::{Said, fault};
use crate::model::writing::{Spot, Writing, findings, lack, refusal};
use crate::tasks;
use crate::view::{Msg, PanelProps, Session};

/// Under which name the draft is kept in the browser.
const DRAFT: &str = "draft";

thread_local! {
    static WRITING: RefCell<Option<Writing>> = const { RefCell::new(None) };
    /// Counts the pictures of the panel.
    static DRAWN: Cell<u32> = const { Cell::new(0) };
    /// Counts the changes after which other conditions may be offered, which costs a replay.
    static VERSION: Cell<u32> = const { Cell::new(0) };
}

/// What the parts of the panel share.
#[derive(Clone)]
struct Hand {
    lang: Lang,
    session: Session,
    send: Callback<Msg>,
    /// Draws the panel anew.
    drawn: Callback<()>,
}

impl Hand {
    /// Changes the draft, keeps it and shows it.
    fn change(&self, what: impl FnOnce(&mut Writing)) {
        with(|writing| {
            let (before, stamp) = (writing.draft.to_json(), writing.draft.stamp());
            writing.said = Said::Nothing;
            what(writing);
            let now = writing.draft.to_json();
            if writing.draft.stamp() != stamp {
                VERSION.set(VERSION.get() + 1);
            }
            if now != before {
                writing.checkup = None;
                tasks::store(DRAFT, &now);
            }
        });
        self.drawn.emit(());
    }

    /// A click that changes the draft.
    fn act(&self, what: impl Fn(&mut Writing) + 'static) -> Callback<MouseEvent> {
        let hand = self.clone();
        Callback::from(move |_: MouseEvent| hand.change(&what))
    }

    /// A click that looks at the run.
    fn look(&self, what: impl Fn(&mut Writing, &Playback) + 'static) -> Callback<MouseEvent> {
        let hand = self.clone();
        Callback::from(move |_: MouseEvent| {
            hand.change(|writing| what(writing, &hand.session.borrow()));
        })
    }
}

/// Does something with the draft, which is taken from the browser when it is first needed.
fn with<R>(what: impl FnOnce(&mut Writing) -> R) -> R {
    WRITING.with_borrow_mut(|writing| {
        let kept = || Writing::kept(tasks::stored(DRAFT).as_deref());
        what(writing.get_or_insert_with(kept))
    })
}

/// The draft's file, if the draft has this id: for a lesson that is tried.
pub fn kept(id: &str) -> Option<String> {
    with(|writing| {
        let draft = &writing.draft;
        (draft.lesson().id == id && !draft.lesson().scenes.is_empty()).then(|| draft.to_json())
    })
}

/// The panel.
#[component]
pub fn WritingPanel(props: &PanelProps) -> Html {
    let pictures = use_state(|| DRAWN.get());
    let drawn = {
        let pictures = pictures.setter();
        Callback::from(move |()| {
            DRAWN.set(DRAWN.get() + 1);
            pictures.set(DRAWN.get());
        })
    };
    let PanelProps { shown, lang, send } = props;
    let lang = *lang;
    let hand = Hand { lang, session: shown.live().0, send: send.clone(), drawn };
    let (position, playing, branch) = (shown.position, shown.playing, shown.branch);
    let session = hand.session.clone();
    let found = use_memo((position, playing, branch, VERSION.get()), move |_| {
        if playing {
            return record::Found::Moving;
        }
        with(|writing| record::look(writing, &session.borrow()))
    });
    html! {
        <div id="writing">
            { front::back(lang, send) }
            <h1 aria-level="2">{ lang.pick("Write a lesson", "编写课程") }</h1>
            <p class="lead">{ lang.pick(
                "Do something in the run and record it as a step. The lesson waits for the \
                 condition that you choose, so it comes true on every run.",
                "在运行里做些事，录成一步。课程会等待你选的条件，因此在每次运行里都成立。",
            ) }</p>
            { with(|writing| record::record(writing, &found, &hand)) }
            { with(|writing| steps::steps(writing, &hand)) }
            { with(|writing| finish::about(writing, &hand)) }
            { with(|writing| finish::quiz(writing, &hand)) }
            { with(|writing| finish::finish(writing, &hand)) }
        </div>
    }
}

/// What the last click came to, in words.
fn said(writing: &Writing, lang: Lang) -> Vec<String> {
    match &writing.said {
        Said::Nothing => Vec::new(),
        Said::Off(off) => vec![refusal(off, lang)],
        Said::Fault(found) => {
            let what = fault(&found.what, lang);
            vec![
                lang.pick(
                    format!("{}: {what}.", found.place),
                    format!("{}：{what}。", found.place),
                ),
            ]
        }
        Said::Missing(missing) => missing.iter().map(|it| lack(it, lang)).collect(),
        Said::Foreign(why) => vec![
            lang.pick(format!("This is no lesson: {why}."), format!("这不是课程文件：{why}。")),
        ],
        Said::Saved => vec![lang.pick("The file is saved.", "文件已保存。").to_owned()],
        Said::Discarded => vec![lang.pick("The draft is put away.", "草稿已收起。").to_owned()],
    }
}

/// The root shows the run as the draft has led it.
fn led(hand: &Hand) {
    hand.send.emit(Msg::Learn(LearnMsg::Written));
}
