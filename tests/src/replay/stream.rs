//! A connection of the quorum port, from the other end.

use bytes::BytesMut;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;
use vivarium_protocol::message::Packet;
use vivarium_protocol::wire::quorum::{PacketDecoder, encode_packet};

/// How long our server may take to say something.
const PATIENCE: Duration = Duration::from_secs(20);

/// The connection.
pub struct Stream {
    socket: TcpStream,
    decoder: PacketDecoder,
    input: BytesMut,
}

impl Stream {
    /// Over an open socket.
    ///
    /// # Panics
    /// When the socket can't be configured.
    #[must_use]
    pub fn new(socket: TcpStream) -> Stream {
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
        socket.set_nodelay(true).expect("a socket has no delay");
        Stream { socket, decoder: PacketDecoder::default(), input: BytesMut::new() }
    }

    /// Sends recorded bytes.
    ///
    /// # Panics
    /// When the other end has hung up.
    pub fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("our server listens");
    }

    /// The next packet, and its bytes as they would be written.
    ///
    /// # Panics
    /// When the other end hangs up or says nothing.
    pub fn next(&mut self, expected: &str) -> Packet {
        loop {
            if let Some(packet) = self.decoder.decode(&mut self.input).expect("it decodes") {
                return packet;
            }
            let mut chunk = [0; 16 * 1024];
            let read = self.socket.read(&mut chunk);
            match read {
                Ok(0) => panic!("our server hung up instead of saying {expected}"),
                Ok(read) => self.input.extend_from_slice(&chunk[..read]),
                Err(error) => panic!("our server did not say {expected}: {error}"),
            }
        }
    }
}

/// A client's connection: frames as they are.
pub struct Frames {
    socket: TcpStream,
    input: BytesMut,
}

impl Frames {
    /// Connects.
    ///
    /// # Panics
    /// When nobody listens.
    #[must_use]
    pub fn connect(server: SocketAddr) -> Frames {
        let socket = TcpStream::connect(server).expect("our server listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
        Frames { socket, input: BytesMut::new() }
    }

    /// Sends recorded bytes.
    ///
    /// # Panics
    /// When the other end has hung up.
    pub fn send(&mut self, bytes: &[u8]) {
        self.socket.write_all(bytes).expect("our server listens");
    }

    /// The next frame with its length.
    ///
    /// # Panics
    /// When the other end hangs up or says nothing.
    pub fn frame(&mut self) -> BytesMut {
        loop {
            let length =
                self.input.first_chunk::<4>().map(|it| u32::from_be_bytes(*it) as usize + 4);
            if let Some(length) = length.filter(|length| *length <= self.input.len()) {
                return self.input.split_to(length);
            }
            let mut chunk = [0; 16 * 1024];
            let read = self.socket.read(&mut chunk).expect("our server answers");
            assert!(read > 0, "our server hung up on the client");
            self.input.extend_from_slice(&chunk[..read]);
        }
    }
}

/// A packet's bytes, as text.
#[must_use]
pub fn hex(packet: &Packet) -> String {
    let mut out = BytesMut::new();
    encode_packet(packet, &mut out);
    out.iter().map(|byte| format!("{byte:02x}")).collect()
}
