//! Ensembles whose members change: servers that may be of different kinds, and requests to
//! reconfigure them.

use crate::client::Client;
use crate::ensemble::{Place, configure, places};
use crate::process::{Folder, Process};
use crate::{wait_for, words};
use std::{fs, io};
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody};

/// How a server of some kind is started at its place.
pub type Start = fn(&Place) -> Process;

/// Servers that let anybody reconfigure them, and the place of one more.
pub struct Members {
    places: Vec<Place>,
    running: Vec<Option<Process>>,
    extra: String,
    _folder: Folder,
}

impl Members {
    /// Starts one server of each kind and waits until all serve. Anybody may reconfigure.
    #[must_use]
    pub fn start(kinds: &[Start], extra: &str) -> Members {
        Members::start_with(kinds, "skipACL=yes\n", extra)
    }

    /// The same, with the line that says who may.
    #[must_use]
    pub fn start_with(kinds: &[Start], access: &str, extra: &str) -> Members {
        let folder = Folder::new();
        let mut places = places(folder.path(), kinds.len() + 1, 0);
        let extra = format!("reconfigEnabled=true\n{access}{extra}");
        for place in &places[..kinds.len()] {
            configure(place, &places[..kinds.len()], &extra);
        }
        let start = |(kind, place): (&Start, &Place)| Some(kind(place));
        let mut running: Vec<_> = kinds.iter().zip(&places).map(start).collect();
        running.push(None);
        // Who joins lists itself as an observer, so that nobody waits for its vote.
        places[kinds.len()].observer = true;
        let members = Members { places, running, extra, _folder: folder };
        for id in 1..=kinds.len() {
            members.mode(id);
        }
        members
    }

    /// Starts the server that is no member yet, which knows the members that there were at first,
    /// and waits until it serves.
    pub fn join(&mut self, kind: Start) {
        let id = self.places.len();
        configure(self.place(id), &self.places, &self.extra);
        self.restart(id, kind);
        self.mode(id);
    }

    /// The place of a server.
    #[must_use]
    pub fn place(&self, id: usize) -> &Place {
        &self.places[id - 1]
    }

    /// Waits until a server serves, and tells its mode.
    ///
    /// # Panics
    /// When it does not in time.
    pub fn mode(&self, id: usize) -> String {
        wait_for(&format!("server {id} serves"), || words::mode(self.place(id).address()))
    }

    /// The number of the server that leads, once one does.
    #[must_use]
    pub fn leader(&self) -> usize {
        let leads = |place: &&Place| words::mode(place.address()).as_deref() == Some("leader");
        wait_for("somebody leads", || self.places.iter().find(leads).map(|place| place.id))
    }

    /// A client of one server, once that takes it.
    #[must_use]
    pub fn client(&self, id: usize) -> Client {
        wait_for("a client is connected", || Client::connect(self.place(id).address()).ok())
    }

    /// What `/zookeeper/config` says at a server that is in step.
    #[must_use]
    pub fn config(&self, id: usize) -> String {
        let mut client = self.client(id);
        client.sync().expect("the server answers");
        let data = client.get("/zookeeper/config").expect("the server answers");
        let (data, _) = data.expect("the node is there");
        String::from_utf8(data.unwrap_or_default().to_vec()).expect("it is text")
    }

    /// A file beside a server's zoo.cfg.
    #[must_use]
    pub fn file(&self, id: usize, name: &str) -> Option<String> {
        fs::read_to_string(self.place(id).folder.join(name)).ok()
    }

    /// Kills a server as `kill -9` does.
    pub fn kill(&mut self, id: usize) {
        if let Some(mut process) = self.running[id - 1].take() {
            process.kill();
        }
    }

    /// Starts a server on the disk that it left, perhaps as another kind.
    pub fn restart(&mut self, id: usize, kind: Start) {
        self.running[id - 1] = Some(kind(self.place(id)));
    }
}

/// The line by which a server is asked to join as a voter.
#[must_use]
pub fn member_line(place: &Place) -> String {
    let Place { id, client, quorum, election, .. } = place;
    format!("server.{id}=127.0.0.1:{quorum}:{election}:participant;127.0.0.1:{client}")
}

/// Asks for other members; the text of the new configuration, or why not.
///
/// # Errors
/// What the leader says.
///
/// # Panics
/// When nothing is answered.
pub fn ask(client: &mut Client, joining: &str, leaving: &str) -> Result<String, ErrorCode> {
    try_ask(client, joining, leaving).expect("the server answers")
}

/// The same, where the connection may be lost over it: Apache's followers hang up without an answer
/// when another is to lead.
///
/// # Errors
/// The connection is lost.
///
/// # Panics
/// When the answer is of another kind.
pub fn try_ask(
    client: &mut Client,
    joining: &str,
    leaving: &str,
) -> io::Result<Result<String, ErrorCode>> {
    let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
    let (joining, leaving) = (some(joining), some(leaving));
    let op = Op::Reconfig { joining, leaving, members: None, config_id: -1 };
    Ok(client.request(&op)?.map(|body| match body {
        ReplyBody::Data { data, .. } => {
            String::from_utf8(data.unwrap_or_default().to_vec()).expect("it is text")
        }
        other => panic!("a reconfiguration answers with data, not {other:?}"),
    }))
}
