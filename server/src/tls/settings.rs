//! zoo.cfg's keys about TLS for clients (`secureClientPort`, `client.portUnification`, `ssl.…`).
//!
//! Where clients come by TLS is read here; what the handshake is held to is `terms`.

use super::terms::{Keys, Terms};
use crate::findings::Findings;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

const PORT: &str = "secureClientPort";
const UNIFIED: &str = "client.portUnification";
const KEY_STORE: &str = "ssl.keyStore.location";

/// How clients come by TLS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// `secureClientPort` with its address: where only TLS is spoken.
    pub address: Option<(String, u16)>,
    /// `client.portUnification`: whether the plain port takes TLS, too.
    pub unified: bool,
    /// What the handshake is held to.
    pub terms: Terms,
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
        refuse_other_providers(&mut found);
        let asked_by = if cfg.gives(PORT) { PORT } else { UNIFIED };
        let reload = found.flag("client.certReload", false);
        let mut keys = Keys { found: &mut found, prefix: "ssl", asked_by, always_checked: false };
        match keys.terms(reload) {
            Some(terms) if found.errors.is_empty() => {
                Ok((Some(TlsSettings { address, unified, terms }), found.warnings))
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

fn refuse_other_providers(found: &mut Findings<'_>) {
    if let Some(scheme) = found.text("ssl.authProvider").filter(|scheme| *scheme != "x509") {
        let what = format!("ssl.authProvider names {scheme}, but there is only x509");
        found.error("ssl.authProvider", what, "remove the line");
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::Form;
    use super::super::terms::ClientAuth;
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
        let terms = &tls.terms;
        assert_eq!((terms.client_auth, terms.tls12, terms.tls13), (ClientAuth::Need, true, true));
        assert_eq!(terms.key_store.form, Form::Pem);
        let trust = terms.trust_store.clone().expect("clients are checked");
        assert_eq!((trust.form, trust.password.as_str()), (Form::Binary, "secret"));
        assert!(!format!("{tls:?}").contains("secret"), "passwords are not printed");
        let more = format!(
            "{STORES}ssl.protocol=TLSv1.2\nssl.clientAuth=none\nsecureClientPortAddress=[::1]\n\
             client.portUnification=true"
        );
        let tls = read(&more).expect("it is right").expect("it asks for TLS");
        assert_eq!((tls.terms.tls12, tls.terms.tls13, tls.unified), (true, false, true));
        assert_eq!((tls.address, tls.terms.trust_store), (Some(("::1".to_owned(), 2281)), None));
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
