//! kazoo, Python's ZooKeeper client, unmodified, through a follower.

use std::path::Path;
use std::process::Command;
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::tools;

fn run(script: &str, servers: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
    let output = Command::new(tools::python()).arg(&script).args(servers).output();
    let output = output.unwrap_or_else(|error| panic!("can't run {}: {error}", script.display()));
    let (said, complained) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} failed:\n{said}\n{complained}", script.display());
    assert!(said.contains("all as promised"), "{said}");
}

#[test]
fn kazoo_works_through_a_follower() {
    let ensemble = Ensemble::start(3, 0);
    let followers = ensemble.in_mode("follower");
    let (server, other) = (ensemble.place(followers[0]), ensemble.place(ensemble.leader()));
    run("operations.py", &[&server.connect_string(), &other.connect_string()]);
}

#[test]
fn kazoo_works_through_an_observer() {
    let ensemble = Ensemble::start(3, 1);
    let (server, other) = (ensemble.place(4), ensemble.place(ensemble.follower()));
    run("operations.py", &[&server.connect_string(), &other.connect_string()]);
}

#[test]
fn kazoo_works_with_a_server_that_stands_alone() {
    let ensemble = Ensemble::standalone();
    let server = ensemble.place(1).connect_string();
    run("operations.py", &[&server, &server]);
}
