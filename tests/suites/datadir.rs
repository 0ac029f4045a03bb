//! A data directory that Apache ZooKeeper 3.9.5 left after a clean stop, opened and compared with
//! what a client had read from that server just before: every path, every byte of data, every
//! entry of every list, every field of every Stat.

use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use vivarium_protocol::base::{Epoch, Zxid};
use vivarium_protocol::message::{Acl, Id, Stat};
use vivarium_protocol::replica::{Outbox, Replica};
use vivarium_server::disk::{Loaded, Storage, StorageOptions, encode_snapshot, write_snapshot};

#[derive(Deserialize)]
struct Node {
    data: String,
    acl: Vec<(i32, String, String)>,
    stat: ReadStat,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ReadStat {
    czxid: i64,
    mzxid: i64,
    ctime: i64,
    mtime: i64,
    version: i32,
    cversion: i32,
    aversion: i32,
    ephemeral_owner: i64,
    data_length: i32,
    num_children: i32,
    pzxid: i64,
}

fn recorded() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/apache-3.9.5/datadir/participant")
}

/// A copy of the recorded directory that a test may write to.
fn copied() -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    let version = copy.path().join("version-2");
    fs::create_dir(&version).unwrap();
    for entry in fs::read_dir(recorded().join("version-2")).unwrap() {
        let entry = entry.unwrap();
        fs::write(version.join(entry.file_name()), fs::read(entry.path()).unwrap()).unwrap();
    }
    copy
}

fn open(directory: &Path) -> (Storage, Loaded) {
    Storage::open(&StorageOptions::new(directory)).unwrap()
}

/// The replica after everything in the log.
fn replayed(storage: &Storage, loaded: &Loaded) -> Replica {
    let at = loaded.recovered.replica_at;
    let mut replica = Replica::new(loaded.tree.clone(), at);
    for txn in storage.read_after(at).unwrap() {
        replica.apply_txn(&txn.unwrap(), None, &mut Outbox::default());
    }
    replica
}

#[test]
fn the_recorded_directory_holds_what_a_client_read() {
    let directory = copied();
    let (storage, loaded) = open(directory.path());
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let mut replica = replayed(&storage, &loaded);
    assert_eq!(replica.last_zxid(), loaded.recovered.history.last());
    assert_eq!(replica.digest_mismatches(), 0, "every digest in the log is that of our tree");
    let expected: BTreeMap<String, Node> =
        serde_json::from_slice(&fs::read(recorded().join("tree.json")).unwrap()).unwrap();
    // Every server sets this node from its own configuration when it starts, without a transaction.
    let config = &expected["/zookeeper/config"];
    replica.set_config(unhex(&config.data), Zxid::ZERO, config.stat.mtime);
    let tree = replica.tree();
    let paths: Vec<String> = expected.keys().cloned().collect();
    assert_eq!(tree.paths(), paths);
    for (path, node) in &expected {
        let znode = tree.get(path).unwrap();
        let data: String = znode.data.iter().flatten().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(data, node.data, "data of {path}");
        let acl: Vec<Acl> = node.acl.iter().cloned().map(read_acl).collect();
        assert_eq!(znode.acl.to_vec(), acl, "list of {path}");
        assert_eq!(znode.visible_stat(), read_stat(&node.stat), "stat of {path}");
    }
}

fn unhex(text: &str) -> Bytes {
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).unwrap();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[test]
fn the_recorded_directory_names_its_epochs_and_its_history() {
    let directory = copied();
    let (storage, loaded) = open(directory.path());
    let recovered = &loaded.recovered;
    let newest = Zxid::new(Epoch(5), 6);
    assert_eq!((recovered.accepted_epoch, recovered.current_epoch), (Epoch(5), Epoch(5)));
    assert_eq!((recovered.replica_at, recovered.trusted), (Zxid(0x1_0000_00c7), true));
    assert!(recovered.history.last() >= newest);
    assert_eq!(recovered.history.first(), Some(Zxid(0x1_0000_00c8)));
    let read: Vec<_> =
        storage.read_after(Zxid(0x1_0000_00c7)).unwrap().map(Result::unwrap).collect();
    let tail: Vec<_> = recovered.tail.iter().map(|txn| (**txn).clone()).collect();
    assert_eq!(tail, read, "fewer than the 500 that are kept");
    assert_eq!(recovered.history.count_after(Zxid::ZERO), read.len() as u64);
}

#[test]
fn apaches_snapshots_are_read_and_written_again() {
    for name in ["snapshot.0", "snapshot.1000000c7"] {
        let directory = tempfile::tempdir().unwrap();
        let version = directory.path().join("version-2");
        fs::create_dir(&version).unwrap();
        let bytes = fs::read(recorded().join("version-2").join(name)).unwrap();
        fs::write(version.join(name), &bytes).unwrap();
        let (storage, loaded) = open(directory.path());
        // Children have no order there, and a list that is open to all may have a number of its
        // own: only the small file can be equal byte for byte.
        if name == "snapshot.0" {
            let again = encode_snapshot(&loaded.tree, loaded.recovered.replica_at);
            assert_eq!(again, bytes, "{name}");
        }
        let later = Zxid(loaded.recovered.replica_at.0 + 1);
        write_snapshot(&version, &loaded.tree, later).unwrap();
        drop(storage);
        let (_storage, reloaded) = open(directory.path());
        assert_eq!(reloaded.recovered.replica_at, later);
        assert_eq!(reloaded.tree.digest(), loaded.tree.digest());
        assert_eq!(reloaded.tree.paths(), loaded.tree.paths());
    }
}

fn read_acl((perms, scheme, id): (i32, String, String)) -> Acl {
    Acl { perms, id: Id { scheme, id } }
}

fn read_stat(stat: &ReadStat) -> Stat {
    Stat {
        czxid: Zxid(stat.czxid),
        mzxid: Zxid(stat.mzxid),
        ctime_ms: stat.ctime,
        mtime_ms: stat.mtime,
        version: stat.version,
        cversion: stat.cversion,
        aversion: stat.aversion,
        ephemeral_owner: stat.ephemeral_owner,
        data_length: stat.data_length,
        num_children: stat.num_children,
        pzxid: Zxid(stat.pzxid),
    }
}
