//! Making connections: names resolved anew for each attempt, sockets without delay.

use std::collections::BTreeSet;
use std::io;
use std::time::Duration;
use tokio::net::{TcpStream, lookup_host};
use tokio::task::JoinSet;

/// How many connections may wait to be accepted, unless told otherwise.
pub const BACKLOG: u32 = 1024;

/// How long an address of several is tried alone.
const HEAD_START: Duration = Duration::from_millis(250);

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

/// Connects to the address that answers first: each has a head start before the next. With the
/// connection comes the host by which it was reached.
///
/// # Errors
/// None answers within `limit`; the last one's reason.
pub async fn connect_any(
    addresses: &[(String, u16)],
    limit: Duration,
) -> io::Result<(TcpStream, String)> {
    let mut attempts = JoinSet::new();
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "its address is not known");
    let mut waiting = addresses.iter().cloned();
    let mut next = waiting.next();
    loop {
        if let Some((host, port)) = next.take() {
            attempts.spawn(async move {
                connect(&host, port, limit).await.map(|stream| (stream, host))
            });
        }
        if attempts.is_empty() {
            return Err(failure);
        }
        match tokio::time::timeout(HEAD_START, attempts.join_next()).await {
            Ok(Some(Ok(Ok(reached)))) => return Ok(reached),
            Ok(Some(Ok(Err(error)))) => failure = error,
            Ok(Some(Err(panic))) => failure = io::Error::other(panic),
            Ok(None) | Err(_) => {}
        }
        next = waiting.next();
    }
}

/// Where to listen: at each of one's addresses, or at their ports on every address there is.
#[must_use]
pub fn listening(addresses: Vec<(String, u16)>, everywhere: bool) -> BTreeSet<(String, u16)> {
    let place = |(host, port)| if everywhere { ("0.0.0.0".to_owned(), port) } else { (host, port) };
    addresses.into_iter().map(place).collect()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_several_addresses_the_one_that_answers_is_taken() {
        let listener = listen("127.0.0.1", 0).await.expect("a port is free");
        let alive = listener.local_addr().expect("it listens").port();
        let limit = Duration::from_secs(10);
        // Nobody can listen at the first without special rights.
        let both = [("127.0.0.1".to_owned(), 1), ("localhost".to_owned(), alive)];
        let (_, host) = connect_any(&both, limit).await.expect("the second answers");
        assert_eq!(host, "localhost");
        assert!(connect_any(&both[..1], limit).await.is_err());
        assert!(connect_any(&[], limit).await.is_err());
    }
}
