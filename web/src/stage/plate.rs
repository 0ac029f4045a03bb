//! A server's plate: coin with timer ring, state, phase, votes and epochs, log, context.
//!
//! Drawn from a [`PlateView`], so a plate is drawn again only when its own value changes. The ring
//! and the seconds of its timer follow the [`Moment`] by themselves.

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Phase, QuorumKind, SyncMode, TimerStatus};
use yew::prelude::*;

use super::parts::{self, Coin};
use super::strip::LogStrip;
use crate::i18n::{Lang, Text};
use crate::model::layout::PlateSize;
use crate::model::plate::{self, PlateView};
use crate::model::scene::Plan;
use crate::model::timers::{self, Name};
use crate::view::{Msg, Selection};

/// The moment that is shown, for what moves with time alone: handed down to every plate at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment(pub Time);

/// What a plate is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// What it shows.
    pub view: Rc<PlateView>,
    /// How much it shows.
    pub size: PlateSize,
    /// What its element's id begins with.
    #[prop_or("server")]
    pub name: &'static str,
    /// The language.
    pub lang: Lang,
    /// Whether it is selected.
    pub selected: bool,
    /// Where its clicks go.
    pub send: Callback<Msg>,
}

/// A plate, as a button that selects its server.
#[component]
pub fn Plate(props: &Props) -> Html {
    let (view, lang) = (&*props.view, props.lang);
    let (server, id, state) = (&view.server, view.server.id, view.state());
    let select = {
        let send = props.send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Server(id))))
    };
    let size = match props.size {
        PlateSize::Full => "full",
        PlateSize::Compact => "compact",
        PlateSize::Mini | PlateSize::Tile => "mini",
    };
    let hue = format!("w-{}", parts::hue_number(server.stands_with()));
    let class = classes!(
        "card",
        size,
        format!("is-{state}"),
        (view.paused && server.up).then_some("is-PAUSED"),
        hue
    );
    let strip_id = format!("{}-{id}-log", props.name);
    html! {
        <button type="button" class={class} id={format!("{}-{id}", props.name)}
            aria-describedby={strip_id.clone()}
            data-server={id.to_string()} data-state={state}
            data-phase={server.status.phase.name()}
            aria-pressed={props.selected.to_string()} aria-label={name(view, lang)}
            onclick={select}>
            { header(view, lang) }
            <div class="bd" aria-hidden="true">
                { phase(view, lang) }
                <div class="tmr">
                    if view.timer().is_some() {
                        <Waits view={props.view.clone()} {lang} />
                    }
                </div>
                { numbers(view, lang) }
                <LogStrip strip={view.strip.clone()} id={strip_id.clone()} {lang} />
                <div class="cx">{ context(view, lang) }</div>
            </div>
        </button>
    }
}

fn name(view: &PlateView, lang: Lang) -> String {
    let (server, state) = (&view.server, view.state());
    let id = server.id;
    let with = server.stands_with().filter(|with| *with != id);
    let phase = if server.up { server.status.phase.name() } else { "" };
    match (lang, with) {
        (Lang::English, Some(with)) => format!("Server {id}, {state} for {with}, {phase}"),
        (Lang::English, None) => format!("Server {id}, {state}, {phase}"),
        (Lang::Chinese, Some(with)) => format!("服务器 {id}，{state}（{with}），{phase}"),
        (Lang::Chinese, None) => format!("服务器 {id}，{state}，{phase}"),
    }
}

fn header(view: &PlateView, lang: Lang) -> Html {
    let coin = Coin { inverted: view.is_leading(), off: !view.server.up, ..Coin::default() };
    let state = view.state();
    html! {
        <div class="hd" aria-hidden="true">
            <Ring id={view.server.id} coin={coin} timer={view.timer()} />
            { parts::icon(state) }
            <b>{ state }</b>
            <span class="to">{ to(view, lang) }</span>
        </div>
    }
}

#[derive(Clone, PartialEq, Properties)]
struct RingProps {
    id: ServerId,
    coin: Coin,
    timer: Option<TimerStatus>,
}

/// The coin with what is left of the timer around it.
#[component]
fn Ring(props: &RingProps) -> Html {
    let moment = use_context::<Moment>();
    let left = |timer| Some(plate::left(timer, moment?.0));
    parts::coin(props.id, Coin { ring: props.timer.and_then(left), ..props.coin })
}

#[derive(Clone, PartialEq, Properties)]
struct WaitsProps {
    view: Rc<PlateView>,
    lang: Lang,
}

/// What the server waits for, by name, with what is left of it.
#[component]
fn Waits(props: &WaitsProps) -> Html {
    let WaitsProps { view, lang } = props;
    let Some(Moment(now)) = use_context::<Moment>() else { return html! {} };
    let Some(waits) = timers::countdown(&view.server, view.limits, now) else { return html! {} };
    let left = timers::span_words(waits.left_us);
    let ticks = waits.ticks.map(|(tick, of)| {
        lang.pick(format!("tick {tick} of {of}"), format!("第 {tick}/{of} 个 tick"))
    });
    let ticks = ticks.or_else(|| waits.name.every().map(str::to_owned));
    let own = matches!(waits.name, Name::Own(_)).then_some("en");
    html! {
        <>
            <b lang={own}>{ waits.name.words(*lang) }</b>
            if let Some(ticks) = ticks {
                <span class="ticks">{ ticks }</span>
            }
            <span class="left">{ lang.pick(format!("{left} left"), format!("剩 {left}")) }</span>
            <span class="brief">{ left }</span>
        </>
    }
}

fn to(view: &PlateView, lang: Lang) -> Html {
    let server = &view.server;
    if view.paused {
        return parts::icon("PAUSED");
    }
    if !server.up {
        return html! {};
    }
    match server.status.role {
        PeerState::Following | PeerState::Observing => server.status.leader.map_or_else(
            || html! {},
            |leader| {
                html! { <><span aria-hidden="true">{ "→" }</span>{
                parts::small_coin(leader) }</> }
            },
        ),
        PeerState::Leading => html! {
            <span>{ epoch_words(view, lang) }</span>
        },
        PeerState::Looking => html! {
            <span>{ format!("{} {}", lang.t(Text::Round), server.status.round) }</span>
        },
    }
}

fn epoch_words(view: &PlateView, lang: Lang) -> String {
    let epoch = view.leads.map_or_else(|| "–".to_owned(), |epoch| epoch.to_string());
    format!("{} {epoch}", lang.t(Text::Epoch))
}

fn phase(view: &PlateView, lang: Lang) -> Html {
    if !view.server.up {
        return html! { <div class="ph"><em class="off">{ lang.t(Text::NotRunning) }</em></div> };
    }
    let phases = [Phase::Election, Phase::Discovery, Phase::Synchronization, Phase::Broadcast];
    let current = view.server.status.phase;
    let segments = phases.into_iter().map(|phase| {
        let class = match phase.cmp(&current) {
            std::cmp::Ordering::Less => "d",
            std::cmp::Ordering::Equal => "n",
            std::cmp::Ordering::Greater => "",
        };
        html! { <i class={class}></i> }
    });
    html! {
        <div class="ph">{ for segments }<em lang="en">{ current.name() }</em></div>
    }
}

fn numbers(view: &PlateView, lang: Lang) -> Html {
    let (server, status) = (&view.server, &view.server.status);
    let mark = |changed: bool, value: String| {
        html! { <span class={classes!(changed.then_some("chg"))}>{ value }</span> }
    };
    let [voted, accepted, current] = view.changed;
    let vote = status.vote.filter(|vote| server.up && vote.leader != ServerId::NOBODY);
    let vote = vote.map_or_else(
        || html! { <small>{ lang.t(Text::None) }</small> },
        |vote| {
            let zxid = mark(voted, vote.zxid.to_string());
            let rest = format!("e{} r{}", vote.peer_epoch, status.round);
            html! { <>{ parts::small_coin(vote.leader) }{ zxid }<small>{ rest }</small></> }
        },
    );
    html! {
        <dl class="nums">
            <div><dt>{ lang.t(Text::VoteRound) }</dt><dd>{ vote }</dd></div>
            <div>
                <dt>{ lang.t(Text::Accepted) }</dt>
                <dd>{ mark(accepted, status.accepted_epoch.to_string()) }</dd>
            </div>
            <div>
                <dt>{ lang.t(Text::Current) }</dt>
                <dd>{ mark(current, status.current_epoch.to_string()) }</dd>
            </div>
        </dl>
    }
}

/// One line: the quorum that is counted, or what will happen next.
fn context(view: &PlateView, lang: Lang) -> Html {
    let server = &*view.server;
    let words = |bold: String, rest: &str| html! { <><b>{ bold }</b><i>{ rest }</i></> };
    let plain = |text: Text| html! { <span>{ lang.t(text) }</span> };
    if !server.up {
        if let Some(why) = &server.status.halted {
            return html! { <span class="bad" title={why.clone()}>{ why }</span> };
        }
        return match view.only_here {
            0 => plain(Text::NotRunning),
            own => words(entries(own, lang), lang.t(Text::NobodyElseHas)),
        };
    }
    if view.paused {
        return words(lang.t(Text::Paused).to_owned(), "");
    }
    if view.stalled {
        return html! { <>{ parts::icon("disk") }<b>{ lang.t(Text::DiskStalled) }</b></> };
    }
    if let Some(plan) = server.plan {
        return planned(view, plan, lang);
    }
    match server.status.role {
        PeerState::Looking if !server.votes => plain(Text::LooksForLeader),
        PeerState::Looking => looking(view, lang),
        PeerState::Leading if !server.status.serving => quorum(view, lang),
        PeerState::Leading | PeerState::Following | PeerState::Observing
            if server.status.serving =>
        {
            plain(Text::ServingClients)
        }
        PeerState::Leading | PeerState::Following | PeerState::Observing => {
            match server.status.phase {
                Phase::Election | Phase::Discovery => plain(Text::MeetsLeader),
                Phase::Synchronization | Phase::Broadcast => plain(Text::InLine),
            }
        }
    }
}

fn looking(view: &PlateView, lang: Lang) -> Html {
    let Some((candidate, voters)) = view.server.front_runner() else { return html! {} };
    let need = view.voters / 2 + 1;
    let count =
        lang.pick(format!("{} of {need}", voters.len()), format!("{}/{need}", voters.len()));
    html! {
        <>
            { parts::slots(&voters, need) }<b>{ count }</b>
            <i>{ format!("{} {candidate}", lang.t(Text::NeededFor)) }</i>
        </>
    }
}

fn quorum(view: &PlateView, lang: Lang) -> Html {
    let Some(quorum) = &view.server.status.quorum else {
        return html! { <span>{ lang.t(Text::MeetsLeader) }</span> };
    };
    let need = quorum.need as usize;
    let word = match quorum.what {
        QuorumKind::Votes | QuorumKind::Registered => Text::Joined,
        QuorumKind::Promised => Text::Promised,
        QuorumKind::Synced => Text::Ready,
    };
    let have = quorum.have.len();
    let count = lang.pick(format!("{have} of {need}"), format!("{have}/{need}"));
    html! { <>{ parts::slots(&quorum.have, need) }<b>{ count }</b><i>{ lang.t(word) }</i></> }
}

fn planned(view: &PlateView, plan: Plan, lang: Lang) -> Html {
    let name = match plan.mode {
        SyncMode::Diff => "DIFF",
        SyncMode::Trunc => "TRUNC",
        SyncMode::Snap => "SNAP",
    };
    let rest = match (view.cut, view.missing, lang) {
        (0, 0, _) => lang.t(Text::InLine).to_owned(),
        (0, 1, Lang::English) => "on its way: 1 entry short".to_owned(),
        (0, missing, Lang::English) => format!("on its way: {missing} entries short"),
        (0, missing, Lang::Chinese) => format!("途中：还缺 {missing} 条"),
        (cut, _, Lang::English) => format!("on its way: {cut} to be cut"),
        (cut, _, Lang::Chinese) => format!("途中：将截掉 {cut} 条"),
    };
    html! { <><b lang="en">{ name }</b><i>{ rest }</i></> }
}

fn entries(count: usize, lang: Lang) -> String {
    match (lang, count) {
        (Lang::English, 1) => "1 entry".to_owned(),
        (Lang::English, count) => format!("{count} entries"),
        (Lang::Chinese, count) => format!("{count} 条"),
    }
}
