//! Messages on the diagram: from the moment and lane of sending to those of arrival.

use vivarium_protocol::base::{ServerId, SortedMap, Time};
use vivarium_protocol::message::PacketKind;
use yew::prelude::*;

use super::{Drawn, Scale};
use crate::model::causal::Relation;
use crate::model::chronicle::{Arrow, Ending};
use crate::model::decimal::{Between, hundredths, short, tenths};
use crate::model::flight::{self, Family, micros};
use crate::stage::{flights, parts};
use crate::view::{Choices, Msg, Selection};

/// Arrows drawn at most; in a window so wide that there are more, every second or third stands for
/// its neighbours.
const MOST: usize = 1200;

/// The arrows in the window.
pub fn arrows(drawn: &Drawn, choices: &Choices, scale: &Scale, send: &Callback<Msg>) -> Html {
    let seen: Vec<&Arrow> =
        in_window(drawn, scale).filter(|arrow| is_seen(arrow, choices, drawn)).collect();
    let every = seen.len() / MOST + 1;
    let mut used: SortedMap<(ServerId, bool), f64> = SortedMap::new();
    let chosen = |arrow: &Arrow| choices.selection == Selection::Message(arrow.travel.id);
    let seen = seen.into_iter().enumerate();
    let seen = seen.filter(|(index, arrow)| index % every == 0 || chosen(arrow));
    let arrows: Vec<Html> =
        seen.filter_map(|(_, arrow)| draw(arrow, drawn, choices, scale, send, &mut used)).collect();
    html! { <g>{ arrows }</g> }
}

/// The selected message is drawn whatever else is hidden.
fn is_seen(arrow: &Arrow, choices: &Choices, drawn: &Drawn) -> bool {
    choices.selection == Selection::Message(arrow.travel.id)
        || choices.filters.show(flight::family(&arrow.travel))
            && (!drawn.many() || concerns(arrow, choices.selection, drawn.at))
}

/// Pings that are not drawn as arrows are folded: one dot on the sender's lane for all that it sent
/// in one step.
pub fn pings(drawn: &Drawn, choices: &Choices, scale: &Scale) -> Html {
    if choices.filters.pings || drawn.many() {
        return html! {};
    }
    let (mut path, mut last) = (String::new(), None);
    let half = scale.band() / 2.0 + 2.5 * scale.text_scale;
    for arrow in in_window(drawn, scale) {
        let sender = arrow.travel.id.from;
        let ping = flight::family(&arrow.travel) == Family::Ping;
        if !ping || last == Some((sender, arrow.step)) || path.len() > 16_000 {
            continue;
        }
        last = Some((sender, arrow.step));
        if let Some(y) = scale.y_of(drawn.ids, sender) {
            let x = scale.x_of(arrow.sent, arrow.step as usize + 1);
            path.push_str(&format!("M{} {}h.1", tenths(x), tenths(y + half)));
        }
    }
    html! { <path class="pings" d={path} stroke-width={short(2.4 * scale.text_scale)} /> }
}

/// The messages of which something lies in the window.
pub fn in_window<'a>(drawn: &'a Drawn, scale: &Scale) -> impl Iterator<Item = &'a Arrow> {
    let (counts, all) = (scale.counts, &drawn.chronicle.arrows);
    let start = counts.moment(drawn.frames, scale.window.start).0;
    let end = counts.moment(drawn.frames, scale.window_end()).0;
    let longest = drawn.chronicle.longest as f64;
    let first = all.partition_point(|arrow| micros(arrow.sent) < start - longest);
    all[first..]
        .iter()
        .take_while(move |arrow| micros(arrow.sent) <= end)
        .filter(move |arrow| micros(arrow.arrives) >= start)
}

/// Among many servers only what is chosen has arrows: a message, or what a server has under way.
fn concerns(arrow: &Arrow, selection: Selection, now: Time) -> bool {
    let id = arrow.travel.id;
    match selection {
        Selection::Nothing => false,
        Selection::Server(server) => {
            let flying = arrow.sent <= now && now < arrow.arrives;
            flying && (id.from == server || id.to == server)
        }
        Selection::Message(message) => id == message,
        Selection::Link(link) => {
            let flying = arrow.sent <= now && now < arrow.arrives;
            flying && (id.from, id.to) == link
        }
    }
}

/// The ends of an arrow in pixels.
pub struct Ends {
    /// Where it leaves its lane.
    pub from: (f64, f64),
    /// Where it reaches the other, or stops.
    pub to: (f64, f64),
    /// Whether it goes to a lower lane.
    pub down: bool,
}

/// The ends of an arrow; `None` if one of its lanes is not drawn.
pub fn ends(arrow: &Arrow, drawn: &Drawn, scale: &Scale) -> Option<Ends> {
    let id = arrow.travel.id;
    let (y1, y2) = (scale.y_of(drawn.ids, id.from)?, scale.y_of(drawn.ids, id.to)?);
    let down = y2 > y1;
    let half = scale.band() / 2.0 * if down { 1.0 } else { -1.0 };
    let (y1, y2) = (y1 + half, y2 - half);
    let x1 = scale.x_of(arrow.sent, arrow.step as usize + 1);
    let x2 = match (arrow.ending, arrow.ended) {
        (Ending::Arrived, Some(step)) => scale.x_of(arrow.arrives, step as usize + 1),
        _ => scale.x(scale.counts.of_time(drawn.frames, micros(arrow.arrives))),
    };
    let share = match arrow.ending {
        Ending::Lost(at) => {
            let span = micros(arrow.arrives) - micros(arrow.sent);
            ((micros(at) - micros(arrow.sent)) / span.max(1.0)).between(0.45, 0.9)
        }
        Ending::Flying | Ending::Arrived => 1.0,
    };
    let to = (x1 + (x2 - x1) * share, y1 + (y2 - y1) * share);
    Some(Ends { from: (x1, y1), to, down })
}

fn draw(
    arrow: &Arrow,
    drawn: &Drawn,
    choices: &Choices,
    scale: &Scale,
    send: &Callback<Msg>,
    used: &mut SortedMap<(ServerId, bool), f64>,
) -> Option<Html> {
    let ends = ends(arrow, drawn, scale)?;
    let id = arrow.travel.id;
    let k = scale.text_scale;
    let colour = tint(arrow, drawn).css();
    let ping = flight::family(&arrow.travel) == Family::Ping;
    let lost = matches!(arrow.ending, Ending::Lost(_));
    let flying = arrow.sent <= drawn.at && drawn.at < arrow.arrives && !lost;
    let on_link = flying && choices.selection == Selection::Link((id.from, id.to));
    let chosen = on_link || choices.selection == Selection::Message(id);
    let width = match (chosen, ping, flying) {
        (true, _, _) => 2.6,
        (false, true, _) => 0.7,
        (false, false, true) => 1.9,
        (false, false, false) => 1.25,
    } * k;
    let relation = drawn.cone.map(|cone| cone.relation(arrow));
    let opacity = match relation {
        Some(Relation::Apart) => ".12",
        Some(Relation::Past | Relation::Future) => "1",
        None if flying || chosen => "1",
        None if ping => ".5",
        None => ".8",
    };
    let [x1, y1, x2, y2] = [ends.from.0, ends.from.1, ends.to.0, ends.to.1].map(tenths);
    let line = format!("M{x1} {y1} L{x2} {y2}");
    let dashes = lost.then(|| format!("{0} {0}", short(3.0 * k)));
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
            data-cone={relation.map(cone_word)} data-chosen={chosen.then_some("yes")}
            onclick={select}>
            <path d={line.clone()} stroke={colour.clone()} stroke-width={hundredths(width)}
                stroke-dasharray={dashes} />
            <path d={line} stroke="transparent" stroke-width={short(9.0 * k)} />
            { head(arrow, &ends, &colour, scale) }
            if free && !lost && scale.lane >= 16.0 * k {
                { tail(arrow, &ends, &colour, scale) }
            }
        </g>
    })
}

/// A relation in one word.
pub fn cone_word(relation: Relation) -> &'static str {
    match relation {
        Relation::Past => "past",
        Relation::Future => "future",
        Relation::Apart => "apart",
    }
}

/// The colour of an arrow: a hue by its number, 0 for nobody's, or one of two inks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tint {
    /// A server's hue.
    Hue(i64),
    /// What is about no server.
    Ink,
    /// Pings.
    Faint,
}

impl Tint {
    /// The colour in CSS.
    pub fn css(self) -> String {
        match self {
            Tint::Hue(number) => parts::hue((number > 0).then_some(ServerId(number))),
            Tint::Ink => "var(--ink)".to_owned(),
            Tint::Faint => "var(--ink-3)".to_owned(),
        }
    }
}

/// The colour of an arrow.
pub fn tint(arrow: &Arrow, drawn: &Drawn) -> Tint {
    let travel = &arrow.travel;
    match flight::family(travel) {
        Family::Vote => Tint::Hue(parts::hue_number(flight::candidate(travel))),
        Family::Ping => Tint::Faint,
        Family::Epoch | Family::Sync => Tint::Ink,
        Family::Broadcast => match flight::cell_zxid(travel) {
            Some(zxid) => {
                let leader = parts::epoch_hue(drawn.chronicle.frontier(), zxid.epoch());
                Tint::Hue(parts::hue_number(leader))
            }
            None => Tint::Ink,
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
                transform={parts::placed((x, y), k)} />
        };
    }
    match flight::family(&arrow.travel) {
        Family::Vote => html! {
            <circle cx={tenths(x)} cy={tenths(y)} r={short(3.1 * k)}
                fill={colour.to_owned()} stroke="var(--panel)" stroke-width={short(k)} />
        },
        Family::Ping => html! {},
        Family::Epoch | Family::Sync | Family::Broadcast => {
            let angle = (y - ends.from.1).atan2(x - ends.from.0).to_degrees();
            let place = parts::turned((x, y), angle, k);
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
        <g transform={parts::placed((x, y), scale.text_scale * 0.95)}>{
            shape }</g>
    }
}
