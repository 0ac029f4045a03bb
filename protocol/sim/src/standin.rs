//! Holds the place of the core until it lands: the same face, no behaviour.
#![allow(missing_docs, dead_code)]
use std::sync::Arc;
use vivarium_protocol::base::*;
use vivarium_protocol::message::*;
use vivarium_protocol::replica::DataTree;
use vivarium_protocol::trace::*;
use vivarium_protocol::zab::history::History;
use vivarium_protocol::{Effects, Input};
#[derive(Clone, Debug)]
pub struct Recovered {
    pub accepted_epoch: Epoch,
    pub current_epoch: Epoch,
    pub history: History,
    pub tail: Vec<Arc<Txn>>,
    pub replica_at: Zxid,
    pub trusted: bool,
}
#[derive(Clone, Debug)]
pub struct Server {
    config: Arc<Config>,
    status: PeerStatus,
}
impl Server {
    pub fn recover(config: Arc<Config>, r: Recovered, _now: Now, _out: &mut Effects) -> Server {
        Server {
            config,
            status: PeerStatus::born(r.accepted_epoch, r.current_epoch, r.history.last()),
        }
    }
    pub fn handle(&mut self, _now: Now, _input: Input, _tree: &DataTree, _out: &mut Effects) {}
    pub fn next_deadline(&self) -> Option<(Time, Timer)> {
        None
    }
    pub fn status(&self) -> PeerStatus {
        self.status.clone()
    }
    pub fn config(&self) -> &Arc<Config> {
        &self.config
    }
    pub fn role(&self) -> PeerState {
        PeerState::Looking
    }
}
