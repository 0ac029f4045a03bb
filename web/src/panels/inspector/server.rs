//! One server in full: its state under ZooKeeper's own names, votes, learners, log, history.

use vivarium_protocol::message::PeerState;
use yew::prelude::*;

use super::on_disk::OnDisk;
use super::{chain, close, hex, links, section, votes, why};
use crate::i18n::{Lang, Text};
use crate::model::decimal::hundredths;
use crate::model::plate::MARKED_US;
use crate::model::scene::{CellState, Field, ServerView};
use crate::model::timers;
use crate::narrate;
use crate::stage::boot_words::BootText;
use crate::stage::parts::{self, Coin};
use crate::view::{Msg, Page, Shown};

/// Log entries listed at most.
const ENTRIES: usize = 12;

/// The inspector of a server.
pub fn view(server: &ServerView, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    html! {
        <>
            { head(server, shown, lang, send) }
            <div class="pane flush" id="inspector-server" data-server={server.id.to_string()}>
                { state(server, shown, lang) }
                if server.up && server.status.role == PeerState::Leading {
                    { learners(server, lang) }
                }
                { links::plan(server, shown, lang) }
                { votes::view(server, shown, lang) }
                { links::connections(server, lang) }
                { log(server, shown, lang) }
                <OnDisk shown={shown.clone()} id={server.id} {lang} />
                { this_step(server, shown, lang, send) }
                { section(html! { lang.t(Text::HowItCame) }, html! {},
                    chain(server.last_step, shown, lang, send)) }
            </div>
        </>
    }
}

/// Why the present step happened, where it is this server's.
fn this_step(server: &ServerView, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    match shown.frame.as_ref().filter(|frame| frame.peer == Some(server.id)) {
        Some(frame) => why::view(frame, &shown.scene, shown, lang, send),
        None => html! {},
    }
}

fn head(server: &ServerView, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let id = server.id;
    let ensemble = shown.setup.ensemble();
    let address = ensemble
        .members
        .get(&id)
        .map(|member| format!("{}:{}", member.host, member.quorum_port))
        .unwrap_or_default();
    let role = match (server.votes, server.observer) {
        (true, _) => Text::VotingMember,
        (false, true) => Text::ObserverMember,
        // It was removed, or waits to be taken in.
        (false, false) => Text::WithoutVote,
    };
    let name = lang.pick(format!("Server {id}"), format!("服务器 {id}"));
    html! {
        <div class="ihead">
            { parts::coin(id, Coin { off: !server.up, ..Coin::default() }) }
            <div><h2>{ name }</h2><p>{ format!("{address} · {}", lang.t(role)) }</p></div>
            { boot_button(lang, send) }
            { close(lang, send) }
        </div>
    }
}

/// Opens the boot view of this server.
fn boot_button(lang: Lang, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let open = Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Boot)));
    html! {
        <button type="button" class="btn" id="boot-open" onclick={open}
            title={lang.t(BootText::Open)}>
            { lang.t(BootText::Button) }
        </button>
    }
}

/// One line of the state table.
struct Row {
    name: &'static str,
    value: Html,
    was: Option<String>,
}

fn state(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let mut rows = rows(server, shown);
    for (timer, status) in &server.status.timers {
        if !server.up {
            break;
        }
        let left = format!("{} s", hundredths(status.at.since(shown.at) as f64 / 1_000_000.0));
        let value = html! { <><small>{ lang.t(Text::Left) }</small>{ left }</> };
        let name = timers::name(server, *timer, *status, shown.limits(server.id));
        rows.push(Row { name: name.words(lang), value, was: None });
    }
    let drawn = rows.into_iter().map(|row| {
        let changed = row.was.is_some();
        let was = row.was.filter(|was| !was.is_empty());
        html! {
            <div class={classes!(changed.then_some("is"))}>
                <dt class="mono">{ row.name }</dt>
                <dd>
                    if let Some(was) = was {
                        <small class="was">{ was }</small>
                    }
                    <span class={classes!("val", changed.then_some("chg"))}>{ row.value }</span>
                </dd>
            </div>
        }
    });
    section(
        html! { lang.t(Text::State) },
        html! { lang.t(Text::JustChanged) },
        html! { <dl class="vars">{ for drawn }</dl> },
    )
}

fn rows(server: &ServerView, shown: &Shown) -> Vec<Row> {
    let status = &server.status;
    let was = |field| server.just_changed(field, shown.at, MARKED_US).map(str::to_owned);
    let zxid = |zxid: vivarium_protocol::base::Zxid| {
        html! { <><small>{ hex(zxid) }</small>{ zxid.to_string() }</> }
    };
    let state = if server.up { status.role.name() } else { "DOWN" };
    let vote = status.vote.map_or_else(|| "–".to_owned(), |vote| narrate::vote_words(&vote));
    let row = |name, value: Html, was| Row { name, value, was };
    vec![
        row("state", html! { state }, was(Field::Role)),
        row("zabState", html! { status.phase.name() }, was(Field::Phase)),
        row("logicalclock", html! { status.round }, was(Field::Round)),
        row("currentVote", html! { vote }, was(Field::Vote)),
        row(
            "acceptedEpoch",
            html! { status.accepted_epoch.to_string() },
            was(Field::AcceptedEpoch),
        ),
        row("currentEpoch", html! { status.current_epoch.to_string() }, was(Field::CurrentEpoch)),
        row("lastLoggedZxid", zxid(status.last_logged), was(Field::LastLogged)),
        row("durable", zxid(status.last_durable), None),
        row("lastCommitted", zxid(status.last_committed), was(Field::LastCommitted)),
        row("serving", html! { status.serving.to_string() }, was(Field::Serving)),
        row("znodes", html! { shown.outside.znodes.get(&server.id).copied().unwrap_or(0) }, None),
    ]
}

fn learners(server: &ServerView, lang: Lang) -> Html {
    let rows = server.status.learners.iter().map(|(id, learner)| {
        let sync = learner.sync.map_or("", |mode| match mode {
            vivarium_protocol::trace::SyncMode::Diff => "DIFF",
            vivarium_protocol::trace::SyncMode::Trunc => "TRUNC",
            vivarium_protocol::trace::SyncMode::Snap => "SNAP",
        });
        html! {
            <tr key={id.0}>
                <td>{ parts::small_coin(*id) }</td>
                <td>{ learner.acked.to_string() }</td>
                <td>{ format!("{:?}", learner.phase) }</td>
                <td>{ sync }</td>
            </tr>
        }
    });
    section(
        html! { lang.t(Text::Learners) },
        html! { lang.t(Text::LearnersHint) },
        html! { <table class="ltab">{ for rows }</table> },
    )
}

fn log(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let cells = shown.scene.cells(server);
    let rows = cells.iter().rev().take(ENTRIES).map(|(zxid, state)| {
        let entry = server.log.iter().find(|entry| entry.zxid == *zxid);
        let summary = entry.map(|entry| entry.summary.to_string()).unwrap_or_default();
        let word = match state {
            CellState::Committed => Text::Committed,
            CellState::Logged => Text::OnlyLogged,
            CellState::Missing => Text::MissingShort,
            CellState::ToBeCut => Text::ToBeCut,
        };
        let hue = format!("e-{}", parts::hue_number(parts::epoch_hue(&shown.scene, zxid.epoch())));
        html! {
            <tr key={zxid.to_string()}>
                <td>{ zxid.to_string() }</td>
                <td>{ hex(*zxid) }</td>
                <td class="what" title={summary.clone()}>{ summary }</td>
                <td><s class={classes!(parts::cell_class(*state), hue)}></s>{ lang.t(word) }</td>
            </tr>
        }
    });
    let empty = cells.is_empty() && server.base.0 == 0;
    let base = (server.base.0 > 0).then(|| {
        html! {
            <tr>
                <td>{ server.base.to_string() }</td><td>{ hex(server.base) }</td>
                <td>{ lang.t(Text::Snapshot) }</td><td></td>
            </tr>
        }
    });
    section(
        html! { lang.t(Text::Log) },
        html! { lang.t(if empty { Text::LogEmpty } else { Text::NewestFirst }) },
        html! { <table class="ltab"><tbody>{ for rows }{ base }</tbody></table> },
    )
}
