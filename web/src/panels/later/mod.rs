//! What a visitor meets after the first picture: it stands in a second wasm file that is fetched
//! when it is first asked for, and is drawn through one function pointer.
//!
//! Invariants:
//! 1. Nothing but [`draw`] names the components listed in [`Part`]: a second mention elsewhere
//!    would bring them back into the first file, whose size `cargo xtask web` bounds.
//! 2. Natively there is one binary, and the same code is called directly.
//! 3. A file that can't be fetched is said so, and asked for again when the reader wants.

mod fetch;

use std::cell::Cell;

use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::checker::{self, Checker};
use super::clients::Clients;
use super::config::Config;
use super::cut_dialog::CutDialog;
use super::elections::{self, Elections};
use super::faults::Faults;
use super::inspector::Chosen;
use super::keys::{self, Keys};
use super::time::events::{self, Events};
use crate::i18n::Lang;
use crate::stage::boot::{self, Boot};
use crate::view::{ChoosingProps, PanelProps};

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
    /// The list of events.
    Events(events::Props),
    /// A server's start.
    Boot(boot::Props),
    /// Cutting by keyboard.
    Cut(PanelProps),
    /// The election algorithms side by side.
    Elections(elections::Props),
    /// The list of keys.
    Keys(keys::Props),
}

impl Part {
    fn lang(&self) -> Lang {
        match self {
            Part::Faults(props) | Part::Clients(props) | Part::Chosen(props) => props.choices.lang,
            Part::Config(props) | Part::Cut(props) => props.lang,
            Part::Checker(props) => props.lang,
            Part::Events(props) => props.lang,
            Part::Boot(props) => props.lang,
            Part::Elections(props) => props.lang,
            Part::Keys(props) => props.lang,
        }
    }
}

/// How a part is drawn.
pub type Draw = fn(&Part) -> Html;

fn draw(part: &Part) -> Html {
    match part.clone() {
        Part::Faults(props) => html! { <Faults ..props /> },
        Part::Clients(props) => html! { <Clients ..props /> },
        Part::Config(props) => html! { <Config ..props /> },
        Part::Checker(props) => html! { <Checker ..props /> },
        Part::Chosen(props) => html! { <Chosen ..props /> },
        Part::Events(props) => html! { <Events ..props /> },
        Part::Boot(props) => html! { <Boot ..props /> },
        Part::Cut(props) => html! { <CutDialog ..props /> },
        Part::Elections(props) => html! { <Elections ..props /> },
        Part::Keys(props) => html! { <Keys ..props /> },
    }
}

thread_local! {
    /// The way into the second file, once it is here.
    static DRAW: Cell<Option<Draw>> = const { Cell::new(None) };
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
    let way = use_state(|| DRAW.get().map_or(Way::Fetching, Way::Here));
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
        let fetched = fetch::drawing().await.ok();
        DRAW.set(fetched);
        way.set(fetched.map_or(Way::Failed, Way::Here));
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
