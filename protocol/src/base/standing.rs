//! How far a set of servers is from a quorum, group by group: for whoever has to say it in words.
//!
//! Invariant: `Standing::reached` is what `Ensemble::is_quorum` says of the same set.

use super::ensemble::{Ensemble, QuorumVerifier};
use super::ids::ServerId;
use super::sorted::SortedSet;

/// One group's part in a quorum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupStanding {
    /// The `G` of `group.G`; `None` where a majority of all participants decides.
    pub group: Option<i64>,
    /// Those of its members that count here, by id. One of weight 0 never does.
    pub counted: Vec<ServerId>,
    /// What they weigh together.
    pub weight: u64,
    /// What the whole group weighs; never 0.
    pub total: u64,
}

impl GroupStanding {
    /// The weight that wins the group: more than half.
    #[must_use]
    pub fn need(&self) -> u64 {
        self.total / 2 + 1
    }

    /// Whether the group is won.
    #[must_use]
    pub fn is_won(&self) -> bool {
        self.weight >= self.need()
    }
}

/// A set of servers, measured against an ensemble's quorums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The groups that weigh anything, by number; one for a majority.
    pub groups: Vec<GroupStanding>,
}

impl Standing {
    /// How many groups have to be won.
    #[must_use]
    pub fn need(&self) -> usize {
        self.groups.len() / 2 + 1
    }

    /// How many groups are won.
    #[must_use]
    pub fn won(&self) -> usize {
        self.groups.iter().filter(|group| group.is_won()).count()
    }

    /// Whether it is a quorum.
    #[must_use]
    pub fn reached(&self) -> bool {
        !self.groups.is_empty() && self.won() >= self.need()
    }
}

impl Ensemble {
    /// Measures the participants among `ids`.
    ///
    /// ```
    /// use vivarium_protocol::base::{Ensemble, ServerId, SortedSet};
    /// let standing = Ensemble::numbered(5, 0).standing(&SortedSet::from([ServerId(2)]));
    /// assert_eq!((standing.groups[0].weight, standing.groups[0].need()), (1, 3));
    /// ```
    #[must_use]
    pub fn standing(&self, ids: &SortedSet<ServerId>) -> Standing {
        let groups = match &self.verifier {
            QuorumVerifier::Majority => vec![(None, self.participants().collect())],
            QuorumVerifier::Hierarchical { groups, .. } => {
                groups.iter().map(|(group, members)| (Some(*group), members.clone())).collect()
            }
        };
        let weigh = |members: &mut dyn Iterator<Item = ServerId>| -> u64 {
            members.map(|id| self.weight(id)).fold(0, u64::saturating_add)
        };
        let measured = groups.into_iter().map(|(group, members): (_, SortedSet<ServerId>)| {
            let present = members.intersection(ids).copied();
            let present = present.filter(|id| self.is_participant(*id) && self.weight(*id) > 0);
            let counted: Vec<ServerId> = present.collect();
            let weight = weigh(&mut counted.iter().copied());
            GroupStanding { group, weight, counted, total: weigh(&mut members.iter().copied()) }
        });
        Standing { groups: measured.filter(|group| group.total > 0).collect() }
    }
}

// Property tests run natively only.
#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::super::sorted::SortedMap;
    use super::*;
    use proptest::prelude::*;

    /// Up to seven servers, each with a group of three and a weight.
    fn ensembles() -> impl Strategy<Value = Ensemble> {
        let server = (1_i64..=3, 0_u64..=3);
        (prop::collection::vec(server, 1..=7), any::<bool>()).prop_map(|(servers, majority)| {
            let mut ensemble = Ensemble::numbered(servers.len() as u16, 1);
            let (mut groups, mut weights) = (SortedMap::new(), SortedMap::new());
            for (id, (group, weight)) in (1..).map(ServerId).zip(servers) {
                groups.entry(group).or_insert_with(SortedSet::new).insert(id);
                if weight != 1 {
                    weights.insert(id, weight);
                }
            }
            if !majority {
                ensemble.verifier = QuorumVerifier::Hierarchical { groups, weights };
            }
            ensemble
        })
    }

    fn subsets(ensemble: &Ensemble) -> Vec<SortedSet<ServerId>> {
        let ids: Vec<ServerId> = ensemble.members.keys().copied().collect();
        let subset = |bits: u32| {
            let chosen = ids.iter().enumerate().filter(|(at, _)| bits & (1 << at) != 0);
            chosen.map(|(_, id)| *id).collect()
        };
        (0..1_u32 << ids.len()).map(subset).collect()
    }

    /// The rule as a person would check it with a pencil: every server throws its weight as single
    /// ballots, twice, so that halves need no rounding.
    fn twin(ensemble: &Ensemble, ids: &SortedSet<ServerId>) -> bool {
        let QuorumVerifier::Hierarchical { groups, weights } = &ensemble.verifier else {
            let voters: Vec<ServerId> = ensemble.participants().collect();
            let here = voters.iter().filter(|id| ids.contains(id)).count();
            return here > voters.len() - here;
        };
        let (mut won, mut counted) = (0, 0);
        for members in groups.values() {
            let (mut with, mut without) = (0, 0);
            for id in members {
                for _ in 0..*weights.get(id).unwrap_or(&1) {
                    if ids.contains(id) { with += 1 } else { without += 1 }
                }
            }
            counted += i32::from(with + without > 0);
            won += i32::from(with > without);
        }
        won > counted - won
    }

    proptest! {
        #[test]
        fn a_quorum_is_what_the_slow_twin_counts(ensemble in ensembles()) {
            let mut smallest = None;
            for ids in subsets(&ensemble) {
                let quorum = ensemble.is_quorum(&ids);
                prop_assert_eq!(quorum, twin(&ensemble, &ids), "{:?} of {:?}", &ids, &ensemble);
                prop_assert_eq!(quorum, ensemble.standing(&ids).reached(), "{:?}", &ids);
                if quorum {
                    smallest = Some(smallest.unwrap_or(usize::MAX).min(ids.len()));
                }
            }
            if let Some(smallest) = smallest {
                prop_assert_eq!(ensemble.quorum_size(), smallest, "{:?}", &ensemble);
            }
        }

        #[test]
        fn two_quorums_always_share_a_server(ensemble in ensembles()) {
            let quorums: Vec<_> =
                subsets(&ensemble).into_iter().filter(|ids| ensemble.is_quorum(ids)).collect();
            for (at, one) in quorums.iter().enumerate() {
                for other in &quorums[at..] {
                    prop_assert!(!one.is_disjoint(other), "{:?} and {:?}", one, other);
                }
            }
        }
    }

    #[test]
    fn nine_servers_in_three_groups_decide_with_four_of_the_right_ones() {
        let mut ensemble = Ensemble::numbered(9, 0);
        let set = |ids: &[i64]| ids.iter().copied().map(ServerId).collect::<SortedSet<_>>();
        let groups = [(1, set(&[1, 2, 3])), (2, set(&[4, 5, 6])), (3, set(&[7, 8, 9]))];
        let verifier = QuorumVerifier::Hierarchical {
            groups: SortedMap::from(groups),
            weights: SortedMap::new(),
        };
        ensemble.verifier = verifier;
        assert!(ensemble.standing(&set(&[1, 2, 4, 5])).reached());
        let split = ensemble.standing(&set(&[1, 4, 7, 8]));
        assert_eq!((split.won(), split.need(), split.reached()), (1, 2, false));
        assert_eq!(ensemble.quorum_size(), 4);
    }
}
