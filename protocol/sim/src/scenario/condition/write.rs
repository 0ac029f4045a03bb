//! Conditions written down.

use std::fmt;

use super::measure::write_comparison;
use super::names::{PHASES, REASONS, ROLES, SYNCS, TIMERS, name_of};
use super::{Condition, ReplyIs};
use crate::command::channel_name;
use crate::words::{quote, write_micros};
use vivarium_protocol::message::Channel;

/// A part of a composition, in parentheses where it binds less closely.
struct Part<'a>(&'a Condition, u8);

/// How closely a condition binds: `or` least.
fn closeness(condition: &Condition) -> u8 {
    match condition {
        Condition::Or(_) => 0,
        Condition::And(_) => 1,
        _ => 2,
    }
}

impl fmt::Display for Part<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if closeness(self.0) < self.1 { write!(f, "({})", self.0) } else { write!(f, "{}", self.0) }
    }
}

fn joined(parts: &[Condition], word: &str, least: u8, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (place, part) in parts.iter().enumerate() {
        if place > 0 {
            write!(f, " {word} ")?;
        }
        write!(f, "{}", Part(part, least))?;
    }
    Ok(())
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Not(part) => write!(f, "not {}", Part(part, 2)),
            Condition::And(parts) => joined(parts, "and", 2, f),
            Condition::Or(parts) => joined(parts, "or", 1, f),
            Condition::Seen(part) => write!(f, "seen {}", Part(part, 2)),
            Condition::Lasted(us, part) => {
                write!(f, "lasted {} {}", write_micros(*us), Part(part, 2))
            }
            Condition::Compare(measure, relation, bound) => {
                write_comparison((measure, *relation, bound), f)
            }
            Condition::History(id, roles) => {
                write!(f, "history {id}")?;
                roles.iter().try_for_each(|role| write!(f, " {}", role.name()))
            }
            Condition::Serving => f.write_str("serving"),
            Condition::Settled => f.write_str("settled"),
            Condition::Leader(id) => write!(f, "leader {id}"),
            Condition::Role(id, role) => write!(f, "role {id} {}", name_of(role, &ROLES)),
            Condition::AnyRole(role) => write!(f, "role any {}", name_of(role, &ROLES)),
            Condition::AllRole(role) => write!(f, "role all {}", name_of(role, &ROLES)),
            Condition::Phase(id, phase) => write!(f, "phase {id} {}", name_of(phase, &PHASES)),
            Condition::Serves(id) => write!(f, "serves {id}"),
            Condition::Down(id) => write!(f, "down {id}"),
            Condition::Sync(id, mode) => write!(f, "sync {id} {}", name_of(mode, &SYNCS)),
            Condition::Logged(id, zxid) => write!(f, "logged {id} {zxid}"),
            Condition::Durable(id, zxid) => write!(f, "durable {id} {zxid}"),
            Condition::Applied(id, zxid) => write!(f, "applied {id} {zxid}"),
            Condition::Decided(zxid) => write!(f, "decided {zxid}"),
            Condition::Vote(id, candidate, zxid) => {
                write!(f, "vote {id} for {candidate}")?;
                zxid.map_or(Ok(()), |zxid| write!(f, " {zxid}"))
            }
            Condition::File(id) => write!(f, "file {id}"),
            Condition::Bounds(id, least, most) => write!(f, "bounds {id} {least} {most}"),
            Condition::Timer(id, timer) => write!(f, "timer {id} {}", name_of(timer, &TIMERS)),
            Condition::Mode { server, standalone: true } => write!(f, "mode {server} standalone"),
            Condition::Mode { server, standalone: false } => write!(f, "mode {server} cluster"),
            Condition::Linked(a, b, Channel::Election) => write!(f, "conn {a} {b}"),
            Condition::Linked(a, b, channel) => {
                write!(f, "conn {a} {b} {}", channel_name(*channel))
            }
            Condition::Dialling(from, to) => write!(f, "dialling {from}>{to}"),
            Condition::Dialled(from, to) => write!(f, "dialled {from}>{to}"),
            Condition::Outbox { from, to, candidate } => {
                write!(f, "outbox {from}>{to} for {candidate}")
            }
            Condition::Held(like) => write!(f, "held {like}"),
            Condition::At(client, server) => write!(f, "client c{client} at {server}"),
            Condition::Reply(client, how) => write!(f, "reply c{client} {how}"),
            Condition::Connected(client) => write!(f, "connected c{client}"),
            Condition::Answered(client) => write!(f, "answered c{client}"),
            Condition::Ended(client) => write!(f, "ended c{client}"),
            Condition::Watched(client) => write!(f, "watched c{client}"),
            Condition::Stale(client) => write!(f, "stale c{client}"),
            Condition::Broken(promise) => write!(f, "broken {promise}"),
            event => write_event(event, f),
        }
    }
}

fn write_event(event: &Condition, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match event {
        Condition::Sent(like) => write!(f, "sent {like}"),
        Condition::Delivered(like) => write!(f, "delivered {like}"),
        Condition::Lost(like) => write!(f, "lost {like}"),
        Condition::Planned(id, mode, count) => {
            write!(f, "planned {id} {}", name_of(mode, &SYNCS))?;
            count.map_or(Ok(()), |count| write!(f, " {count}"))
        }
        Condition::Truncated(id, zxid) => write!(f, "truncated {id} {zxid}"),
        Condition::Registered(id, part) => write!(f, "registered {id} {part}"),
        Condition::Why(id, reason) => {
            let who = id.map_or("any".to_owned(), |id| id.to_string());
            write!(f, "why {who} {}", name_of(reason, &REASONS))
        }
        Condition::Elected(id, leader) => write!(f, "elected {id} {leader}"),
        Condition::TurnedAway(client) => write!(f, "turned away c{client}"),
        Condition::Crashed(id) => write!(f, "crashed {id}"),
        // Whatever else there is is no event, and written above.
        _ => Ok(()),
    }
}

impl fmt::Display for ReplyIs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReplyIs::Ok => f.write_str("ok"),
            ReplyIs::Error => f.write_str("error"),
            ReplyIs::Unknown => f.write_str("unknown"),
            ReplyIs::Waits => f.write_str("waits"),
            ReplyIs::Text(text) => write!(f, "= {}", quote(text)),
        }
    }
}
