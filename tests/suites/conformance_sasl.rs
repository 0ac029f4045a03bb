//! SASL DIGEST-MD5 as clients use it: kazoo, Java's zkCli.sh, and bytes of one's own.

use std::fs;
use std::path::Path;
use vivarium_protocol::message::{Acl, CreateOp, ErrorCode, Id, Op, ReplyBody};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::{Ensemble, configure, places};
use vivarium_tests::process::Folder;
use vivarium_tests::shell::{assert_in_order, python, zk_cli_with};

const LOGINS: &str = r#"
Server {
    org.apache.zookeeper.server.auth.DigestLoginModule required
        user_super="adminsecret"
        user_bob="bobsecret";
};
"#;

/// The lines of zoo.cfg for SASL, with the file of users that they name.
fn sasl(folder: &Path) -> String {
    let path = folder.join("jaas.conf");
    fs::write(&path, LOGINS).expect("a file can be written");
    format!(
        "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n\
         java.security.auth.login.config={}\nsuperUser=super\n",
        path.display()
    )
}

#[test]
fn kazoo_comes_by_name_and_password_through_a_follower() {
    let folder = Folder::new();
    let ensemble = Ensemble::start_with(3, 0, &sasl(folder.path()));
    python("sasl.py", &[&ensemble.place(ensemble.follower()).connect_string()]);
}

#[test]
fn zk_cli_comes_by_name_and_password() {
    let folder = Folder::new();
    let ensemble = Ensemble::standalone_with(&sasl(folder.path()));
    let jaas = folder.path().join("client.conf");
    let login = |user: &str, password: &str| {
        let text = format!(
            "Client {{ org.apache.zookeeper.server.auth.DigestLoginModule required \
             username=\"{user}\" password=\"{password}\"; }};"
        );
        fs::write(&jaas, text).expect("a file can be written");
        vec![format!("-Djava.security.auth.login.config={}", jaas.display())]
    };
    let server = ensemble.place(1).connect_string();
    let lines = ["create /bobs mine sasl:bob:cdrwa", "getAcl /bobs", "get /bobs", "whoami"];
    let printed = zk_cli_with(&server, &login("bob", "bobsecret"), &lines);
    assert_in_order(&printed, &["Created /bobs", "'sasl,'bob", ": cdrwa", "mine", "sasl: bob"]);
    let printed = zk_cli_with(&server, &login("bob", "guess"), &["get /bobs"]);
    assert!(!printed.contains("mine"), "{printed}");
    let printed = zk_cli_with(&server, &[], &["get /bobs"]);
    assert_in_order(&printed, &["Insufficient permission : /bobs"]);
}

#[test]
fn a_server_without_sasl_lets_clients_that_try_it_go_on() {
    let ensemble = Ensemble::standalone();
    let mut client = Client::connect(ensemble.place(1).address()).expect("it serves");
    assert_eq!(client.sasl(Some(b"")).expect("it answers"), Ok(ReplyBody::Token(None)));
    assert!(client.create("/still-here", b"").expect("it answers").is_ok());
    assert!(Client::connect(ensemble.place(1).address()).expect("it serves").sasl(None).is_err());
    let named = of("sasl", "bob");
    assert_eq!(client.request(&named).expect("it answers"), Err(ErrorCode::InvalidAcl));
}

#[test]
fn who_must_authenticate_gets_no_answer_before() {
    let folder = Folder::new();
    let extra = format!("{}sessionRequireClientSASLAuth=true\n", sasl(folder.path()));
    let ensemble = Ensemble::standalone_with(&extra);
    let address = ensemble.place(1).address();
    for op in [create("/x", b"", 0), Op::Ping, Op::CloseSession] {
        let mut client = Client::connect(address).expect("a session needs no name");
        let answered = client.request_as_sent(&op).expect("it answers");
        assert_eq!(answered, Err(ErrorCode::SessionClosedRequireAuth), "{op:?}");
        assert!(client.request(&op).is_err(), "and the connection is closed");
    }
    let mut client = Client::connect(address).expect("it serves");
    let auth = Op::Auth { scheme: Some("digest".to_owned()), auth: Some("u:p".into()) };
    assert!(client.request(&auth).expect("it answers").is_ok(), "a digest is no SASL");
    let answered = client.request(&create("/x", b"", 0)).expect("it answers");
    assert_eq!(answered, Err(ErrorCode::SessionClosedRequireAuth));
    let mut client = Client::connect(address).expect("it serves");
    assert!(matches!(client.sasl(Some(b"")), Ok(Ok(ReplyBody::Token(Some(_))))));
    let failed = client.sasl(Some(b"nonsense")).expect("it answers");
    assert_eq!(failed, Err(ErrorCode::SessionClosedRequireAuth));
    python("sasl_only.py", &[&ensemble.place(1).connect_string()]);
}

#[test]
fn who_fails_may_stay_where_that_is_allowed() {
    let folder = Folder::new();
    let allowing = format!("{}allowSaslFailedClients=true\n", sasl(folder.path()));
    for (extra, outcome) in
        [(sasl(folder.path()), Err(ErrorCode::AuthFailed)), (allowing, Ok(ReplyBody::Token(None)))]
    {
        let ensemble = Ensemble::standalone_with(&extra);
        let mut client = Client::connect(ensemble.place(1).address()).expect("it serves");
        assert!(matches!(client.sasl(Some(b"")), Ok(Ok(ReplyBody::Token(Some(_))))));
        assert_eq!(client.sasl(Some(b"nonsense")).expect("it answers"), outcome);
        let stays = client.create("/stays", b"").is_ok();
        assert_eq!(stays, outcome.is_ok());
    }
}

#[test]
fn what_sasl_lacks_is_one_sentence_at_the_start() {
    let folder = Folder::new();
    let place = places(folder.path(), 1, 0).remove(0);
    let provider = "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n";
    let jaas = folder.path().join("jaas.conf");
    let named = format!("{provider}java.security.auth.login.config={}\n", jaas.display());
    let kerberos = "Server {\n com.sun.security.auth.module.Krb5LoginModule required;\n};";
    for (extra, logins, sentence) in [
        (provider, "", "SASL is asked for, but no file of users is named"),
        (&named, kerberos, "jaas.conf:2: com.sun.security.auth.module.Krb5LoginModule is not"),
        (&named, "Server {", "jaas.conf:1: this login configuration lacks"),
    ] {
        fs::write(&jaas, logins).expect("a file can be written");
        configure(&place, &[], extra);
        let said = place.refusal();
        assert!(said.contains(sentence), "{said}");
    }
}

fn of(scheme: &str, id: &str) -> Op {
    let id = Id { scheme: scheme.to_owned(), id: id.to_owned() };
    Op::Create {
        op: CreateOp::Create,
        path: Some("/named".to_owned()),
        data: None,
        acl: Some(vec![Acl { perms: 31, id }]),
        flags: 0,
        ttl_ms: -1,
    }
}
