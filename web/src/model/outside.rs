//! What stands outside of every server: clients, cuts, stalled disks, paused machines.
//!
//! Known in a simulation only, so it is taken from the world and not folded from frames.

use std::sync::Arc;

use vivarium_protocol::base::{
    Arrange, Gather, ServerId, SessionId, SortedMap, SortedSet, Time, Zxid,
};
use vivarium_protocol::replica::Table;
use vivarium_protocol::trace::MessageId;
use vivarium_sim::checkers::Said;
use vivarium_sim::client::{ClientState, Told, VirtualClient};
use vivarium_sim::{LinkFault, Peer, Traffic, World};

use crate::i18n::Lang;

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
    /// Its session, once it has one.
    pub session: Option<SessionId>,
    /// The newest zxid it has seen.
    pub seen: Zxid,
    /// What it waits for, oldest first.
    pub waits: Vec<String>,
    /// What it watches at its server: a path, with `children` behind it for its children.
    pub watches: Vec<String>,
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
    pub held: SortedMap<MessageId, Time>,
    /// Kinds of messages that are held as soon as they are sent.
    pub rules: SortedSet<Traffic>,
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
    /// Promises of the protocol that were seen broken, as the checkers say it.
    pub violations: Vec<Said>,
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
            rules: faults.rules.clone(),
            slow: faults.slow.clone(),
            unreal: faults.unreal,
            unsynced: world.peers().map(|peer| (peer.id, peer.disk.unsynced())).gather(),
            half_written: of_peers(world, |peer| peer.half_written),
            own_files: of_peers(world, |peer| Some(peer.own_file.as_ref()?.text.clone())),
            znodes: world.peers().map(|peer| (peer.id, peer.replica.tree().node_count())).gather(),
            violations: world.violations().iter().map(|broken| broken.what.clone()).collect(),
        }
    }

    /// The sides of a partition: servers that hear each other both ways, or through others, with
    /// the smallest side first. Empty when every server is on one side.
    #[must_use]
    pub fn sides(&self, members: &[ServerId]) -> Vec<Vec<ServerId>> {
        if self.cuts.is_empty() {
            return Vec::new();
        }
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
            side.arrange(|id| *id);
            sides.push(side);
        }
        sides.arrange(|side| (side.len(), side.first().copied()));
        if sides.len() > 1 { sides } else { Vec::new() }
    }

    /// The cuts that no fence between these sides tells of.
    #[must_use]
    pub fn cuts_within(&self, sides: &[Vec<ServerId>]) -> Vec<(ServerId, ServerId)> {
        let side_of = |id: &ServerId| sides.iter().position(|side| side.contains(id));
        let within = |(from, to): &&(ServerId, ServerId)| side_of(from) == side_of(to);
        self.cuts.iter().filter(within).copied().collect()
    }

    fn apart(&self, a: ServerId, b: ServerId) -> bool {
        self.cuts.contains(&(a, b)) && self.cuts.contains(&(b, a))
    }
}

/// `5 | 1 2 3 4`.
#[must_use]
pub fn sides_words(sides: &[Vec<ServerId>]) -> String {
    let side =
        |ids: &Vec<ServerId>| ids.iter().map(ServerId::to_string).collect::<Vec<_>>().join(" ");
    sides.iter().map(side).collect::<Vec<_>>().join(" | ")
}

/// The cuts among many servers in a few words: sides with how many they are where they are too many
/// to name, and the one-way cuts. `None` while nothing is cut.
#[must_use]
pub fn cut_words(outside: &Outside, members: &[ServerId], lang: Lang) -> Option<String> {
    const NAMED: usize = 6;
    let sides = outside.sides(members);
    let within = outside.cuts_within(&sides);
    let side = |ids: &Vec<ServerId>| {
        if ids.len() <= NAMED {
            return sides_words(std::slice::from_ref(ids));
        }
        let count = ids.len();
        lang.pick(format!("{count} servers"), format!("{count} 台"))
    };
    let mut all = Vec::new();
    if !sides.is_empty() {
        let sides: Vec<String> = sides.iter().map(side).collect();
        all.push(format!("{} {}", lang.pick("partition", "分区"), sides.join(" | ")));
    }
    if !within.is_empty() {
        let named = within.iter().take(NAMED).map(|(from, to)| format!("{from} → {to}"));
        let mut words = named.collect::<Vec<_>>().join(", ");
        if within.len() > NAMED {
            let more = within.len() - NAMED;
            words += &lang.pick(format!(" and {more} more"), format!(" 等 {} 处", within.len()));
        }
        all.push(format!("{} {words}", lang.pick("cut", "切断")));
    }
    (!all.is_empty()).then(|| all.join(lang.pick("; ", "；")))
}

fn of_peers<T>(world: &World, what: impl Fn(&Peer) -> Option<T>) -> SortedMap<ServerId, T> {
    world.peers().filter_map(|peer| Some((peer.id, what(peer)?))).gather()
}

fn view(client: &VirtualClient, world: &World) -> ClientView {
    let server = client.server();
    let serves = server.and_then(|id| world.peer(id)).is_some_and(|peer| peer.replica.serving());
    let (request, fate) = newest(client, serves);
    let at = server.or(client.home);
    let waits = client.pending.iter().map(|pending| brief(&pending.op.to_string())).collect();
    ClientView {
        id: client.id,
        server: at,
        connected: server.is_some(),
        request,
        fate,
        session: client.session,
        seen: client.last_zxid,
        waits,
        watches: watches(client, world),
    }
}

/// What its server keeps for its connection.
fn watches(client: &VirtualClient, world: &World) -> Vec<String> {
    let ClientState::Connected { server, connection } = client.state else { return Vec::new() };
    let Some(peer) = world.peer(server) else { return Vec::new() };
    let words = |(table, path): (Table, &str)| match table {
        Table::Data => path.to_owned(),
        Table::Child => format!("{path} children"),
    };
    peer.replica.watches().of(connection).map(words).collect()
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

/// The verb and the path: the data is in the inspector. A reconfiguration is nothing but verbs.
fn brief(request: &str) -> String {
    if request.starts_with("reconfig") {
        return request.to_owned();
    }
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
        let both = cuts(&[(1, 3), (3, 1), (2, 3), (3, 2), (1, 2)]);
        let sides = both.sides(&ids(&[1, 2, 3]));
        assert_eq!(sides, [ids(&[3]), ids(&[1, 2])], "a partition, and a cut within a side");
        assert_eq!(both.cuts_within(&sides), [(ServerId(1), ServerId(2))]);
        assert_eq!(both.cuts_within(&[]).len(), 5);
        let words = |outside: &Outside, members: &[i64]| {
            cut_words(outside, &ids(members), Lang::English).unwrap_or_default()
        };
        assert_eq!(words(&both, &[1, 2, 3]), "partition 3 | 1 2; cut 1 → 2");
        let away: Vec<(i64, i64)> = (2..=9).flat_map(|id| [(1, id), (id, 1)]).collect();
        assert_eq!(words(&cuts(&away), &[1, 2, 3, 4, 5, 6, 7, 8, 9]), "partition 1 | 8 servers");
        assert_eq!(words(&cuts(&[]), &[1, 2]), "");
        assert!(cuts(&[]).sides(&ids(&[1, 2])).is_empty());
    }
}
