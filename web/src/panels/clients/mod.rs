//! The Clients tab: a console for every client, what their histories amount to, how far servers lag
//! behind, and what it all costs. Everything asked here is a command of the run.

mod console;
mod cost;
mod ribbon;
mod verdict;
mod words;

use vivarium_protocol::base::ServerId;
use yew::prelude::*;

use crate::view::{ChoosingProps, Selection};

pub use words::Word;

/// The tab.
#[component]
pub fn Clients(props: &ChoosingProps) -> Html {
    let ChoosingProps { shown, choices, send } = props;
    let lang = choices.lang;
    html! {
        <>
            <console::Console shown={shown.clone()} lang={lang} server={near(props)}
                send={send.clone()} />
            <verdict::History shown={shown.clone()} lang={lang} send={send.clone()} />
            <ribbon::Staleness shown={shown.clone()} lang={lang} send={send.clone()} />
            <cost::Cost shown={shown.clone()} lang={lang} />
        </>
    }
}

/// The server at which a new client would begin: the selected one, or the first.
fn near(props: &ChoosingProps) -> Option<ServerId> {
    let selected = match props.choices.selection {
        Selection::Server(id) => Some(id),
        Selection::Message(id) => Some(id.to),
        Selection::Link((_, to)) => Some(to),
        Selection::Nothing => None,
    };
    let ids = &props.shown.ids;
    selected.filter(|id| ids.contains(id)).or_else(|| ids.first().copied())
}
