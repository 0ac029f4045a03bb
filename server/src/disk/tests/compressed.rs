//! Compressed snapshots: ours and those of others.

use super::*;
use crate::disk::{Compression, write_compressed};

#[test]
fn a_compressed_snapshot_is_read_back_and_is_smaller() {
    for (compression, name) in
        [(Compression::Gzip, "snapshot.1.gz"), (Compression::Snappy, "snapshot.1.snappy")]
    {
        let directory = directory_with(&[&[Zxid(1)]]);
        let tree = open(directory.path()).1.tree;
        let path =
            write_compressed(&version_2(directory.path()), &tree, Zxid(1), compression).unwrap();
        assert_eq!(path, version_2(directory.path()).join(name));
        let plain = fs::metadata(version_2(directory.path()).join("snapshot.0")).unwrap().len();
        assert!(fs::metadata(&path).unwrap().len() < plain);
        let (_, loaded) = open(directory.path());
        assert_eq!(loaded.warnings, Vec::<String>::new());
        assert_eq!((loaded.recovered.replica_at, loaded.tree.paths()), (Zxid(1), tree.paths()));
    }
}

/// What snappy-java 1.1.8 made of a hundred and three bytes: a hundred times `a`, then `bcd`.
const BY_SNAPPY_JAVA: &[u8] = b"\x82SNAPPY\x00\x00\x00\x00\x01\x00\x00\x00\x01\
    \x00\x00\x00\x0d\x67\x00\x61\xfe\x01\x00\x8a\x01\x00\x08\x62\x63\x64";

#[test]
fn a_stream_of_snappy_java_is_read() {
    let mut expected = vec![b'a'; 100];
    expected.extend(b"bcd");
    assert_eq!(Compression::Snappy.unpack(BY_SNAPPY_JAVA.to_vec()).unwrap(), expected);
    // Two streams, one after the other, are one.
    let twice = [BY_SNAPPY_JAVA, BY_SNAPPY_JAVA].concat();
    assert_eq!(Compression::Snappy.unpack(twice).unwrap(), expected.repeat(2));
}

#[test]
fn a_compressed_snapshot_that_is_cut_short_is_passed_over() {
    for compression in [Compression::Gzip, Compression::Snappy] {
        let directory = directory_with(&[&[Zxid(1)]]);
        let tree = open(directory.path()).1.tree;
        let path =
            write_compressed(&version_2(directory.path()), &tree, Zxid(1), compression).unwrap();
        let bytes = fs::read(&path).unwrap();
        for length in [0, 3, 12, 17, bytes.len() - 9] {
            fs::write(&path, &bytes[..length]).unwrap();
            let (_, loaded) = open(directory.path());
            assert_eq!(loaded.recovered.replica_at, Zxid(0), "{compression:?} cut to {length}");
            assert!(loaded.warnings[0].contains("trying an older one"), "{:?}", loaded.warnings);
        }
    }
}
