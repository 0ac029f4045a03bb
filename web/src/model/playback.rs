//! The playhead over a timeline: play, step, seek, run until; and the scene where it stands.
//!
//! Invariants:
//! 1. The scene is the fold of exactly the frames behind the playhead.
//! 2. The chronicle holds exactly the frames that are recorded.
//! 3. The playhead's time is never before the last frame behind it, nor beyond the next one.

use std::collections::BTreeMap;
use std::rc::Rc;

use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::{Cause, Decision, Frame, QuorumKind, SyncMode, TraceEvent};
use vivarium_sim::client::ClientState;
use vivarium_sim::{ClientAct, Command, CommandError, Run, Setup, Timeline};

use super::chronicle::Chronicle;
use super::flight::micros;
use super::scene::Scene;

/// Frames between two kept scenes.
const SPACING: usize = 128;
/// The most steps that one request may run on, so that a page never hangs.
const FARTHEST: u64 = 10_000;
/// Playing up to something takes at most this long, in milliseconds of real time.
const LONGEST_PLAY_MS: f64 = 8_000.0;
/// How many steps a client may take to connect before its request is refused.
const CLIENT_PATIENCE: usize = 800;
/// The most steps in one picture while playing; the rest follows in the next one.
const PER_PICTURE: usize = 400;

/// What "run until" waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// A server is elected, and knows it.
    Elected,
    /// A leader's epoch stands and it serves.
    Serving,
    /// A leader commits a transaction.
    Commit,
    /// A leader plans how to bring a learner up to date.
    SyncPlanned,
    /// A leader plans to take something away from a learner: TRUNC or SNAP.
    Divergence,
    /// A majority of votes for one candidate is counted somewhere.
    MajorityOfVotes,
    /// A learner registers with a leader.
    Registered,
    /// A majority of promises for a new epoch.
    Promised,
    /// This server serves clients.
    ServerServing(ServerId),
    /// Somebody looks for a leader again.
    Looking,
    /// A server proposes, or switches to, another candidate.
    VoteSwitched,
    /// A follower logs a proposal.
    Logged,
}

impl Until {
    /// Whether `frame` is what it waits for.
    #[must_use]
    pub fn holds(self, frame: &Frame) -> bool {
        frame.events.iter().any(|event| match event {
            TraceEvent::Decided(decision) => self.holds_for(frame.peer, decision),
            TraceEvent::Travelled(_) => false,
        })
    }

    fn holds_for(self, peer: Option<ServerId>, decision: &Decision) -> bool {
        match (self, decision) {
            (Until::Elected, Decision::Elected { vote, .. }) => Some(vote.leader) == peer,
            (Until::Serving, Decision::Established { .. }) => true,
            (Until::Commit, Decision::Committed { by, .. }) => !by.is_empty(),
            (Until::SyncPlanned, Decision::SyncPlanned { .. }) => true,
            (Until::Divergence, Decision::SyncPlanned { mode, .. }) => *mode != SyncMode::Diff,
            (Until::MajorityOfVotes, Decision::Quorum { what, reached, .. }) => {
                *reached && *what == QuorumKind::Votes
            }
            (Until::Registered, Decision::Learner { phase, .. }) => phase.is_some(),
            (Until::Promised, Decision::Quorum { what, reached, .. }) => {
                *reached && *what == QuorumKind::Promised
            }
            (Until::ServerServing(id), Decision::Serving { serving }) => {
                *serving && peer == Some(id)
            }
            (Until::Looking, Decision::RoleChanged { role, .. }) => *role == PeerState::Looking,
            (Until::VoteSwitched, Decision::Proposes { against, vote, .. }) => {
                against.is_some() && Some(vote.leader) != peer
            }
            (Until::Logged, Decision::Logged { .. }) => true,
            (_, _) => false,
        }
    }
}

/// How fast virtual time passes, as a fraction of real time.
pub const SPEEDS: [(f64, &str); 8] = [
    (0.01, "1/100×"),
    (0.02, "1/50×"),
    (0.05, "1/20×"),
    (0.1, "1/10×"),
    (0.25, "1/4×"),
    (1.0, "1×"),
    (2.0, "2×"),
    (5.0, "5×"),
];
/// Where a visitor begins: slow enough to follow a message of a few tens of milliseconds.
pub const FIRST_SPEED: usize = 2;

/// A run with a playhead in it.
pub struct Playback {
    timeline: Timeline,
    playhead: f64,
    scene: Rc<Scene>,
    kept: BTreeMap<usize, Scene>,
    chronicle: Chronicle,
    /// Whether the playhead moves by itself.
    pub playing: bool,
    /// Which of [`SPEEDS`].
    pub speed: usize,
    /// The position at which playing stops, if there is one.
    until: Option<usize>,
    until_rate: Option<f64>,
    /// How often the run was forked.
    pub branch: u32,
}

impl Playback {
    /// A new run, at its beginning.
    #[must_use]
    pub fn new(setup: Setup) -> Playback {
        Playback::over(Timeline::new(setup))
    }

    /// A recorded run, at its position.
    #[must_use]
    pub fn from_run(run: Run) -> Playback {
        let mut playback = Playback::over(Timeline::from_run(run));
        playback.playhead = playback.last_time();
        playback
    }

    fn over(timeline: Timeline) -> Playback {
        let scene = Playback::first_scene(&timeline);
        let mut playback = Playback {
            timeline,
            playhead: 0.0,
            scene: Rc::new(scene.clone()),
            kept: BTreeMap::from([(0, scene.clone())]),
            chronicle: Chronicle::new(scene),
            playing: false,
            speed: FIRST_SPEED,
            until: None,
            until_rate: None,
            branch: 1,
        };
        playback.follow();
        playback
    }

    fn first_scene(timeline: &Timeline) -> Scene {
        let ensemble = timeline.world().ensemble();
        Scene::new(ensemble.members.keys().map(|id| (*id, ensemble.is_observer(*id))))
    }

    /// The run underneath.
    #[must_use]
    pub fn timeline(&self) -> &Timeline {
        &self.timeline
    }

    /// The scene at the playhead.
    #[must_use]
    pub fn scene(&self) -> &Rc<Scene> {
        &self.scene
    }

    /// The whole recorded run.
    #[must_use]
    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// Where the playhead stands, in microseconds.
    #[must_use]
    pub fn playhead(&self) -> f64 {
        self.playhead
    }

    /// The playhead as a moment of the run.
    #[must_use]
    pub fn now(&self) -> Time {
        Time(self.playhead as u64)
    }

    /// How many frames lie behind the playhead.
    #[must_use]
    pub fn position(&self) -> usize {
        self.timeline.position() as usize
    }

    /// The step just behind the playhead.
    #[must_use]
    pub fn last_frame(&self) -> Option<&Frame> {
        self.position().checked_sub(1).and_then(|last| self.timeline.frames().get(last))
    }

    /// Whether nothing is recorded beyond the playhead.
    #[must_use]
    pub fn is_at_frontier(&self) -> bool {
        self.position() == self.timeline.frames().len()
    }

    /// Lets real time pass while playing; tells whether a step was taken.
    pub fn advance(&mut self, real_ms: f64) -> bool {
        if !self.playing {
            return false;
        }
        let target = self.playhead + real_ms * 1000.0 * self.rate();
        let mut stepped = 0;
        while let Some(next) = self.next_time() {
            if next > target || stepped == PER_PICTURE {
                break;
            }
            if !self.step() {
                break;
            }
            stepped += 1;
            if self.stops_here() {
                self.pause();
                self.playhead = self.last_time();
                return true;
            }
        }
        let upper = self.next_time().unwrap_or(f64::INFINITY);
        self.playhead = target.min(upper).max(self.last_time());
        stepped > 0
    }

    /// Stops playing.
    pub fn pause(&mut self) {
        self.playing = false;
        self.until = None;
        self.until_rate = None;
    }

    /// Takes one step; false if nothing can happen any more.
    pub fn step_forward(&mut self) -> bool {
        let stepped = self.step();
        self.playhead = self.playhead.max(self.last_time());
        if stepped {
            self.playhead = self.last_time();
        }
        stepped
    }

    /// Takes one step back; false at the beginning.
    pub fn step_back(&mut self) -> bool {
        let stepped = self.timeline.step_back();
        self.follow();
        self.playhead = self.last_time();
        stepped
    }

    /// Takes one step, if anything can happen.
    pub fn forward(&mut self) {
        self.step_forward();
    }

    /// Takes one step back, if there is one.
    pub fn back(&mut self) {
        self.step_back();
    }

    /// Goes to the next key event, running on if need be.
    pub fn next_key(&mut self) {
        let position = self.position();
        let recorded = self.chronicle.keys.iter().map(|(index, _)| *index);
        if let Some(index) = recorded.into_iter().find(|index| *index >= position) {
            self.seek(index + 1);
            return;
        }
        self.seek(self.timeline.frames().len());
        self.run_on(super::chronicle::is_key);
    }

    /// Goes back to the key event before this one.
    pub fn previous_key(&mut self) {
        let position = self.position();
        let keys = self.chronicle.keys.iter().rev().map(|(index, _)| *index);
        let target = keys.into_iter().find(|index| index + 1 < position);
        self.seek(target.map_or(0, |index| index + 1));
    }

    /// How fast the playhead moves while playing, as a fraction of real time: as chosen, or faster
    /// where playing up to something would otherwise take too long.
    #[must_use]
    pub fn rate(&self) -> f64 {
        let chosen = SPEEDS[self.speed].0;
        self.until_rate.map_or(chosen, |rate| rate.max(chosen))
    }

    /// Starts to play until a step is what was waited for. Such a step is looked for first, so
    /// that the way there is recorded; false if it does not come.
    pub fn play_until(&mut self, until: Until) -> bool {
        let (start, playhead) = (self.position(), self.playhead);
        let found = self.run_until(until);
        let (target, distance) = (self.position(), self.playhead - playhead);
        self.seek(start);
        self.playhead = playhead;
        if found {
            self.playing = true;
            self.until = Some(target);
            self.until_rate = Some(distance / 1000.0 / LONGEST_PLAY_MS);
        }
        found
    }

    /// Runs on at once until a step is what was waited for; false if that did not come.
    pub fn run_until(&mut self, until: Until) -> bool {
        self.run_on(|frame| until.holds(frame))
    }

    fn run_on(&mut self, wanted: impl Fn(&Frame) -> bool) -> bool {
        let found = self.timeline.run_until(FARTHEST, |_, frame| wanted(frame)).is_some();
        self.follow();
        self.playhead = self.last_time();
        found
    }

    /// Puts the playhead after that many frames.
    pub fn seek(&mut self, position: usize) {
        self.timeline.seek(position as u64);
        self.follow();
        self.playhead = self.last_time();
    }

    /// Puts the playhead at a moment of the recorded run.
    pub fn seek_time(&mut self, time: f64) {
        let end = micros(self.chronicle.end);
        let time = time.clamp(0.0, end.max(self.playhead));
        let target = Time(time as u64);
        let position = self.timeline.frames().partition_point(|frame| frame.at <= target);
        self.timeline.seek(position as u64);
        self.follow();
        self.playhead = time.max(self.last_time());
    }

    /// Does something to the world at the playhead; in the past this forks the run.
    ///
    /// # Errors
    /// The command does not fit the world.
    pub fn command(&mut self, command: Command) -> Result<(), CommandError> {
        if let Command::Client { client, act: ClientAct::Request(_) } = &command {
            self.await_client(*client);
        }
        let forks = !self.is_at_frontier();
        self.timeline.command(command)?;
        if forks {
            self.branch += 1;
            self.forget_after(self.position());
        }
        // What follows at once is the command's own: the crash after `crash 3`.
        while self.next_time().is_some_and(|next| next <= self.last_time())
            && self.next_is_startup()
        {
            if !self.step() {
                break;
            }
        }
        self.follow();
        self.playhead = self.last_time();
        Ok(())
    }

    /// A client asks once it is connected: lets the run go on until then, or for a while.
    fn await_client(&mut self, id: u32) {
        for _ in 0..CLIENT_PATIENCE {
            let clients = self.timeline.world().clients();
            let Some(client) = clients.iter().find(|client| client.id == id) else { return };
            if matches!(client.state, ClientState::Connected { .. }) || !self.step() {
                return;
            }
        }
    }

    /// A command may have its effects in frames of their own, at the same moment.
    fn next_is_startup(&self) -> bool {
        let mut probe = self.timeline.world().clone();
        probe.step().is_some_and(|frame| matches!(frame.cause, Cause::Crashed | Cause::Started))
    }

    /// The run as it could be shared: everything up to the playhead, and the playhead.
    #[must_use]
    pub fn run(&self) -> Run {
        self.timeline.run()
    }

    /// The scene after that many frames of the recorded run.
    #[must_use]
    pub fn scene_after(&self, position: usize) -> Scene {
        let frames = self.timeline.frames();
        let position = position.min(frames.len());
        let nearest = self.kept.range(..=position).next_back();
        let mut scene = nearest.expect("the first scene is kept").1.clone();
        for frame in &frames[scene.frames..position] {
            scene.fold(frame);
        }
        scene
    }

    /// Reduced motion: goes on to the next step that is worth a look; false when playing is over.
    pub fn calm_step(&mut self) -> bool {
        let stepped = self.step_forward();
        if self.stops_here() {
            self.pause();
        }
        stepped
    }

    fn step(&mut self) -> bool {
        let stepped = self.timeline.step_forward();
        self.follow();
        stepped
    }

    fn stops_here(&self) -> bool {
        self.until.is_some_and(|until| self.position() >= until)
    }

    fn last_time(&self) -> f64 {
        self.last_frame().map_or(0.0, |frame| micros(frame.at))
    }

    fn next_time(&self) -> Option<f64> {
        let recorded = self.timeline.frames().get(self.position()).map(|frame| frame.at);
        recorded.or_else(|| self.timeline.world().next_at()).map(micros)
    }

    /// Brings scene and chronicle in line with the timeline.
    fn follow(&mut self) {
        for frame in &self.timeline.frames()[self.chronicle.frames()..] {
            self.chronicle.push(frame);
        }
        let position = self.position();
        if self.scene.frames == position {
            return;
        }
        if self.scene.frames > position || position - self.scene.frames > SPACING {
            let nearest = self.kept.range(..=position).next_back();
            let kept = nearest.expect("the first scene is kept").1;
            if self.scene.frames > position || kept.frames > self.scene.frames {
                self.scene = Rc::new(kept.clone());
            }
        }
        let scene = Rc::make_mut(&mut self.scene);
        for frame in &self.timeline.frames()[scene.frames..position] {
            scene.fold(frame);
            if scene.frames.is_multiple_of(SPACING) {
                self.kept.entry(scene.frames).or_insert_with(|| scene.clone());
            }
        }
    }

    fn forget_after(&mut self, position: usize) {
        self.kept.retain(|frames, _| *frames < position);
        self.chronicle = Chronicle::new(Playback::first_scene(&self.timeline));
        if self.scene.frames >= position {
            self.scene = Rc::new(self.kept[&0].clone());
        }
    }
}

#[cfg(test)]
mod tests;
