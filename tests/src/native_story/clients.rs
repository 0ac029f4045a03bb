//! The clients of a story: each at its server, one request after another.

use super::servers::Servers;
use crate::client::Client;
use std::collections::{BTreeMap, VecDeque};
use vivarium_protocol::base::{ServerId, Zxid};
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody};
use vivarium_protocol::wire::client::ConnectResponse;
use vivarium_sim::command::{ClientAct, ClientOp};

/// The clients by number, and what they were answered.
#[derive(Default)]
pub struct Clients {
    clients: BTreeMap<u32, Speaker>,
    answers: Vec<String>,
    paths: Vec<String>,
}

#[derive(Default)]
struct Speaker {
    server: Option<ServerId>,
    /// Whether another server will do when that one is away.
    roams: bool,
    connection: Option<Client>,
    session: Option<(ConnectResponse, Zxid)>,
    waiting: VecDeque<ClientOp>,
}

/// The request of an act; `None` for what is not told by processes: watches, numbered nodes, and
/// several requests in one.
pub fn request(op: &ClientOp) -> Option<Op> {
    let told = matches!(
        op,
        ClientOp::Create { sequential: false, .. }
            | ClientOp::Set { .. }
            | ClientOp::Get { watch: false, .. }
            | ClientOp::Exists { watch: false, .. }
            | ClientOp::Children { watch: false, .. }
            | ClientOp::Delete { .. }
            | ClientOp::Sync { .. }
    );
    told.then(|| op.to_op())
}

impl Clients {
    /// Notes what a client is to do.
    pub fn act(&mut self, number: u32, act: &ClientAct) {
        let client = self.clients.entry(number).or_default();
        match act {
            ClientAct::Connect { server } => {
                client.server = Some(*server);
                client.connection = None;
            }
            ClientAct::Roam => client.roams = true,
            ClientAct::Disconnect => *client = Speaker::default(),
            ClientAct::Request(op) => client.waiting.push_back(op.clone()),
            // `obstacle` has refused the others.
            ClientAct::Balanced | ClientAct::List { .. } => {}
        }
    }

    /// Connects whoever should be and is not, and asks what waits.
    pub fn go_on(&mut self, servers: &Servers) {
        for (number, client) in &mut self.clients {
            let gone = client.server.is_none_or(|server| !servers.is_up(server));
            if client.roams && gone {
                client.connection = None;
                client.server = servers.ids().into_iter().find(|id| servers.is_up(*id));
            }
            let Some(server) = client.server else { continue };
            if !servers.is_up(server) {
                client.connection = None;
                continue;
            }
            client.connect(servers, server);
            while let (Some(connection), Some(op)) =
                (&mut client.connection, client.waiting.front())
            {
                let asked = request(op).expect("the others are refused before");
                let Ok(outcome) = connection.request(&asked) else {
                    client.connection = None;
                    break;
                };
                if let ClientOp::Create { path, .. } = op {
                    self.paths.push(path.clone());
                }
                self.answers.push(format!("c{number}: {op}: {}", text(&outcome)));
                client.waiting.pop_front();
            }
        }
    }

    /// Whether no client waits for anything.
    pub fn answered(&self) -> bool {
        self.clients.values().all(|client| client.waiting.is_empty())
    }

    /// Whether a client waits for nothing.
    pub fn has_answers(&self, number: u32) -> bool {
        self.clients.get(&number).is_some_and(|client| client.waiting.is_empty())
    }

    /// Whether a client's session is open.
    pub fn is_connected(&self, number: u32) -> bool {
        self.clients.get(&number).is_some_and(|client| client.connection.is_some())
    }

    /// The paths that were made.
    pub fn paths(&self) -> Vec<String> {
        self.paths.clone()
    }

    /// Compares the answers with those that a story tells: all of these must have come, and none
    /// may be another than the one told. (The record may end before the last ones.)
    ///
    /// # Errors
    /// What was told, and what happened.
    pub fn compare(&self, record: &str) -> Result<(), String> {
        let is_answer = |line: &&str| line.starts_with('c') && line.matches(": ").count() >= 2;
        let told: Vec<&str> = record.lines().filter(is_answer).collect();
        let came = |line: &&str| self.answers.iter().any(|answer| answer == line);
        let question = |line: &str| line.rsplit_once(": ").map(|(asked, _)| asked.to_owned());
        let differs = |answer: &&String| {
            let same = told.iter().any(|line| question(line) == question(answer));
            same && !told.contains(&answer.as_str())
        };
        if told.iter().all(came) && !self.answers.iter().any(|it| differs(&it)) {
            return Ok(());
        }
        Err(format!("told: {told:?}\nhappened: {:?}", self.answers))
    }
}

impl Speaker {
    fn connect(&mut self, servers: &Servers, server: ServerId) {
        if self.connection.is_some() {
            return;
        }
        let address = servers.address(server);
        let connected = match &self.session {
            Some((session, zxid)) => Client::resume(address, session, *zxid),
            None => Client::connect(address),
        };
        if let Ok(client) = connected {
            self.session = Some((client.session.clone(), client.zxid));
            self.connection = Some(client);
        }
    }
}

/// An answer as stories write it.
fn text(outcome: &Result<ReplyBody, ErrorCode>) -> String {
    match outcome {
        Ok(ReplyBody::Path(Some(path))) => path.clone(),
        Ok(ReplyBody::Stat(stat)) => format!("version {}", stat.version),
        Ok(ReplyBody::Data { data, stat }) => {
            let data = String::from_utf8_lossy(data.as_deref().unwrap_or_default());
            format!("\"{data}\" version {}", stat.version)
        }
        Ok(_) => "done".to_owned(),
        Err(error) => error.to_string(),
    }
}
