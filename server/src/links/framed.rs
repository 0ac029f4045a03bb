//! One connection at work: bytes to messages in order, messages to bytes in order.
//!
//! Invariants:
//! 1. A message is handed on only when it is whole, and in the order of the bytes.
//! 2. What is queued goes out in order; a synchronisation is streamed in its place in that order.
//! 3. The end of either half ends both, and is reported once.
//!
//! How long a silent peer is borne is the core's decision, by its own deadlines; here only a write
//! that makes no progress ends the connection.

use super::{Link, LinkEvent, Outgoing, Synchronization};
use crate::core_loop::Event;
use crate::disk::{LogSource, StorageError};
use crate::disk_thread::read_log;
use crate::tls::Stream;
use bytes::BytesMut;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::mpsc;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::effects::SyncOperation;
use vivarium_protocol::message::{Channel, Image, Message, Packet, Txn};
use vivarium_protocol::replica;
use vivarium_protocol::wire::{election, frame, quorum};

/// What is encoded at once before it is written.
const WRITE_CHUNK: usize = 64 * 1024;
/// How many transactions of the log are read at once.
const LOG_CHUNK: usize = 1000;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The other end closed it.
    #[error("the other end closed the connection")]
    Closed,
    /// This end closed it.
    #[error("closed by this server")]
    ClosedHere,
    /// The socket failed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The other end sent what is no message.
    #[error("bytes that are no message: {0}")]
    Decode(#[from] vivarium_protocol::wire::DecodeError),
    /// The other end sent a frame of impossible length.
    #[error("{0}")]
    Frame(#[from] frame::FrameError),
    /// The other end takes nothing any more.
    #[error("the other end has not read for {0:?}")]
    Stuck(Duration),
    /// The leader sent an image of its tree that is none.
    #[error("the image of the tree is damaged: {0}")]
    Image(String),
    /// The own log could not be read for a synchronisation.
    #[error("the log can't be read: {0}")]
    Log(String),
}

/// Cuts the bytes of one channel into messages.
#[derive(Debug)]
pub enum Decoder {
    /// Frames with notifications.
    Election,
    /// Packets, and the stream after SNAP.
    Quorum(quorum::PacketDecoder),
}

impl Decoder {
    /// A decoder at the start of a connection (after the handshake of an election one).
    #[must_use]
    pub fn new(channel: Channel) -> Decoder {
        match channel {
            Channel::Election => Decoder::Election,
            Channel::Quorum => Decoder::Quorum(quorum::PacketDecoder::default()),
        }
    }

    /// The next message, or `None` if more bytes are needed.
    ///
    /// # Errors
    /// Bytes that no message begins with.
    pub fn next(&mut self, input: &mut BytesMut) -> Result<Option<Message>, LinkError> {
        match self {
            Decoder::Election => loop {
                let Some(payload) = frame::take_frame(input, 1, frame::MAX_NOTIFICATION)? else {
                    return Ok(None);
                };
                // ZooKeeper drops a notification that it cannot read, and keeps the connection.
                match election::decode_notification(&payload) {
                    Ok(notification) => return Ok(Some(Message::Notification(notification))),
                    Err(error) => tracing::warn!("a notification was dropped: {error}"),
                }
            },
            Decoder::Quorum(decoder) => Ok(decoder.decode(input)?.map(Message::Packet)),
        }
    }
}

/// One connection before it is set to work.
pub struct Connection {
    /// Its identity.
    pub link: Link,
    /// Whether this end dialled.
    pub dialled: bool,
    /// What is spoken over.
    pub stream: Stream,
    /// Bytes that were read already.
    pub input: BytesMut,
    /// The decoder, if it was used already.
    pub decoder: Decoder,
    /// The core loop's mailbox.
    pub events: mpsc::Sender<Event>,
    /// How long a write may make no progress.
    pub patience: Duration,
}

impl Connection {
    /// Reports the connection as up, works until it ends, reports its end. `first` is a message
    /// that was read already.
    pub async fn run(self, first: Option<Message>) {
        let Connection { link, dialled, stream, input, decoder, events, patience } = self;
        let (outbox, queue) = mpsc::channel(super::LINK_QUEUE);
        let mut reports = vec![LinkEvent::Up { link, dialled, outbox }];
        reports.extend(first.map(|message| LinkEvent::Received { link, message }));
        for report in reports {
            if events.send(Event::Link(report)).await.is_err() {
                return;
            }
        }
        let (reader, writer) = tokio::io::split(stream);
        let ended = tokio::select! {
            ended = read(link, reader, input, decoder, &events) => ended,
            ended = write(link.channel, writer, queue, patience) => ended,
        };
        let why = ended.err().unwrap_or(LinkError::ClosedHere).to_string();
        // The core loop is gone only when the whole server is.
        let _ = events.send(Event::Link(LinkEvent::Down { link, why })).await;
    }
}

async fn read(
    link: Link,
    mut reader: ReadHalf<Stream>,
    mut input: BytesMut,
    mut decoder: Decoder,
    events: &mpsc::Sender<Event>,
) -> Result<(), LinkError> {
    loop {
        while let Some(message) = decoder.next(&mut input)? {
            let message = check(message).await?;
            let received = Event::Link(LinkEvent::Received { link, message });
            if events.send(received).await.is_err() {
                return Ok(());
            }
        }
        if reader.read_buf(&mut input).await? == 0 {
            return Err(LinkError::Closed);
        }
    }
}

/// An image that is none must not reach the core: it would be on disk before anybody noticed.
async fn check(message: Message) -> Result<Message, LinkError> {
    let Message::Packet(Packet::Snap(image)) = &message else { return Ok(message) };
    let bytes = image.bytes.clone();
    let decoded = tokio::task::spawn_blocking(move || {
        replica::image::decode(&bytes).map(|(_, used)| used == bytes.len())
    });
    match decoded.await {
        Ok(Ok(true)) => Ok(message),
        Ok(Ok(false)) => Err(LinkError::Image("it goes on beyond its end".to_owned())),
        Ok(Err(error)) => Err(LinkError::Image(error.to_string())),
        Err(error) => Err(LinkError::Image(error.to_string())),
    }
}

/// Writes what is queued until the queue is dropped and empty.
async fn write(
    channel: Channel,
    stream: WriteHalf<Stream>,
    mut queue: mpsc::Receiver<Outgoing>,
    patience: Duration,
) -> Result<(), LinkError> {
    let mut out = Output { stream, bytes: BytesMut::new(), patience };
    while let Some(first) = queue.recv().await {
        let mut next = Some(first);
        while let Some(outgoing) = next {
            match outgoing {
                Outgoing::Message(message) => out.message(&message),
                Outgoing::Synchronize(it) => synchronize(*it, &mut out).await?,
            }
            next = (out.bytes.len() < WRITE_CHUNK).then(|| queue.try_recv().ok()).flatten();
        }
        out.flush().await?;
    }
    tracing::debug!("the {channel:?} link's queue is closed and written");
    // With TLS the other end is told that nothing was cut off; it may be gone already.
    let _ = tokio::time::timeout(out.patience, out.stream.shutdown()).await;
    Ok(())
}

/// The writing half with what is encoded and not yet written.
struct Output {
    stream: WriteHalf<Stream>,
    bytes: BytesMut,
    patience: Duration,
}

impl Output {
    fn message(&mut self, message: &Message) {
        match message {
            Message::Notification(notification) => frame::put_frame(&mut self.bytes, |out| {
                election::encode_notification(notification, out);
            }),
            Message::Packet(packet) => quorum::encode_packet(packet, &mut self.bytes),
        }
    }

    async fn flush(&mut self) -> Result<(), LinkError> {
        let mut rest = &self.bytes[..];
        while !rest.is_empty() {
            let written = tokio::time::timeout(self.patience, self.stream.write(rest)).await;
            let written = written.map_err(|_| LinkError::Stuck(self.patience))??;
            rest = &rest[written..];
        }
        self.bytes.clear();
        let flushed = tokio::time::timeout(self.patience, self.stream.flush()).await;
        Ok(flushed.map_err(|_| LinkError::Stuck(self.patience))??)
    }

    async fn decided(&mut self, txn: Arc<Txn>) -> Result<(), LinkError> {
        let zxid = txn.header.zxid;
        self.message(&Message::Packet(Packet::Proposal(txn)));
        self.message(&Message::Packet(Packet::Commit(zxid)));
        if self.bytes.len() >= WRITE_CHUNK { self.flush().await } else { Ok(()) }
    }
}

/// Whether the log still has what follows a transaction: old files may have been purged since the
/// core learnt what there is.
async fn reaches_back(log: &Arc<LogSource>, after: Zxid, upto: Zxid) -> Result<bool, LinkError> {
    let log = Arc::clone(log);
    let first =
        move || Ok(after >= upto || log.between(after, upto)?.next().transpose()?.is_some());
    match tokio::task::spawn_blocking(first).await {
        Ok(Ok(found)) => Ok(found),
        Ok(Err(StorageError::Gap { .. })) => Ok(false),
        Ok(Err(error)) => Err(LinkError::Log(error.to_string())),
        Err(error) => Err(LinkError::Log(error.to_string())),
    }
}

/// Brings a learner up to date, in the order that [`vivarium_protocol::effects::SyncPlan`] names.
async fn synchronize(sync: Synchronization, out: &mut Output) -> Result<(), LinkError> {
    let Synchronization { plan, tree, zxid, log } = sync;
    let mut sent = Zxid(i64::MIN);
    let operation = match plan.from_disk {
        Some((after, upto)) if !reaches_back(&log, after, upto).await? => {
            tracing::info!("the log no longer has what follows {after}: the tree is sent instead");
            SyncOperation::Snap
        }
        Some(_) | None => plan.operation,
    };
    match operation {
        SyncOperation::Diff(zxid) => out.message(&Message::Packet(Packet::Diff(zxid))),
        SyncOperation::Trunc(zxid) => out.message(&Message::Packet(Packet::Trunc(zxid))),
        SyncOperation::Snap => {
            let encode = move || {
                let mut bytes = BytesMut::new();
                replica::image::encode(&tree, &mut bytes);
                Image { zxid, bytes: bytes.freeze() }
            };
            let image = tokio::task::spawn_blocking(encode).await;
            let image = image.map_err(|error| LinkError::Log(error.to_string()))?;
            out.message(&Message::Packet(Packet::Snap(image)));
            sent = zxid;
        }
    }
    out.flush().await?;
    if let Some((after, upto)) = plan.from_disk {
        let mut after = after.max(sent);
        while after < upto {
            let log = Arc::clone(&log);
            let chunk =
                tokio::task::spawn_blocking(move || read_log(&log, after, upto, LOG_CHUNK)).await;
            let chunk = chunk.map_err(|error| LinkError::Log(error.to_string()))?;
            let chunk = chunk.map_err(|error| LinkError::Log(error.to_string()))?;
            let Some(last) = chunk.last() else {
                return Err(LinkError::Log(format!("nothing after {after}, {upto} was wanted")));
            };
            after = last.header.zxid;
            for txn in chunk {
                out.decided(txn).await?;
            }
        }
    }
    for txn in plan.committed.into_iter().filter(|txn| txn.header.zxid > sent) {
        out.decided(txn).await?;
    }
    for txn in plan.outstanding {
        out.message(&Message::Packet(Packet::Proposal(txn)));
    }
    out.flush().await
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::BufMut;
    use vivarium_protocol::base::{Epoch, ServerId};
    use vivarium_protocol::message::{Notification, PeerState, Vote};
    use vivarium_protocol::replica::DataTree;

    fn notification(round: i64) -> Notification {
        let vote = Vote { leader: ServerId(3), zxid: Zxid(7), peer_epoch: Epoch(1) };
        let state = PeerState::Looking;
        Notification { state, vote, round, version: 2, config: None }
    }

    #[test]
    fn messages_come_out_whole_however_the_bytes_arrive() {
        let mut bytes = BytesMut::new();
        for round in 0..3 {
            let it = notification(round);
            frame::put_frame(&mut bytes, |out| election::encode_notification(&it, out));
        }
        let mut decoder = Decoder::new(Channel::Election);
        let (mut input, mut rounds) = (BytesMut::new(), Vec::new());
        for byte in bytes {
            input.put_u8(byte);
            while let Some(Message::Notification(it)) = decoder.next(&mut input).expect("right") {
                rounds.push(it.round);
            }
        }
        assert_eq!(rounds, [0, 1, 2]);
    }

    #[test]
    fn a_notification_that_cannot_be_read_costs_only_itself() {
        let mut input = BytesMut::new();
        frame::put_frame(&mut input, |out| out.put_slice(b"short"));
        frame::put_frame(&mut input, |out| election::encode_notification(&notification(9), out));
        let next = Decoder::new(Channel::Election).next(&mut input).expect("it is dropped");
        assert!(matches!(next, Some(Message::Notification(it)) if it.round == 9));
    }

    #[tokio::test]
    async fn an_image_that_is_none_does_not_pass() {
        let mut bytes = BytesMut::new();
        replica::image::encode(&DataTree::new(), &mut bytes);
        let image = |bytes: BytesMut| {
            Message::Packet(Packet::Snap(Image { zxid: Zxid(1), bytes: bytes.freeze() }))
        };
        assert!(check(image(bytes.clone())).await.is_ok());
        let cut = bytes.split_to(bytes.len() / 2);
        assert!(matches!(check(image(cut)).await, Err(LinkError::Image(_))));
    }
}
