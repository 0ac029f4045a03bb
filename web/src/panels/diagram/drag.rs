//! Pointers on the diagram: drag to scrub, drag with Shift (or the strip) to pan, two fingers or
//! the wheel to zoom.

use std::cell::RefCell;
use std::rc::Rc;

use web_sys::{Element, PointerEvent, WheelEvent};
use yew::prelude::*;

use super::slices::message_at;
use super::{Props, Scale};
use crate::model::axis::Axis;
use crate::model::decimal::Between;
use crate::panels::time::TimeMsg;
use crate::view::{Msg, Page, Selection, Shown};

/// What the diagram listens to.
pub struct Handlers {
    /// A pointer is pressed.
    pub down: Callback<PointerEvent>,
    /// It moves.
    pub moved: Callback<PointerEvent>,
    /// It is let go, or taken away.
    pub up: Callback<PointerEvent>,
    /// The wheel turns.
    pub wheel: Callback<WheelEvent>,
}

/// What the pointers are doing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Drag {
    /// Moving the playhead.
    Playhead,
    /// Moving the window on the strip of the whole run.
    Strip,
    /// Moving what is in the window; where the pointer was.
    Pan(f64),
    /// Zooming with two fingers.
    Pinch,
}

/// The pointers that are down, with their places.
#[derive(Default)]
struct Pointers {
    down: Vec<(i32, f64)>,
    drag: Option<Drag>,
}

/// Listens to pointers.
#[hook]
pub fn use_drag(scale: Scale, props: &Props) -> Handlers {
    let pointers: Rc<RefCell<Pointers>> = use_mut_ref(Pointers::default);
    let (send, shown) = (&props.send, &props.shown);
    let down = {
        let (pointers, send, shown) = (pointers.clone(), send.clone(), shown.clone());
        let flowing = props.flowing().then(|| props.own());
        Callback::from(move |event: PointerEvent| {
            let Some((x, y)) = begin(&event) else { return };
            // While time flows an arrow is no element of its own: it is found by its place.
            let message = flowing.as_ref().and_then(|own| message_at(own, &scale, (x, y)));
            if let Some(message) = message.filter(|_| pointers.borrow().down.is_empty()) {
                send.emit(Msg::Select(Selection::Message(message)));
                return;
            }
            let mut pointers = pointers.borrow_mut();
            pointers.down.retain(|(id, _)| *id != event.pointer_id());
            pointers.down.push((event.pointer_id(), x));
            let drag = match pointers.down.len() {
                1 if event.shift_key() => Drag::Pan(x),
                1 if y > scale.strip_top() => Drag::Strip,
                1 => Drag::Playhead,
                _ => Drag::Pinch,
            };
            pointers.drag = Some(drag);
            if let Some(msg) = single(drag, x, &scale, &shown) {
                send.emit(msg);
            }
        })
    };
    let moved = {
        let (pointers, send, shown) = (pointers.clone(), send.clone(), shown.clone());
        Callback::from(move |event: PointerEvent| {
            let Some((x, _)) = place(&event) else { return };
            let msg = pointers.borrow_mut().moved(event.pointer_id(), x, &scale, &shown);
            if let Some(msg) = msg {
                send.emit(msg);
            }
        })
    };
    let up = Callback::from(move |event: PointerEvent| {
        let mut pointers = pointers.borrow_mut();
        pointers.down.retain(|(id, _)| *id != event.pointer_id());
        pointers.drag = None;
    });
    let wheel = {
        let send = send.clone();
        Callback::from(move |event: WheelEvent| {
            event.prevent_default();
            let sideways = event.delta_x().abs() > event.delta_y().abs();
            send.emit(if sideways || event.shift_key() {
                let by = if sideways { event.delta_x() } else { event.delta_y() };
                Msg::Time(TimeMsg::Pan(by / scale.plot_width()))
            } else {
                let factor = 1.0 + (event.delta_y() * 0.002).between(-0.2, 0.25);
                Msg::Page(Page::Zoom(factor))
            });
        })
    };
    Handlers { down, moved, up, wheel }
}

impl Pointers {
    fn moved(&mut self, id: i32, x: f64, scale: &Scale, shown: &Shown) -> Option<Msg> {
        let index = self.down.iter().position(|(known, _)| *known == id)?;
        let before = std::mem::replace(&mut self.down[index].1, x);
        match self.drag? {
            Drag::Pan(from) => {
                self.drag = Some(Drag::Pan(x));
                Some(Msg::Time(TimeMsg::Pan((from - x) / scale.plot_width())))
            }
            Drag::Pinch => {
                let other = self.down.iter().find(|(known, _)| *known != id)?.1;
                let (was, is) = ((before - other).abs(), (x - other).abs());
                let middle = scale.place_at(f64::midpoint(x, other));
                (is > 8.0 && was > 8.0).then_some(Msg::Time(TimeMsg::ZoomAt(was / is, middle)))
            }
            drag @ (Drag::Playhead | Drag::Strip) => single(drag, x, scale, shown),
        }
    }
}

/// What one pointer asks for where it is.
fn single(drag: Drag, x: f64, scale: &Scale, shown: &Shown) -> Option<Msg> {
    match drag {
        Drag::Playhead => {
            let place = scale.place_at(x);
            Some(match scale.counts {
                Axis::Time => Msg::SeekTime(place),
                Axis::Steps => {
                    let playback = shown.playback();
                    let frames = playback.timeline().frames();
                    Msg::SeekStep(scale.counts.moment(frames, place).1 as u64)
                }
            })
        }
        Drag::Strip => {
            Some(Msg::Page(Page::Pan(scale.strip_place_at(x) - scale.window.span / 2.0)))
        }
        Drag::Pan(_) | Drag::Pinch => None,
    }
}

/// A press on a message is a choice of that message, not a scrub.
fn begin(event: &PointerEvent) -> Option<(f64, f64)> {
    let target: Element = event.target_unchecked_into();
    if target.closest("[data-message]").ok().flatten().is_some() {
        return None;
    }
    let holder = target.closest("#diagram").ok().flatten()?;
    // Without capture a drag ends at the diagram's edge; nothing else changes.
    let _ = holder.set_pointer_capture(event.pointer_id());
    place(event)
}

fn place(event: &PointerEvent) -> Option<(f64, f64)> {
    let target: Element = event.target_unchecked_into();
    let rect = target.closest("#diagram").ok().flatten()?.get_bounding_client_rect();
    Some((f64::from(event.client_x()) - rect.left(), f64::from(event.client_y()) - rect.top()))
}
