//! Bytes on the wire, as Apache ZooKeeper 3.9.5 wrote them, read and written back.
//!
//! Every frame of every recording in `fixtures/apache-3.9.5/wire` must come out of the codecs as it
//! went in; the vectors of `golden/*.hex` name what each of them means as well, so that a mistake
//! made the same way in both directions cannot hide. `REWRITE=1` renews the meanings.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use vivarium_protocol::wire::client::{
    FromServer, decode_connect_request, decode_connect_response, decode_from_server, decode_reply,
    decode_request, encode_connect_request, encode_connect_response, encode_event, encode_reply,
    encode_request,
};
use vivarium_protocol::wire::election::{
    decode_handshake, decode_notification, encode_handshake, encode_notification,
};
use vivarium_protocol::wire::frame::{MAX_NOTIFICATION, put_frame, take_frame};
use vivarium_protocol::wire::jute::MAX_BUFFER;
use vivarium_protocol::wire::quorum::{PacketDecoder, decode_packet, encode_packet};
use vivarium_protocol::wire::spans::{Record, spans};
use vivarium_protocol::wire::txn::{decode_txn, encode_txn};

/// One line of a recording.
#[derive(Deserialize)]
struct Recorded {
    stream: u32,
    kind: String,
    dir: String,
    frame: String,
    raw: String,
}

/// A connection that began before its recording did: the recorder took the middle of a notification
/// for a handshake, and cut it up by lengths that are none.
const MISREAD: (&str, u32, &str) = ("07-leader-crash", 6, "to_listener");

fn here(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(below)
}

fn recordings() -> Vec<(String, Vec<Recorded>)> {
    let folder = here("fixtures/apache-3.9.5/wire");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert_eq!(paths.len(), 8, "eight scenarios were recorded");
    let lines = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let name = |path: &PathBuf| path.file_stem().unwrap().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), lines(path))).collect()
}

fn unhex(text: &str) -> BytesMut {
    let digits: Vec<u8> = text.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect();
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    digits.chunks(2).map(byte).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn written(put: impl FnOnce(&mut BytesMut)) -> BytesMut {
    let mut out = BytesMut::new();
    put(&mut out);
    out
}

fn payload(raw: &mut BytesMut, least: usize, most: usize) -> Bytes {
    let payload = take_frame(raw, least, most).unwrap().expect("a frame was recorded whole");
    assert!(raw.is_empty(), "one frame a line");
    payload
}

#[test]
fn every_election_frame_is_written_as_it_was_read() {
    let mut seen = BTreeMap::new();
    for (scenario, lines) in recordings() {
        for line in lines.iter().filter(|line| line.kind == "election") {
            if (scenario.as_str(), line.stream, line.dir.as_str()) == MISREAD {
                continue;
            }
            let mut raw = unhex(&line.raw);
            let again = match line.frame.as_str() {
                "INITIAL" => {
                    let message = decode_handshake(&mut raw).unwrap().unwrap();
                    assert!(raw.is_empty());
                    written(|out| encode_handshake(&message, out))
                }
                "NOTIFICATION" => {
                    let payload = payload(&mut raw, 1, MAX_NOTIFICATION);
                    let notification = decode_notification(&payload).unwrap();
                    written(|out| put_frame(out, |out| encode_notification(&notification, out)))
                }
                other => panic!("{scenario}: unknown frame {other}"),
            };
            assert_eq!(hex(&again), line.raw, "{scenario}: {}", line.frame);
            *seen.entry(line.frame.clone()).or_insert(0) += 1;
        }
    }
    assert_eq!(seen, BTreeMap::from([("INITIAL".to_owned(), 37), ("NOTIFICATION".to_owned(), 89)]));
}

#[test]
fn every_quorum_packet_is_written_as_it_was_read() {
    let mut seen = 0;
    for (scenario, lines) in recordings() {
        let mut lines = lines.iter().filter(|line| line.kind == "quorum").peekable();
        while let Some(line) = lines.next() {
            let mut recorded = line.raw.clone();
            if line.frame == "SNAP" {
                let next = lines.next().expect("a stream follows SNAP");
                assert_eq!((next.frame.as_str(), next.stream), ("SNAPSHOT_STREAM", line.stream));
                recorded.push_str(&next.raw);
            }
            let mut raw = unhex(&recorded);
            let packet = decode_packet(&mut raw).unwrap().expect("recorded whole");
            assert!(raw.is_empty(), "{scenario}: {} left over of {}", raw.len(), line.frame);
            assert_eq!(packet.kind().name(), line.frame, "{scenario}");
            let again = written(|out| encode_packet(&packet, out));
            assert_eq!(hex(&again), recorded, "{scenario}: {packet:?}");
            seen += 1;
        }
    }
    assert_eq!(seen, 1575, "as many packets as were recorded");
}

#[test]
fn the_unframed_stream_may_arrive_in_any_pieces() {
    for (scenario, lines) in recordings() {
        let mut streams: BTreeMap<(u32, String), BytesMut> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind == "quorum") {
            let stream = streams.entry((line.stream, line.dir.clone())).or_default();
            stream.put_slice(&unhex(&line.raw));
        }
        for (name, stream) in streams {
            for piece in [1, 13, 1460] {
                let again = reread(&stream, piece);
                assert_eq!(hex(&again), hex(&stream), "{scenario}: {name:?} by {piece}");
            }
        }
    }
}

/// Reads a stream that arrives in pieces, and writes what it said.
fn reread(stream: &[u8], piece: usize) -> BytesMut {
    let (mut decoder, mut input, mut again) =
        (PacketDecoder::default(), BytesMut::new(), BytesMut::new());
    for piece in stream.chunks(piece) {
        input.put_slice(piece);
        while let Some(packet) = decoder.decode(&mut input).unwrap() {
            encode_packet(&packet, &mut again);
        }
    }
    assert!(input.is_empty(), "the recording ends with a whole packet");
    again
}

#[test]
fn every_client_frame_is_written_as_it_was_read() {
    let mut seen = (0, 0, 0);
    for (scenario, lines) in recordings() {
        // What each connection asked and has not been told yet.
        let mut asked: BTreeMap<(u32, i32), i32> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.kind == "client") {
            let mut raw = unhex(&line.raw);
            let payload = payload(&mut raw, 0, MAX_BUFFER);
            let again = match (line.frame.as_str(), line.dir.as_str()) {
                ("CONNECT", "to_listener") => {
                    let request = decode_connect_request(&payload).unwrap();
                    written(|out| encode_connect_request(&request, out))
                }
                ("CONNECT", _) => {
                    let response = decode_connect_response(&payload).unwrap();
                    written(|out| encode_connect_response(&response, out))
                }
                (_, "to_listener") => {
                    let (xid, op) = decode_request(&payload).unwrap();
                    asked.insert((line.stream, xid), op.opcode());
                    seen.0 += 1;
                    written(|out| encode_request(xid, &op, out))
                }
                _ => match decode_from_server(&payload, |xid| asked.remove(&(line.stream, xid))) {
                    Ok(FromServer::Reply(reply)) => {
                        seen.1 += 1;
                        written(|out| encode_reply(&reply, out))
                    }
                    Ok(FromServer::Event(event)) => {
                        seen.2 += 1;
                        written(|out| encode_event(&event, out))
                    }
                    Err(error) => panic!("{scenario}: {error} in {}", line.raw),
                },
            };
            let again = written(|out| put_frame(out, |out| out.put_slice(&again)));
            assert_eq!(hex(&again), line.raw, "{scenario}: {} {}", line.frame, line.dir);
        }
        // Leaders that crash with proposals which nobody acknowledged answer nothing.
        let crashed = matches!(scenario.as_str(), "05-trunc" | "06-snap-after-divergence");
        assert_eq!(!asked.is_empty(), crashed, "{scenario}: not answered: {asked:?}");
    }
    assert_eq!(seen, (236, 226, 3), "requests, replies, events");
}

/// Reads one golden vector, says what it means, and writes it again.
fn interpret(channel: &str, raw: &mut BytesMut) -> (String, BytesMut) {
    match channel.split_once('.').unwrap_or((channel, "")) {
        ("handshake", _) => {
            let value = decode_handshake(raw).unwrap().unwrap();
            (format!("{value:?}"), written(|out| encode_handshake(&value, out)))
        }
        ("notification", _) => {
            let value = decode_notification(&payload(raw, 1, MAX_NOTIFICATION)).unwrap();
            let again = written(|out| put_frame(out, |out| encode_notification(&value, out)));
            (format!("{value:?}"), again)
        }
        ("packet", _) => {
            let value = decode_packet(raw).unwrap().unwrap();
            (format!("{value:?}"), written(|out| encode_packet(&value, out)))
        }
        ("txn", _) => {
            let value = decode_txn(raw).unwrap();
            (format!("{value:?}"), written(|out| encode_txn(&value, out)))
        }
        ("connect-request", _) => {
            let value = decode_connect_request(&payload(raw, 0, MAX_BUFFER)).unwrap();
            let again = written(|out| put_frame(out, |out| encode_connect_request(&value, out)));
            (format!("{value:?}"), again)
        }
        ("connect-response", _) => {
            let value = decode_connect_response(&payload(raw, 0, MAX_BUFFER)).unwrap();
            let again = written(|out| put_frame(out, |out| encode_connect_response(&value, out)));
            (format!("{value:?}"), again)
        }
        ("request", _) => {
            let (xid, op) = decode_request(&payload(raw, 0, MAX_BUFFER)).unwrap();
            let again = written(|out| put_frame(out, |out| encode_request(xid, &op, out)));
            (format!("{xid}: {op:?}"), again)
        }
        ("reply", opcode) => {
            let value =
                decode_reply(&payload(raw, 0, MAX_BUFFER), opcode.parse().unwrap()).unwrap();
            let again = written(|out| put_frame(out, |out| encode_reply(&value, out)));
            (format!("{value:?}"), again)
        }
        ("event", _) => match decode_from_server(&payload(raw, 0, MAX_BUFFER), |_| None).unwrap() {
            FromServer::Event(value) => {
                let again = written(|out| put_frame(out, |out| encode_event(&value, out)));
                (format!("{value:?}"), again)
            }
            FromServer::Reply(reply) => panic!("{reply:?} is no event"),
        },
        (other, _) => panic!("unknown channel {other}"),
    }
}

#[test]
fn every_golden_vector_means_what_is_written_beside_it() {
    let mut vectors = 0;
    for file in ["election.hex", "quorum.hex", "txn.hex", "client.hex"] {
        let path = here("golden").join(file);
        let text = fs::read_to_string(&path).unwrap();
        let mut renewed = String::new();
        let mut meaning = String::new();
        for line in text.lines() {
            if let Some(expected) = line.strip_prefix("= ") {
                if std::env::var_os("REWRITE").is_none() {
                    assert_eq!(meaning, expected, "{file}");
                }
                renewed.push_str(&format!("= {meaning}\n"));
                continue;
            }
            renewed.push_str(&format!("{line}\n"));
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (channel, raw) = line.split_once(": ").unwrap();
            let mut bytes = unhex(raw);
            let recorded = hex(&bytes);
            let again;
            (meaning, again) = interpret(channel, &mut bytes);
            assert_eq!(hex(&again), recorded, "{file}: {line}");
            vectors += 1;
        }
        if std::env::var_os("REWRITE").is_some() {
            fs::write(&path, renewed).unwrap();
        }
    }
    assert!(vectors >= 40, "{vectors} vectors");
}

/// The kind of record behind a golden vector's name; a handshake is not among what the page shows.
fn record_of(channel: &str) -> Option<Record> {
    Some(match channel.split_once('.').unwrap_or((channel, "")) {
        ("notification", _) => Record::Notification,
        ("packet", _) => Record::Packet,
        ("txn", _) => Record::Txn,
        ("connect-request", _) => Record::ConnectRequest,
        ("connect-response", _) => Record::ConnectResponse,
        ("request", _) => Record::Request,
        ("reply", opcode) => Record::Reply { opcode: opcode.parse().unwrap() },
        ("event", _) => Record::Event,
        _ => return None,
    })
}

#[test]
fn the_fields_of_every_golden_vector_cover_its_bytes_exactly() {
    let mut vectors = 0;
    for file in ["election.hex", "quorum.hex", "txn.hex", "client.hex"] {
        let text = fs::read_to_string(here("golden").join(file)).unwrap();
        for line in text.lines().filter(|line| !line.starts_with(['=', '#'])) {
            let Some((channel, raw)) = line.split_once(": ") else { continue };
            let Some(record) = record_of(channel) else { continue };
            let bytes = unhex(raw);
            let told = spans(record, &bytes).unwrap_or_else(|error| panic!("{line}: {error}"));
            let mut at = 0;
            for span in &told {
                assert_eq!(span.start, at, "{file}: {line}: {told:?}");
                assert!(span.end > span.start && !span.field.is_empty(), "{line}: {span:?}");
                at = span.end;
            }
            assert_eq!(at, bytes.len(), "{file}: {line}: {told:?}");
            assert!(told.iter().all(|span| span.field != "rest"), "{line}: {told:?}");
            vectors += 1;
        }
    }
    assert!(vectors >= 40, "{vectors} vectors");
}
