//! The learner's desk: the lesson that is open, how far it has come, and what was answered.
//!
//! What is true is judged by the lesson's [`Course`] on the run itself; here is only what a page
//! has to remember between two clicks. Invariants:
//! 1. A step that asks for a prediction is not shown before one was made.
//! 2. What the learner does beside the lesson is never lost by going on: it is the lesson's run
//!    from then on, or the lesson says that its step cannot come any more.

use vivarium_lessons::{Course, Lesson, LessonError, Missed, Moved, Progress, Reached, Step};
use vivarium_sim::{Run, Timeline};

use super::playback::Playback;

/// The seed of a lesson's runs. Every other would do as well: the lessons' tests try fifty.
const SEED: u64 = 1;

/// How the learner watches what a lesson does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// It is played.
    Played,
    /// It is shown at once, for those who asked for less motion.
    AtOnce,
}

/// How the task stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Try {
    /// Not begun.
    #[default]
    Unopened,
    /// Under way: which of its runs.
    Open(usize),
    /// Judged, and not solved yet: which of its runs.
    NotYet(usize),
    /// Solved.
    Solved,
    /// A solution of that run is shown; whether the judge agrees.
    Shown(usize, bool),
}

/// A lesson that is open.
pub struct Desk {
    course: Course,
    /// What is known of every lesson.
    pub progress: Progress,
    /// What was predicted for the next step.
    predicted: Option<usize>,
    missed: Option<Box<Missed>>,
    attempt: Try,
    /// Which of the task's runs were solved.
    solved: Vec<usize>,
}

impl Desk {
    /// Opens a lesson at its beginning; the run is the lesson's own from now on.
    ///
    /// # Errors
    /// The lesson cannot be read.
    pub fn open(
        lesson: Lesson,
        progress: Progress,
        playback: &mut Playback,
    ) -> Result<Desk, LessonError> {
        let mut course = Course::new(lesson, SEED)?;
        playback.led(|timeline| course.restart(timeline));
        Ok(Desk::over(course, progress))
    }

    fn over(course: Course, progress: Progress) -> Desk {
        let (missed, attempt) = (None, Try::Unopened);
        Desk { course, progress, predicted: None, missed, attempt, solved: Vec::new() }
    }

    /// Opens a lesson at one of its steps, for a link to it. A run that is the visitor's own stays.
    ///
    /// # Errors
    /// The lesson cannot be read.
    pub fn open_at(
        lesson: Lesson,
        progress: Progress,
        id: &str,
        own: bool,
        playback: &mut Playback,
    ) -> Result<Desk, LessonError> {
        let mut course = Course::new(lesson, SEED)?;
        let mut timeline = Timeline::new(course.setup());
        if course.lesson().steps().any(|(_, step)| step.id == id) {
            // A step that does not come leaves the lesson at the one before.
            let _ = course.advance_to(id, &mut timeline);
        } else if id.contains('.') {
            while let Moved::Reached(_) = course.advance(&mut timeline) {}
        }
        if !own {
            playback.led(|shown| *shown = timeline);
        }
        Ok(Desk::over(course, progress))
    }

    /// The lesson.
    #[must_use]
    pub fn lesson(&self) -> &Lesson {
        self.course.lesson()
    }

    /// The steps that lie behind the learner, in the order in which they came.
    #[must_use]
    pub fn reached(&self) -> &[Reached] {
        self.course.reached()
    }

    /// The step that comes next.
    #[must_use]
    pub fn next(&self) -> Option<&Step> {
        self.course.next().map(|(_, step)| step)
    }

    /// The step that can no longer come.
    #[must_use]
    pub fn missed(&self) -> Option<&Missed> {
        self.missed.as_deref()
    }

    /// How the task stands.
    #[must_use]
    pub fn attempt(&self) -> Try {
        self.attempt
    }

    /// The choice that was made for the next step.
    #[must_use]
    pub fn predicted(&self) -> Option<usize> {
        self.predicted
    }

    /// Whether the learner's run has left the lesson's.
    #[must_use]
    pub fn is_astray(&self, playback: &Playback) -> bool {
        matches!(self.attempt, Try::Unopened) && !self.course.is_on_path(playback.timeline())
    }

    /// Whether the newest step that was reached is still being played.
    #[must_use]
    pub fn is_on_its_way(&self, playing: bool, position: usize) -> bool {
        let target = self.reached().last().map(|reached| reached.run.position as usize);
        playing && target.is_some_and(|target| position < target)
    }

    /// Makes a choice for the next step.
    pub fn predict(&mut self, choice: usize) {
        let Some(id) = self.next().map(|step| step.id.clone()) else { return };
        let lesson = self.lesson().id.clone();
        self.progress.begin(&lesson).predicts(&id, choice);
        self.predicted = Some(choice);
    }

    /// Whether the next step waits for a prediction.
    #[must_use]
    pub fn asks(&self) -> bool {
        self.predicted.is_none() && self.next().is_some_and(|step| step.predict.is_some())
    }

    /// Goes on to the next step and shows the way to it.
    pub fn go_on(&mut self, playback: &mut Playback, watch: Watch) {
        self.attempt = Try::Unopened;
        let (from, setup) = (playback.position(), playback.timeline().world().setup().clone());
        match playback.led(|timeline| self.course.advance(timeline)) {
            Moved::Reached(reached) => {
                self.missed = None;
                self.predicted = None;
                let lesson = self.lesson().id.clone();
                let own = self.progress.begin(&lesson);
                own.reaches(&reached.id, reached.came_true);
                let to = reached.run.position as usize;
                let from = if setup == reached.run.setup { from.min(to) } else { 0 };
                match watch {
                    Watch::Played if from < to => playback.play_between(from, to),
                    Watch::Played | Watch::AtOnce => playback.seek(to),
                }
            }
            Moved::Missed(missed) => self.missed = Some(missed),
            Moved::Finished => {}
        }
    }

    /// Goes to a step that was reached, by its place in [`Desk::reached`].
    pub fn return_to(&mut self, index: usize, playback: &mut Playback) {
        self.attempt = Try::Unopened;
        self.missed = None;
        self.predicted = None;
        playback.led_back(|timeline| self.course.return_to(index, timeline));
    }

    /// Goes back to the lesson: to the step reached last, or to its beginning.
    pub fn back(&mut self, playback: &mut Playback) {
        match self.reached().len().checked_sub(1) {
            Some(last) => self.return_to(last, playback),
            None => self.restart(playback),
        }
    }

    /// Goes back to the last point from which a missed step still comes.
    pub fn back_before(&mut self, playback: &mut Playback) {
        let Some(missed) = self.missed.take() else { return };
        let back: &Run = &missed.back;
        playback.led_back(|timeline| {
            if timeline.world().setup() == &back.setup {
                return timeline.follow(back);
            }
            *timeline = Timeline::from_run(back.clone());
            None
        });
    }

    /// Begins the lesson again.
    pub fn restart(&mut self, playback: &mut Playback) {
        self.attempt = Try::Unopened;
        self.missed = None;
        self.predicted = None;
        playback.led(|timeline| self.course.restart(timeline));
    }

    /// How many runs the task has.
    #[must_use]
    pub fn runs(&self) -> usize {
        self.lesson().task.as_ref().map_or(0, |task| task.runs.len())
    }

    /// Whether that run of the task is solved.
    #[must_use]
    pub fn is_solved(&self, run: usize) -> bool {
        self.solved.contains(&run)
    }

    /// Gives the learner one of the task's runs.
    pub fn begin_task(&mut self, run: usize, playback: &mut Playback) {
        if let Ok(Some(opened)) = self.course.open_task(run) {
            playback.led(|timeline| *timeline = opened.timeline);
            self.attempt = Try::Open(run);
        }
    }

    /// Judges the learner's run, and the numbers typed where the task asks for some.
    pub fn judge(&mut self, typed: &[u64], playback: &Playback) {
        let run = match self.attempt {
            Try::Open(run) | Try::NotYet(run) => run,
            Try::Unopened | Try::Solved | Try::Shown(..) => return,
        };
        if !self.is_solved(run) && self.course.solved_at(run, playback.timeline()).is_some() {
            self.solved.push(run);
        }
        let asks = self.lesson().task.as_ref().is_some_and(|task| !task.answer.is_empty());
        let right = !asks || self.course.is_answer(typed);
        let done = right && self.solved.len() == self.runs();
        let lesson = self.lesson().id.clone();
        if !self.is_solved(run) || done || !right {
            self.progress.begin(&lesson).tries(done);
        }
        self.attempt = if done { Try::Solved } else { Try::NotYet(run) };
    }

    /// Whether the hint is due.
    #[must_use]
    pub fn hints(&self) -> bool {
        let own = self.progress.of(&self.lesson().id);
        own.is_some_and(vivarium_lessons::LessonProgress::wants_hint)
    }

    /// Shows a run that solves one of the task's.
    pub fn show_solution(&mut self, run: usize, playback: &mut Playback, watch: Watch) {
        let Ok(Some(solved)) = self.course.solution(run) else { return };
        let lesson = self.lesson().id.clone();
        let own = self.progress.begin(&lesson);
        own.helped |= !own.solved;
        let to = solved.position() as usize;
        playback.led(|timeline| *timeline = solved);
        self.attempt = Try::Shown(run, self.course.solved_at(run, playback.timeline()).is_some());
        if watch == Watch::Played {
            playback.play_between(0, to);
        }
    }

    /// Answers the quiz.
    pub fn answer(&mut self, choice: u8) {
        let right = self.lesson().quiz.as_ref().is_some_and(|quiz| quiz.answer == choice);
        let lesson = self.lesson().id.clone();
        self.progress.begin(&lesson).answers(choice, right);
    }

    /// Shows the run that shows the quiz's answer.
    pub fn show_answer(&mut self, playback: &mut Playback) {
        if let Ok(Some((shown, _))) = self.course.shown() {
            playback.led(|timeline| *timeline = shown);
        }
    }

    /// What a link to where the learner stands names: the step, or the lesson at its beginning.
    #[must_use]
    pub fn place(&self) -> &str {
        self.reached().last().map_or(&self.lesson().id, |reached| &reached.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::base::ServerId;
    use vivarium_sim::{Command, Setup};

    const L01: &str = include_str!("../../../static/lessons/L01.json");

    fn opened() -> (Desk, Playback) {
        let mut playback = Playback::new(Setup::watchable(5));
        let lesson = Lesson::parse(L01).unwrap();
        let desk = Desk::open(lesson, Progress::default(), &mut playback).unwrap();
        (desk, playback)
    }

    /// Goes on through every step, predicting the first choice.
    fn walk(desk: &mut Desk, playback: &mut Playback) {
        while let Some(step) = desk.next().map(|step| step.id.clone()) {
            if desk.asks() {
                desk.predict(0);
            }
            desk.go_on(playback, Watch::AtOnce);
            assert_eq!(desk.reached().last().unwrap().id, step);
        }
    }

    #[test]
    fn a_lesson_is_walked_on_the_run_that_the_page_shows() {
        let (mut desk, mut playback) = opened();
        assert_eq!(playback.timeline().world().ensemble().members.len(), 1, "the lesson's own run");
        walk(&mut desk, &mut playback);
        assert_eq!(playback.timeline().world().ensemble().members.len(), 3, "the second scene's");
        assert_eq!(playback.position() as u64, desk.reached().last().unwrap().run.position);
        assert_eq!(playback.scene().frames, playback.position());
        assert_eq!(playback.chronicle().frames(), playback.timeline().frames().len());
        assert_eq!(desk.progress.of("L01").unwrap().steps.len(), desk.reached().len());
        assert!(!desk.is_astray(&playback));
    }

    #[test]
    fn a_step_is_played_from_where_the_page_stood_and_is_on_its_way_until_then() {
        let (mut desk, mut playback) = opened();
        desk.go_on(&mut playback, Watch::Played);
        let target = desk.reached()[0].run.position as usize;
        assert!(playback.playing && playback.position() < target);
        assert!(desk.is_on_its_way(true, playback.position()));
        while playback.playing {
            playback.advance(50.0, || true);
        }
        assert_eq!(playback.position(), target);
        assert!(!desk.is_on_its_way(false, playback.position()));
    }

    #[test]
    fn what_the_learner_does_leaves_the_path_and_the_lesson_can_be_gone_back_to() {
        let (mut desk, mut playback) = opened();
        while desk.reached().len() < 2 {
            desk.go_on(&mut playback, Watch::AtOnce);
        }
        let before = playback.position();
        playback.command(Command::Crash(ServerId(2))).unwrap();
        assert!(desk.is_astray(&playback));
        desk.back(&mut playback);
        assert!(!desk.is_astray(&playback));
        assert_eq!(playback.position(), before);
        assert!(playback.scene().servers[&ServerId(2)].up);
        // What was done beside the lesson is a branch, and can be looked at again.
        let own = playback.branches().iter().find(|branch| branch.why == "crash 2").unwrap().number;
        assert!(playback.switch(own));
        assert!(!playback.scene().servers[&ServerId(2)].up && desk.is_astray(&playback));
        assert_eq!(playback.scene().frames, playback.position());
    }

    #[test]
    fn a_crash_after_a_step_that_a_link_opened_leaves_the_path() {
        let mut playback = Playback::new(Setup::watchable(5));
        let lesson = Lesson::parse(include_str!("../../../static/lessons/L09.json")).unwrap();
        let progress = Progress::default();
        let desk = Desk::open_at(lesson, progress, "L09.3", false, &mut playback).unwrap();
        assert!(!desk.is_astray(&playback));
        playback.command(Command::Crash(ServerId(2))).unwrap();
        assert!(desk.is_astray(&playback), "{:?}", playback.timeline().commands());
    }

    #[test]
    fn a_task_is_judged_on_the_learners_run_and_hints_after_two_tries() {
        let (mut desk, mut playback) = opened();
        desk.begin_task(0, &mut playback);
        for _ in 0..2 {
            assert!(!desk.hints());
            desk.judge(&[], &playback);
            assert_eq!(desk.attempt(), Try::NotYet(0));
        }
        assert!(desk.hints());
        desk.show_solution(0, &mut playback, Watch::AtOnce);
        assert_eq!(desk.attempt(), Try::Shown(0, true));
        let shown = playback.run();
        desk.begin_task(0, &mut playback);
        playback.led(|timeline| drop(timeline.follow(&shown)));
        desk.judge(&[], &playback);
        assert_eq!(desk.attempt(), Try::Solved);
        let own = desk.progress.of("L01").unwrap();
        assert!(own.solved && own.helped && own.tries == 3);
    }

    #[test]
    fn a_link_to_a_step_opens_it_and_leaves_a_visitors_own_run_alone() {
        let mut playback = Playback::new(Setup::watchable(5));
        let lesson = || Lesson::parse(L01).unwrap();
        let progress = Progress::default;
        let desk = Desk::open_at(lesson(), progress(), "L01.3", true, &mut playback).unwrap();
        assert_eq!((desk.place(), desk.reached().len()), ("L01.3", 3));
        assert_eq!(playback.timeline().world().ensemble().members.len(), 5);
        assert!(desk.is_astray(&playback));
        let desk = Desk::open_at(lesson(), progress(), "L01.3", false, &mut playback).unwrap();
        assert!(!desk.is_astray(&playback));
        let before = playback.run();
        let desk = Desk::open_at(lesson(), progress(), "L01", true, &mut playback).unwrap();
        assert_eq!(desk.place(), "L01", "not begun, and the run is the visitor's");
        assert_eq!(playback.run().commands, before.commands);
        let end = Desk::open_at(lesson(), progress(), "L01.quiz", false, &mut playback).unwrap();
        assert!(end.next().is_none(), "a task and a quiz come after the steps");
    }
}
