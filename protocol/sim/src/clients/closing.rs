//! How connections between clients and servers end, from either side.

use crate::agenda::Event;
use crate::world::World;
use vivarium_protocol::Input;
use vivarium_protocol::base::{ConnectionId, ServerId, SessionId, Time};

impl World {
    /// The server closes one connection.
    pub(super) fn close_client(&mut self, id: ServerId, origin: ConnectionId) {
        let Some(peer) = self.peers.get_mut(&id) else { return };
        let Some(served) = peer.process.connections.remove(&origin) else { return };
        peer.replica.forget(origin);
        let at = served.last.max(self.now + 1);
        self.lose_client_at(at, served.client, served.attempt);
        self.handle(id, Input::Disconnected { origin });
    }

    /// The server closes the connections that a session is at.
    pub(super) fn close_session(&mut self, id: ServerId, session: SessionId) {
        for origin in self.connections_of(id, session) {
            self.close_client(id, origin);
        }
    }

    /// The server closes every connection: it serves no longer.
    pub(crate) fn drop_clients(&mut self, id: ServerId) {
        let connections = self.peers.get(&id).map(|peer| &peer.process.connections);
        let origins: Vec<_> = connections.into_iter().flatten().map(|(id, _)| *id).collect();
        for origin in origins {
            self.close_client(id, origin);
        }
    }

    /// A client's connection breaks, or is refused.
    pub(crate) fn drop_client(&mut self, client: u32, attempt: u64) {
        let at = self.now + self.client_delay();
        self.lose_client_at(at, client, attempt);
    }

    pub(super) fn lose_client_at(&mut self, at: Time, client: u32, attempt: u64) {
        self.later(at, Event::ClientLost { client, attempt });
    }
}
