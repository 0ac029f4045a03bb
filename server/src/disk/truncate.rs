//! TRUNC: the log is cut after a zxid that the leader names.
//!
//! Two traps of Apache are avoided (docs/protocol.md, O2.7): what is cut begins with the first
//! record beyond the zxid even if the zxid itself is not there, and snapshots beyond it are put
//! aside before they could be loaded. A crash on the way leaves a log that ends later, never one
//! with a hole: files go from the newest backwards, each durably.

use super::error::StorageError;
use super::files::{Directories, cut, logs, put_aside, remove, snapshots, sync_directory};
use super::record::{FileScan, LogSource};
use super::snapshot::load_newest;
use std::path::Path;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::wire::jute::MAX_FIELD;

/// Cuts everything after `to`; returns the last zxid that is left.
pub(super) fn truncate(
    directories: &Directories,
    source: &LogSource,
    to: Zxid,
) -> Result<Zxid, StorageError> {
    let snapshot = load_newest(&directories.snapshots, to, &mut Vec::new())?;
    let mut last = snapshot.ok_or(StorageError::Truncate { to })?.zxid;
    for txn in source.between(last, to)? {
        last = txn?.header.zxid;
    }
    let all = snapshots(&directories.snapshots)?;
    let beyond: Vec<_> =
        all.into_iter().filter(|file| file.zxid > to).map(|file| file.path).collect();
    put_aside(&directories.snapshots, &beyond, to)?;
    let mut files = logs(&directories.logs)?;
    while let Some(file) = files.pop() {
        if file.start <= to {
            cut_beyond(&file.path, to)?;
            break;
        }
        remove(&file.path)?;
        sync_directory(&directories.logs)?;
    }
    Ok(last)
}

/// Cuts one file before its first record beyond `to`.
fn cut_beyond(path: &Path, to: Zxid) -> Result<(), StorageError> {
    let Some(mut scan) = FileScan::open(path, MAX_FIELD, true)? else {
        return Ok(());
    };
    while let Some(record) = scan.advance()? {
        if record.txn.header.zxid > to {
            return cut(path, record.start);
        }
    }
    Ok(())
}
