//! Making connections: names resolved anew for each attempt, sockets without delay.

use std::io;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};

/// How many connections may wait to be accepted, unless told otherwise.
pub const BACKLOG: u32 = 1024;

/// Connects to the first address of `host` that answers within `limit`.
///
/// # Errors
/// No such host, nobody listens, or the time is up.
pub async fn connect(host: &str, port: u16, limit: Duration) -> io::Result<TcpStream> {
    let attempt = async {
        let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
        for address in lookup_host((host, port)).await? {
            match TcpStream::connect(address).await {
                Ok(stream) => {
                    stream.set_nodelay(true)?;
                    return Ok(stream);
                }
                Err(error) => failure = error,
            }
        }
        Err(failure)
    };
    match tokio::time::timeout(limit, attempt).await {
        Ok(connected) => connected,
        Err(_) => Err(io::Error::new(io::ErrorKind::TimedOut, format!("no answer in {limit:?}"))),
    }
}

/// Listens on an address, also while old connections of that port are still winding down.
///
/// # Errors
/// The port is in use, or the address is not this machine's.
pub async fn listen(host: &str, port: u16) -> io::Result<tokio::net::TcpListener> {
    listen_with(host, port, BACKLOG).await
}

/// The same with a backlog of one's own: how many connections may wait to be accepted.
///
/// # Errors
/// As for [`listen`].
pub async fn listen_with(
    host: &str,
    port: u16,
    backlog: u32,
) -> io::Result<tokio::net::TcpListener> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in lookup_host((host, port)).await? {
        let socket = match address {
            std::net::SocketAddr::V4(_) => tokio::net::TcpSocket::new_v4()?,
            std::net::SocketAddr::V6(_) => tokio::net::TcpSocket::new_v6()?,
        };
        socket.set_reuseaddr(true)?;
        match socket.bind(address).and_then(|()| socket.listen(backlog)) {
            Ok(listener) => return Ok(listener),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}
