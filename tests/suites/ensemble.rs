//! Three processes as one service: they elect, they lose their leader, they come back from disk.

use std::net::SocketAddr;
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody, WatchEventKind};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::load::{Writer, assert_holds_all};
use vivarium_tests::{wait_for, words};

#[test]
fn three_servers_elect_one_leader_and_serve_one_tree() {
    let ensemble = Ensemble::start(3, 0);
    assert_eq!(ensemble.in_mode("leader").len(), 1, "one leads");
    assert_eq!(ensemble.in_mode("follower").len(), 2, "the others follow");

    let mut writer = Client::connect(ensemble.place(ensemble.follower()).address()).unwrap();
    assert!(writer.create("/shared", b"one tree").unwrap().is_ok());
    for place in ensemble.places() {
        let mut reader = Client::connect(place.address()).unwrap();
        reader.sync().unwrap();
        let (data, stat) = reader.get("/shared").unwrap().expect("a sync has brought it here");
        assert_eq!(data.as_deref(), Some(&b"one tree"[..]), "at server {}", place.id);
        assert_eq!(stat.czxid, writer.zxid, "the same transaction at server {}", place.id);
        reader.close().unwrap();
    }
    writer.close().unwrap();
}

#[test]
fn groups_and_weights_decide_who_leads_and_what_is_a_quorum() {
    let hierarchy = "group.1=1:2:3\ngroup.2=4:5\nweight.4=0\nweight.5=0\n";
    let mut ensemble = Ensemble::start_with(5, 0, hierarchy);
    let leader = ensemble.leader();
    assert!(leader <= 3, "{leader} weighs nothing and leads");

    let spared = (1..=3).rev().find(|id| *id != leader).expect("two of three do not lead");
    for id in [4, 5, 6 - leader - spared] {
        ensemble.kill(id);
    }
    let mut client = Client::connect(ensemble.place(leader).address()).unwrap();
    let created = client.create("/by-two-of-five", b"");
    assert!(
        created.unwrap().is_ok(),
        "two of five are a quorum: they win the only group that counts"
    );
    client.close().unwrap();
}

#[test]
fn an_observer_serves_what_the_voters_decide() {
    let ensemble = Ensemble::start(3, 1);
    assert_eq!(ensemble.serving(4), "observer");
    let mut client = Client::connect(ensemble.place(4).address()).unwrap();
    assert!(client.create("/through-the-observer", b"").unwrap().is_ok());
    assert!(client.get("/through-the-observer").unwrap().is_some(), "it reads its own write");
    client.close().unwrap();
}

#[test]
fn a_session_moves_with_its_client_and_its_ephemerals_end_with_it() {
    let ensemble = Ensemble::start(3, 0);
    let (here, there) = (ensemble.place(1).address(), ensemble.place(2).address());
    let mut client = Client::connect(here).unwrap();
    assert!(client.request(&create("/mine", b"", 1)).unwrap().is_ok());
    let (session, seen) = (client.session.clone(), client.zxid);
    drop(client);

    let mut moved = wait_for("the other server has caught up with the client", || {
        let request = vivarium_protocol::wire::client::ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: seen,
            timeout_ms: 10_000,
            session: session.session,
            password: Some(session.password.to_vec().into()),
            read_only: Some(false),
        };
        Client::connect_with(there, &request).ok()
    });
    assert_eq!(moved.session.session, session.session, "the session goes on");
    let (_, stat) = moved.get("/mine").unwrap().expect("its ephemeral has stayed");
    assert_eq!(stat.ephemeral_owner, session.session.0);
    moved.close().unwrap();

    let mut other = Client::connect(there).unwrap();
    other.sync().unwrap();
    assert_eq!(other.get("/mine").unwrap(), None, "it has gone with its session");
}

#[test]
fn a_watch_tells_of_a_change_before_a_read_can_show_it() {
    let ensemble = Ensemble::start(3, 0);
    let mut watcher = Client::connect(ensemble.place(1).address()).unwrap();
    assert!(watcher.create("/watched", b"old").unwrap().is_ok());
    let watch = Op::GetData { path: Some("/watched".to_owned()), watch: true };
    assert!(watcher.request(&watch).unwrap().is_ok());

    let mut writer = Client::connect(ensemble.place(2).address()).unwrap();
    let data = Some(bytes::Bytes::from_static(b"new"));
    writer.sync().unwrap();
    let set = Op::SetData { path: Some("/watched".to_owned()), data, version: 0 };
    assert!(writer.request(&set).unwrap().is_ok());

    wait_for("the change reaches the watcher", || {
        let (data, _) = watcher.get("/watched").unwrap().expect("it is there");
        let changed = data.as_deref() == Some(&b"new"[..]);
        assert!(!changed || watcher.events.len() == 1, "the event comes first");
        changed.then_some(())
    });
    assert_eq!(watcher.events[0].kind, WatchEventKind::DataChanged);
}

#[test]
fn a_killed_leader_loses_no_acknowledged_write_and_the_service_goes_on() {
    let mut ensemble = Ensemble::start(3, 0);
    let servers = ensemble.places().iter().map(|it| it.address()).collect();
    let writer = Writer::start(servers, "n");
    wait_for("the writer is at work", || (writer.count() > 200).then_some(()));

    let leader = ensemble.leader();
    ensemble.kill(leader);
    let before = writer.count();
    wait_for("writes go on without it", || (writer.count() > before + 200).then_some(()));
    assert_ne!(ensemble.leader(), leader, "another leads");

    ensemble.restart(leader);
    assert_eq!(ensemble.serving(leader), "follower", "the old leader follows the new one");
    let acknowledged = writer.finish();
    for place in ensemble.places() {
        assert_holds_all(place.address(), &acknowledged);
    }
}

#[test]
fn a_server_restarted_from_its_disk_catches_up_with_what_it_missed() {
    let mut ensemble = Ensemble::start(3, 0);
    let follower = ensemble.follower();
    let others: Vec<SocketAddr> =
        ensemble.places().iter().filter(|it| it.id != follower).map(|it| it.address()).collect();
    let mut client = Client::connect(others[0]).unwrap();
    assert!(client.create("/before", b"").unwrap().is_ok());

    ensemble.kill(follower);
    // More than the 500 transactions that a leader keeps in memory: the rest comes from its disk.
    for number in 0..700 {
        assert!(client.create(&format!("/missed-{number:03}"), b"x").unwrap().is_ok());
    }
    ensemble.restart(follower);
    assert_eq!(ensemble.serving(follower), "follower");

    let mut reader = Client::connect(ensemble.place(follower).address()).unwrap();
    reader.sync().unwrap();
    let children = reader.children("/").unwrap();
    assert_eq!(children.iter().filter(|name| name.starts_with("missed-")).count(), 700);
    assert!(children.contains(&"before".to_owned()));
    assert_eq!(children, client.children("/").unwrap(), "the same as the other server");
}

#[test]
fn an_ensemble_stopped_as_a_whole_comes_back_with_everything() {
    let mut ensemble = Ensemble::start(3, 0);
    let mut client = Client::connect(ensemble.place(1).address()).unwrap();
    assert!(client.create("/kept", b"through the night").unwrap().is_ok());
    client.close().unwrap();
    for id in 1..=3 {
        let status = ensemble.process(id).terminate();
        assert_eq!(status.code(), Some(0), "SIGTERM stops server {id} cleanly");
    }
    for id in 1..=3 {
        ensemble.restart(id);
    }
    for id in 1..=3 {
        let mode = ensemble.serving(id);
        let mut reader = Client::connect(ensemble.place(id).address()).unwrap();
        reader.sync().unwrap();
        let found = reader.get("/kept").unwrap();
        assert!(found.is_some(), "server {id}, now {mode}, has forgotten");
    }
}

#[test]
fn without_a_majority_nothing_is_served() {
    let mut ensemble = Ensemble::start(3, 0);
    let leader = ensemble.leader();
    let followers: Vec<usize> = (1..=3).filter(|id| *id != leader).collect();
    for id in &followers {
        ensemble.kill(*id);
    }
    let address = ensemble.place(leader).address();
    wait_for("the leader gives up", || words::mode(address).is_none().then_some(()));
    let refusal = words::ask(address, "srvr").expect("it still answers");
    assert_eq!(refusal, "This ZooKeeper instance is not currently serving requests\n");
    assert_eq!(words::ask(address, "ruok").as_deref(), Some("imok"));
    assert!(Client::connect(address).is_err(), "a client is turned away without an answer");

    ensemble.restart(followers[0]);
    wait_for("two of three serve again", || words::mode(address));
}

#[test]
fn a_transaction_of_several_operations_is_done_whole_or_not_at_all() {
    let ensemble = Ensemble::start(3, 0);
    let mut client = Client::connect(ensemble.place(ensemble.follower()).address()).unwrap();
    let good = Op::Multi(vec![create("/m", b"", 0), create("/m/child", b"", 0)]);
    let Ok(ReplyBody::Multi(results)) = client.request(&good).unwrap() else {
        panic!("it is done whole");
    };
    assert_eq!(results.len(), 2);
    let bad = Op::Multi(vec![create("/other", b"", 0), create("/m", b"", 0)]);
    let Ok(ReplyBody::Multi(results)) = client.request(&bad).unwrap() else {
        panic!("a failed multi has results, too");
    };
    let codes: Vec<i32> = results
        .iter()
        .map(|it| match it {
            vivarium_protocol::message::MultiResult::Error(code) => *code,
            other => panic!("{other:?} in a multi that failed"),
        })
        .collect();
    assert_eq!(codes, [0, ErrorCode::NodeExists.number()]);
    assert_eq!(client.get("/other").unwrap(), None, "nothing of it was done");
}
