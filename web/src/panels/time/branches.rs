//! The branches of the run: which there are, which is shown, and which to compare it with.

use vivarium_protocol::base::Time;
use yew::prelude::*;

use super::menus::choice;
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
            </ul>
        </details>
    }
}
