//! Beats: a beat is a moment of the run in which something worth a look is done, with every step of
//! that moment. Between two beats lie pings, timers and answers that change nothing.

use vivarium_protocol::trace::{Cause, Decision, Frame, TraceEvent, Verdict};

/// Whether the step is worth a look by itself.
#[must_use]
pub fn is_act(frame: &Frame) -> bool {
    let by_cause = match frame.cause {
        Cause::Started | Cause::Crashed | Cause::Command { .. } | Cause::Client { .. } => true,
        Cause::LinkUp { .. }
        | Cause::LinkDown { .. }
        | Cause::Received(_)
        | Cause::Deadline { .. }
        | Cause::Durable
        | Cause::Applied => false,
    };
    by_cause
        || frame.events.iter().any(|event| match event {
            TraceEvent::Decided(decision) => changes(decision),
            TraceEvent::Travelled(_) => false,
        })
}

/// Whether a decision moves its server, its vote, its epoch, its log or a count.
fn changes(decision: &Decision) -> bool {
    match decision {
        Decision::Judged { verdict, .. } => matches!(
            verdict,
            Verdict::Counted | Verdict::CountedDecided | Verdict::BetterWhileFinalizing
        ),
        Decision::Quorum { reached, have, .. } => *reached || have.len() > 1,
        Decision::Committed { zxid, .. } => !zxid.is_epoch_start(),
        Decision::Resent { .. }
        | Decision::TimerSet { .. }
        | Decision::VoteRenewed { .. }
        | Decision::Hung { .. }
        | Decision::Durable { .. } => false,
        Decision::Registered { .. }
        | Decision::MembersChanged { .. }
        | Decision::Started { .. }
        | Decision::RoleChanged { .. }
        | Decision::PhaseChanged { .. }
        | Decision::RoundEntered { .. }
        | Decision::Proposes { .. }
        | Decision::Elected { .. }
        | Decision::AcceptedEpoch { .. }
        | Decision::CurrentEpoch { .. }
        | Decision::Learner { .. }
        | Decision::SyncPlanned { .. }
        | Decision::SyncStarted { .. }
        | Decision::Truncated { .. }
        | Decision::Installed { .. }
        | Decision::Logged { .. }
        | Decision::Proposed { .. }
        | Decision::Acked { .. }
        | Decision::Serving { .. }
        | Decision::ReadOnly { .. }
        | Decision::Established { .. }
        | Decision::SessionExpired { .. }
        | Decision::Halted { .. } => true,
    }
}

/// The end of the last beat that is over before that many frames; 0 if there is none.
#[must_use]
pub fn before(frames: &[Frame], position: usize) -> usize {
    let mut end = position.min(frames.len()).saturating_sub(1);
    while end > 0 {
        let at = frames[end - 1].at;
        let start = frames[..end].partition_point(|frame| frame.at < at);
        let whole = frames.get(end).is_none_or(|next| next.at != at);
        if whole && frames[start..end].iter().any(is_act) {
            return end;
        }
        end = if whole { start } else { end - 1 };
    }
    0
}
