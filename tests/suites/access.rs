//! Who may do what at real servers: what zoo.cfg says of checks, schemes and super users.

use bytes::Bytes;
use vivarium_protocol::message::{Acl, CreateOp, ErrorCode, Id, Op, ReplyBody};
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::Ensemble;

fn connect(ensemble: &Ensemble, id: usize) -> Client {
    Client::connect(ensemble.place(id).address()).expect("it serves")
}

fn create(client: &mut Client, path: &str, scheme: &str, id: &str) -> Result<(), ErrorCode> {
    let id = Id { scheme: scheme.to_owned(), id: id.to_owned() };
    let op = Op::Create {
        op: CreateOp::Create,
        path: Some(path.to_owned()),
        data: Some(Bytes::from_static(b"secret")),
        acl: Some(vec![Acl { perms: 31, id }]),
        flags: 0,
        ttl_ms: -1,
    };
    client.request(&op).expect("it answers").map(|_| ())
}

fn auth(client: &mut Client, scheme: &str, credentials: &str) -> Result<(), ErrorCode> {
    let auth = Some(Bytes::copy_from_slice(credentials.as_bytes()));
    let op = Op::Auth { scheme: Some(scheme.to_owned()), auth };
    client.request(&op).expect("it answers").map(|_| ())
}

fn set(client: &mut Client, path: &str) -> Result<(), ErrorCode> {
    let op = Op::SetData { path: Some(path.to_owned()), data: None, version: -1 };
    client.request(&op).expect("it answers").map(|_| ())
}

fn read(client: &mut Client, path: &str) -> Result<(), ErrorCode> {
    let op = Op::GetData { path: Some(path.to_owned()), watch: false };
    client.request(&op).expect("it answers").map(|_| ())
}

#[test]
fn a_super_user_and_nobody_else_passes_every_check_through_a_follower() {
    let line = "DigestAuthenticationProvider.superDigest=super:0bX78nEegDzJM3ju0iLBEJdWzjg=\n";
    let ensemble = Ensemble::start_with(3, 0, line);
    let at = ensemble.follower();
    let mut anyone = connect(&ensemble, at);
    assert_eq!(create(&mut anyone, "/hers", "digest", "ann:hash"), Ok(()));
    assert_eq!(read(&mut anyone, "/hers"), Err(ErrorCode::NoAuth));
    assert_eq!(set(&mut anyone, "/hers"), Err(ErrorCode::NoAuth));
    assert_eq!(auth(&mut anyone, "digest", "super:guess"), Ok(()), "it is a digest as any other");
    assert_eq!(set(&mut anyone, "/hers"), Err(ErrorCode::NoAuth));
    assert_eq!(auth(&mut anyone, "digest", "super:pw"), Ok(()));
    assert_eq!((set(&mut anyone, "/hers"), read(&mut anyone, "/hers")), (Ok(()), Ok(())));
}

#[test]
fn nothing_is_checked_where_skip_acl_says_so() {
    let ensemble = Ensemble::start_with(3, 0, "skipACL=yes\n");
    let at = ensemble.follower();
    let mut anyone = connect(&ensemble, at);
    assert_eq!(create(&mut anyone, "/hers", "digest", "ann:hash"), Ok(()));
    assert_eq!((set(&mut anyone, "/hers"), read(&mut anyone, "/hers")), (Ok(()), Ok(())));
    assert_eq!(create(&mut anyone, "/bad", "digest", "ann"), Err(ErrorCode::InvalidAcl));
    let Ok(Ok(ReplyBody::ClientInfo(ids))) = anyone.request(&Op::WhoAmI) else {
        panic!("it says who one is")
    };
    assert_eq!(ids, [("ip".to_owned(), "127.0.0.1".to_owned())], "nobody is made super by it");
}

#[test]
fn a_scheme_that_is_switched_off_is_none() {
    let ensemble = Ensemble::standalone_with("DigestAuthenticationProvider.enabled=false\n");
    let mut anyone = connect(&ensemble, 1);
    assert_eq!(create(&mut anyone, "/hers", "digest", "ann:hash"), Err(ErrorCode::InvalidAcl));
    assert_eq!(auth(&mut anyone, "digest", "ann:pw"), Err(ErrorCode::AuthFailed));
    assert!(anyone.request(&Op::Ping).is_err(), "and the connection is closed");
}

#[test]
fn another_algorithm_makes_other_ids() {
    let lines = "DigestAuthenticationProvider.digestAlg=SHA-256\n";
    let ensemble = Ensemble::standalone_with(lines);
    let mut ann = connect(&ensemble, 1);
    assert_eq!(auth(&mut ann, "digest", "u:p"), Ok(()));
    let hers = "u:/Y8xRBngpX5duYn15uUqIRaIaCviy5TEwSk419hCwuA=";
    assert_eq!(create(&mut ann, "/hers", "digest", hers), Ok(()));
    assert_eq!(set(&mut ann, "/hers"), Ok(()));
    assert_eq!(set(&mut connect(&ensemble, 1), "/hers"), Err(ErrorCode::NoAuth));
}

#[test]
fn a_client_of_another_ensemble_is_hung_up_on() {
    let lines = "authProvider.1=org.apache.zookeeper.server.auth.EnsembleAuthenticationProvider\n\
                 ensembleAuthName=ours\n";
    let ensemble = Ensemble::standalone_with(lines);
    let mut ours = connect(&ensemble, 1);
    assert_eq!(auth(&mut ours, "ensemble", "ours"), Ok(()));
    assert!(ours.request(&Op::Ping).is_ok());
    let op = Op::Auth { scheme: Some("ensemble".to_owned()), auth: Some("theirs".into()) };
    assert!(connect(&ensemble, 1).request(&op).is_err());
}

#[test]
fn where_a_scheme_is_enforced_an_id_of_it_comes_first() {
    let lines = "enforce.auth.enabled=true\nenforce.auth.schemes=digest\n";
    let ensemble = Ensemble::standalone_with(lines);
    let mut anyone = connect(&ensemble, 1);
    assert_eq!(read(&mut anyone, "/"), Err(ErrorCode::SessionClosedRequireAuth));
    assert!(anyone.request(&Op::Ping).is_err(), "and the connection is closed");
    let mut ann = connect(&ensemble, 1);
    assert_eq!(auth(&mut ann, "digest", "ann:pw"), Ok(()));
    assert_eq!(read(&mut ann, "/"), Ok(()));
}
