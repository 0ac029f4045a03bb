//! Runs one algorithm through a contest: an agenda of starts and arrivals, and the deadlines.

use std::collections::BTreeMap;

use vivarium_protocol::base::{Rng, ServerId, SortedMap, Time};

use super::body::{Body, Message, Outcome};
use super::{Account, Algorithm, Contest, Entrant, Step, StepEvent};

/// After so long an election that has not ended is told as it stands.
const LONGEST: Time = Time(60_000_000);
/// The same after so many steps.
const MOST_STEPS: usize = 200_000;

/// Holds the election of `contest` by one algorithm. Of more voters than [`Contest::MOST`] the rest
/// is left out.
#[must_use]
pub fn hold(contest: &Contest, algorithm: Algorithm) -> Account {
    let mut race = Race::new(contest, algorithm);
    race.run();
    race.account
}

enum Event {
    Start(ServerId),
    Arrival { from: ServerId, to: ServerId, message: Message },
}

struct Race<'a> {
    contest: &'a Contest,
    bodies: SortedMap<ServerId, Body>,
    agenda: BTreeMap<(Time, u64), Event>,
    serial: u64,
    rng: Rng,
    now: Time,
    /// The latest arrival on each connection: nothing overtakes it.
    newest: SortedMap<(ServerId, ServerId), Time>,
    /// By receiver and sender: the last message for a server that is down.
    waiting: SortedMap<(ServerId, ServerId), Message>,
    elected: SortedMap<ServerId, ServerId>,
    account: Account,
}

impl<'a> Race<'a> {
    fn new(contest: &'a Contest, algorithm: Algorithm) -> Race<'a> {
        let account = Account {
            algorithm,
            steps: Vec::new(),
            messages: 0,
            bytes: 0,
            lost: 0,
            rounds: 0,
            decided: None,
            settled: None,
            winner: None,
            better: None,
        };
        let mut race = Race {
            contest,
            bodies: SortedMap::new(),
            agenda: BTreeMap::new(),
            serial: 0,
            rng: Rng::seeded(contest.seed),
            now: Time(0),
            newest: SortedMap::new(),
            waiting: SortedMap::new(),
            elected: SortedMap::new(),
            account,
        };
        for entrant in race.entrants() {
            if let Some(starts_ms) = entrant.starts_ms {
                race.plan(Time::from_ms(starts_ms), Event::Start(entrant.id));
            }
        }
        race
    }

    fn entrants(&self) -> impl Iterator<Item = &'a Entrant> + use<'a> {
        self.contest.entrants.iter().take(Contest::MOST)
    }

    fn plan(&mut self, at: Time, event: Event) {
        self.serial += 1;
        self.agenda.insert((at, self.serial), event);
    }

    fn run(&mut self) {
        while self.account.settled.is_none() && self.account.steps.len() < MOST_STEPS {
            let due = self.bodies.iter().filter_map(|(id, it)| Some((it.next_deadline()?, *id)));
            let (due, next) = (due.min(), self.agenda.keys().next().copied());
            let (Some(when), arrives) = (match (next, due) {
                (Some((at, _)), Some((due, _))) => (Some(at.min(due)), at <= due),
                (Some((at, _)), None) => (Some(at), true),
                (None, due) => (due.map(|(due, _)| due), false),
            }) else {
                return;
            };
            if when > LONGEST {
                return;
            }
            self.now = self.now.max(when);
            if arrives {
                self.happen();
            } else if let Some((_, id)) = due {
                self.act(id, |body, now| body.deadline(now));
            }
        }
    }

    fn happen(&mut self) {
        let Some((_, event)) = self.agenda.pop_first() else { return };
        match event {
            Event::Start(id) => self.start(id),
            Event::Arrival { from, to, message } => {
                self.act(to, |body, now| body.receive(now, from, &message));
            }
        }
    }

    fn start(&mut self, id: ServerId) {
        let Some(entrant) = self.entrants().find(|entrant| entrant.id == id) else { return };
        let body = Body::new(self.account.algorithm, entrant, self.contest);
        self.bodies.insert(id, body);
        self.note(id, StepEvent::Starts);
        self.act(id, Body::start);
        // Whoever had something to tell it connects anew.
        let senders = self.waiting.range((id, ServerId::NOBODY)..).map(|(pair, _)| *pair);
        let pairs: Vec<_> = senders.take_while(|(to, _)| *to == id).collect();
        for pair in pairs {
            if let Some(message) = self.waiting.remove(&pair) {
                self.send(pair.1, id, message);
            }
        }
    }

    fn act(&mut self, id: ServerId, act: impl FnOnce(&mut Body, Time) -> Outcome) {
        let Some(body) = self.bodies.get_mut(&id) else { return };
        let outcome = act(body, self.now);
        for event in outcome.events {
            self.note(id, event);
        }
        for (to, message) in outcome.sends {
            self.send(id, to, message);
        }
    }

    fn send(&mut self, from: ServerId, to: ServerId, message: Message) {
        if from == to {
            self.plan(self.now, Event::Arrival { from, to, message });
            return;
        }
        if message.is_connected() && !self.is_up(to, self.now) {
            self.waiting.insert((to, from), message);
            return;
        }
        let (shortest, longest) = self.contest.latency_us;
        let mut at = self.now + self.rng.between(shortest, longest);
        let mut arrives = self.is_up(to, at);
        if message.is_connected() {
            let newest = self.newest.entry((from, to)).or_default();
            at = at.max(*newest + 1);
            *newest = at;
        } else {
            arrives &= self.rng.below(1000) >= self.contest.loss_permille;
        }
        let (name, bytes) = (message.name(), message.length());
        self.account.messages += 1;
        self.account.bytes += bytes as u64;
        self.account.lost += u64::from(!arrives);
        self.note(from, StepEvent::Sends { to, name, bytes, arrives: arrives.then_some(at) });
        if arrives {
            self.plan(at, Event::Arrival { from, to, message });
        }
    }

    /// Whether a server has started by then: who starts stays up.
    fn is_up(&self, id: ServerId, by: Time) -> bool {
        let starts = self.entrants().find(|entrant| entrant.id == id).and_then(|it| it.starts_ms);
        starts.is_some_and(|starts_ms| Time::from_ms(starts_ms) <= by)
    }

    fn note(&mut self, server: ServerId, event: StepEvent) {
        if let StepEvent::Round(round) = event {
            self.account.rounds = self.account.rounds.max(round);
        }
        self.account.steps.push(Step { at: self.now, server, event });
        if let StepEvent::Elected(leader) = event {
            self.elected.insert(server, leader);
            self.judge(leader);
        }
    }

    /// Somebody has decided for `leader`: is that the end of it?
    fn judge(&mut self, leader: ServerId) {
        let with_it = self.elected.values().filter(|it| **it == leader).count();
        let leads = self.elected.get(&leader) == Some(&leader);
        if self.account.winner.is_none() && leads && with_it > self.entrants().count() / 2 {
            self.account.winner = Some(leader);
            self.account.decided = Some(self.now);
            self.account.better = self.better_than(leader);
        }
        let running = self.entrants().filter(|entrant| entrant.starts_ms.is_some()).count();
        if self.elected.len() == running {
            self.account.settled = Some(self.now);
        }
    }

    fn better_than(&self, winner: ServerId) -> Option<ServerId> {
        let epoch = self.entrants().find(|entrant| entrant.id == winner)?.epoch;
        let newer = |entrant: &&Entrant| entrant.starts_ms.is_some() && entrant.epoch > epoch;
        self.entrants().filter(newer).map(|entrant| entrant.id).next()
    }
}
