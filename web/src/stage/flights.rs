//! Over the plates: messages under way, each a shape of its family, named where there is room.
//!
//! A message is drawn when something about it changes. With every picture it is only moved: its
//! transform and its fading are set on its element, past the virtual tree, which knows neither.
//! What is moved is a box around the glyph, which unlike a moved `svg` is not laid out.

mod crowd;
mod names;

use std::cell::RefCell;
use std::cmp::Reverse;
use std::rc::Rc;

use vivarium_protocol::base::{Arrange, ServerId, SortedMap, Time};
use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::{MessageId, Travel};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::parts;
use crate::i18n::{Lang, Text};
use crate::model::flight::{self, Family, Place};
use crate::model::layout::PlateSize;
use crate::model::scene::FlightView;
use crate::model::slots::Slots;
use crate::narrate;
use crate::panels::diagram::ink;
use crate::view::{Choices, Msg, OnGround, Selection, Shown, drawn};

/// The steps in which what has arrived fades.
const QUARTERS: u8 = 4;
/// Where a slot waits for its next message: off the stage, which shows nothing beyond its edges.
const ASIDE: &str = "translate(-99px,-99px)";
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
    /// At which of its corners that is told.
    corner: usize,
}

/// The layer over the plates.
#[component]
pub fn Flights(props: &Props) -> Html {
    let node = use_node_ref();
    let layer = use_mut_ref(Layer::default);
    let placed = if props.speed > 1.0 { Vec::new() } else { place_all(props) };
    let small = is_small(props.ground.layout.size);
    let names = if props.speed > 0.25 || small { Vec::new() } else { names::names(&placed, props) };
    let scale = crowd::scale(props);
    let (looks, spots) = layer.borrow_mut().settle(&placed, props);
    use_places(node.clone(), layer, spots, scale);
    let looks = Rc::new(looks);
    html! {
        <div ref={node} id="flights" aria-hidden="true"
            onclick={select(&looks, &props.send)} onpointerover={tell(&looks, props.choices.lang)}>
            <Glyphs looks={looks} {small} lang={props.choices.lang} />
            <svg class="wires">{ for names }</svg>
        </div>
    }
}

/// What stands in which slot, and what its element was last told.
#[derive(Default)]
struct Layer {
    slots: Slots<MessageId, Kind>,
    looks: Vec<Look>,
    told: Vec<Spot>,
    /// How large the glyphs were last told to be.
    scale: f64,
}

impl Layer {
    /// What is in each slot, and where. A slot that is free keeps what was in it, hidden, for the
    /// next message while time flows; standing still, there is none.
    fn settle(&mut self, placed: &[Placed], props: &Props) -> (Vec<Look>, Vec<Option<Spot>>) {
        if props.speed == 0.0 {
            self.slots.clear();
            self.looks.clear();
        }
        let seen: Vec<&Placed> = placed.iter().filter(|one| !one.folded).collect();
        let present: Vec<(MessageId, Kind)> =
            seen.iter().map(|one| (one.id, kind(&one.flight.travel))).collect();
        let given = self.slots.assign(&present);
        for look in &mut self.looks {
            look.here = false;
        }
        let mut spots = vec![None; self.slots.len()];
        let mut all: Vec<(usize, &Placed)> = given.into_iter().zip(seen).collect();
        all.arrange(|(slot, _)| *slot);
        for (slot, one) in all {
            match self.looks.get_mut(slot) {
                Some(old) => *old = look(one, props),
                // Slots are given in order: this is the next one.
                None => self.looks.push(look(one, props)),
            }
            spots[slot] = Some(spot(one));
        }
        (self.looks.clone(), spots)
    }

    /// Tells each element what it does not know yet.
    fn tell(&mut self, layer: &HtmlElement, spots: &[Option<Spot>], scale: f64) {
        if self.scale != scale {
            self.scale = scale;
            let _ = layer.style().set_property("--glyph", &scale.to_string());
        }
        self.told.resize(spots.len(), Spot::default());
        let aside = Spot { transform: ASIDE.to_owned(), left: QUARTERS };
        let mut next = layer.first_element_child();
        for (spot, told) in spots.iter().zip(&mut self.told) {
            let Some(element) = next else { break };
            if let Some(glyph) = element.dyn_ref::<HtmlElement>() {
                place(glyph, spot.as_ref().unwrap_or(&aside), told);
            }
            next = element.next_element_sibling();
        }
    }
}

/// What can take the place of what with few changes.
type Kind = (Family, Option<PacketKind>);

fn kind(travel: &Travel) -> Kind {
    (flight::family(travel), travel.packet)
}

/// The message whose element an event is about.
fn of_event<'a>(event: &Event, looks: &'a [Look]) -> Option<(Element, &'a Look)> {
    let target: Element = event.target_dyn_into()?;
    let element = target.closest("[data-message]").ok()??;
    let name = element.get_attribute("data-message")?;
    let look = looks.iter().find(|look| look.here && key(&look.travel.id) == name)?;
    Some((element, look))
}

/// A click on a message selects it.
fn select(looks: &Rc<Vec<Look>>, send: &Callback<Msg>) -> Callback<MouseEvent> {
    let (looks, send) = (looks.clone(), send.clone());
    Callback::from(move |event: MouseEvent| {
        if let Some((_, look)) = of_event(&event, &looks) {
            send.emit(Msg::Select(Selection::Message(look.travel.id)));
        }
    })
}

/// The pointer over a message tells its name: written only then, since most are never asked.
fn tell(looks: &Rc<Vec<Look>>, lang: Lang) -> Callback<PointerEvent> {
    let looks = looks.clone();
    Callback::from(move |event: PointerEvent| {
        if let Some((element, look)) = of_event(&event, &looks) {
            let title = element.query_selector("title").ok().flatten();
            if let Some(title) = title {
                title.set_text_content(Some(&tip(look, lang)));
            }
        }
    })
}

#[derive(Clone, PartialEq, Properties)]
struct GlyphsProps {
    looks: Rc<Vec<Look>>,
    small: bool,
    lang: Lang,
}

/// The slots in their order.
#[component]
fn Glyphs(props: &GlyphsProps) -> Html {
    let GlyphsProps { looks, small, lang } = props;
    let glyphs = looks.iter().enumerate().map(|(slot, look)| {
        html! { <Glyph key={slot} look={look.clone()} small={*small} lang={*lang} /> }
    });
    html! { <>{ for glyphs }</> }
}

fn look(one: &Placed, props: &Props) -> Look {
    let travel = one.flight.travel.clone();
    let scene = &props.shown.scene;
    let leader = travel.zxid.and_then(|zxid| parts::epoch_hue(scene, zxid.epoch()));
    Look {
        here: true,
        travel,
        leader,
        times: (one.flight.sent, one.flight.arrives),
        lost: one.place.lost.then(|| (one.place.opacity * 10.0).round() as u8),
        behind: (one.behind, one.corner),
        selected: props.choices.selection == Selection::Message(one.id),
    }
}

/// Where a message stands and how much is left of it in quarters, as its element is told.
#[derive(Clone, Debug, PartialEq)]
struct Spot {
    transform: String,
    left: u8,
}

impl Default for Spot {
    fn default() -> Spot {
        Spot { transform: String::new(), left: QUARTERS }
    }
}

fn spot(one: &Placed) -> Spot {
    let (x, y) = one.point;
    let mut transform = String::with_capacity(32);
    transform.push_str("translate(");
    ink::number(&mut transform, x);
    transform.push_str("px,");
    ink::number(&mut transform, y);
    transform.push_str("px)");
    // What is lost fades by itself and keeps its cross.
    let quarters = (one.place.opacity * f64::from(QUARTERS)).ceil() as u8;
    Spot { transform, left: if one.place.lost { QUARTERS } else { quarters } }
}

/// Puts the elements of the layer where they belong after every drawing.
#[hook]
fn use_places(node: NodeRef, layer: Rc<RefCell<Layer>>, spots: Vec<Option<Spot>>, scale: f64) {
    use_effect(move || {
        if let Some(element) = node.cast::<HtmlElement>() {
            layer.borrow_mut().tell(&element, &spots, scale);
        }
    });
}

/// Only an ill-formed value is refused, and ours are well-formed.
fn place(glyph: &HtmlElement, spot: &Spot, told: &mut Spot) {
    if told.transform != spot.transform {
        let _ = glyph.style().set_property("transform", &spot.transform);
    }
    if told.left != spot.left {
        let left = [".1", ".25", ".5", ".75", "1"][usize::from(spot.left.min(QUARTERS))];
        let _ = glyph.style().set_property("opacity", left);
    }
    told.clone_from(spot);
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

/// What can change about a message but its place.
#[derive(Clone, PartialEq)]
struct Look {
    /// Whether it is there, or only its slot.
    here: bool,
    travel: Rc<Travel>,
    /// Who led the epoch of what it carries.
    leader: Option<ServerId>,
    /// When it left, and when it arrives.
    times: (Time, Time),
    /// If it is lost, what is left of it in tenths.
    lost: Option<u8>,
    /// How many hide behind it, and at which corner that is told.
    behind: (usize, usize),
    selected: bool,
}

#[derive(Clone, PartialEq, Properties)]
struct GlyphProps {
    look: Look,
    small: bool,
    lang: Lang,
}

/// A slot with its message; its place is not its own affair.
#[component]
fn Glyph(props: &GlyphProps) -> Html {
    let GlyphProps { look, small, lang } = props;
    let opacity = look.lost.map(|tenths| format!("{:.2}", f64::from(tenths) * 0.07));
    html! {
        <div class="glyph" data-message={look.here.then(|| key(&look.travel.id))}>
        <svg viewBox="-22 -22 44 44">
            <title></title>
            <g opacity={opacity}>
                if look.selected {
                    <circle r="16" fill="none" stroke="var(--ink)" stroke-width="1.6" />
                }
                { parts::glyph(&look.travel, look.leader, 9.0) }
                { behind(look.behind) }
            </g>
            if look.lost.is_some() {
                { lost(*small, *lang) }
            }
            <circle r="18" fill="transparent" />
        </svg>
        </div>
    }
}

/// A message's name as a key: `3>1 quorum 7`.
#[must_use]
pub fn key(id: &MessageId) -> String {
    format!("{}>{} {:?} {}", id.from, id.to, id.channel, id.count)
}

fn behind((count, corner): (usize, usize)) -> Html {
    if count == 0 {
        return html! {};
    }
    let (x, y) = crowd::CORNERS[corner];
    html! {
        <>
            <rect x={x.to_string()} y={y.to_string()} width="19" height="14" rx="7"
                fill="var(--ink)" />
            <text x={(x + 9.5).to_string()} y={(y + 7.2).to_string()} fill="var(--stage)">
                { "+" }{ count }</text>
        </>
    }
}

fn lost(small: bool, lang: Lang) -> Html {
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

fn tip(look: &Look, lang: Lang) -> String {
    let (id, (sent, arrives)) = (look.travel.id, look.times);
    let name = narrate::message_name(lang, &look.travel);
    format!("{name} · {} → {} · {sent} – {arrives}", id.from, id.to)
}
