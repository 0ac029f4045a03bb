//! A multi: all of its operations or none, each checked against what the ones before it leave.
//!
//! docs/protocol.md, C3.6 and Q6.4. A failed multi is logged as a multi: elements before
//! the failing one keep their records and count for nothing, the failing one is an error with its
//! code, the ones behind it errors with -2.

use super::prep::{Creation, Preparation};
use crate::message::{CreateKind, CreateOp, ErrorCode, MultiElement, Op, TxnBody};

impl Preparation<'_> {
    /// The whole request fails with -5 if an operation has no place in a multi; otherwise a multi
    /// comes of it, failed or not.
    pub(super) fn multi(&mut self, ops: &[Op]) -> Result<TxnBody, ErrorCode> {
        if !ops.iter().all(is_well_formed) {
            return Err(ErrorCode::MarshallingError);
        }
        self.outstanding.begin();
        let mut elements = Vec::with_capacity(ops.len());
        for op in ops {
            match self.element(op) {
                Ok(body) => elements.push(MultiElement(body)),
                Err(code) => {
                    self.outstanding.roll_back();
                    elements.push(error(code));
                    elements.resize(ops.len(), error(ErrorCode::RuntimeInconsistency));
                    return Ok(TxnBody::Multi { elements });
                }
            }
        }
        self.outstanding.keep();
        Ok(TxnBody::Multi { elements })
    }

    fn element(&mut self, op: &Op) -> Result<TxnBody, ErrorCode> {
        match op {
            Op::Create { op, path, data, acl, flags, ttl_ms } => {
                // Unlike in a create that stands alone, the kind follows the flags.
                let (owner, sequential) = self.kind(*op, *flags, *ttl_ms)?;
                let (create2, acl) = (*op != CreateOp::Create, acl.as_deref());
                self.create(&Creation { create2, path, data, acl, owner, sequential })
            }
            Op::Delete { path, version } => self.delete(path, *version),
            Op::SetData { path, data, version } => self.set_data(path, data, *version),
            Op::Check { path, version } => self.check(path, *version),
            // Not well-formed, so never asked.
            Op::SetAcl { .. }
            | Op::Multi(_)
            | Op::Reconfig { .. }
            | Op::CheckWatches { .. }
            | Op::RemoveWatches { .. }
            | Op::DeleteContainer { .. }
            | Op::MultiRead(_)
            | Op::AddWatch { .. }
            | Op::CreateSession { .. }
            | Op::CloseSession
            | Op::Exists { .. }
            | Op::GetData { .. }
            | Op::GetAcl { .. }
            | Op::GetChildren { .. }
            | Op::GetChildren2 { .. }
            | Op::Sync { .. }
            | Op::Ping
            | Op::Auth { .. }
            | Op::SetWatches { .. }
            | Op::GetEphemerals { .. }
            | Op::GetAllChildrenNumber { .. }
            | Op::WhoAmI
            | Op::Unsupported { .. } => Err(ErrorCode::MarshallingError),
        }
    }
}

fn error(code: ErrorCode) -> MultiElement {
    MultiElement(TxnBody::Error { code: code.number() })
}

/// Whether an operation may stand in a multi at all.
fn is_well_formed(op: &Op) -> bool {
    let Op::Create { op, acl, flags, .. } = op else {
        return matches!(op, Op::Delete { .. } | Op::SetData { .. } | Op::Check { .. });
    };
    let Some(kind) = CreateKind::from_flags(*flags) else { return false };
    let is_ttl = matches!(kind, CreateKind::PersistentTtl | CreateKind::PersistentSequentialTtl);
    acl.is_some() && (!is_ttl || *op == CreateOp::CreateTtl)
}
