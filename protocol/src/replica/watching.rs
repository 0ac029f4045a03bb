//! Requests that are about watches alone: setWatches, addWatch, checkWatches, removeWatches.
//!
//! docs/protocol.md, C6.6 and C6.7. They concern the asking connection only. No permission is
//! needed: who may hear of an event is decided when it happens. A path is taken as it is, whether
//! or not a node could have it.

use super::watches::{Mode, Table, WatchManager};
use super::{DataTree, Outbox, ToClient};
use crate::base::{ConnectionId, Zxid};
use crate::message::{ErrorCode, Id, Op, ReplyBody, WatchEvent, WatchEventKind};

/// Where a watch on a null path stands: ZooKeeper takes it for a path like any other. No znode can
/// have this one, so nothing ever happens there.
const NULL: &str = "\0";

/// Who asks, and what the answer may change.
pub(super) struct Asker<'a> {
    pub watches: &'a mut WatchManager,
    pub origin: ConnectionId,
    pub auth: &'a [Id],
    pub out: &'a mut Outbox,
}

impl Asker<'_> {
    /// The answer to such a request; `None` for any other. The events of what a setWatches missed
    /// go into `out`, to be sent before the reply.
    pub fn answer(&mut self, tree: &DataTree, op: &Op) -> Option<Result<ReplyBody, ErrorCode>> {
        match op {
            Op::SetWatches { relative_zxid, data, exist, child, persistent, recursive, .. } => {
                self.catch_up(tree, *relative_zxid, data, exist, child);
                persistent.iter().for_each(|path| self.add_lasting(path, false));
                recursive.iter().for_each(|path| self.add_lasting(path, true));
                Some(Ok(ReplyBody::Empty))
            }
            Op::AddWatch { path, recursive } => {
                self.add_lasting(path.as_deref().unwrap_or(NULL), *recursive);
                Some(Ok(ReplyBody::Number(0)))
            }
            Op::CheckWatches { path, kind } | Op::RemoveWatches { path, kind } => {
                let remove = matches!(op, Op::RemoveWatches { .. });
                let path = path.as_deref().unwrap_or(NULL);
                let found = self.watches.find(self.origin, path, *kind, remove);
                Some(if found { Ok(ReplyBody::Empty) } else { Err(ErrorCode::NoWatcher) })
            }
            _ => None,
        }
    }

    /// What was missed becomes an event, everything else a watch.
    fn catch_up(
        &mut self,
        tree: &DataTree,
        since: Zxid,
        data: &[String],
        exist: &[String],
        child: &[String],
    ) {
        for path in data {
            let missed = match tree.get(path) {
                None => Some(WatchEventKind::Deleted),
                Some(node) => (node.stat.mzxid > since).then_some(WatchEventKind::DataChanged),
            };
            self.tell_or_watch(Table::Data, path, missed);
        }
        for path in exist {
            let missed = tree.get(path).map(|_| WatchEventKind::Created);
            self.tell_or_watch(Table::Data, path, missed);
        }
        for path in child {
            let missed = match tree.get(path) {
                None => Some(WatchEventKind::Deleted),
                Some(node) => (node.stat.pzxid > since).then_some(WatchEventKind::ChildrenChanged),
            };
            self.tell_or_watch(Table::Child, path, missed);
        }
    }

    fn tell_or_watch(&mut self, table: Table, path: &str, missed: Option<WatchEventKind>) {
        let Some(kind) = missed else {
            return self.add(table, path, Mode::Standard);
        };
        let event = WatchEvent { kind, path: path.to_owned(), zxid: Zxid(-1) };
        self.out.messages.push((self.origin, ToClient::Event(event)));
    }

    /// A watch until it is removed: persistent in both tables, recursive in that of data alone.
    fn add_lasting(&mut self, path: &str, recursive: bool) {
        if recursive {
            return self.add(Table::Data, path, Mode::Recursive);
        }
        self.add(Table::Data, path, Mode::Persistent);
        self.add(Table::Child, path, Mode::Persistent);
    }

    fn add(&mut self, table: Table, path: &str, mode: Mode) {
        self.watches.add(table, path, mode, self.origin, self.auth);
    }
}
