//! What a committed transaction does to the tree, and what watches must hear of it.
//!
//! docs/protocol.md, C5.4, C6.4 and C10.2, and O3.7. Applying never fails: over a
//! fuzzy snapshot a replayed transaction may find its work done already, and does what is left.

use super::DataTree;
use super::path;
use super::znode::{Owner, PersistedStat};
use crate::base::{SessionId, Zxid};
use crate::message::{
    Acl, ErrorCode, MultiElement, MultiResult, ReplyBody, Stat, Txn, TxnBody, TxnHeader,
    WatchEventKind,
};
use bytes::Bytes;
use std::sync::Arc;

/// Something that watches may be waiting for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trigger {
    /// What happened.
    pub kind: WatchEventKind,
    /// To which node.
    pub path: Arc<str>,
    /// Its list, as of before a delete: who may hear of it.
    pub acl: Arc<[Acl]>,
}

/// What applying a transaction came to; with the transaction it makes the reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Done, and there is nothing to tell.
    Done,
    /// Done; the stat of the node just afterwards.
    Stat(Stat),
    /// Not done, with ZooKeeper's error number: 0 for an element that another one voided.
    Failed(i32),
    /// The elements of a multi.
    Multi(Vec<Applied>),
}

/// A create's parts, whatever its kind.
struct NewNode<'a> {
    path: &'a str,
    data: &'a Option<Bytes>,
    acl: &'a [Acl],
    owner: Owner,
    parent_cversion: i32,
}

impl DataTree {
    /// Applies one transaction and tells what happened, in the order in which watches must hear it.
    pub fn apply(&mut self, txn: &Txn, triggers: &mut Vec<Trigger>) -> Applied {
        match &txn.body {
            TxnBody::Multi { elements } => self.apply_multi(&txn.header, elements, triggers),
            TxnBody::CreateSession { timeout_ms } => {
                self.add_session(txn.header.session, *timeout_ms);
                Applied::Done
            }
            TxnBody::CloseSession { paths } => {
                let listed = paths.as_deref().unwrap_or_default();
                self.close_session(txn.header.session, listed, txn.header.zxid, triggers);
                Applied::Done
            }
            single => self.apply_single(&txn.header, single, triggers),
        }
    }

    /// All elements, or none if one of them is an error.
    fn apply_multi(
        &mut self,
        header: &TxnHeader,
        elements: &[MultiElement],
        triggers: &mut Vec<Trigger>,
    ) -> Applied {
        let is_error = |element: &MultiElement| matches!(element.0, TxnBody::Error { .. });
        let Some(failing) = elements.iter().position(is_error) else {
            let apply = |element: &MultiElement| self.apply_single(header, &element.0, triggers);
            return Applied::Multi(elements.iter().map(apply).collect());
        };
        let voided = elements.iter().enumerate().map(|(i, element)| match element.0 {
            TxnBody::Error { code } => Applied::Failed(code),
            _ if i < failing => Applied::Failed(0),
            _ => Applied::Failed(ErrorCode::RuntimeInconsistency.number()),
        });
        Applied::Multi(voided.collect())
    }

    fn apply_single(
        &mut self,
        header: &TxnHeader,
        body: &TxnBody,
        triggers: &mut Vec<Trigger>,
    ) -> Applied {
        let (zxid, time_ms) = (header.zxid, header.time_ms);
        if let Some(node) = NewNode::of(header, body) {
            return self.create(&node, zxid, time_ms, triggers);
        }
        match body {
            TxnBody::Delete { path, .. } => self.delete(path, zxid, triggers),
            TxnBody::SetData { path, data, version, .. } => {
                let mut bytes = 0;
                let node = self.edit(path, |node| {
                    bytes -= node.data_length() as i64;
                    node.data.clone_from(data);
                    bytes += node.data_length() as i64;
                    node.stat.data_set(*version, zxid, time_ms);
                });
                let Some(node) = node else { return failed(ErrorCode::NoNode) };
                triggers.push(Trigger::on(WatchEventKind::DataChanged, node));
                let stat = node.visible_stat();
                self.keep_quota(path, 0, bytes);
                Applied::Stat(stat)
            }
            TxnBody::SetAcl { path, acl, version } => {
                self.set_acl(path, acl);
                let node = self.edit(path, |node| node.stat.aversion = *version);
                node.map_or(failed(ErrorCode::NoNode), |node| Applied::Stat(node.visible_stat()))
            }
            TxnBody::Check { .. } => Applied::Done,
            TxnBody::Error { code } => Applied::Failed(*code),
            // Creates were handled above; the rest has no place inside a multi.
            TxnBody::Create { .. }
            | TxnBody::CreateContainer { .. }
            | TxnBody::CreateTtl { .. }
            | TxnBody::CreateSession { .. }
            | TxnBody::CloseSession { .. }
            | TxnBody::Multi { .. } => failed(ErrorCode::MarshallingError),
        }
    }

    fn create(
        &mut self,
        new: &NewNode<'_>,
        zxid: Zxid,
        time_ms: i64,
        triggers: &mut Vec<Trigger>,
    ) -> Applied {
        let stat = PersistedStat::created(zxid, time_ms, new.owner);
        let created = self.insert(new.path, new.data.clone(), new.acl, stat);
        if !created {
            self.set_acl(new.path, new.acl);
        }
        let counted = self.edit(path::parent(new.path), |parent| {
            parent.stat.child_created(new.parent_cversion, zxid);
        });
        let Some(parent) = counted else { return failed(ErrorCode::NoNode) };
        if !created {
            return failed(ErrorCode::NodeExists);
        }
        let children_changed = Trigger::on(WatchEventKind::ChildrenChanged, parent);
        let node = self.get(new.path).expect("it was just made");
        triggers.push(Trigger::on(WatchEventKind::Created, node));
        triggers.push(children_changed);
        let stat = node.visible_stat();
        self.keep_quota(new.path, 1, stat.data_length.into());
        Applied::Stat(stat)
    }

    fn delete(&mut self, path: &str, zxid: Zxid, triggers: &mut Vec<Trigger>) -> Applied {
        if path == path::ROOT {
            return failed(ErrorCode::BadArguments);
        }
        let removed = self.remove(path);
        let parent = self.edit(path::parent(path), |parent| parent.stat.child_deleted(zxid));
        let Some(node) = removed else { return failed(ErrorCode::NoNode) };
        triggers.push(Trigger::on(WatchEventKind::Deleted, &node));
        if let Some(parent) = parent {
            triggers.push(Trigger::on(WatchEventKind::ChildrenChanged, parent));
        }
        self.keep_quota(path, -1, -(node.data_length() as i64));
        Applied::Done
    }

    /// Deletes the listed paths in order, then any other node that the session owns.
    fn close_session(
        &mut self,
        session: SessionId,
        listed: &[String],
        zxid: Zxid,
        triggers: &mut Vec<Trigger>,
    ) {
        for path in listed {
            self.delete(path, zxid, triggers);
        }
        for path in self.ephemerals_of(session) {
            self.delete(&path, zxid, triggers);
        }
        self.remove_session(session);
    }
}

impl<'a> NewNode<'a> {
    /// The parts of a create; `None` for any other body.
    fn of(header: &TxnHeader, body: &'a TxnBody) -> Option<NewNode<'a>> {
        let (path, data, acl, owner, parent_cversion) = match body {
            TxnBody::Create { path, data, acl, ephemeral, parent_cversion, .. } => {
                let owner = if *ephemeral { Owner::Session(header.session) } else { Owner::Nobody };
                (path, data, acl, owner, *parent_cversion)
            }
            TxnBody::CreateContainer { path, data, acl, parent_cversion } => {
                (path, data, acl, Owner::Container, *parent_cversion)
            }
            TxnBody::CreateTtl { path, data, acl, parent_cversion, ttl_ms } => {
                (path, data, acl, Owner::Ttl(*ttl_ms), *parent_cversion)
            }
            TxnBody::CreateSession { .. }
            | TxnBody::CloseSession { .. }
            | TxnBody::Error { .. }
            | TxnBody::Delete { .. }
            | TxnBody::SetData { .. }
            | TxnBody::SetAcl { .. }
            | TxnBody::Check { .. }
            | TxnBody::Multi { .. } => return None,
        };
        Some(NewNode { path, data, acl, owner, parent_cversion })
    }
}

impl Trigger {
    fn on(kind: WatchEventKind, node: &super::Znode) -> Trigger {
        Trigger { kind, path: Arc::clone(&node.path), acl: Arc::clone(&node.acl) }
    }
}

fn failed(code: ErrorCode) -> Applied {
    Applied::Failed(code.number())
}

/// The reply to the client whose request became `txn`.
///
/// # Errors
///
/// The error that the transaction carries; a failed multi is a success with errors in it.
pub fn reply(txn: &Txn, applied: &Applied) -> Result<ReplyBody, ErrorCode> {
    match applied {
        Applied::Failed(code) => {
            Err(ErrorCode::from_number(*code).unwrap_or(ErrorCode::MarshallingError))
        }
        Applied::Stat(stat) => Ok(match created_path(&txn.body) {
            Some((path, true)) => ReplyBody::PathStat { path: path.to_owned(), stat: *stat },
            Some((path, false)) => ReplyBody::Path(Some(path.to_owned())),
            None => match new_members(&txn.body) {
                Some(data) => ReplyBody::Data { data: Some(data.clone()), stat: *stat },
                None => ReplyBody::Stat(*stat),
            },
        }),
        Applied::Multi(results) => Ok(ReplyBody::Multi(multi_results(&txn.body, results))),
        Applied::Done => Ok(match &txn.body {
            TxnBody::CreateSession { timeout_ms } => ReplyBody::Connected {
                timeout_ms: *timeout_ms,
                session: txn.header.session,
                password: super::password(txn.header.session),
            },
            TxnBody::CloseSession { .. }
            | TxnBody::Error { .. }
            | TxnBody::Create { .. }
            | TxnBody::CreateContainer { .. }
            | TxnBody::CreateTtl { .. }
            | TxnBody::Delete { .. }
            | TxnBody::SetData { .. }
            | TxnBody::SetAcl { .. }
            | TxnBody::Check { .. }
            | TxnBody::Multi { .. } => ReplyBody::Empty,
        }),
    }
}

/// The text that a reconfiguration answers with.
fn new_members(body: &TxnBody) -> Option<&Bytes> {
    if let TxnBody::SetData { reconfig: true, data, .. } = body { data.as_ref() } else { None }
}

/// The path that a create made, and whether its reply shows the stat.
fn created_path(body: &TxnBody) -> Option<(&str, bool)> {
    match body {
        TxnBody::Create { path, create2, .. } => Some((path, *create2)),
        TxnBody::CreateContainer { path, .. } | TxnBody::CreateTtl { path, .. } => {
            Some((path, true))
        }
        TxnBody::CreateSession { .. }
        | TxnBody::CloseSession { .. }
        | TxnBody::Error { .. }
        | TxnBody::Delete { .. }
        | TxnBody::SetData { .. }
        | TxnBody::SetAcl { .. }
        | TxnBody::Check { .. }
        | TxnBody::Multi { .. } => None,
    }
}

fn multi_results(body: &TxnBody, results: &[Applied]) -> Vec<MultiResult> {
    let TxnBody::Multi { elements } = body else { return Vec::new() };
    let result = |(element, applied): (&MultiElement, &Applied)| match applied {
        Applied::Failed(code) => MultiResult::Error(*code),
        Applied::Stat(stat) => match created_path(&element.0) {
            Some((path, true)) => MultiResult::Create2 { path: path.to_owned(), stat: *stat },
            Some((path, false)) => MultiResult::Create { path: path.to_owned() },
            None => MultiResult::SetData { stat: *stat },
        },
        Applied::Done | Applied::Multi(_) => match element.0 {
            TxnBody::Check { .. } => MultiResult::Check,
            _ => MultiResult::Delete,
        },
    };
    elements.iter().zip(results).map(result).collect()
}
