//! What reads answer, and which watch each leaves.
//!
//! docs/protocol.md, C3.5, C6.6 and C8.5. Reads do not validate paths: an odd one is not found. The
//! empty path is the root's, as in ZooKeeper.

use super::watches::{Mode, Table, WatchManager};
use super::{DataTree, Outbox, ToClient, Znode, acl, path};
use crate::base::{ConnectionId, SessionId, Zxid};
use crate::message::{ErrorCode, Id, Op, ReplyBody, WatchEvent, WatchEventKind};

/// The answer to a read, from the tree alone.
///
/// # Errors
///
/// ZooKeeper's, in its order; `Unimplemented` for what is no read.
pub fn answer(
    tree: &DataTree,
    op: &Op,
    auth: &[Id],
    session: SessionId,
) -> Result<ReplyBody, ErrorCode> {
    match op {
        Op::Exists { path, .. } => exists(tree, path, auth),
        Op::GetData { path, .. } => readable(tree, path, acl::READ, auth)
            .map(|node| ReplyBody::Data { data: node.data.clone(), stat: node.visible_stat() }),
        Op::GetChildren { path, .. } => {
            readable(tree, path, acl::READ, auth).map(|node| ReplyBody::Children(children(node)))
        }
        Op::GetChildren2 { path, .. } => readable(tree, path, acl::READ, auth).map(|node| {
            ReplyBody::ChildrenStat { children: children(node), stat: node.visible_stat() }
        }),
        Op::GetAcl { path } => get_acl(tree, path, auth),
        Op::GetAllChildrenNumber { path } => {
            readable(tree, path, acl::READ, auth).map(|node| count_below(tree, node))
        }
        Op::GetEphemerals { prefix } => Ok(ephemerals(tree, prefix.as_deref(), session)),
        Op::WhoAmI => Ok(ReplyBody::ClientInfo(auth.iter().map(user).collect())),
        Op::Ping | Op::SetWatches { .. } => Ok(ReplyBody::Empty),
        Op::Sync { path } => Ok(ReplyBody::Path(path.clone())),
        Op::Create { .. }
        | Op::Delete { .. }
        | Op::SetData { .. }
        | Op::SetAcl { .. }
        | Op::Check { .. }
        | Op::Multi(_)
        | Op::Auth { .. }
        | Op::CreateSession { .. }
        | Op::CloseSession
        | Op::Unsupported { .. } => Err(ErrorCode::Unimplemented),
    }
}

/// Whether a request leaves watches, if only its outcome allows.
#[must_use]
pub fn wants_watch(op: &Op) -> bool {
    match op {
        Op::Exists { watch, .. }
        | Op::GetData { watch, .. }
        | Op::GetChildren { watch, .. }
        | Op::GetChildren2 { watch, .. } => *watch,
        Op::SetWatches { .. } => true,
        Op::GetAcl { .. }
        | Op::GetAllChildrenNumber { .. }
        | Op::GetEphemerals { .. }
        | Op::WhoAmI
        | Op::Ping
        | Op::Sync { .. }
        | Op::Create { .. }
        | Op::Delete { .. }
        | Op::SetData { .. }
        | Op::SetAcl { .. }
        | Op::Check { .. }
        | Op::Multi(_)
        | Op::Auth { .. }
        | Op::CreateSession { .. }
        | Op::CloseSession
        | Op::Unsupported { .. } => false,
    }
}

/// The watch that a request leaves, given its outcome: `exists` also watches what is not there.
#[must_use]
pub fn watch_left<'a>(
    op: &'a Op,
    result: &Result<ReplyBody, ErrorCode>,
) -> Option<(Table, &'a str)> {
    let (table, path) = match op {
        Op::Exists { path, .. } | Op::GetData { path, .. } => (Table::Data, path),
        Op::GetChildren { path, .. } | Op::GetChildren2 { path, .. } => (Table::Child, path),
        // SetWatches is dealt with by itself; the others leave none.
        _ => return None,
    };
    let watches_absence = matches!(op, Op::Exists { .. }) && *result == Err(ErrorCode::NoNode);
    let path = path.as_deref().filter(|_| result.is_ok() || watches_absence)?;
    wants_watch(op).then(|| (table, rooted(path)))
}

fn rooted(path: &str) -> &str {
    if path.is_empty() { path::ROOT } else { path }
}

fn exists(tree: &DataTree, path: &Option<String>, auth: &[Id]) -> Result<ReplyBody, ErrorCode> {
    if path.as_deref().is_some_and(|path| path.contains('\0')) {
        return Err(ErrorCode::BadArguments);
    }
    readable(tree, path, acl::READ, auth).map(|node| ReplyBody::Stat(node.visible_stat()))
}

fn readable<'a>(
    tree: &'a DataTree,
    path: &Option<String>,
    perms: i32,
    auth: &[Id],
) -> Result<&'a Znode, ErrorCode> {
    let path = path.as_deref().ok_or(ErrorCode::MarshallingError)?;
    let node = tree.get(path).ok_or(ErrorCode::NoNode)?;
    if acl::allows(&node.acl, perms, auth) { Ok(node) } else { Err(ErrorCode::NoAuth) }
}

fn children(node: &Znode) -> Vec<String> {
    node.children.iter().map(|name| name.to_string()).collect()
}

fn get_acl(tree: &DataTree, path: &Option<String>, auth: &[Id]) -> Result<ReplyBody, ErrorCode> {
    let node = readable(tree, path, acl::READ | acl::ADMIN, auth)?;
    let may_see_all = acl::allows(&node.acl, acl::ADMIN, auth);
    let acl = if may_see_all { node.acl.to_vec() } else { acl::redacted(&node.acl) };
    Ok(ReplyBody::Acl { acl, stat: node.visible_stat() })
}

/// All descendants, the node itself not counted.
fn count_below(tree: &DataTree, node: &Znode) -> ReplyBody {
    let count = if &*node.path == path::ROOT {
        tree.node_count().saturating_sub(1)
    } else {
        let mut count = 0_usize;
        tree.walk(&node.path, &mut |_| count += 1);
        count.saturating_sub(1)
    };
    ReplyBody::Number(i32::try_from(count).unwrap_or(i32::MAX))
}

/// The session's own ephemerals whose paths start with the prefix, as plain text.
fn ephemerals(tree: &DataTree, prefix: Option<&str>, session: SessionId) -> ReplyBody {
    let prefix = prefix.filter(|prefix| !prefix.trim().is_empty()).unwrap_or(path::ROOT);
    let owned = tree.ephemerals().get(&session).into_iter().flatten();
    let wanted = owned.filter(|path| path.starts_with(prefix));
    ReplyBody::Children(wanted.map(|path| path.to_string()).collect())
}

/// Scheme and user of an id; a digest's hash is not shown.
fn user(id: &Id) -> (String, String) {
    let user = match id.scheme.as_str() {
        "digest" => id.id.split(':').next().unwrap_or_default(),
        _ => id.id.as_str(),
    };
    (id.scheme.clone(), user.to_owned())
}

/// The lists of setWatches: what was missed becomes an event, everything else a watch.
pub fn set_watches(
    tree: &DataTree,
    watches: &mut WatchManager,
    op: &Op,
    origin: ConnectionId,
    auth: &[Id],
    out: &mut Outbox,
) {
    let Op::SetWatches { relative_zxid, data, exist, child, persistent, recursive, .. } = op else {
        return;
    };
    let since = *relative_zxid;
    for path in data {
        let missed = match tree.get(path) {
            None => Some(WatchEventKind::Deleted),
            Some(node) => (node.stat.mzxid > since).then_some(WatchEventKind::DataChanged),
        };
        catch_up(watches, Table::Data, path, missed, origin, auth, out);
    }
    for path in exist {
        let missed = tree.get(path).map(|_| WatchEventKind::Created);
        catch_up(watches, Table::Data, path, missed, origin, auth, out);
    }
    for path in child {
        let missed = match tree.get(path) {
            None => Some(WatchEventKind::Deleted),
            Some(node) => (node.stat.pzxid > since).then_some(WatchEventKind::ChildrenChanged),
        };
        catch_up(watches, Table::Child, path, missed, origin, auth, out);
    }
    for path in persistent {
        watches.add(Table::Data, rooted(path), Mode::Persistent, origin, auth);
        watches.add(Table::Child, rooted(path), Mode::Persistent, origin, auth);
    }
    for path in recursive {
        watches.add(Table::Data, rooted(path), Mode::Recursive, origin, auth);
    }
}

/// Sends the event that was missed, or sets the watch.
fn catch_up(
    watches: &mut WatchManager,
    table: Table,
    path: &str,
    missed: Option<WatchEventKind>,
    origin: ConnectionId,
    auth: &[Id],
    out: &mut Outbox,
) {
    let Some(kind) = missed else {
        return watches.add(table, rooted(path), Mode::Standard, origin, auth);
    };
    let event = WatchEvent { kind, path: path.to_owned(), zxid: Zxid(-1) };
    out.messages.push((origin, ToClient::Event(event)));
}
