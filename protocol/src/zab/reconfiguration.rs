//! Changing the members at run time (docs/protocol.md, Q7): what is proposed, what is in force, and
//! who leads afterwards.
//!
//! Invariants:
//! 1. A configuration that was proposed is on disk before the transaction that proposes it is
//!    acknowledged: after a crash its quorum is still asked (I10).
//! 2. Versions only rise: what is in force is never replaced by something older.
//! 3. A server leaves a role that the new members do not give it, and goes straight to the one that
//!    they do: no election where the old leader named the next.

use super::common::{Common, Leave, Stay, Step};
use super::learner::Learner;
use crate::base::{Config, Ensemble, ServerId, Zxid};
use crate::effects::{Delivery, DiskEffect, NetworkEffect};
use crate::message::{Txn, TxnBody};
use crate::trace::{Decision, RoleReason};
use std::sync::Arc;

impl Common {
    /// Reads the members that a transaction proposes, if it is a reconfiguration.
    pub fn note_proposed(&mut self, txn: &Txn, step: &mut Step<'_>) {
        if let TxnBody::SetData { reconfig: true, data: Some(text), .. } = &txn.body
            && let Some(ensemble) = read(text)
        {
            self.propose_members(Arc::new(ensemble), step);
        }
    }

    /// Somebody who may do so proposes these members (`setLastSeenQuorumVerifier`).
    pub fn propose_members(&mut self, ensemble: Arc<Ensemble>, step: &mut Step<'_>) {
        let known = self.config.last_seen().version == ensemble.version;
        if !self.config.reconfig_enabled || known {
            return;
        }
        let proposed = Some(ensemble).filter(|it| it.version > self.config.ensemble.version);
        self.configure(Arc::clone(&self.config.ensemble), proposed, step);
    }

    /// Puts members in force if they are newer; tells whether more than the version changed.
    pub fn activate(&mut self, ensemble: &Arc<Ensemble>, step: &mut Step<'_>) -> bool {
        let old = Arc::clone(&self.config.ensemble);
        if !self.config.reconfig_enabled || ensemble.version <= old.version {
            return false;
        }
        let later = |it: &Arc<Ensemble>| it.version > ensemble.version;
        let proposed = self.config.proposed.clone().filter(later);
        self.configure(Arc::clone(ensemble), proposed, step);
        !old.same_members(ensemble)
    }

    /// What the replica says of the members, where no transaction does.
    pub fn show_members(&self, step: &mut Step<'_>) {
        if self.config.reconfig_enabled && !self.config.standalone {
            let (ensemble, time_ms) = (Arc::clone(&self.config.ensemble), step.now.wall_ms);
            step.out.apply.push(Delivery::Configure { ensemble, time_ms });
        }
    }

    fn configure(
        &mut self,
        ensemble: Arc<Ensemble>,
        proposed: Option<Arc<Ensemble>>,
        step: &mut Step<'_>,
    ) {
        let mut config = Config::clone(&self.config);
        config.ensemble = ensemble;
        config.proposed = proposed;
        self.config = Arc::new(config);
        step.trace(|| {
            let newest = self.config.last_seen();
            Decision::MembersChanged {
                version: Zxid(newest.version),
                in_force: self.config.proposed.is_none(),
                voters: newest.participants().collect(),
            }
        });
        self.durability.write(DiskEffect::Configure(Arc::clone(&self.config)), step.out);
        step.out.network.push(NetworkEffect::Configure(Arc::clone(&self.config)));
    }
}

/// A configuration in a transaction, a notification or NEWLEADER.
pub(super) fn read(text: &[u8]) -> Option<Ensemble> {
    Ensemble::parse(std::str::from_utf8(text).ok()?)
}

/// The version that a text ends in, without reading the rest.
pub(super) fn version_of(text: &[u8]) -> Option<i64> {
    let (_, version) = std::str::from_utf8(text).ok()?.rsplit_once("version=")?;
    i64::from_str_radix(version.trim_end(), 16).ok()
}

/// Whether a server votes in both and its learners find it at the same place.
pub(super) fn stays_leader(id: ServerId, old: &Ensemble, new: &Ensemble) -> bool {
    let place = |ensemble: &Ensemble| {
        let member = ensemble.members.get(&id).filter(|_| ensemble.is_participant(id))?;
        Some((member.host.clone(), member.quorum_port))
    };
    place(new).is_some_and(|there| place(old).is_some_and(|here| here == there))
}

impl Learner {
    /// Whether the leader itself has just sent the reconfiguration that is known here as proposed.
    pub(super) fn has_proposed(&self, common: &Common) -> bool {
        let version = common.config.proposed.as_ref().map(|it| it.version);
        self.pending.iter().any(|txn| Some(txn.header.zxid.0) == version)
    }

    /// The reconfiguration with this zxid is decided, and its leader names who leads from here on.
    pub(super) fn on_activated(
        &self,
        zxid: Zxid,
        designated: ServerId,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> Stay {
        let proposed = common.config.proposed.clone();
        match proposed.filter(|it| it.version == zxid.0) {
            Some(ensemble) => self.adopt_members(&ensemble, Some(designated), common, step),
            None => Ok(()),
        }
    }

    /// `processReconfig`: puts members in force, and leaves if leader or role are others now.
    pub(super) fn adopt_members(
        &self,
        ensemble: &Arc<Ensemble>,
        designated: Option<ServerId>,
        common: &mut Common,
        step: &mut Step<'_>,
    ) -> Stay {
        let old = Arc::clone(&common.config.ensemble);
        if !common.activate(ensemble, step) {
            return Ok(());
        }
        let other_role = common.config.learner() != self.kind;
        match designated {
            Some(leader) if leader != self.leader || other_role => Err(Leave::HandOver(leader)),
            None if !stays_leader(self.leader, &old, ensemble) => {
                Err(Leave::Look(RoleReason::Reconfigured))
            }
            None if other_role => Err(Leave::HandOver(self.leader)),
            Some(_) | None => Ok(()),
        }
    }
}
