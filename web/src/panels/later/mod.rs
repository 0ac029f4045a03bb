//! What a visitor meets after the first picture: it stands in a second wasm file that is fetched
//! when it is first asked for, and is reached through function pointers.
//!
//! Invariants:
//! 1. Nothing but [`draw`] and [`Tools`] names the components of [`Part`] and what the tools do: a
//!    second mention elsewhere would bring them back into the first file, whose size
//!    `cargo xtask web` bounds.
//! 2. Natively there is one binary, and the same code is called directly.
//! 3. A file that can't be fetched is said so, and asked for again when the reader wants.

mod fetch;
mod tools;

use std::cell::Cell;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::checker::{self, Checker};
use super::clients::Clients;
use super::config::Config;
use super::cut_dialog::CutDialog;
use super::elections::{self, Elections};
use super::faults::Faults;
use super::guide::{self, Guide};
use super::inspector::{Chosen, Step};
use super::keys::{self, Keys};
use super::lessons::{self, LessonPanel};
use super::teacher::{self, Teacher};
use super::time::events::{self, Events};
use super::time::goto::{self, Goto};
use super::writing::WritingPanel;
use crate::i18n::Lang;
use crate::stage::boot::{self, Boot};
use crate::stage::clients::{self as clients_on_stage, Clients as Guests};
use crate::stage::dense::{self, Tiles};
use crate::tasks;
use crate::view::{ChoosingProps, PanelProps};

pub use tools::Tools;

/// A part of the page with what it is drawn from.
#[derive(Clone, PartialEq)]
pub enum Part {
    /// The Faults tab.
    Faults(ChoosingProps),
    /// The Clients tab.
    Clients(ChoosingProps),
    /// The zoo.cfg tab.
    Config(PanelProps),
    /// The Checker tab.
    Checker(checker::Props),
    /// The chosen server or message in full.
    Chosen(ChoosingProps),
    /// Everything of the present step.
    Step(PanelProps),
    /// The list of events.
    Events(events::Props),
    /// The field to go to a place.
    Goto(goto::Props),
    /// The clients on the stage.
    Guests(clients_on_stage::Props),
    /// Many servers on the stage.
    Tiles(dense::Props),
    /// A server's start.
    Boot(boot::Props),
    /// Cutting by keyboard.
    Cut(PanelProps),
    /// The election algorithms side by side.
    Elections(elections::Props),
    /// The list of keys.
    Keys(keys::Props),
    /// The walk.
    Walk(guide::Props),
    /// A lesson.
    Lesson(lessons::Props),
    /// The teacher's view.
    Teacher(teacher::Props),
    /// A lesson that is being written.
    Writing(PanelProps),
}

impl Part {
    fn lang(&self) -> Lang {
        match self {
            Part::Faults(props) | Part::Clients(props) | Part::Chosen(props) => props.choices.lang,
            Part::Config(props) | Part::Cut(props) | Part::Step(props) => props.lang,
            Part::Checker(props) => props.lang,
            Part::Events(props) => props.lang,
            Part::Goto(props) => props.lang,
            Part::Guests(props) => props.choices.lang,
            Part::Tiles(props) => props.choices.lang,
            Part::Boot(props) => props.lang,
            Part::Elections(props) => props.lang,
            Part::Keys(props) => props.lang,
            Part::Walk(props) => props.lang,
            Part::Lesson(props) => props.lang,
            Part::Teacher(props) => props.lang,
            Part::Writing(props) => props.lang,
        }
    }
}

/// How a part is drawn.
pub type Draw = fn(&Part) -> Html;

/// What the second file can do.
#[derive(Clone, Copy)]
pub struct Second {
    draw: Draw,
    tools: &'static Tools,
}

/// All of the second file.
fn second() -> Second {
    Second { draw, tools: &tools::TOOLS }
}

fn draw(part: &Part) -> Html {
    match part.clone() {
        Part::Faults(props) => html! { <Faults ..props /> },
        Part::Clients(props) => html! { <Clients ..props /> },
        Part::Config(props) => html! { <Config ..props /> },
        Part::Checker(props) => html! { <Checker ..props /> },
        Part::Chosen(props) => html! { <Chosen ..props /> },
        Part::Step(props) => html! { <Step ..props /> },
        Part::Events(props) => html! { <Events ..props /> },
        Part::Goto(props) => html! { <Goto ..props /> },
        Part::Guests(props) => html! { <Guests ..props /> },
        Part::Tiles(props) => html! { <Tiles ..props /> },
        Part::Boot(props) => html! { <Boot ..props /> },
        Part::Cut(props) => html! { <CutDialog ..props /> },
        Part::Elections(props) => html! { <Elections ..props /> },
        Part::Keys(props) => html! { <Keys ..props /> },
        Part::Walk(props) => html! { <Guide ..props /> },
        Part::Lesson(props) => html! { <LessonPanel ..props /> },
        Part::Teacher(props) => html! { <Teacher ..props /> },
        Part::Writing(props) => html! { <WritingPanel ..props /> },
    }
}

thread_local! {
    /// The way into the second file, once it is here.
    static SECOND: Cell<Option<Second>> = const { Cell::new(None) };
}

/// The tools of the second file, if a part of it has been shown.
#[must_use]
pub fn tools() -> Option<&'static Tools> {
    SECOND.get().map(|second| second.tools)
}

/// The tools of the second file, fetched if they must be; nothing if they can't be.
pub async fn fetch_tools() -> Option<&'static Tools> {
    fetched().await.map(|second| second.tools)
}

async fn fetched() -> Option<Second> {
    if SECOND.get().is_none() {
        // Asked for together: a part without its style sheet would flash.
        let dressed = tasks::dress();
        let second = fetch::second().await.ok();
        SECOND.set(if dressed.await { second } else { None });
    }
    SECOND.get()
}

/// What [`Later`] is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The part.
    pub part: Part,
}

/// How far the second file is.
#[derive(Clone, Copy)]
enum Way {
    Fetching,
    Failed,
    Here(Draw),
}

/// A part, as soon as its file is here.
#[component]
pub fn Later(props: &Props) -> Html {
    let way = use_state(|| SECOND.get().map_or(Way::Fetching, |second| Way::Here(second.draw)));
    let begin = {
        let way = way.clone();
        move |(): &()| {
            if let Way::Fetching = *way {
                fetch(way);
            }
        }
    };
    use_effect_with((), begin);
    match *way {
        Way::Here(draw) => draw(&props.part),
        Way::Fetching => waiting(props.part.lang()),
        Way::Failed => failed(props.part.lang(), way),
    }
}

fn fetch(way: UseStateHandle<Way>) {
    spawn_local(async move {
        let second = fetched().await;
        way.set(second.map_or(Way::Failed, |second| Way::Here(second.draw)));
    });
}

fn waiting(lang: Lang) -> Html {
    html! {
        <p class="later hint" role="status" aria-busy="true">
            { lang.pick("Fetching this part of the page …", "正在获取页面的这一部分……") }</p>
    }
}

fn failed(lang: Lang, way: UseStateHandle<Way>) -> Html {
    let again = Callback::from(move |_: MouseEvent| {
        way.set(Way::Fetching);
        fetch(way.clone());
    });
    html! {
        <p class="later hint" role="alert">
            { lang.pick("This part of the page could not be fetched. ", "无法获取页面的这一部分。") }
            <button type="button" class="btn line" id="fetch-again" onclick={again}>
                { lang.pick("Try again", "重试") }</button></p>
    }
}
