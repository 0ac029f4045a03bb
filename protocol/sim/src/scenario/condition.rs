//! What a story can wait for or insist on.

use std::fmt;

use vivarium_protocol::base::{ServerId, SortedSet, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Frame, Phase, SyncMode, TraceEvent, Travel, TravelFate};

use crate::checkers::Promise;
use crate::client::{ClientState, Told};
use crate::peer::Peer;
use crate::words::{Pair, WordError, Words, read_pair};
use crate::world::World;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// A leader serves, and so does a quorum.
    Serving,
    /// Every server that is up serves and has applied all that is decided, and no client waits. A
    /// server that has promised a newer epoch than the leader's is excused: as in ZooKeeper the
    /// leader does not give way to it, and it stays outside until the next election.
    Settled,
    /// This server leads and serves.
    Leader(ServerId),
    /// A server has a role.
    Role(ServerId, PeerState),
    /// A server is in a phase.
    Phase(ServerId, Phase),
    /// A server answers clients.
    Serves(ServerId),
    /// A server is not running.
    Down(ServerId),
    /// A server is being brought up to date in this way.
    Sync(ServerId, SyncMode),
    /// A server has handed this transaction to its log.
    Logged(ServerId, Zxid),
    /// A server has this transaction on disk.
    Durable(ServerId, Zxid),
    /// A server has applied this transaction.
    Applied(ServerId, Zxid),
    /// This transaction is decided: somebody has applied it.
    Decided(Zxid),
    /// A client's session is open.
    Connected(u32),
    /// A client waits for nothing.
    Answered(u32),
    /// A client's session is over.
    Ended(u32),
    /// A client was told of a watch that fired.
    Watched(u32),
    /// A checker has complained.
    Broken(Promise),
    /// A client was answered with what no linearizable service would have shown it: an old state
    /// of a znode, which ZooKeeper allows to reads.
    Stale(u32),
    /// In the last step such a message was sent.
    Sent(MessageLike),
    /// In the last step such a message arrived.
    Delivered(MessageLike),
}

/// A kind of message, perhaps between certain servers, perhaps about a certain transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLike {
    /// ZooKeeper's name of the packet; `NOTIFICATION` for a vote.
    pub kind: String,
    /// The sender.
    pub from: Option<ServerId>,
    /// The receiver.
    pub to: Option<ServerId>,
    /// The transaction.
    pub zxid: Option<Zxid>,
}

impl Condition {
    /// Reads a condition.
    ///
    /// # Errors
    /// The words are none.
    pub fn parse(words: &mut Words) -> Result<Condition, WordError> {
        let word = words.bare("a condition")?;
        Ok(match word.as_str() {
            "serving" => Condition::Serving,
            "settled" => Condition::Settled,
            "leader" => Condition::Leader(words.server()?),
            "role" => Condition::Role(words.server()?, one_of(words, &ROLES)?),
            "phase" => Condition::Phase(words.server()?, one_of(words, &PHASES)?),
            "serves" => Condition::Serves(words.server()?),
            "down" => Condition::Down(words.server()?),
            "sync" => Condition::Sync(words.server()?, one_of(words, &SYNCS)?),
            "logged" => Condition::Logged(words.server()?, words.parse("a zxid")?),
            "durable" => Condition::Durable(words.server()?, words.parse("a zxid")?),
            "applied" => Condition::Applied(words.server()?, words.parse("a zxid")?),
            "decided" => Condition::Decided(words.parse("a zxid")?),
            "connected" => Condition::Connected(client(words)?),
            "answered" => Condition::Answered(client(words)?),
            "ended" => Condition::Ended(client(words)?),
            "watched" => Condition::Watched(client(words)?),
            "stale" => Condition::Stale(client(words)?),
            "broken" => Condition::Broken(promise(words)?),
            "sent" => Condition::Sent(MessageLike::parse(words)?),
            "delivered" => Condition::Delivered(MessageLike::parse(words)?),
            _ => return Err(WordError::Unexpected { wanted: "a condition", found: word }),
        })
    }

    /// Whether it holds after this frame.
    #[must_use]
    pub fn holds(&self, world: &World, frame: Option<&Frame>) -> bool {
        let status = |id: &ServerId| world.peer(*id).and_then(|peer| peer.status());
        let client = |id: &u32| world.clients().iter().find(|client| client.id == *id);
        let peer = |id: &ServerId| world.peer(*id);
        match self {
            Condition::Serving => is_serving(world),
            Condition::Settled => is_settled(world),
            Condition::Leader(id) => {
                status(id).is_some_and(|s| s.role == PeerState::Leading && s.serving)
            }
            Condition::Role(id, role) => status(id).is_some_and(|s| s.role == *role),
            Condition::Phase(id, phase) => status(id).is_some_and(|s| s.phase == *phase),
            Condition::Serves(id) => peer(id).is_some_and(Peer::serves),
            Condition::Down(id) => peer(id).is_some_and(|peer| !peer.is_up()),
            Condition::Sync(id, mode) => status(id).is_some_and(|s| s.sync == Some(*mode)),
            Condition::Logged(id, zxid) => status(id).is_some_and(|s| s.last_logged >= *zxid),
            Condition::Durable(id, zxid) => {
                peer(id).is_some_and(|peer| peer.disk.durable().last() >= *zxid)
            }
            Condition::Applied(id, zxid) => peer(id).is_some_and(|peer| peer.applied() >= *zxid),
            Condition::Decided(zxid) => world.checkers().last_decided() >= *zxid,
            Condition::Connected(id) => client(id).is_some_and(|client| client.server().is_some()),
            Condition::Answered(id) => client(id).is_some_and(|client| client.pending.is_empty()),
            Condition::Ended(id) => {
                client(id).is_some_and(|c| matches!(c.state, ClientState::Ended { .. }))
            }
            Condition::Watched(id) => client(id)
                .is_some_and(|c| c.told.iter().any(|(_, told)| matches!(told, Told::Event(_)))),
            Condition::Broken(promise) => {
                world.violations().iter().any(|violation| violation.promise == *promise)
            }
            Condition::Stale(id) => world.checkers().history().is_stale(*id),
            Condition::Sent(like) => {
                like.is_in(frame, |fate| matches!(fate, TravelFate::Sent { .. }))
            }
            Condition::Delivered(like) => like.is_in(frame, |fate| *fate == TravelFate::Arrived),
        }
    }
}

const ROLES: [(&str, PeerState); 4] = [
    ("LOOKING", PeerState::Looking),
    ("FOLLOWING", PeerState::Following),
    ("LEADING", PeerState::Leading),
    ("OBSERVING", PeerState::Observing),
];
const PHASES: [(&str, Phase); 4] = [
    ("ELECTION", Phase::Election),
    ("DISCOVERY", Phase::Discovery),
    ("SYNCHRONIZATION", Phase::Synchronization),
    ("BROADCAST", Phase::Broadcast),
];
const SYNCS: [(&str, SyncMode); 3] =
    [("DIFF", SyncMode::Diff), ("TRUNC", SyncMode::Trunc), ("SNAP", SyncMode::Snap)];

fn one_of<T: Copy>(words: &mut Words, table: &[(&str, T)]) -> Result<T, WordError> {
    let wanted = "a name in capitals, as in LOOKING, BROADCAST or SNAP";
    let word = words.bare(wanted)?;
    let row = table.iter().find(|(name, _)| *name == word);
    row.map(|(_, value)| *value).ok_or(WordError::Unexpected { wanted, found: word })
}

fn name_of<T: PartialEq>(value: &T, table: &[(&'static str, T)]) -> &'static str {
    table.iter().find(|(_, other)| other == value).map_or("", |(name, _)| name)
}

fn client(words: &mut Words) -> Result<u32, WordError> {
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

impl MessageLike {
    fn parse(words: &mut Words) -> Result<MessageLike, WordError> {
        let kind = words.bare("a packet's name, as in PROPOSAL")?;
        let mut like = MessageLike { kind, from: None, to: None, zxid: None };
        while let Some(word) = words.peek().filter(|word| *word != "within").map(str::to_owned) {
            let wanted = "2, 1>2 or 1|4";
            if let Some((from, to)) = read_pair(&word, '>') {
                (like.from, like.to) = (Some(from), Some(to));
            } else if let Ok(zxid) = word.parse() {
                like.zxid = Some(zxid);
            } else {
                let id = word.parse().map_err(|_| WordError::Unexpected { wanted, found: word })?;
                like.to = Some(ServerId(id));
            }
            let _ = words.text();
        }
        Ok(like)
    }

    fn is_in(&self, frame: Option<&Frame>, fate: impl Fn(&TravelFate) -> bool) -> bool {
        frame.is_some_and(|frame| {
            frame.events.iter().any(|event| match event {
                TraceEvent::Travelled(travel) => fate(&travel.fate) && self.is_like(travel),
                TraceEvent::Decided(_) => false,
            })
        })
    }

    fn is_like(&self, travel: &Travel) -> bool {
        let kind = travel.packet.map_or("NOTIFICATION", |packet| packet.name());
        self.kind == kind
            && self.from.is_none_or(|from| from == travel.id.from)
            && self.to.is_none_or(|to| to == travel.id.to)
            && self.zxid.is_none_or(|zxid| travel.zxid == Some(zxid))
    }
}

/// A leader serves, and enough others do.
fn is_serving(world: &World) -> bool {
    let serving: SortedSet<ServerId> =
        world.peers().filter(|peer| !peer.paused && peer.serves()).map(|peer| peer.id).collect();
    let leads = |id: &ServerId| {
        let server = world.peer(*id).and_then(|peer| peer.server.as_ref());
        server.is_some_and(|server| server.role() == PeerState::Leading)
    };
    serving.iter().any(leads) && world.ensemble().is_quorum(&serving)
}

/// Nothing is left to do but to ping.
fn is_settled(world: &World) -> bool {
    is_serving(world)
        && world
            .peers()
            .all(|peer| !peer.is_up() || is_in_step(peer, world) || is_outside(peer, world))
        && world.clients().iter().all(|client| client.pending.is_empty())
}

fn is_in_step(peer: &Peer, world: &World) -> bool {
    let last = world.checkers().last_decided();
    peer.serves()
        && peer.applied() == last
        && peer.disk.unsynced() == 0
        && peer.server.as_ref().is_some_and(|server| server.last_logged() == last)
}

/// Whether a server has promised more than the leader it would follow can offer.
fn is_outside(peer: &Peer, world: &World) -> bool {
    let statuses = world.peers().filter(|peer| peer.serves()).filter_map(Peer::status);
    let reigning = statuses.map(|status| status.current_epoch).max();
    peer.status().is_some_and(|status| Some(status.accepted_epoch) > reigning)
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Condition::Serving => f.write_str("serving"),
            Condition::Settled => f.write_str("settled"),
            Condition::Leader(id) => write!(f, "leader {id}"),
            Condition::Role(id, role) => write!(f, "role {id} {}", name_of(role, &ROLES)),
            Condition::Phase(id, phase) => write!(f, "phase {id} {}", name_of(phase, &PHASES)),
            Condition::Serves(id) => write!(f, "serves {id}"),
            Condition::Down(id) => write!(f, "down {id}"),
            Condition::Sync(id, mode) => write!(f, "sync {id} {}", name_of(mode, &SYNCS)),
            Condition::Logged(id, zxid) => write!(f, "logged {id} {zxid}"),
            Condition::Durable(id, zxid) => write!(f, "durable {id} {zxid}"),
            Condition::Applied(id, zxid) => write!(f, "applied {id} {zxid}"),
            Condition::Decided(zxid) => write!(f, "decided {zxid}"),
            Condition::Connected(client) => write!(f, "connected c{client}"),
            Condition::Answered(client) => write!(f, "answered c{client}"),
            Condition::Ended(client) => write!(f, "ended c{client}"),
            Condition::Watched(client) => write!(f, "watched c{client}"),
            Condition::Stale(client) => write!(f, "stale c{client}"),
            Condition::Broken(promise) => write!(f, "broken {promise}"),
            Condition::Sent(like) => write!(f, "sent {like}"),
            Condition::Delivered(like) => write!(f, "delivered {like}"),
        }
    }
}

impl fmt::Display for MessageLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        let pair: Option<Pair> = self.from.zip(self.to);
        match (pair, self.to) {
            (Some((from, to)), _) => write!(f, " {from}>{to}")?,
            (None, Some(to)) => write!(f, " {to}")?,
            (None, None) => {}
        }
        self.zxid.map_or(Ok(()), |zxid| write!(f, " {zxid}"))
    }
}
