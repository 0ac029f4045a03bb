//! The transport: steps, play, speed, run until, the narration, the filters.

use vivarium_protocol::message::PacketKind;
use yew::prelude::*;

use crate::i18n::{Lang, Text, Words};
use crate::model::flight::Filters;
use crate::model::playback::SPEEDS;
use crate::narrate::broken::broken;
use crate::panels::time::{TimeMsg, Word, branches, menus};
use crate::stage::parts::{self, icon};
use crate::stage::summary::{example, example_vote};
use crate::view::{Filter, Msg, Page, Shown};

/// What the transport is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// The language.
    pub lang: Lang,
    /// The step in one sentence.
    pub sentence: AttrValue,
    /// Which speed.
    pub speed: usize,
    /// Which messages are drawn.
    pub filters: Filters,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The transport: what acts, the narration, and what filters, each drawn for itself.
#[component]
pub fn Transport(props: &Props) -> Html {
    let Props { shown, lang, send, .. } = props;
    html! {
        <>
        { narration(props) }
        <div class="trans">
            <Controls playing={shown.playing} lang={*lang} speed={props.speed}
                send={send.clone()} />
            <span class="spring"></span>
            { branches::branches(shown, *lang, send) }
            <Shows lang={*lang} filters={props.filters} send={send.clone()} />
        </div>
        </>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ControlsProps {
    playing: bool,
    lang: Lang,
    speed: usize,
    send: Callback<Msg>,
}

/// The buttons and menus.
#[component]
fn Controls(props: &ControlsProps) -> Html {
    let ControlsProps { playing, lang, send, .. } = props;
    let (symbol, play) = if *playing { ("pause", Text::Pause) } else { ("play", Text::Play) };
    html! {
        <>
            { button("prev-key", "prev", Text::PreviousKey, Msg::PreviousKey, *lang, send) }
            { button("prev-beat", "beat-back", Word::PreviousBeat, Msg::Time(TimeMsg::PreviousBeat),
                *lang, send) }
            { button("step-back", "back", Text::StepBack, Msg::StepBack, *lang, send) }
            { button("play", symbol, play, Msg::TogglePlay, *lang, send) }
            { button("step-forward", "fwd", Text::StepForward, Msg::StepForward, *lang, send) }
            { button("next-beat", "beat-fwd", Word::NextBeat, Msg::Time(TimeMsg::NextBeat), *lang,
                send) }
            { button("next-key", "next", Text::NextKey, Msg::NextKey, *lang, send) }
            { speed(props) }
            { menus::untils(*lang, send) }
            { menus::jumps(*lang, send) }
            { button("goto-open", "clock", Word::GoTo, Msg::Time(TimeMsg::Field), *lang, send) }
            { button("events-open", "list", Word::Events, Msg::Time(TimeMsg::Events), *lang, send) }
        </>
    }
}

fn button(
    id: &'static str,
    symbol: &str,
    text: impl Words,
    msg: Msg,
    lang: Lang,
    send: &Callback<Msg>,
) -> Html {
    let (send, label) = (send.clone(), lang.t(text));
    let click = Callback::from(move |_: MouseEvent| send.emit(msg.clone()));
    let class = classes!("btn", (id == "play").then_some("play"));
    html! {
        <button type="button" id={id} class={class} aria-label={label} title={label}
            onclick={click}>{ icon(symbol) }</button>
    }
}

fn speed(props: &ControlsProps) -> Html {
    let send = props.send.clone();
    let change = Callback::from(move |event: Event| {
        let select: web_sys::HtmlSelectElement = event.target_unchecked_into();
        send.emit(Msg::Speed(select.selected_index()));
    });
    let options = SPEEDS.iter().enumerate().map(|(index, (_, name))| {
        html! { <option value={index.to_string()} selected={index == props.speed}>{ *name }
        </option> }
    });
    html! {
        <select id="speed" class="btn wide mono hide-s" aria-label={props.lang.t(Text::Speed)}
            onchange={change}>{ for options }</select>
    }
}

fn narration(props: &Props) -> Html {
    let Props { shown, lang, sentence, .. } = props;
    let step = lang.pick(format!("step {}", shown.position), format!("第 {} 步", shown.position));
    html! {
        <div class="narr">
            <time id="now">{ shown.at.to_string() }</time>
            <p id="say">{ sentence.clone() }{ breach(shown, *lang) }</p>
            <small id="step" data-step={shown.position.to_string()}
                data-recorded={shown.recorded.to_string()}>{ step }</small>
        </div>
    }
}

/// What this step broke, if it broke something.
fn breach(shown: &Shown, lang: Lang) -> Html {
    let playback = shown.playback();
    let seen = playback.timeline().world().violations();
    let here = seen.iter().find(|broken| broken.step + 1 == shown.position as u64);
    let Some(here) = here else { return html! {} };
    let (words, tag) = broken(lang, &here.what);
    html! {
        <b class="breached" id="say-broken">
            { parts::icon("close") }
            { lang.pick("Invariant broken: ", "不变式被破坏：") }
            <span lang={tag}>{ words }{ lang.pick(".", "。") }</span>
        </b>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct ShowsProps {
    lang: Lang,
    filters: Filters,
    send: Callback<Msg>,
}

/// Which families of messages are shown.
#[component]
fn Shows(props: &ShowsProps) -> Html {
    let shown = props.filters;
    let button = |filter: Filter, text: Text, on: bool, shape: Html| {
        let send = props.send.clone();
        let toggle =
            Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Toggle(filter))));
        html! {
            <button type="button" aria-pressed={on.to_string()} onclick={toggle}
                data-filter={format!("{filter:?}").to_lowercase()}>
                <svg viewBox="-14 -14 28 28" class="glyph" aria-hidden="true">{ shape }</svg>
                { props.lang.t(text) }
            </button>
        }
    };
    let shape = |packet| parts::glyph(&example(packet), None, 9.0);
    let vote = parts::glyph(&example_vote(), None, 9.0);
    html! {
        <div class="filters hide-present" role="group" aria-label={props.lang.t(Text::Show)}>
            { button(Filter::Votes, Text::FilterVotes, shown.votes, vote) }
            { button(Filter::Sync, Text::FilterSync, shown.sync, shape(PacketKind::Diff)) }
            { button(Filter::Broadcast, Text::FilterBroadcast, shown.broadcast,
                shape(PacketKind::Proposal)) }
            { button(Filter::Pings, Text::FilterPings, shown.pings, shape(PacketKind::Ping)) }
        </div>
    }
}
