//! Disks that fail, fill up, are slow or hold nonsense: what a server does, and that nothing is
//! lost that it had acknowledged.

use std::fs;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{Ensemble, Place, configure, places, start_at};
use vivarium_tests::load::{Writer, assert_holds_all};
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::{tools, wait_for, words};

/// Small files, many of them.
const SMALL: &str = "snapCount=60\npreAllocSize=64\n";

fn alone(extra: &str) -> (Folder, Place) {
    let folder = Folder::new();
    let place = places(folder.path(), 1, 0).remove(0);
    configure(&place, &[], extra);
    (folder, place)
}

fn start(place: &Place) -> Process {
    let server = start_at(place);
    wait_for("it serves", || words::mode(place.address()));
    server
}

/// Files of a kind, oldest first.
fn files(place: &Place, kind: &str) -> Vec<PathBuf> {
    let zxid = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix(kind)?.strip_prefix('.')?;
        i64::from_str_radix(name, 16).ok()
    };
    let listed = fs::read_dir(place.folder.join("data/version-2")).expect("it has data");
    let mut found: Vec<PathBuf> =
        listed.map(|entry| entry.expect("it can be listed").path()).collect();
    found.retain(|path| zxid(path).is_some());
    found.sort_by_key(zxid);
    found
}

#[test]
fn a_server_whose_disk_is_full_stops_with_a_sentence_and_comes_back_with_every_write() {
    let (_folder, place) = alone("snapCount=1000000\npreAllocSize=64\n");
    // No file may grow beyond this, as if there were no room; not every machine lets a test have a
    // small disk of its own.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; ulimit -f 512; exec \"$0\" server \"$1\""]);
    command.arg(tools::vivarium()).arg(place.folder.join("zoo.cfg"));
    let mut server = Process::start(&mut command, &place.folder.join("log.txt"));
    wait_for("it serves", || words::mode(place.address()));
    let writer = Writer::start(vec![place.address()], "w");
    let ended = wait_for("it stops", || server.exited());
    assert_eq!(ended.code(), Some(1));
    let said = server.printed();
    assert!(said.contains("the disk failed: "), "{said}");
    assert!(said.contains("/version-2/log.1: File too large"), "{said}");
    assert!(said.contains("make room and start this server again"), "{said}");

    let before = writer.count();
    assert!(before > 500, "it wrote until there was no room: {before}");
    let _server = start(&place);
    wait_for("writes go on", || (writer.count() > before + 100).then_some(()));
    assert_holds_all(place.address(), &writer.finish());
}

#[test]
fn a_server_killed_again_and_again_while_it_writes_loses_nothing_acknowledged() {
    let (_folder, place) = alone(SMALL);
    let mut server = start(&place);
    let writers: Vec<Writer> =
        (0..3).map(|number| Writer::start(vec![place.address()], &format!("w{number}-"))).collect();
    let written = || writers.iter().map(Writer::count).sum::<usize>();
    for _ in 0..8 {
        let before = written();
        wait_for("writes go on", || (written() > before + 200).then_some(()));
        server.kill();
        server = start(&place);
    }
    let acknowledged: Vec<String> = writers.into_iter().flat_map(Writer::finish).collect();
    assert_holds_all(place.address(), &acknowledged);
    assert!(files(&place, "snapshot").len() > 5, "snapshots were taken while writes went on");
    let said = server.printed();
    assert!(!said.contains("not a good snapshot"), "each of them is whole: {said}");
}

#[test]
fn a_slow_sync_is_counted_and_said() {
    let slow_syncs = |place: &Place| {
        let report = words::ask(place.address(), "mntr").expect("it serves");
        let line =
            report.lines().find_map(|it| it.strip_prefix("zk_fsync_threshold_exceed_count\t"));
        line.expect("it is counted").parse::<u64>().expect("it is a number")
    };
    // Every sync takes more than no time at all.
    for (threshold, slow) in [("fsync.warningthresholdms=0\n", true), ("", false)] {
        let (_folder, place) = alone(threshold);
        let server = start(&place);
        assert!(Client::connect(place.address()).unwrap().create("/a", b"").unwrap().is_ok());
        assert_eq!(slow_syncs(&place) > 0, slow);
        let warned = server.printed().contains("to sync; every write waits for that");
        assert_eq!(warned, slow);
    }
}

/// Changes one byte of a file; returns nothing but harm.
fn flip(path: &Path, at: u64) {
    let mut file = fs::File::options().read(true).write(true).open(path).expect("it is there");
    let mut byte = [0];
    file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(&mut byte)).expect("it is long");
    file.seek(SeekFrom::Start(at)).and_then(|_| file.write_all(&[!byte[0]])).expect("it is ours");
}

#[test]
fn what_is_corrupt_is_named_and_never_served() {
    let (_folder, place) = alone(SMALL);
    let mut server = start(&place);
    let mut client = Client::connect(place.address()).unwrap();
    for number in 0..300 {
        assert!(client.create(&format!("/n{number}"), b"data").unwrap().is_ok());
    }
    wait_for("it has written snapshots", || (files(&place, "snapshot").len() > 3).then_some(()));
    server.kill();

    // A bad snapshot is passed over: an older one and the log make the same tree.
    let newest = files(&place, "snapshot").pop().unwrap();
    flip(&newest, 60);
    let mut server = start(&place);
    let said = server.printed();
    assert!(said.contains(&format!("trying an older one: {}", newest.display())), "{said}");
    let names: Vec<String> = (0..300).map(|number| format!("n{number}")).collect();
    assert_holds_all(place.address(), &names);
    server.kill();

    // A record that was written whole and has changed since is no trace of a crash.
    let log = files(&place, "log").into_iter().rev().find(|path| {
        let bytes = fs::read(path).expect("it can be read");
        bytes.windows(4).any(|window| window == b"data")
    });
    let log = log.expect("a log has what was written");
    let bytes = fs::read(&log).unwrap();
    flip(&log, bytes.windows(4).rposition(|window| window == b"data").unwrap() as u64);
    let refusal = place.refusal();
    let named = format!("{} is corrupt at offset ", log.display());
    assert!(refusal.contains(&named), "{refusal}");
    assert!(refusal.contains("checksum mismatch; the last good transaction is 0|"), "{refusal}");
}

#[test]
fn a_directory_that_may_not_be_written_is_named() {
    let (_folder, place) = alone(SMALL);
    let mut server = start(&place);
    assert!(Client::connect(place.address()).unwrap().create("/a", b"").unwrap().is_ok());
    server.kill();
    let version = place.folder.join("data/version-2");
    let allow = |bits: &str| {
        let changed = Command::new("chmod").arg(bits).arg(&version).status();
        assert!(changed.is_ok_and(|it| it.success()));
    };
    allow("555");
    // Root may write whatever the bits say, unless that power is taken away.
    let root =
        fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0);
    let mut command = Command::new(if root { "setpriv" } else { "env" });
    if root {
        command.arg("--bounding-set=-dac_override");
    }
    let mut server = Process::start(
        command.arg(tools::vivarium()).arg("server").arg(place.folder.join("zoo.cfg")),
        &place.folder.join("log.txt"),
    );
    // What is there can be read and served; nothing new can be written.
    let ended = wait_for("it stops", || {
        if let Ok(mut client) = Client::connect(place.address()) {
            assert!(
                client.create("/b", b"").is_err(),
                "a write that is nowhere is not acknowledged"
            );
        }
        server.exited()
    });
    allow("755");
    assert_eq!(ended.code(), Some(1));
    let said = server.printed();
    assert!(said.contains("Permission denied"), "{said}");
    assert!(said.contains("/version-2/"), "it says where: {said}");
    let _server = start(&place);
    let mut client = Client::connect(place.address()).unwrap();
    assert!(client.get("/a").unwrap().is_some());
    assert!(client.create("/b", b"").unwrap().is_ok());
}

#[test]
fn a_server_purges_what_is_old_when_it_starts() {
    let purging = "autopurge.snapRetainCount=3\nautopurge.purgeInterval=24\n";
    let (_folder, place) = alone(&format!("{SMALL}{purging}"));
    let mut server = start(&place);
    let mut client = Client::connect(place.address()).unwrap();
    let names: Vec<String> = (0..400).map(|number| format!("n{number}")).collect();
    for name in &names {
        assert!(client.create(&format!("/{name}"), b"").unwrap().is_ok());
    }
    wait_for("it has written snapshots", || (files(&place, "snapshot").len() > 4).then_some(()));
    assert_eq!(server.terminate().code(), Some(0));
    server = start(&place);
    wait_for("it has purged", || (files(&place, "snapshot").len() == 3).then_some(()));
    wait_for("its log, too", || {
        (!place.folder.join("data/version-2/log.1").exists()).then_some(())
    });
    for _ in 0..2 {
        assert_holds_all(place.address(), &names);
        server.kill();
        server = start(&place);
    }
}

#[test]
fn a_learner_whose_transactions_were_purged_is_sent_the_tree() {
    let mut ensemble = Ensemble::start_with(3, 0, SMALL);
    let behind = ensemble.follower();
    let leader = ensemble.leader();
    let mut client = Client::connect(ensemble.place(behind).address()).unwrap();
    assert!(client.create("/first", b"").unwrap().is_ok());
    ensemble.kill(behind);
    let mut client = Client::connect(ensemble.place(leader).address()).unwrap();
    // More than a leader has in memory, so that it takes them from its log.
    let names: Vec<String> = (0..700).map(|number| format!("n{number}")).collect();
    for name in &names {
        assert!(client.create(&format!("/{name}"), b"").unwrap().is_ok());
    }
    // As a leader's own purge does, or an operator's tool, while it works.
    let logs = files(ensemble.place(leader), "log");
    for path in &logs[..logs.len() / 2] {
        fs::remove_file(path).expect("it is there");
    }
    ensemble.restart(behind);
    assert_eq!(ensemble.serving(behind), "follower");
    let said = ensemble.process(behind).printed();
    assert!(said.contains("the leader brings this server up to date by Snap"), "{said}");
    let said = ensemble.process(leader).printed();
    assert!(said.contains("the tree is sent instead"), "it had meant to send a DIFF: {said}");
    for place in ensemble.places() {
        assert_holds_all(place.address(), &names);
    }
}
