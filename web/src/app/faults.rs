//! Messages of the faults panel that concern the page and not the run.

use super::App;

/// What the parts that make faults ask of the root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultMsg {
    /// The dialog that cuts is to be open, or closed.
    Cutting(bool),
}

impl App {
    /// Takes a message about faults.
    pub(super) fn take_fault(&mut self, msg: FaultMsg) {
        match msg {
            FaultMsg::Cutting(open) => self.cutting = open && self.shown.ids.len() > 1,
        }
    }
}
