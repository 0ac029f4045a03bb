//! The one thread that owns the core: inputs in, effects out.
//!
//! Invariants:
//! 1. All that waits is taken at once (up to [`BATCH`] inputs), handled with one `Effects`, and
//!    drained before anything is waited for: network, disk, replica, clients, in that order.
//! 2. This thread never waits for a peer or a client: their queues are bounded, and whoever does
//!    not keep up loses its connection. It may wait for the disk, which never waits for it.
//! 3. Client requests are taken only while the core has room for them: that is the back-pressure
//!    that ends at the clients' sockets.

use crate::disk_thread::{DiskHandle, DiskTrouble, read_log};
use crate::links::{LinkEvent, LinkTable, Outgoing, Synchronization};
use crate::replica::SharedReplica;
use crate::trace_file::{TraceFile, changes_standing};
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};
use tokio::sync::{mpsc, oneshot, watch};
use vivarium_protocol::base::{Config, DiskSeq, Now, ServerId, SessionId, Time, Zxid};
use vivarium_protocol::effects::{Delivery, Halt, NetworkEffect};
use vivarium_protocol::message::{Channel, Message, PeerState};
use vivarium_protocol::trace::{Decision, PeerStatus, Phase};
use vivarium_protocol::{Effects, Input, Server};

/// The most inputs that one batch takes from each mailbox.
pub const BATCH: usize = 512;
/// How many transactions a replay of the log applies at once.
const RELOAD: usize = 1000;
/// How long a server that was told to stop goes on with what its own clients have asked for.
const FAREWELL: Duration = Duration::from_millis(500);
/// How many events of links may wait.
pub const PEER_MAILBOX: usize = 4096;
/// How many requests of clients may wait.
pub const CLIENT_MAILBOX: usize = 2048;

/// What reaches the core loop, its clients apart.
#[derive(Debug)]
pub enum Event {
    /// From a connection to another server.
    Link(LinkEvent),
    /// Somebody wants to know how this server stands.
    Status(oneshot::Sender<PeerStatus>),
    /// Own clients were heard from. This does not wait for room among their requests: a session
    /// must not expire because the disk is slow.
    Touched(Vec<(SessionId, i32)>),
}

/// How this server stands, for whoever must know at once.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Its role.
    pub role: PeerState,
    /// Its phase.
    pub phase: Phase,
    /// Whom it follows, or itself.
    pub leader: Option<ServerId>,
    /// Requests of own clients under way.
    pub outstanding: usize,
    /// Sessions that only this server knows.
    pub local_sessions: usize,
    /// Its configuration; the members in it change at run time.
    pub config: Arc<Config>,
}

impl Overview {
    /// A server that has just started.
    #[must_use]
    pub fn at_start(config: &Arc<Config>) -> Overview {
        let (role, phase) = (PeerState::Looking, Phase::Election);
        let config = Arc::clone(config);
        Overview { role, phase, leader: None, outstanding: 0, local_sessions: 0, config }
    }

    /// Whether both say the same; configurations are compared by identity, since this is asked
    /// after every batch.
    fn is(&self, other: &Overview) -> bool {
        let told =
            |it: &Overview| (it.role, it.phase, it.leader, it.outstanding, it.local_sessions);
        told(self) == told(other) && Arc::ptr_eq(&self.config, &other.config)
    }
}

/// How the loop ended.
#[derive(Debug)]
pub enum Ended {
    /// It was asked to.
    Stopped,
    /// A promise that this server relies on was broken.
    Halted(Halt),
    /// The disk failed.
    Disk(DiskTrouble),
}

/// The mailboxes of the loop.
pub struct Mailboxes {
    /// From links, and questions.
    pub events: mpsc::Receiver<Event>,
    /// From own clients.
    pub clients: mpsc::Receiver<Input>,
    /// From the disk: what survives a crash.
    pub durable: watch::Receiver<DiskSeq>,
    /// From the disk: that it failed.
    pub trouble: oneshot::Receiver<DiskTrouble>,
}

/// The clocks that the core is told.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    origin: Instant,
}

impl Clock {
    /// A clock that begins now.
    #[must_use]
    pub fn start() -> Clock {
        Clock { origin: Instant::now() }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Now {
        let micros = u64::try_from(self.origin.elapsed().as_micros()).unwrap_or(u64::MAX);
        Now { at: Time(micros), wall_ms: wall_ms() }
    }

    fn instant(&self, at: Time) -> tokio::time::Instant {
        tokio::time::Instant::from_std(self.origin + Duration::from_micros(at.0))
    }
}

/// Milliseconds since 1970; 0 for a clock that stands before.
#[must_use]
pub fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

/// The core with all that carries out its effects.
pub struct CoreLoop {
    /// The core.
    pub server: Server,
    /// What it wants done.
    pub effects: Effects,
    /// The clock.
    pub clock: Clock,
    /// The replica.
    pub replica: Arc<SharedReplica>,
    /// Connections to other servers.
    pub links: LinkTable,
    /// The disk thread.
    pub disk: DiskHandle,
    /// Where the overview is published.
    pub overview: watch::Sender<Overview>,
    /// Where decisions are written, if they are.
    pub trace_file: Option<TraceFile>,
}

/// What happened and is not yet handled. Links' events become inputs one at a time, since what
/// follows from one of them may end the link that the next came from.
enum Pending {
    Event(Event),
    Input(Input),
}

impl CoreLoop {
    /// Runs until told to stop, or until it can't go on.
    pub async fn run(mut self, mut from: Mailboxes, mut stop: oneshot::Receiver<()>) -> Ended {
        let mut queue: VecDeque<Pending> = VecDeque::new();
        let mut stopping = None;
        loop {
            if let Some(ended) = self.drain(&mut queue) {
                return ended;
            }
            self.publish();
            if queue.is_empty() {
                if self.has_stopped(stopping) {
                    return Ended::Stopped;
                }
                let waited = self.wait(&mut from, &mut stop, &mut stopping, &mut queue).await;
                if let Some(ended) = waited {
                    return ended;
                }
                self.gather(&mut from, stopping.is_none(), &mut queue);
            }
            self.handle(&mut queue);
        }
    }

    /// Whether the farewell is over: own clients have their answers, or there is no time left. Then
    /// they are hung up on, and so is every server, which thereby knows at once.
    fn has_stopped(&mut self, stopping: Option<tokio::time::Instant>) -> bool {
        let Some(end) = stopping else { return false };
        if self.server.outstanding() > 0 && tokio::time::Instant::now() < end {
            return false;
        }
        self.replica.close_all();
        self.links.close_all();
        self.trace(&[], true);
        true
    }

    /// Waits for the first thing to happen.
    async fn wait(
        &self,
        from: &mut Mailboxes,
        stop: &mut oneshot::Receiver<()>,
        stopping: &mut Option<tokio::time::Instant>,
        queue: &mut VecDeque<Pending>,
    ) -> Option<Ended> {
        let deadline = self.server.next_deadline().map(|(at, _)| self.clock.instant(at));
        let deadline = match *stopping {
            Some(end) => Some(deadline.map_or(end, |at| at.min(end))),
            None => deadline,
        };
        let expired = async {
            match deadline {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        // Who is stopping begins nothing more for clients.
        let room = self.room() > 0 && stopping.is_none();
        tokio::select! {
            biased;
            _ = stop, if stopping.is_none() => {
                *stopping = Some(tokio::time::Instant::now() + FAREWELL);
            }
            Ok(trouble) = &mut from.trouble => return Some(Ended::Disk(trouble)),
            () = expired => {}
            Ok(()) = from.durable.changed() => {
                let upto = *from.durable.borrow_and_update();
                queue.push_back(Pending::Input(Input::Durable { upto }));
            }
            Some(event) = from.events.recv() => queue.push_back(Pending::Event(event)),
            Some(input) = from.clients.recv(), if room => queue.push_back(Pending::Input(input)),
            else => return Some(Ended::Stopped),
        }
        None
    }

    /// Takes what else is there already.
    fn gather(&self, from: &mut Mailboxes, willing: bool, queue: &mut VecDeque<Pending>) {
        if from.durable.has_changed().unwrap_or(false) {
            let upto = *from.durable.borrow_and_update();
            queue.push_back(Pending::Input(Input::Durable { upto }));
        }
        for _ in 0..BATCH {
            let Ok(event) = from.events.try_recv() else { break };
            queue.push_back(Pending::Event(event));
        }
        let room = if willing { BATCH.min(self.room()) } else { 0 };
        for _ in 0..room {
            let Ok(input) = from.clients.try_recv() else { break };
            queue.push_back(Pending::Input(input));
        }
    }

    /// How many more requests of clients the core may have under way.
    fn room(&self) -> usize {
        self.server.config().outstanding_limit.saturating_sub(self.server.outstanding())
    }

    /// Handles what waits, up to the first effect that makes or ends a connection: that must be
    /// carried out before the next event of a link is looked at.
    fn handle(&mut self, queue: &mut VecDeque<Pending>) {
        let replica = self.replica.look();
        while let Some(pending) = queue.pop_front() {
            let input = match pending {
                Pending::Input(input) => Some(input),
                Pending::Event(Event::Link(event)) => {
                    let (input, again) = self.links.on_event(event);
                    if let Some(event) = again {
                        queue.push_front(Pending::Event(Event::Link(event)));
                    }
                    input
                }
                Pending::Event(Event::Status(answer)) => {
                    // Whoever asked may be gone by now.
                    drop(answer.send(self.server.status()));
                    None
                }
                Pending::Event(Event::Touched(sessions)) => Some(Input::Touched(sessions)),
            };
            let Some(input) = input else { continue };
            let mark = self.effects.network.len();
            let now = self.clock.now();
            self.server.handle(now, input, replica.tree(), &mut self.effects);
            if self.effects.network[mark..].iter().any(changes_links) {
                return;
            }
        }
        let now = self.clock.now();
        if self.server.next_deadline().is_some_and(|(at, _)| at <= now.at) {
            self.server.handle(now, Input::Deadline, replica.tree(), &mut self.effects);
        }
    }

    /// Carries out what the core wants; what follows from it at once goes to the front of the
    /// queue.
    fn drain(&mut self, queue: &mut VecDeque<Pending>) -> Option<Ended> {
        let mut effects = std::mem::take(&mut self.effects);
        let mut follow = Vec::new();
        for effect in effects.network.drain(..) {
            self.network(effect, &mut follow);
        }
        for (seq, effect) in effects.disk.drain(..) {
            if let Err(trouble) = self.disk.write(seq, effect) {
                return Some(Ended::Disk(trouble));
            }
        }
        if let Err(trouble) = self.apply(&effects.apply, &mut follow) {
            return Some(Ended::Disk(trouble));
        }
        effects.apply.clear();
        for effect in effects.client.drain(..) {
            self.replica.tell(effect);
        }
        let decisions = effects.trace.take();
        self.trace(&decisions, decisions.iter().any(changes_standing));
        for decision in decisions {
            if let Decision::PhaseChanged { phase } = decision {
                self.overview.send_modify(|overview| overview.phase = phase);
            }
            log(&decision);
        }
        let halt = effects.halt.take();
        self.effects = effects;
        let leading = self.server.role() == PeerState::Leading;
        self.links.accept_learners(leading && !self.server.config().standalone);
        for input in follow.into_iter().rev() {
            queue.push_front(Pending::Input(input));
        }
        halt.map(Ended::Halted)
    }

    /// Adds to the trace, where one is kept. A trace that can't be written is given up, not the
    /// server.
    fn trace(&mut self, decisions: &[Decision], standing: bool) {
        let at = self.clock.now().at;
        let Some(file) = &mut self.trace_file else { return };
        if decisions.is_empty() && !standing {
            return;
        }
        let status = standing.then(|| self.server.status());
        if let Err(error) = file.add(at, decisions, status) {
            tracing::error!("the trace can't be written, it ends here: {error}");
            self.trace_file = None;
        }
    }

    fn network(&mut self, effect: NetworkEffect, follow: &mut Vec<Input>) {
        match effect {
            NetworkEffect::Connect { peer, channel } => self.links.connect(peer, channel, follow),
            NetworkEffect::Send { to, message } => {
                let channel = match &message {
                    Message::Notification(_) => Channel::Election,
                    Message::Packet(_) => Channel::Quorum,
                };
                self.links.send(to, channel, Outgoing::Message(message), follow);
            }
            NetworkEffect::Synchronize { to, plan } => {
                let replica = self.replica.look();
                let (tree, zxid) = (replica.tree().clone(), replica.last_zxid());
                let log = self.disk.log();
                let sync = Box::new(Synchronization { plan, tree, zxid, log });
                self.links.send(to, Channel::Quorum, Outgoing::Synchronize(sync), follow);
            }
            NetworkEffect::Close { peer, channel } => self.links.close(peer, channel, follow),
            NetworkEffect::Configure(config) => self.links.configure(&config, follow),
        }
    }

    /// Applies deliveries in order; a `Reload` reads the log between those around it.
    fn apply(&self, deliveries: &[Delivery], follow: &mut Vec<Input>) -> Result<(), DiskTrouble> {
        if deliveries.is_empty() {
            return Ok(());
        }
        for part in deliveries.chunk_by(|a, b| !is_reload(a) && !is_reload(b)) {
            match part {
                [Delivery::Reload { upto }] => self.reload(*upto)?,
                part => {
                    self.replica.deliver(part);
                }
            }
        }
        let upto = self.replica.look().last_zxid();
        follow.push(Input::Applied { upto });
        Ok(())
    }

    fn reload(&self, upto: Zxid) -> Result<(), DiskTrouble> {
        self.disk.written()?;
        let log = self.disk.log();
        loop {
            let after = self.replica.look().last_zxid();
            if after >= upto {
                return Ok(());
            }
            let txns = read_log(&log, after, upto, RELOAD)?;
            if txns.is_empty() {
                // The history may end below `upto` (a snapshot's zxid, or an epoch's start).
                return Ok(());
            }
            self.replica.replay(&txns);
        }
    }

    fn publish(&self) {
        let outstanding = self.server.outstanding();
        let (role, leader) = (self.server.role(), self.server.leader());
        let phase = self.overview.borrow().phase;
        let local_sessions = self.server.local_sessions();
        let config = Arc::clone(self.server.config());
        let overview = Overview { role, phase, leader, outstanding, local_sessions, config };
        self.overview.send_if_modified(|it| {
            let changed = !it.is(&overview);
            *it = overview;
            changed
        });
    }
}

fn changes_links(effect: &NetworkEffect) -> bool {
    matches!(effect, NetworkEffect::Connect { .. } | NetworkEffect::Close { .. })
}

fn is_reload(delivery: &Delivery) -> bool {
    matches!(delivery, Delivery::Reload { .. })
}

/// The decisions that an operator wants to read, in ZooKeeper's words; the rest at debug level.
fn log(decision: &Decision) {
    match decision {
        Decision::RoleChanged { role, leader: Some(leader), why } => {
            tracing::info!("{}, leader is server {leader} ({why:?})", role.name());
        }
        Decision::RoleChanged { role, leader: None, why } => {
            tracing::info!("{} ({why:?})", role.name());
        }
        Decision::PhaseChanged { phase } => tracing::info!("phase {}", phase.name()),
        Decision::Elected { vote, round, .. } => {
            tracing::info!("election round {round} chose {vote} (leader, zxid, epoch)");
        }
        Decision::MembersChanged { version, in_force, voters } => {
            let stand = if *in_force { "in force" } else { "proposed" };
            let voters: Vec<String> = voters.iter().map(ToString::to_string).collect();
            tracing::info!("members {version} {stand}: {} vote", voters.join(", "));
        }
        Decision::Established { epoch } => tracing::info!("epoch {epoch} stands"),
        Decision::Serving { serving: true } => tracing::info!("serving clients"),
        Decision::Serving { serving: false } => tracing::info!("not serving clients"),
        Decision::ReadOnly { serving: true } => tracing::info!("serving readers, read-only"),
        Decision::ReadOnly { serving: false } => tracing::info!("not serving readers"),
        Decision::SyncPlanned { learner, mode, zxid, count, .. } => tracing::info!(
            "server {learner} is brought up to date by {mode:?} {zxid} and {count} transactions"
        ),
        Decision::SyncStarted { mode, zxid } => {
            tracing::info!("the leader brings this server up to date by {mode:?} {zxid}");
        }
        Decision::Hung { peer, channel, why } => {
            tracing::info!("hanging up on server {peer} ({channel:?}): {why}");
        }
        Decision::SessionExpired { session } => tracing::info!("session {session} expired"),
        Decision::Halted { why } => tracing::error!("{why}"),
        other => tracing::debug!("{other:?}"),
    }
}
