//! Records that several messages share: identities, access control lists, Stat, lists of paths.

use super::jute::{
    Decoded, Fault, Reader, put_length, put_nullable_string, put_string, put_vector, text,
};
use crate::base::Zxid;
use crate::message::{Acl, Id, Stat};
use bytes::{BufMut, BytesMut};

/// The fewest bytes that an [`Id`] takes: two lengths.
const LEAST_ID: usize = 8;
/// The fewest bytes that an [`Acl`] takes: permissions and an id.
const LEAST_ACL: usize = 4 + LEAST_ID;
/// The fewest bytes that a string takes: its length.
const LEAST_STRING: usize = 4;

/// Reads a list of identities; `None` is null.
///
/// # Errors
/// A malformed field. A null scheme or id is read as an empty one.
pub fn read_ids(reader: &mut Reader<'_>) -> Decoded<Option<Vec<Id>>> {
    reader.vector("authinfo", LEAST_ID, read_id)
}

fn read_id(reader: &mut Reader<'_>) -> Decoded<Id> {
    let scheme = reader.buffer("scheme")?.map(text).unwrap_or_default();
    let id = reader.buffer("id")?.map(text).unwrap_or_default();
    Ok(Id { scheme, id })
}

/// Writes a list of identities; `None` is null.
pub fn put_ids(out: &mut BytesMut, ids: Option<&[Id]>) {
    match ids {
        None => out.put_i32(-1),
        Some(ids) => put_vector(out, ids, put_id),
    }
}

fn put_id(out: &mut BytesMut, id: &Id) {
    put_string(out, &id.scheme);
    put_string(out, &id.id);
}

/// Reads an access control list; `None` is null.
///
/// # Errors
/// A malformed field, or a null id of a scheme that looks into its ids; `auth` does not.
pub fn read_acl(reader: &mut Reader<'_>) -> Decoded<Option<Vec<Acl>>> {
    reader.vector("acl", LEAST_ACL, |reader| {
        let perms = reader.i32("perms")?;
        let scheme = reader.buffer("scheme")?.map(text).unwrap_or_default();
        let at = reader.clone();
        let id = reader.buffer("id")?.map(text);
        let looks = matches!(scheme.as_str(), "world" | "ip" | "digest" | "sasl" | "x509");
        if id.is_none() && looks {
            return Err(at.error("id", Fault::Null));
        }
        Ok(Acl { perms, id: Id { scheme, id: id.unwrap_or_default() } })
    })
}

/// Writes an access control list; `None` is null.
pub fn put_acl(out: &mut BytesMut, acl: Option<&[Acl]>) {
    let Some(acl) = acl else {
        return out.put_i32(-1);
    };
    put_vector(out, acl, |out, entry| {
        out.put_i32(entry.perms);
        put_id(out, &entry.id);
    });
}

/// Reads a list of strings; `None` is null.
///
/// # Errors
/// A malformed or null string.
pub fn read_strings(reader: &mut Reader<'_>, field: &'static str) -> Decoded<Option<Vec<String>>> {
    reader.vector(field, LEAST_STRING, |reader| reader.string(field))
}

/// Writes a list of strings.
pub fn put_strings(out: &mut BytesMut, strings: &[String]) {
    put_vector(out, strings, |out, text| put_string(out, text));
}

/// Reads a Stat as clients see it: 68 bytes.
///
/// # Errors
/// The input ends.
pub fn read_stat(reader: &mut Reader<'_>) -> Decoded<Stat> {
    Ok(Stat {
        czxid: Zxid(reader.i64("czxid")?),
        mzxid: Zxid(reader.i64("mzxid")?),
        ctime_ms: reader.i64("ctime")?,
        mtime_ms: reader.i64("mtime")?,
        version: reader.i32("version")?,
        cversion: reader.i32("cversion")?,
        aversion: reader.i32("aversion")?,
        ephemeral_owner: reader.i64("ephemeralOwner")?,
        data_length: reader.i32("dataLength")?,
        num_children: reader.i32("numChildren")?,
        pzxid: Zxid(reader.i64("pzxid")?),
    })
}

/// Writes a Stat as clients see it.
pub fn put_stat(out: &mut BytesMut, stat: &Stat) {
    out.put_i64(stat.czxid.0);
    out.put_i64(stat.mzxid.0);
    out.put_i64(stat.ctime_ms);
    out.put_i64(stat.mtime_ms);
    out.put_i32(stat.version);
    out.put_i32(stat.cversion);
    out.put_i32(stat.aversion);
    out.put_i64(stat.ephemeral_owner);
    out.put_i32(stat.data_length);
    out.put_i32(stat.num_children);
    out.put_i64(stat.pzxid.0);
}

/// Reads pairs of strings, as whoAmI returns them.
///
/// # Errors
/// A malformed or null string.
pub fn read_pairs(reader: &mut Reader<'_>) -> Decoded<Option<Vec<(String, String)>>> {
    reader.vector("clientInfo", 2 * LEAST_STRING, |reader| {
        Ok((reader.string("authScheme")?, reader.string("user")?))
    })
}

/// Writes pairs of strings.
pub fn put_pairs(out: &mut BytesMut, pairs: &[(String, String)]) {
    put_length(out, pairs.len());
    for (scheme, user) in pairs {
        put_nullable_string(out, Some(scheme));
        put_nullable_string(out, Some(user));
    }
}
