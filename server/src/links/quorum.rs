//! The quorum port: dialled by learners, listened on by the leader only (docs/protocol.md, Q5.2).

use super::door::Door;
use super::framed::{Connection, Decoder, LinkError};
use super::{Link, LinkEvent, dial, quorum_addresses};
use crate::core_loop::Event;
use crate::tls::Stream;
use bytes::BytesMut;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::Instant;
use vivarium_protocol::base::{Config, ServerId};
use vivarium_protocol::message::{Channel, Message, Packet};

/// How often a learner tries to reach its leader.
const ATTEMPTS: u32 = 5;
/// The pause before the port is tried again that can't be had, or can't accept.
const PAUSE: Duration = Duration::from_millis(100);

/// What connections of the quorum port have in common.
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
    fn limit(&self) -> Duration {
        Duration::from_millis(self.config.init_limit_ms().max(1))
    }

    /// Listens at every own address and accepts learners until dropped, which also hangs up on
    /// those that have not yet named themselves.
    pub async fn accept(self) {
        let own = self.config.ensemble.members.get(&self.config.id);
        let addresses = own.map(quorum_addresses).unwrap_or_default();
        let mut doors = JoinSet::new();
        for (host, port) in dial::listening(addresses, self.door.settings().all_addresses) {
            doors.spawn(self.clone().accept_at(host, port));
        }
        while doors.join_next().await.is_some() {}
    }

    async fn accept_at(self, host: String, port: u16) {
        let listener = listen(&host, port).await;
        let mut unnamed = JoinSet::new();
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        unnamed.spawn(self.clone().receive(stream));
                    }
                    Err(error) => {
                        tracing::warn!("the quorum port can't accept: {error}");
                        tokio::time::sleep(PAUSE).await;
                    }
                },
                Some(_) = unnamed.join_next() => {}
            }
        }
    }

    /// Reads until the learner has named itself; then the connection lives on its own.
    async fn receive(self, stream: TcpStream) {
        let address = stream.peer_addr().map_or_else(|_| "?".to_owned(), |it| it.to_string());
        match tokio::time::timeout(self.limit(), self.register(stream)).await {
            Ok(Ok((connection, first))) => {
                tokio::spawn(connection.run(Some(first)));
            }
            Ok(Err(error)) => tracing::warn!("learner at {address} refused: {error}"),
            Err(_) => tracing::warn!("learner at {address} refused: it did not name itself"),
        }
    }

    async fn register(&self, stream: TcpStream) -> Result<(Connection, Message), LinkError> {
        let mut stream = self.door.accept(stream, self.limit()).await?;
        let mut decoder = Decoder::new(Channel::Quorum);
        let mut input = BytesMut::new();
        self.door.identify(&mut stream, &mut input, self.limit()).await?;
        loop {
            if let Some(first) = decoder.next(&mut input)? {
                let peer = named(&first)?;
                let generation = self.generations.fetch_add(1, Ordering::Relaxed);
                let link = Link { peer, channel: Channel::Quorum, generation };
                return Ok((self.connection(link, false, stream, (input, decoder)), first));
            }
            if stream.read_buf(&mut input).await? == 0 {
                return Err(LinkError::Closed);
            }
        }
    }

    fn connection(
        &self,
        link: Link,
        dialled: bool,
        stream: Stream,
        (input, decoder): (BytesMut, Decoder),
    ) -> Connection {
        let (events, patience) = (self.events.clone(), self.limit());
        Connection { link, dialled, stream, input, decoder, events, patience }
    }

    /// Dials the leader; `attempt` carries the number by which a failure is reported.
    pub async fn dial(self, attempt: Link, addresses: Vec<(String, u16)>) {
        let why = match self.reach(&addresses).await {
            Ok(stream) => {
                let fresh = (BytesMut::new(), Decoder::new(Channel::Quorum));
                return self.connection(attempt, true, stream, fresh).run(None).await;
            }
            Err(error) => error.to_string(),
        };
        // The core loop is gone only when the whole server is.
        let _ = self.events.send(Event::Link(LinkEvent::Unreachable { attempt, why })).await;
    }

    async fn reach(&self, addresses: &[(String, u16)]) -> io::Result<Stream> {
        let pause = self.door.settings().reach_pause;
        let limit = Duration::from_millis(self.config.connect_limit_ms());
        let deadline = Instant::now() + limit;
        let mut tries = 0;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            tries += 1;
            match self.door.dial(addresses, left).await {
                Ok(mut stream) => {
                    self.door.introduce(&mut stream, self.limit()).await?;
                    return Ok(stream);
                }
                Err(error) if tries >= ATTEMPTS || Instant::now() + pause >= deadline => {
                    return Err(error);
                }
                Err(_) => tokio::time::sleep(pause).await,
            }
        }
    }
}

/// Listens at one address, however long that takes.
async fn listen(host: &str, port: u16) -> TcpListener {
    let mut told = false;
    loop {
        match dial::listen(host, port).await {
            Ok(listener) => {
                tracing::info!("listening for learners on {host}:{port}");
                return listener;
            }
            Err(error) if !told => {
                tracing::error!("can't listen for learners on {host}:{port}: {error}");
                told = true;
            }
            Err(_) => {}
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// Who a learner says that it is.
fn named(first: &Message) -> Result<ServerId, LinkError> {
    match first {
        Message::Packet(Packet::FollowerInfo(info) | Packet::ObserverInfo(info)) => Ok(info.id),
        Message::Packet(packet) => {
            let why = format!("it began with {} instead of its name", packet.kind().name());
            Err(LinkError::Io(io::Error::new(io::ErrorKind::InvalidData, why)))
        }
        Message::Notification(_) => {
            let why = "a notification came by the quorum port";
            Err(LinkError::Io(io::Error::new(io::ErrorKind::InvalidData, why)))
        }
    }
}
