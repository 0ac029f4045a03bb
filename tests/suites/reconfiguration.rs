//! The members of an ensemble change while it runs: servers come, leave, and lead in turn.

use vivarium_protocol::message::{ErrorCode, Op};
use vivarium_tests::ensemble;
use vivarium_tests::members::{Members, Start, ask, member_line};
use vivarium_tests::wait_for;

const OURS: Start = ensemble::start_at;

#[test]
fn servers_come_and_leave_and_the_files_say_so() {
    let mut members = Members::start(&[OURS; 3], "");
    let first = members.file(1, "zoo.cfg.dynamic.100000000").expect("the first term wrote it");
    assert_eq!(first.lines().count(), 3, "{first}");
    assert!(!first.contains("version"), "the version is in the name: {first}");
    let zoo_cfg = members.file(1, "zoo.cfg").expect("it is still there");
    assert!(zoo_cfg.contains("dynamicConfigFile=/") && !zoo_cfg.contains("server.1"), "{zoo_cfg}");
    assert!(members.file(1, "zoo.cfg.bak").is_some_and(|text| text.contains("server.1")));

    members.join(OURS);
    assert_eq!(members.mode(4), "follower", "it follows and has no vote");
    let line = member_line(members.place(4));
    let told = ask(&mut members.client(1), &line, "").expect("a quorum has it");
    assert!(told.contains("server.4=127.0.0.1") && told.contains("version=1000000"), "{told}");

    let old = members.leader();
    let follower = if old == 1 { 2 } else { 1 };
    ask(&mut members.client(follower), "", &old.to_string()).expect("the others are a quorum");
    wait_for("another leads", || Some(members.leader()).filter(|leader| *leader != old));
    wait_for("who left follows, without a vote", || {
        (members.mode(old) == "follower").then_some(())
    });
    assert!(members.client(4).create("/after", b"").unwrap().is_ok());

    // Three vote now. One of them fails, and is told of the members when it is back.
    let leader = members.leader();
    let lost = [1, 2, 3, 4].into_iter().find(|id| ![old, leader].contains(id)).expect("a third");
    members.kill(lost);
    assert!(members.client(leader).create("/without-one", b"").unwrap().is_ok());
    members.restart(lost, OURS);
    members.mode(lost);
    let texts = [lost, leader, old].map(|id| members.config(id));
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert!(!texts[0].contains(&format!("server.{old}=")), "{}", texts[0]);
}

#[test]
fn what_makes_no_ensemble_is_refused() {
    let members = Members::start(&[OURS; 3], "");
    let mut client = members.client(1);
    let line = member_line(members.place(4));
    let cases = [
        ("", "1,2", ErrorCode::BadArguments, "one voter is no ensemble"),
        ("server.4=nowhere", "", ErrorCode::BadArguments, "no ports"),
        ("server.4=127.0.0.1:1:2", "", ErrorCode::BadArguments, "no client port"),
        (&line, "1,2", ErrorCode::NewConfigNoQuorum, "nobody has heard of server 4"),
    ];
    for (joining, leaving, code, why) in cases {
        assert_eq!(ask(&mut client, joining, leaving), Err(code), "{why}");
    }
    assert!(ask(&mut client, "", "3").is_ok(), "and what was refused is forgotten");
}

#[test]
fn only_the_super_user_may_change_the_members() {
    // super:pw
    let digest = "DigestAuthenticationProvider.superDigest=super:0bX78nEegDzJM3ju0iLBEJdWzjg=\n";
    let members = Members::start_with(&[OURS; 3], "skipACL=no\n", digest);
    let mut client = members.client(2);
    assert_eq!(ask(&mut client, "", "3"), Err(ErrorCode::NoAuth));
    assert!(members.config(2).contains("server.3="), "nothing has changed");
    let (scheme, auth) = (Some("digest".to_owned()), Some("super:pw".into()));
    assert!(client.request(&Op::Auth { scheme, auth }).unwrap().is_ok());
    let text = ask(&mut client, "", "3").expect("the super user may");
    assert!(!text.contains("server.3="), "{text}");
}
