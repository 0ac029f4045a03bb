//! Replies and watch events: a header of xid, zxid and error, then the record of the opcode.
//!
//! A reply with an error has no body: clients check the length of the frame. Which record a reply
//! has depends on the request that it answers, so a client must remember its opcodes by xid.

use super::connect::{ConnectResponse, decode_connect_response, encode_connect_response};
use super::request::put_multi_header;
use crate::base::Zxid;
use crate::message::{ErrorCode, MultiResult, Reply, ReplyBody, WatchEvent, WatchEventKind};
use crate::wire::jute::{Decoded, Fault, Reader, put_buffer, put_nullable_string, put_string};
use crate::wire::record::{
    put_acl, put_pairs, put_stat, put_strings, read_acl, read_pairs, read_stat, read_strings,
};
use bytes::{BufMut, BytesMut};

/// The xid of every watch event.
const EVENT_XID: i32 = -1;
/// The state in every watch event: SyncConnected.
const SYNC_CONNECTED: i32 = 3;

/// What a server sends after its ConnectResponse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FromServer {
    /// The answer to a request.
    Reply(Reply),
    /// What a watch saw.
    Event(WatchEvent),
}

/// Writes a reply. A [`ReplyBody::Connected`] is written as the ConnectResponse that it is, without
/// a header and with the read-only flag false; for a client that left the flag out use
/// [`encode_connect_response`].
pub fn encode_reply(reply: &Reply, out: &mut BytesMut) {
    if let Ok(ReplyBody::Connected { timeout_ms, session, password }) = reply.result {
        let response = ConnectResponse {
            protocol_version: 0,
            timeout_ms,
            session,
            password,
            read_only: Some(false),
        };
        return encode_connect_response(&response, out);
    }
    out.put_i32(reply.cxid);
    out.put_i64(reply.zxid.0);
    match &reply.result {
        Ok(body) => {
            out.put_i32(0);
            put_body(body, out);
        }
        Err(code) => out.put_i32(code.number()),
    }
}

fn put_body(body: &ReplyBody, out: &mut BytesMut) {
    match body {
        ReplyBody::Empty | ReplyBody::Connected { .. } => {}
        ReplyBody::Path(path) => put_nullable_string(out, path.as_deref()),
        ReplyBody::PathStat { path, stat } => {
            put_string(out, path);
            put_stat(out, stat);
        }
        ReplyBody::Stat(stat) => put_stat(out, stat),
        ReplyBody::Data { data, stat } => {
            put_buffer(out, data.as_deref());
            put_stat(out, stat);
        }
        ReplyBody::Acl { acl, stat } => {
            put_acl(out, Some(acl));
            put_stat(out, stat);
        }
        ReplyBody::Children(children) => put_strings(out, children),
        ReplyBody::ChildrenStat { children, stat } => {
            put_strings(out, children);
            put_stat(out, stat);
        }
        ReplyBody::Number(number) => out.put_i32(*number),
        ReplyBody::Token(token) => put_buffer(out, token.as_deref()),
        ReplyBody::Multi(results) => {
            results.iter().for_each(|result| put_result(result, out));
            put_multi_header(out, -1, true, -1);
        }
        ReplyBody::ClientInfo(pairs) => put_pairs(out, pairs),
    }
}

fn put_result(result: &MultiResult, out: &mut BytesMut) {
    match result {
        MultiResult::Create { path } => {
            put_multi_header(out, 1, false, 0);
            put_string(out, path);
        }
        MultiResult::Create2 { path, stat } => {
            put_multi_header(out, 15, false, 0);
            put_string(out, path);
            put_stat(out, stat);
        }
        MultiResult::Delete => put_multi_header(out, 2, false, 0),
        MultiResult::SetData { stat } => {
            put_multi_header(out, 5, false, 0);
            put_stat(out, stat);
        }
        MultiResult::Check => put_multi_header(out, 13, false, 0),
        MultiResult::Data { data, stat } => {
            put_multi_header(out, 4, false, 0);
            put_buffer(out, data.as_deref());
            put_stat(out, stat);
        }
        MultiResult::Children(children) => {
            put_multi_header(out, 8, false, 0);
            put_strings(out, children);
        }
        MultiResult::Error(code) => {
            put_multi_header(out, -1, false, *code);
            out.put_i32(*code);
        }
    }
}

/// Writes a watch event.
pub fn encode_event(event: &WatchEvent, out: &mut BytesMut) {
    out.put_i32(EVENT_XID);
    out.put_i64(event.zxid.0);
    out.put_i32(0);
    out.put_i32(match event.kind {
        WatchEventKind::Created => 1,
        WatchEventKind::Deleted => 2,
        WatchEventKind::DataChanged => 3,
        WatchEventKind::ChildrenChanged => 4,
    });
    out.put_i32(SYNC_CONNECTED);
    put_string(out, &event.path);
}

/// Reads what a server sent. `opcode_of` tells the opcode of the request with a given xid.
///
/// # Errors
/// A malformed field, an error number that no server sends, an answer to nothing that was asked.
pub fn decode_from_server(
    bytes: &[u8],
    opcode_of: impl FnOnce(i32) -> Option<i32>,
) -> Decoded<FromServer> {
    let reader = Reader::new(bytes);
    match reader.clone().i32("xid")? {
        EVENT_XID => read_event(reader).map(FromServer::Event),
        xid => {
            let opcode = opcode_of(xid)
                .ok_or_else(|| reader.error("xid", Fault::Unknown(i64::from(xid))))?;
            decode_reply(bytes, opcode).map(FromServer::Reply)
        }
    }
}

/// Reads the reply to a request of the given opcode. For -10 that is a ConnectResponse, whose reply
/// gets number and zxid 0.
///
/// # Errors
/// A malformed field, or an error number that no server sends.
pub fn decode_reply(bytes: &[u8], opcode: i32) -> Decoded<Reply> {
    if opcode == -10 {
        let ConnectResponse { timeout_ms, session, password, .. } = decode_connect_response(bytes)?;
        let result = Ok(ReplyBody::Connected { timeout_ms, session, password });
        return Ok(Reply { cxid: 0, zxid: Zxid::ZERO, result });
    }
    read_reply(&mut Reader::new(bytes), opcode)
}

pub(in crate::wire) fn read_reply(reader: &mut Reader<'_>, opcode: i32) -> Decoded<Reply> {
    let cxid = reader.i32("xid")?;
    let zxid = Zxid(reader.i64("zxid")?);
    let at = reader.clone();
    let result = match reader.i32("err")? {
        0 => Ok(read_body(opcode, reader)?),
        number => Err(ErrorCode::from_number(number)
            .ok_or_else(|| at.error("err", Fault::Unknown(i64::from(number))))?),
    };
    Ok(Reply { cxid, zxid, result })
}

fn read_body(opcode: i32, reader: &mut Reader<'_>) -> Decoded<ReplyBody> {
    Ok(match opcode {
        2 | 11 | 17 | 18 | -11 | 100 | 101 | 105 => ReplyBody::Empty,
        1 | 9 => ReplyBody::Path(reader.nullable_string("path")?),
        15 | 19 | 21 => {
            ReplyBody::PathStat { path: reader.string("path")?, stat: read_stat(reader)? }
        }
        3 | 5 | 7 => ReplyBody::Stat(read_stat(reader)?),
        4 | 16 => ReplyBody::Data { data: reader.data("data")?, stat: read_stat(reader)? },
        6 => {
            let acl = read_acl(reader)?.unwrap_or_default();
            ReplyBody::Acl { acl, stat: read_stat(reader)? }
        }
        8 | 103 => ReplyBody::Children(read_strings(reader, "children")?.unwrap_or_default()),
        12 => {
            let children = read_strings(reader, "children")?.unwrap_or_default();
            ReplyBody::ChildrenStat { children, stat: read_stat(reader)? }
        }
        102 => ReplyBody::Token(reader.data("token")?),
        104 => ReplyBody::Number(reader.i32("totalNumber")?),
        106 => ReplyBody::Number(reader.i32("err")?),
        14 | 22 => ReplyBody::Multi(read_results(reader)?),
        107 => ReplyBody::ClientInfo(read_pairs(reader)?.unwrap_or_default()),
        other => return Err(reader.error("opcode", Fault::Unknown(i64::from(other)))),
    })
}

fn read_results(reader: &mut Reader<'_>) -> Decoded<Vec<MultiResult>> {
    let mut results = Vec::new();
    loop {
        let at = reader.clone();
        let (kind, done) = (reader.i32("result type")?, reader.bool("done")?);
        reader.i32("result err")?;
        if done {
            return Ok(results);
        }
        results.push(match kind {
            1 => MultiResult::Create { path: reader.string("path")? },
            15 => MultiResult::Create2 { path: reader.string("path")?, stat: read_stat(reader)? },
            2 => MultiResult::Delete,
            5 => MultiResult::SetData { stat: read_stat(reader)? },
            13 => MultiResult::Check,
            4 => MultiResult::Data { data: reader.data("data")?, stat: read_stat(reader)? },
            8 => MultiResult::Children(read_strings(reader, "children")?.unwrap_or_default()),
            -1 => MultiResult::Error(reader.i32("err")?),
            other => return Err(at.error("result type", Fault::Unknown(i64::from(other)))),
        });
    }
}

pub(in crate::wire) fn read_event(mut reader: Reader<'_>) -> Decoded<WatchEvent> {
    reader.i32("xid")?;
    let zxid = Zxid(reader.i64("zxid")?);
    reader.i32("err")?;
    let at = reader.clone();
    let kind = match reader.i32("event type")? {
        1 => WatchEventKind::Created,
        2 => WatchEventKind::Deleted,
        3 => WatchEventKind::DataChanged,
        4 => WatchEventKind::ChildrenChanged,
        other => return Err(at.error("event type", Fault::Unknown(i64::from(other)))),
    };
    reader.i32("state")?;
    Ok(WatchEvent { kind, path: reader.string("path")?, zxid })
}
