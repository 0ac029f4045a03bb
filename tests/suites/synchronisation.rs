//! How a server that fell behind or went astray is brought up to date: DIFF, TRUNC and SNAP between
//! real processes, and a service under repeated murder.

use std::fs;
use std::path::Path;
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::{Ensemble, Place};
use vivarium_tests::load::{Writer, assert_holds_all};
use vivarium_tests::{wait_for, words};

fn log_of(place: &Place) -> String {
    fs::read_to_string(place.folder.join("log.txt")).expect("every server has a log")
}

/// The line that a server logs when its leader has chosen, the last one.
fn last_sync(place: &Place) -> String {
    let log = log_of(place);
    let told = log.lines().rfind(|line| line.contains("the leader brings this server up to date"));
    told.unwrap_or_default().to_owned()
}

fn assert_same_everywhere(ensemble: &Ensemble) {
    let mut trees = Vec::new();
    for place in ensemble.places() {
        let mut reader = Client::connect(place.address()).unwrap();
        reader.sync().unwrap();
        trees.push(reader.children("/").unwrap());
    }
    for tree in &trees[1..] {
        assert_eq!(tree, &trees[0], "every server has the same");
    }
}

#[test]
fn what_a_lone_leader_logged_and_nobody_acknowledged_is_cut_off() {
    // A leader looks once a tick whether it still has a quorum: time enough for one more request.
    let mut ensemble = Ensemble::start_with(3, 0, "tickTime=3000\n");
    let leader = ensemble.leader();
    let followers: Vec<usize> = (1..=3).filter(|id| *id != leader).collect();
    let mut client = Client::connect(ensemble.place(leader).address()).unwrap();
    assert!(client.create("/decided", b"").unwrap().is_ok());
    let decided = client.zxid;

    for id in &followers {
        ensemble.kill(*id);
    }
    // Nobody will acknowledge this.
    client.send(&create("/stray", b"", 0)).unwrap();
    assert!(client.receive(|_| Some(1)).is_err(), "the client never hears that it was done");
    ensemble.kill(leader);

    for id in &followers {
        ensemble.restart(*id);
    }
    let mode = ensemble.serving(followers[0]);
    assert!(mode == "leader" || mode == "follower");
    ensemble.restart(leader);
    assert_eq!(ensemble.serving(leader), "follower");
    let told = last_sync(ensemble.place(leader));
    assert!(told.contains(&format!("Trunc {decided}")), "it is told to cut: `{told}`");
    for place in ensemble.places() {
        let mut reader = Client::connect(place.address()).unwrap();
        reader.sync().unwrap();
        assert!(reader.get("/decided").unwrap().is_some());
        assert_eq!(reader.get("/stray").unwrap(), None, "server {} has a stray", place.id);
    }
}

/// Removes the log files that the newest snapshot makes superfluous, as a purge does.
fn purge(data: &Path) {
    let files = || fs::read_dir(data.join("version-2")).expect("it has data");
    let zxid = |name: &str, kind: &str| {
        name.strip_prefix(kind).and_then(|hex| i64::from_str_radix(hex, 16).ok())
    };
    let names: Vec<String> =
        files().map(|it| it.unwrap().file_name().to_string_lossy().into_owned()).collect();
    let snapshot = names.iter().filter_map(|name| zxid(name, "snapshot.")).max().unwrap();
    let mut logs: Vec<i64> = names.iter().filter_map(|name| zxid(name, "log.")).collect();
    logs.sort_unstable();
    // The last log file that begins at or before the snapshot may go on beyond it.
    let keep = logs.iter().rposition(|first| *first <= snapshot + 1).unwrap_or(0);
    for first in &logs[..keep] {
        fs::remove_file(data.join(format!("version-2/log.{first:x}"))).unwrap();
    }
    assert!(keep > 0, "there is something to purge in {names:?}");
}

#[test]
fn a_server_with_an_empty_disk_gets_the_whole_tree_when_the_logs_were_purged() {
    let mut ensemble = Ensemble::start_with(3, 0, "snapCount=40\n");
    let mut client = Client::connect(ensemble.place(1).address()).unwrap();
    for number in 0..200 {
        assert!(client.create(&format!("/n{number}"), b"x").unwrap().is_ok());
    }
    for place in ensemble.places() {
        let snapshots = "snapshot written at";
        wait_for("it has written snapshots", || log_of(place).contains(snapshots).then_some(()));
    }
    let emptied = ensemble.follower();
    for id in 1..=3 {
        assert_eq!(ensemble.process(id).terminate().code(), Some(0));
        let data = ensemble.place(id).folder.join("data");
        if id == emptied {
            fs::remove_dir_all(data.join("version-2")).unwrap();
        } else {
            purge(&data);
        }
    }
    for id in (1..=3).filter(|id| *id != emptied) {
        ensemble.restart(id);
    }
    wait_for("two of three serve", || ensemble.in_mode("leader").first().copied());
    ensemble.restart(emptied);
    assert_eq!(ensemble.serving(emptied), "follower");
    let told = last_sync(ensemble.place(emptied));
    assert!(told.contains("Snap"), "it is sent the whole tree: `{told}`");
    assert_same_everywhere(&ensemble);

    assert_eq!(ensemble.process(emptied).terminate().code(), Some(0));
    ensemble.restart(emptied);
    assert_eq!(ensemble.serving(emptied), "follower", "what it was sent is on its disk");
    assert_same_everywhere(&ensemble);
}

#[test]
fn a_service_whose_servers_are_killed_in_turn_keeps_every_promise() {
    let mut ensemble = Ensemble::start(5, 0);
    let writers: Vec<Writer> = (0..3)
        .map(|number| {
            let mut servers: Vec<_> = ensemble.places().iter().map(|it| it.address()).collect();
            servers.rotate_left(number);
            Writer::start(servers, &format!("w{number}-"))
        })
        .collect();
    let written = || writers.iter().map(Writer::count).sum::<usize>();
    for round in 0..6 {
        let before = written();
        wait_for("writes go on", || (written() > before + 100).then_some(()));
        // The leader and one more in every other round: three of five remain.
        let leader = ensemble.leader();
        let other = leader % 5 + 1;
        let killed: &[usize] = if round % 2 == 0 { &[leader] } else { &[leader, other] };
        for id in killed {
            ensemble.kill(*id);
        }
        let before = written();
        wait_for("writes go on without them", || (written() > before + 100).then_some(()));
        for id in killed {
            ensemble.restart(*id);
        }
        for id in killed {
            let mode = ensemble.serving(*id);
            assert!(["leader", "follower"].contains(&mode.as_str()));
        }
    }
    let acknowledged: Vec<String> = writers.into_iter().flat_map(Writer::finish).collect();
    for place in ensemble.places() {
        assert_holds_all(place.address(), &acknowledged);
    }
    assert_same_everywhere(&ensemble);
}

/// How many followers a leader counts as up to date.
fn synced_followers(leader: &Place) -> Option<String> {
    let report = words::ask(leader.address(), "mntr")?;
    report.lines().find_map(|it| it.strip_prefix("zk_synced_followers\t")).map(str::to_owned)
}

#[test]
fn a_follower_that_froze_is_given_up_and_comes_back() {
    let mut ensemble = Ensemble::start(3, 0);
    let (leader, frozen) = (ensemble.leader(), ensemble.follower());
    ensemble.process(frozen).signal("STOP");
    let mut client = Client::connect(ensemble.place(leader).address()).unwrap();
    for number in 0..50 {
        assert!(client.create(&format!("/n{number}"), b"x").unwrap().is_ok());
    }
    wait_for("the leader gives it up", || {
        (synced_followers(ensemble.place(leader))? == "1").then_some(())
    });
    assert!(client.create("/after", b"x").unwrap().is_ok());
    ensemble.process(frozen).signal("CONT");
    wait_for("the leader counts it again", || {
        (synced_followers(ensemble.place(leader))? == "2").then_some(())
    });
    assert_eq!(ensemble.serving(frozen), "follower");
    assert_same_everywhere(&ensemble);
}

#[test]
fn a_leader_that_froze_finds_itself_deposed() {
    let mut ensemble = Ensemble::start(3, 1);
    let servers: Vec<_> = ensemble.places().iter().map(|it| it.address()).collect();
    let frozen = ensemble.leader();
    let mut at_the_old = Client::connect(ensemble.place(frozen).address()).unwrap();
    assert!(at_the_old.create("/before", b"").unwrap().is_ok());
    ensemble.process(frozen).signal("STOP");

    let others: Vec<_> =
        servers.iter().copied().filter(|it| *it != ensemble.place(frozen).address()).collect();
    let writer = Writer::start(others, "w");
    wait_for("writes go on under another leader", || (writer.count() > 100).then_some(()));
    // What this client asks waits in the frozen leader's socket, and must never be done by it.
    at_the_old.send(&create("/stale", b"", 0)).unwrap();
    ensemble.process(frozen).signal("CONT");
    assert!(at_the_old.receive(|_| Some(1)).is_err(), "it is hung up on");
    wait_for("the old leader follows", || {
        ensemble.in_mode("follower").contains(&frozen).then_some(())
    });
    let acknowledged = writer.finish();
    for place in ensemble.places() {
        assert_holds_all(place.address(), &acknowledged);
    }
    assert_eq!(ensemble.serving(4), "observer", "the observer went along");
    assert_same_everywhere(&ensemble);
}
