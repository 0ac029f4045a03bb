//! Operations beyond the common ones, sent to servers over TCP: watches that last, containers and
//! nodes with a time to live, quotas, several reads at once, and what no client may ask.

use bytes::Bytes;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::{
    Acl, CreateOp, ErrorCode, MultiResult, Op, ReplyBody, WatchEventKind, WatcherType,
};
use vivarium_protocol::wire::client::{ConnectRequest, FromServer};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::wait_for;

fn some(path: &str) -> Option<String> {
    Some(path.to_owned())
}

fn done(client: &mut Client, op: &Op) -> ReplyBody {
    client.request(op).expect("the server answers").unwrap_or_else(|code| panic!("{op:?}: {code}"))
}

fn refused(client: &mut Client, op: &Op) -> i32 {
    client.request(op).expect("the server answers").expect_err("it is refused").number()
}

fn delete(path: &str) -> Op {
    Op::Delete { path: some(path), version: -1 }
}

fn set(path: &str, text: &str) -> Op {
    let data = Some(Bytes::copy_from_slice(text.as_bytes()));
    Op::SetData { path: some(path), data, version: -1 }
}

fn made_by(op: CreateOp, path: &str, flags: i32, ttl_ms: i64) -> Op {
    Op::Create { op, path: some(path), data: None, acl: Some(vec![Acl::open()]), flags, ttl_ms }
}

/// Everything that a connection has heard of by now: a sync comes after all that was decided.
fn heard(client: &mut Client) -> Vec<String> {
    client.sync().expect("the server answers");
    let word = |kind| match kind {
        WatchEventKind::Created => "created",
        WatchEventKind::Deleted => "deleted",
        WatchEventKind::DataChanged => "changed",
        WatchEventKind::ChildrenChanged => "children",
    };
    client.events.drain(..).map(|event| format!("{} {}", word(event.kind), event.path)).collect()
}

/// A watcher at a follower, and a writer at the leader.
fn watcher_and_writer(ensemble: &Ensemble) -> (Client, Client) {
    let at = |id: usize| Client::connect(ensemble.place(id).address()).expect("a session");
    (at(ensemble.follower()), at(ensemble.leader()))
}

#[test]
fn a_watch_that_lasts_tells_of_every_change_until_it_is_removed() {
    let ensemble = Ensemble::start(3, 0);
    let (mut watcher, mut writer) = watcher_and_writer(&ensemble);
    let add = |path, recursive| Op::AddWatch { path: some(path), recursive };
    assert_eq!(done(&mut watcher, &add("/level", false)), ReplyBody::Number(0));
    assert_eq!(done(&mut watcher, &add("/deep", true)), ReplyBody::Number(0));
    for round in 0..2 {
        for path in ["/level", "/level/a", "/level/a/b", "/deep", "/deep/a", "/deep/a/b"] {
            done(&mut writer, &create(path, b"", 0));
        }
        done(&mut writer, &set("/level/a", "x"));
        done(&mut writer, &set("/deep/a/b", "x"));
        for path in ["/level/a/b", "/level/a", "/level", "/deep/a/b", "/deep/a", "/deep"] {
            done(&mut writer, &delete(path));
        }
        let expected = [
            "created /level",
            "children /level",
            "created /deep",
            "created /deep/a",
            "created /deep/a/b",
            "changed /deep/a/b",
            "children /level",
            "deleted /level",
            "deleted /deep/a/b",
            "deleted /deep/a",
            "deleted /deep",
        ];
        assert_eq!(heard(&mut watcher), expected, "round {round}");
    }
    let any = |path| (some(path), WatcherType::Any);
    let (path, kind) = any("/level");
    done(&mut watcher, &Op::CheckWatches { path: path.clone(), kind });
    done(&mut watcher, &Op::RemoveWatches { path: path.clone(), kind });
    assert_eq!(refused(&mut watcher, &Op::CheckWatches { path, kind }), -121);
    let (path, kind) = (some("/deep"), WatcherType::Persistent);
    assert_eq!(refused(&mut watcher, &Op::RemoveWatches { path, kind }), -121, "it is recursive");
    done(&mut writer, &create("/level", b"", 0));
    done(&mut writer, &create("/deep", b"", 0));
    assert_eq!(heard(&mut watcher), ["created /deep"]);
}

#[test]
fn a_client_that_comes_back_at_another_server_sets_its_lasting_watches_again() {
    let mut ensemble = Ensemble::start(3, 0);
    let (mut watcher, mut writer) = watcher_and_writer(&ensemble);
    done(&mut watcher, &Op::AddWatch { path: some("/"), recursive: true });
    done(&mut writer, &create("/a", b"", 0));
    assert_eq!(heard(&mut watcher), ["created /a"]);
    let (session, seen) = (watcher.session.clone(), watcher.zxid);
    let first = ensemble.follower();
    ensemble.kill(first);
    done(&mut writer, &create("/b", b"", 0));
    let again = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: seen,
        timeout_ms: session.timeout_ms,
        session: session.session,
        password: Some(Bytes::copy_from_slice(&session.password)),
        read_only: Some(false),
    };
    let mut watcher = wait_for("a server takes the session", || {
        let place = ensemble.alive().find(|place| place.id != ensemble.leader())?;
        Client::connect_with(place.address(), &again).ok()
    });
    let set_again = Op::SetWatches {
        two: true,
        relative_zxid: seen,
        data: vec!["/a".to_owned()],
        exist: vec!["/b".to_owned()],
        child: vec!["/".to_owned()],
        persistent: vec![],
        recursive: vec!["/".to_owned()],
    };
    watcher.sync().expect("the server answers");
    done(&mut watcher, &set_again);
    let missed: Vec<(WatchEventKind, Zxid)> =
        watcher.events.drain(..).map(|event| (event.kind, event.zxid)).collect();
    let kinds = [WatchEventKind::Created, WatchEventKind::ChildrenChanged];
    assert_eq!(missed, kinds.map(|kind| (kind, Zxid(-1))), "of /b, and nothing of what lasts");
    done(&mut writer, &set("/a", "x"));
    done(&mut writer, &delete("/b"));
    assert_eq!(heard(&mut watcher), ["changed /a", "deleted /b"], "each once");
}

#[test]
fn containers_and_nodes_past_their_time_go_by_themselves() {
    let extra = "extendedTypesEnabled=true\nznode.container.checkIntervalMs=100\n";
    let ensemble = Ensemble::start_with(3, 0, extra);
    let (mut watcher, mut writer) = watcher_and_writer(&ensemble);
    done(&mut watcher, &Op::AddWatch { path: some("/"), recursive: true });
    let container = made_by(CreateOp::CreateContainer, "/locks", 4, -1);
    let ReplyBody::PathStat { stat, .. } = done(&mut watcher, &container) else {
        panic!("a container is answered with its Stat");
    };
    assert_eq!(stat.ephemeral_owner, 0, "no client sees the mark");
    done(&mut watcher, &made_by(CreateOp::CreateTtl, "/brief", 5, 50));
    done(&mut watcher, &made_by(CreateOp::CreateTtl, "/long", 5, 1_000_000));
    done(&mut writer, &create("/locks/one", b"", 1));
    let mut gone = |path: &str| {
        let word = format!("deleted {path}");
        wait_for(&word, || heard(&mut watcher).contains(&word).then_some(()));
    };
    gone("/brief");
    done(&mut writer, &delete("/locks/one"));
    gone("/locks");
    for place in ensemble.places() {
        let mut client = Client::connect(place.address()).expect("a session");
        client.sync().expect("the server answers");
        assert_eq!(client.children("/").unwrap(), ["long", "zookeeper"], "server {}", place.id);
    }
    let late = made_by(CreateOp::CreateTtl, "/never", 5, 0);
    assert_eq!(refused(&mut writer, &late), -8, "no time at all");
}

#[test]
fn time_to_live_is_refused_where_it_is_not_asked_for() {
    let ensemble = Ensemble::standalone();
    let mut client = Client::connect(ensemble.place(1).address()).expect("a session");
    assert_eq!(refused(&mut client, &made_by(CreateOp::CreateTtl, "/brief", 5, 50)), -6);
    done(&mut client, &made_by(CreateOp::CreateContainer, "/container", 4, -1));
}

const STATS: &str = "/zookeeper/quota/a/zookeeper_stats";

/// The text of the figures that one server keeps.
fn figures(ensemble: &Ensemble, id: usize) -> String {
    let mut client = Client::connect(ensemble.place(id).address()).expect("a session");
    client.sync().expect("the server answers");
    let (data, stat) = client.get(STATS).unwrap().expect("the figures are there");
    assert_eq!(stat.version, 0, "nobody has set them");
    String::from_utf8(data.expect("not null").to_vec()).expect("text")
}

#[test]
fn every_server_keeps_the_figures_of_a_quota_and_refuses_what_exceeds_it() {
    let mut ensemble = Ensemble::start_with(3, 0, "enforceQuota=true\n");
    let (mut client, mut other) = watcher_and_writer(&ensemble);
    done(&mut client, &create("/a", b"12", 0));
    done(&mut client, &create("/zookeeper/quota/a", b"", 0));
    let limits = b"count=-1,bytes=-1=;byteHardLimit=10;countHardLimit=3";
    done(&mut client, &create("/zookeeper/quota/a/zookeeper_limits", limits, 0));
    done(&mut client, &create(STATS, b"count=-1,bytes=-1", 0));
    done(&mut other, &create("/a/b", b"345", 0));
    assert_eq!(refused(&mut client, &create("/a/c", b"678901", 0)), -125, "11 bytes");
    assert_eq!(refused(&mut client, &set("/a/b", "123456789")), -125, "11 bytes");
    done(&mut client, &create("/a/c", b"6789", 0));
    assert_eq!(refused(&mut other, &create("/a/d", b"", 0)), -125, "a fourth node");
    let several = Op::Multi(vec![create("/x", b"", 0), create("/a/d", b"", 0)]);
    let results = [MultiResult::Error(0), MultiResult::Error(-125)].to_vec();
    assert_eq!(done(&mut other, &several), ReplyBody::Multi(results));
    done(&mut other, &delete("/a/b"));
    for id in 1..=3 {
        assert_eq!(figures(&ensemble, id), "count=2,bytes=6", "server {id}");
    }
    let follower = ensemble.follower();
    ensemble.kill(follower);
    done(&mut other, &create("/a/e", b"", 0));
    ensemble.restart(follower);
    assert_eq!(ensemble.serving(follower), "follower");
    assert_eq!(figures(&ensemble, follower), "count=3,bytes=6", "counted anew, and caught up");
}

#[test]
fn several_reads_come_in_one_answer() {
    let ensemble = Ensemble::start(3, 0);
    let (mut client, _) = watcher_and_writer(&ensemble);
    done(&mut client, &create("/a", b"x", 0));
    let (_, stat) = client.get("/a").unwrap().expect("it was made");
    let reads = Op::MultiRead(vec![
        Op::GetData { path: some("/a"), watch: true },
        Op::GetChildren { path: some("/"), watch: true },
        Op::GetData { path: some("/none"), watch: false },
    ]);
    let expected = vec![
        MultiResult::Data { data: Some(Bytes::from_static(b"x")), stat },
        MultiResult::Children(vec!["a".to_owned(), "zookeeper".to_owned()]),
        MultiResult::Error(-101),
    ];
    assert_eq!(done(&mut client, &reads), ReplyBody::Multi(expected));
    done(&mut client, &delete("/a"));
    assert!(heard(&mut client).is_empty(), "none of them has left a watch");
    let mixed = Op::MultiRead(vec![delete("/a")]);
    assert_eq!(refused(&mut client, &mixed), -5);
}

#[test]
fn a_reconfiguration_is_answered_as_disabled_by_whoever_is_asked() {
    let ensemble = Ensemble::start(3, 0);
    let (mut at_follower, mut at_leader) = watcher_and_writer(&ensemble);
    let leaving = some("1");
    let op = Op::Reconfig { joining: None, leaving, members: None, config_id: -1 };
    assert_eq!(refused(&mut at_follower, &op), -123);
    assert_eq!(refused(&mut at_leader, &op), -123);
    let (data, stat) = at_follower.get("/zookeeper/config").unwrap().expect("it is reserved");
    let text = String::from_utf8(data.expect("not null").to_vec()).expect("text");
    let lines: Vec<&str> = text.lines().collect();
    for (place, line) in ensemble.places().iter().zip(&lines) {
        let (id, quorum, election) = (place.id, place.quorum, place.election);
        let expected = format!("server.{id}=127.0.0.1:{quorum}:{election}:participant");
        assert!(line.starts_with(&expected), "{line}");
    }
    assert_eq!((lines.len(), lines[3], text.ends_with('\n')), (4, "version=0", false), "{text}");
    assert_eq!((stat.version, stat.aversion, stat.mzxid), (-1, -1, Zxid::ZERO));
}

#[test]
fn what_no_client_may_ask_ends_its_connection() {
    let ensemble = Ensemble::standalone();
    let address = ensemble.place(1).address();
    for op in [
        Op::DeleteContainer { path: "/zookeeper".to_owned() },
        Op::Check { path: some("/"), version: -1 },
        Op::CreateSession { timeout_ms: 4000 },
        Op::Unsupported { opcode: 0 },
        Op::Unsupported { opcode: 10 },
        Op::Unsupported { opcode: 23 },
        Op::Unsupported { opcode: -1 },
    ] {
        let mut client = Client::connect(address).expect("a session");
        let cxid = client.send(&op).expect("it is sent");
        // Any opcode will do to read an error; -10 would be read as a handshake.
        let Ok(FromServer::Reply(reply)) = client.receive(|_| Some(1)) else {
            panic!("{op:?} is not answered");
        };
        assert_eq!((reply.cxid, reply.zxid), (cxid, Zxid(-1)), "{op:?}");
        assert_eq!(reply.result, Err(ErrorCode::Unimplemented), "{op:?}");
        assert!(client.receive(|_| Some(1)).is_err(), "{op:?} leaves the connection open");
    }
}
