//! What reads answer, and which watch each leaves.
//!
//! docs/protocol.md, C3.5, C3.6 and C8.5. Reads do not validate paths: an odd one is not found. The
//! empty path is the root's, as in ZooKeeper. Requests about watches are in `watching`.

use super::watches::Table;
use super::{DataTree, Znode, acl, path};
use crate::base::SessionId;
use crate::message::{ErrorCode, Id, MultiResult, Op, ReplyBody};

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
            readable(tree, path, acl::READ, auth).map(|node| match path.as_deref() {
                // Told by the empty path, ZooKeeper counts the root's other name as well.
                Some("") => number(tree.node_count()),
                _ => number(count_below(tree, node)),
            })
        }
        Op::GetEphemerals { prefix } => Ok(ephemerals(tree, prefix.as_deref(), session)),
        Op::WhoAmI => Ok(ReplyBody::ClientInfo(auth.iter().map(user).collect())),
        Op::MultiRead(ops) => multi_read(tree, ops, auth, session),
        Op::Ping => Ok(ReplyBody::Empty),
        Op::Sync { path } => Ok(ReplyBody::Path(path.clone())),
        Op::Create { .. }
        | Op::Delete { .. }
        | Op::SetData { .. }
        | Op::SetAcl { .. }
        | Op::Check { .. }
        | Op::Multi(_)
        | Op::Reconfig { .. }
        | Op::CheckWatches { .. }
        | Op::RemoveWatches { .. }
        | Op::DeleteContainer { .. }
        | Op::Auth { .. }
        | Op::SetWatches { .. }
        | Op::AddWatch { .. }
        | Op::CreateSession { .. }
        | Op::CloseSession
        | Op::Unsupported { .. } => Err(ErrorCode::Unimplemented),
    }
}

/// Whether a request is about watches: leaves, looks for or removes them.
#[must_use]
pub fn wants_watch(op: &Op) -> bool {
    match op {
        Op::Exists { watch, .. }
        | Op::GetData { watch, .. }
        | Op::GetChildren { watch, .. }
        | Op::GetChildren2 { watch, .. } => *watch,
        Op::SetWatches { .. }
        | Op::AddWatch { .. }
        | Op::CheckWatches { .. }
        | Op::RemoveWatches { .. } => true,
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
        | Op::Reconfig { .. }
        | Op::DeleteContainer { .. }
        | Op::MultiRead(_)
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
        // Requests that are about watches alone are dealt with elsewhere; the others leave none.
        _ => return None,
    };
    let watches_absence = matches!(op, Op::Exists { .. }) && *result == Err(ErrorCode::NoNode);
    let path = path.as_deref().filter(|_| result.is_ok() || watches_absence)?;
    wants_watch(op).then_some((table, path))
}

/// Each read of a multiRead by itself; none leaves a watch, whatever it asks. A null path fails
/// them all, as in ZooKeeper.
fn multi_read(
    tree: &DataTree,
    ops: &[Op],
    auth: &[Id],
    session: SessionId,
) -> Result<ReplyBody, ErrorCode> {
    let mut results = Vec::with_capacity(ops.len());
    for op in ops {
        results.push(match answer(tree, op, auth, session) {
            Ok(ReplyBody::Data { data, stat }) => MultiResult::Data { data, stat },
            Ok(ReplyBody::Children(children)) => MultiResult::Children(children),
            Err(code @ (ErrorCode::NoNode | ErrorCode::NoAuth)) => {
                MultiResult::Error(code.number())
            }
            _ => return Err(ErrorCode::MarshallingError),
        });
    }
    Ok(ReplyBody::Multi(results))
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
fn count_below(tree: &DataTree, node: &Znode) -> usize {
    if &*node.path == path::ROOT {
        return tree.node_count().saturating_sub(1);
    }
    let mut count = 0_usize;
    tree.walk(&node.path, &mut |_| count += 1);
    count.saturating_sub(1)
}

fn number(count: usize) -> ReplyBody {
    ReplyBody::Number(i32::try_from(count).unwrap_or(i32::MAX))
}

/// The session's own ephemerals whose paths start with the prefix, as plain text.
fn ephemerals(tree: &DataTree, prefix: Option<&str>, session: SessionId) -> ReplyBody {
    let means_all = |prefix: &str| matches!(prefix.trim(), "" | path::ROOT);
    let prefix = prefix.filter(|prefix| !means_all(prefix)).unwrap_or(path::ROOT);
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
