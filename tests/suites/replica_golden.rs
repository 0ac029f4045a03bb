//! What Apache ZooKeeper 3.9.5 made of requests, transactions and files, made here again.
//!
//! The recordings in `fixtures/apache-3.9.5` hold what a client asked, what the leader proposed,
//! and what the client was told. Given the same requests, zxids and clock, preparation must make
//! the same transactions, digests included, and applying them must give the same answers and
//! events.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use vivarium_protocol::base::{Config, ConnectionId, Ensemble, Now, ServerId, SessionId, Zxid};
use vivarium_protocol::message::{
    Acl, Id, Image, Op, Packet, Reply, ReplyBody, Request, Stat, Txn,
};
use vivarium_protocol::replica::image::{decode, encode};
use vivarium_protocol::replica::{DataTree, Outbox, Replica, ToClient};
use vivarium_protocol::service::{Pipeline, Service, Step};
use vivarium_protocol::wire::client::{FromServer, decode_from_server, decode_request};
use vivarium_protocol::wire::frame::take_frame;
use vivarium_protocol::wire::jute::MAX_BUFFER;
use vivarium_protocol::wire::quorum::decode_packet;
use vivarium_protocol::wire::txn::{decode_txn, encode_txn};

const HERE: ConnectionId = ConnectionId(1);

/// One line of a recording.
#[derive(Deserialize)]
struct Recorded {
    stream: u32,
    kind: String,
    dir: String,
    frame: String,
    raw: String,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/apache-3.9.5")
}

fn recording(scenario: &str) -> Vec<Recorded> {
    let path = fixtures().join("wire").join(scenario).with_extension("jsonl");
    let text = fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn unhex(text: &str) -> BytesMut {
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    text.as_bytes().chunks(2).map(byte).collect()
}

fn payload(line: &Recorded) -> Bytes {
    take_frame(&mut unhex(&line.raw), 0, MAX_BUFFER).unwrap().expect("recorded whole")
}

/// The leader's proposals, by zxid.
fn proposals(lines: &[Recorded]) -> BTreeMap<Zxid, Arc<Txn>> {
    let proposed = lines.iter().filter(|line| line.frame == "PROPOSAL");
    let txns = proposed.filter_map(|line| match decode_packet(&mut unhex(&line.raw)) {
        Ok(Some(Packet::Proposal(txn))) => Some((txn.header.zxid, txn)),
        _ => None,
    });
    txns.collect()
}

/// One server that leads, serves one client, and commits at once what it proposes.
struct Alone {
    service: Service,
    replica: Replica,
    pipeline: Pipeline,
    proposed: VecDeque<Arc<Txn>>,
    told: Vec<FromServer>,
}

impl Alone {
    fn lead(session: SessionId, proposed: &BTreeMap<Zxid, Arc<Txn>>) -> Alone {
        let ensemble = Arc::new(Ensemble::numbered(3, 0));
        let mut service = Service::new(&Arc::new(Config::new(ServerId(1), ensemble)));
        let replica = Replica::new(DataTree::new(), Zxid::ZERO);
        service.begin_leading(Now::default(), replica.tree());
        let address = Id { scheme: "ip".to_owned(), id: "127.0.0.1".to_owned() };
        let pipeline = Pipeline::new(session, vec![address], None);
        let proposed = proposed.values().cloned().collect();
        Alone { service, replica, pipeline, proposed, told: Vec::new() }
    }

    /// Prepares a request as the recorded leader did, and holds the result against the record.
    fn propose(&mut self, request: &Request) {
        let recorded = self.proposed.pop_front().expect("every write was recorded");
        let now = Now { wall_ms: recorded.header.time_ms, ..Now::default() };
        let zxid = recorded.header.zxid;
        self.service.submitted(request, HERE);
        let txn = self.service.prepare(now, zxid, request, ServerId(1), self.replica.tree());
        assert_eq!(txn, *recorded, "{}", request.op.summary());
        let (mut here, mut there) = (BytesMut::new(), BytesMut::new());
        encode_txn(&txn, &mut here);
        encode_txn(&recorded, &mut there);
        assert_eq!(here, there);
    }

    fn commit(&mut self, txn: &Txn, steps: &mut Vec<Step>) {
        let origin = self.service.committed(txn);
        let mut out = Outbox::default();
        self.replica.apply_txn(txn, origin, &mut out);
        self.service.applied(txn.header.zxid);
        self.take(out, steps);
    }

    fn take(&mut self, out: Outbox, steps: &mut Vec<Step>) {
        for (_, message) in out.messages {
            match message {
                ToClient::Event(event) => self.told.push(FromServer::Event(event)),
                ToClient::Reply(reply) => self.pipeline.answered(reply, steps),
            }
        }
    }

    fn ask(&mut self, cxid: i32, op: Op, txns: &BTreeMap<Zxid, Arc<Txn>>) {
        let mut steps = Vec::new();
        self.pipeline.accept(cxid, op, &mut steps);
        let mut next = 0;
        while next < steps.len() {
            match steps[next].clone() {
                Step::Submit(Request { cxid, op: Op::Sync { path }, .. }) => {
                    let result = Ok(ReplyBody::Path(path));
                    let zxid = self.replica.reply_zxid();
                    self.pipeline.answered(Reply { cxid, zxid, result }, &mut steps);
                }
                Step::Submit(request) => {
                    let zxid = self.proposed.front().expect("recorded").header.zxid;
                    self.propose(&request);
                    self.commit(&txns[&zxid], &mut steps);
                }
                Step::Read { cxid, op, auth } => {
                    let (session, mut out) = (self.pipeline.session(), Outbox::default());
                    let reply = self.replica.read(HERE, cxid, &op, &auth, session, &mut out);
                    self.take(out, &mut steps);
                    self.pipeline.answered(reply, &mut steps);
                }
                Step::Identify(ids) => self.replica.identify(HERE, ids),
                Step::Send(reply) => self.told.push(FromServer::Reply(reply)),
                Step::Close => {}
            }
            next += 1;
        }
    }
}

/// Children come in no order from Apache.
fn sorted(told: FromServer) -> FromServer {
    match told {
        FromServer::Reply(Reply { cxid, zxid, result: Ok(ReplyBody::Children(mut names)) }) => {
            names.sort();
            FromServer::Reply(Reply { cxid, zxid, result: Ok(ReplyBody::Children(names)) })
        }
        other => other,
    }
}

#[test]
fn a_recorded_session_gets_the_same_transactions_answers_and_events() {
    let lines = recording("02-client-operations");
    let txns = proposals(&lines);
    let (first, created) = txns.iter().next().expect("the session was recorded");
    let session = created.header.session;
    let mut server = Alone::lead(session, &txns);
    let opening =
        Request { session, cxid: 0, op: Op::CreateSession { timeout_ms: 8000 }, auth: Vec::new() };
    server.propose(&opening);
    let mut out = Outbox::default();
    server.service.committed(&txns[first]);
    server.replica.apply_txn(&txns[first], Some(HERE), &mut out);
    let Some((_, ToClient::Reply(reply))) = out.messages.pop() else { panic!("it is answered") };
    let mut asked = BTreeMap::new();
    let (mut requests, mut recorded) = (Vec::new(), Vec::new());
    for line in lines.iter().filter(|line| line.kind == "client") {
        match (line.frame.as_str(), line.dir.as_str()) {
            ("CONNECT", "to_listener") => {}
            ("CONNECT", _) => {
                let mut expected = unhex(&line.raw).split_off(4);
                expected.truncate(36);
                let Ok(ReplyBody::Connected { timeout_ms, session, password }) = reply.result
                else {
                    panic!("{reply:?} opens no session");
                };
                let (timeout, id) = (timeout_ms.to_be_bytes(), session.0.to_be_bytes());
                let head = [&[0; 4], &timeout[..], &id, &[0, 0, 0, 16], &password];
                assert_eq!(head.concat(), expected, "the handshake's answer");
            }
            (_, "to_listener") => {
                let (cxid, op) = decode_request(&payload(line)).unwrap();
                asked.insert(cxid, op.opcode());
                requests.push((cxid, op));
            }
            _ => {
                let told = decode_from_server(&payload(line), |xid| asked.get(&xid).copied());
                recorded.push(sorted(told.unwrap()));
            }
        }
    }
    assert_eq!(requests.len(), 40, "as many as were recorded");
    for (cxid, op) in requests {
        server.ask(cxid, op, &txns);
    }
    assert!(server.proposed.is_empty(), "every recorded transaction was made again");
    assert_eq!(server.told, recorded);
    assert_eq!(server.replica.digest_mismatches(), 0);
    assert!(server.replica.tree().sessions().is_empty());
}

/// Everything that a tree holds, as one comparable value.
fn dump(tree: &DataTree) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    tree.walk("/", &mut |node| lines.push(format!("{node:?}")));
    lines.push(format!("{:?} {:x}", tree.sessions(), tree.digest()));
    lines
}

#[test]
fn recorded_snapshot_streams_decode_and_what_follows_fits() {
    let mut streams = 0;
    for scenario in ["01-first-start", "04-snap", "06-snap-after-divergence", "08-observer"] {
        let lines = recording(scenario);
        let txns = proposals(&lines);
        let mut snap = None;
        for line in lines.iter().filter(|line| line.kind == "quorum") {
            if line.frame == "SNAP" {
                snap = Some((line.stream, line.raw.clone()));
            }
            if line.frame != "SNAPSHOT_STREAM" {
                continue;
            }
            let (stream, mut raw) = snap.take().expect("SNAP comes before its stream");
            assert_eq!(stream, line.stream);
            raw.push_str(&line.raw);
            let Ok(Some(Packet::Snap(image))) = decode_packet(&mut unhex(&raw)) else {
                panic!("{scenario}: no image")
            };
            follow(scenario, &image, &txns);
            streams += 1;
        }
    }
    assert!(streams >= 4, "{streams} streams");
}

/// Restores an image, writes it again, and applies the transactions recorded after it.
fn follow(scenario: &str, image: &Image, txns: &BTreeMap<Zxid, Arc<Txn>>) {
    let mut replica = Replica::new(DataTree::new(), Zxid::ZERO);
    replica.restore(image).unwrap();
    let mut again = BytesMut::new();
    encode(replica.tree(), &mut again);
    // Apache may keep lists in its table that no node has any more, and orders children otherwise.
    assert!(again.len() <= image.bytes.len(), "{scenario}");
    let (tree, used) = decode(&again).unwrap();
    assert_eq!(used, again.len());
    assert_eq!(dump(&tree), dump(replica.tree()), "{scenario}");
    for txn in txns.range(image.zxid..).skip_while(|(zxid, _)| **zxid == image.zxid) {
        replica.apply_txn(txn.1, None, &mut Outbox::default());
        assert_eq!(replica.digest_mismatches(), 0, "{scenario}: at {}", txn.0);
    }
}

#[test]
fn a_pristine_tree_is_written_as_apache_writes_it() {
    let path = fixtures().join("datadir/participant/version-2/snapshot.0");
    let snapshot = fs::read(path).unwrap();
    let (tree, used) = decode(&snapshot[16..]).unwrap();
    let mut again = BytesMut::new();
    encode(&tree, &mut again);
    assert_eq!(again, snapshot[16..16 + used]);
    let config = tree.get("/zookeeper/config").unwrap();
    let mut ours = DataTree::new();
    ours.set_config(config.data.clone().unwrap(), config.stat.mzxid, config.stat.mtime_ms);
    assert_eq!(dump(&ours), dump(&tree));
}

/// One node as a client of Apache saw it.
#[derive(Deserialize)]
struct Seen {
    data: String,
    acl: Vec<(i32, String, String)>,
    stat: BTreeMap<String, i64>,
}

/// The transactions of one log file: a header of 16 bytes, then checksum, length, bytes, 0x42.
fn log(path: &Path) -> Vec<Txn> {
    let bytes = fs::read(path).unwrap();
    let (mut rest, mut txns) = (&bytes[16..], Vec::new());
    while let Some((head, body)) = rest.split_at_checked(12) {
        let length = u32::from_be_bytes(head[8..].try_into().unwrap()) as usize;
        if length == 0 {
            break;
        }
        txns.push(decode_txn(&body[..length]).unwrap());
        rest = &body[length + 1..];
    }
    txns
}

#[test]
fn a_recorded_data_directory_replays_to_the_tree_that_a_client_saw() {
    let folder = fixtures().join("datadir/participant");
    let snapshot = fs::read(folder.join("version-2/snapshot.1000000c7")).unwrap();
    let (tree, used) = decode(&snapshot[16..]).unwrap();
    assert_eq!(snapshot.len() - 16 - used, 13 + 33 + 21, "seals, digest and last zxid follow");
    let mut replica = Replica::new(tree, Zxid(0x1_0000_00c7));
    let mut txns = 0;
    for name in ["log.1000000c8", "log.200000001", "log.300000001", "log.400000001"] {
        for txn in log(&folder.join("version-2").join(name)) {
            replica.apply_txn(&txn, None, &mut Outbox::default());
            assert_eq!(replica.digest_mismatches(), 0, "{name}: {}", txn.header.zxid);
            txns += 1;
        }
    }
    assert!(txns > 20, "{txns} transactions");
    let text = fs::read_to_string(folder.join("tree.json")).unwrap();
    let seen: BTreeMap<String, Seen> = serde_json::from_str(&text).unwrap();
    let tree = replica.tree();
    assert_eq!(tree.paths(), seen.keys().cloned().collect::<Vec<_>>());
    for (path, seen) in seen.iter().filter(|(path, _)| *path != "/zookeeper/config") {
        let node = tree.get(path).unwrap();
        assert_eq!(node.data.clone().unwrap_or_default(), unhex(&seen.data), "{path}");
        let entry = |(perms, scheme, id): &(i32, String, String)| Acl {
            perms: *perms,
            id: Id { scheme: scheme.clone(), id: id.clone() },
        };
        assert_eq!(node.acl.to_vec(), seen.acl.iter().map(entry).collect::<Vec<_>>(), "{path}");
        assert_eq!(stat_by_name(&node.visible_stat()), seen.stat, "{path}");
    }
}

fn stat_by_name(stat: &Stat) -> BTreeMap<String, i64> {
    let fields = [
        ("czxid", stat.czxid.0),
        ("mzxid", stat.mzxid.0),
        ("pzxid", stat.pzxid.0),
        ("ctime", stat.ctime_ms),
        ("mtime", stat.mtime_ms),
        ("version", i64::from(stat.version)),
        ("cversion", i64::from(stat.cversion)),
        ("aversion", i64::from(stat.aversion)),
        ("ephemeralOwner", stat.ephemeral_owner),
        ("dataLength", i64::from(stat.data_length)),
        ("numChildren", i64::from(stat.num_children)),
    ];
    fields.map(|(name, value)| (name.to_owned(), value)).into()
}
