//! SASL DIGEST-MD5 (RFC 2831) as Java speaks it to ZooKeeper's clients and between its servers:
//! authentication only, and the server's name is the realm, too.
//!
//! A value: token in, token out. Invariants:
//! 1. A nonce serves one attempt: whatever follows the second token fails.
//! 2. Who is unknown and whose password is wrong get the same answer.

mod answer;

pub use answer::{Answer, Login};

use super::directives::Directives;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Whom an exchange is with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// The service in the digest's address.
    pub protocol: &'static str,
    /// The realm, and the host in the digest's address.
    pub server: &'static str,
}

/// Clients with servers.
pub const CLIENTS: Service = Service { protocol: "zookeeper", server: "zk-sasl-md5" };
/// Servers with one another.
pub const PEERS: Service = Service { protocol: "zookeeper-quorum", server: "zk-quorum-sasl-md5" };

/// Who may come, with their passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Users(pub BTreeMap<String, String>);

impl fmt::Debug for Users {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why an exchange failed; the client is not told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SaslError {
    /// A token that is no list of directives, or lacks one.
    #[error("the response lacks {0}, or is none at all")]
    Malformed(&'static str),
    /// The response is to another challenge or for another server.
    #[error("the response has another {0} than this server's")]
    Other(&'static str),
    /// The user is unknown, or the password is wrong.
    #[error("unknown user or wrong password")]
    Wrong,
    /// The other end does not know the password.
    #[error("the other end does not know the password itself")]
    Impostor,
    /// The exchange is over.
    #[error("the exchange is over")]
    Over,
}

/// What follows a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// The client is asked this.
    Challenge(Vec<u8>),
    /// The client is this user; the token proves that the server knows the password, too.
    Done {
        /// The last token.
        token: Vec<u8>,
        /// Who the client is.
        user: String,
    },
}

/// An exchange with whoever dialled.
#[derive(Clone, Debug)]
pub struct Exchange {
    users: Arc<Users>,
    service: Service,
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Begun,
    Challenged { nonce: String },
    Over,
}

impl Exchange {
    /// An exchange that has not begun.
    #[must_use]
    pub fn new(users: Arc<Users>, service: Service) -> Exchange {
        Exchange { users, service, state: State::Begun }
    }

    /// Takes the client's next token; what the first one says counts for nothing, as in Java.
    /// `random` is 30 bytes that nobody can foresee, for the nonce.
    ///
    /// # Errors
    /// The client has failed, and the exchange is over.
    pub fn step(&mut self, token: &[u8], random: &[u8; 30]) -> Result<Step, SaslError> {
        match std::mem::replace(&mut self.state, State::Over) {
            State::Begun => {
                let nonce = STANDARD.encode(random);
                let realm = self.service.server;
                let challenge =
                    format!("realm=\"{realm}\",nonce=\"{nonce}\",charset=utf-8,algorithm=md5-sess");
                self.state = State::Challenged { nonce };
                Ok(Step::Challenge(challenge.into_bytes()))
            }
            State::Challenged { nonce } => self.check(token, &nonce),
            State::Over => Err(SaslError::Over),
        }
    }

    fn check(&self, token: &[u8], nonce: &str) -> Result<Step, SaslError> {
        let response = Response::parse(token)?;
        response.fits(nonce, self.service)?;
        // A server speaks for itself only.
        let another =
            response.authzid.as_ref().is_some_and(|id| id != response.username.as_bytes());
        if another && self.service == PEERS {
            return Err(SaslError::Other("authzid"));
        }
        // An unknown user costs as much time as a wrong password.
        let password = self.users.0.get(&response.username);
        let key = response.key(password.map_or("", String::as_str));
        let expected = response.digest(&key, "AUTHENTICATE");
        if password.is_none() || !same(expected.as_bytes(), &response.digest) {
            return Err(SaslError::Wrong);
        }
        let token = format!("rspauth={}", response.digest(&key, "")).into_bytes();
        Ok(Step::Done { token, user: response.username })
    }
}

/// What a client answers.
#[derive(Debug)]
struct Response {
    username: String,
    realm: String,
    nonce: String,
    cnonce: String,
    count: String,
    qop: String,
    uri: String,
    authzid: Option<Vec<u8>>,
    digest: Vec<u8>,
}

impl Response {
    fn parse(token: &[u8]) -> Result<Response, SaslError> {
        let given = Directives::parse(token).ok_or(SaslError::Malformed("directives"))?;
        let utf8 = match given.text("charset") {
            Some(charset) if !charset.eq_ignore_ascii_case("utf-8") => {
                return Err(SaslError::Other("charset"));
            }
            charset => charset.is_some(),
        };
        let text = |name: &'static str| given.text(name).map(str::to_owned);
        let must = |name: &'static str| text(name).ok_or(SaslError::Malformed(name));
        let named = |name: &'static str| {
            let bytes = given.bytes(name).ok_or(SaslError::Malformed(name))?;
            decode(bytes, utf8).ok_or(SaslError::Malformed(name))
        };
        Ok(Response {
            username: named("username")?,
            realm: if given.bytes("realm").is_some() { named("realm")? } else { String::new() },
            nonce: must("nonce")?,
            cnonce: must("cnonce")?,
            count: must("nc")?,
            qop: text("qop").unwrap_or_else(|| "auth".to_owned()),
            uri: must("digest-uri")?,
            authzid: given.bytes("authzid").filter(|it| !it.is_empty()).map(<[u8]>::to_vec),
            digest: given.bytes("response").ok_or(SaslError::Malformed("response"))?.to_vec(),
        })
    }

    /// Whether it answers the challenge with this nonce.
    fn fits(&self, nonce: &str, service: Service) -> Result<(), SaslError> {
        let address = self.uri.to_ascii_lowercase();
        let after = address
            .strip_prefix(service.protocol)
            .and_then(|rest| rest.strip_prefix('/'))
            .and_then(|rest| rest.strip_prefix(service.server));
        let fits = [
            (self.nonce == nonce, "nonce"),
            (self.count == "00000001", "nc"),
            (self.realm == service.server, "realm"),
            (self.qop == "auth", "qop"),
            (after.is_some_and(|rest| rest.is_empty() || rest.starts_with('/')), "digest-uri"),
        ];
        match fits.iter().find(|(fits, _)| !fits) {
            Some((_, what)) => Err(SaslError::Other(what)),
            None => Ok(()),
        }
    }

    /// H(A1), in hexadecimal.
    fn key(&self, password: &str) -> String {
        let who = [latin(&self.username), latin(&self.realm), latin(password)].join(&b':');
        let mut key = Md5::digest(who).to_vec();
        for part in [self.nonce.as_bytes(), self.cnonce.as_bytes()] {
            key.push(b':');
            key.extend_from_slice(part);
        }
        if let Some(authzid) = &self.authzid {
            key.push(b':');
            key.extend_from_slice(authzid);
        }
        hex(&key)
    }

    /// The response value; without a method it is what the server answers.
    fn digest(&self, key: &str, method: &str) -> String {
        let request = hex(format!("{method}:{}", self.uri).as_bytes());
        let Response { nonce, count, cnonce, qop, .. } = self;
        hex(format!("{key}:{nonce}:{count}:{cnonce}:{qop}:{request}").as_bytes())
    }
}

/// The MD5 of bytes, in hexadecimal.
fn hex(bytes: &[u8]) -> String {
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Text in ISO 8859-1 where it can be written so, else in UTF-8: the form that is hashed.
fn latin(text: &str) -> Vec<u8> {
    let narrow: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
    narrow.unwrap_or_else(|| text.as_bytes().to_vec())
}

fn decode(bytes: &[u8], utf8: bool) -> Option<String> {
    if utf8 {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    } else {
        Some(bytes.iter().copied().map(char::from).collect())
    }
}

/// Compares without telling by its time where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    const RANDOM: [u8; 30] = [7; 30];

    /// RFC 2831, section 4.
    const WORKED: &[u8] = b"charset=utf-8,username=\"chris\",realm=\"elwood.innosoft.com\",\
        nonce=\"OA6MG9tEQGm2hh\",nc=00000001,cnonce=\"OA6MHXh6VqTrRk\",\
        digest-uri=\"imap/elwood.innosoft.com\",\
        response=d388dad90d4bbd760a152321f2143af7,qop=auth";

    #[test]
    fn the_worked_example_of_the_standard() {
        let response = Response::parse(WORKED).expect("it is a response");
        let key = response.key("secret");
        assert_eq!(response.digest(&key, "AUTHENTICATE"), "d388dad90d4bbd760a152321f2143af7");
        assert_eq!(response.digest(&key, ""), "ea40f60335c427b5527b84dbabcdfffd");
        assert_eq!(response.fits("OA6MG9tEQGm2hh", CLIENTS), Err(SaslError::Other("realm")));
    }

    fn exchange() -> Exchange {
        let users = [("bob", "secret"), ("zoë", "pässword"), ("юля", "слово")];
        let users = users.map(|(user, password)| (user.to_owned(), password.to_owned()));
        Exchange::new(Arc::new(Users(users.into_iter().collect())), CLIENTS)
    }

    /// What a client with a name and a password answers to this module's challenge.
    fn answer(user: &str, password: &str) -> String {
        let nonce = STANDARD.encode(RANDOM);
        let uri = "zookeeper/zk-sasl-md5";
        let text = |digest: &str| {
            format!(
                "charset=utf-8,username=\"{user}\",realm=\"zk-sasl-md5\",nonce=\"{nonce}\",\
                 nc=00000001,cnonce=\"mine\",digest-uri=\"{uri}\",response={digest},qop=auth"
            )
        };
        let response = Response::parse(text("x").as_bytes()).expect("it is a response");
        text(&response.digest(&response.key(password), "AUTHENTICATE"))
    }

    fn ends(token: &[u8]) -> Result<Step, SaslError> {
        let mut exchange = exchange();
        let challenge = exchange.step(b"", &RANDOM).expect("it begins with a challenge");
        let nonce = STANDARD.encode(RANDOM);
        let expected =
            format!("realm=\"zk-sasl-md5\",nonce=\"{nonce}\",charset=utf-8,algorithm=md5-sess");
        assert_eq!(challenge, Step::Challenge(expected.into_bytes()));
        let ended = exchange.step(token, &RANDOM);
        assert_eq!(exchange.step(token, &RANDOM), Err(SaslError::Over), "a nonce serves once");
        ended
    }

    #[test]
    fn whoever_knows_the_password_is_who_they_say() {
        for (user, password) in [("bob", "secret"), ("zoë", "pässword"), ("юля", "слово")]
        {
            match ends(answer(user, password).as_bytes()) {
                Ok(Step::Done { user: shown, token }) => {
                    assert_eq!(shown, user);
                    assert!(token.starts_with(b"rspauth=") && token.len() == 40);
                }
                other => panic!("{user}: {other:?}"),
            }
        }
    }

    #[test]
    fn everybody_else_fails() {
        assert_eq!(ends(answer("bob", "guess").as_bytes()), Err(SaslError::Wrong));
        assert_eq!(ends(answer("eve", "").as_bytes()), Err(SaslError::Wrong));
        let good = answer("bob", "secret");
        let cases = [
            ("nc=00000001", "nc=00000002", SaslError::Other("nc")),
            ("nonce=\"B", "nonce=\"C", SaslError::Other("nonce")),
            ("zookeeper/zk", "imap/zk", SaslError::Other("digest-uri")),
            ("qop=auth", "qop=auth-int", SaslError::Other("qop")),
            ("realm=\"zk", "realm=\"other", SaslError::Other("realm")),
            ("charset=utf-8", "charset=latin", SaslError::Other("charset")),
            ("cnonce=\"mine\"", "cnonce=\"hers\"", SaslError::Wrong),
            ("cnonce=\"mine\",", "", SaslError::Malformed("cnonce")),
            ("username=", "nobody=", SaslError::Malformed("username")),
        ];
        for (what, instead, error) in cases {
            assert!(good.contains(what), "{what} is in {good}");
            assert_eq!(ends(good.replace(what, instead).as_bytes()), Err(error), "{instead}");
        }
        assert_eq!(ends(b"\xff\xfe"), Err(SaslError::Malformed("directives")));
        assert!(exchange().step(b"early", &RANDOM).is_ok(), "the first token says nothing");
    }

    #[test]
    fn no_password_is_in_the_debug_text() {
        assert!(!format!("{:?}", exchange()).contains("secret"));
    }
}
