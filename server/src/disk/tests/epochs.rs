//! Epoch files, trust, locks: what a start checks before it believes a directory.

use super::*;

fn write(directory: &Path, name: &str, text: Option<&str>) {
    let path = version_2(directory).join(name);
    match text {
        Some(text) => fs::write(path, text).unwrap(),
        None => drop(fs::remove_file(path)),
    }
}

#[test]
fn epochs_are_taken_made_mended_or_refused() {
    // accepted, current, currentEpoch.tmp; what is found with a log that ends at 3|2.
    type Row = (Option<&'static str>, Option<&'static str>, Option<&'static str>, Outcome);
    type Outcome = Option<(i64, i64)>;
    let rows: [Row; 11] = [
        (Some("3"), Some("3"), None, Some((3, 3))),
        (Some("5"), Some("3"), None, Some((5, 3))),
        (Some("5\n"), Some("4\n"), None, Some((5, 4))),
        (None, None, None, Some((3, 3))),
        (None, Some("3"), None, Some((3, 3))),
        (Some("4"), None, None, Some((4, 3))),
        (Some("3"), Some("2"), Some("3"), Some((3, 3))),
        (Some("3"), Some("2"), Some("torn"), Some((3, 3))),
        (Some("2"), Some("2"), None, None),
        (Some("3"), Some("4"), None, None),
        (Some("3"), Some("three"), None, None),
    ];
    for (accepted, current, leftover, expected) in rows {
        let directory = directory_with(&[&[at(3, 1), at(3, 2)]]);
        write(directory.path(), "acceptedEpoch", accepted);
        write(directory.path(), "currentEpoch", current);
        write(directory.path(), "currentEpoch.tmp", leftover);
        let outcome = Storage::open(&options(directory.path())).map(|(_, loaded)| {
            (loaded.recovered.accepted_epoch.0, loaded.recovered.current_epoch.0)
        });
        let row = format!("{accepted:?} {current:?} {leftover:?}: {outcome:?}");
        assert_eq!(outcome.ok(), expected, "{row}");
    }
}

#[test]
fn a_standalone_server_neither_reads_nor_writes_epochs() {
    let directory = directory_with(&[&[at(3, 1)]]);
    write(directory.path(), "acceptedEpoch", Some("1"));
    write(directory.path(), "currentEpoch", None);
    let standalone = StorageOptions { ensemble: false, ..options(directory.path()) };
    let (_storage, loaded) = Storage::open(&standalone).unwrap();
    assert_eq!(loaded.recovered.current_epoch, Epoch(3));
    assert!(!version_2(directory.path()).join("currentEpoch").exists());
}

#[test]
fn an_empty_database_is_trusted_only_if_somebody_says_so() {
    for (autocreate_database, marker, trusted) in
        [(true, false, true), (false, false, false), (false, true, true)]
    {
        let directory = tempfile::tempdir().unwrap();
        let initialize = directory.path().join("initialize");
        if marker {
            fs::write(&initialize, b"").unwrap();
        }
        let options = StorageOptions { autocreate_database, ..options(directory.path()) };
        let (_storage, loaded) = Storage::open(&options).unwrap();
        assert_eq!(loaded.recovered.trusted, trusted);
        assert_eq!(version_2(directory.path()).join("snapshot.0").exists(), trusted);
        assert!(!initialize.exists(), "the marker is used up");
    }
}

#[test]
fn logs_without_a_snapshot_are_broken_unless_an_upgrade_is_named() {
    let directory = directory_with(&[&[Zxid(1), Zxid(2)]]);
    fs::remove_file(version_2(directory.path()).join("snapshot.0")).unwrap();
    let refused = Storage::open(&options(directory.path()));
    assert!(matches!(refused, Err(StorageError::NoSnapshot(_))));
    let upgrade = StorageOptions { trust_empty_snapshot: true, ..options(directory.path()) };
    let (storage, _) = Storage::open(&upgrade).unwrap();
    assert_eq!(storage.last(), Zxid(2));
}

#[test]
fn two_servers_cannot_have_one_directory() {
    let directory = tempfile::tempdir().unwrap();
    let (storage, _) = open(directory.path());
    let second = Storage::open(&options(directory.path()));
    assert!(matches!(second, Err(StorageError::Locked(_))));
    drop(storage);
    open(directory.path());
}

#[test]
fn directories_are_made_found_missing_or_confused() {
    let directory = tempfile::tempdir().unwrap();
    let missing = StorageOptions {
        autocreate_directory: false,
        ..options(&directory.path().join("nowhere"))
    };
    let error = Storage::open(&missing).expect_err("missing");
    assert_eq!(error.exit_code(), 3, "{error}");

    let data_log_dir = Some(directory.path().join("logs"));
    let apart = StorageOptions { data_log_dir, ..options(&directory.path().join("data")) };
    let (mut storage, _) = Storage::open(&apart).unwrap();
    append(&mut storage, &[Zxid(1)]);
    assert!(log_file(&directory.path().join("logs"), Zxid(1)).exists());
    drop(storage);
    let swapped = StorageOptions {
        data_dir: directory.path().join("logs"),
        data_log_dir: Some(directory.path().join("data")),
        ..apart
    };
    assert!(matches!(Storage::open(&swapped), Err(StorageError::Misplaced(_))));
}

#[test]
fn files_that_only_look_like_ours_are_named() {
    let directory = directory_with(&[&[Zxid(1)]]);
    for name in ["log.2.fixed", "snapshot.9.tmp", "snapshot.zz"] {
        fs::write(version_2(directory.path()).join(name), b"").unwrap();
    }
    let (storage, loaded) = open(directory.path());
    assert_eq!((loaded.warnings.len(), storage.last()), (3, Zxid(1)));
}
