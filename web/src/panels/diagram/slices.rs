//! While time flows: the arrows and the decided entries in slices of time, each a few paths.
//!
//! A slice is drawn again only when something in it has changed, so that a picture costs what has
//! happened since the last one and not what the window holds. A click finds its arrow by its place.
//!
//! Invariant: a slice's revision stands for everything that is drawn of it but its scale.

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::MessageId;
use yew::prelude::*;

use super::arrows::{self, Ends, Tint};
use super::ink::{self, Ink, Pen, Stroke, Weight};
use super::{Drawn, Own, Scale};
use crate::model::causal::{Cone, Relation};
use crate::model::chronicle::{Arrow, Ending, Mark, MarkKind};
use crate::model::decimal::{Between, short, tenths};
use crate::model::flight::{self, Family};
use crate::view::{Choices, Selection, Shown};

/// Slices in a window.
const IN_WINDOW: f64 = 12.0;
/// A click so near to an arrow is one on it, in pixels at the usual text size.
const REACH: f64 = 4.5;

/// The slices of which something lies in the plot.
pub fn slices(
    drawn: &Drawn,
    choices: &Choices,
    scale: &Scale,
    shown: &Shown,
    cone: Option<Rc<Cone>>,
) -> Html {
    let drawn_slices = in_plot(drawn, scale).into_iter().map(|slice| {
        let own = scale.slice(slice.start);
        let revision = revision(&slice, drawn, choices, &own);
        let place = format!("translate({} 0)", tenths(scale.x(slice.start)));
        html! {
            <g key={slice.number.to_string()} class="slice" transform={place}>
                <Slice scale={own} revision={revision} start={slice.start} shown={shown.clone()}
                    choices={*choices} cone={cone.clone()} />
            </g>
        }
    });
    html! { <g class="slices">{ for drawn_slices }</g> }
}

/// What belongs to one stretch of the axis.
struct Part<'a> {
    number: i64,
    start: f64,
    arrows: &'a [Arrow],
    marks: &'a [Mark],
}

fn width(scale: &Scale) -> f64 {
    // The plot that is drawn ahead is a window and a half.
    scale.window.span / 1.5 / IN_WINDOW
}

fn part<'a>(drawn: &Drawn<'a>, scale: &Scale, number: i64) -> Part<'a> {
    let (width, counts) = (width(scale), scale.counts);
    let (start, end) = (number as f64 * width, (number + 1) as f64 * width);
    let chronicle = drawn.chronicle;
    let sent = |arrow: &Arrow| counts.place(arrow.sent, arrow.step as usize + 1);
    let made = |mark: &Mark| counts.place(mark.at, mark.step as usize + 1);
    let arrows = &chronicle.arrows[chronicle.arrows.partition_point(|arrow| sent(arrow) < start)..];
    let marks = &chronicle.marks[chronicle.marks.partition_point(|mark| made(mark) < start)..];
    Part {
        number,
        start,
        arrows: &arrows[..arrows.partition_point(|arrow| sent(arrow) < end)],
        marks: &marks[..marks.partition_point(|mark| made(mark) < end)],
    }
}

/// The slices that lie in the plot, and those before it from which a message still reaches it.
fn in_plot<'a>(drawn: &Drawn<'a>, scale: &Scale) -> Vec<Part<'a>> {
    let (width, counts) = (width(scale), scale.counts);
    let number = |place: f64| (place / width).floor() as i64;
    let first = number(scale.window.start);
    let mut numbers: Vec<i64> = arrows::in_window(drawn, scale)
        .map(|arrow| number(counts.place(arrow.sent, arrow.step as usize + 1)))
        .take_while(|number| *number < first)
        .collect();
    numbers.dedup();
    numbers.extend(first..=number(scale.window_end()));
    let parts = numbers.into_iter().map(|number| part(drawn, scale, number));
    parts.filter(|part| !part.arrows.is_empty() || !part.marks.is_empty()).collect()
}

/// How one arrow is drawn at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    weight: Weight,
    relation: Option<Relation>,
}

/// How an arrow is drawn; `None` for one that is hidden, or folded to a dot.
fn look(arrow: &Arrow, drawn: &Drawn, choices: &Choices) -> Option<Look> {
    let family = flight::family(&arrow.travel);
    if !choices.filters.show(family) {
        return None;
    }
    let id = arrow.travel.id;
    let flying = arrow.sent <= drawn.at && drawn.at < arrow.arrives;
    let on_link = flying && choices.selection == Selection::Link((id.from, id.to));
    let weight = if on_link || choices.selection == Selection::Message(id) {
        Weight::Chosen
    } else if matches!(arrow.ending, Ending::Lost(_)) {
        Weight::Lost
    } else if family == Family::Ping {
        Weight::Faint
    } else if flying {
        Weight::Flying
    } else {
        Weight::Usual
    };
    Some(Look { weight, relation: drawn.cone.map(|cone| cone.relation(arrow)) })
}

/// A number that differs when anything that is drawn of a slice does.
fn revision(part: &Part, drawn: &Drawn, choices: &Choices, scale: &Scale) -> u64 {
    let mut revision = part.marks.len() as u64;
    let mut take = |value: u64| {
        revision = (revision ^ value).wrapping_mul(0x0000_0100_0000_01b3).rotate_left(5);
    };
    for arrow in part.arrows {
        let id = arrow.travel.id;
        take(arrow.step << 16 | (id.from.0 as u64 & 0xff) << 8 | (id.to.0 as u64 & 0xff));
        take(arrow.ended.map_or(0, |step| step + 1));
        let look = look(arrow, drawn, choices);
        let relation = match look.and_then(|look| look.relation) {
            None => 0,
            Some(relation) => relation as u64 + 1,
        };
        take(look.map_or(0, |look| rank(look.weight) + 1) << 4 | relation);
        if arrow.ended.is_none() {
            // Where it will end is not known on the axis of steps, and may change on that of time.
            let end = scale.counts.of_time(drawn.frames, flight::micros(arrow.arrives));
            take(end as u64);
        }
    }
    revision
}

fn rank(weight: Weight) -> u64 {
    weight as u64
}

#[derive(Clone, Properties)]
struct SliceProps {
    scale: Scale,
    revision: u64,
    start: f64,
    shown: Shown,
    choices: Choices,
    cone: Option<Rc<Cone>>,
}

impl PartialEq for SliceProps {
    fn eq(&self, other: &SliceProps) -> bool {
        // The revision stands for the rest.
        self.scale == other.scale && self.revision == other.revision
    }
}

/// One slice.
#[component]
fn Slice(props: &SliceProps) -> Html {
    let SliceProps { scale, shown, choices, cone, .. } = props;
    let playback = shown.playback();
    let drawn = Drawn::own(shown, &playback, cone.as_deref());
    // The width of a slice follows from the plot, of which this scale has the same share.
    let number = (props.start / width(scale)).round() as i64;
    let part = part(&drawn, scale, number);
    let paths = inked(&part, &drawn, choices, scale).into_paths();
    html! { <>{ for paths.into_iter().map(|(pen, path)| stroke(pen, path, scale)) }</> }
}

/// Everything in a slice, by pen.
fn inked(part: &Part, drawn: &Drawn, choices: &Choices, scale: &Scale) -> Ink {
    let mut ink = Ink::default();
    let mut used: SortedMap<(ServerId, bool), f64> = SortedMap::new();
    let mut ping = None;
    for arrow in part.arrows {
        let Some(ends) = arrows::ends(arrow, drawn, scale) else { continue };
        let family = flight::family(&arrow.travel);
        let Some(look) = look(arrow, drawn, choices) else {
            let sender = (arrow.travel.id.from, arrow.step);
            if family == Family::Ping && ping.replace(sender) != Some(sender) {
                fold(arrow, drawn, scale, &mut ink);
            }
            continue;
        };
        let lane = (arrow.travel.id.from, ends.down);
        let x = ends.from.0;
        let free = used.get(&lane).is_none_or(|last| (x - last).abs() >= 7.5 * scale.text_scale);
        if free {
            used.insert(lane, x);
        }
        draw(arrow, look, &ends, drawn, scale, &mut ink);
        if free && look.weight != Weight::Lost && scale.lane >= 16.0 * scale.text_scale {
            tail(arrow, look, &ends, drawn, scale, &mut ink);
        }
    }
    if !scale.dense() {
        decided(part, drawn, scale, &mut ink);
    }
    ink
}

/// All pings that a server sends in one step are one dot on its lane.
fn fold(arrow: &Arrow, drawn: &Drawn, scale: &Scale, ink: &mut Ink) {
    let Some(y) = scale.y_of(drawn.ids, arrow.travel.id.from) else { return };
    let half = scale.band() / 2.0 + 2.5 * scale.text_scale;
    let x = scale.x_of(arrow.sent, arrow.step as usize + 1);
    let pen = Pen { stroke: Stroke::Dots, tint: Tint::Faint, relation: None };
    ink::dot(ink.with(pen), (x, y + half));
}

/// A square above the lane for each entry that a server knows to be decided.
fn decided(part: &Part, drawn: &Drawn, scale: &Scale, ink: &mut Ink) {
    let k = scale.text_scale;
    let mut used: SortedMap<ServerId, f64> = SortedMap::new();
    for mark in part.marks.iter().filter(|mark| mark.kind == MarkKind::Committed) {
        let Some(y) = scale.y_of(drawn.ids, mark.server) else { continue };
        let x = scale.x_of(mark.at, mark.step as usize + 1);
        if used.get(&mark.server).is_some_and(|last| x - last < 2.0) {
            continue;
        }
        used.insert(mark.server, x);
        let pen = Pen { stroke: Stroke::Squares, tint: Tint::Ink, relation: None };
        let middle = (x, y - scale.band() / 2.0 - 4.5 * k);
        let corners = [(-3.0, -3.0), (3.0, -3.0), (3.0, 3.0), (-3.0, 3.0)];
        ink::shape(ink.with(pen), middle, (1.0, 0.0), k, &corners);
    }
}

fn draw(arrow: &Arrow, look: Look, ends: &Ends, drawn: &Drawn, scale: &Scale, ink: &mut Ink) {
    let Look { weight, relation } = look;
    let (k, tint) = (scale.text_scale, arrows::tint(arrow, drawn));
    let pen = |stroke, tint| Pen { stroke, tint, relation };
    ink::line(ink.with(pen(Stroke::Line(weight), tint)), ends.from, ends.to);
    let (x, y) = ends.to;
    if matches!(arrow.ending, Ending::Lost(_)) {
        let path = ink.with(pen(Stroke::Crosses, Tint::Ink));
        let arm = 3.4 * k;
        ink::line(path, (x - arm, y - arm), (x + arm, y + arm));
        ink::line(path, (x + arm, y - arm), (x - arm, y + arm));
        return;
    }
    match flight::family(&arrow.travel) {
        Family::Vote => {
            ink::dot(ink.with(pen(Stroke::Rim, Tint::Ink)), ends.to);
            ink::dot(ink.with(pen(Stroke::Dot, tint)), ends.to);
        }
        Family::Ping => {}
        Family::Epoch | Family::Sync | Family::Broadcast => {
            let (dx, dy) = (x - ends.from.0, y - ends.from.1);
            let length = dx.hypot(dy).max(0.001);
            let towards = (dx / length, dy / length);
            let corners = [(0.0, 0.0), (-6.0, -3.0), (-6.0, 3.0)];
            ink::shape(ink.with(pen(Stroke::Heads, tint)), ends.to, towards, k, &corners);
        }
    }
}

/// The family's shape where a packet left.
fn tail(arrow: &Arrow, look: Look, ends: &Ends, drawn: &Drawn, scale: &Scale, ink: &mut Ink) {
    let solid = matches!(arrow.travel.packet, Some(PacketKind::Commit | PacketKind::Inform));
    let (stroke, corners): (Stroke, &[(f64, f64)]) = match flight::family(&arrow.travel) {
        Family::Vote | Family::Ping => return,
        Family::Epoch => (Stroke::Hollow, &[(0.0, -4.0), (4.0, 0.0), (0.0, 4.0), (-4.0, 0.0)]),
        Family::Sync => (
            Stroke::Solid,
            &[(-2.4, -3.8), (2.4, -3.8), (4.6, 0.0), (2.4, 3.8), (-2.4, 3.8), (-4.6, 0.0)],
        ),
        Family::Broadcast => (
            if solid { Stroke::Solid } else { Stroke::Hollow },
            &[(-3.2, -3.2), (3.2, -3.2), (3.2, 3.2), (-3.2, 3.2)],
        ),
    };
    let pen = Pen { stroke, tint: arrows::tint(arrow, drawn), relation: look.relation };
    ink::shape(ink.with(pen), ends.from, (1.0, 0.0), 0.95 * scale.text_scale, corners);
}

/// A path as an element.
fn stroke(pen: Pen, path: String, scale: &Scale) -> Html {
    let k = scale.text_scale;
    let colour = || pen.tint.css();
    let none = || "none".to_owned();
    let panel = || "var(--panel)".to_owned();
    let (fill, line, width) = match pen.stroke {
        Stroke::Dots => (none(), colour(), 2.4),
        Stroke::Squares | Stroke::Heads => (colour(), none(), 0.0),
        Stroke::Line(weight) => {
            let width = match weight {
                Weight::Chosen => 2.6,
                Weight::Faint => 0.7,
                Weight::Flying => 1.9,
                Weight::Usual | Weight::Lost => 1.25,
            };
            (none(), colour(), width)
        }
        Stroke::Rim => (none(), panel(), 7.2),
        Stroke::Dot => (none(), colour(), 5.2),
        Stroke::Crosses => (none(), colour(), 1.7),
        Stroke::Hollow => (panel(), colour(), 1.3),
        Stroke::Solid => (colour(), colour(), 1.3),
    };
    let opacity = match (pen.relation, pen.stroke) {
        (Some(Relation::Apart), _) => Some(".12"),
        (Some(Relation::Past | Relation::Future), _) => None,
        (None, Stroke::Line(Weight::Faint)) => Some(".5"),
        (None, Stroke::Line(Weight::Usual | Weight::Lost) | Stroke::Dots) => Some(".8"),
        (None, _) => None,
    };
    let round = matches!(pen.stroke, Stroke::Dots | Stroke::Rim | Stroke::Dot).then_some("round");
    let dashes =
        (pen.stroke == Stroke::Line(Weight::Lost)).then(|| format!("{0} {0}", short(3.0 * k)));
    html! {
        <path key={pen.number()} d={path} fill={fill} stroke={line}
            stroke-width={short(width * k)} stroke-linecap={round}
            stroke-dasharray={dashes} stroke-opacity={opacity} fill-opacity={opacity}
            data-cone={pen.relation.map(arrows::cone_word)} />
    }
}

/// The message whose arrow lies at a place of the diagram, if there is one.
pub(super) fn message_at(own: &Own, scale: &Scale, (x, y): (f64, f64)) -> Option<MessageId> {
    let playback = own.shown.playback();
    let drawn = Drawn::own(&own.shown, &playback, None);
    if drawn.many() || x < scale.left {
        return None;
    }
    let reach = REACH * scale.text_scale;
    let near = arrows::in_window(&drawn, scale).filter_map(|arrow| {
        look(arrow, &drawn, &own.choices)?;
        let ends = arrows::ends(arrow, &drawn, scale)?;
        Some((distance((x, y), ends.from, ends.to), arrow.travel.id))
    });
    let nearest = near.filter(|(away, _)| *away <= reach);
    nearest.min_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, id)| id)
}

/// How far a point lies from a stretch.
fn distance(at: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let along = (at.0 - from.0) * dx + (at.1 - from.1) * dy;
    let share = (along / (dx * dx + dy * dy).max(1e-9)).between(0.0, 1.0);
    (at.0 - from.0 - share * dx).hypot(at.1 - from.1 - share * dy)
}

#[cfg(test)]
#[path = "slices/tests.rs"]
mod tests;
