//! Snapshot files: a header, the image of the tree, and sections that are sealed one by one.
//!
//! Layout: docs/protocol.md, O3.1. Ours are exact, carry both optional sections as release 3.9
//! writes them, and appear whole. Those of Apache may be fuzzy and may lack sections; which there
//! are is decided by how many bytes are left (3.2). Both may be compressed.

use super::compressed::Compression;
use super::error::{StorageError, on};
use super::files::{SnapshotFile, hex, snapshots, write_whole};
use adler2::{Adler32, adler32_slice};
use bytes::{BufMut, BytesMut};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use vivarium_protocol::base::Zxid;
use vivarium_protocol::replica::{DataTree, digest, image};
use vivarium_protocol::wire::jute::Reader;

/// `ZKSN`, version 2, database -1.
const HEADER: [u8; 16] = *b"ZKSN\0\0\0\x02\xff\xff\xff\xff\xff\xff\xff\xff";
/// Magic and version; the database's number is never checked.
const CHECKED: usize = 8;
/// What ends the image, and every seal: the path `/`.
const SLASH: [u8; 5] = *b"\0\0\0\x01/";
/// A checksum and [`SLASH`].
const SEAL: usize = 8 + SLASH.len();
/// A zxid, the digest's version, the digest.
const DIGEST: usize = 20;
/// A zxid.
const LAST_ZXID: usize = 8;
/// How many candidates are tried; Apache's number.
const CANDIDATES: usize = 100;

/// A snapshot as it was read.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub tree: DataTree,
    /// The zxid in its name: what it certainly contains.
    pub zxid: Zxid,
}

/// A snapshot file's bytes. `last` is the zxid of the last transaction in the tree; before the
/// first there is no digest to speak of, as in Apache.
#[must_use]
pub fn encode_snapshot(tree: &DataTree, last: Zxid) -> BytesMut {
    let mut body = BytesMut::new();
    image::encode(tree, &mut body);
    seal_image(&body, last, (last > Zxid::ZERO).then(|| tree.digest()))
}

/// A snapshot file's bytes around an image. Without a digest the section says that there is none:
/// an image that a leader took while it was working has no digest that would be right.
pub(super) fn seal_image(image: &[u8], last: Zxid, tree_digest: Option<u64>) -> BytesMut {
    let mut out = BytesMut::with_capacity(HEADER.len() + image.len() + 80);
    let mut sum = Adler32::new();
    out.put_slice(&HEADER);
    out.put_slice(image);
    put_seal(&mut out, 0, &mut sum);
    let sealed = out.len() - SEAL;
    out.put_i64(if tree_digest.is_some() { last.0 } else { 0 });
    out.put_i32(digest::VERSION);
    out.put_u64(tree_digest.unwrap_or_default());
    put_seal(&mut out, sealed, &mut sum);
    let sealed = out.len() - SEAL;
    out.put_i64(last.0);
    put_seal(&mut out, sealed, &mut sum);
    out
}

/// The checksum of every byte so far, `done` of which are in `sum` already.
fn put_seal(out: &mut BytesMut, done: usize, sum: &mut Adler32) {
    sum.write_slice(&out[done..]);
    out.put_u64(u64::from(sum.checksum()));
    out.put_slice(&SLASH);
}

/// Writes `snapshot.HEX` into a snapshot directory, durably; returns its path. For any thread: a
/// clone of the tree is cheap, and nothing else is touched.
///
/// # Errors
/// A failed file operation. Apache stops with exit code 10 then.
pub fn write_snapshot(
    directory: &Path,
    tree: &DataTree,
    last: Zxid,
) -> Result<PathBuf, StorageError> {
    write_compressed(directory, tree, last, Compression::Plain)
}

/// The same, compressed: the name says how.
///
/// # Errors
/// As for [`write_snapshot`].
pub fn write_compressed(
    directory: &Path,
    tree: &DataTree,
    last: Zxid,
    compression: Compression,
) -> Result<PathBuf, StorageError> {
    let name = format!("snapshot.{}{}", hex(last), compression.ending());
    let path = directory.join(&name);
    let bytes = compression.pack(&encode_snapshot(tree, last)).map_err(on(&path))?;
    write_whole(directory, &name, &bytes)?;
    Ok(path)
}

/// Reads the newest good snapshot at or before a zxid; `None` if there is not a single file.
pub(super) fn load_newest(
    directory: &Path,
    upto: Zxid,
    warnings: &mut Vec<String>,
) -> Result<Option<Snapshot>, StorageError> {
    let mut newest_failure = None;
    let files = snapshots(directory)?;
    for file in files.iter().filter(|file| file.zxid <= upto).take(CANDIDATES) {
        match read(file)? {
            Ok(tree) => return Ok(Some(Snapshot { tree, zxid: file.zxid })),
            Err(why) => {
                let why = format!("{}: {why}", file.path.display());
                warnings.push(format!("not a good snapshot, trying an older one: {why}"));
                newest_failure.get_or_insert(why);
            }
        }
    }
    match newest_failure {
        None => Ok(None),
        Some(why) => Err(StorageError::NoValidSnapshot { path: directory.to_owned(), why }),
    }
}

/// Reads one file; the inner error says why it is no good snapshot.
fn read(file: &SnapshotFile) -> Result<Result<DataTree, String>, StorageError> {
    let bytes = fs::read(&file.path).map_err(on(&file.path))?;
    let plain = compression_of(file).unpack(bytes).map_err(|error| error.to_string());
    Ok(plain.and_then(|plain| decode_snapshot(&plain)))
}

fn compression_of(file: &SnapshotFile) -> Compression {
    let name = file.path.file_name().unwrap_or_default();
    Compression::of(&name.to_string_lossy())
}

/// Whether a snapshot is good from its first byte to its last.
pub(super) fn reads_well(file: &SnapshotFile) -> Result<bool, StorageError> {
    Ok(read(file)?.is_ok())
}

/// Whether a snapshot can be good, by its ends.
pub(super) fn looks_whole(file: &SnapshotFile) -> Result<bool, StorageError> {
    let path = &file.path;
    let mut open = File::open(path).map_err(on(path))?;
    let (mut first, mut last) = (Vec::new(), Vec::new());
    (&mut open).take(CHECKED as u64).read_to_end(&mut first).map_err(on(path))?;
    let length = open.metadata().map_err(on(path))?.len();
    let end = SeekFrom::Start(length.saturating_sub(SLASH.len() as u64));
    open.seek(end).and_then(|_| open.read_to_end(&mut last)).map_err(on(path))?;
    Ok(compression_of(file).looks_whole(&first, &last))
}

/// Reads a snapshot file's bytes: every seal must be right.
fn decode_snapshot(bytes: &[u8]) -> Result<DataTree, String> {
    if !bytes.ends_with(&SLASH) {
        return Err("it does not end with a seal".to_owned());
    }
    if bytes.get(..CHECKED) != Some(&HEADER[..CHECKED]) {
        return Err("its header is not that of a snapshot of version 2".to_owned());
    }
    let body = bytes.get(HEADER.len()..).unwrap_or_default();
    let (tree, used) = image::decode(body).map_err(|error| error.to_string())?;
    let mut at = HEADER.len() + used;
    at = check_seal(bytes, at)?;
    let (with_digest, with_last) = match bytes.len() - at {
        0 => (false, false),
        left if left == DIGEST + SEAL => (true, false),
        left if left == LAST_ZXID + SEAL => (false, true),
        left if left == DIGEST + SEAL + LAST_ZXID + SEAL => (true, true),
        left => return Err(format!("{left} bytes after the first seal are no known sections")),
    };
    if with_digest {
        at = check_seal(bytes, at + DIGEST)?;
    }
    if with_last {
        check_seal(bytes, at + LAST_ZXID)?;
    }
    Ok(tree)
}

/// Checks the seal at an offset against everything before it; returns the offset behind it.
fn check_seal(bytes: &[u8], at: usize) -> Result<usize, String> {
    let seal = bytes.get(at..at + SEAL).ok_or_else(|| format!("it ends at {}", bytes.len()))?;
    let sum = Reader::new(seal).i64("seal").map_err(|error| error.to_string())?;
    if sum != i64::from(adler32_slice(&bytes[..at])) || !seal.ends_with(&SLASH) {
        return Err(format!("the seal at offset {at} is wrong"));
    }
    Ok(at + SEAL)
}
