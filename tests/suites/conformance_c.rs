//! Apache's own C client (`libzookeeper_mt`), unmodified, through a follower of three servers, one
//! of which dies.

use std::process::Command;
use vivarium_tests::guest::{self, Victim};
use vivarium_tests::process::Folder;
use vivarium_tests::tools;

#[test]
fn the_c_client_works_through_a_follower_and_its_session_outlives_a_server() {
    let folder = Folder::new();
    let program = folder.path().join("operations");
    let mut compiler = Command::new(tools::c_compiler());
    compiler.args(["-Wall", "-Werror", "-DTHREADED", "-o"]).arg(&program);
    compiler.arg(guest::source("operations.c")).args(["-lzookeeper_mt", "-lpthread"]);
    let compiled = compiler.output().expect("the compiler can be started");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    for victim in [Victim::Its, Victim::Leader] {
        guest::outlives(victim, || Command::new(&program));
    }
}
