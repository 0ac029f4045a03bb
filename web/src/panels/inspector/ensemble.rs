//! Nothing selected: who stands with whom, who is behind, and everything of the present step.

use vivarium_protocol::base::{Arrange, ServerId};
use yew::prelude::*;

use super::{section, why};
use crate::i18n::{Lang, Text};
use crate::model::dense::{self, Stance};
use crate::panels::later::{Later, Part};
use crate::stage::clients::fate_words;
use crate::stage::parts;
use crate::view::{Msg, PanelProps, Shown};

/// The inspector of the ensemble.
pub fn view(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    let voters = shown.scene.voters();
    let others = shown.scene.servers.values().filter(|server| !server.votes);
    let (observers, removed): (Vec<_>, Vec<_>) = others.partition(|server| server.observer);
    let mut size = lang.pick(format!("{voters} voting members"), format!("{voters} 个投票成员"));
    for (count, english, chinese) in [
        (observers.len(), "observers", "个 Observer"),
        (removed.len(), "without a vote", "个无投票权"),
    ] {
        if count > 0 {
            size += &lang.pick(format!(", {count} {english}"), format!("，{count} {chinese}"));
        }
    }
    html! {
        <>
            <div class="ihead">
                <div>
                    <h2>{ lang.t(Text::Ensemble) }</h2>
                    <p>{ format!("{size} · {}", lang.t(Text::NothingSelected)) }</p>
                </div>
            </div>
            <div class="pane flush" id="inspector-ensemble">
                { step(shown, lang, send) }
                { allegiance(shown, lang) }
                { behind(shown, lang) }
                if !shown.outside.clients.is_empty() {
                    { clients(shown, lang) }
                }
            </div>
        </>
    }
}

fn step(shown: &Shown, lang: Lang, send: &Callback<Msg>) -> Html {
    if shown.frame.is_none() {
        return html! {};
    }
    let props = PanelProps { shown: shown.clone(), lang, send: send.clone() };
    html! { <Later part={Part::Step(props)} /> }
}

/// Everything of the present step.
#[component]
pub fn Step(props: &PanelProps) -> Html {
    let PanelProps { shown, lang, send } = props;
    let Some(frame) = &shown.frame else { return html! {} };
    why::view(frame, &shown.scene, shown, *lang, send)
}

/// How many names of a group are written out among many.
const NAMES: usize = 9;

fn allegiance(shown: &Shown, lang: Lang) -> Html {
    let many = shown.ids.len() > dense::MOST_PLATES;
    let rows = dense::groups(&shown.scene).into_iter().map(|group| {
        let (icon, words) = stance_words(group.stance, lang);
        let most = if many { NAMES } else { group.ids.len() };
        let names: Vec<String> = group.ids.iter().take(most).map(ServerId::to_string).collect();
        let more = if group.ids.len() > most { " …" } else { "" };
        html! {
            <div class="vote" key={format!("{:?}", group.stance)}>
                { icon }
                <span class="v">{ words }</span>
                <span class="num">{ group.ids.len() }</span>
                <p class="mono">{ names.join(" ") }{ more }</p>
            </div>
        }
    });
    section(
        html! { lang.t(Text::WhoStands) },
        html! { lang.t(Text::Servers) },
        html! { <div class="votes">{ for rows }</div> },
    )
}

fn stance_words(stance: Stance, lang: Lang) -> (Html, String) {
    match stance {
        Stance::With(leader) => {
            let words = lang.pick(format!("with leader {leader}"), format!("跟随 Leader {leader}"));
            (parts::small_coin(leader), words)
        }
        Stance::VotesFor(candidate) => {
            let words = lang.pick(format!("vote for {candidate}"), format!("投票给 {candidate}"));
            (parts::small_coin(candidate), words)
        }
        Stance::Alone => {
            let words = lang.pick("each for itself", "各自为政，只投自己");
            (parts::icon("LOOKING"), words.to_owned())
        }
        Stance::Down => (parts::icon("DOWN"), lang.pick("down", "未运行").to_owned()),
    }
}

fn behind(shown: &Shown, lang: Lang) -> Html {
    let longest = shown.scene.servers.values().map(|server| server.status.last_logged).max();
    let Some(longest) = longest.filter(|zxid| zxid.0 > 0) else { return html! {} };
    let mut late: Vec<_> =
        shown.scene.servers.values().filter(|server| server.status.last_logged < longest).collect();
    late.arrange(|server| server.status.last_logged);
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
