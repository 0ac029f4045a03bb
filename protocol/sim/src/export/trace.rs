//! The trace of a run as JSON: how to play it again, and every frame up to the playhead.
//!
//! The layout is described by `docs/trace-schema.json` and `docs/trace.md`. A change that a reader
//! of the present layout would not understand raises [`TRACE_VERSION`]; an addition does not.

use crate::timeline::Timeline;
use serde::Serialize;
use std::fmt::Write;
use vivarium_protocol::trace::Frame;

/// What the file says that it is.
pub const TRACE_FORMAT: &str = "vivarium-trace";
/// The version of its layout.
pub const TRACE_VERSION: u32 = 1;

/// The run up to the playhead as one JSON document, a frame a line.
#[must_use]
pub fn trace(timeline: &Timeline) -> String {
    let (run, world) = (timeline.run(), timeline.world());
    let ensemble = world.ensemble();
    let servers = ensemble
        .members
        .keys()
        .map(|id| format!("{{\"id\":{},\"observer\":{}}}", json(id), ensemble.is_observer(*id)));
    let violations = world.violations().iter().map(|broken| json(&broken.to_string()));
    let mut text = format!("{{\"format\":\"{TRACE_FORMAT}\",\"version\":{TRACE_VERSION},\n");
    // Writing to a String has no way to fail.
    let _ = writeln!(text, "\"link\":{},", json(&run.to_link()));
    let run_text = run.to_text();
    let _ = writeln!(text, "\"run\":[{}],", lines(run_text.lines().map(json)));
    let _ = writeln!(text, "\"position\":{},\"at\":{},", run.position, json(&world.now()));
    let _ = writeln!(text, "\"hash\":\"{:016x}\",", world.hash());
    let _ = writeln!(text, "\"servers\":[{}],", lines(servers));
    let _ = writeln!(text, "\"violations\":[{}],", lines(violations));
    let behind = &timeline.frames()[..run.position as usize];
    let _ = writeln!(text, "\"frames\":{}}}", frames(behind));
    text
}

/// Frames as a JSON list, as they stand in a trace.
#[must_use]
pub fn frames(frames: &[Frame]) -> String {
    format!("[{}]", lines(frames.iter().map(json)))
}

/// Items of a list, one a line.
fn lines(items: impl Iterator<Item = String>) -> String {
    let mut text = String::new();
    for item in items {
        text.push_str(if text.is_empty() { "\n" } else { ",\n" });
        text.push_str(&item);
    }
    text
}

fn json<T: Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("a trace has text keys and no value that can fail")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Run, Setup};

    fn some_run() -> Timeline {
        let commands = vec![(40, "partition 1,2 / 3".parse().unwrap())];
        let setup = Setup { seed: 4, observers: 1, ..Setup::default() };
        Timeline::from_run(Run { setup, commands, position: 160 })
    }

    #[test]
    fn the_frames_of_a_trace_are_those_of_the_run_and_its_link_plays_it_again() {
        let timeline = some_run();
        let text = trace(&timeline);
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let frames: Vec<Frame> = serde_json::from_value(value["frames"].clone()).unwrap();
        assert_eq!(frames, timeline.frames()[..160]);
        let again = Run::from_link(value["link"].as_str().unwrap()).unwrap();
        assert_eq!(trace(&Timeline::from_run(again)), text);
        assert_eq!(value["servers"][3]["observer"], true);
    }

    #[test]
    fn what_lies_after_the_playhead_is_left_out() {
        let mut timeline = some_run();
        timeline.seek(20);
        let value: serde_json::Value = serde_json::from_str(&trace(&timeline)).unwrap();
        assert_eq!(value["frames"].as_array().unwrap().len(), 20);
        assert_eq!(value["hash"], format!("{:016x}", timeline.world().hash()));
    }
}
