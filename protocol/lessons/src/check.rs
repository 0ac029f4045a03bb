//! What a lesson's file must be beyond its shape: every line of it can be read.

use vivarium_sim::scenario::{Cast, Condition, read_acts};
use vivarium_sim::words::read_micros;

use crate::lesson::{Lesson, LessonError, Step, setup};

/// Finds the first line that cannot be read.
pub(crate) fn check(lesson: &Lesson) -> Result<(), LessonError> {
    let steps = lesson.scenes.iter().all(|scene| !scene.steps.is_empty());
    let any = steps && !lesson.scenes.is_empty();
    at(&lesson.id, any.then_some(()).ok_or_else(|| "every scene has a step".to_owned()))?;
    for scene in &lesson.scenes {
        let place = format!("{}, scene {}", lesson.id, scene.id);
        at(&place, setup(&scene.setup, 1).map(drop))?;
        lines(&place, &scene.script)?;
        scene.steps.iter().try_for_each(check_step)?;
    }
    if let Some(task) = &lesson.task {
        for run in &task.runs {
            let own = run.solution_setup.as_ref();
            let setups = std::iter::once(&run.setup).chain(own);
            setups.into_iter().try_for_each(|line| at(&task.id, setup(line, 1).map(drop)))?;
            [&run.script, &run.solution, &run.wrong]
                .into_iter()
                .try_for_each(|acts| lines(&task.id, acts))?;
            condition(&task.id, &run.check)?;
        }
    }
    if let Some(quiz) = &lesson.quiz {
        let known = usize::from(quiz.answer) < quiz.choices.len();
        at(&quiz.id, if known { Ok(()) } else { Err("no choice has that number".to_owned()) })?;
        if let Some(shown) = &quiz.shown {
            at(&quiz.id, setup(&shown.setup, 1).map(drop))?;
            lines(&quiz.id, &shown.script)?;
            condition(&quiz.id, &shown.holds)?;
        }
    }
    Ok(())
}

fn check_step(step: &Step) -> Result<(), LessonError> {
    lines(&step.id, &step.acts)?;
    condition(&step.id, &step.until)?;
    let wrong = || format!("`{}` is no duration", step.within);
    at(&step.id, read_micros(&step.within).map(drop).ok_or_else(wrong))?;
    let choices = step.predict.iter().flat_map(|predict| &predict.choices);
    choices.into_iter().try_for_each(|choice| condition(&step.id, &choice.holds))
}

fn lines(place: &str, lines: &[String]) -> Result<(), LessonError> {
    lines.iter().try_for_each(|line| {
        at(place, read_acts(line).map(drop).map_err(|error| format!("`{line}`: {error}")))
    })
}

fn condition(place: &str, line: &str) -> Result<(), LessonError> {
    let read = Condition::of(&Cast::stand_in(line));
    at(place, read.map(drop).map_err(|error| format!("`{line}`: {error}")))
}

fn at(place: &str, outcome: Result<(), String>) -> Result<(), LessonError> {
    outcome.map_err(|why| LessonError::Line { place: place.to_owned(), why })
}
