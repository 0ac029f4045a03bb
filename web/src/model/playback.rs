//! The playhead over a timeline: the run, its branches, and the scene where the playhead stands.
//! How the playhead moves is in `travel`.
//!
//! Invariants:
//! 1. The scene is the fold of exactly the frames behind the playhead.
//! 2. The chronicle holds exactly the frames that are recorded.
//! 3. The playhead's time is never before the last frame behind it, nor beyond the next one.
//! 4. Going anywhere folds fewer than `SPACING` frames, and the timeline replays few: a seek costs
//!    the same in a long run as in a short one.

mod beat;
mod branches;
pub mod goto;
mod led;
mod speed;
mod travel;
mod until;

use std::rc::Rc;

use vivarium_protocol::base::{Gather, SortedMap, Time};
use vivarium_protocol::trace::{Cause, Frame};
use vivarium_sim::client::ClientState;
use vivarium_sim::{ClientAct, Command, CommandError, Run, Setup, Timeline};

use super::chronicle::Chronicle;
use super::flight::micros;
use super::scene::Scene;

pub use beat::is_act;
pub use branches::Branch;
pub use speed::{FIRST_SPEED, SPEEDS};
pub use until::Until;

/// Frames between two kept scenes.
const SPACING: usize = 128;
/// How many steps a client may take to connect before its request is refused.
const CLIENT_PATIENCE: usize = 800;

/// A run with a playhead in it.
pub struct Playback {
    timeline: Timeline,
    playhead: f64,
    scene: Rc<Scene>,
    kept: SortedMap<usize, Rc<Scene>>,
    chronicle: Chronicle,
    /// Whether the playhead moves by itself.
    pub playing: bool,
    /// Which of [`SPEEDS`].
    pub speed: usize,
    /// The position at which playing stops, if there is one.
    until: Option<usize>,
    until_rate: Option<f64>,
    /// The number of the present branch: 1 before the first fork.
    pub branch: u32,
    branches: Vec<Branch>,
    /// The steps in which a promise was seen broken.
    violations: Vec<u64>,
    /// How many frames were folded so far, into scenes and into the chronicle.
    folded: u64,
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
        let scene = Rc::new(Playback::first_scene(&timeline));
        let mut playback = Playback {
            timeline,
            playhead: 0.0,
            scene: scene.clone(),
            kept: [(0, scene.clone())].into_iter().gather(),
            chronicle: Chronicle::new(scene),
            playing: false,
            speed: FIRST_SPEED,
            until: None,
            until_rate: None,
            branch: 1,
            branches: vec![Branch::first()],
            violations: Vec::new(),
            folded: 0,
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

    /// Does something to the world at the playhead; in the past this forks the run.
    ///
    /// # Errors
    /// The command does not fit the world.
    pub fn command(&mut self, command: Command) -> Result<(), CommandError> {
        if let Command::Client { client, act: ClientAct::Request(_) } = &command {
            self.await_client(*client);
        }
        let (forks, position) = (!self.is_at_frontier(), self.position());
        let why = command.to_string();
        let tail = self.timeline.fork(command)?;
        if forks {
            self.cut_back(position);
            self.forked(tail, why);
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

    /// The recorded steps in which a promise of the protocol was seen broken, oldest first.
    #[must_use]
    pub fn violations(&self) -> &[u64] {
        &self.violations
    }

    /// How many frames were folded and replayed so far: what going here and there has cost.
    #[must_use]
    pub fn work(&self) -> u64 {
        self.folded + self.timeline.replayed()
    }

    /// The scene after that many frames of the recorded run.
    #[must_use]
    pub fn scene_after(&self, position: usize) -> Scene {
        let frames = self.timeline.frames();
        let position = position.min(frames.len());
        let nearest = self.kept.range(..=position).next_back();
        let mut scene = Scene::clone(nearest.expect("the first scene is kept").1);
        for frame in &frames[scene.frames..position] {
            scene.fold(frame);
        }
        scene
    }

    fn step(&mut self) -> bool {
        let stepped = self.timeline.step_forward();
        self.follow();
        stepped
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
        self.record();
        // In the past the world knows only of what was broken until then, and a run that is opened
        // in its past has not been at its end.
        let broken = self.timeline.world().violations();
        if self.is_at_frontier() || broken.len() > self.violations.len() {
            self.violations = broken.iter().map(|broken| broken.step).collect();
        }
        let position = self.position();
        if position == self.chronicle.frames() {
            // At its end the run has one scene, which is folded once.
            self.scene = self.chronicle.frontier().clone();
        } else if self.scene.frames != position {
            self.fold_to(position);
        }
    }

    /// Takes what is new on the timeline into the chronicle, and keeps scenes on the way.
    fn record(&mut self) {
        let frames = &self.timeline.frames()[self.chronicle.frames()..];
        if frames.is_empty() {
            return;
        }
        let spacing = self.spacing();
        if self.scene.frames == self.chronicle.frames() {
            // A scene that nobody else holds need not be copied to be changed.
            self.scene = self.kept.values().next().expect("the first scene is kept").clone();
        }
        for frame in frames {
            self.chronicle.push(frame);
            self.folded += 1;
            let scene = self.chronicle.frontier();
            if scene.frames.is_multiple_of(spacing) {
                self.kept.entry(scene.frames).or_insert_with(|| scene.clone());
            }
        }
    }

    /// Folds the scene at that position, from the present one or from one that was kept.
    fn fold_to(&mut self, position: usize) {
        let spacing = self.spacing();
        if self.scene.frames > position || position - self.scene.frames > spacing {
            let nearest = self.kept.range(..=position).next_back();
            let kept = nearest.expect("the first scene is kept").1;
            if self.scene.frames > position || kept.frames > self.scene.frames {
                self.scene = kept.clone();
            }
        }
        let scene = Rc::make_mut(&mut self.scene);
        for frame in &self.timeline.frames()[scene.frames..position] {
            scene.fold(frame);
            self.folded += 1;
        }
    }

    /// Frames between two kept scenes: a scene of a hundred servers is too large to keep often.
    fn spacing(&self) -> usize {
        let many = self.scene.servers.len() > super::dense::MOST_PLATES;
        if many { 16 * SPACING } else { SPACING }
    }

    /// Nothing is recorded beyond that many frames any more.
    fn cut_back(&mut self, position: usize) {
        self.kept.retain(|frames, _| *frames <= position);
        self.violations.retain(|step| *step < position as u64);
        let scene = self.scene_after(position);
        self.chronicle.cut_back(Rc::new(scene));
        if self.scene.frames > position {
            self.scene = Rc::new(self.scene_after(position));
        }
    }
}

#[cfg(test)]
mod tests;
