//! The Checker tab: what the protocol promises and whether the run has kept it, bugs that can be
//! put back, and a search for a schedule that breaks something.
//!
//! What is broken is what the simulator's checkers saw up to the playhead. The search itself is the
//! simulator's; `app/checker.rs` gives it its slices of time.

use vivarium_protocol::base::Exhibit;
use vivarium_sim::{Promise, Violation};
use yew::prelude::*;

use super::checker_text::{CheckerText, exhibit, promise};
use crate::i18n::Lang;
use crate::model::exhibits;
use crate::narrate::broken::broken;
use crate::stage::parts::icon;
use crate::view::{Msg, Shown};

/// What the tab asks of the root.
#[derive(Clone, Debug, PartialEq)]
pub enum CheckerMsg {
    /// Put a bug back, or mend it: the same commands again.
    Switch(Exhibit, bool),
    /// Open the shortest known run that shows what a bug breaks, and play it.
    Show(Exhibit),
    /// Begin to search.
    Search,
    /// Search a little further.
    Slice,
    /// Search no further.
    Stop,
    /// Play what was found.
    PlayFound,
}

/// How a search stands.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Explored {
    /// Whether it goes on.
    pub running: bool,
    /// Schedules tried.
    pub schedules: u64,
    /// Of how many at most.
    pub most: u64,
    /// The steps of the longest.
    pub deepest: u64,
    /// Steps in a second of real time.
    pub rate: u64,
    /// Of the shortest that breaks something, the steps until it does.
    pub shortest: Option<u64>,
    /// Whether every schedule was tried, or the shortest cannot be made shorter.
    pub done: bool,
}

/// What the tab is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// The search, if one was begun.
    pub explored: Option<Explored>,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The tab.
#[component]
pub fn Checker(props: &Props) -> Html {
    let Props { shown, lang, explored, send } = props;
    let lang = *lang;
    html! {
        <>
            <h2 class="with">{ lang.t(CheckerText::Invariants) }
                <small>{ lang.t(CheckerText::AtThePlayhead) }</small></h2>
            { invariants(shown, lang, send) }
            <h2>{ lang.t(CheckerText::Zoo) }</h2>
            <p class="hint" id="zoo-hint">{ lang.t(CheckerText::ZooHint) }</p>
            { for Exhibit::ALL.into_iter().map(|one| switch(one, shown, lang, send)) }
            <h2>{ lang.t(CheckerText::Search) }</h2>
            { search(*explored, lang, send) }
        </>
    }
}

fn to(send: &Callback<Msg>, msg: CheckerMsg) -> Callback<MouseEvent> {
    let send = send.clone();
    Callback::from(move |_| send.emit(Msg::Checker(msg.clone())))
}

fn invariants(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let playback = shown.playback();
    let broken = playback.timeline().world().violations();
    let all = Promise::ALL.into_iter().chain(Promise::EARLY).chain(Promise::TO_CLIENTS);
    let rows = all.map(|one| {
        let first = broken.iter().find(|violation| violation.promise == one);
        let (mark, word) = match first {
            Some(_) => ("✕", CheckerText::Broken),
            None => ("✓", CheckerText::Holds),
        };
        let (english, chinese) = promise(one);
        html! {
            <li class={classes!("inv", first.map(|_| "bad"))} key={one.to_string()}
                data-promise={one.to_string()}>
                <i aria-hidden="true">{ mark }</i>
                <span>{ lang.pick(english, chinese) }</span>
                <span class="fate">{ lang.t(word) }</span>
                { first.map(|violation| sentence(violation, lang, send)) }
            </li>
        }
    });
    html! { <ul id="invariants">{ for rows }</ul> }
}

/// The step of a breach and one sentence; a jump to where it shows.
fn sentence(violation: &Violation, lang: Lang, send: &Callback<Msg>) -> Html {
    let step = violation.step + 1;
    let send = send.clone();
    let jump = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekStep(step)));
    let (words, tag) = broken(lang, &violation.what);
    html! {
        <button type="button" class="breach" data-step={step.to_string()} onclick={jump}>
            { lang.pick(format!("Step {step}: "), format!("第 {step} 步：")) }
            <span lang={tag}>{ words }{ lang.pick(".", "。") }</span>
        </button>
    }
}

fn switch(one: Exhibit, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let on = shown.setup.variants.on().any(|other| other == one);
    let key = one.key();
    let name = one.issue().map_or_else(
        || lang.pick("never released", "从未发布").to_owned(),
        |issue| format!("ZOOKEEPER-{issue}"),
    );
    let (english, chinese) = exhibit(one);
    let words = lang.pick(english, chinese);
    let steps = exhibits::counterexample(one).0;
    let play = lang.pick(
        format!("Play the shortest counterexample: {name}, {steps} steps"),
        format!("播放最短反例：{name}，{steps} 步"),
    );
    html! {
        <div class="row zoo" key={key}>
            <label class="lab" for={format!("zoo-{key}")}>
                <span class="mono">{ &name }</span><small>{ words }</small>
            </label>
            <button type="button" class="btn line" id={format!("play-{key}")} title={play.clone()}
                aria-label={play} onclick={to(send, CheckerMsg::Show(one))}>
                { icon("play") }{ steps }
            </button>
            <button type="button" class="switch" role="switch" id={format!("zoo-{key}")}
                aria-checked={on.to_string()} aria-label={format!("{name}: {words}")}
                aria-describedby="zoo-hint" onclick={to(send, CheckerMsg::Switch(one, !on))}>
            </button>
        </div>
    }
}

fn search(explored: Option<Explored>, lang: Lang, send: &Callback<Msg>) -> Html {
    let now = explored.unwrap_or_default();
    let word = match explored {
        None => CheckerText::NoProof,
        Some(Explored { shortest: Some(_), done: true, .. }) => CheckerText::Found,
        Some(Explored { shortest: Some(_), running: true, .. }) => CheckerText::Shortening,
        Some(Explored { done: true, .. }) => CheckerText::Nothing,
        Some(Explored { running: true, .. }) => CheckerText::Searching,
        Some(_) => CheckerText::Stopped,
    };
    let (id, act, text) = if now.running {
        ("search-stop", CheckerMsg::Stop, CheckerText::Stop)
    } else {
        ("search-start", CheckerMsg::Search, CheckerText::Start)
    };
    let found = now.shortest.map(|steps| {
        let words = lang.pick(
            format!("Play the counterexample ({steps} steps)"),
            format!("播放反例（{steps} 步）"),
        );
        html! {
            <button type="button" class="btn solid" id="search-play"
                onclick={to(send, CheckerMsg::PlayFound)}>{ words }</button>
        }
    });
    html! {
        <div class="mc" id="search">
            <dl>
                <div><dt>{ lang.t(CheckerText::Schedules) }</dt>
                    <dd class="mono" id="search-schedules">{ now.schedules }</dd></div>
                <div><dt>{ lang.t(CheckerText::Depth) }</dt>
                    <dd class="mono">{ now.deepest }</dd></div>
                <div><dt>{ lang.t(CheckerText::Rate) }</dt>
                    <dd class="mono">{ now.rate }</dd></div>
            </dl>
            <progress max={now.most.max(1).to_string()} value={now.schedules.to_string()}
                aria-label={lang.t(CheckerText::Schedules)}></progress>
            <p class="hint" id="search-word" role="status">{ lang.t(word) }</p>
            { found }
            <button type="button" class="btn line" {id} onclick={to(send, act)}>
                { lang.t(text) }</button>
        </div>
    }
}
