//! What the Clients tab asks of the root.

use super::App;
use crate::i18n::Text;
use crate::view::ClientsMsg;

impl App {
    pub(super) fn take_clients(&mut self, msg: ClientsMsg) {
        match msg {
            ClientsMsg::Await(client) => self.await_answer(client),
        }
    }

    /// Plays until a client waits for nothing any more.
    fn await_answer(&mut self, id: u32) {
        let found = {
            let mut playback = self.session.borrow_mut();
            playback.pause();
            playback.play_to(|world, _| {
                let client = world.clients().iter().find(|client| client.id == id);
                client.is_none_or(|client| client.pending.is_empty())
            })
        };
        if found {
            self.start_playing();
        } else {
            self.renew();
            self.say(self.lang.t(Text::UntilNotFound).to_owned());
        }
    }
}
