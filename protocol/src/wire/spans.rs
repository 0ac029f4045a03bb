//! Which bytes of a message are which field, as the decoders themselves tell it while they read.
//!
//! Nothing here knows a layout: the readers name each field that they take, and this puts the names
//! in order. Invariant: the spans of a message follow one another without gap or overlap, and
//! together are the whole message; what no decoder takes (bytes after a record) is a span of its
//! own, with the name of what it lies in.

use super::client::{
    read_connect_request, read_connect_response, read_event, read_reply, read_request,
};
use super::election::read_notification;
use super::jute::{Decoded, Reader};
use super::quorum::{ImageScan, read_packet};
use super::txn::read_txn;
use crate::message::Packet;
use std::cell::RefCell;
use std::cmp::Reverse;

/// What the bytes of a field look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A big-endian signed number of 4 or 8 bytes.
    Number,
    /// One byte: 0 is false.
    Flag,
    /// How many bytes follow; -1 is null.
    Length,
    /// How many elements follow; -1 is null.
    Count,
    /// Text or data.
    Bytes,
}

/// The bytes of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first byte, counted from the start of the message.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
    /// ZooKeeper's name of the field.
    pub field: &'static str,
    /// How to read it.
    pub shape: Shape,
}

/// What kind of message bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// A notification in its frame.
    Notification,
    /// A packet of the quorum port.
    Packet,
    /// A transaction, as it stands in a log.
    Txn,
    /// The first frame of a client.
    ConnectRequest,
    /// The answer to it, in its frame.
    ConnectResponse,
    /// A client's request in its frame.
    Request,
    /// The answer to a request of this opcode, in its frame.
    Reply {
        /// The opcode.
        opcode: i32,
    },
    /// A watch event in its frame.
    Event,
}

/// The fields of a whole message, in order.
///
/// # Errors
/// The bytes are no such message.
pub fn spans(record: Record, bytes: &[u8]) -> Decoded<Vec<Span>> {
    let seen = RefCell::new(Vec::new());
    let mut reader = Reader::telling(bytes, 0, &seen);
    match record {
        Record::Packet => {
            if let Packet::Snap(_) = read_packet(&mut reader)? {
                image(bytes, reader.offset(), &seen)?;
            }
        }
        Record::Txn => {
            read_txn(&mut reader)?;
        }
        Record::Notification
        | Record::ConnectRequest
        | Record::ConnectResponse
        | Record::Request
        | Record::Reply { .. }
        | Record::Event => {
            if let Some(payload) = reader.buffer("frame")? {
                framed(record, reader.inside(payload))?;
            }
        }
    }
    Ok(tiled(seen.into_inner(), bytes.len()))
}

fn framed(record: Record, mut reader: Reader<'_>) -> Decoded<()> {
    match record {
        Record::Notification => read_notification(&mut reader).map(|_| ()),
        Record::ConnectRequest => read_connect_request(&mut reader).map(|_| ()),
        Record::ConnectResponse => read_connect_response(&mut reader).map(|_| ()),
        // One that its server would refuse is shown as far as it can be read.
        Record::Request => read_request(&mut reader).map(|_| ()).or(Ok(())),
        Record::Reply { opcode } => read_reply(&mut reader, opcode).map(|_| ()),
        Record::Event => read_event(reader).map(|_| ()),
        Record::Packet | Record::Txn => Ok(()),
    }
}

/// The stream behind a SNAP, and the signature that closes it.
fn image(bytes: &[u8], head: usize, seen: &RefCell<Vec<Span>>) -> Decoded<()> {
    let stream = bytes.get(head..).unwrap_or_default();
    let length = ImageScan::new(bytes.len()).advance(stream)?.unwrap_or(stream.len());
    let mut reader = Reader::telling(stream, head, seen);
    reader.take("image", length)?;
    reader.buffer("signature")?;
    Ok(())
}

/// Leaves of what was read, and names for the bytes between them.
fn tiled(mut seen: Vec<Span>, whole: usize) -> Vec<Span> {
    seen.retain(|span| span.start < span.end);
    seen.sort_by_key(|span| (span.start, Reverse(span.end)));
    // Of two names for the same bytes the one given last is that of the field inside.
    seen.dedup_by(|later, earlier| {
        let same = (later.start, later.end) == (earlier.start, earlier.end);
        if same {
            *earlier = *later;
        }
        same
    });
    let mut out: Vec<Span> = Vec::with_capacity(seen.len());
    // What the present place lies in, outermost first.
    let mut open: Vec<Span> = Vec::new();
    let mut at = 0;
    for (index, span) in seen.iter().enumerate() {
        fill(&mut out, &mut open, &mut at, span.start);
        let holds_next = seen.get(index + 1).is_some_and(|next| next.end <= span.end);
        if holds_next {
            open.push(*span);
        } else if span.start >= at {
            out.push(*span);
            at = span.end;
        }
    }
    fill(&mut out, &mut open, &mut at, whole);
    out
}

/// Names the bytes from `at` to `upto` after what they lie in.
fn fill(out: &mut Vec<Span>, open: &mut Vec<Span>, at: &mut usize, upto: usize) {
    while *at < upto {
        while open.last().is_some_and(|span| span.end <= *at) {
            open.pop();
        }
        let (end, field) = open.last().map_or((upto, "rest"), |span| (span.end, span.field));
        let end = end.min(upto);
        out.push(Span { start: *at, end, field, shape: Shape::Bytes });
        *at = end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize, field: &'static str) -> Span {
        Span { start, end, field, shape: Shape::Bytes }
    }

    #[test]
    fn what_lies_inside_takes_the_place_of_what_holds_it_and_gaps_keep_its_name() {
        let seen = vec![span(0, 4, "type"), span(4, 20, "data"), span(6, 10, "zxid")];
        let tiles = tiled(seen, 22);
        let expected = [
            span(0, 4, "type"),
            span(4, 6, "data"),
            span(6, 10, "zxid"),
            span(10, 20, "data"),
            span(20, 22, "rest"),
        ];
        assert_eq!(tiles, expected);
    }

    #[test]
    fn a_field_that_fills_what_holds_it_goes_by_its_own_name() {
        let tiles = tiled(vec![span(0, 4, "data"), span(0, 4, "currentEpoch")], 4);
        assert_eq!(tiles, [span(0, 4, "currentEpoch")]);
    }

    #[test]
    fn a_packet_is_told_field_by_field() {
        let bytes =
            [0, 0, 0, 14, 0, 0, 0, 4, 0, 0, 0, 7, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
        let told: Vec<_> = spans(Record::Packet, &bytes)
            .unwrap()
            .into_iter()
            .map(|span| (span.field, span.end - span.start))
            .collect();
        assert_eq!(told, [("type", 4), ("zxid", 8), ("data", 4), ("authinfo", 4)]);
    }
}
