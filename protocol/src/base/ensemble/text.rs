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
        let (mut groups, mut weights, mut weighed) = (SortedMap::new(), SortedMap::new(), false);
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
                weighed = true;
                if weight != 1 {
                    weights.insert(ServerId(number?), weight);
                }
            } else {
                return None;
            }
        }
        if !groups.is_empty() || weighed {
            ensemble.verifier = QuorumVerifier::Hierarchical { groups, weights };
        }
        let votes = ensemble.participants().next().is_some();
        (votes && ensemble.is_grouped()).then_some(ensemble)
    }

    /// Whether every voter is in exactly one group, nobody else in any, and somebody weighs
    /// something, where there are groups: else quorums might miss each other, or never come about.
    fn is_grouped(&self) -> bool {
        let QuorumVerifier::Hierarchical { groups, .. } = &self.verifier else { return true };
        let placed: Vec<ServerId> = groups.values().flatten().copied().collect();
        let once = |id: ServerId| placed.iter().filter(|other| **other == id).count() == 1;
        self.participants().all(once)
            && placed.iter().all(|id| self.is_participant(*id))
            && placed.iter().any(|id| self.weight(*id) > 0)
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

    /// Whether anybody has several addresses.
    #[must_use]
    pub fn has_several_addresses(&self) -> bool {
        self.members.values().any(|member| !member.more.is_empty())
    }

    /// Whether only the versions differ, if anything.
    #[must_use]
    pub fn same_members(&self, other: &Ensemble) -> bool {
        self.members == other.members && self.verifier == other.verifier
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: &str = "server.1=a:1:2:participant;3\nserver.2=b:1:2:participant;3\n\
                         server.3=c:1:2:observer;3\n";

    #[test]
    fn a_text_is_read_whole_or_not_at_all() {
        let three = Ensemble::parse(&format!("{THREE}version=1f")).expect("it is right");
        assert_eq!((three.version, three.members.len()), (0x1f, 3));
        assert_eq!(Ensemble::parse(&three.text()), Some(three), "and says the same again");
        for (wrong, why) in [
            ("", "nobody"),
            ("server.3=c:1:2:observer", "nobody votes"),
            ("server.1=a:1:2\nversion=zz", "a version that is no number"),
            ("server.1=a:1:2\ndataDir=/d", "a line that is none of these"),
            ("server.-1=a:1:2", "a server without a number"),
        ] {
            assert_eq!(Ensemble::parse(wrong), None, "{why}");
        }
    }

    #[test]
    fn groups_hold_every_voter_once_and_nobody_else() {
        let grouped = |lines: &str| Ensemble::parse(&format!("{THREE}{lines}"));
        let right = grouped("group.1=1\ngroup.2=2\nweight.1=2\n").expect("it is right");
        assert_eq!(Ensemble::parse(&right.text()), Some(right));
        for (wrong, why) in [
            ("group.1=1", "server 2 is in none"),
            ("group.1=1:2\ngroup.2=2", "server 2 is in two"),
            ("group.1=1:2:3", "server 3 does not vote"),
            ("group.1=1:2\nweight.1=0\nweight.2=0", "nobody weighs anything"),
            ("weight.1=2", "there are weights and no groups"),
        ] {
            assert_eq!(grouped(wrong), None, "{why}");
        }
    }

    #[test]
    fn servers_join_with_all_their_ports_and_where_nobody_else_is() {
        let three = Ensemble::parse(THREE).expect("it is right");
        let changed = three.changed("server.4=d:1:2;3", "1, 3").expect("it is right");
        let ids: Vec<i64> = changed.members.keys().map(|id| id.0).collect();
        assert_eq!(ids, [2, 4]);
        assert!(three.changed("server.1=a:1:2:observer;3", "").is_some(), "another role");
        assert_eq!(three.changed("server.4=d:1:2", ""), None, "it takes no clients");
        assert_eq!(three.changed("server.4=a:9:2;4", ""), None, "server 1 listens there");
        assert_eq!(three.changed("server.4=d:9:2;3", "one"), None, "nobody has that number");
        let grouped = Ensemble::parse(&format!("{THREE}group.1=1:2")).expect("it is right");
        assert_eq!(grouped.changed("", "1"), None, "groups change as a whole");
    }
}
