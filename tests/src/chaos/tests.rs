//! Histories and logs made by hand: good ones that must pass, and for each promise one that breaks
//! it. A checker that can't fail proves nothing.

use super::cluster::Maker;
use super::logs::{Agreed, Log, agree};
use super::record::{Note, What};
use super::report::availability;
use super::verdict::{Verdict, judge};
use bytes::Bytes;
use std::time::Duration;
use vivarium_protocol::base::{SessionId, Zxid};
use vivarium_protocol::message::{
    ErrorCode, ReplyBody, Stat, Txn, TxnBody, TxnHeader, WatchEvent, WatchEventKind,
};
use vivarium_sim::{ClientOp, Promise};

const ALICE: (u32, SessionId) = (1, SessionId(0x11));
const BOB: (u32, SessionId) = (2, SessionId(0x22));

fn zxid(counter: i64) -> Zxid {
    Zxid((1 << 32) + counter)
}

/// Notes and decisions in the making.
#[derive(Default)]
struct Tale {
    notes: Vec<Note>,
    decided: Vec<Txn>,
}

impl Tale {
    /// Both clients have sessions, by the transactions 1 and 2.
    fn begin() -> Tale {
        let mut tale = Tale::default();
        for (counter, who) in [(1, ALICE), (2, BOB)] {
            tale.decide(counter, who, 0, TxnBody::CreateSession { timeout_ms: 4000 });
            tale.note(who, What::Opened(who.1));
        }
        tale
    }

    fn note(&mut self, (client, _): (u32, SessionId), what: What) {
        let at = Duration::from_millis(self.notes.len() as u64);
        self.notes.push(Note { at, client, server: 1, what });
    }

    fn decide(&mut self, counter: i64, who: (u32, SessionId), cxid: i32, body: TxnBody) {
        let header = TxnHeader { session: who.1, cxid, zxid: zxid(counter), time_ms: 0 };
        self.decided.push(Txn { header, body, digest: None });
    }

    fn ask(&mut self, who: (u32, SessionId), cxid: i32, op: &ClientOp) {
        self.note(who, What::Asked(cxid, op.clone()));
    }

    fn answer(
        &mut self,
        who: (u32, SessionId),
        cxid: i32,
        (counter, write): (i64, bool),
        result: Result<ReplyBody, ErrorCode>,
    ) {
        self.note(who, What::Answered { cxid, zxid: zxid(counter), write, result });
    }

    fn write(&mut self, who: (u32, SessionId), cxid: i32, path: &str, counter: i64) {
        self.ask(who, cxid, &create(path, false));
        self.answer(who, cxid, (counter, true), Ok(ReplyBody::Path(Some(path.to_owned()))));
    }

    fn read(
        &mut self,
        who: (u32, SessionId),
        cxid: i32,
        op: ClientOp,
        counter: i64,
        result: Result<ReplyBody, ErrorCode>,
    ) {
        self.ask(who, cxid, &op);
        self.answer(who, cxid, (counter, false), result);
    }

    fn judge(&self) -> Verdict {
        judge(&self.notes, &self.decided, Maker::Vivarium)
    }

    #[track_caller]
    fn breaks(&self, promise: Promise, words: &str) {
        let broken = self.judge().broken;
        assert!(!broken.is_empty(), "nothing is noticed");
        assert_eq!(broken[0].promise, promise, "{broken:?}");
        assert!(broken[0].what.contains(words), "{broken:?}");
    }
}

fn create(path: &str, ephemeral: bool) -> ClientOp {
    let (path, data) = (path.to_owned(), "x".to_owned());
    ClientOp::Create { path, data, ephemeral, sequential: false }
}

fn get(path: &str, watch: bool) -> ClientOp {
    ClientOp::Get { path: path.to_owned(), watch }
}

fn made(path: &str, ephemeral: bool) -> TxnBody {
    TxnBody::Create {
        create2: false,
        path: path.to_owned(),
        data: Some(Bytes::from_static(b"x")),
        acl: Vec::new(),
        ephemeral,
        parent_cversion: 1,
    }
}

fn data(made: i64, changed: i64, version: i32) -> Result<ReplyBody, ErrorCode> {
    let data = Some(Bytes::from_static(b"x"));
    let stat = Stat { czxid: zxid(made), mzxid: zxid(changed), version, ..Stat::default() };
    Ok(ReplyBody::Data { data, stat })
}

fn set(path: &str, version: i32) -> TxnBody {
    let data = Some(Bytes::from_static(b"x"));
    TxnBody::SetData { reconfig: false, path: path.to_owned(), data, version }
}

#[test]
fn a_good_history_breaks_nothing_and_is_counted() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.write(ALICE, 1, "/a", 3);
    tale.read(BOB, 1, get("/a", true), 3, data(3, 3, 0));
    tale.ask(ALICE, 2, &create("/b", false));
    tale.note(ALICE, What::Lost);
    tale.decide(4, ALICE, 2, made("/b", false));
    let verdict = tale.judge();
    assert_eq!(verdict.broken, []);
    assert_eq!((verdict.asked, verdict.done), (3, (2, 1)));
    assert_eq!((verdict.unknown, verdict.unknown_decided), (1, 1));
}

#[test]
fn a_lost_acknowledged_write_is_noticed() {
    let mut tale = Tale::begin();
    tale.write(ALICE, 1, "/a", 3);
    tale.breaks(Promise::Answers, "acknowledged at 1|3, where it was not decided");
}

#[test]
fn a_write_that_is_gone_when_everything_is_read_back_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.write(ALICE, 1, "/a", 3);
    tale.read(BOB, 1, get("/a", false), 3, Err(ErrorCode::NoNode));
    tale.breaks(Promise::SessionOrder, "shows what /a was not at that point");
}

#[test]
fn an_ephemeral_that_is_seen_after_its_session_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/e", true));
    tale.decide(4, ALICE, 2, TxnBody::CloseSession { paths: Some(vec!["/e".to_owned()]) });
    tale.read(BOB, 1, get("/e", false), 4, data(3, 3, 0));
    tale.breaks(Promise::SessionOrder, "shows what /e was not");
}

#[test]
fn an_ephemeral_that_a_log_brings_back_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 2, TxnBody::CloseSession { paths: Some(Vec::new()) });
    tale.decide(4, ALICE, 1, made("/e", true));
    tale.breaks(Promise::Ephemerals, "makes the ephemeral /e after its session ended");
}

#[test]
fn a_change_that_is_seen_before_its_event_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.read(BOB, 1, get("/a", true), 3, data(3, 3, 0));
    tale.decide(4, ALICE, 2, set("/a", 1));
    tale.read(BOB, 2, get("/a", false), 4, data(3, 4, 1));
    let event =
        WatchEvent { kind: WatchEventKind::DataChanged, path: "/a".to_owned(), zxid: Zxid(-1) };
    tale.note(BOB, What::Fired(event));
    tale.breaks(Promise::WatchOrder, "shows 1|4 before the event");
}

#[test]
fn a_watch_that_is_forgotten_on_the_way_to_another_server_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.read(BOB, 1, get("/a", true), 3, data(3, 3, 0));
    tale.note(BOB, What::Lost);
    tale.decide(4, ALICE, 2, set("/a", 1));
    tale.note(BOB, What::Opened(BOB.1));
    tale.note(BOB, What::WatchesSet(zxid(4)));
    tale.breaks(Promise::WatchOrder, "watches /a again without the event of 1|4");
}

#[test]
fn a_write_that_takes_place_before_one_that_was_answered_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, BOB, 1, made("/b", false));
    tale.decide(4, ALICE, 1, made("/a", false));
    tale.write(ALICE, 1, "/a", 4);
    tale.write(BOB, 1, "/b", 3);
    tale.breaks(Promise::Linearizability, "takes place at 1|3, yet 1|4 was answered before");
}

#[test]
fn a_compare_and_set_that_both_win_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.decide(4, ALICE, 2, set("/a", 1));
    tale.decide(5, BOB, 1, set("/a", 2));
    for (who, cxid, counter, version) in [(ALICE, 2, 4, 1), (BOB, 1, 5, 2)] {
        let (path, data) = ("/a".to_owned(), "x".to_owned());
        tale.ask(who, cxid, &ClientOp::Set { path, data, version: 0 });
        let stat = Stat { czxid: zxid(3), mzxid: zxid(counter), version, ..Stat::default() };
        tale.answer(who, cxid, (counter, true), Ok(ReplyBody::Stat(stat)));
    }
    tale.breaks(Promise::Linearizability, "/a did not have version 0");
}

#[test]
fn a_session_that_goes_back_at_another_server_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.read(BOB, 1, get("/a", false), 3, data(3, 3, 0));
    tale.note(BOB, What::Lost);
    tale.note(BOB, What::Opened(BOB.1));
    tale.read(BOB, 2, get("/a", false), 2, Err(ErrorCode::NoNode));
    tale.breaks(Promise::SessionOrder, "after the session has seen 1|3");
}

#[test]
fn a_read_after_a_sync_that_is_stale_is_noticed() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.write(ALICE, 1, "/a", 3);
    let sync = ClientOp::Sync { path: "/".to_owned() };
    tale.read(BOB, 1, sync, 2, Ok(ReplyBody::Path(Some("/".to_owned()))));
    tale.read(BOB, 2, get("/a", false), 2, Err(ErrorCode::NoNode));
    tale.breaks(Promise::FreshSync, "after a sync that owes it 1|3");
}

#[test]
fn a_read_by_apache_may_be_older_than_its_zxid_but_not_older_than_its_session() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE, 1, made("/a", false));
    tale.decide(4, ALICE, 2, made("/b", false));
    tale.read(BOB, 1, get("/a", false), 4, Err(ErrorCode::NoNode));
    assert_eq!(judge(&tale.notes, &tale.decided, Maker::Apache).broken, []);
    tale.breaks(Promise::SessionOrder, "shows what /a was not");
    tale.read(BOB, 2, get("/b", false), 4, data(4, 4, 0));
    tale.read(BOB, 3, get("/b", false), 4, Err(ErrorCode::NoNode));
    assert_eq!(judge(&tale.notes, &tale.decided, Maker::Apache).broken.len(), 1);
}

fn record(epoch: i64, counter: i64, path: &str) -> Txn {
    let zxid = Zxid((epoch << 32) + counter);
    let header = TxnHeader { session: ALICE.1, cxid: 1, zxid, time_ms: 0 };
    Txn { header, body: made(path, false), digest: None }
}

fn log(records: &[Txn]) -> Log {
    let records = records.iter().map(|txn| (txn.header.zxid, txn.clone())).collect();
    Log { records, ..Log::default() }
}

fn logs(all: &[&[Txn]]) -> Agreed {
    agree(&all.iter().map(|records| log(records)).collect::<Vec<_>>())
}

#[test]
fn equal_logs_agree_and_a_short_one_is_only_behind() {
    let all = [record(1, 1, "/a"), record(1, 2, "/b"), record(2, 1, "/c")];
    let agreed = logs(&[&all, &all, &all[..1]]);
    assert_eq!((agreed.violations, agreed.decided.len(), agreed.leftovers), (Vec::new(), 3, 0));
}

#[test]
fn servers_that_tell_different_stories_are_noticed() {
    let (one, other) = ([record(1, 1, "/a")], [record(1, 1, "/b")]);
    let agreed = logs(&[&one, &one, &other]);
    assert!(agreed.violations[0].contains("servers 1 and 3 differ"), "{agreed:?}");
}

#[test]
fn a_record_of_one_server_without_which_others_went_on_was_never_decided() {
    let long = [record(1, 1, "/a"), record(1, 2, "/left"), record(2, 1, "/c")];
    let short = [record(1, 1, "/a"), record(2, 1, "/c")];
    let agreed = logs(&[&short, &long, &short]);
    assert_eq!((agreed.violations, agreed.decided.len(), agreed.leftovers), (Vec::new(), 2, 1));
}

#[test]
fn a_record_of_the_leader_alone_is_decided_if_others_got_its_tree() {
    let long = [record(1, 1, "/a"), record(1, 2, "/alone"), record(2, 1, "/c")];
    let short = [record(1, 1, "/a"), record(2, 1, "/c")];
    let mut all = [&short[..], &long, &short].map(log);
    let epoch_start = Zxid(2 << 32);
    all.iter_mut().for_each(|log| log.snapshots.extend([epoch_start]));
    assert_eq!(agree(&all).leftovers, 1);
    all[0].snapshots.insert(zxid(2));
    let agreed = agree(&all);
    assert_eq!((agreed.violations, agreed.decided.len(), agreed.leftovers), (Vec::new(), 3, 0));
}

#[test]
fn a_server_that_went_on_without_a_decided_record_is_noticed() {
    let long = [record(1, 1, "/a"), record(1, 2, "/b"), record(2, 1, "/c")];
    let short = [record(1, 1, "/a"), record(2, 1, "/c")];
    let agreed = logs(&[&long, &long, &short]);
    assert!(agreed.violations[0].contains("server 3 went on without"), "{agreed:?}");
}

#[test]
fn a_hole_in_all_logs_is_noticed() {
    let holed = [record(1, 1, "/a"), record(1, 3, "/c")];
    let agreed = logs(&[&holed, &holed, &holed]);
    assert!(agreed.violations[0].contains("something between them is missing"), "{agreed:?}");
}

#[test]
fn seconds_without_a_write_and_the_longest_pause_are_measured() {
    let written = |ms: u64| Note {
        at: Duration::from_millis(ms),
        client: 1,
        server: 1,
        what: What::Answered { cxid: 1, zxid: zxid(1), write: true, result: Ok(ReplyBody::Empty) },
    };
    let notes = [written(100), written(200), written(1500), written(4800)];
    let killed = [(Duration::from_secs(2), Duration::from_secs(4))];
    let found = availability(&notes, (Duration::ZERO, Duration::from_secs(6)), &killed);
    assert_eq!((found.windows, found.with_write), (6, 3));
    assert_eq!(found.longest_pause, Duration::from_millis(3300));
    assert_eq!(found.longest_at, Duration::from_millis(1500));
    assert_eq!(found.longest_alive, Duration::from_millis(1300));
    let later = availability(&notes, (Duration::from_secs(1), Duration::from_secs(5)), &[]);
    assert_eq!((later.windows, later.with_write), (4, 2));
}
