//! PrepRequestProcessor: what one request becomes, checked in ZooKeeper's order.
//!
//! docs/protocol.md, C3.4 and C8.4; the first failing check decides the code. Nodes are looked up
//! in
//! the projected state, and what a request changes is projected at once, so that the next one sees
//! it. A check that fails has changed nothing.

use super::auth;
use super::cleaner::is_over;
use super::outstanding::{Outstanding, Projected};
use super::reconfig::Wish;
use super::sessions::SessionTracker;
use crate::base::{Config, Now, ServerId, SortedSet, Zxid};
use crate::message::{Acl, CreateKind, CreateOp, ErrorCode, Op, Request, TxnBody};
use crate::replica::znode::MAX_TTL_MS;
use crate::replica::{DataTree, Owner, PersistedStat, acl, path};
use bytes::Bytes;
use std::sync::Arc;

/// One request being prepared, with everything that it is checked against.
pub struct Preparation<'a> {
    /// The tree as far as it is known to be applied, or further.
    pub tree: &'a DataTree,
    /// What is to come on top of it.
    pub outstanding: &'a mut Outstanding,
    /// Who lives.
    pub sessions: &'a mut SessionTracker,
    /// What is allowed. With `local_sessions`, one that nobody here knows may be another server's.
    pub config: &'a Config,
    /// When.
    pub now: Now,
    /// The transaction's place.
    pub zxid: Zxid,
    /// Who asks for what.
    pub request: &'a Request,
    /// The server that the client is connected to.
    pub owner: ServerId,
    /// The followers of this leader that have its history: who can vote after a reconfiguration.
    pub in_step: &'a SortedSet<ServerId>,
}

/// A create's parts, its kind decided.
pub(super) struct Creation<'a> {
    /// Whether the record has number 15.
    pub create2: bool,
    /// The path asked for.
    pub path: &'a Option<String>,
    /// The data.
    pub data: &'a Option<Bytes>,
    /// The list asked for.
    pub acl: Option<&'a [Acl]>,
    /// Who will keep the node alive.
    pub owner: Owner,
    /// Whether the parent's counter is appended.
    pub sequential: bool,
}

impl Preparation<'_> {
    /// What the request becomes.
    ///
    /// # Errors
    ///
    /// The code of the first check that fails; nothing is projected then.
    pub fn prepare(&mut self) -> Result<TxnBody, ErrorCode> {
        let request = self.request;
        match &request.op {
            Op::CreateSession { timeout_ms } => {
                let (session, owner) = (request.session, Some(self.owner));
                self.sessions.add(self.now, session, *timeout_ms, owner);
                Ok(TxnBody::CreateSession { timeout_ms: *timeout_ms })
            }
            Op::CloseSession => Ok(self.close_session()),
            Op::SetAcl { path, acl, version } => self.set_acl(path, acl.as_deref(), *version),
            Op::Multi(ops) => self.multi(ops),
            Op::Create { op, path, data, acl, flags, ttl_ms } => {
                let mut kind = self.kind(*op, *flags, *ttl_ms)?;
                // Opcode and flags may disagree; ZooKeeper then makes a plain node.
                if kind.0 == Owner::Container && *op != CreateOp::CreateContainer {
                    kind.0 = Owner::Nobody;
                }
                let (create2, acl) = (*op != CreateOp::Create, acl.as_deref());
                let (owner, sequential) = kind;
                self.create(&Creation { create2, path, data, acl, owner, sequential })
            }
            Op::Delete { path, version } => self.delete(path, *version),
            Op::SetData { path, data, version } => self.set_data(path, data, *version),
            Op::DeleteContainer { path } => self.delete_container(path),
            Op::Reconfig { joining, leaving, members, config_id } => {
                self.reconfig(&Wish { joining, leaving, members, config_id: *config_id })
            }
            Op::Check { .. }
            | Op::Exists { .. }
            | Op::GetData { .. }
            | Op::GetAcl { .. }
            | Op::GetChildren { .. }
            | Op::GetChildren2 { .. }
            | Op::Sync { .. }
            | Op::Ping
            | Op::Auth { .. }
            | Op::SetWatches { .. }
            | Op::GetEphemerals { .. }
            | Op::GetAllChildrenNumber { .. }
            | Op::CheckWatches { .. }
            | Op::RemoveWatches { .. }
            | Op::MultiRead(_)
            | Op::AddWatch { .. }
            | Op::WhoAmI
            | Op::Unsupported { .. } => Err(ErrorCode::Unimplemented),
        }
    }

    /// Who keeps a new node alive, and whether its name gets a number.
    pub(super) fn kind(
        &self,
        op: CreateOp,
        flags: i32,
        ttl_ms: i64,
    ) -> Result<(Owner, bool), ErrorCode> {
        let kind = CreateKind::from_flags(flags).ok_or(ErrorCode::BadArguments)?;
        let is_ttl =
            matches!(kind, CreateKind::PersistentTtl | CreateKind::PersistentSequentialTtl);
        if is_ttl && !self.config.znodes.extended_types {
            return Err(ErrorCode::Unimplemented);
        }
        let ttl_ms = if op == CreateOp::CreateTtl { ttl_ms } else { -1 };
        let fits = if is_ttl { (1..=MAX_TTL_MS).contains(&ttl_ms) } else { ttl_ms < 0 };
        let is_container = op == CreateOp::CreateContainer;
        let contradicts =
            (op == CreateOp::CreateTtl && !is_ttl) || (is_container && kind.is_ephemeral());
        if !fits || contradicts {
            return Err(ErrorCode::BadArguments);
        }
        let owner = match kind {
            _ if is_container => Owner::Container,
            CreateKind::Container => Owner::Container,
            CreateKind::Ephemeral | CreateKind::EphemeralSequential => {
                Owner::Session(self.request.session)
            }
            CreateKind::PersistentTtl | CreateKind::PersistentSequentialTtl => Owner::Ttl(ttl_ms),
            CreateKind::Persistent | CreateKind::PersistentSequential => Owner::Nobody,
        };
        Ok((owner, kind.is_sequential()))
    }

    pub(super) fn create(&mut self, new: &Creation<'_>) -> Result<TxnBody, ErrorCode> {
        let strangers = self.config.local_sessions && !matches!(new.owner, Owner::Session(_));
        self.sessions.check(self.request.session, self.owner, strangers)?;
        let asked = new.path.as_deref().ok_or(ErrorCode::MarshallingError)?;
        let parent_path = parent_of(asked)?;
        let acl = auth::normalise(new.acl, &self.request.auth, &self.config.acl)?;
        let mut parent = self.get(parent_path).ok_or(ErrorCode::NoNode)?;
        self.check_acl(&parent, acl::CREATE)?;
        let mut path = asked.to_owned();
        if new.sequential {
            path::append_sequence(&mut path, parent.stat.cversion);
        }
        if !path::is_valid(&path) {
            return Err(ErrorCode::BadArguments);
        }
        if self.get(&path).is_some() {
            return Err(ErrorCode::NodeExists);
        }
        if let Owner::Session(_) = parent.stat.owner() {
            return Err(ErrorCode::NoChildrenForEphemerals);
        }
        self.check_quota(&path, 1, length(new.data))?;
        let parent_cversion = parent.stat.cversion.wrapping_add(1);
        parent.stat.child_created(parent_cversion, self.zxid);
        parent.children += 1;
        self.put(parent_path, Some(parent));
        let stat = PersistedStat::created(self.zxid, self.now.wall_ms, new.owner);
        let list = Arc::from(acl.as_slice());
        let node = Projected { data: new.data.clone(), acl: list, stat, children: 0 };
        self.put(&path, Some(node));
        Ok(new.body(path, acl, parent_cversion))
    }

    pub(super) fn delete(
        &mut self,
        path: &Option<String>,
        version: i32,
    ) -> Result<TxnBody, ErrorCode> {
        self.check_session()?;
        let path = path.as_deref().ok_or(ErrorCode::MarshallingError)?;
        let parent_path = parent_of(path)?;
        if path::is_reserved(path) {
            return Err(ErrorCode::BadArguments);
        }
        let parent = self.get(parent_path).ok_or(ErrorCode::NoNode)?;
        self.check_acl(&parent, acl::DELETE)?;
        let node = self.get(path).ok_or(ErrorCode::NoNode)?;
        check_version(version, node.stat.version)?;
        if node.children > 0 {
            return Err(ErrorCode::NotEmpty);
        }
        self.project_delete(path);
        Ok(TxnBody::Delete { container: false, path: path.to_owned() })
    }

    /// What the cleaner asks for: neither session nor permission counts, and whatever has changed
    /// since it looked keeps the node. (docs/protocol.md, C5.8)
    fn delete_container(&mut self, path: &str) -> Result<TxnBody, ErrorCode> {
        if path::is_reserved(path) {
            return Err(ErrorCode::BadArguments);
        }
        let node = self.get(path).ok_or(ErrorCode::NoNode)?;
        if node.children > 0 {
            return Err(ErrorCode::NotEmpty);
        }
        if !is_over(&node.stat, node.children, self.now, &self.config.znodes) {
            return Err(ErrorCode::BadVersion);
        }
        self.project_delete(path);
        Ok(TxnBody::Delete { container: true, path: path.to_owned() })
    }

    pub(super) fn set_data(
        &mut self,
        path: &Option<String>,
        data: &Option<Bytes>,
        version: i32,
    ) -> Result<TxnBody, ErrorCode> {
        self.check_session()?;
        let path = valid(path)?;
        let mut node = self.get(path).ok_or(ErrorCode::NoNode)?;
        self.check_acl(&node, acl::WRITE)?;
        self.check_quota(path, 0, length(data) - length(&node.data))?;
        let version = next_version(version, node.stat.version)?;
        node.data.clone_from(data);
        node.stat.data_set(version, self.zxid, self.now.wall_ms);
        self.put(path, Some(node));
        let (path, data) = (path.to_owned(), data.clone());
        Ok(TxnBody::SetData { reconfig: false, path, data, version })
    }

    fn set_acl(
        &mut self,
        path: &Option<String>,
        acl: Option<&[Acl]>,
        version: i32,
    ) -> Result<TxnBody, ErrorCode> {
        self.check_session()?;
        let path = valid(path)?;
        let acl = auth::normalise(acl, &self.request.auth, &self.config.acl)?;
        let mut node = self.get(path).ok_or(ErrorCode::NoNode)?;
        self.check_acl(&node, acl::ADMIN)?;
        let version = next_version(version, node.stat.aversion)?;
        node.acl = Arc::from(acl.as_slice());
        node.stat.aversion = version;
        self.put(path, Some(node));
        Ok(TxnBody::SetAcl { path: path.to_owned(), acl, version })
    }

    /// A version check, which only a multi may have.
    pub(super) fn check(
        &mut self,
        path: &Option<String>,
        version: i32,
    ) -> Result<TxnBody, ErrorCode> {
        self.check_session()?;
        let path = valid(path)?;
        let node = self.get(path).ok_or(ErrorCode::NoNode)?;
        self.check_acl(&node, acl::READ)?;
        let version = next_version(version, node.stat.version)?;
        Ok(TxnBody::Check { path: path.to_owned(), version })
    }

    /// Nothing is checked: whoever asks, the session ends, and all that it owns goes with it.
    fn close_session(&mut self) -> TxnBody {
        let session = self.request.session;
        let paths = self.outstanding.ephemerals_of(self.tree, session);
        for path in &paths {
            self.project_delete(path);
        }
        self.sessions.remove(session);
        TxnBody::CloseSession { paths: Some(paths) }
    }

    fn project_delete(&mut self, path: &str) {
        let parent_path = path::parent(path);
        if let Some(mut parent) = self.get(parent_path) {
            parent.stat.child_deleted(self.zxid);
            parent.children = parent.children.saturating_sub(1);
            self.put(parent_path, Some(parent));
        }
        self.put(path, None);
    }

    pub(super) fn check_session(&mut self) -> Result<(), ErrorCode> {
        self.sessions.check(self.request.session, self.owner, self.config.local_sessions)
    }

    pub(super) fn check_acl(&self, node: &Projected, perms: i32) -> Result<(), ErrorCode> {
        let ids = acl::effective(&self.config.acl, &self.request.auth);
        let allowed = acl::allows(&node.acl, perms, &ids);
        if allowed { Ok(()) } else { Err(ErrorCode::NoAuth) }
    }

    /// Against the tree as it is: what is on its way does not count, as in ZooKeeper.
    fn check_quota(&self, path: &str, count: i64, bytes: i64) -> Result<(), ErrorCode> {
        let enforced = self.config.znodes.enforce_quota;
        let exceeded = enforced && self.tree.exceeds_quota(path, count, bytes);
        if exceeded { Err(ErrorCode::QuotaExceeded) } else { Ok(()) }
    }

    pub(super) fn get(&self, path: &str) -> Option<Projected> {
        self.outstanding.get(self.tree, path)
    }

    pub(super) fn put(&mut self, path: &str, node: Option<Projected>) {
        self.outstanding.put(self.tree, self.zxid, path, node);
    }
}

impl Creation<'_> {
    fn body(&self, path: String, acl: Vec<Acl>, parent_cversion: i32) -> TxnBody {
        let (create2, data) = (self.create2, self.data.clone());
        match self.owner {
            Owner::Nobody | Owner::Session(_) => {
                let ephemeral = self.owner != Owner::Nobody;
                TxnBody::Create { create2, path, data, acl, ephemeral, parent_cversion }
            }
            Owner::Container => TxnBody::CreateContainer { path, data, acl, parent_cversion },
            Owner::Ttl(ttl_ms) => TxnBody::CreateTtl { path, data, acl, parent_cversion, ttl_ms },
        }
    }
}

/// The text before the last slash, as creates and deletes look at a path before they validate it.
fn parent_of(path: &str) -> Result<&str, ErrorCode> {
    if !path.contains('/') || path.contains('\0') {
        return Err(ErrorCode::BadArguments);
    }
    Ok(path::parent(path))
}

fn valid(path: &Option<String>) -> Result<&str, ErrorCode> {
    path.as_deref().filter(|path| path::is_valid(path)).ok_or(ErrorCode::BadArguments)
}

fn length(data: &Option<Bytes>) -> i64 {
    data.as_ref().map_or(0, |data| data.len() as i64)
}

fn check_version(expected: i32, current: i32) -> Result<(), ErrorCode> {
    let matches = expected == -1 || expected == current;
    if matches { Ok(()) } else { Err(ErrorCode::BadVersion) }
}

/// One more than the current version, never -1, which nobody could ask for.
fn next_version(expected: i32, current: i32) -> Result<i32, ErrorCode> {
    check_version(expected, current)?;
    Ok(match current.wrapping_add(1) {
        -1 => 0,
        next => next,
    })
}
