//! Directories, file names, and writes that are whole or not there at all.
//!
//! Names: docs/protocol.md, O1.1 and O1.2. Apache takes everything that begins with `log.` or
//! `snapshot.` and goes on with a number for its own, so nothing else of ours begins so.

use super::StorageOptions;
use super::error::{StorageError, on};
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use vivarium_protocol::base::Zxid;

/// The directory of the format's version, below dataDir and dataLogDir.
const VERSION: &str = "version-2";

/// The prefix of a file that is being written: a crash leaves it, the next start removes it.
const WRITING: &str = "writing.";

/// Where the two kinds of files are; often the same directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Directories {
    /// Snapshots and epochs: below dataDir.
    pub snapshots: PathBuf,
    /// Logs: below dataLogDir.
    pub logs: PathBuf,
}

impl Directories {
    /// Makes and checks the directories, and removes what an interrupted write left.
    pub(super) fn prepare(options: &StorageOptions) -> Result<Directories, StorageError> {
        let log_dir = options.data_log_dir.as_ref().unwrap_or(&options.data_dir);
        let directories =
            Directories { snapshots: options.data_dir.join(VERSION), logs: log_dir.join(VERSION) };
        for path in [&directories.snapshots, &directories.logs] {
            if !path.is_dir() {
                if !options.autocreate_directory {
                    return Err(StorageError::Missing(path.clone()));
                }
                fs::create_dir_all(path).map_err(on(path))?;
            }
            for name in names(path)? {
                if name.starts_with(WRITING) {
                    remove(&path.join(name))?;
                }
            }
        }
        directories.refuse_misplaced()?;
        Ok(directories)
    }

    fn refuse_misplaced(&self) -> Result<(), StorageError> {
        if self.snapshots == self.logs {
            return Ok(());
        }
        for (path, prefix) in [(&self.logs, "snapshot."), (&self.snapshots, "log.")] {
            if let Some(name) = names(path)?.into_iter().find(|name| name.starts_with(prefix)) {
                return Err(StorageError::Misplaced(path.join(name)));
            }
        }
        Ok(())
    }
}

/// A log file and the zxid in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LogFile {
    pub path: PathBuf,
    pub start: Zxid,
}

/// A snapshot and the zxid in its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SnapshotFile {
    pub path: PathBuf,
    pub zxid: Zxid,
}

/// The log files of a directory, oldest first.
pub(super) fn logs(directory: &Path) -> Result<Vec<LogFile>, StorageError> {
    let mut found: Vec<LogFile> = names(directory)?
        .into_iter()
        .filter_map(|name| {
            let start = zxid_in(name.strip_prefix("log.")?)?;
            Some(LogFile { path: directory.join(name), start })
        })
        .collect();
    found.sort_by_key(|file| file.start);
    Ok(found)
}

/// The snapshots of a directory, newest first, compressed ones included.
pub(super) fn snapshots(directory: &Path) -> Result<Vec<SnapshotFile>, StorageError> {
    let mut found: Vec<SnapshotFile> = names(directory)?
        .into_iter()
        .filter_map(|name| {
            let rest = name.strip_prefix("snapshot.")?;
            let plain = rest.strip_suffix(".gz").or(rest.strip_suffix(".snappy")).unwrap_or(rest);
            Some(SnapshotFile { zxid: zxid_in(plain)?, path: directory.join(&name) })
        })
        .collect();
    found.sort_by_key(|file| std::cmp::Reverse(file.zxid));
    Ok(found)
}

/// Files that Apache would take for logs or snapshots and we do not.
pub(super) fn strangers(directory: &Path) -> Result<Vec<PathBuf>, StorageError> {
    let logs = logs(directory)?.into_iter().map(|file| file.path);
    let snapshots = snapshots(directory)?.into_iter().map(|file| file.path);
    let known: Vec<PathBuf> = logs.chain(snapshots).collect();
    let ours = |name: &String| name.starts_with("log.") || name.starts_with("snapshot.");
    let names = names(directory)?.into_iter().filter(ours);
    Ok(names.map(|name| directory.join(name)).filter(|path| !known.contains(path)).collect())
}

/// A zxid as names have it: hexadecimal, no prefix, as a signed number.
fn zxid_in(text: &str) -> Option<Zxid> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    digits.then(|| i64::from_str_radix(text, 16).ok()).flatten().map(Zxid)
}

/// A zxid as names have it.
pub(super) fn hex(zxid: Zxid) -> String {
    format!("{:x}", zxid.0)
}

/// The names in a directory that are text, sorted.
pub(super) fn names(directory: &Path) -> Result<Vec<String>, StorageError> {
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(on(directory))? {
        let name = entry.map_err(on(directory))?.file_name();
        names.extend(name.into_string().ok());
    }
    names.sort();
    Ok(names)
}

/// Writes a file so that after a crash it is there whole, or as it was before.
pub(super) fn write_whole(directory: &Path, name: &str, bytes: &[u8]) -> Result<(), StorageError> {
    drop(create_whole(directory, name, bytes)?);
    Ok(())
}

/// The same, and keeps the file open for more.
pub(super) fn create_whole(
    directory: &Path,
    name: &str,
    bytes: &[u8],
) -> Result<File, StorageError> {
    let writing = directory.join(format!("{WRITING}{name}"));
    let written = File::create(&writing).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        Ok(file)
    });
    if written.is_err() {
        // Half a file would keep a full disk full. That it can't be removed is no news then.
        let _ = fs::remove_file(&writing);
    }
    let file = written.map_err(on(&writing))?;
    rename(&writing, &directory.join(name))?;
    sync_directory(directory)?;
    Ok(file)
}

/// Gives a file another name, in one step.
pub(super) fn rename(from: &Path, to: &Path) -> Result<(), StorageError> {
    crash_point(from)?;
    fs::rename(from, to).map_err(on(from))
}

/// Removes a file; the directory must be synced for that to last.
pub(super) fn remove(path: &Path) -> Result<(), StorageError> {
    crash_point(path)?;
    fs::remove_file(path).map_err(on(path))
}

/// Cuts a file to a length, durably.
pub(super) fn cut(path: &Path, length: u64) -> Result<(), StorageError> {
    crash_point(path)?;
    let file = File::options().write(true).open(path).map_err(on(path))?;
    file.set_len(length).and_then(|()| file.sync_all()).map_err(on(path))
}

#[cfg(not(test))]
fn crash_point(_: &Path) -> Result<(), StorageError> {
    Ok(())
}

/// Every change to files that exist passes here first, so that tests can crash before each in turn.
#[cfg(test)]
fn crash_point(path: &Path) -> Result<(), StorageError> {
    super::tests::crash_point().map_err(on(path))
}

/// Makes names in a directory durable: files made, renamed, removed.
pub(super) fn sync_directory(directory: &Path) -> Result<(), StorageError> {
    File::open(directory).and_then(|handle| handle.sync_all()).map_err(on(directory))
}

/// Moves files into a directory beside them where neither we nor Apache look, and says which:
/// `aside.HEX`. Those of earlier times are removed.
pub(super) fn put_aside(
    directory: &Path,
    files: &[PathBuf],
    zxid: Zxid,
) -> Result<(), StorageError> {
    if files.is_empty() {
        return Ok(());
    }
    let aside = format!("aside.{}", hex(zxid));
    for name in names(directory)? {
        if name.starts_with("aside.") && name != aside {
            let old = directory.join(name);
            fs::remove_dir_all(&old).map_err(on(&old))?;
        }
    }
    let aside = directory.join(aside);
    fs::create_dir_all(&aside).map_err(on(&aside))?;
    for path in files {
        let name = path.file_name().expect("a file of this directory has a name");
        rename(path, &aside.join(name))?;
    }
    sync_directory(&aside)?;
    sync_directory(directory)
}
