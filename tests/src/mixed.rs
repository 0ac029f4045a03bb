//! Ensembles whose servers are Vivarium's or Apache's, each at its place, and replaced in place.

use crate::client::Client;
use crate::ensemble::{self, Place, configure, places};
use crate::process::{Folder, Process};
use crate::{apache, wait_for, words};
use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use vivarium_protocol::message::Stat;

/// Whose server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Apache ZooKeeper, in Java.
    Apache,
    /// Ours.
    Vivarium,
}

/// Places with data directories, and whoever runs there.
#[derive(Debug)]
pub struct Mixed {
    places: Vec<Place>,
    running: Vec<Option<Process>>,
    _folder: Folder,
}

impl Mixed {
    /// Places for so many voting members and observers, with more lines in everybody's zoo.cfg;
    /// nobody runs yet.
    #[must_use]
    pub fn new(participants: usize, observers: usize, extra: &str) -> Mixed {
        let folder = Folder::new();
        let places = places(folder.path(), participants, observers);
        for place in &places {
            configure(place, &places, &format!("{extra}{}", apache::EXTRA));
        }
        let running = places.iter().map(|_| None).collect();
        Mixed { places, running, _folder: folder }
    }

    /// Voting members that may change, and at the end the place of one more server, which knows
    /// them and itself as an observer, while they do not know of it. Nobody runs yet.
    #[must_use]
    pub fn with_one_to_join(participants: usize, extra: &str) -> Mixed {
        let mut mixed = Mixed::new(participants, 1, &format!("reconfigEnabled=true\n{extra}"));
        let members = mixed.places.split_off(participants);
        let extra = format!("reconfigEnabled=true\n{extra}{}", apache::EXTRA);
        for place in &mixed.places {
            configure(place, &mixed.places, &extra);
        }
        mixed.places.extend(members);
        mixed
    }

    /// Starts a server of this kind at a place, on whatever is on its disk.
    pub fn start(&mut self, id: usize, kind: Kind) {
        assert!(self.running[id - 1].is_none(), "server {id} runs already");
        let place = self.place(id);
        self.running[id - 1] = Some(match kind {
            Kind::Apache => apache::start_at(place),
            Kind::Vivarium => ensemble::start_at(place),
        });
        let at = self.place(id).address();
        wait_for(&format!("server {id} is up"), || words::ask(at, "ruok"));
    }

    /// Asks a server to stop, and waits for its end.
    ///
    /// # Panics
    /// When it does not run, or does not stop.
    pub fn stop(&mut self, id: usize) {
        self.running[id - 1].take().expect("it runs").terminate();
    }

    /// Ends a server as `kill -9` does.
    ///
    /// # Panics
    /// When it does not run.
    pub fn kill(&mut self, id: usize) {
        self.running[id - 1].take().expect("it runs").kill();
    }

    /// Sends a signal by name to a server, as in `STOP` and `CONT`.
    ///
    /// # Panics
    /// When it does not run.
    pub fn signal(&self, id: usize, name: &str) {
        self.running[id - 1].as_ref().expect("it runs").signal(name);
    }

    /// Every place.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// One place.
    #[must_use]
    pub fn place(&self, id: usize) -> &Place {
        &self.places[id - 1]
    }

    /// Where clients find everybody.
    #[must_use]
    pub fn addresses(&self) -> Vec<SocketAddr> {
        self.places.iter().map(Place::address).collect()
    }

    /// Waits until a server serves, and tells its mode.
    ///
    /// # Panics
    /// When it does not in time.
    #[must_use]
    pub fn serving(&self, id: usize) -> String {
        wait_for(&format!("server {id} serves"), || words::mode(self.place(id).address()))
    }

    /// Waits until somebody leads and tells who.
    ///
    /// # Panics
    /// When nobody does in time.
    #[must_use]
    pub fn leader(&self) -> usize {
        let leads = |place: &&Place| words::mode(place.address()).as_deref() == Some("leader");
        wait_for("somebody leads", || self.places.iter().find(leads).map(|place| place.id))
    }

    /// A client of a server that serves.
    ///
    /// # Panics
    /// When it does not in time.
    #[must_use]
    pub fn client(&self, id: usize) -> Client {
        let at = self.place(id).address();
        wait_for(&format!("server {id} takes clients"), || Client::connect(at).ok())
    }

    /// What `/zookeeper/config` says at a server that is in step.
    ///
    /// # Panics
    /// When it does not answer.
    #[must_use]
    pub fn config(&self, id: usize) -> String {
        let mut client = self.client(id);
        client.sync().expect("the server answers");
        let node = client.get("/zookeeper/config").expect("the server answers");
        let (data, _) = node.expect("the node is there");
        String::from_utf8(data.unwrap_or_default().to_vec()).expect("it is text")
    }

    /// A file beside a server's zoo.cfg, if it is there.
    #[must_use]
    pub fn file(&self, id: usize, name: &str) -> Option<String> {
        fs::read_to_string(self.place(id).folder.join(name)).ok()
    }

    /// What a server has printed since the first of its predecessors at this place began.
    #[must_use]
    pub fn log(&self, id: usize) -> String {
        let bytes = fs::read(self.place(id).folder.join("log.txt")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Removes everything but the server's number from its disk.
    ///
    /// # Panics
    /// When it can't be removed.
    pub fn empty_disk(&self, id: usize) {
        let version = self.place(id).folder.join("data/version-2");
        fs::remove_dir_all(version).expect("it can be removed");
    }

    /// Asserts that all who serve have the same tree, and that none of them ever found its tree to
    /// differ from what the leader had signed.
    ///
    /// # Panics
    /// When they differ.
    pub fn assert_agreement(&self) {
        let serving: Vec<usize> = (1..=self.places.len())
            .filter(|id| words::mode(self.place(*id).address()).is_some())
            .collect();
        let mut first: Option<(usize, Tree)> = None;
        for id in &serving {
            let found = tree(&mut self.client(*id));
            let (other, expected) = first.get_or_insert_with(|| (*id, found.clone()));
            assert_eq!(&found, expected, "servers {id} and {other} have the same");
            let report = words::ask(self.place(*id).address(), "mntr").expect("it serves");
            let line = "zk_digest_mismatches_count\t0\n";
            assert!(report.contains(line), "server {id} found its digests to differ: {report}");
        }
        for id in 1..=self.places.len() {
            let log = self.log(id);
            assert!(!log.contains("Digests are not matching"), "{log}");
        }
    }
}

/// Every znode by its path: data and Stat.
pub type Tree = BTreeMap<String, (Option<Bytes>, Stat)>;

/// Every znode that a server shows after a sync, its own configuration apart.
///
/// # Panics
/// When the server does not answer.
#[must_use]
pub fn tree(client: &mut Client) -> Tree {
    subtree(client, "/").expect("the server answers")
}

/// The same for a znode and all below it.
///
/// # Errors
/// The connection is lost.
pub fn subtree(client: &mut Client, root: &str) -> io::Result<Tree> {
    client.sync()?;
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(path) = open.pop() {
        let Some(node) = client.get(&path)? else { continue };
        for child in client.children(&path)? {
            open.push(format!("{}/{child}", path.trim_end_matches('/')));
        }
        if path != "/zookeeper/config" {
            found.insert(path, node);
        }
    }
    Ok(found)
}
