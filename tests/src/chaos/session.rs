//! One client's session: it connects to one server after another, continues where it was, sets
//! its watches again, and notes everything.

use super::record::{Recorder, What};
use crate::client::Client;
use bytes::Bytes;
use std::collections::BTreeSet;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use vivarium_protocol::base::{Rng, SessionId, Zxid};
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody, WatchEvent, WatchEventKind};
use vivarium_protocol::wire::client::{ConnectRequest, FromServer};
use vivarium_sim::ClientOp;

/// The session timeout that clients ask for, milliseconds.
pub const TIMEOUT_MS: i32 = 4000;
/// How long a client waits for a connection or an answer before it tries another server.
const LIMIT: Duration = Duration::from_millis(3000);

/// A request's answer.
pub type Answer = Result<ReplyBody, ErrorCode>;

/// A client with its session, whether it is connected or not.
pub struct Session {
    number: u32,
    servers: Vec<SocketAddr>,
    recorder: Arc<Recorder>,
    /// Index of the server it is at, or tries next.
    at: usize,
    connection: Option<Client>,
    id: SessionId,
    password: [u8; 16],
    next_cxid: i32,
    /// The newest zxid of an answer: watches are set again as of it.
    answered: Zxid,
    /// The newest zxid of an answer or an event: no server that is behind it may be used. (Events
    /// of one transaction may come in part, so watches can't be set again as of them.)
    seen: Zxid,
    watches: Watches,
}

/// Paths with watches that have not fired.
#[derive(Default)]
struct Watches {
    data: BTreeSet<String>,
    exist: BTreeSet<String>,
    child: BTreeSet<String>,
}

impl Session {
    /// A client that is not connected yet and begins at some server.
    #[must_use]
    pub fn new(
        number: u32,
        servers: Vec<SocketAddr>,
        recorder: Arc<Recorder>,
        rng: &mut Rng,
    ) -> Session {
        let at = usize::try_from(rng.below(servers.len() as u64)).expect("it is an index");
        Session {
            number,
            servers,
            recorder,
            at,
            connection: None,
            id: SessionId(0),
            password: [0; 16],
            next_cxid: 1,
            answered: Zxid::ZERO,
            seen: Zxid::ZERO,
            watches: Watches::default(),
        }
    }

    fn note(&self, what: What) {
        self.recorder.note(self.number, self.at + 1, what);
    }

    /// Connects if it is not connected; tries one server.
    ///
    /// # Errors
    /// That server can't be reached or does not serve; the next call tries the next one.
    pub fn ensure(&mut self) -> io::Result<()> {
        if self.connection.is_some() {
            return Ok(());
        }
        self.connect().inspect_err(|_| self.hang_up())
    }

    fn connect(&mut self) -> io::Result<()> {
        let request = ConnectRequest {
            protocol_version: 0,
            last_zxid_seen: self.seen,
            timeout_ms: TIMEOUT_MS,
            session: self.id,
            password: Some(Bytes::copy_from_slice(&self.password)),
            read_only: Some(false),
        };
        let mut client = Client::connect_within(self.servers[self.at], &request, LIMIT)?;
        if client.session.timeout_ms <= 0 {
            self.note(What::Expired);
            self.forget();
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        (self.id, self.password) = (client.session.session, client.session.password);
        client.number_from(self.next_cxid);
        self.connection = Some(client);
        self.note(What::Opened(self.id));
        self.watch_again()
    }

    /// Leaves its server without a word, and turns to the next.
    pub fn hang_up(&mut self) {
        if let Some(client) = self.connection.take() {
            self.next_cxid = client.next_cxid();
            self.note(What::Lost);
        }
        self.at = (self.at + 1) % self.servers.len();
    }

    /// The first thing that a client says on a new connection, if it watches anything.
    fn watch_again(&mut self) -> io::Result<()> {
        let list = |paths: &BTreeSet<String>| paths.iter().cloned().collect::<Vec<_>>();
        let Watches { data, exist, child } = &self.watches;
        if data.is_empty() && exist.is_empty() && child.is_empty() {
            return Ok(());
        }
        let op = Op::SetWatches {
            two: false,
            relative_zxid: self.answered,
            data: list(data),
            exist: list(exist),
            child: list(child),
            persistent: Vec::new(),
            recursive: Vec::new(),
        };
        let opcode = op.opcode();
        self.client()?.send(&op)?;
        loop {
            match self.client()?.receive(|_| Some(opcode))? {
                FromServer::Event(event) => self.fired(event),
                FromServer::Reply(reply) => {
                    self.sees(reply.zxid);
                    self.note(What::WatchesSet(reply.zxid));
                    return Ok(());
                }
            }
        }
    }

    fn client(&mut self) -> io::Result<&mut Client> {
        self.connection.as_mut().ok_or_else(|| io::ErrorKind::NotConnected.into())
    }

    fn sees(&mut self, answer: Zxid) {
        self.answered = self.answered.max(answer);
        self.seen = self.seen.max(answer);
    }

    fn fired(&mut self, event: WatchEvent) {
        self.seen = self.seen.max(event.zxid);
        let (data, child) = match event.kind {
            WatchEventKind::Created | WatchEventKind::DataChanged => (true, false),
            WatchEventKind::Deleted => (true, true),
            WatchEventKind::ChildrenChanged => (false, true),
        };
        if data {
            self.watches.data.remove(&event.path);
            self.watches.exist.remove(&event.path);
        }
        if child {
            self.watches.child.remove(&event.path);
        }
        self.note(What::Fired(event));
    }

    /// Sends all of these and then waits for all answers.
    ///
    /// # Errors
    /// The connection is lost before the last answer: it is not known what became of the rest.
    pub fn ask(&mut self, ops: &[ClientOp]) -> io::Result<Vec<Answer>> {
        self.ask_all(ops).inspect_err(|_| self.hang_up())
    }

    fn ask_all(&mut self, ops: &[ClientOp]) -> io::Result<Vec<Answer>> {
        let first = self.client()?.next_cxid();
        for op in ops {
            let cxid = self.client()?.next_cxid();
            self.note(What::Asked(cxid, op.clone()));
            self.client()?.send(&op.to_op())?;
        }
        let mut answers = Vec::new();
        while let Some(op) = ops.get(answers.len()) {
            let place = |cxid: i32| usize::try_from(cxid - first).ok();
            let opcode = |cxid| Some(ops.get(place(cxid)?)?.to_op().opcode());
            match self.client()?.receive(opcode)? {
                FromServer::Event(event) => self.fired(event),
                FromServer::Reply(reply) => {
                    self.sees(reply.zxid);
                    self.watches.left(op, &reply.result);
                    let (cxid, zxid) = (reply.cxid, reply.zxid);
                    let (write, result) = (op.is_write(), reply.result.clone());
                    self.note(What::Answered { cxid, zxid, write, result });
                    answers.push(reply.result);
                }
            }
        }
        Ok(answers)
    }

    /// Ends the session; the next connection opens another.
    ///
    /// # Errors
    /// The connection is lost before the answer.
    pub fn close(&mut self) -> io::Result<()> {
        self.ask(&[ClientOp::Close])?;
        self.hang_up();
        self.forget();
        Ok(())
    }

    /// The next session is another one.
    fn forget(&mut self) {
        (self.id, self.password) = (SessionId(0), [0; 16]);
        self.watches = Watches::default();
    }
}

impl Watches {
    /// A read may leave a watch.
    fn left(&mut self, op: &ClientOp, answer: &Answer) {
        match (op, answer) {
            (ClientOp::Get { path, watch: true }, Ok(_))
            | (ClientOp::Exists { path, watch: true }, Ok(_)) => {
                self.data.insert(path.clone());
            }
            (ClientOp::Exists { path, watch: true }, Err(ErrorCode::NoNode)) => {
                self.exist.insert(path.clone());
            }
            (ClientOp::Children { path, watch: true }, Ok(_)) => {
                self.child.insert(path.clone());
            }
            (_, _) => {}
        }
    }
}
