//! What the core asks of the disk: append, truncate, install, read back.

use super::*;
use bytes::BytesMut;
use vivarium_protocol::message::Image;
use vivarium_protocol::replica::{DataTree, image};
use vivarium_protocol::zab::Run;

fn image_at(zxid: Zxid) -> Image {
    let mut bytes = BytesMut::new();
    image::encode(&DataTree::new(), &mut bytes);
    Image { zxid, bytes: bytes.freeze() }
}

#[test]
fn what_was_synced_is_read_back_in_order() {
    let directory = directory_with(&[&[at(1, 1), at(1, 2)], &[at(1, 3), at(4, 1)], &[at(4, 2)]]);
    let (storage, loaded) = open(directory.path());
    let recovered = loaded.recovered;
    let runs = vec![
        Run { epoch: Epoch(1), first: 1, last: 3 },
        Run { epoch: Epoch(4), first: 1, last: 2 },
    ];
    assert_eq!((recovered.history.base, recovered.history.runs), (Zxid::ZERO, runs));
    assert_eq!(recovered.tail.len(), 5);
    assert_eq!(*recovered.tail[3], create(at(4, 1)));
    assert_eq!(zxids_after(&storage, at(1, 2)), [at(1, 3), at(4, 1), at(4, 2)]);
    assert_eq!(zxids_after(&storage, at(1, 3)), [at(4, 1), at(4, 2)]);
    assert_eq!(zxids_after(&storage, at(4, 2)), []);
    let some = storage.source().between(at(1, 1), at(4, 1)).unwrap();
    let some: Vec<Zxid> = some.map(|txn| txn.unwrap().header.zxid).collect();
    assert_eq!(some, [at(1, 2), at(1, 3), at(4, 1)]);
}

#[test]
fn the_tail_is_bounded_and_the_log_may_begin_before_the_snapshot() {
    let directory = directory_with(&[&[Zxid(1), Zxid(2)], &[Zxid(3), Zxid(4), Zxid(5)]]);
    let (storage, loaded) = open(directory.path());
    crate::disk::write_snapshot(storage.snapshot_dir(), &loaded.tree, Zxid(4)).unwrap();
    drop(storage);
    let options = StorageOptions { tail: 2, ..options(directory.path()) };
    let (_storage, loaded) = Storage::open(&options).unwrap();
    let recovered = loaded.recovered;
    assert_eq!((recovered.replica_at, recovered.history.base), (Zxid(4), Zxid(4)));
    assert_eq!(recovered.history.first(), Some(Zxid(3)), "from the file that has the snapshot's");
    let tail: Vec<Zxid> = recovered.tail.iter().map(|txn| txn.header.zxid).collect();
    assert_eq!(tail, [Zxid(4), Zxid(5)]);
}

#[test]
fn a_transaction_out_of_order_is_not_written() {
    let directory = directory_with(&[&[at(1, 1)]]);
    let (mut storage, _) = open(directory.path());
    for wrong in [at(1, 1), at(1, 3), at(0, 9), at(2, 0)] {
        let refused = storage.append(&create(wrong));
        assert!(matches!(refused, Err(StorageError::OutOfOrder { .. })), "{wrong}");
    }
    append(&mut storage, &[at(1, 2)]);
    drop(storage);
    assert_eq!(found(directory.path()).0, at(1, 2));
}

#[test]
fn a_log_is_never_appended_to_by_another_process() {
    let directory = directory_with(&[&[Zxid(1)]]);
    let before = fs::read(log_file(directory.path(), Zxid(1))).unwrap();
    let (mut storage, _) = open(directory.path());
    append(&mut storage, &[Zxid(2)]);
    assert_eq!(fs::read(log_file(directory.path(), Zxid(1))).unwrap(), before);
    assert!(log_file(directory.path(), Zxid(2)).exists());
}

#[test]
fn truncation_cuts_after_the_zxid_that_was_named() {
    let files: [&[Zxid]; 3] = [&[at(1, 1), at(1, 2), at(1, 3)], &[at(2, 1), at(2, 2)], &[at(2, 3)]];
    // Cut to; what is left; the files that are left.
    let cases: [(Zxid, &[Zxid], usize); 5] = [
        (at(2, 2), &[at(1, 1), at(1, 2), at(1, 3), at(2, 1), at(2, 2)], 2),
        (at(2, 1), &[at(1, 1), at(1, 2), at(1, 3), at(2, 1)], 2),
        // Not in the log: Apache would keep 2|1.
        (at(1, 9), &[at(1, 1), at(1, 2), at(1, 3)], 1),
        (at(1, 2), &[at(1, 1), at(1, 2)], 1),
        (at(2, 9), &[at(1, 1), at(1, 2), at(1, 3), at(2, 1), at(2, 2), at(2, 3)], 3),
    ];
    for (to, left, files_left) in cases {
        let directory = directory_with(&files);
        let (mut storage, _) = open(directory.path());
        storage.truncate(to).unwrap();
        assert_eq!(zxids_after(&storage, Zxid::ZERO), left, "to {to}");
        assert_eq!(Some(&storage.last()), left.last());
        let logs = fs::read_dir(version_2(directory.path())).unwrap();
        let names = logs.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(names.filter(|name| name.starts_with("log.")).count(), files_left, "to {to}");
        append(&mut storage, &[at(5, 1)]);
        drop(storage);
        fs::write(version_2(directory.path()).join("acceptedEpoch"), "5").unwrap();
        let mut expected = left.to_vec();
        expected.push(at(5, 1));
        assert_eq!(found(directory.path()), (at(5, 1), expected), "to {to}, and then it goes on");
    }
}

#[test]
fn a_snapshot_beyond_the_truncation_is_not_loaded_again() {
    let directory = directory_with(&[&[Zxid(1), Zxid(2), Zxid(3)]]);
    let (mut storage, loaded) = open(directory.path());
    crate::disk::write_snapshot(storage.snapshot_dir(), &loaded.tree, Zxid(3)).unwrap();
    storage.truncate(Zxid(2)).unwrap();
    drop(storage);
    let (_storage, loaded) = open(directory.path());
    assert_eq!((loaded.recovered.replica_at, loaded.recovered.history.last()), (Zxid(0), Zxid(2)));
}

#[test]
fn a_truncation_below_every_snapshot_changes_nothing() {
    let directory = directory_with(&[&[Zxid(1), Zxid(2), Zxid(3)]]);
    let (storage, loaded) = open(directory.path());
    crate::disk::write_snapshot(storage.snapshot_dir(), &loaded.tree, Zxid(3)).unwrap();
    fs::remove_file(storage.snapshot_dir().join("snapshot.0")).unwrap();
    drop(storage);
    let (mut storage, _) = open(directory.path());
    let error = storage.truncate(Zxid(1)).expect_err("no snapshot is that old");
    assert_eq!(error.exit_code(), 13, "{error}");
    drop(storage);
    assert_eq!(found(directory.path()).0, Zxid(3));
}

#[test]
fn an_image_takes_the_place_of_everything_and_the_old_is_put_aside() {
    let directory = directory_with(&[&[at(1, 1), at(1, 2)], &[at(3, 1)]]);
    let (mut storage, _) = open(directory.path());
    storage.install(&image_at(at(2, 7))).unwrap();
    storage.accepted_epoch(Epoch(4)).unwrap();
    append(&mut storage, &[at(4, 1)]);
    storage.current_epoch(Epoch(4)).unwrap();
    drop(storage);
    let (storage, loaded) = open(directory.path());
    assert_eq!(loaded.recovered.replica_at, at(2, 7));
    assert_eq!(zxids_after(&storage, at(2, 7)), [at(4, 1)]);
    assert_eq!(loaded.recovered.history.first(), Some(at(4, 1)));
    let aside = version_2(directory.path()).join("aside.200000007");
    assert_eq!(fs::read_dir(aside).unwrap().count(), 3, "two logs, one snapshot");
}

#[test]
fn an_image_that_does_not_decode_changes_nothing() {
    let directory = directory_with(&[&[at(1, 1)]]);
    let (mut storage, _) = open(directory.path());
    let bad = Image { zxid: at(1, 9), bytes: image_at(at(1, 9)).bytes.slice(..30) };
    assert!(matches!(storage.install(&bad), Err(StorageError::Image { .. })));
    drop(storage);
    assert_eq!(found(directory.path()).0, at(1, 1));
}

#[test]
fn old_logs_with_a_hole_before_the_snapshot_do_not_count() {
    // What Apache leaves behind after a SNAP: logs up to 1|2, a snapshot at 1|9, logs from 1|10.
    let directory = directory_with(&[&[at(1, 1), at(1, 2)]]);
    let (storage, loaded) = open(directory.path());
    crate::disk::write_snapshot(storage.snapshot_dir(), &loaded.tree, at(1, 9)).unwrap();
    drop(storage);
    let (mut storage, loaded) = open(directory.path());
    assert_eq!(loaded.recovered.history.first(), None);
    assert_eq!((loaded.recovered.history.last(), loaded.recovered.tail.len()), (at(1, 9), 0));
    append(&mut storage, &[at(1, 10)]);
    drop(storage);
    let (_storage, loaded) = open(directory.path());
    assert_eq!(loaded.recovered.history.first(), Some(at(1, 10)));
}
