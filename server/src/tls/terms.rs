//! What a handshake is held to: stores, protocols, suites, and what a certificate must name.
//!
//! The same keys stand under two beginnings: `ssl.` for clients, `ssl.quorum.` between servers.
//! Invariants:
//! 1. A key that would make the other end less checked than the file asks for is an error.
//! 2. Nothing is read from disk here but a file with a password.

use super::store::{Form, StoreFile};
use crate::findings::Findings;
use std::fmt::Display;
use std::path::Path;
use std::time::Duration;

/// `…clientAuth`: whether whoever dials must have a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuth {
    /// It is not asked for one.
    None,
    /// It is asked, and may have none.
    Want,
    /// It must have one; ZooKeeper's default.
    Need,
}

/// What a handshake is held to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The beginning of the keys: `ssl` or `ssl.quorum`.
    pub prefix: &'static str,
    /// This server's key and chain.
    pub key_store: StoreFile,
    /// Whom to trust; there is one unless nobody is asked for a certificate.
    pub trust_store: Option<StoreFile>,
    /// Whether whoever dials must have a certificate.
    pub client_auth: ClientAuth,
    /// Whether TLS 1.2 is spoken.
    pub tls12: bool,
    /// Whether TLS 1.3 is spoken.
    pub tls13: bool,
    /// `…ciphersuites`, by IANA's names; empty for all that there are.
    pub suites: Vec<String>,
    /// `…clientHostnameVerification`: whether the certificate of whoever dials must name its
    /// address.
    pub check_dialler: bool,
    /// `…hostnameVerification`: whether the certificate of whoever is dialled must name its host.
    pub check_dialled: bool,
    /// Whether stores that change are read again.
    pub reload: bool,
    /// `…handshakeDetectionTimeoutMillis`: how long the other end may leave open what it speaks.
    pub detection: Duration,
}

/// A reader of the keys under one beginning.
pub struct Keys<'a, 'b> {
    /// What has been found.
    pub found: &'a mut Findings<'b>,
    /// The beginning: `ssl` or `ssl.quorum`.
    pub prefix: &'static str,
    /// The key that asks for TLS at all, for sentences.
    pub asked_by: &'static str,
    /// Whether there is always somebody to check: servers dial one another.
    pub always_checked: bool,
}

impl Keys<'_, '_> {
    /// The terms; `None` after an error that leaves none. `reload` is what the key for it says.
    pub fn terms(&mut self, reload: bool) -> Option<Terms> {
        self.refuse_what_is_not_offered();
        let key_store = self.key_store();
        let client_auth = self.client_auth();
        let trust_store = self.trust_store(client_auth);
        let (tls12, tls13) = self.protocols();
        let (check_dialled, check_dialler) = self.checks();
        Some(Terms {
            prefix: self.prefix,
            key_store: key_store?,
            trust_store,
            client_auth,
            tls12,
            tls13,
            suites: self.found.list(&self.key("ciphersuites")),
            check_dialler,
            check_dialled,
            reload,
            detection: self.detection(),
        })
    }

    fn key(&self, suffix: &str) -> String {
        format!("{}.{suffix}", self.prefix)
    }

    fn text(&self, key: &str) -> Option<String> {
        self.found.text(key).map(str::to_owned)
    }

    fn error(&mut self, key: &str, what: impl Display, mend: impl Display) {
        self.found.error(key, what, mend);
    }

    fn refuse_what_is_not_offered(&mut self) {
        for key in ["crl", "ocsp"].map(|suffix| self.key(suffix)) {
            if self.found.flag(&key, false) {
                let what =
                    format!("{key} asks for lists of revoked certificates, which are not read");
                self.error(&key, what, "remove the line, or revoke by renewing the trust store");
            }
        }
        let supplier = self.key("context.supplier.class");
        if self.found.text(&supplier).is_some() {
            let mend = format!("name the stores by {}.keyStore.…", self.prefix);
            self.error(&supplier, "a class can't be loaded here", mend);
        }
    }

    fn key_store(&mut self) -> Option<StoreFile> {
        let location = self.key("keyStore.location");
        if self.found.text(&location).is_none() {
            let what = format!("{} asks for TLS, but no key is named", self.asked_by);
            let mend = format!("add {location} with a PEM, PKCS12 or JKS file");
            self.error(self.asked_by, what, mend);
        }
        self.store("keyStore")
    }

    fn trust_store(&mut self, client_auth: ClientAuth) -> Option<StoreFile> {
        let location = self.key("trustStore.location");
        let needed = self.always_checked || client_auth != ClientAuth::None;
        if self.found.text(&location).is_none() && needed {
            let auth = self.key("clientAuth");
            let (key, what, mend) = if self.always_checked {
                let what = "servers show one another certificates, but no trust store says which \
                            are good";
                (self.key("keyStore.location"), what, format!("add {location}"))
            } else {
                let given = self.found.cfg.gives(&auth);
                let key = if given { auth.clone() } else { self.key("keyStore.location") };
                let what =
                    "clients shall show certificates, but no trust store says which are good";
                (key, what, format!("add {location}, or write {auth}=none"))
            };
            self.error(&key, what, mend);
        }
        self.store("trustStore").filter(|_| needed)
    }

    /// The store that these keys describe, if its location is given.
    fn store(&mut self, which: &str) -> Option<StoreFile> {
        let key = |suffix: &str| format!("{}.{which}.{suffix}", self.prefix);
        let (location, kind_key) = (key("location"), key("type"));
        let (password, password_path) = (key("password"), key("passwordPath"));
        let path = self.text(&location).map(|path| Path::new(&path).to_owned())?;
        let kind = self.text(&kind_key).unwrap_or_default();
        let Some(form) = Form::named(&kind, &path) else {
            let (named, what) = if kind.is_empty() {
                (location, format!("{}: the ending does not tell the form", path.display()))
            } else {
                (kind_key.clone(), format!("{kind_key} is {kind}, which can't be read"))
            };
            self.error(&named, what, format!("write {kind_key}=PEM, PKCS12 or JKS"));
            return None;
        };
        let password = self.password(&password, &password_path)?;
        Some(StoreFile { path, password, form })
    }

    /// The first line of the file that the one key names, else what the other says.
    fn password(&mut self, key: &str, path_key: &str) -> Option<String> {
        let Some(path) = self.text(path_key) else {
            return Some(self.text(key).unwrap_or_default());
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => Some(text.lines().next().unwrap_or_default().to_owned()),
            Err(error) => {
                let what = format!("{path_key}: can't read {path}: {error}");
                self.error(path_key, what, "correct the path");
                None
            }
        }
    }

    fn client_auth(&mut self) -> ClientAuth {
        let key = self.key("clientAuth");
        let given = self.text(&key).unwrap_or_else(|| "need".to_owned());
        match given.to_ascii_lowercase().as_str() {
            "none" => ClientAuth::None,
            "want" => ClientAuth::Want,
            "need" => ClientAuth::Need,
            other => {
                let what = format!("{key} must be none, want or need, not \"{other}\"");
                self.error(&key, what, "remove the line for need");
                ClientAuth::Need
            }
        }
    }

    /// Whether names are checked where this server dials, and where it is dialled.
    fn checks(&mut self) -> (bool, bool) {
        let (dialled_key, dialler_key) =
            (self.key("hostnameVerification"), self.key("clientHostnameVerification"));
        let dialled = self.found.flag(&dialled_key, true);
        // Between servers both are checked unless the file says otherwise.
        let dialler = self.found.flag(&dialler_key, self.always_checked && dialled);
        if dialler && !dialled {
            let what = format!("{dialler_key} needs {dialled_key}");
            self.error(&dialler_key, what, "remove one of the two lines");
        }
        (dialled, dialler)
    }

    /// Whether TLS 1.2 and TLS 1.3 are spoken: `enabledProtocols`, else `protocol`, else both.
    fn protocols(&mut self) -> (bool, bool) {
        let (mut tls12, mut tls13) = (false, false);
        let keys = ["enabledProtocols", "protocol"].map(|suffix| self.key(suffix));
        let Some(key) = keys.into_iter().find(|key| self.found.text(key).is_some()) else {
            return (true, true);
        };
        for name in self.found.list(&key) {
            match name.as_str() {
                "TLSv1.2" => tls12 = true,
                "TLSv1.3" => tls13 = true,
                "TLS" => (tls12, tls13) = (true, true),
                other => {
                    let what =
                        format!("{key} names {other}, but only TLSv1.2 and TLSv1.3 are spoken");
                    self.error(&key, what, "leave it out: older protocols are broken");
                }
            }
        }
        (tls12, tls13)
    }

    fn detection(&mut self) -> Duration {
        let key = self.key("handshakeDetectionTimeoutMillis");
        let given = self.text(&key).unwrap_or_else(|| "5000".to_owned());
        let ms = given.parse::<u32>().ok().filter(|ms| *ms > 0);
        if ms.is_none() {
            let what = format!("{key} must be a positive number of milliseconds, not \"{given}\"");
            self.error(&key, what, "remove the line for 5000");
        }
        Duration::from_millis(ms.unwrap_or(5000).into())
    }
}
