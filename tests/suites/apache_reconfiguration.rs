//! Members change in ensembles of both kinds, whichever leads.

use vivarium_tests::members::{Members, Start, ask, member_line, try_ask};
use vivarium_tests::{apache, ensemble, wait_for};

const OURS: Start = ensemble::start_at;
const THEIRS: Start = apache::start_at;

/// Servers 1 to 3 of these kinds elect server 3. A fourth joins and gets a vote, the leader is sent
/// away, and everybody tells the same members afterwards.
fn comes_and_leaves(kinds: [Start; 3], fourth: Start) {
    let mut members = Members::start(&kinds, apache::EXTRA);
    let old = members.leader();
    members.join(fourth);
    let line = member_line(members.place(4));
    ask(&mut members.client(1), &line, "").expect("a quorum has it");
    assert!(members.client(4).create("/joined", b"").unwrap().is_ok());

    let mut client = members.client(if old == 1 { 2 } else { 1 });
    if let Ok(answer) = try_ask(&mut client, "", &old.to_string()) {
        answer.expect("the others are a quorum");
    }
    let leader = wait_for("another leads", || Some(members.leader()).filter(|it| *it != old));
    wait_for("who left follows, without a vote", || {
        (members.mode(old) == "follower").then_some(())
    });
    assert!(members.client(leader).create("/after", b"").unwrap().is_ok());
    let texts: Vec<String> = (1..=4).map(|id| members.config(id)).collect();
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
    assert!(!texts[0].contains(&format!("server.{old}=")) && texts[0].contains("server.4="));

    // A voter is lost and comes back as the other kind of server, on the same files.
    let lost = (1..=4).find(|id| ![old, leader].contains(id)).expect("there is a third voter");
    members.kill(lost);
    assert!(members.client(leader).create("/without-one", b"").unwrap().is_ok());
    let was_ours = lost < 4 && kinds[lost - 1] as usize == OURS as usize;
    members.restart(lost, if was_ours { THEIRS } else { OURS });
    members.mode(lost);
    assert_eq!(members.config(lost), members.config(leader));
}

#[test]
fn an_apache_leader_takes_a_vivarium_server_in_and_hands_over() {
    comes_and_leaves([OURS, THEIRS, THEIRS], OURS);
}

#[test]
fn a_vivarium_leader_takes_an_apache_server_in_and_hands_over() {
    comes_and_leaves([THEIRS, OURS, OURS], THEIRS);
}
