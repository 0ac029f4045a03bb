//! One step of a lesson: its acts, the wait for its condition, and what came of its predictions.

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::Frame;
use vivarium_sim::scenario::{Cast, Condition, Watch};
use vivarium_sim::words::read_micros;
use vivarium_sim::{Run, Timeline};

use crate::course::{Course, Place, Reached, Why, open};
use crate::lesson::Step;
use crate::script::{Stage, Stuck};

/// A step that is waited for.
struct Awaited {
    step: usize,
    watch: Watch,
    stood: bool,
    /// After how many frames its condition held first.
    met: Option<u64>,
}

impl Course {
    /// Tries to reach a step, or one of those that may come in its place.
    pub(crate) fn attempt(
        &self,
        timeline: &mut Timeline,
        here: Option<Place>,
        next: usize,
        astray: bool,
    ) -> Result<Reached, Why> {
        let scene = self.scene_of(next);
        let mut place = match here.filter(|here| here.scene == scene) {
            Some(mut place) if astray => {
                place.since = place.since.min(timeline.position());
                place
            }
            Some(place) => {
                open(timeline, &place.resume);
                place
            }
            None => self.opening(scene, timeline).map_err(Why::Stuck)?,
        };
        if place.waiting.is_empty() {
            self.begin_group(timeline, &mut place, next).map_err(Why::Stuck)?;
        }
        let mut awaited = self.awaited(timeline, &place)?;
        let (since, now) = (place.since, timeline.position());
        timeline.replay(since, now, |world, frame| {
            for one in &mut awaited {
                if one.watch.see(world, frame) && one.met.is_none() {
                    one.met = Some(world.steps());
                }
            }
        });
        wait(timeline, &mut place, &mut awaited);
        let first = awaited.iter().filter(|one| one.met.is_some()).min_by_key(|one| one.met);
        let Some(first) = first else { return Err(Why::Late) };
        let met = first.met.unwrap_or(now);
        place.waiting.retain(|step| *step != first.step);
        place.resume = Run { position: met.max(now), ..timeline.run() };
        timeline.seek(met);
        self.judged(timeline, place, first)
    }

    /// Does what a step does first, and all those that may come in its place.
    fn begin_group(
        &self,
        timeline: &mut Timeline,
        place: &mut Place,
        next: usize,
    ) -> Result<(), Stuck> {
        place.since = timeline.position();
        place.waiting = self.group(next);
        let mut within_us = 0;
        for step in self.waiting(place) {
            let begin = place.begin;
            Stage { timeline, cast: &mut place.cast, begin }.play(&step.acts)?;
            within_us = within_us.max(read_micros(&step.within).unwrap_or(0));
        }
        place.until = timeline.world().now() + within_us;
        Ok(())
    }

    /// A step with those that may come in its place: its neighbours in the same scene.
    fn group(&self, next: usize) -> Vec<usize> {
        let scene = self.scene_of(next);
        let steps: Vec<(usize, &Step)> = self.lesson().steps().collect();
        let free = |at: &usize| {
            let (its, step) = steps[*at];
            its == scene && step.either
        };
        if !free(&next) {
            return vec![next];
        }
        (next..steps.len()).take_while(free).collect()
    }

    fn waiting(&self, place: &Place) -> Vec<&Step> {
        let steps: Vec<&Step> = self.lesson().steps().map(|(_, step)| step).collect();
        place.waiting.iter().map(|at| steps[*at]).collect()
    }

    /// A watch for each step that is waited for, as things were before anything was done.
    fn awaited(&self, timeline: &mut Timeline, place: &Place) -> Result<Vec<Awaited>, Why> {
        let world = timeline.world_after(place.since);
        let mut awaited = Vec::new();
        for (step, at) in self.waiting(place).into_iter().zip(&place.waiting) {
            let condition = condition(&step.until, &place.cast, timeline).map_err(Why::Stuck)?;
            let mut watch = timeline.watched(condition, place.begin, place.since);
            let stood = watch.look(&world, None);
            let met = (stood && timeline.position() == place.since).then_some(place.since);
            awaited.push(Awaited { step: *at, watch, stood, met });
        }
        Ok(awaited)
    }

    /// The step as it was reached, with what came true of its predictions.
    fn judged(&self, timeline: &Timeline, place: Place, first: &Awaited) -> Result<Reached, Why> {
        let (_, step) = self.lesson().steps().nth(first.step).expect("it was waited for");
        let met = timeline.position();
        let condition = first.watch.condition();
        let is_about = |frame: &&Frame| met > place.since || condition.event(frame).is_some();
        let frame = timeline.last_frame().filter(is_about);
        let choices = step.predict.iter().flat_map(|predict| &predict.choices);
        let mut came_true = Vec::new();
        for (number, choice) in choices.enumerate() {
            let holds =
                self::condition(&choice.holds, &place.cast, timeline).map_err(Why::Stuck)?;
            let mut watch = timeline.watched(holds, place.begin, met);
            if watch.look(timeline.world(), timeline.last_frame()) {
                came_true.push(number);
            }
        }
        let focus = step.focus.as_ref();
        Ok(Reached {
            step: first.step,
            id: step.id.clone(),
            run: timeline.run(),
            frame: frame.map(|frame| frame.step),
            event: frame.and_then(|frame| condition.event(frame)),
            at: timeline.world().now(),
            focus: focus.and_then(|focus| place.cast.resolve(focus, timeline.world()).ok()),
            came_true: came_true.first().copied(),
            true_choices: came_true.len(),
            stood: first.stood,
            place,
        })
    }
}

/// A condition with its names resolved.
pub(crate) fn condition(line: &str, cast: &Cast, timeline: &Timeline) -> Result<Condition, Stuck> {
    let nobody = |error| Stuck::Nobody { line: line.to_owned(), error };
    let resolved = cast.resolve(line, timeline.world()).map_err(nobody)?;
    Condition::of(&resolved).map_err(|_| Stuck::Unreadable(line.to_owned()))
}

/// Lets time pass until one of them is met.
fn wait(timeline: &mut Timeline, place: &mut Place, awaited: &mut [Awaited]) {
    if awaited.iter().any(|one| one.met.is_some()) {
        return;
    }
    let (until, begin): (Time, u64) = (place.until, place.begin);
    let mut stage = Stage { timeline, cast: &mut place.cast, begin };
    stage.run_until(until, |shot| {
        for one in awaited.iter_mut() {
            if shot.see(&mut one.watch) && one.met.is_none() {
                one.met = Some(shot.position());
            }
        }
        awaited.iter().any(|one| one.met.is_some())
    });
}
