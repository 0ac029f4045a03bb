//! What can only be checked once a server knows which member it is.
//!
//! ZooKeeper's `setupMyId`, `setupClientPort` and `setupPeerType`.

use super::{ConfigError, ConfigWarning, ZooCfg};
use crate::base::{Learner, ServerId};

/// The highest id beside znodes with a time to live: the top byte of their owner is 0xff, and that
/// of a session's id is its server's.
const MOST_BESIDE_TTL: ServerId = ServerId(254);

impl ZooCfg {
    /// Checks that `my_id` can run with this file: that it is a member, and that the two places
    /// where its client port may be given agree. A standalone server needs no id.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check_my_id(&self, my_id: ServerId) -> Result<Vec<ConfigWarning>, Vec<ConfigError>> {
        if self.znodes.extended_types && my_id > MOST_BESIDE_TTL {
            let what = format!("server {my_id} cannot have extendedTypesEnabled");
            let mend = format!("give it a number up to {MOST_BESIDE_TTL}");
            let line = self.lines.get("extendedTypesEnabled").copied();
            return Err(vec![self.error(line, what, mend)]);
        }
        let Some(ensemble) = &self.ensemble else { return Ok(Vec::new()) };
        let Some(member) = ensemble.members.get(&my_id) else {
            if self.standalone {
                return Ok(Vec::new());
            }
            let listed: Vec<String> = ensemble.members.keys().map(ServerId::to_string).collect();
            let what = format!("server {my_id} is not among the servers {}", listed.join(", "));
            let mend = format!("add its server.{my_id} line or correct its myid file");
            return Err(vec![self.error(None, what, mend)]);
        };
        self.check_client_port(my_id)?;
        let written = self.peer_type.filter(|written| *written != member.learner);
        let warning = written.map(|_| ConfigWarning {
            file: self.file.clone(),
            line: self.lines.get("peerType").copied(),
            what: format!("peerType differs from the line of server {my_id}, which decides"),
            mend: match member.learner {
                Learner::Participant => "remove peerType".to_owned(),
                Learner::Observer => "write peerType=observer".to_owned(),
            },
        });
        Ok(warning.into_iter().collect())
    }

    /// Both places may name the client port if they agree; a static wildcard agrees with any host.
    fn check_client_port(&self, my_id: ServerId) -> Result<(), Vec<ConfigError>> {
        let member = self.ensemble.as_ref().and_then(|ensemble| ensemble.members.get(&my_id));
        let (Some((host, port)), Some((member_host, member_port))) =
            (self.static_client_address(), member.and_then(|member| member.client.clone()))
        else {
            return Ok(());
        };
        let everywhere = ["0.0.0.0", "::"].contains(&host.as_str());
        if port == member_port && (everywhere || host == member_host) {
            return Ok(());
        }
        let what = format!(
            "clientPort gives {host}:{port}, but the line of server {my_id} gives \
             {member_host}:{member_port}"
        );
        let line = self.lines.get("clientPort").copied();
        Err(vec![self.error(line, what, "remove one of the two".to_owned())])
    }

    fn error(&self, line: Option<u32>, what: String, mend: String) -> ConfigError {
        ConfigError { file: self.file.clone(), line, what, mend }
    }
}
