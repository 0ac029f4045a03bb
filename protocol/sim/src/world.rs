//! The world: peers, network, clients, agenda and generator; one step at a time.

use crate::client::VirtualClient;
use crate::command::{Command, CommandError};
use crate::disk::Disk;
use crate::hash::Fnv;
use crate::network::{Faults, Flight};
use crate::peer::Peer;
use crate::setup::Setup;
use std::collections::BTreeMap;
use std::sync::Arc;
use vivarium_protocol::base::{Ensemble, ServerId, Time, Zxid};
use vivarium_protocol::replica::{DataTree, Replica};
use vivarium_protocol::trace::{Cause, Frame};

/// A promise of the protocol that was broken, as a checker saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which promise: `agreement`, `total order`, `primary order` or `durability`.
    pub promise: &'static str,
    /// The step in which it was noticed.
    pub step: u64,
    /// When.
    pub at: Time,
    /// The server at which it was noticed.
    pub peer: ServerId,
    /// What happened, in one sentence.
    pub what: String,
}

/// A whole world. Cloning it clones its future.
#[derive(Clone, Debug)]
pub struct World {
    setup: Arc<Setup>,
    ensemble: Arc<Ensemble>,
    now: Time,
    steps: u64,
    peers: BTreeMap<ServerId, Peer>,
    clients: Vec<VirtualClient>,
    faults: Faults,
    violations: Vec<Violation>,
    trail: Fnv,
}

impl World {
    /// A world at time 0, before its first step.
    #[must_use]
    pub fn new(setup: &Setup) -> World {
        let ensemble = setup.ensemble();
        let peer = |id: &ServerId| {
            let config = Arc::new(setup.config(*id, &ensemble));
            let replica = Replica::new(DataTree::new(), Zxid::ZERO);
            let disk = Disk::new();
            let id = *id;
            (id, Peer { id, config, server: None, replica, disk, paused: false, halted: None })
        };
        let peers = ensemble.members.keys().map(peer).collect();
        World {
            setup: Arc::new(setup.clone()),
            now: Time(0),
            steps: 0,
            peers,
            clients: Vec::new(),
            faults: Faults::default(),
            violations: Vec::new(),
            trail: Fnv::default(),
            ensemble,
        }
    }

    /// What it started from.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The members.
    #[must_use]
    pub fn ensemble(&self) -> &Arc<Ensemble> {
        &self.ensemble
    }

    /// Virtual time: that of the last step.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many steps have been taken; the next frame has this number.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// When the next thing happens.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        None
    }

    /// Takes one step; `None` if nothing will ever happen again without a command.
    pub fn step(&mut self) -> Option<Frame> {
        None
    }

    /// Carries out a command, with all that follows from it at once (a start, a crash).
    ///
    /// # Errors
    /// The command does not fit the world; nothing has changed then.
    pub fn command(&mut self, command: &Command) -> Result<Vec<Frame>, CommandError> {
        Ok(vec![self.begin_command(command)?])
    }

    /// Carries out a command up to its own frame; what follows at once are the next steps.
    ///
    /// # Errors
    /// The command does not fit the world; nothing has changed then.
    pub fn begin_command(&mut self, command: &Command) -> Result<Frame, CommandError> {
        let frame = Frame {
            step: self.steps,
            at: self.now,
            peer: None,
            cause: Cause::Command { text: command.to_string() },
            caused_by: None,
            events: Vec::new(),
        };
        self.steps += 1;
        Ok(frame)
    }

    /// Every server, by id.
    pub fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.peers.values()
    }

    /// One server.
    #[must_use]
    pub fn peer(&self, id: ServerId) -> Option<&Peer> {
        self.peers.get(&id)
    }

    /// Every message on its way, lost ones until the moment at which they would have arrived.
    #[must_use]
    pub fn flights(&self) -> Vec<Flight> {
        Vec::new()
    }

    /// Every client, by number.
    #[must_use]
    pub fn clients(&self) -> &[VirtualClient] {
        &self.clients
    }

    /// What is wrong right now.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Promises broken so far, as the checkers saw them.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// A fixed hash over all frames so far and the present state.
    #[must_use]
    pub fn hash(&self) -> u64 {
        self.trail.value()
    }
}
