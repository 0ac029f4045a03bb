//! The text of an ensemble, as in `/zookeeper/config`, notifications and NEWLEADER, and back
//! (docs/protocol.md, Q0.2).
//!
//! What is read here comes from other servers and from clients that reconfigure: it is refused
//! whole or taken whole. zoo.cfg has a reader of its own, which says more about mistakes.

use super::{Ensemble, QuorumVerifier};
use crate::base::member::Member;
use crate::base::{ServerId, SortedMap, SortedSet};
use std::fmt::Write;

impl Ensemble {
    /// The canonical text: one line a member, then groups and weights, then `version=` in
    /// hexadecimal, without a newline at the end.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (id, member) in &self.members {
            let _ = writeln!(text, "server.{id}={}", member.text());
        }
        if let QuorumVerifier::Hierarchical { groups, .. } = &self.verifier {
            for (group, members) in groups {
                let ids: Vec<String> = members.iter().map(ServerId::to_string).collect();
                let _ = writeln!(text, "group.{group}={}", ids.join(":"));
            }
            for id in self.members.keys() {
                let _ = writeln!(text, "weight.{id}={}", self.weight(*id));
            }
        }
        let _ = write!(text, "version={:x}", self.version);
        text
    }

    /// Reads such a text; lines may also be parted by commas, and the version may be missing.
    /// `None` if a line makes no sense or nobody would vote.
    ///
    /// ```
    /// use vivarium_protocol::base::Ensemble;
    /// let three = Ensemble::numbered(3, 0);
    /// assert_eq!(Ensemble::parse(&three.text()), Some(three));
    /// assert_eq!(Ensemble::parse("server.1=nowhere"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Ensemble> {
        let mut ensemble =
            Ensemble { members: SortedMap::new(), verifier: QuorumVerifier::Majority, version: 0 };
        let (mut groups, mut weights) = (SortedMap::new(), SortedMap::new());
        for line in text.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=')?;
            let number = key.split_once('.').and_then(|(_, number)| number.parse::<i64>().ok());
            if key == "version" {
                ensemble.version = i64::from_str_radix(value, 16).ok()?;
            } else if key.starts_with("server.") {
                let member = Member::parse(value).ok()?;
                ensemble.members.insert(ServerId(number.filter(|id| *id >= 0)?), member);
            } else if key.starts_with("group.") {
                let mut ids = SortedSet::new();
                for id in value.split(':') {
                    ids.insert(ServerId(id.parse().ok()?));
                }
                groups.insert(number?, ids);
            } else if key.starts_with("weight.") {
                let weight: u64 = value.parse().ok()?;
                if weight != 1 {
                    weights.insert(ServerId(number?), weight);
                }
            } else {
                return None;
            }
        }
        if !groups.is_empty() {
            ensemble.verifier = QuorumVerifier::Hierarchical { groups, weights };
        }
        let votes = ensemble.participants().next().is_some();
        votes.then_some(ensemble)
    }

    /// This ensemble with some servers removed and others added, as an incremental reconfiguration
    /// asks for: `leaving` are numbers, `joining` are `server.N=...` with a client port, both
    /// parted by commas. `None` if either makes no sense, if two servers would share an address, or
    /// if there are groups, which can only be changed as a whole (docs/protocol.md, Q7.2).
    #[must_use]
    pub fn changed(&self, joining: &str, leaving: &str) -> Option<Ensemble> {
        if self.verifier != QuorumVerifier::Majority {
            return None;
        }
        let mut changed = self.clone();
        for id in leaving.split(',').map(str::trim).filter(|id| !id.is_empty()) {
            changed.members.remove(&ServerId(id.parse().ok()?));
        }
        for line in joining.split(',').map(str::trim).filter(|line| !line.is_empty()) {
            let (key, value) = line.split_once('=')?;
            let id = ServerId(key.strip_prefix("server.")?.parse().ok().filter(|id| *id >= 0)?);
            let member = Member::parse(value).ok()?;
            member.client.as_ref()?;
            if changed.members.iter().any(|(other, it)| *other != id && it.clashes_with(&member)) {
                return None;
            }
            changed.members.insert(id, member);
        }
        Some(changed)
    }

    /// Whether only the versions differ, if anything.
    #[must_use]
    pub fn same_members(&self, other: &Ensemble) -> bool {
        self.members == other.members && self.verifier == other.verifier
    }
}
