//! Quantities that a condition compares: each is read off the world, or counted since the watch
//! began (`Facts`).

use std::fmt;

use vivarium_protocol::base::{Gather, ServerId, SortedSet, Zxid};

use super::facts::Facts;
use super::text::client;
use crate::client::{ClientState, Told};
use crate::words::{WordError, Words, read_micros, write_micros};
use crate::world::World;

/// A quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Measure {
    /// `votes 1 for 2`: how many votes for 2 server 1 has counted in its present round.
    Votes {
        /// Who counts.
        of: ServerId,
        /// For whom.
        candidate: ServerId,
    },
    /// `round 1`: a server's election round.
    Round(ServerId),
    /// `epoch 1`: the epoch that a server stands by (`currentEpoch`).
    Epoch(ServerId),
    /// `accepted 1`: the epoch that a server has promised (`acceptedEpoch`).
    Accepted(ServerId),
    /// `last 1`: the last transaction of a server's log.
    Last(ServerId),
    /// `lag 1`: decided transactions that a server has not applied.
    Lag(ServerId),
    /// `handlers 1`: the learner handlers of a leader.
    Handlers(ServerId),
    /// `clients 1`: clients whose session is open at a server.
    Clients(ServerId),
    /// `up`: servers that run.
    Up,
    /// `down`: servers that do not.
    Down,
    /// `sessions`: clients whose session is open somewhere.
    Sessions,
    /// `servers used`: servers that have a client.
    ServersUsed,
    /// `lost sessions`: sessions that the servers gave up.
    LostSessions,
    /// `answers c1`: successful answers that a client has had.
    Answers(u32),
    /// `writes c1`: writes that a client has asked for.
    Writes(u32),
    /// `stale c1`: reads of a client that were answered with an old state.
    Stale(u32),
    /// `crashes`: servers that crashed or were crashed, counted since the watch began.
    Crashes,
    /// `starts`: servers that were started, counted since the watch began.
    Starts,
    /// `elections`: servers that took office, counted since the watch began.
    Elections,
    /// `commit time`: the median of the times from proposal to commit at the leader, of
    /// everything committed since the watch began; microseconds, 0 if nothing was.
    CommitTime,
}

/// What a number stands for, and so how it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    Micros,
    Zxid,
}

/// How two numbers compare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// `=`
    Equal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
}

/// What a quantity is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bound {
    /// A number: a count, microseconds, or a zxid's 64 bits.
    Fixed(u64),
    /// Another quantity.
    Of(Measure),
}

const RELATIONS: [(&str, Relation); 5] = [
    ("=", Relation::Equal),
    ("<", Relation::Less),
    ("<=", Relation::AtMost),
    (">", Relation::More),
    (">=", Relation::AtLeast),
];

/// Whether a comparison comes next.
pub(super) fn compares(words: &Words) -> bool {
    words.peek().is_some_and(|word| RELATIONS.iter().any(|(sign, _)| *sign == word))
}

impl Measure {
    /// Reads a quantity whose first word is taken already; `None` if that word begins none.
    pub(super) fn parse(first: &str, words: &mut Words) -> Result<Option<Measure>, WordError> {
        Ok(Some(match first {
            "votes" => {
                let of = words.server()?;
                if !words.take("for") {
                    let found = words.text();
                    return Err(WordError::Unexpected { wanted: "`for`", found });
                }
                Measure::Votes { of, candidate: words.server()? }
            }
            "round" => Measure::Round(words.server()?),
            "epoch" => Measure::Epoch(words.server()?),
            "accepted" => Measure::Accepted(words.server()?),
            "last" => Measure::Last(words.server()?),
            "lag" => Measure::Lag(words.server()?),
            "handlers" => Measure::Handlers(words.server()?),
            "clients" => Measure::Clients(words.server()?),
            "up" => Measure::Up,
            "down" => Measure::Down,
            "sessions" => Measure::Sessions,
            "servers" if words.take("used") => Measure::ServersUsed,
            "lost" if words.take("sessions") => Measure::LostSessions,
            "answers" => Measure::Answers(client(words)?),
            "writes" => Measure::Writes(client(words)?),
            "stale" => Measure::Stale(client(words)?),
            "crashes" => Measure::Crashes,
            "starts" => Measure::Starts,
            "elections" => Measure::Elections,
            "commit" if words.take("time") => Measure::CommitTime,
            _ => return Ok(None),
        }))
    }

    fn unit(&self) -> Unit {
        match self {
            Measure::Last(_) => Unit::Zxid,
            Measure::CommitTime => Unit::Micros,
            Measure::Votes { .. }
            | Measure::Round(_)
            | Measure::Epoch(_)
            | Measure::Accepted(_)
            | Measure::Lag(_)
            | Measure::Handlers(_)
            | Measure::Clients(_)
            | Measure::Up
            | Measure::Down
            | Measure::Sessions
            | Measure::ServersUsed
            | Measure::LostSessions
            | Measure::Answers(_)
            | Measure::Writes(_)
            | Measure::Stale(_)
            | Measure::Crashes
            | Measure::Starts
            | Measure::Elections => Unit::Count,
        }
    }

    /// Whether it is counted since the watch began, and not read off the world.
    pub(super) fn is_counted(&self) -> bool {
        matches!(
            self,
            Measure::Crashes | Measure::Starts | Measure::Elections | Measure::CommitTime
        )
    }

    /// Its value; `None` for a quantity of a server that is down, or of nobody.
    pub(super) fn value(&self, world: &World, facts: &Facts) -> Option<u64> {
        let status = |id: &ServerId| world.peer(*id).and_then(|peer| peer.status());
        let count = |number: usize| Some(number as u64);
        match self {
            Measure::Votes { of, candidate } => {
                let status = status(of)?;
                let own = |vote: &&vivarium_protocol::trace::ReceivedVote| {
                    vote.vote.leader == *candidate && vote.round == status.round
                };
                count(status.votes.values().filter(own).count())
            }
            Measure::Round(id) => u64::try_from(status(id)?.round).ok(),
            Measure::Epoch(id) => u64::try_from(status(id)?.current_epoch.0).ok(),
            Measure::Accepted(id) => u64::try_from(status(id)?.accepted_epoch.0).ok(),
            Measure::Last(id) => Some(world.peer(*id)?.disk.durable().last().0 as u64),
            Measure::Lag(id) => {
                let (applied, last) = (world.peer(*id)?.applied(), world.checkers().last_decided());
                count(world.checkers().history().between(applied, last))
            }
            Measure::Handlers(id) => count(status(id)?.learners.len()),
            Measure::Clients(id) => count(connected(world).filter(|at| at == id).count()),
            Measure::Up => count(world.peers().filter(|peer| peer.is_up()).count()),
            Measure::Down => count(world.peers().filter(|peer| !peer.is_up()).count()),
            Measure::Sessions => count(connected(world).count()),
            Measure::ServersUsed => {
                let servers: SortedSet<ServerId> = connected(world).gather();
                count(servers.len())
            }
            Measure::LostSessions => {
                let lost = |client: &crate::client::VirtualClient| {
                    client.told.iter().filter(|(_, told)| *told == Told::Expired).count()
                };
                count(world.clients().iter().map(lost).sum())
            }
            Measure::Answers(id) => {
                let client = world.clients().iter().find(|client| client.id == *id)?;
                let good = |told: &Told| matches!(told, Told::Answer { result: Ok(_), .. });
                count(client.told.iter().filter(|(_, told)| good(told)).count())
            }
            Measure::Writes(id) => {
                let calls = world.checkers().history().calls().iter();
                count(calls.filter(|call| call.client == *id && call.op.is_write()).count())
            }
            Measure::Stale(id) => count(world.checkers().history().stale_reads(*id)),
            Measure::Crashes => Some(facts.crashes),
            Measure::Starts => Some(facts.starts),
            Measure::Elections => Some(facts.elections),
            Measure::CommitTime => Some(facts.median_commit_us()),
        }
    }
}

/// The servers of all clients whose session is open, one for each client.
fn connected(world: &World) -> impl Iterator<Item = ServerId> {
    world.clients().iter().filter_map(|client| match client.state {
        ClientState::Connected { server, .. } => Some(server),
        ClientState::Away | ClientState::Connecting { .. } | ClientState::Ended { .. } => None,
    })
}

/// Reads what a comparison with a quantity says.
pub(super) fn comparison(
    measure: &Measure,
    words: &mut Words,
) -> Result<(Relation, Bound), WordError> {
    let wanted = "a comparison, as in >= 2";
    let sign = words.bare(wanted)?;
    let relation = RELATIONS.iter().find(|(other, _)| *other == sign);
    let relation = relation.ok_or(WordError::Unexpected { wanted, found: sign })?.1;
    let wanted = "a number to compare with";
    let word = words.bare(wanted)?;
    let fixed = match measure.unit() {
        Unit::Count => word.parse().ok(),
        Unit::Micros => read_micros(&word),
        Unit::Zxid => word.parse::<Zxid>().ok().map(|zxid| zxid.0 as u64),
    };
    let bound = match fixed {
        Some(number) => Bound::Fixed(number),
        None => match Measure::parse(&word, words)? {
            Some(other) if other.unit() == measure.unit() => Bound::Of(other),
            Some(_) | None => return Err(WordError::Unexpected { wanted, found: word }),
        },
    };
    Ok((relation, bound))
}

/// Whether a comparison holds.
pub(super) fn compare(
    (measure, relation, bound): (&Measure, Relation, &Bound),
    world: &World,
    facts: &Facts,
) -> bool {
    let left = measure.value(world, facts);
    let right = match bound {
        Bound::Fixed(number) => Some(*number),
        Bound::Of(other) => other.value(world, facts),
    };
    left.zip(right).is_some_and(|(left, right)| match relation {
        Relation::Equal => left == right,
        Relation::Less => left < right,
        Relation::AtMost => left <= right,
        Relation::More => left > right,
        Relation::AtLeast => left >= right,
    })
}

/// Writes a comparison.
pub(super) fn write_comparison(
    (measure, relation, bound): (&Measure, Relation, &Bound),
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let sign = RELATIONS.iter().find(|(_, other)| *other == relation).map_or("", |(sign, _)| sign);
    write!(f, "{measure} {sign} ")?;
    match (bound, measure.unit()) {
        (Bound::Of(other), _) => write!(f, "{other}"),
        (Bound::Fixed(number), Unit::Count) => write!(f, "{number}"),
        (Bound::Fixed(us), Unit::Micros) => f.write_str(&write_micros(*us)),
        (Bound::Fixed(bits), Unit::Zxid) => write!(f, "{}", Zxid(*bits as i64)),
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Votes { of, candidate } => write!(f, "votes {of} for {candidate}"),
            Measure::Round(id) => write!(f, "round {id}"),
            Measure::Epoch(id) => write!(f, "epoch {id}"),
            Measure::Accepted(id) => write!(f, "accepted {id}"),
            Measure::Last(id) => write!(f, "last {id}"),
            Measure::Lag(id) => write!(f, "lag {id}"),
            Measure::Handlers(id) => write!(f, "handlers {id}"),
            Measure::Clients(id) => write!(f, "clients {id}"),
            Measure::Up => f.write_str("up"),
            Measure::Down => f.write_str("down"),
            Measure::Sessions => f.write_str("sessions"),
            Measure::ServersUsed => f.write_str("servers used"),
            Measure::LostSessions => f.write_str("lost sessions"),
            Measure::Answers(client) => write!(f, "answers c{client}"),
            Measure::Writes(client) => write!(f, "writes c{client}"),
            Measure::Stale(client) => write!(f, "stale c{client}"),
            Measure::Crashes => f.write_str("crashes"),
            Measure::Starts => f.write_str("starts"),
            Measure::Elections => f.write_str("elections"),
            Measure::CommitTime => f.write_str("commit time"),
        }
    }
}
