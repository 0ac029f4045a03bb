//! zoo.cfg's keys about SASL between servers (`quorum.auth.…`): whose word counts, and what this
//! server says itself.
//!
//! Only DIGEST-MD5 is spoken. A file that asks for Kerberos is refused: a server that went on
//! without would be less guarded than its operator believes.

use super::digest_md5::{Login, Users};
use super::settings::{JAAS, modules, users_of};
use crate::findings::Findings;
use crate::links::settings::flag;
use std::sync::Arc;

const ENABLED: &str = "quorum.auth.enableSasl";
const LEARNER: &str = "quorum.auth.learnerRequireSasl";
const SERVER: &str = "quorum.auth.serverRequireSasl";

/// SASL between servers.
#[derive(Clone, Debug)]
pub struct PeerSasl {
    /// What this server says where it dials; `None` unless `quorum.auth.learnerRequireSasl`.
    pub login: Option<Login>,
    /// Whom it knows where it is dialled.
    pub users: Arc<Users>,
    /// `quorum.auth.serverRequireSasl`: whether others must say who they are.
    pub insists: bool,
}

impl PeerSasl {
    /// Reads the settings; `None` without SASL, or after an error. `read` gets the text of the file
    /// of logins.
    pub fn from(
        found: &mut Findings<'_>,
        read: impl FnOnce(&str) -> std::io::Result<String>,
    ) -> Option<PeerSasl> {
        let [enabled, says, insists] = [ENABLED, LEARNER, SERVER].map(|key| flag(found, key));
        if !enabled {
            for (key, _) in [(LEARNER, says), (SERVER, insists)].iter().filter(|(_, on)| *on) {
                let what = format!("{key} asks for SASL without {ENABLED}");
                found.error(key, what, format!("add {ENABLED}=true"));
            }
            return None;
        }
        if insists && !says {
            let what =
                format!("{SERVER} without {LEARNER}: this server would let itself in nowhere");
            found.error(SERVER, what, format!("add {LEARNER}=true"));
        }
        let (path, text) = logins(found, read)?;
        let users = section(found, &path, &text, "server", "QuorumServer", users_of)?;
        let own = section(found, &path, &text, "learner", "QuorumLearner", |modules| {
            let options = modules.into_iter().flat_map(|module| module.options);
            let (mut user, mut password) = (None, None);
            for (name, value) in options {
                match name.as_str() {
                    "username" => user = Some(value),
                    "password" => password = Some(value),
                    _ => {}
                }
            }
            user.zip(password).map(|(user, password)| Login { user, password })
        })?;
        if says && own.is_none() {
            let what = format!("{path}: the section for {LEARNER} lacks username or password");
            found.error(LEARNER, what, "write both into the section QuorumLearner");
        }
        Some(PeerSasl { login: own.filter(|_| says), users: Arc::new(users), insists })
    }
}

/// The file of logins, with its path.
fn logins(
    found: &mut Findings<'_>,
    read: impl FnOnce(&str) -> std::io::Result<String>,
) -> Option<(String, String)> {
    let Some(path) = found.text(JAAS).map(str::to_owned) else {
        let what = format!("{ENABLED}=true, but no file of logins is named");
        found.error(ENABLED, what, format!("add {JAAS}=/path/of/jaas.conf"));
        return None;
    };
    match read(&path) {
        Ok(text) => Some((path, text)),
        Err(error) => {
            let what = format!("{JAAS}: can't read {path}: {error}");
            found.error(JAAS, what, "correct the path");
            None
        }
    }
}

/// What a section of the file says, by the name that its key gives it.
fn section<T>(
    found: &mut Findings<'_>,
    path: &str,
    text: &str,
    whose: &str,
    usual: &str,
    read: impl FnOnce(Vec<super::jaas::Module>) -> T,
) -> Option<T> {
    let key = format!("quorum.auth.{whose}.saslLoginContext");
    let name = found.text(&key).unwrap_or(usual).to_owned();
    match modules(path, text, &name) {
        Ok(Some(modules)) => Some(read(modules)),
        Ok(None) => {
            let what = format!("{path} has no section {name}");
            found.error(ENABLED, what, format!("add it, or name another by {key}"));
            None
        }
        Err(error) => {
            found.errors.push(error);
            None
        }
    }
}
