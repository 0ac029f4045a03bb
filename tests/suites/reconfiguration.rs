//! The members of an ensemble change while it runs: servers come, leave, and lead in turn.

use std::net::TcpStream;
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody};
use vivarium_tests::client::Client;
use vivarium_tests::members::{ask, member_line};
use vivarium_tests::mixed::Kind::Vivarium;
use vivarium_tests::mixed::Mixed;
use vivarium_tests::{wait_for, words};

/// Three servers, whom anybody may reconfigure unless `extra` says who may.
fn three(extra: &str) -> Mixed {
    let mut mixed = Mixed::with_one_to_join(3, extra);
    for id in 1..=3 {
        mixed.start(id, Vivarium);
    }
    for id in 1..=3 {
        assert_ne!(mixed.serving(id), "observer");
    }
    mixed
}

#[test]
fn servers_come_and_leave_and_the_files_say_so() {
    let mut members = three("skipACL=yes\n");
    let first = members.file(1, "zoo.cfg.dynamic.100000000").expect("the first term wrote it");
    assert_eq!(first.lines().count(), 3, "{first}");
    assert!(!first.contains("version"), "the version is in the name: {first}");
    let zoo_cfg = members.file(1, "zoo.cfg").expect("it is still there");
    assert!(zoo_cfg.contains("dynamicConfigFile=/") && !zoo_cfg.contains("server.1"), "{zoo_cfg}");
    assert!(members.file(1, "zoo.cfg.bak").is_some_and(|text| text.contains("server.1")));

    members.start(4, Vivarium);
    assert_eq!(members.serving(4), "follower", "it follows and has no vote");
    let line = member_line(members.place(4));
    let told = ask(&mut members.client(1), &line, "").expect("a quorum has it");
    assert!(told.contains("server.4=127.0.0.1") && told.contains("version=1000000"), "{told}");

    let old = members.leader();
    let follower = if old == 1 { 2 } else { 1 };
    ask(&mut members.client(follower), "", &old.to_string()).expect("the others are a quorum");
    let leader = wait_for("another leads", || Some(members.leader()).filter(|it| *it != old));
    wait_for("who left follows", || (members.serving(old) == "follower").then_some(()));
    assert!(members.client(4).create("/after", b"").unwrap().is_ok());

    // Three vote now. One of them fails, and is told of the members when it is back.
    let lost = (1..=4).find(|id| ![old, leader].contains(id)).expect("a third");
    members.kill(lost);
    assert!(members.client(leader).create("/without-one", b"").unwrap().is_ok());
    members.start(lost, Vivarium);
    assert_eq!(members.serving(lost), "follower");
    let texts = [lost, leader, old].map(|id| members.config(id));
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:?}");
    assert!(!texts[0].contains(&format!("server.{old}=")), "{}", texts[0]);
    members.assert_agreement();
}

#[test]
fn a_server_moves_to_other_ports_while_it_runs() {
    let mut members = three("skipACL=yes\n");
    let leader = members.leader();
    let moving = if leader == 3 { 2 } else { 3 };
    let other = 6 - leader - moving;
    let mut before = members.client(moving);
    let (old, new) = (members.place(moving).clone(), members.place(4).clone());
    let line = member_line(&new).replacen("server.4", &format!("server.{moving}"), 1);
    ask(&mut members.client(other), &line, "").expect("a quorum has it");
    wait_for("clients come in at the new port", || Client::connect(new.address()).ok());
    wait_for("the old port is closed", || TcpStream::connect(old.address()).err());
    assert!(before.create("/here-before", b"").unwrap().is_ok(), "who was there stays");
    let conf = words::ask(new.address(), "conf").expect("it answers");
    for (key, port) in [("client", new.client), ("election", new.election), ("quorum", new.quorum)]
    {
        assert!(conf.contains(&format!("{key}Port={port}\n")), "{conf}");
    }
    // Now votes and learners have to find it there: of the two that are left it has the higher id.
    members.kill(leader);
    wait_for("it leads", || (words::mode(new.address())? == "leader").then_some(()));
    wait_for("the other follows", || (members.serving(other) == "follower").then_some(()));
    assert!(members.client(other).create("/after", b"").unwrap().is_ok());
}

#[test]
fn what_makes_no_ensemble_is_refused() {
    let members = three("skipACL=yes\n");
    let mut client = members.client(1);
    let line = member_line(members.place(4));
    let several = line.replace(":participant", "|127.0.0.2:1:2:participant");
    let cases = [
        ("", "1,2", ErrorCode::BadArguments, "one voter is no ensemble"),
        ("server.4=nowhere", "", ErrorCode::BadArguments, "no ports"),
        ("server.4=127.0.0.1:1:2", "", ErrorCode::BadArguments, "no client port"),
        (&several, "", ErrorCode::BadArguments, "nobody could start with several addresses"),
        (&line, "1,2", ErrorCode::NewConfigNoQuorum, "nobody has heard of server 4"),
    ];
    for (joining, leaving, code, why) in cases {
        assert_eq!(ask(&mut client, joining, leaving), Err(code), "{why}");
    }
    let all: String = (1..=3).map(|id| member_line(members.place(id)) + "\n").collect();
    for (groups, why) in [
        ("group.1=1:2\n", "server 3 is in no group"),
        ("group.1=1:2:3\ngroup.2=3\n", "server 3 is in two"),
        ("group.1=1:2:3:7\n", "server 7 is nobody"),
        ("weight.1=2\n", "weights without groups"),
    ] {
        let whole = Some(format!("{all}{groups}"));
        let op = Op::Reconfig { joining: None, leaving: None, members: whole, config_id: -1 };
        let answer = client.request(&op).expect("the server answers");
        assert_eq!(answer, Err(ErrorCode::BadArguments), "{why}");
    }
    let whole = Some(format!("{all}group.1=1:2:3\n"));
    let op = Op::Reconfig { joining: None, leaving: None, members: whole, config_id: -1 };
    let answer = client.request(&op).expect("the server answers");
    assert!(matches!(answer, Ok(ReplyBody::Data { .. })), "what was refused is forgotten");
}

#[test]
fn only_the_super_user_may_change_the_members() {
    // super:pw
    let digest = "DigestAuthenticationProvider.superDigest=super:0bX78nEegDzJM3ju0iLBEJdWzjg=\n";
    let members = three(digest);
    let mut client = members.client(2);
    assert_eq!(ask(&mut client, "", "3"), Err(ErrorCode::NoAuth));
    assert!(members.config(2).contains("server.3="), "nothing has changed");
    let (scheme, auth) = (Some("digest".to_owned()), Some("super:pw".into()));
    assert!(client.request(&Op::Auth { scheme, auth }).unwrap().is_ok());
    let text = ask(&mut client, "", "3").expect("the super user may");
    assert!(!text.contains("server.3="), "{text}");
}
