//! Our server in the part of a recorded learner.

use super::stream::{Frames, Stream, hex};
use super::{Line, elections, recording_with, stage, unhex};
use crate::ensemble::{Place, start_at};
use crate::{wait_for, words};
use std::collections::{BTreeMap, VecDeque};
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use vivarium_protocol::base::{Epoch, ServerId, SessionId, Zxid};
use vivarium_protocol::message::{Notification, Packet, PeerState, Reply, ReplyBody, Vote};
use vivarium_protocol::wire::client::{FromServer, decode_from_server, decode_request};
use vivarium_protocol::wire::quorum::decode_packet;

/// What the recorded learner was when it came: its number, its leader's, its disk.
struct Arrival {
    id: usize,
    leader: usize,
    last: Zxid,
    accepted: Epoch,
    current: Epoch,
    epoch: Epoch,
}

fn arrival(lines: &[Line]) -> Arrival {
    let (Packet::FollowerInfo(info) | Packet::ObserverInfo(info)) = lines[0].packet() else {
        panic!("it begins with {}", lines[0].frame);
    };
    let accepted = info.accepted_epoch;
    let find = |frame: &str| lines.iter().find(|line| line.frame == frame).map(Line::packet);
    let Some(Packet::LeaderInfo { epoch, .. }) = find("LEADERINFO") else {
        panic!("a leader names its epoch");
    };
    let Some(Packet::AckEpoch { current_epoch, last_zxid }) = find("ACKEPOCH") else {
        panic!("a learner promises");
    };
    let id = usize::try_from(info.id.0).expect("it is small");
    // Who had promised already does not say what it had acknowledged; it was the same.
    let current = current_epoch.unwrap_or(accepted);
    Arrival { id, leader: lines[0].listener, last: last_zxid, accepted, current, epoch }
}

/// What is played to our server: a connection of the quorum port in a recording, and with it the
/// connection of a client.
pub type Part<'a> = (&'a str, u32, Option<u32>);

/// Plays parts of recordings to our server, the first from its beginning and each further one as
/// the continuation of the one before, and compares everything that it says with what Apache's
/// said, to its leader and to its client. Without a client, a part ends where one asked for
/// something.
///
/// # Panics
/// When our server says something else.
pub fn play(parts: &[Part<'_>]) {
    let mut lines = Vec::new();
    for (name, stream, client) in parts {
        let mut part = recording_with(name, *client);
        part.retain(|line| line.kind == "client" || line.stream == *stream);
        let asked = part.iter().position(|line| line.frame == "REQUEST");
        part.truncate(asked.filter(|_| client.is_none()).unwrap_or(part.len()));
        lines.extend(part);
    }
    let came = arrival(&lines);
    let (name, stream, _) = parts[0];
    let (_folder, places) = stage(name, came.id, came.last, (came.accepted, came.current));
    let quorum = places[came.leader - 1].quorum;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, quorum)).expect("the port is free");
    let (leader, epoch) = (came.leader, came.epoch);
    let answer = move |id: usize, heard: &Notification| {
        let state = if id == leader { PeerState::Leading } else { PeerState::Following };
        let leader = ServerId(i64::try_from(leader).expect("it is small"));
        let vote = Vote { leader, zxid: Zxid::ZERO, peer_epoch: epoch };
        Notification { state, vote, round: 1, ..heard.clone() }
    };
    elections::play(&places, came.id, Arc::new(answer));
    let ours = &places[came.id - 1];
    let _ours = start_at(ours);
    let (socket, _) = listener.accept().expect("our server comes");
    let place = format!("{name}, connection {stream}");
    let mut talk = Talk {
        leader: Stream::new(socket),
        heard: BTreeMap::new(),
        client: None,
        asked: BTreeMap::new(),
        session: None,
        ours,
        place,
    };
    lines.iter().for_each(|line| talk.take(line));
}

/// What our server says, as far as it is known.
struct Talk<'a> {
    leader: Stream,
    /// What it said to its leader before it was expected: acknowledgements, requests and answers to
    /// pings overtake one another.
    heard: BTreeMap<&'static str, VecDeque<Packet>>,
    client: Option<Frames>,
    /// What the client asked, by its numbers.
    asked: BTreeMap<i32, i32>,
    /// The session of the recording and ours, which our server chose itself.
    session: Option<(String, String)>,
    ours: &'a Place,
    place: String,
}

impl Talk<'_> {
    fn take(&mut self, line: &Line) {
        match (line.kind.as_str(), line.by_learner()) {
            ("client", true) => self.ask(line),
            ("client", false) => self.answer(line),
            (_, false) => self.leader.send(&unhex(&self.with_session(&line.raw))),
            (_, true) => self.expect(line),
        }
    }

    /// A line as it is with our session in place of the recorded one.
    fn with_session(&self, raw: &str) -> String {
        match &self.session {
            Some((recorded, ours)) => raw.replace(recorded, ours),
            None => raw.to_owned(),
        }
    }

    /// What our server says next to its leader, of the kind that Apache's said.
    fn expect(&mut self, line: &Line) {
        let expected = line.packet();
        let kind = expected.kind().name();
        let said = loop {
            if let Some(said) = self.heard.entry(kind).or_default().pop_front() {
                break said;
            }
            let next = self.leader.next(kind);
            self.heard.entry(next.kind().name()).or_default().push_back(next);
        };
        match (&said, &expected) {
            // Which sessions are listed is looked past: Apache's learners name each session once
            // when its creation is decided, ours those that they hear from.
            (Packet::Ping { zxid, touched }, Packet::Ping { zxid: asked, .. }) => {
                assert_eq!(zxid, asked, "{}: a ping's answer", self.place);
                assert!(touched.is_some(), "a list that is not there makes a leader hang up");
                return;
            }
            (Packet::Request(ours), Packet::Request(theirs)) if self.session.is_none() => {
                let hex = |session: SessionId| format!("{:016x}", session.0);
                self.session = Some((hex(theirs.session), hex(ours.session)));
            }
            _ => {}
        }
        let mut expected = unhex(&self.with_session(&line.raw));
        let expected = decode_packet(&mut expected).expect("it decodes").expect("it is whole");
        let (place, text) = (&self.place, format!("{said:?}"));
        assert_eq!(hex(&in_order(said)), hex(&in_order(expected)), "{place}: {text} for {kind}");
    }

    /// Sends what the recorded client sent.
    fn ask(&mut self, line: &Line) {
        let at = self.ours.address();
        let client = self.client.get_or_insert_with(|| {
            wait_for("our server serves", || words::mode(at));
            Frames::connect(at)
        });
        if line.frame != "CONNECT" {
            let (number, op) = decode_request(&line.bytes()[4..]).expect("it is a request");
            self.asked.insert(number, op.opcode());
        }
        client.send(&line.bytes());
    }

    /// What our server answers to the client, byte for byte.
    fn answer(&mut self, line: &Line) {
        let said = self.client.as_mut().expect("it asked first").frame();
        let (place, expected) = (&self.place, unhex(&self.with_session(&line.raw)));
        let [mut said, mut expected] = [said, expected].map(|frame| match line.frame.as_str() {
            "CONNECT" => hexadecimal(&frame),
            _ => self.answer_in_order(&frame),
        });
        if line.frame == "CONNECT" {
            // The password follows from the session.
            for text in [&mut said, &mut expected] {
                text.replace_range(PASSWORD, "");
            }
        }
        assert_eq!(said, expected, "{place}: what the client is told");
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Who a client has shown to be has no order in Apache's requests.
fn in_order(packet: Packet) -> Packet {
    let Packet::Request(mut request) = packet else { return packet };
    if let Some(auth) = &mut request.auth {
        auth.sort_by(|a, b| (&a.scheme, &a.id).cmp(&(&b.scheme, &b.id)));
    }
    Packet::Request(request)
}

impl Talk<'_> {
    /// An answer as text, with children in order: Apache's have none.
    fn answer_in_order(&self, frame: &[u8]) -> String {
        let opcode = |number| self.asked.get(&number).copied();
        let mut decoded = decode_from_server(&frame[4..], opcode).expect("it decodes");
        let FromServer::Reply(Reply { result: Ok(body), .. }) = &mut decoded else {
            return hexadecimal(frame);
        };
        if let ReplyBody::Children(names) | ReplyBody::ChildrenStat { children: names, .. } = body {
            names.sort();
            return format!("{decoded:?}");
        }
        hexadecimal(frame)
    }
}

/// Where the password is in the answer to CONNECT: behind three numbers, the session and its own
/// length; in hexadecimal digits.
const PASSWORD: std::ops::Range<usize> = 48..80;
