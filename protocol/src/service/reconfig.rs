//! Reconfig: what a request to change the members becomes (docs/protocol.md, C3.4 and Q7.2).

use super::prep::Preparation;
use crate::base::Ensemble;
use crate::message::{ErrorCode, TxnBody};
use crate::replica::{acl, path};
use bytes::Bytes;

/// What a reconfiguration asks for.
pub(super) struct Wish<'a> {
    /// Servers to add, as in zoo.cfg.
    pub joining: &'a Option<String>,
    /// Ids of servers to remove.
    pub leaving: &'a Option<String>,
    /// All members instead.
    pub members: &'a Option<String>,
    /// The version that is to be changed; -1 for any.
    pub config_id: i64,
}

impl Preparation<'_> {
    /// The transaction that proposes other members.
    ///
    /// # Errors
    /// The first of ZooKeeper's checks that fails.
    pub(super) fn reconfig(&mut self, wish: &Wish<'_>) -> Result<TxnBody, ErrorCode> {
        let config = self.config;
        if !config.reconfig_enabled {
            return Err(ErrorCode::ReconfigDisabled);
        }
        self.check_session()?;
        if config.standalone {
            return Err(ErrorCode::Unimplemented);
        }
        if config.proposed.is_some() {
            return Err(ErrorCode::ReconfigInProgress);
        }
        if wish.config_id != -1 && wish.config_id != config.ensemble.version {
            return Err(ErrorCode::BadVersion);
        }
        let mut wanted = wish.ensemble(&config.ensemble).ok_or(ErrorCode::BadArguments)?;
        wanted.version = self.zxid.0;
        if wanted.has_several_addresses() && !config.several_addresses {
            // No server of this ensemble could start with such lines.
            return Err(ErrorCode::BadArguments);
        }
        let least = if config.standalone_enabled { 2 } else { 1 };
        if wanted.participants().count() < least {
            return Err(ErrorCode::BadArguments);
        }
        let in_step = |id| id == config.id || self.in_step.contains(&id);
        if !wanted.is_quorum_of(&in_step) {
            return Err(ErrorCode::NewConfigNoQuorum);
        }
        let mut node = self.get(path::CONFIG).ok_or(ErrorCode::NoNode)?;
        self.check_acl(&node, acl::WRITE)?;
        let data = Some(Bytes::from(wanted.text()));
        node.data.clone_from(&data);
        node.stat.data_set(-1, self.zxid, self.now.wall_ms);
        self.put(path::CONFIG, Some(node));
        let path = path::CONFIG.to_owned();
        Ok(TxnBody::SetData { reconfig: true, path, data, version: -1 })
    }
}

impl Wish<'_> {
    fn ensemble(&self, current: &Ensemble) -> Option<Ensemble> {
        let text = |part: &Option<String>| part.as_deref().unwrap_or_default().to_owned();
        match self.members {
            Some(members) if !members.is_empty() => Ensemble::parse(members),
            _ => current.changed(&text(self.joining), &text(self.leaving)),
        }
    }
}
