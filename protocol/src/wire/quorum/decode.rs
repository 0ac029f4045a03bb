//! Packets out of an unframed stream.
//!
//! Invariants: nothing is consumed until a packet is whole; asking again with little more input
//! costs little (a packet is measured without being read, a SNAP's image is scanned only onward);
//! no packet makes the decoder wait for more than its limits allow, an image apart.

use super::image_scan::{ImageScan, SIGNATURE};
use super::kind;
use crate::base::{Epoch, ServerId, SessionId, Zxid};
use crate::message::{ForwardedRequest, Id, Image, LearnerInfo, Op, Packet, PacketKind};
use crate::wire::client::decode_op;
use crate::wire::jute::{Decoded, Fault, MAX_FIELD, Reader};
use crate::wire::record::read_ids;
use crate::wire::txn::read_txn;
use bytes::{Buf, Bytes, BytesMut};
use std::sync::Arc;

/// The bytes before a packet's data: type, zxid and the data's length.
const HEAD: usize = 4 + 8 + 4;

/// The protocol version of a learner that names none.
const OLD_LEARNER: i32 = 1;

/// Reads the packets of one connection.
#[derive(Clone, Debug)]
pub struct PacketDecoder {
    limit: usize,
    /// Of a SNAP whose image is still arriving: the bytes before the image, and the scan.
    image: Option<(usize, ImageScan)>,
}

impl Default for PacketDecoder {
    fn default() -> Self {
        PacketDecoder::new(MAX_FIELD)
    }
}

impl PacketDecoder {
    /// A decoder with the longest accepted field in bytes: `jute.maxbuffer` plus its extra size.
    #[must_use]
    pub fn new(limit: usize) -> PacketDecoder {
        PacketDecoder { limit, image: None }
    }

    /// Takes one packet from the front of `input`; `None` if it is not all there yet, and then
    /// nothing is consumed and the next call must see the same bytes and more.
    ///
    /// # Errors
    /// Bytes that are no packet: the connection must be closed. Offsets count from the packet's
    /// first byte.
    pub fn decode(&mut self, input: &mut BytesMut) -> Decoded<Option<Packet>> {
        if self.image.is_none() {
            let Some(length) = measure(input, self.limit)? else {
                return Ok(None);
            };
            if read_kind(&mut Reader::new(input))? != PacketKind::Snap {
                let packet = read_packet(&mut Reader::within(&input[..length], self.limit))?;
                input.advance(length);
                return Ok(Some(packet));
            }
            self.image = Some((length, ImageScan::new(self.limit)));
        }
        self.decode_image(input)
    }

    fn decode_image(&mut self, input: &mut BytesMut) -> Decoded<Option<Packet>> {
        let Some((head, scan)) = &mut self.image else {
            return Ok(None);
        };
        let head = *head;
        let found = scan.advance(input.get(head..).unwrap_or_default());
        let Some(length) = found.map_err(|error| error.beyond(head))? else {
            return Ok(None);
        };
        let mut reader = Reader::new(input);
        reader.i32("type")?;
        let zxid = Zxid(reader.i64("zxid")?);
        input.advance(head);
        let bytes = input.split_to(length).freeze();
        input.advance(SIGNATURE);
        self.image = None;
        Ok(Some(Packet::Snap(Image { zxid, bytes })))
    }
}

/// Takes one packet from the front of `input`, with the default limits and without remembering how
/// far the image of a SNAP was scanned; `None` if it is not all there yet.
///
/// # Errors
/// As [`PacketDecoder::decode`].
pub fn decode_packet(input: &mut BytesMut) -> Decoded<Option<Packet>> {
    PacketDecoder::default().decode(input)
}

/// The bytes of the packet at the front, image and signature of a SNAP not counted.
fn measure(input: &[u8], limit: usize) -> Decoded<Option<usize>> {
    let mut reader = Reader::within(input, limit);
    match skip(&mut reader, limit) {
        Ok(()) => Ok(Some(reader.offset())),
        Err(error) if error.is_end_of_input() => Ok(None),
        Err(error) => Err(error),
    }
}

fn skip(reader: &mut Reader<'_>, limit: usize) -> Decoded<()> {
    read_kind(reader)?;
    reader.i64("zxid")?;
    reader.buffer("data")?;
    let at = reader.clone();
    let count = reader.i32("authinfo")?;
    for _ in 0..count {
        reader.buffer("scheme")?;
        reader.buffer("id")?;
        if reader.offset() - at.offset() > limit {
            return Err(at.error("authinfo", Fault::Length { length: count, limit }));
        }
    }
    Ok(())
}

fn read_kind(reader: &mut Reader<'_>) -> Decoded<PacketKind> {
    let at = reader.clone();
    let code = reader.i32("type")?;
    kind(code).ok_or_else(|| at.error("type", Fault::Unknown(i64::from(code))))
}

/// Reads one packet, of a SNAP what stands before its image.
pub(in crate::wire) fn read_packet(reader: &mut Reader<'_>) -> Decoded<Packet> {
    let kind = read_kind(reader)?;
    let zxid = Zxid(reader.i64("zxid")?);
    let data = reader.buffer("data")?;
    // Null data reads as empty: what needs more finds the end of its input.
    let mut inner = reader.inside(data.unwrap_or_default());
    let auth = read_ids(reader)?;
    read_data(kind, zxid, data, auth, &mut inner).map_err(|error| error.beyond(HEAD))
}

fn read_data(
    kind: PacketKind,
    zxid: Zxid,
    data: Option<&[u8]>,
    auth: Option<Vec<Id>>,
    inner: &mut Reader<'_>,
) -> Decoded<Packet> {
    Ok(match kind {
        PacketKind::Request => Packet::Request(read_request(auth, inner)?),
        PacketKind::Proposal => Packet::Proposal(Arc::new(read_txn(inner)?)),
        PacketKind::Ack => Packet::Ack(zxid),
        PacketKind::Commit => Packet::Commit(zxid),
        PacketKind::Ping if data.is_none() => Packet::Ping { zxid, touched: None },
        PacketKind::Ping => Packet::Ping { zxid, touched: Some(read_touched(inner)?) },
        PacketKind::Revalidate => read_revalidate(inner)?,
        PacketKind::Sync => Packet::Sync,
        PacketKind::Inform => Packet::Inform(Arc::new(read_txn(inner)?)),
        PacketKind::CommitAndActivate => {
            Packet::CommitAndActivate { zxid, designated: ServerId(inner.i64("designatedLeader")?) }
        }
        PacketKind::NewLeader => {
            Packet::NewLeader { epoch: zxid.epoch(), config: data.map(Bytes::copy_from_slice) }
        }
        PacketKind::FollowerInfo => Packet::FollowerInfo(read_learner_info(zxid, inner)?),
        PacketKind::UpToDate => Packet::UpToDate,
        PacketKind::Diff => Packet::Diff(zxid),
        PacketKind::Trunc => Packet::Trunc(zxid),
        PacketKind::Snap => Packet::Snap(Image { zxid, bytes: Bytes::new() }),
        PacketKind::ObserverInfo => Packet::ObserverInfo(read_learner_info(zxid, inner)?),
        PacketKind::LeaderInfo => Packet::LeaderInfo {
            epoch: zxid.epoch(),
            protocol_version: inner.i32("protocolVersion")?,
        },
        PacketKind::AckEpoch => {
            let epoch = inner.i32("currentEpoch")?;
            let current_epoch = (epoch != -1).then(|| Epoch(i64::from(epoch)));
            Packet::AckEpoch { current_epoch, last_zxid: zxid }
        }
        PacketKind::InformAndActivate => {
            let designated = ServerId(inner.i64("designatedLeader")?);
            Packet::InformAndActivate { txn: Arc::new(read_txn(inner)?), designated }
        }
    })
}

/// A forwarded request whose record cannot be read becomes an unsupported one: the client is at
/// fault, not the learner, and the leader answers it with an error transaction.
fn read_request(auth: Option<Vec<Id>>, inner: &mut Reader<'_>) -> Decoded<ForwardedRequest> {
    let session = SessionId(inner.i64("clientSession")?);
    let cxid = inner.i32("cxid")?;
    let opcode = inner.i32("opcode")?;
    let op = decode_op(opcode, inner).unwrap_or(Op::Unsupported { opcode });
    Ok(ForwardedRequest { session, cxid, opcode, op, auth })
}

fn read_touched(inner: &mut Reader<'_>) -> Decoded<Vec<(SessionId, i32)>> {
    let mut touched = Vec::with_capacity(inner.remaining() / 12);
    while inner.remaining() > 0 {
        touched.push((SessionId(inner.i64("session")?), inner.i32("timeout")?));
    }
    Ok(touched)
}

/// Question and answer share a number; the answer is three bytes shorter.
fn read_revalidate(inner: &mut Reader<'_>) -> Decoded<Packet> {
    let session = SessionId(inner.i64("session")?);
    Ok(match inner.remaining() {
        1 => Packet::Revalidated { session, valid: inner.bool("valid")? },
        _ => Packet::Revalidate { session, timeout_ms: inner.i32("timeout")? },
    })
}

/// Old learners say less. One that does not even give an id has id -1 here; the leader's driver
/// hands out another.
fn read_learner_info(zxid: Zxid, inner: &mut Reader<'_>) -> Decoded<LearnerInfo> {
    let mut info = LearnerInfo {
        accepted_epoch: zxid.epoch(),
        id: ServerId(-1),
        protocol_version: OLD_LEARNER,
        config_version: 0,
    };
    if inner.remaining() > 0 {
        info.id = ServerId(inner.i64("serverid")?);
    }
    if inner.remaining() > 0 {
        info.protocol_version = inner.i32("protocolVersion")?;
    }
    if inner.remaining() > 0 {
        info.config_version = inner.i64("configVersion")?;
    }
    Ok(info)
}
