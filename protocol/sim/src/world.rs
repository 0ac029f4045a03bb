//! The world: peers, network, clients, agenda and generator; one step at a time.
//!
//! A step takes the first item of the agenda that concerns a server, lets the server react, and
//! gives a frame. Items that concern no server (a dial on its way, a reply reaching a client)
//! happen between frames. Everything is a function of the setup and the commands.

use std::sync::Arc;

use vivarium_protocol::Input;
use vivarium_protocol::base::{Ensemble, Gather, Rng, ServerId, SortedMap, Time, Zxid};
use vivarium_protocol::message::{Channel, Message};
use vivarium_protocol::replica::{DataTree, Replica};
use vivarium_protocol::trace::{Cause, Decision, Frame, MessageId, TraceEvent, Travel, TravelFate};

use crate::agenda::{Agenda, Event};
use crate::checkers::Checkers;
use crate::client::VirtualClient;
use crate::command::{Command, CommandError};
use crate::hash::Fnv;
use crate::messages::Waiting;
use crate::network::{Faults, Flight, Network};
use crate::peer::{Peer, Process};
use crate::setup::Setup;
use crate::tally::Tally;

pub use crate::checkers::{Promise, Violation};

/// A whole world. Cloning it clones its future.
#[derive(Clone, Debug)]
pub struct World {
    pub(crate) setup: Arc<Setup>,
    ensemble: Arc<Ensemble>,
    pub(crate) now: Time,
    pub(crate) steps: u64,
    pub(crate) rng: Rng,
    pub(crate) agenda: Agenda,
    pub(crate) net: Network,
    pub(crate) faults: Faults,
    /// What waits behind a held message, that message first: by connection and sender.
    pub(crate) waiting: Waiting,
    /// A message that passes all that waits, held messages included.
    pub(crate) overtaking: Option<MessageId>,
    pub(crate) peers: SortedMap<ServerId, Peer>,
    pub(crate) clients: Vec<VirtualClient>,
    /// The server that the balancer gave the last client to.
    pub(crate) handed_out: Option<ServerId>,
    pub(crate) checkers: Checkers,
    pub(crate) traced: bool,
    pub(crate) tally: Tally,
    /// The step that what is noted on the agenda now belongs to.
    by: Option<u64>,
    /// The step that put the present item there.
    caused_by: Option<u64>,
    events: Vec<TraceEvent>,
    trail: Fnv,
}

impl World {
    /// A world at time 0, before its first step.
    #[must_use]
    pub fn new(setup: &Setup) -> World {
        let ensemble = setup.ensemble();
        let peers = ensemble.members.keys().map(|id| (*id, new_peer(*id, setup, &ensemble)));
        let mut world = World {
            setup: Arc::new(setup.clone()),
            now: Time(0),
            steps: 0,
            rng: Rng::seeded(setup.seed),
            agenda: Agenda::default(),
            net: Network::default(),
            faults: Faults::default(),
            waiting: Waiting::new(),
            overtaking: None,
            peers: peers.gather(),
            clients: Vec::new(),
            handed_out: None,
            checkers: Checkers::new(ensemble.clone()),
            traced: true,
            tally: Tally::default(),
            by: None,
            caused_by: None,
            events: Vec::new(),
            trail: Fnv::default(),
            ensemble,
        };
        world.preload();
        if setup.autostart {
            for id in world.peers.keys().copied().collect::<Vec<_>>() {
                world.at_once(Event::Start(id));
            }
        }
        world
    }

    /// Stops recording decisions and messages: frames are empty and the hash says less, but runs
    /// are faster. For swarms.
    #[must_use]
    pub fn untraced(mut self) -> World {
        self.traced = false;
        self
    }

    /// What it started from.
    #[must_use]
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The members.
    #[must_use]
    pub fn ensemble(&self) -> &Arc<Ensemble> {
        &self.ensemble
    }

    /// Virtual time: that of the last step.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// How many steps have been taken; the next frame has this number.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// When the next thing happens.
    #[must_use]
    pub fn next_at(&self) -> Option<Time> {
        self.agenda.next_at()
    }

    /// Takes one step; `None` if nothing will ever happen again without a command.
    pub fn step(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.take_item()? {
                return Some(frame);
            }
        }
    }

    /// Carries out a command, with all that follows from it at once (a start, a crash).
    ///
    /// # Errors
    /// The command does not fit the world; nothing has changed then.
    pub fn command(&mut self, command: &Command) -> Result<Vec<Frame>, CommandError> {
        let mut frames = vec![self.begin_command(command)?];
        while let Some(frame) = self.step_at_once() {
            frames.push(frame);
        }
        Ok(frames)
    }

    /// Takes a step only if it follows at once from the last one, or from a command.
    pub fn step_at_once(&mut self) -> Option<Frame> {
        while self.agenda.is_urgent() {
            if let Some(frame) = self.take_item()? {
                return Some(frame);
            }
        }
        None
    }

    /// Carries out a command up to its own frame; what follows at once are the next steps.
    ///
    /// # Errors
    /// The command does not fit the world; nothing has changed then.
    pub fn begin_command(&mut self, command: &Command) -> Result<Frame, CommandError> {
        self.by = Some(self.steps);
        self.checkers.at(self.steps, self.now);
        self.carry_out(command)?;
        Ok(self.frame(None, Cause::Command { text: command.to_string() }, None))
    }

    /// Takes the first item; gives its frame, if a server reacted. `None` on an empty agenda.
    fn take_item(&mut self) -> Option<Option<Frame>> {
        let (key, event, by) = self.agenda.pop()?;
        self.now = self.now.max(key.at);
        let Some(event) = self.not_held(event, by) else { return Some(None) };
        let target = event.target().and_then(|id| self.peers.get_mut(&id));
        if let Some(peer) = target.filter(|peer| peer.paused) {
            peer.process.held.push((event, by));
            return Some(None);
        }
        self.by = if event.gives_frame() { Some(self.steps) } else { by };
        self.caused_by = by;
        self.checkers.at(self.steps, self.now);
        let acting = event.target().or(match &event {
            Event::Start(id) | Event::Crash(id, _) => Some(*id),
            _ => None,
        });
        let cause = self.happen(event);
        Some(cause.map(|cause| self.frame(acting, cause, by)))
    }

    fn frame(&mut self, peer: Option<ServerId>, cause: Cause, caused_by: Option<u64>) -> Frame {
        let events = std::mem::take(&mut self.events);
        let frame = Frame { step: self.steps, at: self.now, peer, cause, caused_by, events };
        self.steps += 1;
        self.trail.frame(&frame);
        frame
    }

    /// What an item of the agenda brings about; a cause if it makes a frame.
    fn happen(&mut self, event: Event) -> Option<Cause> {
        match event {
            Event::Start(id) => self.start(id),
            Event::Crash(id, why) => self.crash(id, why),
            Event::Arrive { conn, flight } => self.on_arrive(conn, *flight),
            Event::LinkUp { owner, other, channel, conn } => {
                self.on_link_up(owner, other, channel, conn)
            }
            Event::LinkDown { owner, other, channel } => {
                let input = Input::LinkDown { peer: other, channel };
                self.handle(owner, input).then_some(Cause::LinkDown { peer: other, channel })
            }
            Event::Deadline(id) => self.on_deadline(id),
            Event::Synced(id) => self.on_synced(id),
            Event::Apply(id) => self.on_apply(id),
            Event::Touch(id) => self.on_touch(id),
            Event::ClientHello { server, client, attempt } => {
                self.on_hello(server, client, attempt)
            }
            Event::ClientAsk { server, connection, cxid, op } => {
                self.on_ask(server, connection, cxid, &op)
            }
            Event::ClientWatches { server, connection, op } => {
                self.on_watches(server, connection, *op)
            }
            Event::ClientGone { server, connection } => self.on_gone(server, connection),
            between @ (Event::DialArrive { .. }
            | Event::DialAnswer { .. }
            | Event::DialRefused { .. }
            | Event::DialRetry { .. }
            | Event::DialTimeout { .. }
            | Event::Fin { .. }
            | Event::ClientTold { .. }
            | Event::ClientLost { .. }
            | Event::ClientRetry { .. }) => {
                self.happen_between(between);
                None
            }
        }
    }

    /// Items that concern no core. Those that do are `happen`'s.
    fn happen_between(&mut self, event: Event) {
        match event {
            Event::DialArrive { from, to, channel, dial } => self.on_dial(from, to, channel, dial),
            Event::DialAnswer { from, to, channel, dial, conn } => {
                self.on_dial_answer((from, to, channel), dial, conn);
            }
            Event::DialRefused { from, to, channel, dial } => {
                self.on_dial_refused((from, to, channel), dial);
            }
            Event::DialRetry { from, to, channel, dial } => {
                self.on_dial_retry((from, to, channel), dial);
            }
            Event::DialTimeout { from, to, channel, dial } => {
                self.give_up((from, to, channel), dial);
            }
            Event::Fin { owner, other, channel, conn } => {
                self.on_fin((owner, other, channel), conn);
            }
            Event::ClientTold { client, attempt, told, zxid, connection } => {
                self.on_told(client, attempt, told, zxid, connection);
            }
            Event::ClientLost { client, attempt } => self.on_lost(client, attempt),
            Event::ClientRetry { client, attempt } => self.on_retry(client, attempt),
            Event::Start(_)
            | Event::Crash(..)
            | Event::Arrive { .. }
            | Event::LinkUp { .. }
            | Event::LinkDown { .. }
            | Event::Deadline(_)
            | Event::Synced(_)
            | Event::Apply(_)
            | Event::Touch(_)
            | Event::ClientHello { .. }
            | Event::ClientAsk { .. }
            | Event::ClientWatches { .. }
            | Event::ClientGone { .. } => {}
        }
    }

    fn on_link_up(
        &mut self,
        owner: ServerId,
        other: ServerId,
        channel: Channel,
        conn: u64,
    ) -> Option<Cause> {
        let end = self.net.ends.get_mut(&(owner, other, channel))?;
        if end.conn != conn || end.up {
            return None;
        }
        end.up = true;
        let input = Input::LinkUp { peer: other, channel };
        self.handle(owner, input).then_some(Cause::LinkUp { peer: other, channel })
    }

    /// A message arrives. The first one of a learner names it to its leader.
    fn on_arrive(&mut self, conn: u64, flight: Flight) -> Option<Cause> {
        let (from, to, channel) = (flight.id.from, flight.id.to, flight.id.channel);
        if flight.lost {
            self.on_lost_arrival(conn, &flight);
            return None;
        }
        let end = self.net.ends.get(&(to, from, channel)).copied();
        let Some(end) = end.filter(|end| end.conn == conn) else {
            self.trace_lost(&flight);
            return None;
        };
        if !end.up {
            let up = Event::LinkUp { owner: to, other: from, channel, conn };
            self.agenda.at_once(self.now, up, self.caused_by);
            let again = Event::Arrive { conn, flight: Box::new(flight) };
            self.agenda.at_once(self.now, again, self.caused_by);
            return None;
        }
        let id = flight.id;
        self.trace_arrived(&flight);
        self.handle(to, Input::Received { from, message: flight.message });
        Some(Cause::Received(id))
    }

    /// A leader that no longer leads: those who have connected but not named themselves are cut
    /// off with the listener.
    pub(crate) fn stop_listening(&mut self, id: ServerId) {
        let unnamed = |side: &(ServerId, ServerId, Channel)| {
            side.2 == Channel::Quorum && self.net.ends.get(side).is_some_and(|end| !end.up)
        };
        let sides: Vec<_> = self.net.sides_of(id).into_iter().filter(unnamed).collect();
        for side in sides {
            self.hang_up(side);
        }
    }

    /// Notes something for a moment.
    pub(crate) fn later(&mut self, at: Time, event: Event) {
        self.agenda.at(at, event, self.by);
    }

    /// Notes something that happens next.
    pub(crate) fn at_once(&mut self, event: Event) {
        self.agenda.at_once(self.now, event, self.by);
    }

    pub(crate) fn trace_decisions(&mut self, decisions: Vec<Decision>) {
        self.events.extend(decisions.into_iter().map(TraceEvent::Decided));
    }

    pub(crate) fn trace_sent(&mut self, flight: &Flight) {
        let lost = flight.lost.then_some(TravelFate::Lost);
        if self.traced {
            let mut travel = travel(flight, TravelFate::Sent { arrives: Some(flight.arrives) });
            travel.bytes = Some(crate::check::encoded_length(&flight.message));
            self.events.push(TraceEvent::Travelled(travel));
        }
        lost.into_iter().for_each(|fate| self.trace_travel(flight, fate));
    }

    pub(crate) fn trace_arrived(&mut self, flight: &Flight) {
        self.trace_travel(flight, TravelFate::Arrived);
    }

    pub(crate) fn trace_lost(&mut self, flight: &Flight) {
        self.trace_travel(flight, TravelFate::Lost);
    }

    fn trace_travel(&mut self, flight: &Flight, fate: TravelFate) {
        if self.traced {
            let travel = travel(flight, fate);
            self.events.push(TraceEvent::Travelled(travel));
        }
    }

    /// Every server, by id.
    pub fn peers(&self) -> impl Iterator<Item = &Peer> {
        self.peers.values()
    }

    /// One server.
    #[must_use]
    pub fn peer(&self, id: ServerId) -> Option<&Peer> {
        self.peers.get(&id)
    }

    /// Every message on its way, lost ones until the moment at which they would have arrived.
    #[must_use]
    pub fn flights(&self) -> Vec<Flight> {
        let waiting = self.waiting.values().flatten().map(|(event, _)| event);
        self.agenda.iter().chain(waiting).filter_map(Event::carries).cloned().collect()
    }

    /// Every message that is held, where it would arrive or on its way there.
    pub fn held(&self) -> impl Iterator<Item = &Flight> {
        let waiting = self.waiting.values().flatten().map(|(event, _)| event);
        let flights = self.agenda.iter().chain(waiting).filter_map(Event::carries);
        flights.filter(|flight| self.faults.held.contains_key(&flight.id))
    }

    /// Whether a connection is up for its owner.
    #[must_use]
    pub fn is_linked(&self, owner: ServerId, other: ServerId, channel: Channel) -> bool {
        self.net.ends.get(&(owner, other, channel)).is_some_and(|end| end.up)
    }

    /// Every client, by number.
    #[must_use]
    pub fn clients(&self) -> &[VirtualClient] {
        &self.clients
    }

    /// What is wrong right now.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Promises broken so far, as the checkers saw them.
    #[must_use]
    pub fn violations(&self) -> &[Violation] {
        self.checkers.violations()
    }

    /// What the checkers know: the decided order, acknowledged writes.
    #[must_use]
    pub fn checkers(&self) -> &Checkers {
        &self.checkers
    }

    /// How often what happened so far.
    #[must_use]
    pub fn tally(&self) -> Tally {
        let decided = self.checkers.decided() as u64;
        Tally { decided, steps: self.steps, ..self.tally.clone() }
    }

    /// A fixed hash over all frames so far and the present state; the same natively and as wasm.
    #[must_use]
    pub fn hash(&self) -> u64 {
        let mut hash = self.trail;
        hash.number(self.now.0);
        for peer in self.peers.values() {
            hash.serialise(&peer.status());
            hash.number(peer.replica.last_zxid().0 as u64);
            hash.number(peer.replica.tree().digest());
            for (txn, durable) in peer.disk.entries() {
                hash.number(txn.header.zxid.0 as u64);
                hash.number(u64::from(durable));
            }
        }
        hash.value()
    }
}

fn new_peer(id: ServerId, setup: &Setup, ensemble: &Arc<Ensemble>) -> Peer {
    Peer {
        id,
        config: Arc::new(setup.config(id, ensemble)),
        server: None,
        replica: Replica::new(DataTree::new(), Zxid::ZERO),
        disk: crate::disk::Disk::new(),
        paused: false,
        halted: None,
        last_lost: Vec::new(),
        half_written: None,
        own_file: None,
        next_config: None,
        tearing: None,
        process: Process::new(id, 0),
    }
}

/// What a trace says of a message.
#[must_use]
pub fn travel(flight: &Flight, fate: TravelFate) -> Travel {
    let (packet, notification, zxid, summary) = match &flight.message {
        Message::Notification(n) => {
            let summary = format!("{} votes {} in round {}", n.state.name(), n.vote, n.round);
            (None, Some((n.state, n.vote, n.round)), None, summary)
        }
        Message::Packet(packet) => {
            (Some(packet.kind()), None, packet.zxid(), crate::observe::packet_summary(packet))
        }
    };
    Travel { id: flight.id, packet, notification, zxid, summary, bytes: None, fate }
}
