//! Clients: under each server those that it has, every one a pill with its request and what became
//! of it, the newest zxid that it saw and its watches; and on demand all of a server's in a list.

use vivarium_protocol::base::ServerId;
use yew::prelude::*;

use super::parts::icon;
use super::styled::Styled;
use crate::i18n::{Lang, Text};
use crate::model::decimal::tenths;
use crate::model::guests::{self, Group};
use crate::model::layout::PlateSize;
use crate::model::outside::{ClientView, Fate};
use crate::view::{Choices, OnGround, Selection, Shown};

/// The list's width, and the height of its head and of one row, in tenths of a rem.
const LIST: (f64, f64, f64) = (480.0, 62.0, 24.0);
/// Rows of the list that are seen at once.
const ROWS: usize = 6;

/// What the pills are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Where things stand.
    pub ground: OnGround,
    /// Language and selection.
    pub choices: Choices,
}

/// Whose list is open: that of a server, or of those without one.
type Open = UseStateHandle<Option<Option<ServerId>>>;

/// Every client's pill, and the list that is open.
#[component]
pub fn Clients(props: &Props) -> Html {
    let Props { shown, ground, choices } = props;
    let open: Open = use_state_eq(|| None);
    let chosen = match choices.selection {
        Selection::Server(id) => Some(id),
        Selection::Message(_) | Selection::Link(_) | Selection::Nothing => None,
    };
    let scale = ground.layout.stage.scale;
    let mut list = None;
    let mut rows = Vec::new();
    for group in guests::groups(&shown.outside.clients) {
        let server = group.server;
        let Some(at) = guests::place(server, &ground.layout, chosen) else { continue };
        if *open == Some(server) {
            let height = LIST.1 + LIST.2 * group.clients.len().min(ROWS) as f64;
            let width = (LIST.0 * scale).min(ground.layout.stage.width - 8.0);
            let (x, y) = guests::list_place(at, (width, height * scale), &ground.layout);
            list =
                Some((group.clone(), vec![("left", px(x)), ("top", px(y)), ("width", px(width))]));
        }
        // It hangs by its middle and must not reach over the stage's edge.
        let room = 2.0 * at.0.min(ground.layout.stage.width - at.0) - 8.0;
        let styles = vec![("left", px(at.0)), ("top", px(at.1)), ("max-width", px(room))];
        let brief = group.clients.len() > 1 || ground.layout.size != PlateSize::Full;
        let name = server.map_or_else(|| "none".to_owned(), |id| id.to_string());
        let on_tile = ground.layout.size == PlateSize::Tile;
        let class =
            classes!("guests", server.is_none().then_some("loose"), on_tile.then_some("on-tile"));
        rows.push(html! {
            <Styled key={name.clone()} id={format!("clients-{name}")} class={class} styles={styles}>
                <Row group={group} brief={brief} lang={choices.lang} open={open.clone()} />
            </Styled>
        });
    }
    let escape = {
        let open = open.clone();
        Callback::from(move |event: KeyboardEvent| {
            if event.key() == "Escape" && open.is_some() {
                event.stop_propagation();
                open.set(None);
            }
        })
    };
    html! {
        <div id="clients" onkeydown={escape}>
            { rows }
            if let Some((group, styles)) = list {
                <Styled id={"client-list".to_owned()} class="client-list" styles={styles}>
                    { table(&group, choices.lang) }
                </Styled>
            }
        </div>
    }
}

fn px(length: f64) -> String {
    format!("{}px", tenths(length))
}

#[derive(Clone, PartialEq, Properties)]
struct RowProps {
    group: Group,
    brief: bool,
    lang: Lang,
    open: Open,
}

/// The pills of one server; each opens the list of them all.
#[component]
fn Row(props: &RowProps) -> Html {
    let RowProps { group, brief, lang, open } = props;
    let (server, expanded) = (group.server, **open == Some(group.server));
    let toggle = {
        let open = open.clone();
        Callback::from(move |_: MouseEvent| open.set((!expanded).then_some(server)))
    };
    let pills = group.seen().into_iter().map(|client| {
        let class = classes!("client", (!client.connected).then_some("lost"));
        html! {
            <button type="button" key={client.id} class={class}
                id={format!("client-{}", client.id)} title={words(client, *lang)}
                aria-expanded={expanded.to_string()}
                onclick={toggle.clone()}>{ pill(client, *brief, *lang) }</button>
        }
    });
    let more = group.more();
    html! {
        <>
            { for pills }
            if more > 0 {
                <button type="button" class="client more" aria-expanded={expanded.to_string()}
                    onclick={toggle.clone()}>
                    { lang.pick(format!("and {more} more"), format!("另 {more} 个")) }
                </button>
            }
        </>
    }
}

fn pill(client: &ClientView, brief: bool, lang: Lang) -> Html {
    let waits = client.waits.len();
    let verb = client.request.split(' ').next().unwrap_or_default().to_owned();
    let request = if brief { verb } else { client.request.clone() };
    html! {
        <>
            <b>{ format!("c{}", client.id) }</b>
            if !request.is_empty() && (!brief || waits > 0) {
                <code>{ request }</code>
            }
            if waits > 1 {
                <small>{ format!("+{}", waits - 1) }</small>
            }
            if brief && waits > 0 {
                { icon("clock") }
            }
            if !brief {
                <span class="say">{ fate_words(&client.fate, lang) }</span>
            }
            if client.seen.0 > 0 {
                <span class="seen">{ client.seen.to_string() }</span>
            }
            if !client.watches.is_empty() {
                <span class="eye">{ icon("OBSERVING") }{ client.watches.len() }</span>
            }
        </>
    }
}

/// A client in words: its session, what it saw, what it waits for, what it watches.
#[must_use]
pub fn words(client: &ClientView, lang: Lang) -> String {
    let session = client.session.map_or_else(|| "–".to_owned(), |id| id.to_string());
    let waits = join(&client.waits, lang);
    let watches = join(&client.watches, lang);
    let fate = fate_words(&client.fate, lang);
    let (id, seen) = (client.id, client.seen);
    lang.pick(
        format!(
            "c{id}: {fate}; session {session}; last zxid seen {seen}; waits for {waits}; \
             watches {watches}"
        ),
        format!(
            "c{id}：{fate}；会话 {session}；见过的最新 zxid {seen}；等待 {waits}；监视 {watches}"
        ),
    )
}

fn join(all: &[String], lang: Lang) -> String {
    if all.is_empty() { lang.pick("nothing", "无").to_owned() } else { all.join(", ") }
}

/// All clients of a server, each with its session, what it saw, what it waits for and watches.
fn table(group: &Group, lang: Lang) -> Html {
    let title = match group.server {
        Some(id) => lang.pick(format!("Clients of server {id}"), format!("服务器 {id} 的客户端")),
        None => lang.pick("Clients without a server", "没有服务器的客户端").to_owned(),
    };
    let heads = lang.pick(
        ["client", "session", "last zxid seen", "waits for", "watches"],
        ["客户端", "会话", "见过的最新 zxid", "等待", "监视"],
    );
    let heads = heads.map(|head| html! { <th scope="col">{ head }</th> });
    let some = |all: &[String]| if all.is_empty() { "–".to_owned() } else { all.join(", ") };
    let rows = group.clients.iter().map(|client| {
        let session = client.session.map_or_else(|| "–".to_owned(), |id| id.to_string());
        html! {
            <tr key={client.id} data-client={client.id.to_string()}>
                <th scope="row">{ format!("c{}", client.id) }</th>
                <td>{ session }</td>
                <td>{ client.seen.to_string() }</td>
                <td>{ some(&client.waits) }</td>
                <td>{ some(&client.watches) }</td>
            </tr>
        }
    });
    html! {
        <table>
            <caption>{ title }</caption>
            <thead><tr>{ for heads }</tr></thead>
            <tbody>{ for rows }</tbody>
        </table>
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

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::base::{SessionId, Zxid};

    #[test]
    fn a_client_is_told_with_everything_that_its_pill_has_no_room_for() {
        let client = ClientView {
            id: 2,
            server: Some(ServerId(1)),
            connected: true,
            request: "create /a".to_owned(),
            fate: Fate::Waiting,
            session: Some(SessionId(0x1f)),
            seen: "1|4".parse::<Zxid>().unwrap(),
            waits: vec!["create /a".to_owned(), "get /".to_owned()],
            watches: Vec::new(),
        };
        let english = words(&client, Lang::English);
        for part in ["c2", "0x1f", "seen 1|4", "waits for create /a, get /", "watches nothing"] {
            assert!(english.contains(part), "{part} in {english}");
        }
        let chinese = words(&client, Lang::Chinese);
        for part in ["c2", "0x1f", "1|4", "create /a, get /", "监视 无"] {
            assert!(chinese.contains(part), "{part} in {chinese}");
        }
    }
}
