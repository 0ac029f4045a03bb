//! The election port: the handshake of a connection, and notifications.
//!
//! Layouts: docs/protocol.md, Q3.2 and Q4.1. A notification is the payload of one frame; the
//! handshake has no frame and goes in one direction only. The text of a configuration stays text
//! here: whoever needs it parses it, and a bad one costs only itself.

use super::jute::{Decoded, Fault, Reader, put_length, text};
use crate::base::{Epoch, ServerId, Zxid};
use crate::message::{Notification, PeerState, Vote};
use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The version that current servers write: configuration text included.
pub const NOTIFICATION_VERSION: i32 = 2;

/// The longest list of addresses in a handshake, bytes.
const MAX_ADDRESSES: i32 = 2048;

/// Writes a notification. Without a configuration, one of version 2 or later gets an empty text.
pub fn encode_notification(notification: &Notification, out: &mut BytesMut) {
    out.put_i32(ordinal(notification.state));
    out.put_i64(notification.vote.leader.0);
    out.put_i64(notification.vote.zxid.0);
    out.put_i64(notification.round);
    out.put_i64(notification.vote.peer_epoch.0);
    out.put_i32(notification.version);
    if notification.version >= NOTIFICATION_VERSION {
        let config = notification.config.as_deref().unwrap_or_default();
        put_length(out, config.len());
        out.put_slice(config);
    }
}

/// Reads a notification of any release: 28 bytes up to 3.3, 40 up to 3.4, more since.
///
/// # Errors
/// Too short (the 36 bytes of 3.4.0 included, as in ZooKeeper), an unknown state, a text whose
/// length is wrong. ZooKeeper drops such a notification and keeps the connection.
pub fn decode_notification(bytes: &[u8]) -> Decoded<Notification> {
    read_notification(&mut Reader::new(bytes))
}

pub(super) fn read_notification(reader: &mut Reader<'_>) -> Decoded<Notification> {
    let whole = reader.remaining();
    let state = read_state(reader)?;
    let leader = ServerId(reader.i64("leader")?);
    let zxid = Zxid(reader.i64("zxid")?);
    let round = reader.i64("electionEpoch")?;
    let peer_epoch = match reader.remaining() {
        0 => zxid.epoch(),
        _ => Epoch(reader.i64("peerEpoch")?),
    };
    let vote = Vote { leader, zxid, peer_epoch };
    let mut notification = Notification { state, vote, round, version: 0, config: None };
    if whole > 28 {
        let version = reader.i32("version")?;
        // Exactly 40 bytes: releases that wrote a version and meant nothing by it.
        notification.version = if whole > 40 { version } else { 0 };
    }
    if notification.version >= NOTIFICATION_VERSION {
        notification.config = Some(read_config(reader)?);
    }
    Ok(notification)
}

fn read_state(reader: &mut Reader<'_>) -> Decoded<PeerState> {
    let at = reader.clone();
    match reader.i32("state")? {
        0 => Ok(PeerState::Looking),
        1 => Ok(PeerState::Following),
        2 => Ok(PeerState::Leading),
        3 => Ok(PeerState::Observing),
        other => Err(at.error("state", Fault::Unknown(i64::from(other)))),
    }
}

fn ordinal(state: PeerState) -> i32 {
    match state {
        PeerState::Looking => 0,
        PeerState::Following => 1,
        PeerState::Leading => 2,
        PeerState::Observing => 3,
    }
}

fn read_config(reader: &mut Reader<'_>) -> Decoded<Bytes> {
    let at = reader.clone();
    let length = reader.i32("configLength")?;
    let limit = reader.remaining();
    let wanted = usize::try_from(length)
        .map_err(|_| at.error("configLength", Fault::Length { length, limit }))?;
    Ok(Bytes::copy_from_slice(reader.take("config", wanted)?))
}

/// Which form of the handshake; the number on the wire is `protocolVersion`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandshakeVersion {
    /// Before 3.5: the bare id, no address.
    Bare,
    /// -65536, since 3.5: one address.
    V1,
    /// -65535, since 3.6: several addresses.
    V2,
}

/// What the initiator of an election connection says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InitialMessage {
    /// The form.
    pub version: HandshakeVersion,
    /// The initiator.
    pub id: ServerId,
    /// Where its own election port is: host (without brackets) and port. Empty in the bare form.
    pub addresses: Vec<(String, u16)>,
}

/// Writes a handshake. It must go out in one write: the other end reads the addresses with one
/// call.
pub fn encode_handshake(message: &InitialMessage, out: &mut BytesMut) {
    match message.version {
        HandshakeVersion::Bare => return out.put_i64(message.id.0),
        HandshakeVersion::V1 => out.put_i64(-65536),
        HandshakeVersion::V2 => out.put_i64(-65535),
    }
    out.put_i64(message.id.0);
    let addresses: Vec<String> = message.addresses.iter().map(address_text).collect();
    let addresses = addresses.join("|");
    put_length(out, addresses.len());
    out.put_slice(addresses.as_bytes());
}

fn address_text((host, port): &(String, u16)) -> String {
    if host.contains(':') { format!("[{host}]:{port}") } else { format!("{host}:{port}") }
}

/// Takes a handshake from the front of `input`; `None` if it is not all there yet, and then nothing
/// is consumed.
///
/// # Errors
/// An unknown version, a length outside 1 to 2048, something that is no address: the connection
/// must be closed.
pub fn decode_handshake(input: &mut BytesMut) -> Decoded<Option<InitialMessage>> {
    let mut reader = Reader::new(input);
    match read_handshake(&mut reader) {
        Ok(message) => {
            let used = reader.offset();
            input.advance(used);
            Ok(Some(message))
        }
        Err(error) if error.is_end_of_input() => Ok(None),
        Err(error) => Err(error),
    }
}

fn read_handshake(reader: &mut Reader<'_>) -> Decoded<InitialMessage> {
    let at = reader.clone();
    let version = match reader.i64("protocolVersion")? {
        -65536 => HandshakeVersion::V1,
        -65535 => HandshakeVersion::V2,
        id if id >= 0 => {
            let version = HandshakeVersion::Bare;
            return Ok(InitialMessage { version, id: ServerId(id), addresses: Vec::new() });
        }
        other => return Err(at.error("protocolVersion", Fault::Unknown(other))),
    };
    let id = ServerId(reader.i64("sid")?);
    let at = reader.clone();
    let length = reader.i32("addrLen")?;
    if !(1..=MAX_ADDRESSES).contains(&length) {
        let fault = Fault::Length { length, limit: MAX_ADDRESSES.unsigned_abs() as usize };
        return Err(at.error("addrLen", fault));
    }
    let at = reader.clone();
    let addresses = text(reader.take("addresses", length.unsigned_abs() as usize)?);
    let addresses = addresses
        .split('|')
        .map(|address| {
            parse_address(address)
                .ok_or_else(|| at.error("addresses", Fault::Text(address.to_owned())))
        })
        .collect::<Decoded<Vec<_>>>()?;
    Ok(InitialMessage { version, id, addresses })
}

fn parse_address(address: &str) -> Option<(String, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = bare.unwrap_or(host);
    if host.is_empty() || (bare.is_none() && host.contains(':')) {
        return None;
    }
    // The port must be digits alone: `parse` would also take a sign.
    let digits = port.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| port.parse().ok()).flatten().map(|port| (host.to_owned(), port))
}
