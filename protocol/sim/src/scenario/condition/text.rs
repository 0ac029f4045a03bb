//! Conditions as text: reading and writing.
//!
//! Invariant: what `Display` writes, `parse` reads back to the same condition.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;

use super::like::MessageLike;
use super::measure::{Measure, compares, comparison};
use super::names::{PARTS, PHASES, REASONS, ROLES, SYNCS, TIMERS, one_of};
use super::{Condition, ReplyIs};
use crate::checkers::Promise;
use crate::words::{WordError, Words};

/// How deep conditions may stand within each other: whoever reads one goes as deep.
const DEEPEST: u32 = 32;

/// Whether a word ends what a leaf of a condition may take.
pub(super) fn ends_leaf(word: &str) -> bool {
    matches!(word, "within" | "and" | "or" | ")")
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The words are none.
    pub fn parse(words: &mut Words) -> Result<Condition, WordError> {
        words.split_parentheses();
        disjunction(words, DEEPEST)
    }

    /// Reads a line that is a condition and nothing else.
    ///
    /// # Errors
    /// It is none.
    pub fn of(line: &str) -> Result<Condition, WordError> {
        let mut words = Words::of(line)?;
        let condition = Condition::parse(&mut words)?;
        words.end()?;
        Ok(condition)
    }
}

fn disjunction(words: &mut Words, deep: u32) -> Result<Condition, WordError> {
    let first = conjunction(words, deep)?;
    let mut parts = vec![first];
    while words.take("or") {
        parts.push(conjunction(words, deep)?);
    }
    Ok(only(parts, Condition::Or))
}

fn conjunction(words: &mut Words, deep: u32) -> Result<Condition, WordError> {
    let mut parts = vec![unary(words, deep)?];
    while words.take("and") {
        parts.push(unary(words, deep)?);
    }
    Ok(only(parts, Condition::And))
}

fn only(mut parts: Vec<Condition>, compose: fn(Vec<Condition>) -> Condition) -> Condition {
    match parts.len() {
        1 => parts.remove(0),
        _ => compose(parts),
    }
}

fn unary(words: &mut Words, deep: u32) -> Result<Condition, WordError> {
    let Some(deep) = deep.checked_sub(1) else {
        let wanted = "a condition that is not so deep within others";
        return Err(WordError::Unexpected { wanted, found: words.text() });
    };
    if words.take("(") {
        let inner = disjunction(words, deep)?;
        if !words.take(")") {
            return Err(WordError::Unexpected { wanted: "`)`", found: words.text() });
        }
        return Ok(inner);
    }
    let word = words.bare("a condition")?;
    Ok(match word.as_str() {
        "not" => Condition::Not(Box::new(unary(words, deep)?)),
        "seen" => Condition::Seen(Box::new(unary(words, deep)?)),
        "lasted" => {
            let us = words.micros()?;
            Condition::Lasted(us, Box::new(unary(words, deep)?))
        }
        _ => leaf(word, words)?,
    })
}

fn leaf(word: String, words: &mut Words) -> Result<Condition, WordError> {
    let mut ahead = words.clone();
    if let Ok(Some(measure)) = Measure::parse(&word, &mut ahead)
        && compares(&ahead)
    {
        *words = ahead;
        let (relation, bound) = comparison(&measure, words)?;
        return Ok(Condition::Compare(measure, relation, bound));
    }
    match state(&word, words)? {
        Some(condition) => Ok(condition),
        None => match event(&word, words)? {
            Some(condition) => Ok(condition),
            None => Err(WordError::Unexpected { wanted: "a condition", found: word }),
        },
    }
}

fn state(word: &str, words: &mut Words) -> Result<Option<Condition>, WordError> {
    Ok(Some(match word {
        "serving" => Condition::Serving,
        "settled" => Condition::Settled,
        "leader" => Condition::Leader(words.server()?),
        "role" if words.take("any") => Condition::AnyRole(one_of(words, &ROLES)?),
        "role" if words.take("all") => Condition::AllRole(one_of(words, &ROLES)?),
        "role" => Condition::Role(words.server()?, one_of(words, &ROLES)?),
        "phase" => Condition::Phase(words.server()?, one_of(words, &PHASES)?),
        "history" => {
            let id = words.server()?;
            let mut roles = vec![one_of(words, &ROLES)?];
            while words.peek().is_some_and(|next| !ends_leaf(next)) {
                roles.push(one_of(words, &ROLES)?);
            }
            Condition::History(id, roles)
        }
        "serves" => Condition::Serves(words.server()?),
        "down" => Condition::Down(words.server()?),
        "sync" => Condition::Sync(words.server()?, one_of(words, &SYNCS)?),
        "logged" => Condition::Logged(words.server()?, words.parse("a zxid")?),
        "durable" => Condition::Durable(words.server()?, words.parse("a zxid")?),
        "applied" => Condition::Applied(words.server()?, words.parse("a zxid")?),
        "decided" => Condition::Decided(words.parse("a zxid")?),
        "vote" => {
            let (id, candidate) = (words.server()?, candidate(words)?);
            let more = words.peek().is_some_and(|next| !ends_leaf(next));
            let zxid = more.then(|| words.parse("a zxid")).transpose()?;
            Condition::Vote(id, candidate, zxid)
        }
        "file" => Condition::File(words.server()?),
        "bounds" => {
            let milliseconds = "milliseconds, as in 1000";
            let id = words.server()?;
            Condition::Bounds(id, words.parse(milliseconds)?, words.parse(milliseconds)?)
        }
        "timer" => Condition::Timer(words.server()?, one_of(words, &TIMERS)?),
        "mode" => mode(words)?,
        "client" => {
            let client = client(words)?;
            if !words.take("at") {
                return Err(WordError::Unexpected { wanted: "`at`", found: words.text() });
            }
            Condition::At(client, words.server()?)
        }
        "reply" => Condition::Reply(client(words)?, reply(words)?),
        "connected" => Condition::Connected(client(words)?),
        "answered" => Condition::Answered(client(words)?),
        "ended" => Condition::Ended(client(words)?),
        "watched" => Condition::Watched(client(words)?),
        "stale" => Condition::Stale(client(words)?),
        "broken" => Condition::Broken(promise(words)?),
        _ => return on_links(word, words),
    }))
}

fn on_links(word: &str, words: &mut Words) -> Result<Option<Condition>, WordError> {
    Ok(Some(match word {
        "conn" => {
            let (a, b) = (words.server()?, words.server()?);
            let channel = if words.take("quorum") { Channel::Quorum } else { Channel::Election };
            Condition::Linked(a, b, channel)
        }
        "dialling" | "dialled" => {
            let (from, to) = words.pair('>', "a direction, as in 1>2")?;
            match word {
                "dialling" => Condition::Dialling(from, to),
                _ => Condition::Dialled(from, to),
            }
        }
        "outbox" => {
            let (from, to) = words.pair('>', "a direction, as in 1>2")?;
            Condition::Outbox { from, to, candidate: candidate(words)? }
        }
        "held" => Condition::Held(MessageLike::parse(words)?),
        _ => return Ok(None),
    }))
}

fn event(word: &str, words: &mut Words) -> Result<Option<Condition>, WordError> {
    Ok(Some(match word {
        "sent" => Condition::Sent(MessageLike::parse(words)?),
        "delivered" => Condition::Delivered(MessageLike::parse(words)?),
        "lost" => Condition::Lost(MessageLike::parse(words)?),
        "planned" => {
            let (id, mode) = (words.server()?, one_of(words, &SYNCS)?);
            let counts = words.peek().is_some_and(|next| !ends_leaf(next));
            let count = counts.then(|| words.parse("how many transactions")).transpose()?;
            Condition::Planned(id, mode, count)
        }
        "truncated" => Condition::Truncated(words.server()?, words.parse("a zxid")?),
        "registered" => Condition::Registered(words.server()?, one_of(words, &PARTS)?),
        "why" => {
            let who = if words.take("any") { None } else { Some(words.server()?) };
            Condition::Why(who, one_of(words, &REASONS)?)
        }
        "elected" => Condition::Elected(words.server()?, words.server()?),
        "turned" if words.take("away") => Condition::TurnedAway(client(words)?),
        "crashed" => Condition::Crashed(words.server()?),
        _ => return Ok(None),
    }))
}

fn candidate(words: &mut Words) -> Result<ServerId, WordError> {
    if words.take("for") {
        return words.server();
    }
    Err(WordError::Unexpected { wanted: "`for`", found: words.text() })
}

fn mode(words: &mut Words) -> Result<Condition, WordError> {
    let server = words.server()?;
    let wanted = "`standalone` or `cluster`";
    match words.bare(wanted)?.as_str() {
        "standalone" => Ok(Condition::Mode { server, standalone: true }),
        "cluster" => Ok(Condition::Mode { server, standalone: false }),
        other => Err(WordError::Unexpected { wanted, found: other.to_owned() }),
    }
}

fn reply(words: &mut Words) -> Result<ReplyIs, WordError> {
    let wanted = "`ok`, `error`, `unknown`, `waits` or `= \"…\"`";
    Ok(match words.bare(wanted)?.as_str() {
        "ok" => ReplyIs::Ok,
        "error" => ReplyIs::Error,
        "unknown" => ReplyIs::Unknown,
        "waits" => ReplyIs::Waits,
        "=" => ReplyIs::Text(words.text()),
        other => return Err(WordError::Unexpected { wanted, found: other.to_owned() }),
    })
}

/// Takes a client, as in `c1`.
pub(super) fn client(words: &mut Words) -> Result<u32, WordError> {
    let wanted = "a client, as in c1";
    let word = words.bare(wanted)?;
    let number = word.strip_prefix('c').and_then(|number| match number {
        "" => Some(1),
        number => number.parse().ok(),
    });
    number.ok_or(WordError::Unexpected { wanted, found: word })
}

fn promise(words: &mut Words) -> Result<Promise, WordError> {
    let wanted = "a promise, as in durability or total order";
    let mut name = words.bare(wanted)?;
    if words.take("order") {
        name.push_str(" order");
    }
    let mut all = Promise::ALL.into_iter().chain(Promise::EARLY).chain(Promise::TO_CLIENTS);
    let found = all.find(|promise| promise.to_string() == name);
    found.ok_or(WordError::Unexpected { wanted, found: name })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_deeper_than_anybody_writes_is_refused_and_not_followed_down() {
        for (open, close) in [("(", ")"), ("not ", ""), ("seen ", "")] {
            let nested =
                |deep: usize| format!("{}serving{}", open.repeat(deep), close.repeat(deep));
            assert!(Condition::of(&nested(20)).is_ok());
            let error = Condition::of(&nested(200_000)).unwrap_err();
            assert!(error.to_string().contains("not so deep"), "{error}");
        }
    }

    #[test]
    fn a_condition_is_one_line_and_the_line_is_the_condition() {
        let lines = [
            "serving",
            "role any LEADING and not (serving or down 1)",
            "seen sync 1 DIFF and seen sync 2 SNAP",
            "seen (down = 2 and not serving)",
            "lasted 10s not serving",
            "votes 1 for 2 >= 2",
            "round 1 = 1",
            "down = 1 or down 3",
            "last 2 > last 1",
            "last 2 >= 1|8",
            "commit time < 50ms",
            "servers used = 2 and lost sessions = 0",
            "stale c2 and stale c2 >= 2 and writes c2 = 0",
            "history 2 LOOKING FOLLOWING LOOKING LEADING",
            "vote 3 for 1 or vote 3 for 1 1|8",
            "file 1 and bounds 1 200 2000",
            "why any LostQuorum",
            "timer 3 FinalizeWait",
            "mode 1 standalone",
            "conn 1 2 and conn 1 2 quorum",
            "dialling 1>2 and dialled 2>1 and outbox 1>2 for 3",
            "held PROPOSAL 3>1",
            "client c1 at 3",
            "reply c1 = \"a \\\"b\\\"\" or reply c1 unknown",
            "sent ACK 2>3 1|1 and delivered NOTIFICATION 1",
            "planned 3 DIFF 50 or planned 3 SNAP",
            "registered 1 Listener",
            "why 3 NoQuorumRegistered",
            "elected 4 3 or turned away c2 or crashed 3",
            "truncated 3 1|6",
            "broken total order",
        ];
        for line in lines {
            let condition = Condition::of(line).unwrap_or_else(|error| panic!("{line}: {error}"));
            assert_eq!(condition.to_string(), line);
        }
        let vote = Condition::of("sent VOTE 1>2").unwrap();
        assert_eq!(vote.to_string(), "sent NOTIFICATION 1>2");
    }

    #[test]
    fn not_binds_closest_and_or_loosest() {
        let line = "not serving and settled or (down 1 or settled) and not (not serving)";
        let condition = Condition::of(line).unwrap();
        let written = "not serving and settled or (down 1 or settled) and not not serving";
        assert_eq!(condition.to_string(), written);
        let Condition::Or(parts) = condition else { panic!("it is no `or`") };
        assert_eq!(parts.len(), 2);
    }

    #[test]
    fn what_is_no_condition_is_named() {
        for line in ["(serving", "serving)", "down =", "votes 1 2 = 3", "role 1 BOSS", "and"] {
            assert!(Condition::of(line).is_err(), "{line}");
        }
    }
}
