//! Debian's compiler with a wasm32 standard library built once and kept.
//!
//! Debian builds browsers with `rustc-web` and ships that compiler's library source, but no
//! wasm32 library for it. So the library is compiled here, as a sysroot of its own; the project's
//! crates then build with ordinary stable cargo calls, and `RUSTC_BOOTSTRAP` is set only while the
//! library itself is built.
//!
//! Invariants:
//! 1. A sysroot belongs to one compiler: the folder's name is a hash of `rustc -vV` and of the
//!    packages' versions. Compiler and library source must be of one version.
//! 2. A sysroot is renamed into place when whole; two builds at once can't leave half a one.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::wasm::TARGET;
use crate::{install, process};

/// What Debian needs for this way.
pub const PACKAGES: [&str; 3] = ["rustc-web", "cargo-web", "rust-web-src"];

const RUSTC: &str = "/usr/bin/rustc";
const LIBRARY: &str = "/usr/lib/rustlib/src/rust/library";

/// Debian's compiler, ready to compile for wasm.
pub struct Debian {
    /// The compiler's first line about itself.
    pub version: String,
    /// A linker for wasm: Debian's compiler brings none.
    pub linker: PathBuf,
    sysroot: PathBuf,
}

impl Debian {
    /// The compiler.
    pub fn rustc(&self) -> Command {
        debian_rustc()
    }

    /// The flag that makes the compiler use the private standard library.
    pub fn sysroot_flag(&self) -> String {
        format!("--sysroot={}", self.sysroot.display())
    }

    /// Makes a cargo call use this compiler and linker.
    pub fn configure(&self, command: &mut Command) {
        command.env("RUSTC", RUSTC).env_remove("LD_LIBRARY_PATH");
        command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", &self.linker);
    }
}

/// The sysroot for the present compiler, if one was built before.
///
/// # Errors
/// When there is no folder to keep one in.
pub fn built_earlier() -> Result<Option<Debian>> {
    let Some(description) = compiler() else {
        return Ok(None);
    };
    let sysroot = place(&description)?;
    let Some(linker) = linker() else {
        return Ok(None);
    };
    if !sysroot.is_dir() {
        return Ok(None);
    }
    Ok(Some(Debian { version: first_line(&description), linker, sysroot }))
}

/// Builds the sysroot, after installing the compiler and the source where that is possible.
///
/// # Errors
/// When something is missing that can't be installed, or when the build fails.
pub fn build() -> Result<Debian> {
    ensure_packages()?;
    let description = compiler().context("Debian's rustc does not answer to `rustc -vV`")?;
    let linker = ensure_linker()?;
    let sysroot = place(&description)?;
    let version = first_line(&description);
    println!("   building the wasm32 standard library of {version}, once (about a minute)");
    let work = sysroot.with_extension(format!("work-{}", std::process::id()));
    let built = build_library(&work);
    let installed = built.and_then(|libraries| put_in_place(&libraries, &work, &sysroot));
    let cleared = fs::remove_dir_all(&work);
    installed?;
    cleared.with_context(|| format!("can't remove {}", work.display()))?;
    Ok(Debian { version, linker, sysroot })
}

fn ensure_packages() -> Result<()> {
    let source = Path::new(LIBRARY).join("std/Cargo.toml");
    if Path::new(RUSTC).is_file() && source.is_file() {
        return Ok(());
    }
    install::apt(&PACKAGES).context(
        "the wasm32 standard library is missing, rustup can't add it here, and Debian's compiler \
         is not installed",
    )?;
    if !Path::new(RUSTC).is_file() || !source.is_file() {
        bail!("{} were installed, but {RUSTC} or {LIBRARY} is not there", PACKAGES.join(", "));
    }
    Ok(())
}

fn ensure_linker() -> Result<PathBuf> {
    if let Some(linker) = linker() {
        return Ok(linker);
    }
    install::apt(&["lld-19"]).context("no linker for wasm was found")?;
    linker().context("lld-19 was installed, but `wasm-ld-19` is not on PATH")
}

fn linker() -> Option<PathBuf> {
    let of_rustup = || {
        let version = process::output(Command::new("rustc").arg("-vV")).ok()?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "))?.to_owned();
        let sysroot = process::output(Command::new("rustc").args(["--print", "sysroot"])).ok()?;
        let folder = Path::new(sysroot.trim()).join("lib/rustlib").join(host);
        Some(folder.join("bin/rust-lld")).filter(|file| file.is_file())
    };
    of_rustup().or_else(|| process::which("wasm-ld")).or_else(|| process::which("wasm-ld-19"))
}

/// What the compiler says of itself, if it is there.
fn compiler() -> Option<String> {
    process::output(debian_rustc().arg("-vV")).ok()
}

fn debian_rustc() -> Command {
    let mut command = Command::new(RUSTC);
    // Cargo puts the libraries of the active toolchain there: they are another compiler's.
    command.env_remove("LD_LIBRARY_PATH");
    command
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

fn place(description: &str) -> Result<PathBuf> {
    let mut query = Command::new("dpkg-query");
    query.args(["-W", "-f", "${Package} ${Version}\n"]).args(PACKAGES);
    let packages = process::output(&mut query).unwrap_or_default();
    let mut hasher = DefaultHasher::new();
    (description, packages).hash(&mut hasher);
    Ok(install::cache()?.join(format!("wasm-std-{:016x}", hasher.finish())))
}

/// Compiles the library in `work` and returns the folder its parts landed in.
fn build_library(work: &Path) -> Result<PathBuf> {
    write_stub(work).with_context(|| format!("can't write to {}", work.display()))?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(work).args(["build", "--release", "--offline", "--target", TARGET]);
    command.arg("-Zbuild-std=std,panic_abort,test");
    // Debian ships the crates that the library itself is built from.
    command.arg("--config").arg("source.crates-io.replace-with=\"deb\"");
    command.arg("--config").arg(format!("source.deb.directory=\"{LIBRARY}/vendor\""));
    command.arg("--target-dir").arg(work.join("target"));
    command.env("RUSTC", RUSTC).env("RUSTC_BOOTSTRAP", "1").env_remove("LD_LIBRARY_PATH");
    for name in ["RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER", "CARGO_TARGET_DIR"] {
        command.env_remove(name);
    }
    // Without bitcode a later build with fat link-time optimisation can't use this library.
    let remap = "--remap-path-prefix=/usr/lib/rustlib/src/rust=rust";
    command.env("CARGO_ENCODED_RUSTFLAGS", format!("-Cembed-bitcode=yes\x1f{remap}"));
    process::run(&mut command).context("the wasm32 standard library can't be built")?;
    Ok(work.join("target").join(TARGET).join("release/deps"))
}

fn write_stub(work: &Path) -> Result<()> {
    let manifest = "[package]\nname = \"stub\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\
        [profile.release]\nopt-level = 3\ncodegen-units = 1\ndebug = false\nlto = false\n\
        [workspace]\n";
    fs::create_dir_all(work.join("src"))?;
    fs::write(work.join("Cargo.toml"), manifest)?;
    fs::write(work.join("src/lib.rs"), "")?;
    Ok(())
}

fn put_in_place(libraries: &Path, work: &Path, sysroot: &Path) -> Result<()> {
    let whole = work.join("sysroot");
    let target = whole.join("lib/rustlib").join(TARGET).join("lib");
    fs::create_dir_all(&target)?;
    for entry in fs::read_dir(libraries)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".rlib") && !name.starts_with("libstub-") {
            fs::copy(entry.path(), target.join(&name))?;
        }
    }
    if let Err(error) = fs::rename(&whole, sysroot) {
        // Another build may have been quicker: then its sysroot is as good as ours.
        if !sysroot.is_dir() {
            return Err(error).with_context(|| format!("can't create {}", sysroot.display()));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finished_sysroot_holds_the_library_and_not_the_stub() {
        let folder = tempfile::tempdir().unwrap();
        let (libraries, work) = (folder.path().join("deps"), folder.path().join("work"));
        fs::create_dir_all(&libraries).unwrap();
        for name in ["libstd-1.rlib", "libstub-2.rlib", "libstd-1.rmeta"] {
            fs::write(libraries.join(name), name).unwrap();
        }
        let sysroot = folder.path().join("wasm-std");
        put_in_place(&libraries, &work, &sysroot).unwrap();
        let target = sysroot.join("lib/rustlib").join(TARGET).join("lib");
        let names: Vec<_> = fs::read_dir(target).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(names, ["libstd-1.rlib"]);
    }

    #[test]
    fn the_second_of_two_builds_at_once_finds_the_first_ones_sysroot_and_is_content() {
        let folder = tempfile::tempdir().unwrap();
        let libraries = folder.path().join("deps");
        fs::create_dir_all(&libraries).unwrap();
        fs::write(libraries.join("libstd-1.rlib"), "").unwrap();
        let sysroot = folder.path().join("wasm-std");
        for work in ["first", "second"] {
            put_in_place(&libraries, &folder.path().join(work), &sysroot).unwrap();
        }
    }
}
