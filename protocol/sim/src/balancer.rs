//! How clients spread over servers: by a list of their own, which each shuffles, or by a balancer
//! in front of the ensemble, which hands each connection that comes to it to a server.
//!
//! The balancer knows nothing of ZooKeeper but who serves, and takes the servers in turn.

use vivarium_protocol::base::ServerId;

use crate::client::VirtualClient;
use crate::command::{ClientAct, CommandError};
use crate::world::World;

impl VirtualClient {
    /// The server of its list that comes after the last one tried.
    pub(crate) fn next_of_list(&self) -> Option<ServerId> {
        let last = self.list.iter().position(|server| Some(*server) == self.home);
        let next = last.map_or(0, |last| (last + 1) % self.list.len());
        self.list.get(next).copied()
    }
}

impl World {
    /// The list that a client's act gives it, in the order in which it will be tried.
    pub(crate) fn list_of(&mut self, act: &ClientAct) -> Result<Vec<ServerId>, CommandError> {
        let ClientAct::List { servers, shuffled } = act else { return Ok(Vec::new()) };
        if let Some(stranger) = servers.iter().find(|id| !self.peers.contains_key(id)) {
            return Err(CommandError::NoSuchServer(*stranger));
        }
        let mut list = servers.clone();
        for end in (1..list.len()).rev().filter(|_| *shuffled) {
            let place = self.rng.below(end as u64 + 1) as usize;
            list.swap(place, end);
        }
        Ok(list)
    }

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
