//! An element's size, reported whenever it changes.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Element, ResizeObserver};
use yew::prelude::*;

/// Calls `report` with the element now and whenever its size changes, until it leaves the page.
#[hook]
pub fn use_element_size(node: NodeRef, report: impl Fn(&Element) + 'static) {
    use_effect_with(node, move |node| {
        let element = node.cast::<Element>();
        let measured = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            if let Some(element) = &measured {
                report(element);
            }
        });
        let observer = ResizeObserver::new(changed.as_ref().unchecked_ref()).ok();
        if let (Some(observer), Some(element)) = (&observer, &element) {
            observer.observe(element);
        }
        move || {
            if let Some(observer) = observer {
                observer.disconnect();
            }
            drop(changed);
        }
    });
}
