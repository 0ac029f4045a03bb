//! Vivarium's chores: `cargo xtask demo`, `test`, `differential`, `chaos`, `story`, `web`, `tidy`,
//! `bench`, `fuzz` and `screenshots`.
//!
//! This program stands outside the protocol: it builds, starts, checks and packs what the other
//! packages are. It depends on none of them.
//!
//! Invariants:
//! 1. Every failure ends as one sentence that says what to do, and a non-zero exit code.
//! 2. Native and wasm builds use separate target folders, so neither invalidates the other.
//! 3. Every process started here is stopped here, by its own process id.
//!
//! What a chore does is in the file of its name; this file only reads the command line.

mod bench;
mod chaos;
mod count;
mod demo;
mod differential;
mod dist;
mod exhibits;
mod fuzz;
mod install;
mod layers;
mod lesson_texts;
mod lessons;
mod npm;
mod process;
mod programs;
mod rules;
mod screenshots;
mod source;
mod split;
mod stamp;
mod story;
mod styles;
mod sysroot;
mod test;
mod tidy;
mod tools;
mod wasm;
mod wasm_suites;
mod web;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

/// Vivarium's chores. Run one as `cargo xtask <CHORE>`.
#[derive(Parser)]
#[command(name = "cargo xtask", version, propagate_version = true)]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Subcommand)]
enum Chore {
    /// Build everything, start a real ensemble and the playground, and stop both on Ctrl-C
    Demo(demo::Options),
    /// Run everything there is to check: format, lints, tidy, tests, wasm, browser, real clients
    Test(test::Options),
    /// Send the same random requests to Vivarium and to Apache ZooKeeper, and compare the answers
    Differential(differential::Options),
    /// Let everything around five servers fail for a while, and check what clients were told
    Chaos(chaos::Options),
    /// Tell a story of tests/stories by processes instead of by the simulator
    Story(story::Options),
    /// Build the playground's page into dist/
    Web(web::Options),
    /// Check the rules of layout, size and imports that a compiler does not check
    Tidy(tidy::Options),
    /// Measure how fast and how heavy the page is, and write BENCHMARKS.md
    Bench(bench::Options),
    /// Fuzz the decoders, guided by coverage, with the stable compiler
    Fuzz(fuzz::Options),
    /// Take the pictures of the README from the page as it is
    Screenshots(screenshots::Options),
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments.chore) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {}", process::sentence(&error));
            ExitCode::FAILURE
        }
    }
}

fn run(chore: Chore) -> anyhow::Result<()> {
    let workspace = Workspace::locate()?;
    let outcome = match chore {
        Chore::Demo(options) => demo::run(&workspace, &options),
        Chore::Test(options) => test::run(&workspace, &options),
        Chore::Differential(options) => differential::run(&workspace, &options),
        Chore::Chaos(options) => chaos::run(&workspace, &options),
        Chore::Story(options) => story::run(&workspace, &options),
        Chore::Web(options) => web::run(&workspace, &options),
        Chore::Tidy(options) => tidy::run(&workspace, &options),
        Chore::Bench(options) => bench::run(&workspace, &options),
        Chore::Fuzz(options) => fuzz::run(&workspace, &options),
        Chore::Screenshots(options) => screenshots::run(&workspace, &options),
    };
    // A compiler that ran out of disk says so somewhere above; the last line must say it, too.
    outcome.map_err(|error| process::with_full_disk(error, &workspace.target))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        super::Arguments::command().debug_assert();
    }
}
