//! Draws the steps of a run from its seed.
//!
//! Invariant: the next step depends on nothing but the seed and on what both servers agreed on so
//! far. So a seed means the same run, as long as the servers agree.

mod asks;
mod hints;
mod parts;

use super::request::Request;
use super::seen::{Seen, Session};
use super::step::{Hello, Resume, Slot, Step};
use hints::Hints;
use vivarium_protocol::base::Rng;

/// How many clients there are.
pub const SLOTS: usize = 4;
/// The most requests that are sent without waiting.
const BURST: u64 = 24;

/// What the generator draws from.
#[derive(Debug)]
pub struct Generator {
    rng: Rng,
    hints: Hints,
    clients: [Client; SLOTS],
    /// Whether the other server is older than 3.9: some requests then have no comparable answer.
    before_3_9: bool,
    /// Requests that open the tree, in front of everything random.
    prologue: Vec<Request>,
}

/// What is known of a client.
#[derive(Clone, Copy, Debug, Default)]
struct Client {
    connected: bool,
    session: Option<usize>,
    last_xid: i32,
}

impl Generator {
    /// A generator whose whole future is this seed, as long as the servers agree.
    #[must_use]
    pub fn new(seed: u64, before_3_9: bool) -> Generator {
        let rng = Rng::seeded(seed);
        let clients = [Client::default(); SLOTS];
        let prologue = parts::prologue();
        Generator { rng, hints: Hints::default(), clients, before_3_9, prologue }
    }

    /// The next step.
    pub fn step(&mut self) -> Step {
        let lost = self.clients.iter().position(|client| !client.connected);
        if let Some(slot) = lost.filter(|_| self.rng.below(4) > 0) {
            return self.connect(slot);
        }
        if !self.prologue.is_empty() && self.clients[0].connected {
            let requests = std::mem::take(&mut self.prologue);
            return self.burst(0, requests);
        }
        let slot = self.slot();
        if !self.clients[slot].connected {
            return self.connect(slot);
        }
        match self.rng.below(100) {
            0 | 1 => self.drop_connection(slot),
            2 => Step::Noise { slot, bytes: self.noise() },
            3 | 4 => self.connect(slot),
            5 => self.burst(slot, vec![Request::bare(-11)]),
            _ => {
                let length = 1 + self.rng.below(BURST);
                let requests = (0..length).map(|_| self.ask(slot)).collect();
                self.burst(slot, requests)
            }
        }
    }

    /// Takes what both servers agreed on.
    pub fn learn(&mut self, step: &Step, seen: &[Vec<Seen>]) {
        for (client, seen) in self.clients.iter_mut().zip(seen) {
            let lost = seen.contains(&Seen::Closed);
            client.connected &= !lost;
        }
        let slot = step.slot();
        let own = &mut self.clients[slot];
        match step {
            Step::Connect { .. } => {
                if let Some(Seen::Connected { session, .. }) = seen[slot].first() {
                    own.session = match session {
                        Session::Nth(nth) => Some(*nth),
                        Session::None | Session::Odd(_) => None,
                    };
                    own.connected = own.session.is_some();
                }
            }
            Step::Drop { .. } => own.connected = false,
            Step::Burst { .. } | Step::Noise { .. } => {}
        }
        let session = own.session;
        for what in &seen[slot] {
            let Seen::Reply { xid, zxid, err, body } = what else { continue };
            let Some(request) = step.request(*xid) else { continue };
            self.hints.learn(session, request, *zxid, *err, body);
            if request.opcode == -11 {
                self.clients[slot].session = None;
            }
        }
    }

    fn slot(&mut self) -> Slot {
        usize::try_from(self.rng.below(4)).expect("it is small")
    }

    fn burst(&mut self, slot: Slot, mut requests: Vec<Request>) -> Step {
        // Nothing is sent behind a request that may end the connection; and nothing before one
        // whose answer may overtake others and end it.
        if let Some(last) = requests.iter().position(|request| request.is_last) {
            requests.truncate(last + 1);
            if requests[last].is_alone {
                requests.drain(..last);
            }
        }
        let mut numbered: Vec<(i32, Request)> = Vec::new();
        for request in requests {
            let mut xid = self.xid(slot);
            // An answer that overtakes others is told from them by its number.
            if numbered.iter().any(|(used, _)| *used == xid) {
                xid = self.clients[slot].last_xid;
            }
            numbered.push((xid, request));
        }
        Step::Burst { slot, requests: numbered }
    }

    /// Mostly the next number; a server takes any, but -1 and -2 mean something in replies.
    fn xid(&mut self, slot: Slot) -> i32 {
        let client = &mut self.clients[slot];
        client.last_xid += 1;
        match self.rng.below(200) {
            0 => 0,
            1 => -8,
            2 => i32::MAX,
            3 => i32::MIN,
            _ => client.last_xid,
        }
    }

    fn drop_connection(&mut self, slot: Slot) -> Step {
        self.clients[slot].connected = false;
        Step::Drop { slot }
    }

    fn connect(&mut self, slot: Slot) -> Step {
        let client = self.clients[slot];
        let resume = match (client.session, self.rng.below(10)) {
            (Some(_), 0..8) => Resume::Own,
            // Beside a live connection of the session a wrong password is answered differently.
            (Some(_), 8) if !client.connected => Resume::WrongPassword,
            (None, 8) => Resume::Unknown,
            (Some(_), _) => Resume::Own,
            (None, _) => Resume::New(self.pick(&[Some(16), Some(16), Some(0), None])),
        };
        let timeout_ms = self.pick(&[200_000, 300_000, i32::MAX, 5, 0, -1]);
        let ahead = self.rng.one_in(20) && !client.connected;
        let read_only = self.pick(&[None, Some(false), Some(false), Some(true)]);
        Step::Connect { slot, hello: Hello { resume, timeout_ms, ahead, read_only } }
    }

    fn noise(&mut self) -> Vec<u8> {
        let length = self.pick(&[-1, i32::MIN, i32::MAX, 0x10_0000, 0, 3, 7]);
        let mut bytes = length.to_be_bytes().to_vec();
        if (0..8).contains(&length) {
            bytes.extend(vec![0; usize::try_from(length).expect("it is small")]);
        }
        bytes
    }

    fn pick<T: Clone>(&mut self, choices: &[T]) -> T {
        let count = u64::try_from(choices.len()).expect("it is a count");
        let at = usize::try_from(self.rng.below(count)).expect("it is below a count");
        choices[at].clone()
    }
}
