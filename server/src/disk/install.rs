//! A whole tree from the leader takes the place of everything.
//!
//! Many files change, yet a crash must leave all of the old state or all of the new: a log that
//! lost transactions which this server had acknowledged could make it help elect a leader without
//! them. So the image is first written under a name of its own; from the moment that name exists
//! the old files no longer count, and a start that finds it carries on from there.

use super::error::StorageError;
use super::files::{
    Directories, hex, logs, names, put_aside, rename, snapshots, sync_directory, write_whole,
};
use super::snapshot::seal_image;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::Image;
use vivarium_protocol::replica::{ImageError, image as codec};

/// The name whose existence decides, with the image's zxid.
const INSTALLING: &str = "installing.";

/// Replaces logs and snapshots by an image.
pub(super) fn install(directories: &Directories, image: &Image) -> Result<(), StorageError> {
    let zxid = image.zxid;
    let refuse = |source| StorageError::Image { zxid, source };
    let (_, used) = codec::decode(&image.bytes).map_err(refuse)?;
    if used != image.bytes.len() {
        return Err(refuse(ImageError::Trailing(image.bytes.len() - used)));
    }
    let bytes = seal_image(&image.bytes, zxid, None);
    write_whole(&directories.snapshots, &format!("{INSTALLING}{}", hex(zxid)), &bytes)?;
    finish(directories)
}

/// Carries on with an installation, if one was begun.
pub(super) fn finish(directories: &Directories) -> Result<(), StorageError> {
    let directory = &directories.snapshots;
    let begun = names(directory)?.into_iter().find_map(|name| {
        let digits = name.strip_prefix(INSTALLING)?;
        let zxid = i64::from_str_radix(digits, 16).ok().map(Zxid)?;
        Some((directory.join(&name), zxid))
    });
    let Some((installing, zxid)) = begun else {
        return Ok(());
    };
    let old_logs: Vec<_> = logs(&directories.logs)?.into_iter().map(|file| file.path).collect();
    put_aside(&directories.logs, &old_logs, zxid)?;
    let old: Vec<_> = snapshots(directory)?.into_iter().map(|file| file.path).collect();
    put_aside(directory, &old, zxid)?;
    let snapshot = directory.join(format!("snapshot.{}", hex(zxid)));
    rename(&installing, &snapshot)?;
    sync_directory(directory)
}
