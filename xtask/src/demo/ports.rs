//! Ports on loopback: free ones, taken ones, and whether something answers on them.

use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// How long a server on this machine may take to answer a question.
const ANSWER_LIMIT: Duration = Duration::from_millis(500);

/// Refuses a port that can't be had.
///
/// # Errors
/// When another program listens there, or when the port needs privileges.
pub fn expect_free(port: u16) -> Result<()> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, port)) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AddrInUse => bail!(
            "port {port} is in use by another program: stop that one, or choose another port with \
             `cargo xtask demo --port {}`",
            port.checked_add(1).unwrap_or(8765)
        ),
        Err(error) => {
            Err(error).with_context(|| format!("port {port} can't be used: choose one with --port"))
        }
    }
}

/// Chooses free ports: the preferred ones where they are free, any others in their place.
///
/// All of them are held until the last is chosen, so no two are the same.
///
/// # Errors
/// When the system has no port left.
pub fn choose(preferred: &[Option<u16>]) -> Result<Vec<u16>> {
    let listen = |port: u16| TcpListener::bind((Ipv4Addr::LOCALHOST, port));
    let mut held = Vec::new();
    for wish in preferred {
        let listener = wish.and_then(|port| listen(port).ok()).map_or_else(|| listen(0), Ok);
        held.push(listener.context("no free port is left on 127.0.0.1")?);
    }
    let port = |listener: &TcpListener| Ok(listener.local_addr()?.port());
    held.iter().map(port).collect()
}

/// The answer to a four-letter word, or nothing where nobody answers.
pub fn four_letter_word(address: SocketAddr, word: &str) -> Option<String> {
    ask(address, word)
}

/// Whether anybody listens at this address.
pub fn is_open(address: SocketAddr) -> bool {
    TcpStream::connect_timeout(&address, ANSWER_LIMIT).is_ok()
}

/// Whether the page is served at this address.
pub fn serves_page(address: SocketAddr) -> bool {
    let request = format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    ask(address, &request).is_some_and(|answer| {
        answer.split(' ').nth(1) == Some("200") && answer.starts_with("HTTP/1.1")
    })
}

fn ask(address: SocketAddr, question: &str) -> Option<String> {
    let mut stream = TcpStream::connect_timeout(&address, ANSWER_LIMIT).ok()?;
    stream.set_read_timeout(Some(ANSWER_LIMIT)).ok()?;
    stream.write_all(question.as_bytes()).ok()?;
    let mut answer = Vec::new();
    // An answer counts even where the connection then ends badly, or not at all.
    let _ = stream.read_to_end(&mut answer);
    (!answer.is_empty()).then(|| String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_refused_with_a_way_out() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = holder.local_addr().unwrap().port();
        let error = expect_free(port).unwrap_err().to_string();
        assert!(error.contains("is in use") && error.contains("--port"), "{error}");
        drop(holder);
        expect_free(port).unwrap();
    }

    #[test]
    fn a_wish_is_granted_where_the_port_is_free_and_all_ports_differ() {
        let holder = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let taken = holder.local_addr().unwrap().port();
        let free =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut ports = choose(&[Some(taken), Some(free), None, None]).unwrap();
        assert_ne!(ports[0], taken);
        assert_eq!(ports[1], free);
        ports.sort_unstable();
        ports.dedup();
        assert_eq!(ports.len(), 4);
    }

    #[test]
    fn only_a_page_that_is_there_counts_as_served() {
        for (status, served) in [("200 OK", true), ("404 Not Found", false)] {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            let address = listener.local_addr().unwrap();
            let server = std::thread::spawn(move || {
                let (mut stream, _) = listener.accept().unwrap();
                let mut request = [0; 16];
                stream.read_exact(&mut request).unwrap();
                write!(stream, "HTTP/1.1 {status}\r\n\r\n").unwrap();
            });
            assert_eq!(serves_page(address), served, "{status}");
            server.join().unwrap();
        }
    }
}
