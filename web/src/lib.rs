//! The playground: N virtual servers on Vivarium's core, alive in the browser.
//!
//! `model` knows, `stage` and `panels` draw, `narrate` and `i18n` speak, `app` holds it together,
//! and `tasks` alone touches what lies outside of the page. The same core and the same simulator
//! run here and natively, so a link gives the same run in both.

pub mod api;
pub mod app;
pub mod hooks;
pub mod i18n;
pub mod model;
pub mod narrate;
pub mod panels;
pub mod stage;
pub mod tasks;
pub mod view;

use wasm_bindgen::prelude::*;

/// Puts the page into `#app`.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let document = web_sys::window().and_then(|window| window.document());
    let place = document.and_then(|document| document.get_element_by_id("app"));
    let Some(place) = place else { return };
    place.set_inner_html("");
    yew::Renderer::<app::App>::with_root(place).render();
}
