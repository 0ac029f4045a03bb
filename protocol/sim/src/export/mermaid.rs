//! A stretch of a run as a Mermaid `sequenceDiagram`.
//!
//! Such a diagram has rows and no slopes, so a message stands in the row of its arrival: what a
//! server knows follows from what has arrived. Both of its moments are in its text. A message that
//! is lost stands where it was lost, one that is still under way at the end.

use super::told;
use crate::timeline::Timeline;
use std::collections::BTreeMap;
use std::fmt::Write;
use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::trace::{Cause, Decision, Frame, MessageId, TraceEvent, Travel, TravelFate};

/// The recorded steps of a timeline from one moment to another, both included, without the
/// messages that `keep` refuses.
#[must_use]
pub fn mermaid(
    timeline: &Timeline,
    (from, to): (Time, Time),
    keep: &dyn Fn(&Travel) -> bool,
) -> String {
    let ensemble = timeline.world().ensemble();
    let mut text = String::from("sequenceDiagram\n");
    for id in ensemble.members.keys() {
        let role = if ensemble.is_observer(*id) { " (observer)" } else { "" };
        // Writing to a String has no way to fail, here and below.
        let _ = writeln!(text, "    participant S{id} as {id}{role}");
    }
    let edges = (ensemble.members.keys().next(), ensemble.members.keys().next_back());
    let mut sent: BTreeMap<MessageId, (Time, &Travel)> = BTreeMap::new();
    for frame in timeline.frames().iter().take_while(|frame| frame.at <= to) {
        let shown = frame.at >= from;
        if shown && let Some(words) = note(frame, timeline) {
            let place = match (frame.peer, edges) {
                (Some(id), _) => format!("S{id}"),
                (None, (Some(first), Some(last))) if first != last => format!("S{first},S{last}"),
                (None, (first, _)) => first.map_or_else(String::new, |id| format!("S{id}")),
            };
            let _ = writeln!(text, "    Note over {place}: {} {}", frame.at, plain(&words));
        }
        for travel in frame.events.iter().filter_map(travelled).filter(|travel| keep(travel)) {
            let left = sent.remove(&travel.id).map(|(at, _)| at);
            match travel.fate {
                TravelFate::Sent { .. } => {
                    sent.insert(travel.id, (frame.at, travel));
                }
                TravelFate::Arrived if shown => arrow(&mut text, "->>", travel, left, frame.at),
                TravelFate::Lost if shown => arrow(&mut text, "-x", travel, left, frame.at),
                TravelFate::Arrived | TravelFate::Lost => {}
            }
        }
    }
    for (left, travel) in sent.values() {
        let (a, b) = (travel.id.from, travel.id.to);
        let _ = writeln!(text, "    S{a}-)S{b}: {} ({left}, under way)", plain(&words(travel)));
    }
    text
}

fn travelled(event: &TraceEvent) -> Option<&Travel> {
    match event {
        TraceEvent::Travelled(travel) => Some(travel),
        TraceEvent::Decided(_) => None,
    }
}

fn arrow(text: &mut String, line: &str, travel: &Travel, left: Option<Time>, at: Time) {
    let (a, b) = (travel.id.from, travel.id.to);
    let lost = if line == "-x" { ", lost" } else { "" };
    let left = left.map_or_else(String::new, |left| format!("{left} to "));
    let _ = writeln!(text, "    S{a}{line}S{b}: {} ({left}{at}{lost})", plain(&words(travel)));
}

/// A message in a few words: what the trace calls it, or a vote as a reader says it.
fn words(travel: &Travel) -> String {
    match travel.notification {
        Some((state, vote, round)) if vote.leader == ServerId::NOBODY => {
            format!("{} looks, round {round}", state.name())
        }
        Some((state, vote, round)) => {
            let (leader, zxid, epoch) = (vote.leader, vote.zxid, vote.peer_epoch);
            format!("{} vote {leader}, zxid {zxid}, epoch {epoch}, round {round}", state.name())
        }
        None => travel.summary.clone(),
    }
}

/// What is written over a lane: the steps that change how a server stands.
fn note(frame: &Frame, timeline: &Timeline) -> Option<String> {
    if let Cause::Command { text } = &frame.cause {
        return Some(text.clone());
    }
    let by_cause = matches!(frame.cause, Cause::Started | Cause::Crashed);
    let turns = |event: &TraceEvent| match event {
        TraceEvent::Decided(decision) => is_turn(decision),
        TraceEvent::Travelled(_) => false,
    };
    let is_one = by_cause || frame.events.iter().any(turns);
    is_one.then(|| told(frame, timeline.world())).flatten()
}

fn is_turn(decision: &Decision) -> bool {
    match decision {
        Decision::Committed { by, .. } => !by.is_empty(),
        Decision::RoleChanged { .. }
        | Decision::MembersChanged { .. }
        | Decision::SyncPlanned { .. }
        | Decision::Truncated { .. }
        | Decision::Installed { .. }
        | Decision::Established { .. }
        | Decision::SessionExpired { .. }
        | Decision::Halted { .. } => true,
        Decision::Registered { .. }
        | Decision::Started { .. }
        | Decision::PhaseChanged { .. }
        | Decision::RoundEntered { .. }
        | Decision::Proposes { .. }
        | Decision::Judged { .. }
        | Decision::Resent { .. }
        | Decision::Elected { .. }
        | Decision::VoteRenewed { .. }
        | Decision::Quorum { .. }
        | Decision::AcceptedEpoch { .. }
        | Decision::CurrentEpoch { .. }
        | Decision::Learner { .. }
        | Decision::SyncStarted { .. }
        | Decision::Logged { .. }
        | Decision::Durable { .. }
        | Decision::Proposed { .. }
        | Decision::Acked { .. }
        | Decision::Serving { .. }
        | Decision::ReadOnly { .. }
        | Decision::TimerSet { .. }
        | Decision::Hung { .. } => false,
    }
}

/// Text of the run in Mermaid's: what ends a statement or begins a comment there is written as its
/// entity.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ';' => plain.push_str("#59;"),
            '#' => plain.push_str("#35;"),
            '%' => plain.push_str("#37;"),
            '<' => plain.push_str("#lt;"),
            '>' => plain.push_str("#gt;"),
            c if c.is_control() => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::is_no_ping;
    use crate::{Run, Setup};

    fn whole() -> (Time, Time) {
        (Time(0), Time(u64::MAX))
    }

    fn run(commands: &[(u64, &str)], position: u64) -> Timeline {
        let commands = commands.iter().map(|(at, text)| (*at, text.parse().unwrap())).collect();
        Timeline::from_run(Run { setup: Setup::default(), commands, position })
    }

    #[test]
    fn every_line_is_one_that_mermaid_knows() {
        let timeline = run(&[(60, "crash 3"), (200, "c1 create /a \"x;y#z\"")], 420);
        let text = mermaid(&timeline, whole(), &is_no_ping);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("sequenceDiagram"));
        for line in lines {
            let line = line.strip_prefix("    ").expect("statements are indented");
            let starts = ["participant S", "Note over S", "S1", "S2", "S3"];
            assert!(starts.iter().any(|start| line.starts_with(start)), "{line}");
            let entities = ["#59;", "#35;", "#37;", "#lt;", "#gt;"];
            let rest = entities.iter().fold(line.to_owned(), |line, it| line.replace(it, ""));
            let text = rest.split_once(": ").map_or("", |(_, text)| text);
            assert!(!text.contains([';', '#']), "{line}");
        }
        assert!(text.contains("Note over S3: "), "{text}");
        assert!(text.contains("vote 3, zxid"), "{text}");
        assert!(!text.contains("PING"), "{text}");
    }

    #[test]
    fn a_message_is_written_once_with_both_moments_and_a_range_has_no_others() {
        let timeline = run(&[], 120);
        let text = mermaid(&timeline, whole(), &is_no_ping);
        let arrows = text.lines().filter(|line| line.contains("->>")).count();
        let arrived = timeline.frames().iter().flat_map(|frame| &frame.events);
        let arrived = arrived.filter_map(travelled).filter(|it| it.fate == TravelFate::Arrived);
        assert_eq!(arrows, arrived.filter(|travel| is_no_ping(travel)).count());
        let from = timeline.frames()[60].at;
        let part = mermaid(&timeline, (from, Time(u64::MAX)), &is_no_ping);
        assert!(part.len() < text.len());
        let inside = |line: &str| text.contains(line);
        assert!(part.lines().all(inside), "a range is a part of the whole");
    }
}
