//! Picking messages, and the pointer over them.
//!
//! An element tells which message it is. A canvas is one for all: it takes the pointer only where a
//! message is under it, so that everything beneath can be reached beside them.

use std::cell::RefCell;
use std::rc::Rc;

use gloo_events::{EventListener, EventListenerOptions};
use vivarium_protocol::base::Time;
use vivarium_protocol::trace::{MessageId, Travel};
use wasm_bindgen::JsCast;
use web_sys::{Element, MouseEvent};
use yew::prelude::*;

use super::{GRASP, key};
use crate::i18n::Lang;
use crate::narrate;
use crate::view::{Msg, Selection};

/// A message that can be picked.
pub struct Target {
    /// What it is.
    pub travel: Rc<Travel>,
    /// When it left, and when it arrives.
    pub times: (Time, Time),
    /// Where it is drawn, in pixels of the stage.
    pub at: (f64, f64),
}

/// All that can be picked, in the order in which they are drawn, and where the pointer was last.
#[derive(Default)]
pub struct Picks {
    targets: Vec<Target>,
    scale: f64,
    lang: Lang,
    pointer: Option<(f64, f64)>,
    over: Option<MessageId>,
}

impl Picks {
    /// Takes what is drawn now.
    pub fn renew(&mut self, targets: Vec<Target>, scale: f64, lang: Lang) {
        self.targets = targets;
        (self.scale, self.lang) = (scale, lang);
    }

    /// The uppermost message at the pointer.
    fn here(&self) -> Option<&Target> {
        let (x, y) = self.pointer?;
        let near = |one: &&Target| (one.at.0 - x).hypot(one.at.1 - y) < GRASP * self.scale;
        self.targets.iter().rev().find(near)
    }

    /// What an event on the layer is about.
    fn of_event(&self, event: &Event) -> Option<(Element, &Target)> {
        let target: Element = event.target_dyn_into()?;
        let Some(element) = target.closest("[data-message]").ok()? else {
            return Some((target, self.here()?));
        };
        let name = element.get_attribute("data-message")?;
        let found = self.targets.iter().find(|one| key(&one.travel.id) == name)?;
        Some((element, found))
    }

    /// Lets the canvas take the pointer, or lets it through to what lies beneath.
    pub fn look(&mut self, canvas: &Element) {
        let here = self.here();
        let over = here.map(|one| one.travel.id);
        if over == self.over {
            return;
        }
        canvas.set_class_name(if over.is_some() { "over" } else { "" });
        let tip = here.map_or_else(String::new, |one| tip(one, self.lang));
        // Only an ill-formed name of an attribute is refused.
        let _ = canvas.set_attribute("title", &tip);
        self.over = over;
    }
}

/// A click on a message selects it.
pub fn select(picks: &Rc<RefCell<Picks>>, send: &Callback<Msg>) -> Callback<MouseEvent> {
    let (picks, send) = (picks.clone(), send.clone());
    Callback::from(move |event: MouseEvent| {
        let id = picks.borrow().of_event(&event).map(|(_, one)| one.travel.id);
        if let Some(id) = id {
            send.emit(Msg::Select(Selection::Message(id)));
        }
    })
}

/// The pointer over an element tells its name: written only then, since most are never asked.
pub fn tell(picks: &Rc<RefCell<Picks>>) -> Callback<PointerEvent> {
    let picks = picks.clone();
    Callback::from(move |event: PointerEvent| {
        let picks = picks.borrow();
        if let Some((element, one)) = picks.of_event(&event)
            && let Some(title) = element.query_selector("title").ok().flatten()
        {
            title.set_text_content(Some(&tip(one, picks.lang)));
        }
    })
}

/// While time flows, follows the pointer wherever it is on the stage.
#[hook]
pub fn use_picks(node: NodeRef, picks: Rc<RefCell<Picks>>, flows: bool) {
    use_effect_with(flows, move |flows| {
        let layer = node.cast::<Element>().filter(|_| *flows);
        let stage = layer.as_ref().and_then(|layer| layer.parent_element());
        let follow = move |event: &Event| {
            let canvas = layer.as_ref().and_then(Element::first_element_child);
            if let (Some(canvas), Some(event)) = (canvas, event.dyn_ref::<MouseEvent>()) {
                let edge = canvas.get_bounding_client_rect();
                let (x, y) = (f64::from(event.client_x()), f64::from(event.client_y()));
                let mut picks = picks.borrow_mut();
                picks.pointer = Some((x - edge.left(), y - edge.top()));
                picks.look(&canvas);
            }
        };
        let follow = Rc::new(follow);
        // A finger comes without moving first; and whoever else takes the event sees it later.
        let listeners = stage.map(|stage| {
            ["pointermove", "pointerdown"].map(|name| {
                let follow = follow.clone();
                let options = EventListenerOptions::run_in_capture_phase();
                EventListener::new_with_options(&stage, name, options, move |event| follow(event))
            })
        });
        move || drop(listeners)
    });
}

fn tip(one: &Target, lang: Lang) -> String {
    let (id, (sent, arrives)) = (one.travel.id, one.times);
    let name = narrate::message_name(lang, &one.travel);
    format!("{name} · {} → {} · {sent} – {arrives}", id.from, id.to)
}
