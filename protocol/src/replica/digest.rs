//! The digest of the tree, version 2: the sum of a checksum for each znode, modulo 2^64.
//!
//! docs/protocol.md, C10.3 and C10.4. It covers path, data and persisted stat, not the access
//! control
//! lists. What servers keep below `/zookeeper/` differs between them and counts 0.

use super::path::ROOT;
use super::znode::PersistedStat;

/// The version that transactions and snapshots name.
pub const VERSION: i32 = 2;

/// The share of one node: CRC-32 over path (the root's is empty), data and 60 bytes of stat.
#[must_use]
pub fn node(path: &str, data: Option<&[u8]>, stat: &PersistedStat) -> u64 {
    if path.starts_with("/zookeeper/") {
        return 0;
    }
    let path = if path == ROOT { "" } else { path };
    checksum([path.as_bytes(), data.unwrap_or_default(), &stat_bytes(stat)]).into()
}

/// CRC-32 over all parts: in a server as fast as the processor can.
#[cfg(not(target_arch = "wasm32"))]
fn checksum(parts: [&[u8]; 3]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    parts.iter().for_each(|part| crc.update(part));
    crc.finalize()
}

/// CRC-32 over all parts: in a page with a table of one kilobyte instead of sixteen.
#[cfg(target_arch = "wasm32")]
fn checksum(parts: [&[u8]; 3]) -> u32 {
    const CRC: crc::Crc<u32, crc::Table<1>> =
        crc::Crc::<u32, crc::Table<1>>::new(&crc::CRC_32_ISO_HDLC);
    let mut digest = CRC.digest();
    parts.iter().for_each(|part| digest.update(part));
    digest.finalize()
}

/// The stat in the digest's order of fields, which is not that of files: pzxid is the third.
fn stat_bytes(stat: &PersistedStat) -> [u8; 60] {
    let mut bytes = [0; 60];
    let longs = [stat.czxid.0, stat.mzxid.0, stat.pzxid.0, stat.ctime_ms, stat.mtime_ms];
    for (i, long) in longs.into_iter().enumerate() {
        bytes[8 * i..8 * i + 8].copy_from_slice(&long.to_be_bytes());
    }
    for (i, int) in [stat.version, stat.cversion, stat.aversion].into_iter().enumerate() {
        bytes[40 + 4 * i..44 + 4 * i].copy_from_slice(&int.to_be_bytes());
    }
    bytes[52..].copy_from_slice(&stat.owner.to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use crate::base::{SessionId, Zxid};
    use crate::message::{Acl, Txn, TxnBody, TxnHeader};
    use crate::replica::DataTree;
    use bytes::Bytes;

    fn apply(tree: &mut DataTree, zxid: i64, time_ms: i64, body: TxnBody) {
        let header = TxnHeader { session: SessionId(1), cxid: 0, zxid: Zxid(zxid), time_ms };
        tree.apply(&Txn { header, body, digest: None }, &mut Vec::new());
    }

    fn digest_of(tree: &DataTree, path: &str) -> u64 {
        tree.get(path).expect("it was created").digest
    }

    #[test]
    fn the_digests_are_those_that_zookeeper_computes() {
        let mut tree = DataTree::new();
        assert_eq!(digest_of(&tree, "/"), 68_323_592);
        assert_eq!(digest_of(&tree, "/zookeeper"), 1_303_661_912);
        assert_eq!(digest_of(&tree, "/zookeeper/config"), 0);
        assert_eq!(tree.digest(), 1_371_985_504);

        let (acl, data) = (vec![Acl::open()], Some(Bytes::from_static(b"x")));
        let (create2, ephemeral) = (false, false);
        let path = "/a".to_owned();
        let body = TxnBody::Create { create2, path, data, acl, ephemeral, parent_cversion: 1 };
        apply(&mut tree, 2, 1000, body);
        assert_eq!(digest_of(&tree, "/a"), 1_267_482_600);
        assert_eq!(digest_of(&tree, "/"), 51_738_866);
        assert_eq!(tree.digest(), 2_622_883_378);

        let path = "/a".to_owned();
        let body = TxnBody::SetData { reconfig: false, path, data: None, version: 1 };
        apply(&mut tree, 3, 2000, body);
        assert_eq!(digest_of(&tree, "/a"), 199_168_243);
        assert_eq!(tree.digest(), 1_554_569_021);

        let (path, acl, data) = ("/c".to_owned(), vec![Acl::open()], Some(Bytes::new()));
        apply(&mut tree, 4, 3000, TxnBody::CreateContainer { path, data, acl, parent_cversion: 2 });
        assert_eq!(digest_of(&tree, "/c"), 4_203_655_673);
        assert_eq!(digest_of(&tree, "/"), 169_700_092);
        assert_eq!(tree.digest(), 5_876_185_920);

        let (path, acl, data) = ("/t".to_owned(), vec![Acl::open()], Some(Bytes::new()));
        let (parent_cversion, ttl_ms) = (3, 60_000);
        let body = TxnBody::CreateTtl { path, data, acl, parent_cversion, ttl_ms };
        apply(&mut tree, 5, 4000, body);
        assert_eq!(digest_of(&tree, "/t"), 3_410_011_388);
        assert_eq!(digest_of(&tree, "/"), 1_467_720_806);
        assert_eq!(tree.digest(), 10_584_218_022);

        let path = "/a".to_owned();
        apply(&mut tree, 6, 5000, TxnBody::Delete { container: false, path });
        assert_eq!(digest_of(&tree, "/"), 219_847_430);
        assert_eq!(tree.digest(), 9_137_176_403);
    }
}
