//! `cargo xtask differential`: the same random requests to Vivarium and to Apache ZooKeeper.
//!
//! The suite `apache_differential` does the work; here the server is built, and the suite is told
//! how much. What it settles is in `docs/differences.md`.

use anyhow::Result;

use crate::tools::Need;
use crate::workspace::Workspace;
use crate::{process, programs};

/// What `cargo xtask differential` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// How many requests are sent to each server
    #[arg(long, default_value_t = 100_000)]
    requests: u64,
    /// Which run it is: a seed means the same requests
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

/// Compares both servers; what is in `VIVARIUM_ZOOKEEPER_CLASSPATH` is taken for Apache's.
///
/// # Errors
/// When something can't be built, ZooKeeper is missing, or the servers differ: the suite says how.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let variables = Need::ZooKeeper.ensure()?;
    process::run(workspace.cargo().args(["build", "--workspace", "--bin", "vivarium"]))?;
    for program in programs::find(workspace, &["apache_differential"])? {
        let mut command = program.command();
        command.envs(variables.iter().map(|(name, path)| (name, path)));
        command.env("VIVARIUM_BIN", workspace.server_binary("debug"));
        command.env("VIVARIUM_DIFFERENTIAL_REQUESTS", options.requests.to_string());
        command.env("VIVARIUM_DIFFERENTIAL_SEED", options.seed.to_string());
        process::run(command.arg("--nocapture"))?;
    }
    Ok(())
}
