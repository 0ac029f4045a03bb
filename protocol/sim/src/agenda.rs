//! What will happen, in order: by time, then urgency, then the order in which it was noted.
//!
//! Invariant: nothing on the agenda is stale by design; whoever makes an item pointless takes it
//! off, or the item finds out by itself when its moment comes (generations, incarnations).

use crate::client::Told;
use crate::command::ClientOp;
use crate::network::Flight;
use std::collections::BTreeMap;
use vivarium_protocol::base::{ConnectionId, ServerId, Time, Zxid};
use vivarium_protocol::message::{Channel, Op};
use vivarium_protocol::trace::MessageId;

/// Something that will happen.
#[derive(Clone, Debug)]
pub(crate) enum Event {
    /// A server starts.
    Start(ServerId),
    /// A server crashes; by itself, if a reason is given.
    Crash(ServerId, Option<String>),
    /// A message arrives on a connection.
    Arrive { conn: u64, flight: Box<Flight> },
    /// A connection is up for its owner.
    LinkUp { owner: ServerId, other: ServerId, channel: Channel, conn: u64 },
    /// A connection is down for its owner, or could not be made.
    LinkDown { owner: ServerId, other: ServerId, channel: Channel },
    /// A dial reaches its target.
    DialArrive { from: ServerId, to: ServerId, channel: Channel, dial: u64 },
    /// The acceptance of a dial reaches the dialler.
    DialAnswer { from: ServerId, to: ServerId, channel: Channel, dial: u64, conn: u64 },
    /// The refusal of a dial reaches the dialler.
    DialRefused { from: ServerId, to: ServerId, channel: Channel, dial: u64 },
    /// The next attempt of a dial.
    DialRetry { from: ServerId, to: ServerId, channel: Channel, dial: u64 },
    /// A dial has taken too long.
    DialTimeout { from: ServerId, to: ServerId, channel: Channel, dial: u64 },
    /// The end of a connection reaches `owner`'s end.
    Fin { owner: ServerId, other: ServerId, channel: Channel, conn: u64 },
    /// A deadline of the core passes.
    Deadline(ServerId),
    /// The disk has completed a sync.
    Synced(ServerId),
    /// The replica takes what was delivered.
    Apply(ServerId),
    /// A server tells its core which clients were heard from.
    Touch(ServerId),
    /// A client's connection reaches a server.
    ClientHello { server: ServerId, client: u32, attempt: u64 },
    /// A client's request reaches a server.
    ClientAsk { server: ServerId, connection: ConnectionId, cxid: i32, op: ClientOp },
    /// A client's setWatches reaches a server.
    ClientWatches { server: ServerId, connection: ConnectionId, op: Box<Op> },
    /// A client's leaving reaches a server.
    ClientGone { server: ServerId, connection: ConnectionId },
    /// Something reaches a client.
    ClientTold {
        client: u32,
        attempt: u64,
        told: Told,
        zxid: Zxid,
        connection: Option<(ServerId, ConnectionId)>,
    },
    /// The loss of its connection, or a refusal, reaches a client.
    ClientLost { client: u32, attempt: u64 },
    /// A client tries again.
    ClientRetry { client: u32, attempt: u64 },
}

impl Event {
    /// The server that takes the event; what is meant for a paused server waits.
    pub(crate) fn target(&self) -> Option<ServerId> {
        match self {
            Event::Arrive { flight, .. } if flight.lost => None,
            Event::Arrive { flight, .. } => Some(flight.id.to),
            Event::LinkUp { owner, .. }
            | Event::LinkDown { owner, .. }
            | Event::Fin { owner, .. } => Some(*owner),
            Event::DialArrive { to, .. } => Some(*to),
            Event::DialAnswer { from, .. }
            | Event::DialRefused { from, .. }
            | Event::DialRetry { from, .. }
            | Event::DialTimeout { from, .. } => Some(*from),
            Event::Deadline(id) | Event::Synced(id) | Event::Apply(id) | Event::Touch(id) => {
                Some(*id)
            }
            Event::ClientHello { server, .. }
            | Event::ClientAsk { server, .. }
            | Event::ClientWatches { server, .. }
            | Event::ClientGone { server, .. } => Some(*server),
            Event::Start(_)
            | Event::Crash(..)
            | Event::ClientTold { .. }
            | Event::ClientLost { .. }
            | Event::ClientRetry { .. } => None,
        }
    }
}

impl Event {
    /// The message that it brings, with its connection.
    pub(crate) fn flight(&mut self) -> Option<(u64, &mut Flight)> {
        let Event::Arrive { conn, flight } = self else { return None };
        Some((*conn, flight))
    }

    /// The same, to be looked at.
    pub(crate) fn carries(&self) -> Option<&Flight> {
        let Event::Arrive { flight, .. } = self else { return None };
        Some(flight)
    }

    /// Whether it is a server's step rather than something between steps.
    pub(crate) fn gives_frame(&self) -> bool {
        match self {
            Event::Start(_)
            | Event::Crash(..)
            | Event::LinkUp { .. }
            | Event::LinkDown { .. }
            | Event::Deadline(_)
            | Event::Synced(_)
            | Event::Apply(_)
            | Event::Touch(_)
            | Event::ClientHello { .. }
            | Event::ClientAsk { .. }
            | Event::ClientWatches { .. }
            | Event::ClientGone { .. } => true,
            Event::Arrive { flight, .. } => !flight.lost,
            Event::DialArrive { .. }
            | Event::DialAnswer { .. }
            | Event::DialRefused { .. }
            | Event::DialRetry { .. }
            | Event::DialTimeout { .. }
            | Event::Fin { .. }
            | Event::ClientTold { .. }
            | Event::ClientLost { .. }
            | Event::ClientRetry { .. } => false,
        }
    }
}

/// A place on the agenda.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    /// When.
    pub(crate) at: Time,
    /// False for what follows at once from the present step, before anything else of this moment.
    later: bool,
    seq: u64,
}

/// The agenda: each item with the step that put it there.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agenda {
    items: BTreeMap<Key, (Event, Option<u64>)>,
    next: u64,
}

impl Agenda {
    /// Notes something for a moment.
    pub(crate) fn at(&mut self, at: Time, event: Event, by: Option<u64>) -> Key {
        self.insert(Key { at, later: true, seq: self.next }, event, by)
    }

    /// Notes something that happens next.
    pub(crate) fn at_once(&mut self, now: Time, event: Event, by: Option<u64>) -> Key {
        self.insert(Key { at: now, later: false, seq: self.next }, event, by)
    }

    fn insert(&mut self, key: Key, event: Event, by: Option<u64>) -> Key {
        self.next += 1;
        self.items.insert(key, (event, by));
        key
    }

    /// Takes what comes first.
    pub(crate) fn pop(&mut self) -> Option<(Key, Event, Option<u64>)> {
        self.items.pop_first().map(|(key, (event, by))| (key, event, by))
    }

    /// When the next thing happens.
    pub(crate) fn next_at(&self) -> Option<Time> {
        self.items.first_key_value().map(|(key, _)| key.at)
    }

    /// Whether something happens at once.
    pub(crate) fn is_urgent(&self) -> bool {
        self.items.first_key_value().is_some_and(|(key, _)| !key.later)
    }

    /// Takes an item off.
    pub(crate) fn remove(&mut self, key: Key) {
        self.items.remove(&key);
    }

    /// Everything noted, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Event> {
        self.items.values().map(|(event, _)| event)
    }

    /// The messages under way, to be marked as lost.
    pub(crate) fn flights_mut(&mut self) -> impl Iterator<Item = (u64, &mut Flight)> {
        self.items.values_mut().filter_map(|(event, _)| event.flight())
    }

    /// Takes one message off.
    pub(crate) fn take_flight(&mut self, id: MessageId) -> Option<(u64, Box<Flight>)> {
        let is_it =
            |event: &Event| matches!(event, Event::Arrive { flight, .. } if flight.id == id);
        let key = self.items.iter().find(|(_, (event, _))| is_it(event)).map(|(key, _)| *key)?;
        let (event, _) = self.items.remove(&key)?;
        let Event::Arrive { conn, flight } = event else { return None };
        Some((conn, flight))
    }

    /// Takes off what concerns a server that is gone.
    pub(crate) fn retain(&mut self, keep: impl Fn(&Event) -> bool) {
        self.items.retain(|_, (event, _)| keep(event));
    }
}
