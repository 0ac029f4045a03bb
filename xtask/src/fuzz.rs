//! `cargo xtask fuzz`: coverage-guided fuzzing of every decoder, with the stable compiler.
//!
//! The targets are cargo-fuzz's and can be run with it, too. Here they are built with the passes of
//! LLVM that the stable compiler offers (edge counters, no sanitizer: the decoders hold no unsafe
//! code), and begin with the golden recordings of the tests. A finding is a file under
//! `target/fuzz/findings`, and the chore fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::process;
use crate::workspace::Workspace;

/// What `cargo xtask fuzz` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// How long each target runs
    #[arg(long, default_value_t = 60)]
    seconds: u32,
    /// How many targets run side by side
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// The targets to run, all of them unless named
    targets: Vec<String>,
}

/// Edge counters and comparisons, which libFuzzer looks at to find new paths.
const COVERAGE: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions \
-Coverflow-checks";

/// Builds the targets and runs them.
///
/// # Errors
/// When they can't be built, or one of them finds something.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let manifest = workspace.root.join("fuzz/Cargo.toml");
    let target = workspace.target.join("fuzz");
    let names = names(&workspace.root, &options.targets)?;
    process::run(
        Command::new("cargo")
            .args(["build", "--release", "--bins", "--manifest-path"])
            .arg(&manifest)
            .args(["--target", &host()?])
            .env("CARGO_TARGET_DIR", &target)
            .env("RUSTFLAGS", COVERAGE),
    )
    .context("the fuzz targets can't be built; they need a C++ compiler besides Rust")?;
    let programs = target.join(host()?).join("release");
    let corpus = seeds(&workspace.root, &target.join("seeds"))?;
    let mut found = Vec::new();
    for some in names.chunks(options.jobs.max(1)) {
        let mut running = Vec::new();
        for name in some {
            running.push((name, start(&programs.join(name), name, &target, &corpus, options)?));
        }
        for (name, mut child) in running {
            if !child.wait()?.success() {
                found.push(name.as_str());
            }
            println!("{name}: {}", last_line(&target.join(format!("{name}.log"))));
        }
    }
    if found.is_empty() {
        println!("{} targets, {} s each: nothing found", names.len(), options.seconds);
        return Ok(());
    }
    let findings = target.join("findings");
    bail!("{} found something: look into {}", found.join(", "), findings.display())
}

fn start(
    program: &Path,
    name: &str,
    target: &Path,
    seeds: &Path,
    options: &Options,
) -> Result<std::process::Child> {
    let corpus = target.join("corpus").join(name);
    let findings = target.join("findings").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&findings)?;
    let log = fs::File::create(target.join(format!("{name}.log")))?;
    let mut command = Command::new(program);
    command
        .arg(format!("-max_total_time={}", options.seconds))
        .arg(format!("-artifact_prefix={}/", findings.display()))
        // A decoder that allocates by a length it was told would show here.
        .args(["-rss_limit_mb=1024", "-malloc_limit_mb=256", "-timeout=5", "-max_len=65536"])
        .args(["-print_final_stats=1"])
        .args([&corpus, seeds])
        .stdout(log.try_clone()?)
        .stderr(log);
    command.spawn().with_context(|| format!("can't start {}", program.display()))
}

/// The names of the targets: those asked for, or every file of `fuzz/fuzz_targets`.
fn names(root: &Path, asked: &[String]) -> Result<Vec<String>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root.join("fuzz/fuzz_targets"))? {
        let path = entry?.path();
        if let Some(stem) = path.file_stem() {
            all.push(stem.to_string_lossy().into_owned());
        }
    }
    all.sort();
    if let Some(unknown) = asked.iter().find(|name| !all.contains(name)) {
        bail!("{unknown} is no fuzz target; there are {}", all.join(", "));
    }
    Ok(if asked.is_empty() { all } else { asked.to_vec() })
}

/// The golden recordings as files of bytes, each also without the length that a frame begins with.
fn seeds(root: &Path, folder: &Path) -> Result<PathBuf> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(root.join("tests/golden"))? {
        let path = entry?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        for (number, line) in fs::read_to_string(&path)?.lines().enumerate() {
            let recorded = line.split_once(": ").filter(|_| !line.starts_with(['#', '=']));
            let hex = recorded.map(|(_, hex)| hex.split_whitespace().collect::<String>());
            if let Some(bytes) = hex.as_deref().and_then(decoded) {
                fs::write(folder.join(format!("{stem}-{number}")), &bytes)?;
                let payload = bytes.get(4..).unwrap_or_default();
                fs::write(folder.join(format!("{stem}-{number}-payload")), payload)?;
            }
        }
    }
    Ok(folder.to_owned())
}

fn decoded(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || !hex.is_ascii() || !hex.len().is_multiple_of(2) {
        return None;
    }
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).ok()).collect()
}

/// What the compiler builds for. It is named, so that the flags are for the targets alone and not
/// for build scripts.
fn host() -> Result<String> {
    let version = process::output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).context("rustc -vV names no host")
}

fn last_line(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let ended = |line: &&str| line.starts_with("Done ") || line.contains("ERROR");
    text.lines().rfind(ended).unwrap_or("it did not end by itself").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_program_and_the_recordings_are_seeds() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let manifest = fs::read_to_string(root.join("fuzz/Cargo.toml")).expect("it is there");
        let all = names(&root, &[]).expect("there are targets");
        for name in &all {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
        assert!(names(&root, &["nothing".to_owned()]).is_err());
        let folder = tempfile::tempdir().expect("a folder can be made");
        seeds(&root, folder.path()).expect("the recordings can be read");
        let count = fs::read_dir(folder.path()).expect("it is there").count();
        assert!(count > 20, "{count} seeds");
    }

    #[test]
    fn hexadecimal_is_read_and_all_else_is_passed_over() {
        assert_eq!(decoded("00ff10"), Some(vec![0, 255, 16]));
        assert_eq!(decoded("0"), None);
        assert_eq!(decoded("zz"), None);
        assert_eq!(decoded("é0"), None);
    }
}
