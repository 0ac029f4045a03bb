//! A small client over the codecs of `protocol::wire`: one request at a time, no reconnecting.

use bytes::{BufMut, Bytes, BytesMut};
use std::collections::VecDeque;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use vivarium_protocol::base::{SessionId, Zxid};
use vivarium_protocol::message::{
    Acl, CreateOp, ErrorCode, Op, Reply, ReplyBody, Stat, WatchEvent,
};
use vivarium_protocol::wire::client::{
    ConnectRequest, ConnectResponse, FromServer, decode_connect_response, decode_from_server,
    encode_connect_request, encode_request,
};
use vivarium_protocol::wire::frame;
use vivarium_protocol::wire::jute::put_buffer;

/// The longest frame that this client takes.
const MAX_FRAME: usize = 16 << 20;
/// The opcode of SASL.
const SASL: i32 = 102;

/// A connection with a session.
#[derive(Debug)]
pub struct Client {
    stream: TcpStream,
    input: BytesMut,
    next_cxid: i32,
    /// What the server said of the session.
    pub session: ConnectResponse,
    /// The highest zxid seen.
    pub zxid: Zxid,
    /// Events that came and were not yet asked for.
    pub events: VecDeque<WatchEvent>,
}

/// What a request came to: a body, or ZooKeeper's error.
pub type Outcome = io::Result<Result<ReplyBody, ErrorCode>>;

impl Client {
    /// Connects and opens a session of ten seconds.
    ///
    /// # Errors
    /// Nobody listens, or the server closes the connection.
    pub fn connect(server: SocketAddr) -> io::Result<Client> {
        Client::connect_with(server, &asking_for(SessionId(0), [0; 16], Zxid::ZERO))
    }

    /// Goes on with a session at this server. The session is 0 in the answer if it has expired.
    ///
    /// # Errors
    /// Nobody listens, or the server closes the connection.
    pub fn resume(server: SocketAddr, session: &ConnectResponse, zxid: Zxid) -> io::Result<Client> {
        Client::connect_with(server, &asking_for(session.session, session.password, zxid))
    }

    /// Connects with a request of one's own, to resume a session for example.
    ///
    /// # Errors
    /// Nobody listens, or the server closes the connection.
    pub fn connect_with(server: SocketAddr, request: &ConnectRequest) -> io::Result<Client> {
        Client::connect_within(server, request, Duration::from_secs(15))
    }

    /// The same, waiting no longer than `limit` for the connection and for every answer.
    ///
    /// # Errors
    /// Nobody listens, or nobody answers in time, or the server closes the connection.
    pub fn connect_within(
        server: SocketAddr,
        request: &ConnectRequest,
        limit: Duration,
    ) -> io::Result<Client> {
        let mut stream = TcpStream::connect_timeout(&server, limit)?;
        stream.set_read_timeout(Some(limit))?;
        stream.set_nodelay(true)?;
        let mut out = BytesMut::new();
        frame::put_frame(&mut out, |out| encode_connect_request(request, out));
        stream.write_all(&out)?;
        let mut input = BytesMut::new();
        let payload = read_frame(&mut stream, &mut input)?;
        let session = decode_connect_response(&payload).map_err(invalid)?;
        let zxid = request.last_zxid_seen;
        Ok(Client { stream, input, next_cxid: 1, session, zxid, events: VecDeque::new() })
    }

    /// Numbers its requests from here on, as a client does that continues its session.
    pub fn number_from(&mut self, cxid: i32) {
        self.next_cxid = cxid;
    }

    /// The number of the next request.
    #[must_use]
    pub fn next_cxid(&self) -> i32 {
        self.next_cxid
    }

    /// Asks, and waits for the answer; events that come before it are kept.
    ///
    /// # Errors
    /// The connection is lost: whether the request was done is not known then.
    pub fn request(&mut self, op: &Op) -> Outcome {
        let sent = self.send(op)?;
        // A server answers every ping with this number.
        let cxid = if *op == Op::Ping { -2 } else { sent };
        self.answer_to(cxid, op.opcode())
    }

    fn answer_to(&mut self, cxid: i32, opcode: i32) -> Outcome {
        loop {
            match self.receive(|_| Some(opcode))? {
                FromServer::Event(event) => self.events.push_back(event),
                FromServer::Reply(reply) => {
                    if reply.cxid != cxid {
                        let what = format!("answer to {} instead of {cxid}", reply.cxid);
                        return Err(io::Error::new(io::ErrorKind::InvalidData, what));
                    }
                    return Ok(self.note(reply));
                }
            }
        }
    }

    /// Asks, where the answer has the number of the question whatever was asked.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn request_as_sent(&mut self, op: &Op) -> Outcome {
        let sent = self.send(op)?;
        self.answer_to(sent, op.opcode())
    }

    /// One step of a SASL exchange.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn sasl(&mut self, token: Option<&[u8]>) -> Outcome {
        let cxid = self.next_cxid;
        self.next_cxid += 1;
        let mut out = BytesMut::new();
        frame::put_frame(&mut out, |out| {
            out.put_i32(cxid);
            out.put_i32(SASL);
            put_buffer(out, token);
        });
        self.stream.write_all(&out)?;
        self.answer_to(cxid, SASL)
    }

    /// Sends without waiting; returns the request's number.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn send(&mut self, op: &Op) -> io::Result<i32> {
        let cxid = self.next_cxid;
        self.next_cxid += 1;
        let mut out = BytesMut::new();
        frame::put_frame(&mut out, |out| encode_request(cxid, op, out));
        self.stream.write_all(&out)?;
        Ok(cxid)
    }

    /// Waits for whatever comes next; `opcode_of` tells which operation a number was.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn receive(
        &mut self,
        opcode_of: impl FnOnce(i32) -> Option<i32>,
    ) -> io::Result<FromServer> {
        let payload = read_frame(&mut self.stream, &mut self.input)?;
        decode_from_server(&payload, opcode_of).map_err(invalid)
    }

    fn note(&mut self, reply: Reply) -> Result<ReplyBody, ErrorCode> {
        self.zxid = self.zxid.max(reply.zxid);
        reply.result
    }

    /// Creates a persistent node with an open list.
    ///
    /// # Errors
    /// The connection is lost.
    pub fn create(&mut self, path: &str, data: &[u8]) -> Outcome {
        self.request(&create(path, data, 0))
    }

    /// Reads a node; `None` if it is not there.
    ///
    /// # Errors
    /// The connection is lost, or the server answers with another error than NoNode.
    pub fn get(&mut self, path: &str) -> io::Result<Option<(Option<Bytes>, Stat)>> {
        let op = Op::GetData { path: Some(path.to_owned()), watch: false };
        match self.request(&op)? {
            Ok(ReplyBody::Data { data, stat }) => Ok(Some((data, stat))),
            Err(ErrorCode::NoNode) => Ok(None),
            other => Err(invalid(format!("getData {path} was answered with {other:?}"))),
        }
    }

    /// The names of a node's children, sorted; none if it is not there.
    ///
    /// # Errors
    /// The connection is lost, or the server answers with another error than NoNode.
    pub fn children(&mut self, path: &str) -> io::Result<Vec<String>> {
        let op = Op::GetChildren { path: Some(path.to_owned()), watch: false };
        match self.request(&op)? {
            Ok(ReplyBody::Children(mut children)) => {
                children.sort();
                Ok(children)
            }
            Err(ErrorCode::NoNode) => Ok(Vec::new()),
            other => Err(invalid(format!("getChildren {path} was answered with {other:?}"))),
        }
    }

    /// Waits until this server has everything that was decided before.
    ///
    /// # Errors
    /// The connection is lost, or the server answers with an error.
    pub fn sync(&mut self) -> io::Result<()> {
        match self.request(&Op::Sync { path: Some("/".to_owned()) })? {
            Ok(_) => Ok(()),
            Err(error) => Err(invalid(format!("sync was answered with {error}"))),
        }
    }

    /// Ends the session.
    ///
    /// # Errors
    /// The connection is lost before the answer.
    pub fn close(mut self) -> io::Result<()> {
        self.request(&Op::CloseSession).map(|_| ())
    }
}

fn asking_for(session: SessionId, password: [u8; 16], zxid: Zxid) -> ConnectRequest {
    ConnectRequest {
        protocol_version: 0,
        last_zxid_seen: zxid,
        timeout_ms: 10_000,
        session,
        password: Some(Bytes::copy_from_slice(&password)),
        read_only: Some(false),
    }
}

/// A create request with an open list.
#[must_use]
pub fn create(path: &str, data: &[u8], flags: i32) -> Op {
    Op::Create {
        op: CreateOp::Create,
        path: Some(path.to_owned()),
        data: Some(Bytes::copy_from_slice(data)),
        acl: Some(vec![Acl::open()]),
        flags,
        ttl_ms: -1,
    }
}

fn read_frame(stream: &mut TcpStream, input: &mut BytesMut) -> io::Result<Bytes> {
    let mut chunk = [0; 16 * 1024];
    loop {
        if let Some(payload) = frame::take_frame(input, 0, MAX_FRAME).map_err(invalid)? {
            return Ok(payload);
        }
        match stream.read(&mut chunk)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => input.extend_from_slice(&chunk[..read]),
        }
    }
}

fn invalid(error: impl ToString) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error.to_string())
}
