//! What the root does for the stage: the boot view.

use vivarium_protocol::base::ServerId;

use super::App;
use crate::tasks;
use crate::view::Selection;

impl App {
    /// Opens the boot view of the selected server, or closes it. Without one the leader is shown,
    /// or else the first server.
    pub(super) fn toggle_boot(&mut self) {
        if self.boot_open {
            self.close_boot();
            return;
        }
        self.boot_open = true;
        if let Some(id) = self.boot_server() {
            self.selection = Selection::Server(id);
        }
    }

    /// Closes the boot view and gives the focus back to the server's plate.
    pub(super) fn close_boot(&mut self) {
        self.boot_open = false;
        if let Some(id) = self.boot_server() {
            tasks::focus(&format!("server-{id}"));
        }
    }

    /// Whose start the boot view shows.
    pub(super) fn boot_server(&self) -> Option<ServerId> {
        match self.selection {
            Selection::Server(id) => Some(id),
            Selection::Message(_) | Selection::Link(_) | Selection::Nothing => {
                let leader = self.shown.scene.leader().map(|leader| leader.id);
                leader.or_else(|| self.shown.ids.first().copied())
            }
        }
    }
}
