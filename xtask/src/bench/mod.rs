//! `cargo xtask bench web`: how fast and how heavy the page is, written into `BENCHMARKS.md`.
//!
//! The measuring is done by `bench_page`, an example of the tests' package, because that package
//! drives the browser already; and by `replay_speed`, an example of the simulator's, for what the
//! same run costs natively. This chore builds, runs and reports. Nothing here passes or fails: what
//! has to hold on every machine (the page's bytes) is the budget of `cargo xtask web`.

mod report;

use std::fs;
use std::process::Command;

use anyhow::{Context, Result};
use clap::Subcommand;
use serde_json::Value;

use crate::tools::{Need, Variables};
use crate::workspace::Workspace;
use crate::{process, wasm, web};

/// What `cargo xtask bench` can be told.
#[derive(clap::Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Measure the playground in headless Chromium
    Web(Web),
}

#[derive(clap::Args)]
struct Web {
    /// Watch the heap for ten minutes instead of one
    #[arg(long)]
    full: bool,
    /// Measure the page that lies in dist/, as `cargo xtask web` built it
    #[arg(long)]
    built: bool,
    #[command(flatten)]
    wasm: wasm::Options,
}

/// Measures what the options say.
///
/// # Errors
/// When something can't be built or the browser can't be driven.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let What::Web(options) = &options.what;
    if !options.built {
        web::build(workspace, options.wasm.wasm_std, web::Kind::Release)?;
    }
    let variables = Need::Browser.ensure()?;
    let seconds = if options.full { "600" } else { "60" };
    let page = measure_page(workspace, &variables, seconds)?;
    let link = page["long"].as_str().context("the measuring names no link")?;
    let native = measure_native(workspace, link)?;
    let text = report::markdown(&report::Ground::of(workspace), &page, &native);
    let target = workspace.root.join("BENCHMARKS.md");
    fs::write(&target, &text).with_context(|| format!("can't write {}", target.display()))?;
    println!("{text}\n   written to {}", target.display());
    Ok(())
}

/// A command that runs an example of the tests' package against a server built here.
///
/// # Errors
/// When the server can't be built.
pub fn example(workspace: &Workspace, name: &str, variables: &Variables) -> Result<Command> {
    let mut server = workspace.cargo();
    server.args(["build", "--package", "vivarium-server", "--bin", "vivarium"]);
    process::run(&mut server)?;
    let mut command = workspace.cargo();
    command.args(["run", "--quiet", "--package", "vivarium-tests", "--example", name, "--"]);
    command.env("VIVARIUM_BIN", workspace.server_binary("debug"));
    command.envs(variables.iter().map(|(name, path)| (*name, path)));
    Ok(command)
}

fn measure_page(workspace: &Workspace, variables: &Variables, seconds: &str) -> Result<Value> {
    println!("   measuring in headless Chromium (two minutes and more)");
    let mut command = example(workspace, "bench_page", variables)?;
    let text = process::output(command.arg(seconds))?;
    serde_json::from_str(&text).context("the measuring printed no JSON")
}

fn measure_native(workspace: &Workspace, link: &str) -> Result<Value> {
    println!("   measuring natively");
    let mut command = workspace.cargo();
    command.args(["run", "--quiet", "--release", "--package", "vivarium-sim"]);
    command.args(["--example", "replay_speed", "--", link, "5"]);
    let text = process::output(&mut command)?;
    serde_json::from_str(&text).context("the native measuring printed no JSON")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// Nothing else builds them by name: without this a bench would be the first to miss one.
    #[test]
    fn the_programs_that_measure_are_there() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for program in
            ["protocol/sim/examples/replay_speed.rs", "tests/examples/bench_page/main.rs"]
        {
            assert!(root.join(program).is_file(), "{program} is missing");
        }
    }
}
