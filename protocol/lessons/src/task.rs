//! Tasks and quizzes: free runs that are judged, and runs that show an answer.

use vivarium_sim::Timeline;
use vivarium_sim::scenario::Cast;

use crate::attempt::condition;
use crate::course::Course;
use crate::lesson::{TaskRun, setup};
use crate::script::{Stage, Stuck};

/// A task's run as the learner finds it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The run, with the task's own script behind it.
    pub timeline: Timeline,
    cast: Cast,
    begin: u64,
}

impl Course {
    /// One run of the task, ready for the learner.
    ///
    /// # Errors
    /// Its own script does not work, which the lessons' tests rule out.
    pub fn open_task(&self, run: usize) -> Result<Option<Opened>, Stuck> {
        let Some(run) = self.task_run(run) else { return Ok(None) };
        self.opened(&run.setup, &run.script).map(Some)
    }

    /// After how many frames of a run, up to its playhead, what one of the task's runs asks for
    /// came true first.
    ///
    /// The run may be of another setup than the task's, where that is for the learner to choose;
    /// counting begins where the task's own script ended, if the run contains it.
    #[must_use]
    pub fn solved_at(&self, run: usize, timeline: &Timeline) -> Option<u64> {
        let run = self.task_run(run)?;
        let opened = self.opened(&run.setup, &run.script).ok()?;
        let same = timeline.world().setup() == opened.timeline.world().setup()
            && timeline.commands().starts_with(opened.timeline.commands())
            && timeline.position() >= opened.begin;
        let (begin, cast) = if same { (opened.begin, opened.cast) } else { (0, Cast::default()) };
        let holds = condition(&run.check, &cast, timeline).ok()?;
        let mut watch = timeline.watched(holds, begin, begin);
        let mut solved = None;
        timeline.replay(begin, timeline.position(), |world, frame| {
            if watch.see(world, frame) && solved.is_none() {
                solved = Some(world.steps());
            }
        });
        solved
    }

    /// Whether numbers that were typed are the task's answer.
    #[must_use]
    pub fn is_answer(&self, typed: &[u64]) -> bool {
        self.lesson().task.as_ref().is_some_and(|task| task.answer == typed)
    }

    /// A run that solves one of the task's runs, played to its end.
    ///
    /// # Errors
    /// It does not work, which the lessons' tests rule out.
    pub fn solution(&self, run: usize) -> Result<Option<Timeline>, Stuck> {
        let Some(run) = self.task_run(run) else { return Ok(None) };
        let line = run.solution_setup.as_ref().unwrap_or(&run.setup);
        self.played(line, &run.script, &run.solution).map(Some)
    }

    /// The run that the task's file names as not solving it.
    ///
    /// # Errors
    /// It does not work, which the lessons' tests rule out.
    pub fn wrong_try(&self, run: usize) -> Result<Option<Timeline>, Stuck> {
        let Some(run) = self.task_run(run) else { return Ok(None) };
        self.played(&run.setup, &run.script, &run.wrong).map(Some)
    }

    /// The run that shows the quiz's answer, and whether it does.
    ///
    /// # Errors
    /// It does not work, which the lessons' tests rule out.
    pub fn shown(&self) -> Result<Option<(Timeline, bool)>, Stuck> {
        let shown = self.lesson().quiz.as_ref().and_then(|quiz| quiz.shown.as_ref());
        let Some(shown) = shown else { return Ok(None) };
        let Opened { timeline, cast, .. } = self.opened(&shown.setup, &shown.script)?;
        let holds = condition(&shown.holds, &cast, &timeline)?;
        let mut watch = timeline.watched(holds, 0, timeline.position());
        let holds = watch.look(timeline.world(), timeline.last_frame());
        Ok(Some((timeline, holds)))
    }

    fn task_run(&self, run: usize) -> Option<&TaskRun> {
        self.lesson().task.as_ref()?.runs.get(run)
    }

    fn opened(&self, line: &str, script: &[String]) -> Result<Opened, Stuck> {
        let setup = setup(line, self.seed).expect("a course's lesson is checked");
        let (mut timeline, mut cast) = (Timeline::new(setup), Cast::default());
        Stage { timeline: &mut timeline, cast: &mut cast, begin: 0 }.play(script)?;
        let begin = timeline.position();
        Ok(Opened { timeline, cast, begin })
    }

    fn played(&self, line: &str, script: &[String], acts: &[String]) -> Result<Timeline, Stuck> {
        let Opened { mut timeline, mut cast, begin } = self.opened(line, script)?;
        Stage { timeline: &mut timeline, cast: &mut cast, begin }.play(acts)?;
        Ok(timeline)
    }
}
