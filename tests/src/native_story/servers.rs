//! The processes of a story, and how each stands by its trace.

use crate::client::Client;
use crate::ensemble::{Place, configure, places};
use crate::process::{Folder, Process};
use crate::{tools, wait_for};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use vivarium_protocol::base::{Ensemble, Epoch, ServerId, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_protocol::trace::PeerStatus;
use vivarium_server::trace_file::Line;
use vivarium_sim::Setup;

/// The servers of a story.
pub struct Servers {
    places: Vec<Place>,
    ensemble: Arc<Ensemble>,
    running: BTreeMap<ServerId, Running>,
    lives: usize,
    _folder: Folder,
}

struct Running {
    process: Process,
    trace: PathBuf,
    read: u64,
    status: PeerStatus,
}

impl Running {
    /// Folds the lines that are whole since the last look.
    fn look(&mut self) {
        let Ok(mut file) = File::open(&self.trace) else { return };
        let mut text = String::new();
        file.seek(SeekFrom::Start(self.read)).expect("it is a file");
        // The end of a line may not be there yet, nor all bytes of a letter.
        if file.read_to_string(&mut text).is_err() {
            return;
        }
        let whole = text.rfind('\n').map_or(0, |end| end + 1);
        self.read += whole as u64;
        for line in text[..whole].lines() {
            let line: Line = serde_json::from_str(line).expect("every whole line is one");
            if let Some(decision) = line.decision {
                self.status.fold(&decision);
            }
        }
    }
}

impl Servers {
    /// Servers as a setup has them, all down.
    pub fn new(setup: &Setup) -> Servers {
        let folder = Folder::new();
        let numbered = || Arc::new(Ensemble::numbered(setup.participants, setup.observers));
        let ensemble = setup.members.clone().unwrap_or_else(numbered);
        let voters = ensemble.participants().count();
        let observers = ensemble.members.len() - voters;
        let places = places(folder.path(), voters, observers);
        let all = if setup.standalone { &[] } else { &places[..] };
        let mut extra = String::new();
        if !setup.standalone {
            extra.push_str("standaloneEnabled=false\n");
        }
        let text = ensemble.text();
        let quorums = text.lines().filter(|it| it.starts_with("group") || it.starts_with("weight"));
        quorums.for_each(|line| extra.extend([line, "\n"]));
        places.iter().for_each(|place| drop(configure(place, all, &extra)));
        Servers { places, ensemble, running: BTreeMap::new(), lives: 0, _folder: folder }
    }

    /// Every id.
    pub fn ids(&self) -> Vec<ServerId> {
        (1..).take(self.places.len()).map(ServerId).collect()
    }

    fn place(&self, id: ServerId) -> &Place {
        let at = usize::try_from(id.0 - 1).expect("ids begin at 1");
        &self.places[at]
    }

    /// Where clients find a server.
    pub fn address(&self, id: ServerId) -> SocketAddr {
        self.place(id).address()
    }

    /// Starts a server that is down.
    pub fn start(&mut self, id: ServerId) {
        self.lives += 1;
        let folder = self.place(id).folder.clone();
        let trace = folder.join(format!("trace-{}.jsonl", self.lives));
        let mut command = Command::new(tools::vivarium());
        command.arg("server").arg(folder.join("zoo.cfg")).arg("--trace").arg(&trace);
        let process = Process::start(&mut command, &folder.join("log.txt"));
        let status = PeerStatus::born(Epoch(0), Epoch(0), Zxid::ZERO);
        self.running.insert(id, Running { process, trace, read: 0, status });
    }

    /// Kills a server.
    pub fn kill(&mut self, id: ServerId) {
        if let Some(mut running) = self.running.remove(&id) {
            running.process.kill();
        }
    }

    /// Empties the disk of a server that is down.
    pub fn wipe(&mut self, id: ServerId) {
        let files = self.place(id).folder.join("data/version-2");
        std::fs::remove_dir_all(files).expect("the folder is there");
    }

    /// Sends a signal to a server that runs.
    pub fn signal(&self, id: ServerId, name: &str) {
        if let Some(running) = self.running.get(&id) {
            running.process.signal(name);
        }
    }

    /// Whether a server runs.
    pub fn is_up(&self, id: ServerId) -> bool {
        self.running.contains_key(&id)
    }

    /// Reads what every server has traced.
    pub fn look(&mut self) {
        self.running.values_mut().for_each(Running::look);
    }

    /// How a server that runs stands.
    pub fn status(&self, id: ServerId) -> Option<&PeerStatus> {
        self.running.get(&id).map(|running| &running.status)
    }

    /// How every server that runs stands.
    pub fn statuses(&self) -> impl Iterator<Item = &PeerStatus> {
        self.running.values().map(|running| &running.status)
    }

    /// Whether a leader serves, and so does a quorum.
    pub fn is_serving(&self) -> bool {
        let leads = self.statuses().any(|it| it.role == PeerState::Leading && it.serving);
        let serves = |id: ServerId| self.status(id).is_some_and(|it| it.serving);
        leads && self.ensemble.is_quorum_of(&serves)
    }

    /// Whether every server that runs serves, and has all that is decided.
    pub fn is_settled(&self) -> bool {
        let decided = self.statuses().map(|it| it.last_committed).max();
        let equal = |it: &PeerStatus| it.serving && Some(it.last_committed) == decided;
        self.is_serving() && self.statuses().all(equal)
    }

    /// Waits until all servers that serve show the same under these paths.
    pub fn agree(&mut self, paths: Vec<String>) -> Result<(), String> {
        let serving: Vec<ServerId> =
            self.running.iter().filter(|(_, it)| it.status.serving).map(|(id, _)| *id).collect();
        let mut shown = Vec::new();
        for id in serving {
            let mut client = wait_for("a server that serves lets a client in", || {
                let mut client = Client::connect(self.address(id)).ok()?;
                client.sync().ok().map(|()| client)
            });
            let read = paths.iter().map(|path| client.get(path).map_err(|it| it.to_string()));
            shown.push((id, read.collect::<Result<Vec<_>, _>>()?));
        }
        let torn = shown.windows(2).find(|two| two[0].1 != two[1].1);
        torn.map_or(Ok(()), |two| Err(format!("{} and {} do not agree", two[0].0, two[1].0)))
    }
}
