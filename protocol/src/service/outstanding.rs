//! Changes that are proposed and not yet known to be applied: the state that the next request is
//! checked against is the tree with these on top.
//!
//! docs/protocol.md, C5.12. A record wins over the tree, so the answer is the same however far the
//! tree lags, or runs ahead of what was reported. Invariants:
//! 1. Whatever has no record is in the tree as the last transaction proposed left it.
//! 2. `digest` is that of the tree once all of this is applied.

use crate::base::{Gather, LargeMap, LargeSet, SessionId, Zxid};
use crate::message::Acl;
use crate::replica::{DataTree, Owner, PersistedStat, Znode, digest};
use bytes::Bytes;
use std::collections::VecDeque;
use std::sync::Arc;

/// A node as it will be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Projected {
    /// Its data.
    pub data: Option<Bytes>,
    /// Its access control list.
    pub acl: Arc<[Acl]>,
    /// Its stat.
    pub stat: PersistedStat,
    /// How many children it has.
    pub children: usize,
}

impl Projected {
    fn of(node: &Znode) -> Projected {
        Projected {
            data: node.data.clone(),
            acl: Arc::clone(&node.acl),
            stat: node.stat,
            children: node.children.len(),
        }
    }
}

/// The newest change of one path; `None` for a delete.
#[derive(Clone, Debug)]
struct Record {
    zxid: Zxid,
    node: Option<Projected>,
    digest: u64,
}

/// The changes, newest by path, and oldest first.
#[derive(Clone, Debug, Default)]
pub struct Outstanding {
    records: LargeMap<Arc<str>, Record>,
    order: VecDeque<(Zxid, Arc<str>)>,
    digest: u64,
    undo: Option<Undo>,
}

/// How to take back the transaction under way.
#[derive(Clone, Debug)]
struct Undo {
    digest: u64,
    order: usize,
    replaced: Vec<(Arc<str>, Option<Record>)>,
}

impl Outstanding {
    /// Forgets everything: `tree` is all there is.
    pub fn restart(&mut self, tree: &DataTree) {
        *self = Outstanding { digest: tree.digest(), ..Outstanding::default() };
    }

    /// The tree holds everything up to here.
    pub fn applied(&mut self, upto: Zxid) {
        while let Some((zxid, path)) = self.order.pop_front_if(|(zxid, _)| *zxid <= upto) {
            if self.records.get(&path).is_some_and(|record| record.zxid == zxid) {
                self.records.remove(&path);
            }
        }
    }

    /// A node as it will be; `None` if it will not be there.
    #[must_use]
    pub fn get(&self, tree: &DataTree, path: &str) -> Option<Projected> {
        match self.records.get(path) {
            Some(record) => record.node.clone(),
            None => tree.get(path).map(Projected::of),
        }
    }

    /// Notes what a transaction makes of a node; `None` for a delete.
    pub fn put(&mut self, tree: &DataTree, zxid: Zxid, path: &str, node: Option<Projected>) {
        let of = |node: &Projected| digest::node(path, node.data.as_deref(), &node.stat);
        let record = Record { zxid, digest: node.as_ref().map_or(0, of), node };
        let known = self.records.get_key_value(path);
        let before = match known {
            Some((_, record)) => record.digest,
            None => tree.get(path).map_or(0, |node| node.digest),
        };
        self.digest = self.digest.wrapping_sub(before).wrapping_add(record.digest);
        let path = known.map_or_else(|| Arc::from(path), |(path, _)| Arc::clone(path));
        let replaced = self.records.insert(Arc::clone(&path), record);
        if let Some(undo) = &mut self.undo {
            undo.replaced.push((Arc::clone(&path), replaced));
        }
        self.order.push_back((zxid, path));
    }

    /// Begins a transaction that may be taken back: by `roll_back`, until `keep`.
    pub fn begin(&mut self) {
        let order = self.order.len();
        self.undo = Some(Undo { digest: self.digest, order, replaced: Vec::new() });
    }

    /// The transaction stays.
    pub fn keep(&mut self) {
        self.undo = None;
    }

    /// Everything is again as it was at `begin`.
    pub fn roll_back(&mut self) {
        let Some(undo) = self.undo.take() else { return };
        for (path, replaced) in undo.replaced.into_iter().rev() {
            match replaced {
                Some(record) => self.records.insert(path, record),
                None => self.records.remove(&path),
            };
        }
        self.order.truncate(undo.order);
        self.digest = undo.digest;
    }

    /// The ephemerals that a session will own, sorted: the tree's without those that will be gone,
    /// and those that are still to come.
    #[must_use]
    pub fn ephemerals_of(&self, tree: &DataTree, session: SessionId) -> Vec<String> {
        let owns = |record: &Record| {
            let owner = record.node.as_ref().map(|node| node.stat.owner());
            owner == Some(Owner::Session(session))
        };
        let in_tree = tree.ephemerals().get(&session).into_iter().flatten();
        let unchanged = in_tree.filter(|path| !self.records.contains_key(*path));
        let coming = self.records.iter().filter(|(_, record)| owns(record)).map(|(path, _)| path);
        let paths: LargeSet<String> = unchanged.chain(coming).map(|path| path.to_string()).gather();
        paths.into_iter().collect()
    }

    /// The digest of the tree once all is applied.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// How many changes are noted.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Whether the tree is all there is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }
}
