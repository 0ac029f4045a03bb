//! The client port: accepts, checks the limits, and starts a task for each connection.

use super::admission::Admission;
use super::{ClientPort, ConnectionInfo, connection};
use socket2::SockRef;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Accepts clients for as long as the server lives.
pub async fn accept(listener: TcpListener, port: Arc<ClientPort>) {
    let limits = &port.limits;
    let admission = Admission::new(limits.max_connections_per_ip, limits.max_connections);
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
        if let Err(error) = SockRef::from(&stream).set_keepalive(limits.keep_alive) {
            tracing::debug!("connection from {address}: {error}");
        }
        let port = Arc::clone(&port);
        tokio::spawn(async move {
            let info = Arc::new(ConnectionInfo::new(address, Vec::new()));
            if let Err(error) = connection::serve(stream, &port, info).await {
                tracing::debug!("connection from {address}: {error}");
            }
            drop(place);
        });
    }
}
