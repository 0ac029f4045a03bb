//! One client connection: its socket, from the first byte to the last.
//!
//! Invariants:
//! 1. Nothing is read from a client that has too much under way, or does not read its answers.
//! 2. When the mailbox ends, what is written goes out and the connection closes; the core is told,
//!    and the watches go.

use super::conversation::Conversation;
use super::handshake::{self, Session};
use super::stream::Stream;
use super::throttle::NoRoom;
use super::{ClientPort, ConnectionInfo};
use crate::replica::ToConnection;
use bytes::{Buf, BytesMut};
use std::future::poll_fn;
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Poll, ready};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::mpsc;
use vivarium_protocol::Input;
use vivarium_protocol::base::ConnectionId;
use vivarium_protocol::replica::ToClient;
use vivarium_protocol::wire::client::RequestError;
use vivarium_protocol::wire::{DecodeError, frame};

/// What waits for the socket, in bytes, before requests are no longer read, nor answered.
pub const UNREAD_PAUSE: usize = 1 << 20;
/// What waits for the socket, in bytes, before an event more closes the connection.
const UNREAD_LIMIT: usize = 64 << 20;
/// How long a closing connection may take to accept its last answers.
const FAREWELL: Duration = Duration::from_millis(1000);

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub enum Closed {
    /// The socket failed.
    #[error("the socket: {0}")]
    Io(#[from] io::Error),
    /// The client closed it.
    #[error("closed by the client")]
    ByClient,
    /// A frame of impossible length.
    #[error("{0}")]
    Frame(#[from] frame::FrameError),
    /// Bytes that are no request.
    #[error("{0}")]
    Decode(#[from] DecodeError),
    /// A request that ends the connection.
    #[error("{0}")]
    Request(#[from] RequestError),
    /// The client named an ensemble that this is not.
    #[error("the client means another ensemble")]
    AnotherEnsemble,
    /// A SASL request without a token.
    #[error("a SASL request has no token")]
    NoToken,
    /// This server serves nobody now.
    #[error("not serving")]
    NotServing,
    /// The client has seen more than this server.
    #[error("the client is ahead")]
    ClientAhead,
    /// There is no token for one more connection.
    #[error("connections come too fast (connection_throttle_tokens)")]
    Throttled,
    /// A request waited too long for its turn.
    #[error("a request waited longer than its session's timeout")]
    Stale,
    /// A large request did not fit beside the others.
    #[error("{0}")]
    NoRoom(#[from] NoRoom),
    /// No session within the time for it.
    #[error("no session was asked for in time")]
    Silent,
    /// The client does not read its answers.
    #[error("the client does not read its answers")]
    SlowReader,
}

/// The socket with what was read and is not yet used, and what is to be written.
pub struct Socket {
    stream: Stream,
    /// Whether TLS may hold back some of what it was given to write.
    unsent: bool,
    /// Read and not yet used.
    pub input: BytesMut,
    /// Encoded and not yet written.
    pub output: BytesMut,
    /// When something was last read.
    pub read_at: Instant,
}

impl Socket {
    /// Reads more.
    ///
    /// # Errors
    /// The end of the stream, or a failure.
    pub async fn fill(&mut self) -> Result<(), Closed> {
        match self.stream.read_buf(&mut self.input).await? {
            0 => Err(Closed::ByClient),
            _ => {
                self.read_at = Instant::now();
                Ok(())
            }
        }
    }

    /// Writes what is left, for as long as that is worth it, and closes this end. What the client
    /// still sends is read and dropped until it hangs up, too: a socket that is closed with
    /// something unread takes back what was written.
    ///
    /// # Errors
    /// When the client does not take it.
    pub async fn finish(&mut self) -> Result<(), Closed> {
        let write = async {
            self.stream.write_all_buf(&mut self.output).await?;
            self.stream.shutdown().await
        };
        match tokio::time::timeout(FAREWELL, write).await {
            Ok(written) => written?,
            Err(_) => return Err(Closed::SlowReader),
        }
        let hear_out = async {
            loop {
                self.input.clear();
                if !self.stream.read_buf(&mut self.input).await.is_ok_and(|count| count > 0) {
                    return;
                }
            }
        };
        // Whoever does not hang up is hung up on.
        let _ = tokio::time::timeout(FAREWELL, hear_out).await;
        Ok(())
    }

    /// Reads if `willing`, and writes if there is something to write, whichever goes first.
    async fn exchange(&mut self, willing: bool) -> Result<(), Closed> {
        let Socket { stream, input, output, unsent, read_at } = self;
        poll_fn(|context| {
            if !output.is_empty() {
                if let Poll::Ready(written) = Pin::new(&mut *stream).poll_write(context, output) {
                    output.advance(written?);
                    *unsent = true;
                    return Poll::Ready(Ok(()));
                }
            } else if *unsent && let Poll::Ready(sent) = Pin::new(&mut *stream).poll_flush(context)
            {
                sent?;
                *unsent = false;
            }
            if !willing {
                return Poll::Pending;
            }
            match ready!(pin!(stream.read_buf(input)).poll(context))? {
                0 => Poll::Ready(Err(Closed::ByClient)),
                _ => {
                    *read_at = Instant::now();
                    Poll::Ready(Ok(()))
                }
            }
        })
        .await
    }
}

/// Serves a connection to its end.
///
/// # Errors
/// Why it ended, unless it ended well.
pub async fn serve(
    stream: Stream,
    port: &ClientPort,
    info: Arc<ConnectionInfo>,
) -> Result<(), Closed> {
    let (input, output) = (BytesMut::new(), BytesMut::new());
    let mut socket = Socket { stream, unsent: false, input, output, read_at: Instant::now() };
    let (origin, mut mailbox) = port.replica().open(Arc::clone(&info));
    let mut session = None;
    let ended = serve_open(&mut socket, port, origin, &mut mailbox, &info, &mut session).await;
    port.replica().forget(origin, session.map(|it| it.id));
    // The core loop is gone only when the whole server is.
    let _ = port.shared.core.send(Input::Disconnected { origin }).await;
    ended
}

async fn serve_open(
    socket: &mut Socket,
    port: &ClientPort,
    origin: ConnectionId,
    mailbox: &mut mpsc::Receiver<ToConnection>,
    info: &ConnectionInfo,
    session: &mut Option<Session>,
) -> Result<(), Closed> {
    let Some(request) = handshake::greet(socket, port).await? else { return Ok(()) };
    info.received.fetch_add(1, Ordering::Relaxed);
    port.stats.received.fetch_add(1, Ordering::Relaxed);
    *session = handshake::connect(socket, port, origin, &request, mailbox).await?;
    let Some(session) = *session else { return socket.finish().await };
    let mut conversation = Conversation::begin(port, origin, info, session);
    loop {
        conversation.take_requests(socket, mailbox, socket_is_willing)?;
        if conversation.is_closing() {
            return socket.finish().await;
        }
        let waits = conversation.is_waiting_for_turn();
        let willing = !waits && conversation.has_room() && socket_is_willing(socket);
        tokio::select! {
            message = mailbox.recv() => match message {
                // Answers are held back instead, but an event that is left out is a lie.
                Some(ToConnection::Client(ToClient::Event(_)))
                    if socket.output.len() > UNREAD_LIMIT =>
                {
                    return Err(Closed::SlowReader);
                }
                Some(message) => conversation.on_message(message, socket, mailbox),
                None => return socket.finish().await,
            },
            permit = port.shared.core.reserve(), if conversation.is_waiting_for_core() => {
                match permit {
                    Ok(permit) => conversation.submit_next(permit),
                    Err(_) => conversation.forget_submissions(),
                }
            }
            turn = conversation.turn(), if waits => conversation.granted(turn),
            exchanged = socket.exchange(willing) => exchanged?,
        }
    }
}

/// Whether the client reads its answers well enough to be given more.
fn socket_is_willing(socket: &Socket) -> bool {
    socket.output.len() < UNREAD_PAUSE
}
