//! The top bar: name, size of the ensemble, seed, share, language, theme, presentation.

use std::rc::Rc;

use vivarium_sim::Setup;
use yew::prelude::*;

use super::export;
use crate::i18n::{Lang, Text};
use crate::stage::parts::icon;
use crate::view::{Msg, Page};

/// Sizes that are offered.
const SIZES: [u16; 7] = [1, 3, 4, 5, 7, 9, 101];
/// The most servers that a visitor may ask for.
const MOST: u16 = 255;
/// Most observers that the bar offers.
const OBSERVERS: u16 = 3;

/// What the bar is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What the run started from.
    pub setup: Rc<Setup>,
    /// The language.
    pub lang: Lang,
    /// Whether the presentation view is on.
    pub presenting: bool,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The bar.
#[component]
pub fn TopBar(props: &Props) -> Html {
    let Props { setup, lang, send, .. } = props;
    let to = |msg: Msg| {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(msg.clone()))
    };
    html! {
        <header class="top">
            <div class="brand" role="heading" aria-level="1">
                { mark() }<span>{ "Vivarium" }</span>
            </div>
            { sizes(setup, *lang, send) }
            { seed(setup, *lang, send) }
            <div class="spring"></div>
            <button type="button" class="btn" id="share" onclick={to(Msg::Page(Page::Share))}
                aria-label={lang.t(Text::Share)}>
                { icon("link") }<span>{ lang.t(Text::Share) }</span>
            </button>
            { export::menu(*lang, send) }
            { languages(*lang, send) }
            <button type="button" class="btn" id="theme" onclick={to(Msg::Page(Page::SwitchTheme))}
                aria-label={lang.t(Text::SwitchTheme)} title={lang.t(Text::SwitchTheme)}>
                { icon("theme") }
            </button>
            <button type="button" class="btn hide-s" id="present"
                onclick={to(Msg::Page(Page::Present))}
                aria-pressed={props.presenting.to_string()}
                aria-label={lang.t(Text::Presentation)} title={lang.t(Text::Presentation)}>
                { icon("screen") }
            </button>
            <button type="button" class="btn hide-s" id="keys-button"
                onclick={to(Msg::Page(Page::Keys))}
                aria-label={lang.t(Text::Keyboard)} title={lang.t(Text::Keyboard)}>
                { icon("keys") }
            </button>
        </header>
    }
}

fn mark() -> Html {
    html! {
        <svg viewBox="0 0 24 24" aria-hidden="true">
            <g fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round">
                <path d="M4.5 19v-7.5a7.5 7.5 0 0 1 15 0V19" /><path d="M2.5 19.2h19" />
                <path d="M12 4V2.3" />
            </g>
            <g fill="currentColor">
                <circle cx="12" cy="9.2" r="1.8" /><circle cx="8.6" cy="14.6" r="1.8" />
                <circle cx="15.4" cy="14.6" r="1.8" />
            </g>
        </svg>
    }
}

/// A setup of numbered servers in place of what is there.
fn numbered(setup: &Setup, participants: u16, observers: u16) -> Setup {
    let standalone = participants == 1 && observers == 0;
    Setup { participants, observers, members: None, standalone, ..setup.clone() }
}

fn sizes(setup: &Setup, lang: Lang, send: &Callback<Msg>) -> Html {
    let ensemble = setup.ensemble();
    let voters = ensemble.participants().count() as u16;
    let observers = ensemble.members.len() as u16 - voters;
    let voter_buttons = SIZES.into_iter().map(|count| {
        let setup = numbered(setup, count, if count == 1 { 0 } else { observers });
        choice(count, count == voters, format!("size-{count}"), setup, send)
    });
    let observer_buttons = (0..=OBSERVERS).map(|count| {
        let setup = numbered(setup, voters.max(if count > 0 { 2 } else { 1 }), count);
        choice(count, count == observers, format!("observers-{count}"), setup, send)
    });
    html! {
        <>
            <div class="sizes" id="sizes" role="radiogroup" aria-label={lang.t(Text::ServersLabel)}>
                <span>{ lang.t(Text::Servers) }</span>{ for voter_buttons }
                { typed_size(setup, voters, observers, lang, send) }
            </div>
            <div class="sizes hide-s" role="radiogroup" aria-label={lang.t(Text::ObserversLabel)}>
                <span>{ lang.t(Text::Observers) }</span>{ for observer_buttons }
            </div>
        </>
    }
}

/// Any number of servers, typed.
fn typed_size(
    setup: &Setup,
    voters: u16,
    observers: u16,
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let (setup, send) = (setup.clone(), send.clone());
    let typed = Callback::from(move |event: Event| {
        let input: web_sys::HtmlInputElement = event.target_unchecked_into();
        let count = input.value().trim().parse().ok().filter(|count| (1..=MOST).contains(count));
        if let Some(count) = count {
            let observers = if count == 1 { 0 } else { observers };
            send.emit(Msg::NewRun(Box::new(numbered(&setup, count, observers))));
        }
    });
    html! {
        <input id="size" class="mono hide-s" inputmode="numeric" autocomplete="off"
            aria-label={lang.t(Text::ServersLabel)} value={voters.to_string()} onchange={typed} />
    }
}

fn choice(count: u16, now: bool, id: String, setup: Setup, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let choose =
        Callback::from(move |_: MouseEvent| send.emit(Msg::NewRun(Box::new(setup.clone()))));
    html! {
        <button type="button" role="radio" id={id} aria-checked={now.to_string()} onclick={choose}>
            { count }
        </button>
    }
}

fn seed(setup: &Setup, lang: Lang, send: &Callback<Msg>) -> Html {
    let renew = |seed: u64| {
        let setup = Setup { seed, ..setup.clone() };
        let send = send.clone();
        move || send.emit(Msg::NewRun(Box::new(setup.clone())))
    };
    let next = renew(setup.seed.wrapping_add(1));
    let typed = {
        let (setup, send) = (setup.clone(), send.clone());
        Callback::from(move |event: Event| {
            let input: web_sys::HtmlInputElement = event.target_unchecked_into();
            if let Ok(seed) = input.value().trim().parse() {
                send.emit(Msg::NewRun(Box::new(Setup { seed, ..setup.clone() })));
            }
        })
    };
    html! {
        <div class="sizes hide-s hide-present" id="seed-group">
            <label for="seed">{ lang.t(Text::Seed) }</label>
            <input id="seed" class="mono" inputmode="numeric" autocomplete="off"
                value={setup.seed.to_string()} onchange={typed} />
            <button type="button" id="next-seed"
                aria-label={format!("+1 {}", lang.t(Text::NewSeed))}
                title={lang.t(Text::NewSeed)} onclick={Callback::from(move |_: MouseEvent| next())}>
                { "+1" }
            </button>
        </div>
    }
}

fn languages(lang: Lang, send: &Callback<Msg>) -> Html {
    let button = |choice: Lang, name: &'static str, id: &'static str| {
        let send = send.clone();
        let speak = Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Speak(choice))));
        html! {
            <button type="button" role="radio" id={id} lang={choice.tag()} onclick={speak}
                aria-checked={(choice == lang).to_string()}>{ name }</button>
        }
    };
    html! {
        <div class="seg" role="radiogroup" aria-label={lang.t(Text::Language)}>
            { button(Lang::English, "EN", "lang-en") }
            { button(Lang::Chinese, "中文", "lang-zh") }
        </div>
    }
}
