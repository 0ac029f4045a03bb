//! One process of a test: started with its output in a file, stopped by its own id.

use std::fs::{self, File, OpenOptions};
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A running process, killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    log: PathBuf,
}

impl Process {
    /// Starts a program; what it prints is added to the file `log`.
    ///
    /// # Panics
    /// When it can't be started.
    #[must_use]
    pub fn start(command: &mut Command, log: &Path) -> Process {
        let output = append_to(log);
        let errors = output.try_clone().expect("a file handle can be copied");
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
        let child = child.unwrap_or_else(|error| panic!("can't start {command:?}: {error}"));
        Process { child, log: log.to_owned() }
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Stops it as `kill -9` does, and waits until it is gone.
    pub fn kill(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks it to stop, as SIGTERM does, and waits for its end.
    ///
    /// # Panics
    /// When it does not stop within ten seconds.
    pub fn terminate(&mut self) -> ExitStatus {
        self.signal("TERM");
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            if let Some(status) = self.exited() {
                return status;
            }
            assert!(Instant::now() < deadline, "the process does not stop: {}", self.log.display());
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Sends it a signal by name, as in `STOP` and `CONT`.
    ///
    /// # Panics
    /// When there is no such signal, or no such process.
    pub fn signal(&self, name: &str) {
        let id = self.id().to_string();
        let sent = Command::new("kill").args([format!("-{name}"), id]).status();
        assert!(sent.is_ok_and(|it| it.success()), "can't send {name} to {}", self.id());
    }

    /// The memory that it has in use, bytes.
    #[must_use]
    pub fn memory(&self) -> u64 {
        self.bytes_of("VmRSS:")
    }

    /// The most memory that it ever had in use, bytes.
    #[must_use]
    pub fn most_memory(&self) -> u64 {
        self.bytes_of("VmHWM:")
    }

    fn bytes_of(&self, what: &str) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.id()));
        let status = status.expect("a process that runs has a status");
        let line = status.lines().find_map(|line| line.strip_prefix(what));
        let kilobytes = line.and_then(|line| line.trim().split(' ').next()?.parse::<u64>().ok());
        kilobytes.expect("the status tells the memory") * 1024
    }

    /// How it ended, if it has.
    ///
    /// # Panics
    /// When the system does not tell.
    pub fn exited(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().expect("a child can be asked for")
    }

    /// What it has printed so far.
    #[must_use]
    pub fn printed(&self) -> String {
        let bytes = fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            let printed = self.printed();
            let lines: Vec<&str> = printed.lines().collect();
            let end = &lines[lines.len().saturating_sub(40)..];
            eprintln!("── the end of {}\n{}\n", self.log.display(), end.join("\n"));
        }
    }
}

fn append_to(log: &Path) -> File {
    let opened = OpenOptions::new().create(true).append(true).open(log);
    opened.unwrap_or_else(|error| panic!("can't write {}: {error}", log.display()))
}

/// Where systems do not take ports for outgoing connections from, which would be in the way.
const PORTS: std::ops::Range<u32> = 15_000..32_000;

/// Ports of the loopback that are free at this moment, all different, and not given out again by
/// this process before all others were.
///
/// # Panics
/// When the system has none.
#[must_use]
pub fn free_ports(count: usize) -> Vec<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    // Test programs may run side by side: each begins elsewhere.
    let start = std::process::id().wrapping_mul(7919);
    let is_free = |port: &u16| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok();
    let draw = || {
        let drawn = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed));
        u16::try_from(PORTS.start + drawn % (PORTS.end - PORTS.start)).expect("it is a port")
    };
    let all = usize::try_from(PORTS.end - PORTS.start).expect("they can be counted");
    let free: Vec<u16> = (0..all).map(|_| draw()).filter(is_free).take(count).collect();
    assert_eq!(free.len(), count, "the machine has no free ports");
    free
}

/// A folder for one test; kept if the test fails.
#[derive(Debug)]
pub struct Folder {
    folder: Option<tempfile::TempDir>,
}

impl Folder {
    /// A new folder.
    ///
    /// # Panics
    /// When it can't be made.
    #[must_use]
    pub fn new() -> Folder {
        let folder = tempfile::Builder::new().prefix("vivarium-test-").tempdir();
        Folder { folder: Some(folder.expect("a folder for temporary files can be made")) }
    }

    /// Where it is.
    ///
    /// # Panics
    /// Never: the folder lives as long as this.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.folder.as_ref().expect("the folder lives as long as this").path()
    }
}

impl Default for Folder {
    fn default() -> Self {
        Folder::new()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if std::thread::panicking()
            && let Some(folder) = self.folder.take()
        {
            eprintln!("── the files of this test are kept in {}", folder.keep().display());
        }
    }
}
