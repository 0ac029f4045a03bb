//! What the first tab shows, and what a lesson does to the run.

use super::App;
use crate::i18n::Lang;
use crate::panels::front::{Learn, LearnMsg};
use crate::tasks;
use crate::view::{Msg, Selection, Tab};

/// What is saved before anything was learnt.
const NOTHING: &str = "{\"format\":1,\"lessons\":[]}";

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
            LearnMsg::Teacher => self.teaching = !self.teaching,
            LearnMsg::SaveProgress => {
                let text = tasks::stored("progress").unwrap_or_else(|| NOTHING.to_owned());
                let send = self.send.clone();
                let done = move |done| send.emit(Msg::Learn(LearnMsg::Saved(done)));
                tasks::take_away("progress", true, "vivarium-progress.json", &text, done);
            }
            LearnMsg::Saved(done) => {
                let (saved, refused) = match self.lang {
                    Lang::English => {
                        ("Your progress is saved as a file.", "It could not be saved.")
                    }
                    Lang::Chinese => ("进度已保存为文件。", "无法保存。"),
                };
                self.say((if done { saved } else { refused }).to_owned());
            }
            LearnMsg::Written => self.led(),
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
