//! The data directory: Apache ZooKeeper's own files, written and read back.
//!
//! Synchronous, on `std::fs`: one thread owns a [`Storage`] and carries out the core's disk effects
//! in order. Formats and rules: docs/protocol.md, O1 to O4. Invariants:
//! 1. After [`Storage::sync`] returns, everything appended before survives a crash.
//! 2. A crash at any byte of any write leaves a directory that opens, with a prefix of what was
//!    asked for: each operation is either done or not begun, and appends are kept from the front.
//! 3. A zxid is only ever followed by its successor or a later epoch: Apache cannot read gaps.
//! 4. What cannot be a crash of ours is never repaired in silence: it is refused, with file, offset
//!    and the last good zxid.
//!
//! Left to others: when to snapshot and roll ([`SnapshotSchedule`] says when Apache would),
//! threads, and what the transactions mean.

mod compressed;
mod epochs;
mod error;
mod files;
mod install;
mod lock;
mod log;
mod purge;
mod record;
mod recover;
mod schedule;
mod snapshot;
#[cfg(test)]
mod tests;
mod truncate;

pub use compressed::Compression;
pub use error::StorageError;
pub use purge::purge;
pub use record::{LogReader, LogSource};
pub use recover::Loaded;
pub use schedule::SnapshotSchedule;
pub use snapshot::{encode_snapshot, write_compressed, write_snapshot};

use files::Directories;
use lock::DirectoryLock;
use log::LogWriter;
use std::path::{Path, PathBuf};
use vivarium_protocol::base::{Epoch, Zxid};
use vivarium_protocol::message::{Image, Txn};
use vivarium_protocol::wire::jute::MAX_FIELD;

/// Where the files are and how they are kept; the names in backticks are those of zoo.cfg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StorageOptions {
    /// `dataDir`.
    pub data_dir: PathBuf,
    /// `dataLogDir`; the same when unset.
    pub data_log_dir: Option<PathBuf>,
    /// Whether epoch files are kept: a standalone server neither reads nor writes them.
    pub ensemble: bool,
    /// `preAllocSize`, KiB; 0 for none.
    pub pre_alloc_kib: u64,
    /// `jute.maxbuffer` and its extra size together: the longest record, bytes.
    pub max_record: usize,
    /// `commitLogCount`: how many of the newest transactions [`Loaded`] brings along.
    pub tail: usize,
    /// `forceSync`; without it a crash of the machine may lose what was acknowledged.
    pub force_sync: bool,
    /// `txnLogSizeLimitInKb`, KiB: a longer file is rolled after a sync.
    pub log_size_limit_kib: Option<u64>,
    /// `snapshot.trust.empty`: logs without any snapshot are replayed from nothing.
    pub trust_empty_snapshot: bool,
    /// `db.autocreate`: an empty database is taken for the truth.
    pub autocreate_database: bool,
    /// `datadir.autocreate`: missing directories are made.
    pub autocreate_directory: bool,
    /// An operator's explicit wish to give up the very last record when its checksum is wrong and
    /// only zeros follow it. Never set by itself: that record may have been acknowledged.
    pub drop_corrupt_last_record: bool,
}

impl StorageOptions {
    /// ZooKeeper's defaults for a member of an ensemble.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>) -> StorageOptions {
        StorageOptions {
            data_dir: data_dir.into(),
            data_log_dir: None,
            ensemble: true,
            pre_alloc_kib: 65536,
            max_record: MAX_FIELD,
            tail: 500,
            force_sync: true,
            log_size_limit_kib: None,
            trust_empty_snapshot: false,
            autocreate_database: true,
            autocreate_directory: true,
            drop_corrupt_last_record: false,
        }
    }
}

/// One server's data directory, held exclusively while this lives.
#[derive(Debug)]
pub struct Storage {
    directories: Directories,
    log: LogWriter,
    source: LogSource,
    _lock: DirectoryLock,
}

impl Storage {
    /// Locks the directory, finishes what a crash interrupted, and reads what is there.
    ///
    /// # Errors
    /// A directory that is missing, not writable, in use or damaged; see [`StorageError`].
    pub fn open(options: &StorageOptions) -> Result<(Storage, Loaded), StorageError> {
        let directories = Directories::prepare(options)?;
        let lock = DirectoryLock::acquire(options)?;
        install::finish(&directories)?;
        let loaded = recover::load(options, &directories)?;
        let log = LogWriter::new(options, &directories, loaded.recovered.history.last());
        let source = LogSource::new(&directories, options.max_record);
        Ok((Storage { directories, log, source, _lock: lock }, loaded))
    }

    /// Adds a transaction to the log. It is durable, and visible to readers, after the next
    /// [`Storage::sync`].
    ///
    /// # Errors
    /// A transaction that does not follow the last one; a failed write.
    pub fn append(&mut self, txn: &Txn) -> Result<(), StorageError> {
        self.log.append(txn)
    }

    /// Makes everything appended so far survive a crash.
    ///
    /// # Errors
    /// A failed write or sync: nothing is known of the records since the last success, so the
    /// server must stop.
    pub fn sync(&mut self) -> Result<(), StorageError> {
        self.log.sync()
    }

    /// Cuts the log after this zxid, durably, and puts aside snapshots beyond it.
    ///
    /// # Errors
    /// No snapshot at or before this zxid; a failed file operation. The server must stop (13).
    pub fn truncate(&mut self, after: Zxid) -> Result<(), StorageError> {
        self.log.close()?;
        let last = truncate::truncate(&self.directories, &self.source, after)?;
        self.log.stand_at(last);
        Ok(())
    }

    /// Writes `acceptedEpoch`, durably, after everything appended before.
    ///
    /// # Errors
    /// A failed file operation.
    pub fn accepted_epoch(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        self.log.sync()?;
        epochs::write(&self.directories.snapshots, epochs::ACCEPTED, epoch)
    }

    /// Writes `currentEpoch`, durably, after everything appended before: the epoch says that its
    /// history is here.
    ///
    /// # Errors
    /// A failed file operation.
    pub fn current_epoch(&mut self, epoch: Epoch) -> Result<(), StorageError> {
        self.log.sync()?;
        epochs::write(&self.directories.snapshots, epochs::CURRENT, epoch)
    }

    /// Replaces everything by an image from the leader, durably and at once: it becomes the one
    /// snapshot, and older logs and snapshots are put aside.
    ///
    /// # Errors
    /// An image that does not decode (nothing has changed then); a failed file operation.
    pub fn install(&mut self, image: &Image) -> Result<(), StorageError> {
        self.log.close()?;
        install::install(&self.directories, image)?;
        self.log.stand_at(image.zxid);
        Ok(())
    }

    /// Ends the current log file: the next append begins another. Done before a snapshot.
    ///
    /// # Errors
    /// A failed write.
    pub fn roll(&mut self) -> Result<(), StorageError> {
        self.log.roll()
    }

    /// Reads the log after a zxid: what was synced, in order.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn read_after(&self, zxid: Zxid) -> Result<LogReader, StorageError> {
        self.source.after(zxid)
    }

    /// The log for readers on other threads.
    #[must_use]
    pub fn source(&self) -> &LogSource {
        &self.source
    }

    /// Where snapshots belong, for [`write_snapshot`].
    #[must_use]
    pub fn snapshot_dir(&self) -> &Path {
        &self.directories.snapshots
    }

    /// Where log files are.
    #[must_use]
    pub fn log_dir(&self) -> &Path {
        &self.directories.logs
    }

    /// The last zxid appended, or that the directory stood at.
    #[must_use]
    pub fn last(&self) -> Zxid {
        self.log.last()
    }

    /// Records and bytes appended since the last roll, for [`SnapshotSchedule::due`].
    #[must_use]
    pub fn since_roll(&self) -> (u64, u64) {
        self.log.since_roll()
    }
}
