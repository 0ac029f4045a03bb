//! Containers and nodes with a time to live go by themselves (docs/protocol.md, C5.8 and C5.9).

use crate::base::{Config, Ensemble, Now, ServerId, SessionId, Time, ZnodeRules, Zxid};
use crate::message::{Acl, CreateOp, Op, Request, TxnBody};
use crate::replica::{DataTree, Outbox, Replica};
use crate::service::Service;
use std::sync::Arc;

const ANN: SessionId = SessionId(0xa);

/// A leader with a clock, that looks for what may go every ten seconds.
struct Leader {
    service: Service,
    replica: Replica,
    zxid: Zxid,
    now: Now,
}

impl Leader {
    fn new(change: impl FnOnce(&mut ZnodeRules)) -> Leader {
        let mut config = Config::new(ServerId(1), Arc::new(Ensemble::numbered(3, 0)));
        config.znodes.extended_types = true;
        config.znodes.check_interval_ms = 10_000;
        change(&mut config.znodes);
        let mut service = Service::new(&Arc::new(config));
        let replica = Replica::new(DataTree::new(), Zxid::ZERO);
        let now = Now { at: Time::from_ms(0), wall_ms: 1_000_000 };
        service.begin_leading(now, replica.tree());
        let mut leader = Leader { service, replica, zxid: Zxid::ZERO, now };
        leader.done(ANN, Op::CreateSession { timeout_ms: 40_000 });
        leader
    }

    fn prepare(&mut self, session: SessionId, op: Op) -> TxnBody {
        self.zxid = self.zxid.successor().unwrap();
        let request = Request { session, cxid: 0, op, auth: Vec::new() };
        let tree = self.replica.tree();
        let txn = self.service.prepare(self.now, self.zxid, &request, ServerId(1), tree);
        self.replica.apply_txn(&txn, None, &mut Outbox::default());
        assert_eq!(self.replica.digest_mismatches(), 0);
        txn.body
    }

    /// The world has applied all that was prepared.
    fn applied(&mut self) {
        self.service.applied(self.zxid);
        self.service.clean(self.now, self.replica.tree());
    }

    fn done(&mut self, session: SessionId, op: Op) {
        let body = self.prepare(session, op);
        assert!(!matches!(body, TxnBody::Error { .. }), "{body:?}");
        self.applied();
    }

    fn create(&mut self, op: CreateOp, path: &str, flags: i32, ttl_ms: i64) {
        let (path, acl) = (Some(path.to_owned()), Some(vec![Acl::open()]));
        self.done(ANN, Op::Create { op, path, data: None, acl, flags, ttl_ms });
    }

    fn container(&mut self, path: &str) {
        self.create(CreateOp::CreateContainer, path, 4, -1);
    }

    fn delete(&mut self, path: &str) {
        self.done(ANN, Op::Delete { path: Some(path.to_owned()), version: -1 });
    }

    fn pass(&mut self, ms: u64) {
        self.now.at = self.now.at.after_ms(ms);
        self.now.wall_ms += i64::try_from(ms).unwrap();
    }

    /// What goes now, one after another as long as it is time for the next.
    fn cleans(&mut self) -> Vec<String> {
        let mut gone = Vec::new();
        while let Some(path) = self.service.take_unneeded(self.now, self.replica.tree()) {
            self.done(SessionId(0), Op::DeleteContainer { path: path.to_string() });
            gone.push(path.to_string());
        }
        gone
    }
}

#[test]
fn a_container_goes_after_its_last_child_and_not_before_its_first() {
    let mut leader = Leader::new(|_| {});
    assert_eq!(leader.service.next_cleaning(), None, "there is nothing that could go");
    leader.container("/locks");
    leader.container("/unused");
    assert_eq!(leader.service.next_cleaning(), Some(Time::from_ms(10_000)));
    leader.create(CreateOp::Create, "/locks/one", 1, -1);
    leader.pass(10_000);
    assert!(leader.cleans().is_empty(), "one has a child, the other never had");
    leader.delete("/locks/one");
    leader.pass(9_999);
    assert!(leader.cleans().is_empty(), "it is not time to look");
    leader.pass(1);
    assert_eq!(leader.cleans(), ["/locks"]);
    assert!(leader.replica.tree().get("/locks").is_none());
    leader.pass(1_000_000);
    assert!(leader.cleans().is_empty(), "a container without a past waits for ever");
    assert!(leader.service.next_cleaning().is_some(), "it may have a child yet");
}

#[test]
fn a_container_that_nobody_ever_used_goes_where_that_is_asked_for() {
    let mut leader = Leader::new(|rules| rules.max_never_used_ms = 25_000);
    leader.container("/unused");
    for _ in 0..2 {
        leader.pass(10_000);
        assert!(leader.cleans().is_empty());
    }
    leader.pass(10_000);
    assert_eq!(leader.cleans(), ["/unused"]);
    leader.pass(10_000);
    assert!(leader.cleans().is_empty());
    assert_eq!(leader.service.next_cleaning(), None);
}

#[test]
fn a_time_to_live_counts_from_the_last_change_and_children_outweigh_it() {
    let mut leader = Leader::new(|_| {});
    for path in ["/plain", "/renewed", "/parent"] {
        leader.create(CreateOp::CreateTtl, path, 5, 12_000);
    }
    leader.create(CreateOp::Create, "/parent/child", 0, -1);
    leader.pass(10_000);
    assert!(leader.cleans().is_empty());
    let path = Some("/renewed".to_owned());
    leader.done(ANN, Op::SetData { path, data: None, version: -1 });
    leader.pass(10_000);
    assert_eq!(leader.cleans(), ["/plain"]);
    leader.delete("/parent/child");
    leader.pass(10_000);
    assert_eq!(leader.cleans(), ["/parent"]);
    leader.pass(6);
    assert_eq!(leader.cleans(), ["/renewed"], "10,000 a minute are one in 6 ms");
}

#[test]
fn a_deletion_is_judged_again_when_its_turn_comes() {
    let mut leader = Leader::new(|_| {});
    leader.create(CreateOp::CreateTtl, "/ttl", 5, 5_000);
    leader.container("/used");
    leader.create(CreateOp::Create, "/used/old", 0, -1);
    leader.delete("/used/old");
    leader.pass(10_000);
    let set = Op::SetData { path: Some("/ttl".to_owned()), data: None, version: -1 };
    leader.prepare(ANN, set);
    let (path, acl) = (Some("/used/new".to_owned()), Some(vec![Acl::open()]));
    let child = Op::Create { op: CreateOp::Create, path, data: None, acl, flags: 0, ttl_ms: -1 };
    leader.prepare(ANN, child);
    leader.create(CreateOp::Create, "/now-plain", 0, -1);
    for (path, code) in [("/ttl", -103), ("/used", -111), ("/now-plain", -103), ("/none", -101)] {
        let op = Op::DeleteContainer { path: path.to_owned() };
        assert_eq!(leader.prepare(SessionId(0), op), TxnBody::Error { code }, "{path}");
    }
    let op = Op::DeleteContainer { path: "/zookeeper".to_owned() };
    assert_eq!(leader.prepare(SessionId(0), op), TxnBody::Error { code: -8 });
}

#[test]
fn many_go_one_after_another_and_no_faster_than_allowed() {
    let mut leader = Leader::new(|rules| rules.max_per_minute = 30);
    for path in ["/a", "/b", "/c"] {
        leader.create(CreateOp::CreateTtl, path, 5, 1);
    }
    leader.pass(10_000);
    assert_eq!(leader.cleans(), ["/a"]);
    leader.pass(1_999);
    assert!(leader.cleans().is_empty());
    leader.pass(1);
    assert_eq!(leader.cleans(), ["/b"]);
    leader.create(CreateOp::CreateTtl, "/later", 5, 1);
    leader.pass(2_000);
    assert_eq!(leader.cleans(), ["/c"]);
    assert_eq!(leader.service.next_cleaning(), Some(Time::from_ms(20_000)), "10 s after the first");
}

#[test]
fn only_a_leader_cleans_and_a_new_one_finds_what_is_there() {
    let mut leader = Leader::new(|_| {});
    leader.create(CreateOp::CreateTtl, "/ttl", 5, 1);
    leader.service.stop_leading();
    assert_eq!(leader.service.next_cleaning(), None);
    leader.pass(10_000);
    leader.service.clean(leader.now, leader.replica.tree());
    assert_eq!(leader.service.next_cleaning(), None, "a follower only applies");
    leader.service.begin_leading(leader.now, leader.replica.tree());
    leader.pass(10_000);
    assert_eq!(leader.cleans(), ["/ttl"]);
}
