//! Requests: a header of xid and opcode, then the record of the opcode.
//!
//! The record alone, without the header, is also what REQUEST carries from a learner to its leader.
//! Bytes after a record are ignored. Null strings and lists are kept as such where an operation
//! answers them in its own way.

use crate::base::Zxid;
use crate::message::{Acl, CreateKind, CreateOp, Op, WatcherType};
use crate::wire::jute::{
    DecodeError, Decoded, Fault, Reader, put_bool, put_buffer, put_nullable_string,
};
use crate::wire::record::{put_acl, put_strings, read_acl, read_strings};
use bytes::{BufMut, BytesMut};

/// Why a request cannot be served, and what its server must do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RequestError {
    /// Close the connection without a word: no header, or credentials that cannot be read.
    #[error("the connection must be closed: {0}")]
    Close(DecodeError),
    /// Answer error -5 (MarshallingError) and carry on.
    #[error("request {xid} of opcode {opcode} is malformed: {error}")]
    Malformed {
        /// The request's number.
        xid: i32,
        /// Its opcode.
        opcode: i32,
        /// What was wrong.
        error: DecodeError,
    },
}

/// Reads a request: its number and what it asks.
///
/// # Errors
/// See [`RequestError`].
pub fn decode_request(bytes: &[u8]) -> Result<(i32, Op), RequestError> {
    read_request(&mut Reader::new(bytes))
}

pub(in crate::wire) fn read_request(reader: &mut Reader<'_>) -> Result<(i32, Op), RequestError> {
    let xid = reader.i32("xid").map_err(RequestError::Close)?;
    let opcode = reader.i32("type").map_err(RequestError::Close)?;
    match decode_op(opcode, reader) {
        Ok(op) => Ok((xid, op)),
        // ZooKeeper reads these before it queues the request, and gives up on the connection.
        Err(error) if matches!(opcode, 100 | 102) => Err(RequestError::Close(error)),
        Err(error) => Err(RequestError::Malformed { xid, opcode, error }),
    }
}

/// Reads the record of an opcode.
///
/// # Errors
/// A record that does not fit. An opcode that is unknown or not served is no error but
/// [`Op::Unsupported`].
pub fn decode_op(opcode: i32, reader: &mut Reader<'_>) -> Decoded<Op> {
    Ok(match opcode {
        1 => read_create(CreateOp::Create, reader)?,
        15 => read_create(CreateOp::Create2, reader)?,
        19 => read_create(CreateOp::CreateContainer, reader)?,
        21 => read_create(CreateOp::CreateTtl, reader)?,
        2 => Op::Delete { path: path(reader)?, version: reader.i32("version")? },
        3 => Op::Exists { path: path(reader)?, watch: reader.bool("watch")? },
        4 => Op::GetData { path: path(reader)?, watch: reader.bool("watch")? },
        5 => Op::SetData {
            path: path(reader)?,
            data: reader.data("data")?,
            version: reader.i32("version")?,
        },
        6 => Op::GetAcl { path: path(reader)? },
        7 => Op::SetAcl {
            path: path(reader)?,
            acl: read_acl(reader)?,
            version: reader.i32("version")?,
        },
        8 => Op::GetChildren { path: path(reader)?, watch: reader.bool("watch")? },
        12 => Op::GetChildren2 { path: path(reader)?, watch: reader.bool("watch")? },
        9 => Op::Sync { path: path(reader)? },
        11 => Op::Ping,
        13 => Op::Check { path: path(reader)?, version: reader.i32("version")? },
        14 => Op::Multi(read_multi(&[1, 2, 5, 13, 15, 19, 21], reader)?),
        16 => Op::Reconfig {
            joining: reader.nullable_string("joiningServers")?,
            leaving: reader.nullable_string("leavingServers")?,
            members: reader.nullable_string("newMembers")?,
            config_id: reader.i64("curConfigId")?,
        },
        17 => Op::CheckWatches { path: path(reader)?, kind: watcher_type(reader)? },
        18 => Op::RemoveWatches { path: path(reader)?, kind: watcher_type(reader)? },
        22 => Op::MultiRead(read_multi(&[4, 8], reader)?),
        100 => read_auth(reader)?,
        101 => read_set_watches(false, reader)?,
        105 => read_set_watches(true, reader)?,
        103 => Op::GetEphemerals { prefix: reader.nullable_string("prefixPath")? },
        104 => Op::GetAllChildrenNumber { path: path(reader)? },
        106 => Op::AddWatch { path: path(reader)?, recursive: is_recursive(reader)? },
        107 => Op::WhoAmI,
        -10 => Op::CreateSession { timeout_ms: reader.i32("timeOut")? },
        -11 => Op::CloseSession,
        opcode => Op::Unsupported { opcode },
    })
}

fn path(reader: &mut Reader<'_>) -> Decoded<Option<String>> {
    reader.nullable_string("path")
}

fn watcher_type(reader: &mut Reader<'_>) -> Decoded<WatcherType> {
    let at = reader.clone();
    let number = reader.i32("type")?;
    WatcherType::from_number(number).ok_or_else(|| at.error("type", Fault::Unknown(number.into())))
}

/// The mode of an addWatch: 0 is persistent, 1 recursive as well.
fn is_recursive(reader: &mut Reader<'_>) -> Decoded<bool> {
    let at = reader.clone();
    match reader.i32("mode")? {
        0 => Ok(false),
        1 => Ok(true),
        mode => Err(at.error("mode", Fault::Unknown(mode.into()))),
    }
}

fn read_create(op: CreateOp, reader: &mut Reader<'_>) -> Decoded<Op> {
    Ok(Op::Create {
        op,
        path: path(reader)?,
        data: reader.data("data")?,
        acl: read_acl(reader)?,
        flags: reader.i32("flags")?,
        ttl_ms: if op == CreateOp::CreateTtl { reader.i64("ttl")? } else { -1 },
    })
}

fn read_auth(reader: &mut Reader<'_>) -> Decoded<Op> {
    reader.i32("type")?;
    Ok(Op::Auth { scheme: reader.nullable_string("scheme")?, auth: reader.data("auth")? })
}

fn read_set_watches(two: bool, reader: &mut Reader<'_>) -> Decoded<Op> {
    let relative_zxid = Zxid(reader.i64("relativeZxid")?);
    let data = paths(reader, "dataWatches")?;
    let exist = paths(reader, "existWatches")?;
    let child = paths(reader, "childWatches")?;
    let (persistent, recursive) = if two {
        (paths(reader, "persistentWatches")?, paths(reader, "persistentRecursiveWatches")?)
    } else {
        (Vec::new(), Vec::new())
    };
    Ok(Op::SetWatches { two, relative_zxid, data, exist, child, persistent, recursive })
}

fn paths(reader: &mut Reader<'_>, field: &'static str) -> Decoded<Vec<String>> {
    let at = reader.clone();
    read_strings(reader, field)?.ok_or_else(|| at.error(field, Fault::Null))
}

/// The elements of a multi or multiRead. What makes ZooKeeper refuse the request as a whole is
/// refused here: a type that is not one of `kinds`, flags that no create knows or that ask for a
/// time to live where there is none, a null path or list.
fn read_multi(kinds: &[i32], reader: &mut Reader<'_>) -> Decoded<Vec<Op>> {
    let mut elements = Vec::new();
    loop {
        let at = reader.clone();
        let (kind, done) = (reader.i32("element type")?, reader.bool("done")?);
        reader.i32("element err")?;
        if done {
            return Ok(elements);
        }
        if !kinds.contains(&kind) {
            return Err(at.error("element type", Fault::Unknown(i64::from(kind))));
        }
        // Every element begins with its path.
        if reader.quietly().nullable_string("path")?.is_none() {
            return Err(at.error("path", Fault::Null));
        }
        let element = decode_op(kind, reader)?;
        if let Op::Create { op, acl, flags, .. } = &element {
            check_create(*op, acl.as_deref(), *flags, &at)?;
        }
        elements.push(element);
    }
}

fn check_create(op: CreateOp, acl: Option<&[Acl]>, flags: i32, at: &Reader<'_>) -> Decoded<()> {
    if acl.is_none() {
        return Err(at.error("acl", Fault::Null));
    }
    let lives = op == CreateOp::CreateTtl;
    match CreateKind::from_flags(flags) {
        Some(CreateKind::PersistentTtl | CreateKind::PersistentSequentialTtl) if lives => Ok(()),
        Some(CreateKind::PersistentTtl | CreateKind::PersistentSequentialTtl) | None => {
            Err(at.error("flags", Fault::Unknown(i64::from(flags))))
        }
        Some(
            CreateKind::Persistent
            | CreateKind::Ephemeral
            | CreateKind::PersistentSequential
            | CreateKind::EphemeralSequential
            | CreateKind::Container,
        ) => Ok(()),
    }
}

/// Writes a request.
pub fn encode_request(xid: i32, op: &Op, out: &mut BytesMut) {
    out.put_i32(xid);
    out.put_i32(op.opcode());
    encode_op(op, out);
}

/// Writes the record of an operation.
pub fn encode_op(op: &Op, out: &mut BytesMut) {
    match op {
        Op::Create { .. } => put_create(op, out),
        Op::Delete { path, version } | Op::Check { path, version } => {
            put_nullable_string(out, path.as_deref());
            out.put_i32(*version);
        }
        Op::Exists { path, watch }
        | Op::GetData { path, watch }
        | Op::GetChildren { path, watch }
        | Op::GetChildren2 { path, watch } => {
            put_nullable_string(out, path.as_deref());
            put_bool(out, *watch);
        }
        Op::SetData { path, data, version } => {
            put_nullable_string(out, path.as_deref());
            put_buffer(out, data.as_deref());
            out.put_i32(*version);
        }
        Op::SetAcl { path, acl, version } => {
            put_nullable_string(out, path.as_deref());
            put_acl(out, acl.as_deref());
            out.put_i32(*version);
        }
        Op::GetEphemerals { prefix: path }
        | Op::GetAcl { path }
        | Op::Sync { path }
        | Op::GetAllChildrenNumber { path } => {
            put_nullable_string(out, path.as_deref());
        }
        Op::Multi(elements) | Op::MultiRead(elements) => put_multi(elements, out),
        Op::Reconfig { joining, leaving, members, config_id } => {
            put_nullable_string(out, joining.as_deref());
            put_nullable_string(out, leaving.as_deref());
            put_nullable_string(out, members.as_deref());
            out.put_i64(*config_id);
        }
        Op::CheckWatches { path, kind } | Op::RemoveWatches { path, kind } => {
            put_nullable_string(out, path.as_deref());
            out.put_i32(kind.number());
        }
        Op::DeleteContainer { path } => put_buffer(out, Some(path.as_bytes())),
        Op::AddWatch { path, recursive } => {
            put_nullable_string(out, path.as_deref());
            out.put_i32((*recursive).into());
        }
        Op::Auth { scheme, auth } => {
            out.put_i32(0);
            put_nullable_string(out, scheme.as_deref());
            put_buffer(out, auth.as_deref());
        }
        Op::SetWatches { .. } => put_set_watches(op, out),
        Op::CreateSession { timeout_ms } => out.put_i32(*timeout_ms),
        Op::Ping | Op::WhoAmI | Op::CloseSession | Op::Unsupported { .. } => {}
    }
}

fn put_create(create: &Op, out: &mut BytesMut) {
    let Op::Create { op, path, data, acl, flags, ttl_ms } = create else { return };
    put_nullable_string(out, path.as_deref());
    put_buffer(out, data.as_deref());
    put_acl(out, acl.as_deref());
    out.put_i32(*flags);
    if *op == CreateOp::CreateTtl {
        out.put_i64(*ttl_ms);
    }
}

fn put_set_watches(op: &Op, out: &mut BytesMut) {
    let Op::SetWatches { two, relative_zxid, data, exist, child, persistent, recursive } = op
    else {
        return;
    };
    out.put_i64(relative_zxid.0);
    let lists = [data, exist, child, persistent, recursive];
    for list in &lists[..if *two { 5 } else { 3 }] {
        put_strings(out, list);
    }
}

fn put_multi(elements: &[Op], out: &mut BytesMut) {
    for element in elements {
        put_multi_header(out, element.opcode(), false, -1);
        encode_op(element, out);
    }
    put_multi_header(out, -1, true, -1);
}

/// Writes a MultiHeader: 9 bytes.
pub(super) fn put_multi_header(out: &mut BytesMut, kind: i32, done: bool, err: i32) {
    out.put_i32(kind);
    put_bool(out, done);
    out.put_i32(err);
}
