//! The dialling end of an exchange: the answer to a challenge, and whether the other end knows the
//! password, too.

use super::{Directives, Response, SaslError, Service};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;

/// A name and its password.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// An exchange, begun by whoever dials.
#[derive(Debug)]
pub struct Answer {
    login: Login,
    service: Service,
    /// What the other end must prove with; `None` before the challenge.
    proof: Option<String>,
}

impl Answer {
    /// An exchange that waits for its challenge.
    #[must_use]
    pub fn new(login: Login, service: Service) -> Answer {
        Answer { login, service, proof: None }
    }

    /// Answers a challenge. `random` is 30 bytes that nobody can foresee.
    ///
    /// # Errors
    /// It is no challenge, or a second one, or it asks for more than authentication.
    pub fn respond(&mut self, challenge: &[u8], random: &[u8; 30]) -> Result<Vec<u8>, SaslError> {
        if self.proof.is_some() {
            return Err(SaslError::Over);
        }
        let asked = Directives::parse(challenge).ok_or(SaslError::Malformed("directives"))?;
        let offered = asked.text("qop").unwrap_or("auth");
        if !offered.split(',').any(|it| it.trim() == "auth") {
            return Err(SaslError::Other("qop"));
        }
        let nonce = asked.text("nonce").ok_or(SaslError::Malformed("nonce"))?;
        let realm = asked.text("realm").unwrap_or(self.service.server);
        let response = Response {
            username: self.login.user.clone(),
            realm: realm.to_owned(),
            nonce: nonce.to_owned(),
            cnonce: STANDARD.encode(random),
            count: "00000001".to_owned(),
            qop: "auth".to_owned(),
            uri: format!("{}/{}", self.service.protocol, self.service.server),
            authzid: None,
            digest: Vec::new(),
        };
        let key = response.key(&self.login.password);
        let digest = response.digest(&key, "AUTHENTICATE");
        self.proof = Some(response.digest(&key, ""));
        Ok(response.text(&digest).into_bytes())
    }

    /// Whether the other end's last token proves that it knows the password.
    ///
    /// # Errors
    /// It does not.
    pub fn verify(&self, token: &[u8]) -> Result<(), SaslError> {
        let given = Directives::parse(token).ok_or(SaslError::Malformed("directives"))?;
        let given = given.bytes("rspauth").ok_or(SaslError::Malformed("rspauth"))?;
        let expected = self.proof.as_ref().ok_or(SaslError::Over)?;
        let same = super::same(expected.as_bytes(), given);
        if same { Ok(()) } else { Err(SaslError::Impostor) }
    }
}

impl Response {
    /// As it is sent.
    fn text(&self, digest: &str) -> String {
        let Response { username, realm, nonce, cnonce, count, qop, uri, .. } = self;
        let (username, realm) = (quoted(username), quoted(realm));
        let nonce = quoted(nonce);
        format!(
            "charset=utf-8,username={username},realm={realm},nonce={nonce},nc={count},\
             cnonce=\"{cnonce}\",digest-uri=\"{uri}\",maxbuf=65536,response={digest},qop={qop}"
        )
    }
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::super::{CLIENTS, Exchange, PEERS, Step, Users};
    use super::*;
    use std::collections::BTreeMap;
    use std::sync::Arc;

    fn login(user: &str, password: &str) -> Login {
        Login { user: user.to_owned(), password: password.to_owned() }
    }

    fn exchange(service: Service) -> (Exchange, Vec<u8>) {
        let pairs = [("zoo", "secret"), ("a\"b\\c", "x"), ("юля", "слово")];
        let users = pairs.map(|(user, word)| (user.to_owned(), word.to_owned()));
        let mut exchange = Exchange::new(Arc::new(Users(BTreeMap::from(users))), service);
        match exchange.step(b"", &[7; 30]) {
            Ok(Step::Challenge(challenge)) => (exchange, challenge),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn both_ends_prove_that_they_know_the_password() {
        for (user, password) in [("zoo", "secret"), ("a\"b\\c", "x"), ("юля", "слово")] {
            let (mut keeper, challenge) = exchange(PEERS);
            let mut answer = Answer::new(login(user, password), PEERS);
            let response = answer.respond(&challenge, &[9; 30]).expect("it is a challenge");
            match keeper.step(&response, &[7; 30]) {
                Ok(Step::Done { token, user: shown }) => {
                    assert_eq!(shown, user);
                    assert_eq!(answer.verify(&token), Ok(()));
                    let forged = token.iter().rev().copied().collect::<Vec<u8>>();
                    assert!(answer.verify(&forged).is_err());
                    let other = [b"rspauth=".as_slice(), &[b'0'; 32]].concat();
                    assert_eq!(answer.verify(&other), Err(SaslError::Impostor));
                }
                other => panic!("{user}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_answer_for_clients_is_none_for_servers() {
        let (mut keeper, challenge) = exchange(PEERS);
        let mut answer = Answer::new(login("zoo", "secret"), CLIENTS);
        let response = answer.respond(&challenge, &[9; 30]).expect("it is a challenge");
        assert_eq!(keeper.step(&response, &[7; 30]), Err(SaslError::Other("digest-uri")));
    }

    #[test]
    fn nobody_answers_two_challenges_or_one_that_asks_for_more() {
        let (_, challenge) = exchange(PEERS);
        let mut answer = Answer::new(login("zoo", "secret"), PEERS);
        assert_eq!(answer.verify(b"rspauth=x"), Err(SaslError::Over));
        let more = [challenge.as_slice(), b",qop=\"auth-conf\""].concat();
        assert_eq!(answer.respond(&more, &[9; 30]), Err(SaslError::Other("qop")));
        assert!(answer.respond(&challenge, &[9; 30]).is_ok());
        assert_eq!(answer.respond(&challenge, &[9; 30]), Err(SaslError::Over));
        assert!(!format!("{answer:?}").contains("secret"));
    }
}
