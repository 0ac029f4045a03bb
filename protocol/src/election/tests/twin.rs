//! FastLeaderElection against a slow, obvious twin.
//!
//! The twin is `lookForLeader` written the way ZooKeeper has it: one loop that waits at a
//! queue. Here the queue is a script of arrivals. Both must broadcast the same votes at the same
//! moments and end with the same winner, whatever arrives.

use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Peer, at, looking, says, vote};
use crate::base::{Ensemble, QuorumVerifier, ServerId, SortedMap, SortedSet, Zxid};
use crate::message::PeerState::{Following, Leading, Looking, Observing};
use crate::message::{Notification, Vote};
use crate::trace::{Decision, Timer};

const ME: i64 = 3;

/// What arrives: when (in milliseconds, all different), from whom, what.
type Script = Vec<(u64, i64, Notification)>;

/// Broadcasts with their moments, then the winner with its round and moment, if there was one.
#[derive(Debug, Default, PartialEq)]
struct Story {
    broadcasts: Vec<(u64, Vote, i64)>,
    winner: Option<(u64, Vote, i64)>,
}

struct Twin<'a> {
    ensemble: &'a Ensemble,
    script: VecDeque<(u64, i64, Notification)>,
    queue: VecDeque<(i64, Notification)>,
    now: u64,
    clock: i64,
    initial: Vote,
    proposal: Vote,
    received: SortedMap<i64, Notification>,
    out: SortedMap<i64, Notification>,
    story: Story,
}

impl Twin<'_> {
    fn next(&mut self, within: u64) -> Option<(i64, Notification)> {
        if let Some(queued) = self.queue.pop_front() {
            return Some(queued);
        }
        match self.script.front() {
            Some((when, ..)) if *when < self.now + within => {
                let (when, from, notification) = self.script.pop_front()?;
                self.now = when;
                Some((from, notification))
            }
            Some(_) | None => {
                self.now += within;
                None
            }
        }
    }

    fn broadcast(&mut self) {
        self.story.broadcasts.push((self.now, self.proposal, self.clock));
        self.queue.push_back((ME, looking(self.proposal, self.clock)));
    }

    fn better(&self, new: &Vote, current: &Vote) -> bool {
        let key = |vote: &Vote| (vote.peer_epoch, vote.zxid, vote.leader);
        self.ensemble.weight(new.leader) > 0 && key(new) > key(current)
    }

    fn same(one: &Notification, other: &Notification) -> bool {
        if one.state == Looking || other.state == Looking {
            return one.vote == other.vote && one.round == other.round;
        }
        let lenient = (one.version > 0) ^ (other.version > 0);
        one.vote.leader == other.vote.leader
            && (lenient || one.vote.peer_epoch == other.vote.peer_epoch)
    }

    fn tracker(&self, votes: &SortedMap<i64, Notification>, n: &Notification) -> bool {
        let same = votes.iter().filter(|(_, vote)| Twin::same(vote, n));
        self.ensemble.is_quorum(&same.map(|(id, _)| ServerId(*id)).collect())
    }

    fn leads(&self, votes: &SortedMap<i64, Notification>, n: &Notification) -> bool {
        if n.vote.leader.0 == ME {
            return self.clock == n.round;
        }
        votes.get(&n.vote.leader.0).is_some_and(|vote| vote.state == Leading)
    }

    fn look_for_leader(mut self) -> Story {
        self.clock += 1;
        self.broadcast();
        let mut timeout = 200;
        while !self.script.is_empty() || !self.queue.is_empty() {
            let Some((from, n)) = self.next(timeout) else {
                self.broadcast();
                timeout = (2 * timeout).min(60_000);
                continue;
            };
            if !self.ensemble.is_participant(n.vote.leader) {
                continue;
            }
            let winner = match n.state {
                Looking => self.looking(from, n),
                Observing => None,
                Following | Leading => self.decided(from, n),
            };
            if winner.is_some() {
                self.story.winner = winner;
                break;
            }
        }
        self.story
    }

    fn looking(&mut self, from: i64, n: Notification) -> Option<(u64, Vote, i64)> {
        if self.initial.zxid == Zxid(-1) || n.vote.zxid == Zxid(-1) || n.round < self.clock {
            return None;
        }
        if n.round > self.clock {
            self.clock = n.round;
            self.received.clear();
            let better = self.better(&n.vote, &self.initial);
            self.proposal = if better { n.vote } else { self.initial };
            self.broadcast();
        } else if self.better(&n.vote, &self.proposal) {
            self.proposal = n.vote;
            self.broadcast();
        }
        self.received.insert(from, looking(n.vote, n.round));
        if !self.tracker(&self.received, &looking(self.proposal, self.clock)) {
            return None;
        }
        loop {
            match self.next(200) {
                None => return Some((self.now, self.proposal, self.clock)),
                Some((from, m)) if self.better(&m.vote, &self.proposal) => {
                    self.queue.push_back((from, m));
                    return None;
                }
                Some(_) => {}
            }
        }
    }

    fn decided(&mut self, from: i64, n: Notification) -> Option<(u64, Vote, i64)> {
        let winner = Some((self.now, n.vote, n.round));
        if n.round == self.clock {
            self.received.insert(from, Notification { version: 0, ..n.clone() });
            if self.tracker(&self.received, &n) && self.leads(&self.received, &n) {
                return winner;
            }
        }
        self.out.insert(from, n.clone());
        winner.filter(|_| self.tracker(&self.out, &n) && self.leads(&self.out, &n))
    }
}

/// The same script for the election itself, which is driven by its deadlines.
fn drive(ensemble: &Arc<Ensemble>, own: Vote, script: &Script) -> Story {
    let mut peer = Peer::with_history(ME, ensemble, own.zxid, own.peer_epoch.0);
    let mut story = Story::default();
    let mut note = |now: u64, peer: &Peer, decisions: &[Decision]| {
        for decision in decisions {
            match decision {
                Decision::Proposes { vote, round, .. } => {
                    story.broadcasts.push((now, *vote, *round));
                }
                Decision::Resent { .. } => {
                    let vote = peer.election.vote().expect("it has begun");
                    story.broadcasts.push((now, vote, peer.election.round()));
                }
                Decision::Elected { vote, round, .. } => story.winner = Some((now, *vote, *round)),
                _ => {}
            }
        }
    };
    let step = peer.start(at(0));
    note(0, &peer, &step.decisions);
    let mut arrivals = script.iter();
    let mut next = arrivals.next();
    while peer.election.is_looking() {
        let (deadline, timer) = peer.election.next_deadline().expect("it waits for something");
        let due = deadline.0 / 1000;
        let (now, step) = match next {
            Some((when, from, notification)) if *when < due => {
                next = arrivals.next();
                (*when, peer.hears(at(*when), *from, notification))
            }
            None if timer == Timer::Resend => break,
            Some(_) | None => (due, peer.deadline(at(due))),
        };
        note(now, &peer, &step.decisions);
    }
    story
}

/// Servers, states, rounds and votes of which many are equal, and a few that are odd.
fn arrivals() -> impl Strategy<Value = Script> {
    let state = prop_oneof![
        6 => Just(Looking), 2 => Just(Following), 2 => Just(Leading), 1 => Just(Observing),
    ];
    let zxid = prop_oneof![1 => Just(-1), 12 => Just(1), 3 => 0..3_i64];
    let from = prop_oneof![Just(1), Just(2), Just(4), Just(5)];
    let leader = prop_oneof![6 => Just(4), 4 => Just(ME), 4 => 1..7_i64];
    let epoch = prop_oneof![6 => Just(1), 1 => 0..3_i64];
    let round = prop_oneof![12 => Just(1), 3 => Just(2), 1 => 3..6_i64, 1 => Just(0)];
    let gap = prop_oneof![6 => 1..60_u64, 1 => 150..450_u64];
    let version = prop_oneof![4 => Just(2), 1 => Just(0)];
    let arrival = (gap, from, state, leader, zxid, epoch, round, version);
    proptest::collection::vec(arrival, 0..40).prop_map(|arrivals| {
        let mut now = 0;
        let arrival = |(gap, from, state, leader, zxid, epoch, round, version)| {
            now += gap;
            let n: Notification = says(state, vote(leader, Zxid(zxid), epoch), round);
            (now, from, Notification { version, ..n })
        };
        arrivals.into_iter().map(arrival).collect()
    })
}

fn ensemble(weightless: bool) -> Arc<Ensemble> {
    let mut ensemble = Ensemble::numbered(5, 0);
    if weightless {
        let groups = SortedMap::from([(1, (1..=5).map(ServerId).collect::<SortedSet<_>>())]);
        let weights = SortedMap::from([(ServerId(5), 0)]);
        ensemble.verifier = QuorumVerifier::Hierarchical { groups, weights };
    }
    Arc::new(ensemble)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn the_election_does_what_the_loop_of_the_reference_does(
        script in arrivals(),
        own_zxid in -1..3_i64,
        own_epoch in 0..2_i64,
        weightless in any::<bool>(),
    ) {
        let ensemble = ensemble(weightless);
        let own = vote(ME, Zxid(own_zxid), own_epoch);
        let twin = Twin {
            ensemble: &ensemble,
            script: script.iter().cloned().collect(),
            queue: VecDeque::new(),
            now: 0,
            clock: 0,
            initial: own,
            proposal: own,
            received: SortedMap::new(),
            out: SortedMap::new(),
            story: Story::default(),
        };
        prop_assert_eq!(drive(&ensemble, own, &script), twin.look_for_leader());
    }
}

/// The property above must not pass because nothing ever happens.
#[test]
fn the_scripts_do_elect_now_and_then() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut winners: SortedMap<&str, u32> = SortedMap::new();
    for _ in 0..500 {
        let script = arrivals().new_tree(&mut runner).expect("a script").current();
        let story = drive(&ensemble(false), vote(ME, Zxid(1), 1), &script);
        let ending = match story.winner {
            None => "nobody",
            Some((_, vote, _)) if vote.leader.0 == ME => "me",
            Some(_) => "another",
        };
        *winners.entry(ending).or_default() += 1;
    }
    assert!(winners.len() == 3 && winners.values().all(|count| *count >= 10), "{winners:?}");
}
