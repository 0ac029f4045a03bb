//! Recorded conversations of Apache's servers, played again with one of ours in one part.
//!
//! The other parts are played from the recording: their packets are sent byte for byte as they were
//! recorded, and what our server says is held against what Apache's said in its place. Its disk is
//! first given the history that the recorded server had.
//!
//! What can't be equal is looked past, and nothing else: pings have their own time, a leader puts
//! its own clock into transactions (and so into digests), and lists of servers name other ports.

pub mod elections;
pub mod leader;
pub mod learner;
pub mod stream;

use crate::ensemble::{Place, configure, places};
use crate::fixture;
use crate::process::Folder;
use bytes::BytesMut;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use vivarium_protocol::base::{Epoch, Zxid};
use vivarium_protocol::message::{Packet, Txn, TxnBody, TxnHeader};
use vivarium_protocol::wire::quorum::decode_packet;
use vivarium_server::disk::{Storage, StorageOptions};

/// One line of a recording.
#[derive(Clone, Deserialize)]
pub struct Line {
    /// The number of the connection.
    pub stream: u32,
    /// To which port it was opened.
    pub kind: String,
    /// Who accepted it.
    pub listener: usize,
    /// `to_listener` or `from_listener`.
    pub dir: String,
    /// What it is.
    pub frame: String,
    /// The bytes, hexadecimal.
    pub raw: String,
}

impl Line {
    /// Whether the one who opened the connection said it.
    #[must_use]
    pub fn by_learner(&self) -> bool {
        self.dir == "to_listener"
    }

    /// Its bytes.
    ///
    /// # Panics
    /// When they are not hexadecimal.
    #[must_use]
    pub fn bytes(&self) -> BytesMut {
        unhex(&self.raw)
    }

    /// The packet that it is.
    ///
    /// # Panics
    /// When it is none.
    #[must_use]
    pub fn packet(&self) -> Packet {
        decode_packet(&mut self.bytes()).expect("it decodes").expect("it was recorded whole")
    }
}

fn unhex(text: &str) -> BytesMut {
    let pairs = text.as_bytes().chunks(2);
    let text = pairs.map(|pair| std::str::from_utf8(pair).expect("it is text"));
    text.map(|pair| u8::from_str_radix(pair, 16).expect("it is hexadecimal")).collect()
}

/// The packets of a recording, in order; a SNAP and the stream behind it are one.
///
/// # Panics
/// When there is no such recording.
#[must_use]
pub fn recording(name: &str) -> Vec<Line> {
    recording_with(name, None)
}

/// The same, among the frames of one client's connection.
///
/// # Panics
/// When there is no such recording.
#[must_use]
pub fn recording_with(name: &str, client: Option<u32>) -> Vec<Line> {
    let path = fixture(&format!("apache-3.9.5/wire/{name}.jsonl"));
    let text = fs::read_to_string(path).expect("the recording is there");
    let lines = text.lines().map(|line| serde_json::from_str(line).expect("it is a line"));
    let mut found: Vec<Line> = Vec::new();
    let wanted =
        |line: &Line| line.kind == "quorum" || line.kind == "client" && Some(line.stream) == client;
    for line in lines.filter(wanted) {
        if line.frame == "SNAPSHOT_STREAM" {
            let head = found.iter_mut().rfind(|it| it.stream == line.stream);
            head.expect("SNAP comes first").raw.push_str(&line.raw);
        } else {
            found.push(line);
        }
    }
    found
}

/// The recordings, in their order: each goes on where the one before ended.
pub const RECORDINGS: [&str; 8] = [
    "01-first-start",
    "02-client-operations",
    "03-diff",
    "04-snap",
    "05-trunc",
    "06-snap-after-divergence",
    "07-leader-crash",
    "08-observer",
];

/// What a recorded server's log held when its last zxid was this: of earlier epochs what was
/// decided, of the last one everything. Proposals that no recording has (a leader died with them)
/// are made up.
#[must_use]
pub fn history(last: Zxid) -> Vec<Txn> {
    let mut proposed: BTreeMap<Zxid, Txn> = BTreeMap::new();
    let mut decided = Vec::new();
    for line in RECORDINGS.iter().flat_map(|name| recording(name)) {
        match line.packet() {
            Packet::Proposal(txn) | Packet::Inform(txn) => {
                proposed.insert(txn.header.zxid, (*txn).clone());
            }
            Packet::Commit(zxid) => decided.push(zxid),
            _ => {}
        }
    }
    let counts = |zxid: &Zxid| zxid.epoch() == last.epoch() || decided.contains(zxid);
    let mut found: Vec<Txn> =
        proposed.into_values().filter(|txn| txn.header.zxid <= last).collect();
    found.retain(|txn| counts(&txn.header.zxid));
    while let Some(end) = found.last().map(|txn| txn.header.zxid).filter(|end| *end < last) {
        let header = TxnHeader { zxid: Zxid(end.0 + 1), ..found[found.len() - 1].header };
        found.push(Txn { header, body: TxnBody::Error { code: -110 }, digest: None });
    }
    found
}

/// Places for the three recorded servers and, in the recording that has one, the observer; `id` is
/// the part of our server, whose disk gets a history and the epochs that it had promised and
/// acknowledged.
///
/// # Panics
/// When the disk can't be written.
#[must_use]
pub fn stage(
    name: &str,
    id: usize,
    last: Zxid,
    (accepted, current): (Epoch, Epoch),
) -> (Folder, Vec<Place>) {
    let folder = Folder::new();
    let places = places(folder.path(), 3, usize::from(name == "08-observer"));
    configure(&places[id - 1], &places, "");
    let data = places[id - 1].folder.join("data");
    let (mut storage, _) = Storage::open(&StorageOptions::new(&data)).expect("it is empty");
    for txn in history(last) {
        storage.append(&txn).expect("what was recorded has no gaps");
    }
    storage.accepted_epoch(accepted).expect("the disk can be written");
    storage.current_epoch(current).expect("the disk can be written");
    (folder, places)
}
