//! DataTree: every znode, every global session, and the digest of it all.
//!
//! Nodes live in shards behind `Arc`, each a hash map; a copy of the tree copies the pointers, and
//! a write pays for the first touch of a shard after a copy. Invariants:
//! 1. Every node but the root has its parent in the tree, and its name is in the parent's children.
//! 2. `digest` is the sum of the digests of all nodes.
//! 3. `ephemerals` lists exactly the nodes that sessions own, `expirable` the containers and the
//!    nodes with a time to live.
//!
//! What transactions do is in `apply`, what reads see in `read`.

use super::acl::AclTable;
use super::path;
use super::znode::{Owner, PersistedStat, Znode};
use crate::base::{LargeMap, LargeSet, SessionId, Zxid};
use crate::message::{Acl, Id};
use bytes::Bytes;
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::sync::Arc;

/// How many shards a small tree has, and a large one: few are cheap to copy, many are cheap to
/// touch after a copy.
const SMALL: usize = 64;
const LARGE: usize = 1024;
/// From how many nodes on a tree is large.
const LARGE_FROM: usize = 16_384;

/// Every znode and every global session.
///
/// ```
/// use vivarium_protocol::replica::DataTree;
///
/// let tree = DataTree::new();
/// assert_eq!(tree.paths(), ["/", "/zookeeper", "/zookeeper/config", "/zookeeper/quota"]);
/// assert_eq!(tree.digest(), 1_371_985_504);
/// ```
#[derive(Clone, Debug)]
pub struct DataTree {
    shards: Vec<Arc<Shard>>,
    node_count: usize,
    data_size: u64,
    digest: u64,
    acls: AclTable,
    sessions: Arc<LargeMap<SessionId, i32>>,
    ephemerals: Arc<LargeMap<SessionId, LargeSet<Arc<str>>>>,
    /// The containers and the nodes with a time to live.
    expirable: Arc<LargeSet<Arc<str>>>,
    /// The paths that have a quota.
    pub(super) quotas: Arc<LargeSet<Arc<str>>>,
}

/// The one place with hash maps: looking a path up is the hottest thing that a server does. They
/// are never iterated, and the hasher has no seed, so no order can leak.
#[allow(clippy::disallowed_types)]
type Shard = std::collections::HashMap<Arc<str>, Arc<Znode>, BuildHasherDefault<PathHasher>>;

impl DataTree {
    /// A new tree: the four reserved nodes, no session.
    #[must_use]
    pub fn new() -> DataTree {
        let mut tree = DataTree::empty();
        let open = [Acl::open()];
        let world = Id { scheme: "world".to_owned(), id: "anyone".to_owned() };
        let read_only = [Acl { perms: super::acl::READ, id: world }];
        let pristine = PersistedStat::default();
        for reserved in [path::ROOT, path::ZOOKEEPER, path::QUOTA] {
            tree.insert(reserved, Some(Bytes::new()), &open, pristine);
        }
        let configured = PersistedStat { aversion: -1, ..pristine };
        tree.insert(path::CONFIG, Some(Bytes::new()), &read_only, configured);
        tree
    }

    /// A tree without even a root, to be filled parents first.
    pub(super) fn empty() -> DataTree {
        DataTree {
            shards: vec![Arc::default(); SMALL],
            node_count: 0,
            data_size: 0,
            digest: 0,
            acls: AclTable::new(),
            sessions: Arc::default(),
            ephemerals: Arc::default(),
            expirable: Arc::default(),
            quotas: Arc::default(),
        }
    }

    /// The node at a path. The empty path is the root's too.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<&Znode> {
        let path = if path.is_empty() { path::ROOT } else { path };
        self.shards[self.shard_of(path)].get(path).map(|node| &**node)
    }

    /// How many znodes there are, the root counted once.
    #[must_use]
    pub fn node_count(&self) -> usize {
        self.node_count
    }

    /// How many of them are ephemeral.
    #[must_use]
    pub fn ephemeral_count(&self) -> usize {
        self.ephemerals.values().map(LargeSet::len).sum()
    }

    /// The bytes of all paths and data together.
    #[must_use]
    pub fn approximate_data_size(&self) -> u64 {
        self.data_size
    }

    /// The sum of all node digests, version 2.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.digest
    }

    /// The global sessions with their timeouts in milliseconds.
    #[must_use]
    pub fn sessions(&self) -> &LargeMap<SessionId, i32> {
        &self.sessions
    }

    /// The paths that a session owns, sorted.
    #[must_use]
    pub fn ephemerals_of(&self, session: SessionId) -> Vec<String> {
        self.ephemerals
            .get(&session)
            .map(|paths| paths.iter().map(|path| path.to_string()).collect())
            .unwrap_or_default()
    }

    /// The owners of ephemerals with the paths that each owns.
    #[must_use]
    pub fn ephemerals(&self) -> &LargeMap<SessionId, LargeSet<Arc<str>>> {
        &self.ephemerals
    }

    /// The containers and the nodes with a time to live.
    #[must_use]
    pub fn expirable(&self) -> &LargeSet<Arc<str>> {
        &self.expirable
    }

    /// All paths, sorted.
    #[must_use]
    pub fn paths(&self) -> Vec<String> {
        let mut paths = Vec::with_capacity(self.node_count);
        self.walk(path::ROOT, &mut |node| paths.push(node.path.to_string()));
        paths.sort_unstable();
        paths
    }

    /// Visits the node at `from` and everything below it: parents first, siblings by name.
    pub fn walk(&self, from: &str, visit: &mut dyn FnMut(&Znode)) {
        let mut stack: Vec<&Znode> = self.get(from).into_iter().collect();
        while let Some(node) = stack.pop() {
            visit(node);
            for name in node.children.iter().rev() {
                stack.extend(self.get(&path::child(&node.path, name)));
            }
        }
    }

    /// Sets the text of `/zookeeper/config` as a server does when it starts in an ensemble; no
    /// transaction, no version (docs/protocol.md, C5.5). Makes the node if an old image lacks it.
    pub fn set_config(&mut self, text: Bytes, version: Zxid, mtime_ms: i64) {
        if self.get(path::CONFIG).is_none() {
            let acl = self.get(path::ZOOKEEPER).map(|node| node.acl.to_vec()).unwrap_or_default();
            let stat = PersistedStat { aversion: -1, ..PersistedStat::default() };
            self.insert(path::CONFIG, None, &acl, stat);
        }
        self.edit(path::CONFIG, |node| {
            node.data = Some(text);
            node.stat.data_set(-1, version, mtime_ms);
        });
    }

    /// Adds a node, whose parent must be there unless it is the root, and which must not be.
    /// False, and nothing done, otherwise.
    pub(super) fn insert(
        &mut self,
        path: &str,
        data: Option<Bytes>,
        acl: &[Acl],
        stat: PersistedStat,
    ) -> bool {
        if self.get(path).is_some() || !path.starts_with('/') {
            return false;
        }
        if path != path::ROOT {
            if path.ends_with('/') {
                return false;
            }
            let Some(parent) = self.node_mut(path::parent(path)) else { return false };
            parent.children.insert(Arc::from(path::name(path)));
        }
        let path: Arc<str> = Arc::from(path);
        let acl = self.acls.acquire(acl);
        let node = Znode::new(Arc::clone(&path), data, acl, stat);
        self.digest = self.digest.wrapping_add(node.digest);
        self.data_size += (path.len() + node.data_length()) as u64;
        self.node_count += 1;
        match stat.owner() {
            Owner::Nobody => {}
            Owner::Session(session) => {
                let ephemerals = Arc::make_mut(&mut self.ephemerals);
                ephemerals.entry(session).or_default().insert(Arc::clone(&path));
            }
            Owner::Container | Owner::Ttl(_) => {
                Arc::make_mut(&mut self.expirable).insert(Arc::clone(&path));
            }
        }
        let shard = self.shard_of(&path);
        Arc::make_mut(&mut self.shards[shard]).insert(path, Arc::new(node));
        if self.node_count == LARGE_FROM && self.shards.len() == SMALL {
            self.reshard();
        }
        true
    }

    /// Removes a node and whatever is below it (there is nothing, but in the replay of a fuzzy
    /// snapshot). The root stays.
    pub(super) fn remove(&mut self, path: &str) -> Option<Arc<Znode>> {
        if path == path::ROOT || path.is_empty() {
            return None;
        }
        if !self.get(path)?.children.is_empty() {
            let mut below = Vec::new();
            self.walk(path, &mut |node| below.push(Arc::clone(&node.path)));
            for descendant in below.iter().skip(1).rev() {
                self.unlink(descendant);
            }
        }
        self.unlink(path)
    }

    /// Takes one node out, and its name out of its parent.
    fn unlink(&mut self, path: &str) -> Option<Arc<Znode>> {
        let shard = self.shard_of(path);
        let node = Arc::make_mut(&mut self.shards[shard]).remove(path)?;
        self.node_count -= 1;
        self.data_size -= (path.len() + node.data_length()) as u64;
        self.digest = self.digest.wrapping_sub(node.digest);
        self.acls.release(&node.acl);
        match node.stat.owner() {
            Owner::Nobody => {}
            Owner::Session(session) => {
                let ephemerals = Arc::make_mut(&mut self.ephemerals);
                if let Some(owned) = ephemerals.get_mut(&session) {
                    owned.remove(path);
                    if owned.is_empty() {
                        ephemerals.remove(&session);
                    }
                }
            }
            Owner::Container | Owner::Ttl(_) => {
                Arc::make_mut(&mut self.expirable).remove(path);
            }
        }
        if let Some(parent) = self.node_mut(path::parent(path)) {
            parent.children.remove(path::name(path));
        }
        Some(node)
    }

    /// Changes a node's data or stat and keeps the sums right. `None` if it is not there.
    pub(super) fn edit(&mut self, path: &str, change: impl FnOnce(&mut Znode)) -> Option<&Znode> {
        let shard = self.shard_of(path);
        let node = Arc::make_mut(Arc::make_mut(&mut self.shards[shard]).get_mut(path)?);
        let (digest, length) = (node.digest, node.data_length());
        change(node);
        node.digest = super::digest::node(&node.path, node.data.as_deref(), &node.stat);
        self.digest = self.digest.wrapping_sub(digest).wrapping_add(node.digest);
        self.data_size = self.data_size - length as u64 + node.data_length() as u64;
        Some(node)
    }

    /// Replaces a node's list; neither count nor digest changes.
    pub(super) fn set_acl(&mut self, path: &str, acl: &[Acl]) {
        if self.get(path).is_none_or(|node| *node.acl == *acl) {
            return;
        }
        let acl = self.acls.acquire(acl);
        let node = self.node_mut(path).expect("it was there");
        let old = std::mem::replace(&mut node.acl, acl);
        self.acls.release(&old);
    }

    /// Notes a session that began.
    pub(super) fn add_session(&mut self, session: SessionId, timeout_ms: i32) {
        Arc::make_mut(&mut self.sessions).insert(session, timeout_ms);
    }

    /// Forgets a session that ended.
    pub(super) fn remove_session(&mut self, session: SessionId) {
        if self.sessions.contains_key(&session) {
            Arc::make_mut(&mut self.sessions).remove(&session);
        }
    }

    fn node_mut(&mut self, path: &str) -> Option<&mut Znode> {
        let shard = self.shard_of(path);
        Arc::make_mut(&mut self.shards[shard]).get_mut(path).map(Arc::make_mut)
    }

    fn shard_of(&self, path: &str) -> usize {
        let hash = BuildHasherDefault::<PathHasher>::default().hash_one(path);
        (hash >> 32) as usize & (self.shards.len() - 1)
    }

    /// Moves every node into the shards of a large tree, found by walking, not by iterating.
    fn reshard(&mut self) {
        let mut paths = Vec::with_capacity(self.node_count);
        self.walk(path::ROOT, &mut |node| paths.push(Arc::clone(&node.path)));
        let mut moved = DataTree { shards: vec![Arc::default(); LARGE], ..DataTree::empty() };
        for path in paths {
            let shard = self.shard_of(&path);
            let node = Arc::make_mut(&mut self.shards[shard]).remove(&path);
            let node = node.expect("the walk has just seen it");
            let shard = moved.shard_of(&path);
            Arc::make_mut(&mut moved.shards[shard]).insert(path, node);
        }
        self.shards = moved.shards;
    }
}

impl Default for DataTree {
    fn default() -> DataTree {
        DataTree::new()
    }
}

/// Eight bytes at a time: multiply to 128 bits, fold the halves. No seed.
#[derive(Clone, Copy, Debug, Default)]
struct PathHasher(u64);

impl PathHasher {
    fn mix(&mut self, word: u64) {
        // Odd constants with no structure: the golden ratio's and pi's digits.
        let folded = u128::from(self.0 ^ word ^ 0x9e37_79b9_7f4a_7c15) * 0x2438_6a88_85a3_08d3_u128;
        self.0 = folded as u64 ^ (folded >> 64) as u64;
    }
}

impl Hasher for PathHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut words = bytes.chunks_exact(8);
        for word in &mut words {
            self.mix(u64::from_le_bytes(word.try_into().expect("chunks of eight")));
        }
        let rest = words.remainder();
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.mix(u64::from_le_bytes(word));
        }
        self.mix(bytes.len() as u64);
    }

    fn write_u8(&mut self, _: u8) {}

    fn finish(&self) -> u64 {
        self.0
    }
}
