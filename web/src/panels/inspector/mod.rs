//! The inspector: a server, a message or the ensemble, in full.

mod bytes;
mod ensemble;
mod links;
mod message;
mod on_disk;
mod on_link;
mod server;
mod votes;
mod why;

use yew::prelude::*;

pub use ensemble::Step;

use crate::i18n::{Lang, Text};
use crate::narrate;
use crate::panels::later::{Later, Part};
use crate::view::{ChoosingProps, Msg, Selection, Shown};

/// The inspector: what is chosen comes with the second file, the ensemble is here from the start.
#[component]
pub fn Inspector(props: &ChoosingProps) -> Html {
    let ChoosingProps { shown, choices, send } = props;
    match choices.selection {
        Selection::Nothing => ensemble::view(shown, choices.lang, send),
        Selection::Server(_) | Selection::Message(_) | Selection::Link(_) => {
            html! { <Later part={Part::Chosen(props.clone())} /> }
        }
    }
}

/// The inspector of what is chosen.
#[component]
pub fn Chosen(props: &ChoosingProps) -> Html {
    let ChoosingProps { shown, choices, send } = props;
    let lang = choices.lang;
    match choices.selection {
        Selection::Server(id) => match shown.scene.servers.get(&id) {
            Some(server) => server::view(server, shown, lang, send),
            None => ensemble::view(shown, lang, send),
        },
        Selection::Message(id) => message::view(id, shown, lang, send),
        Selection::Link(pair) => on_link::view(pair, shown, lang, send),
        Selection::Nothing => ensemble::view(shown, lang, send),
    }
}

/// A section with a heading and a remark at its right.
fn section(title: Html, remark: Html, body: Html) -> Html {
    html! { <div class="sec"><h3>{ title }<span>{ remark }</span></h3>{ body }</div> }
}

/// The close button of an inspector's head: back to the ensemble.
fn close(lang: Lang, send: &Callback<Msg>) -> Html {
    let send = send.clone();
    let click = Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Nothing)));
    html! {
        <>
            <span class="spring"></span>
            <button type="button" class="btn" id="inspector-close"
                aria-label={lang.t(Text::Close)} onclick={click}>
                { crate::stage::parts::icon("close") }
            </button>
        </>
    }
}

/// The steps that led to `step`, newest first, each a jump in time. `shown.chain` has them.
fn chain(step: Option<u64>, shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let Some(step) = step else { return html! {} };
    let links = shown.causes(step, 8);
    if links.is_empty() {
        return html! {};
    }
    let items = links.into_iter().map(|(frame, scene)| {
        let send = send.clone();
        let target = frame.step + 1;
        let jump = Callback::from(move |_: MouseEvent| send.emit(Msg::SeekStep(target)));
        let words = narrate::sentence(lang, &frame, &scene);
        html! {
            <li key={frame.step}>
                <button type="button" onclick={jump} data-step={target.to_string()}>
                    <time>{ seconds(frame.at.0) }</time>{ words }
                </button>
            </li>
        }
    });
    html! { <ol class="chain">{ for items }</ol> }
}

/// A moment in seconds with milliseconds.
fn seconds(us: u64) -> String {
    format!("{}.{:03}", us / 1_000_000, us / 1000 % 1000)
}

/// A zxid as ZooKeeper's own tools write it.
fn hex(zxid: vivarium_protocol::base::Zxid) -> String {
    format!("0x{:x}", zxid.0)
}
