//! What a client sees of a server: replies, events, closed connections, in a form that can be
//! compared between two servers.
//!
//! Numbers that each server draws for itself are put in terms of the run: zxids count from its
//! beginning, session ids are the order in which the sessions were opened, and of a time only
//! whether it is unset or lies within the run.

use super::differences;
use super::jute::Reader;
use super::request::Request;
use bytes::Bytes;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// One thing that came over a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The answer to a ConnectRequest.
    Connected {
        /// The negotiated timeout, ms.
        timeout: i32,
        /// Whose session it is.
        session: Session,
        /// How long the password is, and whether it is all zeros.
        password: (usize, bool),
        /// The flag `readOnly`, if there is one.
        read_only: Option<u8>,
    },
    /// A reply.
    Reply {
        /// The number of its request.
        xid: i32,
        /// The zxid of its header, since the run began.
        zxid: i64,
        /// The error code.
        err: i32,
        /// The record behind the header.
        body: Vec<Field>,
    },
    /// A watch event.
    Event {
        /// The zxid of its header, since the run began.
        zxid: i64,
        /// The type of the event.
        kind: i32,
        /// The state.
        state: i32,
        /// The path.
        path: Option<String>,
    },
    /// The server closed the connection.
    Closed,
    /// Nothing came although something had to.
    Silence,
    /// A frame that is none of these.
    Unreadable(Bytes),
}

/// One field of a reply's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Field {
    /// Text, or null.
    Text(Option<String>),
    /// Data, or null.
    Data(Option<Bytes>),
    /// A number.
    Int(i32),
    /// Names, sorted: their order is free.
    Names(Vec<Option<String>>),
    /// Pairs, sorted: the ids of a connection are a set.
    Ids(Vec<(Option<String>, Option<String>)>),
    /// An access control list.
    Acl(Vec<(i32, Option<String>, Option<String>)>),
    /// A Stat.
    Stat(Box<Stat>),
    /// The header of a result in a multi: type, done, err.
    Result(i32, u8, i32),
    /// Bytes that no field of the record accounts for.
    Rest(Bytes),
}

/// A Stat with zxids since the run began.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    pub czxid: i64,
    pub mzxid: i64,
    pub pzxid: i64,
    pub ctime: Time,
    pub mtime: Time,
    pub version: i32,
    pub cversion: i32,
    pub aversion: i32,
    pub owner: Session,
    pub data_length: i32,
    pub children: i32,
}

/// A time, as far as two servers can agree on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Time {
    /// Zero.
    Unset,
    /// Within this run.
    OfThisRun,
    /// Neither.
    Odd(i64),
}

/// A session id in terms of the run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Session {
    /// Zero.
    None,
    /// The session that was opened as this many-th, from 0.
    Nth(usize),
    /// Nobody's.
    Odd(i64),
}

/// What an answer can be read by.
#[derive(Clone, Copy, Debug)]
pub struct Asked {
    /// The opcode of the request.
    pub opcode: i32,
    /// Whether its record was cut short.
    pub is_cut: bool,
}

impl From<&Request> for Asked {
    fn from(request: &Request) -> Asked {
        Asked { opcode: request.opcode, is_cut: request.is_cut }
    }
}

/// What turns a server's own numbers into those of the run.
#[derive(Clone, Debug)]
pub struct Terms {
    /// The zxid of the server at the beginning.
    pub base: i64,
    /// The ids of the sessions in the order of their opening.
    pub sessions: Vec<i64>,
    /// When the run began.
    pub began: SystemTime,
    /// For each write that could not be read and took no zxid here although it took one at the
    /// other server: the zxid that it found.
    pub skipped: Vec<i64>,
    /// Whether this server is the one that skips, and if so, whether the other is older than 3.9.
    pub skips: Option<bool>,
}

impl Terms {
    /// The zxid of a transaction, since the run began; 0 and negative ones mean themselves.
    fn zxid(&self, zxid: i64) -> i64 {
        let skipped = self.skipped.iter().filter(|found| zxid > **found).count();
        if zxid <= 0 { zxid } else { zxid - self.base + count(skipped) }
    }

    /// The zxid in a header: the last one of the server at that moment.
    fn last(&self, zxid: i64) -> i64 {
        if zxid <= 0 { zxid } else { zxid - self.base + count(self.skipped.len()) }
    }

    /// The server's own zxid for one since the run began.
    #[must_use]
    pub fn own(&self, zxid: i64) -> i64 {
        if zxid <= 0 || zxid == i64::MAX {
            return zxid;
        }
        let own = zxid + self.base;
        self.skipped.iter().fold(own, |own, found| if own > *found { own - 1 } else { own })
    }

    /// Whose session an id is.
    #[must_use]
    pub fn session(&self, id: i64) -> Session {
        if id == 0 {
            return Session::None;
        }
        let position = self.sessions.iter().position(|known| *known == id);
        position.map_or(Session::Odd(id), Session::Nth)
    }

    fn time(&self, ms: i64) -> Time {
        if ms == 0 {
            return Time::Unset;
        }
        let at = UNIX_EPOCH + Duration::from_millis(ms.unsigned_abs());
        let leeway = Duration::from_secs(2);
        let within = at + leeway >= self.began && at <= SystemTime::now() + leeway;
        if ms > 0 && within { Time::OfThisRun } else { Time::Odd(ms) }
    }

    /// Reads a frame that is not the first of its connection. `asked` tells what a request
    /// was.
    #[must_use]
    pub fn frame(&mut self, payload: &[u8], asked: impl FnOnce(i32) -> Option<Asked>) -> Seen {
        let mut reader = Reader(payload);
        self.read(&mut reader, asked)
            .unwrap_or_else(|| Seen::Unreadable(Bytes::copy_from_slice(payload)))
    }

    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        asked: impl FnOnce(i32) -> Option<Asked>,
    ) -> Option<Seen> {
        let (xid, zxid, err) = (reader.int()?, reader.long()?, reader.int()?);
        if xid == -1 {
            let (kind, state) = (reader.int()?, reader.int()?);
            let event = Seen::Event { zxid: self.zxid(zxid), kind, state, path: reader.text()? };
            return (err == 0 && reader.0.is_empty()).then_some(event);
        }
        let asked = asked(xid)?;
        if self.skips.is_some_and(|old| differences::skips_a_zxid(old, asked, err)) {
            self.skipped.push(zxid);
        }
        let zxid = self.last(zxid);
        let mut body = Vec::new();
        if err == 0 {
            // What can't be read is kept as bytes.
            let _ = self.record(asked.opcode, reader, &mut body);
        }
        if !reader.0.is_empty() {
            body.push(Field::Rest(Bytes::copy_from_slice(reader.0)));
        }
        Some(Seen::Reply { xid, zxid, err, body })
    }

    fn record(&self, opcode: i32, reader: &mut Reader<'_>, body: &mut Vec<Field>) -> Option<()> {
        match opcode {
            1 | 9 => body.push(Field::Text(reader.text()?)),
            15 | 19 | 21 => {
                body.push(Field::Text(reader.text()?));
                body.push(self.stat(reader)?);
            }
            3 | 5 | 7 => body.push(self.stat(reader)?),
            4 | 16 => {
                body.push(Field::Data(reader.buffer()?.map(Bytes::copy_from_slice)));
                body.push(self.stat(reader)?);
            }
            6 => {
                body.push(acl(reader)?);
                body.push(self.stat(reader)?);
            }
            8 | 103 => body.push(names(reader)?),
            12 => {
                body.push(names(reader)?);
                body.push(self.stat(reader)?);
            }
            14 | 22 => self.results(reader, body)?,
            102 => body.push(Field::Data(reader.buffer()?.map(Bytes::copy_from_slice))),
            -1 | 104 | 106 => body.push(Field::Int(reader.int()?)),
            107 => {
                let mut ids = reader.list(|it| Some((it.text()?, it.text()?)))?;
                ids.sort();
                body.push(Field::Ids(ids));
            }
            _ => {}
        }
        Some(())
    }

    fn results(&self, reader: &mut Reader<'_>, body: &mut Vec<Field>) -> Option<()> {
        loop {
            let (kind, done, err) = (reader.int()?, reader.byte()?, reader.int()?);
            body.push(Field::Result(kind, done, err));
            if done != 0 {
                return Some(());
            }
            self.record(kind, reader, body)?;
        }
    }

    fn stat(&self, reader: &mut Reader<'_>) -> Option<Field> {
        let (czxid, mzxid) = (self.zxid(reader.long()?), self.zxid(reader.long()?));
        let (ctime, mtime) = (self.time(reader.long()?), self.time(reader.long()?));
        let (version, cversion, aversion) = (reader.int()?, reader.int()?, reader.int()?);
        let owner = self.session(reader.long()?);
        let (data_length, children) = (reader.int()?, reader.int()?);
        let pzxid = self.zxid(reader.long()?);
        Some(Field::Stat(Box::new(Stat {
            czxid,
            mzxid,
            pzxid,
            ctime,
            mtime,
            version,
            cversion,
            aversion,
            owner,
            data_length,
            children,
        })))
    }
}

fn count(length: usize) -> i64 {
    i64::try_from(length).expect("it is a count")
}

fn names(reader: &mut Reader<'_>) -> Option<Field> {
    let mut names = reader.list(|it| it.text())?;
    names.sort();
    Some(Field::Names(names))
}

fn acl(reader: &mut Reader<'_>) -> Option<Field> {
    let entries = reader.list(|it| Some((it.int()?, it.text()?, it.text()?)))?;
    Some(Field::Acl(entries))
}
