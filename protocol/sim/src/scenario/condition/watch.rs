//! Somebody who looks on while a run goes by, so that a condition may speak of what was.

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::Frame;

use super::Condition;
use super::facts::Facts;
use super::measure::compare;
use crate::world::World;

/// A condition with what it has to remember. It must be shown every frame of the run since it was
/// made, in order, each with the world right after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watch {
    condition: Condition,
    facts: Facts,
    /// One for each `seen` and `lasted`, in the order in which they are written.
    memory: Vec<Memory>,
}

/// What one part of a condition remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Memory {
    /// Of a `seen`: whether it was.
    seen: bool,
    /// Of a `lasted`: since when it holds.
    since: Option<Time>,
}

impl Watch {
    /// A watch that begins in this world.
    #[must_use]
    pub fn new(condition: Condition, world: &World) -> Watch {
        let facts = Facts::at(world);
        let mut watch = Watch { condition, facts, memory: Vec::new() };
        watch.memory = vec![Memory::default(); remembered(&watch.condition)];
        watch
    }

    /// Its condition.
    #[must_use]
    pub fn condition(&self) -> &Condition {
        &self.condition
    }

    /// What the run has shown since the watch began.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Takes the next frame, with the world after it; tells whether the condition holds now.
    pub fn see(&mut self, world: &World, frame: &Frame) -> bool {
        self.facts.fold(frame);
        self.look(world, Some(frame))
    }

    /// Whether the condition holds now, where no new frame has come.
    pub fn look(&mut self, world: &World, frame: Option<&Frame>) -> bool {
        let scene = Scene { world, frame, facts: &self.facts };
        truth(&self.condition, &scene, &mut self.memory.iter_mut())
    }
}

/// What a condition is judged by.
struct Scene<'a> {
    world: &'a World,
    frame: Option<&'a Frame>,
    facts: &'a Facts,
}

fn remembered(condition: &Condition) -> usize {
    let own = matches!(condition, Condition::Seen(_) | Condition::Lasted(..));
    usize::from(own) + condition.parts().iter().map(remembered).sum::<usize>()
}

/// Every part is judged, also where the outcome is known: each may have to remember this moment.
fn truth(
    condition: &Condition,
    scene: &Scene<'_>,
    memory: &mut std::slice::IterMut<'_, Memory>,
) -> bool {
    let now = scene.world.now();
    match condition {
        Condition::Not(part) => !truth(part, scene, memory),
        Condition::And(parts) => {
            let judged: Vec<bool> = parts.iter().map(|part| truth(part, scene, memory)).collect();
            judged.into_iter().all(|holds| holds)
        }
        Condition::Or(parts) => {
            let judged: Vec<bool> = parts.iter().map(|part| truth(part, scene, memory)).collect();
            judged.into_iter().any(|holds| holds)
        }
        Condition::Seen(part) => {
            let own = memory.next().expect("one memory for each `seen`");
            own.seen |= truth(part, scene, memory);
            own.seen
        }
        Condition::Lasted(us, part) => {
            let own = memory.next().expect("one memory for each `lasted`");
            let since = own.since.unwrap_or(now);
            own.since = truth(part, scene, memory).then_some(since);
            own.since.is_some() && now.0 >= since.0.saturating_add(*us)
        }
        Condition::Compare(measure, relation, bound) => {
            compare((measure, *relation, bound), scene.world, scene.facts)
        }
        Condition::History(id, roles) => scene.facts.went_through(*id, roles),
        leaf => leaf.stands(scene.world) || scene.frame.is_some_and(|frame| leaf.happened(frame)),
    }
}
