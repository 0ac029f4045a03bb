//! Messages on the diagram: from the moment and lane of sending to those of arrival.

use std::collections::BTreeMap;

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::PacketKind;
use yew::prelude::*;

use super::Scale;
use crate::model::chronicle::{Arrow, Ending};
use crate::model::dense;
use crate::model::flight::{self, Family, micros};
use crate::stage::{flights, parts};
use crate::view::{Choices, Msg, Selection, Shown};

/// Arrows drawn at most; beyond this the window is too wide to tell them apart.
const MOST: usize = 1200;
/// How long before the window an arrow may have been sent, in microseconds.
const LONGEST: f64 = 5_000_000.0;

/// The arrows in the window.
pub fn arrows(shown: &Shown, choices: &Choices, scale: &Scale, send: &Callback<Msg>) -> Html {
    let playback = shown.playback();
    let all = &playback.chronicle().arrows;
    let (start, end) = (scale.window.start, scale.window.start + scale.window.span);
    let many = shown.ids.len() > dense::MOST_PLATES;
    let first = all.partition_point(|arrow| micros(arrow.sent) < start - LONGEST);
    let seen = all[first..]
        .iter()
        .take_while(|arrow| micros(arrow.sent) <= end)
        .filter(|arrow| micros(arrow.arrives) >= start)
        .filter(|arrow| choices.filters.show(flight::family(&arrow.travel)))
        .filter(|arrow| !many || is_chosen(choices.selection, arrow, shown.at))
        .take(MOST);
    let mut used: BTreeMap<(ServerId, bool), f64> = BTreeMap::new();
    let drawn: Vec<Html> =
        seen.filter_map(|arrow| draw(arrow, shown, choices, scale, send, &mut used)).collect();
    html! { <g>{ drawn }</g> }
}

/// Among many servers only what is chosen has arrows: a message, or what a server has under way.
fn is_chosen(selection: Selection, arrow: &Arrow, now: Time) -> bool {
    let id = arrow.travel.id;
    match selection {
        Selection::Server(server) => {
            let flying = arrow.sent <= now && now < arrow.arrives;
            flying && (id.from == server || id.to == server)
        }
        Selection::Message(message) => message == id,
        Selection::Nothing => false,
    }
}

/// The ends of an arrow in pixels.
struct Ends {
    from: (f64, f64),
    to: (f64, f64),
    down: bool,
}

fn ends(arrow: &Arrow, shown: &Shown, scale: &Scale) -> Option<Ends> {
    let id = arrow.travel.id;
    let (y1, y2) = (scale.y_of(&shown.ids, id.from)?, scale.y_of(&shown.ids, id.to)?);
    let down = y2 > y1;
    let half = scale.band() / 2.0 * if down { 1.0 } else { -1.0 };
    let (y1, y2) = (y1 + half, y2 - half);
    let (x1, x2) = (scale.x_of(arrow.sent), scale.x_of(arrow.arrives));
    let share = match arrow.ending {
        Ending::Lost(at) => {
            let span = micros(arrow.arrives) - micros(arrow.sent);
            ((micros(at) - micros(arrow.sent)) / span.max(1.0)).clamp(0.45, 0.9)
        }
        Ending::Flying | Ending::Arrived => 1.0,
    };
    let to = (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share);
    Some(Ends { from: (x1, y1), to, down })
}

fn draw(
    arrow: &Arrow,
    shown: &Shown,
    choices: &Choices,
    scale: &Scale,
    send: &Callback<Msg>,
    used: &mut BTreeMap<(ServerId, bool), f64>,
) -> Option<Html> {
    let ends = ends(arrow, shown, scale)?;
    let id = arrow.travel.id;
    let k = scale.text_scale;
    let colour = colour(arrow, shown);
    let ping = flight::family(&arrow.travel) == Family::Ping;
    let lost = matches!(arrow.ending, Ending::Lost(_));
    let flying = arrow.sent <= shown.at && shown.at < arrow.arrives && !lost;
    let chosen = choices.selection == Selection::Message(id);
    let width = match (chosen, ping, flying) {
        (true, _, _) => 2.6,
        (false, true, _) => 0.7,
        (false, false, true) => 1.9,
        (false, false, false) => 1.25,
    } * k;
    let opacity = if flying || chosen {
        "1"
    } else if ping {
        ".5"
    } else {
        ".8"
    };
    let line = format!("M{:.1} {:.1} L{:.1} {:.1}", ends.from.0, ends.from.1, ends.to.0, ends.to.1);
    let dashes = lost.then(|| format!("{0} {0}", 3.0 * k));
    let lane = (id.from, ends.down);
    let free = used.get(&lane).is_none_or(|last| (ends.from.0 - last).abs() >= 7.5 * k);
    if free {
        used.insert(lane, ends.from.0);
    }
    let select = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Message(id))))
    };
    Some(html! {
        <g class="ms" key={format!("{} {}", arrow.step, flights::key(&id))}
            data-message={flights::key(&id)} opacity={opacity}
            onclick={select}>
            <path d={line.clone()} stroke={colour.clone()} stroke-width={format!("{width:.2}")}
                stroke-dasharray={dashes} />
            <path d={line} stroke="transparent" stroke-width={(9.0 * k).to_string()} />
            { head(arrow, &ends, &colour, scale) }
            if free && !lost && scale.lane >= 16.0 * k {
                { tail(arrow, &ends, &colour, scale) }
            }
        </g>
    })
}

fn colour(arrow: &Arrow, shown: &Shown) -> String {
    let travel = &arrow.travel;
    match flight::family(travel) {
        Family::Vote => parts::hue(flight::candidate(travel)),
        Family::Ping => "var(--ink-3)".to_owned(),
        Family::Epoch | Family::Sync => "var(--ink)".to_owned(),
        Family::Broadcast => match flight::cell_zxid(travel) {
            Some(zxid) => parts::hue(parts::epoch_hue(&shown.scene, zxid.epoch())),
            None => "var(--ink)".to_owned(),
        },
    }
}

/// A dot for a vote, an arrowhead for a packet, a cross for what was lost.
fn head(arrow: &Arrow, ends: &Ends, colour: &str, scale: &Scale) -> Html {
    let k = scale.text_scale;
    let (x, y) = ends.to;
    if matches!(arrow.ending, Ending::Lost(_)) {
        return html! {
            <path d="M-3.4 -3.4 L3.4 3.4 M3.4 -3.4 L-3.4 3.4" stroke="var(--ink)" stroke-width="1.7"
                transform={format!("translate({x:.1} {y:.1}) scale({k})")} />
        };
    }
    match flight::family(&arrow.travel) {
        Family::Vote => html! {
            <circle cx={format!("{x:.1}")} cy={format!("{y:.1}")} r={(3.1 * k).to_string()}
                fill={colour.to_owned()} stroke="var(--panel)" stroke-width={k.to_string()} />
        },
        Family::Ping => html! {},
        Family::Epoch | Family::Sync | Family::Broadcast => {
            let angle = (y - ends.from.1).atan2(x - ends.from.0).to_degrees();
            let place = format!("translate({x:.1} {y:.1}) rotate({angle:.1}) scale({k})");
            html! { <path d="M0 0 L-6 -3 L-6 3z" fill={colour.to_owned()} transform={place} /> }
        }
    }
}

/// The family's shape where a packet left.
fn tail(arrow: &Arrow, ends: &Ends, colour: &str, scale: &Scale) -> Html {
    let (x, y) = ends.from;
    let colour = colour.to_owned();
    let shape = match flight::family(&arrow.travel) {
        Family::Vote | Family::Ping => return html! {},
        Family::Epoch => html! {
            <path d="M0 -4 4 0 0 4 -4 0z" fill="var(--panel)" stroke={colour} stroke-width="1.3" />
        },
        Family::Sync => {
            html! { <path d="M-2.4 -3.8 H2.4 L4.6 0 2.4 3.8 H-2.4 L-4.6 0z" fill={colour} /> }
        }
        Family::Broadcast => {
            let solid =
                matches!(arrow.travel.packet, Some(PacketKind::Commit | PacketKind::Inform));
            let fill = if solid { colour.clone() } else { "var(--panel)".to_owned() };
            html! {
                <rect x="-3.2" y="-3.2" width="6.4" height="6.4" fill={fill} stroke={colour}
                    stroke-width="1.4" />
            }
        }
    };
    html! {
        <g transform={format!("translate({x:.1} {y:.1}) scale({})", scale.text_scale * 0.95)}>{
            shape }</g>
    }
}
