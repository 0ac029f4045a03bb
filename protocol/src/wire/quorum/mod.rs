//! The quorum port: packets between a leader and its learners, one after another without frames.
//!
//! Layout: docs/protocol.md, Q5.1. Every packet is a type, a zxid, a buffer and a list of
//! identities; SNAP is followed by the raw stream of a snapshot, whose end only its own structure
//! shows.

mod decode;
mod image_scan;

pub(super) use decode::read_packet;
pub use decode::{PacketDecoder, decode_packet};
pub use image_scan::ImageScan;

use super::client::encode_op;
use super::frame::put_frame;
use super::jute::{put_bool, put_buffer, put_string};
use super::record::put_ids;
use super::txn::encode_txn;
use crate::base::{Epoch, Zxid};
use crate::message::{ForwardedRequest, LearnerInfo, Packet, PacketKind};
use bytes::{BufMut, BytesMut};

/// The string that closes the stream of a snapshot.
pub const IMAGE_SIGNATURE: &str = "BenWasHere";

/// What REQUEST, REVALIDATE and UPTODATE have for a zxid.
const NO_ZXID: Zxid = Zxid(-1);

/// Writes a packet; for SNAP the image and its signature too.
pub fn encode_packet(packet: &Packet, out: &mut BytesMut) {
    out.put_i32(code(packet.kind()));
    out.put_i64(zxid_of(packet).0);
    put_data(packet, out);
    let request = if let Packet::Request(request) = packet { Some(request) } else { None };
    put_ids(out, request.and_then(|request| request.auth.as_deref()));
    if let Packet::Snap(image) = packet {
        out.put_slice(&image.bytes);
        put_string(out, IMAGE_SIGNATURE);
    }
}

/// Every packet with its number on the wire.
const CODES: [(PacketKind, i32); 19] = [
    (PacketKind::Request, 1),
    (PacketKind::Proposal, 2),
    (PacketKind::Ack, 3),
    (PacketKind::Commit, 4),
    (PacketKind::Ping, 5),
    (PacketKind::Revalidate, 6),
    (PacketKind::Sync, 7),
    (PacketKind::Inform, 8),
    (PacketKind::CommitAndActivate, 9),
    (PacketKind::NewLeader, 10),
    (PacketKind::FollowerInfo, 11),
    (PacketKind::UpToDate, 12),
    (PacketKind::Diff, 13),
    (PacketKind::Trunc, 14),
    (PacketKind::Snap, 15),
    (PacketKind::ObserverInfo, 16),
    (PacketKind::LeaderInfo, 17),
    (PacketKind::AckEpoch, 18),
    (PacketKind::InformAndActivate, 19),
];

/// A packet's number on the wire.
#[must_use]
pub fn code(kind: PacketKind) -> i32 {
    CODES.iter().find(|row| row.0 == kind).expect("every packet has a row in the table").1
}

/// The packet with a number; `None` for a number that ZooKeeper does not use.
#[must_use]
pub fn kind(code: i32) -> Option<PacketKind> {
    CODES.iter().find(|row| row.1 == code).map(|row| row.0)
}

fn zxid_of(packet: &Packet) -> Zxid {
    let without = if matches!(packet, Packet::Sync) { Zxid::ZERO } else { NO_ZXID };
    packet.zxid().unwrap_or(without)
}

fn put_data(packet: &Packet, out: &mut BytesMut) {
    match packet {
        Packet::Ack(_)
        | Packet::Commit(_)
        | Packet::Sync
        | Packet::UpToDate
        | Packet::Diff(_)
        | Packet::Trunc(_)
        | Packet::Snap(_)
        | Packet::Ping { touched: None, .. } => out.put_i32(-1),
        Packet::NewLeader { config, .. } => put_buffer(out, config.as_deref()),
        Packet::Request(request) => put_frame(out, |out| put_request(request, out)),
        Packet::Proposal(txn) | Packet::Inform(txn) => put_frame(out, |out| encode_txn(txn, out)),
        Packet::Ping { touched: Some(touched), .. } => put_frame(out, |out| {
            for (session, timeout_ms) in touched {
                out.put_i64(session.0);
                out.put_i32(*timeout_ms);
            }
        }),
        Packet::Revalidate { session, timeout_ms } => put_frame(out, |out| {
            out.put_i64(session.0);
            out.put_i32(*timeout_ms);
        }),
        Packet::Revalidated { session, valid } => put_frame(out, |out| {
            out.put_i64(session.0);
            put_bool(out, *valid);
        }),
        Packet::CommitAndActivate { designated, .. } => {
            put_frame(out, |out| out.put_i64(designated.0));
        }
        Packet::FollowerInfo(info) | Packet::ObserverInfo(info) => {
            put_frame(out, |out| put_learner_info(info, out));
        }
        Packet::LeaderInfo { protocol_version, .. } => {
            put_frame(out, |out| out.put_i32(*protocol_version));
        }
        Packet::AckEpoch { current_epoch, .. } => {
            put_frame(out, |out| out.put_i32(epoch_number(*current_epoch)));
        }
        Packet::InformAndActivate { txn, designated } => put_frame(out, |out| {
            out.put_i64(designated.0);
            encode_txn(txn, out);
        }),
    }
}

fn put_request(request: &ForwardedRequest, out: &mut BytesMut) {
    out.put_i64(request.session.0);
    out.put_i32(request.cxid);
    out.put_i32(request.opcode);
    encode_op(&request.op, out);
}

fn put_learner_info(info: &LearnerInfo, out: &mut BytesMut) {
    out.put_i64(info.id.0);
    out.put_i32(info.protocol_version);
    out.put_i64(info.config_version);
}

/// The current epoch in ACKEPOCH: -1 when the learner must not be counted again.
fn epoch_number(epoch: Option<Epoch>) -> i32 {
    epoch.map_or(-1, |epoch| {
        i32::try_from(epoch.0).expect("an epoch is the upper half of a zxid: 32 bits")
    })
}
