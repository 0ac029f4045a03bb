//! Whoever leaves a watch hears the answer first and the event afterwards, however fast changes
//! come: an event that came before the answer would find no watch at the client, and be lost.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::JoinHandle;
use vivarium_protocol::message::{Op, WatchEventKind};
use vivarium_protocol::wire::client::FromServer;
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::Ensemble;

/// How often a watch is left; a server that takes no care fails within two thousand.
const ROUNDS: usize = 8_000;
const WRITERS: usize = 3;

/// Changes a node without pause.
fn writer(server: SocketAddr, stop: Arc<AtomicBool>) -> JoinHandle<()> {
    let set = Op::SetData {
        path: Some("/busy".to_owned()),
        data: Some(bytes::Bytes::new()),
        version: -1,
    };
    std::thread::spawn(move || {
        let mut client = Client::connect(server).expect("the server serves");
        while !stop.load(Relaxed) {
            client.request(&set).expect("it is connected").expect("nobody deletes the node");
        }
    })
}

#[test]
fn an_event_never_comes_before_the_answer_that_its_watch_was_left_by() {
    let ensemble = Ensemble::standalone();
    let server = ensemble.place(1).address();
    let mut client = Client::connect(server).expect("the server serves");
    client.create("/busy", b"").expect("it is connected").expect("the node is new");
    let stop = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..WRITERS).map(|_| writer(server, Arc::clone(&stop))).collect();
    let get = Op::GetData { path: Some("/busy".to_owned()), watch: true };
    for round in 0..ROUNDS {
        client.send(&get).expect("it is connected");
        let first = client.receive(|_| Some(get.opcode())).expect("it is connected");
        let FromServer::Reply(reply) = first else {
            panic!("round {round}: an event came before the answer: {first:?}");
        };
        assert!(reply.result.is_ok(), "{reply:?}");
        let second = client.receive(|_| None).expect("it is connected");
        let FromServer::Event(event) = second else { panic!("round {round}: {second:?}") };
        assert_eq!(event.kind, WatchEventKind::DataChanged);
    }
    stop.store(true, Relaxed);
    writers.into_iter().for_each(|writer| writer.join().expect("a writer does not fail"));
}
