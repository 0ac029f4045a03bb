//! Who a client is: the schemes of `addauth`, SASL, certificates, and who must show something.
//!
//! docs/protocol.md, C3.7 and C8.2. Values only: no socket is known here. Invariants:
//! 1. No password is printed, logged or shown in a value's debug text.
//! 2. What a client fails to show costs it the connection, never more.
//!
//! Left to others: which ids an access control list lets in (`replica::acl`), the order of replies
//! (`service::pipeline`), certificates themselves (`tls`).

mod algorithm;
mod digest_md5;
mod directives;
mod jaas;
mod peers;
mod settings;
#[cfg(test)]
mod tests;

pub use algorithm::Algorithm;
pub use digest_md5::{Answer, CLIENTS, Exchange, Login, PEERS, SaslError, Step, Users};
pub use peers::PeerSasl;
pub use settings::Identities;

use std::sync::Arc;
use vivarium_protocol::message::Id;

/// What a request of a scheme comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The connection has these ids from here on.
    Shown(Vec<Id>),
    /// Error -115, and the connection is closed.
    Refused,
    /// The connection is closed without a word: the client means another ensemble.
    HangUp,
}

/// How this server finds out who its clients are, from zoo.cfg.
#[derive(Clone, Debug)]
pub struct Authentication {
    /// The scheme `digest`, unless it is switched off.
    digest: Option<Digest>,
    /// The scheme `ensemble`, if it is there: the names that clients may give; empty for any.
    ensembles: Option<Vec<String>>,
    /// The users of DIGEST-MD5; `None` without SASL.
    users: Option<Arc<Users>>,
    /// `superUser`, `superUser.N`: who is `super` by SASL.
    super_users: Vec<String>,
    /// `X509AuthenticationProvider.superUser`: who is `super` by certificate.
    super_subject: Option<String>,
    /// Of these schemes a client must have shown an id; empty for nobody.
    enforced: Vec<String>,
    /// `allowSaslFailedClients`: who fails may stay, unnamed.
    allow_failed: bool,
}

#[derive(Clone, Debug)]
struct Digest {
    algorithm: Algorithm,
    super_digest: Option<String>,
}

impl Authentication {
    /// Judges a request of opcode 100.
    #[must_use]
    pub fn judge(&self, scheme: &str, credentials: Option<&[u8]>) -> Verdict {
        match (scheme, credentials, &self.digest, &self.ensembles) {
            // Every connection has its address from the start.
            ("ip", _, _, _) => Verdict::Shown(Vec::new()),
            ("digest", Some(credentials), Some(digest), _) => {
                Verdict::Shown(digest.ids(&String::from_utf8_lossy(credentials)))
            }
            ("ensemble", given, _, Some(names)) => {
                let name = String::from_utf8_lossy(given.unwrap_or_default());
                let fits = name.is_empty() || names.is_empty() || names.iter().any(|n| *n == name);
                if fits { Verdict::Shown(Vec::new()) } else { Verdict::HangUp }
            }
            (_, _, _, _) => Verdict::Refused,
        }
    }

    /// Begins a SASL exchange; `None` when this server offers none.
    #[must_use]
    pub fn exchange(&self) -> Option<Exchange> {
        self.users.as_ref().map(|users| Exchange::new(Arc::clone(users), CLIENTS))
    }

    /// The ids of whoever SASL has named.
    #[must_use]
    pub fn sasl_ids(&self, user: &str) -> Vec<Id> {
        let is_super = self.super_users.iter().any(|name| name == user);
        named("sasl", user, is_super)
    }

    /// The ids of whoever has a certificate with this subject, in the form of RFC 2253.
    #[must_use]
    pub fn certificate_ids(&self, subject: &str) -> Vec<Id> {
        named("x509", subject, self.super_subject.as_deref() == Some(subject))
    }

    /// Whether somebody with these ids may ask for anything.
    #[must_use]
    pub fn admits(&self, ids: &[Id]) -> bool {
        self.enforced.is_empty() || ids.iter().any(|id| self.enforced.contains(&id.scheme))
    }

    /// Whether a client must come by SASL.
    #[must_use]
    pub fn requires_sasl(&self) -> bool {
        self.enforced.iter().any(|scheme| scheme == "sasl")
    }

    /// Whether a client that fails by SASL may stay without a name.
    #[must_use]
    pub fn tolerates_failure(&self) -> bool {
        self.allow_failed && !self.requires_sasl()
    }
}

impl Digest {
    fn ids(&self, credentials: &str) -> Vec<Id> {
        let id = self.algorithm.digest_id(credentials);
        let is_super = self.super_digest.as_deref() == Some(id.as_str());
        named("digest", &id, is_super)
    }
}

/// An id, after that of the super user if it is one.
fn named(scheme: &str, id: &str, is_super: bool) -> Vec<Id> {
    let of = |scheme: &str, id: &str| Id { scheme: scheme.to_owned(), id: id.to_owned() };
    is_super.then(|| of("super", "")).into_iter().chain([of(scheme, id)]).collect()
}
