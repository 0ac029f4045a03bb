//! `cargo xtask story --native`: a story of `tests/stories` told by processes.
//!
//! The suite `stories_native` does the work; here the server is built, and the suite is told which.

use anyhow::{Result, bail};

use crate::workspace::Workspace;
use crate::{process, programs};

/// What `cargo xtask story` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Tell it by processes; the simulator's way is `vivarium replay FILE`
    #[arg(long)]
    native: bool,
    /// A story's name, as in recovery/diff, a file, or all for those that can be told
    #[arg(value_name = "NAME|FILE|all")]
    story: String,
}

/// Tells a story.
///
/// # Errors
/// When something can't be built, or the story goes another way: the suite says where.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if !options.native {
        bail!("say --native for processes; `vivarium replay FILE` plays a story in the simulator");
    }
    process::run(workspace.cargo().args(["build", "--workspace", "--bin", "vivarium"]))?;
    for program in programs::find(workspace, &["stories_native"])? {
        let mut command = program.command();
        command.env("VIVARIUM_BIN", workspace.server_binary("debug"));
        command.env("VIVARIUM_STORY", &options.story);
        process::run(command.args(["--exact", "given_by_name", "--nocapture"]))?;
    }
    Ok(())
}
