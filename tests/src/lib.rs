//! The harness of the suites: real server processes on loopback, and clients for them.
//!
//! Invariants:
//! 1. Ports are free ones of this machine, addresses are loopback.
//! 2. Every process started here is stopped here, by its own id, also when a test fails.
//! 3. Nothing sleeps for a fixed time: what is waited for is polled, with a deadline.
//! 4. A test that fails leaves its folder behind, and shows the ends of the logs in it.

pub mod apache;
pub mod browser;
#[cfg(target_os = "linux")]
pub mod chaos;
pub mod client;
pub mod differential;
pub mod ensemble;
pub mod guest;
pub mod load;
pub mod members;
pub mod mixed;
pub mod native_story;
pub mod process;
pub mod raw;
pub mod replay;
pub mod schema;
pub mod shell;
pub mod stores;
pub mod stories;
pub mod tools;
pub mod words;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long a test waits for anything before it fails: ample for a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// Asks again and again until there is an answer.
///
/// # Panics
/// When there is none within [`PATIENCE`]; `what` says what was waited for.
pub fn wait_for<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "waited {PATIENCE:?} for: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// The repository's own folder.
#[must_use]
pub fn repository() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().expect("the package lies in the repository")
}

/// A file or folder of the fixtures.
#[must_use]
pub fn fixture(path: &str) -> PathBuf {
    repository().join("tests/fixtures").join(path)
}
