//! What the tests of the data directory share: transactions in order, directories to break, and a
//! crash before any change that the code is about to make.

mod compressed;
mod crash;
mod damage;
mod epochs;
mod format;
mod model;
mod operations;
mod purge;

use super::{Loaded, Storage, StorageError, StorageOptions};
use std::cell::Cell;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use vivarium_protocol::base::{Epoch, SessionId, Zxid};
use vivarium_protocol::message::{Acl, Txn, TxnBody, TxnHeader};

thread_local! {
    /// How many changes may still be made before the crash.
    static CHANGES_LEFT: Cell<Option<u32>> = const { Cell::new(None) };
}

/// Fails if the crash has been reached.
pub(super) fn crash_point() -> io::Result<()> {
    match CHANGES_LEFT.get() {
        None => Ok(()),
        Some(0) => Err(io::Error::other("crash")),
        Some(left) => {
            CHANGES_LEFT.set(Some(left - 1));
            Ok(())
        }
    }
}

/// Runs something that crashes before its change number `changes`; says whether it got through.
fn crashing_after(changes: u32, run: impl FnOnce() -> Result<(), StorageError>) -> bool {
    CHANGES_LEFT.set(Some(changes));
    let outcome = run();
    CHANGES_LEFT.set(None);
    match outcome {
        Ok(()) => true,
        Err(StorageError::Io { source, .. }) if source.to_string() == "crash" => false,
        Err(other) => panic!("not the crash: {other}"),
    }
}

fn at(epoch: i64, counter: u32) -> Zxid {
    Zxid::new(Epoch(epoch), counter)
}

/// A transaction that makes `/N`, N being the zxid.
fn create(zxid: Zxid) -> Txn {
    Txn {
        header: TxnHeader { session: SessionId(7), cxid: 1, zxid, time_ms: 1_700_000_000_000 },
        body: TxnBody::Create {
            create2: false,
            path: format!("/{}", zxid.0),
            data: Some(b"data"[..].into()),
            acl: vec![Acl::open()],
            ephemeral: false,
            parent_cversion: -1,
        },
        digest: None,
    }
}

fn options(directory: &Path) -> StorageOptions {
    StorageOptions { pre_alloc_kib: 64, ..StorageOptions::new(directory) }
}

fn open(directory: &Path) -> (Storage, Loaded) {
    Storage::open(&options(directory)).unwrap()
}

/// A new directory whose log holds these zxids, each run of them in a file of its own.
fn directory_with(files: &[&[Zxid]]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let (mut storage, _) = open(directory.path());
    let newest = files.iter().flat_map(|file| file.iter()).max();
    if let Some(epoch) = newest.map(|zxid| zxid.epoch()) {
        storage.accepted_epoch(epoch).unwrap();
    }
    for file in files {
        append(&mut storage, file);
        storage.roll().unwrap();
    }
    if let Some(epoch) = newest.map(|zxid| zxid.epoch()) {
        storage.current_epoch(epoch).unwrap();
    }
    directory
}

fn append(storage: &mut Storage, zxids: &[Zxid]) {
    for zxid in zxids {
        storage.append(&create(*zxid)).unwrap();
    }
    storage.sync().unwrap();
}

/// What the log holds after a zxid.
fn zxids_after(storage: &Storage, after: Zxid) -> Vec<Zxid> {
    storage.read_after(after).unwrap().map(|txn| txn.unwrap().header.zxid).collect()
}

/// What a server finds when it starts here: its last zxid and the log behind the snapshot.
fn found(directory: &Path) -> (Zxid, Vec<Zxid>) {
    let (storage, loaded) = open(directory);
    let log = zxids_after(&storage, loaded.recovered.replica_at);
    assert_eq!(storage.last(), loaded.recovered.history.last());
    (storage.last(), log)
}

fn version_2(directory: &Path) -> PathBuf {
    directory.join("version-2")
}

fn log_file(directory: &Path, start: Zxid) -> PathBuf {
    version_2(directory).join(format!("log.{:x}", start.0))
}

/// A copy of a directory, to be broken.
fn copy(directory: &Path) -> TempDir {
    let copy = tempfile::tempdir().unwrap();
    copy_into(directory, copy.path());
    copy
}

fn copy_into(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            fs::create_dir(&target).unwrap();
            copy_into(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
