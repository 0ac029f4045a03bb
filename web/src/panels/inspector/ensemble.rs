//! Nothing selected: who stands with whom, who is behind, and everything of the present step.

use std::collections::BTreeMap;

use vivarium_protocol::base::ServerId;
use yew::prelude::*;

use super::section;
use crate::i18n::{Lang, Text};
use crate::narrate;
use crate::stage::clients::fate_words;
use crate::stage::parts;
use crate::view::Shown;

/// The inspector of the ensemble.
pub fn view(shown: &Shown, lang: Lang) -> Html {
    let voters = shown.scene.voters();
    let observers = shown.ids.len() - voters;
    let size = match (lang, observers) {
        (Lang::English, 0) => format!("{voters} voting members"),
        (Lang::English, observers) => format!("{voters} voting members, {observers} observers"),
        (Lang::Chinese, 0) => format!("{voters} 个投票成员"),
        (Lang::Chinese, observers) => format!("{voters} 个投票成员，{observers} 个 Observer"),
    };
    html! {
        <>
            <div class="ihead">
                <div>
                    <h2>{ lang.t(Text::Ensemble) }</h2>
                    <p>{ format!("{size} · {}", lang.t(Text::NothingSelected)) }</p>
                </div>
            </div>
            <div class="pane flush" id="inspector-ensemble">
                { step(shown, lang) }
                { allegiance(shown, lang) }
                { behind(shown, lang) }
                if !shown.outside.clients.is_empty() {
                    { clients(shown, lang) }
                }
            </div>
        </>
    }
}

fn step(shown: &Shown, lang: Lang) -> Html {
    let Some(frame) = &shown.frame else { return html! {} };
    let lines = narrate::details(lang, frame, &shown.scene);
    let items = lines.iter().map(|line| html! { <li>{ line }</li> });
    section(
        html! { lang.t(Text::InThisStep) },
        html! { shown.position },
        html! { <ol class="happened">{ for items }</ol> },
    )
}

fn allegiance(shown: &Shown, lang: Lang) -> Html {
    let mut groups: BTreeMap<(Option<ServerId>, &'static str), Vec<ServerId>> = BTreeMap::new();
    for server in shown.scene.servers.values() {
        let state = if server.up { server.status.role.name() } else { "DOWN" };
        groups.entry((server.stands_with(), state)).or_default().push(server.id);
    }
    let rows = groups.into_iter().map(|((with, state), ids)| {
        let names: Vec<String> = ids.iter().map(ServerId::to_string).collect();
        html! {
            <div class="vote" key={format!("{with:?}{state}")}>
                { with.map_or_else(|| parts::icon("DOWN"), parts::small_coin) }
                <span class="v">{ state }</span>
                <span class="num">{ ids.len() }</span>
                <p class="mono">{ names.join(" ") }</p>
            </div>
        }
    });
    section(
        html! { lang.t(Text::WhoStands) },
        html! { lang.t(Text::Servers) },
        html! { <div class="votes">{ for rows }</div> },
    )
}

fn behind(shown: &Shown, lang: Lang) -> Html {
    let longest = shown.scene.servers.values().map(|server| server.status.last_logged).max();
    let Some(longest) = longest.filter(|zxid| zxid.0 > 0) else { return html! {} };
    let mut late: Vec<_> =
        shown.scene.servers.values().filter(|server| server.status.last_logged < longest).collect();
    late.sort_by_key(|server| server.status.last_logged);
    let rows = late.iter().take(6).map(|server| {
        html! {
            <tr key={server.id.0}>
                <td>{ server.id.0 }</td>
                <td>{ server.status.last_logged.to_string() }</td>
                <td>{ state_name(server) }</td>
                <td></td>
            </tr>
        }
    });
    section(
        html! { lang.t(Text::FurthestBehind) },
        html! { longest.to_string() },
        html! { <table class="ltab"><tbody>{ for rows }</tbody></table> },
    )
}

fn state_name(server: &crate::model::scene::ServerView) -> &'static str {
    if server.up { server.status.role.name() } else { "DOWN" }
}

fn clients(shown: &Shown, lang: Lang) -> Html {
    let rows = shown.outside.clients.iter().map(|client| {
        let at = client.server.map_or_else(|| "–".to_owned(), |id| id.to_string());
        html! {
            <tr key={client.id}>
                <td>{ format!("c{}", client.id) }</td>
                <td>{ format!("→ {at}") }</td>
                <td>{ &client.request }</td>
                <td>{ fate_words(&client.fate, lang) }</td>
            </tr>
        }
    });
    section(
        html! { lang.t(Text::Clients) },
        html! {},
        html! { <table class="ltab"><tbody>{ for rows }</tbody></table> },
    )
}
