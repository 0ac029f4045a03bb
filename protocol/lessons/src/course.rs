//! A lesson on its way through a run.
//!
//! The run is a `Timeline` of the caller's. The course remembers, for every step reached, the run
//! in which that was and how the lesson goes on from there, both as plain values; so a learner may
//! fork, seek and come back, and nothing here has to be told. Invariants:
//! 1. Replaying a reached step's run shows its condition coming true in its last frame.
//! 2. What the course does to a run are ordinary commands of it.

use vivarium_protocol::base::Time;
use vivarium_sim::scenario::Cast;
use vivarium_sim::{Run, Setup, Tail, Timeline};

use crate::lesson::{Lesson, LessonError, Step, setup};
use crate::script::{Stage, Stuck};

/// A lesson and how far it has come.
#[derive(Clone, Debug)]
pub struct Course {
    pub(crate) lesson: Lesson,
    pub(crate) seed: u64,
    /// Reached steps, in the order in which they came.
    reached: Vec<Reached>,
    /// How many of them lie behind the learner.
    cursor: usize,
}

/// A step that was reached.
#[derive(Clone, Debug, PartialEq)]
pub struct Reached {
    /// Its place among all steps of the lesson, from 0.
    pub step: usize,
    /// Its id.
    pub id: String,
    /// The run up to the frame that made its sentence true: a bookmark, and a link.
    pub run: Run,
    /// The number of that frame, and the event in it to point at; `None` where nothing had to
    /// happen any more.
    pub frame: Option<u64>,
    /// The place of the event in that frame.
    pub event: Option<usize>,
    /// When that was.
    pub at: Time,
    /// What to show, with the servers' numbers in the place of names.
    pub focus: Option<String>,
    /// Of the prediction's choices the one that came true.
    pub came_true: Option<usize>,
    /// How many of the choices came true: 1, unless the lesson is wrong.
    pub true_choices: usize,
    /// Whether the condition held before anything was done.
    pub stood: bool,
    pub(crate) place: Place,
}

/// Where a lesson stands, and how it goes on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Place {
    pub scene: usize,
    /// The position at which the scene's own script had ended: counting begins there.
    pub begin: u64,
    pub cast: Cast,
    /// The run from which the next step goes on.
    pub resume: Run,
    /// Steps whose acts are done and that have not come yet, since when, and until when they may.
    pub waiting: Vec<usize>,
    pub since: u64,
    pub until: Time,
}

/// What came of going on.
#[derive(Debug)]
pub enum Moved {
    /// The next step; the playhead stands behind the frame that made it true.
    Reached(Box<Reached>),
    /// The next step can't come any more.
    Missed(Box<Missed>),
    /// There is no step left.
    Finished,
}

/// A step that can no longer come.
#[derive(Debug)]
pub struct Missed {
    /// Its place among all steps, from 0.
    pub step: usize,
    /// Its id.
    pub id: String,
    /// Why.
    pub why: Why,
    /// The last point from which it still comes: open it with [`Timeline::follow`].
    pub back: Run,
}

/// Why a step does not come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// Its condition did not come true in time.
    Late,
    /// What it does first could not be done.
    Stuck(Stuck),
}

impl Course {
    /// A lesson at its beginning.
    ///
    /// # Errors
    /// Something in it cannot be read.
    pub fn new(lesson: Lesson, seed: u64) -> Result<Course, LessonError> {
        crate::check::check(&lesson)?;
        Ok(Course { lesson, seed, reached: Vec::new(), cursor: 0 })
    }

    /// The lesson.
    #[must_use]
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// The steps that lie behind the learner, in the order in which they came.
    #[must_use]
    pub fn reached(&self) -> &[Reached] {
        &self.reached[..self.cursor]
    }

    /// The step that comes next, with its place among all; of several that may come in any order
    /// the first.
    #[must_use]
    pub fn next(&self) -> Option<(usize, &Step)> {
        let next = self.next_place()?;
        self.lesson.steps().nth(next).map(|(_, step)| (next, step))
    }

    /// The ensemble of the scene that the next step belongs to: what a fresh timeline begins with.
    #[must_use]
    pub fn setup(&self) -> Setup {
        let scene = self.next_place().map_or(self.lesson.scenes.len() - 1, |at| self.scene_of(at));
        self.setup_of(scene)
    }

    pub(crate) fn setup_of(&self, scene: usize) -> Setup {
        let line = self.lesson.scenes.get(scene).map_or("3", |scene| scene.setup.as_str());
        setup(line, self.seed).expect("a course's lesson is checked")
    }

    /// Whether a timeline holds the lesson's own run, with nothing added by the learner.
    #[must_use]
    pub fn is_on_path(&self, timeline: &Timeline) -> bool {
        let Some(here) = self.reached().last() else { return timeline.commands().is_empty() };
        let (theirs, own) = (timeline.commands(), &here.place.resume.commands);
        let later = self.reached[self.cursor..].first().map(|next| &next.place.resume.commands);
        let is = |own: &Vec<_>| theirs == own.as_slice();
        *timeline.world().setup() == here.place.resume.setup && (is(own) || later.is_some_and(is))
    }

    /// Goes on to the next step: does what it does, and lets time pass until its condition holds.
    ///
    /// On the lesson's path the run goes on where the last step left it. Where the learner has
    /// forked it goes on at the playhead, and if the step comes the learner's run is the lesson's
    /// from now on. A step of another scene puts a new run in the timeline's place.
    pub fn advance(&mut self, timeline: &mut Timeline) -> Moved {
        let Some(next) = self.next_place() else { return Moved::Finished };
        let here = self.reached().last().map(|reached| reached.place.clone());
        let astray = here
            .as_ref()
            .is_some_and(|here| self.scene_of(next) == here.scene && !self.is_on_path(timeline));
        if !astray && let Some(known) = self.reached.get(self.cursor).cloned() {
            self.cursor += 1;
            open(timeline, &known.run);
            return Moved::Reached(Box::new(known));
        }
        match self.attempt(timeline, here.clone(), next, astray) {
            Ok(reached) => {
                self.reached.truncate(self.cursor);
                self.reached.push(reached.clone());
                self.cursor += 1;
                Moved::Reached(Box::new(reached))
            }
            Err(why) => {
                let id = self.lesson.steps().nth(next).map(|(_, step)| step.id.clone());
                let back = self.last_chance(timeline, here.as_ref(), next);
                Moved::Missed(Box::new(Missed {
                    step: next,
                    id: id.unwrap_or_default(),
                    why,
                    back,
                }))
            }
        }
    }

    /// Goes on, on the lesson's own path, until a step is reached: for a link to it.
    ///
    /// # Errors
    /// A step before it does not come.
    pub fn advance_to(&mut self, id: &str, timeline: &mut Timeline) -> Result<Reached, Moved> {
        loop {
            match self.advance(timeline) {
                Moved::Reached(reached) if reached.id == id => return Ok(*reached),
                Moved::Reached(_) => {}
                other => return Err(other),
            }
        }
    }

    /// Goes back to a reached step, by its place in [`Course::reached`], on the lesson's path; the
    /// steps after it can be reached again without being played again. What the learner did there
    /// is taken off and given back.
    pub fn return_to(&mut self, index: usize, timeline: &mut Timeline) -> Option<Tail> {
        let reached = self.reached.get(index)?;
        self.cursor = index + 1;
        open(timeline, &reached.run)
    }

    /// Goes back to the last reached step: "back to the lesson".
    pub fn back(&mut self, timeline: &mut Timeline) -> Option<Tail> {
        self.return_to(self.cursor.checked_sub(1)?, timeline)
    }

    /// Begins again.
    pub fn restart(&mut self, timeline: &mut Timeline) {
        self.cursor = 0;
        *timeline = Timeline::new(self.setup());
    }

    fn next_place(&self) -> Option<usize> {
        let behind = self.reached();
        if let Some(waiting) = behind.last().and_then(|last| last.place.waiting.first()) {
            return Some(*waiting);
        }
        let done = |step: &usize| behind.iter().any(|reached| reached.step == *step);
        (0..self.lesson.steps().count()).find(|step| !done(step))
    }

    pub(crate) fn scene_of(&self, step: usize) -> usize {
        self.lesson.steps().nth(step).map_or(0, |(scene, _)| scene)
    }

    /// The newest point of a run from which a step still comes: before the last of the learner's
    /// acts, before the one before that, and so on.
    fn last_chance(&self, timeline: &Timeline, here: Option<&Place>, next: usize) -> Run {
        let begin = Run { setup: self.setup_of(self.scene_of(next)), ..timeline.run() };
        let path = here
            .map_or(Run { commands: Vec::new(), position: 0, ..begin }, |here| here.resume.clone());
        let theirs = timeline.commands();
        let same = theirs.iter().zip(&path.commands).take_while(|(a, b)| a == b).count();
        for kept in (same..theirs.len()).rev() {
            let commands = theirs[..kept].to_vec();
            let run = Run { setup: path.setup.clone(), commands, position: theirs[kept].0 };
            let mut trial = Timeline::from_run(run.clone());
            if self.attempt(&mut trial, here.cloned(), next, true).is_ok() {
                return run;
            }
        }
        path
    }

    /// A stage for a scene: after its own script.
    pub(crate) fn opening(&self, scene: usize, timeline: &mut Timeline) -> Result<Place, Stuck> {
        *timeline = Timeline::new(self.setup_of(scene));
        let mut cast = Cast::default();
        let script = &self.lesson.scenes[scene].script;
        Stage { timeline, cast: &mut cast, begin: 0 }.play(script)?;
        let begin = timeline.position();
        let resume = timeline.run();
        Ok(Place { scene, begin, cast, resume, waiting: Vec::new(), since: begin, until: Time(0) })
    }
}

/// Shows a run in a timeline, which keeps what both share.
pub(crate) fn open(timeline: &mut Timeline, run: &Run) -> Option<Tail> {
    if *timeline.world().setup() == run.setup {
        return timeline.follow(run);
    }
    *timeline = Timeline::from_run(run.clone());
    None
}
