//! What a page has to remember while somebody writes a lesson: the draft, the step that is open,
//! what was typed and cannot be read, and a check that is under way.
//!
//! Invariant: the draft never holds a line or a condition that cannot be read; such a text stays
//! here, beside the reason, until it is mended.

mod words;

use vivarium_lessons::draft::{self, Checkup, Draft, Fault, Missing, Off};
use vivarium_lessons::{Choice, Lesson, Predict, Quiz, QuizChoice, Step, Text};

pub use words::{fault, findings, lack, refusal};

/// A lesson that is being written.
#[derive(Default)]
pub struct Writing {
    /// The draft.
    pub draft: Draft,
    /// Which step's form is open.
    pub open: Option<usize>,
    /// What was typed and cannot be read.
    pub wrong: Option<Wrong>,
    /// The check that runs, or the last one.
    pub checkup: Option<Checkup>,
    /// What the last click came to.
    pub said: Said,
    /// The draft before it was put away.
    discarded: Option<Draft>,
}

/// A text that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The field.
    pub field: String,
    /// The text as it was typed.
    pub text: String,
    /// Why it cannot be read.
    pub why: String,
}

/// What the last click came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Said {
    /// Nothing worth saying.
    #[default]
    Nothing,
    /// Recording was refused.
    Off(Off),
    /// The lesson does not hold in the author's own run.
    Fault(Fault),
    /// The lesson is not finished.
    Missing(Vec<Missing>),
    /// A file is no lesson: why.
    Foreign(String),
    /// The file was saved.
    Saved,
    /// The draft was put away and can be taken back.
    Discarded,
}

/// One language of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tongue {
    /// English.
    English,
    /// Chinese.
    Chinese,
}

/// A text of a lesson that an author writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spot {
    /// The title.
    Title,
    /// The question.
    Question,
    /// The goal.
    Goal,
    /// A step's sentence.
    Say(usize),
    /// The question before a step.
    Ask(usize),
    /// A choice of that question.
    Predicted(usize, usize),
    /// The quiz's question.
    QuizAsk,
    /// An answer of the quiz.
    Answer(usize),
    /// The quiz's reason.
    Reason,
}

/// The step at a place among all of them.
fn step_of(lesson: &mut Lesson, place: usize) -> Option<&mut Step> {
    lesson.scenes.iter_mut().flat_map(|scene| &mut scene.steps).nth(place)
}

/// A text of the lesson, to be changed.
fn text_of(lesson: &mut Lesson, spot: Spot) -> Option<&mut Text> {
    match spot {
        Spot::Title => Some(&mut lesson.title),
        Spot::Question => Some(&mut lesson.question),
        Spot::Goal => Some(&mut lesson.goal),
        Spot::Say(step) => step_of(lesson, step).map(|step| &mut step.say),
        Spot::Ask(step) => Some(&mut step_of(lesson, step)?.predict.as_mut()?.ask),
        Spot::Predicted(step, choice) => {
            let predict = step_of(lesson, step)?.predict.as_mut()?;
            predict.choices.get_mut(choice).map(|choice| &mut choice.say)
        }
        Spot::QuizAsk => lesson.quiz.as_mut().map(|quiz| &mut quiz.ask),
        Spot::Answer(choice) => {
            let choices = &mut lesson.quiz.as_mut()?.choices;
            choices.get_mut(choice).map(|choice| &mut choice.say)
        }
        Spot::Reason => lesson.quiz.as_mut().map(|quiz| &mut quiz.reason),
    }
}

impl Writing {
    /// Goes on with what the browser has kept.
    #[must_use]
    pub fn kept(json: Option<&str>) -> Writing {
        let draft = json.and_then(Draft::take_up).unwrap_or_default();
        Writing { draft, ..Writing::default() }
    }

    /// Takes one language of a text.
    pub fn write(&mut self, spot: Spot, tongue: Tongue, words: String) {
        self.draft.change(|lesson| {
            if let Some(text) = text_of(lesson, spot) {
                match tongue {
                    Tongue::English => text.en = words,
                    Tongue::Chinese => text.zh = words,
                }
            }
        });
    }

    /// Takes a condition for a step, or keeps it beside the reason why it cannot be read.
    pub fn wait_for(&mut self, step: usize, line: String) {
        let why = draft::unread_condition(&line);
        if self.reads(format!("step-until-{step}"), &line, why) {
            self.draft.change(|lesson| {
                if let Some(step) = step_of(lesson, step) {
                    step.until = line.trim().to_owned();
                    step.stands = false;
                }
            });
        }
    }

    /// Takes the lines that a step does, or keeps them beside the reason.
    pub fn do_lines(&mut self, step: usize, text: String) {
        let lines: Vec<String> =
            text.lines().map(|line| line.trim().to_owned()).filter(|it| !it.is_empty()).collect();
        let why = lines
            .iter()
            .find_map(|line| draft::unread_line(line).map(|why| format!("{line}: {why}")));
        if self.reads(format!("step-do-{step}"), &text, why) {
            self.draft.change(|lesson| {
                if let Some(step) = step_of(lesson, step) {
                    step.acts = lines;
                }
            });
        }
    }

    /// Takes the condition of a prediction's choice, or keeps it beside the reason.
    pub fn predict_if(&mut self, step: usize, choice: usize, line: String) {
        let why = draft::unread_condition(&line);
        if self.reads(format!("choice-if-{step}-{choice}"), &line, why) {
            self.draft.change(|lesson| {
                let predict = step_of(lesson, step).and_then(|step| step.predict.as_mut());
                let choice = predict.and_then(|predict| predict.choices.get_mut(choice));
                if let Some(choice) = choice {
                    choice.holds = line.trim().to_owned();
                }
            });
        }
    }

    fn reads(&mut self, field: String, text: &str, why: Option<String>) -> bool {
        let other = self.wrong.take().filter(|wrong| wrong.field != field);
        let reads = why.is_none();
        self.wrong = match why {
            Some(why) => Some(Wrong { field, text: text.to_owned(), why }),
            None => other,
        };
        reads
    }

    /// What stands in a field: what was typed, where that cannot be read.
    #[must_use]
    pub fn typed(&self, field: &str, own: String) -> (String, Option<String>) {
        match self.wrong.as_ref().filter(|wrong| wrong.field == field) {
            Some(wrong) => (wrong.text.clone(), Some(wrong.why.clone())),
            None => (own, None),
        }
    }

    /// Moves a step within its scene: by -1 or 1.
    pub fn shift(&mut self, step: usize, by: isize) {
        self.draft.change(|lesson| {
            if let Some((scene, own)) = place_of(lesson, step) {
                let steps = &mut lesson.scenes[scene].steps;
                if let Some(to) = own.checked_add_signed(by).filter(|to| *to < steps.len()) {
                    steps.swap(own, to);
                }
            }
        });
        self.wrong = None;
    }

    /// Removes a step, and its scene with the last one.
    pub fn remove(&mut self, step: usize) {
        self.draft.change(|lesson| {
            if let Some((scene, own)) = place_of(lesson, step) {
                lesson.scenes[scene].steps.remove(own);
                if lesson.scenes[scene].steps.is_empty() {
                    lesson.scenes.remove(scene);
                }
            }
        });
        (self.open, self.wrong) = (None, None);
    }

    /// Asks for a prediction before a step, or no more. The first choice is what comes true.
    pub fn ask_before(&mut self, step: usize, asks: bool) {
        self.draft.change(|lesson| {
            let Some(step) = step_of(lesson, step) else { return };
            let choice = |holds: String| Choice { say: Text::default(), holds };
            let otherwise = format!("not ({})", step.until);
            let choices = vec![choice(step.until.clone()), choice(otherwise)];
            step.predict = asks.then(|| Predict { ask: Text::default(), choices });
        });
        self.wrong = None;
    }

    /// Puts a question at the end, with three answers, or takes it away.
    pub fn examine(&mut self, asks: bool) {
        let choice = || QuizChoice { say: Text::default() };
        let quiz = || Quiz {
            id: String::new(),
            ask: Text::default(),
            choices: vec![choice(), choice(), choice()],
            answer: 0,
            reason: Text::default(),
            shown: None,
        };
        self.draft.change(|lesson| lesson.quiz = asks.then(quiz));
    }

    /// Opens a lesson's file.
    pub fn open_file(&mut self, json: &str) {
        match Draft::open(json) {
            Ok(draft) => *self = Writing { draft, ..Writing::default() },
            Err(error) => self.said = Said::Foreign(error.to_string()),
        }
    }

    /// Puts the draft away; it can be taken back.
    pub fn discard(&mut self) {
        let discarded = Some(std::mem::take(&mut self.draft));
        *self = Writing { discarded, said: Said::Discarded, ..Writing::default() };
    }

    /// Takes back the draft that was put away.
    pub fn take_back(&mut self) {
        if let Some(draft) = self.discarded.take() {
            *self = Writing { draft, ..Writing::default() };
        }
    }

    /// Begins a check of the lesson.
    pub fn check(&mut self) {
        match self.draft.checkup() {
            Ok(checkup) => self.checkup = Some(checkup),
            Err(error) => self.said = Said::Foreign(error.to_string()),
        }
    }

    /// Goes on with the check for one seed; false if it is over.
    pub fn check_on(&mut self) -> bool {
        self.checkup.as_mut().is_some_and(Checkup::advance)
    }
}

/// A step's scene, and its place there.
fn place_of(lesson: &Lesson, step: usize) -> Option<(usize, usize)> {
    let places = lesson.scenes.iter().enumerate();
    let mut places =
        places.flat_map(|(at, scene)| (0..scene.steps.len()).map(move |own| (at, own)));
    places.nth(step)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use vivarium_lessons::draft::Gap;
    use vivarium_sim::{Command, Condition, Setup, Timeline};

    /// Two steps: the leader falls, and comes back.
    fn written() -> (Writing, Timeline) {
        let mut timeline = Timeline::new(Setup::watchable(3));
        let wait = |timeline: &mut Timeline, condition: &str| {
            let condition = Condition::of(condition).unwrap();
            let seen = timeline.run_until(50_000, |world, it| condition.holds(world, Some(it)));
            seen.expect("it comes");
        };
        wait(&mut timeline, "settled");
        let mut writing = Writing::default();
        writing.draft.begin_scene(&timeline).unwrap();
        for (act, until) in [("crash 3", "role any LEADING"), ("start 3", "role 3 FOLLOWING")] {
            timeline.command(act.parse::<Command>().unwrap()).unwrap();
            wait(&mut timeline, until);
            let best = writing.draft.offers(&timeline).unwrap().remove(0);
            writing.draft.record_step(&timeline, &best.condition).unwrap();
        }
        (writing, timeline)
    }

    #[test]
    fn what_cannot_be_read_stays_in_its_field_beside_the_reason() {
        let (mut writing, _) = written();
        let before = writing.draft.to_json();
        writing.wait_for(0, "servin".to_owned());
        assert_eq!(writing.draft.to_json(), before);
        let (text, why) = writing.typed("step-until-0", "own".to_owned());
        assert!(text == "servin" && why.unwrap().contains("a condition"));
        assert_eq!(writing.typed("step-until-1", "own".to_owned()), ("own".to_owned(), None));
        writing.wait_for(0, "role any LEADING and down $leader1".to_owned());
        assert_eq!(writing.wrong, None);
        let lesson = writing.draft.lesson();
        assert_eq!(lesson.scenes[0].steps[0].until, "role any LEADING and down $leader1");
        writing.do_lines(0, "name leader1 = leader\n\n crash $leader1 ".to_owned());
        let lesson = writing.draft.lesson();
        assert_eq!(lesson.scenes[0].steps[0].acts, ["name leader1 = leader", "crash $leader1"]);
        writing.do_lines(0, "destroy 1".to_owned());
        assert!(writing.wrong.as_ref().unwrap().why.starts_with("destroy 1: "));
    }

    #[test]
    fn sentences_are_taken_in_both_languages_and_the_lesson_is_finished_then() {
        let (mut writing, _) = written();
        writing.ask_before(1, true);
        writing.examine(true);
        let choices = (0..2).map(|choice| Spot::Predicted(1, choice));
        let spots = [Spot::Title, Spot::Question, Spot::Goal, Spot::Say(0), Spot::Say(1)];
        let exam = [Spot::Ask(1), Spot::QuizAsk, Spot::Reason];
        let answers = (0..3).map(Spot::Answer);
        for spot in spots.into_iter().chain(exam).chain(choices).chain(answers) {
            assert!(writing.draft.export().is_err());
            writing.write(spot, Tongue::English, "Words.".to_owned());
            writing.write(spot, Tongue::Chinese, "话。".to_owned());
        }
        let file = writing.draft.export().expect("nothing is missing");
        writing.check();
        while writing.check_on() {}
        assert_eq!(writing.checkup.as_ref().unwrap().faults(), []);
        let mut other = Writing::default();
        other.open_file("{}");
        assert!(matches!(other.said, Said::Foreign(_)));
        other.open_file(&file);
        assert_eq!(other.draft.lesson(), writing.draft.lesson());
        assert_eq!(Writing::kept(Some(&file)).draft.lesson(), writing.draft.lesson());
    }

    #[test]
    fn steps_are_moved_and_removed_and_a_draft_put_away_is_taken_back() {
        let (mut writing, _) = written();
        let untils = |writing: &Writing| -> Vec<String> {
            writing.draft.lesson().steps().map(|(_, step)| step.until.clone()).collect()
        };
        let before = untils(&writing);
        writing.shift(0, -1);
        assert_eq!(untils(&writing), before, "it is the first already");
        writing.shift(0, 1);
        assert_eq!(untils(&writing), [before[1].clone(), before[0].clone()]);
        let ids: Vec<&str> = writing.draft.lesson().steps().map(|(_, it)| it.id.as_str()).collect();
        assert_eq!(ids, ["L99.1", "L99.2"], "their numbers follow");
        writing.check();
        while writing.check_on() {}
        let found = findings(writing.checkup.as_ref().unwrap().faults(), Lang::English);
        assert!(found.len() == 1 && found[0].starts_with("L99.1: what it does"), "{found:?}");
        assert!(found[0].ends_with("19, 20)"), "{found:?}");
        writing.discard();
        assert!(writing.draft.lesson().scenes.is_empty() && writing.said == Said::Discarded);
        writing.take_back();
        writing.remove(0);
        assert_eq!(untils(&writing), [before[0].clone()]);
        writing.remove(0);
        assert!(writing.draft.lesson().scenes.is_empty(), "a scene goes with its last step");
    }

    #[test]
    fn every_refusal_and_gap_is_said_in_both_languages() {
        let why = || "why".to_owned();
        let offs = [Off::Nowhere, Off::Astray, Off::InVain, Off::Full];
        let offs = offs.into_iter().chain([Off::Unreadable(why()), Off::Nobody(why())]);
        for off in offs {
            assert_ne!(refusal(&off, Lang::English), refusal(&off, Lang::Chinese));
        }
        for gap in [Gap::English, Gap::Chinese, Gap::Step, Gap::Choice] {
            let missing = Missing { place: "title".to_owned(), gap };
            assert!(lack(&missing, Lang::Chinese).starts_with("标题：缺少"));
        }
    }
}
