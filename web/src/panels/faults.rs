//! Faults and clients: everything that a visitor can do to the world. Each act is a command of
//! the run, so it can be scrubbed, undone and shared.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;
use vivarium_sim::{ClientAct, ClientOp, Command};
use yew::prelude::*;

use super::requests::Requests;
use crate::i18n::{Lang, Text};
use crate::stage::fence::sides_words;
use crate::stage::parts::icon;
use crate::view::{Choices, Msg, Selection, Shown};

/// Latencies that are offered, in milliseconds.
const LATENCIES: [u64; 4] = [20, 100, 300, 1000];

/// What the panel is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Language and selection.
    pub choices: Choices,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The panel.
#[component]
pub fn Faults(props: &Props) -> Html {
    let Props { shown, choices, send } = props;
    let lang = choices.lang;
    let server = match choices.selection {
        Selection::Server(id) => Some(id),
        Selection::Message(id) => Some(id.to),
        Selection::Nothing => None,
    };
    let server = server.filter(|id| shown.scene.servers.contains_key(id));
    html! {
        <>
            <h2>{ lang.t(Text::FaultsInForce) }</h2>
            { in_force(shown, lang, send) }
            { server.map_or_else(
                || html! { <p class="hint">{ lang.t(Text::SelectServer) }</p> },
                |id| acts(id, shown, lang, send),
            ) }
            if shown.ids.len() > 1 {
                <h2>{ lang.t(Text::CutLinks) }</h2>
                { matrix(shown, send) }
            }
            <h2>{ lang.t(Text::Clients) }</h2>
            <Requests shown={shown.clone()} lang={lang} server={server} send={send.clone()} />
        </>
    }
}

/// A button that does one or several things to the world.
fn button(id: String, words: String, commands: Vec<Command>, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::Commands(commands.clone())));
    html! {
        <button type="button" class="btn line" id={id} onclick={click}>{ words }
            </button>
    }
}

fn in_force(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let outside = &shown.outside;
    let mut rows: Vec<Html> = Vec::new();
    let mut row = |symbol: &str, words: String, mend: Text, command: Command| {
        let id = format!("mend-{}", rows.len() + 1);
        rows.push(html! {
            <div class="row">
                { icon(symbol) }<div class="lab"><span>{ words }</span></div>
                { button(id, lang.t(mend).to_owned(), vec![command], send) }
            </div>
        });
    };
    let sides = outside.sides(&shown.ids);
    if sides.is_empty() {
        for (from, to) in &outside.cuts {
            let words =
                lang.pick(format!("{to} does not hear {from}"), format!("{to} 听不到 {from}"));
            row("cut", words, Text::Heal, Command::Heal { from: *from, to: *to });
        }
    } else {
        let words = format!("{} {}", lang.t(Text::Partition), sides_words(&sides));
        row("cut", words, Text::Heal, Command::HealAll);
    }
    for server in shown.scene.servers.values().filter(|server| !server.up) {
        let id = server.id;
        let words = lang.pick(format!("Server {id} is down"), format!("服务器 {id} 未运行"));
        row("DOWN", words, Text::Start, Command::Start(id));
    }
    for id in &outside.paused {
        let words = lang.pick(format!("Server {id} is paused"), format!("服务器 {id} 停顿"));
        row("PAUSED", words, Text::Resume, Command::Resume(*id));
    }
    for id in &outside.stalled {
        let words = lang.pick(format!("Disk of {id} is stalled"), format!("{id} 的磁盘停滞"));
        row("disk", words, Text::WakeDisk, Command::WakeDisk(*id));
    }
    for ((a, b), us) in &outside.latencies {
        let words = lang
            .pick(format!("{a} – {b}: {} ms", us / 1000), format!("{a} – {b}：{} 毫秒", us / 1000));
        rows.push(
            html! { <div class="row">{ icon("clock") }<span class="lab">{ words }</span></div> },
        );
    }
    if rows.is_empty() {
        return html! { <p class="hint">{ lang.t(Text::NoFaults) }</p> };
    }
    html! { <div id="in-force">{ for rows }</div> }
}

fn acts(id: ServerId, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let up = shown.scene.servers.get(&id).is_some_and(|server| server.up);
    let others: Vec<ServerId> = shown.ids.iter().copied().filter(|other| *other != id).collect();
    let act = |name: &str, text: Text, commands: Vec<Command>| {
        button(format!("act-{name}"), lang.t(text).to_owned(), commands, send)
    };
    let toggle = |on: bool, name: &str, does: (Text, Command), undoes: (Text, Command)| {
        let (text, command) = if on { undoes } else { does };
        act(name, text, vec![command])
    };
    let paused = shown.outside.paused.contains(&id);
    let stalled = shown.outside.stalled.contains(&id);
    let drops = others.iter().flat_map(|other| {
        let (a, b) = (id.min(*other), id.max(*other));
        [Channel::Election, Channel::Quorum].map(|channel| Command::DropConnection {
            a,
            b,
            channel,
        })
    });
    let isolate = Command::Partition(vec![vec![id], others.clone()]);
    html! {
        <>
            <h2>{ format!("{} {id}", lang.t(Text::ActOn)) }</h2>
            <div class="row wrap">
                { toggle(!up, "crash", (Text::Crash, Command::Crash(id)),
                    (Text::Start, Command::Start(id))) }
                { toggle(paused, "pause", (Text::PauseServer, Command::Pause(id)),
                    (Text::Resume, Command::Resume(id))) }
                { toggle(stalled, "disk", (Text::StallDisk, Command::StallDisk(id)),
                    (Text::WakeDisk, Command::WakeDisk(id))) }
                if !others.is_empty() {
                    { act("isolate", Text::Isolate, vec![isolate]) }
                    { act("drop", Text::DropConnection, drops.collect()) }
                    { act("heal", Text::HealAll, vec![Command::HealAll]) }
                }
            </div>
            if !others.is_empty() {
                { latency(id, &others, lang, send) }
            }
        </>
    }
}

fn latency(id: ServerId, others: &[ServerId], lang: Lang, send: &Callback<Msg>) -> Html {
    let buttons = LATENCIES.map(|ms| {
        let each = others.iter().map(|other| Command::Latency {
            a: id.min(*other),
            b: id.max(*other),
            us: ms * 1000,
        });
        button(format!("latency-{ms}"), format!("{ms} ms"), each.collect(), send)
    });
    html! {
        <div class="row wrap">
            <span class="lab">{ lang.t(Text::Delay) }</span>{ for buttons }
        </div>
    }
}

/// Who hears whom: the row no longer hears the column.
fn matrix(shown: &Shown, send: &Callback<Msg>) -> Html {
    let ids = &shown.ids;
    let heads = ids.iter().map(|id| html! { <th scope="col">{ id.0 }</th> });
    let rows = ids.iter().map(|to| {
        let cells = ids.iter().map(|from| {
            if from == to {
                return html! { <td>{ "·" }</td> };
            }
            let cut = shown.outside.cuts.contains(&(*from, *to));
            let command = if cut {
                Command::Heal { from: *from, to: *to }
            } else {
                Command::CutOneWay { from: *from, to: *to }
            };
            let send = send.clone();
            let click =
                Callback::from(move |_: MouseEvent| send.emit(Msg::Command(command.clone())));
            html! {
                <td>
                    <button type="button" class={classes!(cut.then_some("cut"))} onclick={click}
                        id={format!("cut-{from}-{to}")} aria-pressed={cut.to_string()}
                        aria-label={format!("{from} → {to}")}>
                        { if cut { "✕" } else { "–" } }
                    </button>
                </td>
            }
        });
        html! { <tr><th scope="row">{ to.0 }</th>{ for cells }</tr> }
    });
    html! {
        <table class="matrix"><thead><tr><td></td>{ for heads }</tr></thead><tbody>{ for rows }
            </tbody></table>
    }
}

/// Connects a new client to `server`.
#[must_use]
pub fn connect(client: u32, server: ServerId) -> Command {
    Command::Client { client, act: ClientAct::Connect { server } }
}

/// A client's request.
#[must_use]
pub fn request(client: u32, op: ClientOp) -> Command {
    Command::Client { client, act: ClientAct::Request(op) }
}
