//! Apache's own Java client and the recipes of Apache Curator, unmodified, through a follower of
//! three servers, one of which dies.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;
use vivarium_tests::guest::{self, Victim};
use vivarium_tests::process::Folder;
use vivarium_tests::tools;

/// The libraries, and behind them the folder of our own classes.
fn class_path(folder: &Path) -> OsString {
    let parts = [tools::zookeeper_class_path(), tools::curator_class_path(), folder.to_owned()];
    std::env::join_paths(parts).expect("no path has a colon")
}

/// Compiles a program of `tests/clients` and runs it once for each victim.
fn runs(class: &str) {
    let folder = Folder::new();
    let sources = [guest::source("Ordered.java"), guest::source(&format!("{class}.java"))];
    let mut compiler = Command::new(tools::javac());
    compiler.arg("-cp").arg(class_path(folder.path())).arg("-d").arg(folder.path()).args(sources);
    let compiled = compiler.output().expect("javac can be started");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    for victim in [Victim::Its, Victim::Leader] {
        guest::outlives(victim, || {
            let mut java = Command::new(tools::java());
            java.args(["-Xmx128m", "-cp"]).arg(class_path(folder.path())).arg(class);
            java
        });
    }
}

#[test]
fn apaches_java_client_works_through_a_follower_and_its_session_outlives_a_server() {
    runs("Operations");
}

#[test]
fn curators_recipes_work_through_a_follower_and_outlive_a_server() {
    runs("Recipes");
}
