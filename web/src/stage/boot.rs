//! The boot view: one server's start from `main` to service, over the stage.
//!
//! Each part lights up when the trace says that it is registered, so the view moves with the
//! playhead in both directions. What is lit has a tick and a number, never colour alone.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::{Channel, PeerState};
use vivarium_protocol::trace::{BootPart, SyncMode};
use yew::prelude::*;

use super::boot_words::BootText;
use super::parts::{self, Coin};
use crate::i18n::{Lang, Text};
use crate::model::boot::{self, Connection, Handler, Slot};
use crate::model::decimal::thousandths;
use crate::model::scene::ServerView;
use crate::view::{Msg, Page, Shown};

/// What the view is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Whose start.
    pub id: ServerId,
    /// The language.
    pub lang: Lang,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The view. It does not hold the page up: time can be moved while it is open.
#[component]
pub fn Boot(props: &Props) -> Html {
    let node = use_node_ref();
    {
        let node = node.clone();
        use_effect_with((), move |()| {
            if let Some(view) = node.cast::<web_sys::HtmlElement>() {
                // Without focus the view still shows.
                let _ = view.focus();
            }
        });
    }
    let Props { shown, id, lang, send } = props;
    let Some(server) = shown.scene.servers.get(id) else { return html! {} };
    let close = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Page(Page::Escape)))
    };
    let lit = server.boot.len();
    html! {
        <div ref={node} id="boot" class="boot" role="dialog" tabindex="-1"
            aria-label={lang.t(BootText::Button)} data-server={id.to_string()}
            data-lit={lit.to_string()}>
            <header>
                { parts::coin(*id, Coin { off: !server.up, ..Coin::default() }) }
                <h2>{ title(*id, *lang) }</h2>
                if !server.up {
                    <p>{ lang.t(BootText::Down) }</p>
                }
                <button type="button" class="btn" id="boot-close" onclick={close}
                    aria-label={lang.t(Text::Close)}>{ parts::icon("close") }</button>
            </header>
            <ol class="boot-road">
                { from_main(server, shown, *lang) }
                { peer(server, *lang) }
                { manager(server, *lang) }
                { main_loop(server, *lang) }
                { after(server, shown, *lang) }
            </ol>
        </div>
    }
}

fn title(id: ServerId, lang: Lang) -> String {
    let server = lang.pick("Server", "服务器");
    format!("{server} {id}: {}", lang.t(BootText::Title))
}

/// One stop of the road, lit once something in it is.
fn stop(name: &'static str, lit: bool, source: &'static str, title: &str, body: Html) -> Html {
    html! {
        <li class={classes!("boot-stop", name, lit.then_some("lit"))} data-stop={name}
            data-on={lit.to_string()}>
            <h3>{ title }<code lang="en">{ source }</code></h3>
            { body }
        </li>
    }
}

/// One box: a number and a tick once it is registered, what it is, and with which values.
fn slot(server: &ServerView, slot: Slot, words: BootText, source: &str, lang: Lang) -> Html {
    let registered = boot::registered(server, slot);
    let value = registered.map(|(_, part)| value(&part, lang)).unwrap_or_default();
    let state = lang.t(if registered.is_some() { BootText::Done } else { BootText::NotYet });
    html! {
        <div class={classes!("boot-part", registered.is_some().then_some("lit"))}
            data-part={format!("{slot:?}")} data-on={registered.is_some().to_string()}>
            <i aria-hidden="true">
                { registered.map(|(order, _)| order.to_string()).unwrap_or_default() }
            </i>
            <b>{ lang.t(words) }</b>
            if registered.is_some() {
                { parts::icon("check") }
            }
            <code lang="en">{ source }</code>
            <span>{ value }</span>
            <span class="sr">{ state }</span>
        </div>
    }
}

/// The values that a part was registered with.
fn value(part: &BootPart, lang: Lang) -> String {
    match part {
        BootPart::Mode { standalone: true } => lang.t(BootText::Standalone).to_owned(),
        BootPart::Mode { standalone: false } => lang.t(BootText::Ensemble).to_owned(),
        BootPart::ClientConnections | BootPart::LogAndSnapshots | BootPart::ConnectionManager => {
            String::new()
        }
        BootPart::ElectionAlgorithm { number } => format!("electionAlg={number}"),
        BootPart::SessionTimeouts { min_ms, max_ms } => format!("{min_ms} – {max_ms} ms"),
        BootPart::ServerList { participants, observers } => {
            let voters = lang.pick("voters", "个投票成员");
            let watchers = lang.pick("observers", "个 Observer");
            if *observers == 0 {
                format!("{participants} {voters}")
            } else {
                format!("{participants} {voters}, {observers} {watchers}")
            }
        }
        BootPart::Listener { port } => format!(":{port}"),
    }
}

fn from_main(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let setup = &shown.setup;
    let lines = [
        format!("tickTime={}", setup.tick_time_ms),
        format!("initLimit={}", setup.init_limit),
        format!("syncLimit={}", setup.sync_limit),
    ];
    let ensemble = setup.ensemble();
    let members = ensemble.text();
    let own = format!("server.{}=", server.id);
    let line = members.lines().find(|line| line.starts_with(&own)).unwrap_or_default().to_owned();
    let others = ensemble.members.len().saturating_sub(1);
    let more = lang.pick(format!("# and {others} more"), format!("# 另有 {others} 台"));
    let mode = boot::is_ensemble(server);
    let way = |to: bool, words: BootText, source: &'static str| {
        html! {
            <li class={classes!((mode == Some(to)).then_some("lit"))}
                data-on={(mode == Some(to)).to_string()}>
                <b>{ lang.t(words) }</b><code lang="en">{ source }</code>
            </li>
        }
    };
    let body = html! {
        <>
            <pre lang="en">
                { for lines.into_iter().map(|line| format!("{line}\n")) }
                if others > 0 {
                    { format!("{line}\n{more}") }
                }
            </pre>
            <p>{ lang.t(BootText::Distributed) }</p>
            <ul class="boot-ways">
                { way(true, BootText::Ensemble, "runFromConfig") }
                { way(false, BootText::Standalone, "ZooKeeperServerMain") }
            </ul>
        </>
    };
    let lit = mode.is_some();
    stop("main", lit, "QuorumPeerMain.initializeAndRun", lang.t(BootText::Main), body)
}

fn peer(server: &ServerView, lang: Lang) -> Html {
    let alone = boot::is_ensemble(server) == Some(false);
    let at = |one: Slot, words: BootText, source: &str| slot(server, one, words, source, lang);
    let status = &server.status;
    let body = html! {
        <div class="boot-parts">
            { at(Slot::Clients, BootText::Clients, "ServerCnxnFactory") }
            { at(Slot::Log, BootText::Log, "FileTxnSnapLog") }
            if !alone {
                { at(Slot::Algorithm, BootText::Algorithm, "FastLeaderElection") }
            }
            { at(Slot::Timeouts, BootText::Timeouts, "min/maxSessionTimeout") }
            if !alone {
                { at(Slot::Servers, BootText::Servers, "QuorumVerifier") }
            }
            if server.up {
                <p class="boot-disk">
                    <code lang="en">{ "loadDataBase" }</code>
                    { format!("acceptedEpoch {} · currentEpoch {} · {}", status.accepted_epoch,
                        status.current_epoch, status.last_logged) }
                </p>
            }
        </div>
    };
    let lit = boot::registered(server, Slot::Clients).is_some();
    stop("peer", lit, "runFromConfig", lang.t(BootText::Parts), body)
}

fn manager(server: &ServerView, lang: Lang) -> Html {
    if boot::is_ensemble(server) == Some(false) {
        return html! {};
    }
    let links = boot::connections(server, Channel::Election);
    let row = |dialled: bool, words: BootText, sign: &'static str| {
        let these: Vec<&Connection> = links.iter().filter(|one| one.dialled == dialled).collect();
        html! {
            <p class="boot-links" data-dialled={dialled.to_string()}>
                <span aria-hidden="true">{ sign }</span>{ lang.t(words) }
                if these.is_empty() {
                    <small>{ lang.t(BootText::NoneYet) }</small>
                }
                { for these.iter().take(12).map(|one| parts::small_coin(one.peer)) }
                if these.len() > 12 {
                    <small>{ format!("+{}", these.len() - 12) }</small>
                }
            </p>
        }
    };
    let body = html! {
        <>
            <div class="boot-parts">
                { slot(server, Slot::Manager, BootText::Manager, "QuorumCnxManager", lang) }
                { slot(server, Slot::Listener, BootText::Listener, "Listener", lang) }
            </div>
            { row(true, BootText::Dialled, "→") }
            { row(false, BootText::AcceptedLinks, "←") }
            <p><small>{ lang.t(BootText::LargerDials) }</small></p>
        </>
    };
    let lit = boot::registered(server, Slot::Manager).is_some();
    stop("manager", lit, "startLeaderElection", lang.t(BootText::Manager), body)
}

fn main_loop(server: &ServerView, lang: Lang) -> Html {
    let states =
        [PeerState::Looking, PeerState::Following, PeerState::Leading, PeerState::Observing];
    let boxes = states.into_iter().map(|state| {
        let now = server.up && server.status.role == state;
        html! {
            <li class={classes!(now.then_some("lit"))} data-state={state.name()}
                data-on={now.to_string()}>
                { parts::icon(state.name()) }<b lang="en">{ state.name() }</b>
            </li>
        }
    });
    let moves = server.moves.iter().map(|(at, state)| {
        let seconds = thousandths(at.0 as f64 / 1_000_000.0);
        html! { <li key={format!("{at:?}{state:?}")}><time>{ format!("{seconds} s") }</time>
        { state.name() }</li> }
    });
    let body = html! {
        <>
            <ul class="boot-states">{ for boxes }</ul>
            <ol class="boot-moves" lang="en">{ for moves }</ol>
        </>
    };
    stop("loop", !server.moves.is_empty(), "QuorumPeer.run", lang.t(BootText::Loop), body)
}

/// What follows the election: the leader's start, the learner's, or nothing yet.
fn after(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let (title, source, body) = match server.status.role {
        PeerState::Leading if boot::acceptor(server) => {
            (BootText::LeaderStart, "Leader.lead", leader(server, shown, lang))
        }
        PeerState::Following | PeerState::Observing if server.up => {
            let source = if server.observer { "observeLeader" } else { "followLeader" };
            (BootText::LearnerStart, source, learner(server, shown, lang))
        }
        PeerState::Leading | PeerState::Looking | PeerState::Following | PeerState::Observing => {
            let alone = boot::is_ensemble(server) == Some(false);
            let words = html! { <p>{ lang.t(BootText::Open2) }</p> };
            let words = if alone {
                html! {}
            } else {
                words
            };
            (BootText::LeaderStart, "", words)
        }
    };
    let undecided = source.is_empty();
    let serving = server.up && server.status.serving;
    let word = if serving { BootText::Serves } else { BootText::ServesNot };
    let body = html! {
        <>
            { body }
            <div class={classes!("boot-part", "serve", serving.then_some("lit"))}
                data-part="Serving" data-on={serving.to_string()}>
                <b>{ lang.t(word) }</b>
                if serving {
                    { parts::icon("check") }
                }
                <code lang="en">{ "ZooKeeperServer" }</code>
            </div>
        </>
    };
    let heading = if undecided { "→" } else { lang.t(title) };
    stop("after", !undecided || serving, source, heading, body)
}

fn leader(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let ensemble = shown.setup.ensemble();
    let port = ensemble.members.get(&server.id).map_or(0, |member| member.quorum_port);
    let handlers = boot::handlers(server);
    html! {
        <>
            <div class="boot-part lit" data-part="Acceptor" data-on="true">
                <b>{ lang.t(BootText::WaitsForLearners) }</b>{ parts::icon("check") }
                <code lang="en">{ "LearnerCnxAcceptor" }</code><span>{ format!(":{port}") }</span>
            </div>
            <p>{ lang.t(BootText::Handlers) }{ " " }<code lang="en">{ "LearnerHandler" }</code></p>
            <ul class="boot-handlers">
                { for handlers.iter().map(|one| handler(one, lang)) }
                if handlers.is_empty() {
                    <li><small>{ lang.t(BootText::NoneYet) }</small></li>
                }
            </ul>
        </>
    }
}

fn learner(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let Some((leader, own)) = boot::own_handler(server, &shown.scene) else { return html! {} };
    html! {
        <>
            <p>{ lang.t(BootText::DialsLeader) }{ " " }{ parts::small_coin(leader) }</p>
            <p>{ lang.t(BootText::ItsHandler) }{ " " }
                <code lang="en">{ "LearnerHandler" }</code></p>
            <ul class="boot-handlers">
                { own.map_or_else(
                    || html! { <li><small>{ lang.t(BootText::NoneYet) }</small></li> },
                    |own| handler(&own, lang)) }
            </ul>
        </>
    }
}

fn handler(one: &Handler, lang: Lang) -> Html {
    let phase = one.phase.map(|phase| format!("{phase:?}"));
    let sync = one.sync.map_or("", |mode| match mode {
        SyncMode::Diff => "DIFF",
        SyncMode::Trunc => "TRUNC",
        SyncMode::Snap => "SNAP",
    });
    html! {
        <li key={one.learner.0} data-handler={one.learner.to_string()}>
            { parts::small_coin(one.learner) }
            <b>{ phase.unwrap_or_else(|| lang.t(BootText::Connected).to_owned()) }</b>
            <span lang="en">{ sync }</span>
        </li>
    }
}
