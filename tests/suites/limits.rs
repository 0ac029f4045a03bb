//! Limits that an operator may set to the flow of connections and requests (docs/protocol.md, C2.10
//! and C11), as clients of a real process feel them.

use vivarium_protocol::message::{ErrorCode, Op};
use vivarium_protocol::wire::client::FromServer;
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::wait_for;

#[test]
fn connections_take_tokens_and_wait_for_new_ones() {
    let extra = "connection_throttle_tokens=6\nconnection_throttle_fill_time=2000\n\
                 connection_throttle_fill_count=3\nconnection_throttle_weight_enabled=true\n";
    let ensemble = Ensemble::standalone_with(extra);
    let at = ensemble.place(1).address();
    let mut first = Client::connect(at).unwrap();
    let _second = Client::connect(at).unwrap();
    assert!(Client::connect(at).is_err(), "two new sessions have taken the six tokens");
    assert!(first.create("/a", b"").unwrap().is_ok(), "who is in is not concerned");
    wait_for("tokens have come", || Client::connect(at).ok());
}

#[test]
fn requests_beyond_those_in_work_wait_and_are_all_answered_in_order() {
    let ensemble = Ensemble::standalone_with("request_throttle_max_requests=2\n");
    let at = ensemble.place(1).address();
    let mut clients: Vec<Client> = (0..4).map(|_| Client::connect(at).unwrap()).collect();
    let mut asked = Vec::new();
    for (number, client) in clients.iter_mut().enumerate() {
        for at in 0..50 {
            asked.push((number, client.send(&create(&format!("/{number}-{at}"), b"", 0)).unwrap()));
        }
    }
    for (number, cxid) in asked {
        let FromServer::Reply(reply) = clients[number].receive(|_| Some(1)).unwrap() else {
            panic!("no watch was set")
        };
        assert_eq!((reply.cxid, reply.result.is_ok()), (cxid, true));
    }
    // A connection that ends in the queue gives its place back.
    let mut leaving = Client::connect(at).unwrap();
    for number in 0..100 {
        leaving.send(&create(&format!("/leaving-{number}"), b"", 0)).unwrap();
    }
    drop(leaving);
    for _ in 0..20 {
        assert!(clients[0].get("/0-0").unwrap().is_some());
    }
}

/// Asks for many nodes at once: the paths of those that were not made because their requests had
/// waited too long. If there are none all are deleted again.
fn burst(client: &mut Client) -> Vec<String> {
    let paths: Vec<String> = (0..200).map(|at| format!("/t{at}")).collect();
    let asked: Vec<i32> =
        paths.iter().map(|path| client.send(&create(path, b"", 0)).unwrap()).collect();
    let mut late = Vec::new();
    for (path, cxid) in paths.into_iter().zip(asked) {
        let FromServer::Reply(reply) = client.receive(|_| Some(1)).unwrap() else {
            panic!("no watch was set")
        };
        assert_eq!(reply.cxid, cxid, "in order all the same");
        match reply.result {
            Ok(_) => {}
            Err(error) => {
                assert_eq!(error, ErrorCode::ThrottledOp);
                late.push(path);
            }
        }
    }
    if late.is_empty() {
        for at in 0..200 {
            let delete = Op::Delete { path: Some(format!("/t{at}")), version: -1 };
            assert!(client.request(&delete).unwrap().is_ok());
        }
    }
    late
}

#[test]
fn a_request_that_waited_too_long_is_not_done_and_says_so() {
    let extra = "request_throttle_max_requests=1\nthrottled_op_wait_time=1\n";
    let ensemble = Ensemble::standalone_with(extra);
    let mut client = Client::connect(ensemble.place(1).address()).unwrap();
    // One burst may be done faster than a millisecond; so many one after the other are not.
    let throttled = wait_for("a request waits for longer than it may", || {
        let late = burst(&mut client);
        (!late.is_empty()).then_some(late)
    });
    for path in throttled {
        assert_eq!(client.get(&path).unwrap(), None, "{path} was not done");
    }
    assert!(client.request(&Op::Ping).unwrap().is_ok(), "a ping is never refused");
}

#[test]
fn large_requests_share_what_they_may_have_together() {
    let extra = "largeRequestThreshold=10000\nlargeRequestMaxBytes=50000\n";
    let ensemble = Ensemble::standalone_with(extra);
    let at = ensemble.place(1).address();
    let mut client = Client::connect(at).unwrap();
    for number in 0..10 {
        let made = client.create(&format!("/fits-{number}"), &[7; 40_000]).unwrap();
        assert!(made.is_ok(), "one after the other there is room");
    }
    assert!(client.create("/small", &[7; 9_000]).unwrap().is_ok());
    assert!(client.create("/alone-too-large", &[7; 60_000]).is_err(), "the connection closes");
    let mut other = Client::connect(at).unwrap();
    assert!(other.create("/next", &[7; 40_000]).unwrap().is_ok(), "and its room is free again");
}

#[test]
fn a_limit_that_is_no_number_keeps_the_server_from_starting() {
    let folder = vivarium_tests::process::Folder::new();
    let places = vivarium_tests::ensemble::places(folder.path(), 1, 0);
    let cfg = "request_throttle_max_requests=lots\n";
    let path = vivarium_tests::ensemble::configure(&places[0], &[], cfg);
    let output = std::process::Command::new(vivarium_tests::tools::vivarium())
        .arg("server")
        .arg(path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    let sentence = "zoo.cfg:9: request_throttle_max_requests must be a whole number from 0 on";
    assert!(said.contains(sentence), "{said}");
}
