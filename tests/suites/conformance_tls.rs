//! TLS on the secure client port: every form of store, who a certificate says somebody is, who is
//! not let in, and clients as people start them.

use std::fs;
use std::process::Command;
use vivarium_tests::ensemble::{Ensemble, Place, configure, places, start_at};
use vivarium_tests::process::{Folder, free_ports};
use vivarium_tests::shell::{assert_in_order, python, zk_cli_with};
use vivarium_tests::stores::{ANN_SUBJECT, PASSWORD, Stores};
use vivarium_tests::{tools, wait_for, words};

/// A server with a port for TLS.
struct Secure {
    ensemble: Ensemble,
    server: String,
}

impl Secure {
    /// Starts one with these stores and more lines.
    fn start(key: &str, trust: &str, extra: &str) -> Secure {
        let port = free_ports(1)[0];
        let ensemble = Ensemble::standalone_with(&lines(port, key, trust, extra));
        Secure { ensemble, server: format!("127.0.0.1:{port}") }
    }

    fn plain(&self) -> String {
        self.ensemble.place(1).connect_string()
    }
}

fn lines(port: u16, key: &str, trust: &str, extra: &str) -> String {
    format!(
        "secureClientPort={port}\nsecureClientPortAddress=127.0.0.1\n\
         serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory\n\
         ssl.keyStore.location={key}\nssl.keyStore.password={PASSWORD}\n\
         ssl.trustStore.location={trust}\nssl.trustStore.password={PASSWORD}\n{extra}"
    )
}

/// Who the server says a client is that has this certificate, or why it is not let in.
fn who(server: &str, stores: &Stores, name: &str, more: &[&str]) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/tls_who.py");
    let mut command = Command::new(tools::python());
    command.args([script, server, &stores.name("ca.crt")]);
    if !name.is_empty() {
        command.args(["crt", "key"].map(|end| stores.name(&format!("{name}.{end}"))));
    }
    let output = command.args(more).output().expect("python can be started");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn ann() -> String {
    format!("ip:127.0.0.1\nx509:{ANN_SUBJECT}")
}

#[test]
fn every_form_of_store_opens_the_port() {
    let stores = Stores::new();
    let p12 = stores.pkcs12("server", "server.p12", "");
    let old = "-certpbe PBE-SHA1-3DES -keypbe PBE-SHA1-3DES -macalg sha1";
    let keys = [
        stores.pem("server"),
        stores.encrypted_pem("server"),
        stores.pkcs12("server", "old.p12", old),
        stores.by_keytool(&p12, "keytool.p12", "PKCS12"),
        stores.by_keytool(&p12, "server.jks", "JKS"),
        p12,
    ];
    let trusts = [
        stores.name("ca.crt"),
        stores.trusting(&["ca"], "trust.p12", "PKCS12"),
        stores.trusting(&["ca"], "trust.jks", "JKS"),
    ];
    for (number, key) in keys.iter().enumerate() {
        let trust = &trusts[number % trusts.len()];
        let extra = if trust.ends_with("crt") { "ssl.trustStore.type=PEM\n" } else { "" };
        let secure = Secure::start(key, trust, extra);
        assert_eq!(who(&secure.server, &stores, "ann", &[]), ann(), "{key} and {trust}");
    }
}

#[test]
fn a_key_on_a_curve_by_keytool_is_taken_and_trusted_by_name() {
    let stores = Stores::new();
    let key = stores.elliptic("curve.p12");
    let trust = stores.trusting(&["ca"], "trust.p12", "PKCS12");
    let secure = Secure::start(&key, &trust, "");
    let said = who(&secure.server, &stores, "ann", &[]);
    assert!(said.starts_with("refused") && said.contains("self-signed"), "by the client: {said}");
}

#[test]
fn who_has_no_certificate_or_a_strange_one_is_not_let_in() {
    let stores = Stores::new();
    let (key, trust) = (stores.pem("server"), stores.trusting(&["ca"], "trust.jks", "JKS"));
    let need = Secure::start(&key, &trust, "");
    assert!(who(&need.server, &stores, "", &[]).starts_with("refused"), "none");
    assert!(who(&need.server, &stores, "eve", &[]).starts_with("refused"), "her own");
    assert_eq!(who(&need.server, &stores, "ann", &["TLSv1_2"]), ann(), "by TLS 1.2");
    assert_eq!(who(&need.server, &stores, "ann", &["TLSv1_3"]), ann(), "by TLS 1.3");

    let want = Secure::start(&key, &trust, "ssl.clientAuth=want\nssl.protocol=TLSv1.3\n");
    assert_eq!(who(&want.server, &stores, "", &[]), "ip:127.0.0.1");
    assert_eq!(who(&want.server, &stores, "ann", &[]), ann());
    assert!(who(&want.server, &stores, "eve", &[]).starts_with("refused"));
    assert!(who(&want.server, &stores, "ann", &["TLSv1_2"]).starts_with("refused"));

    let none = Secure::start(&key, &trust, "ssl.clientAuth=none\n");
    assert_eq!(who(&none.server, &stores, "ann", &[]), "ip:127.0.0.1", "nobody asks");
}

#[test]
fn a_certificate_in_the_trust_store_is_trusted_itself() {
    let stores = Stores::new();
    let trust = stores.trusting(&["ca", "eve"], "trust.jks", "JKS");
    let secure = Secure::start(
        &stores.pem("server"),
        &trust,
        "X509AuthenticationProvider.superUser=CN=eve\nssl.clientHostnameVerification=false\n",
    );
    let said = who(&secure.server, &stores, "eve", &[]);
    assert_eq!(said, "ip:127.0.0.1\nsuper:\nx509:CN=eve");
}

#[test]
fn a_certificate_must_name_the_address_where_that_is_asked_for() {
    let stores = Stores::new();
    stores.issue("far", "/CN=far", "IP:10.9.8.7");
    let trust = stores.trusting(&["ca"], "trust.jks", "JKS");
    let check = "ssl.clientHostnameVerification=true\n";
    let secure = Secure::start(&stores.pem("server"), &trust, check);
    assert_eq!(who(&secure.server, &stores, "ann", &[]), ann());
    assert!(who(&secure.server, &stores, "far", &[]).starts_with("refused"));
}

#[test]
fn one_port_may_speak_both() {
    let stores = Stores::new();
    let trust = stores.trusting(&["ca"], "trust.jks", "JKS");
    let extra = format!(
        "client.portUnification=true\nssl.keyStore.location={}\nssl.trustStore.location={trust}\n\
         ssl.trustStore.password={PASSWORD}\n",
        stores.pem("server")
    );
    let ensemble = Ensemble::standalone_with(&extra);
    let server = ensemble.place(1).connect_string();
    assert_eq!(who(&server, &stores, "ann", &[]), ann());
    assert_eq!(words::mode(ensemble.place(1).address()).as_deref(), Some("standalone"));
}

#[test]
fn stores_that_change_are_read_again() {
    let stores = Stores::new();
    let key = stores.pem("server");
    let (trust, other) = (stores.path("trusted.pem"), stores.path("ca.crt"));
    fs::copy(stores.path("eve.crt"), &trust).expect("a file can be copied");
    let reload = "client.certReload=true\n";
    let secure = Secure::start(&key, &trust.display().to_string(), reload);
    assert!(who(&secure.server, &stores, "ann", &[]).starts_with("refused"));
    fs::copy(other, &trust).expect("a file can be copied");
    wait_for("the new store counts", || {
        (who(&secure.server, &stores, "ann", &[]) == ann()).then_some(())
    });
}

#[test]
fn kazoo_comes_by_tls() {
    let stores = Stores::new();
    let trust = stores.trusting(&["ca"], "trust.jks", "JKS");
    let secure = Secure::start(&stores.pem("server"), &trust, "");
    let files = ["ca.crt", "ann.crt", "ann.key"].map(|name| stores.name(name));
    let [ca, certificate, key] = files.each_ref().map(String::as_str);
    let plain = secure.plain();
    python("tls.py", &[&secure.server, &plain, ca, certificate, key, ANN_SUBJECT]);
}

#[test]
fn zk_cli_comes_by_tls() {
    let stores = Stores::new();
    let trust = stores.trusting(&["ca"], "trust.jks", "JKS");
    let secure = Secure::start(&stores.pem("server"), &trust, "");
    let own = stores.pkcs12("ann", "ann.p12", "");
    let flag = |name: &str, value: &str| format!("-Dzookeeper.{name}={value}");
    let flags = [
        format!("-cp {}", tools::zookeeper_class_path_with_netty()),
        flag("clientCnxnSocket", "org.apache.zookeeper.ClientCnxnSocketNetty"),
        flag("client.secure", "true"),
        flag("ssl.keyStore.location", &own),
        flag("ssl.keyStore.password", PASSWORD),
        flag("ssl.trustStore.location", &trust),
        flag("ssl.trustStore.password", PASSWORD),
    ];
    let lines = ["create /app hello auth::cdrwa", "getAcl /app", "get /app", "ls /"];
    let printed = zk_cli_with(&secure.server, &flags, &lines);
    // That client prints commas so.
    let ann = format!("'x509,'{}", ANN_SUBJECT.replace(',', "%2C"));
    assert_in_order(&printed, &["Created /app", &ann, "hello", "[app, zookeeper]"]);
    let printed = zk_cli_with(&secure.plain(), &[], &["get /app"]);
    assert_in_order(&printed, &["Insufficient permission : /app"]);
}

#[test]
fn what_is_wrong_with_a_store_is_one_sentence_at_the_start() {
    let (stores, folder) = (Stores::new(), Folder::new());
    let place: Place = places(folder.path(), 1, 0).remove(0);
    let trust = stores.trusting(&["ca"], "trust.jks", "JKS");
    let p12 = stores.pkcs12("server", "server.p12", "");
    let jks = stores.by_keytool(&p12, "server.jks", "JKS");
    let (pem, locked) = (stores.pem("server"), stores.encrypted_pem("server"));
    let wrong = "ssl.keyStore.password=guess\n";
    let cases = [
        (lines(1, "/nowhere/key.pem", &trust, ""), "can't read /nowhere/key.pem"),
        (lines(1, &p12, &trust, wrong), "server.p12: the password does not open this store"),
        (lines(1, &jks, &trust, wrong), "server.jks: the password does not open this store"),
        (lines(1, &locked, &trust, wrong), "encrypted.pem: the password does not open this store"),
        (lines(1, &trust, &trust, ""), "trust.jks: this store holds no private key"),
        (lines(1, &pem, &stores.pkcs12("ann", "ann.p12", "-nokeys"), ""), "no certificate to"),
        (lines(1, &pem, &trust, "ssl.trustStore.type=BCFKS\n"), "BCFKS, which can't be read"),
        (lines(1, &pem, &trust, "ssl.ciphersuites=TLS_NONE\n"), "leave no cipher suite"),
    ];
    for (extra, sentence) in cases {
        configure(&place, &[], &extra);
        let said = place.refusal();
        assert!(said.contains(sentence), "{said}");
        assert!(!said.contains(PASSWORD), "{said}");
    }
    configure(&place, &[], &lines(free_ports(1)[0], &pem, &trust, ""));
    let server = start_at(&place);
    wait_for("with the right ones it serves", || words::mode(place.address()));
    assert!(server.printed().contains("client connections by TLS at 127.0.0.1:"));
}
