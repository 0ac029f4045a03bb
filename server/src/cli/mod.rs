//! The command line: one subcommand a file.
//!
//! Invariant: a failure is a [`Failure`], a sentence and one of ZooKeeper's exit codes
//! (docs/protocol.md,
//! O1.3), so that scripts around ZooKeeper can tell what happened.

pub mod playground;
pub mod replay;
pub mod server;
pub mod simulate;
pub mod status;

use clap::{Parser, Subcommand};
use std::fmt;

/// Vivarium puts a ZooKeeper ensemble behind glass: a server that speaks ZooKeeper's own protocol,
/// and a playground that shows the same code at work.
#[derive(Parser)]
#[command(name = "vivarium", version, propagate_version = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run one ZooKeeper server, standalone or of an ensemble
    Server(server::Options),
    /// Ask running servers how they stand
    Status(status::Options),
    /// Serve the playground's page
    Playground(playground::Options),
    /// Run random stories by the thousand, looking for one that breaks a promise
    Simulate(simulate::Options),
    /// Play a run from a playground's link, or a story, and print its hash
    Replay(replay::Options),
}

/// Why a command did not do its work.
#[derive(Debug)]
pub struct Failure {
    /// The exit code, one of ZooKeeper's.
    pub code: u8,
    /// What happened and what to do, in one sentence.
    pub sentence: String,
}

impl Failure {
    /// An unexpected failure.
    pub const UNEXPECTED: u8 = 1;
    /// A command line or a configuration that can't be used.
    pub const INVALID: u8 = 2;
    /// An election port that can't be had.
    pub const ELECTION_PORT: u8 = 14;

    /// Puts a failure together.
    #[must_use]
    pub fn new(code: u8, sentence: impl fmt::Display) -> Failure {
        Failure { code, sentence: sentence.to_string() }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// Runs a subcommand to its end.
///
/// # Errors
/// What the subcommand could not do.
pub fn run(arguments: Arguments) -> Result<(), Failure> {
    match arguments.command {
        Command::Server(options) => server::run(&options),
        Command::Status(options) => status::run(&options),
        Command::Playground(options) => playground::run(&options),
        Command::Simulate(options) => simulate::run(&options),
        Command::Replay(options) => replay::run(&options),
    }
}

/// Ends when the process is told to stop: Ctrl-C, or SIGTERM.
pub async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let interrupted = tokio::signal::ctrl_c();
    match signal(SignalKind::terminate()) {
        Ok(mut terminated) => {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
        }
        Err(_) => {
            let _ = interrupted.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn every_subcommand_shows_an_example() {
        for command in Arguments::command().get_subcommands_mut() {
            let help = command.render_long_help().to_string();
            assert!(help.contains("Example"), "{} has no example", command.get_name());
        }
    }
}
