//! One member of an ensemble: its role and where it is found, as text and back.
//!
//! Invariant of a member that was read: its host is not empty and its two ports differ. What the
//! addresses mean is the driver's business; here they are text.

use serde::{Deserialize, Serialize};

/// Whether a member votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Learner {
    /// Votes, acknowledges, may lead.
    Participant,
    /// Follows what was decided; never counts.
    Observer,
}

/// One `server.N=` line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its role in quorums.
    pub learner: Learner,
    /// Host as written, without brackets.
    pub host: String,
    /// Where its leader listens for learners.
    pub quorum_port: u16,
    /// Where it listens for notifications.
    pub election_port: u16,
    /// The client part after `;`, if the line has one: host and port.
    pub client: Option<(String, u16)>,
}

impl Member {
    /// `host:quorum:election:role[;clientHost:clientPort]`, the role always written.
    #[must_use]
    pub fn text(&self) -> String {
        let bracket = |host: &str| {
            if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
        };
        let role = match self.learner {
            Learner::Participant => "participant",
            Learner::Observer => "observer",
        };
        let (host, quorum, election) = (bracket(&self.host), self.quorum_port, self.election_port);
        let client = self.client.as_ref().map(|(host, port)| format!(";{}:{port}", bracket(host)));
        format!("{host}:{quorum}:{election}:{role}{}", client.unwrap_or_default())
    }

    /// Reads `host:quorumPort:electionPort[:role][;[clientHost:]clientPort]`.
    ///
    /// # Errors
    /// What is wrong, to stand behind the line's key.
    pub fn parse(value: &str) -> Result<Member, String> {
        if value.contains('|') {
            let reason = "names several addresses with |, which Vivarium does not support yet";
            return Err(reason.to_owned());
        }
        let (address, client) = match value.split_once(';') {
            Some((address, client)) => (address, Some(client)),
            None => (value, None),
        };
        let (host, ports) = split_host(address)?;
        let mut ports = ports.split(':');
        let quorum_port = parse_port("a quorum port", ports.next())?;
        let election_port = parse_port("an election port", ports.next())?;
        let learner = match ports.next() {
            None => Learner::Participant,
            Some(role) if role.eq_ignore_ascii_case("participant") => Learner::Participant,
            Some(role) if role.eq_ignore_ascii_case("observer") => Learner::Observer,
            Some(role) => {
                return Err(format!("must have the role participant or observer, not \"{role}\""));
            }
        };
        if ports.next().is_some() {
            return Err("has something after the role".to_owned());
        }
        if quorum_port == election_port {
            return Err(format!("uses port {quorum_port} for quorum and election alike"));
        }
        let client = client.filter(|client| !client.is_empty()).map(parse_client).transpose()?;
        Ok(Member { learner, host: host.to_owned(), quorum_port, election_port, client })
    }
}

/// The host, without brackets, and what follows its colon.
fn split_host(address: &str) -> Result<(&str, &str), String> {
    let (host, rest) = match address.strip_prefix('[') {
        Some(bracketed) => {
            let (host, rest) = bracketed.split_once(']').ok_or("lacks a closing bracket")?;
            (host, rest.strip_prefix(':').unwrap_or(rest))
        }
        None => address.split_once(':').unwrap_or((address, "")),
    };
    if host.is_empty() {
        return Err("lacks a host".to_owned());
    }
    Ok((host, rest))
}

fn parse_port(which: &str, text: Option<&str>) -> Result<u16, String> {
    let Some(text) = text.filter(|text| !text.is_empty()) else {
        return Err(format!("lacks {which}"));
    };
    let port = text.parse().ok().filter(|port| *port != 0);
    port.ok_or_else(|| format!("must have {which} from 1 to 65535, not \"{text}\""))
}

/// `port` or `host:port`; a bare port listens everywhere.
fn parse_client(text: &str) -> Result<(String, u16), String> {
    if !text.contains(':') {
        return Ok(("0.0.0.0".to_owned(), parse_port("a client port", Some(text))?));
    }
    let (host, port) = split_host(text)?;
    Ok((host.to_owned(), parse_port("a client port", Some(port))?))
}
