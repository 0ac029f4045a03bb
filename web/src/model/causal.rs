//! What led to a step and what it led to: happened-before, as the trace itself tells it.
//!
//! A step follows from the one before it on the same server and from the one that its frame names
//! as its cause (the sending of the message, the setting of the timer). Since all that came before
//! a step on its own server led to it, the past is one last step for each server, and the future
//! one first step: two cuts through the diagram. What lies between them happened apart.

use vivarium_protocol::base::{ServerId, SortedMap, SortedSet};
use vivarium_protocol::trace::Frame;

use super::chronicle::Arrow;

/// Where something stands to the step in question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// It led to it.
    Past,
    /// It is it, or follows from it.
    Future,
    /// Neither knew of the other.
    Apart,
}

/// The past and the future of one step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cone {
    /// The step in question.
    pub focus: u64,
    /// The last step of each server that led to it.
    pub past: SortedMap<ServerId, u64>,
    /// The first step of each server that follows from it.
    pub future: SortedMap<ServerId, u64>,
}

impl Cone {
    /// The past and future of `focus`, as far as the steps `from..to` tell; `None` if there is no
    /// such step.
    #[must_use]
    pub fn of(frames: &[Frame], focus: u64, from: u64, to: u64) -> Option<Cone> {
        let frame = frames.get(focus as usize)?;
        let mut cone = Cone { focus, ..Cone::default() };
        cone.look_back(frames, from.min(focus));
        if let Some(peer) = frame.peer {
            cone.future.insert(peer, focus);
        }
        cone.look_ahead(frames, to.min(frames.len() as u64));
        Some(cone)
    }

    fn look_back(&mut self, frames: &[Frame], from: u64) {
        let mut causes = SortedSet::from([self.focus]);
        for step in (from..=self.focus).rev() {
            let frame = &frames[step as usize];
            let follows = frame.peer.is_some_and(|peer| self.past.contains_key(&peer));
            if !causes.remove(&step) && !follows {
                continue;
            }
            if let Some(peer) = frame.peer {
                self.past.entry(peer).or_insert(step);
            }
            causes.extend(frame.caused_by);
        }
    }

    fn look_ahead(&mut self, frames: &[Frame], to: u64) {
        for step in self.focus + 1..to {
            let frame = &frames[step as usize];
            let Some(peer) = frame.peer.filter(|peer| !self.future.contains_key(peer)) else {
                continue;
            };
            let cause = frame.caused_by.filter(|cause| *cause >= self.focus);
            let follows = cause.is_some_and(|cause| {
                let by = frames.get(cause as usize).and_then(|frame| frame.peer);
                cause == self.focus || by.is_some_and(|by| self.follows(by, cause))
            });
            if follows {
                self.future.insert(peer, step);
            }
        }
    }

    fn led(&self, peer: ServerId, step: u64) -> bool {
        self.past.get(&peer).is_some_and(|last| step <= *last)
    }

    fn follows(&self, peer: ServerId, step: u64) -> bool {
        self.future.get(&peer).is_some_and(|first| step >= *first)
    }

    /// Where a message stands: it led to the step if its arrival did, and follows if its sending
    /// does.
    #[must_use]
    pub fn relation(&self, arrow: &Arrow) -> Relation {
        let id = arrow.travel.id;
        if self.follows(id.from, arrow.step) {
            Relation::Future
        } else if arrow.ended.is_some_and(|ended| self.led(id.to, ended)) {
            Relation::Past
        } else {
            Relation::Apart
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_protocol::base::Time;
    use vivarium_protocol::trace::Cause;

    fn frame(step: u64, peer: i64, caused_by: Option<u64>) -> Frame {
        let peer = (peer > 0).then_some(ServerId(peer));
        Frame { step, at: Time(step), peer, cause: Cause::Durable, caused_by, events: Vec::new() }
    }

    /// 1 tells 2, which tells 3; 4 does something of its own, and hears of it last.
    fn chain() -> Vec<Frame> {
        vec![
            frame(0, 1, None),
            frame(1, 4, None),
            frame(2, 2, Some(0)),
            frame(3, 4, Some(1)),
            frame(4, 3, Some(2)),
            frame(5, 1, None),
            frame(6, 4, Some(4)),
        ]
    }

    #[test]
    fn the_past_and_the_future_of_a_step_follow_messages_and_servers() {
        let frames = chain();
        let cone = Cone::of(&frames, 2, 0, 7).expect("there is such a step");
        assert_eq!(cone.past, SortedMap::from([(ServerId(1), 0), (ServerId(2), 2)]));
        let future = SortedMap::from([(ServerId(2), 2), (ServerId(3), 4), (ServerId(4), 6)]);
        assert_eq!(cone.future, future, "1's own next step and 4's earlier ones happened apart");
    }

    #[test]
    fn only_the_steps_that_are_asked_for_are_looked_at() {
        let frames = chain();
        let cone = Cone::of(&frames, 4, 2, 5).expect("there is such a step");
        assert!(!cone.past.contains_key(&ServerId(1)) && !cone.future.contains_key(&ServerId(4)));
        assert_eq!(Cone::of(&frames, 9, 0, 9), None);
    }
}
