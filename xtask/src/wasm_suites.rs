//! The core's own test suites, compiled to wasm and run under Node.
//!
//! The page runs the core as wasm, so the core's tests must hold there as well: other pointer
//! width, other standard library, no threads. The standard test harness needs no help for that;
//! `wasm_suites.mjs` says what is known of a run.
//!
//! Invariant: before the suites, a program with a failing test is run and must be seen to fail;
//! so a runner that reports success whatever happens can't pass.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::workspace::Workspace;
use crate::{process, wasm};

/// The packages that the page runs and that need nothing of a browser.
const PACKAGES: [&str; 2] = ["vivarium-protocol", "vivarium-sim"];

/// The test that must be seen to fail.
const CANARY: &str = "this_failure_must_be_seen";

/// Builds the suites as wasm and returns the command that runs them.
///
/// # Errors
/// When there is no toolchain for wasm, or when a failing test is not noticed.
pub fn command(workspace: &Workspace, source: wasm::Source, node: &Path) -> Result<Command> {
    let toolchain = wasm::ensure(source)?;
    let harness = workspace.root.join("xtask/src/wasm_suites.mjs");
    expect_failure_is_seen(&toolchain, &workspace.wasm_target().join("canary"), node, &harness)?;
    // Doc tests would be compiled by the active toolchain's rustdoc, which may be another one.
    let mut command = toolchain.cargo(workspace, "test");
    command.args(["--lib", "--tests", "--no-fail-fast"]);
    for package in PACKAGES {
        command.args(["--package", package]);
    }
    let runner = serde_json::to_string(&[node, &harness]).context("a path is not Unicode")?;
    command.arg("--config").arg(format!("target.{}.runner={runner}", wasm::TARGET));
    Ok(command)
}

fn expect_failure_is_seen(
    toolchain: &wasm::Toolchain,
    folder: &Path,
    node: &Path,
    harness: &Path,
) -> Result<()> {
    let program = compile_canary(toolchain, folder)?;
    let output = Command::new(node)
        .arg(harness)
        .arg(&program)
        .output()
        .with_context(|| format!("{} can't be started", node.display()))?;
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() || !text.contains(CANARY) {
        bail!("a failing test was not noticed as wasm: {text}");
    }
    Ok(())
}

fn compile_canary(toolchain: &wasm::Toolchain, folder: &Path) -> Result<PathBuf> {
    let source = folder.join("canary.rs");
    let program = folder.join("canary.wasm");
    let text = format!(
        "#[test]\nfn a_test_that_passes() {{}}\n\
         #[test]\nfn {CANARY}() {{\n    assert_eq!(std::hint::black_box(1), 2);\n}}\n"
    );
    fs::create_dir_all(folder)?;
    fs::write(&source, text)?;
    let mut command = toolchain.rustc();
    command.args(["--test", "--edition=2024", "--target", wasm::TARGET]);
    command.arg(&source).arg("-o").arg(&program);
    process::run(&mut command)?;
    Ok(program)
}
