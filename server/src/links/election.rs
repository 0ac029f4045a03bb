//! The election port: one connection a pair of servers, kept by the larger id
//! (docs/protocol.md, Q3).
//!
//! Every server listens as long as it lives, in every role. A smaller id that dials a larger one
//! only rings: it says who it is, hangs up, and is called back.

use super::door::Door;
use super::framed::{Connection, Decoder};
use super::{Link, LinkEvent, election_addresses};
use crate::core_loop::Event;
use crate::tls::Stream;
use bytes::BytesMut;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use vivarium_protocol::base::Config;
use vivarium_protocol::message::Channel;
use vivarium_protocol::wire::election::{
    HandshakeVersion, InitialMessage, decode_handshake, encode_handshake,
};

/// How long the ringer waits to be called back before the attempt counts as failed.
const CALL_BACK: Duration = Duration::from_millis(1000);

/// What connections of the election port have in common.
#[derive(Clone)]
pub struct Port {
    /// The configuration.
    pub config: Arc<Config>,
    /// The core loop's mailbox.
    pub events: mpsc::Sender<Event>,
    /// Numbers connections.
    pub generations: Arc<AtomicU64>,
    /// What guards the port.
    pub door: Arc<Door>,
}

impl Port {
    fn connection(&self, link: Link, dialled: bool, stream: Stream, input: BytesMut) -> Connection {
        Connection {
            link,
            dialled,
            stream,
            input,
            decoder: Decoder::new(Channel::Election),
            events: self.events.clone(),
            patience: Duration::from_millis(self.config.sync_limit_ms().max(1000)),
        }
    }

    /// Accepts connections for as long as the server lives.
    pub async fn accept(self, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, address)) => {
                    let port = self.clone();
                    tokio::spawn(async move {
                        if let Err(error) = port.receive(stream).await {
                            tracing::warn!("election connection from {address} refused: {error}");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!("the election port can't accept: {error}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn receive(self, stream: TcpStream) -> Result<(), super::framed::LinkError> {
        let limit = self.door.settings().hello_limit;
        let mut stream = self.door.accept(stream, limit).await?;
        self.door.watch(&stream)?;
        let mut input = BytesMut::new();
        let read = tokio::time::timeout(limit, read_handshake(&mut stream, &mut input)).await;
        let hello = read.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        self.door.identify(&mut stream, &mut input, limit).await?;
        if hello.id < self.config.id {
            drop(stream);
            let rung = LinkEvent::Rung { peer: hello.id, addresses: dialable(hello.addresses) };
            // The core loop is gone only when the whole server is.
            let _ = self.events.send(Event::Link(rung)).await;
        } else if hello.id > self.config.id {
            let generation = self.generations.fetch_add(1, Ordering::Relaxed);
            let link = Link { peer: hello.id, channel: Channel::Election, generation };
            self.connection(link, false, stream, input).run(None).await;
        } else {
            tracing::warn!("a server with this server's own id {} connected", hello.id);
        }
        Ok(())
    }

    /// Dials a peer; `attempt` carries the number by which a failure is reported.
    pub async fn dial(self, attempt: Link, addresses: Vec<(String, u16)>) {
        let peer = attempt.peer;
        let why = match self.greet(&addresses).await {
            Ok(stream) if peer < self.config.id => {
                return self.connection(attempt, true, stream, BytesMut::new()).run(None).await;
            }
            Ok(stream) => {
                ring(stream).await;
                "it was rung and has not called back".to_owned()
            }
            Err(error) => error.to_string(),
        };
        // The core loop is gone only when the whole server is.
        let _ = self.events.send(Event::Link(LinkEvent::Unreachable { attempt, why })).await;
    }

    async fn greet(&self, addresses: &[(String, u16)]) -> io::Result<Stream> {
        let settings = self.door.settings();
        let mut stream = self.door.dial(addresses, settings.dial_limit).await?;
        self.door.watch(&stream)?;
        let mut hello = BytesMut::new();
        encode_handshake(&self.hello(), &mut hello);
        // In one write: ZooKeeper reads the address with one call.
        stream.write_all(&hello).await?;
        stream.flush().await?;
        self.door.introduce(&mut stream, settings.hello_limit).await?;
        Ok(stream)
    }

    fn hello(&self) -> InitialMessage {
        let several = self.door.settings().several;
        let own = self.config.ensemble.members.get(&self.config.id);
        let mut addresses = own.map(election_addresses).unwrap_or_default();
        if !several {
            addresses.truncate(1);
        }
        let version = if several { HandshakeVersion::V2 } else { HandshakeVersion::V1 };
        InitialMessage { version, id: self.config.id, addresses }
    }
}

/// Hangs up on a larger id that has been told who rings, and gives it time to call back.
///
/// What it still says is read: a socket that is closed with something unread may take back what
/// was written.
async fn ring(mut stream: Stream) {
    let hang_up = async {
        // It may have hung up first.
        let _ = stream.shutdown().await;
        let mut rest = [0; 512];
        while stream.read(&mut rest).await.is_ok_and(|count| count > 0) {}
    };
    let _ = tokio::join!(tokio::time::timeout(CALL_BACK, hang_up), tokio::time::sleep(CALL_BACK));
}

async fn read_handshake(
    stream: &mut Stream,
    input: &mut BytesMut,
) -> Result<InitialMessage, super::framed::LinkError> {
    loop {
        if let Some(hello) = decode_handshake(input)? {
            return Ok(hello);
        }
        if stream.read_buf(input).await? == 0 {
            return Err(super::framed::LinkError::Closed);
        }
    }
}

/// Without wildcard hosts, which say nothing about where the peer is.
fn dialable(addresses: Vec<(String, u16)>) -> Vec<(String, u16)> {
    let wildcard = |host: &str| host.parse().is_ok_and(|ip: std::net::IpAddr| ip.is_unspecified());
    addresses.into_iter().filter(|(host, _)| !wildcard(host)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wildcard_host_is_no_place_to_call_back() {
        let named = |host: &str| (host.to_owned(), 3888);
        let all = vec![named("0.0.0.0"), named("10.0.0.7"), named("::"), named("zk1")];
        assert_eq!(dialable(all), [named("10.0.0.7"), named("zk1")]);
    }
}
