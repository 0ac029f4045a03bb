//! Standing rules of the network: messages of a kind wait at the edge until they are let go, in
//! order, or lost together with their connection.
//!
//! A rule holds what is sent while it stands, and what was on its way when it was made: each such
//! message stops where it would arrive, as one that is held by itself does, and what comes behind
//! it in its direction of its connection waits as well (`messages`).

use std::fmt;

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::{Message, PacketKind};
use vivarium_protocol::trace::MessageId;

use crate::agenda::Event;
use crate::command::CommandError;
use crate::network::Flight;
use crate::words::{WordError, Words};
use crate::world::World;

/// Which messages are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Traffic {
    /// Of which kind; `None` for every one.
    pub kind: Option<Kind>,
    /// From whom; `None` for everybody.
    pub from: Option<ServerId>,
    /// To whom; `None` for everybody.
    pub to: Option<ServerId>,
}

/// A kind of message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A vote: NOTIFICATION.
    Vote,
    /// A packet between a leader and a learner.
    Packet(PacketKind),
}

/// What a standing rule, or its end, does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleAct {
    /// Such messages are held from now on.
    Hold,
    /// Those that are held arrive in order, and no more will be.
    Release,
    /// Those that are held are lost together with their connections, and no more will be held.
    Discard,
}

impl RuleAct {
    /// The story language's word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RuleAct::Hold => "hold",
            RuleAct::Release => "release",
            RuleAct::Discard => "discard",
        }
    }
}

impl Traffic {
    /// Reads `PROPOSAL 3>1`, `VOTE 1>*` or `* *>2`.
    pub(crate) fn parse(words: &mut Words) -> Result<Traffic, WordError> {
        let wanted = "a packet's name, as in PROPOSAL, or `*`";
        let word = words.bare(wanted)?;
        let kind = match word.as_str() {
            "*" => None,
            "VOTE" | "NOTIFICATION" => Some(Kind::Vote),
            name => {
                let kind = PacketKind::ALL.into_iter().find(|kind| kind.name() == name);
                let kind = kind.ok_or(WordError::Unexpected { wanted, found: word })?;
                Some(Kind::Packet(kind))
            }
        };
        let wanted = "a direction, as in 3>1 or 3>*";
        let word = words.bare(wanted)?;
        let end = |end: &str| match end {
            "*" => Some(None),
            end => end.parse().ok().map(|id| Some(ServerId(id))),
        };
        let ends = word.split_once('>').and_then(|(from, to)| Some((end(from)?, end(to)?)));
        let (from, to) = ends.ok_or(WordError::Unexpected { wanted, found: word })?;
        Ok(Traffic { kind, from, to })
    }

    /// Whether a message is meant.
    #[must_use]
    pub fn covers(&self, flight: &Flight) -> bool {
        let kind = match &flight.message {
            Message::Notification(_) => Kind::Vote,
            Message::Packet(packet) => Kind::Packet(packet.kind()),
        };
        self.kind.is_none_or(|it| it == kind)
            && self.from.is_none_or(|it| it == flight.id.from)
            && self.to.is_none_or(|it| it == flight.id.to)
    }

    /// Whether all that the other means is meant by this.
    fn contains(&self, other: &Traffic) -> bool {
        (self.kind.is_none() || self.kind == other.kind)
            && (self.from.is_none() || self.from == other.from)
            && (self.to.is_none() || self.to == other.to)
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            None => "*",
            Some(Kind::Vote) => "VOTE",
            Some(Kind::Packet(kind)) => kind.name(),
        })?;
        let end = |end: Option<ServerId>| end.map_or("*".to_owned(), |id| id.to_string());
        write!(f, " {}>{}", end(self.from), end(self.to))
    }
}

/// When a message is at the edge of the network: the last moment before it would arrive.
fn edge(flight: &Flight) -> Time {
    Time(flight.arrives.0.saturating_sub(1))
}

impl World {
    /// A standing rule begins, or ends.
    pub(crate) fn rule(&mut self, act: RuleAct, traffic: Traffic) -> Result<(), CommandError> {
        let known = |id: &ServerId| self.peers.contains_key(id);
        let ends = [traffic.from, traffic.to];
        if let Some(stranger) = ends.into_iter().flatten().find(|id| !known(id)) {
            return Err(CommandError::NoSuchServer(stranger));
        }
        if act == RuleAct::Hold {
            self.faults.rules.insert(traffic);
            let flights =
                self.flights().into_iter().filter(|flight| !flight.lost && traffic.covers(flight));
            self.faults.held.extend(flights.map(|flight| (flight.id, edge(&flight))));
            return Ok(());
        }
        let before = self.faults.rules.len();
        self.faults.rules.retain(|rule| !traffic.contains(rule));
        let mut held = self.covered(&traffic);
        held.retain(|(_, id)| self.faults.held.contains_key(id));
        if held.is_empty() && before == self.faults.rules.len() {
            return Err(CommandError::NothingHeld(traffic));
        }
        for (conn, id) in held {
            match act {
                RuleAct::Hold => {}
                // The reset of one connection takes all that is on it.
                RuleAct::Discard => self.reset(conn),
                RuleAct::Release => {
                    self.faults.held.remove(&id);
                    self.go_on((conn, id.from));
                }
            }
        }
        Ok(())
    }

    /// The messages on their way, or waiting, that are meant.
    fn covered(&self, traffic: &Traffic) -> Vec<(u64, MessageId)> {
        let waiting = self.waiting.values().flatten().map(|(event, _)| event);
        let events = self.agenda.iter().chain(waiting);
        let flights = events.filter_map(|event| {
            let Event::Arrive { conn, flight } = event else { return None };
            (!flight.lost && traffic.covers(flight)).then_some((*conn, flight.id))
        });
        flights.collect()
    }

    /// A message is sent: it will wait if a rule says so.
    pub(crate) fn hold_by_rule(&mut self, flight: &Flight) {
        if !flight.lost && self.faults.rules.iter().any(|rule| rule.covers(flight)) {
            self.faults.held.insert(flight.id, edge(flight));
            self.tally.ruled += 1;
        }
    }
}
