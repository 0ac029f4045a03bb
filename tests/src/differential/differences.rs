//! The differences that are meant: one rule for each entry of docs/differences.md.
//!
//! A rule makes two answers the same only where they differ in exactly the way of its entry.

use super::request::Request;
use super::seen::{Asked, Field, Seen};
use super::step::Step;

/// The error code of a list that says no.
const NO_AUTH: i32 = -102;
/// The error code where no watch is.
const NO_WATCHER: i32 = -121;
/// The opcode of closeSession.
const CLOSE: i32 = -11;
/// The opcode of exists.
const EXISTS: i32 = 3;
/// The opcode of checkWatches.
const CHECK_WATCHES: i32 = 17;
/// The opcode of create2.
const CREATE2: i32 = 15;
/// The opcode of multi.
const MULTI: i32 = 14;
/// The opcode of multiRead.
const MULTI_READ: i32 = 22;

/// A rule, by the name of its entry.
pub struct Rule {
    /// The entry's name in docs/differences.md.
    pub name: &'static str,
    /// Whether only releases before 3.9 differ.
    before_3_9: bool,
    settle: fn(&Step, &mut [Seen], &mut [Seen]),
}

/// Every rule, in the order of their application.
pub const RULES: [Rule; 8] = [
    // First of all: the others compare answers place by place.
    Rule { name: "auth-order", before_3_9: false, settle: auth_order },
    Rule { name: "refused-with-a-body", before_3_9: false, settle: refused_with_a_body },
    Rule { name: "unordered", before_3_9: false, settle: unordered },
    Rule { name: "multi-create2", before_3_9: true, settle: multi_create2 },
    Rule { name: "event-zxid", before_3_9: true, settle: event_zxid },
    Rule { name: "close-order", before_3_9: false, settle: close_order },
    Rule { name: "exists-reads", before_3_9: true, settle: exists_reads },
    Rule { name: "anybodys-watch", before_3_9: true, settle: anybodys_watch },
];

/// Makes what both servers showed of a step the same where a difference is meant.
pub fn settle(before_3_9: bool, step: &Step, theirs: &mut [Vec<Seen>], ours: &mut [Vec<Seen>]) {
    for (theirs, ours) in theirs.iter_mut().zip(ours) {
        for rule in RULES.iter().filter(|rule| before_3_9 || !rule.before_3_9) {
            (rule.settle)(step, theirs, ours);
        }
    }
}

/// `refused-unread`: a multi that cannot be read takes a zxid at Apache, where it is an entry of
/// the log that says error, and before 3.9 so does every write; our servers take none.
pub fn skips_a_zxid(before_3_9: bool, asked: Asked, err: i32) -> bool {
    let is_write = matches!(asked.opcode, 1 | 2 | 5 | 7 | 15 | 19 | 21);
    err == -5 && (asked.opcode == MULTI || (before_3_9 && is_write && asked.is_cut))
}

/// Before 3.9 the header of an event says -1; since then the zxid of its transaction, which no
/// reply before it has shown.
fn event_zxid(_: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    let mut shown = 0;
    for (right, left) in theirs.iter().zip(ours.iter_mut()) {
        match (right, left) {
            (Seen::Event { zxid: -1, .. }, Seen::Event { zxid, .. }) if *zxid >= shown => {
                shown = *zxid;
                *zxid = -1;
            }
            (_, Seen::Reply { zxid, .. }) if *zxid > 0 => shown = *zxid + 1,
            _ => {}
        }
    }
}

fn overtakes(request: &Request) -> bool {
    matches!(request.opcode, 100 | 102)
}

/// The answer to auth and sasl may overtake older ones at Apache; ours keeps its place.
fn auth_order(step: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    let Step::Burst { requests, .. } = step else { return };
    let last = requests.last().filter(|(_, request)| overtakes(request));
    let Some((number, _)) = last else { return };
    let is_answer =
        |what: &Seen| matches!(what, Seen::Reply { xid, zxid: 0, err: 0, .. } if xid == number);
    let places = (theirs.iter().position(is_answer), ours.iter().rposition(is_answer));
    if let (Some(early), Some(late)) = places
        && early < late
    {
        let late = late.min(theirs.len() - 1);
        theirs[early..=late].rotate_left(1);
    }
}

/// Before 3.9 a create2 in a multi is answered as a create: without its Stat.
fn multi_create2(step: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    for (right, left) in theirs.iter().zip(ours) {
        let (Seen::Reply { xid, body: right, .. }, Seen::Reply { body: left, .. }) = (right, left)
        else {
            continue;
        };
        let asked = step.request(*xid).filter(|request| request.opcode == MULTI);
        let mut at = 0;
        for element in asked.into_iter().flat_map(|request| &request.elements) {
            let as_create = right.get(at) == Some(&Field::Result(1, 0, 0));
            if element.opcode == CREATE2
                && as_create
                && left.get(at) == Some(&Field::Result(CREATE2, 0, 0))
                && matches!(left.get(at + 2), Some(Field::Stat(_)))
            {
                left[at] = Field::Result(1, 0, 0);
                left.remove(at + 2);
            }
            // On to the header of the next result.
            let rest = left.iter().skip(at + 1);
            at += 1 + rest.take_while(|field| !matches!(field, Field::Result(..))).count();
        }
    }
}

/// Text as it was meant. Apache writes each half of a character above U+FFFF by itself, three
/// bytes each (`supplementary`); our servers write plain UTF-8.
pub fn text(bytes: &[u8]) -> String {
    let mut units = Vec::new();
    let mut rest = bytes;
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        match (*first, more) {
            (0xed, [second, third, after @ ..]) if *second >= 0xa0 => {
                let unit = (u16::from(second & 0x3f) << 6) | u16::from(third & 0x3f);
                units.push(0xd000 | unit);
                rest = after;
            }
            _ => {
                let end = rest.iter().position(|byte| *byte == 0xed).unwrap_or(rest.len());
                let plain = [&[*first], &rest[..end]].concat();
                units.extend(String::from_utf8_lossy(&plain).encode_utf16());
                rest = &rest[end..];
            }
        }
    }
    String::from_utf16_lossy(&units)
}

/// Apache's error reply to a multiRead with a write in it carries what it had so far; ours is bare.
fn refused_with_a_body(step: &Step, theirs: &mut [Seen], _: &mut [Seen]) {
    for right in theirs {
        if let Seen::Reply { xid, err: -5, body, .. } = right
            && step.request(*xid).is_some_and(|request| request.opcode == MULTI_READ)
        {
            body.clear();
        }
    }
}

/// `auth` in a list stands for the ids of the connection, which Apache takes from a hash set.
fn unordered(_: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    for (right, left) in theirs.iter_mut().zip(ours) {
        let (Seen::Reply { body: right, .. }, Seen::Reply { body: left, .. }) = (right, left)
        else {
            continue;
        };
        if let ([Field::Acl(right), ..], [Field::Acl(left), ..]) = (&mut right[..], &mut left[..]) {
            right.sort();
            left.sort();
        }
    }
}

/// The ephemerals of a session go in the order of a hash set at Apache. A close is the only
/// request of its step, so every event of the step is one of theirs.
fn close_order(step: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    let Step::Burst { requests, .. } = step else { return };
    if !matches!(&requests[..], [(_, only)] if only.opcode == CLOSE) {
        return;
    }
    for seen in [theirs, ours] {
        let events = seen.iter().take_while(|what| matches!(what, Seen::Event { .. })).count();
        seen[..events].sort_by_key(|what| match what {
            Seen::Event { kind, path, .. } => (*kind, path.clone()),
            _ => (0, None),
        });
    }
}

/// Before 3.8.4 exists asked no list; now it needs READ.
fn exists_reads(step: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    for (right, left) in theirs.iter_mut().zip(ours) {
        let (Seen::Reply { xid, err: 0, .. }, Seen::Reply { err: NO_AUTH, .. }) = (&*right, &*left)
        else {
            continue;
        };
        if step.request(*xid).is_some_and(|request| request.opcode == EXISTS) {
            *right = left.clone();
        }
    }
}

/// Before 3.9 checkWatches finds the watch of whoever watches the path; now the client's own.
fn anybodys_watch(step: &Step, theirs: &mut [Seen], ours: &mut [Seen]) {
    for (right, left) in theirs.iter_mut().zip(ours) {
        let (Seen::Reply { xid, err: 0, .. }, Seen::Reply { err: NO_WATCHER, .. }) =
            (&*right, &*left)
        else {
            continue;
        };
        if step.request(*xid).is_some_and(|request| request.opcode == CHECK_WATCHES) {
            *right = left.clone();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_rule_is_an_entry_of_the_list_of_differences_and_every_entry_a_rule() {
        let path = crate::repository().join("docs/differences.md");
        let text = std::fs::read_to_string(path).expect("the list is in the repository");
        let (settled, _) = text.split_once("## What is not asked").expect("it has two parts");
        let entries: BTreeSet<&str> = settled
            .lines()
            .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
            .collect();
        // Two are settled where answers are read, before they can be compared.
        let read = ["refused-unread", "supplementary"];
        let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).chain(read).collect();
        assert_eq!(rules, entries);
    }

    #[test]
    fn a_character_in_two_halves_is_the_character() {
        assert_eq!(text(b"/a\xed\xa0\x80\xed\xb0\x80b"), "/a\u{10000}b");
        assert_eq!(text("/\u{4e2d}\u{d7ff}\u{e000}".as_bytes()), "/\u{4e2d}\u{d7ff}\u{e000}");
        assert_eq!(text(b"/\xff"), "/\u{fffd}");
    }

    #[test]
    fn only_an_event_after_all_that_was_shown_may_have_any_zxid() {
        let event = |zxid| Seen::Event { zxid, kind: 1, state: 3, path: None };
        let reply = |zxid| Seen::Reply { xid: 1, zxid, err: 0, body: Vec::new() };
        let settled = |ours: Vec<Seen>| {
            let mut theirs = vec![reply(4), event(-1), reply(5)];
            let mut ours = ours;
            event_zxid(&Step::Drop { slot: 0 }, &mut theirs, &mut ours);
            theirs == ours
        };
        assert!(settled(vec![reply(4), event(5), reply(5)]));
        assert!(!settled(vec![reply(4), event(4), reply(5)]), "the reply showed it before");
    }
}
