//! Under the plates: links with something on them, and the cuts.

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::message::Channel;
use yew::prelude::*;

use super::{fence, parts};
use crate::model::decimal::{short, tenths};
use crate::model::scene::FlightView;
use crate::model::{boot, flight};
use crate::view::{Choices, Msg, OnGround, Selection, Shown, drawn};

/// What the links are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Where things stand.
    pub ground: OnGround,
    /// Which messages are drawn.
    pub choices: Choices,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// The layer under the plates.
#[component]
pub fn Links(props: &Props) -> Html {
    let Props { shown, ground, choices, send } = props;
    let mut busy: SortedMap<(ServerId, ServerId), Vec<&FlightView>> = SortedMap::new();
    for (id, flight) in drawn(&shown.scene, ground, choices.selection) {
        let landed = flight.arrived.is_some() && flight.lost.is_none();
        let old = landed && shown.at.since(flight.arrives) > 40_000;
        if choices.filters.show(flight::family(&flight.travel)) && !old {
            busy.entry((id.from, id.to)).or_default().push(flight);
        }
    }
    let chosen = match choices.selection {
        Selection::Link(pair) => {
            busy.entry(pair).or_default();
            Some(pair)
        }
        Selection::Message(id) => Some((id.from, id.to)),
        Selection::Server(_) | Selection::Nothing => None,
    };
    let wires = busy
        .iter()
        .map(|(pair, flights)| link(*pair, flights, ground, chosen == Some(*pair), send));
    html! {
        <svg class="wires" aria-hidden="true">
            <defs>
                <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse"
                    patternTransform="rotate(45)">
                    <rect width="2" height="6" fill="var(--ink-3)" />
                </pattern>
            </defs>
            { fence::fence(shown, ground, choices) }
            { connections(shown, ground, choices.selection) }
            // By themselves, since a list of which some have no key is matched by place.
            <g>{ for wires }</g>
        </svg>
    }
}

/// The connections of the chosen server, faint: from who dialled, a dot, to who accepted. The
/// election channel is dotted.
fn connections(shown: &Shown, ground: &OnGround, selection: Selection) -> Html {
    let Selection::Server(id) = selection else { return html! {} };
    let Some(server) = shown.scene.servers.get(&id) else { return html! {} };
    let scale = ground.layout.stage.scale;
    let both = [(Channel::Election, Some("1 4")), (Channel::Quorum, None)];
    let drawn = both.into_iter().flat_map(|(channel, dashes)| {
        boot::connections(server, channel).into_iter().filter_map(move |one| {
            let pair = if one.dialled { (id, one.peer) } else { (one.peer, id) };
            let link = ground.link(pair)?;
            let (x, y) = link.at(0.0);
            let name = format!("{channel:?} {}>{}", pair.0, pair.1);
            Some(html! {
                <g key={name.clone()} class="connection" data-connection={name}>
                    <path d={link.path()} fill="none" stroke="var(--ink-2)" stroke-opacity=".3"
                        stroke-width={short(1.2 * scale)} stroke-dasharray={dashes} />
                    <circle cx={tenths(x)} cy={tenths(y)}
                        r={short(2.6 * scale)} fill="var(--ink-2)" fill-opacity=".6" />
                </g>
            })
        })
    });
    html! { <>{ for drawn }</> }
}

/// A link with something on it: how it looks, as far as that can change.
fn link(
    pair: (ServerId, ServerId),
    flights: &[&FlightView],
    ground: &OnGround,
    chosen: bool,
    send: &Callback<Msg>,
) -> Html {
    let flying = flights.iter().any(|flight| flight.lost.is_none() && flight.arrived.is_none());
    let lost = !flights.is_empty() && flights.iter().all(|flight| flight.lost.is_some());
    let vote = flights.iter().rev().find_map(|flight| flight::candidate(&flight.travel));
    let hue = vote.map(|id| parts::hue_number(Some(id)));
    html! {
        <Wire key={format!("{}-{}", pair.0, pair.1)} {pair} {flying} {lost} {hue} {chosen}
            ground={ground.clone()} send={send.clone()} />
    }
}

#[derive(Clone, PartialEq, Properties)]
struct WireProps {
    pair: (ServerId, ServerId),
    flying: bool,
    lost: bool,
    /// The number of the candidate's hue, if what is on it are votes.
    hue: Option<i64>,
    /// Whether it, or a message on it, is selected.
    chosen: bool,
    ground: OnGround,
    send: Callback<Msg>,
}

/// A link, drawn again only when it looks otherwise.
#[component]
fn Wire(props: &WireProps) -> Html {
    let WireProps { pair, ground, .. } = props;
    let (Some(link), Some(path)) = (ground.link(*pair), ground.path(*pair)) else {
        return html! {};
    };
    let select = {
        let (pair, send) = (*pair, props.send.clone());
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Link(pair))))
    };
    let scale = ground.layout.stage.scale;
    let hue = props.hue.map(|number| parts::hue((number > 0).then_some(ServerId(number))));
    let colour = hue.unwrap_or_else(|| "var(--ink-3)".to_owned());
    let (opacity, head_opacity) = match (props.lost, props.flying) {
        (true, _) => (".5", "0"),
        (false, true) => (".55", ".9"),
        (false, false) => (".28", ".45"),
    };
    let dashes = props.lost.then(|| format!("{0} {0}", short(4.0 * scale)));
    let ((x, y), angle) = link.head();
    let place = parts::turned((x, y), angle, scale);
    html! {
        <g class="hit" data-link={format!("{}>{}", pair.0, pair.1)} onclick={select}>
            <path d={path.clone()} fill="none" stroke="transparent"
                stroke-width={short(14.0 * scale)} />
            if props.chosen {
                <path class="chosen" d={path.clone()} fill="none" stroke="var(--ink)"
                    stroke-width={short(2.6 * scale)} />
            }
            <path d={path} fill="none" stroke={colour.clone()} stroke-opacity={opacity}
                stroke-width={short(1.3 * scale)} stroke-dasharray={dashes} />
            <path d="M9 0 L1 -4.5 L1 4.5z" transform={place} fill={colour}
                fill-opacity={head_opacity} />
        </g>
    }
}
