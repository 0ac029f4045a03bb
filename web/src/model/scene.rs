//! The scene: everything the stage shows at one moment, folded from frames.
//!
//! Invariants:
//! 1. A scene is a function of the frames before the playhead and of nothing else, so that it can
//!    be drawn of a recording or of a live ensemble as well.
//! 2. A server's `status` is the fold of its decisions, which `PeerStatus` promises to be exact.
//!
//! What stands outside of every server (clients, cuts, stalled disks) is in `outside.rs`.

mod flights;
mod server;

use std::collections::VecDeque;
use std::rc::Rc;

use vivarium_protocol::base::{Epoch, Gather, ServerId, SortedMap, SortedSet, Time, Zxid};
use vivarium_protocol::message::{Channel, PeerState, Vote};
use vivarium_protocol::trace::{
    BootPart, Cause, Comparison, Decision, Frame, LearnerPhase, MessageId, PeerStatus, SyncMode,
    SyncRule, TraceEvent, Travel, TravelFate, Verdict,
};

pub use flights::Flights;

/// How long a lost message stays on the stage, in microseconds.
pub const LOST_LINGERS: u64 = 120_000;
/// How long an arrived message fades, in microseconds.
pub const DOCK_LINGERS: u64 = 60_000;
/// How many votes of the present round an inspector may list.
const VERDICTS_KEPT: usize = 24;

/// How many states of a server's main loop are remembered.
pub const MOVES_KEPT: usize = 5;

/// One transaction in a server's log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its place in the order.
    pub zxid: Zxid,
    /// What it does; empty if it was there before the run was watched.
    pub summary: Rc<str>,
}

/// How one cell of a log is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CellState {
    /// Decided: it can never be taken back.
    Committed,
    /// On this log only, so far.
    Logged,
    /// The leader has it and is sending it.
    Missing,
    /// The leader has told this server to cut it off.
    ToBeCut,
}

/// A vote that was received, and what was made of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// When.
    pub at: Time,
    /// The sender.
    pub from: ServerId,
    /// The sender's state.
    pub state: PeerState,
    /// The vote.
    pub vote: Vote,
    /// The sender's round.
    pub round: i64,
    /// What was made of it.
    pub verdict: Verdict,
    /// The receiver's own proposal then, and what decides between the two.
    pub against: Option<(Vote, Comparison)>,
}

/// A value that the plate or the inspector marks as just changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// LOOKING, FOLLOWING …
    Role,
    /// ELECTION …
    Phase,
    /// `logicalclock`.
    Round,
    /// The vote.
    Vote,
    /// `acceptedEpoch`.
    AcceptedEpoch,
    /// `currentEpoch`.
    CurrentEpoch,
    /// The end of the log.
    LastLogged,
    /// The end of what is decided.
    LastCommitted,
    /// The quorum that is counted.
    Quorum,
    /// Whether clients are answered.
    Serving,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerView {
    /// Its id.
    pub id: ServerId,
    /// Whether it takes part as an observer.
    pub observer: bool,
    /// Whether it may vote: so say the newest members that are in force anywhere.
    pub votes: bool,
    /// Whether its process runs.
    pub up: bool,
    /// Since when it has been up or down.
    pub since: Time,
    /// What its decisions add up to.
    pub status: PeerStatus,
    /// Its log beyond `base`.
    pub log: Vec<Entry>,
    /// The snapshot that the log stands on; zero for none.
    pub base: Zxid,
    /// What its leader last had it cut off, until it looks for a leader again.
    pub cut_off: Vec<Zxid>,
    /// Votes received in this round, oldest first.
    pub judgements: VecDeque<Judgement>,
    /// What changed last, when, and its former value as text.
    pub changed: SortedMap<Field, (Time, String)>,
    /// How the leader means to bring this learner up to date, until that is done.
    pub plan: Option<Plan>,
    /// The last step in which it decided something.
    pub last_step: Option<u64>,
    /// What its process registered since it started, in order.
    pub boot: Vec<BootPart>,
    /// Connections that its process holds: which, and with whom.
    pub links: Rc<SortedSet<(Channel, ServerId)>>,
    /// How often it has set its half tick since it took its role.
    pub half_ticks: u64,
    /// Its states since the process started, oldest first, at most [`MOVES_KEPT`].
    pub moves: Vec<(Time, PeerState)>,
}

/// A leader's plan for one learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Who planned it.
    pub leader: ServerId,
    /// DIFF, TRUNC or SNAP.
    pub mode: SyncMode,
    /// Where to cut, or what to reach.
    pub zxid: Zxid,
    /// Whether the learner's log has been cut, where it had to be.
    pub cut_done: bool,
    /// The learner's last zxid when the leader chose.
    pub learner_zxid: Zxid,
    /// What the leader could send then: minCommittedLog and maxCommittedLog.
    pub window: (Zxid, Zxid),
    /// The rule that chose.
    pub rule: SyncRule,
}

/// A message that is on its way, or has just ceased to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlightView {
    /// Its name, kind and one line of words.
    pub travel: Rc<Travel>,
    /// When it left.
    pub sent: Time,
    /// When it arrives, or would have.
    pub arrives: Time,
    /// When it was lost, if it was.
    pub lost: Option<Time>,
    /// When it arrived, if it has.
    pub arrived: Option<Time>,
    /// The step that sent it.
    pub step: u64,
}

/// Everything on the stage at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scene {
    /// The time of the last frame.
    pub at: Time,
    /// How many frames were folded.
    pub frames: usize,
    /// The servers, by id. A copy of the scene shares those that have not changed since.
    pub servers: SortedMap<ServerId, Rc<ServerView>>,
    /// Messages on their way, and those that linger.
    pub flights: Flights,
    /// Who led each epoch: an entry wears its leader's hue.
    pub leaders: SortedMap<Epoch, ServerId>,
    /// Every transaction that somebody knows to be decided.
    pub committed: SortedSet<Zxid>,
    /// The version of the newest members that are in force anywhere; zero before any are told.
    pub members: Zxid,
    /// When those that linger are to be forgotten, the next first.
    ending: VecDeque<(Time, MessageId)>,
}

impl FlightView {
    /// When there is nothing left to draw of it; `None` while it is under way.
    fn ends(&self) -> Option<Time> {
        match (self.lost, self.arrived) {
            (Some(lost), _) => Some(lost.max(self.sent + 40_000) + LOST_LINGERS),
            (None, Some(arrived)) => Some(arrived + DOCK_LINGERS),
            (None, None) => None,
        }
    }
}

impl Scene {
    /// A scene before anything happened: servers that do not run yet.
    #[must_use]
    pub fn new(members: impl IntoIterator<Item = (ServerId, bool)>) -> Scene {
        let new = |(id, observer)| (id, Rc::new(ServerView::new(id, observer)));
        let servers = members.into_iter().map(new);
        Scene { servers: servers.gather(), ..Scene::default() }
    }

    /// Takes one frame into account.
    pub fn fold(&mut self, frame: &Frame) {
        self.at = frame.at;
        self.frames += 1;
        self.forget_landed();
        if let Some(id) = frame.peer {
            self.fold_cause(id, frame);
        }
        for event in &frame.events {
            match event {
                TraceEvent::Travelled(travel) => self.fold_travel(frame, travel),
                TraceEvent::Decided(decision) => {
                    if let Some(id) = frame.peer {
                        self.fold_decision(id, frame, decision);
                    }
                    self.fold_members(decision);
                }
            }
        }
    }

    /// The server as this scene's own, to be changed.
    fn server_mut(&mut self, id: ServerId) -> Option<&mut ServerView> {
        self.servers.get_mut(&id).map(Rc::make_mut)
    }

    fn fold_cause(&mut self, id: ServerId, frame: &Frame) {
        let changes = matches!(
            frame.cause,
            Cause::Started | Cause::Crashed | Cause::LinkUp { .. } | Cause::LinkDown { .. }
        );
        // Taking a server to be changed copies it if a snapshot shares it.
        let Some(server) = self.servers.get_mut(&id).filter(|_| changes).map(Rc::make_mut) else {
            return;
        };
        match frame.cause {
            Cause::Started => {
                server.up = true;
                server.since = frame.at;
                server.forget_process();
            }
            Cause::Crashed => {
                server.up = false;
                server.since = frame.at;
                server.plan = None;
                server.judgements.clear();
                server.forget_process();
            }
            Cause::LinkUp { peer, channel } => {
                Rc::make_mut(&mut server.links).insert((channel, peer));
            }
            Cause::LinkDown { peer, channel } => {
                Rc::make_mut(&mut server.links).remove(&(channel, peer));
            }
            Cause::Received(_)
            | Cause::Deadline { .. }
            | Cause::Durable
            | Cause::Applied
            | Cause::Client { .. }
            | Cause::Command { .. } => {}
        }
    }

    /// The newest members count for everybody, as for who has yet to hear of them.
    fn fold_members(&mut self, decision: &Decision) {
        let Decision::MembersChanged { version, in_force: true, voters } = decision else { return };
        if *version <= self.members {
            return;
        }
        self.members = *version;
        for (id, server) in self.servers.iter_mut() {
            let votes = voters.contains(id);
            if server.votes != votes {
                Rc::make_mut(server).votes = votes;
            }
        }
    }

    fn fold_decision(&mut self, id: ServerId, frame: &Frame, decision: &Decision) {
        // Not `server_mut`: what is committed is noted beside the server.
        let Some(server) = self.servers.get_mut(&id).map(Rc::make_mut) else { return };
        let committed = server.status.last_committed;
        server.fold(frame, decision);
        match decision {
            Decision::AcceptedEpoch { epoch } | Decision::Established { epoch } => {
                if server.status.role == PeerState::Leading {
                    self.leaders.insert(*epoch, id);
                }
            }
            Decision::Committed { zxid, .. } => {
                // What it knew before has been taken into account before.
                let newest = server.log.iter().rev().map(|entry| entry.zxid);
                let news = newest.take_while(|entry| *entry > committed);
                self.committed.extend(news.filter(|entry| entry <= zxid));
            }
            Decision::SyncPlanned { learner, learner_zxid, window, mode, zxid, rule, .. } => {
                let (learner_zxid, window, rule) = (*learner_zxid, *window, *rule);
                let (leader, mode, zxid) = (id, *mode, *zxid);
                let plan = Plan { leader, mode, zxid, cut_done: false, learner_zxid, window, rule };
                if let Some(learner) = self.server_mut(*learner) {
                    learner.plan = Some(plan);
                }
            }
            Decision::Learner { learner, phase } => {
                let over = matches!(phase, Some(LearnerPhase::UpToDate) | None);
                if let Some(learner) = self.server_mut(*learner).filter(|_| over) {
                    learner.plan = None;
                }
            }
            // What an earlier leader had planned for this server is over with the role.
            Decision::RoleChanged { .. } => server.plan = None,
            Decision::Registered { .. }
            | Decision::MembersChanged { .. }
            | Decision::Started { .. }
            | Decision::PhaseChanged { .. }
            | Decision::RoundEntered { .. }
            | Decision::Proposes { .. }
            | Decision::Judged { .. }
            | Decision::Resent { .. }
            | Decision::Elected { .. }
            | Decision::VoteRenewed { .. }
            | Decision::Quorum { .. }
            | Decision::CurrentEpoch { .. }
            | Decision::SyncStarted { .. }
            | Decision::Truncated { .. }
            | Decision::Installed { .. }
            | Decision::Logged { .. }
            | Decision::Durable { .. }
            | Decision::Proposed { .. }
            | Decision::Acked { .. }
            | Decision::Serving { .. }
            | Decision::ReadOnly { .. }
            | Decision::TimerSet { .. }
            | Decision::SessionExpired { .. }
            | Decision::Hung { .. }
            | Decision::Halted { .. } => {}
        }
    }

    fn fold_travel(&mut self, frame: &Frame, travel: &Travel) {
        match &travel.fate {
            TravelFate::Sent { arrives } => {
                let flight = FlightView {
                    travel: Rc::new(travel.clone()),
                    sent: frame.at,
                    arrives: arrives.unwrap_or(frame.at),
                    lost: None,
                    arrived: None,
                    step: frame.step,
                };
                self.flights.insert(travel.id, flight);
            }
            TravelFate::Arrived => {
                if let Some(flight) = self.flights.get_mut(&travel.id) {
                    flight.arrived = Some(frame.at);
                    // A held message, and one for a paused server, arrives later than it was to.
                    flight.arrives = frame.at;
                    let ends = flight.ends();
                    self.note_end(ends, travel.id);
                }
            }
            TravelFate::Lost => {
                let earlier = self.flights.get(&travel.id).cloned();
                let mut flight = earlier.unwrap_or_else(|| FlightView {
                    travel: Rc::new(travel.clone()),
                    sent: frame.at,
                    arrives: frame.at.after_ms(40),
                    lost: None,
                    arrived: None,
                    step: frame.step,
                });
                flight.lost = Some(frame.at);
                self.note_end(flight.ends(), travel.id);
                self.flights.insert(travel.id, flight);
            }
        }
    }

    /// What lingers is forgotten then; most of it after all that lingers already.
    fn note_end(&mut self, ends: Option<Time>, id: MessageId) {
        if let Some(ends) = ends {
            let place = self.ending.partition_point(|other| *other <= (ends, id));
            self.ending.insert(place, (ends, id));
        }
    }

    /// Takes away what has lingered long enough. Only what has ended is looked at: among a hundred
    /// servers thousands are under way.
    fn forget_landed(&mut self) {
        while let Some((_, id)) = self.ending.front().copied().filter(|(due, _)| *due <= self.at) {
            self.ending.pop_front();
            let over = |flight: &FlightView| flight.ends().is_some_and(|ends| ends <= self.at);
            if self.flights.get(&id).is_some_and(over) {
                self.flights.remove(&id);
            }
        }
    }

    /// The server that leads the newest epoch of those who lead.
    #[must_use]
    pub fn leader(&self) -> Option<&ServerView> {
        let leading = |server: &&ServerView| server.up && server.status.role == PeerState::Leading;
        let servers = self.servers.values().map(Rc::as_ref);
        servers.filter(leading).max_by_key(|server| server.status.accepted_epoch)
    }

    /// How many participants there are.
    #[must_use]
    pub fn voters(&self) -> usize {
        self.servers.values().filter(|server| server.votes).count()
    }

    /// The cells of a server's log, oldest first: its entries, and what its leader is sending.
    #[must_use]
    pub fn cells(&self, server: &ServerView) -> Vec<(Zxid, CellState)> {
        let own = server.log.iter().map(|entry| (entry.zxid, self.cell_state(server, entry.zxid)));
        let missing = self.missing_from(server, Zxid::ZERO);
        own.chain(missing.into_iter().map(|zxid| (zxid, CellState::Missing))).collect()
    }

    /// How an entry of a server's log is drawn.
    #[must_use]
    pub fn cell_state(&self, server: &ServerView, zxid: Zxid) -> CellState {
        let cut = |plan: Plan| plan.mode == SyncMode::Trunc && !plan.cut_done && zxid > plan.zxid;
        if server.plan.is_some_and(cut) {
            CellState::ToBeCut
        } else if self.committed.contains(&zxid) {
            CellState::Committed
        } else {
            CellState::Logged
        }
    }

    /// What its leader has from `first` on, means to send to this server, and has not.
    #[must_use]
    pub fn missing_from(&self, server: &ServerView, first: Zxid) -> Vec<Zxid> {
        let Some(plan) = server.plan else { return Vec::new() };
        let Some(leader) = self.servers.get(&plan.leader) else { return Vec::new() };
        let last = match plan.mode {
            SyncMode::Trunc if !plan.cut_done => plan.zxid,
            SyncMode::Trunc | SyncMode::Diff | SyncMode::Snap => server.status.last_logged,
        };
        let from = leader.log.partition_point(|entry| entry.zxid <= last || entry.zxid < first);
        leader.log[from..].iter().map(|entry| entry.zxid).collect()
    }
}
