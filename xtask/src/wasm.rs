//! A compiler that can build for wasm32-unknown-unknown, wherever this machine can get one.
//!
//! The order: the active toolchain's own standard library; a private sysroot built earlier;
//! `rustup target add`; Debian's compiler with the private sysroot of `sysroot.rs`.
//!
//! Invariants:
//! 1. Wasm builds land in a target folder of their own.
//! 2. No folder of the builder's machine is left in the wasm, so paths are remapped.
//! 3. The user's own flags are kept: they are joined with ours into `CARGO_ENCODED_RUSTFLAGS`,
//!    because that variable beats every other place flags can come from.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::ValueEnum;

use crate::workspace::Workspace;
use crate::{process, sysroot};

/// The one wasm target of this project.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// How long `rustup target add` may take.
const RUSTUP_LIMIT: Duration = Duration::from_secs(180);

/// Where the wasm standard library may come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Source {
    /// The active toolchain, else what works here
    Auto,
    /// Only the active toolchain and rustup
    Rustup,
    /// Only Debian's rustc-web with a standard library built from rust-web-src
    Debian,
}

/// The choice of a standard library, as every chore that builds wasm offers it.
#[derive(clap::Args)]
#[group(id = "wasm")]
pub struct Options {
    /// Where the wasm32 standard library comes from
    #[arg(long, value_enum, default_value = "auto", env = "VIVARIUM_WASM_STD")]
    pub wasm_std: Source,
}

/// A way to compile for wasm that was seen to be there.
pub struct Toolchain {
    debian: Option<sysroot::Debian>,
    compiler_sysroot: PathBuf,
}

/// Finds a toolchain for wasm, or makes one.
///
/// # Errors
/// When no way works here; the message names what to run.
pub fn ensure(source: Source) -> Result<Toolchain> {
    match source {
        Source::Auto => any(),
        Source::Rustup => match with_rustup()? {
            Some(toolchain) => Ok(toolchain),
            None => bail!("{}", rustup_advice()),
        },
        Source::Debian => debian(),
    }
}

fn any() -> Result<Toolchain> {
    let compiler_sysroot = compiler_sysroot()?;
    if has_std(&compiler_sysroot) {
        return Ok(Toolchain { debian: None, compiler_sysroot });
    }
    if let Some(debian) = sysroot::built_earlier()? {
        return Ok(Toolchain { debian: Some(debian), compiler_sysroot });
    }
    if let Some(toolchain) = with_rustup()? {
        return Ok(toolchain);
    }
    if process::which("apt-get").is_none() {
        bail!("{}", rustup_advice());
    }
    debian()
}

fn with_rustup() -> Result<Option<Toolchain>> {
    let compiler_sysroot = compiler_sysroot()?;
    if !has_std(&compiler_sysroot) {
        println!("   adding the target {TARGET} with rustup");
        // With RUST_BACKTRACE=1 a refused download prints thirty lines of stack.
        let mut add = Command::new("rustup");
        add.args(["target", "add", TARGET]).env("RUST_BACKTRACE", "0");
        process::succeeds_within(&mut add, RUSTUP_LIMIT);
    }
    // The exit status alone says little (rustup may have served another toolchain): look again.
    Ok(has_std(&compiler_sysroot).then_some(Toolchain { debian: None, compiler_sysroot }))
}

fn debian() -> Result<Toolchain> {
    let compiler_sysroot = compiler_sysroot()?;
    let debian = match sysroot::built_earlier()? {
        Some(debian) => debian,
        None => sysroot::build()?,
    };
    Ok(Toolchain { debian: Some(debian), compiler_sysroot })
}

fn rustup_advice() -> String {
    format!(
        "this Rust toolchain can't build for the browser yet: run `rustup target add {TARGET}` \
         where downloads from static.rust-lang.org are possible (on Debian the packages {} do too)",
        sysroot::PACKAGES.join(", ")
    )
}

fn compiler_sysroot() -> Result<PathBuf> {
    let text = process::output(Command::new("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(text.trim()))
}

fn has_std(sysroot: &Path) -> bool {
    let folder = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    let is_std = |name: &str| name.starts_with("libstd-") && name.ends_with(".rlib");
    std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.file_name().to_str().is_some_and(is_std))
}

impl Toolchain {
    /// What this toolchain is, for the log.
    pub fn name(&self) -> String {
        match &self.debian {
            None => "the active toolchain".to_owned(),
            Some(debian) => format!("Debian's {}", debian.version),
        }
    }

    /// The compiler itself.
    pub fn rustc(&self) -> Command {
        let mut command = match &self.debian {
            None => Command::new("rustc"),
            Some(debian) => debian.rustc(),
        };
        if let Some(debian) = &self.debian {
            command.arg(debian.sysroot_flag());
            command.arg(format!("-Clinker={}", debian.linker.display()));
        }
        command
    }

    /// A cargo command that compiles for wasm; what to build is left to the caller.
    pub fn cargo(&self, workspace: &Workspace, subcommand: &str) -> Command {
        let mut command = workspace.cargo();
        command.arg(subcommand).args(["--target", TARGET]);
        command.arg("--target-dir").arg(workspace.wasm_target());
        command.env("CARGO_ENCODED_RUSTFLAGS", self.flags(workspace).join("\x1f"));
        // A wrapper may belong to the other compiler.
        for name in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
            command.env_remove(name);
        }
        if let Some(debian) = &self.debian {
            debian.configure(&mut command);
        }
        command
    }

    fn flags(&self, workspace: &Workspace) -> Vec<String> {
        let mut flags = user_flags(
            std::env::var("CARGO_ENCODED_RUSTFLAGS").ok(),
            std::env::var("RUSTFLAGS").ok(),
        );
        if let Some(debian) = &self.debian {
            flags.push(debian.sysroot_flag());
        }
        // The registry's folder itself: the folders in it don't exist before the first download,
        // and flags that change recompile everything.
        if let Some(home) = cargo_home() {
            flags.push(remap(&home.join("registry/src"), "registry"));
        }
        flags.push(remap(&workspace.root, "vivarium"));
        flags.push(remap(&self.compiler_sysroot, "rust"));
        flags
    }
}

fn user_flags(encoded: Option<String>, plain: Option<String>) -> Vec<String> {
    let kept = |text: &str| !text.is_empty();
    match (encoded, plain) {
        (Some(text), _) => {
            text.split('\x1f').filter(|flag| kept(flag)).map(str::to_owned).collect()
        }
        (None, Some(text)) => text.split_whitespace().map(str::to_owned).collect(),
        (None, None) => Vec::new(),
    }
}

fn remap(from: &Path, to: &str) -> String {
    format!("--remap-path-prefix={}={to}", from.display())
}

fn cargo_home() -> Option<PathBuf> {
    let home = |name: &str| std::env::var_os(name).map(PathBuf::from);
    home("CARGO_HOME").or_else(|| home("HOME").map(|home| home.join(".cargo")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_users_flags_are_kept_and_the_encoded_ones_win() {
        let encoded = || Some("-C\x1fopt-level=1".to_owned());
        let plain = || Some("-D  warnings".to_owned());
        assert_eq!(user_flags(encoded(), plain()), ["-C", "opt-level=1"]);
        assert_eq!(user_flags(None, plain()), ["-D", "warnings"]);
        assert_eq!(user_flags(Some(String::new()), None), Vec::<String>::new());
    }

    #[test]
    fn a_sysroot_without_the_wasm_library_is_told_from_one_with_it() {
        let sysroot = tempfile::tempdir().unwrap();
        assert!(!has_std(sysroot.path()));
        let folder = sysroot.path().join("lib/rustlib").join(TARGET).join("lib");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("libcore-1.rlib"), "").unwrap();
        assert!(!has_std(sysroot.path()));
        std::fs::write(folder.join("libstd-1.rlib"), "").unwrap();
        assert!(has_std(sysroot.path()));
    }

    #[test]
    fn the_advice_names_the_command() {
        assert!(rustup_advice().contains("`rustup target add wasm32-unknown-unknown`"));
    }
}
