//! Another run beside the present one, aligned where the two first differ.
//!
//! Invariant: up to the difference both runs have the same frames.

use std::rc::Rc;

use vivarium_protocol::trace::Frame;
use vivarium_sim::Cuts;

use super::chronicle::Chronicle;
use super::scene::Scene;

/// The other run.
pub struct Twin {
    /// All of it as the diagram draws it.
    pub chronicle: Chronicle,
    /// What its network would not carry.
    pub cuts: Vec<Cuts>,
    /// Its frames.
    pub frames: Vec<Frame>,
    /// The first step in which the two differ; `None` if one is but the beginning of the other.
    pub differs: Option<usize>,
    /// The other run's scene after that step.
    pub scene: Option<Rc<Scene>>,
}

impl Twin {
    /// Compares the other run's `frames` with `ours`; `chronicle` is one of nothing yet.
    #[must_use]
    pub fn new(
        mut chronicle: Chronicle,
        frames: Vec<Frame>,
        cuts: Vec<Cuts>,
        ours: &[Frame],
    ) -> Twin {
        let differs = frames.iter().zip(ours).position(|(other, own)| other != own);
        let mut scene = None;
        for (index, frame) in frames.iter().enumerate() {
            chronicle.push(frame);
            if differs == Some(index) {
                scene = Some(Rc::new(chronicle.frontier().clone()));
            }
        }
        Twin { chronicle, cuts, frames, differs, scene }
    }

    /// The other run's step of the first difference.
    #[must_use]
    pub fn frame(&self) -> Option<&Frame> {
        self.frames.get(self.differs?)
    }
}
