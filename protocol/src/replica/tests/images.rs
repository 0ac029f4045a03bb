//! Images: the bytes that ZooKeeper writes, and what is refused.

use super::*;
use crate::message::Image;
use crate::replica::ImageError;
use crate::replica::image::{decode, encode};
use bytes::BytesMut;

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn encoded(tree: &DataTree) -> BytesMut {
    let mut bytes = BytesMut::new();
    encode(tree, &mut bytes);
    bytes
}

#[test]
fn a_pristine_tree_is_the_587_bytes_of_the_reference() {
    let mut tree = DataTree::new();
    tree.set_config(Bytes::from(vec![b'c'; 178]), Zxid(0), 5000);
    let bytes = encoded(&tree);
    assert_eq!(bytes.len() + 4 + "BenWasHere".len(), 587);
    let plain = format!("00000000ffffffffffffffff{}", "00".repeat(60));
    let expected = [
        "00000000",
        "00000001",
        "0000000000000001",
        "00000001",
        "00000001",
        &format!("00000005{}", hex(b"world")),
        &format!("00000006{}", hex(b"anyone")),
        "00000000",
        &plain,
        &format!("0000000a{}", hex(b"/zookeeper")),
        &plain,
        &format!("00000011{}", hex(b"/zookeeper/config")),
        &format!("000000b2{}", "63".repeat(178)),
        "0000000000000001",
        &"00".repeat(24),
        "0000000000001388",
        "ffffffff",
        "00000000",
        "ffffffff",
        &"00".repeat(16),
        &format!("00000010{}", hex(b"/zookeeper/quota")),
        &plain,
        "000000012f",
    ];
    assert_eq!(hex(&bytes), expected.concat());
}

#[test]
fn an_image_restores_sessions_nodes_lists_and_ephemerals() {
    let mut applied = Applied::new();
    applied.apply(TxnBody::CreateSession { timeout_ms: 4000 });
    applied.create("/a");
    applied.apply(create("/a/mine", true));
    applied.set("/a", "text");
    let image = applied.replica.image();
    let mut other = Replica::new(DataTree::new(), Zxid::ZERO);
    assert_eq!(other.restore(&image), Ok(()));
    assert_eq!(other.last_zxid(), Zxid(4));
    assert_eq!(other.tree().paths(), applied.replica.tree().paths());
    assert_eq!(other.tree().get("/a"), applied.replica.tree().get("/a"));
    assert_eq!(other.tree().ephemerals_of(SESSION), ["/a/mine"]);
    assert_eq!(other.tree().sessions(), applied.replica.tree().sessions());
    assert_eq!(other.tree().digest(), applied.replica.tree().digest());
    assert_eq!(other.image(), image);
}

#[test]
fn an_image_cut_anywhere_is_refused_and_changes_nothing() {
    let mut applied = Applied::new();
    applied.apply(TxnBody::CreateSession { timeout_ms: 4000 });
    applied.create("/a");
    let image = applied.replica.image();
    for length in 0..image.bytes.len() {
        let bytes = image.bytes.slice(..length);
        assert!(decode(&bytes).is_err(), "{length} bytes");
        assert!(applied.replica.restore(&Image { bytes, zxid: Zxid(9) }).is_err());
    }
    assert_eq!(applied.replica.image(), image);
    let longer = [&image.bytes[..], &[0]].concat();
    let longer = Image { bytes: longer.into(), zxid: Zxid(9) };
    assert_eq!(applied.replica.restore(&longer), Err(ImageError::Trailing(1)));
}

#[test]
fn lengths_that_lie_allocate_nothing_and_are_refused() {
    let huge = i32::MAX.to_be_bytes();
    let cases: [Vec<u8>; 4] = [
        huge.to_vec(),
        [&[0; 4][..], &huge].concat(),
        [&[0; 8][..], &huge].concat(),
        [&[0, 0, 0, 0, 0, 0, 0, 1][..], &[0; 8], &huge].concat(),
    ];
    for bytes in cases {
        assert_eq!(decode(&bytes).err(), Some(ImageError::Truncated(bytes.len())));
    }
    assert_eq!(decode(&[0xff; 4]).err(), Some(ImageError::NegativeLength(0)));
    let null_path = [&[0; 8][..], &[0xff; 4]].concat();
    assert_eq!(decode(&null_path).err(), Some(ImageError::BadText(8)));
    let no_nodes = [&[0; 8][..], &[0, 0, 0, 1, b'/']].concat();
    assert_eq!(decode(&no_nodes).err(), Some(ImageError::Misplaced("/".to_owned())));
}

#[test]
fn a_node_before_its_parent_is_refused_and_one_with_an_unknown_list_is_closed() {
    let node = |path: &str, list: i64| {
        let length = (path.len() as i32).to_be_bytes();
        [&length[..], path.as_bytes(), &[0xff; 4], &list.to_be_bytes(), &[0; 60]].concat()
    };
    let image = |nodes: &[Vec<u8>]| [&[0; 8][..], &nodes.concat(), &[0, 0, 0, 1, b'/']].concat();
    let orphan = image(&[node("", -1), node("/a/b", -1)]);
    assert_eq!(decode(&orphan).err(), Some(ImageError::Misplaced("/a/b".to_owned())));
    let twice = image(&[node("", -1), node("/a", -1), node("/a", -1)]);
    assert_eq!(decode(&twice).err(), Some(ImageError::Misplaced("/a".to_owned())));
    for odd in ["a", "/a/", "//"] {
        let odd = image(&[node("", -1), node("/a", -1), node(odd, -1)]);
        assert!(matches!(decode(&odd).err(), Some(ImageError::Misplaced(_))));
    }
    let (tree, _) = decode(&image(&[node("", -1), node("/a", 77)])).unwrap();
    assert_eq!(tree.get("/a").unwrap().acl.to_vec(), [Acl { perms: 0, ..Acl::open() }]);
}

#[test]
fn a_tree_that_grows_large_keeps_every_node() {
    let mut tree = DataTree::new();
    let mut applied = Applied::new();
    let mut digest = None;
    for i in 0..20_000 {
        let body = create(&format!("/{i}"), i % 7 == 0);
        tree.apply(&applied.txn(body), &mut Vec::new());
        if i == 10_000 {
            digest = Some((tree.clone(), tree.digest()));
        }
    }
    let (copy, digest) = digest.expect("it was copied half way");
    assert_eq!((copy.node_count(), copy.digest()), (10_005, digest));
    assert_eq!(tree.node_count(), 20_004);
    assert_eq!(tree.ephemeral_count(), 2858);
    assert!((0..20_000).all(|i| tree.get(&format!("/{i}")).is_some()));
    let mut sum = 0_u64;
    tree.walk("/", &mut |node| sum = sum.wrapping_add(node.digest));
    assert_eq!(sum, tree.digest());
}

/// Images that were tampered with.
#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use proptest::prelude::*;

    fn sample() -> Vec<u8> {
        let mut applied = Applied::new();
        applied.apply(TxnBody::CreateSession { timeout_ms: 4000 });
        for path in ["/a", "/a/b", "/c"] {
            applied.create(path);
        }
        applied.apply(create_for("/d", true, vec![Acl { perms: 3, ..Acl::open() }]));
        applied.replica.image().bytes.to_vec()
    }

    proptest! {
        #[test]
        fn an_image_with_any_bytes_changed_is_refused_or_read_as_what_it_says(
            changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)
        ) {
            let mut bytes = sample();
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            if let Ok((tree, used)) = decode(&bytes) {
                prop_assert!(used <= bytes.len());
                let again = encoded(&tree);
                let (reread, _) = decode(&again).expect("what was written is an image");
                prop_assert_eq!(encoded(&reread), again);
                prop_assert_eq!(reread.digest(), tree.digest());
                let mut visited = 0;
                tree.walk("/", &mut |_| visited += 1);
                prop_assert_eq!(visited, tree.node_count(), "every node can be reached");
            }
        }

        #[test]
        fn any_bytes_at_all_are_refused_or_read(
            bytes in prop::collection::vec(any::<u8>(), 0..200)
        ) {
            let _ = decode(&bytes);
        }
    }
}
