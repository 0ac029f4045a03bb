//! The votes that a server received in this round, with their verdicts, and the comparison ladder.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::{PeerState, Vote};
use vivarium_protocol::trace::Comparison;
use yew::prelude::*;

use super::section;
use crate::i18n::{Lang, Text};
use crate::model::flight;
use crate::model::scene::{Judgement, ServerView};
use crate::narrate;
use crate::stage::parts;
use crate::view::Shown;

/// How long the newest vote stays shaded, in microseconds.
const NEW_US: u64 = 20_000;

/// The votes, the own one first, those on their way last.
pub fn view(server: &ServerView, shown: &Shown, lang: Lang) -> Html {
    let coming = coming(server, shown);
    if !server.up || (server.judgements.is_empty() && coming.is_empty()) {
        return html! {};
    }
    let round = server.status.round;
    let newest = server.judgements.back();
    let rows =
        server.judgements.iter().enumerate().rev().take(8).rev().map(|(index, judgement)| {
            let new = Some(judgement) == newest && shown.at.since(judgement.at) < NEW_US;
            received(index, judgement, round, new, lang)
        });
    let looking = server.status.role == PeerState::Looking;
    let own = server.status.vote.filter(|vote| looking && vote.leader != ServerId::NOBODY);
    let body = html! {
        <>
            <div class="votes">
                { own.map(|vote| own_row(server.id, &vote, lang)) }
                { for rows }
                { for coming }
            </div>
            if looking {
                { newest.map(|judgement| ladder(judgement, server, lang)) }
            }
        </>
    };
    let title = format!("{} {round}", lang.t(Text::VotesReceived));
    section(html! { title }, html! { lang.t(Text::FromFor) }, body)
}

fn own_row(id: ServerId, vote: &Vote, lang: Lang) -> Html {
    html! {
        <div class="vote">
            { parts::small_coin(id) }
            { triple(vote) }
            <span class="who">{ lang.t(Text::OwnVote) }</span>
        </div>
    }
}

fn triple(vote: &Vote) -> Html {
    let candidate = (vote.leader != ServerId::NOBODY).then(|| parts::small_coin(vote.leader));
    html! {
        <span class="v">
            <span aria-hidden="true">{ "→" }</span>{ candidate }{ vote.zxid.to_string() }
            <small>{ format!("e{}", vote.peer_epoch) }</small>
        </span>
    }
}

fn received(index: usize, judgement: &Judgement, round: i64, new: bool, lang: Lang) -> Html {
    html! {
        <div class={classes!("vote", new.then_some("new"))}
            key={index}>
            { parts::small_coin(judgement.from) }
            { triple(&judgement.vote) }
            <span class="who">
                { parts::icon(judgement.state.name()) }{ judgement.state.name() }
            </span>
            <p>{ narrate::verdict(lang, judgement, round) }</p>
        </div>
    }
}

/// Votes that are still on their way to this server.
fn coming(server: &ServerView, shown: &Shown) -> Vec<Html> {
    let flying = shown.scene.flights.values().filter(|flight| {
        flight.travel.id.to == server.id && flight.arrived.is_none() && flight.lost.is_none()
    });
    let rows = flying.filter_map(|flight| {
        let (state, vote, _) = flight.travel.notification?;
        flight::candidate(&flight.travel)?;
        let left = flight.arrives.since(shown.at) / 1000;
        Some(html! {
            <div class="vote fly" key={crate::stage::flights::key(&flight.travel.id)}>
                { parts::small_coin(flight.travel.id.from) }
                { triple(&vote) }
                <span class="who">{ parts::icon(state.name()) }{ state.name() }</span>
                <p>{ format!("{left} ms") }</p>
            </div>
        })
    });
    rows.collect()
}

/// The newest vote against the own one, and what else there is to say of it.
fn ladder(judgement: &Judgement, server: &ServerView, lang: Lang) -> Html {
    let own = judgement.against.map(|(own, _)| own).or(server.status.vote);
    let Some(own) = own else { return html! {} };
    let late = judgement.state != PeerState::Looking;
    html! {
        <>
            { ladder_of(&judgement.vote, &own, lang) }
            if late {
                <p>{ lang.t(Text::LateVotes) }</p>
            }
        </>
    }
}

/// Three cells: epoch, zxid, id. The deciding one is shaded, what comes after it is grey.
pub fn ladder_of(new: &Vote, own: &Vote, lang: Lang) -> Html {
    let cells = [
        (
            lang.pick("1 epoch", "1 纪元"),
            new.peer_epoch.to_string(),
            own.peer_epoch.to_string(),
            new.peer_epoch.cmp(&own.peer_epoch),
        ),
        ("2 zxid", new.zxid.to_string(), own.zxid.to_string(), new.zxid.cmp(&own.zxid)),
        ("3 id", new.leader.to_string(), own.leader.to_string(), new.leader.cmp(&own.leader)),
    ];
    let deciding = cells.iter().position(|(_, _, _, order)| order.is_ne());
    let drawn = cells.iter().enumerate().map(|(index, (name, a, b, order))| {
        let class = match deciding {
            Some(at) if at == index => "dec",
            Some(at) if index > at => "skip2",
            Some(_) | None => "",
        };
        let sign = match order {
            std::cmp::Ordering::Less => "<",
            std::cmp::Ordering::Equal => "=",
            std::cmp::Ordering::Greater => ">",
        };
        html! {
            <div class={class}><small>{ *name }</small><code>{ format!("{a} {sign} {b}") }</code>
                </div>
        }
    });
    let by = [Comparison::Epoch, Comparison::Zxid, Comparison::Id];
    let by = deciding.map_or(Comparison::Equal, |at| by[at]);
    html! {
        <div class="ladder" role="img" aria-label={narrate::comparison(lang, new, own, by)}>
            { for drawn }
        </div>
    }
}
