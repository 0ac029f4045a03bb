//! What servers have on their disks before the first start: a history, and the epochs they stood
//! by. A lesson shows with it what would take hours to bring about.
//!
//! Invariants:
//! 1. The transactions are true ones: the first creates /x, and each later one sets it to its own
//!    number. They are a function of the zxids before them alone, so servers with equal histories
//!    hold equal records.
//! 2. What a purged log no longer holds is in the snapshot, and counts as decided.

use std::fmt;
use std::sync::Arc;

use vivarium_protocol::base::{Epoch, ServerId, SessionId, Zxid};
use vivarium_protocol::message::{Acl, Txn, TxnBody, TxnHeader};
use vivarium_protocol::replica::{DataTree, Outbox, Replica};

use crate::disk::{Contents, Snapshot};
use crate::words::{WordError, Words};
use crate::world::World;

/// The longest history, in transactions: a link can ask for one, and each is made on every disk.
const LONGEST: u64 = 5_000;
/// The wall clock of the first transaction: an hour before the run begins.
const WRITTEN_MS: i64 = 1_767_222_000_000;

/// One server's history before the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preload {
    /// Whose.
    pub server: ServerId,
    /// The last transaction of each epoch, oldest first; the counters of an epoch begin at 1.
    pub history: Vec<Zxid>,
    /// `currentEpoch`.
    pub epoch: Epoch,
    /// `acceptedEpoch`.
    pub accepted: Epoch,
    /// Log files up to here are removed, and a snapshot stands in their place.
    pub purged: Zxid,
}

impl Preload {
    /// Reads what follows the word `preload`, as in `1,2 1|4,2|3 epoch=2 accepted=3 purged=1|2`.
    /// Without more `epoch` is that of the last transaction, and `accepted` is `epoch`.
    pub(crate) fn parse(words: &mut Words) -> Result<Vec<Preload>, WordError> {
        let servers = words.servers()?;
        let wanted = "a history of at most 5000 transactions, as in 1|4,2|3,";
        let word = words.bare(wanted)?;
        let history: Result<Vec<Zxid>, _> = word.split(',').map(str::parse).collect();
        let orderly = |zxids: &Vec<Zxid>| {
            let epochs = zxids.windows(2).all(|pair| pair[0].epoch() < pair[1].epoch());
            let written = zxids.iter().map(|zxid| u64::from(zxid.counter())).sum::<u64>();
            epochs
                && written <= LONGEST
                && zxids.iter().all(|zxid| zxid.epoch() > Epoch(0) && zxid.counter() > 0)
        };
        let history = history.ok().filter(orderly);
        let history = history.ok_or(WordError::Unexpected { wanted, found: word })?;
        let last = history.last().map_or(Epoch(0), |zxid| zxid.epoch());
        let (mut epoch, mut accepted, mut purged) = (last, None, Zxid::ZERO);
        while let Some((key, value)) = words.peek().and_then(|word| word.split_once('=')) {
            let unread = || WordError::Unexpected { wanted: "a number", found: value.to_owned() };
            match key {
                "epoch" => epoch = Epoch(value.parse().map_err(|_| unread())?),
                "accepted" => accepted = Some(Epoch(value.parse().map_err(|_| unread())?)),
                "purged" => purged = value.parse().map_err(|_| unread())?,
                _ => break,
            }
            let _ = words.text();
        }
        let accepted = accepted.unwrap_or(epoch).max(epoch);
        let of = |server| Preload { server, history: history.clone(), epoch, accepted, purged };
        Ok(servers.into_iter().map(of).collect())
    }

    /// Every transaction of the history, oldest first.
    #[must_use]
    pub fn transactions(&self) -> Vec<Arc<Txn>> {
        let zxids = self.history.iter().flat_map(|last| {
            let epoch = last.epoch();
            (1..=last.counter()).map(move |counter| Zxid::new(epoch, counter))
        });
        zxids.zip(1..).map(|(zxid, number)| Arc::new(transaction(zxid, number))).collect()
    }

    /// What the disk holds.
    fn contents(&self) -> Contents {
        let mut log = self.transactions();
        let kept = log.partition_point(|txn| txn.header.zxid <= self.purged);
        let covered: Vec<Arc<Txn>> = log.drain(..kept).collect();
        let zxid = covered.last().map_or(Zxid::ZERO, |txn| txn.header.zxid);
        let tree = tree_after(&covered, |_, _| {});
        Contents {
            accepted_epoch: self.accepted,
            current_epoch: self.epoch,
            log,
            snapshot: Snapshot { zxid, tree },
            members: None,
        }
    }
}

/// The tree that transactions make, with a look at it after each.
fn tree_after(txns: &[Arc<Txn>], mut see: impl FnMut(&Arc<Txn>, &DataTree)) -> DataTree {
    let mut replica = Replica::new(DataTree::new(), Zxid::ZERO);
    let mut nobody = Outbox::default();
    for txn in txns {
        replica.apply_txn(txn, None, &mut nobody);
        see(txn, replica.tree());
    }
    replica.tree().clone()
}

fn transaction(zxid: Zxid, number: i32) -> Txn {
    let (path, data) = ("/x".to_owned(), Some(number.to_string().into_bytes().into()));
    let time_ms = WRITTEN_MS + i64::from(number) * 100;
    let header = TxnHeader { session: SessionId(0), cxid: 0, zxid, time_ms };
    let body = match number {
        1 => TxnBody::Create {
            create2: false,
            path,
            data,
            acl: vec![Acl::open()],
            ephemeral: false,
            parent_cversion: 1,
        },
        number => TxnBody::SetData { reconfig: false, path, data, version: number - 1 },
    };
    Txn { header, body, digest: None }
}

impl World {
    /// Fills the disks before the first step.
    pub(crate) fn preload(&mut self) {
        let setup = self.setup.clone();
        for preload in &setup.preload {
            if let Some(peer) = self.peers.get_mut(&preload.server) {
                peer.disk = crate::disk::Disk::holding(preload.contents());
                self.checkers.preloaded(&preload.transactions());
            }
        }
        let longest = setup.preload.iter().max_by_key(|preload| preload.purged);
        if let Some(longest) = longest {
            let mut covered = longest.transactions();
            covered.retain(|txn| txn.header.zxid <= longest.purged);
            tree_after(&covered, |txn, tree| self.checkers.decided_before(txn, tree.digest()));
        }
        if let Some(first) = setup.preload.first() {
            let disks = self.peers.values().map(|peer| (peer.id, peer.disk.durable()));
            self.checkers.check_disks(first.server, disks);
        }
    }
}

impl fmt::Display for Preload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let history: Vec<String> = self.history.iter().map(Zxid::to_string).collect();
        write!(f, "{} {} epoch={}", self.server, history.join(","), self.epoch)?;
        if self.accepted != self.epoch {
            write!(f, " accepted={}", self.accepted)?;
        }
        if self.purged != Zxid::ZERO {
            write!(f, " purged={}", self.purged)?;
        }
        Ok(())
    }
}
