//! The ensemble: who is a member, who may vote, and what makes a quorum.
//!
//! Invariant: every quorum of one verifier intersects every other quorum of it. Observers never
//! count. What a member's addresses mean is the driver's business; here they are text.

mod text;

use super::config::Config;
use super::gather::Arrange;
use super::gather::Gather;
use super::ids::ServerId;
use super::member::{Learner, Member};
use super::sorted::{SortedMap, SortedSet};

/// How a set of servers is judged to be a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum QuorumVerifier {
    /// More than half of the participants.
    Majority,
    /// `group.G` and `weight.N`: a majority of the groups that weigh anything, each won by more
    /// than half of its weight.
    Hierarchical {
        /// Members of each group.
        groups: SortedMap<i64, SortedSet<ServerId>>,
        /// Weights other than 1.
        weights: SortedMap<ServerId, u64>,
    },
}

/// The members of an ensemble and their quorums, at one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ensemble {
    /// Every member by id.
    pub members: SortedMap<ServerId, Member>,
    /// What makes a quorum.
    pub verifier: QuorumVerifier,
    /// The zxid of the reconfiguration that made it; 0 for a static one.
    pub version: i64,
}

impl Ensemble {
    /// `participants` voting members 1..=n and then `observers`, on made-up ports: for simulations
    /// and tests.
    ///
    /// ```
    /// use vivarium_protocol::base::{Ensemble, ServerId};
    /// let ensemble = Ensemble::numbered(3, 1);
    /// assert!(ensemble.is_participant(ServerId(3)));
    /// assert!(!ensemble.is_participant(ServerId(4)));
    /// ```
    #[must_use]
    pub fn numbered(participants: u16, observers: u16) -> Ensemble {
        let member = |id: u16| Member {
            learner: if id <= participants { Learner::Participant } else { Learner::Observer },
            host: format!("zk{id}"),
            quorum_port: 2888,
            election_port: 3888,
            more: Vec::new(),
            client: None,
        };
        let members = (1..=participants + observers).map(|id| (ServerId(id.into()), member(id)));
        Ensemble { members: members.gather(), verifier: QuorumVerifier::Majority, version: 0 }
    }

    /// Whether `id` may vote.
    #[must_use]
    pub fn is_participant(&self, id: ServerId) -> bool {
        self.members.get(&id).is_some_and(|member| member.learner == Learner::Participant)
    }

    /// Whether `id` is an observer of this ensemble.
    #[must_use]
    pub fn is_observer(&self, id: ServerId) -> bool {
        self.members.get(&id).is_some_and(|member| member.learner == Learner::Observer)
    }

    /// The voting members, by id.
    pub fn participants(&self) -> impl Iterator<Item = ServerId> + '_ {
        self.members
            .iter()
            .filter(|(_, member)| member.learner == Learner::Participant)
            .map(|(id, _)| *id)
    }

    /// The weight of `id` in elections: 0 can never be elected.
    #[must_use]
    pub fn weight(&self, id: ServerId) -> u64 {
        match &self.verifier {
            QuorumVerifier::Majority => 1,
            QuorumVerifier::Hierarchical { weights, .. } => weights.get(&id).copied().unwrap_or(1),
        }
    }

    /// Whether the participants among `ids` make a quorum.
    #[must_use]
    pub fn is_quorum(&self, ids: &SortedSet<ServerId>) -> bool {
        self.is_quorum_of(&|id| ids.contains(&id))
    }

    /// Whether the participants for which `counts` holds make a quorum; allocates nothing for
    /// majorities.
    #[must_use]
    pub fn is_quorum_of(&self, counts: &dyn Fn(ServerId) -> bool) -> bool {
        match &self.verifier {
            QuorumVerifier::Majority => {
                let (mut present, mut all) = (0, 0);
                for id in self.participants() {
                    all += 1;
                    present += usize::from(counts(id));
                }
                present > all / 2
            }
            QuorumVerifier::Hierarchical { groups, .. } => {
                let ids = self.participants().filter(|id| counts(*id)).gather();
                self.wins_most_groups(groups, &ids)
            }
        }
    }

    /// How many participants a majority needs; with groups and weights, the smallest number that
    /// could do (for display): the heaviest of each group, in the groups that need the fewest.
    #[must_use]
    pub fn quorum_size(&self) -> usize {
        let QuorumVerifier::Hierarchical { groups, .. } = &self.verifier else {
            return self.participants().count() / 2 + 1;
        };
        let mut needs: Vec<usize> = groups.values().filter_map(|it| self.fewest(it)).collect();
        needs.arrange(|need| *need);
        needs.iter().take(needs.len() / 2 + 1).sum()
    }

    /// The fewest members that win a group; `None` if it weighs nothing.
    fn fewest(&self, members: &SortedSet<ServerId>) -> Option<usize> {
        let mut weights: Vec<u64> = members.iter().map(|id| self.weight(*id)).collect();
        weights.arrange(|weight| *weight);
        let total = weights.iter().copied().fold(0, u64::saturating_add);
        let mut sum: u64 = 0;
        let sums = weights.iter().rev().map(|weight| {
            sum = sum.saturating_add(*weight);
            sum
        });
        sums.into_iter().position(|sum| sum > total / 2).map(|place| place + 1)
    }

    fn wins_most_groups(
        &self,
        groups: &SortedMap<i64, SortedSet<ServerId>>,
        ids: &SortedSet<ServerId>,
    ) -> bool {
        let weigh = |members: &mut dyn Iterator<Item = &ServerId>| -> u64 {
            members.map(|id| self.weight(*id)).fold(0, u64::saturating_add)
        };
        let totals = groups.values().map(|members| (members, weigh(&mut members.iter())));
        let weighty: Vec<_> = totals.filter(|(_, total)| *total > 0).collect();
        let won = weighty
            .iter()
            .filter(|(members, total)| weigh(&mut members.intersection(ids)) > total / 2);
        !weighty.is_empty() && won.count() > weighty.len() / 2
    }
}

/// Who has acknowledged one thing, among those who count: while a reconfiguration is pending, in
/// the configuration in force or in the proposed one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AckSet(SortedSet<ServerId>);

impl AckSet {
    /// Counts `id` if it may vote; tells whether that is new.
    pub fn add(&mut self, id: ServerId, config: &Config) -> bool {
        config.is_voter(id) && self.0.insert(id)
    }

    /// Whether those counted make a quorum, or both quorums.
    #[must_use]
    pub fn is_quorum(&self, config: &Config) -> bool {
        config.is_quorum(&self.0)
    }

    /// Whether `id` has been counted.
    #[must_use]
    pub fn contains(&self, id: ServerId) -> bool {
        self.0.contains(&id)
    }

    /// Those counted, by id.
    #[must_use]
    pub fn ids(&self) -> Vec<ServerId> {
        self.0.iter().copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[i64]) -> SortedSet<ServerId> {
        ids.iter().map(|id| ServerId(*id)).collect()
    }

    #[test]
    fn a_majority_is_more_than_half_of_the_participants() {
        let four = Ensemble::numbered(4, 1);
        assert!(!four.is_quorum(&set(&[1, 2])), "two of four split, they do not decide");
        assert!(four.is_quorum(&set(&[1, 2, 3])));
        assert!(!four.is_quorum(&set(&[1, 2, 5])), "an observer never counts");
    }

    #[test]
    fn groups_are_won_by_weight_and_quorums_by_groups() {
        let mut ensemble = Ensemble::numbered(6, 0);
        let groups = SortedMap::from([(1, set(&[1, 2, 3])), (2, set(&[4, 5, 6]))]);
        let weights = SortedMap::from([(ServerId(4), 0), (ServerId(5), 0), (ServerId(6), 0)]);
        ensemble.verifier = QuorumVerifier::Hierarchical { groups, weights };
        assert!(ensemble.is_quorum(&set(&[1, 2])), "the weightless group is left out");
        assert!(!ensemble.is_quorum(&set(&[1, 4, 5, 6])));
        assert!(!ensemble.is_quorum(&set(&[])));
    }

    #[test]
    fn the_text_names_every_role_and_ends_in_the_version() {
        let mut ensemble = Ensemble::numbered(1, 1);
        ensemble.version = 0x1_0000_0000;
        assert_eq!(
            ensemble.text(),
            "server.1=zk1:2888:3888:participant\nserver.2=zk2:2888:3888:observer\nversion=100000000"
        );
    }
}
