//! Small ensembles that elect over a network with seeded latencies.
//!
//! Links are FIFO, as TCP is; messages of different links overtake each other freely. For a server
//! that is down its peers keep the last message, and it gets that when it comes up. Latency stays
//! under `finalizeWait`, so one election is enough for everybody to agree; what happens otherwise
//! is Zab's business.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Peer, at, vote, zxid};
use crate::base::{Ensemble, Now, Rng, ServerId, SortedMap, Time};
use crate::message::{Notification, PeerState, Vote};

enum Event {
    Start(i64),
    Arrives { from: i64, to: i64, notification: Notification },
}

struct Network {
    peers: SortedMap<i64, Peer>,
    up: SortedMap<i64, bool>,
    agenda: BTreeMap<(Time, u64), Event>,
    newest_arrival: SortedMap<(i64, i64), Time>,
    /// By receiver and sender: what could not be delivered.
    undelivered: SortedMap<(i64, i64), Notification>,
    rng: Rng,
    serial: u64,
    now: Time,
}

impl Network {
    fn new(
        ensemble: &Arc<Ensemble>,
        seed: u64,
        history: impl Fn(i64, &mut Rng) -> Vote,
    ) -> Network {
        let mut rng = Rng::seeded(seed);
        let born = |id: &ServerId| {
            let own = history(id.0, &mut rng);
            (id.0, Peer::with_history(id.0, ensemble, own.zxid, own.peer_epoch.0))
        };
        let peers: SortedMap<i64, Peer> = ensemble.members.keys().map(born).collect();
        let up = peers.keys().map(|id| (*id, false)).collect();
        Network {
            peers,
            up,
            agenda: BTreeMap::new(),
            newest_arrival: SortedMap::new(),
            undelivered: SortedMap::new(),
            rng,
            serial: 0,
            now: Time(0),
        }
    }

    fn at(&mut self, when: Time, event: Event) {
        self.serial += 1;
        self.agenda.insert((when, self.serial), event);
    }

    fn start(&mut self, id: i64, within_ms: u64) {
        let delay = self.rng.below(within_ms * 1000 + 1);
        self.at(self.now + delay, Event::Start(id));
    }

    fn crash(&mut self, id: i64) {
        self.up.insert(id, false);
    }

    fn send(&mut self, from: i64, sends: Vec<(ServerId, Notification)>) {
        for (to, notification) in sends {
            let arrives = self.now + self.rng.between(100, 60_000);
            let newest = self.newest_arrival.entry((from, to.0)).or_default();
            *newest = arrives.max(*newest + 1);
            let arrives = *newest;
            self.at(arrives, Event::Arrives { from, to: to.0, notification });
        }
    }

    /// The earliest deadline of a running server.
    fn deadline(&self) -> Option<(Time, i64)> {
        let running = self.peers.iter().filter(|(id, _)| self.up[*id]);
        running.filter_map(|(id, peer)| Some((peer.election.next_deadline()?.0, *id))).min()
    }

    /// Runs until nobody looks and nothing is under way, or for a virtual minute.
    fn run(&mut self) {
        let limit = self.now.after_ms(60_000);
        loop {
            let next_event = self.agenda.keys().next().copied();
            let deadline = self.deadline();
            let event_first = match (next_event, deadline) {
                (Some((when, _)), Some((due, _))) => when <= due,
                (Some(_), None) => true,
                (None, Some(_)) => false,
                (None, None) => return,
            };
            let when = if event_first { next_event.unwrap().0 } else { deadline.unwrap().0 };
            if when > limit {
                return;
            }
            self.now = when;
            let now = Now { at: when, wall_ms: 0 };
            if event_first {
                self.happens(now, next_event.unwrap());
            } else {
                let id = deadline.unwrap().1;
                let sends = self.peers.get_mut(&id).unwrap().deadline(now).sends;
                self.send(id, sends);
            }
        }
    }

    fn happens(&mut self, now: Now, key: (Time, u64)) {
        let (actor, sends) = match self.agenda.remove(&key).unwrap() {
            Event::Start(id) => {
                self.up.insert(id, true);
                self.deliver_last_messages(id);
                (id, self.peers.get_mut(&id).unwrap().start(now).sends)
            }
            Event::Arrives { from, to, notification } if !self.up[&to] => {
                self.undelivered.insert((to, from), notification);
                return;
            }
            Event::Arrives { from, to, notification } => {
                (to, self.peers.get_mut(&to).unwrap().hears(now, from, &notification).sends)
            }
        };
        self.send(actor, sends);
    }

    fn deliver_last_messages(&mut self, id: i64) {
        let later = self.undelivered.split_off(&(id, i64::MIN));
        for ((to, from), notification) in later {
            if to == id && self.up[&from] {
                self.send(from, vec![(ServerId(to), notification)]);
            } else if to != id {
                self.undelivered.insert((to, from), notification);
            }
        }
    }

    /// Whom every running server follows; panics unless they agree and the leader itself leads.
    fn agreed_leader(&self) -> i64 {
        let running: Vec<_> = self.peers.iter().filter(|(id, _)| self.up[*id]).collect();
        let leader = running[0].1.leader().expect("the first server has decided");
        for (id, peer) in running {
            assert_eq!(peer.leader(), Some(leader), "server {id}");
            let leads = peer.state() == PeerState::Leading;
            assert_eq!(leads, *id == leader, "server {id}");
        }
        leader
    }
}

fn random_history(id: i64, rng: &mut Rng) -> Vote {
    let epoch = rng.between(1, 2) as i64;
    vote(id, zxid(epoch, rng.between(1, 3) as u32), epoch)
}

fn best_of(network: &Network) -> i64 {
    let voters = network.peers.values().filter(|peer| network.up[&peer.ballot.id.0]);
    let votes = voters.filter(|peer| peer.ballot.learner == crate::base::Learner::Participant);
    let key = |peer: &&Peer| (peer.ballot.current_epoch, peer.ballot.zxid, peer.ballot.id);
    votes.max_by_key(key).expect("somebody votes").ballot.id.0
}

#[test]
fn whoever_starts_together_elects_the_most_recent_history() {
    for (voters, observers) in [(3, 0), (4, 0), (5, 0), (3, 2)] {
        let ensemble = Arc::new(Ensemble::numbered(voters, observers));
        for seed in 0..300 {
            let mut network = Network::new(&ensemble, seed, random_history);
            let ids: Vec<i64> = network.peers.keys().copied().collect();
            ids.iter().for_each(|id| network.start(*id, 100));
            network.run();
            assert_eq!(network.agreed_leader(), best_of(&network), "{voters} voters, seed {seed}");
        }
    }
}

#[test]
fn a_late_joiner_follows_even_if_its_history_is_better() {
    let ensemble = Arc::new(Ensemble::numbered(3, 1));
    for seed in 0..100 {
        let mut network = Network::new(&ensemble, seed, |id, _| vote(id, zxid(1, id as u32), 1));
        [1, 2].into_iter().for_each(|id| network.start(id, 50));
        network.run();
        assert_eq!(network.agreed_leader(), 2, "seed {seed}");
        for id in [1, 2] {
            network.peers.get_mut(&id).unwrap().renew_epoch(2);
        }
        [3, 4].into_iter().for_each(|id| network.start(id, 50));
        network.run();
        assert_eq!(network.agreed_leader(), 2, "seed {seed}");
        assert_eq!(network.peers[&4].state(), PeerState::Observing);
    }
}

#[test]
fn when_the_leader_dies_the_rest_elect_again_and_it_comes_back_as_a_follower() {
    let ensemble = Arc::new(Ensemble::numbered(5, 0));
    for seed in 0..100 {
        let mut network = Network::new(&ensemble, seed, random_history);
        (1..=5).for_each(|id| network.start(id, 100));
        network.run();
        let first = network.agreed_leader();
        network.crash(first);
        (1..=5).filter(|id| *id != first).for_each(|id| network.start(id, 20));
        network.run();
        let second = network.agreed_leader();
        assert_ne!(first, second);
        assert_eq!(second, best_of(&network), "seed {seed}");
        let reborn = &network.peers[&first];
        let (zxid, epoch) = (reborn.ballot.zxid, reborn.ballot.current_epoch.0);
        network.peers.insert(first, Peer::with_history(first, &ensemble, zxid, epoch));
        network.start(first, 20);
        network.run();
        assert_eq!(network.agreed_leader(), second, "seed {seed}");
    }
}

#[test]
fn a_minority_keeps_looking() {
    let ensemble = Arc::new(Ensemble::numbered(5, 0));
    let mut network = Network::new(&ensemble, 7, random_history);
    [1, 2].into_iter().for_each(|id| network.start(id, 10));
    network.run();
    assert!(network.now > at(30_000).at, "it went on asking");
    assert!([1, 2].iter().all(|id| network.peers[id].election.is_looking()));
}

#[test]
fn the_same_seed_is_the_same_run() {
    let ensemble = Arc::new(Ensemble::numbered(5, 1));
    let run = || {
        let mut network = Network::new(&ensemble, 99, random_history);
        (1..=6).for_each(|id| network.start(id, 100));
        network.run();
        (network.now, network.serial, format!("{:?}", network.peers[&1].election))
    };
    assert_eq!(run(), run());
}
