//! Finds built test programs, so that a step can run one by its path.
//!
//! `cargo test --test NAME` would do, but cargo then resolves features for the packages that have
//! such a test alone, and compiles half of the dependencies a second time: four minutes on a busy
//! machine. Asked about the whole workspace it builds nothing and answers at once.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::process;
use crate::workspace::Workspace;

/// A built test program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The name of its suite.
    pub name: String,
    executable: PathBuf,
    /// The folder of its package, in which cargo would run it.
    folder: PathBuf,
}

impl Program {
    /// A command that runs it.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.executable);
        command.current_dir(&self.folder);
        command
    }
}

/// The programs of these suites, in their order.
///
/// # Errors
/// When the workspace does not compile, or has no such suite.
pub fn find(workspace: &Workspace, suites: &[&str]) -> Result<Vec<Program>> {
    let mut build = workspace.cargo();
    build.args(["test", "--workspace", "--no-run", "--message-format", "json"]);
    // Where this must build after all, it is seen to.
    let messages = process::output(build.stderr(Stdio::inherit()))?;
    let programs: Vec<Program> = messages.lines().filter_map(program).collect();
    let of_suite = |suite: &&str| {
        let program = programs.iter().find(|program| program.name == *suite).cloned();
        program.with_context(|| format!("cargo built no test program `{suite}`"))
    };
    suites.iter().map(of_suite).collect()
}

/// The program that one of cargo's messages tells of, if it does.
fn program(message: &str) -> Option<Program> {
    let message: Value = serde_json::from_str(message).ok()?;
    let target = &message["target"];
    if message["reason"] != "compiler-artifact" || target["kind"][0] != "test" {
        return None;
    }
    let name = target["name"].as_str()?.to_owned();
    let executable = PathBuf::from(message["executable"].as_str()?);
    let folder = Path::new(message["manifest_path"].as_str()?).parent()?.to_owned();
    Some(Program { name, executable, folder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_messages_about_test_programs_are_read() {
        let message = r#"{"reason":"compiler-artifact","manifest_path":"/w/tests/Cargo.toml",
            "target":{"kind":["test"],"name":"page"},"executable":"/w/target/page-1"}"#;
        let page = Program {
            name: "page".to_owned(),
            executable: PathBuf::from("/w/target/page-1"),
            folder: PathBuf::from("/w/tests"),
        };
        assert_eq!(program(message), Some(page));
        for (from, to) in [("[\"test\"]", "[\"lib\"]"), ("artifact", "message")] {
            assert_eq!(program(&message.replace(from, to)), None, "{to}");
        }
        assert_eq!(program("   Compiling page"), None);
    }
}
