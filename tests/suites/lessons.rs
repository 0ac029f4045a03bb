//! Every lesson under `static/lessons/` is walked through on fifty seeds: each step comes, each
//! prediction has one outcome, each task can be solved and can be missed, and each quiz is right.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::PathBuf;

use serde_json::Value;
use vivarium_lessons::{Course, Lesson, Moved};
use vivarium_sim::{Run, Timeline};
use vivarium_tests::schema::misfit;

/// The seeds on which a lesson has to be true.
const SEEDS: std::ops::RangeInclusive<u64> = 1..=50;

/// Every lesson, by its file's name.
fn lessons() -> Vec<(String, Lesson)> {
    let only = std::env::var("LESSON").ok();
    let wanted = |name: &String| only.as_ref().is_none_or(|only| name.starts_with(only.as_str()));
    let read = |(name, text): (String, String)| {
        let lesson = Lesson::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name, lesson)
    };
    files().into_iter().filter(|(name, _)| wanted(name)).map(read).collect()
}

/// The text of every file, by its name.
fn files() -> Vec<(String, String)> {
    let name = |path: &PathBuf| path.file_name().expect("a name").to_string_lossy().into_owned();
    let read = |path: &PathBuf| std::fs::read_to_string(path).expect("it can be read");
    paths().iter().map(|path| (name(path), read(path))).collect()
}

fn paths() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../static/lessons");
    let entries = std::fs::read_dir(folder).expect("the lessons lie there");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "json"));
    paths.sort();
    paths
}

/// Calls a check for every lesson and seed, each lesson on a thread of its own, and gathers what is
/// wrong.
fn on_every_seed(check: fn(&Lesson, u64) -> Result<(), String>) {
    let work = lessons().into_iter().map(|(name, lesson)| {
        std::thread::spawn(move || {
            let mut wrong = String::new();
            for seed in SEEDS {
                if let Err(what) = check(&lesson, seed) {
                    let _ = writeln!(wrong, "{name}, seed {seed}: {what}");
                }
            }
            wrong
        })
    });
    let work: Vec<_> = work.collect();
    let wrong: String = work.into_iter().map(|it| it.join().expect("a check ends")).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn there_is_a_lesson_and_every_file_is_named_after_its_own() {
    let lessons = lessons();
    assert!(!lessons.is_empty());
    for (name, lesson) in lessons {
        assert_eq!(name, format!("{}.json", lesson.id));
        for (place, (_, step)) in lesson.steps().enumerate() {
            assert_eq!(step.id, format!("{}.{}", lesson.id, place + 1));
        }
    }
}

/// What a checker complains of. An ensemble with an old bug put back is there to break a promise:
/// its lesson waits for that.
fn complaint(timeline: &Timeline) -> Option<String> {
    let world = timeline.world();
    let exhibits = world.setup().variants.on().count();
    world.violations().first().filter(|_| exhibits == 0).map(ToString::to_string)
}

#[test]
fn every_file_is_as_the_schema_says_and_is_written_back_alike() {
    let schema = include_str!("../../docs/lesson-schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    for (name, text) in files() {
        let value: Value = serde_json::from_str(&text).expect("a lesson is JSON");
        assert_eq!(misfit(&schema, &value), None, "{name}");
        let lesson = Lesson::parse(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        let written = serde_json::to_value(&lesson).expect("it can be written");
        assert_eq!(written, value, "{name}: a field is unknown, or is what it would be anyway");
        let spoilt = text.replacen("\"until\"", "\"untill\"", 1);
        let spoilt: Value = serde_json::from_str(&spoilt).expect("it is JSON still");
        assert!(misfit(&schema, &spoilt).is_some(), "{name}");
    }
}

#[test]
fn every_step_comes_in_time_and_exactly_one_prediction_comes_true() {
    on_every_seed(walk);
}

fn walk(lesson: &Lesson, seed: u64) -> Result<(), String> {
    let mut course = Course::new(lesson.clone(), seed).map_err(|error| error.to_string())?;
    let mut timeline = Timeline::new(course.setup());
    let mut seen = BTreeSet::new();
    loop {
        match course.advance(&mut timeline) {
            Moved::Reached(reached) => {
                let (_, step) = lesson.steps().nth(reached.step).ok_or("an unknown step")?;
                if reached.stood && !step.stands {
                    return Err(format!("{} holds before anything is done", step.id));
                }
                let predicts = step.predict.is_some();
                if reached.true_choices != usize::from(predicts) {
                    let count = reached.true_choices;
                    return Err(format!("{}: {count} predictions come true", step.id));
                }
                if step.focus.is_some() != reached.focus.is_some() {
                    return Err(format!("{}: its focus is nobody", step.id));
                }
                if reached.run.position != timeline.position() {
                    return Err(format!("{}: the playhead is elsewhere", step.id));
                }
                if let Some(broken) = complaint(&timeline) {
                    return Err(format!("{}: {broken}", step.id));
                }
                if Run::from_link(&reached.run.to_link()).as_ref() != Ok(&reached.run) {
                    return Err(format!("{}: its link opens another run", step.id));
                }
                seen.insert(reached.step);
            }
            Moved::Missed(missed) => return Err(format!("{}: {:?}", missed.id, missed.why)),
            Moved::Finished => break,
        }
    }
    let all = lesson.steps().count();
    if seen.len() == all { Ok(()) } else { Err(format!("{} of {all} steps came", seen.len())) }
}

#[test]
fn every_task_has_a_solution_that_passes_and_a_try_that_does_not() {
    on_every_seed(|lesson, seed| {
        let course = Course::new(lesson.clone(), seed).map_err(|error| error.to_string())?;
        let Some(task) = &lesson.task else { return Ok(()) };
        for run in 0..task.runs.len() {
            let solution = course.solution(run).map_err(|stuck| format!("solution: {stuck}"))?;
            let solution = solution.ok_or("there is a solution")?;
            course.solved_at(run, &solution).ok_or("the solution does not pass")?;
            let wrong = course.wrong_try(run).map_err(|stuck| format!("wrong try: {stuck}"))?;
            let wrong = wrong.ok_or("there is a wrong try")?;
            if course.solved_at(run, &wrong).is_some() {
                return Err(format!("{}: the wrong try passes", task.id));
            }
            let broken = complaint(&solution);
            broken.map_or(Ok(()), |broken| Err(format!("{}: {broken}", task.id)))?;
        }
        Ok(())
    });
}

#[test]
fn every_quiz_that_can_be_shown_is_right() {
    on_every_seed(|lesson, seed| {
        let course = Course::new(lesson.clone(), seed).map_err(|error| error.to_string())?;
        match course.shown().map_err(|stuck| format!("quiz: {stuck}"))? {
            Some((_, false)) => Err("the run shows another answer to the quiz".to_owned()),
            Some((timeline, true)) => match complaint(&timeline) {
                Some(broken) => Err(format!("quiz: {broken}")),
                None => Ok(()),
            },
            None => Ok(()),
        }
    });
}

#[test]
fn the_lesson_that_the_guide_for_authors_builds_is_one_and_holds_on_every_seed() {
    let guide = include_str!("../../docs/writing-a-lesson.md");
    let file = guide.split("```json\n").nth(1).and_then(|rest| rest.split("```").next());
    let file = file.expect("the guide shows the file");
    let schema = include_str!("../../docs/lesson-schema.json");
    let schema: Value = serde_json::from_str(schema).expect("the schema is JSON");
    let value: Value = serde_json::from_str(file).expect("the file is JSON");
    assert_eq!(misfit(&schema, &value), None);
    let draft = vivarium_lessons::draft::Draft::open(file).expect("it is a lesson");
    assert_eq!(draft.export().as_deref(), Ok(file), "as the editor would save it");
    for seed in SEEDS {
        assert_eq!(walk(draft.lesson(), seed), Ok(()), "seed {seed}");
    }
}
