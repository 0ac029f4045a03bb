//! Four-letter words, asked from outside.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// What a server answers to a word; `None` if it does not.
#[must_use]
pub fn ask(server: SocketAddr, word: &str) -> Option<String> {
    let limit = Duration::from_secs(2);
    let mut stream = TcpStream::connect_timeout(&server, limit).ok()?;
    stream.set_read_timeout(Some(limit)).ok()?;
    stream.write_all(word.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    (!answer.is_empty()).then_some(answer)
}

/// The mode that `srvr` names (`leader`, `follower`, `observer`, `standalone`); `None` while the
/// server does not serve.
#[must_use]
pub fn mode(server: SocketAddr) -> Option<String> {
    let answer = ask(server, "srvr")?;
    answer.lines().find_map(|line| line.strip_prefix("Mode: ")).map(str::to_owned)
}
