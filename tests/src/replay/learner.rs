//! Our server in the part of a recorded learner.

use super::stream::{Stream, hex};
use super::{Line, elections, recording, stage};
use crate::ensemble::start_at;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::Arc;
use vivarium_protocol::base::{Epoch, ServerId, SessionId, Zxid};
use vivarium_protocol::message::{Notification, Packet, PeerState, Vote};

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

/// Plays one connection of a recording to our server, from its beginning to where a client asked
/// for something, and compares every packet of ours with Apache's.
///
/// # Panics
/// When our server says something else.
pub fn play(name: &str, stream: u32) {
    let mut lines = recording(name);
    lines.retain(|line| line.stream == stream);
    if let Some(asked) = lines.iter().position(|line| line.frame == "REQUEST") {
        lines.truncate(asked);
    }
    let came = arrival(&lines);
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
    let _ours = start_at(&places[came.id - 1]);
    let (socket, _) = listener.accept().expect("our server comes");
    converse(&lines, Stream::new(socket), &format!("{name}, connection {stream}"));
}

fn converse(lines: &[Line], mut stream: Stream, place: &str) {
    let (mut pongs, mut expected_pongs) = (Vec::new(), Vec::new());
    for line in lines {
        match (line.by_learner(), line.packet()) {
            (false, _) => stream.send(&line.bytes()),
            (true, Packet::Ping { zxid, .. }) => expected_pongs.push(zxid),
            (true, _) => {
                let said = loop {
                    match stream.next(&line.frame) {
                        Packet::Ping { zxid, touched } => pongs.push(answered(zxid, touched)),
                        other => break other,
                    }
                };
                assert_eq!(hex(&said), line.raw, "{place}: {said:?} instead of {}", line.frame);
            }
        }
    }
    while pongs.len() < expected_pongs.len() {
        match stream.next("PING") {
            Packet::Ping { zxid, touched } => pongs.push(answered(zxid, touched)),
            other => panic!("{place}: {other:?} instead of PING"),
        }
    }
    assert_eq!(pongs, expected_pongs, "{place}: pings are answered as Apache answered them");
}

/// The zxid that a ping is answered with. Which sessions are listed is looked past: Apache's
/// learners name each session once when its creation is decided, ours those that they hear from.
fn answered(zxid: Zxid, touched: Option<Vec<(SessionId, i32)>>) -> Zxid {
    assert!(touched.is_some(), "a list that is not there makes a leader hang up");
    zxid
}
