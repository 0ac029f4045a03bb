//! What led to a difference, for a person.

use super::request::Path;
use super::seen::Seen;
use super::step::{Slot, Step};
use std::collections::{BTreeMap, VecDeque};
use std::fmt::{self, Write as _};

/// How many steps are shown in full.
const STEPS: usize = 3;
/// How many older requests about the same path are shown.
const REQUESTS: usize = 12;
/// How many older steps are kept for them.
const KEPT: usize = 400;

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Requests that were sent to each server.
    pub requests: usize,
    /// Replies to them, by opcode and error code.
    pub replies: BTreeMap<(i32, i32), usize>,
    /// Watch events, by type.
    pub events: BTreeMap<i32, usize>,
    /// Connections that were opened.
    pub connections: usize,
    /// Connections that the servers closed.
    pub closed: usize,
}

impl fmt::Display for Outcome {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome { requests, connections, closed, .. } = self;
        writeln!(out, "{requests} requests, {connections} connections, {closed} of them closed")?;
        write!(out, "events by type:")?;
        self.events.iter().try_for_each(|(kind, count)| write!(out, " {kind}: {count}"))?;
        let mut last = None;
        for ((opcode, err), count) in &self.replies {
            if last != Some(opcode) {
                write!(out, "\nopcode {opcode}, replies by error:")?;
                last = Some(opcode);
            }
            write!(out, " {err}: {count}")?;
        }
        writeln!(out)
    }
}

/// The steps so far.
#[derive(Debug, Default)]
pub(super) struct History {
    steps: VecDeque<(Step, Vec<Vec<Seen>>)>,
    outcome: Outcome,
}

impl History {
    pub(super) fn requests(&self) -> usize {
        self.outcome.requests
    }

    pub(super) fn outcome(self) -> Outcome {
        self.outcome
    }

    pub(super) fn add(&mut self, step: &Step, seen: &[Vec<Seen>]) {
        if let Step::Burst { requests, .. } = step {
            self.outcome.requests += requests.len();
        }
        self.outcome.connections += usize::from(matches!(step, Step::Connect { .. }));
        for (slot, seen) in seen.iter().enumerate() {
            for what in seen {
                self.count(if slot == step.slot() { Some(step) } else { None }, what);
            }
        }
        self.steps.push_back((step.clone(), seen.to_vec()));
        if self.steps.len() > KEPT {
            self.steps.pop_front();
        }
    }

    fn count(&mut self, step: Option<&Step>, what: &Seen) {
        match what {
            Seen::Reply { xid, err, .. } => {
                if let Some(request) = step.and_then(|step| step.request(*xid)) {
                    *self.outcome.replies.entry((request.opcode, *err)).or_default() += 1;
                }
            }
            Seen::Event { kind, .. } => *self.outcome.events.entry(*kind).or_default() += 1,
            Seen::Closed => self.outcome.closed += 1,
            Seen::Connected { .. } | Seen::Silence | Seen::Unreadable(_) => {}
        }
    }

    /// The difference in what a client saw of the last step, and what led to it.
    pub(super) fn difference(
        &self,
        seed: u64,
        slot: Slot,
        names: [&str; 2],
        theirs: &[Seen],
        ours: &[Seen],
    ) -> String {
        let same = theirs.iter().zip(ours).take_while(|(right, left)| right == left).count();
        let mut text = format!("after {} requests of seed {seed}: ", self.outcome.requests);
        let say = |text: &mut String, line: &str| {
            writeln!(text, "{line}").expect("a text takes text");
        };
        say(&mut text, &format!("client {slot} saw, after {same} things alike,"));
        for (name, seen) in names.iter().zip([theirs, ours]) {
            say(&mut text, &format!("  of {name}: {:?}", seen.get(same)));
            for further in seen.iter().skip(same + 1).take(2) {
                say(&mut text, &format!("    then {further:?}"));
            }
        }
        let (step, _) = self.steps.back().expect("there was a step");
        let request = [theirs, ours].into_iter().find_map(|seen| match seen.get(same) {
            Some(Seen::Reply { xid, .. }) if slot == step.slot() => step.request(*xid),
            _ => None,
        });
        if let Some(request) = request {
            say(&mut text, &format!("  to {}", request.says));
            self.about(&request.path, &mut text);
        }
        say(&mut text, "the last steps:");
        for (step, _) in self.steps.iter().rev().take(STEPS).collect::<Vec<_>>().iter().rev() {
            say(&mut text, &format!("  {step}"));
        }
        text
    }

    /// Older requests about a path and its parent, and what was answered.
    fn about(&self, path: &Path, text: &mut String) {
        let Some(path) = path else { return };
        let mut lines = Vec::new();
        for (step, seen) in self.steps.iter().rev() {
            let Step::Burst { slot, requests } = step else { continue };
            for (xid, request) in requests.iter().rev().filter(|(_, it)| it.is_about(path)) {
                let is_answer =
                    |what: &&Seen| matches!(what, Seen::Reply { xid: own, .. } if own == xid);
                let answer = seen[*slot].iter().find(is_answer);
                lines.push(format!("  client {slot}: {}\n    {answer:?}", request.says));
            }
            if lines.len() >= REQUESTS {
                break;
            }
        }
        text.push_str("what was asked about the same path and its parent before:\n");
        for line in lines.iter().take(REQUESTS).rev() {
            text.push_str(line);
            text.push('\n');
        }
    }
}
