//! A client program of somebody else's library, beside a killing.
//!
//! The program gets the servers' addresses in one argument, the first of them the one to
//! connect to first. It works, prints `ready`, waits for a line on its input while a server is
//! killed, goes on, and prints `all as promised`. When a promise is broken it says so and ends with
//! another status than 0. What it prints before is what it did, for a person.

use crate::ensemble::Ensemble;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};

/// Who dies while the program waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The follower that the program is connected to.
    Its,
    /// The leader, to which the program is not connected.
    Leader,
}

/// A file of `tests/clients`.
#[must_use]
pub fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(name)
}

/// Runs a program through a follower of three servers, and kills one meanwhile.
///
/// # Panics
/// When a promise is broken.
pub fn outlives(victim: Victim, command: impl FnOnce() -> Command) {
    let mut ensemble = Ensemble::start(3, 0);
    let (follower, leader) = (ensemble.follower(), ensemble.leader());
    let mut servers: Vec<String> =
        ensemble.places().iter().map(|place| place.connect_string()).collect();
    servers.rotate_left(follower - 1);
    let mut command = command();
    command.arg(servers.join(",")).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (input, output) = (child.stdin.take(), child.stdout.take());
    let said = converse(
        input.expect("its input is a pipe"),
        output.expect("its output is a pipe"),
        || ensemble.kill(if victim == Victim::Its { follower } else { leader }),
    );
    let status = child.wait().expect("it ends");
    assert!(status.success(), "{victim:?} server killed, {status}; it said:\n{said}");
    assert!(said.ends_with("all as promised\n"), "{victim:?} server killed; it said:\n{said}");
}

/// Reads what the program says; once it is ready, kills, and tells it so.
fn converse(mut input: ChildStdin, output: ChildStdout, kill: impl FnOnce()) -> String {
    let mut said = String::new();
    let mut kill = Some(kill);
    for line in BufReader::new(output).lines() {
        let line = line.expect("it prints text");
        println!("   {line}");
        said.push_str(&line);
        said.push('\n');
        if line == "ready"
            && let Some(kill) = kill.take()
        {
            kill();
            // Who has ended already says why in what it printed.
            let _ = input.write_all(b"killed\n");
        }
    }
    said
}
