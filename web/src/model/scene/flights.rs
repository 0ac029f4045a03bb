//! The messages of a scene, by sender: among a hundred servers thousands are under way.
//!
//! Invariants: the order is that of [`MessageId`]. A copy shares the messages of every sender that
//! has neither sent nor lost nor landed one since, so that a picture of the moment costs little.

use std::rc::Rc;

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::trace::MessageId;

use super::FlightView;

/// Messages on their way, and those that linger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flights {
    senders: SortedMap<ServerId, Rc<SortedMap<MessageId, FlightView>>>,
}

impl Flights {
    /// One of them.
    #[must_use]
    pub fn get(&self, id: &MessageId) -> Option<&FlightView> {
        self.senders.get(&id.from)?.get(id)
    }

    /// One of them, to be changed.
    pub fn get_mut(&mut self, id: &MessageId) -> Option<&mut FlightView> {
        let sent = self.senders.get_mut(&id.from).filter(|sent| sent.contains_key(id))?;
        Rc::make_mut(sent).get_mut(id)
    }

    /// Adds one, in place of what had its name.
    pub fn insert(&mut self, id: MessageId, flight: FlightView) {
        Rc::make_mut(self.senders.entry(id.from).or_default()).insert(id, flight);
    }

    /// Takes one away.
    pub fn remove(&mut self, id: &MessageId) {
        if let Some(sent) = self.senders.get_mut(&id.from) {
            Rc::make_mut(sent).remove(id);
        }
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&MessageId, &FlightView)> {
        self.senders.values().flat_map(|sent| sent.iter())
    }

    /// All, in order, without their names.
    pub fn values(&self) -> impl Iterator<Item = &FlightView> {
        self.iter().map(|(_, flight)| flight)
    }

    /// Those of one sender, in order.
    pub fn of_sender(&self, from: ServerId) -> impl Iterator<Item = (&MessageId, &FlightView)> {
        self.senders.get(&from).into_iter().flat_map(|sent| sent.iter())
    }
}
