//! A crash at any byte of any write, and before any change of names: what opens afterwards is a
//! prefix of what was asked for, and nothing that had been synced is missing.

use super::*;
use bytes::BytesMut;
use vivarium_protocol::message::Image;
use vivarium_protocol::replica::{DataTree, image};

#[test]
fn a_crash_at_any_byte_of_an_append_keeps_what_was_synced_before() {
    for pre_alloc_kib in [0, 64] {
        let directory = tempfile::tempdir().unwrap();
        let options = StorageOptions { pre_alloc_kib, ..options(directory.path()) };
        let (mut storage, _) = Storage::open(&options).unwrap();
        append(&mut storage, &[Zxid(1), Zxid(2)]);
        let file = log_file(directory.path(), Zxid(1));
        let before = fs::read(&file).unwrap();
        append(&mut storage, &[Zxid(3), Zxid(4)]);
        drop(storage);
        let after = fs::read(&file).unwrap();
        let changed = |at: &usize| before.get(*at) != after.get(*at);
        let first = (0..after.len()).find(changed).unwrap();
        let last = (0..after.len()).rfind(changed).unwrap();
        for written in first..=last + 1 {
            // Those bytes reached the disk; behind them it is as it was before.
            let mut torn = after[..written].to_vec();
            torn.extend(before.get(written..).unwrap_or_default());
            fs::write(&file, &torn).unwrap();
            let (last, log) = found(directory.path());
            assert!((2..=4).contains(&last.0), "{written} bytes: {last}");
            assert_eq!(log, (1..=last.0).map(Zxid).collect::<Vec<_>>());
            assert_eq!(last == Zxid(4), written == after.len().min(last_used(&after) + 1));
        }
    }
}

/// The offset of the last end mark.
fn last_used(file: &[u8]) -> usize {
    file.iter().rposition(|byte| *byte != 0).unwrap()
}

#[test]
fn a_file_that_was_being_written_leaves_nothing_behind() {
    let directory = directory_with(&[&[at(1, 1)]]);
    let names = ["writing.log.100000002", "writing.snapshot.100000001", "writing.currentEpoch"];
    for name in names {
        let leftover = version_2(directory.path()).join(name);
        fs::write(&leftover, b"ZK").unwrap();
        assert_eq!(found(directory.path()).0, at(1, 1));
        assert!(!leftover.exists());
    }
}

/// Crashes an operation before each of its changes in turn, and looks at what a start finds.
fn crash_everywhere(
    directory: &Path,
    operation: impl Fn(&mut Storage) -> Result<(), StorageError>,
    look: impl Fn(&Path),
) {
    for changes in 0.. {
        let broken = copy(directory);
        let (mut storage, _) = open(broken.path());
        let done = crashing_after(changes, || operation(&mut storage));
        drop(storage);
        look(broken.path());
        if done {
            assert!(changes > 0, "the operation changed something");
            return;
        }
    }
}

#[test]
fn a_crash_while_a_log_file_is_made_loses_only_what_was_not_synced() {
    let directory = directory_with(&[&[at(1, 1)]]);
    let operation = |storage: &mut Storage| {
        storage.append(&create(at(1, 2)))?;
        storage.sync()
    };
    crash_everywhere(directory.path(), operation, |directory| {
        assert!([at(1, 1), at(1, 2)].contains(&found(directory).0));
    });
}

#[test]
fn an_installation_is_done_or_not_begun_wherever_it_crashes() {
    // The old log is ahead of the image: mixed with it, it would look like more history.
    let directory = directory_with(&[&[at(1, 1), at(1, 2)], &[at(3, 1), at(3, 2)]]);
    let mut bytes = BytesMut::new();
    image::encode(&DataTree::new(), &mut bytes);
    let image = Image { zxid: at(2, 7), bytes: bytes.freeze() };
    let old = (at(3, 2), vec![at(1, 1), at(1, 2), at(3, 1), at(3, 2)]);
    let new = (at(2, 7), vec![]);
    let seen = std::cell::RefCell::new(Vec::new());
    crash_everywhere(
        directory.path(),
        |storage| storage.install(&image),
        |directory| {
            let found = found(directory);
            assert!(found == old || found == new, "{found:?}");
            assert_eq!(super::found(directory), found, "and the same again");
            seen.borrow_mut().push(found);
        },
    );
    assert!(seen.borrow().contains(&old) && seen.borrow().contains(&new));
}

#[test]
fn a_truncation_that_crashes_leaves_no_hole() {
    let directory = directory_with(&[&[at(1, 1), at(1, 2), at(1, 3)], &[at(1, 4)], &[at(1, 5)]]);
    let (storage, loaded) = open(directory.path());
    crate::disk::write_snapshot(storage.snapshot_dir(), &loaded.tree, at(1, 4)).unwrap();
    drop(storage);
    let whole: Vec<Zxid> = (1..=5).map(|counter| at(1, counter)).collect();
    crash_everywhere(
        directory.path(),
        |storage| storage.truncate(at(1, 2)),
        |directory| {
            let (storage, loaded) = open(directory);
            let last = loaded.recovered.history.last();
            assert!((2..=5).contains(&last.counter()), "{last}");
            let base = loaded.recovered.replica_at;
            let expected: Vec<Zxid> =
                whole.iter().copied().filter(|zxid| (*zxid > base) & (*zxid <= last)).collect();
            assert_eq!(zxids_after(&storage, base), expected);
        },
    );
}

#[test]
fn an_epoch_is_the_old_or_the_new_one_wherever_its_write_crashes() {
    let directory = directory_with(&[&[at(1, 1)]]);
    let operation = |storage: &mut Storage| {
        storage.accepted_epoch(Epoch(2))?;
        storage.current_epoch(Epoch(2))
    };
    crash_everywhere(directory.path(), operation, |directory| {
        let recovered = open(directory).1.recovered;
        let epochs = (recovered.accepted_epoch.0, recovered.current_epoch.0);
        assert!([(1, 1), (2, 1), (2, 2)].contains(&epochs), "{epochs:?}");
    });
}

#[test]
fn a_crash_before_the_current_epoch_is_written_does_not_keep_a_server_from_starting() {
    // 1. The server promises epoch 2 and logs 2|1 while it is brought up to date.
    // 2. It crashes before it writes currentEpoch and acknowledges NEWLEADER.
    // Its log is a prefix of the leader's that goes beyond the start of epoch 2.
    let directory = directory_with(&[&[at(1, 1)]]);
    let (mut storage, _) = open(directory.path());
    storage.accepted_epoch(Epoch(2)).unwrap();
    append(&mut storage, &[at(2, 1)]);
    drop(storage);
    let (_storage, loaded) = open(directory.path());
    assert_eq!(loaded.recovered.current_epoch, Epoch(2));
    assert_eq!(loaded.warnings.len(), 1);
}
