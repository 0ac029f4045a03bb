//! Stores as keytool and openssl made them (`tests/fixtures/tls`), whole and damaged.

use super::store::{Content, Fault, Form, StoreFile};
use super::{elliptic, jks, pem, pkcs12, subject};
use rustls::crypto::ring;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use std::path::Path;

const JKS: &[u8] = include_bytes!("../../../tests/fixtures/tls/curve.jks");
const PKCS12: &[u8] = include_bytes!("../../../tests/fixtures/tls/curve.p12");
const PEM: &[u8] = include_bytes!("../../../tests/fixtures/tls/ann.pem");

fn loads(key: Vec<u8>) -> bool {
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key));
    ring::default_provider().key_provider.load_private_key(key).is_ok()
}

#[test]
fn both_of_keytools_forms_hold_the_same_key_and_certificate() {
    let [one, other]: [Content; 2] =
        [jks::read(JKS, "password"), pkcs12::read(PKCS12, "password")].map(|read| read.unwrap());
    assert_eq!(one, other);
    assert_eq!((one.keys.len(), one.trusted.len()), (1, 0));
    let own = &one.keys[0];
    assert_eq!(own.chain.len(), 1);
    let named = subject::of(&own.chain[0]);
    assert_eq!(named.as_deref(), Some("CN=curve,OU=web\\, and more,O=Example"));
}

#[test]
fn a_key_of_java_gets_the_public_half_that_it_lacks() {
    let own = jks::read(JKS, "password").unwrap().keys.remove(0);
    let completed = elliptic::with_public_key(own.key.clone(), &own.chain[0]);
    assert!(loads(completed.clone()));
    let again = elliptic::with_public_key(completed.clone(), &own.chain[0]);
    assert_eq!(again, completed, "one that has it stays as it is");
    let odd = vec![0x30, 0x03, 1, 2, 3];
    assert_eq!(elliptic::with_public_key(odd.clone(), &own.chain[0]), odd);
}

#[test]
fn a_wrong_password_is_told_from_damage() {
    assert_eq!(jks::read(JKS, "guess"), Err(Fault::Password));
    assert_eq!(pkcs12::read(PKCS12, "guess"), Err(Fault::Password));
    assert_eq!(pkcs12::read(b"no store", "password"), Err(Fault::Malformed("PKCS12")));
    assert!(jks::is_one(JKS) && !jks::is_one(PKCS12));
}

#[test]
fn no_damage_to_a_store_does_more_than_fail() {
    for end in 0..JKS.len() {
        assert!(jks::read(&JKS[..end], "password").is_err(), "cut at {end}");
        // Without a password nothing is summed up, so every reader of a field is reached.
        assert!(jks::read(&JKS[..end], "").is_err(), "cut at {end}");
    }
    for at in 0..JKS.len() {
        let mut damaged = JKS.to_vec();
        damaged[at] ^= 0xff;
        assert!(jks::read(&damaged, "password").is_err(), "damaged at {at}");
        // Some bytes mean nothing: times, aliases, certificates that nobody has looked into yet.
        let _ = jks::read(&damaged, "");
    }
}

#[test]
fn pem_text_in_all_its_forms() {
    let read = pem::read(PEM, "").unwrap();
    assert_eq!((read.keys.len(), read.trusted.len()), (0, 1));
    let named = subject::of(&read.trusted[0]);
    let expected = "1.2.840.113549.1.9.1=#160f616e6e406578616d706c652e6f7267,CN=ann,OU=web+UID=7,\
                    O=Example\\, Inc.,C=DE";
    assert_eq!(named.as_deref(), Some(expected), "as Java's X500Principal.getName() says");
    for (text, fault) in [
        ("-----BEGIN CERTIFICATE-----\nAAAA\n", Fault::Malformed("PEM")),
        ("-----BEGIN CERTIFICATE-----\n?\n-----END CERTIFICATE-----", Fault::Malformed("PEM")),
        (
            "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----",
            Fault::Unknown("an encryption of its key other than PBES2".to_owned()),
        ),
    ] {
        assert_eq!(pem::read(text.as_bytes(), ""), Err(fault), "{text}");
    }
    let old =
        "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4\n\nAAAA\n-----END RSA PRIVATE KEY-----";
    assert!(matches!(pem::read(old.as_bytes(), ""), Err(Fault::Unknown(_))));
    assert_eq!(pem::read(b"nothing at all", ""), Ok(Content::default()));
}

#[test]
fn the_form_goes_by_the_type_else_by_the_ending() {
    let cases = [
        ("", "a.pem", Some(Form::Pem)),
        ("", "a.P12", Some(Form::Binary)),
        ("", "a.jks", Some(Form::Binary)),
        ("", "a.pfx", None),
        ("", "a", None),
        ("pem", "a.crt", Some(Form::Pem)),
        ("PKCS12", "a", Some(Form::Binary)),
        ("jks", "a.p12", Some(Form::Binary)),
        ("BCFKS", "a.pem", None),
    ];
    for (kind, path, form) in cases {
        assert_eq!(Form::named(kind, Path::new(path)), form, "{kind} {path}");
    }
}

#[test]
fn no_password_and_no_key_is_in_the_debug_text() {
    let path = Path::new("a.jks").to_owned();
    let file = StoreFile { path, password: "secret".to_owned(), form: Form::Binary };
    assert!(!format!("{file:?}").contains("secret"));
    let own = jks::read(JKS, "password").unwrap();
    assert!(!format!("{:?}", own.keys[0]).contains("key: ["));
}
