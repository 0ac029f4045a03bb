//! Which links are up, and the latest notification for a peer whose election link is down.
//!
//! Election connections hold one message: a newer one replaces it (docs/protocol.md, Q3.5). When a
//! connection comes up with nothing waiting, the last message ever sent there is sent again, since
//! it may have died with the old connection; duplicates are harmless.

use crate::base::{ServerId, SortedMap, SortedSet};
use crate::effects::{Effects, NetworkEffect};
use crate::message::{Channel, Message, Notification, Packet};

/// The links of one server.
#[derive(Clone, Debug, Default)]
pub(crate) struct Links {
    election_up: SortedSet<ServerId>,
    dialling: SortedSet<ServerId>,
    waiting: SortedMap<ServerId, Notification>,
    last_sent: SortedMap<ServerId, Notification>,
    quorum_up: SortedSet<ServerId>,
}

impl Links {
    /// Sends a notification, or keeps it as the latest and asks for a connection.
    pub fn notify(&mut self, to: ServerId, notification: Notification, out: &mut Effects) {
        if self.election_up.contains(&to) {
            self.last_sent.insert(to, notification.clone());
            out.send(to, Message::Notification(notification));
            return;
        }
        self.waiting.insert(to, notification);
        if self.dialling.insert(to) {
            out.network.push(NetworkEffect::Connect { peer: to, channel: Channel::Election });
        }
    }

    /// The notification that waits for an election connection to a peer.
    pub fn waiting(&self, to: ServerId) -> Option<&Notification> {
        self.waiting.get(&to)
    }

    /// Sends a packet if the quorum link is up.
    pub fn send(&self, to: ServerId, packet: Packet, out: &mut Effects) {
        if self.quorum_up.contains(&to) {
            out.send(to, Message::Packet(packet));
        }
    }

    /// An election link came up: what waits for it goes first.
    pub fn election_up(&mut self, peer: ServerId, out: &mut Effects) {
        self.election_up.insert(peer);
        self.dialling.remove(&peer);
        let waiting = self.waiting.remove(&peer);
        if let Some(notification) = waiting.or_else(|| self.last_sent.get(&peer).cloned()) {
            self.notify(peer, notification, out);
        }
    }

    /// An election link went down, or could not be made.
    pub fn election_down(&mut self, peer: ServerId) {
        self.election_up.remove(&peer);
        self.dialling.remove(&peer);
    }

    /// Whether a quorum link is up.
    pub fn quorum_is_up(&self, peer: ServerId) -> bool {
        self.quorum_up.contains(&peer)
    }

    /// A quorum link came up.
    pub fn quorum_up(&mut self, peer: ServerId) {
        self.quorum_up.insert(peer);
    }

    /// A quorum link went down; tells whether it was up.
    pub fn quorum_down(&mut self, peer: ServerId) -> bool {
        self.quorum_up.remove(&peer)
    }

    /// Closes one quorum link.
    pub fn close_quorum(&mut self, peer: ServerId, out: &mut Effects) {
        self.quorum_up.remove(&peer);
        out.network.push(NetworkEffect::Close { peer, channel: Channel::Quorum });
    }

    /// Closes every quorum link: a role is over.
    pub fn close_all_quorum(&mut self, out: &mut Effects) {
        for peer in std::mem::take(&mut self.quorum_up) {
            out.network.push(NetworkEffect::Close { peer, channel: Channel::Quorum });
        }
    }
}
