//! The election that was recorded between real servers (docs/protocol.md, Q4.10), message by
//! message: voters 1, 2 and 3 and observer 4 with empty databases; 1 and 2 start first.

use super::{Peer, at, fresh, looking, says};
use crate::base::{Ensemble, Epoch, ServerId, Zxid};
use crate::message::PeerState::{Following, Leading, Looking, Observing};
use crate::message::Vote;
use std::sync::Arc;

#[test]
fn three_voters_and_an_observer_elect_as_real_servers_did() {
    let ensemble = Arc::new(Ensemble::numbered(3, 1));
    let [mut one, mut two, mut three, mut four] = [1, 2, 3, 4].map(|id| Peer::new(id, &ensemble));

    let first_of_1 = one.start(at(0));
    assert_eq!(first_of_1.said(), [(2, Looking, fresh(1), 1), (3, Looking, fresh(1), 1)]);
    let first_of_2 = two.start(at(0));
    assert_eq!(first_of_2.said(), [(1, Looking, fresh(2), 1), (3, Looking, fresh(2), 1)]);

    // Rows 1 to 3: 1 adopts 2 and says so, 2 keeps its own; both have a quorum of two.
    let adopted = one.hears(at(5), 2, &first_of_2.sends[0].1);
    assert_eq!(adopted.said(), [(2, Looking, fresh(2), 1), (3, Looking, fresh(2), 1)]);
    assert_eq!(two.hears(at(5), 1, &first_of_1.sends[0].1).said(), []);
    assert_eq!(two.hears(at(6), 1, &adopted.sends[0].1).said(), []);
    assert!(one.deadline(at(204)).elected.is_none(), "200 ms without a better vote, not less");
    assert!(one.deadline(at(205)).elected.is_some());
    assert!(two.deadline(at(206)).elected.is_some());
    assert_eq!((one.state(), one.leader()), (Following, Some(2)));
    assert_eq!((two.state(), two.leader()), (Leading, Some(2)));

    // Rows 4 and 5: 3 stands with the higher id, is told the outcome and follows.
    let first_of_3 = three.start(at(1000));
    let from_1 = one.hears(at(1001), 3, &first_of_3.sends[0].1);
    let from_2 = two.hears(at(1001), 3, &first_of_3.sends[1].1);
    assert_eq!(from_1.said(), [(3, Following, fresh(2), 1)]);
    assert_eq!(from_2.said(), [(3, Leading, fresh(2), 1)]);
    assert!(three.hears(at(1002), 1, &from_1.sends[0].1).elected.is_none(), "one is no quorum");
    assert!(three.hears(at(1003), 2, &from_2.sends[0].1).elected.is_some());
    assert_eq!((three.state(), three.leader()), (Following, Some(2)));

    // Row 6: the observer votes for nobody and is answered at once; after synchronisation the
    // answers name the new epoch.
    for peer in [&mut one, &mut two, &mut three] {
        peer.renew_epoch(1);
    }
    let nobody = Vote { leader: ServerId::NOBODY, zxid: Zxid::NONE, peer_epoch: Epoch::NONE };
    let first_of_4 = four.start(at(2000));
    let expected = [1, 2, 3].map(|to| (to, Looking, nobody, 1));
    assert_eq!(first_of_4.said(), expected);
    let renewed = Vote { peer_epoch: Epoch(1), ..fresh(2) };
    for (id, state, peer) in [(1, Following, &mut one), (2, Leading, &mut two)] {
        let answer = peer.hears(at(2001), 4, &looking(nobody, 1));
        assert_eq!(answer.said(), [(4, state, renewed, 1)]);
        four.hears(at(2002), id, &answer.sends[0].1);
    }
    assert_eq!((four.state(), four.leader()), (Observing, Some(2)));
}

#[test]
fn notifications_carry_the_committed_configuration() {
    let ensemble = Arc::new(Ensemble::numbered(3, 0));
    let step = Peer::new(1, &ensemble).start(at(0));
    for (_, notification) in &step.sends {
        assert_eq!(notification.version, 2);
        assert_eq!(notification.config.as_deref(), Some(ensemble.text().as_bytes()));
    }
}

#[test]
fn one_voter_elects_itself_after_the_wait() {
    let ensemble = Arc::new(Ensemble::numbered(1, 0));
    let mut alone = Peer::new(1, &ensemble);
    assert!(alone.start(at(0)).elected.is_none());
    assert!(alone.deadline(at(200)).elected.is_some());
    assert_eq!(alone.state(), Leading);
}

#[test]
fn old_formats_are_understood_without_a_configuration() {
    let ensemble = Arc::new(Ensemble::numbered(3, 0));
    let mut one = Peer::new(1, &ensemble);
    one.start(at(0));
    for (from, state, version) in [(2, Leading, 0), (3, Following, 1)] {
        let mut old = says(state, fresh(2), 1);
        old.version = version;
        one.hears(at(5), from, &old);
    }
    assert_eq!((one.state(), one.leader()), (Following, Some(2)));
}
