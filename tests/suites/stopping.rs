//! A server that is told to stop: what it has begun is answered, nothing is done unanswered, and
//! the others go on at once.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};
use vivarium_protocol::message::Op;
use vivarium_protocol::wire::client::FromServer;
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::wait_for;

/// How many creates are sent without waiting for an answer.
const SENT: usize = 2000;

/// Sends many creates to a member, tells it to stop, and takes what is answered: the paths.
fn answered_by(ensemble: &mut Ensemble, id: usize) -> BTreeSet<String> {
    let mut client = Client::connect(ensemble.place(id).address()).expect("it serves");
    let mut sent = Vec::new();
    for number in 0..SENT {
        let path = format!("/by-{id}-{number:04}");
        // It may hang up before it has read all.
        let Ok(cxid) = client.send(&create(&path, b"", 0)) else { break };
        sent.push((cxid, path));
        if number == SENT / 2 {
            // The first is decided by now, and many are under way.
            ensemble.process(id).signal("TERM");
        }
    }
    let opcode = create("/", b"", 0).opcode();
    let mut answered = BTreeSet::new();
    while let Ok(FromServer::Reply(reply)) = client.receive(|_| Some(opcode)) {
        let at = sent.iter().position(|(cxid, _)| *cxid == reply.cxid);
        if reply.result.is_ok() {
            answered.insert(sent[at.expect("it was asked for")].1.clone());
        }
    }
    answered
}

#[test]
fn what_a_stopping_server_has_begun_is_answered_and_nothing_else_is_done() {
    let mut ensemble = Ensemble::start(3, 0);
    for id in [ensemble.leader(), ensemble.follower()] {
        let answered = answered_by(&mut ensemble, id);
        assert!(ensemble.process(id).terminate().success());
        assert!(!answered.is_empty() && answered.len() < SENT, "{} answers", answered.len());
        ensemble.restart(id);
        let _ = ensemble.serving(id);
        let mut client = Client::connect(ensemble.place(id).address()).expect("it serves again");
        client.sync().expect("it follows");
        let children = client.children("/").expect("it answers");
        let done = children.into_iter().map(|name| format!("/{name}"));
        let done: BTreeSet<String> = done.filter(|it| it.starts_with("/by-")).collect();
        assert_eq!(done, answered, "server {id}");
        for path in done {
            let deleted = client.request(&Op::Delete { path: Some(path), version: -1 });
            assert!(deleted.expect("it answers").is_ok());
        }
    }
}

#[test]
fn when_a_leader_stops_the_others_elect_without_waiting_for_a_timeout() {
    // Silence would be noticed after eight ticks, which are 16 seconds.
    let mut ensemble = Ensemble::start_with(3, 0, "tickTime=2000\n");
    for round in 0..2 {
        let leader = ensemble.leader();
        let other = ensemble.follower();
        assert!(ensemble.process(leader).terminate().success());
        let stopped = Instant::now();
        wait_for("a write succeeds elsewhere", || {
            let mut client = Client::connect(ensemble.place(other).address()).ok()?;
            client.create(&format!("/round-{round}"), b"").ok()?.ok()
        });
        let pause = stopped.elapsed();
        assert!(pause < Duration::from_secs(5), "the pause was {pause:?}");
        ensemble.restart(leader);
        let _ = ensemble.serving(leader);
    }
}
