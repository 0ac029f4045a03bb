//! The edge between the stage and the dock, which the reader moves by pointer or by keyboard.
//!
//! The height is kept in tenths of a rem, so that it follows the reader's own text size, and is
//! remembered by the browser. It is that of the ordinary view: the presentation, the list of
//! events, a frame in another page and a phone have heights of their own, and hide the edge.

use yew::prelude::*;

use crate::i18n::Lang;
use crate::tasks;

/// The least height, in tenths of a rem.
const LEAST: i32 = 180;
/// The greatest, in tenths of a rem.
const MOST: i32 = 480;
/// What it is at first, in tenths of a rem; `--dock-h` of tokens.css.
const USUAL: i32 = 264;
/// How far one key moves it, in tenths of a rem.
const STEP: i32 = 16;

/// What the edge is drawn from.
#[derive(Clone, PartialEq, Properties)]
pub struct Props {
    /// The language.
    pub lang: Lang,
}

/// The height that a key asks for, if it asks for one.
fn keyed(height: i32, key: &str) -> Option<i32> {
    match key {
        "ArrowUp" => Some(height + STEP),
        "ArrowDown" => Some(height - STEP),
        "Home" => Some(LEAST),
        "End" => Some(MOST),
        _ => None,
    }
}

fn kept() -> i32 {
    let kept = tasks::stored("dock").and_then(|kept| kept.parse().ok());
    // A low page leaves the stage its part.
    let page = tasks::page_height() / tasks::text_scale().unwrap_or(1.0);
    let usual = USUAL.min((page * 0.44) as i32);
    let height = kept.unwrap_or(usual).clamp(LEAST, MOST);
    tasks::set_dock(height);
    height
}

/// The edge.
#[component]
pub fn DockEdge(props: &Props) -> Html {
    let height = use_state(kept);
    let set = {
        let height = height.clone();
        move |wanted: i32| {
            let wanted = wanted.clamp(LEAST, MOST);
            tasks::set_dock(wanted);
            tasks::store("dock", &wanted.to_string());
            height.set(wanted);
        }
    };
    let (now, keys) = (*height, set.clone());
    let onkeydown = Callback::from(move |event: KeyboardEvent| {
        if let Some(wanted) = keyed(now, &event.key()) {
            event.prevent_default();
            keys(wanted);
        }
    });
    let onpointerdown = Callback::from(|event: PointerEvent| {
        if let Some(edge) = event.target_dyn_into::<web_sys::Element>() {
            // A pointer that is gone already moves nothing.
            let _ = edge.set_pointer_capture(event.pointer_id());
        }
    });
    let onpointermove = Callback::from(move |event: PointerEvent| {
        if event.buttons() & 1 == 1 {
            // The dock ends where the page ends.
            let pixels = tasks::page_height() - f64::from(event.client_y());
            set((pixels / tasks::text_scale().unwrap_or(1.0)) as i32);
        }
    });
    let label = props.lang.pick("Height of the dock", "停靠区高度");
    html! {
        <div class="dock-edge" id="dock-edge" role="separator" tabindex="0"
            aria-orientation="horizontal" aria-label={label}
            aria-valuenow={now.to_string()} aria-valuemin={LEAST.to_string()}
            aria-valuemax={MOST.to_string()} {onkeydown} {onpointerdown} {onpointermove} />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edge_moves_by_steps_and_to_its_ends_and_other_keys_are_not_its_own() {
        assert_eq!(keyed(264, "ArrowUp"), Some(280));
        assert_eq!(keyed(264, "ArrowDown"), Some(248));
        assert_eq!((keyed(264, "Home"), keyed(264, "End")), (Some(LEAST), Some(MOST)));
        assert_eq!(keyed(264, "ArrowRight"), None);
    }
}
