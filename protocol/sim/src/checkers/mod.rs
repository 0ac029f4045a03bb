//! The checkers: they watch every server at once, which no server can, and report what the
//! protocol promises and a run has broken. They never interfere and never panic, so that an
//! exhibit can be watched misbehaving.
//!
//! What was decided is one sequence. It grows only when a server delivers beyond its end, and every
//! other delivery is compared with it, so one comparison a delivery covers agreement and total
//! order at once.

mod agreement;
mod durability;
pub mod history;
mod primary_order;
mod sentence;
mod total_order;
mod words_kept;

use std::fmt;
use std::sync::Arc;

use vivarium_protocol::base::{Ensemble, Epoch, ServerId, SortedMap, Time, Zxid};
use vivarium_protocol::message::Txn;

use crate::disk::Contents;
use history::{History, Moment, Standing};
pub use sentence::{Said, Sentence};

/// Violations kept; one broken promise soon breaks others, and the first is the one to look at.
const KEPT: usize = 16;

/// What the protocol promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    /// Two servers never tell different stories.
    Agreement,
    /// Everybody tells it in the same order, without gaps.
    TotalOrder,
    /// What one leader said is applied as it said it, and old reigns end before new ones begin.
    PrimaryOrder,
    /// What is decided is on the disks of a quorum, and stays there.
    Durability,
    /// What one server acknowledges or promises is on its own disk first.
    Acknowledgement,
    /// No epoch that a server stood by goes back.
    Epochs,
    /// Answered writes took place one after another, between question and answer, in the order of
    /// their zxids, and each did what it does to the tree of that moment.
    Linearizability,
    /// A session sees its own writes, its answers come in order, and it never goes back in time.
    SessionOrder,
    /// A read after a sync shows what had been answered before the sync.
    FreshSync,
    /// What a client was told has happened, has happened.
    Answers,
    /// An ephemeral znode goes once, with its session.
    Ephemerals,
    /// Whoever watches hears of a change before seeing it, and only once.
    WatchOrder,
    /// What is sent is what arrives: every message survives its own encoding.
    Codec,
}

impl Promise {
    /// The promises of the protocol itself, in the order in which stories name them.
    pub const ALL: [Promise; 4] =
        [Promise::Agreement, Promise::TotalOrder, Promise::PrimaryOrder, Promise::Durability];

    /// Promises of one server by itself: stories name them only where one is broken.
    pub const EARLY: [Promise; 2] = [Promise::Acknowledgement, Promise::Epochs];

    /// The promises to clients, which rest on those of the protocol.
    pub const TO_CLIENTS: [Promise; 6] = [
        Promise::Linearizability,
        Promise::SessionOrder,
        Promise::FreshSync,
        Promise::Answers,
        Promise::Ephemerals,
        Promise::WatchOrder,
    ];
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Promise::Agreement => "agreement",
            Promise::TotalOrder => "total order",
            Promise::PrimaryOrder => "primary order",
            Promise::Durability => "durability",
            Promise::Acknowledgement => "acknowledgement",
            Promise::Epochs => "epochs",
            Promise::Linearizability => "linearizability",
            Promise::SessionOrder => "session order",
            Promise::FreshSync => "sync",
            Promise::Answers => "answers",
            Promise::Ephemerals => "ephemerals",
            Promise::WatchOrder => "watch order",
            Promise::Codec => "codec",
        })
    }
}

/// A broken promise, as a checker saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Which promise.
    pub promise: Promise,
    /// The step in which it was noticed.
    pub step: u64,
    /// When.
    pub at: Time,
    /// The server at which it was noticed.
    pub peer: ServerId,
    /// What happened, in one sentence.
    pub what: Said,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} (step {}, {})", self.promise, self.what, self.step, self.at)
    }
}

/// One decided transaction.
#[derive(Clone, Debug)]
pub(crate) struct Decided {
    pub(crate) txn: Arc<Txn>,
    /// The digest of the tree of the first server that applied it.
    pub(crate) digest: u64,
}

impl Decided {
    pub(crate) fn zxid(&self) -> Zxid {
        self.txn.header.zxid
    }
}

/// What the checkers know.
#[derive(Clone, Debug)]
pub struct Checkers {
    ensemble: Arc<Ensemble>,
    decided: Vec<Decided>,
    /// How much of the sequence each server has delivered.
    positions: SortedMap<ServerId, usize>,
    reigns: primary_order::Reigns,
    durability: durability::Coverage,
    words: words_kept::Words,
    history: History,
    violations: Vec<Violation>,
    moment: (u64, Time),
}

impl Checkers {
    pub(crate) fn new(ensemble: Arc<Ensemble>) -> Checkers {
        Checkers {
            ensemble,
            decided: Vec::new(),
            positions: SortedMap::new(),
            reigns: primary_order::Reigns::default(),
            durability: durability::Coverage::default(),
            words: words_kept::Words::default(),
            history: History::default(),
            violations: Vec::new(),
            moment: (0, Time(0)),
        }
    }

    /// A server put these members in force: the newest of them decide what a quorum is.
    pub(crate) fn members(&mut self, ensemble: &Arc<Ensemble>) {
        if ensemble.version > self.ensemble.version {
            self.ensemble = Arc::clone(ensemble);
        }
    }

    /// Promises broken so far, oldest first.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        &self.violations
    }

    /// How many transactions have been decided.
    #[must_use]
    pub fn decided(&self) -> usize {
        self.decided.len()
    }

    /// The last decided transaction.
    #[must_use]
    pub fn last_decided(&self) -> Zxid {
        self.decided.last().map_or(Zxid::ZERO, Decided::zxid)
    }

    /// What clients asked and were told.
    #[must_use]
    pub fn history(&self) -> &History {
        &self.history
    }

    /// Where a client's doings are noted, and the moment of them.
    pub(crate) fn record(&mut self) -> (&mut History, Moment) {
        let (step, at) = self.moment;
        (&mut self.history, Moment { step, at })
    }

    /// What follows happens in this step.
    pub(crate) fn at(&mut self, step: u64, at: Time) {
        self.moment = (step, at);
    }

    pub(crate) fn report(&mut self, promise: Promise, peer: ServerId, what: Said) {
        let known = self.violations.iter().any(|v| v.promise == promise && v.what == what);
        if self.violations.len() < KEPT && !known {
            let (step, at) = self.moment;
            self.violations.push(Violation { promise, step, at, peer, what });
        }
    }

    /// A leader has made a proposal.
    pub(crate) fn proposed(&mut self, peer: ServerId, txn: &Arc<Txn>) {
        if let Some(what) = self.reigns.proposed(peer, txn, self.decided.len()) {
            self.report(Promise::PrimaryOrder, peer, what);
        }
    }

    /// A server's replica stands at a snapshot: after a restart, or because one was sent to it.
    pub(crate) fn recovered(&mut self, peer: ServerId, zxid: Zxid, digest: u64) {
        let position = self.position_of(zxid);
        if let Some(what) = agreement::image(&self.decided[..position], peer, zxid, digest) {
            self.report(Promise::Agreement, peer, what);
        }
        self.stands(peer, position);
    }

    fn stands(&mut self, server: ServerId, position: usize) {
        self.positions.insert(server, position);
        let (at, applied) = (self.moment.1, position as u32);
        let decided = self.decided.len() as u32;
        self.history.stands(Standing { at, server, applied, decided });
    }

    /// A server's replica has applied a transaction; true if nobody had before.
    pub(crate) fn delivered(&mut self, peer: ServerId, txn: &Arc<Txn>, digest: u64) -> bool {
        let position = self.positions.get(&peer).copied().unwrap_or(0);
        if let Some(what) = total_order::delivery(&self.decided, position, peer, txn) {
            self.report(Promise::TotalOrder, peer, what);
        }
        if let Some(what) = self.reigns.delivered(peer, txn) {
            self.report(Promise::PrimaryOrder, peer, what);
        }
        let known = self.decided.get(position);
        if let Some(what) = known.and_then(|known| agreement::delivery(known, peer, txn, digest)) {
            self.report(Promise::Agreement, peer, what);
        }
        let is_new = position == self.decided.len();
        if is_new {
            if let Some(what) = self.reigns.decided(self.decided.last(), peer, txn) {
                self.report(Promise::PrimaryOrder, peer, what);
            }
            self.decided.push(Decided { txn: txn.clone(), digest });
            if let Some((promise, what)) = self.history.decided(txn) {
                self.report(promise, peer, what);
            }
            self.stands(peer, position + 1);
        } else {
            self.stands(peer, self.position_of(txn.header.zxid));
        }
        is_new
    }

    /// Who holds what on disk has changed, or something was decided.
    pub(crate) fn check_disks<'a>(
        &mut self,
        peer: ServerId,
        disks: impl Iterator<Item = (ServerId, &'a Contents)>,
    ) {
        for (id, contents) in disks {
            self.durability.update(id, contents, &self.decided);
        }
        if let Some(what) = self.durability.verdict(&self.ensemble, &self.decided) {
            self.report(Promise::Durability, peer, what);
        }
    }

    /// Transactions that lay on a disk before the run: some leader proposed them once.
    pub(crate) fn preloaded(&mut self, txns: &[Arc<Txn>]) {
        self.reigns.preloaded(txns);
    }

    /// A transaction that was decided before the run.
    pub(crate) fn decided_before(&mut self, txn: &Arc<Txn>, digest: u64) {
        self.decided.push(Decided { txn: txn.clone(), digest });
        let _ = self.history.decided(txn);
    }

    /// A learner says ACK.
    pub(crate) fn acknowledges(&mut self, peer: ServerId, zxid: Zxid, disk: &Contents) {
        if let Some(what) = words_kept::acknowledges(peer, zxid, disk) {
            self.report(Promise::Acknowledgement, peer, what);
        }
    }

    /// A server has promised an epoch, or offers it as a leader.
    pub(crate) fn promises(&mut self, peer: ServerId, epoch: Epoch, disk: &Contents) {
        if let Some(what) = self.words.promises(peer, epoch, disk) {
            self.report(Promise::Acknowledgement, peer, what);
        }
    }

    /// A server starts.
    pub(crate) fn starts(&mut self, peer: ServerId, disk: &Contents) {
        if let Some(what) = self.words.starts(peer, disk) {
            self.report(Promise::Epochs, peer, what);
        }
    }

    /// One disk holds other epochs than before.
    pub(crate) fn check_epochs(&mut self, peer: ServerId, disk: &Contents) {
        if let Some(what) = self.words.disk(peer, disk) {
            self.report(Promise::Epochs, peer, what);
        }
    }

    /// A leader begins to serve: it must know everything that is decided.
    pub(crate) fn established(&mut self, peer: ServerId) {
        let position = self.positions.get(&peer).copied().unwrap_or(0);
        if let Some(missing) = self.decided.get(position) {
            let what = Sentence::LeadsWithout.of(&[&peer, &missing.zxid()]);
            self.report(Promise::Durability, peer, what);
        }
    }

    /// A client was told that its write has happened.
    pub(crate) fn acknowledged(&mut self, peer: ServerId, zxid: Zxid) {
        if zxid > self.last_decided() && !zxid.is_epoch_start() {
            let what = Sentence::AnsweredUndecided.of(&[&peer, &zxid]);
            self.report(Promise::Durability, peer, what);
        }
    }

    fn position_of(&self, zxid: Zxid) -> usize {
        self.decided.partition_point(|decided| decided.zxid() <= zxid)
    }
}
