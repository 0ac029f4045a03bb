//! Over the plates: messages under way, each a shape of its family, named where there is room.
//!
//! Standing still they are elements of the document, which can be picked, copied and looked at one
//! by one. While time flows they are painted on a canvas, from the same text: a hundred elements
//! that move cost the browser more than everything else on the page.

mod crowd;
mod names;
mod picks;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::rc::Rc;

use vivarium_protocol::base::{Arrange, ServerId, SortedMap};
use vivarium_protocol::trace::MessageId;
use web_sys::Element;
use yew::prelude::*;

use super::glyph::{self, add, set};
use super::parts;
use crate::i18n::Text;
use crate::model::decimal::short;
use crate::model::flight::{self, Family, Place};
use crate::model::layout::PlateSize;
use crate::model::scene::FlightView;
use crate::panels::diagram::ink;
use crate::tasks;
use crate::view::{Choices, Msg, OnGround, Selection, Shown, drawn};
use picks::{Picks, Target, use_picks};

/// Closer than this many pixels, the glyphs of a train fold to their head and a number.
const FOLD: f64 = 14.0;
/// How far from its middle a message can be picked, in units of its drawing.
const GRASP: f64 = 18.0;

/// What the flights are drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The moment.
    pub shown: Shown,
    /// Where things stand.
    pub ground: OnGround,
    /// Language, selection, filters.
    pub choices: Choices,
    /// The playhead, microseconds.
    pub playhead: f64,
    /// How fast it moves, as a fraction of real time; 0 when it stands.
    pub speed: f64,
    /// Where clicks go.
    pub send: Callback<Msg>,
}

/// A message with its place on the stage.
struct Placed<'a> {
    id: MessageId,
    flight: &'a FlightView,
    place: Place,
    point: (f64, f64),
    /// Hidden behind the head of its train.
    folded: bool,
    /// How many hide behind it.
    behind: usize,
    /// At which of its corners that is told.
    corner: usize,
}

/// A small drawing and where it belongs.
struct Mark {
    svg: String,
    at: (f64, f64),
    opacity: f64,
    /// The message that it belongs to, if it does.
    message: Option<MessageId>,
}

/// The layer over the plates.
#[component]
pub fn Flights(props: &Props) -> Html {
    let node = use_node_ref();
    let picks = use_mut_ref(Picks::default);
    let flows = props.speed > 0.0;
    let scale = crowd::scale(props);
    let marks = {
        let placed = if props.speed > 1.0 { Vec::new() } else { place_all(props) };
        let seen = || placed.iter().filter(|one| !one.folded);
        picks.borrow_mut().renew(seen().map(target).collect(), scale, props.choices.lang);
        let mut marks: Vec<Mark> = seen().map(|one| mark(one, props)).collect();
        marks.extend(seen().filter(|one| one.behind > 0).map(|one| behind(one, scale)));
        if props.speed <= 0.25 && !is_small(props.ground.layout.size) {
            names::names(&placed, props, &mut marks);
        }
        marks
    };
    let inside = if flows {
        // What is painted is drawn into a picture by way of the empty drawing beside it.
        html! { <><canvas key="painted" /><svg class="wires"></svg></> }
    } else {
        Html::from_html_unchecked(document(&marks, scale).into())
    };
    use_picks(node.clone(), picks.clone(), flows);
    use_painting(node.clone(), picks.clone(), flows.then_some(marks), props);
    html! {
        <div ref={node} id="flights" aria-hidden="true"
            onclick={picks::select(&picks, &props.send)} onpointerover={picks::tell(&picks)}>
            { inside }
        </div>
    }
}

fn target(one: &Placed) -> Target {
    let times = (one.flight.sent, one.flight.arrives);
    Target { travel: one.flight.travel.clone(), times, at: one.point }
}

/// Paints what moves after every drawing.
#[hook]
fn use_painting(node: NodeRef, picks: Rc<RefCell<Picks>>, marks: Option<Vec<Mark>>, props: &Props) {
    let stage = props.ground.layout.stage;
    let sizes = [stage.width, stage.height, crowd::scale(props)];
    use_effect(move || {
        let canvas = node.cast::<Element>().and_then(|layer| layer.first_element_child());
        if let (Some(canvas), Some(marks)) = (canvas, marks) {
            let mut drawings = String::new();
            let mut places = Vec::with_capacity(marks.len() * 3);
            for mark in &marks {
                add(&mut drawings, &[&mark.svg, "\n"]);
                places.extend([mark.at.0, mark.at.1, mark.opacity].map(|it| it as f32));
            }
            tasks::paint(&canvas, sizes, &drawings, &places);
            picks.borrow_mut().look(&canvas);
        }
    });
}

/// What stands still, as one drawing.
fn document(marks: &[Mark], scale: f64) -> String {
    let mut svg = String::from("<svg class=\"wires\">");
    let scale = format!(") scale({})\"", short(scale));
    for mark in marks {
        svg.push_str("<g transform=\"translate(");
        ink::number(&mut svg, mark.at.0);
        svg.push(' ');
        ink::number(&mut svg, mark.at.1);
        svg.push_str(&scale);
        if mark.opacity < 1.0 {
            set(&mut svg, "opacity", mark.opacity);
        }
        match mark.message {
            Some(id) => {
                add(
                    &mut svg,
                    &[" class=\"glyph\" data-message=\"", &key(&id), "\"><title></title>"],
                );
                svg.push_str(&mark.svg);
            }
            None => add(&mut svg, &[">", &mark.svg]),
        }
        svg.push_str("</g>");
    }
    svg.push_str("</svg>");
    svg
}

fn mark(one: &Placed, props: &Props) -> Mark {
    let travel = &one.flight.travel;
    let leader = travel.zxid.and_then(|zxid| parts::epoch_hue(&props.shown.scene, zxid.epoch()));
    let mut svg = String::new();
    if one.place.lost {
        // What is lost fades by itself and keeps its cross.
        svg.push_str("<g");
        set(&mut svg, "opacity", one.place.opacity * 0.7);
        svg.push('>');
    }
    if props.choices.selection == Selection::Message(one.id) {
        glyph::circle(&mut svg, 16.0, "fill=\"none\" stroke=\"var(--ink)\" stroke-width=\"1.6\"");
    }
    svg.push_str(&glyph::glyph(travel, leader, 9.0));
    if one.place.lost {
        svg.push_str("</g>");
        lost(&mut svg, props);
    }
    glyph::circle(&mut svg, GRASP, "fill=\"transparent\"");
    let opacity = if one.place.lost { 1.0 } else { one.place.opacity };
    Mark { svg, at: one.point, opacity, message: Some(one.id) }
}

fn is_small(size: PlateSize) -> bool {
    matches!(size, PlateSize::Mini | PlateSize::Tile)
}

fn place_all(props: &Props) -> Vec<Placed<'_>> {
    let mut trains: SortedMap<(ServerId, ServerId), Vec<Placed>> = SortedMap::new();
    let selection = props.choices.selection;
    for (id, flight) in drawn(&props.shown.scene, &props.ground, selection) {
        let chosen = props.choices.selection == Selection::Message(*id);
        let shows = props.choices.filters.show(flight::family(&flight.travel));
        if !(chosen || shows) {
            continue;
        }
        // A held message stands still from the moment at which it was held.
        let held = props.shown.outside.held.get(id).map(|since| flight::micros(*since));
        let moment = held.map_or(props.playhead, |since| since.min(props.playhead));
        let Some(place) = flight::place(flight, moment) else { continue };
        let Some(link) = props.ground.link((id.from, id.to)) else { continue };
        let point = link.at(flight::ease(place.along));
        let one = Placed { id: *id, flight, place, point, folded: false, behind: 0, corner: 0 };
        trains.entry((id.from, id.to)).or_default().push(one);
    }
    for train in trains.values_mut() {
        // Foremost first; a millionth of the way is far below a pixel.
        train.arrange(|one| Reverse((one.place.along * 1e6) as i64));
        let dense = props.ground.layout.size == PlateSize::Tile;
        fold_train(train, FOLD * props.ground.layout.stage.scale, dense);
    }
    let mut all: Vec<Placed> = trains.into_values().flatten().collect();
    unfold_chosen(&mut all, props.choices.selection);
    crowd::keep_apart(&mut all, props);
    all
}

/// The selected message is seen, even within a train that is folded to its head.
fn unfold_chosen(all: &mut [Placed], selection: Selection) {
    let chosen = |one: &Placed| one.folded && selection == Selection::Message(one.id);
    let Some(at) = all.iter().position(chosen) else { return };
    all[at].folded = false;
    let pair = (all[at].id.from, all[at].id.to);
    let head = all.iter_mut().find(|one| one.behind > 0 && (one.id.from, one.id.to) == pair);
    if let Some(head) = head {
        head.behind -= 1;
    }
}

/// A train too tight to read shows its head and how many follow.
fn fold_train(train: &mut [Placed], gap: f64, dense: bool) {
    let is_car = |one: &Placed| {
        let family = flight::family(&one.flight.travel);
        !one.place.lost
            && one.place.opacity == 1.0
            && (dense || family != Family::Vote)
            && family != Family::Ping
    };
    let cars: Vec<usize> = (0..train.len()).filter(|i| is_car(&train[*i])).collect();
    let distance = |a: (f64, f64), b: (f64, f64)| (a.0 - b.0).hypot(a.1 - b.1);
    let tight = dense
        || cars.windows(2).any(|pair| distance(train[pair[0]].point, train[pair[1]].point) < gap);
    if let (true, Some((head, rest))) = (tight, cars.split_first()) {
        train[*head].behind = rest.len();
        for car in rest {
            train[*car].folded = true;
        }
    }
}

/// A message's name as a key: `3>1 quorum 7`.
#[must_use]
pub fn key(id: &MessageId) -> String {
    format!("{}>{} {:?} {}", id.from, id.to, id.channel, id.count)
}

/// Apart from its glyph a number looks the same at every corner, and is painted once.
fn behind(one: &Placed, scale: f64) -> Mark {
    let (width, height) = crowd::NUMBER;
    let (x, y) = crowd::CORNERS[one.corner];
    let at = (one.point.0 + (x + width / 2.0) * scale, one.point.1 + (y + height / 2.0) * scale);
    let mut svg = String::new();
    let look = "fill=\"var(--ink)\"";
    glyph::rect(&mut svg, (-width / 2.0, -height / 2.0), crowd::NUMBER, "7", look);
    let count = one.behind.to_string();
    add(&mut svg, &["<text dy=\".2\" fill=\"var(--stage)\">+", &count, "</text>"]);
    Mark { svg, at, opacity: 1.0, message: Some(one.id) }
}

fn lost(svg: &mut String, props: &Props) {
    for look in
        ["stroke=\"var(--stage)\" stroke-width=\"5\"", "stroke=\"var(--ink)\" stroke-width=\"2.2\""]
    {
        add(svg, &["<path d=\"M-8 -8L8 8M8 -8L-8 8\" stroke-linecap=\"round\" ", look, "/>"]);
    }
    if !is_small(props.ground.layout.size) {
        let word = props.choices.lang.t(Text::Lost);
        add(svg, &["<text class=\"lost\" x=\"14\" y=\".5\">", word, "</text>"]);
    }
}
