//! Clients that write without pause and remember what they were promised.

use crate::client::Client;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

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
