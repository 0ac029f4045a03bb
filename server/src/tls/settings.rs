//! zoo.cfg's keys about TLS for clients (`secureClientPort`, `client.portUnification`, `ssl.…`).
//!
//! Invariants:
//! 1. A key that would make clients less checked than the file asks for is an error.
//! 2. Nothing is read from disk here but a file with a password.

use super::store::{Form, StoreFile};
use crate::findings::Findings;
use std::path::Path;
use std::time::Duration;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

const PORT: &str = "secureClientPort";
const UNIFIED: &str = "client.portUnification";
const KEY_STORE: &str = "ssl.keyStore.location";
const TRUST_STORE: &str = "ssl.trustStore.location";

/// `ssl.clientAuth`: whether a client must have a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// It is not asked for one.
    None,
    /// It is asked, and may have none.
    Want,
    /// It must have one; ZooKeeper's default.
    Need,
}

/// How clients come by TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// `secureClientPort` with its address: where only TLS is spoken.
    pub address: Option<(String, u16)>,
    /// `client.portUnification`: whether the plain port takes TLS, too.
    pub unified: bool,
    /// This server's key and chain.
    pub key_store: StoreFile,
    /// Whom to trust; there is one unless no client is asked for a certificate.
    pub trust_store: Option<StoreFile>,
    /// Whether a client must have a certificate.
    pub client_auth: ClientAuth,
    /// Whether TLS 1.2 is spoken.
    pub tls12: bool,
    /// Whether TLS 1.3 is spoken.
    pub tls13: bool,
    /// `ssl.ciphersuites`, by IANA's names; empty for all that there are.
    pub suites: Vec<String>,
    /// `ssl.clientHostnameVerification`: whether a client's certificate must name its address.
    pub check_address: bool,
    /// `client.certReload`: whether stores that change are read again.
    pub reload: bool,
    /// `ssl.handshakeDetectionTimeoutMillis`: how long a client may leave open what it speaks.
    pub detection: Duration,
}

impl TlsSettings {
    /// Reads the settings; `None` when no client can come by TLS.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn from(
        cfg: &ZooCfg,
    ) -> Result<(Option<TlsSettings>, Vec<ConfigWarning>), Vec<ConfigError>> {
        let mut found = Findings::of(cfg);
        let address = address(&mut found);
        let unified = found.flag(UNIFIED, false);
        if address.is_none() && !unified {
            warn_of_idle_stores(&mut found);
            let settled = found.errors.is_empty();
            return if settled { Ok((None, found.warnings)) } else { Err(found.errors) };
        }
        refuse_what_is_not_offered(&mut found);
        let key_store = key_store(&mut found);
        let client_auth = client_auth(&mut found);
        let trust_store = trust_store(&mut found, client_auth);
        let (tls12, tls13) = protocols(&mut found);
        let check_address = found.flag("ssl.clientHostnameVerification", false);
        if check_address && !found.flag("ssl.hostnameVerification", true) {
            let what = "ssl.clientHostnameVerification needs ssl.hostnameVerification";
            found.error("ssl.clientHostnameVerification", what, "remove one of the two lines");
        }
        let suites = found.list("ssl.ciphersuites");
        let (reload, detection) = (found.flag("client.certReload", false), detection(&mut found));
        match key_store {
            Some(key_store) if found.errors.is_empty() => {
                let settings = TlsSettings {
                    address,
                    unified,
                    key_store,
                    trust_store,
                    client_auth,
                    tls12,
                    tls13,
                    suites,
                    check_address,
                    reload,
                    detection,
                };
                Ok((Some(settings), found.warnings))
            }
            Some(_) | None => Err(found.errors),
        }
    }
}

fn address(found: &mut Findings<'_>) -> Option<(String, u16)> {
    const ADDRESS: &str = "secureClientPortAddress";
    let port = match found.text(PORT) {
        None | Some("0") => None,
        Some(text) => match text.parse().ok().filter(|port| *port != 0) {
            Some(port) => Some(port),
            None => {
                let what = format!("{PORT} must be a port from 1 to 65535, not \"{text}\"");
                found.error(PORT, what, "write for example secureClientPort=2281");
                return None;
            }
        },
    };
    let host = found.text(ADDRESS).map(str::to_owned);
    if port.is_none() && host.is_some() {
        let what = format!("{ADDRESS} is set, but {PORT} is not");
        found.error(ADDRESS, what, "add for example secureClientPort=2281");
    }
    let host = host.unwrap_or_else(|| "0.0.0.0".to_owned());
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    port.map(|port| (bare.unwrap_or(&host).to_owned(), port))
}

fn warn_of_idle_stores(found: &mut Findings<'_>) {
    if found.cfg.gives(KEY_STORE) {
        let what = format!("{KEY_STORE} is of no use without {PORT} or {UNIFIED}");
        found.warn(KEY_STORE, what, "add for example secureClientPort=2281");
    }
}

fn refuse_what_is_not_offered(found: &mut Findings<'_>) {
    for key in ["ssl.crl", "ssl.ocsp"] {
        if found.flag(key, false) {
            let what = format!("{key} asks for lists of revoked certificates, which are not read");
            found.error(key, what, "remove the line, or revoke by renewing the trust store");
        }
    }
    let supplier = "ssl.context.supplier.class";
    if found.text(supplier).is_some() {
        found.error(supplier, "a class can't be loaded here", "name the stores by ssl.keyStore.…");
    }
    if let Some(scheme) = found.text("ssl.authProvider").filter(|scheme| *scheme != "x509") {
        let what = format!("ssl.authProvider names {scheme}, but there is only x509");
        found.error("ssl.authProvider", what, "remove the line");
    }
}

fn key_store(found: &mut Findings<'_>) -> Option<StoreFile> {
    if found.text(KEY_STORE).is_none() {
        let key = if found.cfg.gives(PORT) { PORT } else { UNIFIED };
        let what = format!("{key} asks for TLS, but no key is named");
        found.error(key, what, format!("add {KEY_STORE} with a PEM, PKCS12 or JKS file"));
    }
    store(found, "ssl.keyStore")
}

fn trust_store(found: &mut Findings<'_>, client_auth: ClientAuth) -> Option<StoreFile> {
    let named = found.text(TRUST_STORE).is_some();
    if !named && client_auth != ClientAuth::None {
        let key = if found.cfg.gives("ssl.clientAuth") { "ssl.clientAuth" } else { KEY_STORE };
        let what = "clients shall show certificates, but no trust store says which are good";
        found.error(key, what, format!("add {TRUST_STORE}, or write ssl.clientAuth=none"));
    }
    store(found, "ssl.trustStore").filter(|_| client_auth != ClientAuth::None)
}

/// The store that these keys describe, if its location is given.
fn store(found: &mut Findings<'_>, prefix: &str) -> Option<StoreFile> {
    let key = |suffix: &str| format!("{prefix}.{suffix}");
    let path = found.text(&key("location")).map(|path| Path::new(path).to_owned())?;
    let kind = found.text(&key("type")).unwrap_or_default().to_owned();
    let Some(form) = Form::named(&kind, &path) else {
        let (named, what) = if kind.is_empty() {
            (key("location"), format!("{}: the ending does not tell the form", path.display()))
        } else {
            (key("type"), format!("{} is {kind}, which can't be read", key("type")))
        };
        found.error(&named, what, format!("write {}=PEM, PKCS12 or JKS", key("type")));
        return None;
    };
    let password = password(found, &key("password"), &key("passwordPath"))?;
    Some(StoreFile { path, password, form })
}

/// The first line of the file that the one key names, else what the other says.
fn password(found: &mut Findings<'_>, key: &str, path_key: &str) -> Option<String> {
    let Some(path) = found.text(path_key).map(str::to_owned) else {
        return Some(found.text(key).unwrap_or_default().to_owned());
    };
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(text.lines().next().unwrap_or_default().to_owned()),
        Err(error) => {
            let what = format!("{path_key}: can't read {path}: {error}");
            found.error(path_key, what, "correct the path");
            None
        }
    }
}

fn client_auth(found: &mut Findings<'_>) -> ClientAuth {
    let key = "ssl.clientAuth";
    match found.text(key).unwrap_or("need").to_ascii_lowercase().as_str() {
        "none" => ClientAuth::None,
        "want" => ClientAuth::Want,
        "need" => ClientAuth::Need,
        other => {
            let what = format!("{key} must be none, want or need, not \"{other}\"");
            found.error(key, what, "remove the line for need");
            ClientAuth::Need
        }
    }
}

/// Whether TLS 1.2 and TLS 1.3 are spoken: `ssl.enabledProtocols`, else `ssl.protocol`, else both.
fn protocols(found: &mut Findings<'_>) -> (bool, bool) {
    let (mut tls12, mut tls13) = (false, false);
    let keys = ["ssl.enabledProtocols", "ssl.protocol"];
    let Some(key) = keys.into_iter().find(|key| found.text(key).is_some()) else {
        return (true, true);
    };
    for name in found.list(key) {
        match name.as_str() {
            "TLSv1.2" => tls12 = true,
            "TLSv1.3" => tls13 = true,
            "TLS" => (tls12, tls13) = (true, true),
            other => {
                let what = format!("{key} names {other}, but only TLSv1.2 and TLSv1.3 are spoken");
                found.error(key, what, "leave it out: older protocols are broken");
            }
        }
    }
    (tls12, tls13)
}

fn detection(found: &mut Findings<'_>) -> Duration {
    let key = "ssl.handshakeDetectionTimeoutMillis";
    let given = found.text(key).unwrap_or("5000").to_owned();
    let ms = given.parse::<u32>().ok().filter(|ms| *ms > 0);
    if ms.is_none() {
        let what = format!("{key} must be a positive number of milliseconds, not \"{given}\"");
        found.error(key, what, "remove the line for 5000");
    }
    Duration::from_millis(ms.unwrap_or(5000).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<Option<TlsSettings>, Vec<String>> {
        let text = format!("dataDir=/data\n{lines}");
        let cfg = ZooCfg::parse("zoo.cfg", &text).expect("the file has no other faults");
        let read = TlsSettings::from(&cfg).map(|(settings, _)| settings);
        read.map_err(|errors| errors.iter().map(ToString::to_string).collect())
    }

    const STORES: &str = "secureClientPort=2281\nssl.keyStore.location=/key.pem\n\
                          ssl.trustStore.location=/trust.jks\nssl.trustStore.password=secret\n";

    #[test]
    fn what_a_file_asks_for() {
        let tls = read(STORES).expect("it is right").expect("it asks for TLS");
        assert_eq!(tls.address, Some(("0.0.0.0".to_owned(), 2281)));
        assert_eq!((tls.client_auth, tls.tls12, tls.tls13), (ClientAuth::Need, true, true));
        assert_eq!(tls.key_store.form, Form::Pem);
        let trust = tls.trust_store.clone().expect("clients are checked");
        assert_eq!((trust.form, trust.password.as_str()), (Form::Binary, "secret"));
        assert!(!format!("{tls:?}").contains("secret"), "passwords are not printed");
        let more = format!(
            "{STORES}ssl.protocol=TLSv1.2\nssl.clientAuth=none\nsecureClientPortAddress=[::1]\n\
             client.portUnification=true"
        );
        let tls = read(&more).expect("it is right").expect("it asks for TLS");
        assert_eq!((tls.tls12, tls.tls13, tls.unified), (true, false, true));
        assert_eq!((tls.address, tls.trust_store), (Some(("::1".to_owned(), 2281)), None));
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("ssl.clientAuth=none\nsecureClientPort=0"), Ok(None));
    }

    #[test]
    fn what_can_not_be_obeyed_is_a_sentence() {
        let cases = [
            ("ssl.crl=true", "ssl.crl asks for lists of revoked certificates"),
            ("ssl.clientAuth=maybe", "ssl.clientAuth must be none, want or need"),
            ("ssl.enabledProtocols=TLSv1.1", "names TLSv1.1, but only TLSv1.2 and TLSv1.3"),
            ("ssl.keyStore.type=BCFKS", "ssl.keyStore.type is BCFKS, which can't be read"),
            ("ssl.keyStore.passwordPath=/nowhere", "passwordPath: can't read /nowhere"),
            ("ssl.authProvider=own", "there is only x509"),
            ("ssl.context.supplier.class=org.example.A", "a class can't be loaded"),
            ("ssl.handshakeDetectionTimeoutMillis=soon", "must be a positive number"),
        ];
        for (line, sentence) in cases {
            let said = read(&format!("{STORES}{line}")).expect_err("it can't be obeyed");
            assert!(said[0].starts_with("zoo.cfg:6: ") && said[0].contains(sentence), "{said:?}");
        }
        for (lines, sentence) in [
            ("secureClientPort=2281", "asks for TLS, but no key is named"),
            ("secureClientPort=often", "must be a port from 1 to 65535"),
            ("secureClientPortAddress=h", "is set, but secureClientPort is not"),
            ("client.portUnification=true\nssl.keyStore.location=/k", "does not tell the form"),
            ("client.portUnification=true\nssl.keyStore.location=/k.p12", "no trust store says"),
        ] {
            let said = read(lines).expect_err("it can't be obeyed").join("\n");
            assert!(said.contains(sentence), "{said}");
        }
    }
}
