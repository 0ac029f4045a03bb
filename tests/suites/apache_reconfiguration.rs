//! Members change in ensembles of both kinds, whichever leads.

use vivarium_tests::members::{ask, member_line, try_ask};
use vivarium_tests::mixed::Kind::{self, Apache, Vivarium};
use vivarium_tests::mixed::Mixed;
use vivarium_tests::wait_for;

/// Servers 1 to 3 of these kinds elect one. A fourth joins and gets a vote, the leader is sent
/// away, and everybody tells the same members afterwards.
fn comes_and_leaves(kinds: [Kind; 3], fourth: Kind) {
    let mut members = Mixed::with_one_to_join(3, "skipACL=yes\n");
    for (id, kind) in (1..).zip(kinds) {
        members.start(id, kind);
    }
    let old = members.leader();
    members.start(4, fourth);
    assert_eq!(members.serving(4), "follower", "it follows and has no vote");
    let line = member_line(members.place(4));
    ask(&mut members.client(1), &line, "").expect("a quorum has it");
    assert!(members.client(4).create("/joined", b"").unwrap().is_ok());

    let mut client = members.client(if old == 1 { 2 } else { 1 });
    if let Ok(answer) = try_ask(&mut client, "", &old.to_string()) {
        answer.expect("the others are a quorum");
    }
    let leader = wait_for("another leads", || Some(members.leader()).filter(|it| *it != old));
    wait_for("who left follows", || (members.serving(old) == "follower").then_some(()));
    assert!(members.client(leader).create("/after", b"").unwrap().is_ok());
    let texts: Vec<String> = (1..=4).map(|id| members.config(id)).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    assert!(!texts[0].contains(&format!("server.{old}=")) && texts[0].contains("server.4="));

    // A voter is lost and comes back as the other kind of server, on the same files.
    let lost = (1..=4).find(|id| ![old, leader].contains(id)).expect("there is a third voter");
    members.kill(lost);
    assert!(members.client(leader).create("/without-one", b"").unwrap().is_ok());
    let was = if lost == 4 { fourth } else { kinds[lost - 1] };
    members.start(lost, if was == Vivarium { Apache } else { Vivarium });
    assert_eq!(members.serving(lost), "follower");
    assert_eq!(members.config(lost), members.config(leader));
    members.assert_agreement();
}

#[test]
fn an_apache_leader_takes_a_vivarium_server_in_and_hands_over() {
    comes_and_leaves([Vivarium, Apache, Apache], Vivarium);
}

#[test]
fn a_vivarium_leader_takes_an_apache_server_in_and_hands_over() {
    comes_and_leaves([Apache, Vivarium, Vivarium], Apache);
}
