//! Who is who by which zoo.cfg, and what a file that can't be obeyed is told.

use super::directives::Directives;
use super::*;
use proptest::prelude::*;
use vivarium_protocol::zoo_cfg::ZooCfg;

const SASL: &str = "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider\n\
                    java.security.auth.login.config=/jaas\n";
const LOGINS: &str = "Server { org.apache.zookeeper.server.auth.DigestLoginModule required \
                      user_bob=\"secret\" user_super=\"one\"; };";

fn identities(lines: &str, logins: &str) -> Result<Identities, Vec<String>> {
    let text = format!("dataDir=/data\n{lines}");
    let cfg = ZooCfg::parse("zoo.cfg", &text).expect("the file has no other faults");
    let read = Identities::from(&cfg, false, |_| Ok(logins.to_owned()));
    read.map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn authentication(lines: &str) -> Authentication {
    identities(lines, LOGINS).expect("the settings are right").authentication
}

fn id(scheme: &str, id: &str) -> Id {
    Id { scheme: scheme.to_owned(), id: id.to_owned() }
}

#[test]
fn what_the_schemes_show() {
    let plain = authentication("");
    let digest = id("digest", "super:0bX78nEegDzJM3ju0iLBEJdWzjg=");
    let shown = plain.judge("digest", Some(b"super:pw"));
    assert_eq!(shown, Verdict::Shown(vec![digest.clone()]));
    assert_eq!(plain.judge("ip", None), Verdict::Shown(vec![]));
    for (scheme, credentials) in [("digest", None), ("sasl", Some(&b"x"[..])), ("ensemble", None)] {
        assert_eq!(plain.judge(scheme, credentials), Verdict::Refused, "{scheme}");
    }
    let line = "DigestAuthenticationProvider.superDigest=super:0bX78nEegDzJM3ju0iLBEJdWzjg=";
    let shown = authentication(line).judge("digest", Some(b"super:pw"));
    assert_eq!(shown, Verdict::Shown(vec![id("super", ""), digest]));
    let off = authentication("DigestAuthenticationProvider.enabled=false");
    assert_eq!(off.judge("digest", Some(b"super:pw")), Verdict::Refused);
}

#[test]
fn clients_of_another_ensemble_are_hung_up_on() {
    let ours = authentication("ensembleAuthName=ours, theirs");
    for (name, verdict) in [
        (&b"ours"[..], Verdict::Shown(vec![])),
        (b"theirs", Verdict::Shown(vec![])),
        (b"", Verdict::Shown(vec![])),
        (b"others", Verdict::HangUp),
    ] {
        assert_eq!(ours.judge("ensemble", Some(name)), verdict);
    }
}

#[test]
fn super_users_of_sasl_and_of_certificates() {
    let lines = "superUser.1=bob\nX509AuthenticationProvider.superUser=CN=root,O=us";
    let all = authentication(lines);
    assert_eq!(all.sasl_ids("bob"), [id("super", ""), id("sasl", "bob")]);
    assert_eq!(all.sasl_ids("ann"), [id("sasl", "ann")]);
    assert_eq!(all.certificate_ids("CN=root,O=us"), [id("super", ""), id("x509", "CN=root,O=us")]);
    assert_eq!(all.certificate_ids("CN=ann"), [id("x509", "CN=ann")]);
}

#[test]
fn who_must_show_something() {
    let open = authentication("");
    assert!(open.admits(&[]) && !open.requires_sasl());
    let lines = "enforce.auth.enabled=true\nenforce.auth.schemes=digest, ip";
    let enforced = authentication(lines);
    assert!(enforced.admits(&[id("ip", "10.0.0.1")]) && enforced.admits(&[id("digest", "u:h")]));
    assert!(!enforced.admits(&[id("world", "anyone")]) && !enforced.requires_sasl());
    let sasl = authentication(&format!("{SASL}sessionRequireClientSASLAuth=true"));
    assert!(sasl.requires_sasl() && !sasl.admits(&[id("digest", "u:h")]));
    let both = format!("{SASL}sessionRequireClientSASLAuth=true\nallowSaslFailedClients=true");
    assert!(!authentication(&both).tolerates_failure(), "who must come by SASL can't fail");
    assert!(authentication(&format!("{SASL}allowSaslFailedClients=true")).tolerates_failure());
}

#[test]
fn lists_may_name_what_is_configured() {
    let rules = |lines: &str| identities(lines, LOGINS).expect("the settings are right").rules;
    let plain = rules("");
    assert!(plain.digest && !plain.sasl && !plain.x509 && !plain.skip);
    let all = rules(&format!("{SASL}skipACL=yes\nletAnySaslUserDoX=any"));
    assert!(all.sasl && all.skip && all.any_sasl_user.as_deref() == Some("any"));
    let x509 = "authProvider.x509=org.apache.zookeeper.server.auth.X509AuthenticationProvider";
    assert!(rules(x509).x509);
    assert!(!rules("DigestAuthenticationProvider.enabled=false").digest);
}

#[test]
fn the_password_of_super_may_stand_in_zoo_cfg() {
    let lines = format!("{SASL}SASLAuthenticationProvider.superPassword=other");
    let users = authentication(&lines).users.expect("SASL is on");
    assert_eq!(users.0.get("super").map(String::as_str), Some("other"));
    assert_eq!(users.0.get("bob").map(String::as_str), Some("secret"));
}

#[test]
fn a_file_of_logins_for_clients_alone_offers_no_sasl() {
    let lines = "java.security.auth.login.config=/jaas";
    let read = identities(lines, "Client { a.B required; };").expect("that is no mistake");
    assert!(read.authentication.exchange().is_none());
}

#[test]
fn what_can_not_be_obeyed_is_a_sentence() {
    let provider = "authProvider.1=org.apache.zookeeper.server.auth.SASLAuthenticationProvider";
    let cases = [
        (
            "authProvider.1=org.example.Own",
            "zoo.cfg:2: authProvider.1 names org.example.Own, which is no provider of Vivarium's; \
             there are those for x509, SASL (DIGEST-MD5) and ensemble",
        ),
        (
            provider,
            "zoo.cfg:2: SASL is asked for, but no file of users is named; add \
             java.security.auth.login.config=/path/of/jaas.conf to zoo.cfg",
        ),
        (
            "DigestAuthenticationProvider.digestAlg=CRC32",
            "zoo.cfg:2: DigestAuthenticationProvider.digestAlg must be SHA1, MD5, SHA-224, \
             SHA-256, SHA-384 or SHA-512, not \"CRC32\"; remove the line for SHA1",
        ),
        (
            "enforce.auth.enabled=true",
            "zoo.cfg:2: enforce.auth.enabled=true, but enforce.auth.schemes names no scheme; \
             write for example enforce.auth.schemes=digest,sasl",
        ),
        (
            "sessionRequireClientSASLAuth=true",
            "zoo.cfg:2: sessionRequireClientSASLAuth asks for the scheme sasl, which is not \
             configured; add authProvider.1=org.apache.zookeeper.server.auth.\
             SASLAuthenticationProvider",
        ),
    ];
    for (line, sentence) in cases {
        let said = identities(line, LOGINS).map(|_| ());
        assert_eq!(said, Err(vec![sentence.to_owned()]), "{line}");
    }
    let kerberos = "Server {\n com.sun.security.auth.module.Krb5LoginModule required; };";
    let said = identities(SASL, kerberos).map(|_| ());
    let sentence = "/jaas:2: com.sun.security.auth.module.Krb5LoginModule is not offered, only \
                    DIGEST-MD5 is; name org.apache.zookeeper.server.auth.DigestLoginModule";
    assert_eq!(said, Err(vec![sentence.to_owned()]));
}

#[test]
fn what_nothing_reads_is_warned_about() {
    let lines = "requireClientAuthScheme=sasl\nenforce.auth.schemes=digest";
    let warnings = identities(lines, LOGINS).expect("they are no errors").warnings;
    assert_eq!(warnings.len(), 2);
}

proptest! {
    #[test]
    fn whatever_a_client_or_a_file_says_is_at_worst_an_error(
        bytes in proptest::collection::vec(any::<u8>(), 0..200),
        text in "[a-z{};=/*\"'\\\\ \n${]{0,80}",
    ) {
        let _ = Directives::parse(&bytes);
        let _ = Directives::parse(text.as_bytes());
        let _ = jaas::parse(&text);
        let mut exchange = Exchange::new(Arc::default(), CLIENTS);
        prop_assert!(exchange.step(&bytes, &[1; 30]).is_ok(), "the first token says nothing");
        prop_assert!(exchange.step(&bytes, &[1; 30]).is_err(), "nobody is known");
    }
}
