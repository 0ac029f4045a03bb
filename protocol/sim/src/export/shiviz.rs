//! A run as a log for ShiViz: each event with the vector clock of its host.
//!
//! Hosts are the servers, and `world` for what a visitor or a story did. An event is a step that
//! tells something: a message that arrived, a message sent, a decision. Others (a disk's report
//! that changes nothing, a ping) are left out, and the clocks count only what is written, so that
//! each host's own entry goes 1, 2, 3 as ShiViz asks.

use super::{is_no_ping, told};
use crate::timeline::Timeline;
use crate::world::World;
use std::fmt::Write;
use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::trace::{Cause, Frame, TraceEvent, Travel, TravelFate};

/// How ShiViz finds moment, event, host and clock; the first line of the log says so.
pub const SHIVIZ_PATTERN: &str = r"(?<at>\d+\.\d+ s) (?<event>.*)\n(?<host>\S+) (?<clock>\{.*\})";

/// How many written events of each host precede an event or are it; `None` is the world.
type Clock = SortedMap<Option<ServerId>, u64>;

/// The run up to the playhead.
#[must_use]
pub fn shiviz(timeline: &Timeline) -> String {
    let behind = &timeline.frames()[..timeline.position() as usize];
    // The second line would separate several runs in one file; here is one.
    let mut text = format!("{SHIVIZ_PATTERN}\n\n");
    let mut clocks: Vec<Clock> = Vec::with_capacity(behind.len());
    let mut newest: SortedMap<Option<ServerId>, Clock> = SortedMap::new();
    for frame in behind {
        let mut clock = newest.get(&frame.peer).cloned().unwrap_or_default();
        let cause = frame.caused_by.and_then(|step| clocks.get(step as usize));
        for (host, count) in cause.into_iter().flatten() {
            let known = clock.entry(*host).or_default();
            *known = (*known).max(*count);
        }
        if let Some(words) = words(frame, timeline.world()) {
            *clock.entry(frame.peer).or_default() += 1;
            // Writing to a String has no way to fail.
            let _ = writeln!(text, "{} {words}\n{} {}", frame.at, host(frame.peer), json(&clock));
        }
        newest.insert(frame.peer, clock.clone());
        clocks.push(clock);
    }
    text
}

fn host(peer: Option<ServerId>) -> String {
    peer.map_or_else(|| "world".to_owned(), |id| format!("S{id}"))
}

fn json(clock: &Clock) -> String {
    let entries = clock.iter().filter(|(_, count)| **count > 0);
    let entries: Vec<String> =
        entries.map(|(peer, count)| format!("\"{}\":{count}", host(*peer))).collect();
    format!("{{{}}}", entries.join(", "))
}

/// An event in one line; `None` if it tells nothing.
fn words(frame: &Frame, world: &World) -> Option<String> {
    let travels = frame.events.iter().filter_map(|event| match event {
        TraceEvent::Travelled(travel) if is_no_ping(travel) => Some(travel),
        TraceEvent::Travelled(_) | TraceEvent::Decided(_) => None,
    });
    let mut parts: Vec<String> = outside(&frame.cause).into_iter().collect();
    let (mut sent, mut lost) = (Vec::new(), Vec::new());
    for travel in travels {
        match travel.fate {
            TravelFate::Arrived => parts.push(format!("{} from {}", name(travel), travel.id.from)),
            TravelFate::Sent { .. } => sent.push(travel),
            TravelFate::Lost => lost.push(travel),
        }
    }
    parts.extend(told(frame, world));
    parts.extend(listed("sent", &sent));
    parts.extend(listed("lost", &lost));
    let line = parts.join("; ");
    (!line.is_empty()).then(|| line.replace(char::is_control, " "))
}

/// What came from outside of the servers.
fn outside(cause: &Cause) -> Option<String> {
    match cause {
        Cause::Command { text } => Some(text.clone()),
        Cause::Client { request } => Some(format!("client asks: {request}")),
        Cause::LinkDown { peer, .. } => Some(format!("connection to {peer} is down")),
        Cause::Started
        | Cause::Crashed
        | Cause::LinkUp { .. }
        | Cause::Received(_)
        | Cause::Deadline { .. }
        | Cause::Durable
        | Cause::Applied => None,
    }
}

fn name(travel: &Travel) -> String {
    match travel.notification {
        Some((_, vote, round)) => format!("vote for {} in round {round}", vote.leader),
        None => travel.summary.clone(),
    }
}

/// `sent COMMIT 1|1 to 1 2`: alike messages to several servers in one.
fn listed(verb: &str, travels: &[&Travel]) -> Vec<String> {
    let mut by_name: Vec<(String, String)> = Vec::new();
    for travel in travels {
        let (name, to) = (name(travel), travel.id.to);
        match by_name.iter_mut().find(|(known, _)| *known == name) {
            Some((_, all)) => {
                let _ = write!(all, " {to}");
            }
            None => by_name.push((name, to.to_string())),
        }
    }
    by_name.into_iter().map(|(name, to)| format!("{verb} {name} to {to}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Run, Setup};

    type Read = SortedMap<String, u64>;

    /// The log as ShiViz reads it: host and clock of each event.
    fn read(log: &str) -> Vec<(String, Read)> {
        let mut lines = log.lines();
        assert_eq!(lines.next(), Some(SHIVIZ_PATTERN));
        assert_eq!(lines.next(), Some(""));
        let lines: Vec<&str> = lines.collect();
        let events = lines.chunks(2).map(|pair| {
            let (at, event) = pair[0].split_once(" s ").expect("a moment and an event");
            assert!(at.contains('.') && !event.is_empty(), "{}", pair[0]);
            let (host, clock) = pair[1].split_once(' ').expect("a host and a clock");
            (host.to_owned(), serde_json::from_str(clock).expect("a clock is JSON"))
        });
        events.collect()
    }

    fn some_run() -> Timeline {
        let commands = [(70, "crash 3"), (240, "c1 create /a \"x\""), (400, "start 3")];
        let commands = commands.iter().map(|(at, text)| (*at, text.parse().unwrap())).collect();
        Timeline::from_run(Run { setup: Setup::default(), commands, position: 700 })
    }

    #[test]
    fn each_host_counts_its_own_events_without_a_gap() {
        let events = read(&shiviz(&some_run()));
        let mut own: SortedMap<&str, u64> = SortedMap::new();
        for (host, clock) in &events {
            let count = own.entry(host).or_default();
            *count += 1;
            assert_eq!(clock.get(host), Some(&*count), "{host}");
        }
        let hosts: Vec<&str> = own.into_keys().collect();
        assert_eq!(hosts, ["S1", "S2", "S3", "world"]);
    }

    #[test]
    fn a_clock_knows_only_events_that_came_before_and_all_that_those_knew() {
        let events = read(&shiviz(&some_run()));
        let mut known: SortedMap<(String, u64), Read> = SortedMap::new();
        for (host, clock) in &events {
            for (other, count) in clock.iter().filter(|(other, _)| *other != host) {
                let before = known.get(&(other.clone(), *count)).expect("it happened before");
                assert!(before.iter().all(|(it, count)| clock.get(it) >= Some(count)), "{host}");
            }
            known.insert((host.clone(), clock[host]), clock.clone());
        }
        let heard = |(host, clock): &(String, Read)| host == "S1" && clock.contains_key("S2");
        assert!(events.iter().any(heard), "a message joins two clocks");
    }
}
