//! What stands outside of every server: clients, cuts, stalled disks, paused machines.
//!
//! Known in a simulation only, so it is taken from the world and not folded from frames.

use std::collections::BTreeMap;
use std::sync::Arc;

use vivarium_protocol::base::{Gather, ServerId, SortedMap, SortedSet, Time, Zxid};
use vivarium_protocol::trace::MessageId;
use vivarium_sim::client::{ClientState, Told, VirtualClient};
use vivarium_sim::{LinkFault, Peer, World};

/// What became of a client's newest request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing was asked yet.
    Idle,
    /// Its session is being opened.
    Connecting,
    /// On its way through the ensemble.
    Waiting,
    /// Its server does not serve yet.
    Held,
    /// Answered: `Ok` or ZooKeeper's error.
    Done(Result<(), String>),
    /// The connection broke first.
    Unknown,
    /// A watch fired.
    Event(String),
    /// The session has ended; true if it expired.
    Ended(bool),
}

/// A client as its pill shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientView {
    /// `c1` is 1.
    pub id: u32,
    /// Under which plate it hangs.
    pub server: Option<ServerId>,
    /// Whether it is connected there, or only trying to be.
    pub connected: bool,
    /// Its newest request, as in `create /a`.
    pub request: String,
    /// What became of it.
    pub fate: Fate,
    /// How many requests are under way.
    pub pending: usize,
}

/// Everything outside.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outside {
    /// The clients, by number.
    pub clients: Vec<ClientView>,
    /// Directions in which nothing is heard: from, to.
    pub cuts: SortedSet<(ServerId, ServerId)>,
    /// Disks that complete nothing.
    pub stalled: SortedSet<ServerId>,
    /// Machines that take no step.
    pub paused: SortedSet<ServerId>,
    /// Directions that carry otherwise than the setup says: from, to.
    pub links: SortedMap<(ServerId, ServerId), LinkFault>,
    /// Messages that are held on their way, each with the moment since when.
    pub held: BTreeMap<MessageId, Time>,
    /// Disks whose syncs take this long, microseconds.
    pub slow: SortedMap<ServerId, u64>,
    /// How often something was done that no TCP connection can do.
    pub unreal: u32,
    /// How many records each disk has not synced yet.
    pub unsynced: SortedMap<ServerId, usize>,
    /// Logs that end in half a record, which the next start cuts off.
    pub half_written: SortedMap<ServerId, Zxid>,
    /// Servers with a zoo.cfg of their own.
    pub own_files: SortedMap<ServerId, Arc<str>>,
    /// Which server's tree holds how many znodes.
    pub znodes: SortedMap<ServerId, usize>,
    /// Promises of the protocol that were seen broken, in words.
    pub violations: Vec<String>,
}

impl Outside {
    /// What stands outside in `world`.
    #[must_use]
    pub fn of(world: &World) -> Outside {
        let faults = world.faults();
        Outside {
            clients: world.clients().iter().map(|client| view(client, world)).collect(),
            cuts: faults.cuts.clone(),
            stalled: faults.stalled.clone(),
            paused: faults.paused.clone(),
            links: faults.links.clone(),
            held: faults.held.clone(),
            slow: faults.slow.clone(),
            unreal: faults.unreal,
            unsynced: world.peers().map(|peer| (peer.id, peer.disk.unsynced())).gather(),
            half_written: of_peers(world, |peer| peer.half_written),
            own_files: of_peers(world, |peer| Some(peer.own_file.as_ref()?.text.clone())),
            znodes: world.peers().map(|peer| (peer.id, peer.replica.tree().node_count())).gather(),
            violations: world.violations().iter().map(|broken| broken.what.clone()).collect(),
        }
    }

    /// The sides of a partition: servers that hear each other both ways, smallest side first.
    /// Empty when every server is on one side, or when the cuts are not those of a partition.
    #[must_use]
    pub fn sides(&self, members: &[ServerId]) -> Vec<Vec<ServerId>> {
        let mut left: SortedSet<ServerId> = members.iter().copied().gather();
        let mut sides = Vec::new();
        while let Some(first) = left.pop_first() {
            let mut side = vec![first];
            let mut next = 0;
            while let Some(&at) = side.get(next) {
                let near: Vec<_> = left.iter().copied().filter(|id| !self.apart(at, *id)).collect();
                for id in near {
                    left.remove(&id);
                    side.push(id);
                }
                next += 1;
            }
            side.sort();
            sides.push(side);
        }
        let partitioned = sides.len() > 1 && self.is_partition(&sides);
        sides.sort_by_key(|side| (side.len(), side.first().copied()));
        if partitioned { sides } else { Vec::new() }
    }

    fn apart(&self, a: ServerId, b: ServerId) -> bool {
        self.cuts.contains(&(a, b)) && self.cuts.contains(&(b, a))
    }

    fn is_partition(&self, sides: &[Vec<ServerId>]) -> bool {
        let side_of = |id: &ServerId| sides.iter().position(|side| side.contains(id));
        self.cuts.iter().all(|(from, to)| side_of(from) != side_of(to))
    }
}

/// `5 | 1 2 3 4`.
#[must_use]
pub fn sides_words(sides: &[Vec<ServerId>]) -> String {
    let side =
        |ids: &Vec<ServerId>| ids.iter().map(ServerId::to_string).collect::<Vec<_>>().join(" ");
    sides.iter().map(side).collect::<Vec<_>>().join(" | ")
}

fn of_peers<T>(world: &World, what: impl Fn(&Peer) -> Option<T>) -> SortedMap<ServerId, T> {
    world.peers().filter_map(|peer| Some((peer.id, what(peer)?))).gather()
}

fn view(client: &VirtualClient, world: &World) -> ClientView {
    let server = client.server();
    let serves = server.and_then(|id| world.peer(id)).is_some_and(|peer| peer.replica.serving());
    let (request, fate) = newest(client, serves);
    let at = server.or(client.home);
    let pending = client.pending.len();
    ClientView { id: client.id, server: at, connected: server.is_some(), request, fate, pending }
}

fn newest(client: &VirtualClient, serves: bool) -> (String, Fate) {
    if let Some(pending) = client.pending.last() {
        let fate = match (&client.state, serves) {
            (ClientState::Connected { .. }, true) => Fate::Waiting,
            (_, _) => Fate::Held,
        };
        return (brief(&pending.op.to_string()), fate);
    }
    if let ClientState::Ended { expired } = client.state {
        return (String::new(), Fate::Ended(expired));
    }
    let connecting = !matches!(client.state, ClientState::Connected { .. });
    match client.told.last().map(|(_, told)| told) {
        Some(Told::Answer { op, result, .. }) => {
            let result = result.as_ref().map(|_| ()).map_err(|error| format!("{error:?}"));
            (brief(&op.to_string()), Fate::Done(result))
        }
        Some(Told::Event(event)) => {
            (String::new(), Fate::Event(format!("{:?} {}", event.kind, event.path)))
        }
        Some(Told::ConnectionLost) if !connecting => (String::new(), Fate::Idle),
        Some(Told::ConnectionLost) => (String::new(), Fate::Unknown),
        Some(Told::Expired) => (String::new(), Fate::Ended(true)),
        Some(Told::Session(_) | Told::WatchesSet) | None if connecting => {
            (String::new(), Fate::Connecting)
        }
        Some(Told::Session(_) | Told::WatchesSet) | None => (String::new(), Fate::Idle),
    }
}

/// The verb and the path: the data is in the inspector.
fn brief(request: &str) -> String {
    request.split(' ').take(2).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[i64]) -> Vec<ServerId> {
        ids.iter().copied().map(ServerId).collect()
    }

    fn cuts(pairs: &[(i64, i64)]) -> Outside {
        let cuts = pairs.iter().map(|(a, b)| (ServerId(*a), ServerId(*b))).collect();
        Outside { cuts, ..Outside::default() }
    }

    #[test]
    fn a_partition_has_sides_and_a_single_cut_has_none() {
        let split = cuts(&[(1, 3), (3, 1), (2, 3), (3, 2)]);
        assert_eq!(split.sides(&ids(&[1, 2, 3])), [ids(&[3]), ids(&[1, 2])]);
        assert!(cuts(&[(1, 2), (2, 1)]).sides(&ids(&[1, 2, 3])).is_empty());
        assert!(cuts(&[(1, 2)]).sides(&ids(&[1, 2])).is_empty());
        assert!(cuts(&[]).sides(&ids(&[1, 2])).is_empty());
    }
}
