//! Messages as the bytes that a real server would send: the one file in which the page uses the
//! wire formats.
//!
//! The bytes are the encoder's and the names and borders of the fields are the decoder's own, so
//! the page holds no second description of a format.

use bytes::BytesMut;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::{Message, Op, Txn};
use vivarium_protocol::trace::MessageId;
use vivarium_protocol::wire::spans::{Record, Shape, Span, spans};
use vivarium_protocol::wire::{client, election, frame, quorum, txn};
use vivarium_sim::Timeline;

/// What the bytes of a field say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// A number.
    Number(i64),
    /// A number that stands for something, with ZooKeeper's name for it.
    Named(i64, &'static str),
    /// A zxid.
    Zxid(Zxid),
    /// An id that is written in hexadecimal, as in a session's.
    Id(i64),
    /// A boolean.
    Flag(bool),
    /// So many bytes follow.
    Length(usize),
    /// So many elements follow.
    Count(usize),
    /// A length or count of -1: there is no value.
    Null,
    /// Readable text.
    Text(String),
    /// So many bytes that are no text.
    Data(usize),
}

/// One field of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// ZooKeeper's name.
    pub name: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What they say.
    pub means: Meaning,
}

/// A whole message, field after field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// The fields in order; their bytes, one after the other, are the message.
    pub fields: Vec<Field>,
}

impl Wire {
    /// How many bytes a server would send.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.iter().map(|field| field.bytes.len()).sum()
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// All of it in hexadecimal, without blanks.
    #[must_use]
    pub fn hex(&self) -> String {
        let mut hex = String::with_capacity(self.len() * 2);
        self.fields.iter().for_each(|field| push_hex(&mut hex, &field.bytes));
        hex
    }
}

/// Adds bytes as two digits each.
pub fn push_hex(out: &mut String, bytes: &[u8]) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    for byte in bytes {
        out.push(DIGITS[usize::from(byte >> 4)]);
        out.push(DIGITS[usize::from(byte & 15)]);
    }
}

/// A message between two servers: a notification in its frame, or a packet.
#[must_use]
pub fn of_message(message: &Message) -> Wire {
    match message {
        Message::Notification(notification) => written(Record::Notification, |out| {
            frame::put_frame(out, |out| election::encode_notification(notification, out));
        }),
        Message::Packet(packet) => {
            written(Record::Packet, |out| quorum::encode_packet(packet, out))
        }
    }
}

/// A transaction as a log holds it, without the checksum and the length in front of it.
#[must_use]
pub fn of_txn(logged: &Txn) -> Wire {
    written(Record::Txn, |out| txn::encode_txn(logged, out))
}

/// A client's request, with its number.
#[must_use]
pub fn of_request(xid: i32, op: &Op) -> Wire {
    written(Record::Request, |out| {
        frame::put_frame(out, |out| client::encode_request(xid, op, out));
    })
}

/// A message of a recorded run: which, and the step that sent it. `None` if that step sent none
/// such.
#[must_use]
pub fn sent(timeline: &Timeline, step: u64, id: MessageId) -> Option<Message> {
    let flights = timeline.world_after(step + 1).flights();
    flights.into_iter().find(|flight| flight.id == id).map(|flight| flight.message)
}

fn written(record: Record, put: impl FnOnce(&mut BytesMut)) -> Wire {
    let mut bytes = BytesMut::new();
    put(&mut bytes);
    // What our own encoder wrote our own decoder reads; the suites hold the two together.
    let told = spans(record, &bytes).unwrap_or_default();
    let fields = told.iter().map(|span| field(record, span, &bytes)).collect();
    Wire { fields }
}

fn field(record: Record, span: &Span, whole: &[u8]) -> Field {
    let bytes = &whole[span.start..span.end];
    let number = || bytes.iter().fold(first_sign(bytes), |sum, b| (sum << 8) | i64::from(*b));
    let amount = |number: i64| usize::try_from(number).ok();
    let means = match span.shape {
        Shape::Number => named(record, span, number()),
        Shape::Flag => Meaning::Flag(number() != 0),
        Shape::Length => amount(number()).map_or(Meaning::Null, Meaning::Length),
        Shape::Count => amount(number()).map_or(Meaning::Null, Meaning::Count),
        Shape::Bytes => match std::str::from_utf8(bytes) {
            Ok(text) if !text.chars().any(|c| c.is_control() && c != '\n') => {
                Meaning::Text(text.to_owned())
            }
            Ok(_) | Err(_) => Meaning::Data(bytes.len()),
        },
    };
    Field { name: span.field, bytes: bytes.to_vec(), means }
}

/// All ones in front of a negative number.
fn first_sign(bytes: &[u8]) -> i64 {
    if bytes.first().is_some_and(|first| *first > 127) { -1 } else { 0 }
}

/// A number under the name of its field.
fn named(record: Record, span: &Span, number: i64) -> Meaning {
    match span.field {
        "zxid" | "lastZxidSeen" | "relativeZxid" | "czxid" | "mzxid" | "pzxid" => {
            Meaning::Zxid(Zxid(number))
        }
        "session" | "sessionId" | "clientSession" | "clientId" | "ephemeralOwner"
        | "tree digest" => Meaning::Id(number),
        "type" if record == Record::Packet && span.start == 0 => {
            let kind = i32::try_from(number).ok().and_then(quorum::kind);
            kind.map_or(Meaning::Number(number), |kind| Meaning::Named(number, kind.name()))
        }
        "state" if record == Record::Notification => {
            let state = ["LOOKING", "FOLLOWING", "LEADING", "OBSERVING"];
            let name = usize::try_from(number).ok().and_then(|at| state.get(at));
            name.map_or(Meaning::Number(number), |name| Meaning::Named(number, name))
        }
        _ => Meaning::Number(number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::{Playback, Until};

    use vivarium_protocol::base::SortedSet;
    use vivarium_protocol::message::Packet;
    use vivarium_protocol::trace::{TraceEvent, TravelFate};
    use vivarium_sim::Setup;

    #[test]
    fn a_packet_is_shown_with_the_values_it_was_made_of() {
        let wire = of_message(&Message::Packet(Packet::Trunc("4|7".parse().unwrap())));
        assert_eq!(wire.hex(), "0000000e0000000400000007ffffffffffffffff");
        let told: Vec<_> = wire.fields.iter().map(|f| (f.name, f.means.clone())).collect();
        let expected = [
            ("type", Meaning::Named(14, "TRUNC")),
            ("zxid", Meaning::Zxid("4|7".parse().unwrap())),
            ("data", Meaning::Null),
            ("authinfo", Meaning::Null),
        ];
        assert_eq!(told, expected);
    }

    #[test]
    fn every_message_of_a_run_is_found_again_and_its_fields_are_all_of_its_bytes() {
        let setup = Setup { latency_us: (25_000, 60_000), observers: 1, ..Setup::default() };
        let mut playback = Playback::new(setup);
        assert!(playback.run_until(Until::Serving));
        playback.command("c1 at 1".parse().unwrap()).unwrap();
        playback.command("c1 create /a \"x\"".parse().unwrap()).unwrap();
        assert!(playback.run_until(Until::Commit));
        let mut kinds = SortedSet::new();
        for frame in playback.timeline().frames() {
            for event in &frame.events {
                let TraceEvent::Travelled(travel) = event else { continue };
                if !matches!(travel.fate, TravelFate::Sent { .. }) {
                    continue;
                }
                let message = sent(playback.timeline(), frame.step, travel.id);
                let message = message.unwrap_or_else(|| panic!("{travel:?}"));
                let wire = of_message(&message);
                let mut bytes = BytesMut::new();
                match &message {
                    Message::Packet(packet) => quorum::encode_packet(packet, &mut bytes),
                    Message::Notification(vote) => {
                        frame::put_frame(&mut bytes, |out| election::encode_notification(vote, out))
                    }
                }
                assert!(!wire.is_empty(), "{travel:?}");
                let all: Vec<u8> = wire.fields.iter().flat_map(|f| f.bytes.clone()).collect();
                assert_eq!(all, bytes.to_vec(), "{travel:?}");
                kinds.insert(travel.packet);
            }
        }
        assert!(kinds.len() >= 9, "{kinds:?}");
    }

    #[test]
    fn numbers_below_zero_keep_their_sign() {
        let op = Op::CreateSession { timeout_ms: -5 };
        let wire = of_request(-1, &op);
        let numbers: Vec<_> = wire.fields.iter().map(|f| (f.name, f.means.clone())).collect();
        assert!(numbers.contains(&("xid", Meaning::Number(-1))), "{numbers:?}");
        assert!(numbers.contains(&("timeOut", Meaning::Number(-5))), "{numbers:?}");
    }
}
