//! A balancer in front of the ensemble: it hands each connection that comes to it to a server.
//!
//! It knows nothing of ZooKeeper but who serves, and takes the servers in turn. Clients that have a
//! list of servers (`ClientAct::Roam`) need none.

use vivarium_protocol::base::ServerId;

use crate::world::World;

impl World {
    /// The server that the balancer hands a client to: the next in turn among those that serve;
    /// `None` if the client has none, or no server serves.
    pub(crate) fn hand_out(&mut self, id: u32) -> Option<ServerId> {
        if !self.client_mut(id).balanced {
            return None;
        }
        let last = self.handed_out;
        let serve = || self.peers.values().filter(|peer| !peer.paused && peer.serves());
        let next = serve().map(|peer| peer.id).find(|id| last.is_none_or(|last| *id > last));
        let next = next.or_else(|| serve().next().map(|peer| peer.id))?;
        self.handed_out = Some(next);
        Some(next)
    }
}
