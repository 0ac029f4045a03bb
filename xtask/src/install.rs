//! Installing what a chore needs, where that is possible: as root, with apt.
//!
//! Nobody's machine is changed without being root already: everybody else is told the exact
//! command to run.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Result, bail};

use crate::process;

/// Installs Debian packages, or says why it can't in one sentence.
///
/// # Errors
/// When there is no apt here, when this process isn't root, or when apt fails.
pub fn apt(packages: &[&str]) -> Result<()> {
    if process::which("apt-get").is_none() {
        bail!("there is no apt-get here to install {} with", packages.join(", "));
    }
    if !process::is_root() {
        bail!("run as root: {}", apt_command(packages));
    }
    println!("   installing {} with apt", packages.join(", "));
    process::output(apt_get().arg("update"))?;
    let install = ["install", "-y", "--no-install-recommends"];
    process::output(apt_get().args(install).args(packages))?;
    Ok(())
}

/// The command that installs these packages, for a person to run.
pub fn apt_command(packages: &[&str]) -> String {
    format!("apt-get install -y --no-install-recommends {}", packages.join(" "))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    // Another apt may hold the lock for a while; RUNLEVEL=1 keeps packages from starting services.
    command.args(["-q", "-o", "DPkg::Lock::Timeout=600"]);
    command.env("DEBIAN_FRONTEND", "noninteractive").env("RUNLEVEL", "1");
    command
}

/// Where things that outlive `cargo clean` are kept: `$VIVARIUM_CACHE`, else the user's cache.
///
/// # Errors
/// When neither a cache folder nor a home folder is set.
pub fn cache() -> Result<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
    if let Some(cache) = folder("VIVARIUM_CACHE") {
        return Ok(PathBuf::from(cache));
    }
    if let Some(cache) = folder("XDG_CACHE_HOME") {
        return Ok(PathBuf::from(cache).join("vivarium"));
    }
    if let Some(home) = folder("HOME") {
        return Ok(PathBuf::from(home).join(".cache/vivarium"));
    }
    bail!("no folder to keep built tools in: set VIVARIUM_CACHE to one")
}
