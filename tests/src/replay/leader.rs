//! Our server in the part of a recorded leader.

use super::stream::{Stream, hex};
use super::{Line, elections, recording, stage};
use crate::ensemble::{Place, start_at};
use crate::wait_for;
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, TcpStream};
use std::sync::Arc;
use vivarium_protocol::base::{Epoch, ServerId, Zxid};
use vivarium_protocol::message::{
    Image, Notification, Packet, PeerState, Stat, Txn, TxnDigest, Vote,
};
use vivarium_protocol::replica::image;
use vivarium_protocol::wire::quorum::encode_packet;

/// Where every server writes the list of servers that it has itself.
const CONFIG: &str = "/zookeeper/config";

/// One learner that is played: what our leader has yet to say to it.
struct Learner {
    stream: Stream,
    /// In this order.
    expected: VecDeque<Packet>,
    /// COMMITs, in this order, but anywhere among the others: they wait for other learners.
    commits: VecDeque<Packet>,
    synchronised: bool,
}

/// Plays the learners of recordings to our server in the part of the leader `id`, which has the
/// history up to `last` and begins `epoch`. `same` names connections that a later recording goes on
/// with under another number: (recording, its number, the number before).
///
/// # Panics
/// When our server says something else than Apache's did.
pub fn play(id: usize, epoch: Epoch, last: Zxid, names: &[&str], same: &[(&str, u32, u32)]) {
    let before = Epoch(epoch.0 - 1);
    let (_folder, places) = stage(names[0], id, last, (before, last.epoch()));
    let myself = ServerId(i64::try_from(id).expect("it is small"));
    let answer = move |_: usize, heard: &Notification| {
        let vote = Vote { leader: myself, zxid: last, peer_epoch: last.epoch() };
        Notification { state: PeerState::Looking, vote, ..heard.clone() }
    };
    elections::play(&places, id, Arc::new(answer));
    let _ours = start_at(&places[id - 1]);
    let mut learners: BTreeMap<u32, Learner> = BTreeMap::new();
    for name in names {
        let place = |line: &Line| format!("{name}, connection {}", line.stream);
        for mut line in recording(name).into_iter().filter(|line| line.listener == id) {
            let renamed = same.iter().find(|(of, now, _)| of == name && *now == line.stream);
            line.stream = renamed.map_or(line.stream, |(_, _, before)| *before);
            if line.by_learner() && line.frame.ends_with("INFO") {
                learners.insert(line.stream, Learner::connect(&places[id - 1]));
            }
            if line.frame == "ACKEPOCH" {
                // What a learner is sent depends on what was decided by then.
                learners.values_mut().for_each(|it| it.catch_up(true, &places, name));
            }
            // A connection that began before the recording is no part of the story.
            if let Some(learner) = learners.get_mut(&line.stream) {
                learner.take(&line, &places, &place(&line));
            }
        }
        for learner in learners.values_mut() {
            learner.catch_up(true, &places, name);
        }
    }
}

impl Learner {
    fn connect(leader: &Place) -> Learner {
        let at = (Ipv4Addr::LOCALHOST, leader.quorum);
        let socket = wait_for("our server leads", || TcpStream::connect(at).ok());
        Learner {
            stream: Stream::new(socket),
            expected: VecDeque::new(),
            commits: VecDeque::new(),
            synchronised: false,
        }
    }

    fn take(&mut self, line: &Line, places: &[Place], place: &str) {
        match (line.by_learner(), line.packet()) {
            (_, Packet::Ping { .. }) => {}
            (true, _) => {
                self.catch_up(false, places, place);
                self.stream.send(&line.bytes());
            }
            (false, commit @ Packet::Commit(_)) if self.synchronised => {
                self.commits.push_back(commit);
            }
            (false, packet) => {
                self.synchronised |= packet == Packet::UpToDate;
                self.expected.push_back(packet);
            }
        }
    }

    /// Hears what our leader has to have said by now; `all`: the COMMITs, too.
    fn catch_up(&mut self, all: bool, places: &[Place], place: &str) {
        while !self.expected.is_empty() || all && !self.commits.is_empty() {
            let next = self.expected.front().or(self.commits.front());
            let expected = next.map(|packet| packet.kind().name()).unwrap_or_default();
            let said = self.stream.next(expected);
            if let Packet::Ping { zxid, .. } = said {
                let mut out = bytes::BytesMut::new();
                encode_packet(&Packet::Ping { zxid, touched: Some(Vec::new()) }, &mut out);
                self.stream.send(&out);
                continue;
            }
            let is_commit = matches!(said, Packet::Commit(_)) && self.commits.contains(&said);
            let queue = if is_commit { &mut self.commits } else { &mut self.expected };
            let expected = queue.pop_front();
            let expected = expected.unwrap_or_else(|| panic!("{place}: {said:?} is too much"));
            compare(&said, &expected, places, place);
        }
    }
}

/// Asserts that our leader said what Apache's did.
fn compare(said: &Packet, expected: &Packet, places: &[Place], place: &str) {
    let timeless = |packet: &Packet| match packet.clone() {
        Packet::Proposal(txn) => Packet::Proposal(Arc::new(without_time(&txn))),
        Packet::Inform(txn) => Packet::Inform(Arc::new(without_time(&txn))),
        Packet::NewLeader { epoch, config } => {
            let text = config.map(|it| String::from_utf8_lossy(&it).into_owned());
            let text = text.map(|text| without_ports(&text, places).into());
            Packet::NewLeader { epoch, config: text }
        }
        other => other,
    };
    match (said, expected) {
        (Packet::Snap(ours), Packet::Snap(theirs)) => compare_images(ours, theirs, place),
        // Who has nothing, where there is nothing: Apache sends an empty tree, ours says so.
        (Packet::Diff(Zxid::ZERO), Packet::Snap(theirs)) => {
            assert_eq!(theirs.zxid.counter(), 0, "{place}: nothing had been decided");
        }
        _ => assert_eq!(
            hex(&timeless(said)),
            hex(&timeless(expected)),
            "{place}: {said:?}\ninstead of {expected:?}"
        ),
    }
}

/// The leader's clock, and the digest that depends on it, differ; that there is one does not.
fn without_time(txn: &Txn) -> Txn {
    let mut txn = txn.clone();
    txn.header.time_ms = 0;
    txn.digest = txn.digest.map(|digest| TxnDigest { tree: 0, ..digest });
    txn
}

/// A list of servers with `quorum` and `election` for port numbers, ours and the recorded.
fn without_ports(text: &str, places: &[Place]) -> String {
    let mut text = text.to_owned();
    for at in 1..=4 {
        text = text.replace(&format!(":288{at}:388{at}:"), ":quorum:election:");
    }
    for it in places {
        text = text.replace(&format!(":{}:{}:", it.quorum, it.election), ":quorum:election:");
    }
    text
}

/// What is compared of an image: the sessions, and every znode but the list of servers.
type Seen = (Vec<(i64, i32)>, BTreeMap<String, String>);

fn compare_images(ours: &Image, theirs: &Image, place: &str) {
    // Where the new epoch has nothing yet, Apache names its start and ours the transaction before.
    let nothing_new = theirs.zxid.counter() == 0 && ours.zxid.epoch() < theirs.zxid.epoch();
    assert!(ours.zxid == theirs.zxid || nothing_new, "{place}: SNAP at {}", ours.zxid);
    let epoch = theirs.zxid.epoch();
    let (ours, theirs) = (seen(ours, epoch), seen(theirs, epoch));
    assert_eq!(ours, theirs, "{place}: the tree behind SNAP");
}

fn seen(image: &Image, epoch: Epoch) -> Seen {
    let (tree, _) = image::decode(&image.bytes).expect("it decodes");
    let sessions = tree.sessions().iter().map(|(id, timeout)| (id.0, *timeout)).collect();
    let told = |path: &String| {
        let znode = tree.get(path).expect("it was listed");
        // What the leader itself wrote has the time of its clock.
        let by_leader = |zxid: Zxid| zxid.epoch() == epoch;
        let stat = znode.visible_stat();
        let ctime_ms = if by_leader(stat.czxid) { 0 } else { stat.ctime_ms };
        let mtime_ms = if by_leader(stat.mzxid) { 0 } else { stat.mtime_ms };
        let stat = Stat { ctime_ms, mtime_ms, ..stat };
        format!("{:?} {:?} {stat:?}", znode.data, znode.acl.to_vec())
    };
    let paths = tree.paths().into_iter().filter(|path| path != CONFIG);
    (sessions, paths.map(|path| (path.clone(), told(&path))).collect())
}
