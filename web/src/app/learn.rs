//! What the first tab shows, and what a lesson does to the run.

use super::App;
use crate::panels::front::{Learn, LearnMsg};
use crate::view::{Selection, Tab};

impl App {
    pub(super) fn take_learn(&mut self, msg: LearnMsg) {
        match msg {
            LearnMsg::Show(learn) => {
                self.learn = learn;
                self.tab = Tab::Guide;
                self.keep_address();
            }
            LearnMsg::Led(place) => {
                self.learn = Learn::Lesson { place, own: true };
                self.led();
            }
            LearnMsg::Boot(server) => {
                self.selection = Selection::Server(server);
                self.boot_open = true;
            }
        }
    }

    /// A lesson has led the run on: it plays there, or stands there.
    fn led(&mut self) {
        self.time.beside = None;
        self.boot_open = false;
        if self.session.borrow().playing {
            self.start_playing();
        } else {
            self.renew();
            self.rest();
        }
    }
}
