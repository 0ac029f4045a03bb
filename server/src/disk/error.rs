//! What can be wrong with a data directory.

use std::io;
use std::path::{Path, PathBuf};
use vivarium_protocol::base::{Epoch, Zxid};
use vivarium_protocol::replica::ImageError;
use vivarium_protocol::wire::DecodeError;

/// Why a data directory cannot be opened, or an operation on it not be done.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)]
pub enum StorageError {
    /// The operating system refused.
    #[error("{}: {source}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// A directory is missing and must not be made.
    #[error("{} does not exist, and datadir.autocreate is false", .0.display())]
    Missing(PathBuf),
    /// Another process holds the directory.
    #[error("{} is in use by another server", .0.display())]
    Locked(PathBuf),
    /// Snapshots among the logs or logs among the snapshots: dataDir and dataLogDir were swapped
    /// or have been changed.
    #[error(
        "{} does not belong in this directory: are dataDir and dataLogDir right?",
        .0.display()
    )]
    Misplaced(PathBuf),
    /// Not a log of ZooKeeper.
    #[error("{} is not a transaction log of version 2", .0.display())]
    Foreign(PathBuf),
    /// A log file too short for its header.
    #[error("{} has {length} bytes, too few for a header: records may be lost", path.display())]
    ShortHeader { path: PathBuf, length: u64 },
    /// A record that no crash explains.
    #[error(
        "{} is corrupt at offset {offset}: {what}; the last good transaction is {last_good}",
        path.display()
    )]
    Corrupt { path: PathBuf, offset: u64, what: Corruption, last_good: Zxid },
    /// Transactions are missing.
    #[error(
        "{} at offset {offset} goes on with {found} after {last}: transactions are missing",
        path.display()
    )]
    Gap { path: PathBuf, offset: u64, last: Zxid, found: Zxid },
    /// A transaction was to be appended out of order.
    #[error("{found} cannot follow {last} in the log")]
    OutOfOrder { last: Zxid, found: Zxid },
    /// Logs, but nothing to replay them on.
    #[error("there are transaction logs but no snapshot in {}: something is broken", .0.display())]
    NoSnapshot(PathBuf),
    /// Snapshots, but none that can be read.
    #[error("none of the snapshots in {} can be read; the newest: {why}", path.display())]
    NoValidSnapshot { path: PathBuf, why: String },
    /// An image that came from the leader and is none.
    #[error("the image at {zxid} does not decode: {source}")]
    Image { zxid: Zxid, source: ImageError },
    /// An epoch file that holds no number.
    #[error("{} does not hold an epoch: `{text}`", path.display())]
    EpochText { path: PathBuf, text: String },
    /// Epochs that contradict each other or the log.
    #[error("accepted epoch {accepted}, current epoch {current} and last zxid {last} contradict")]
    Epochs { accepted: Epoch, current: Epoch, last: Zxid },
    /// Truncation to before everything that is there.
    #[error("cannot truncate to {to}: no snapshot is that old")]
    Truncate { to: Zxid },
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Corruption {
    /// The checksum does not match.
    #[error("checksum mismatch")]
    Checksum,
    /// Nothing is that long, or that short.
    #[error("unreasonable length {0}")]
    Length(i32),
    /// The record decodes to no transaction.
    #[error("{0}")]
    Record(DecodeError),
}

impl StorageError {
    /// ZooKeeper's exit code (docs/protocol.md, O1.3) for a start or an operation that fails so.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            StorageError::Missing(_) | StorageError::Locked(_) | StorageError::Misplaced(_) => 3,
            StorageError::Truncate { .. } | StorageError::Image { .. } => 13,
            StorageError::Io { .. }
            | StorageError::Foreign(_)
            | StorageError::ShortHeader { .. }
            | StorageError::Corrupt { .. }
            | StorageError::Gap { .. }
            | StorageError::OutOfOrder { .. }
            | StorageError::NoSnapshot(_)
            | StorageError::NoValidSnapshot { .. }
            | StorageError::EpochText { .. }
            | StorageError::Epochs { .. } => 1,
        }
    }
}

/// Names the file that an operation of the system failed on.
pub(super) fn on(path: &Path) -> impl FnOnce(io::Error) -> StorageError {
    let path = path.to_owned();
    move |source| StorageError::Io { path, source }
}
