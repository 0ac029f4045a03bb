//! A client below the codecs: whatever bytes a test wants to send, and whatever comes back.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection that has asked for a session, or has not.
#[derive(Debug)]
pub struct Raw {
    /// The socket.
    pub stream: TcpStream,
}

/// What a server sent: a reply's header with what follows it, or the end of the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// The number, the error and the body of a reply.
    Reply(i32, i32, Vec<u8>),
    /// The server closed the connection.
    Closed,
}

impl Raw {
    /// Connects, and says nothing yet.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn connect(server: SocketAddr) -> Raw {
        let stream = TcpStream::connect(server).expect("the server listens");
        let limit = Some(Duration::from_secs(30));
        stream.set_read_timeout(limit).expect("a socket takes a limit");
        stream.set_nodelay(true).expect("a socket can be told to hurry");
        Raw { stream }
    }

    /// Connects and opens a session with this timeout.
    ///
    /// # Panics
    /// When the server gives none.
    #[must_use]
    pub fn with_session(server: SocketAddr, timeout_ms: i32) -> Raw {
        let mut raw = Raw::connect(server);
        raw.send(&hello(timeout_ms));
        raw.take_session();
        raw
    }

    /// Takes the answer to a handshake that was sent.
    ///
    /// # Panics
    /// When there is none, or it gives no session.
    pub fn take_session(&mut self) {
        let answer = self.frame().expect("the handshake is answered").expect("it is open");
        assert_eq!(answer.len(), 37, "a ConnectResponse with its last byte");
        assert!(answer[4..8] != [0; 4], "the session was refused");
    }

    /// Sends bytes as they are; a connection that is closed already is no error.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Waits for what the server says next.
    ///
    /// # Panics
    /// When it says nothing for half a minute, or no reply.
    #[must_use]
    pub fn hear(&mut self) -> Said {
        let frame = match self.frame() {
            Ok(Some(frame)) => frame,
            Ok(None) => return Said::Closed,
            Err(error) if is_end(&error) => return Said::Closed,
            Err(error) => panic!("the server says nothing: {error}"),
        };
        let number = |at: usize| i32::from_be_bytes(frame[at..at + 4].try_into().expect("four"));
        Said::Reply(number(0), number(12), frame[16..].to_vec())
    }

    fn frame(&mut self) -> io::Result<Option<Vec<u8>>> {
        let mut length = [0; 4];
        if self.stream.read(&mut length[..1])? == 0 {
            return Ok(None);
        }
        self.stream.read_exact(&mut length[1..])?;
        let length = usize::try_from(i32::from_be_bytes(length)).expect("a length of a server");
        let mut frame = vec![0; length];
        self.stream.read_exact(&mut frame)?;
        Ok(Some(frame))
    }
}

fn is_end(error: &io::Error) -> bool {
    use io::ErrorKind::{BrokenPipe, ConnectionReset, UnexpectedEof};
    matches!(error.kind(), BrokenPipe | ConnectionReset | UnexpectedEof)
}

/// A ConnectRequest in its frame, for a new session.
#[must_use]
pub fn hello(timeout_ms: i32) -> Vec<u8> {
    let mut body = vec![0; 12];
    body.extend(timeout_ms.to_be_bytes());
    body.extend([0; 8]);
    body.extend(16_i32.to_be_bytes());
    body.extend([0; 17]);
    framed(&body)
}

/// A request in its frame.
#[must_use]
pub fn request(xid: i32, opcode: i32, body: &[u8]) -> Vec<u8> {
    framed(&[&xid.to_be_bytes()[..], &opcode.to_be_bytes(), body].concat())
}

/// Bytes behind their length.
#[must_use]
pub fn framed(payload: &[u8]) -> Vec<u8> {
    let length = i32::try_from(payload.len()).expect("it is short");
    [&length.to_be_bytes()[..], payload].concat()
}

/// A string or buffer behind its length.
#[must_use]
pub fn sized(bytes: impl AsRef<[u8]>) -> Vec<u8> {
    framed(bytes.as_ref())
}
