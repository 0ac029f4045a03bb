//! Old files go: `autopurge.snapRetainCount` and the rules of docs/protocol.md, O9.2.
//!
//! Invariants:
//! 1. Nothing is removed before one snapshot has been read from its first byte to its last; it and
//!    everything after it stay.
//! 2. What stays is a run of log files without a hole that begins at or before the oldest snapshot
//!    that stays. Oldest files go first, so a crash on the way leaves no hole either.

use super::error::StorageError;
use super::files::{logs, remove, snapshots, sync_directory};
use super::record::relevant;
use super::snapshot::{looks_whole, reads_well};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Removes what is older than the newest `retain` good snapshots; returns what was removed. For any
/// thread: files that a server writes meanwhile are newer.
///
/// # Errors
/// A directory that can't be listed, a file that can't be read or removed.
pub fn purge(
    snapshot_dir: &Path,
    log_dir: &Path,
    retain: usize,
) -> Result<Vec<PathBuf>, StorageError> {
    let newest_first = snapshots(snapshot_dir)?;
    let mut good = Vec::new();
    for file in &newest_first {
        let is_good = if good.is_empty() { reads_well(file)? } else { looks_whole(file)? };
        if is_good {
            good.push(file.zxid);
        }
        if good.len() >= retain.max(1) {
            break;
        }
    }
    let Some(oldest) = good.last().copied() else { return Ok(Vec::new()) };
    let old_snapshots = newest_first.into_iter().rev().filter(|file| file.zxid < oldest);
    let mut old: Vec<PathBuf> = old_snapshots.map(|file| file.path).collect();
    let all_logs = logs(log_dir)?;
    let kept = relevant(all_logs.clone(), oldest);
    old.extend(all_logs.into_iter().filter(|file| !kept.contains(file)).map(|file| file.path));
    for path in &old {
        match remove(path) {
            // A snapshot from the leader puts old files aside at the same time.
            Err(StorageError::Io { source, .. }) if source.kind() == ErrorKind::NotFound => {}
            other => other?,
        }
    }
    if !old.is_empty() {
        sync_directory(snapshot_dir)?;
        sync_directory(log_dir)?;
    }
    Ok(old)
}
