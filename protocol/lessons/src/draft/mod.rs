//! A lesson that somebody writes by doing it.
//!
//! A [`Draft`] looks at a `Timeline` that somebody else holds. A scene begins at the run as it
//! stands, and what was done since the last step becomes what the next one does. Invariants:
//! 1. Every line and condition in a draft can be read, and a step's condition came true in the
//!    author's own run when the step was recorded.
//! 2. What was recorded goes on only from where the last step ended, so that a lesson does what its
//!    author did and nothing else.

mod checkup;
mod names;
mod offer;
mod record;
#[cfg(test)]
mod tests;

use vivarium_sim::scenario::Cast;
use vivarium_sim::{Condition, Run, Setup, Timeline};

use crate::course::{Course, Moved};
use crate::lesson::{FORMAT, Lesson, LessonError, Scene, Step, Text};
use names::Names;
use offer::Window;
use record::{Span, patience, record};

pub use checkup::{Checkup, Fault, What};
pub use offer::Offer;

/// The id of a lesson that has no other.
const ID: &str = "L99";
/// Scenes have letters.
const SCENES: usize = 26;

/// A lesson that is being written.
#[derive(Clone, Debug)]
pub struct Draft {
    lesson: Lesson,
    /// Whether servers are called by the parts that they play.
    pub by_part: bool,
    seed: u64,
    mark: Option<Mark>,
}

/// Where the last step ended in the author's run.
#[derive(Clone, Debug)]
struct Mark {
    run: Run,
    /// Where the scene's script had ended: counting begins there.
    begin: u64,
    names: Names,
}

/// Why a step cannot be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Off {
    /// No scene has begun, or the lesson was changed since: go to its end first.
    Nowhere,
    /// The run that is shown is not the draft's, or stands before the end of its last step.
    Astray,
    /// The condition cannot be read: why not.
    Unreadable(String),
    /// A name in it means nobody.
    Nobody(String),
    /// It does not come true between the last step and here.
    InVain,
    /// There are no more letters for scenes.
    Full,
}

/// What a finished lesson needs, and a draft lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Where: `title`, `question`, `goal`, a step's id or `quiz`.
    pub place: String,
    /// What.
    pub gap: Gap,
}

/// What is missing somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    /// The English text.
    English,
    /// The Chinese text.
    Chinese,
    /// A step.
    Step,
    /// A second choice.
    Choice,
}

impl Default for Draft {
    fn default() -> Draft {
        let text = Text::default;
        let lesson = Lesson {
            format: FORMAT,
            id: ID.to_owned(),
            part: "beyond".to_owned(),
            minutes: 5,
            title: text(),
            question: text(),
            goal: text(),
            scenes: Vec::new(),
            task: None,
            quiz: None,
        };
        Draft::of(lesson)
    }
}

impl Draft {
    fn of(lesson: Lesson) -> Draft {
        Draft { lesson, by_part: true, seed: 1, mark: None }
    }

    /// Goes on with a lesson's file.
    ///
    /// # Errors
    /// It is none.
    pub fn open(json: &str) -> Result<Draft, LessonError> {
        Lesson::parse(json).map(Draft::of)
    }

    /// Takes up a draft that was put aside with [`Draft::to_json`], finished or not.
    #[must_use]
    pub fn take_up(json: &str) -> Option<Draft> {
        serde_json::from_str(json).ok().map(Draft::of)
    }

    /// The draft as a file, whatever may be missing.
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut text = serde_json::to_string_pretty(&self.lesson).unwrap_or_default();
        text.push('\n');
        text
    }

    /// The finished lesson as a file.
    ///
    /// # Errors
    /// What is missing.
    pub fn export(&self) -> Result<String, Vec<Missing>> {
        let missing = self.missing();
        if missing.is_empty() { Ok(self.to_json()) } else { Err(missing) }
    }

    /// The lesson as it is so far.
    #[must_use]
    pub fn lesson(&self) -> &Lesson {
        &self.lesson
    }

    /// Changes the lesson and numbers its steps anew. Where that changes what the lesson does,
    /// recording goes on only after [`Draft::resume`].
    pub fn change(&mut self, change: impl FnOnce(&mut Lesson)) {
        let before = self.acts();
        change(&mut self.lesson);
        self.number();
        if self.acts() != before {
            self.mark = None;
        }
    }

    /// All that decides what the lesson does to a run.
    fn acts(&self) -> Vec<String> {
        let mut lines = Vec::new();
        for scene in &self.lesson.scenes {
            lines.push(scene.setup.clone());
            lines.extend(scene.script.iter().cloned());
            for step in &scene.steps {
                lines.extend(step.acts.iter().cloned());
                lines.push(step.until.clone());
            }
        }
        lines
    }

    fn number(&mut self) {
        let Lesson { id, scenes, task, quiz, .. } = &mut self.lesson;
        scenes.truncate(SCENES);
        for (scene, letter) in scenes.iter_mut().zip('A'..='Z') {
            scene.id = letter.to_string();
        }
        let steps = scenes.iter_mut().flat_map(|scene| &mut scene.steps);
        for (place, step) in steps.enumerate() {
            step.id = format!("{id}.{}", place + 1);
        }
        task.iter_mut().for_each(|task| task.id = format!("{id}.task"));
        quiz.iter_mut().for_each(|quiz| quiz.id = format!("{id}.quiz"));
    }

    /// Begins a scene at the run as it stands: its ensemble, and all that was done so far as its
    /// script. A last scene without steps is taken back first.
    ///
    /// # Errors
    /// There are too many scenes already.
    pub fn begin_scene(&mut self, timeline: &Timeline) -> Result<(), Off> {
        if self.lesson.scenes.last().is_some_and(|scene| scene.steps.is_empty()) {
            self.lesson.scenes.pop();
        }
        if self.lesson.scenes.len() >= SCENES {
            return Err(Off::Full);
        }
        let run = timeline.run();
        self.seed = run.setup.seed;
        let setup = written(&run.setup);
        let span = Span { from: 0, to: run.position };
        let mut recorded = record(timeline, span, &Names::default(), self.by_part);
        recorded.pause(timeline, run.position);
        let (script, steps) = (recorded.lines, Vec::new());
        self.lesson.scenes.push(Scene { id: String::new(), setup, script, steps });
        self.number();
        let begin = run.position;
        self.mark = Some(Mark { run: upto(run), begin, names: recorded.names });
        Ok(())
    }

    /// Whether recording can go on in this run.
    ///
    /// # Errors
    /// Why not.
    pub fn is_on_path(&self, timeline: &Timeline) -> Result<(), Off> {
        self.marked(timeline).map(drop)
    }

    fn marked(&self, timeline: &Timeline) -> Result<&Mark, Off> {
        let mark = self.mark.as_ref().ok_or(Off::Nowhere)?;
        let same = *timeline.world().setup() == mark.run.setup
            && timeline.position() >= mark.run.position
            && before(timeline.commands(), mark.run.position) == mark.run.commands.as_slice();
        if same { Ok(mark) } else { Err(Off::Astray) }
    }

    /// What decides, beside the run, which conditions are offered: where recording goes on, and
    /// whether servers are called by their parts.
    #[must_use]
    pub fn stamp(&self) -> (Option<(u64, usize)>, bool) {
        let place = |mark: &Mark| (mark.run.position, mark.run.commands.len());
        (self.mark.as_ref().map(place), self.by_part)
    }

    /// Shows the run in which the last step ended, there; what was done since stays recorded where
    /// the run is the same.
    ///
    /// # Errors
    /// A step does not come, or a line cannot be carried out.
    pub fn resume(&mut self, timeline: &mut Timeline) -> Result<(), Fault> {
        if let Some(mark) = &self.mark {
            crate::course::open(timeline, &mark.run);
            return Ok(());
        }
        let Some(last) = self.lesson.scenes.len().checked_sub(1) else {
            return Ok(());
        };
        let course = Course::new(self.lesson.clone(), self.seed);
        let mut course = course.map_err(|error| Fault::unread(self.seed, &error))?;
        loop {
            match course.advance(timeline) {
                Moved::Reached(_) => {}
                Moved::Missed(missed) => return Err(Fault::missed(self.seed, *missed)),
                Moved::Finished => break,
            }
        }
        let place = match course.reached().last().filter(|last_step| last_step.place.scene == last)
        {
            Some(reached) => reached.place.clone(),
            None => course.opening(last, timeline).map_err(|stuck| {
                let scene = &self.lesson.scenes[last].id;
                Fault { seed: self.seed, place: scene.clone(), what: What::Stuck(stuck) }
            })?,
        };
        crate::course::open(timeline, &place.resume);
        let names = Names::from_cast(&place.cast);
        self.mark = Some(Mark { run: upto(place.resume), begin: place.begin, names });
        Ok(())
    }

    /// What was done since the last step, as the lines of the next one.
    ///
    /// # Errors
    /// Recording cannot go on in this run.
    pub fn done(&self, timeline: &Timeline) -> Result<Vec<String>, Off> {
        let mark = self.marked(timeline)?;
        Ok(record(timeline, mark.until(timeline), &mark.names, self.by_part).lines)
    }

    /// What came true since the last step, as conditions for the next one, best first.
    ///
    /// # Errors
    /// Recording cannot go on in this run.
    pub fn offers(&self, timeline: &Timeline) -> Result<Vec<Offer>, Off> {
        let mark = self.marked(timeline)?;
        let span = mark.until(timeline);
        let recorded = record(timeline, span, &mark.names, self.by_part);
        let window = Window::new(timeline, span);
        Ok(offer::offers(&window, &recorded.names, recorded.done, self.by_part))
    }

    /// Records a step: what was done since the last one, and the condition that it waits for. The
    /// draft goes on from the moment at which that came true.
    ///
    /// # Errors
    /// Why the step cannot be recorded; the draft is as it was.
    pub fn record_step(&mut self, timeline: &Timeline, until: &str) -> Result<usize, Off> {
        let mark = self.marked(timeline)?;
        let span = mark.until(timeline);
        let recorded = record(timeline, span, &mark.names, self.by_part);
        let after_acts = timeline.world_after(recorded.done);
        let cast = recorded.names.cast();
        let resolved = cast.resolve(until, &after_acts).map_err(|e| Off::Nobody(e.to_string()))?;
        let condition = Condition::of(&resolved).map_err(|e| Off::Unreadable(e.to_string()))?;
        let mut watch = timeline.watched(condition, mark.begin, span.from);
        let stands = watch.look(&timeline.world_after(span.from), None);
        let mut met = (stands && recorded.done == span.from).then_some(span.from);
        timeline.replay(span.from, span.to, |world, frame| {
            if watch.see(world, frame) && met.is_none() {
                met = Some(world.steps());
            }
        });
        let met = met.ok_or(Off::InVain)?.max(recorded.done);
        let took = timeline.world_after(met).now().since(after_acts.now());
        let run = upto(Run { position: met, ..timeline.run() });
        let step = Step {
            id: String::new(),
            acts: recorded.lines,
            until: until.trim().to_owned(),
            within: patience(took),
            either: false,
            stands,
            focus: None,
            say: Text::default(),
            predict: None,
        };
        let begin = mark.begin;
        let scene = self.lesson.scenes.last_mut().ok_or(Off::Nowhere)?;
        scene.steps.push(step);
        self.number();
        self.mark = Some(Mark { run, begin, names: recorded.names });
        Ok(self.lesson.steps().count() - 1)
    }

    /// What a finished lesson needs and this one lacks.
    #[must_use]
    pub fn missing(&self) -> Vec<Missing> {
        let mut missing = Vec::new();
        let Lesson { title, question, goal, scenes, quiz, .. } = &self.lesson;
        for (place, text) in [("title", title), ("question", question), ("goal", goal)] {
            lacks(place, text, &mut missing);
        }
        let empty = scenes.iter().find(|scene| scene.steps.is_empty());
        if scenes.is_empty() || empty.is_some() {
            let place = empty.map_or_else(|| "A".to_owned(), |scene| scene.id.clone());
            missing.push(Missing { place, gap: Gap::Step });
        }
        for (_, step) in self.lesson.steps() {
            lacks(&step.id, &step.say, &mut missing);
            let Some(predict) = &step.predict else { continue };
            lacks(&step.id, &predict.ask, &mut missing);
            predict.choices.iter().for_each(|choice| lacks(&step.id, &choice.say, &mut missing));
            if predict.choices.len() < 2 {
                missing.push(Missing { place: step.id.clone(), gap: Gap::Choice });
            }
        }
        if let Some(quiz) = quiz {
            let texts = [&quiz.ask, &quiz.reason].into_iter();
            let texts = texts.chain(quiz.choices.iter().map(|choice| &choice.say));
            texts.for_each(|text| lacks(&quiz.id, text, &mut missing));
        }
        let mut once: Vec<Missing> = Vec::new();
        missing.retain(|it| {
            let new = !once.contains(it);
            once.extend(new.then(|| it.clone()));
            new
        });
        missing
    }

    /// Begins to walk through the lesson on many seeds.
    ///
    /// # Errors
    /// Something in it cannot be read.
    pub fn checkup(&self) -> Result<Checkup, LessonError> {
        Checkup::new(self.lesson.clone())
    }
}

impl Mark {
    /// From the end of the last step to the playhead.
    fn until(&self, timeline: &Timeline) -> Span {
        Span { from: self.run.position, to: timeline.position() }
    }
}

/// Why a condition cannot be read, if it can't; names in it stand for servers.
#[must_use]
pub fn unread_condition(line: &str) -> Option<String> {
    Condition::of(&Cast::stand_in(line)).err().map(|error| error.to_string())
}

/// Why a line of a script cannot be read, if it can't.
#[must_use]
pub fn unread_line(line: &str) -> Option<String> {
    vivarium_sim::scenario::read_acts(line).err().map(|error| error.to_string())
}

fn lacks(place: &str, text: &Text, missing: &mut Vec<Missing>) {
    for (own, gap) in [(&text.en, Gap::English), (&text.zh, Gap::Chinese)] {
        if own.trim().is_empty() {
            missing.push(Missing { place: place.to_owned(), gap });
        }
    }
}

/// An ensemble's line without its seed, and with one word for the times that an eye can follow.
fn written(setup: &Setup) -> String {
    let line = Setup { seed: Setup::default().seed, ..setup.clone() }.to_string();
    let watchable = Setup::watchable(setup.participants).to_string();
    let times = watchable.trim_start_matches(|c: char| c.is_ascii_digit());
    line.replacen(times, " watchable", 1)
}

/// The commands that were given before a position.
fn before(
    commands: &[(u64, vivarium_sim::Command)],
    position: u64,
) -> &[(u64, vivarium_sim::Command)] {
    &commands[..commands.partition_point(|(at, _)| *at < position)]
}

/// A run without what comes after its position.
fn upto(run: Run) -> Run {
    let commands = before(&run.commands, run.position).to_vec();
    Run { commands, ..run }
}
