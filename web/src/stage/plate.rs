//! A server's plate: coin with timer ring, state, phase, votes and epochs, log, context.

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Phase, QuorumKind, SyncMode, Timer, TimerStatus};
use yew::prelude::*;

use super::parts::{self, Coin};
use crate::i18n::{Lang, Text};
use crate::model::layout::PlateSize;
use crate::model::scene::{CellState, Field, Plan, Scene, ServerView};
use crate::view::{Msg, Selection, Shown};

/// How long a changed value stays marked, in microseconds of virtual time.
pub const MARKED_US: u64 = 60_000;
/// Cells of a log that a plate shows; older ones collapse to a number.
const CELLS: usize = 9;

/// What a plate is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Whose plate.
    pub id: ServerId,
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
    let (shown, lang) = (&props.shown, props.lang);
    let Some(server) = shown.scene.servers.get(&props.id) else { return html! {} };
    let paused = shown.outside.paused.contains(&props.id);
    let select = {
        let (id, send) = (props.id, props.send.clone());
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Server(id))))
    };
    let size = match props.size {
        PlateSize::Full => "full",
        PlateSize::Compact => "compact",
        PlateSize::Mini | PlateSize::Tile => "mini",
    };
    let state = if server.up { server.status.role.name() } else { "DOWN" };
    let hue = format!("w-{}", parts::hue_number(server.stands_with()));
    let class = classes!(
        "card",
        size,
        format!("is-{state}"),
        (paused && server.up).then_some("is-PAUSED"),
        hue
    );
    html! {
        <button type="button" class={class} id={format!("{}-{}", props.name, props.id)}
            data-server={props.id.to_string()} data-state={state}
            data-phase={server.status.phase.name()}
            aria-pressed={props.selected.to_string()} aria-label={name(server, state, lang)}
            onclick={select}>
            { header(server, shown, paused, lang) }
            <div class="bd" aria-hidden="true">
                { phase(server, shown.at, lang) }
                { numbers(server, shown.at, lang) }
                { log(&shown.scene, server) }
                <div class="cx">{ context(server, shown, lang) }</div>
            </div>
        </button>
    }
}

fn name(server: &ServerView, state: &str, lang: Lang) -> String {
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

fn header(server: &ServerView, shown: &Shown, paused: bool, lang: Lang) -> Html {
    let leading = server.up && server.status.role == PeerState::Leading;
    let ring = timer(server).map(|(_, timer)| left(timer, shown.at)).filter(|_| !paused);
    let coin =
        Coin { ring: ring.filter(|_| server.up), inverted: leading, off: !server.up, small: false };
    let state = if server.up { server.status.role.name() } else { "DOWN" };
    html! {
        <div class="hd" aria-hidden="true">
            { parts::coin(server.id, coin) }
            { parts::icon(state) }
            <b>{ state }</b>
            <span class="to">{ to(server, shown, paused, lang) }</span>
        </div>
    }
}

fn to(server: &ServerView, shown: &Shown, paused: bool, lang: Lang) -> Html {
    if paused {
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
            <span>{ epoch_words(server, shown, lang) }</span>
        },
        PeerState::Looking => html! {
            <span>{ format!("{} {}", lang.t(Text::Round), server.status.round) }</span>
        },
    }
}

fn epoch_words(server: &ServerView, shown: &Shown, lang: Lang) -> String {
    let epoch = server.leads_epoch(&shown.scene);
    let epoch = epoch.map_or_else(|| "–".to_owned(), |epoch| epoch.to_string());
    format!("{} {epoch}", lang.t(Text::Epoch))
}

/// The deadline that the ring shows: the one that says what the server is waiting for.
#[must_use]
pub fn timer(server: &ServerView) -> Option<(Timer, TimerStatus)> {
    let order = [
        Timer::FinalizeWait,
        Timer::Resend,
        Timer::InitLimit,
        Timer::LeaderSilence,
        Timer::HalfTick,
        Timer::Pause,
    ];
    let set = |timer: Timer| server.status.timers.get(&timer).map(|status| (timer, *status));
    order.into_iter().find_map(set)
}

/// What is left of a deadline, from 1 down to 0.
#[must_use]
pub fn left(timer: TimerStatus, now: Time) -> f64 {
    let whole = timer.at.since(timer.from).max(1) as f64;
    timer.at.since(now) as f64 / whole
}

fn phase(server: &ServerView, now: Time, lang: Lang) -> Html {
    if !server.up {
        return html! { <div class="ph"><em class="off">{ lang.t(Text::NotRunning) }</em></div> };
    }
    let phases = [Phase::Election, Phase::Discovery, Phase::Synchronization, Phase::Broadcast];
    let current = server.status.phase;
    let segments = phases.into_iter().map(|phase| {
        let class = match phase.cmp(&current) {
            std::cmp::Ordering::Less => "d",
            std::cmp::Ordering::Equal => "n",
            std::cmp::Ordering::Greater => "",
        };
        html! { <i class={class}></i> }
    });
    let time = timer(server).map(|(_, timer)| {
        let seconds = timer.at.since(now) as f64 / 1_000_000.0;
        html! { <span class="tm">{ format!("{seconds:.2} s") }</span> }
    });
    html! {
        <div class="ph">{ for segments }<em lang="en">{ current.name() }</em>{ time }</div>
    }
}

fn numbers(server: &ServerView, now: Time, lang: Lang) -> Html {
    let status = &server.status;
    let mark = |field: Field, value: String| {
        let changed = server.just_changed(field, now, MARKED_US).is_some();
        html! { <span class={classes!(changed.then_some("chg"))}>{ value }</span> }
    };
    let vote = status.vote.filter(|vote| server.up && vote.leader != ServerId::NOBODY);
    let vote = vote.map_or_else(
        || html! { <small>{ lang.t(Text::None) }</small> },
        |vote| {
            let zxid = mark(Field::Vote, vote.zxid.to_string());
            let rest = format!("e{} r{}", vote.peer_epoch, status.round);
            html! { <>{ parts::small_coin(vote.leader) }{ zxid }<small>{ rest }</small></> }
        },
    );
    html! {
        <dl class="nums">
            <div><dt>{ lang.t(Text::VoteRound) }</dt><dd>{ vote }</dd></div>
            <div>
                <dt>{ lang.t(Text::Accepted) }</dt>
                <dd>{ mark(Field::AcceptedEpoch, status.accepted_epoch.to_string()) }</dd>
            </div>
            <div>
                <dt>{ lang.t(Text::Current) }</dt>
                <dd>{ mark(Field::CurrentEpoch, status.current_epoch.to_string()) }</dd>
            </div>
        </dl>
    }
}

fn log(scene: &Scene, server: &ServerView) -> Html {
    let cells = scene.cells(server);
    let older = cells.len().saturating_sub(CELLS);
    let mut epoch = None;
    let mut drawn: Vec<Html> = Vec::with_capacity(2 * CELLS);
    if server.base.0 > 0 {
        let hue = format!("e-{}", parts::hue_number(parts::epoch_hue(scene, server.base.epoch())));
        drawn.push(html! { <s class={classes!("c", "base", hue)}>{ "S" }</s> });
    }
    if older > 0 {
        drawn.push(html! { <u class="more">{ format!("+{older}") }</u> });
    }
    let mut cutting = false;
    for (zxid, state) in cells.into_iter().skip(older) {
        if epoch != Some(zxid.epoch()) {
            drawn.push(html! { <u key={format!("e{}", zxid.epoch())}>{
            format!("e{}", zxid.epoch()) }</u> });
        }
        epoch = Some(zxid.epoch());
        if state == CellState::ToBeCut && !cutting {
            drawn.push(html! { <b class="cutline"></b> });
        }
        cutting = state == CellState::ToBeCut;
        drawn.push(parts::cell(scene, zxid, state));
    }
    html! { <div class="log">{ drawn }</div> }
}

/// One line: the quorum that is counted, or what will happen next.
fn context(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let words = |bold: String, rest: &str| html! { <><b>{ bold }</b><i>{ rest }</i></> };
    let plain = |text: Text| html! { <span>{ lang.t(text) }</span> };
    if !server.up {
        if let Some(why) = &server.status.halted {
            return html! { <span class="bad" title={why.clone()}>{ why }</span> };
        }
        let own = only_here(server, &shown.scene);
        return match own {
            0 => plain(Text::NotRunning),
            own => words(entries(own, lang), lang.t(Text::NobodyElseHas)),
        };
    }
    if shown.outside.paused.contains(&server.id) {
        return words(lang.t(Text::Paused).to_owned(), "");
    }
    if shown.outside.stalled.contains(&server.id) {
        return html! { <>{ parts::icon("disk") }<b>{ lang.t(Text::DiskStalled) }</b></> };
    }
    if let Some(plan) = server.plan {
        return planned(server, plan, shown, lang);
    }
    match server.status.role {
        PeerState::Looking if server.observer => plain(Text::LooksForLeader),
        PeerState::Looking => looking(server, shown, lang),
        PeerState::Leading if !server.status.serving => quorum(server, lang),
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

fn looking(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let Some((candidate, voters)) = server.front_runner() else { return html! {} };
    let need = shown.scene.voters() / 2 + 1;
    let count =
        lang.pick(format!("{} of {need}", voters.len()), format!("{}/{need}", voters.len()));
    html! {
        <>
            { parts::slots(&voters, need) }<b>{ count }</b>
            <i>{ format!("{} {candidate}", lang.t(Text::NeededFor)) }</i>
        </>
    }
}

fn quorum(server: &ServerView, lang: Lang) -> Html {
    let Some(quorum) = &server.status.quorum else {
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

fn planned(server: &ServerView, plan: Plan, shown: &Shown, lang: Lang) -> Html {
    let cells = shown.scene.cells(server);
    let count = |state| cells.iter().filter(|(_, cell)| *cell == state).count();
    let (missing, cut) = (count(CellState::Missing), count(CellState::ToBeCut));
    let name = match plan.mode {
        SyncMode::Diff => "DIFF",
        SyncMode::Trunc => "TRUNC",
        SyncMode::Snap => "SNAP",
    };
    let rest = match (cut, missing, lang) {
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

/// Entries that no other server has.
fn only_here(server: &ServerView, scene: &Scene) -> usize {
    let others = || scene.servers.values().filter(|other| other.id != server.id);
    let known = |zxid| {
        others().any(|other| other.base >= zxid || other.log.iter().any(|entry| entry.zxid == zxid))
    };
    server.log.iter().filter(|entry| !known(entry.zxid)).count()
}
