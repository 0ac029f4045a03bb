//! Purging: what stays, what goes, and what a crash on the way leaves.

use super::*;
use crate::disk::{purge, write_snapshot};

/// Nine transactions in five log files, and snapshots at 0, 2, 4, 6 and 8.
fn full() -> TempDir {
    let files = [[1, 2], [3, 4], [5, 6], [7, 8]].map(|pair| pair.map(Zxid));
    let files: Vec<&[Zxid]> = files.iter().map(|file| &file[..]).collect();
    let directory = directory_with(&[&files[..], &[&[Zxid(9)]]].concat());
    let tree = open(directory.path()).1.tree;
    for zxid in [2, 4, 6, 8] {
        write_snapshot(&version_2(directory.path()), &tree, Zxid(zxid)).unwrap();
    }
    directory
}

fn run(directory: &TempDir, retain: usize) -> Result<Vec<PathBuf>, StorageError> {
    let version = version_2(directory.path());
    purge(&version, &version, retain)
}

/// The files that are left, by name.
fn left(directory: &TempDir) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(version_2(directory.path()))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("log.") || name.starts_with("snapshot."))
        .collect();
    names.sort();
    names
}

#[test]
fn the_newest_snapshots_stay_with_the_logs_that_they_need() {
    let directory = full();
    let removed = run(&directory, 3).unwrap();
    let names = removed.iter().map(|path| path.file_name().unwrap().to_str().unwrap());
    assert_eq!(names.collect::<Vec<_>>(), ["snapshot.0", "snapshot.2", "log.1"]);
    let stay = ["log.3", "log.5", "log.7", "log.9", "snapshot.4", "snapshot.6", "snapshot.8"];
    assert_eq!(left(&directory), stay);
    assert_eq!(found(directory.path()).0, Zxid(9));
    // A log that begins before the oldest snapshot that stays goes on beyond it, for all we know.
    assert_eq!(run(&directory, 1).unwrap().len(), 4);
    assert_eq!(left(&directory), ["log.7", "log.9", "snapshot.8"]);
    assert_eq!(found(directory.path()), (Zxid(9), vec![Zxid(9)]));
    assert_eq!(run(&directory, 1).unwrap().len(), 0, "nothing is old any more");
}

#[test]
fn a_snapshot_that_is_not_good_does_not_count() {
    let directory = full();
    // The newest is wrong in its midst: only who reads all of it finds out.
    let newest = version_2(directory.path()).join("snapshot.8");
    let mut bytes = fs::read(&newest).unwrap();
    bytes[40] ^= 1;
    fs::write(&newest, bytes).unwrap();
    // Another was cut short by a crash, of Apache's server: its end says so.
    fs::write(version_2(directory.path()).join("snapshot.4"), b"ZKSN").unwrap();
    run(&directory, 3).unwrap();
    let stay = ["log.1", "log.3", "log.5", "log.7", "log.9"];
    assert_eq!(left(&directory)[..5], stay);
    assert_eq!(
        left(&directory)[5..],
        ["snapshot.0", "snapshot.2", "snapshot.4", "snapshot.6", "snapshot.8"]
    );
    run(&directory, 1).unwrap();
    assert_eq!(left(&directory), ["log.5", "log.7", "log.9", "snapshot.6", "snapshot.8"]);
    assert_eq!(found(directory.path()).0, Zxid(9));
}

#[test]
fn nothing_goes_where_no_snapshot_is_good() {
    let directory = full();
    for zxid in [0, 2, 4, 6, 8] {
        let path = version_2(directory.path()).join(format!("snapshot.{zxid}"));
        let bytes = fs::read(&path).unwrap();
        fs::write(&path, &bytes[..bytes.len() - 20]).unwrap();
    }
    let before = left(&directory);
    assert_eq!(run(&directory, 3).unwrap(), Vec::<PathBuf>::new());
    assert_eq!(left(&directory), before);
}

#[test]
fn a_crash_while_purging_leaves_a_directory_that_opens_with_everything() {
    for changes in 0..=7 {
        let directory = full();
        let whole = crashing_after(changes, || run(&directory, 1).map(drop));
        assert_eq!(found(directory.path()).0, Zxid(9), "after {changes} changes");
        assert!(run(&directory, 1).is_ok());
        assert_eq!(left(&directory), ["log.7", "log.9", "snapshot.8"]);
        assert_eq!(whole, changes >= 7, "seven files go");
    }
}
