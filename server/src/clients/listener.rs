//! A client port: accepts, checks the limits, and starts a task for each connection.

use super::admission::Admission;
use super::stream::Speech;
use super::{ClientPort, ConnectionInfo, connection};
use socket2::SockRef;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};

/// Accepts clients for as long as the server lives.
pub async fn accept(
    listener: TcpListener,
    port: Arc<ClientPort>,
    speech: Speech,
    admission: Arc<Admission>,
) {
    loop {
        let (stream, address) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Usually too many open files; some connection will end.
                tracing::warn!("the client port can't accept: {error}");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let Some(place) = admission.admit(address.ip()) else {
            tracing::warn!("too many connections from {}: one is closed", address.ip());
            continue;
        };
        if let Err(error) = SockRef::from(&stream).set_keepalive(port.limits.keep_alive) {
            tracing::debug!("connection from {address}: {error}");
        }
        let (port, speech) = (Arc::clone(&port), speech.clone());
        tokio::spawn(async move {
            serve(stream, address, &port, &speech).await;
            drop(place);
        });
    }
}

async fn serve(stream: TcpStream, address: SocketAddr, port: &ClientPort, speech: &Speech) {
    let patience = port.limits.flow.sessionless;
    let opening = tokio::time::timeout(patience, speech.open(stream, address)).await;
    let (stream, subject) = match opening {
        Ok(Ok(opened)) => opened,
        Ok(Err(error)) => return tracing::info!("{address} is not let in: {error}"),
        Err(_) => return tracing::info!("{address} takes too long for the TLS handshake"),
    };
    let ids = subject.map_or_else(Vec::new, |name| port.authentication.certificate_ids(&name));
    let info = Arc::new(ConnectionInfo::new(address, ids));
    if let Err(error) = connection::serve(stream, port, info).await {
        tracing::debug!("connection from {address}: {error}");
    }
}
