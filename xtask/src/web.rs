//! `cargo xtask web`: from Rust and `static/` to a page in `dist/`.
//!
//! The crate `vivarium-web` is compiled to wasm, wasm-bindgen (as a library, so no installed tool
//! has to match a version) writes the JavaScript beside it into `static/pkg/`, and `dist.rs` lays
//! out and compresses what a browser fetches. No wasm optimiser runs: it makes the file smaller
//! but its compressed form bigger.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::workspace::Workspace;
use crate::{dist, process, wasm};

/// What `cargo xtask web` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Build quickly for work on the page: hardly optimised, not compressed, no budget
    #[arg(long)]
    dev: bool,
    #[command(flatten)]
    wasm: wasm::Options,
}

/// How many bytes the finished page may hold, compressed. The aim is 450 kB for the first load,
/// which it misses today; this bound keeps it from growing further unnoticed.
const BUDGET: u64 = 720_000;

/// The file name that the page's start script asks for.
const NAME: &str = "vivarium_web";

/// How a page is built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Small and fast; what is embedded and shipped.
    Release,
    /// Quick to build.
    Dev,
}

/// Builds the page as the options say.
///
/// # Errors
/// When the toolchain for wasm is missing, the build fails, or the page is over its budget.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let kind = if options.dev { Kind::Dev } else { Kind::Release };
    build(workspace, options.wasm.wasm_std, kind)
}

/// Builds the page into `dist/`.
///
/// # Errors
/// As [`run`].
pub fn build(workspace: &Workspace, source: wasm::Source, kind: Kind) -> Result<()> {
    let started = Instant::now();
    let toolchain = wasm::ensure(source)?;
    println!("   compiling the page with {}", toolchain.name());
    let compiled = compile(workspace, &toolchain, kind)?;
    bind(&compiled, &workspace.root.join("static/pkg"), kind)?;
    let sizes = dist::assemble(&workspace.root.join("static"), &workspace.dist(), kind)?;
    report(&sizes, kind);
    println!("   page built in {:.1} s", started.elapsed().as_secs_f32());
    if kind == Kind::Release {
        expect_within_budget(&sizes, BUDGET)?;
    }
    Ok(())
}

fn compile(workspace: &Workspace, toolchain: &wasm::Toolchain, kind: Kind) -> Result<PathBuf> {
    let profile = match kind {
        Kind::Release => "web",
        Kind::Dev => "web-dev",
    };
    let mut command = toolchain.cargo(workspace, "build");
    command.args(["--package", "vivarium-web", "--lib", "--profile", profile]);
    process::run(&mut command)?;
    let folder = workspace.wasm_target().join(wasm::TARGET).join(profile);
    Ok(folder.join(format!("{NAME}.wasm")))
}

fn bind(compiled: &Path, target: &Path, kind: Kind) -> Result<()> {
    let release = kind == Kind::Release;
    fs::create_dir_all(target).with_context(|| format!("can't create {}", target.display()))?;
    Bindgen::new()
        .input_path(compiled)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(release)
        .remove_producers_section(true)
        .generate(target)
        .context("wasm-bindgen can't write the page's JavaScript")
}

fn report(sizes: &[dist::Size], kind: Kind) {
    let mut largest: Vec<&dist::Size> = sizes.iter().collect();
    largest.sort_by_key(|size| std::cmp::Reverse(size.transferred));
    for size in largest.iter().take(4) {
        println!("   {:>9} B raw {:>9} B sent  {}", size.raw, size.transferred, size.path);
    }
    let (raw, sent) = total(sizes);
    let sending = if kind == Kind::Release { "brotli" } else { "not compressed" };
    println!("   {raw:>9} B raw {sent:>9} B sent  {} files in all, {sending}", sizes.len());
}

fn total(sizes: &[dist::Size]) -> (u64, u64) {
    let raw = sizes.iter().map(|size| size.raw).sum();
    let sent = sizes.iter().map(|size| size.transferred).sum();
    (raw, sent)
}

fn expect_within_budget(sizes: &[dist::Size], budget: u64) -> Result<()> {
    let (_, sent) = total(sizes);
    if sent > budget {
        bail!("the page sends {sent} bytes and its budget is {budget}: make it smaller");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_over_its_budget_is_refused() {
        let size = |transferred| dist::Size { path: "a".to_owned(), raw: 9, transferred };
        let sizes = [size(60), size(40)];
        expect_within_budget(&sizes, 100).unwrap();
        let error = expect_within_budget(&sizes, 99).unwrap_err().to_string();
        assert!(error.contains("100 bytes") && error.contains("budget is 99"), "{error}");
    }
}
