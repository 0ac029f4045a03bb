//! Connections as they come and go: who dials whom, what a close loses, who notices when.
//!
//! The election channel follows ZooKeeper's direction rule (docs/protocol.md, Q3.3): the larger id
//! keeps the connection that it opened; a dial by the smaller one is a doorbell. The quorum channel
//! is dialled by the learner, up to five times within initLimit (5.2); only a server that leads
//! listens there.

use crate::agenda::Event;
use crate::network::{Dial, Flight, Side};
use crate::world::World;
use vivarium_protocol::base::{Gather, ServerId, SortedSet, Time};
use vivarium_protocol::message::{Channel, Message, PeerState};

/// `cnxTimeout` of the election channel, milliseconds.
const ELECTION_DIAL_MS: u64 = 5000;
/// Attempts of a learner to reach its leader, and the pause between them in milliseconds.
const LEARNER_ATTEMPTS: u32 = 5;
const LEARNER_PAUSE_MS: u64 = 100;
/// TCP's first pause before a segment is sent again, and before a SYN is, microseconds.
const FIRST_SEGMENT_US: u64 = 200_000;
const FIRST_SYN_US: u64 = 1_000_000;
/// How often a segment is lost at most before it gets through.
const MOST_RESENT: u32 = 10;

impl World {
    /// The core wants a connection.
    pub(crate) fn connect(&mut self, from: ServerId, to: ServerId, channel: Channel) {
        if self.net.ends.contains_key(&(from, to, channel)) {
            return;
        }
        if let Some(dial) = self.net.dials.get_mut(&(from, to, channel)) {
            dial.asked = true;
            return;
        }
        self.dial(from, to, channel, true);
    }

    fn dial(&mut self, from: ServerId, to: ServerId, channel: Channel, asked: bool) {
        let limit_ms = match channel {
            Channel::Election => ELECTION_DIAL_MS,
            Channel::Quorum => self.peers[&from].config.init_limit_ms(),
        };
        let (id, deadline) = (self.net.fresh(), self.now.after_ms(limit_ms));
        let dial = Dial { id, attempts: 0, deadline, asked };
        self.net.dials.insert((from, to, channel), dial);
        self.later(deadline, Event::DialTimeout { from, to, channel, dial: id });
        self.dial_attempt(from, to, channel, id);
    }

    fn dial_attempt(&mut self, from: ServerId, to: ServerId, channel: Channel, id: u64) {
        let Some(dial) = self.net.dials.get_mut(&(from, to, channel)) else { return };
        if dial.id != id {
            return;
        }
        dial.attempts += 1;
        let deadline = dial.deadline;
        if self.peers.contains_key(&to) && !self.faults.is_cut(from, to) {
            let at = self.now + self.latency(from, to) + self.sent_again(from, to, FIRST_SYN_US);
            // A dial that was given up is not sent again.
            if at <= deadline || !self.faults.links.contains_key(&(from, to)) {
                self.later(at, Event::DialArrive { from, to, channel, dial: id });
            }
        }
    }

    /// A dial reaches its target.
    pub(crate) fn on_dial(&mut self, from: ServerId, to: ServerId, channel: Channel, dial: u64) {
        if self.faults.is_cut(from, to) {
            return;
        }
        match (channel, self.peers[&to].server.as_ref().map(|server| server.role())) {
            (Channel::Election, Some(_)) if from > to => {
                self.accept(from, to, channel, dial);
            }
            (Channel::Election, Some(_)) => self.on_doorbell(from, to),
            (Channel::Quorum, Some(PeerState::Leading)) => self.accept(from, to, channel, dial),
            (Channel::Election, None) | (Channel::Quorum, _) => {
                if !self.faults.is_cut(to, from) {
                    let at = self.now + self.latency(to, from);
                    self.later(at, Event::DialRefused { from, to, channel, dial });
                }
            }
        }
    }

    fn accept(&mut self, from: ServerId, to: ServerId, channel: Channel, dial: u64) {
        self.hang_up((to, from, channel));
        let conn = self.net.accept(from, to, channel, self.now);
        if self.faults.is_cut(to, from) {
            self.break_lane(conn, to);
        } else {
            let at = self.arrival(conn, to, from);
            self.later(at, Event::DialAnswer { from, to, channel, dial, conn });
        }
        if channel == Channel::Election {
            self.net.dials.remove(&(to, from, channel));
            self.at_once(Event::LinkUp { owner: to, other: from, channel, conn });
        }
    }

    /// A smaller id rings: what there was is closed, and the larger one dials.
    fn on_doorbell(&mut self, from: ServerId, to: ServerId) {
        self.hang_up((to, from, Channel::Election));
        if !self.net.dials.contains_key(&(to, from, Channel::Election)) {
            self.dial(to, from, Channel::Election, false);
        }
    }

    /// The dialler learns that it was accepted.
    pub(crate) fn on_dial_answer(&mut self, side: Side, dial: u64, conn: u64) {
        let (from, to, channel) = side;
        if self.faults.is_cut(to, from) {
            self.break_lane(conn, to);
            return;
        }
        let waits = self.net.dials.get(&side).is_some_and(|waiting| waiting.id == dial);
        let accepted = self.net.holds((to, from, channel), conn);
        if !waits || !accepted {
            self.send_fin(conn, from, to, channel);
            self.net.conns.remove(&conn);
            return;
        }
        self.net.dials.remove(&side);
        self.hang_up(side);
        if let Some(made) = self.net.conns.get_mut(&conn) {
            made.answered = true;
        }
        self.net.ends.insert(side, crate::network::End { conn, up: false });
        self.at_once(Event::LinkUp { owner: from, other: to, channel, conn });
    }

    /// The dialler is refused: a learner tries again, a voter does not.
    pub(crate) fn on_dial_refused(&mut self, side: Side, dial: u64) {
        let Some(waiting) = self.net.dials.get(&side).filter(|waiting| waiting.id == dial) else {
            return;
        };
        let (from, to, channel) = side;
        let again = self.now.after_ms(LEARNER_PAUSE_MS);
        let tries = channel == Channel::Quorum && waiting.attempts < LEARNER_ATTEMPTS;
        if tries && again < waiting.deadline {
            self.later(again, Event::DialRetry { from, to, channel, dial });
        } else {
            self.give_up(side, dial);
        }
    }

    /// The pause of a learner is over.
    pub(crate) fn on_dial_retry(&mut self, side: Side, dial: u64) {
        self.dial_attempt(side.0, side.1, side.2, dial);
    }

    /// A dial ends without a connection.
    pub(crate) fn give_up(&mut self, side: Side, dial: u64) {
        let Some(waiting) = self.net.dials.get(&side).filter(|waiting| waiting.id == dial) else {
            return;
        };
        let asked = waiting.asked;
        self.net.dials.remove(&side);
        if asked && !self.net.ends.contains_key(&side) {
            self.at_once(Event::LinkDown { owner: side.0, other: side.1, channel: side.2 });
        }
    }

    /// The core closes a connection, or gives up making one.
    pub(crate) fn close(&mut self, side: Side) {
        self.net.dials.remove(&side);
        self.hang_up(side);
    }

    /// Closes one end: its owner hears of it at once, the other end when the news arrives. What is
    /// on its way to the closed end is lost.
    pub(crate) fn hang_up(&mut self, side: Side) {
        let (owner, other, channel) = side;
        let Some(end) = self.net.ends.get(&side).copied() else { return };
        self.lose(|conn, flight| conn == end.conn && flight.id.to == owner);
        self.send_fin(end.conn, owner, other, channel);
        self.net.take_end(side);
        if end.up {
            self.at_once(Event::LinkDown { owner, other, channel });
        }
    }

    /// The news of a close arrives.
    pub(crate) fn on_fin(&mut self, side: Side, conn: u64) {
        if self.net.holds(side, conn) {
            self.hang_up(side);
        }
    }

    /// Tells the other end that this one is closed, behind everything sent before.
    fn send_fin(&mut self, conn: u64, owner: ServerId, other: ServerId, channel: Channel) {
        if !self.faults.is_cut(owner, other) && self.peers.contains_key(&other) {
            let at = self.arrival(conn, owner, other);
            self.later(at, Event::Fin { owner: other, other: owner, channel, conn });
        }
    }

    /// Breaks a connection as a reset does: all that is in flight is lost, both ends notice.
    pub(crate) fn reset(&mut self, conn: u64) {
        let Some(made) = self.net.conns.get(&conn) else { return };
        let (a, b, channel) = (made.dialer, made.acceptor, made.channel);
        self.break_lane(conn, a);
        self.break_lane(conn, b);
        for (owner, other) in [(a, b), (b, a)] {
            let at = self.now + self.latency(other, owner);
            self.later(at, Event::Fin { owner, other, channel, conn });
        }
    }

    /// Sends a message on a link that is up; drops it otherwise.
    pub(crate) fn send(&mut self, from: ServerId, to: ServerId, message: Message) {
        let channel = match message {
            Message::Notification(_) => Channel::Election,
            Message::Packet(_) => Channel::Quorum,
        };
        let Some(end) = self.net.ends.get(&(from, to, channel)).filter(|end| end.up) else {
            return;
        };
        let conn = end.conn;
        self.check_codec(from, &message);
        self.check_word(from, &message);
        let id = self.net.name(from, to, channel);
        self.queue_up(from, to, &message);
        let arrives = self.arrival(conn, from, to);
        let unheard = self.faults.is_cut(from, to);
        if unheard {
            self.break_lane(conn, from);
        }
        let broken = self.net.conns.get_mut(&conn).is_none_or(|made| made.lane(from).broken);
        let lost = broken || self.is_deserted(conn, from, to, channel);
        let flight = Flight { id, sent: self.now, arrives, message, lost };
        self.trace_sent(&flight);
        self.hold_by_rule(&flight);
        self.later(arrives, Event::Arrive { conn, flight: Box::new(flight) });
    }

    /// Whether the other end has been closed, so that nothing sent there will be read.
    fn is_deserted(&self, conn: u64, from: ServerId, to: ServerId, channel: Channel) -> bool {
        let answered = self.net.conns.get(&conn).is_some_and(|made| made.answered);
        answered && !self.net.holds((to, from, channel), conn)
    }

    /// A message that was lost comes to where it would have arrived: if the other end is closed
    /// and can answer, the sender is told.
    pub(crate) fn on_lost_arrival(&mut self, conn: u64, flight: &Flight) {
        let (from, to, channel) = (flight.id.from, flight.id.to, flight.id.channel);
        let heard = !self.faults.is_cut(from, to);
        if heard && self.is_deserted(conn, from, to, channel) {
            self.send_fin(conn, to, from, channel);
        }
    }

    /// Marks messages as lost and traces it. What one of them held up goes on.
    pub(crate) fn lose(&mut self, which: impl Fn(u64, &Flight) -> bool) {
        let mut lost = Vec::new();
        let waiting = self.waiting.values_mut().flatten().filter_map(|(event, _)| event.flight());
        for (conn, flight) in self.agenda.flights_mut().chain(waiting) {
            if !flight.lost && which(conn, flight) {
                flight.lost = true;
                lost.push((conn, flight.clone()));
            }
        }
        self.tally.lost_messages += lost.len() as u64;
        if !lost.is_empty() {
            self.clear_queues();
        }
        for (conn, flight) in lost {
            self.trace_lost(&flight);
            if self.faults.held.remove(&flight.id).is_some() {
                self.go_on((conn, flight.id.from));
            }
        }
    }

    /// A direction loses what is on it, and everything from here on.
    pub(crate) fn break_lane(&mut self, conn: u64, from: ServerId) {
        if let Some(made) = self.net.conns.get_mut(&conn) {
            made.lane(from).broken = true;
        }
        self.lose(|id, flight| id == conn && flight.id.from == from);
    }

    /// When something sent now on a connection arrives: never before what was sent earlier.
    fn arrival(&mut self, conn: u64, from: ServerId, to: ServerId) -> Time {
        let leaves = self.net.busy.get(&(from, to)).map_or(self.now, |busy| self.now.max(*busy));
        let soonest = leaves + self.latency(from, to) + self.sent_again(from, to, FIRST_SEGMENT_US);
        match self.net.conns.get_mut(&conn) {
            Some(made) => {
                let lane = made.lane(from);
                lane.last = lane.last.max(soonest);
                lane.last
            }
            None => soonest,
        }
    }

    /// On a link of little bandwidth a message leaves when all of its bytes have, behind those of
    /// whatever was sent there before, on either channel.
    fn queue_up(&mut self, from: ServerId, to: ServerId, message: &Message) {
        let link = self.faults.links.get(&(from, to));
        if let Some(bandwidth) = link.and_then(|link| link.bandwidth) {
            let bytes = u64::from(crate::check::encoded_length(message));
            let takes = bytes.saturating_mul(1_000_000).div_ceil(bandwidth);
            let busy = self.net.busy.entry((from, to)).or_insert(self.now);
            self.tally.queued += u64::from(*busy > self.now);
            *busy = (*busy).max(self.now) + takes;
        }
    }

    /// What was lost no longer waits in front of what comes: a direction is busy only with what
    /// is still on its way.
    fn clear_queues(&mut self) {
        if self.net.busy.is_empty() {
            return;
        }
        let waiting = self.waiting.values().flatten().map(|(event, _)| event);
        let flights = self.agenda.iter().chain(waiting).filter_map(Event::carries);
        let live: SortedSet<(ServerId, ServerId)> = flights
            .filter(|flight| !flight.lost)
            .map(|flight| (flight.id.from, flight.id.to))
            .gather();
        self.net.busy.retain(|direction, _| live.contains(direction));
    }

    /// Draws a latency, microseconds.
    pub(crate) fn latency(&mut self, from: ServerId, to: ServerId) -> u64 {
        match self.faults.links.get(&(from, to)).and_then(|link| link.delay) {
            Some((least, most)) if least == most => least,
            Some((least, most)) => self.rng.between(least, most),
            None => self.rng.between(self.setup.latency_us.0, self.setup.latency_us.1),
        }
    }

    /// How long TCP takes to get a segment through that may be lost: it sends again after a pause
    /// that doubles. Microseconds; 0 on a link that loses nothing.
    fn sent_again(&mut self, from: ServerId, to: ServerId, first_us: u64) -> u64 {
        let loss = self.faults.links.get(&(from, to)).map_or(0, |link| link.loss);
        let (mut pause, mut waited) = (first_us, 0);
        for _ in 0..MOST_RESENT {
            if loss == 0 || self.rng.below(100) >= u64::from(loss) {
                break;
            }
            waited += pause;
            pause *= 2;
        }
        waited
    }
}
