//! `acceptedEpoch` and `currentEpoch`: a decimal number without a newline each, written whole.
//!
//! Rules of a start: docs/protocol.md, O4.3.

use super::error::{StorageError, on};
use super::files::{Directories, write_whole};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;
use vivarium_protocol::base::{Epoch, Zxid};

/// The highest epoch promised.
pub(super) const ACCEPTED: &str = "acceptedEpoch";
/// The epoch of the last leader that this server acknowledged.
pub(super) const CURRENT: &str = "currentEpoch";
/// What Apache leaves when it crashes while it writes the current epoch.
const CURRENT_LEFTOVER: &str = "currentEpoch.tmp";

/// Writes an epoch file, durably.
pub(super) fn write(directory: &Path, name: &str, epoch: Epoch) -> Result<(), StorageError> {
    write_whole(directory, name, epoch.0.to_string().as_bytes())
}

/// Reads both epochs as (accepted, current) and mends what a crash or an upgrade explains.
///
/// Missing files are made from the last zxid. A log that is ahead of the current epoch is the trace
/// of a crash between the synchronised records and `currentEpoch`: it holds a transaction of the
/// new epoch and hence, logs being prefixes of their leader's, the whole history that the epoch
/// began with. If the epoch had been promised, it becomes the current one; else the files
/// contradict. (Apache does so only if it finds its `currentEpoch.tmp`, and refuses otherwise.)
pub(super) fn load(
    directories: &Directories,
    last: Zxid,
    warnings: &mut Vec<String>,
) -> Result<(Epoch, Epoch), StorageError> {
    let directory = &directories.snapshots;
    let mut current = read_or_make(directory, CURRENT, last.epoch(), warnings)?;
    let accepted = read_or_make(directory, ACCEPTED, last.epoch(), warnings)?;
    if last.epoch() > current {
        let leftover = read(&directory.join(CURRENT_LEFTOVER)).ok().flatten();
        let promised = (accepted >= last.epoch()).then_some(last.epoch());
        current = leftover
            .filter(|epoch| *epoch >= last.epoch())
            .or(promised)
            .ok_or(StorageError::Epochs { accepted, current, last })?;
        warnings.push(format!("a crash before currentEpoch was written: it becomes {current}"));
        write(directory, CURRENT, current)?;
    }
    if accepted < current {
        return Err(StorageError::Epochs { accepted, current, last });
    }
    Ok((accepted, current))
}

fn read_or_make(
    directory: &Path,
    name: &str,
    epoch: Epoch,
    warnings: &mut Vec<String>,
) -> Result<Epoch, StorageError> {
    if let Some(epoch) = read(&directory.join(name))? {
        return Ok(epoch);
    }
    if epoch > Epoch(0) {
        warnings.push(format!("{name} is missing: taken from the log, epoch {epoch}"));
    }
    write(directory, name, epoch)?;
    Ok(epoch)
}

/// Reads an epoch file; `None` if there is none.
fn read(path: &Path) -> Result<Option<Epoch>, StorageError> {
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(on(path)(error)),
    };
    let number = text.lines().next().and_then(|line| line.parse().ok());
    let bad = || StorageError::EpochText { path: path.to_owned(), text: text.clone() };
    number.map(|number| Some(Epoch(number))).ok_or_else(bad)
}
