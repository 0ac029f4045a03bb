//! Four-letter words on the client port (docs/protocol.md, O6).
//!
//! Invariants:
//! 1. Only words of the whitelist are answered; `srvr` always is.
//! 2. A server that does not serve says so, as ZooKeeper does, except to `ruok` and `isro`.
//! 3. Four bytes that are no word are left to be read as the length of a frame.

use super::mntr;
use crate::clients::{ClientPort, ConnectionInfo};
use crate::config::in_force;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use vivarium_protocol::base::SessionId;
use vivarium_protocol::message::PeerState;
use vivarium_protocol::replica::Replica;
use vivarium_protocol::replica::watches::Table;

/// What the version line says; scripts match `Zookeeper version: 3.`.
pub const VERSION: &str =
    concat!("3.9.5-vivarium-", env!("CARGO_PKG_VERSION"), ", built on ", env!("VIVARIUM_BUILT"));

/// Every word that ZooKeeper knows.
const WORDS: [&str; 18] = [
    "conf", "cons", "crst", "dirs", "dump", "envi", "gtmk", "hash", "isro", "mntr", "ruok", "srst",
    "srvr", "stat", "stmk", "wchc", "wchp", "wchs",
];

const NOT_SERVING: &str = "This ZooKeeper instance is not currently serving requests\n";

/// The answer to a word; `None` if the four bytes are none.
pub async fn answer(bytes: [u8; 4], port: &ClientPort) -> Option<String> {
    let word = std::str::from_utf8(&bytes).ok()?;
    if !WORDS.contains(&word) {
        return None;
    }
    port.stats.received.fetch_add(1, Ordering::Relaxed);
    let listed = |item: &String| item == "*" || item == word;
    if word != "srvr" && !port.limits.commands.iter().any(listed) {
        return Some(format!("{word} is not executed because it is not in the whitelist.\n"));
    }
    let (serving, reading) = {
        let replica = port.replica().look();
        (replica.serving(), replica.read_only())
    };
    Some(match word {
        "ruok" => "imok".to_owned(),
        "isro" if serving => "rw".to_owned(),
        "isro" => if reading { "ro" } else { "null" }.to_owned(),
        _ if !serving && !reading => NOT_SERVING.to_owned(),
        "srvr" => format!("Zookeeper version: {VERSION}\n{}", figures(port)),
        "stat" => stat(port),
        "cons" => cons(port),
        "conf" => conf(port),
        "dump" => dump(port),
        "wchs" => wchs(port),
        "mntr" => mntr::report(port).await,
        _ => format!("{word} is not served by this release.\n"),
    })
}

/// How many znodes there are, by ZooKeeper's count: it has the root twice, as `` and as `/`.
#[must_use]
pub fn node_count(replica: &Replica) -> usize {
    replica.tree().node_count() + 1
}

/// The name of this server's mode, in `srvr` and `mntr`.
#[must_use]
pub fn mode(port: &ClientPort) -> &'static str {
    if port.shared.config.standalone {
        return "standalone";
    }
    match port.shared.overview.borrow().role {
        PeerState::Leading => "leader",
        PeerState::Following => "follower",
        PeerState::Observing => "observer",
        PeerState::Looking => "read-only",
    }
}

fn figures(port: &ClientPort) -> String {
    let latency = port.stats.latency();
    let (zxid, nodes) = {
        let replica = port.replica().look();
        (replica.reply_zxid(), node_count(&replica))
    };
    let mut text = format!(
        "Latency min/avg/max: {}/{}/{}\nReceived: {}\nSent: {}\nConnections: {}\nOutstanding: {}\n",
        latency.least_ms,
        java_double(latency.mean_ms),
        latency.most_ms,
        port.stats.received.load(Ordering::Relaxed),
        port.stats.sent.load(Ordering::Relaxed),
        port.replica().infos().len(),
        port.shared.overview.borrow().outstanding,
    );
    let _ = writeln!(text, "Zxid: 0x{:x}\nMode: {}\nNode count: {nodes}", zxid.0, mode(port));
    if mode(port) == "leader" {
        text.push_str("Proposal sizes last/min/max: -1/-1/-1\n");
    }
    text
}

fn stat(port: &ClientPort) -> String {
    let mut text = format!("Zookeeper version: {VERSION}\nClients:\n");
    for info in port.replica().infos() {
        let _ = writeln!(text, "{})", connection_line(&info));
    }
    text.push('\n');
    text.push_str(&figures(port));
    text
}

fn cons(port: &ClientPort) -> String {
    let mut text = String::new();
    for info in port.replica().infos() {
        text.push_str(&connection_line(&info));
        let session = info.session.load(Ordering::Relaxed);
        if session != 0 {
            let timeout = info.timeout_ms.load(Ordering::Relaxed);
            let since = info.established_ms;
            let _ = write!(text, ",sid=0x{session:x},est={since},to={timeout}");
        }
        text.push_str(")\n");
    }
    text.push('\n');
    text
}

/// A connection without the closing parenthesis: ` /127.0.0.1:51048[1](queued=0,recved=1,sent=1`.
fn connection_line(info: &ConnectionInfo) -> String {
    let (queued, received) = (&info.queued, &info.received);
    // ZooKeeper shows what its selector waits for: nothing on the connection that asks.
    let interest = u8::from(info.session.load(Ordering::Relaxed) != 0);
    format!(
        " {}[{interest}](queued={},recved={},sent={}",
        java_address(info.address),
        queued.load(Ordering::Relaxed),
        received.load(Ordering::Relaxed),
        info.sent.load(Ordering::Relaxed)
    )
}

fn conf(port: &ClientPort) -> String {
    let mut text = String::new();
    let config = Arc::clone(&port.shared.overview.borrow().config);
    for (key, value) in in_force(&port.settings, &config) {
        let _ = writeln!(text, "{key}={value}");
    }
    if !config.standalone {
        let _ = write!(text, "membership: \n{}", config.ensemble.text());
    }
    text
}

fn dump(port: &ClientPort) -> String {
    let mut text = String::from("SessionTracker dump:\n");
    let replica = port.replica().look();
    let sessions = replica.tree().sessions();
    let _ = writeln!(text, "Global Sessions({}):", sessions.len());
    for (session, timeout) in sessions {
        let _ = writeln!(text, "{session}\t{timeout}ms");
    }
    let ephemerals = replica.tree().ephemerals();
    let _ =
        writeln!(text, "ephemeral nodes dump:\nSessions with Ephemerals ({}):", ephemerals.len());
    for (session, paths) in ephemerals {
        let _ = writeln!(text, "{session}:");
        for path in paths {
            let _ = writeln!(text, "\t{path}");
        }
    }
    drop(replica);
    let infos = port.replica().infos();
    let _ = writeln!(text, "Connections dump:\nConnections Sets (1)/({}):", infos.len());
    for info in infos {
        let session = SessionId(info.session.load(Ordering::Relaxed));
        let _ = writeln!(text, "\tip: {} sessionId: {session}", java_address(info.address));
    }
    text
}

fn wchs(port: &ClientPort) -> String {
    let replica = port.replica().look();
    let mut connections = BTreeMap::new();
    let (mut paths, mut total) = (0, 0);
    for (_, watchers) in replica.watches().watched(Table::Data) {
        paths += 1;
        for connection in watchers {
            total += 1;
            *connections.entry(connection).or_insert(0) += 1;
        }
    }
    let watching = connections.len();
    format!("{watching} connections watching {paths} paths\nTotal watches:{total}\n")
}

/// An address as Java prints it: `/127.0.0.1:51048`, `/[0:0:0:0:0:0:0:1]:51048`.
fn java_address(address: SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => format!("/{address}"),
        SocketAddr::V6(address) => {
            let parts = address.ip().segments().map(|part| format!("{part:x}"));
            format!("/[{}]:{}", parts.join(":"), address.port())
        }
    }
}

/// A number as Java prints a double of at most four decimals: `0.0`, `4.7273`, `5.0E-4`.
#[must_use]
pub fn java_double(number: f64) -> String {
    let rounded = (number * 10_000.0).round() / 10_000.0;
    if rounded != 0.0 && rounded < 0.001 {
        return format!("{:.1}E-4", rounded * 10_000.0);
    }
    format!("{rounded:?}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_in_java() {
        let cases = [(0.0, "0.0"), (52.0 / 11.0, "4.7273"), (0.0005, "5.0E-4"), (12.0, "12.0")];
        for (number, expected) in cases {
            assert_eq!(java_double(number), expected);
        }
    }

    #[test]
    fn addresses_look_as_in_java() {
        let cases =
            [("127.0.0.1:51048", "/127.0.0.1:51048"), ("[::1]:51048", "/[0:0:0:0:0:0:0:1]:51048")];
        for (address, expected) in cases {
            assert_eq!(java_address(address.parse().expect("an address")), expected);
        }
    }
}
