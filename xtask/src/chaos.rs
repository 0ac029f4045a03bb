//! `cargo xtask chaos`: servers, clients and faults for minutes or hours, and a checker.
//!
//! The suite `chaos` does the work; here the servers are built, and the suite is told how long,
//! with which seed and whose servers. `RELIABILITY.md` shows what a long run came to.

use std::path::PathBuf;

use anyhow::Result;

use crate::tools::Need;
use crate::workspace::Workspace;
use crate::{process, programs};

/// What `cargo xtask chaos` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// How long faults are done
    #[arg(long, default_value_t = 10)]
    minutes: u64,
    /// Which run it is: a seed means the same faults
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many servers
    #[arg(long, default_value_t = 5)]
    servers: u64,
    /// Run servers of Apache ZooKeeper instead of ours
    #[arg(long)]
    apache: bool,
    /// Only faults with one of these words in their names, as in `killed,disk`
    #[arg(long, default_value = "")]
    only: String,
    /// Wipe the disks of most servers whenever all were killed: the checker must notice
    #[arg(long)]
    forgetful: bool,
    /// Write the table into this file, too
    #[arg(long)]
    report: Option<PathBuf>,
}

/// Runs it, and fails if a promise was broken.
///
/// # Errors
/// When something can't be built or is missing, or when the checker found a violation.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let mut variables = Need::Faults.ensure()?;
    variables.extend(Need::Kazoo.ensure()?);
    if options.apache {
        variables.extend(Need::ZooKeeper.ensure()?);
    }
    process::run(workspace.cargo().args(["build", "--workspace", "--bin", "vivarium"]))?;
    for program in programs::find(workspace, &["chaos"])? {
        let mut command = program.command();
        command.envs(variables.iter().map(|(name, path)| (name, path)));
        command.env("VIVARIUM_BIN", workspace.server_binary("debug"));
        command.env("VIVARIUM_CHAOS_SECONDS", (options.minutes * 60).to_string());
        command.env("VIVARIUM_CHAOS_SEED", options.seed.to_string());
        command.env("VIVARIUM_CHAOS_SERVERS", options.servers.to_string());
        command.env("VIVARIUM_CHAOS_ONLY", &options.only);
        command.env("VIVARIUM_CHAOS_APACHE", if options.apache { "1" } else { "" });
        command.env("VIVARIUM_CHAOS_FORGETFUL", if options.forgetful { "1" } else { "" });
        if let Some(report) = &options.report {
            command.env("VIVARIUM_CHAOS_REPORT", std::path::absolute(report)?);
        }
        process::run(command.arg("--nocapture"))?;
    }
    Ok(())
}
