//! Sessions of every kind, as clients of real processes see them: local ones, those that become
//! global, and those of a server that has lost its quorum.

use bytes::Bytes;
use std::net::SocketAddr;
use vivarium_protocol::base::{SessionId, Zxid};
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody};
use vivarium_protocol::wire::client::{ConnectRequest, ConnectResponse};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::{wait_for, words};

const EPHEMERAL: i32 = 1;

fn asking(timeout_ms: i32, read_only: Option<bool>) -> ConnectRequest {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid::ZERO,
        timeout_ms,
        session: SessionId(0),
        password: Some(Bytes::from_static(&[0; 16])),
        read_only,
    }
}

/// What a client sends that comes back with its session.
fn again(session: &ConnectResponse) -> ConnectRequest {
    let password = Some(Bytes::copy_from_slice(&session.password));
    ConnectRequest {
        session: session.session,
        password,
        ..asking(session.timeout_ms, session.read_only)
    }
}

fn global_sessions(server: SocketAddr) -> usize {
    figure(server, "zk_global_sessions")
}

fn figure(server: SocketAddr, key: &str) -> usize {
    let report = words::ask(server, "mntr").expect("the server answers");
    let line = report.lines().find_map(|line| line.strip_prefix(key)).expect("mntr has the line");
    line.trim().parse().expect("it is a number")
}

/// Whether a session may go on at a server: the handshake says so.
fn resumes(server: SocketAddr, session: &ConnectResponse) -> bool {
    let answer = Client::connect_with(server, &again(session)).expect("the handshake is answered");
    assert_eq!(answer.session.timeout_ms > 0, answer.session.session.0 != 0, "both say the same");
    answer.session.timeout_ms > 0
}

#[test]
fn a_local_session_costs_nothing_and_is_known_to_its_server_alone() {
    let ensemble = Ensemble::start_with(3, 0, "localSessionsEnabled=true\n");
    for id in [ensemble.leader(), ensemble.follower()] {
        let here = ensemble.place(id).address();
        let other = ensemble.places().iter().find(|it| it.id != id).unwrap().address();
        let mut client = Client::connect(here).unwrap();
        let before = client.request(&Op::Sync { path: None }).map(|_| client.zxid).unwrap();
        let mut second = Client::connect(here).unwrap();
        second.sync().unwrap();
        assert_eq!(second.zxid, before, "no transaction opened it");
        assert_eq!((global_sessions(here), figure(here, "zk_local_sessions")), (0, 2));

        let path = format!("/by-{id}");
        assert!(second.create(&path, b"kept").unwrap().is_ok(), "it may write");
        let refused = second.request(&create("/mine", b"", EPHEMERAL)).unwrap();
        assert_eq!(refused, Err(ErrorCode::EphemeralOnLocalSession));
        let multi = Op::Multi(vec![create("/a", b"", 0), create("/b", b"", EPHEMERAL)]);
        assert_eq!(second.request(&multi).unwrap(), Err(ErrorCode::EphemeralOnLocalSession));
        assert_eq!(second.get("/a").unwrap(), None, "all of it is refused");

        let session = second.session.clone();
        drop(second);
        assert!(!resumes(other, &session), "no other server knows it");
        assert!(resumes(here, &session), "its own does");
        let known = Client::connect_with(here, &again(&session)).unwrap();
        known.close().unwrap();
        assert!(!resumes(here, &session), "it was closed");
        client.close().unwrap();
    }
}

#[test]
fn a_session_that_went_on_elsewhere_is_over_where_it_was() {
    let ensemble = Ensemble::start(3, 0);
    let leader = ensemble.place(ensemble.leader()).address();
    let follower = ensemble.place(ensemble.follower()).address();

    let mut left_behind = Client::connect(leader).unwrap();
    let session = left_behind.session.clone();
    let mut moved = Client::connect_with(follower, &again(&session)).unwrap();
    assert_eq!(moved.session.session, session.session);
    assert!(left_behind.request(&Op::Ping).is_err(), "a leader knows where its sessions are");

    let mut back = Client::connect_with(leader, &again(&session)).unwrap();
    assert!(moved.get("/").unwrap().is_some(), "a follower does not, and goes on answering reads");
    assert!(moved.create("/late", b"").is_err(), "but a write by the old way ends the connection");
    assert_eq!(back.get("/late").unwrap(), None, "and is not done");
    assert!(back.create("/in-time", b"").unwrap().is_ok());
}

#[test]
fn a_silent_local_session_ends_and_its_connection_with_it() {
    let ensemble = Ensemble::start_with(3, 0, "localSessionsEnabled=true\n");
    let here = ensemble.place(ensemble.follower()).address();
    let mut silent = Client::connect_with(here, &asking(1000, Some(false))).unwrap();
    let mut living = Client::connect_with(here, &asking(10_000, Some(false))).unwrap();
    let session = silent.session.clone();
    assert!(silent.receive(|_| None).is_err(), "the server closes the connection without a word");
    assert!(!resumes(here, &session));
    assert!(living.request(&Op::Ping).unwrap().is_ok());
}

#[test]
fn a_local_session_becomes_global_when_it_asks_for_an_ephemeral() {
    let extra = "localSessionsEnabled=true\nlocalSessionsUpgradingEnabled=true\n";
    let ensemble = Ensemble::start_with(3, 0, extra);
    for id in [ensemble.leader(), ensemble.follower()] {
        let here = ensemble.place(id).address();
        let other = ensemble.places().iter().find(|it| it.id != id).unwrap().address();
        let mut client = Client::connect(here).unwrap();
        assert_eq!(global_sessions(here), 0);
        // In a row, so that the second is on its way while the session becomes global.
        let path = format!("/mine-{id}");
        let first = client.send(&create(&path, b"", EPHEMERAL)).unwrap();
        let second = client.send(&create(&format!("{path}-too"), b"", EPHEMERAL)).unwrap();
        for cxid in [first, second] {
            let answer = client.receive(|_| Some(1)).unwrap();
            let vivarium_protocol::wire::client::FromServer::Reply(reply) = answer else {
                panic!("no watch was set")
            };
            assert_eq!((reply.cxid, reply.result.is_ok()), (cxid, true));
        }
        assert_eq!((global_sessions(here), figure(here, "zk_local_sessions")), (1, 0));
        let (_, stat) = client.get(&path).unwrap().unwrap();
        assert_eq!(stat.ephemeral_owner, client.session.session.0);

        let session = client.session.clone();
        drop(client);
        let mut moved = Client::connect_with(other, &again(&session)).unwrap();
        assert_eq!(moved.session.session, session.session, "every server knows it now");
        moved.sync().unwrap();
        assert!(moved.get(&path).unwrap().is_some(), "and its ephemeral is still there");
        moved.close().unwrap();
        let mut witness = Client::connect(here).unwrap();
        witness.sync().unwrap();
        assert_eq!(witness.get(&path).unwrap(), None, "it went with the session");
        witness.close().unwrap();
    }
}

#[test]
fn a_server_without_a_quorum_serves_readers_who_accept_that() {
    let mut ensemble = Ensemble::start_with(3, 0, "readonlymode.enabled=true\n");
    let last = ensemble.leader();
    let here = ensemble.place(last).address();
    let mut client = Client::connect(here).unwrap();
    assert!(client.create("/kept", b"seen by readers").unwrap().is_ok());
    let global = client.session.clone();
    assert_eq!(words::ask(here, "isro").as_deref(), Some("rw"));
    for id in 1..=3 {
        if id != last {
            ensemble.kill(id);
        }
    }
    wait_for("it reads only", || (words::ask(here, "isro")? == "ro").then_some(()));
    assert_eq!(words::mode(here).as_deref(), Some("read-only"));
    assert!(client.request(&Op::Ping).is_err(), "who was there had to go");

    only_readers_get_in(here, &global);
    let reader = nothing_is_written_there(here);
    let session = reader.session.clone();
    drop(reader);
    let mut reader = Client::connect_with(here, &again(&session)).unwrap();
    assert_eq!(reader.session.session, session.session, "it may come back to the same server");
    let leaving = Client::connect_with(here, &asking(8000, Some(true))).unwrap();
    leaving.close().unwrap();

    ensemble.restart(if last == 1 { 2 } else { 1 });
    wait_for("there is a quorum again", || (words::ask(here, "isro")? == "rw").then_some(()));
    assert!(reader.request(&Op::Ping).is_err(), "readers must come again");
    let back = Client::connect_with(here, &again(&session)).unwrap();
    assert_eq!(back.session.timeout_ms, 0, "what was opened without a leader is over");
    assert!(resumes(here, &global), "and what the ensemble knew lives");
    let mut writer = Client::connect_with(here, &asking(8000, Some(true))).unwrap();
    assert_eq!(writer.session.read_only, Some(false));
    let Ok(ReplyBody::Path(Some(path))) = writer.create("/new", b"").unwrap() else {
        panic!("it may write")
    };
    assert_eq!(path, "/new");
}

/// Who is turned away by a server without a quorum, and how.
fn only_readers_get_in(here: SocketAddr, global: &ConnectResponse) {
    assert!(Client::connect(here).is_err(), "a client that wants to write must try another");
    assert!(Client::connect_with(here, &asking(8000, None)).is_err(), "an old client as well");
    let known = ConnectRequest { read_only: Some(true), ..again(global) };
    assert!(Client::connect_with(here, &known).is_err(), "nobody can say if it lives");
    let unknown = ConnectRequest {
        session: SessionId(0x77),
        password: Some(Bytes::copy_from_slice(&vivarium_protocol::service::password(SessionId(
            0x77,
        )))),
        ..asking(8000, Some(true))
    };
    assert_eq!(Client::connect_with(here, &unknown).unwrap().session.timeout_ms, 0);
}

/// Reads what is there and tries to write in every way.
fn nothing_is_written_there(here: SocketAddr) -> Client {
    let mut reader = Client::connect_with(here, &asking(8000, Some(true))).unwrap();
    assert_eq!(reader.session.read_only, Some(true), "it is told what it got");
    let (data, stat) = reader.get("/kept").unwrap().unwrap();
    assert_eq!(data.as_deref(), Some(&b"seen by readers"[..]));
    for op in [
        create("/new", b"", 0),
        Op::Delete { path: Some("/kept".to_owned()), version: -1 },
        Op::SetData { path: Some("/kept".to_owned()), data: None, version: -1 },
        Op::Multi(Vec::new()),
        Op::Sync { path: Some("/".to_owned()) },
    ] {
        assert_eq!(reader.request(&op).unwrap(), Err(ErrorCode::NotReadOnly), "{}", op.summary());
    }
    assert!(reader.zxid >= stat.czxid, "answers carry what was applied last");
    assert!(reader.request(&Op::Ping).unwrap().is_ok());
    assert!(reader.request(&Op::WhoAmI).unwrap().is_ok());
    reader
}
