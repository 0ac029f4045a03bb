//! Cutting by hand: a line between servers, a loop around them, or a plate pulled out.
//!
//! Mouse, pen and touch alike. While the stroke is drawn the sides that it would make are named;
//! letting go gives the command. What a stroke means is `model::cutting`'s.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use vivarium_sim::Command;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, PointerEvent};
use yew::prelude::*;

use crate::i18n::Lang;
use crate::model::cutting::{Point, SHORTEST, sides};
use crate::model::decimal::{short, tenths};
use crate::model::faults::quorum_side;
use crate::model::outside::sides_words;
use crate::view::{Msg, OnGround, Shown};

/// What the layer is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The stage.
    pub stage: NodeRef,
    /// The moment.
    pub shown: Shown,
    /// Where the plates stand.
    pub ground: OnGround,
    /// The language.
    pub lang: Lang,
    /// Where the command goes.
    pub send: Callback<Msg>,
}

/// The stroke under the pointer; empty while none is drawn.
type Stroke = Rc<RefCell<Vec<Point>>>;

/// The layer: the stroke and what it would cut.
#[component]
pub fn Cutting(props: &Props) -> Html {
    let drawn = use_state(Vec::<Point>::new);
    {
        let (drawn, send) = (drawn.clone(), props.send.clone());
        use_effect_with((props.stage.clone(), props.ground.clone()), move |(stage, ground)| {
            let listeners =
                stage.cast::<Element>().map(|stage| listen(&stage, ground, drawn, send));
            move || drop(listeners)
        });
    }
    if drawn.len() < 2 {
        return html! {};
    }
    let point = |(x, y): &(f64, f64)| format!("{},{}", tenths(*x), tenths(*y));
    let path = drawn.iter().map(point).collect::<Vec<_>>().join(" ");
    let (x, y) = drawn[drawn.len() - 1];
    let words = sides(&drawn, &props.ground.layout).map(|sides| {
        let verdict = quorum_side(&sides, &props.shown.setup.ensemble(), props.lang);
        format!("{} · {verdict}", sides_words(&sides))
    });
    let right = x > props.ground.layout.stage.width / 2.0;
    let (anchor, x) = if right { ("end", x - 14.0) } else { ("start", x + 14.0) };
    html! {
        <svg class="wires over cutting" id="cutting" aria-hidden="true">
            <polyline points={path} />
            if let Some(words) = words {
                <text x={short(x)} y={short((y - 12.0).max(16.0))} text-anchor={anchor}>
                    { words }</text>
            }
        </svg>
    }
}

fn listen(
    stage: &Element,
    ground: &OnGround,
    drawn: UseStateHandle<Vec<Point>>,
    send: Callback<Msg>,
) -> Vec<EventListener> {
    let stroke = Stroke::default();
    let on = |name: &'static str, act: Box<dyn Fn(&PointerEvent)>| {
        let options = EventListenerOptions::enable_prevent_default();
        EventListener::new_with_options(stage, name, options, move |event: &Event| {
            if let Some(event) = event.dyn_ref::<PointerEvent>() {
                act(event);
            }
        })
    };
    let begin = {
        let (stroke, stage) = (stroke.clone(), stage.clone());
        Box::new(move |event: &PointerEvent| {
            if event.is_primary() && event.button() == 0 {
                *stroke.borrow_mut() = vec![place(&stage, event)];
            }
        })
    };
    let go = {
        let (stroke, stage, drawn) = (stroke.clone(), stage.clone(), drawn.clone());
        Box::new(move |event: &PointerEvent| extend(&stroke, &stage, event, &drawn))
    };
    let end = {
        let (stroke, ground, drawn) = (stroke.clone(), ground.clone(), drawn.clone());
        Box::new(move |_: &PointerEvent| {
            let points = std::mem::take(&mut *stroke.borrow_mut());
            drawn.set(Vec::new());
            if let Some(sides) = sides(&points, &ground.layout) {
                send.emit(Msg::Command(Command::Partition(sides.into())));
            }
        })
    };
    let cancel = Box::new(move |_: &PointerEvent| {
        stroke.borrow_mut().clear();
        drawn.set(Vec::new());
    });
    vec![
        on("pointerdown", begin),
        on("pointermove", go),
        on("pointerup", end),
        on("pointercancel", cancel),
    ]
}

/// A stroke that is long enough takes the pointer, so that letting go presses nothing.
fn extend(
    stroke: &Stroke,
    stage: &Element,
    event: &PointerEvent,
    drawn: &UseStateHandle<Vec<Point>>,
) {
    let mut points = stroke.borrow_mut();
    let Some(first) = points.first().copied() else { return };
    let at = place(stage, event);
    points.push(at);
    let far = (at.0 - first.0).hypot(at.1 - first.1) >= SHORTEST;
    if far && !stage.has_pointer_capture(event.pointer_id()) {
        // A pointer that is gone already needs no capture.
        let _ = stage.set_pointer_capture(event.pointer_id());
    }
    if stage.has_pointer_capture(event.pointer_id()) {
        event.prevent_default();
        drawn.set(points.clone());
    }
}

fn place(stage: &Element, event: &PointerEvent) -> Point {
    let rect = stage.get_bounding_client_rect();
    (f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top())
}
