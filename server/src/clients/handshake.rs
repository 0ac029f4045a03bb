//! The first frame of a client: a new session, an old one, or a four-letter word
//! (docs/protocol.md, C2.1 and C2.3).
//!
//! Invariant: a session is refused only when its authority says that it is gone, or its password is
//! wrong. Every transient trouble closes the connection without an answer, since clients take a
//! refusal for the end of their session.

use super::ClientPort;
use super::connection::{Closed, Socket};
use crate::admin::four_letter;
use crate::replica::ToConnection;
use std::sync::atomic::Ordering;
use std::time::Instant;
use tokio::sync::mpsc;
use vivarium_protocol::Input;
use vivarium_protocol::base::{ConnectionId, SessionId};
use vivarium_protocol::message::{Op, ReplyBody, Request};
use vivarium_protocol::replica::ToClient;
use vivarium_protocol::service;
use vivarium_protocol::wire::client::{
    ConnectRequest, ConnectResponse, decode_connect_request, encode_connect_response,
};
use vivarium_protocol::wire::frame;

/// A session that goes on at this connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Its negotiated timeout, milliseconds.
    pub timeout_ms: i32,
}

/// Reads the first frame. `None`: it was a four-letter word, and it is answered.
///
/// # Errors
/// Whatever ends the connection.
pub async fn greet(
    socket: &mut Socket,
    port: &ClientPort,
) -> Result<Option<ConnectRequest>, Closed> {
    let patience = port.limits.flow.sessionless;
    let reading = tokio::time::timeout(patience, first_frame(socket, port)).await;
    reading.map_err(|_| Closed::Silent)?
}

async fn first_frame(
    socket: &mut Socket,
    port: &ClientPort,
) -> Result<Option<ConnectRequest>, Closed> {
    let word = loop {
        match socket.input.first_chunk::<4>() {
            Some(word) => break *word,
            None => socket.fill().await?,
        }
    };
    if let Some(answer) = four_letter::answer(word, port).await {
        socket.output.extend_from_slice(answer.as_bytes());
        socket.finish().await?;
        return Ok(None);
    }
    {
        let replica = port.replica().look();
        if !replica.serving() && !replica.read_only() {
            return Err(Closed::NotServing);
        }
    }
    loop {
        if let Some(payload) = frame::take_frame(&mut socket.input, 0, port.limits.max_frame)? {
            return Ok(Some(decode_connect_request(&payload)?));
        }
        socket.fill().await?;
    }
}

/// Brings the session about and answers the client; `None` when the session was refused.
///
/// # Errors
/// Whatever ends the connection.
pub async fn connect(
    socket: &mut Socket,
    port: &ClientPort,
    origin: ConnectionId,
    request: &ConnectRequest,
    mailbox: &mut mpsc::Receiver<ToConnection>,
) -> Result<Option<Session>, Closed> {
    if !port.connections.admits(cost(port, request), Instant::now()) {
        return Err(Closed::Throttled);
    }
    let (here, reads_only) = {
        let replica = port.replica().look();
        (replica.reply_zxid(), replica.read_only())
    };
    if reads_only && request.read_only != Some(true) {
        tracing::debug!("a client that wants to write must try another server");
        return Err(Closed::NotServing);
    }
    let seen = request.last_zxid_seen;
    if seen > here {
        tracing::info!("a client has seen {seen}, this server only {here}: it must try another");
        return Err(Closed::ClientAhead);
    }
    let timeout_ms = negotiate(port, request.timeout_ms);
    let session = if request.session.0 == 0 {
        Some(open(port, origin, timeout_ms, mailbox).await?)
    } else if request.password.as_deref() == Some(&service::password(request.session)[..]) {
        resume(port, origin, request.session, timeout_ms, mailbox).await?
    } else {
        tracing::warn!("wrong password for session {}", request.session);
        None
    };
    let read_only = request.read_only.map(|_| reads_only);
    let response = match session {
        Some(Session { id, timeout_ms }) => ConnectResponse {
            protocol_version: 0,
            timeout_ms,
            session: id,
            password: service::password(id),
            read_only,
        },
        None => ConnectResponse::refused(read_only),
    };
    frame::put_frame(&mut socket.output, |out| encode_connect_response(&response, out));
    port.stats.sent.fetch_add(1, Ordering::Relaxed);
    Ok(session)
}

/// How many tokens a connection costs.
fn cost(port: &ClientPort, request: &ConnectRequest) -> u64 {
    let [global, local, renewed] = port.limits.flow.connections.weights;
    match request.session.0 {
        0 if port.shared.config.local_sessions => local,
        0 => global,
        _ => renewed,
    }
}

/// The timeout within the server's bounds.
fn negotiate(port: &ClientPort, wanted_ms: i32) -> i32 {
    let bound = |ms: u64| i32::try_from(ms).unwrap_or(i32::MAX);
    let config = &port.shared.config;
    let least = bound(config.min_session_timeout_ms);
    wanted_ms.clamp(least, bound(config.max_session_timeout_ms).max(least))
}

async fn open(
    port: &ClientPort,
    origin: ConnectionId,
    timeout_ms: i32,
    mailbox: &mut mpsc::Receiver<ToConnection>,
) -> Result<Session, Closed> {
    let (session, op) = (port.draw_session(), Op::CreateSession { timeout_ms });
    let request = Request { session, cxid: 0, op, auth: Vec::new() };
    submit(port, Input::Submitted { request, origin }).await?;
    match mailbox.recv().await {
        Some(ToConnection::Client(ToClient::Reply(reply))) => match reply.result {
            Ok(ReplyBody::Connected { timeout_ms, session, .. }) => {
                Ok(Session { id: session, timeout_ms })
            }
            Ok(_) | Err(_) => Err(Closed::NotServing),
        },
        // A session that only this server knows needs no transaction.
        Some(ToConnection::Revalidated { session, timeout_ms, valid: true }) => {
            Ok(Session { id: session, timeout_ms })
        }
        Some(_) | None => Err(Closed::NotServing),
    }
}

async fn resume(
    port: &ClientPort,
    origin: ConnectionId,
    session: SessionId,
    timeout_ms: i32,
    mailbox: &mut mpsc::Receiver<ToConnection>,
) -> Result<Option<Session>, Closed> {
    submit(port, Input::Resumed { session, timeout_ms, origin }).await?;
    let answer = mailbox.recv().await;
    let Some(ToConnection::Revalidated { session, timeout_ms, valid }) = answer else {
        return Err(Closed::NotServing);
    };
    Ok(valid.then_some(Session { id: session, timeout_ms }))
}

async fn submit(port: &ClientPort, input: Input) -> Result<(), Closed> {
    port.shared.core.send(input).await.map_err(|_| Closed::NotServing)
}
