//! Quotas: the figures that every server keeps, and what would exceed a limit (docs/protocol.md,
//! C5.11).

use super::*;
use crate::replica::{Mode, Table, image};

const STATS: &str = "/zookeeper/quota/a/zookeeper_stats";
const LIMITS: &str = "/zookeeper/quota/a/zookeeper_limits";

impl Applied {
    fn make(&mut self, path: &str, text: &str) {
        self.apply(with_data(path, text));
    }

    fn text(&self, path: &str) -> String {
        let data = self.replica.tree().get(path).expect("it is there").data.clone();
        String::from_utf8(data.expect("not null").to_vec()).expect("text")
    }

    /// What a client's quota command does for `/a`.
    fn limit(&mut self, limits: &str) {
        self.make("/zookeeper/quota/a", "");
        self.make(LIMITS, limits);
        self.make(STATS, "count=-1,bytes=-1");
    }
}

fn with_data(path: &str, text: &str) -> TxnBody {
    let (path, data) = (path.to_owned(), Some(Bytes::copy_from_slice(text.as_bytes())));
    let (acl, parent_cversion) = (vec![Acl::open()], -1);
    TxnBody::Create { create2: false, path, data, acl, ephemeral: false, parent_cversion }
}

#[test]
fn the_figures_begin_with_what_is_there_and_follow_every_write() {
    let mut applied = Applied::new();
    applied.make("/a", "12");
    applied.make("/a/b", "345");
    applied.limit("count=9,bytes=99");
    assert_eq!(applied.text(STATS), "count=2,bytes=5", "the node itself counts");
    applied.make("/a/c", "6789");
    assert_eq!(applied.text(STATS), "count=3,bytes=9");
    applied.set("/a/c", "");
    assert_eq!(applied.text(STATS), "count=3,bytes=5");
    applied.set("/a", "123");
    assert_eq!(applied.text(STATS), "count=3,bytes=6");
    applied.delete("/a/b");
    assert_eq!(applied.text(STATS), "count=2,bytes=3");
    applied.make("/ab", "beside it");
    assert_eq!(applied.text(STATS), "count=2,bytes=3");
    applied.apply(create("/a/mine", true));
    assert_eq!(applied.text(STATS), "count=3,bytes=3");
    applied.apply(TxnBody::CloseSession { paths: Some(vec!["/a/mine".to_owned()]) });
    assert_eq!(applied.text(STATS), "count=2,bytes=3", "an ephemeral went with its session");
}

#[test]
fn the_figures_change_without_a_version_an_event_or_a_digest() {
    let mut applied = Applied::new();
    applied.make("/a", "");
    applied.limit("count=9,bytes=99");
    let before = applied.replica.tree().get(STATS).unwrap().stat;
    applied.replica.watches.add(Table::Data, STATS, Mode::Standard, ANN, &[]);
    let (digest, size) = {
        let tree = applied.replica.tree();
        (tree.get(STATS).unwrap().digest, tree.approximate_data_size())
    };
    assert!(applied.create("/a/b").is_empty());
    let tree = applied.replica.tree();
    assert_eq!(applied.text(STATS), "count=2,bytes=0");
    assert_eq!(tree.get(STATS).unwrap().stat, before);
    assert_eq!((digest, tree.get(STATS).unwrap().digest), (0, 0));
    assert_eq!(tree.approximate_data_size(), size + 4, "a path of four bytes and no data");
}

#[test]
fn the_deepest_quota_keeps_the_figures() {
    let mut applied = Applied::new();
    for path in ["/a", "/a/b", "/zookeeper/quota/a", "/zookeeper/quota/a/b"] {
        applied.make(path, "");
    }
    for path in ["/zookeeper/quota/a", "/zookeeper/quota/a/b"] {
        applied.make(&format!("{path}/zookeeper_limits"), "count=9,bytes=-1");
        applied.make(&format!("{path}/zookeeper_stats"), "");
    }
    let inner = "/zookeeper/quota/a/b/zookeeper_stats";
    applied.make("/a/b/c", "x");
    assert_eq!(
        (applied.text(STATS), applied.text(inner)),
        figures("count=2,bytes=0", "count=2,bytes=1")
    );
    applied.delete("/zookeeper/quota/a/b/zookeeper_limits");
    applied.make("/a/b/d", "y");
    assert_eq!(
        (applied.text(STATS), applied.text(inner)),
        figures("count=3,bytes=1", "count=2,bytes=1")
    );
}

fn figures(outer: &str, inner: &str) -> (String, String) {
    (outer.to_owned(), inner.to_owned())
}

#[test]
fn a_quota_without_figures_and_figures_without_a_quota_harm_nobody() {
    let mut applied = Applied::new();
    for path in ["/a", "/b", "/zookeeper/quota/a", "/zookeeper/quota/b", "/zookeeper/quotas"] {
        applied.make(path, "");
    }
    applied.make(LIMITS, "countHardLimit=0");
    applied.make("/zookeeper/quota/b/zookeeper_stats", "mine");
    assert_eq!(applied.text("/zookeeper/quota/b/zookeeper_stats"), "count=1,bytes=0");
    applied.make("/zookeeper/quotas/zookeeper_limits", "countHardLimit=0");
    applied.make("/a/x", "1");
    applied.make("/b/x", "1");
    assert_eq!(applied.text("/zookeeper/quota/b/zookeeper_stats"), "count=1,bytes=0");
    assert!(!applied.replica.tree().exceeds_quota("/a/y", 1, 0), "nothing to hold it against");
}

#[test]
fn figures_that_a_client_has_made_up_harm_nobody() {
    let mut applied = Applied::new();
    applied.make("/a", "");
    applied.limit("count=1,bytes=1=;byteHardLimit=1;countHardLimit=1");
    let most = i64::MAX;
    applied.set(STATS, &format!("count={most},bytes={most}"));
    assert!(!applied.replica.tree().exceeds_quota("/a/b", 1, 1), "it turns around, as in Java");
    applied.make("/a/b", "1");
    assert_eq!(applied.text(STATS), format!("count={0},bytes={0}", i64::MIN));
}

#[test]
fn the_root_may_have_limits_that_nothing_is_held_against() {
    let mut applied = Applied::new();
    applied.make("/zookeeper/quota/zookeeper_limits", "countHardLimit=0");
    applied.make("/zookeeper/quota/zookeeper_stats", "");
    assert_eq!(applied.text("/zookeeper/quota/zookeeper_stats"), "count=6,bytes=16");
    applied.make("/a", "1");
    assert_eq!(applied.text("/zookeeper/quota/zookeeper_stats"), "count=6,bytes=16");
    assert!(!applied.replica.tree().exceeds_quota("/b", 1, 0));
}

#[test]
fn only_hard_limits_can_be_exceeded_and_only_by_more() {
    let cases = [
        ("count=1,bytes=1", (1, 9), false),
        ("count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=2", (1, 0), true),
        ("count=-1,bytes=-1=;byteHardLimit=-1;countHardLimit=3", (1, 99), false),
        ("count=-1,bytes=-1=;byteHardLimit=7;countHardLimit=-1", (1, 2), false),
        ("count=-1,bytes=-1=;byteHardLimit=7;countHardLimit=-1", (0, 3), true),
        ("count=1,bytes=1=;byteHardLimit=4;countHardLimit=1", (0, 0), false),
        ("count=1,bytes=1=;byteHardLimit=4;countHardLimit=1", (0, -1), false),
        ("no=thing,at;all", (1, 9), false),
        ("countHardLimit=", (1, 9), false),
    ];
    for (limits, (count, bytes), exceeded) in cases {
        let mut applied = Applied::new();
        applied.make("/a", "12");
        applied.make("/a/b", "345");
        applied.limit(limits);
        let tree = applied.replica.tree();
        assert_eq!(tree.exceeds_quota("/a/c", count, bytes), exceeded, "{limits}: {count} {bytes}");
        assert!(!tree.exceeds_quota("/b", count, bytes), "beside it");
    }
}

#[test]
fn a_tree_out_of_an_image_counts_anew() {
    let mut applied = Applied::new();
    applied.make("/a", "12");
    applied.limit("countHardLimit=2");
    applied.set(STATS, "count=77,bytes=77");
    let mut bytes = bytes::BytesMut::new();
    image::encode(applied.replica.tree(), &mut bytes);
    let (tree, _) = image::decode(&bytes).expect("our own image");
    let mut read = Applied { replica: Replica::new(tree, Zxid(applied.zxid)), zxid: applied.zxid };
    assert_eq!(read.text(STATS), "count=1,bytes=2");
    read.make("/a/b", "3");
    assert_eq!(read.text(STATS), "count=2,bytes=3");
    assert!(read.replica.tree().exceeds_quota("/a/c", 1, 0));
}
