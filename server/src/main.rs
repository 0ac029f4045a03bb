//! `vivarium`: reads the command line and turns every failure into one sentence and an exit code.
//!
//! Invariant: nothing is decided here. What a subcommand does is in `cli/`, by its name.

use clap::Parser;
use std::process::ExitCode;
use vivarium_server::cli::{Arguments, run};

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::from(failure.code)
        }
    }
}
