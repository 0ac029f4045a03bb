//! The table of damage, row by row (docs/protocol.md, O2.6): what a crash explains is passed
//! over, everything else refuses the start and says where.

use super::*;
use crate::disk::error::Corruption;
use vivarium_protocol::wire::txn::encode_txn;

const FIRST: Zxid = Zxid(1);

/// Three records in the first file, two in the second.
fn sample() -> TempDir {
    directory_with(&[&[Zxid(1), Zxid(2), Zxid(3)], &[Zxid(4), Zxid(5)]])
}

/// The bytes of one record as `create` makes it, and where the records of a file begin.
fn record_length(zxid: Zxid) -> usize {
    let mut body = bytes::BytesMut::new();
    encode_txn(&create(zxid), &mut body);
    body.len() + 13
}

fn offset_of(nth: usize) -> usize {
    16 + nth * record_length(FIRST)
}

fn change(path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut bytes = fs::read(path).unwrap();
    change(&mut bytes);
    fs::write(path, bytes).unwrap();
}

fn refusal(directory: &Path) -> StorageError {
    Storage::open(&options(directory)).expect_err("the start is refused")
}

#[test]
fn ends_that_a_crash_explains_are_the_end_of_the_data() {
    type Damage = fn(&mut Vec<u8>);
    let rows: [(&str, Damage); 6] = [
        ("end of file in the checksum", |bytes| bytes.truncate(offset_of(1) + 5)),
        ("end of file in the length", |bytes| bytes.truncate(offset_of(1) + 10)),
        ("length 0", |bytes| bytes[offset_of(1) + 8..].fill(0)),
        ("body shorter than the length", |bytes| bytes.truncate(offset_of(1) + 20)),
        ("body of which the rest is zeros", |bytes| bytes[offset_of(1) + 20..].fill(0)),
        ("end mark missing", |bytes| bytes[offset_of(2) - 1..].fill(0)),
    ];
    for (row, damage) in rows {
        let directory = sample();
        change(&log_file(directory.path(), Zxid(4)), damage);
        assert_eq!(found(directory.path()).0, Zxid(4), "{row}");
        let (mut storage, _) = open(directory.path());
        append(&mut storage, &[Zxid(5), Zxid(6)]);
        drop(storage);
        let log = (1..=6).map(Zxid).collect();
        assert_eq!(found(directory.path()), (Zxid(6), log), "{row}, and then it goes on");
    }
}

#[test]
fn a_file_may_be_a_header_and_no_more_or_lack_padding() {
    let directory = sample();
    change(&log_file(directory.path(), Zxid(4)), |bytes| bytes.truncate(16));
    assert_eq!(found(directory.path()).0, Zxid(3));
    let directory = sample();
    change(&log_file(directory.path(), Zxid(4)), |bytes| bytes.truncate(offset_of(2)));
    assert_eq!(found(directory.path()).0, Zxid(5));
}

#[test]
fn an_empty_last_file_is_removed() {
    let directory = sample();
    let empty = log_file(directory.path(), Zxid(6));
    fs::write(&empty, []).unwrap();
    let (_storage, loaded) = open(directory.path());
    assert_eq!(loaded.recovered.history.last(), Zxid(5));
    assert_eq!(loaded.warnings.len(), 1);
    assert!(!empty.exists());
}

#[test]
fn damage_that_no_crash_explains_is_named_with_file_offset_and_last_good_zxid() {
    // Which byte of the second record, and which of its bits are flipped.
    let rows = [
        ("checksum mismatch: in the checksum", 7, 1),
        ("checksum mismatch: in the body", 40, 0x10),
        ("unreasonable length -", 8, 0x80),
        ("unreasonable length 1", 8, 0x40),
    ];
    for (row, place, flipped) in rows {
        let directory = sample();
        let file = log_file(directory.path(), FIRST);
        change(&file, |bytes| bytes[offset_of(1) + place] ^= flipped);
        let StorageError::Corrupt { path, offset, what, last_good } = refusal(directory.path())
        else {
            panic!("{row}: not corrupt");
        };
        assert_eq!((path, offset, last_good), (file, offset_of(1) as u64, FIRST), "{row}");
        let expected = row.split(':').next().unwrap();
        assert!(what.to_string().starts_with(expected), "{row}: {what}");
    }
}

#[test]
fn an_unknown_type_is_refused() {
    let directory = sample();
    change(&log_file(directory.path(), Zxid(4)), |bytes| {
        let body = offset_of(1) + 12..offset_of(2) - 1;
        bytes[body.start + 28..body.start + 32].copy_from_slice(&99_i32.to_be_bytes());
        let checksum = u64::from(adler2::adler32_slice(&bytes[body]));
        bytes[offset_of(1)..offset_of(1) + 8].copy_from_slice(&checksum.to_be_bytes());
    });
    let error = refusal(directory.path());
    assert!(
        matches!(&error, StorageError::Corrupt { what: Corruption::Record(_), last_good, .. }
            if *last_good == Zxid(4)),
        "{error}"
    );
}

#[test]
fn files_too_short_or_of_somebody_else_are_refused() {
    type Row = (&'static str, Zxid, fn(&mut Vec<u8>));
    let rows: [Row; 5] = [
        ("the last file has 1 to 15 bytes", Zxid(4), |bytes| bytes.truncate(15)),
        ("an earlier file is empty", FIRST, Vec::clear),
        ("an earlier file is short", FIRST, |bytes| bytes.truncate(9)),
        ("bad magic", Zxid(4), |bytes| bytes[0] = b'X'),
        ("another version", FIRST, |bytes| bytes[7] = 3),
    ];
    for (row, start, damage) in rows {
        let directory = sample();
        change(&log_file(directory.path(), start), damage);
        let error = refusal(directory.path());
        let expected = matches!(error, StorageError::ShortHeader { .. } | StorageError::Foreign(_));
        assert!(expected && error.exit_code() == 1, "{row}: {error}");
    }
}

#[test]
fn a_hole_between_transactions_is_refused() {
    // A torn record in an earlier file, and the next file goes on as if it were there.
    let directory = sample();
    change(&log_file(directory.path(), FIRST), |bytes| bytes.truncate(offset_of(2) + 20));
    let error = refusal(directory.path());
    let hole = matches!(error, StorageError::Gap { last: Zxid(2), found: Zxid(4), .. });
    assert!(hole, "{error}");
    // A later epoch may begin after any zxid.
    let directory = directory_with(&[&[at(1, 1), at(1, 2)], &[at(3, 1)]]);
    change(&log_file(directory.path(), at(1, 1)), |bytes| bytes.truncate(offset_of(1) + 20));
    assert_eq!(found(directory.path()), (at(3, 1), vec![at(1, 1), at(3, 1)]));
}

#[test]
fn a_corrupt_last_record_is_given_up_only_if_the_operator_says_so() {
    let cases = [
        ("the very last record", Zxid(4), 1, true),
        ("one before it", Zxid(4), 0, false),
        ("the last of an earlier file", FIRST, 2, false),
    ];
    for (case, start, nth, may_be_dropped) in cases {
        let directory = sample();
        let file = log_file(directory.path(), start);
        change(&file, |bytes| bytes[offset_of(nth) + 30] ^= 1);
        assert!(matches!(refusal(directory.path()), StorageError::Corrupt { .. }), "{case}");
        let wish = StorageOptions { drop_corrupt_last_record: true, ..options(directory.path()) };
        match Storage::open(&wish) {
            Ok((storage, loaded)) => {
                assert!(may_be_dropped, "{case}");
                assert_eq!((storage.last(), loaded.warnings.len()), (Zxid(4), 1));
            }
            Err(error) => assert!(!may_be_dropped, "{case}: {error}"),
        }
    }
}

#[test]
fn bad_snapshots_are_passed_over_for_older_ones() {
    let directory = sample();
    let (storage, loaded) = open(directory.path());
    let newer = storage.snapshot_dir().join("snapshot.3");
    crate::disk::write_snapshot(storage.snapshot_dir(), &loaded.tree, Zxid(3)).unwrap();
    drop(storage);
    let good = fs::read(&newer).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x20;
        fs::write(&newer, &bad).unwrap();
        let (_storage, loaded) = open(directory.path());
        // The database's number is part of the seals, but of nothing else.
        assert_eq!(loaded.recovered.replica_at, Zxid::ZERO, "byte {at}");
        assert_eq!(loaded.warnings.len(), 1, "byte {at}");
    }
    for length in (0..good.len()).step_by(7) {
        fs::write(&newer, &good[..length]).unwrap();
        assert_eq!(open(directory.path()).1.recovered.replica_at, Zxid::ZERO, "cut to {length}");
    }
    fs::write(version_2(directory.path()).join("snapshot.0"), b"nothing").unwrap();
    assert!(matches!(refusal(directory.path()), StorageError::NoValidSnapshot { .. }));
}

/// Appends records of this file to it once more.
fn again(file: &Path, records: std::ops::Range<usize>) {
    change(file, |bytes| {
        let copy = bytes[offset_of(records.start)..offset_of(records.end)].to_vec();
        let end = offset_of(3);
        bytes[end..end + copy.len()].copy_from_slice(&copy);
    });
}

#[test]
fn what_apache_wrote_twice_is_read_once() {
    // Its thread that writes had two transactions on disk when the role ended, and the next leader
    // sent them again: 1, 2, 3, 2, 3.
    let directory = directory_with(&[&[Zxid(1), Zxid(2), Zxid(3)]]);
    let file = log_file(directory.path(), Zxid(1));
    again(&file, 1..3);
    let (mut storage, loaded) = open(directory.path());
    assert_eq!(zxids_after(&storage, Zxid(0)), [Zxid(1), Zxid(2), Zxid(3)]);
    assert_eq!(loaded.recovered.tail.len(), 3);
    assert!(loaded.warnings[0].ends_with("has 2 transactions twice: read once"), "{loaded:?}");
    // A cut leaves none of what it cuts, in either place.
    storage.truncate(Zxid(2)).unwrap();
    drop(storage);
    assert_eq!(found(directory.path()), (Zxid(2), vec![Zxid(1), Zxid(2)]));
}

#[test]
fn another_transaction_in_the_place_of_one_before_is_refused() {
    let directory = directory_with(&[&[Zxid(1), Zxid(2), Zxid(3)]]);
    let file = log_file(directory.path(), Zxid(1));
    again(&file, 1..2);
    change(&file, |bytes| {
        let (start, end) = (offset_of(3) + 12, offset_of(4) - 1);
        // Another number of the same client's.
        bytes[start + 11] ^= 2;
        let checksum = u64::from(adler2::adler32_slice(&bytes[start..end]));
        bytes[start - 12..start - 4].copy_from_slice(&checksum.to_be_bytes());
    });
    let error = refusal(directory.path());
    let gap = matches!(error, StorageError::Gap { last: Zxid(3), found: Zxid(2), .. });
    assert!(gap, "{error}");
}
