//! One of the two servers: the connections to it, and what they see.

use super::jute::{Reader, Writer};
use super::request::Request;
use super::seen::{Asked, Seen, Terms};
use super::step::{Hello, Resume, Slot, Step};
use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};
use vivarium_protocol::base::SessionId;
use vivarium_protocol::service;

/// How long a server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(30);
/// The number of the pings between steps.
const FENCE: i32 = -2;
/// The id of a session that nobody ever opened.
const STRANGER: i64 = 0x7777;
/// The opcode of closeSession.
const CLOSE: i32 = -11;
/// The opcode of ping.
const PING: i32 = 11;

/// A server under test.
#[derive(Debug)]
pub struct Side {
    /// What it is called in reports.
    pub name: String,
    addresses: Vec<SocketAddr>,
    terms: Terms,
    passwords: Vec<Vec<u8>>,
    /// The session of each client: its place among all sessions.
    own: Vec<Option<usize>>,
    lines: Vec<Option<Line>>,
    /// The connection that a client left for another one.
    former: Option<Line>,
}

#[derive(Debug)]
struct Line {
    stream: TcpStream,
    input: VecDeque<u8>,
    /// What was asked and is not yet answered.
    asked: VecDeque<(i32, Asked)>,
}

enum Arrived {
    Frame(Vec<u8>),
    Closed,
    Nothing,
}

impl Side {
    /// A server, or the servers of an ensemble, with `slots` clients; client n goes to address
    /// n modulo their number.
    #[must_use]
    pub fn new(name: &str, addresses: Vec<SocketAddr>, slots: usize, skips: Option<bool>) -> Side {
        let began = SystemTime::now();
        let terms = Terms { base: 0, sessions: Vec::new(), began, skipped: Vec::new(), skips };
        let lines = (0..slots).map(|_| None).collect();
        let (passwords, own) = (Vec::new(), vec![None; slots]);
        Side { name: name.to_owned(), addresses, terms, passwords, own, lines, former: None }
    }

    /// Sends what a step sends.
    ///
    /// # Panics
    /// When nobody listens, or the step is one of a client without a connection.
    pub fn begin(&mut self, step: &Step) {
        match step {
            Step::Connect { slot, hello } => {
                let hello = self.hello(*slot, hello);
                let mut line = Line::open(self.addresses[slot % self.addresses.len()]);
                line.write(&framed(&hello));
                self.former = self.lines[*slot].replace(line);
            }
            Step::Burst { slot, requests } => {
                let line = self.lines[*slot].as_mut().expect("the client is connected");
                let mut bytes = Vec::new();
                for (xid, request) in requests {
                    let mut sent = Writer::default().int(*xid).int(request.opcode).0;
                    sent.extend(&request.body);
                    // What a client has seen last is a zxid of the server it talks to.
                    if let (101 | 105, Some(since)) = (request.opcode, Reader(&request.body).long())
                    {
                        sent[8..16].copy_from_slice(&self.terms.own(since).to_be_bytes());
                    }
                    bytes.extend(framed(&sent));
                    line.asked.push_back((*xid, Asked::from(request)));
                }
                line.write(&bytes);
            }
            Step::Noise { slot, bytes } => {
                self.lines[*slot].as_mut().expect("the client is connected").write(bytes);
            }
            Step::Drop { slot } => self.lines[*slot] = None,
        }
    }

    /// What every client saw of the step, client after client, each in its order.
    #[must_use]
    pub fn finish(&mut self, step: &Step) -> Vec<Vec<Seen>> {
        let mut seen = vec![Vec::new(); self.lines.len()];
        let slot = step.slot();
        match step {
            Step::Connect { .. } => self.connected(slot, &mut seen[slot]),
            Step::Burst { requests, .. } => {
                self.replies(slot, requests.len(), &mut seen[slot]);
                let last = requests.last().map(|(_, request)| request);
                if last.is_some_and(|request| ends(request, seen[slot].last())) {
                    // What is sent before the server has closed may still be answered.
                    self.replies(slot, 1, &mut seen[slot]);
                }
            }
            Step::Noise { .. } => self.replies(slot, usize::MAX, &mut seen[slot]),
            Step::Drop { .. } => {}
        }
        for line in self.lines.iter_mut().flatten() {
            line.asked.push_back((FENCE, Asked { opcode: PING, is_cut: false }));
            line.write(&framed(&Writer::default().int(FENCE).int(PING).0));
        }
        for (slot, seen) in seen.iter_mut().enumerate() {
            self.replies(slot, 1, seen);
        }
        seen
    }

    fn hello(&self, slot: Slot, hello: &Hello) -> Vec<u8> {
        let (id, password) = match (hello.resume, self.own[slot]) {
            (Resume::New(length), _) => (0, length.map(|length| vec![0; length])),
            (Resume::Own, Some(own)) => {
                (self.terms.sessions[own], Some(self.passwords[own].clone()))
            }
            (Resume::WrongPassword, Some(own)) => (self.terms.sessions[own], Some(vec![7; 16])),
            (Resume::Own | Resume::WrongPassword | Resume::Unknown, _) => {
                (STRANGER, Some(service::password(SessionId(STRANGER)).to_vec()))
            }
        };
        let zxid = if hello.ahead { i64::MAX } else { 0 };
        let fixed = Writer::default().int(0).long(zxid).int(hello.timeout_ms).long(id);
        let written = fixed.buffer(password.as_deref());
        match hello.read_only {
            Some(flag) => written.boolean(flag).0,
            None => written.0,
        }
    }

    fn connected(&mut self, slot: Slot, seen: &mut Vec<Seen>) {
        let line = self.lines[slot].as_mut().expect("it was opened");
        match line.read() {
            Arrived::Frame(payload) => {
                let what = self.welcome(slot, &payload);
                seen.push(what.unwrap_or(Seen::Unreadable(payload.into())));
                if self.own[slot].is_none() {
                    // A refusal is followed by the end of the connection.
                    self.replies(slot, 1, seen);
                }
            }
            Arrived::Closed => {
                seen.push(Seen::Closed);
                self.lines[slot] = None;
            }
            Arrived::Nothing => seen.push(Seen::Silence),
        }
        if let Some(mut former) = self.former.take() {
            seen.push(match former.read() {
                Arrived::Frame(payload) => Seen::Unreadable(payload.into()),
                Arrived::Closed => Seen::Closed,
                Arrived::Nothing => Seen::Silence,
            });
        }
    }

    fn welcome(&mut self, slot: Slot, payload: &[u8]) -> Option<Seen> {
        let mut reader = Reader(payload);
        let version = reader.int()?;
        let (timeout, id) = (reader.int()?, reader.long()?);
        let password = reader.buffer()??.to_vec();
        let read_only = if reader.0.is_empty() { None } else { Some(reader.byte()?) };
        if version != 0 || !reader.0.is_empty() {
            return None;
        }
        let known = self.terms.sessions.iter().position(|it| *it == id);
        self.own[slot] = if id == 0 { None } else { known };
        if id != 0 && known.is_none() {
            self.own[slot] = Some(self.terms.sessions.len());
            self.terms.sessions.push(id);
            self.passwords.push(password.clone());
        }
        let session = self.terms.session(id);
        let password = (password.len(), password.iter().all(|byte| *byte == 0));
        Some(Seen::Connected { timeout, session, password, read_only })
    }

    /// Reads until this many replies are there, or the connection ends.
    fn replies(&mut self, slot: Slot, count: usize, seen: &mut Vec<Seen>) {
        let mut replies = 0;
        while replies < count {
            let Some(line) = self.lines[slot].as_mut() else { return };
            let what = match line.read() {
                Arrived::Frame(payload) => line.understand(&payload, &mut self.terms),
                Arrived::Closed => Seen::Closed,
                Arrived::Nothing => Seen::Silence,
            };
            if matches!(what, Seen::Closed | Seen::Silence) {
                self.lines[slot] = None;
            }
            replies += usize::from(matches!(what, Seen::Reply { .. }));
            seen.push(what);
        }
    }
}

impl Line {
    fn open(address: SocketAddr) -> Line {
        let stream = TcpStream::connect_timeout(&address, PATIENCE).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket can be set");
        stream.set_nodelay(true).expect("a socket can be set");
        Line { stream, input: VecDeque::new(), asked: VecDeque::new() }
    }

    fn write(&mut self, bytes: &[u8]) {
        // A connection that was closed meanwhile shows when it is read.
        let _ = self.stream.write_all(bytes);
    }

    fn read(&mut self) -> Arrived {
        let mut chunk = [0; 16 * 1024];
        loop {
            if let Some(payload) = self.take_frame() {
                return Arrived::Frame(payload);
            }
            match self.stream.read(&mut chunk) {
                Ok(0) => return Arrived::Closed,
                Ok(count) => self.input.extend(&chunk[..count]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
                {
                    return Arrived::Nothing;
                }
                Err(_) => return Arrived::Closed,
            }
        }
    }

    fn take_frame(&mut self) -> Option<Vec<u8>> {
        let head: Vec<u8> = self.input.iter().take(4).copied().collect();
        let length = usize::try_from(Reader(&head).int()?).ok()?;
        if self.input.len() < 4 + length {
            return None;
        }
        self.input.drain(..4);
        Some(self.input.drain(..length).collect())
    }

    fn understand(&mut self, payload: &[u8], terms: &mut Terms) -> Seen {
        if terms.base == 0 {
            // The first reply of all tells where this server counts from: the opening of the first
            // session was its first transaction.
            let zxid = Reader(payload.get(4..).unwrap_or_default()).long();
            terms.base = zxid.map_or(0, |zxid| zxid - 1);
        }
        let asked = &mut self.asked;
        terms.frame(payload, |xid| {
            let place = asked
                .iter()
                .position(|(own, what)| *own == xid || (xid == FENCE && what.opcode == PING))?;
            asked.remove(place).map(|(_, what)| what)
        })
    }
}

/// Whether the server closes the connection after this answer.
fn ends(request: &Request, answer: Option<&Seen>) -> bool {
    let Some(Seen::Reply { err, .. }) = answer else { return false };
    request.is_alone && (*err != 0 || request.opcode == CLOSE)
}

fn framed(payload: &[u8]) -> Vec<u8> {
    Writer::default().buffer(Some(payload)).0
}
