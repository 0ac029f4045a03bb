//! Transactions: the same bytes in PROPOSAL, in INFORM and in a log record.
//!
//! `TxnHeader` (32 bytes), the record of its type, then perhaps a `TxnDigest` (docs/protocol.md,
//! Q5.7, QB and O2.2). Forms of older releases are read; the current
//! form is written.

use super::jute::{Decoded, Fault, Reader, put_bool, put_buffer, put_length, put_string};
use super::record::{put_acl, put_strings, read_acl, read_strings};
use crate::base::{SessionId, Zxid};
use crate::message::{MultiElement, Txn, TxnBody, TxnDigest, TxnHeader};
use bytes::{BufMut, BytesMut};

/// The bytes of a `TxnDigest`.
const DIGEST_BYTES: usize = 12;

/// Writes a transaction.
pub fn encode_txn(txn: &Txn, out: &mut BytesMut) {
    out.put_i64(txn.header.session.0);
    out.put_i32(txn.header.cxid);
    out.put_i64(txn.header.zxid.0);
    out.put_i64(txn.header.time_ms);
    out.put_i32(txn.body.type_number());
    put_body(&txn.body, out);
    if let Some(digest) = txn.digest {
        out.put_i32(digest.version);
        out.put_u64(digest.tree);
    }
}

/// Reads a transaction. Bytes that are too few for a digest are ignored, as ZooKeeper does.
///
/// # Errors
/// An unknown type, or a record that does not fit it.
pub fn decode_txn(bytes: &[u8]) -> Decoded<Txn> {
    read_txn(&mut Reader::new(bytes))
}

/// Reads a transaction that fills the rest of a reader.
///
/// # Errors
/// As [`decode_txn`].
pub fn read_txn(reader: &mut Reader<'_>) -> Decoded<Txn> {
    let header = TxnHeader {
        session: SessionId(reader.i64("clientId")?),
        cxid: reader.i32("cxid")?,
        zxid: Zxid(reader.i64("zxid")?),
        time_ms: reader.i64("time")?,
    };
    let at = reader.clone();
    let body = match reader.i32("type")? {
        // A check exists only inside multi: Apache could not read its log back.
        13 => return Err(at.error("type", Fault::Unknown(13))),
        -11 => TxnBody::CloseSession { paths: read_closed_paths(reader)? },
        14 => read_multi(reader)?,
        kind => read_body(kind, reader)?,
    };
    let digest = match reader.remaining() {
        left if left < DIGEST_BYTES => None,
        _ => Some(TxnDigest {
            version: reader.i32("digest version")?,
            tree: reader.i64("tree digest")?.cast_unsigned(),
        }),
    };
    Ok(Txn { header, body, digest })
}

/// The list of a closeSession. Before 3.6, and with `closeSessionTxn.enabled=false`, there is none:
/// the record ends, or a digest follows at once, which no list of paths can look like.
fn read_closed_paths(reader: &mut Reader<'_>) -> Decoded<Option<Vec<String>>> {
    match read_strings(&mut reader.quietly(), "paths2Delete") {
        Ok(paths) if !paths.iter().flatten().any(String::is_empty) => {
            read_strings(reader, "paths2Delete")?;
            // A null list is there and empty; what is not there at all is an older form.
            Ok(Some(paths.unwrap_or_default()))
        }
        Ok(_) | Err(_) if matches!(reader.remaining(), 0 | DIGEST_BYTES) => Ok(None),
        Ok(_) => Err(reader.error("paths2Delete", Fault::Text(String::new()))),
        Err(error) => Err(error),
    }
}

fn read_body(kind: i32, reader: &mut Reader<'_>) -> Decoded<TxnBody> {
    Ok(match kind {
        -10 => TxnBody::CreateSession { timeout_ms: reader.i32("timeOut")? },
        -1 => TxnBody::Error { code: reader.i32("err")? },
        1 | 15 => read_create(kind == 15, reader)?,
        19 => TxnBody::CreateContainer {
            path: reader.string("path")?,
            data: reader.data("data")?,
            acl: read_acl(reader)?.unwrap_or_default(),
            parent_cversion: reader.i32("parentCVersion")?,
        },
        21 => TxnBody::CreateTtl {
            path: reader.string("path")?,
            data: reader.data("data")?,
            acl: read_acl(reader)?.unwrap_or_default(),
            parent_cversion: reader.i32("parentCVersion")?,
            ttl_ms: reader.i64("ttl")?,
        },
        2 | 20 => TxnBody::Delete { container: kind == 20, path: reader.string("path")? },
        5 | 16 => TxnBody::SetData {
            reconfig: kind == 16,
            path: reader.string("path")?,
            data: reader.data("data")?,
            version: reader.i32("version")?,
        },
        7 => TxnBody::SetAcl {
            path: reader.string("path")?,
            acl: read_acl(reader)?.unwrap_or_default(),
            version: reader.i32("version")?,
        },
        13 => TxnBody::Check { path: reader.string("path")?, version: reader.i32("version")? },
        other => return Err(reader.error("type", Fault::Unknown(i64::from(other)))),
    })
}

fn read_create(create2: bool, reader: &mut Reader<'_>) -> Decoded<TxnBody> {
    Ok(TxnBody::Create {
        create2,
        path: reader.string("path")?,
        data: reader.data("data")?,
        acl: read_acl(reader)?.unwrap_or_default(),
        ephemeral: reader.bool("ephemeral")?,
        // The oldest logs end here (CreateTxnV0).
        parent_cversion: match reader.remaining() {
            0 => -1,
            _ => reader.i32("parentCVersion")?,
        },
    })
}

fn read_multi(reader: &mut Reader<'_>) -> Decoded<TxnBody> {
    let elements = reader.vector("multi", 8, |reader| {
        let at = reader.clone();
        let kind = reader.i32("element type")?;
        if !matches!(kind, 1 | 15 | 21 | 19 | 2 | 20 | 5 | 13 | -1) {
            return Err(at.error("element type", Fault::Unknown(i64::from(kind))));
        }
        let start = reader.offset() + 4;
        let record = reader.buffer("element")?;
        let record = record.ok_or_else(|| at.error("element", Fault::Null))?;
        read_body(kind, &mut reader.inside(record)).map(MultiElement).map_err(|e| e.beyond(start))
    })?;
    Ok(TxnBody::Multi { elements: elements.unwrap_or_default() })
}

/// Writes the record alone, as it stands in an element of a multi.
fn put_body(body: &TxnBody, out: &mut BytesMut) {
    match body {
        TxnBody::CreateSession { timeout_ms } => out.put_i32(*timeout_ms),
        TxnBody::CloseSession { paths: None } => {}
        TxnBody::CloseSession { paths: Some(paths) } => put_strings(out, paths),
        TxnBody::Error { code } => out.put_i32(*code),
        TxnBody::Create { path, data, acl, ephemeral, parent_cversion, create2: _ } => {
            put_string(out, path);
            put_buffer(out, data.as_deref());
            put_acl(out, Some(acl));
            put_bool(out, *ephemeral);
            out.put_i32(*parent_cversion);
        }
        TxnBody::CreateContainer { path, data, acl, parent_cversion } => {
            put_string(out, path);
            put_buffer(out, data.as_deref());
            put_acl(out, Some(acl));
            out.put_i32(*parent_cversion);
        }
        TxnBody::CreateTtl { path, data, acl, parent_cversion, ttl_ms } => {
            put_string(out, path);
            put_buffer(out, data.as_deref());
            put_acl(out, Some(acl));
            out.put_i32(*parent_cversion);
            out.put_i64(*ttl_ms);
        }
        TxnBody::Delete { path, container: _ } => put_string(out, path),
        TxnBody::SetData { path, data, version, reconfig: _ } => {
            put_string(out, path);
            put_buffer(out, data.as_deref());
            out.put_i32(*version);
        }
        TxnBody::SetAcl { path, acl, version } => {
            put_string(out, path);
            put_acl(out, Some(acl));
            out.put_i32(*version);
        }
        TxnBody::Check { path, version } => {
            put_string(out, path);
            out.put_i32(*version);
        }
        TxnBody::Multi { elements } => put_multi(elements, out),
    }
}

fn put_multi(elements: &[MultiElement], out: &mut BytesMut) {
    put_length(out, elements.len());
    let mut record = BytesMut::new();
    for MultiElement(body) in elements {
        record.clear();
        put_body(body, &mut record);
        out.put_i32(body.type_number());
        put_buffer(out, Some(&record));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_session_tells_a_missing_list_from_an_empty_one() {
        let header = [[0; 28].as_slice(), &(-11_i32).to_be_bytes()].concat();
        let digest = TxnDigest { version: 2, tree: 0x51c6_d660 };
        let encoded = digest_bytes(&digest);
        let none: &[u8] = &[];
        let (null, empty): (&[u8], &[u8]) = (&[0xff; 4], &[0; 4]);
        let list: &[u8] = &[0, 0, 0, 1, 0, 0, 0, 2, b'/', b'e'];
        let paths = |paths: &[&str]| Some(paths.iter().map(|path| (*path).to_owned()).collect());
        let cases = [(none, None), (null, paths(&[])), (empty, paths(&[])), (list, paths(&["/e"]))];
        for (record, paths) in cases {
            for digest in [None, Some(digest)] {
                let tail = if digest.is_some() { &encoded[..] } else { &[] };
                let bytes = [&header, record, tail].concat();
                let txn = decode_txn(&bytes).expect("a transaction");
                let body = TxnBody::CloseSession { paths: Option::clone(&paths) };
                assert_eq!((txn.body, txn.digest), (body, digest));
            }
        }
        let torn = [&header, &list[..7]].concat();
        assert!(decode_txn(&torn).is_err(), "a list that is cut short is neither");
    }

    fn digest_bytes(digest: &TxnDigest) -> [u8; DIGEST_BYTES] {
        let mut bytes = [0; DIGEST_BYTES];
        bytes[..4].copy_from_slice(&digest.version.to_be_bytes());
        bytes[4..].copy_from_slice(&digest.tree.to_be_bytes());
        bytes
    }
}
