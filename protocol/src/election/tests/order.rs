//! The total order on votes and the equality that counting uses.

use super::super::tally::{Cast, compare, supporters};
use super::{fresh, vote, zxid};
use crate::base::{Config, Ensemble, ServerId, Zxid};
use crate::message::PeerState::{self, Following, Leading, Looking};
use crate::message::Vote;
use crate::trace::Comparison;
use std::sync::Arc;

fn cast(vote: Vote, round: i64, state: PeerState, version: i32) -> Cast {
    Cast { vote, round, state, version }
}

#[test]
fn epoch_then_zxid_then_id_decide() {
    let ensemble = Ensemble::numbered(5, 0);
    let cases = [
        (vote(1, zxid(1, 1), 2), vote(5, zxid(1, 9), 1), true, Comparison::Epoch),
        (vote(5, zxid(9, 9), 1), vote(1, zxid(1, 1), 2), false, Comparison::Epoch),
        (vote(1, zxid(1, 9), 1), vote(5, zxid(1, 1), 1), true, Comparison::Zxid),
        (vote(5, zxid(1, 1), 1), vote(4, zxid(1, 1), 1), true, Comparison::Id),
        (vote(4, zxid(1, 1), 1), vote(5, zxid(1, 1), 1), false, Comparison::Id),
        (fresh(4), fresh(4), false, Comparison::Equal),
        (fresh(1), vote(i64::MIN, Zxid::NONE, i64::MIN), true, Comparison::Epoch),
        (vote(i64::MIN, Zxid::NONE, i64::MIN), fresh(1), false, Comparison::Epoch),
    ];
    for (new, current, better, by) in cases {
        assert_eq!(compare(&new, &current, &ensemble), (better, by), "{new} against {current}");
    }
}

#[test]
fn what_counts_as_the_same_vote() {
    let base = vote(2, zxid(1, 5), 1);
    let newer_epoch = vote(2, zxid(1, 5), 2);
    let other_zxid = vote(2, zxid(1, 6), 1);
    let cases = [
        ("equal", cast(base, 3, Looking, 0), cast(base, 3, Looking, 0), true),
        ("rounds differ", cast(base, 3, Looking, 0), cast(base, 4, Looking, 0), false),
        ("zxids differ", cast(base, 3, Looking, 0), cast(other_zxid, 3, Looking, 0), false),
        ("one looks", cast(base, 3, Following, 2), cast(base, 3, Looking, 0), true),
        ("one looks, epoch", cast(base, 3, Following, 2), cast(newer_epoch, 3, Looking, 0), false),
        ("settled, zxid", cast(base, 3, Following, 2), cast(other_zxid, 8, Leading, 2), true),
        ("settled, epoch", cast(base, 3, Following, 2), cast(newer_epoch, 3, Leading, 2), false),
        ("one older", cast(base, 3, Following, 0), cast(newer_epoch, 3, Leading, 2), true),
        ("both older", cast(base, 3, Following, 0), cast(newer_epoch, 3, Leading, 0), false),
        ("other leader", cast(fresh(2), 3, Following, 0), cast(fresh(3), 3, Leading, 2), false),
    ];
    for (what, one, other, same) in cases {
        assert_eq!(one.agrees_with(&other), same, "{what}");
        assert_eq!(other.agrees_with(&one), same, "{what}, the other way");
    }
}

#[test]
fn observers_support_nobody() {
    let config = Config::new(ServerId(1), Arc::new(Ensemble::numbered(2, 1)));
    let votes = [1, 2, 3].map(|id| (ServerId(id), cast(fresh(1), 1, Looking, 0)));
    let have = supporters(votes.into_iter(), &cast(fresh(1), 1, Looking, 0), &config);
    assert_eq!(have.into_iter().collect::<Vec<_>>(), [ServerId(1), ServerId(2)]);
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use crate::base::Epoch;
    use proptest::prelude::*;

    /// Few values, so that components are often equal; the extremes of the wire among them.
    fn component() -> impl Strategy<Value = i64> {
        prop_oneof![Just(i64::MIN), Just(-1), 0..3_i64, Just(i64::MAX)]
    }

    fn any_vote() -> impl Strategy<Value = Vote> {
        (component(), component(), component()).prop_map(|(leader, zxid, epoch)| Vote {
            leader: ServerId(leader),
            zxid: Zxid(zxid),
            peer_epoch: Epoch(epoch),
        })
    }

    proptest! {
        #[test]
        fn the_order_is_strict_and_total(a in any_vote(), b in any_vote(), c in any_vote()) {
            let ensemble = Ensemble::numbered(3, 0);
            let better = |new: &Vote, current: &Vote| compare(new, current, &ensemble).0;
            prop_assert!(!better(&a, &a));
            let ways = [better(&a, &b), better(&b, &a), a == b];
            prop_assert_eq!(ways.iter().filter(|way| **way).count(), 1);
            if better(&a, &b) && better(&b, &c) {
                prop_assert!(better(&a, &c));
            }
            let key = |vote: &Vote| (vote.peer_epoch, vote.zxid, vote.leader);
            prop_assert_eq!(better(&a, &b), key(&a) > key(&b));
        }
    }
}
