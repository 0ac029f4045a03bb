//! Rolling replacement: each server of a working Apache ensemble is replaced by ours, in place, on
//! its own zoo.cfg and data directory, and then each of ours by Apache's, while clients write. What
//! was acknowledged is there at the end, and a session has lived through all of it.

use vivarium_protocol::message::{Op, ReplyBody};
use vivarium_tests::client::create;
use vivarium_tests::load::{Holder, Writer, assert_holds_all};
use vivarium_tests::mixed::Kind::{Apache, Vivarium};
use vivarium_tests::mixed::{Mixed, Tree, subtree};
use vivarium_tests::{wait_for, words};

/// Small enough that logs roll and snapshots are taken on the way.
const SETTINGS: &str = "snapCount=300\npreAllocSize=1024\n";

/// What is there before, of every lasting sort.
fn fill(mixed: &Mixed) {
    let mut client = mixed.client(1);
    let set = Op::SetData { path: Some("/lasting/a".to_owned()), data: None, version: 0 };
    let remove = Op::Delete { path: Some("/lasting/gone".to_owned()), version: -1 };
    for op in [
        create("/lasting", b"\x00\xff", 0),
        create("/lasting/a", b"old", 0),
        create("/lasting/gone", b"", 0),
        create("/lasting/numbered-", b"", 2),
        set,
        remove,
    ] {
        client.request(&op).unwrap().unwrap();
    }
    let multi = Op::Multi(vec![create("/lasting/m", b"", 0), create("/lasting/m/n", b"", 0)]);
    assert!(matches!(client.request(&multi).unwrap(), Ok(ReplyBody::Multi(_))));
    client.close().unwrap();
}

fn lasting(mixed: &Mixed, id: usize) -> Tree {
    // A change of leaders hangs up on clients, as ZooKeeper's servers do.
    wait_for("a server that serves", || subtree(&mut mixed.client(id), "/lasting").ok())
}

#[test]
fn an_apache_ensemble_is_replaced_server_by_server_and_back_under_load() {
    let mut mixed = Mixed::new(3, 0, SETTINGS);
    for id in 1..=3 {
        mixed.start(id, Apache);
    }
    for id in 1..=3 {
        assert!(["leader", "follower"].contains(&mixed.serving(id).as_str()));
    }
    fill(&mixed);
    let before = lasting(&mixed, 2);
    let holder = Holder::start(mixed.addresses(), "/alive");
    let writers: Vec<Writer> = (0..2)
        .map(|number| {
            let mut servers = mixed.addresses();
            servers.rotate_left(number + 1);
            Writer::start(servers, &format!("w{number}-"))
        })
        .collect();
    let written = || writers.iter().map(Writer::count).sum::<usize>();
    let go_on = |words: &str| {
        let before = written();
        wait_for(words, || (written() > before + 150).then_some(()));
    };
    for kind in [Vivarium, Apache] {
        for id in [2, 1, 3] {
            go_on("writes go on");
            mixed.stop(id);
            go_on("writes go on without it");
            mixed.start(id, kind);
            let mode = mixed.serving(id);
            assert!(["leader", "follower"].contains(&mode.as_str()), "{mode}");
            assert_eq!(lasting(&mixed, id), before, "server {id} of {kind:?}");
        }
        go_on("writes go on with all of them");
    }
    let acknowledged: Vec<String> = writers.into_iter().flat_map(Writer::finish).collect();
    for place in mixed.places() {
        assert_holds_all(place.address(), &acknowledged);
    }
    mixed.assert_agreement();
    assert!(holder.moves() >= 2, "its server was replaced twice");
    let session = holder.session;
    assert_eq!(holder.finish(), None, "the session and its node lived all the time");
    for id in 1..=3 {
        let (_, stat) = mixed.client(id).get("/alive").unwrap().expect("it is there");
        assert_eq!(stat.ephemeral_owner, session);
        let version = words::ask(mixed.place(id).address(), "srvr").expect("it serves");
        assert!(version.starts_with("Zookeeper version: 3"), "Apache again: {version}");
    }
}
