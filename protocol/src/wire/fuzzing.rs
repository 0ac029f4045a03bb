//! What every decoder must do with any bytes at all, as functions that panic if it does not.
//!
//! The fuzz targets under `fuzz/` call these, and so do the property tests beside this file. Each
//! decodes; what is accepted is written, read again, and must be the same value: bytes of an older
//! release, or with something behind them, may change on the way, but never what they mean.

use super::client::{FromServer, decode_reply};
use super::client::{
    decode_connect_request, decode_connect_response, decode_from_server, decode_request,
    encode_connect_request, encode_connect_response, encode_event, encode_reply, encode_request,
};
use super::election::{
    decode_handshake, decode_notification, encode_handshake, encode_notification,
};
use super::frame::{put_frame, take_frame};
use super::jute::MAX_BUFFER;
use super::quorum::{ImageScan, PacketDecoder, decode_packet, encode_packet};
use super::txn::{decode_txn, encode_txn};
use crate::message::Packet;
use bytes::{BufMut, BytesMut};

/// A name and what must hold for any bytes.
pub type Target = (&'static str, fn(&[u8]));

/// Every function here, by the name of its fuzz target.
pub const TARGETS: [Target; 8] = [
    ("handshake", handshake),
    ("notification", notification),
    ("packets", packets),
    ("txn", txn),
    ("connect", connect),
    ("request", request),
    ("from_server", from_server),
    ("image", image),
];

fn written(put: impl FnOnce(&mut BytesMut)) -> BytesMut {
    let mut out = BytesMut::new();
    put(&mut out);
    out
}

/// The handshake of an election connection.
pub fn handshake(bytes: &[u8]) {
    let mut input = BytesMut::from(bytes);
    match decode_handshake(&mut input) {
        Ok(Some(message)) => {
            let mut again = written(|out| encode_handshake(&message, out));
            assert_eq!(decode_handshake(&mut again), Ok(Some(message)));
        }
        Ok(None) | Err(_) => assert_eq!(input, bytes, "nothing was consumed"),
    }
}

/// A notification, in its frame.
pub fn notification(bytes: &[u8]) {
    let mut input = BytesMut::from(bytes);
    let framed = take_frame(&mut input, 1, MAX_BUFFER).ok().flatten();
    let payload = framed.as_deref().unwrap_or(bytes);
    if let Ok(mut notification) = decode_notification(payload) {
        // Before the configuration came, versions meant nothing; ours is written as 40 bytes then.
        if notification.config.is_none() {
            notification.version = 0;
        }
        let mut again =
            written(|out| put_frame(out, |out| encode_notification(&notification, out)));
        let payload = take_frame(&mut again, 1, usize::MAX).ok().flatten();
        let payload = payload.expect("an encoder writes whole frames");
        assert_eq!(decode_notification(&payload), Ok(notification));
    }
}

/// A stream of packets, which must say the same in one piece and in many.
pub fn packets(bytes: &[u8]) {
    let mut whole = BytesMut::from(bytes);
    let mut packets = Vec::new();
    while let Ok(Some(packet)) = decode_packet(&mut whole) {
        packets.push(packet);
    }
    let piece = bytes.first().map_or(1, |first| usize::from(first % 32) + 1);
    assert_eq!(in_pieces(bytes, piece), packets);
    let again = written(|out| packets.iter().for_each(|packet| encode_packet(packet, out)));
    assert_eq!(in_pieces(&again, again.len().max(1)), packets);
}

fn in_pieces(bytes: &[u8], piece: usize) -> Vec<Packet> {
    let (mut decoder, mut input) = (PacketDecoder::default(), BytesMut::new());
    let mut packets = Vec::new();
    for piece in bytes.chunks(piece) {
        input.put_slice(piece);
        loop {
            match decoder.decode(&mut input) {
                Ok(Some(packet)) => packets.push(packet),
                Ok(None) => break,
                Err(_) => return packets,
            }
        }
    }
    packets
}

/// A transaction.
pub fn txn(bytes: &[u8]) {
    if let Ok(txn) = decode_txn(bytes) {
        assert_eq!(decode_txn(&written(|out| encode_txn(&txn, out))), Ok(txn));
    }
}

/// The first frame of a client connection, either way.
pub fn connect(bytes: &[u8]) {
    if let Ok(request) = decode_connect_request(bytes) {
        let again = written(|out| encode_connect_request(&request, out));
        assert_eq!(decode_connect_request(&again), Ok(request));
    }
    if let Ok(response) = decode_connect_response(bytes) {
        let again = written(|out| encode_connect_response(&response, out));
        assert_eq!(decode_connect_response(&again), Ok(response));
    }
}

/// A client's request.
pub fn request(bytes: &[u8]) {
    if let Ok((xid, op)) = decode_request(bytes) {
        assert_eq!(decode_request(&written(|out| encode_request(xid, &op, out))), Ok((xid, op)));
    }
}

/// A server's reply or event; the first byte chooses the opcode that it answers.
pub fn from_server(bytes: &[u8]) {
    let Some((opcode, bytes)) = bytes.split_first() else {
        return;
    };
    let opcode = i32::from(opcode.cast_signed());
    match decode_from_server(bytes, |_| Some(opcode)) {
        Ok(FromServer::Reply(reply)) => {
            let again = written(|out| encode_reply(&reply, out));
            assert_eq!(decode_reply(&again, opcode), Ok(reply));
        }
        Ok(FromServer::Event(event)) => {
            let again = written(|out| encode_event(&event, out));
            assert_eq!(decode_from_server(&again, |_| None), Ok(FromServer::Event(event)));
        }
        Err(_) => {}
    }
}

/// The end of an image, looked for in one go and byte by byte.
pub fn image(bytes: &[u8]) {
    let mut scan = ImageScan::new(MAX_BUFFER);
    let at_once = scan.advance(bytes);
    let mut scan = ImageScan::new(MAX_BUFFER);
    for end in 0..=bytes.len() {
        match scan.advance(&bytes[..end]) {
            Ok(None) => {}
            found => {
                assert_eq!(found, at_once, "with {end} bytes");
                return;
            }
        }
    }
    assert_eq!(at_once, Ok(None));
}
