//! One server process among people: start, mistakes, exit codes, monitoring, rude clients.

use bytes::Bytes;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::process::{Command, Output};
use std::time::{Duration, Instant};
use vivarium_protocol::base::{SessionId, Zxid};
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody};
use vivarium_protocol::wire::client::{ConnectRequest, FromServer};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::{Ensemble, Place, configure, places, start_at};
use vivarium_tests::process::Folder;
use vivarium_tests::{tools, wait_for, words};

fn server(place: &Place) -> Output {
    let mut command = Command::new(tools::vivarium());
    command.arg("server").arg(place.folder.join("zoo.cfg"));
    command.output().expect("the program can be started")
}

fn alone(folder: &Folder) -> Place {
    let place = places(folder.path(), 1, 0).remove(0);
    configure(&place, &[], "");
    place
}

/// The one sentence that a command ends with, and its exit code.
fn failure(output: &Output) -> (i32, String) {
    let code = output.status.code().expect("it was not killed");
    let complained = String::from_utf8_lossy(&output.stderr);
    let sentence = complained.lines().find_map(|line| line.strip_prefix("error: "));
    (code, sentence.unwrap_or_else(|| panic!("no sentence in: {complained}")).to_owned())
}

#[test]
fn a_configuration_that_cannot_be_used_is_named_with_its_line_and_the_mend() {
    let folder = Folder::new();
    let place = alone(&folder);
    fs::write(place.folder.join("zoo.cfg"), "dataDir=/tmp\ntickTime=fast\n").unwrap();
    let (code, sentence) = failure(&server(&place));
    assert_eq!(code, 2, "ZooKeeper's exit code for a bad configuration");
    assert!(sentence.contains("zoo.cfg:2: tickTime"), "{sentence}");

    fs::remove_file(place.folder.join("zoo.cfg")).unwrap();
    let (code, sentence) = failure(&server(&place));
    assert_eq!(code, 2);
    assert!(sentence.contains("zoo.cfg"), "{sentence}");
}

#[test]
fn a_member_without_a_number_is_told_where_to_write_it() {
    let folder = Folder::new();
    let places = places(folder.path(), 3, 0);
    configure(&places[0], &places, "");
    fs::remove_file(places[0].folder.join("data/myid")).unwrap();
    let (code, sentence) = failure(&server(&places[0]));
    assert_eq!(code, 2);
    assert!(sentence.contains("myid"), "{sentence}");
}

#[test]
fn two_servers_cannot_have_one_directory() {
    let folder = Folder::new();
    let place = alone(&folder);
    let _first = start_at(&place);
    wait_for("the first serves", || words::mode(place.address()));
    let (code, sentence) = failure(&server(&place));
    assert_eq!(code, 3, "ZooKeeper's exit code for a directory that can't be had: {sentence}");
    assert!(sentence.contains("in use"), "{sentence}");
}

#[test]
fn ports_that_are_taken_end_the_start_with_a_sentence() {
    let folder = Folder::new();
    let place = alone(&folder);
    let _taken = TcpListener::bind(place.address()).unwrap();
    let (code, sentence) = failure(&server(&place));
    assert_eq!(code, 1);
    assert!(sentence.contains(&place.client.to_string()), "{sentence}");

    let members = places(folder.path(), 3, 0);
    configure(&members[0], &members, "electionPortBindRetry=1\n");
    let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, members[0].election)).unwrap();
    let (code, sentence) = failure(&server(&members[0]));
    assert_eq!(code, 14, "ZooKeeper's exit code for the election port: {sentence}");
    assert!(sentence.contains(&members[0].election.to_string()), "{sentence}");
}

#[test]
fn every_command_explains_itself() {
    for command in [&["--help"][..], &["server", "--help"], &["playground", "--help"]] {
        let output = Command::new(tools::vivarium()).args(command).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && said.contains("Usage:"), "{command:?}: {said}");
    }
}

#[test]
fn monitoring_words_say_what_zookeepers_do() {
    let ensemble = Ensemble::start(3, 0);
    let (leader, follower) = (ensemble.leader(), ensemble.follower());
    let mut client = Client::connect(ensemble.place(follower).address()).unwrap();
    assert!(client.create("/a", b"x").unwrap().is_ok());
    let ask = |id: usize, word: &str| {
        words::ask(ensemble.place(id).address(), word).expect("it is answered")
    };
    assert_eq!(ask(leader, "ruok"), "imok");
    assert_eq!(ask(leader, "isro"), "rw");
    let srvr = ask(follower, "srvr");
    assert!(srvr.starts_with("Zookeeper version: 3."), "{srvr}");
    for part in ["Latency min/avg/max: ", "\nReceived: ", "\nZxid: 0x", "\nMode: follower\n"] {
        assert!(srvr.contains(part), "`{part}` is missing in {srvr}");
    }
    assert!(srvr.contains("\nNode count: 6\n"), "ZooKeeper counts the root twice: {srvr}");
    assert!(ask(leader, "srvr").contains("\nMode: leader\n"));
    assert!(ask(follower, "stat").contains("\nClients:\n /127.0.0.1:"));
    assert!(ask(follower, "conf").contains("\nserverId="));
    let figure = |report: &str, key: &str| {
        let line = report.lines().find_map(|line| line.strip_prefix(&format!("zk_{key}\t")));
        line.unwrap_or_else(|| panic!("zk_{key} is missing in {report}")).to_owned()
    };
    let report = ask(follower, "mntr");
    assert_eq!(figure(&report, "server_state"), "follower");
    assert_eq!(figure(&report, "peer_state"), "following - broadcast");
    assert_eq!(figure(&report, "znode_count"), "6");
    assert_eq!(figure(&report, "global_sessions"), "1");
    assert_eq!(figure(&report, "num_alive_connections"), "2");
    let report = ask(leader, "mntr");
    assert_eq!(figure(&report, "server_state"), "leader");
    assert_eq!(figure(&report, "quorum_size"), "3");
    assert_eq!(figure(&report, "synced_followers"), "2");
    client.close().unwrap();
}

#[test]
fn a_word_that_is_not_listed_is_not_answered() {
    let folder = Folder::new();
    let place = alone(&folder);
    let cfg = place.folder.join("zoo.cfg");
    let text = fs::read_to_string(&cfg).unwrap().replace("4lw.commands.whitelist=*\n", "");
    fs::write(&cfg, text).unwrap();
    let _server = start_at(&place);
    wait_for("it serves: srvr is always answered", || words::mode(place.address()));
    let refusal = "mntr is not executed because it is not in the whitelist.\n";
    assert_eq!(words::ask(place.address(), "mntr").as_deref(), Some(refusal));
}

/// Sends bytes to a port and waits until the other end hangs up.
fn is_hung_up_on(address: SocketAddr, bytes: &[u8]) -> bool {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(bytes).unwrap();
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Ok(_) => rest.is_empty(),
        // What was sent and not read makes a hang-up look like this.
        Err(error) => error.kind() == std::io::ErrorKind::ConnectionReset,
    }
}

#[test]
fn rude_connections_are_closed_and_disturb_nobody() {
    let ensemble = Ensemble::start(3, 0);
    let leader = ensemble.place(ensemble.leader());
    let port = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut client = Client::connect(leader.address()).unwrap();

    let too_long = [&i32::MAX.to_be_bytes()[..], b"x"].concat();
    let negative = i32::to_be_bytes(-7).to_vec();
    let no_request = [&4_i32.to_be_bytes()[..], b"abcd"].concat();
    for rude in [&too_long, &negative, &no_request] {
        assert!(is_hung_up_on(leader.address(), rude), "client port, {rude:02x?}");
    }
    let noise: Vec<u8> = (0..=255).cycle().map(|byte: u8| byte ^ 0x5a).take(4096).collect();
    assert!(is_hung_up_on(port(leader.quorum), &noise), "quorum port");
    let bad_version = [&i64::to_be_bytes(-3)[..], &noise].concat();
    assert!(is_hung_up_on(port(leader.election), &bad_version), "election port");

    assert!(client.create("/undisturbed", b"").unwrap().is_ok());
    assert_eq!(ensemble.in_mode("follower").len(), 2);
}

#[test]
fn a_silent_client_loses_its_session_and_a_living_one_keeps_it() {
    let ensemble = Ensemble::start(3, 0);
    let at = ensemble.place(ensemble.follower()).address();
    let asked = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid::ZERO,
        timeout_ms: 1,
        session: SessionId(0),
        password: None,
        read_only: None,
    };
    let mut silent = Client::connect_with(at, &asked).unwrap();
    assert_eq!(silent.session.timeout_ms, 1000, "two ticks at least");
    assert_eq!(silent.session.read_only, None, "an old client gets the old answer");
    assert!(silent.request(&create("/silent", b"", 1)).unwrap().is_ok());
    let patient = ConnectRequest { timeout_ms: 8000, ..asked.clone() };
    let mut living = Client::connect_with(at, &patient).unwrap();
    assert!(living.request(&create("/living", b"", 1)).unwrap().is_ok());

    let started = Instant::now();
    wait_for("the silent client's ephemeral goes", || {
        assert!(living.request(&Op::Ping).unwrap().is_ok());
        living.get("/silent").unwrap().is_none().then_some(())
    });
    assert!(started.elapsed() >= Duration::from_millis(900), "not before its time");
    assert!(living.get("/living").unwrap().is_some());

    let again = ConnectRequest {
        session: silent.session.session,
        password: Some(Bytes::copy_from_slice(&silent.session.password)),
        ..asked.clone()
    };
    let refused = Client::connect_with(at, &again).unwrap();
    assert_eq!((refused.session.session, refused.session.timeout_ms), (SessionId(0), 0));
    let forged =
        ConnectRequest { session: living.session.session, password: None, ..again.clone() };
    let refused = Client::connect_with(at, &forged).unwrap();
    assert_eq!(refused.session.timeout_ms, 0, "a session is not given without its password");
    assert!(living.request(&Op::Ping).unwrap().is_ok(), "nor disturbed");
}

#[test]
fn a_client_that_has_seen_more_is_sent_elsewhere() {
    let ensemble = Ensemble::standalone();
    let ahead = ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: Zxid(0x7_0000_0000),
        timeout_ms: 10_000,
        session: SessionId(0),
        password: None,
        read_only: Some(false),
    };
    assert!(Client::connect_with(ensemble.place(1).address(), &ahead).is_err());
}

#[test]
fn what_is_asked_in_a_row_is_answered_in_that_row() {
    let ensemble = Ensemble::start(3, 0);
    let mut client = Client::connect(ensemble.place(ensemble.follower()).address()).unwrap();
    let mut asked = Vec::new();
    for number in 0..300 {
        let path = format!("/r{number}");
        let get = Op::GetData { path: Some(path.clone()), watch: false };
        for op in [create(&path, b"x", 0), get, Op::Ping] {
            asked.push((client.send(&op).unwrap(), op.opcode()));
        }
    }
    for (cxid, opcode) in asked {
        let answer = client.receive(|_| Some(opcode)).unwrap();
        let FromServer::Reply(reply) = answer else {
            panic!("no watch was set, and an event came");
        };
        let expected = if opcode == Op::Ping.opcode() { -2 } else { cxid };
        assert_eq!(reply.cxid, expected, "in order");
        assert!(reply.result.is_ok(), "a read sees the write before it: {reply:?}");
    }
}

#[test]
fn a_client_that_asks_for_much_and_reads_late_gets_everything_in_order() {
    let ensemble = Ensemble::standalone();
    let mut client = Client::connect(ensemble.place(1).address()).unwrap();
    let big = vec![7; 500_000];
    assert!(client.create("/big", &big).unwrap().is_ok());
    // Far more than sockets and the server's limit for unread answers hold together.
    let get = Op::GetData { path: Some("/big".to_owned()), watch: false };
    let asked: Vec<i32> = (0..200).map(|_| client.send(&get).unwrap()).collect();
    let mut other = Client::connect(ensemble.place(1).address()).unwrap();
    assert!(other.get("/big").unwrap().is_some(), "nobody else waits for it");
    for cxid in asked {
        let answer = client.receive(|_| Some(get.opcode())).unwrap();
        let FromServer::Reply(reply) = answer else { panic!("no watch was set") };
        assert_eq!(reply.cxid, cxid);
        let Ok(ReplyBody::Data { data, .. }) = reply.result else { panic!("it is there") };
        assert_eq!(data.as_deref(), Some(&big[..]));
    }
}

#[test]
fn one_address_may_have_only_so_many_connections() {
    let folder = Folder::new();
    let place = alone(&folder);
    let cfg = place.folder.join("zoo.cfg");
    let text = fs::read_to_string(&cfg).unwrap().replace("maxClientCnxns=0", "maxClientCnxns=2");
    fs::write(&cfg, text).unwrap();
    let _server = start_at(&place);
    wait_for("it serves", || words::mode(place.address()));
    let connect = || Client::connect(place.address());
    let first = wait_for("the word's own connection is gone", || connect().ok());
    let _second = wait_for("the word's own connection is gone", || connect().ok());
    assert!(connect().is_err(), "a third is closed at once");
    first.close().unwrap();
    wait_for("there is room again", || connect().ok());
}

#[test]
fn an_unknown_operation_is_refused_and_ends_the_connection() {
    let ensemble = Ensemble::standalone();
    let mut client = Client::connect(ensemble.place(1).address()).unwrap();
    let refused = client.request(&Op::Unsupported { opcode: 4711 }).unwrap();
    assert_eq!(refused, Err(ErrorCode::Unimplemented));
    assert!(client.request(&Op::Ping).is_err(), "and the connection is closed");
}

#[test]
fn the_playground_serves_or_says_what_to_do() {
    let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output =
        Command::new(tools::vivarium()).args(["playground", "--port", &port]).output().unwrap();
    let (code, sentence) = failure(&output);
    assert_eq!(code, 1);
    assert!(sentence.contains(&port) && sentence.contains("--port"), "{sentence}");

    let folder = Folder::new();
    let mut command = Command::new(tools::vivarium());
    command.args(["playground", "--port", "0"]);
    let log = folder.path().join("playground.txt");
    let mut process = vivarium_tests::process::Process::start(&mut command, &log);
    let address = wait_for("it says where it is", || {
        let printed = process.printed();
        let (_, rest) = printed.split_once("http://")?;
        rest.split_once('/').map(|(address, _)| address.to_owned())
    });
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let answer = answer.to_lowercase();
    assert!(answer.contains("content-security-policy: default-src 'none'"), "{answer}");
    assert!(answer.contains("vivarium"), "the page, or how to build it: {answer}");
    assert_eq!(process.terminate().code(), Some(0), "SIGTERM stops it cleanly");
}
