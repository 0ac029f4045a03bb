//! Histories made by hand: good ones that must pass, and for each rule one that breaks it.

use std::collections::BTreeMap;

use super::*;
use vivarium_protocol::message::{Stat, TxnBody, TxnHeader, WatchEventKind};

const ALICE: (u32, SessionId) = (1, SessionId(0x11));
const BOB: (u32, SessionId) = (2, SessionId(0x22));

/// A history in the making: each line is a step.
#[derive(Default)]
struct Tale {
    history: History,
    steps: u64,
    cxids: BTreeMap<u32, i32>,
    broken: Vec<Breach>,
}

fn zxid(counter: i64) -> Zxid {
    Zxid((1 << 32) + counter)
}

fn op(text: &str) -> ClientOp {
    let line = format!("c1 {text}").parse();
    match line.expect("a client's line") {
        crate::command::Command::Client { act: crate::command::ClientAct::Request(op), .. } => op,
        other => panic!("{other} is no request"),
    }
}

fn stat(made: i64, changed: i64, version: i32) -> Stat {
    Stat { czxid: zxid(made), mzxid: zxid(changed), version, ..Stat::default() }
}

fn data(text: &str, made: i64, changed: i64, version: i32) -> Result<ReplyBody, ErrorCode> {
    let data = Some(bytes::Bytes::copy_from_slice(text.as_bytes()));
    Ok(ReplyBody::Data { data, stat: stat(made, changed, version) })
}

fn path(path: &str) -> Result<ReplyBody, ErrorCode> {
    Ok(ReplyBody::Path(Some(path.to_owned())))
}

impl Tale {
    /// Both clients have sessions, as the transactions 1 and 2 made them.
    fn begin() -> Tale {
        let mut tale = Tale::default();
        for (counter, (client, session)) in [(1, ALICE), (2, BOB)] {
            tale.decide(counter, session, 0, TxnBody::CreateSession { timeout_ms: 1000 });
            let breach = tale.history.opened(client, Some(ServerId(1)), session, zxid(counter));
            tale.broken.extend(breach);
        }
        tale
    }

    fn moment(&mut self) -> Moment {
        self.steps += 1;
        Moment { step: self.steps, at: Time(self.steps * 1000) }
    }

    fn decide(&mut self, counter: i64, session: SessionId, cxid: i32, body: TxnBody) {
        let header = TxnHeader { session, cxid, zxid: zxid(counter), time_ms: 0 };
        let breach = self.history.decided(&Txn { header, body, digest: None });
        self.broken.extend(breach);
    }

    fn ask(&mut self, who: (u32, SessionId), text: &str) -> i32 {
        let moment = self.moment();
        let cxid = self.cxids.entry(who.0).or_insert(0);
        *cxid += 1;
        let at = (Some(ServerId(1)), Some(who.1));
        self.history.asked(moment, who.0, (*cxid, &op(text)), at);
        *cxid
    }

    fn answer(
        &mut self,
        who: (u32, SessionId),
        cxid: i32,
        counter: i64,
        result: Result<ReplyBody, ErrorCode>,
    ) {
        let moment = self.moment();
        let breach = self.history.answered(moment, who.0, cxid, zxid(counter), &result);
        self.broken.extend(breach);
    }

    /// Asked, decided and answered without anything between.
    fn create(&mut self, who: (u32, SessionId), name: &str, text: &str, counter: i64) {
        let cxid = self.ask(who, &format!("create {name} \"{text}\""));
        self.decide(counter, who.1, cxid, made(name, text, false));
        self.answer(who, cxid, counter, path(name));
    }

    fn read(
        &mut self,
        who: (u32, SessionId),
        text: &str,
        counter: i64,
        result: Result<ReplyBody, ErrorCode>,
    ) {
        let cxid = self.ask(who, text);
        self.answer(who, cxid, counter, result);
    }

    fn promises(&self) -> Vec<Promise> {
        self.broken.iter().map(|(promise, _)| *promise).collect()
    }

    /// Exactly this promise is broken, and the sentence says so.
    fn breaks(&self, promise: Promise, words: &str) {
        assert_eq!(self.promises(), [promise], "{:?}", self.broken);
        assert!(self.broken[0].1.to_string().contains(words), "{}", self.broken[0].1);
    }

    fn keeps(&self) {
        assert!(self.broken.is_empty(), "{:?}", self.broken);
    }
}

fn made(path: &str, text: &str, ephemeral: bool) -> TxnBody {
    TxnBody::Create {
        create2: false,
        path: path.to_owned(),
        data: Some(bytes::Bytes::copy_from_slice(text.as_bytes())),
        acl: Vec::new(),
        ephemeral,
        parent_cversion: 1,
    }
}

fn changed(path: &str, text: &str, version: i32) -> TxnBody {
    TxnBody::SetData {
        reconfig: false,
        path: path.to_owned(),
        data: Some(bytes::Bytes::copy_from_slice(text.as_bytes())),
        version,
    }
}

#[test]
fn writes_and_reads_in_order_keep_every_promise() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.read(ALICE, "get /a watch", 3, data("x", 3, 3, 0));
    let cxid = tale.ask(BOB, "set /a \"y\" version 0");
    tale.decide(4, BOB.1, cxid, changed("/a", "y", 1));
    let event =
        WatchEvent { kind: WatchEventKind::DataChanged, path: "/a".to_owned(), zxid: zxid(4) };
    tale.broken.extend(tale.history.fired(1, &event));
    tale.answer(BOB, cxid, 4, Ok(ReplyBody::Stat(stat(3, 4, 1))));
    tale.read(ALICE, "get /a", 4, data("y", 3, 4, 1));
    tale.read(
        ALICE,
        "children /",
        4,
        Ok(ReplyBody::Children(vec!["a".into(), "zookeeper".into()])),
    );
    tale.read(BOB, "get /b", 4, Err(ErrorCode::NoNode));
    tale.keeps();
    assert!(tale.history.first_stale().is_none());
    assert_eq!(tale.history.calls().len(), 6);
}

#[test]
fn a_write_before_one_that_was_answered_earlier_is_not_linearizable() {
    let mut tale = Tale::begin();
    let late = tale.ask(ALICE, "create /late \"\"");
    tale.decide(3, BOB.1, 1, made("/b", "", false));
    tale.decide(4, ALICE.1, late, made("/late", "", false));
    tale.answer(ALICE, late, 4, path("/late"));
    let cxid = tale.ask(BOB, "create /b \"\"");
    tale.answer(BOB, cxid, 3, path("/b"));
    tale.breaks(Promise::Linearizability, "yet 1|4 was answered before");
}

#[test]
fn a_write_that_does_what_no_tree_would_do_is_not_linearizable() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    let cxid = tale.ask(BOB, "set /a \"y\" version 7");
    tale.decide(4, BOB.1, cxid, changed("/a", "y", 1));
    tale.answer(BOB, cxid, 4, Ok(ReplyBody::Stat(stat(3, 4, 1))));
    tale.breaks(Promise::Linearizability, "/a did not have version 7");

    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    let cxid = tale.ask(BOB, "create /a \"y\"");
    tale.decide(4, BOB.1, cxid, made("/a", "y", false));
    tale.breaks(Promise::Linearizability, "/a, which is there already");

    let mut tale = Tale::begin();
    tale.read(BOB, "delete /never", 2, Err(ErrorCode::NotEmpty));
    tale.breaks(Promise::Linearizability, "/never has no children");
}

#[test]
fn a_session_that_goes_back_in_time_is_noticed() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.read(BOB, "get /a", 3, data("x", 3, 3, 0));
    tale.read(BOB, "get /a", 2, Err(ErrorCode::NoNode));
    tale.breaks(Promise::SessionOrder, "after the session has seen 1|3");

    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    let again = tale.history.opened(1, Some(ServerId(2)), ALICE.1, zxid(2));
    tale.broken.extend(again);
    tale.breaks(Promise::SessionOrder, "continues its session as of 1|2, after 1|3");
}

#[test]
fn own_writes_must_be_read() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.read(ALICE, "get /a", 2, Err(ErrorCode::NoNode));
    tale.breaks(Promise::SessionOrder, "before the client's own write 1|3");
}

#[test]
fn answers_come_in_the_order_of_the_questions() {
    let mut tale = Tale::begin();
    let (first, second) = (tale.ask(BOB, "exists /a"), tale.ask(BOB, "exists /b"));
    tale.answer(BOB, second, 2, Err(ErrorCode::NoNode));
    tale.answer(BOB, first, 2, Err(ErrorCode::NoNode));
    tale.breaks(Promise::SessionOrder, "after a later request of the same client");
}

#[test]
fn a_read_must_show_the_tree_of_its_zxid() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.read(BOB, "get /a", 3, data("other", 3, 3, 0));
    tale.breaks(Promise::SessionOrder, "shows what /a was not at that point");

    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.read(BOB, "children /", 3, Ok(ReplyBody::Children(vec!["zookeeper".into()])));
    tale.breaks(Promise::SessionOrder, "children / as of 1|3");
}

#[test]
fn a_read_after_a_sync_must_be_fresh() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    let cxid = tale.ask(BOB, "sync /");
    tale.answer(BOB, cxid, 2, path("/"));
    tale.read(BOB, "get /a", 2, Err(ErrorCode::NoNode));
    tale.breaks(Promise::FreshSync, "after a sync that owes it 1|3");
    assert_eq!(tale.history.stale_syncs(), 0);
}

#[test]
fn a_sync_asked_before_the_write_was_answered_owes_nothing() {
    let mut tale = Tale::begin();
    let sync = tale.ask(BOB, "sync /");
    tale.create(ALICE, "/a", "x", 3);
    tale.answer(BOB, sync, 2, path("/"));
    tale.read(BOB, "get /a", 2, Err(ErrorCode::NoNode));
    tale.keeps();
}

#[test]
fn an_acknowledged_write_must_have_been_decided() {
    let mut tale = Tale::begin();
    let cxid = tale.ask(ALICE, "create /a \"x\"");
    tale.answer(ALICE, cxid, 3, path("/a"));
    tale.breaks(Promise::Answers, "where it was not decided");

    let mut tale = Tale::begin();
    let cxid = tale.ask(ALICE, "create /a \"x\"");
    tale.decide(3, BOB.1, 9, made("/a", "x", false));
    tale.answer(ALICE, cxid, 3, path("/a"));
    tale.breaks(Promise::Answers, "where it was not decided");
}

#[test]
fn an_ephemeral_goes_once_and_with_its_session() {
    let mut tale = Tale::begin();
    tale.decide(3, ALICE.1, 1, made("/e", "", true));
    tale.decide(4, ALICE.1, 0, TxnBody::CloseSession { paths: Some(Vec::new()) });
    tale.breaks(Promise::Ephemerals, "its ephemeral /e stays");

    let mut tale = Tale::begin();
    tale.decide(3, ALICE.1, 1, made("/e", "", true));
    tale.decide(4, ALICE.1, 0, TxnBody::CloseSession { paths: Some(vec!["/e".into()]) });
    tale.keeps();
    tale.decide(5, BOB.1, 1, TxnBody::Delete { container: false, path: "/e".into() });
    tale.breaks(Promise::Ephemerals, "/e, which is gone already");

    let mut tale = Tale::begin();
    tale.decide(3, ALICE.1, 0, TxnBody::CloseSession { paths: None });
    tale.decide(4, ALICE.1, 1, made("/e", "", true));
    tale.breaks(Promise::Ephemerals, "after its session ended");
}

#[test]
fn an_event_comes_before_what_it_announces_and_only_to_who_asked() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.read(BOB, "get /a watch", 3, data("x", 3, 3, 0));
    tale.decide(4, ALICE.1, 2, changed("/a", "y", 1));
    tale.read(BOB, "get /a", 4, data("y", 3, 4, 1));
    tale.breaks(Promise::WatchOrder, "shows 1|4 before the event");

    let mut tale = Tale::begin();
    tale.read(BOB, "children / watch", 2, Ok(ReplyBody::Children(vec!["zookeeper".into()])));
    tale.create(ALICE, "/a", "x", 3);
    let names = Ok(ReplyBody::Children(vec!["a".into(), "zookeeper".into()]));
    tale.read(BOB, "children /", 3, names);
    tale.breaks(Promise::WatchOrder, "children / shows 1|3 before the event");

    let mut tale = Tale::begin();
    let event = WatchEvent { kind: WatchEventKind::Created, path: "/a".into(), zxid: zxid(2) };
    tale.broken.extend(tale.history.fired(1, &event));
    tale.breaks(Promise::WatchOrder, "without a watch");
}

#[test]
fn a_stale_read_keeps_the_promises_and_is_still_not_linearizable() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.create(ALICE, "/b", "", 4);
    tale.read(BOB, "get /a", 2, Err(ErrorCode::NoNode));
    tale.keeps();
    let stale = tale.history.first_stale().expect("the read is stale");
    assert_eq!(stale.client, 2);
    let Verdict::Read(reading) = tale.history.verdict(stale) else { panic!("it is a read") };
    assert_eq!(reading.behind, 2, "two transactions were decided and are not shown");
    assert_eq!(reading.fresh, "\"x\" (version 0)");
}

#[test]
fn an_old_zxid_alone_does_not_make_a_read_stale() {
    let mut tale = Tale::begin();
    tale.create(ALICE, "/a", "x", 3);
    tale.create(ALICE, "/other", "", 4);
    tale.read(BOB, "get /a", 3, data("x", 3, 3, 0));
    assert!(tale.history.first_stale().is_none(), "/a has not changed since");
    let call = tale.history.calls().last().expect("the read").clone();
    let Verdict::Read(reading) = tale.history.verdict(&call) else { panic!("it is a read") };
    assert_eq!((reading.behind, reading.linearizable), (1, true));
}

#[test]
fn what_one_read_has_shown_no_later_read_may_take_back() {
    let mut tale = Tale::begin();
    let write = tale.ask(ALICE, "create /a \"x\"");
    tale.decide(3, ALICE.1, write, made("/a", "x", false));
    tale.read(BOB, "get /a", 3, data("x", 3, 3, 0));
    let carol = (3, SessionId(0x33));
    tale.history.opened(3, Some(ServerId(2)), carol.1, zxid(2));
    tale.read(carol, "get /a", 2, Err(ErrorCode::NoNode));
    tale.keeps();
    assert_eq!(tale.history.first_stale().map(|call| call.client), Some(3));
}

#[test]
fn a_lost_connection_leaves_the_outcome_open() {
    let mut tale = Tale::begin();
    tale.ask(ALICE, "create /a \"x\"");
    let moment = tale.moment();
    tale.history.lost(moment, 1);
    let call = tale.history.calls()[0].clone();
    assert_eq!(call.ending, Ending::Unknown { moment });
    assert_eq!(tale.history.verdict(&call), Verdict::Open);
    tale.keeps();
}
