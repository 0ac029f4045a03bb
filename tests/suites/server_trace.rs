//! Simulator and server agree: what a process decided, folded as the page folds a simulated run,
//! gives at every moment how the process stood, and what it told its clients of itself.

use std::path::PathBuf;
use std::process::Command;
use vivarium_protocol::base::{Epoch, Zxid};
use vivarium_protocol::trace::PeerStatus;
use vivarium_server::trace_file::{FORMAT, Line, VERSION};
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{Place, configure, places};
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::{tools, wait_for, words};

/// Starts a server that writes its trace, and tells where.
fn start(place: &Place, life: usize) -> (Process, PathBuf) {
    let trace = place.folder.join(format!("trace-{life}.jsonl"));
    let mut command = Command::new(tools::vivarium());
    command.arg("server").arg(place.folder.join("zoo.cfg")).arg("--trace").arg(&trace);
    (Process::start(&mut command, &place.folder.join("log.txt")), trace)
}

/// Folds a trace, comparing it with every status in it; the last status, and how many there were.
fn fold(trace: &PathBuf) -> (PeerStatus, usize) {
    let text = std::fs::read_to_string(trace).expect("the trace was written");
    let mut folded = PeerStatus::born(Epoch(0), Epoch(0), Zxid::ZERO);
    let mut compared = 0;
    for (number, line) in text.lines().enumerate() {
        let line: Line = serde_json::from_str(line).expect("every line is whole");
        if let Some(head) = line.head {
            assert_eq!((number, head.format.as_str(), head.version), (0, FORMAT, VERSION));
        }
        if let Some(decision) = line.decision {
            folded.fold(&decision);
        }
        if let Some(status) = line.status {
            assert_eq!(folded, status, "{}:{}", trace.display(), number + 1);
            compared += 1;
        }
    }
    (folded, compared)
}

/// What a server says of itself by the word `srvr`: its mode and its last zxid.
fn said(place: &Place) -> (String, i64) {
    let text = words::ask(place.address(), "srvr").expect("it answers");
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name));
        line.expect("srvr says so").trim().to_owned()
    };
    let zxid = value("Zxid: 0x");
    (value("Mode: "), i64::from_str_radix(&zxid, 16).expect("a zxid is hexadecimal"))
}

fn mode(status: &PeerStatus) -> String {
    match status.role.name() {
        "LEADING" => "leader",
        "FOLLOWING" => "follower",
        other => other,
    }
    .to_owned()
}

fn write(at: &Place, life: usize) {
    for number in 0..20 {
        wait_for("a write succeeds", || {
            let mut client = Client::connect(at.address()).ok()?;
            client.create(&format!("/life-{life}-{number}"), b"x").ok()?.ok()
        });
    }
}

#[test]
fn folding_a_servers_trace_gives_how_it_stands_through_a_leaders_death_and_return() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    places.iter().for_each(|place| drop(configure(place, &places, "")));
    let mut running: Vec<_> = places.iter().map(|place| start(place, 0)).collect();
    for place in &places {
        wait_for("it serves", || words::mode(place.address()));
    }
    write(&places[0], 0);
    let leads = |place: &&Place| words::mode(place.address()).as_deref() == Some("leader");
    let leader = places.iter().find(leads).expect("somebody leads").id - 1;
    let (_, zxid) = said(&places[leader]);
    running[leader].0.kill();
    let (dead, compared) = fold(&running[leader].1);
    assert_eq!(mode(&dead), "leader");
    assert!(dead.last_committed.0 >= zxid && dead.serving && compared >= 3, "{compared}: {dead:?}");

    write(&places[(leader + 1) % 3], 1);
    running[leader] = start(&places[leader], 1);
    wait_for("it serves again", || words::mode(places[leader].address()));
    write(&places[leader], 2);
    let all_equal = || {
        let all: Vec<_> = places.iter().map(said).collect();
        all.windows(2).all(|two| two[0].1 == two[1].1).then_some(all)
    };
    // Its clients' sessions may still be closing.
    wait_for("nothing is under way", all_equal);
    // Followers first: who is left without a quorum decides more.
    let order = |at: &usize| words::mode(places[*at].address()).as_deref() == Some("leader");
    let mut ids = [0, 1, 2];
    ids.sort_by_key(order);
    let (mode_said, zxid_said) = said(&places[ids[0]]);
    assert!(running[ids[0]].0.terminate().success());
    let (status, compared) = fold(&running[ids[0]].1);
    assert_eq!((mode(&status), status.last_committed.0), (mode_said, zxid_said));
    assert!(compared >= 3);
    for at in &ids[1..] {
        assert!(running[*at].0.terminate().success());
        assert!(fold(&running[*at].1).1 >= 3);
    }
}
