//! Over the plates: messages under way, each a shape of its family, named where there is room.
//!
//! Redrawn with every picture; everything else on the page is not.

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::trace::MessageId;
use yew::prelude::*;

use super::parts;
use crate::i18n::{Lang, Text};
use crate::model::flight::{self, Family, Place};
use crate::model::layout::{PlateSize, Rect};
use crate::model::scene::FlightView;
use crate::narrate;
use crate::view::{Choices, Msg, OnGround, Selection, Shown, is_drawn};

/// Closer than this many pixels, the glyphs of a train fold to their head and a number.
const FOLD: f64 = 14.0;

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
    /// How fast it moves, as a fraction of real time.
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
}

/// The layer over the plates.
#[component]
pub fn Flights(props: &Props) -> Html {
    let placed = if props.speed > 1.0 { Vec::new() } else { place_all(props) };
    let names = if props.speed > 0.25 || is_small(props.ground.layout.size) {
        Vec::new()
    } else {
        names(&placed, props)
    };
    html! {
        <svg class="wires over" id="flights" aria-hidden="true">
            { for placed.iter().filter(|one| !one.folded).map(|one| glyph(one, props)) }
            { for names }
        </svg>
    }
}

fn is_small(size: PlateSize) -> bool {
    matches!(size, PlateSize::Mini | PlateSize::Tile)
}

fn place_all(props: &Props) -> Vec<Placed<'_>> {
    let mut trains: SortedMap<(ServerId, ServerId), Vec<Placed>> = SortedMap::new();
    for (id, flight) in &props.shown.scene.flights {
        let drawn = is_drawn(&props.ground, props.choices.selection, id);
        if !drawn || !props.choices.filters.show(flight::family(&flight.travel)) {
            continue;
        }
        // A held message stands still from the moment at which it was held.
        let held = props.shown.outside.held.get(id).map(|since| flight::micros(*since));
        let moment = held.map_or(props.playhead, |since| since.min(props.playhead));
        let Some(place) = flight::place(flight, moment) else { continue };
        let Some(link) = props.ground.link((id.from, id.to)) else { continue };
        let point = link.at(flight::ease(place.along));
        let one = Placed { id: *id, flight, place, point, folded: false, behind: 0 };
        trains.entry((id.from, id.to)).or_default().push(one);
    }
    for train in trains.values_mut() {
        train.sort_by(|a, b| b.place.along.total_cmp(&a.place.along));
        let dense = props.ground.layout.size == PlateSize::Tile;
        fold_train(train, FOLD * props.ground.layout.stage.scale, dense);
    }
    trains.into_values().flatten().collect()
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

fn glyph(one: &Placed, props: &Props) -> Html {
    let Props { shown, ground, choices, send, .. } = props;
    let small = is_small(ground.layout.size);
    let scale = ground.layout.stage.scale * if small { 0.82 } else { 1.0 };
    let (x, y) = one.point;
    let leader =
        one.flight.travel.zxid.and_then(|zxid| parts::epoch_hue(&shown.scene, zxid.epoch()));
    let id = one.id;
    let select = {
        let send = send.clone();
        Callback::from(move |_: MouseEvent| send.emit(Msg::Select(Selection::Message(id))))
    };
    let selected = (choices.selection == Selection::Message(id)).then(|| {
        html! { <circle r="16" fill="none" stroke="var(--ink)" stroke-width="1.6" /> }
    });
    let title = tip(one.flight, choices.lang);
    let opacity = one.place.opacity * if one.place.lost { 0.7 } else { 1.0 };
    html! {
        <g key={key(&id)} class="glyph hit" data-message={key(&id)} onclick={select}
            transform={format!("translate({x:.1} {y:.1}) scale({scale})")}>
            <title>{ title }</title>
            <g opacity={format!("{opacity:.2}")}>
                { selected }
                { parts::glyph(&one.flight.travel, leader, 9.0) }
                { behind(one.behind) }
            </g>
            { lost(one, small, choices.lang) }
            <circle r="18" fill="transparent" />
        </g>
    }
}

/// A message's name as a key: `3>1 quorum 7`.
#[must_use]
pub fn key(id: &MessageId) -> String {
    format!("{}>{} {:?} {}", id.from, id.to, id.channel, id.count)
}

fn behind(count: usize) -> Html {
    if count == 0 {
        return html! {};
    }
    html! {
        <>
            <rect x="8" y="-19" width="19" height="14" rx="7" fill="var(--ink)" />
            <text x="17.5" y="-11.8" fill="var(--stage)">{ format!("+{count}") }</text>
        </>
    }
}

fn lost(one: &Placed, small: bool, lang: Lang) -> Html {
    if !one.place.lost {
        return html! {};
    }
    let cross = "M-8 -8 L8 8 M8 -8 L-8 8";
    html! {
        <>
            <path d={cross} stroke="var(--stage)" stroke-width="5" stroke-linecap="round" />
            <path d={cross} stroke="var(--ink)" stroke-width="2.2" stroke-linecap="round" />
            if !small {
                <text class="lost" x="14" y=".5">{ lang.t(Text::Lost) }</text>
            }
        </>
    }
}

fn tip(flight: &FlightView, lang: Lang) -> String {
    let id = flight.travel.id;
    let name = narrate::message_name(lang, &flight.travel);
    format!("{name} · {} → {} · {} – {}", id.from, id.to, flight.sent, flight.arrives)
}

/// A name and where it stands.
struct Name {
    words: Rc<str>,
    area: Rect,
    faint: bool,
    key: String,
}

/// The head of each train is named, and its tail where the link is long; names keep clear of
/// plates and of each other.
fn names(placed: &[Placed], props: &Props) -> Vec<Html> {
    let ground = &props.ground;
    let mut taken: Vec<Rect> = ground.layout.plates.values().copied().collect();
    let corners = corner_areas(ground.layout.stage.width, ground.layout.stage.scale);
    taken.extend(corners);
    let mut heads: SortedMap<(ServerId, ServerId), Vec<&Placed>> = SortedMap::new();
    for one in placed.iter().filter(|one| is_named(one)) {
        heads.entry((one.id.from, one.id.to)).or_default().push(one);
    }
    let mut names: Vec<Name> = Vec::new();
    for (pair, train) in &heads {
        let long = ground
            .links
            .get(pair)
            .is_some_and(|link| link.length() > 190.0 * ground.layout.stage.scale);
        let tail = train.last().filter(|_| long && train.len() > 1);
        for (one, faint) in
            train.first().map(|one| (one, false)).into_iter().chain(tail.map(|one| (one, true)))
        {
            if let Some(name) = place_name(one, faint, &taken, props) {
                taken.push(name.area);
                names.push(name);
            }
        }
    }
    let size = font_size(props);
    names.iter().map(|name| draw_name(name, size)).collect()
}

fn is_named(one: &Placed) -> bool {
    let family = flight::family(&one.flight.travel);
    !one.folded
        && !one.place.lost
        && one.place.opacity == 1.0
        && family != Family::Vote
        && family != Family::Ping
}

fn corner_areas(width: f64, scale: f64) -> [Rect; 2] {
    let left = Rect { x: 0.0, y: 0.0, width: 280.0 * scale, height: 120.0 * scale };
    let right = Rect { x: width - 270.0 * scale, width: 270.0 * scale, ..left };
    [left, right]
}

fn font_size(props: &Props) -> f64 {
    let stage = props.ground.layout.stage;
    stage.scale * if stage.presenting { 14.0 } else { 11.5 }
}

fn place_name(one: &Placed, faint: bool, taken: &[Rect], props: &Props) -> Option<Name> {
    let words = narrate::message_name(props.choices.lang, &one.flight.travel);
    let size = font_size(props);
    let (width, gap) =
        (words.chars().count() as f64 * size * 0.62, 16.0 * props.ground.layout.stage.scale);
    let (x, y) = one.point;
    let sides = [
        (x - gap - width, y - size * 0.6),
        (x + gap, y - size * 0.6),
        (x - width / 2.0, y - gap - size),
        (x - width / 2.0, y + gap),
    ];
    let stage = props.ground.layout.stage;
    let areas = sides.map(|(x, y)| Rect { x, y, width, height: size * 1.2 });
    let free = |area: &&Rect| {
        area.x > 8.0
            && area.x + area.width < stage.width - 8.0
            && area.y + area.height < stage.height
            && !taken.iter().any(|other| area.overlaps(other, 3.0))
    };
    let area = areas.iter().find(free).or((!faint).then_some(&areas[1]))?;
    Some(Name { words: Rc::from(words), area: *area, faint, key: key(&one.id) })
}

fn draw_name(name: &Name, size: f64) -> Html {
    html! {
        <text key={format!("name {}", name.key)} x={format!("{:.1}", name.area.x)}
            y={format!("{:.1}", name.area.y + size)} font-size={format!("{size:.1}")}
            class={classes!("tag", name.faint.then_some("faint"))}>
            { name.words.to_string() }
        </text>
    }
}
