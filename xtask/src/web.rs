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
use crate::{dist, process, split, wasm};

/// What `cargo xtask web` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Build quickly for work on the page: hardly optimised, not compressed, no budget
    #[arg(long)]
    dev: bool,
    #[command(flatten)]
    wasm: wasm::Options,
}

/// How many bytes a browser may have to fetch, compressed, before the page can be used.
const BUDGET: u64 = 450_000;

/// The part of the standard library that writes floating-point numbers, as the names of its
/// functions have it: 14 kB in the first file, where `web/src/model/decimal.rs` does what is
/// needed.
const FLOATS: &[u8] = b"flt2dec";

/// What no browser fetches for the first picture: what is split off, what is fetched on demand, the
/// icons of an installed page, the page for frames.
fn comes_later(path: &str) -> bool {
    let file = path.rsplit('/').next().unwrap_or(path);
    file.starts_with("split_")
        || path.starts_with("icons/")
        || path.starts_with("lessons/L")
        || ["embed.html", "embed.js", "picture.js", "later.css", "take-away.js", "sw.js"]
            .contains(&file)
        || ["manifest.webmanifest", "build.txt"].contains(&file)
}

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
    let pkg = workspace.root.join("static/pkg");
    empty(&pkg)?;
    let first = split::split(&compiled, &pkg, NAME, kind == Kind::Dev)?;
    bind(&first, &pkg, kind)?;
    let sizes = dist::assemble(&workspace.root.join("static"), &workspace.dist(), kind)?;
    report(&sizes, kind);
    println!("   page built in {:.1} s", started.elapsed().as_secs_f32());
    if kind == Kind::Release {
        expect_no_floats(&fs::read(&first).context("can't read the page's first file")?)?;
        expect_within_budget(&sizes, BUDGET)?;
    }
    Ok(())
}

fn compile(workspace: &Workspace, toolchain: &wasm::Toolchain, kind: Kind) -> Result<PathBuf> {
    let profile = match kind {
        Kind::Release => "web",
        Kind::Dev => "web-dev",
    };
    let mut command = toolchain.cargo(workspace, "rustc");
    command.args(["--package", "vivarium-web", "--lib", "--profile", profile]);
    // The splitter finds what belongs to which file by the relocations.
    command.args(["--crate-type", "cdylib", "--", "-Clink-arg=--emit-relocs"]);
    process::run(&mut command)?;
    let folder = workspace.wasm_target().join(wasm::TARGET).join(profile);
    Ok(folder.join(format!("{NAME}.wasm")))
}

/// What an earlier build left must not be taken for a part of this one.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("can't empty {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))
}

fn bind(compiled: &Path, target: &Path, kind: Kind) -> Result<()> {
    let release = kind == Kind::Release;
    Bindgen::new()
        .input_path(compiled)
        .out_name(NAME)
        .web(true)?
        .typescript(false)
        .remove_name_section(release)
        .remove_producers_section(true)
        // The later files share the first one's table of functions.
        .keep_lld_exports(true)
        .generate(target)
        .context("wasm-bindgen can't write the page's JavaScript")
}

/// A script without the lines that only explain it: who reads it reads its source.
pub fn without_comments(script: &str) -> String {
    let explains = |line: &str| ["/**", "* ", "*/", "//"].iter().any(|it| line.starts_with(it));
    let kept = script.split_inclusive('\n').filter(|line| {
        let line = line.trim();
        line != "*" && !explains(line)
    });
    kept.collect()
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
    println!("   {:>25} B sent  before the page can be used", first_load(sizes));
}

fn first_load(sizes: &[dist::Size]) -> u64 {
    let first = sizes.iter().filter(|size| !comes_later(&size.path));
    first.map(|size| size.transferred).sum()
}

fn total(sizes: &[dist::Size]) -> (u64, u64) {
    let raw = sizes.iter().map(|size| size.raw).sum();
    let sent = sizes.iter().map(|size| size.transferred).sum();
    (raw, sent)
}

fn expect_within_budget(sizes: &[dist::Size], budget: u64) -> Result<()> {
    let sent = first_load(sizes);
    if sent > budget {
        bail!("the page first sends {sent} bytes and its budget is {budget}: make it smaller");
    }
    Ok(())
}

/// The first file still has the names of its functions, which no browser is sent.
fn expect_no_floats(first: &[u8]) -> Result<()> {
    if first.windows(FLOATS.len()).any(|name| name == FLOATS) {
        bail!(
            "the page's first file writes floating-point numbers the general way: use \
             `model::decimal` instead of `{{x:.1}}`, `to_string()` and `clamp`"
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_script_is_sent_without_its_comments() {
        let script = "/**\n * What it is.\n *\n * @returns {string}\n */\n\
                      export function a() {\n    // why\n    return 2 * 3; // 6\n}\n";
        assert_eq!(without_comments(script), "export function a() {\n    return 2 * 3; // 6\n}\n");
    }

    #[test]
    fn a_first_file_that_writes_floats_is_refused() {
        expect_no_floats(b"\0asm core::fmt::num::imp").unwrap();
        let error = expect_no_floats(b"\0asm core::num::flt2dec::strategy").unwrap_err();
        assert!(error.to_string().contains("`{x:.1}`"), "{error}");
    }

    #[test]
    fn a_page_over_its_budget_is_refused() {
        let size =
            |path: &str, transferred| dist::Size { path: path.to_owned(), raw: 9, transferred };
        let later = size("pkg/split_later.wasm", 70);
        let sizes = [size("index.html", 60), size("pkg/a.wasm", 40), later];
        expect_within_budget(&sizes, 100).unwrap();
        let error = expect_within_budget(&sizes, 99).unwrap_err().to_string();
        assert!(error.contains("100 bytes") && error.contains("budget is 99"), "{error}");
    }
}
