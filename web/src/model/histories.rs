//! The clients' histories as the page draws them: intervals from question to answer, what a
//! linearizable service would have said, and how far each server's replica lags behind.
//!
//! All of it is the simulator's: its recorded calls, its verdicts, its record of who applied what.

use vivarium_protocol::base::{ServerId, Time};
use vivarium_sim::checkers::history::{Call, Ending, History, Reading, Verdict};
use vivarium_sim::client::Told;
use vivarium_sim::{Promise, Violation, World};

use super::console;

/// How a call came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It still waits.
    Waiting,
    /// The connection broke first.
    Unknown,
    /// Answered; nothing depends on the order.
    Answered,
    /// A write, or one that failed.
    Write,
    /// A read, and how it compares.
    Read(Reading),
}

/// One call as a line in time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interval {
    /// Whose.
    pub client: u32,
    /// The request as typed.
    pub request: String,
    /// The first line of the answer; empty without one.
    pub answer: String,
    /// When it was asked.
    pub from: Time,
    /// When it was answered or lost.
    pub to: Option<Time>,
    /// The step after which its end, or else its beginning, can be seen.
    pub step: u64,
    /// How it came out.
    pub outcome: Outcome,
}

impl Interval {
    /// Whether no linearizable service could have answered so.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(&self.outcome, Outcome::Read(reading) if !reading.linearizable)
    }
}

/// The newest calls, oldest first.
#[must_use]
pub fn intervals(history: &History, most: usize) -> Vec<Interval> {
    let calls = history.calls();
    let newest = &calls[calls.len().saturating_sub(most)..];
    newest.iter().map(|call| interval(history, call)).collect()
}

fn interval(history: &History, call: &Call) -> Interval {
    let (end, answer, outcome) = match &call.ending {
        Ending::Pending => (None, String::new(), Outcome::Waiting),
        Ending::Unknown { moment } => (Some(*moment), String::new(), Outcome::Unknown),
        Ending::Answered { moment, zxid, result } => {
            let told = Told::Answer {
                cxid: call.cxid,
                op: call.op.clone(),
                result: result.clone(),
                zxid: *zxid,
            };
            let answer = console::print(&told).lines.swap_remove(0);
            let outcome = match history.verdict(call) {
                Verdict::Open => Outcome::Answered,
                Verdict::Write(_) => Outcome::Write,
                Verdict::Read(reading) => Outcome::Read(reading),
            };
            (Some(*moment), answer, outcome)
        }
    };
    Interval {
        client: call.client,
        request: console::typed(&call.op),
        answer,
        from: call.asked.at,
        to: end.map(|moment| moment.at),
        step: end.unwrap_or(call.asked).step + 1,
        outcome,
    }
}

/// Promises to clients that were broken.
pub fn broken(world: &World) -> impl Iterator<Item = &Violation> {
    let to_clients = |broken: &&Violation| Promise::TO_CLIENTS.contains(&broken.promise);
    world.violations().iter().filter(to_clients)
}

/// How far one replica lags, over time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Whose.
    pub server: ServerId,
    /// From that moment on, so many decided transactions were not applied here.
    pub steps: Vec<(Time, u32)>,
}

impl Lag {
    /// How many are missing now.
    #[must_use]
    pub fn now(&self) -> u32 {
        self.steps.last().map_or(0, |(_, missing)| *missing)
    }

    /// The most that were ever missing, and when that began.
    #[must_use]
    pub fn worst(&self) -> (Time, u32) {
        let worst = self.steps.iter().rev().max_by_key(|(_, missing)| *missing);
        worst.copied().unwrap_or_default()
    }
}

/// How far every replica lags behind what is decided.
#[must_use]
pub fn lags(world: &World) -> Vec<Lag> {
    let standings = world.checkers().history().standings();
    let ids = world.ensemble().members.keys();
    ids.map(|id| {
        let (mut applied, mut decided) = (0, 0);
        let mut steps: Vec<(Time, u32)> = Vec::new();
        for standing in standings {
            decided = decided.max(standing.decided);
            if standing.server == *id {
                applied = standing.applied;
            }
            let missing = decided.saturating_sub(applied);
            match steps.last_mut() {
                Some(last) if last.1 == missing => {}
                Some(last) if last.0 == standing.at => last.1 = missing,
                Some(_) | None => steps.push((standing.at, missing)),
            }
        }
        Lag { server: *id, steps }
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_sim::{Condition, Setup, Timeline};

    fn until(timeline: &mut Timeline, condition: &str) {
        let mut words = vivarium_sim::words::Words::of(condition).unwrap();
        let condition = Condition::parse(&mut words).unwrap();
        let found = timeline.run_until(20_000, |world, frame| condition.holds(world, Some(frame)));
        found.unwrap_or_else(|| panic!("{condition} did not come"));
    }

    fn give(timeline: &mut Timeline, command: &str) {
        timeline.command(command.parse().expect(command)).expect(command);
    }

    /// A follower that does not hear its leader answers a read with an old state.
    fn a_stale_read() -> Timeline {
        let mut timeline = Timeline::new(Setup { seed: 16, ..Setup::default() });
        until(&mut timeline, "settled");
        let leads = |peer: &&vivarium_sim::Peer| {
            peer.status().is_some_and(|status| status.role.name() == "LEADING")
        };
        let leader = timeline.world().peers().find(leads).expect("a leader").id;
        let far = if leader == ServerId(1) { ServerId(2) } else { ServerId(1) };
        give(&mut timeline, &format!("c1 at {leader}"));
        give(&mut timeline, &format!("c2 at {far}"));
        until(&mut timeline, "connected c1");
        until(&mut timeline, "connected c2");
        give(&mut timeline, "c1 create /a \"x\"");
        until(&mut timeline, "answered c1");
        until(&mut timeline, "settled");
        give(&mut timeline, &format!("cut {leader}>{far}"));
        give(&mut timeline, "c1 set /a \"y\"");
        until(&mut timeline, "answered c1");
        give(&mut timeline, "c2 get /a");
        until(&mut timeline, "answered c2");
        timeline
    }

    #[test]
    fn a_read_at_a_server_that_lags_is_named_with_what_it_missed() {
        let timeline = a_stale_read();
        let world = timeline.world();
        let lines = intervals(world.checkers().history(), 50);
        let read = lines.last().expect("the read");
        assert!(read.is_stale(), "{read:?}");
        assert_eq!((read.client, read.request.as_str(), read.answer.as_str()), (2, "get /a", "x"));
        let Outcome::Read(reading) = &read.outcome else { panic!("it is a read") };
        assert_eq!((reading.behind, reading.fresh.as_str()), (1, "\"y\" (version 1)"));
        assert!(lines[..lines.len() - 1].iter().all(|line| !line.is_stale()));
        assert_eq!(broken(world).count(), 0, "ZooKeeper promises no more to a read");
    }

    #[test]
    fn the_line_of_a_call_leads_to_its_answer() {
        let mut timeline = a_stale_read();
        let lines = intervals(timeline.world().checkers().history(), 50);
        let read = lines.last().expect("the read").clone();
        timeline.step_forward();
        timeline.seek(read.step);
        let client = timeline.world().clients().iter().find(|client| client.id == 2).unwrap();
        assert!(client.pending.is_empty(), "after that step the answer is there");
        timeline.seek(read.step - 1);
        let client = timeline.world().clients().iter().find(|client| client.id == 2).unwrap();
        assert!(!client.pending.is_empty(), "and one step before it is not");
    }

    #[test]
    fn the_ribbon_shows_who_lags_and_by_how_much() {
        let timeline = a_stale_read();
        let lags = lags(timeline.world());
        assert_eq!(lags.len(), 3);
        let behind: Vec<u32> = lags.iter().map(Lag::now).collect();
        assert_eq!(behind.iter().filter(|missing| **missing == 1).count(), 1, "{behind:?}");
        assert_eq!(behind.iter().filter(|missing| **missing == 0).count(), 2, "{behind:?}");
        assert!(lags.iter().all(|lag| lag.steps.windows(2).all(|pair| pair[0].0 <= pair[1].0)));
    }
}
