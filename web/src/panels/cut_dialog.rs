//! Cutting by keyboard: the servers of one side are chosen by number, Enter cuts them off.

use vivarium_protocol::base::{ServerId, SortedSet};
use vivarium_sim::Command;
use yew::prelude::*;

use super::fault_words::W;
use crate::app::faults::FaultMsg;
use crate::i18n::{Lang, Text};
use crate::model::faults::quorum_side;
use crate::model::outside::sides_words;
use crate::stage::parts::icon;
use crate::view::{Msg, PanelProps, Shown};

/// The dialog.
#[component]
pub fn CutDialog(props: &PanelProps) -> Html {
    let PanelProps { shown, lang, send } = props;
    let chosen = use_state_eq(SortedSet::<ServerId>::new);
    use_effect_with((), |()| crate::tasks::focus("cut-dialog"));
    let (side, rest): (Vec<ServerId>, Vec<ServerId>) =
        shown.ids.iter().copied().partition(|id| chosen.contains(id));
    let close = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Fault(FaultMsg::Cutting(false))))
    };
    let apart = (!side.is_empty() && !rest.is_empty())
        .then(|| Command::Partition(vec![side.clone(), rest.clone()]));
    let keys = keys(&chosen, shown, apart.clone(), send);
    let choices = shown.ids.iter().map(|id| server(*id, &chosen));
    html! {
        <div class="pop cut-dialog" id="cut-dialog" role="dialog" tabindex="-1"
            aria-label={lang.t(W::CutServers)} onkeydown={keys}>
            <div>
                <h2>{ lang.t(W::CutServers) }</h2>
                <p class="hint">{ lang.t(W::CutHint) }</p>
                <div class="row wrap">{ for choices }</div>
                <p id="cut-words" aria-live="polite">{ words(&side, &rest, shown, *lang) }</p>
                { buttons(&side, apart, *lang, send) }
            </div>
            <button type="button" class="btn" aria-label={lang.t(Text::Close)} onclick={close}>
                { icon("close") }</button>
        </div>
    }
}

fn toggled(chosen: &SortedSet<ServerId>, id: ServerId) -> SortedSet<ServerId> {
    let mut next = chosen.clone();
    if !next.remove(&id) {
        next.insert(id);
    }
    next
}

fn server(id: ServerId, chosen: &UseStateHandle<SortedSet<ServerId>>) -> Html {
    let toggle = {
        let chosen = chosen.clone();
        Callback::from(move |_: MouseEvent| chosen.set(toggled(&chosen, id)))
    };
    let pressed = chosen.contains(&id).to_string();
    html! {
        <button type="button" class="btn line pick" id={format!("pick-{id}")} onclick={toggle}
            aria-pressed={pressed}>{ id.0 }</button>
    }
}

/// Digits choose the server at that place, Enter cuts; Escape is the page's own.
fn keys(
    chosen: &UseStateHandle<SortedSet<ServerId>>,
    shown: &Shown,
    apart: Option<Command>,
    send: &Callback<Msg>,
) -> Callback<KeyboardEvent> {
    let (chosen, ids, send) = (chosen.clone(), shown.ids.clone(), send.clone());
    Callback::from(move |event: KeyboardEvent| {
        let key = event.key();
        let place = key.parse::<usize>().ok().and_then(|number| number.checked_sub(1));
        if let Some(id) = place.and_then(|place| ids.get(place)) {
            chosen.set(toggled(&chosen, *id));
        } else if let (true, true, Some(command)) =
            (key == "Enter", on_itself(&event), apart.clone())
        {
            cut(vec![command], &send);
        } else {
            return;
        }
        event.prevent_default();
        event.stop_propagation();
    })
}

/// Whether the dialog itself has the focus: a button in it is pressed by its own keys.
fn on_itself(event: &KeyboardEvent) -> bool {
    let target: Option<web_sys::Element> = event.target_dyn_into();
    target.is_some_and(|target| target.id() == "cut-dialog")
}

fn cut(commands: Vec<Command>, send: &Callback<Msg>) {
    send.emit(Msg::Commands(commands));
    send.emit(Msg::Fault(FaultMsg::Cutting(false)));
}

fn words(side: &[ServerId], rest: &[ServerId], shown: &Shown, lang: Lang) -> String {
    if side.is_empty() || rest.is_empty() {
        return lang.t(if side.is_empty() { W::CutChoose } else { W::NeedSome }).to_owned();
    }
    let sides = [side.to_vec(), rest.to_vec()];
    let verdict = quorum_side(&sides, &shown.setup.ensemble(), lang);
    format!("{} · {verdict}", sides_words(&sides))
}

fn buttons(side: &[ServerId], apart: Option<Command>, lang: Lang, send: &Callback<Msg>) -> Html {
    let one = |id: &'static str, words: String, command: Option<Command>| {
        // A button that cannot be pressed says what it would need.
        let (lacks, told) = match (&command, id) {
            (Some(_), _) => (None, None),
            (None, "cut-apart") if side.is_empty() => (Some(W::CutChoose), Some("cut-words")),
            (None, "cut-apart") => (Some(W::NeedSome), Some("cut-words")),
            (None, _) => (Some(W::NeedTwo), Some("cut-needs")),
        };
        let disabled = lacks.is_some();
        let send = send.clone();
        let click = Callback::from(move |_: MouseEvent| {
            cut(command.clone().into_iter().collect(), &send);
        });
        html! {
            <button type="button" class="btn line" id={id} onclick={click} disabled={disabled}
                title={lacks.map(|lacks| lang.t(lacks))} aria-describedby={told}>
                { words }</button>
        }
    };
    let pair = match side {
        [a, b] => Some((*a, *b)),
        _ => None,
    };
    let way = |a: &str, b: &str| match pair {
        Some((one, other)) if a == "1" => format!("{one} → {other}"),
        Some((one, other)) => format!("{other} → {one}"),
        None => format!("{a} → {b}"),
    };
    html! {
        <>
            <div class="cut-ways">
                { one("cut-apart", lang.t(W::CutApart).to_owned(), apart) }
                { one("cut-both", lang.t(W::CutBoth).to_owned(),
                    pair.map(|(a, b)| Command::CutBoth { a, b })) }
                { one("cut-forth", way("1", "2"),
                    pair.map(|(from, to)| Command::CutOneWay { from, to })) }
                { one("cut-back", way("2", "1"),
                    pair.map(|(to, from)| Command::CutOneWay { from, to })) }
            </div>
            if pair.is_none() {
                <small class="hint" id="cut-needs">{ lang.t(W::NeedTwo) }</small>
            }
        </>
    }
}
