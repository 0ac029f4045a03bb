//! `cargo xtask screenshots`: the pictures of the README, taken from the page as it is.
//!
//! The same run at the same moment in both themes and both languages: `screenshots`, an example of
//! the tests' package, drives the browser; this chore builds what it needs.

use anyhow::Result;

use crate::tools::Need;
use crate::workspace::Workspace;
use crate::{bench, process, wasm, web};

/// What `cargo xtask screenshots` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Take the page that lies in dist/, as `cargo xtask web` built it
    #[arg(long)]
    built: bool,
    #[command(flatten)]
    wasm: wasm::Options,
}

/// Takes the pictures into `docs/`.
///
/// # Errors
/// When something can't be built or the browser can't be driven.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    if !options.built {
        web::build(workspace, options.wasm.wasm_std, web::Kind::Release)?;
    }
    let variables = Need::Browser.ensure()?;
    let mut command = bench::example(workspace, "screenshots", &variables)?;
    process::run(command.arg(workspace.root.join("docs")))
}
