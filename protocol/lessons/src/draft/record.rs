//! What an author did, as lines that can be done again on any seed.
//!
//! Between two commands the author waited for something, and the lines wait for it too: for a
//! condition that came about in the meantime, and only where there is none for a time.

use vivarium_sim::Timeline;
use vivarium_sim::words::write_micros;

use super::names::Names;
use super::offer::{Window, came_about};

/// A part of a run, from one position to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    pub from: u64,
    pub to: u64,
}

/// What was recorded.
pub(super) struct Recorded {
    /// The lines.
    pub lines: Vec<String>,
    /// The names that are bound then.
    pub names: Names,
    /// The position right behind the last command.
    pub done: u64,
}

/// The commands of a part of a run as lines, with waits between them; with `wait` also after the
/// last one.
pub(super) fn record(timeline: &Timeline, span: Span, names: &Names, by_part: bool) -> Recorded {
    let mut recorded = Recorded { lines: Vec::new(), names: names.clone(), done: span.from };
    let given = timeline.commands().iter();
    for (at, command) in given.filter(|(at, _)| (span.from..span.to).contains(at)) {
        recorded.pause(timeline, *at);
        let world = timeline.world_after(*at);
        if by_part {
            let lines = recorded.names.lines(command, &world);
            recorded.lines.extend(lines);
        } else {
            recorded.lines.push(command.to_string());
        }
        recorded.done = at + 1;
    }
    recorded
}

impl Recorded {
    /// Waits for what came about between the last command and a position.
    pub fn pause(&mut self, timeline: &Timeline, upto: u64) {
        let window = Window::new(timeline, Span { from: self.done, to: upto });
        let passed = window.to.now().since(window.from.now());
        if passed == 0 {
            return;
        }
        let line = match came_about(&window, &self.names) {
            Some(condition) => format!("until {condition} within {}", patience(passed)),
            None => format!("wait {}", write_micros(passed.next_multiple_of(1_000))),
        };
        self.lines.push(line);
    }
}

/// How long to wait for what took so long once: three times as long, in whole steps of five
/// seconds, and ten seconds at least.
pub(super) fn patience(us: u64) -> String {
    let five = 5_000_000;
    write_micros((us * 3).next_multiple_of(five).max(2 * five))
}
