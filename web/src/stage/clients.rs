//! Clients: a pill under the server of each, with its request and what became of it.

use vivarium_protocol::base::{ServerId, SortedMap};
use yew::prelude::*;

use super::styled::Styled;
use crate::i18n::{Lang, Text};
use crate::model::layout::PlateSize;
use crate::model::outside::{ClientView, Fate};
use crate::view::{OnGround, Shown};

/// What the pills are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Where things stand.
    pub ground: OnGround,
    /// The language.
    pub lang: Lang,
}

/// Every client's pill.
#[component]
pub fn Clients(props: &Props) -> Html {
    let Props { shown, ground, lang } = props;
    let mut by_server: SortedMap<Option<ServerId>, Vec<&ClientView>> = SortedMap::new();
    for client in &shown.outside.clients {
        by_server.entry(client.server).or_default().push(client);
    }
    let pills = by_server.into_iter().filter_map(|(server, clients)| {
        let client = foremost(&clients)?;
        let (x, y) = place(server, ground);
        let styles = vec![("left", format!("{x:.1}px")), ("top", format!("{y:.1}px"))];
        let class = classes!(
            "client",
            (ground.layout.size != PlateSize::Full).then_some("brief"),
            (!client.connected).then_some("lost"),
            server.is_none().then_some("loose"),
        );
        Some(html! {
            <Styled key={client.id} id={format!("client-{}", client.id)} class={class}
                styles={styles}>
                { pill(client, clients.len() - 1, *lang) }
            </Styled>
        })
    });
    html! { <div id="clients">{ for pills }</div> }
}

/// The client whose pill is shown: the newest that waits for something, else the newest.
fn foremost<'a>(clients: &[&'a ClientView]) -> Option<&'a ClientView> {
    let waiting = clients.iter().rev().find(|client| client.pending > 0);
    waiting.or(clients.last()).copied()
}

/// A pill hangs under its server's plate; one without a server stands at the bottom.
fn place(server: Option<ServerId>, ground: &OnGround) -> (f64, f64) {
    let stage = ground.layout.stage;
    let lowest = stage.height - 27.0 * stage.scale;
    match server.and_then(|id| ground.layout.plates.get(&id)) {
        Some(rect) => {
            let below = rect.y + rect.height + 11.0 * stage.scale;
            (rect.centre().0, below.min(lowest))
        }
        None => (stage.width / 2.0, lowest),
    }
}

fn pill(client: &ClientView, others: usize, lang: Lang) -> Html {
    let more = client.pending.saturating_sub(1);
    html! {
        <>
            <b>{ format!("c{}", client.id) }</b>
            if !client.request.is_empty() {
                <code>{ &client.request }</code>
            }
            if more > 0 {
                <small>{ format!("+{more}") }</small>
            }
            <span class="say">{ fate_words(&client.fate, lang) }</span>
            if others > 0 {
                <small>{ lang.pick(format!("and {others} more"), format!("等 {} 个", others + 1)) }
                    </small>
            }
        </>
    }
}

/// What became of a request, in words.
#[must_use]
pub fn fate_words(fate: &Fate, lang: Lang) -> String {
    match fate {
        Fate::Idle => lang.t(Text::SessionOpen).to_owned(),
        Fate::Connecting => lang.t(Text::OpeningSession).to_owned(),
        Fate::Waiting => lang.t(Text::Waiting).to_owned(),
        Fate::Held => lang.t(Text::Held).to_owned(),
        Fate::Done(Ok(())) => lang.t(Text::Done).to_owned(),
        Fate::Done(Err(error)) => error.clone(),
        Fate::Unknown => lang.t(Text::OutcomeUnknown).to_owned(),
        Fate::Event(event) => format!("{}: {event}", lang.t(Text::WatchFired)),
        Fate::Ended(true) => lang.t(Text::SessionExpired).to_owned(),
        Fate::Ended(false) => lang.t(Text::SessionClosed).to_owned(),
    }
}
