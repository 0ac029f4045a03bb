//! The branches of the run: which there are, which is shown, and which to compare it with: another
//! branch, the next seed, or what a line makes of the run.

use vivarium_protocol::base::Time;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use yew::prelude::*;

use super::menus::choice;
use super::words::Otherwise;
use super::{TimeMsg, Word};
use crate::i18n::Lang;
use crate::model::playback::Branch;
use crate::stage::parts::icon;
use crate::view::{Msg, Shown};

/// What a branch is called: its number, and the command it began with.
#[must_use]
pub fn name(lang: Lang, branch: &Branch) -> String {
    if branch.why.is_empty() {
        return lang.t(Word::FirstBranch).to_owned();
    }
    let at: Time = branch.at;
    format!("{} · {at}", branch.why)
}

/// The menu. Without a fork there is only the other seed to compare with.
pub fn branches(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let playback = shown.playback();
    let items = playback.branches().iter().rev().map(|branch| {
        let number = branch.number;
        let present = number == playback.branch;
        html! {
            <li key={number} aria-current={present.then_some("true")}>
                <button type="button" class="go" id={format!("branch-{number}")}
                    onclick={choice(send, Msg::Time(TimeMsg::Switch(number)))}>
                    <b class="mono">{ number }</b><span>{ name(lang, branch) }</span>
                </button>
                if present {
                    <small>{ lang.t(Word::Shown) }</small>
                } else {
                    <button type="button" class="btn" id={format!("beside-{number}")}
                        onclick={choice(send, Msg::Time(TimeMsg::Beside(number)))}>
                        { lang.t(Word::Compare) }</button>
                }
            </li>
        }
    });
    let label = format!("{} {}", lang.t(Word::Branch), playback.branch);
    html! {
        <details class="menu branches" id="branches">
            <summary class="btn wide" title={lang.t(Word::Branches)}>
                <span>{ label }</span>{ icon("down") }</summary>
            <ul>
                { for items }
                <li>
                    <button type="button" id="beside-seed"
                        onclick={choice(send, Msg::Time(TimeMsg::BesideSeed))}>
                        <span>{ lang.t(Word::OtherSeed) }</span></button>
                </li>
                <li>{ other_line(lang, send) }</li>
            </ul>
        </details>
    }
}

/// The field for another act or other settings.
fn other_line(lang: Lang, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let submit = Callback::from(move |event: SubmitEvent| {
        event.prevent_default();
        let form: web_sys::Element = event.target_unchecked_into();
        let field = form.query_selector("input").ok().flatten();
        let Some(field) = field.and_then(|it| it.dyn_into::<HtmlInputElement>().ok()) else {
            return;
        };
        if let Ok(Some(menu)) = form.closest("details") {
            // Closing can only fail if the element is gone, and then it is closed.
            let _ = menu.remove_attribute("open");
        }
        send.emit(Msg::Time(TimeMsg::BesideLine(field.value())));
    });
    html! {
        <form class="other" onsubmit={submit} autocomplete="off">
            <label for="beside-line">{ lang.t(Otherwise::Field) }</label>
            <input id="beside-line" class="mono" type="text" spellcheck="false"
                placeholder={lang.t(Otherwise::Example)} />
            <button type="submit" class="btn">{ lang.t(Word::Compare) }</button>
        </form>
    }
}
