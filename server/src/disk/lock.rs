//! One server a directory. Apache has no such lock, and two of its servers on one directory corrupt
//! it in silence.

use super::StorageOptions;
use super::error::{StorageError, on};
use std::fs::{File, TryLockError};

/// The file that is locked, in dataDir and in dataLogDir; it stays empty.
const NAME: &str = "vivarium.lock";

/// The locks; released when dropped, or when the process ends however it ends.
#[derive(Debug)]
pub(super) struct DirectoryLock {
    _files: Vec<File>,
}

impl DirectoryLock {
    /// Takes the locks, or says that another process has them.
    pub(super) fn acquire(options: &StorageOptions) -> Result<DirectoryLock, StorageError> {
        let mut directories = vec![&options.data_dir];
        directories.extend(options.data_log_dir.iter().filter(|dir| **dir != options.data_dir));
        let mut files = Vec::new();
        for directory in directories {
            let path = directory.join(NAME);
            let mut open = File::options();
            let file =
                open.create(true).truncate(false).write(true).open(&path).map_err(on(&path))?;
            match file.try_lock() {
                Ok(()) => files.push(file),
                Err(TryLockError::WouldBlock) => {
                    return Err(StorageError::Locked(directory.clone()));
                }
                Err(TryLockError::Error(source)) => return Err(StorageError::Io { path, source }),
            }
        }
        Ok(DirectoryLock { _files: files })
    }
}
