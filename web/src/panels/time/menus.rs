//! The menus of the transport: run until, and jump.

use yew::prelude::*;

use super::{TimeMsg, Word};
use crate::i18n::{Lang, Text};
use crate::model::playback::Until;
use crate::stage::parts::icon;
use crate::view::Msg;

/// What "run until" offers, in the order of its keys.
pub const UNTILS: [(Until, Word); 9] = [
    (Until::Elected, Word::Elected),
    (Until::Serving, Word::Serving),
    (Until::Commit, Word::Commit),
    (Until::Looking, Word::Looking),
    (Until::SyncPlanned, Word::Sync),
    (Until::Divergence, Word::Divergence),
    (Until::VoteSwitched, Word::Switched),
    (Until::Crash, Word::Crash),
    (Until::Violation, Word::Violation),
];

/// What can be jumped to, in the order of its keys.
pub const JUMPS: [(Until, Word); 5] = [
    (Until::VoteCast, Word::Vote),
    (Until::Elected, Word::Elected),
    (Until::SyncPlanned, Word::Sync),
    (Until::Commit, Word::Commit),
    (Until::Violation, Word::Violation),
];

/// "Run until".
pub fn untils(lang: Lang, send: &Callback<Msg>) -> Html {
    let items = UNTILS.iter().enumerate().map(|(index, (until, word))| {
        let number = index + 1;
        let click = choice(send, Msg::PlayUntil(*until));
        html! {
            <li>
                <button type="button" id={format!("until-{number}")} onclick={click}>
                    <span>{ lang.t(*word) }</span><kbd>{ "U " }{ number }</kbd>
                </button>
            </li>
        }
    });
    html! {
        <details class="menu" id="until">
            <summary class="btn wide"><span>{ lang.t(Text::RunUntil) }</span>{ icon("down") }
                </summary>
            <ul>{ for items }</ul>
        </details>
    }
}

/// "Jump": each kind of step, forwards and backwards.
pub fn jumps(lang: Lang, send: &Callback<Msg>) -> Html {
    let items = JUMPS.iter().enumerate().map(|(index, (until, word))| {
        let number = index + 1;
        let button = |name: &str, symbol: &'static str, way: Word, msg: TimeMsg| {
            let label = format!("{}: {}", lang.t(way), lang.t(*word));
            html! {
                <button type="button" id={format!("jump-{name}-{number}")} class="btn"
                    aria-label={label.clone()} title={label}
                    onclick={choice(send, Msg::Time(msg))}>{ icon(symbol) }</button>
            }
        };
        html! {
            <li>
                { button("back", "left", Word::Previous, TimeMsg::Previous(*until)) }
                <span>{ lang.t(*word) }</span><kbd>{ "J " }{ number }</kbd>
                { button("next", "right", Word::Next, TimeMsg::Next(*until)) }
            </li>
        }
    });
    html! {
        <details class="menu jumps" id="jump">
            <summary class="btn wide"><span>{ lang.t(Word::Jump) }</span>{ icon("down") }</summary>
            <ul>{ for items }</ul>
        </details>
    }
}

/// Sends a message and closes the menu that the choice was made in.
pub fn choice(send: &Callback<Msg>, msg: Msg) -> Callback<MouseEvent> {
    let send = send.clone();
    Callback::from(move |event: MouseEvent| {
        let target: web_sys::Element = event.target_unchecked_into();
        if let Ok(Some(menu)) = target.closest("details") {
            // Closing can only fail if the element is gone, and then it is closed.
            let _ = menu.remove_attribute("open");
        }
        send.emit(msg.clone());
    })
}
