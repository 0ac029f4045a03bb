//! The only file that changes anything outside of what Yew draws: the address, what is stored,
//! the clipboard, attributes of the document, focus.

use wasm_bindgen::prelude::*;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Element, HtmlElement, Window};

use crate::i18n::Lang;

fn window() -> Option<Window> {
    web_sys::window()
}

fn root() -> Option<HtmlElement> {
    window()?.document()?.document_element()?.dyn_into().ok()
}

/// Pixels per tenth of a rem: 1 at the browser's default text size.
#[must_use]
pub fn text_scale() -> Option<f64> {
    let root = root()?;
    let style = window()?.get_computed_style(&root).ok()??;
    let size = style.get_property_value("font-size").ok()?;
    // The browser reads numbers already; Rust's reader of floats has ten kilobytes of tables.
    let pixels = js_sys::parse_float(size.strip_suffix("px")?);
    pixels.is_finite().then_some(pixels / 10.0)
}

/// The page's own width in pixels.
fn page_width() -> f64 {
    window().and_then(|window| window.inner_width().ok()?.as_f64()).unwrap_or(1440.0)
}

/// Whether the page is a phone's, upright or on its side: the inspector is a tab then. The style
/// sheet asks the same.
#[must_use]
pub fn is_narrow() -> bool {
    page_width() <= 760.0 || page_width() <= 960.0 && page_height() <= 480.0
}

/// The page's own height in pixels.
#[must_use]
pub fn page_height() -> f64 {
    window().and_then(|window| window.inner_height().ok()?.as_f64()).unwrap_or(900.0)
}

/// Gives the dock a height in tenths of a rem, where its height is the reader's to choose.
pub fn set_dock(height: i32) {
    if let Some(root) = root() {
        // A length is refused by no browser.
        let _ = root.style().set_property("--dock-own", &format!("calc({height} * .1rem)"));
    }
}

/// Sets an attribute of the document, as in `data-theme`.
pub fn set_root(attribute: &str, value: &str) {
    if let Some(root) = root() {
        // Only an ill-formed name is refused, and ours are literals.
        let _ = root.set_attribute(attribute, value);
    }
}

/// Takes an attribute from the document.
pub fn clear_root(attribute: &str) {
    if let Some(root) = root() {
        // As with `set_root`.
        let _ = root.remove_attribute(attribute);
    }
}

/// An attribute of the document.
#[must_use]
pub fn root_attribute(attribute: &str) -> Option<String> {
    root()?.get_attribute(attribute)
}

/// What was stored under a name, if storage is allowed.
#[must_use]
pub fn stored(name: &str) -> Option<String> {
    window()?.local_storage().ok()??.get_item(&format!("vivarium.{name}")).ok()?
}

/// Stores a choice for next time; a browser that forbids it forgets the choice.
pub fn store(name: &str, value: &str) {
    if let Some(Ok(Some(storage))) = window().map(|window| window.local_storage()) {
        let _ = storage.set_item(&format!("vivarium.{name}"), value);
    }
}

/// The reader's language: chosen earlier, or the browser's.
#[must_use]
pub fn language() -> Lang {
    let tag = stored("lang").or_else(|| window()?.navigator().language());
    tag.map_or(Lang::English, |tag| Lang::from_tag(&tag))
}

/// Whether the reader asked for less motion.
#[must_use]
pub fn reduced_motion() -> bool {
    let query = window()
        .and_then(|window| window.match_media("(prefers-reduced-motion: reduce)").ok().flatten());
    query.is_some_and(|query| query.matches())
}

/// What stands behind `#` in the address, without it.
#[must_use]
pub fn address() -> String {
    let hash = window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    hash.trim_start_matches('#').to_owned()
}

/// Puts a link behind `#` without a new entry in the history; gives the whole address.
pub fn set_address(link: &str) -> String {
    let Some(window) = window() else { return String::new() };
    if let Ok(history) = window.history() {
        let url = format!("#{link}");
        // A browser may refuse too many changes in a short time; the next one sets it right.
        let _ = history.replace_state_with_url(&wasm_bindgen::JsValue::NULL, "", Some(&url));
    }
    window.location().href().unwrap_or_default()
}

/// Copies a text; `done` hears whether the browser allowed it.
pub fn copy(text: &str, done: impl FnOnce(bool) + 'static) {
    let Some(window) = window() else { return done(false) };
    // The clipboard is missing where the page came over plain http from another machine.
    let navigator: wasm_bindgen::JsValue = window.navigator().into();
    let has = js_sys::Reflect::get(&navigator, &"clipboard".into());
    if has.map_or(true, |clipboard| clipboard.is_undefined()) {
        return done(false);
    }
    let promise = window.navigator().clipboard().write_text(text);
    wasm_bindgen_futures::spawn_local(async move {
        done(JsFuture::from(promise).await.is_ok());
    });
}

/// What stands in a field.
#[must_use]
pub fn value_of(id: &str) -> Option<String> {
    let element = window()?.document()?.get_element_by_id(id)?;
    Some(element.dyn_into::<web_sys::HtmlInputElement>().ok()?.value())
}

/// Fetches a text of the page's own; `done` hears it, or nothing if it can't be had.
pub fn fetch_text(path: &str, done: impl FnOnce(Option<String>) + 'static) {
    let Some(window) = window() else { return done(None) };
    let promise = window.fetch_with_str(path);
    wasm_bindgen_futures::spawn_local(async move {
        done(text_of(promise).await);
    });
}

async fn text_of(promise: js_sys::Promise) -> Option<String> {
    let answer: web_sys::Response = JsFuture::from(promise).await.ok()?.dyn_into().ok()?;
    let text = answer.ok().then(|| answer.text())?.ok()?;
    JsFuture::from(text).await.ok()?.as_string()
}

/// Moves the focus to an element.
pub fn focus(id: &str) {
    let element = window().and_then(|window| window.document()?.get_element_by_id(id));
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // What cannot take the focus leaves it where it was.
        let _ = element.focus();
    }
}

/// Presses a button once what is drawn now has come to rest; one that is not there stays unpressed.
pub fn press_soon(selector: &'static str) {
    gloo_timers::callback::Timeout::new(0, move || {
        let document = window().and_then(|window| window.document());
        let element =
            document.and_then(|document| document.query_selector(selector).ok().flatten());
        if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
            element.click();
        }
    })
    .forget();
}

/// Scrolls what holds an element just so far that the element can be seen.
pub fn reveal(selector: &str) {
    let document = window().and_then(|window| window.document());
    let element = document.and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = element {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Milliseconds of the page's clock.
#[must_use]
pub fn clock() -> f64 {
    window().and_then(|window| window.performance()).map_or(0.0, |clock| clock.now())
}

#[wasm_bindgen]
extern "C" {
    /// `take-away.js`, fetched when it is first needed.
    #[wasm_bindgen(js_namespace = vivarium, js_name = takeAway, catch)]
    fn take(what: &str, how: &str, name: &str, text: &str) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(js_namespace = vivarium, js_name = openTrace, catch)]
    fn open(source: &JsValue) -> Result<js_sys::Promise, JsValue>;
    #[wasm_bindgen(js_namespace = vivarium, js_name = paint, catch)]
    fn paint_on(
        canvas: &Element,
        sizes: &[f64],
        drawings: &str,
        places: &[f32],
    ) -> Result<(), JsValue>;
}

/// Paints drawings on a canvas (see `static/paint.js`), a line each. `sizes` are the width and
/// height in pixels and how large one unit of a drawing is; of each, `places` are x, y and opacity.
pub fn paint(canvas: &Element, sizes: [f64; 3], drawings: &str, places: &[f32]) {
    // Until the page is handed over nothing can play, so nothing is missed.
    let _ = paint_on(canvas, &sizes, drawings, places);
}

/// Puts the style sheet of the page's later parts in force; the answer is whether it could be had.
pub fn dress() -> impl Future<Output = bool> {
    let document = window().and_then(|window| window.document());
    let links = "link[href*=\"later.css\"]";
    let link = document.and_then(|document| document.query_selector(links).ok().flatten());
    let missing = link.filter(|link| {
        let sheet = js_sys::Reflect::get(link, &"sheet".into());
        sheet.is_ok_and(|sheet| sheet.is_null())
    });
    let loaded = missing.map(|link| {
        // Saying it anew asks again, after a failure; only an ill-formed name is refused.
        for rel in ["later", "stylesheet"] {
            let _ = link.set_attribute("rel", rel);
        }
        js_sys::Promise::new(&mut |done, failed| {
            // Only a listener that is none is refused.
            let _ = link.add_event_listener_with_callback("load", &done);
            let _ = link.add_event_listener_with_callback("error", &failed);
        })
    });
    async move {
        match loaded {
            Some(loaded) => JsFuture::from(loaded).await.is_ok(),
            None => true,
        }
    }
}

/// Saves (or copies) a text under a name, or what `what` draws; `done` hears whether it worked.
pub fn take_away(
    what: &str,
    save: bool,
    name: &str,
    text: &str,
    done: impl FnOnce(bool) + 'static,
) {
    match take(what, if save { "save" } else { "copy" }, name, text) {
        Ok(promise) => wasm_bindgen_futures::spawn_local(async move {
            done(JsFuture::from(promise).await.is_ok());
        }),
        Err(_) => done(false),
    }
}

/// Reads the trace that a file input, or something let fall on the page, holds. `found` hears its
/// link and hash, `!` and why it is refused, or nothing where there is no file.
pub fn open_trace(source: &JsValue, found: impl FnOnce(String) + 'static) {
    let Ok(promise) = open(source) else { return };
    wasm_bindgen_futures::spawn_local(async move {
        let answer = JsFuture::from(promise).await.ok().and_then(|answer| answer.as_string());
        found(answer.unwrap_or_default());
    });
}

/// Reads every file that was chosen in a field; `found` hears each with its name.
pub fn read_files(field: &web_sys::HtmlInputElement, found: impl Fn(String, String) + 'static) {
    let Some(files) = field.files() else { return };
    let found = std::rc::Rc::new(found);
    for file in (0..files.length()).filter_map(|index| files.get(index)) {
        let found = found.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let text = JsFuture::from(file.text()).await.ok().and_then(|text| text.as_string());
            found(file.name(), text.unwrap_or_default());
        });
    }
}

/// Does something once what is drawn now can be seen.
pub fn soon(what: impl FnOnce() + 'static) {
    gloo_timers::callback::Timeout::new(0, what).forget();
}

/// Opens the browser's own dialogue for printing.
pub fn print() {
    if let Some(window) = window() {
        // A browser without printing has said so itself.
        let _ = window.print();
    }
}

/// The address of another file of the page.
#[must_use]
pub fn page_address(file: &str) -> String {
    let origin = window().and_then(|window| window.location().origin().ok());
    format!("{}/{file}", origin.unwrap_or_default())
}

/// Tells whoever listens on the document that another moment is shown.
pub fn announce() {
    let document = window().and_then(|window| window.document());
    if let (Some(document), Ok(event)) = (document, web_sys::Event::new("vivarium")) {
        // A listener's own failure is its own.
        let _ = document.dispatch_event(&event);
    }
}

/// Moves the focus to what fits once it is drawn: a panel follows the stage some pictures later.
pub fn focus_drawn(selector: String) {
    focus_within(selector, 60);
}

/// Looks for it in so many pictures.
fn focus_within(selector: String, pictures: u32) {
    let document = window().and_then(|window| window.document());
    let found = document.and_then(|document| document.query_selector(&selector).ok().flatten());
    if found.is_some() || pictures == 0 {
        return focus_on(&selector);
    }
    let look = move || focus_within(selector, pictures - 1);
    gloo_timers::callback::Timeout::new(16, look).forget();
}

/// Moves the focus to the first element that fits.
pub fn focus_on(selector: &str) {
    let document = window().and_then(|window| window.document());
    let element = document.and_then(|document| document.query_selector(selector).ok().flatten());
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        // What cannot take the focus leaves it where it was.
        let _ = element.focus();
    }
}
