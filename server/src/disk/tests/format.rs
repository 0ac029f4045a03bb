//! The bytes of our files are those of Apache's.

use super::*;
use crate::disk::{SnapshotSchedule, encode_snapshot};
use vivarium_protocol::base::Rng;
use vivarium_protocol::message::TxnDigest;
use vivarium_protocol::replica::DataTree;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_new_server_writes_the_snapshot_that_apache_writes() {
    let directory = tempfile::tempdir().unwrap();
    let (_storage, loaded) = open(directory.path());
    assert_eq!((loaded.recovered.replica_at, loaded.recovered.trusted), (Zxid::ZERO, true));
    let bytes = fs::read(version_2(directory.path()).join("snapshot.0")).unwrap();
    assert_eq!(bytes.len(), 478);
    let seals = [(411, "00000000b8a23b49"), (444, "0000000095b93d59"), (465, "00000000bde83f6d")];
    for (offset, seal) in seals {
        assert_eq!(hex(&bytes[offset..offset + 8]), seal);
    }
    assert_eq!(bytes, encode_snapshot(&DataTree::new(), Zxid::ZERO));
}

#[test]
fn a_log_file_is_that_of_the_reference() {
    let directory = tempfile::tempdir().unwrap();
    let options = StorageOptions { pre_alloc_kib: 0, ..options(directory.path()) };
    let (mut storage, _) = Storage::open(&options).unwrap();
    let txn = Txn {
        header: TxnHeader {
            session: SessionId(0x0100_0000_0000_0001),
            cxid: 0,
            zxid: Zxid(1),
            time_ms: 1_700_000_000_000,
        },
        body: TxnBody::CreateSession { timeout_ms: 30_000 },
        digest: Some(TxnDigest { version: 2, tree: 0x51c6_d660 }),
    };
    storage.append(&txn).unwrap();
    storage.sync().unwrap();
    let expected = "5a4b4c47000000020000000000000000\
         0000000096e5099300000030\
         0100000000000001000000000000000000000001\
         0000018bcfe56800fffffff6\
         00007530\
         000000020000000051c6d660\
         42";
    assert_eq!(hex(&fs::read(log_file(directory.path(), Zxid(1))).unwrap()), expected);
}

#[test]
fn space_is_taken_ahead_in_steps() {
    let directory = tempfile::tempdir().unwrap();
    let (mut storage, _) = open(directory.path());
    let size = || fs::metadata(log_file(directory.path(), Zxid(1))).unwrap().len();
    append(&mut storage, &[Zxid(1)]);
    assert_eq!(size(), 16 + 65536, "the header, then one step");
    let filled: Vec<Zxid> = (2..600).map(Zxid).collect();
    filled.iter().for_each(|zxid| append(&mut storage, &[*zxid]));
    assert_eq!(size(), 16 + 65536, "not before the last 4096 bytes are reached");
    let more: Vec<Zxid> = (600..800).map(Zxid).collect();
    more.iter().for_each(|zxid| append(&mut storage, &[*zxid]));
    assert_eq!(size(), 16 + 2 * 65536);
}

#[test]
fn a_file_longer_than_the_operator_wants_is_rolled_after_a_sync() {
    let directory = tempfile::tempdir().unwrap();
    let options = StorageOptions { log_size_limit_kib: Some(65), ..options(directory.path()) };
    let (mut storage, _) = Storage::open(&options).unwrap();
    append(&mut storage, &[Zxid(1)]);
    append(&mut storage, &[Zxid(2)]);
    assert!(!log_file(directory.path(), Zxid(2)).exists());
    let many: Vec<Zxid> = (3..900).map(Zxid).collect();
    many.iter().for_each(|zxid| append(&mut storage, &[*zxid]));
    let files = fs::read_dir(version_2(directory.path())).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(names.filter(|name| name.starts_with("log.")).count() > 1);
    drop(storage);
    assert_eq!(found(directory.path()).0, Zxid(899));
}

#[test]
fn snapshots_are_due_somewhere_in_the_second_half_of_snap_count() {
    for seed in 0..50 {
        let mut schedule = SnapshotSchedule::new(100, Some(1 << 20), Rng::seeded(seed));
        for _ in 0..20 {
            let due = (1..).find(|records| schedule.due((*records, 0))).unwrap();
            assert!((51..=100).contains(&due), "{due}");
        }
        let bytes = (1..).map(|kib| kib * 1024).find(|bytes| schedule.due((0, *bytes))).unwrap();
        assert!((1 << 19..=1 << 20).contains(&bytes), "{bytes}");
    }
}
