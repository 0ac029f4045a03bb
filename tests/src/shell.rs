//! Clients as people start them: Apache's `zkCli.sh`, and scripts for kazoo.

use crate::process::Folder;
use crate::tools;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

/// Types lines into zkCli.sh and returns what it printed, in order, whichever way it went out.
#[must_use]
pub fn zk_cli(server: &str, lines: &[&str]) -> String {
    zk_cli_with(server, &[], lines)
}

/// The same, with flags for its virtual machine.
///
/// # Panics
/// When it can't be started.
#[must_use]
pub fn zk_cli_with(server: &str, flags: &[String], lines: &[&str]) -> String {
    let folder = Folder::new();
    let path = folder.path().join("printed.txt");
    let printed = File::create(&path).expect("a file can be made");
    let mut shell = Command::new(tools::zk_cli())
        .args(["-server", server])
        .env("CLIENT_JVMFLAGS", flags.join(" "))
        .stdin(Stdio::piped())
        .stdout(printed.try_clone().expect("a file handle can be copied"))
        .stderr(printed)
        .spawn()
        .expect("zkCli.sh can be started");
    let mut typed = lines.join("\n");
    typed.push_str("\nquit\n");
    let mut input = shell.stdin.take().expect("its input is a pipe");
    // It may have given up already; what it printed says why.
    let _ = input.write_all(typed.as_bytes());
    drop(input);
    shell.wait().expect("it ends");
    std::fs::read_to_string(&path).expect("it prints text")
}

/// Sees that these texts stand in what was printed, one after the other.
///
/// # Panics
/// When one does not.
pub fn assert_in_order(printed: &str, expected: &[&str]) {
    let mut rest = printed;
    for wanted in expected {
        let Some(at) = rest.find(wanted) else {
            panic!("`{wanted}` is missing, or out of order, in:\n{printed}");
        };
        rest = &rest[at + wanted.len()..];
    }
}

/// Runs a script of `tests/clients` that must end with "all as promised".
///
/// # Panics
/// When it does not.
pub fn python(script: &str, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
    let output = Command::new(tools::python()).arg(&script).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("can't run {}: {error}", script.display()));
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} failed:\n{said}\n{complained}", script.display());
    assert!(said.contains("all as promised"), "{said}");
}
