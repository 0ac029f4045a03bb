//! What a start finds: the newest good snapshot, the log beyond it as history, the epochs.
//!
//! Order and rules: docs/protocol.md, O4.2. The log is read, not applied: what it holds beyond
//! the snapshot may yet be undone, so the tree stays at the snapshot and the driver applies the
//! rest when the core says that it is decided.

use super::StorageOptions;
use super::epochs;
use super::error::{Corruption, StorageError};
use super::files::{Directories, cut, logs, remove, strangers};
use super::record::{FileScan, relevant};
use super::snapshot::{Snapshot, load_newest, write_snapshot};
use std::collections::VecDeque;
use std::sync::Arc;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::Txn;
use vivarium_protocol::replica::DataTree;
use vivarium_protocol::zab::history::Run;
use vivarium_protocol::{History, Recovered};

/// The marker by which an operator says that an empty database is to be trusted.
const INITIALIZE: &str = "initialize";

/// What was there.
#[derive(Debug)]
pub struct Loaded {
    /// For the core.
    pub recovered: Recovered,
    /// The replica as it stands at `recovered.replica_at`.
    pub tree: DataTree,
    /// What an operator should know, a sentence each.
    pub warnings: Vec<String>,
}

/// Reads everything.
pub(super) fn load(
    options: &StorageOptions,
    directories: &Directories,
) -> Result<Loaded, StorageError> {
    let mut warnings = warn_of_strangers(directories)?;
    let trust_empty = take_initialize(directories)? || options.autocreate_database;
    let (snapshot, trusted) =
        match load_newest(&directories.snapshots, Zxid(i64::MAX), &mut warnings)? {
            Some(snapshot) => (snapshot, true),
            None => start_empty(options, directories, trust_empty, &mut warnings)?,
        };
    let log = read_log(options, directories, snapshot.zxid, &mut warnings)?;
    let last = log.history.last();
    let (accepted_epoch, current_epoch) = if options.ensemble {
        epochs::load(directories, last, &mut warnings)?
    } else {
        (last.epoch(), last.epoch())
    };
    let recovered = Recovered {
        accepted_epoch,
        current_epoch,
        history: log.history,
        tail: log.tail.into(),
        replica_at: snapshot.zxid,
        trusted,
    };
    Ok(Loaded { recovered, tree: snapshot.tree, warnings })
}

fn warn_of_strangers(directories: &Directories) -> Result<Vec<String>, StorageError> {
    let mut found = strangers(&directories.snapshots)?;
    found.extend(strangers(&directories.logs)?);
    found.sort();
    found.dedup();
    let warning = |path: std::path::PathBuf| format!("{} is ignored", path.display());
    Ok(found.into_iter().map(warning).collect())
}

/// Whether the marker was there; it is used up.
fn take_initialize(directories: &Directories) -> Result<bool, StorageError> {
    let base = directories.logs.parent().expect("the directory of the version has a parent");
    let marker = base.join(INITIALIZE);
    let found = marker.exists();
    if found {
        remove(&marker)?;
    }
    Ok(found)
}

/// No snapshot: a new server, an untrusted one, or a broken directory.
fn start_empty(
    options: &StorageOptions,
    directories: &Directories,
    trust_empty: bool,
    warnings: &mut Vec<String>,
) -> Result<(Snapshot, bool), StorageError> {
    let snapshot = Snapshot { tree: DataTree::new(), zxid: Zxid::ZERO };
    if !logs(&directories.logs)?.is_empty() {
        if !options.trust_empty_snapshot {
            return Err(StorageError::NoSnapshot(directories.snapshots.clone()));
        }
        warnings.push("no snapshot was found: replaying the log from nothing".to_owned());
        return Ok((snapshot, true));
    }
    if trust_empty {
        write_snapshot(&directories.snapshots, &snapshot.tree, snapshot.zxid)?;
    }
    Ok((snapshot, trust_empty))
}

/// The log as history.
struct Log {
    history: History,
    tail: VecDeque<Arc<Txn>>,
    keep: usize,
}

fn read_log(
    options: &StorageOptions,
    directories: &Directories,
    base: Zxid,
    warnings: &mut Vec<String>,
) -> Result<Log, StorageError> {
    let mut log = Log { history: History::at(base), tail: VecDeque::new(), keep: options.tail };
    let mut files = VecDeque::from(relevant(logs(&directories.logs)?, base));
    while let Some(file) = files.pop_front() {
        let newest = files.is_empty();
        let Some(mut scan) = FileScan::open(&file.path, options.max_record, newest)? else {
            warnings.push(format!("{} is empty: removed", file.path.display()));
            remove(&file.path)?;
            continue;
        };
        loop {
            match scan.advance() {
                Ok(Some(record)) => log.take(record.txn, record.start, &scan)?,
                Ok(None) => break,
                Err(error) if newest && options.drop_corrupt_last_record => {
                    warnings.push(drop_last_record(error, &mut scan)?);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        if scan.repeated > 0 {
            let (path, count) = (file.path.display(), scan.repeated);
            warnings.push(format!("{path} has {count} transactions twice: read once"));
        }
    }
    log.drop_what_ends_before_the_base();
    Ok(log)
}

impl Log {
    /// Takes the next record. Up to the base there may be holes, left by a snapshot that came from
    /// a leader: what is before a hole no longer counts. Beyond the base there may be none.
    fn take(&mut self, txn: Txn, offset: u64, scan: &FileScan) -> Result<(), StorageError> {
        let found = txn.header.zxid;
        let base = self.history.base;
        if found <= base {
            self.take_before_base(found);
        } else {
            self.drop_what_ends_before_the_base();
            let last = self.history.last();
            if !self.history.append(found) {
                let path = scan.path.clone();
                return Err(StorageError::Gap { path, offset, last, found });
            }
        }
        self.tail.push_back(Arc::new(txn));
        if self.tail.len() > self.keep {
            self.tail.pop_front();
        }
        Ok(())
    }

    fn take_before_base(&mut self, found: Zxid) {
        let runs = &mut self.history.runs;
        let counter = found.counter();
        match runs.last_mut() {
            Some(run) if run.epoch == found.epoch() && found.follows(run.end()) => {
                run.last = counter;
                return;
            }
            Some(run) if found.follows(run.end()) => {}
            Some(_) | None => {
                runs.clear();
                self.tail.clear();
            }
        }
        runs.push(Run { epoch: found.epoch(), first: counter, last: counter });
    }

    /// What does not reach up to the snapshot has a hole behind it.
    fn drop_what_ends_before_the_base(&mut self) {
        if self.history.runs.last().is_some_and(|run| run.end() < self.history.base) {
            self.history.runs.clear();
            self.tail.clear();
        }
    }
}

/// Gives up a last record whose checksum is wrong, as the operator wished; any other damage stays
/// an error.
fn drop_last_record(error: StorageError, scan: &mut FileScan) -> Result<String, StorageError> {
    let StorageError::Corrupt { path, offset, what: Corruption::Checksum, last_good } = &error
    else {
        return Err(error);
    };
    if !scan.only_zeros_follow()? {
        return Err(error);
    }
    cut(path, *offset)?;
    Ok(format!("{}: the record after {last_good} was corrupt and is given up", path.display()))
}
