//! `vivarium status`: asks servers how they stand, Vivarium's or Apache's alike.

use super::Failure;
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

/// What `vivarium status` can be told.
#[derive(clap::Args)]
#[command(after_help = "Example:
  vivarium status 127.0.0.1:2181 127.0.0.1:2182 127.0.0.1:2183

Each server is asked by the four-letter word `srvr`, which ZooKeeper servers always answer. The exit
code is 0 if every server serves and 1 otherwise.")]
pub struct Options {
    /// The client ports to ask
    #[arg(value_name = "HOST:PORT", required = true)]
    servers: Vec<String>,
}

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks and prints one line a server.
///
/// # Errors
/// When a server does not serve.
pub fn run(options: &Options) -> Result<(), Failure> {
    let width = options.servers.iter().map(String::len).max().unwrap_or(0);
    let mut absent = 0;
    for server in &options.servers {
        let line = match ask(server) {
            Ok(answer) => summary(&answer),
            Err(error) => Err(error.to_string()),
        };
        absent += usize::from(line.is_err());
        let line = line.unwrap_or_else(|why| format!("does not serve: {why}"));
        println!("{server:width$}  {line}");
    }
    match absent {
        0 => Ok(()),
        1 => Err(Failure::new(Failure::UNEXPECTED, "one server does not serve")),
        more => Err(Failure::new(Failure::UNEXPECTED, format!("{more} servers do not serve"))),
    }
}

fn ask(server: &str) -> io::Result<String> {
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "the host has no address");
    for address in server.to_socket_addrs()? {
        match TcpStream::connect_timeout(&address, PATIENCE) {
            Ok(mut stream) => {
                stream.set_read_timeout(Some(PATIENCE))?;
                stream.write_all(b"srvr")?;
                let mut answer = String::new();
                stream.read_to_string(&mut answer)?;
                return Ok(answer);
            }
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// Mode, zxid, connections and znodes out of the answer to `srvr`; what it says instead if it has
/// no mode.
fn summary(answer: &str) -> Result<String, String> {
    let part = |name: &str| answer.lines().find_map(|line| line.strip_prefix(name));
    let Some(mode) = part("Mode: ") else {
        return Err(answer.lines().next().unwrap_or("it says nothing").to_owned());
    };
    let zxid = part("Zxid: ").unwrap_or("?");
    let connections = part("Connections: ").unwrap_or("?");
    let nodes = part("Node count: ").unwrap_or("?");
    let written = zxid
        .strip_prefix("0x")
        .and_then(|hex| i64::from_str_radix(hex, 16).ok())
        .map_or_else(String::new, |raw| vivarium_protocol::base::Zxid(raw).to_string());
    Ok(format!("{mode:10}  zxid {written} ({zxid})  {connections} connections  {nodes} znodes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_becomes_one_line() {
        let answer = "Zookeeper version: 3.9.5\nConnections: 2\nZxid: 0x100000007\nMode: leader\n\
                      Node count: 9\n";
        let line = "leader      zxid 1|7 (0x100000007)  2 connections  9 znodes";
        assert_eq!(summary(answer).as_deref(), Ok(line));
        let refusal = "This ZooKeeper instance is not currently serving requests\n";
        assert_eq!(summary(refusal), Err(refusal.trim_end().to_owned()));
    }
}
