//! The demo's own test: it is started as a person starts it, looked at, and stopped by Ctrl-C.
//!
//! Twice, because the second start must work at once: nothing of the first may be left, neither a
//! process nor a port nor a file that is in the way. The servers are the ones the other tests use,
//! so that nothing is built for this.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use crate::count::Count;
use crate::demo::{CONNECT_STRING, PAGE, READY, ensemble, ports};
use crate::workspace::Workspace;

/// How long the demo may take until everything is up; it takes seconds.
const READY_LIMIT: Duration = Duration::from_secs(120);

/// How long it may take to stop everything.
const STOP_LIMIT: Duration = Duration::from_secs(20);

/// Starts and stops the demo twice.
///
/// # Errors
/// When it does not come up, does not serve, or leaves something behind.
pub fn rehearse(workspace: &Workspace) -> Result<Count> {
    let port = ports::choose(&[None])?[0];
    let mut count = Count::default();
    for _ in 0..2 {
        let mut demo = start(workspace, port)?;
        let outcome = watch(&mut demo);
        if outcome.is_err() {
            // A demo that is not content may not hear a signal either.
            let _ = kill_process(Pid::from_child(&demo), Signal::TERM);
            let _ = end_of(&mut demo);
            let _ = demo.kill();
        }
        outcome?;
        count.add(Count::PASSED);
    }
    Ok(count)
}

fn start(workspace: &Workspace, port: u16) -> Result<Child> {
    let mut command = Command::new(workspace.target.join("debug/xtask"));
    command.args(["demo", "--servers", "3", "--port", &port.to_string(), "--binary"]);
    command.arg(workspace.server_binary("debug")).current_dir(&workspace.root);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("the demo can't be started")
}

fn watch(demo: &mut Child) -> Result<()> {
    let (page, servers) = addresses(demo)?;
    ensure!(ports::serves_page(page), "the page is not served at {page}");
    let modes: Vec<Option<String>> = servers.iter().map(|it| ensemble::mode(*it)).collect();
    let leaders = modes.iter().flatten().filter(|mode| *mode == "leader").count();
    ensure!(modes.len() == 3 && leaders == 1, "the servers say they are {modes:?}");

    kill_process(Pid::from_child(demo), Signal::INT)?;
    let status = end_of(demo)?;
    ensure!(status.success(), "stopped by Ctrl-C the demo ended with {status}");
    for address in servers.iter().chain([&page]) {
        ensure!(!ports::is_open(*address), "something still listens on {address}");
    }
    Ok(())
}

/// The addresses of the page and of the servers, once the demo says that everything is up.
fn addresses(demo: &mut Child) -> Result<(SocketAddr, Vec<SocketAddr>)> {
    let stdout = demo.stdout.take().context("the demo's output is not to be had")?;
    let (sender, lines) = mpsc::channel();
    std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines().map_while(Result::ok) {
            println!("   | {line}");
            // Nobody listens any more once everything is up; the pipe is drained all the same.
            let _ = sender.send(line);
        }
    });
    let (mut page, mut servers) = (None, Vec::new());
    let limit = Instant::now() + READY_LIMIT;
    loop {
        let line = lines
            .recv_timeout(limit.saturating_duration_since(Instant::now()))
            .context("the demo did not come up")?;
        if let Some(address) = line.strip_prefix(PAGE) {
            let address = address.trim_start_matches("http://").trim_end_matches('/');
            page = Some(address.parse()?);
        } else if let Some(addresses) = line.strip_prefix(CONNECT_STRING) {
            servers = addresses.split(',').map(str::parse).collect::<Result<_, _>>()?;
        } else if line == READY {
            let page = page.context("the demo named no page")?;
            return Ok((page, servers));
        }
    }
}

fn end_of(demo: &mut Child) -> Result<ExitStatus> {
    let limit = Instant::now() + STOP_LIMIT;
    while Instant::now() < limit {
        if let Some(status) = demo.try_wait()? {
            return Ok(status);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    bail!("the demo did not end within {} s", STOP_LIMIT.as_secs())
}
