//! Five servers under chaos keep every promise: faults of all kinds for three minutes, clients of
//! two kinds, and a checker over everybody's logs. `cargo xtask chaos` runs it for longer.

#![cfg(target_os = "linux")]

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;
use vivarium_tests::chaos::{Maker, Options, run};
use vivarium_tests::process::Folder;

/// Says that this process is in namespaces of its own.
const INSIDE: &str = "VIVARIUM_CHAOS_INSIDE";
const NAME: &str = "five_servers_keep_their_promises_while_everything_around_them_fails";

fn given(variable: &str) -> Option<String> {
    std::env::var(variable).ok().filter(|text| !text.is_empty())
}

fn number(variable: &str, otherwise: u64) -> u64 {
    given(variable).map_or(otherwise, |text| text.parse().expect("it must be a number"))
}

/// Whether this machine lets us have namespaces and a tun device in them.
fn can_isolate() -> Result<(), String> {
    let test = "test -w /dev/net/tun && unshare -n true && mount -t tmpfs chaos /mnt";
    let output = Command::new("unshare").args(["-Urmn", "sh", "-c", test]).output();
    let output = output.map_err(|error| format!("unshare can't be started: {error}"))?;
    let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    if output.status.success() { Ok(()) } else { Err(why) }
}

#[test]
fn five_servers_keep_their_promises_while_everything_around_them_fails() {
    let inside = given(INSIDE).is_some();
    if !inside {
        match can_isolate() {
            Ok(()) => return again_inside(),
            Err(why) => println!(
                "\nNO NETWORK OF ITS OWN: {why}\nThis machine lets us make no namespaces, so only \
                 kills, stops and slow disks are done. Run it as root, or where user namespaces \
                 are allowed and /dev/net/tun can be opened.\n"
            ),
        }
    }
    let apache = given("VIVARIUM_CHAOS_APACHE").is_some();
    let maker = if apache { Maker::Apache } else { Maker::Vivarium };
    let options = Options {
        maker,
        servers: usize::try_from(number("VIVARIUM_CHAOS_SERVERS", 5)).expect("there are few"),
        clients: (10, 3),
        length: Duration::from_secs(number("VIVARIUM_CHAOS_SECONDS", 150)),
        seed: number("VIVARIUM_CHAOS_SEED", 1),
        isolated: inside,
        only: given("VIVARIUM_CHAOS_ONLY"),
        forgetful: given("VIVARIUM_CHAOS_FORGETFUL").is_some(),
    };
    let folder = Folder::new();
    let report = run(&options, folder.path()).expect("the run can be done");
    println!("\n{}", report.markdown());
    if let Some(path) = given("VIVARIUM_CHAOS_REPORT").map(PathBuf::from) {
        std::fs::write(&path, report.markdown()).expect("the report can be written");
    }
    assert!(report.violations.is_empty(), "{:#?}", report.violations);
    assert!(report.verdict.done.1 > 100, "hardly anything was written");
    assert!(report.availability.with_write > 0, "nothing was written while faults were done");
}

/// Runs this test again, in namespaces of its own, and passes on what it prints; its closing lines
/// are left out, since whoever counts tests would count it twice.
fn again_inside() {
    let program = std::env::current_exe().expect("this program has a path");
    let mut child = Command::new("unshare")
        .arg("-Urmn")
        .arg(program)
        .args(["--exact", NAME, "--nocapture"])
        .env(INSIDE, "1")
        .stdout(Stdio::piped())
        .spawn()
        .expect("unshare was there a moment ago");
    let output = child.stdout.take().expect("its output is a pipe");
    for line in BufReader::new(output).lines() {
        let line = line.expect("it prints text");
        if !["test ", "test result: ", "running "].iter().any(|start| line.starts_with(start)) {
            println!("{line}");
        }
    }
    let status = child.wait().expect("it can be waited for");
    assert!(status.success(), "the run failed: {status}");
}
