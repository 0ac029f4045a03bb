//! The processes of a demo: started here, watched here, and stopped here, whatever happens.
//!
//! Each child leads a process group of its own, so a Ctrl-C in the terminal reaches the demo
//! alone, which then stops the children in order. Their ids are kept in a file: a demo that was
//! killed can't clean up, so the next one does, for processes that still run our own server.

use std::fmt;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};

/// How long a process may take to end by itself once it was asked to.
const GRACE: Duration = Duration::from_secs(5);

/// The processes of one demo.
pub struct Children {
    list: Vec<Running>,
    /// Where their ids are written, one a line.
    register: PathBuf,
}

struct Running {
    name: String,
    log: PathBuf,
    child: Child,
    /// Whether its end was already told.
    told: bool,
}

/// A child that ended before it was asked to.
pub struct Ended {
    /// What it was.
    pub name: String,
    /// Where it wrote what it had to say.
    pub log: PathBuf,
    status: std::process::ExitStatus,
}

impl fmt::Display for Ended {
    fn fmt(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(text, "{} has ended ({})", self.name, self.status)?;
        match last_line(&self.log) {
            Some(line) => write!(text, ": {line}"),
            None => write!(text, "; it wrote nothing to {}", self.log.display()),
        }
    }
}

impl Children {
    /// No process yet; their ids will be written to `register`.
    pub fn new(register: PathBuf) -> Children {
        Children { list: Vec::new(), register }
    }

    /// Starts a process whose output goes to a file.
    ///
    /// # Errors
    /// When the program can't be started or its log can't be written.
    pub fn start(&mut self, name: &str, command: &mut Command, log: &Path) -> Result<()> {
        let file = File::create(log).with_context(|| format!("can't write {}", log.display()))?;
        command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).process_group(0);
        let child = command.spawn().with_context(|| format!("{name} can't be started"))?;
        let (name, log) = (name.to_owned(), log.to_owned());
        self.list.push(Running { name, log, child, told: false });
        self.write_register()
    }

    /// Those that ended since the last call.
    pub fn newly_ended(&mut self) -> Vec<Ended> {
        let mut ended = Vec::new();
        for running in self.list.iter_mut().filter(|running| !running.told) {
            if let Ok(Some(status)) = running.child.try_wait() {
                running.told = true;
                let (name, log) = (running.name.clone(), running.log.clone());
                ended.push(Ended { name, log, status });
            }
        }
        ended
    }

    /// Refuses to go on when a process has ended.
    ///
    /// # Errors
    /// Names the first that ended, with its last words.
    pub fn expect_running(&mut self) -> Result<()> {
        match self.newly_ended().first() {
            Some(ended) => bail!("{ended} (all of it: {})", ended.log.display()),
            None => Ok(()),
        }
    }

    /// Asks every process to end, waits, and kills those that don't.
    pub fn stop(&mut self) {
        for running in &mut self.list {
            if running.is_alive() {
                let _ = kill_process(Pid::from_child(&running.child), Signal::TERM);
            }
        }
        let limit = Instant::now() + GRACE;
        while self.list.iter_mut().any(Running::is_alive) && Instant::now() < limit {
            std::thread::sleep(Duration::from_millis(20));
        }
        for running in &mut self.list {
            if running.is_alive() {
                // Not println: this also runs while a panic unwinds, where a second one aborts.
                let _ = writeln!(
                    io::stdout(),
                    "{} did not end when asked, so it is killed",
                    running.name
                );
                let _ = running.child.kill();
            }
            let _ = running.child.wait();
        }
        self.list.clear();
        let _ = fs::remove_file(&self.register);
    }

    fn write_register(&self) -> Result<()> {
        let ids = self.list.iter().map(|running| format!("{}\n", running.child.id()));
        fs::write(&self.register, ids.collect::<String>())
            .with_context(|| format!("can't write {}", self.register.display()))
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Running {
    /// True until the process was seen to have ended; only then may its id belong to another.
    fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }
}

/// Stops what an earlier demo in this folder left running because it was killed itself.
///
/// # Errors
/// When another demo is still running here.
pub fn stop_leftovers(folder: &Path) -> Result<()> {
    let register = folder.join("running");
    let Ok(text) = fs::read_to_string(&register) else { return Ok(()) };
    let ids: Vec<Pid> = text
        .lines()
        .filter_map(|line| Pid::from_raw(line.trim().parse().ok()?))
        .filter(|id| runs_our_server(*id))
        .collect();
    if ids.iter().any(|id| has_living_demo(*id)) {
        bail!("another demo of this workspace is running: stop that one first with Ctrl-C");
    }
    for id in &ids {
        println!("stopping process {}, which an earlier demo left behind", id.as_raw_nonzero());
        let _ = kill_process(*id, Signal::TERM);
    }
    let limit = Instant::now() + GRACE;
    while ids.iter().any(|id| runs_our_server(*id)) && Instant::now() < limit {
        std::thread::sleep(Duration::from_millis(20));
    }
    for id in ids.iter().filter(|id| runs_our_server(**id)) {
        let _ = kill_process(*id, Signal::KILL);
    }
    let _ = fs::remove_file(&register);
    Ok(())
}

/// Whether the process still is one of our servers: ids are used again.
fn runs_our_server(id: Pid) -> bool {
    let file = format!("/proc/{}/cmdline", id.as_raw_nonzero());
    fs::read(file).is_ok_and(|line| {
        let program = line.split(|byte| *byte == 0).next().unwrap_or_default();
        program.ends_with(b"/vivarium")
    })
}

/// Whether the demo that started this process still lives; an orphan belongs to process 1 or to
/// a reaper that is no xtask.
fn has_living_demo(id: Pid) -> bool {
    let status = fs::read_to_string(format!("/proc/{}/status", id.as_raw_nonzero()));
    let Ok(status) = status else { return false };
    let parent = status.lines().find_map(|line| line.strip_prefix("PPid:"));
    let Some(parent) = parent.map(str::trim) else { return false };
    fs::read_to_string(format!("/proc/{parent}/comm")).is_ok_and(|name| name.trim() == "xtask")
}

fn last_line(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).ok()?;
    text.lines().rfind(|line| !line.trim().is_empty()).map(|line| line.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn children(folder: &Path) -> Children {
        Children::new(folder.join("running"))
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn every_child_is_stopped_and_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let mut children = children(folder.path());
        children.start("one", Command::new("sleep").arg("60"), &folder.path().join("1")).unwrap();
        children.start("two", Command::new("sleep").arg("60"), &folder.path().join("2")).unwrap();
        let ids = fs::read_to_string(folder.path().join("running")).unwrap();
        assert_eq!(ids.lines().count(), 2);
        children.stop();
        for id in ids.lines() {
            assert!(!Path::new("/proc").join(id).exists(), "process {id} still runs");
        }
        assert!(!folder.path().join("running").exists());
    }

    #[test]
    fn a_child_that_ends_early_is_told_once_with_its_last_words() {
        let folder = tempfile::tempdir().unwrap();
        let mut children = children(folder.path());
        let mut failing = shell("echo first; echo the port is taken >&2; exit 4");
        children.start("server 1", &mut failing, &folder.path().join("log")).unwrap();
        let error = loop {
            if let Err(error) = children.expect_running() {
                break error.to_string();
            }
            std::thread::yield_now();
        };
        assert!(error.starts_with("server 1 has ended"), "{error}");
        assert!(error.contains("the port is taken"), "{error}");
        assert!(children.newly_ended().is_empty());
    }

    #[test]
    fn a_process_of_somebody_else_is_not_taken_for_ours() {
        let folder = tempfile::tempdir().unwrap();
        let mut stranger = Command::new("sleep").arg("60").spawn().unwrap();
        fs::write(folder.path().join("running"), format!("{}\n", stranger.id())).unwrap();
        stop_leftovers(folder.path()).unwrap();
        assert!(stranger.try_wait().unwrap().is_none(), "a stranger was stopped");
        stranger.kill().unwrap();
        stranger.wait().unwrap();
    }
}
