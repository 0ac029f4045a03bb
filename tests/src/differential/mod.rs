//! The same random requests to two servers, and every answer compared.
//!
//! Invariants:
//! 1. What is compared is bytes, read by code of its own: nothing of the server under test judges
//!    its own answers.
//! 2. A seed means the same requests in the same order, as long as the servers agree.
//! 3. A difference that is meant is one entry of docs/differences.md and one rule of
//!    `differences`, which names it.

pub mod differences;
mod generator;
mod jute;
mod report;
mod request;
mod seen;
mod side;
mod step;

use generator::{Generator, SLOTS};
use report::History;
use std::net::SocketAddr;

pub use report::Outcome;
pub use side::Side;

/// How much is asked, and which run it is.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The seed of the run.
    pub seed: u64,
    /// How many requests are sent to each server, the pings between steps apart.
    pub requests: usize,
}

/// One of the two: what it is called, and where it listens.
#[derive(Clone, Debug)]
pub struct Server {
    /// Its name in reports.
    pub name: &'static str,
    /// Its addresses, one for each member.
    pub addresses: Vec<SocketAddr>,
}

/// Sends the same to both servers until the plan is done or they differ.
///
/// `theirs` is the one that is right by definition; `before_3_9` says that it is an older release.
///
/// # Errors
/// The first difference, with what led to it.
///
/// # Panics
/// When a server can't be reached.
pub fn compare(
    plan: Plan,
    theirs: &Server,
    ours: &Server,
    before_3_9: bool,
) -> Result<Outcome, String> {
    let mut generator = Generator::new(plan.seed, before_3_9);
    let mut theirs = Side::new(theirs.name, theirs.addresses.clone(), SLOTS, None);
    let mut ours = Side::new(ours.name, ours.addresses.clone(), SLOTS, Some(before_3_9));
    let mut history = History::default();
    while history.requests() < plan.requests {
        let step = generator.step();
        theirs.begin(&step);
        ours.begin(&step);
        let (mut right, mut left) = (theirs.finish(&step), ours.finish(&step));
        history.add(&step, &right);
        differences::settle(before_3_9, &step, &mut right, &mut left);
        // Who did the step comes first: what the others saw follows from it.
        let others = (0..SLOTS).filter(|slot| *slot != step.slot());
        for slot in std::iter::once(step.slot()).chain(others) {
            let (right, left) = (&right[slot], &left[slot]);
            if right != left {
                let names = [&theirs.name, &ours.name].map(String::as_str);
                return Err(history.difference(plan.seed, slot, names, right, left));
            }
        }
        generator.learn(&step, &right);
    }
    Ok(history.outcome())
}
