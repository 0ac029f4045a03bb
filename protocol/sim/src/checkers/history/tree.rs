//! The tree of znodes at every zxid, as the decided transactions make it: a second, simpler account
//! of what the replicas hold, which answers can be compared with.
//!
//! Only paths, data, versions and owners; znodes that ZooKeeper makes itself are not known here.

use super::Breach;
use crate::checkers::{Promise, Sentence};
use bytes::Bytes;
use std::sync::Arc;
use vivarium_protocol::base::{LargeMap, LargeSet, SessionId, Zxid};
use vivarium_protocol::message::{Txn, TxnBody};

/// A znode as it was for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) data: Option<Bytes>,
    pub(super) version: i32,
    pub(super) made: Zxid,
    pub(super) changed: Zxid,
    owner: Option<SessionId>,
}

/// Every state of one path, oldest first: from that zxid on, the znode or nothing.
type States = Vec<(Zxid, Option<Node>)>;

/// The tree over time.
#[derive(Clone, Debug, Default)]
pub(super) struct Tree {
    paths: LargeMap<String, Arc<States>>,
    order: Vec<(Zxid, SessionId, i32)>,
    open: LargeSet<SessionId>,
    owned: LargeMap<SessionId, LargeSet<String>>,
}

impl Tree {
    /// The last decided transaction.
    pub(super) fn last(&self) -> Zxid {
        self.order.last().map_or(Zxid::ZERO, |(zxid, _, _)| *zxid)
    }

    /// How many transactions lie after `zxid`, up to and with `upto`.
    pub(super) fn between(&self, zxid: Zxid, upto: Zxid) -> usize {
        let place = |zxid: Zxid| self.order.partition_point(|(other, _, _)| *other <= zxid);
        place(upto).saturating_sub(place(zxid))
    }

    /// Whether this very request of this session was decided at `zxid`.
    pub(super) fn decided(&self, zxid: Zxid, session: Option<SessionId>, cxid: i32) -> bool {
        let place = self.order.binary_search_by_key(&zxid, |(other, _, _)| *other);
        place.is_ok_and(|place| {
            let (_, by, number) = self.order[place];
            session.is_none_or(|session| session == by) && number == cxid
        })
    }

    /// Whether the state of `path` is known here at all.
    pub(super) fn knows(path: &str) -> bool {
        path != "/" && path != "/zookeeper" && !path.starts_with("/zookeeper/")
    }

    /// The znode at `path` once everything up to `zxid` has happened.
    pub(super) fn at(&self, path: &str, zxid: Zxid) -> Option<&Node> {
        let states = self.paths.get(path)?;
        let place = states.partition_point(|(from, _)| *from <= zxid).checked_sub(1)?;
        states[place].1.as_ref()
    }

    /// The znode at `path` just before `zxid`.
    pub(super) fn before(&self, path: &str, zxid: Zxid) -> Option<&Node> {
        let states = self.paths.get(path)?;
        let place = states.partition_point(|(from, _)| *from < zxid).checked_sub(1)?;
        states[place].1.as_ref()
    }

    /// When `path` changed after `since`, up to and with `upto`.
    pub(super) fn changes(&self, path: &str, since: Zxid, upto: Zxid) -> Vec<Zxid> {
        let states = self.paths.get(path).into_iter().flat_map(|states| states.iter());
        let changes = states.map(|(zxid, _)| *zxid);
        changes.filter(|zxid| *zxid > since && *zxid <= upto).collect()
    }

    /// When the list of children of `path` changed after `since`, up to and with `upto`.
    pub(super) fn child_changes(&self, path: &str, since: Zxid, upto: Zxid) -> Vec<Zxid> {
        let mut changes = Vec::new();
        for (_, states) in self.under(path) {
            let mut alive = false;
            for (zxid, node) in states.iter() {
                if alive != node.is_some() && *zxid > since && *zxid <= upto {
                    changes.push(*zxid);
                }
                alive = node.is_some();
            }
        }
        changes.sort();
        changes
    }

    /// The names of the children of `path` at `zxid`, sorted.
    pub(super) fn children(&self, path: &str, zxid: Zxid) -> Vec<&str> {
        let alive = self.under(path).filter(|(child, _)| self.at(child, zxid).is_some());
        let own = alive.map(|(child, _)| &child[child.rfind('/').map_or(0, |slash| slash + 1)..]);
        let mut names: Vec<&str> = own.collect();
        names.extend((path == "/").then_some("zookeeper"));
        names.sort_unstable();
        names
    }

    /// Every path that ever was a child of `path`.
    fn under(&self, path: &str) -> impl Iterator<Item = (&String, &Arc<States>)> {
        let prefix = if path == "/" { "/".to_owned() } else { format!("{path}/") };
        let from = self.paths.range(prefix.clone()..);
        let inside = from.take_while({
            let prefix = prefix.clone();
            move |(child, _)| child.starts_with(&prefix)
        });
        inside.filter(move |(child, _)| !child[prefix.len()..].contains('/'))
    }

    /// Takes the next decided transaction; gives what it breaks.
    pub(super) fn apply(&mut self, txn: &Txn) -> Option<Breach> {
        let header = txn.header;
        self.order.push((header.zxid, header.session, header.cxid));
        self.apply_body(&txn.body, header.zxid, header.session)
    }

    fn apply_body(&mut self, body: &TxnBody, zxid: Zxid, session: SessionId) -> Option<Breach> {
        match body {
            TxnBody::CreateSession { .. } => {
                self.open.insert(session);
                None
            }
            TxnBody::CloseSession { paths } => self.close(session, paths.as_deref(), zxid),
            TxnBody::Create { path, data, ephemeral, .. } => {
                self.create(path, data.clone(), ephemeral.then_some(session), zxid)
            }
            TxnBody::CreateContainer { path, data, .. } | TxnBody::CreateTtl { path, data, .. } => {
                self.create(path, data.clone(), None, zxid)
            }
            TxnBody::Delete { path, .. } => self.delete(path, zxid),
            TxnBody::SetData { path, data, version, .. } => {
                self.set(path, data.clone(), *version, zxid)
            }
            TxnBody::Multi { elements } => {
                let void = |body: &TxnBody| matches!(body, TxnBody::Error { .. });
                if elements.iter().any(|element| void(&element.0)) {
                    return None;
                }
                let broken = elements.iter().map(|it| self.apply_body(&it.0, zxid, session));
                broken.collect::<Vec<_>>().into_iter().flatten().next()
            }
            TxnBody::Error { .. } | TxnBody::SetAcl { .. } | TxnBody::Check { .. } => None,
        }
    }

    fn put(&mut self, path: &str, zxid: Zxid, node: Option<Node>) {
        let states = Arc::make_mut(self.paths.entry(path.to_owned()).or_default());
        states.push((zxid, node));
    }

    fn newest(&self, path: &str) -> Option<&Node> {
        self.paths.get(path)?.last()?.1.as_ref()
    }

    fn create(
        &mut self,
        path: &str,
        data: Option<Bytes>,
        owner: Option<SessionId>,
        zxid: Zxid,
    ) -> Option<Breach> {
        let twice = self.newest(path).is_some();
        self.put(path, zxid, Some(Node { data, version: 0, made: zxid, changed: zxid, owner }));
        if let Some(session) = owner {
            self.owned.entry(session).or_default().insert(path.to_owned());
            if !self.open.contains(&session) {
                let what = Sentence::EphemeralAfterEnd.of(&[&zxid, &path]);
                return Some((Promise::Ephemerals, what));
            }
        }
        let what = || Sentence::CreatedTwice.of(&[&zxid, &path]);
        twice.then(|| (Promise::Linearizability, what()))
    }

    fn set(&mut self, path: &str, data: Option<Bytes>, version: i32, zxid: Zxid) -> Option<Breach> {
        if !Tree::knows(path) {
            return None;
        }
        let Some(node) = self.newest(path).cloned() else {
            let what = Sentence::ChangedMissing.of(&[&zxid, &path]);
            return Some((Promise::Linearizability, what));
        };
        let next = node.version.wrapping_add(1);
        self.put(path, zxid, Some(Node { data, version, changed: zxid, ..node }));
        let what = || Sentence::WrongVersion.of(&[&zxid, &path, &version, &next]);
        (version != next).then(|| (Promise::Linearizability, what()))
    }

    fn delete(&mut self, path: &str, zxid: Zxid) -> Option<Breach> {
        let Some(node) = self.newest(path) else {
            let what = Sentence::DeletedMissing.of(&[&zxid, &path]);
            let owned = self.paths.get(path).is_some_and(|states| was_ephemeral(states));
            let promise = if owned { Promise::Ephemerals } else { Promise::Linearizability };
            return Some((promise, what));
        };
        if let Some(owned) = node.owner.and_then(|owner| self.owned.get_mut(&owner)) {
            owned.remove(path);
        }
        self.put(path, zxid, None);
        None
    }

    fn close(
        &mut self,
        session: SessionId,
        named: Option<&[String]>,
        zxid: Zxid,
    ) -> Option<Breach> {
        self.open.remove(&session);
        let owned = self.owned.remove(&session).unwrap_or_default();
        let gone: LargeSet<&String> = named.into_iter().flatten().collect();
        for path in named.map_or_else(|| owned.iter().collect(), |_| gone.clone()) {
            if self.newest(path).is_some() {
                self.put(path, zxid, None);
            }
        }
        named?;
        let left = owned
            .iter()
            .find(|path| !gone.contains(path))
            .map(|path| Sentence::EphemeralStays.of(&[&session, &zxid, path]));
        let extra = gone
            .into_iter()
            .find(|path| !owned.contains(*path))
            .map(|path| Sentence::TakesForeign.of(&[&session, &zxid, path]));
        left.or(extra).map(|what| (Promise::Ephemerals, what))
    }
}

fn was_ephemeral(states: &States) -> bool {
    let last = states.iter().rev().find_map(|(_, node)| node.as_ref());
    last.is_some_and(|node| node.owner.is_some())
}
