//! One member of an ensemble: its role and where it is found, as text and back.
//!
//! Invariant of a member that was read: its host is not empty and its two ports differ. What the
//! addresses mean is the driver's business; here they are text.

use serde::{Deserialize, Serialize};

use super::gather::Arrange;

/// Whether a member votes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Learner {
    /// Votes, acknowledges, may lead.
    Participant,
    /// Follows what was decided; never counts.
    Observer,
}

/// Host, port for learners, port for notifications.
pub type Address = (String, u16, u16);

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
    /// Further addresses.
    pub more: Vec<Address>,
    /// The client part after `;`, if the line has one: host and port.
    pub client: Option<(String, u16)>,
}

impl Member {
    /// `host:quorum:election[|…]:role[;clientHost:clientPort]`, the role always written.
    #[must_use]
    pub fn text(&self) -> String {
        let bracket = |host: &str| {
            if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
        };
        let role = match self.learner {
            Learner::Participant => "participant",
            Learner::Observer => "observer",
        };
        let mut text = String::new();
        for (host, quorum, election) in self.addresses() {
            text += &bracket(&host);
            text += &format!(":{quorum}:{election}|");
        }
        text.pop();
        let client = self.client.as_ref().map(|(host, port)| format!(";{}:{port}", bracket(host)));
        format!("{text}:{role}{}", client.unwrap_or_default())
    }

    /// Every address.
    #[must_use]
    pub fn addresses(&self) -> Vec<Address> {
        let mut all = self.more.clone();
        all.insert(0, (self.host.clone(), self.quorum_port, self.election_port));
        all
    }

    /// Whether two servers could not both listen where they are said to: an address in common,
    /// unless it is a wildcard or loopback, which is another place for each.
    #[must_use]
    pub fn clashes_with(&self, other: &Member) -> bool {
        let everywhere =
            |host: &str| ["0.0.0.0", "::", "::1"].contains(&host) || host.starts_with("127.");
        let others = other.addresses();
        let same = self.addresses().iter().any(|(host, quorum, election)| {
            let shares = |it: &Address| {
                it.0 == *host && [it.1, it.2].iter().any(|port| [quorum, election].contains(&port))
            };
            !everywhere(host) && others.iter().any(shares)
        });
        let clients = self.client.as_ref().zip(other.client.as_ref());
        same || clients.is_some_and(|(own, others)| own == others && !everywhere(&own.0))
    }

    /// Reads `host:quorumPort:electionPort[:role][|…][;[clientHost:]clientPort]`. Several addresses
    /// are put in the order of their hosts, as ZooKeeper writes them.
    ///
    /// # Errors
    /// What is wrong, to stand behind the line's key.
    pub fn parse(value: &str) -> Result<Member, String> {
        let (places, client) = match value.split_once(';') {
            Some((places, client)) => (places, Some(client)),
            None => (value, None),
        };
        let (mut more, mut role) = (Vec::new(), None);
        for place in places.split('|') {
            let (address, given) = parse_place(place)?;
            if role.is_some() && given.is_some() && role != given {
                return Err("gives its addresses different roles".to_owned());
            }
            role = role.or(given);
            more.push(address);
        }
        more.arrange(|(host, _, _)| host.clone());
        let (host, quorum_port, election_port) = more.remove(0);
        let learner = role.unwrap_or(Learner::Participant);
        let client = client.filter(|client| !client.is_empty()).map(parse_client).transpose()?;
        Ok(Member { learner, host, quorum_port, election_port, more, client })
    }
}

/// `host:quorumPort:electionPort[:role]`.
fn parse_place(place: &str) -> Result<(Address, Option<Learner>), String> {
    let (host, ports) = split_host(place)?;
    let mut ports = ports.split(':');
    let quorum_port = parse_port("a quorum port", ports.next())?;
    let election_port = parse_port("an election port", ports.next())?;
    let role = match ports.next() {
        None => None,
        Some(role) if role.eq_ignore_ascii_case("participant") => Some(Learner::Participant),
        Some(role) if role.eq_ignore_ascii_case("observer") => Some(Learner::Observer),
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
    Ok(((host.to_owned(), quorum_port, election_port), role))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_addresses_are_written_in_the_order_of_their_hosts() {
        let line = "zk1b:2889:3889|zk1a:2888:3888:observer|[fd00::1]:1:2;2181";
        let member = Member::parse(line).expect("it is a member");
        let text = "[fd00::1]:1:2|zk1a:2888:3888|zk1b:2889:3889:observer;0.0.0.0:2181";
        assert_eq!(member.text(), text);
        assert_eq!(Member::parse(text), Ok(member), "it is read back");
        let torn = Member::parse("a:1:2:observer|b:1:2:participant");
        assert_eq!(torn, Err("gives its addresses different roles".to_owned()));
        assert!(Member::parse("a:1:2|").is_err());
    }
}
