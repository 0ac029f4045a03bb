//! Clients that write without pause and remember what they were promised, and one that only lives.

use crate::client::{Client, create};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Writes numbered nodes for as long as it may, to whichever server takes them.
pub struct Writer {
    acknowledged: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

impl Writer {
    /// Starts; the nodes are `/prefix1`, `/prefix2` and so on.
    #[must_use]
    pub fn start(servers: Vec<SocketAddr>, prefix: &str) -> Writer {
        let acknowledged: Arc<Mutex<Vec<String>>> = Arc::default();
        let stop = Arc::new(AtomicBool::new(false));
        let (noted, told, prefix) =
            (Arc::clone(&acknowledged), Arc::clone(&stop), prefix.to_owned());
        let thread = std::thread::spawn(move || write(&servers, &prefix, &noted, &told));
        Writer { acknowledged, stop, thread }
    }

    /// How many writes were acknowledged so far.
    ///
    /// # Panics
    /// When the writer failed.
    #[must_use]
    pub fn count(&self) -> usize {
        self.acknowledged.lock().expect("the writer does not fail").len()
    }

    /// Stops, and returns the names of the nodes whose creation was acknowledged.
    ///
    /// # Panics
    /// When the writer failed.
    #[must_use]
    pub fn finish(self) -> Vec<String> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().expect("the writer does not fail");
        std::mem::take(&mut *self.acknowledged.lock().expect("the writer does not fail"))
    }
}

fn write(servers: &[SocketAddr], prefix: &str, noted: &Mutex<Vec<String>>, told: &AtomicBool) {
    let mut number = 0;
    let mut servers = servers.iter().cycle();
    let mut client = None;
    while !told.load(Ordering::Relaxed) {
        let open = match client.take() {
            Some(open) => Ok(open),
            None => Client::connect(*servers.next().expect("a cycle has no end")),
        };
        let Ok(mut open) = open else {
            std::thread::yield_now();
            continue;
        };
        number += 1;
        let name = format!("{prefix}{number}");
        match open.create(&format!("/{name}"), b"") {
            Ok(Ok(_)) => {
                noted.lock().expect("nobody fails with the list").push(name);
                client = Some(open);
            }
            Ok(Err(error)) => panic!("create /{name} was answered with {error}"),
            // Whether this one was written is not known; the next has another number.
            Err(_) => {}
        }
    }
}

/// Checks that a server has every node whose creation was acknowledged.
///
/// # Panics
/// When one is missing, with its name.
pub fn assert_holds_all(server: SocketAddr, acknowledged: &[String]) {
    // A server that changes over to another leader hangs up on its clients, as ZooKeeper's do.
    let present = crate::wait_for("a server that serves", || {
        let mut reader = Client::connect(server).ok()?;
        reader.sync().ok()?;
        reader.children("/").ok()
    });
    let present: BTreeSet<String> = present.into_iter().collect();
    let lost: Vec<&String> = acknowledged.iter().filter(|name| !present.contains(*name)).collect();
    assert!(lost.is_empty(), "{server} has lost the acknowledged writes {lost:?}");
}

/// A session with an ephemeral that is kept alive for as long as servers let it.
pub struct Holder {
    /// The session's number, which owns the ephemeral.
    pub session: i64,
    moves: Arc<AtomicUsize>,
    stop: Sender<()>,
    thread: JoinHandle<Option<String>>,
}

impl Holder {
    /// Opens the session at the first of the servers and creates the ephemeral.
    ///
    /// # Panics
    /// When it can't.
    #[must_use]
    pub fn start(servers: Vec<SocketAddr>, path: &str) -> Holder {
        let mut client = Client::connect(servers[0]).expect("the first server serves");
        let created = client.request(&create(path, b"", 1)).expect("the server answers");
        created.expect("the ephemeral is created");
        let session = client.session.session.0;
        let moves = Arc::new(AtomicUsize::new(0));
        let (stop, told) = mpsc::channel();
        let (counted, path) = (Arc::clone(&moves), path.to_owned());
        let thread = std::thread::spawn(move || hold(client, &servers, &path, &counted, &told));
        Holder { session, moves, stop, thread }
    }

    /// How often the session went on at another server.
    #[must_use]
    pub fn moves(&self) -> usize {
        self.moves.load(Ordering::Relaxed)
    }

    /// Stops without closing the session; says what was lost meanwhile, if anything was.
    ///
    /// # Panics
    /// When the thread failed.
    #[must_use]
    pub fn finish(self) -> Option<String> {
        // It has ended if it lost its session.
        let _ = self.stop.send(());
        self.thread.join().expect("the holder does not fail")
    }
}

/// How often a holder asks for its node.
const PACE: Duration = Duration::from_millis(100);

fn hold(
    mut client: Client,
    servers: &[SocketAddr],
    path: &str,
    moves: &AtomicUsize,
    told: &Receiver<()>,
) -> Option<String> {
    let (session, mut zxid) = (client.session.clone(), client.zxid);
    let mut next = servers.iter().cycle().skip(1);
    while told.recv_timeout(PACE) == Err(RecvTimeoutError::Timeout) {
        match client.get(path) {
            Ok(Some((_, stat))) if stat.ephemeral_owner == session.session.0 => {
                zxid = client.zxid;
                continue;
            }
            Ok(other) => return Some(format!("{path} is {other:?}")),
            Err(_) => {}
        }
        client = loop {
            match Client::resume(*next.next().expect("a cycle has no end"), &session, zxid) {
                Ok(resumed) if resumed.session == session => break resumed,
                Ok(other) => return Some(format!("the session became {:?}", other.session)),
                Err(_) if told.try_recv().is_ok() => return None,
                Err(_) => std::thread::yield_now(),
            }
        };
        moves.fetch_add(1, Ordering::Relaxed);
    }
    None
}
