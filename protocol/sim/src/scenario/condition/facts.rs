//! What a run has shown since somebody began to watch it: a fold of its trace.

use vivarium_protocol::base::{Arrange, ServerId, SortedMap, Time, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Cause, Decision, Frame, TraceEvent};

use crate::world::World;

/// Counts and histories since the watch began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Servers that crashed or were crashed.
    pub crashes: u64,
    /// Servers that were started.
    pub starts: u64,
    /// Servers that took office.
    pub elections: u64,
    /// The roles that each server went through, without repetitions; the first is the one that it
    /// had when the watch began, if it ran then.
    pub roles: SortedMap<ServerId, Vec<PeerState>>,
    /// Proposals that wait for their commit, by zxid: who proposed them, and when.
    proposed: SortedMap<Zxid, (ServerId, Time)>,
    /// How long each committed proposal took at its leader, in microseconds.
    commits_us: Vec<u64>,
}

impl Facts {
    /// What is known when the watch begins.
    #[must_use]
    pub fn at(world: &World) -> Facts {
        let mut facts = Facts::default();
        for peer in world.peers() {
            if let Some(status) = peer.status() {
                facts.roles.insert(peer.id, vec![status.role]);
            }
        }
        facts
    }

    /// Takes the next frame.
    pub fn fold(&mut self, frame: &Frame) {
        self.crashes += u64::from(frame.cause == Cause::Crashed);
        self.starts += u64::from(frame.cause == Cause::Started);
        let Some(id) = frame.peer else { return };
        for event in &frame.events {
            if let TraceEvent::Decided(decision) = event {
                self.decided(id, decision, frame.at);
            }
        }
    }

    fn decided(&mut self, id: ServerId, decision: &Decision, at: Time) {
        if let Decision::RoleChanged { role, .. } = decision {
            self.elections += u64::from(*role == PeerState::Leading);
            let roles = self.roles.entry(id).or_default();
            if roles.last() != Some(role) {
                roles.push(*role);
            }
        }
        if let Decision::Proposed { zxid, .. } = decision {
            self.proposed.insert(*zxid, (id, at));
        }
        if let Decision::Committed { zxid, by } = decision
            && !by.is_empty()
            && self.proposed.get(zxid).is_some_and(|(leader, _)| *leader == id)
            && let Some((_, since)) = self.proposed.remove(zxid)
        {
            self.commits_us.push(at.0 - since.0);
        }
    }

    /// The median time from proposal to commit, in microseconds; 0 if nothing was committed.
    #[must_use]
    pub fn median_commit_us(&self) -> u64 {
        let mut times = self.commits_us.clone();
        times.arrange(|us| *us);
        times.get(times.len() / 2).copied().unwrap_or(0)
    }

    /// Whether a server went through these roles, one directly after the other.
    #[must_use]
    pub fn went_through(&self, id: ServerId, roles: &[PeerState]) -> bool {
        self.roles.get(&id).is_some_and(|gone| gone.windows(roles.len()).any(|part| part == roles))
    }
}
