//! ConnectRequest and ConnectResponse: the first frame each way (docs/protocol.md, C2.1 and C2.2).

use crate::base::{SessionId, Zxid};
use crate::wire::jute::{Decoded, Reader, put_bool, put_buffer};
use bytes::{BufMut, Bytes, BytesMut};

/// What a client says first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectRequest {
    /// 0; servers ignore it.
    pub protocol_version: i32,
    /// The highest zxid that this client has seen; 0 for a new one.
    pub last_zxid_seen: Zxid,
    /// The session timeout that it wants, milliseconds.
    pub timeout_ms: i32,
    /// 0 for a new session.
    pub session: SessionId,
    /// 16 bytes as a rule; empty and null occur with a new session.
    pub password: Option<Bytes>,
    /// Whether a read-only server will do. `None` from old clients, whose answer must then omit its
    /// own flag.
    pub read_only: Option<bool>,
}

/// What a server answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectResponse {
    /// 0.
    pub protocol_version: i32,
    /// The negotiated timeout, milliseconds; 0 when the session is refused.
    pub timeout_ms: i32,
    /// 0 when the session is refused.
    pub session: SessionId,
    /// Zeros when the session is refused.
    pub password: [u8; 16],
    /// Whether the server is in read-only mode; `None` if the request had no such field.
    pub read_only: Option<bool>,
}

impl ConnectResponse {
    /// The answer that tells a client that its session has expired.
    #[must_use]
    pub fn refused(read_only: Option<bool>) -> ConnectResponse {
        ConnectResponse {
            protocol_version: 0,
            timeout_ms: 0,
            session: SessionId(0),
            password: [0; 16],
            read_only,
        }
    }
}

/// Reads a ConnectRequest.
///
/// # Errors
/// Too short, or a password of impossible length: the connection must be closed without an answer.
pub fn decode_connect_request(bytes: &[u8]) -> Decoded<ConnectRequest> {
    read_connect_request(&mut Reader::new(bytes))
}

pub(in crate::wire) fn read_connect_request(reader: &mut Reader<'_>) -> Decoded<ConnectRequest> {
    Ok(ConnectRequest {
        protocol_version: reader.i32("protocolVersion")?,
        last_zxid_seen: Zxid(reader.i64("lastZxidSeen")?),
        timeout_ms: reader.i32("timeOut")?,
        session: SessionId(reader.i64("sessionId")?),
        password: reader.data("passwd")?,
        read_only: read_flag(reader)?,
    })
}

/// Writes a ConnectRequest.
pub fn encode_connect_request(request: &ConnectRequest, out: &mut BytesMut) {
    out.put_i32(request.protocol_version);
    out.put_i64(request.last_zxid_seen.0);
    out.put_i32(request.timeout_ms);
    out.put_i64(request.session.0);
    put_buffer(out, request.password.as_deref());
    put_flag(out, request.read_only);
}

/// Reads a ConnectResponse. A password that has not 16 bytes is cut, or filled with zeros.
///
/// # Errors
/// Too short.
pub fn decode_connect_response(bytes: &[u8]) -> Decoded<ConnectResponse> {
    read_connect_response(&mut Reader::new(bytes))
}

pub(in crate::wire) fn read_connect_response(reader: &mut Reader<'_>) -> Decoded<ConnectResponse> {
    let protocol_version = reader.i32("protocolVersion")?;
    let timeout_ms = reader.i32("timeOut")?;
    let session = SessionId(reader.i64("sessionId")?);
    let mut password = [0; 16];
    let given = reader.buffer("passwd")?.unwrap_or_default();
    for (place, byte) in password.iter_mut().zip(given) {
        *place = *byte;
    }
    let read_only = read_flag(reader)?;
    Ok(ConnectResponse { protocol_version, timeout_ms, session, password, read_only })
}

/// Writes a ConnectResponse.
pub fn encode_connect_response(response: &ConnectResponse, out: &mut BytesMut) {
    out.put_i32(response.protocol_version);
    out.put_i32(response.timeout_ms);
    out.put_i64(response.session.0);
    put_buffer(out, Some(&response.password));
    put_flag(out, response.read_only);
}

fn read_flag(reader: &mut Reader<'_>) -> Decoded<Option<bool>> {
    match reader.remaining() {
        0 => Ok(None),
        _ => reader.bool("readOnly").map(Some),
    }
}

fn put_flag(out: &mut BytesMut, read_only: Option<bool>) {
    if let Some(read_only) = read_only {
        put_bool(out, read_only);
    }
}
