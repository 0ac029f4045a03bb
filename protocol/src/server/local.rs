//! Sessions that only this server knows: local ones, and those of read-only mode.
//!
//! Invariants:
//! 1. A local session costs no transaction until it asks for an ephemeral znode; then it becomes
//!    global before that request, or the request is refused (docs/protocol.md, C7.5).
//! 2. Without a leader nothing is written, and what was opened then ends with it (C2.9).

use super::Server;
use crate::base::{ConnectionId, SessionId};
use crate::effects::ClientEffect;
use crate::message::{ErrorCode, Op, Request};
use crate::replica::DataTree;
use crate::service::local::needs_global;
use crate::trace::Decision;
use crate::zab::Step;

impl Server {
    /// Does what a local session asks of its own server, and says whether that was all.
    pub(super) fn stays_local(
        &mut self,
        request: &Request,
        origin: ConnectionId,
        tree: &DataTree,
        step: &mut Step<'_>,
    ) -> bool {
        if !self.peer.can_propose() && self.peer.passes_on_to().is_none() {
            return false;
        }
        match &request.op {
            Op::CreateSession { timeout_ms } => {
                self.open_local(request.session, *timeout_ms, origin, step);
                true
            }
            Op::CloseSession => self.close_local(request, origin, step),
            op if needs_global(op) && self.local.contains(request.session) => {
                let upgrades = self.config().local_sessions_upgrading;
                if upgrades {
                    self.upgrade(request.session, tree, step);
                } else {
                    let (cxid, why) = (request.cxid, ErrorCode::EphemeralOnLocalSession);
                    step.out.client.push(ClientEffect::Refused { origin, cxid, why });
                }
                !upgrades
            }
            _ => false,
        }
    }

    /// What readers may ask of a server without a leader: to come and to go.
    pub(super) fn submit_read_only(
        &mut self,
        request: &Request,
        origin: ConnectionId,
        step: &mut Step<'_>,
    ) {
        match &request.op {
            Op::CreateSession { timeout_ms } => {
                self.open_local(request.session, *timeout_ms, origin, step);
            }
            Op::CloseSession if self.close_local(request, origin, step) => {}
            _ => {
                let (cxid, why) = (request.cxid, ErrorCode::NotReadOnly);
                step.out.client.push(ClientEffect::Refused { origin, cxid, why });
            }
        }
    }

    /// Whether a session that the ensemble knows still lives cannot be said without a leader: its
    /// client must try elsewhere. Any other was opened without one, and is over.
    pub(super) fn resume_read_only(
        &self,
        session: SessionId,
        origin: ConnectionId,
        tree: &DataTree,
        step: &mut Step<'_>,
    ) {
        step.out.client.push(if tree.sessions().contains_key(&session) {
            ClientEffect::Close { origin }
        } else {
            ClientEffect::Revalidated { origin, session, timeout_ms: 0, valid: false }
        });
    }

    /// Ends the local sessions whose time is up.
    pub(super) fn expire_local(&mut self, step: &mut Step<'_>) {
        if self.local.next_expiry().is_none_or(|at| at > step.now.at) {
            return;
        }
        for session in self.local.expired(step.now) {
            step.trace(|| Decision::SessionExpired { session });
            step.out.client.push(ClientEffect::Gone { session });
        }
    }

    fn open_local(
        &mut self,
        session: SessionId,
        timeout_ms: i32,
        origin: ConnectionId,
        step: &mut Step<'_>,
    ) {
        self.local.open(step.now, session, timeout_ms);
        let answer = ClientEffect::Revalidated { origin, session, timeout_ms, valid: true };
        step.out.client.push(answer);
    }

    fn close_local(
        &mut self,
        request: &Request,
        origin: ConnectionId,
        step: &mut Step<'_>,
    ) -> bool {
        let was_local = self.local.remove(request.session).is_some();
        if was_local {
            step.out.client.push(ClientEffect::Done { origin, cxid: request.cxid });
        }
        was_local
    }

    /// Makes a local session the ensemble's; nobody waits for the answer.
    fn upgrade(&mut self, session: SessionId, tree: &DataTree, step: &mut Step<'_>) {
        let Some(timeout_ms) = self.local.remove(session) else { return };
        let op = Op::CreateSession { timeout_ms };
        // A number that no client uses, so that it is not taken for one of the client's requests.
        let request = Request { session, cxid: -1, op, auth: Vec::new() };
        if self.peer.can_propose() {
            let me = self.config().id;
            self.propose(&request, me, tree, step);
        } else if let Some(leader) = self.peer.passes_on_to() {
            self.forward(request, leader, step);
        }
    }
}
