//! From keys to messages. Single keys are off while a field has the focus.

use wasm_bindgen::JsCast;
use web_sys::{Element, Event, KeyboardEvent};

use super::faults::FaultMsg;
use crate::view::{Msg, Page};

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
    // A focused button is pressed by its own keys.
    if (key == " " || key == "Enter") && within("button, summary, a") {
        return None;
    }
    of_key(&key, event.shift_key())
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
        (digit, _) => {
            let digit = digit.chars().next().filter(|_| digit.len() == 1)?;
            return digit.is_ascii_digit().then_some(Msg::Key(digit));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ask_for_what_the_list_says() {
        assert_eq!(of_key(" ", false), Some(Msg::TogglePlay));
        assert_eq!(of_key("ArrowLeft", true), Some(Msg::PreviousKey));
        assert_eq!(of_key("5", false), Some(Msg::Key('5')));
        assert_eq!(of_key("F5", false), None);
        assert_eq!(of_key("Tab", false), None);
    }
}
