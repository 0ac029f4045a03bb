//! What is no request, or comes too slowly, or is never read: each gets its defined answer, costs
//! bounded memory, and harms no other session (docs/protocol.md, C1.3, C3.8 and C3.10).

use bytes::Bytes;
use std::net::SocketAddr;
use vivarium_protocol::message::{Op, ReplyBody};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::raw::{Raw, Said, framed, hello, request, sized};
use vivarium_tests::{wait_for, words};

const CREATE: i32 = 1;
const DELETE: i32 = 2;
const EXISTS: i32 = 3;
const GET_DATA: i32 = 4;
const SET_DATA: i32 = 5;
const PING: i32 = 11;
const MULTI: i32 = 14;
const AUTH: i32 = 100;
const SASL: i32 = 102;

const MARSHALLING: i32 = -5;
const UNIMPLEMENTED: i32 = -6;
const BAD_ARGUMENTS: i32 = -8;
const NO_NODE: i32 = -101;

/// jute.maxbuffer, unless it is set.
const LONGEST: usize = 0xf_ffff;

/// A read of this path without a watch.
fn read(path: impl AsRef<[u8]>) -> Vec<u8> {
    [sized(path), vec![0]].concat()
}

/// The record of a create with an open list.
fn creation(path: impl AsRef<[u8]>) -> Vec<u8> {
    let acl = [1_i32, 31].map(i32::to_be_bytes).concat();
    let flags = [0; 4].to_vec();
    [sized(path), sized("x"), acl, sized("world"), sized("anyone"), flags].concat()
}

fn bystander_is_served(bystander: &mut Client) {
    assert!(bystander.get("/").unwrap().is_some(), "nobody else notices");
}

#[test]
fn frames_that_no_client_sends_end_their_connection_without_a_word() {
    let ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    let mut bystander = Client::connect(at).unwrap();
    let too_long = i32::try_from(LONGEST + 1).unwrap();
    let cases: [(&str, Vec<u8>); 8] = [
        ("a negative length", (-1_i32).to_be_bytes().to_vec()),
        ("the lowest length", i32::MIN.to_be_bytes().to_vec()),
        ("a length beyond jute.maxbuffer", too_long.to_be_bytes().to_vec()),
        ("the highest length", i32::MAX.to_be_bytes().to_vec()),
        ("an empty frame", framed(&[])),
        ("a frame without an opcode", framed(&[0, 0, 0, 1])),
        ("credentials cut off", request(-4, AUTH, &[0, 0, 0, 0, 0, 0, 0, 9])),
        ("a SASL token cut off", request(1, SASL, &[0, 0, 0, 9])),
    ];
    for (what, bytes) in cases {
        let mut raw = Raw::with_session(at, 8000);
        raw.send(&bytes);
        assert_eq!(raw.hear(), Said::Closed, "{what}");
        bystander_is_served(&mut bystander);
    }
    for (what, bytes) in [
        ("a length that is no handshake", framed(&[0; 7])),
        ("a handshake beyond the limit", too_long.to_be_bytes().to_vec()),
        ("a password that ends too early", framed(&[&[0; 24][..], &[0, 0, 0, 99]].concat())),
        ("a negative length", (-7_i32).to_be_bytes().to_vec()),
    ] {
        let mut raw = Raw::connect(at);
        raw.send(&bytes);
        assert_eq!(raw.hear(), Said::Closed, "before the handshake: {what}");
    }
    bystander_is_served(&mut bystander);
}

#[test]
fn the_longest_frame_is_served_and_one_byte_more_is_not() {
    let ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    let mut client = Client::connect(at).unwrap();
    assert!(client.create("/big", b"").unwrap().is_ok());
    // Header, path, length of the data, version.
    let around = 8 + (4 + 4) + 4 + 4;
    for (length, fits) in [(LONGEST - around, true), (LONGEST - around + 1, false)] {
        let mut raw = Raw::with_session(at, 8000);
        let body = [sized("/big"), sized(vec![7; length]), (-1_i32).to_be_bytes().to_vec()];
        raw.send(&request(1, SET_DATA, &body.concat()));
        let said = raw.hear();
        assert_eq!(matches!(said, Said::Reply(1, 0, _)), fits, "{length} bytes: {said:?}");
        assert_eq!(said == Said::Closed, !fits);
    }
    let (data, _) = client.get("/big").unwrap().unwrap();
    assert_eq!(data.unwrap().len(), LONGEST - around);
}

#[test]
fn an_operation_that_no_server_knows_is_refused_and_ends_the_connection() {
    let ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    // 13 has its place in a multi, 20 and -10 are made by servers, -1 is an event's.
    for opcode in [0, 10, 13, 20, -1, -10, 23, 99, 108, 4711, i32::MIN] {
        let mut raw = Raw::with_session(at, 8000);
        raw.send(&request(5, opcode, &[0; 40]));
        let said = raw.hear();
        assert_eq!(said, Said::Reply(5, UNIMPLEMENTED, Vec::new()), "opcode {opcode}");
        assert_eq!(raw.hear(), Said::Closed, "opcode {opcode}");
    }
}

#[test]
fn a_record_that_makes_no_sense_is_answered_and_the_connection_lives() {
    let ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    let null = (-1_i32).to_be_bytes();
    let cases: Vec<(&str, i32, Vec<u8>, i32)> = vec![
        ("no record at all", GET_DATA, Vec::new(), MARSHALLING),
        ("a path that is cut off", GET_DATA, vec![0, 0, 0, 9, b'/'], MARSHALLING),
        ("a path of a negative length", GET_DATA, vec![0xff, 0xff, 0xff, 0xf0, 0], MARSHALLING),
        ("a path of two gigabytes", EXISTS, vec![0x7f, 0xff, 0xff, 0xff, 0], MARSHALLING),
        ("no path", GET_DATA, [&null[..], &[0]].concat(), MARSHALLING),
        ("a create without its list", CREATE, sized("/a"), MARSHALLING),
        ("a list of two thousand million", CREATE, many_acls(), MARSHALLING),
        ("a delete without a version", DELETE, sized("/a"), MARSHALLING),
        ("a multi of one that is cut off", MULTI, vec![0, 0, 0, 1, 0], MARSHALLING),
        ("a multi of what no multi has", MULTI, multi_of(9), MARSHALLING),
        ("setWatches without lists", 101, vec![0; 8], MARSHALLING),
        ("a path that is no UTF-8, to be made", CREATE, creation(b"/\xff\xfe"), BAD_ARGUMENTS),
        ("a path that is no UTF-8, to be read", GET_DATA, read(b"/\xff\xfe"), NO_NODE),
        ("half a surrogate, to be made", CREATE, creation(b"/\xed\xa0\x80"), BAD_ARGUMENTS),
        ("a NUL, to be looked for", EXISTS, read(b"/a\0b"), BAD_ARGUMENTS),
    ];
    let mut raw = Raw::with_session(at, 8000);
    for (xid, (what, opcode, body, error)) in (1..).zip(cases) {
        raw.send(&request(xid, opcode, &body));
        assert_eq!(raw.hear(), Said::Reply(xid, error, Vec::new()), "{what}");
    }
    let with_more = [read("/"), vec![9; 100]].concat();
    raw.send(&request(77, GET_DATA, &with_more));
    assert!(matches!(raw.hear(), Said::Reply(77, 0, _)), "bytes behind a record do not matter");
    raw.send(&request(-2, PING, &[]));
    assert_eq!(raw.hear(), Said::Reply(-2, 0, Vec::new()));
}

/// A create whose list claims to have more entries than any frame can hold.
fn many_acls() -> Vec<u8> {
    [sized("/a"), sized("x"), i32::MAX.to_be_bytes().to_vec(), vec![0; 40]].concat()
}

/// A multi with one operation of this type.
fn multi_of(opcode: i32) -> Vec<u8> {
    let header = [&opcode.to_be_bytes()[..], &[0], &(-1_i32).to_be_bytes()].concat();
    let end = [&(-1_i32).to_be_bytes()[..], &[1], &(-1_i32).to_be_bytes()].concat();
    [header, sized("/a"), end].concat()
}

#[test]
fn requests_may_come_byte_by_byte_and_all_at_once() {
    let ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    let mut raw = Raw::connect(at);
    let words = [hello(8000), request(1, CREATE, &creation("/slow")), request(2, PING, &[])];
    for byte in words.concat() {
        raw.send(&[byte]);
    }
    raw.take_session();
    assert!(matches!(raw.hear(), Said::Reply(1, 0, _)));
    assert_eq!(raw.hear(), Said::Reply(-2, 0, Vec::new()));

    let mut raw = Raw::connect(at);
    let reads: Vec<u8> = (1..=500).flat_map(|xid| request(xid, EXISTS, &read("/slow"))).collect();
    raw.send(&[hello(8000), reads].concat());
    raw.take_session();
    for xid in 1..=500 {
        assert!(matches!(raw.hear(), Said::Reply(it, 0, _) if it == xid));
    }
}

#[test]
fn who_says_nothing_or_stops_halfway_is_hung_up_on() {
    let extra = "nio.sessionlessCnxnTimeout=300\n";
    let ensemble = Ensemble::standalone_with(extra);
    let at = ensemble.place(1).address();
    let mut bystander = Client::connect(at).unwrap();
    let whole = hello(8000);
    for sent in [0, 1, 3, 4, 20, whole.len() - 1] {
        let mut raw = Raw::connect(at);
        raw.send(&whole[..sent]);
        assert_eq!(raw.hear(), Said::Closed, "after {sent} bytes of the handshake");
    }
    // With a session it is the session's timeout that counts.
    let mut raw = Raw::with_session(at, 1000);
    raw.send(&request(1, CREATE, &creation("/cut"))[..9]);
    assert_eq!(raw.hear(), Said::Closed, "its session has expired");
    bystander_is_served(&mut bystander);
}

#[test]
fn a_client_that_never_reads_costs_little_and_disturbs_nobody() {
    let mut ensemble = Ensemble::start(3, 0);
    let leader = ensemble.leader();
    let at = ensemble.place(leader).address();
    let mut bystander = Client::connect(at).unwrap();
    assert!(bystander.create("/big", &vec![7; 900_000]).unwrap().is_ok());
    let mut deaf = Raw::with_session(at, 10_000);
    let before = ensemble.process(leader).memory();

    // Nearly a gigabyte of answers, all held up behind a write that no follower acknowledges.
    let followers: Vec<usize> = (1..=3).filter(|id| *id != leader).collect();
    followers.iter().for_each(|id| ensemble.process(*id).signal("STOP"));
    deaf.send(&request(1, CREATE, &creation("/deaf")));
    let reads: Vec<u8> = (2..=1000).flat_map(|xid| request(xid, GET_DATA, &read("/big"))).collect();
    deaf.send(&reads);
    wait_for("all of them wait", || words::ask(at, "cons")?.contains("queued=1000").then_some(()));
    followers.iter().for_each(|id| ensemble.process(*id).signal("CONT"));
    wait_for("the write is done", || bystander.get("/deaf").unwrap());
    for _ in 0..200 {
        bystander_is_served(&mut bystander);
    }
    // Once it reads, it gets every answer, in order.
    for xid in 1..=1000 {
        assert!(matches!(deaf.hear(), Said::Reply(it, 0, _) if it == xid), "answer {xid}");
    }
    let grown = ensemble.process(leader).most_memory().saturating_sub(before);
    assert!(grown < 64 << 20, "{grown} bytes for answers that nobody read at first");
}

#[test]
fn a_client_that_never_reads_its_events_is_closed() {
    let mut ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    let mut writer = Client::connect(at).unwrap();
    let deaf = Client::connect(at).unwrap();
    let session = deaf.session.session;
    let mut deaf = deaf;
    let watch = Op::AddWatch { path: Some("/".to_owned()), recursive: true };
    assert!(deaf.request(&watch).unwrap().is_ok());
    let before = ensemble.process(1).memory();
    let long = format!("/{}", "n".repeat(400_000));
    let is_connected = |writer: &mut Client| {
        assert!(writer.request(&Op::Ping).unwrap().is_ok());
        words::ask(at, "cons").unwrap().contains(&format!("sid={session}"))
    };
    assert!(is_connected(&mut writer));
    let mut rounds = 0;
    while is_connected(&mut writer) {
        rounds += 1;
        assert!(rounds < 60, "after {rounds} rounds it is still there");
        for _ in 0..8 {
            assert!(writer.request(&create(&long, b"", 0)).unwrap().is_ok());
            let delete = Op::Delete { path: Some(long.clone()), version: -1 };
            assert!(writer.request(&delete).unwrap().is_ok());
        }
    }
    assert!(rounds > 2, "what sockets and a fair share of memory hold is not yet too much");
    let grown = ensemble.process(1).most_memory().saturating_sub(before);
    assert!(grown < 256 << 20, "{grown} bytes");
}

/// Opens a session on every connection, in a row and not one after the other.
fn sessions(at: SocketAddr, count: usize) -> Vec<Raw> {
    let mut all = Vec::with_capacity(count);
    for begun in (0..count).step_by(500) {
        let mut some: Vec<Raw> =
            (begun..count.min(begun + 500)).map(|_| Raw::connect(at)).collect();
        some.iter_mut().for_each(|raw| raw.send(&hello(40_000)));
        some.iter_mut().for_each(Raw::take_session);
        all.extend(some);
    }
    all
}

#[test]
fn ten_thousand_idle_connections_cost_little() {
    const IDLE: usize = 10_000;
    let mut limit = rustix::process::getrlimit(rustix::process::Resource::Nofile);
    limit.current = limit.maximum;
    rustix::process::setrlimit(rustix::process::Resource::Nofile, limit).unwrap();
    let enough = limit.maximum.is_none_or(|most| most > 10_300);
    assert!(enough, "this machine allows {:?} open files; raise it: ulimit -Hn", limit.maximum);

    let mut ensemble = Ensemble::standalone();
    let at = ensemble.place(1).address();
    let mut bystander = Client::connect(at).unwrap();
    let before = ensemble.process(1).memory();
    let mut idle = sessions(at, IDLE);
    let each = ensemble.process(1).memory().saturating_sub(before) / IDLE as u64;
    assert!(each < 16 << 10, "{each} bytes for each idle connection");
    let report = words::ask(at, "mntr").unwrap();
    assert!(report.contains(&format!("zk_num_alive_connections\t{}", IDLE + 2)), "{report}");
    let Ok(ReplyBody::Path(_)) = bystander.create("/served", b"").unwrap() else {
        panic!("others are served as ever")
    };
    for raw in [0, IDLE / 2, IDLE - 1] {
        idle[raw].send(&request(1, GET_DATA, &read("/served")));
        assert!(matches!(idle[raw].hear(), Said::Reply(1, 0, _)), "and so is each of them");
    }
    drop(idle);
    wait_for("they are gone", || {
        let report = words::ask(at, "mntr")?;
        report.contains("zk_num_alive_connections\t2\n").then_some(())
    });
    let data = Some(Bytes::from_static(b"still"));
    let set = Op::SetData { path: Some("/served".to_owned()), data, version: -1 };
    assert!(bystander.request(&set).unwrap().is_ok());
}
