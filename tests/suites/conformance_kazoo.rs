//! kazoo, Python's ZooKeeper client, unmodified, through a follower.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::guest::{self, Victim};
use vivarium_tests::shell::python;
use vivarium_tests::tools;

#[test]
fn kazoo_works_through_a_follower() {
    let ensemble = Ensemble::start(3, 0);
    let followers = ensemble.in_mode("follower");
    let (server, other) = (ensemble.place(followers[0]), ensemble.place(ensemble.leader()));
    python("operations.py", &[&server.connect_string(), &other.connect_string()]);
}

#[test]
fn kazoo_works_through_an_observer() {
    let ensemble = Ensemble::start(3, 1);
    let (server, other) = (ensemble.place(4), ensemble.place(ensemble.follower()));
    python("operations.py", &[&server.connect_string(), &other.connect_string()]);
}

#[test]
fn a_kazoo_session_outlives_the_death_of_its_server() {
    for victim in ["leader", "follower"] {
        let mut ensemble = Ensemble::start(3, 0);
        let first = ensemble.in_mode(victim)[0];
        let mut servers: Vec<String> =
            ensemble.places().iter().map(|place| place.connect_string()).collect();
        servers.rotate_left(first - 1);
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/survivor.py");
        let mut client = Command::new(tools::python())
            .arg(&script)
            .arg(servers.join(","))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python can be started");
        let mut said = BufReader::new(client.stdout.take().expect("its output is a pipe"));
        let mut line = String::new();
        said.read_line(&mut line).expect("it prints text");
        assert_eq!(line, "ready\n");
        ensemble.kill(first);
        let mut input = client.stdin.take().expect("its input is a pipe");
        input.write_all(b"killed\n").expect("it reads its input");
        line.clear();
        said.read_line(&mut line).expect("it prints text");
        assert!(client.wait().expect("it ends").success(), "after the {victim} died");
        assert_eq!(line, "all as promised\n");
    }
}

#[test]
fn kazoos_recipes_work_through_a_follower_and_outlive_a_server() {
    for victim in [Victim::Its, Victim::Leader] {
        guest::outlives(victim, || {
            let mut command = Command::new(tools::python());
            command.arg(guest::source("recipes.py"));
            command
        });
    }
}

#[test]
fn kazoo_works_with_a_server_that_stands_alone() {
    let ensemble = Ensemble::standalone();
    let server = ensemble.place(1).connect_string();
    python("operations.py", &[&server, &server]);
}
