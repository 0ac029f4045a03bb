//! A virtual disk: what survives a crash, and what is still on its way there.
//!
//! Effects are taken in order and become durable in order, all that is queued with one sync (group
//! commit). Invariants:
//! 1. A crash keeps a prefix of what was asked for: everything synced, and of the rest only what
//!    the setup lets it keep (nothing by default).
//! 2. `durable` never holds an effect whose number has not been reported, or will be.

use std::collections::VecDeque;
use std::sync::Arc;
use vivarium_protocol::base::{Config, DiskSeq, Epoch, Zxid};
use vivarium_protocol::effects::DiskEffect;
use vivarium_protocol::message::{Image, Txn};
use vivarium_protocol::replica::{DataTree, Replica};
use vivarium_protocol::zab::history::{History, Run};

/// A snapshot as the disk keeps it: the tree itself, whose shards are shared with the replica.
#[derive(Clone, Debug)]
pub struct Snapshot {
    /// The last transaction it contains.
    pub zxid: Zxid,
    /// The tree.
    pub tree: DataTree,
}

/// What a disk holds.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The file `acceptedEpoch`.
    pub accepted_epoch: Epoch,
    /// The file `currentEpoch`.
    pub current_epoch: Epoch,
    /// The log, oldest first.
    pub log: Vec<Arc<Txn>>,
    /// The newest snapshot.
    pub snapshot: Snapshot,
    /// The members, once they have changed: what the server is started with next time.
    pub members: Option<Arc<Config>>,
}

impl Contents {
    /// The last transaction that a restart finds.
    #[must_use]
    pub fn last_zxid(&self) -> Zxid {
        self.log.last().map_or(self.snapshot.zxid, |txn| txn.header.zxid.max(self.snapshot.zxid))
    }
}

/// One server's disk.
#[derive(Clone, Debug)]
pub struct Disk {
    durable: Contents,
    pending: VecDeque<(DiskSeq, DiskEffect)>,
    /// How many of `pending` the sync under way will make durable.
    syncing: usize,
    stalled: bool,
}

impl Default for Disk {
    fn default() -> Disk {
        Disk::new()
    }
}

impl Disk {
    /// An empty disk: an empty snapshot at zxid 0, as ZooKeeper makes for a new server.
    #[must_use]
    pub fn new() -> Disk {
        let snapshot = Snapshot { zxid: Zxid::ZERO, tree: DataTree::new() };
        let durable = Contents {
            accepted_epoch: Epoch(0),
            current_epoch: Epoch(0),
            log: Vec::new(),
            snapshot,
            members: None,
        };
        Disk { durable, pending: VecDeque::new(), syncing: 0, stalled: false }
    }

    /// A disk that holds this already.
    #[must_use]
    pub fn holding(durable: Contents) -> Disk {
        Disk { durable, ..Disk::new() }
    }

    /// What survives a crash.
    #[must_use]
    pub fn durable(&self) -> &Contents {
        &self.durable
    }

    /// Whether it completes nothing at the moment.
    #[must_use]
    pub fn stalled(&self) -> bool {
        self.stalled
    }

    /// How many effects are not yet durable.
    #[must_use]
    pub fn unsynced(&self) -> usize {
        self.pending.len()
    }

    /// The log as its server sees it, oldest first, each entry with whether it survives a crash.
    #[must_use]
    pub fn entries(&self) -> Vec<(&Arc<Txn>, bool)> {
        let mut entries: Vec<_> = self.durable.log.iter().map(|txn| (txn, true)).collect();
        for (_, effect) in &self.pending {
            match effect {
                DiskEffect::Append(txn) => entries.push((txn, false)),
                DiskEffect::Truncate(zxid) => entries.retain(|(txn, _)| txn.header.zxid <= *zxid),
                DiskEffect::Install(_) => entries.clear(),
                DiskEffect::AcceptedEpoch(_)
                | DiskEffect::CurrentEpoch(_)
                | DiskEffect::Configure(_) => {}
            }
        }
        entries
    }

    /// The transactions of the log after one zxid up to another, inclusive; synced or not.
    #[must_use]
    pub fn range(&self, after: Zxid, upto: Zxid) -> Vec<Arc<Txn>> {
        let wanted = |zxid: Zxid| after < zxid && zxid <= upto;
        if self.pending.is_empty() {
            let start = self.durable.log.partition_point(|txn| txn.header.zxid <= after);
            let tail = self.durable.log[start..].iter();
            return tail.take_while(|txn| txn.header.zxid <= upto).cloned().collect();
        }
        let entries = self.entries().into_iter();
        entries.filter(|(txn, _)| wanted(txn.header.zxid)).map(|(txn, _)| txn.clone()).collect()
    }

    /// What the log holds, as its server must be told after a restart.
    #[must_use]
    pub fn history(&self) -> History {
        let mut history = History::at(self.durable.snapshot.zxid);
        for zxid in self.durable.log.iter().map(|txn| txn.header.zxid) {
            match history.runs.last_mut() {
                Some(run) if zxid.epoch() == run.epoch => run.last = zxid.counter(),
                _ => {
                    let counter = zxid.counter();
                    history.runs.push(Run { epoch: zxid.epoch(), first: counter, last: counter });
                }
            }
        }
        history
    }

    /// Takes effects in order.
    pub fn take(&mut self, effects: impl IntoIterator<Item = (DiskSeq, DiskEffect)>) {
        self.pending.extend(effects);
    }

    /// Begins a sync of all that is queued, unless one is under way, the disk is stalled or there
    /// is nothing to do.
    pub fn begin_sync(&mut self) -> bool {
        let begins = self.syncing == 0 && !self.stalled && !self.pending.is_empty();
        if begins {
            self.syncing = self.pending.len();
        }
        begins
    }

    /// The sync under way is done: what it took is durable. Gives the highest number.
    pub fn end_sync(&mut self) -> Option<DiskSeq> {
        let count = std::mem::take(&mut self.syncing);
        self.settle(count)
    }

    /// Stops completing anything; a sync under way is taken back.
    pub fn stall(&mut self) {
        self.stalled = true;
        self.syncing = 0;
    }

    /// Goes on.
    pub fn wake(&mut self) {
        self.stalled = false;
    }

    /// A crash: of what is not durable the first `kept` effects survive. Gives the transactions
    /// that are lost.
    pub fn crash(&mut self, kept: usize) -> Vec<Zxid> {
        self.settle(kept.min(self.pending.len()));
        self.syncing = 0;
        self.stalled = false;
        let lost = std::mem::take(&mut self.pending);
        let appended = lost.into_iter().filter_map(|(_, effect)| match effect {
            DiskEffect::Append(txn) => Some(txn.header.zxid),
            DiskEffect::Truncate(_)
            | DiskEffect::AcceptedEpoch(_)
            | DiskEffect::CurrentEpoch(_)
            | DiskEffect::Configure(_)
            | DiskEffect::Install(_) => None,
        });
        appended.collect()
    }

    /// Writes a snapshot of what is applied. It holds only decided transactions, so it may be
    /// ahead of what this log has synced.
    pub fn write_snapshot(&mut self, zxid: Zxid, tree: DataTree) {
        if zxid > self.durable.snapshot.zxid {
            self.durable.snapshot = Snapshot { zxid, tree };
        }
    }

    /// Drops the part of the log that the snapshot covers.
    pub fn purge(&mut self) {
        let covered = self.durable.snapshot.zxid;
        self.durable.log.retain(|txn| txn.header.zxid > covered);
    }

    fn settle(&mut self, count: usize) -> Option<DiskSeq> {
        let mut last = None;
        for (seq, effect) in self.pending.drain(..count) {
            self.durable.apply(effect);
            last = Some(seq);
        }
        last
    }
}

impl Contents {
    fn apply(&mut self, effect: DiskEffect) {
        match effect {
            DiskEffect::Append(txn) => self.log.push(txn),
            DiskEffect::Truncate(zxid) => {
                let keep = self.log.partition_point(|txn| txn.header.zxid <= zxid);
                self.log.truncate(keep);
            }
            DiskEffect::AcceptedEpoch(epoch) => self.accepted_epoch = epoch,
            DiskEffect::CurrentEpoch(epoch) => self.current_epoch = epoch,
            DiskEffect::Configure(config) => self.members = Some(config),
            DiskEffect::Install(image) => self.install(&image),
        }
    }

    /// An image that does not decode never gets here: the world refuses it on arrival.
    fn install(&mut self, image: &Image) {
        let mut replica = Replica::new(DataTree::new(), Zxid::ZERO);
        if replica.restore(image).is_ok() {
            self.log.clear();
            self.snapshot = Snapshot { zxid: image.zxid, tree: replica.tree().clone() };
        }
    }

    /// The last transaction that a restart would find.
    #[must_use]
    pub fn last(&self) -> Zxid {
        let logged = self.log.last().map_or(Zxid::ZERO, |txn| txn.header.zxid);
        logged.max(self.snapshot.zxid)
    }
}
