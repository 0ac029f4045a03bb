//! WatchManager: which connection waits for what to happen to which path.
//!
//! docs/protocol.md, C6. A watch belongs to a connection, not to a session, and is known
//! to this server alone. Two tables as in ZooKeeper: data watches hear of creation, deletion and
//! new data, child watches of deletion and changed children. Invariants:
//! 1. A standard watch gives one event, whether or not its connection may see it.
//! 2. A connection gets at most one copy of an event, and of a deletion from both tables together.
//! 3. A connection's own lists hold exactly the paths at which the tables hold it.

use super::acl;
use super::apply::Trigger;
use super::{ToClient, path};
use crate::base::{ConnectionId, LargeMap, LargeSet, Zxid};
use crate::message::{Id, WatchEvent, WatchEventKind, WatcherType};
use std::sync::Arc;

/// The two tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// Filled by getData, exists and addWatch.
    Data,
    /// Filled by getChildren and by addWatch for persistent watches.
    Child,
}

/// How long a watch lasts and how far it sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// One event.
    Standard,
    /// Until removed; stands in both tables.
    Persistent,
    /// Until removed, for the path and all below it; stands in the data table only.
    Recursive,
}

impl Mode {
    fn bit(self) -> u8 {
        match self {
            Mode::Standard => 1,
            Mode::Persistent => 2,
            Mode::Recursive => 4,
        }
    }
}

/// Who watches a path, each with the set of its modes as bits.
type Watchers = LargeMap<ConnectionId, u8>;
type Paths = LargeMap<Arc<str>, Watchers>;

/// What is known of one connection.
#[derive(Clone, Debug, Default)]
struct Watcher {
    auth: Vec<Id>,
    paths: LargeSet<(Table, Arc<str>)>,
}

/// The watches of this server's connections.
#[derive(Clone, Debug, Default)]
pub struct WatchManager {
    data: Paths,
    child: Paths,
    watchers: LargeMap<ConnectionId, Watcher>,
    recursive: usize,
}

impl WatchManager {
    /// Who a connection has shown to be: its events are filtered by that from here on.
    pub fn identify(&mut self, origin: ConnectionId, auth: Vec<Id>) {
        self.watchers.entry(origin).or_default().auth = auth;
    }

    /// Sets a watch. `auth` counts if the connection was not identified before.
    pub fn add(&mut self, table: Table, path: &str, mode: Mode, origin: ConnectionId, auth: &[Id]) {
        let paths = self.table_mut(table);
        let shared = match paths.get_key_value(path) {
            Some((shared, _)) => Arc::clone(shared),
            None => Arc::from(path),
        };
        let modes = paths.entry(Arc::clone(&shared)).or_default().entry(origin).or_default();
        let is_new = *modes & mode.bit() == 0;
        *modes |= mode.bit();
        self.recursive += usize::from(is_new && mode == Mode::Recursive);
        let new_watcher = || Watcher { auth: auth.to_vec(), paths: LargeSet::new() };
        self.watchers.entry(origin).or_insert_with(new_watcher).paths.insert((table, shared));
    }

    /// Whether a connection has such a watch at exactly this path; if `remove`, it has it no more.
    pub fn find(
        &mut self,
        origin: ConnectionId,
        path: &str,
        kind: WatcherType,
        remove: bool,
    ) -> bool {
        let (data, child) = match kind {
            WatcherType::Children => (0, Mode::Standard.bit()),
            WatcherType::Data => (Mode::Standard.bit(), 0),
            WatcherType::Any => (u8::MAX, u8::MAX),
            WatcherType::Persistent => (Mode::Persistent.bit(), Mode::Persistent.bit()),
            WatcherType::PersistentRecursive => (Mode::Recursive.bit(), 0),
        };
        let mut found = false;
        for (table, wanted) in [(Table::Data, data), (Table::Child, child)] {
            let paths = self.table_mut(table);
            let Some(watchers) = paths.get_mut(path) else { continue };
            let Some(modes) = watchers.get_mut(&origin) else { continue };
            let hit = *modes & wanted;
            found |= hit != 0;
            if !remove || hit == 0 {
                continue;
            }
            *modes -= hit;
            let left = *modes;
            self.recursive -= usize::from(hit & Mode::Recursive.bit() != 0);
            if left == 0 {
                self.leave(table, path, origin);
            }
        }
        found
    }

    /// A connection watches a path in no mode any more.
    fn leave(&mut self, table: Table, path: &str, origin: ConnectionId) {
        let paths = self.table_mut(table);
        let Some(watchers) = paths.get_mut(path) else { return };
        watchers.remove(&origin);
        if watchers.is_empty() {
            paths.remove(path);
        }
        if let Some(watcher) = self.watchers.get_mut(&origin) {
            watcher.paths.remove(&(table, Arc::from(path)));
        }
    }

    /// A connection is gone, and its watches with it.
    pub fn forget(&mut self, origin: ConnectionId) {
        let Some(watcher) = self.watchers.remove(&origin) else { return };
        for (table, path) in watcher.paths {
            let Some(watchers) = self.table_mut(table).get_mut(&path) else { continue };
            let modes = watchers.remove(&origin).unwrap_or_default();
            if watchers.is_empty() {
                self.table_mut(table).remove(&path);
            }
            self.recursive -= usize::from(modes & Mode::Recursive.bit() != 0);
        }
    }

    /// Tells everybody who waits for this, once each.
    pub fn fire(&mut self, trigger: &Trigger, zxid: Zxid, out: &mut Vec<(ConnectionId, ToClient)>) {
        let mut told = LargeSet::new();
        match trigger.kind {
            WatchEventKind::Created | WatchEventKind::DataChanged => {
                self.fire_table(Table::Data, trigger, zxid, &mut told, out);
            }
            WatchEventKind::Deleted => {
                self.fire_table(Table::Data, trigger, zxid, &mut told, out);
                self.fire_table(Table::Child, trigger, zxid, &mut told, out);
            }
            WatchEventKind::ChildrenChanged => {
                self.fire_table(Table::Child, trigger, zxid, &mut told, out);
            }
        }
    }

    fn fire_table(
        &mut self,
        table: Table,
        trigger: &Trigger,
        zxid: Zxid,
        told: &mut LargeSet<ConnectionId>,
        out: &mut Vec<(ConnectionId, ToClient)>,
    ) {
        let hit = self.take_hits(table, &trigger.path);
        let ancestors =
            if table == Table::Data { self.recursive_above(&trigger.path) } else { Vec::new() };
        for origin in hit.into_iter().chain(ancestors) {
            if told.insert(origin) && self.may_hear(origin, trigger) {
                let path = trigger.path.to_string();
                let event = WatchEvent { kind: trigger.kind, path, zxid };
                out.push((origin, ToClient::Event(event)));
            }
        }
    }

    /// Everybody who watches exactly this path; standard watches are used up.
    fn take_hits(&mut self, table: Table, path: &str) -> Vec<ConnectionId> {
        let paths = self.table_mut(table);
        let Some((path, watchers)) = paths.get_key_value(path) else { return Vec::new() };
        let path = Arc::clone(path);
        let hit: Vec<ConnectionId> = watchers.keys().copied().collect();
        let watchers = paths.get_mut(&path).expect("it was just found");
        let mut gone = Vec::new();
        watchers.retain(|origin, modes| {
            *modes &= !Mode::Standard.bit();
            if *modes == 0 {
                gone.push(*origin);
            }
            *modes != 0
        });
        if watchers.is_empty() {
            paths.remove(&path);
        }
        let key = (table, path);
        for origin in gone {
            if let Some(watcher) = self.watchers.get_mut(&origin) {
                watcher.paths.remove(&key);
            }
        }
        hit
    }

    /// Everybody who watches all that is below an ancestor of this path.
    fn recursive_above(&self, changed: &str) -> Vec<ConnectionId> {
        let mut hit = Vec::new();
        let mut at = changed;
        while self.recursive > 0 && at != path::ROOT {
            at = path::parent(at);
            let watchers = self.data.get(at).into_iter().flatten();
            let recursive = watchers.filter(|(_, modes)| **modes & Mode::Recursive.bit() != 0);
            hit.extend(recursive.map(|(origin, _)| *origin));
        }
        hit
    }

    fn may_hear(&self, origin: ConnectionId, trigger: &Trigger) -> bool {
        let auth = self.watchers.get(&origin).map_or(&[][..], |watcher| &watcher.auth);
        acl::allows(&trigger.acl, acl::READ, auth)
    }

    /// Whether no connection watches anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.data.is_empty() && self.child.is_empty()
    }

    /// How many watches there are; one (connection, path, table) counts once.
    #[must_use]
    pub fn count(&self) -> usize {
        self.data.values().chain(self.child.values()).map(LargeMap::len).sum()
    }

    /// The watched paths of one table with the connections that watch each, sorted.
    pub fn watched(
        &self,
        table: Table,
    ) -> impl Iterator<Item = (&str, impl Iterator<Item = ConnectionId> + '_)> {
        let paths = match table {
            Table::Data => &self.data,
            Table::Child => &self.child,
        };
        paths.iter().map(|(path, watchers)| (&**path, watchers.keys().copied()))
    }

    /// What one connection watches, by table and path.
    pub fn of(&self, origin: ConnectionId) -> impl Iterator<Item = (Table, &str)> {
        let watcher = self.watchers.get(&origin);
        watcher.into_iter().flat_map(|it| it.paths.iter().map(|(table, path)| (*table, &**path)))
    }

    fn table_mut(&mut self, table: Table) -> &mut Paths {
        match table {
            Table::Data => &mut self.data,
            Table::Child => &mut self.child,
        }
    }
}
