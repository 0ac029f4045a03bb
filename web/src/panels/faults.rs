//! Faults and clients: everything that a visitor can do to the world. Each act is a command of
//! the run, so it can be scrubbed, undone and shared.

use vivarium_protocol::base::ServerId;
use vivarium_sim::Command;
use yew::prelude::*;

use super::fault_words::W;
use super::link_faults::LinkFaults;
use super::server_acts::ServerActs;
use crate::app::faults::FaultMsg;
use crate::i18n::{Lang, Text};
use crate::model::faults::{self, Undo};
use crate::stage::parts::icon;
use crate::view::{ChoosingProps, Msg, Selection, Shown};

/// The panel.
#[component]
pub fn Faults(props: &ChoosingProps) -> Html {
    let ChoosingProps { shown, choices, send } = props;
    let lang = choices.lang;
    let server = match choices.selection {
        Selection::Server(id) => Some(id),
        Selection::Message(id) => Some(id.to),
        Selection::Link((_, to)) => Some(to),
        Selection::Nothing => None,
    };
    let server = server.filter(|id| shown.scene.servers.contains_key(id));
    html! {
        <>
            <h2>{ lang.t(Text::FaultsInForce) }</h2>
            { in_force(shown, lang, send) }
            if let Some(id) = server {
                <ServerActs key={id.0} id={id} shown={shown.clone()} lang={lang}
                    send={send.clone()} />
            } else {
                <p class="hint">{ lang.t(Text::SelectServer) }</p>
            }
            if shown.ids.len() > 1 {
                { cutting(lang, send) }
                <h2>{ lang.t(W::Matrix) }</h2>
                { matrix(shown, lang, send) }
                <h2>{ lang.t(W::LinkTitle) }</h2>
                <LinkFaults shown={shown.clone()} lang={lang} server={server}
                    send={send.clone()} />
            }
        </>
    }
}

/// A button that does one or several things to the world.
pub fn button(id: String, words: String, commands: Vec<Command>, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::Commands(commands.clone())));
    html! {
        <button type="button" class="btn line" id={id} onclick={click}>{ words }
            </button>
    }
}

fn undo_words(undo: Undo, lang: Lang) -> &'static str {
    match undo {
        Undo::Heal => lang.t(Text::Heal),
        Undo::Start => lang.t(Text::Start),
        Undo::Resume => lang.t(Text::Resume),
        Undo::Wake => lang.t(Text::WakeDisk),
        Undo::Normal => lang.t(W::Normal),
        Undo::Release => lang.t(W::Release),
        Undo::SharedFile => lang.t(W::BackToShared),
    }
}

fn in_force(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let down = shown.scene.servers.values().filter(|server| !server.up).map(|server| server.id);
    let down: Vec<ServerId> = down.collect();
    let rows = faults::in_force(&shown.outside, &shown.setup.ensemble(), &down, lang);
    if rows.is_empty() {
        return html! { <p class="hint">{ lang.t(Text::NoFaults) }</p> };
    }
    let rows = rows.into_iter().zip(1..).map(|(row, number)| {
        let words = undo_words(row.undo, lang).to_owned();
        html! {
            <div class="row">
                { icon(row.symbol) }
                <div class="lab"><span>{ row.words }</span>
                    if !row.note.is_empty() { <small>{ row.note }</small> }
                </div>
                { button(format!("mend-{number}"), words, row.commands, send) }
            </div>
        }
    });
    html! { <div id="in-force">{ for rows }</div> }
}

fn cutting(lang: Lang, send: &Callback<Msg>) -> Html {
    let open = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Fault(FaultMsg::Cutting(true))))
    };
    html! {
        <div class="row">
            <div class="lab"><small>{ lang.t(W::CutDrag) }</small></div>
            <button type="button" class="btn line" id="open-cut" onclick={open}>
                { lang.t(W::CutServers) }</button>
        </div>
    }
}

/// Who hears whom: the row no longer hears the column. Arrow keys go from cell to cell.
fn matrix(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let ids = &shown.ids;
    let heads = ids.iter().map(|id| html! { <th scope="col">{ id.0 }</th> });
    let rows = ids.iter().map(|to| {
        let cells = ids.iter().map(|from| match from == to {
            true => html! { <td>{ "·" }</td> },
            false => cell(*from, *to, shown, lang, send),
        });
        html! { <tr><th scope="row">{ to.0 }</th>{ for cells }</tr> }
    });
    html! {
        <table class="matrix"><thead><tr><td></td>{ for heads }</tr></thead><tbody>{ for rows }
            </tbody></table>
    }
}

fn cell(from: ServerId, to: ServerId, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let cut = shown.outside.cuts.contains(&(from, to));
    let changed = shown.outside.links.get(&(from, to));
    let command = match cut {
        true => Command::Heal { from, to },
        false => Command::CutOneWay { from, to },
    };
    let click = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Command(command.clone())))
    };
    let keys = {
        let ids = shown.ids.clone();
        Callback::from(move |event: KeyboardEvent| {
            if let Some((from, to)) = neighbour(&ids, (from, to), &event.key()) {
                event.prevent_default();
                event.stop_propagation();
                crate::tasks::focus(&format!("cut-{from}-{to}"));
            }
        })
    };
    let state = match (cut, changed) {
        (true, _) => lang.pick("cut", "已切断").to_owned(),
        (false, Some(link)) => faults::link_words(*link, lang),
        (false, None) => lang.pick("heard", "可听到").to_owned(),
    };
    let sign = match (cut, changed) {
        (true, _) => "✕",
        (false, Some(_)) => "~",
        (false, None) => "–",
    };
    html! {
        <td>
            <button type="button" class={classes!(cut.then_some("cut"))} onclick={click}
                onkeydown={keys} id={format!("cut-{from}-{to}")} aria-pressed={cut.to_string()}
                title={format!("{from} → {to}: {state}")}
                aria-label={format!("{from} → {to}: {state}")}>{ sign }</button>
        </td>
    }
}

/// The cell that an arrow key leads to, over the diagonal.
fn neighbour(
    ids: &[ServerId],
    (from, to): (ServerId, ServerId),
    key: &str,
) -> Option<(ServerId, ServerId)> {
    let (across, down): (i32, i32) = match key {
        "ArrowRight" => (1, 0),
        "ArrowLeft" => (-1, 0),
        "ArrowDown" => (0, 1),
        "ArrowUp" => (0, -1),
        _ => return None,
    };
    let place = |id: ServerId| ids.iter().position(|other| *other == id).map(|at| at as i32);
    let (mut x, mut y) = (place(from)?, place(to)?);
    loop {
        (x, y) = (x + across, y + down);
        let at = |at: i32| ids.get(usize::try_from(at).ok()?).copied();
        let (from, to) = (at(x)?, at(y)?);
        if from != to {
            return Some((from, to));
        }
    }
}
