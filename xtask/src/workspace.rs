//! Where things are: the workspace's root, its target folder, its packages and test suites.
//!
//! Cargo itself is asked (`cargo metadata`), so a target folder set in the environment or in a
//! configuration file is respected.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;

/// The workspace on disk.
pub struct Workspace {
    /// The folder that holds the workspace's `Cargo.toml`.
    pub root: PathBuf,
    /// Where native builds land.
    pub target: PathBuf,
    /// Names of all test programs (`tests/*.rs` and `[[test]]`), sorted.
    pub suites: Vec<String>,
}

impl Workspace {
    /// Finds the workspace this program belongs to.
    ///
    /// # Errors
    /// When `cargo metadata` fails, for instance because a manifest is broken.
    pub fn locate() -> Result<Workspace> {
        let here = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let mut command = cargo();
        command.current_dir(&here).args(["metadata", "--no-deps", "--format-version", "1"]);
        let text = process::output(&mut command)?;
        let metadata: Value = serde_json::from_str(&text).context("cargo metadata is not JSON")?;
        Ok(Workspace {
            root: folder(&metadata, "workspace_root")?,
            target: folder(&metadata, "target_directory")?,
            suites: suites(&metadata),
        })
    }

    /// Where wasm builds land: another compiler may build them, so they share nothing.
    pub fn wasm_target(&self) -> PathBuf {
        self.target.join("wasm")
    }

    /// The finished page, as the server embeds it.
    pub fn dist(&self) -> PathBuf {
        self.root.join("dist")
    }

    /// The built server of the given profile folder (`debug` or `release`).
    pub fn server_binary(&self, profile: &str) -> PathBuf {
        self.target.join(profile).join(format!("vivarium{}", std::env::consts::EXE_SUFFIX))
    }

    /// A cargo command that runs in the workspace's root.
    pub fn cargo(&self) -> Command {
        let mut command = cargo();
        command.current_dir(&self.root);
        command
    }
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

fn folder(metadata: &Value, key: &str) -> Result<PathBuf> {
    let text = metadata[key].as_str().with_context(|| format!("cargo metadata lacks {key}"))?;
    Ok(PathBuf::from(text))
}

fn suites(metadata: &Value) -> Vec<String> {
    let is_test = |target: &&Value| target["kind"][0] == "test";
    let mut names: Vec<String> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|package| package["targets"].as_array())
        .flatten()
        .filter(is_test)
        .filter_map(|target| target["name"].as_str())
        .map(str::to_owned)
        .collect();
    names.sort();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_test_targets_are_suites() {
        let metadata: Value = serde_json::from_str(
            r#"{"packages":[
                {"name":"vivarium-tests","targets":[
                    {"kind":["lib"],"name":"vivarium_tests"},
                    {"kind":["test"],"name":"stories"},
                    {"kind":["test"],"name":"page"}]},
                {"name":"xtask","targets":[{"kind":["test"],"name":"other"}]}]}"#,
        )
        .unwrap();
        assert_eq!(suites(&metadata), ["other", "page", "stories"]);
    }

    #[test]
    fn the_workspace_is_found() {
        let workspace = Workspace::locate().unwrap();
        assert!(workspace.root.join("xtask/Cargo.toml").is_file());
        assert!(workspace.root.join("protocol/Cargo.toml").is_file());
    }
}
