//! PING, and who is still there (docs/protocol.md, Q6.6).
//!
//! Every half tick the leader pings its learners; every tick it counts those heard within
//! syncLimit. Without a quorum it steps down: a leader that cannot commit must not serve reads that
//! grow stale for ever.

use super::Leader;
use crate::base::{AckSet, ServerId};
use crate::message::Packet;
use crate::trace::{LearnerPhase, Phase, RoleReason, Timer};
use crate::zab::common::{Common, Leave, Stay, Step};

impl Leader {
    /// Half a tick has passed.
    pub fn on_half_tick(&mut self, common: &mut Common, step: &mut Step<'_>) -> Stay {
        self.drop_silent(common, step);
        self.full_tick = !self.full_tick;
        if self.full_tick && common.phase == Phase::Broadcast && !self.hears_quorum(common) {
            return Err(match self.successor {
                Some(successor) => Leave::HandOver(successor),
                None => Leave::Look(RoleReason::LostQuorum),
            });
        }
        for (id, handler) in &self.handlers {
            if handler.is_forwarding() {
                let ping = Packet::Ping { zxid: self.last_proposed, touched: None };
                common.links.send(*id, ping, step.out);
            }
        }
        common.set_timer(Timer::HalfTick, common.config.tick_time_ms / 2, step);
        Ok(())
    }

    /// A learner may be silent for syncLimit, before it is up to date for initLimit as well; and it
    /// may leave a proposal unacknowledged for syncLimit.
    fn drop_silent(&mut self, common: &mut Common, step: &mut Step<'_>) {
        let (init, sync) = (common.config.init_limit_ms(), common.config.sync_limit_ms());
        let now = step.now.at;
        let mut gone: Vec<(ServerId, &str)> = Vec::new();
        for (id, handler) in &self.handlers {
            let limit = match handler.phase {
                LearnerPhase::UpToDate => sync,
                LearnerPhase::Registered
                | LearnerPhase::EpochOffered
                | LearnerPhase::Promised
                | LearnerPhase::Syncing
                | LearnerPhase::Synced => init.saturating_add(sync),
            };
            let late = |(_, since)| now.since(since) / 1000 > sync;
            if now.since(handler.last_heard) / 1000 > limit {
                gone.push((*id, "it was silent for too long"));
            } else if handler.unacked_since.is_some_and(late) {
                gone.push((*id, "it left a proposal unacknowledged for syncLimit"));
            }
        }
        for (id, why) in gone {
            self.drop_learner(id, why, common, step);
        }
    }

    /// Learners that are still synchronising count as well: they are there.
    fn hears_quorum(&self, common: &Common) -> bool {
        let mut heard = AckSet::default();
        heard.add(common.me(), &common.config);
        for id in self.handlers.keys() {
            heard.add(*id, &common.config);
        }
        heard.is_quorum(&common.config)
    }
}
