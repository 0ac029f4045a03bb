//! Lecture mode and the switch for single keys: what a lecturer with a presenter's remote does,
//! and what a visitor needs whose own tools use the same keys.
//!
//! A remote sends Page Down, Page Up and `.` or `b`. While presenting with the guide in view they
//! walk through the guide: a step is shown, then played, then the next is shown; without the guide
//! they go from key event to key event. A blank page is a pause: nothing plays behind it.

use super::App;
use crate::tasks;
use crate::view::{Everyone, Tab};

/// The button that the open step of the guide offers: play it, or once played, go on.
const GUIDE_NEXT: &str = "#guide li[aria-current] .acts .btn:last-child, \
     #lesson-next, #lesson-skip, #first-election";
/// The step before the open one.
const GUIDE_PREVIOUS: &str =
    "#guide li:has(+ li[aria-current]) > button, #lesson li:has(+ li[aria-current]) > button";

/// Whether single keys mean something, as far as the document says.
pub fn single_keys() -> bool {
    tasks::root_attribute("data-keys").as_deref() != Some("off")
}

/// Takes up the choice of an earlier visit.
pub fn remember_single_keys() {
    if tasks::stored("keys").as_deref() == Some("off") {
        tasks::set_root("data-keys", "off");
    }
}

impl App {
    pub(super) fn take_everyone(&mut self, msg: Everyone) {
        match msg {
            Everyone::Next => self.lecture(GUIDE_NEXT, true),
            Everyone::Previous => self.lecture(GUIDE_PREVIOUS, false),
            Everyone::Blank => self.blank(),
            Everyone::SingleKeys(on) => {
                let choice = if on { "on" } else { "off" };
                tasks::set_root("data-keys", choice);
                tasks::store("keys", choice);
            }
        }
    }

    fn lecture(&mut self, button: &'static str, forward: bool) {
        if self.blank {
            self.blank();
        } else if self.tab == Tab::Guide && !self.collapsed.0 {
            tasks::press_soon(button);
        } else if forward {
            self.moved(crate::model::playback::Playback::next_key);
        } else {
            self.moved(crate::model::playback::Playback::previous_key);
        }
    }

    pub(super) fn blank(&mut self) {
        self.blank = !self.blank;
        if self.blank {
            self.moved(|_| ());
        }
    }
}
