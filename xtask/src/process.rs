//! Running other programs, and turning what went wrong into one sentence.

use std::io::{self, BufRead, BufReader, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a command with our own standard streams and waits for its end.
///
/// # Errors
/// When the program is missing or ends with another status than 0.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command.status().with_context(|| cannot_start(command))?;
    expect_success(command, status)
}

/// Runs a command and returns what it wrote to standard output.
///
/// # Errors
/// As [`run`]; the message then carries the last line the program wrote to standard error.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| cannot_start(command))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let last =
        errors.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("its own message is above");
    bail!("`{}` failed: {}", described(command), last.trim())
}

/// Runs a command, shows what it writes as it is written, and returns all of that as text.
///
/// Both streams arrive in one text, in the order of arrival. The status is returned, not judged.
///
/// # Errors
/// When the program can't be started.
pub fn watched(command: &mut Command) -> Result<(ExitStatus, String)> {
    if io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| cannot_start(command))?;
    let (sender, lines) = mpsc::channel();
    let readers = [
        child.stdout.take().map(|stream| read_lines(stream, sender.clone())),
        child.stderr.take().map(|stream| read_lines(stream, sender)),
    ];
    let mut text = String::new();
    for line in lines {
        let _ = io::stdout().write_all(line.as_bytes());
        text.push_str(&line);
    }
    for reader in readers.into_iter().flatten() {
        reader.join().expect("a thread that only copies lines does not panic");
    }
    Ok((child.wait()?, text))
}

fn read_lines(
    stream: impl io::Read + Send + 'static,
    sender: mpsc::Sender<String>,
) -> std::thread::JoinHandle<()> {
    std::thread::spawn(move || {
        let mut reader = BufReader::new(stream);
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line).into_owned();
            if sender.send(text).is_err() {
                return;
            }
            line.clear();
        }
    })
}

/// Runs a command quietly for at most `limit`; true means it ended with status 0 in time.
pub fn succeeds_within(command: &mut Command, limit: Duration) -> bool {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut child) = command.spawn() else {
        return false;
    };
    let started = Instant::now();
    while started.elapsed() < limit {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) => std::thread::sleep(Duration::from_millis(50)),
            Err(_) => break,
        }
    }
    let _ = child.kill();
    let _ = child.wait();
    false
}

fn expect_success(command: &Command, status: ExitStatus) -> Result<()> {
    if status.success() {
        return Ok(());
    }
    bail!("`{}` failed ({status}); its own message is above", described(command))
}

fn cannot_start(command: &Command) -> String {
    let program = program_name(command);
    format!("`{program}` can't be started; install it, or put it on PATH")
}

/// The command as a person would type it, without the folder of the program.
pub fn described(command: &Command) -> String {
    let mut text = program_name(command);
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

fn program_name(command: &Command) -> String {
    let program = Path::new(command.get_program());
    program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned()
}

/// Where a program lies on PATH, if it does.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// Whether this process may install packages.
pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// The error as one sentence, with the remedy where the cause is a known one.
pub fn sentence(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain() {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&cause);
        }
    }
    text
}

/// The error, with a word about the disk of `folder` where that is the likely cause.
pub fn with_full_disk(error: anyhow::Error, folder: &Path) -> anyhow::Error {
    let known = || free_space(folder).is_some_and(|free| free < NEARLY_NOTHING);
    if !is_disk_full(&error) && !known() {
        return error;
    }
    anyhow::anyhow!(
        "{}; the disk is full: free some space (`cargo clean` helps) and try again",
        sentence(&error)
    )
}

fn is_disk_full(error: &anyhow::Error) -> bool {
    let full = |error: &io::Error| error.kind() == ErrorKind::StorageFull;
    error.chain().filter_map(|cause| cause.downcast_ref::<io::Error>()).any(full)
}

/// Fewer free bytes than any step of a build needs.
const NEARLY_NOTHING: u64 = 20_000_000;

fn free_space(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|path| path.exists())?;
    let disk = rustix::fs::statvfs(existing).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

/// Refuses to begin a build that the disk has no room for.
///
/// # Errors
/// When fewer than `needed` bytes are free where `folder` lies.
pub fn expect_free_space(folder: &Path, needed: u64) -> Result<()> {
    let existing = folder.ancestors().find(|path| path.exists()).unwrap_or(Path::new("/"));
    let Ok(disk) = rustix::fs::statvfs(existing) else {
        return Ok(());
    };
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    if free >= needed {
        return Ok(());
    }
    bail!(
        "only {} MB are free on the disk of {}, and the build needs about {} MB: free some space \
         (`cargo clean` helps), or set CARGO_TARGET_DIR to a folder on another disk",
        free / 1_000_000,
        folder.display(),
        needed / 1_000_000
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_is_named_in_one_sentence() {
        let error = run(&mut Command::new("/nowhere/no-such-tool")).unwrap_err();
        let text = sentence(&error);
        assert!(text.starts_with("`no-such-tool` can't be started; install it"), "{text}");
        assert!(!text.contains('\n'), "{text}");
    }

    #[test]
    fn a_full_disk_is_said_to_be_one() {
        let error = anyhow::Error::from(io::Error::from(ErrorKind::StorageFull))
            .context("can't write the page");
        let text = sentence(&with_full_disk(error, Path::new("/")));
        assert!(text.starts_with("can't write the page: "), "{text}");
        assert!(text.contains("free some space"), "{text}");
        let other = with_full_disk(anyhow::anyhow!("no such page"), Path::new("/"));
        assert_eq!(sentence(&other), "no such page");
    }

    #[test]
    fn a_build_without_room_is_refused_before_it_starts() {
        let error = expect_free_space(Path::new("/no/such/folder"), u64::MAX).unwrap_err();
        assert!(sentence(&error).contains("CARGO_TARGET_DIR"), "{error}");
        expect_free_space(Path::new("/"), 0).unwrap();
    }

    #[test]
    fn both_streams_are_shown_and_kept() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; exit 3"]);
        let (status, text) = watched(&mut command).unwrap();
        assert_eq!(status.code(), Some(3));
        assert!(text.contains("out\n") && text.contains("err\n"), "{text}");
    }

    #[test]
    fn a_program_that_hangs_is_given_up() {
        let mut hanging = Command::new("sleep");
        assert!(!succeeds_within(hanging.arg("60"), Duration::from_millis(120)));
        assert!(succeeds_within(&mut Command::new("true"), Duration::from_secs(10)));
    }
}
