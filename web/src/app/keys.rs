//! From keys to messages. Single keys are off while a field has the focus.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use super::everyone;
use super::faults::FaultMsg;
use crate::panels::time::TimeMsg;
use crate::tasks;
use crate::view::{Everyone, Msg, Page};

/// What a key asks for, if anything.
pub fn message(event: &Event) -> Option<Msg> {
    let event: &KeyboardEvent = event.dyn_ref()?;
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return None;
    }
    let target: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    let within = |selector: &str| {
        target.as_ref().is_some_and(|target| target.closest(selector).ok().flatten().is_some())
    };
    let key = event.key();
    if key == "Escape" {
        return Some(Msg::Page(Page::Escape));
    }
    // In a dialog the keys are its own, but for the one that opens and closes it.
    if within("dialog") && !key.eq_ignore_ascii_case("a") {
        return None;
    }
    if within("input, select, textarea") {
        return None;
    }
    let vertical = matches!(key.as_str(), "ArrowUp" | "ArrowDown" | "PageUp" | "PageDown");
    if within("#diagram") && vertical {
        return of_slider(&key);
    }
    if within("#event-list") && (vertical || matches!(key.as_str(), "Home" | "End" | "Enter")) {
        return None;
    }
    let of_edge = vertical || matches!(key.as_str(), "Home" | "End");
    if within("#dock-edge") && of_edge {
        return None;
    }
    // A focused button is pressed by its own keys.
    if (key == " " || key == "Enter") && within("button, summary, a") {
        return None;
    }
    // Whoever has them switched off uses them for something else.
    if key.chars().count() == 1 && !everyone::single_keys() {
        return None;
    }
    let presenting = tasks::root_attribute("data-present").as_deref() == Some("on");
    presenting.then(|| of_remote(&key)).flatten().or_else(|| of_key(&key, event.shift_key()))
}

/// What a presenter's remote sends, in the presentation view.
fn of_remote(key: &str) -> Option<Msg> {
    Some(Msg::Everyone(match key {
        "PageDown" => Everyone::Next,
        "PageUp" => Everyone::Previous,
        "." | "b" | "B" => Everyone::Blank,
        _ => return None,
    }))
}

/// The diagram is a slider: up and down are beats, and a page is the way to the next key event.
fn of_slider(key: &str) -> Option<Msg> {
    match key {
        "ArrowUp" => Some(Msg::Time(TimeMsg::NextBeat)),
        "ArrowDown" => Some(Msg::Time(TimeMsg::PreviousBeat)),
        "PageUp" => Some(Msg::NextKey),
        "PageDown" => Some(Msg::PreviousKey),
        _ => None,
    }
}

fn of_key(key: &str, shift: bool) -> Option<Msg> {
    Some(match (key, shift) {
        (" ", _) => Msg::TogglePlay,
        ("ArrowRight", false) => Msg::StepForward,
        ("ArrowLeft", false) => Msg::StepBack,
        ("ArrowRight", true) => Msg::NextKey,
        ("ArrowLeft", true) => Msg::PreviousKey,
        ("Home", _) => Msg::Home,
        ("End", _) => Msg::End,
        (",", _) => Msg::Key(','),
        (".", _) => Msg::Key('.'),
        ("+" | "=", _) => Msg::Page(Page::Zoom(0.8)),
        ("-", _) => Msg::Page(Page::Zoom(1.25)),
        ("[", _) => Msg::Page(Page::Collapse(false)),
        ("]", _) => Msg::Page(Page::Collapse(true)),
        ("b" | "B", _) => Msg::Page(Page::Boot),
        ("?", _) => Msg::Page(Page::Keys),
        ("m", _) => Msg::NextMessage(1),
        ("M", _) => Msg::NextMessage(-1),
        ("c" | "C", _) => Msg::FollowCause,
        ("a" | "A", _) => Msg::Page(Page::Elections),
        ("k" | "K", _) => Msg::CrashOrStart,
        ("p" | "P", _) => Msg::Page(Page::Present),
        ("d" | "D", _) => Msg::Page(Page::SwitchTheme),
        ("l" | "L", _) => Msg::Page(Page::SpeakOther),
        ("x" | "X", _) => Msg::Fault(FaultMsg::Cutting(true)),
        ("u" | "U", _) => Msg::Key('u'),
        ("j", _) => Msg::Key('j'),
        ("J", _) => Msg::Key('J'),
        ("n", _) => Msg::Time(TimeMsg::NextBeat),
        ("N", _) => Msg::Time(TimeMsg::PreviousBeat),
        ("g" | "G", _) => Msg::Time(TimeMsg::Field),
        ("e" | "E", _) => Msg::Time(TimeMsg::Events),
        ("r", _) => Msg::Time(TimeMsg::NextBranch),
        ("R", _) => Msg::Time(TimeMsg::Compare),
        ("t" | "T", _) => Msg::Time(TimeMsg::Axis),
        ("h" | "H", _) => Msg::Time(TimeMsg::Cone),
        ("<", _) => Msg::Time(TimeMsg::Pan(-0.25)),
        (">", _) => Msg::Time(TimeMsg::Pan(0.25)),
        (digit, _) => {
            let digit = digit.chars().next().filter(|_| digit.len() == 1)?;
            return digit.is_ascii_digit().then_some(Msg::Key(digit));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::keys::{BOOT, KEYS, REMOTE};

    /// The keys that a row of the list names, as the browser names them, with Shift or without.
    fn named(row: &str) -> Vec<(String, bool)> {
        let mut shift = false;
        let mut keys = Vec::new();
        for word in row.split(' ') {
            let name = match word {
                "Shift" => {
                    shift = true;
                    continue;
                }
                "Space" => " ",
                "←" => "ArrowLeft",
                "→" => "ArrowRight",
                "Esc" => "Escape",
                "PgUp" => "PageUp",
                "PgDn" => "PageDown",
                "1…4" | "1…9" => {
                    keys.extend(('1'..='9').map(|digit| (digit.to_string(), false)));
                    continue;
                }
                other => other,
            };
            let letter = name.len() == 1 && name.chars().all(char::is_alphabetic);
            let name = if letter && !shift { name.to_lowercase() } else { name.to_owned() };
            keys.push((name, shift));
        }
        keys
    }

    #[test]
    fn every_key_of_the_list_means_something() {
        for (row, _) in KEYS {
            for (key, shift) in named(row).into_iter().filter(|(key, _)| key != "Escape") {
                // Enter opens what has the focus: the browser presses the button.
                let means = of_key(&key, shift).is_some() || key == "Enter";
                assert!(means, "`{key}` is in the list and does nothing");
            }
        }
        for (row, _) in REMOTE {
            for (key, _) in named(row).into_iter().filter(|(key, _)| key != "Escape") {
                assert!(of_remote(&key).is_some(), "`{key}` of a remote does nothing");
            }
        }
    }

    #[test]
    fn every_key_that_means_something_is_in_the_list() {
        let time = crate::panels::time::KEYS.iter().map(|(row, _)| *row);
        let rows = KEYS.iter().map(|(row, _)| *row).chain([BOOT]).chain(time);
        let listed: Vec<_> = rows.flat_map(named).collect();
        let mut keys: Vec<String> = ('!'..='~').map(|key| key.to_string()).collect();
        let others = [" ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"];
        keys.extend(others.into_iter().map(str::to_owned));
        // Another way to press the same: the plus key without Shift, and digits that nobody has.
        keys.retain(|key| key != "=" && key != "0");
        for key in keys {
            let lower = key.to_lowercase();
            let known = listed.iter().any(|(listed, _)| *listed == key || *listed == lower);
            assert!(known || of_key(&key, false).is_none(), "`{key}` is missing in the list");
        }
    }

    #[test]
    fn keys_ask_for_what_the_list_says() {
        assert_eq!(of_key(" ", false), Some(Msg::TogglePlay));
        assert_eq!(of_key("ArrowLeft", true), Some(Msg::PreviousKey));
        assert_eq!(of_key("5", false), Some(Msg::Key('5')));
        assert_eq!(of_key("n", false), Some(Msg::Time(TimeMsg::NextBeat)));
        assert_eq!(of_slider("PageUp"), Some(Msg::NextKey));
        assert_eq!(of_key("F5", false), None);
        assert_eq!(of_key("Tab", false), None);
    }
}
