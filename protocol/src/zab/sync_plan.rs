//! DIFF, TRUNC or SNAP: a pure function of the leader's history and the learner's last zxid.
//!
//! The table of docs/protocol.md, Q5.6, on runs instead of an iterator. A learner may be cut
//! back only to a zxid that both certainly have; where the leader cannot name one it sends
//! everything.

use super::history::History;
use crate::base::Zxid;
use crate::trace::{SyncMode, SyncRule};

/// What the leader decided for one learner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The mode.
    pub mode: SyncMode,
    /// The packet's zxid: DIFF's target, TRUNC's cut; for SNAP where the leader stands.
    pub zxid: Zxid,
    /// Transactions after this one are sent (of SNAP: those that the image lacks).
    pub after: Zxid,
    /// The rule that chose.
    pub rule: SyncRule,
}

/// The leader's side of the question.
#[derive(Clone, Copy, Debug)]
pub(crate) struct LeaderView<'a> {
    /// Its log.
    pub history: &'a History,
    /// The last decided transaction: everything after it is an outstanding proposal.
    pub committed: Zxid,
    /// Where it stands: `committed`, or the start of its epoch when that is later.
    pub processed: Zxid,
    /// The most transactions that a DIFF may bring.
    pub max_diff: u64,
    /// For an exhibit: takes any zxid within the history for one of it.
    pub skips_membership: bool,
}

/// Chooses how a learner whose last logged zxid is `learner` is brought up to date.
pub(crate) fn choose(leader: LeaderView<'_>, learner: Zxid) -> Choice {
    let LeaderView { history, committed, processed, max_diff, skips_membership } = leader;
    let snap = |rule| Choice { mode: SyncMode::Snap, zxid: processed, after: Zxid::ZERO, rule };
    let diff = |rule| Choice { mode: SyncMode::Diff, zxid: committed, after: learner, rule };
    if learner == processed || learner == committed {
        return Choice { zxid: learner, ..diff(SyncRule::SameZxid) };
    }
    if learner > committed {
        return if learner.is_epoch_start() {
            snap(SyncRule::AcrossEpochs)
        } else {
            let rule = SyncRule::LearnerAhead;
            Choice { mode: SyncMode::Trunc, zxid: committed, after: committed, rule }
        };
    }
    let known = history.first().is_some_and(|first| first <= learner);
    if !known || history.count_after(learner) > max_diff {
        return snap(SyncRule::TooOld);
    }
    if history.contains(learner) || skips_membership {
        return diff(SyncRule::InHistory);
    }
    if learner.is_epoch_start() {
        return diff(SyncRule::EpochStart);
    }
    divergent(history, learner).unwrap_or_else(|| snap(SyncRule::AcrossEpochs))
}

/// The learner has a transaction in the midst of the leader's history that the leader never had. It
/// can be cut only within the epoch in which the leader goes on.
fn divergent(history: &History, learner: Zxid) -> Option<Choice> {
    let goes_on = history
        .runs
        .iter()
        .any(|run| run.epoch == learner.epoch() && Zxid::new(run.epoch, run.first) > learner);
    let cut = history.last_at_or_before(learner).filter(|_| goes_on)?;
    Some(Choice { mode: SyncMode::Trunc, zxid: cut, after: cut, rule: SyncRule::Divergent })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::Epoch;
    use crate::zab::history::Run;

    fn at(epoch: i64, counter: u32) -> Zxid {
        Zxid::new(Epoch(epoch), counter)
    }

    fn run(epoch: i64, first: u32, last: u32) -> Run {
        Run { epoch: Epoch(epoch), first, last }
    }

    /// The leader's log: 1|3 to 1|8, then 3|1 to 3|4, of which 3|4 is not yet decided.
    fn choose_for(learner: Zxid) -> Choice {
        let history = History { base: at(1, 5), runs: vec![run(1, 3, 8), run(3, 1, 4)] };
        let committed = at(3, 3);
        choose(
            LeaderView {
                history: &history,
                committed,
                processed: committed,
                max_diff: 6,
                skips_membership: false,
            },
            learner,
        )
    }

    #[test]
    fn each_row_of_the_table() {
        let cases = [
            (at(3, 3), SyncMode::Diff, at(3, 3), SyncRule::SameZxid),
            (at(3, 4), SyncMode::Trunc, at(3, 3), SyncRule::LearnerAhead),
            (at(4, 2), SyncMode::Trunc, at(3, 3), SyncRule::LearnerAhead),
            (at(4, 0), SyncMode::Snap, at(3, 3), SyncRule::AcrossEpochs),
            (at(1, 8), SyncMode::Diff, at(3, 3), SyncRule::InHistory),
            (at(3, 0), SyncMode::Diff, at(3, 3), SyncRule::EpochStart),
            (at(2, 0), SyncMode::Diff, at(3, 3), SyncRule::EpochStart),
            (at(1, 9), SyncMode::Snap, at(3, 3), SyncRule::AcrossEpochs),
            (at(2, 7), SyncMode::Snap, at(3, 3), SyncRule::AcrossEpochs),
            (at(1, 2), SyncMode::Snap, at(3, 3), SyncRule::TooOld),
            (Zxid::ZERO, SyncMode::Snap, at(3, 3), SyncRule::TooOld),
            (at(1, 4), SyncMode::Snap, at(3, 3), SyncRule::TooOld),
        ];
        for (learner, mode, zxid, rule) in cases {
            let choice = choose_for(learner);
            assert_eq!((choice.mode, choice.zxid, choice.rule), (mode, zxid, rule), "{learner}");
        }
    }

    #[test]
    fn a_leader_without_new_transactions_takes_its_epochs_start_for_equal() {
        let history = History::at(at(2, 5));
        let view = LeaderView {
            history: &history,
            committed: at(2, 5),
            processed: at(3, 0),
            max_diff: 100,
            skips_membership: false,
        };
        assert_eq!(choose(view, at(3, 0)).rule, SyncRule::SameZxid);
        assert_eq!(choose(view, at(2, 5)).rule, SyncRule::SameZxid);
        assert_eq!(choose(view, at(2, 4)).rule, SyncRule::TooOld);
    }

    /// The walk of docs/protocol.md, Q5.6, word by word, over every transaction: slow and obvious.
    #[cfg(not(target_arch = "wasm32"))]
    fn walk(log: &[Zxid], committed: Zxid, learner: Zxid) -> (SyncMode, Option<Zxid>) {
        let decided: Vec<Zxid> = log.iter().copied().filter(|zxid| *zxid <= committed).collect();
        let (min, max) = (decided[0], *decided.last().expect("the log is not empty"));
        if learner == max {
            return (SyncMode::Diff, None);
        }
        if learner > max {
            let start = learner.is_epoch_start();
            return if start { (SyncMode::Snap, None) } else { (SyncMode::Trunc, Some(max)) };
        }
        if learner < min {
            return (SyncMode::Snap, None);
        }
        let mut previous = None;
        for zxid in decided {
            if zxid < learner {
                previous = Some(zxid);
            } else if zxid == learner || learner.is_epoch_start() {
                return (SyncMode::Diff, None);
            } else if zxid.epoch() != learner.epoch() {
                return (SyncMode::Snap, None);
            } else {
                return (SyncMode::Trunc, previous);
            }
        }
        (SyncMode::Snap, None)
    }

    #[cfg(not(target_arch = "wasm32"))]
    proptest::proptest! {
        #[test]
        fn the_choice_is_that_of_the_walk_over_every_transaction(
            lengths in proptest::collection::vec((1_i64..3, 1_u32..5), 1..5),
            first in 1_u32..4,
            decided in 0_usize..20,
            learner in (0_i64..9, 0_u32..7),
        ) {
            let (mut epoch, mut log, mut history) = (0, Vec::new(), History::default());
            for (number, (skip, length)) in lengths.into_iter().enumerate() {
                epoch += skip;
                let start = if number == 0 { first } else { 1 };
                for counter in start..start + length {
                    if history.runs.is_empty() {
                        history.base = Zxid(at(epoch, counter).0 - 1);
                    }
                    proptest::prop_assert!(history.append(at(epoch, counter)));
                    log.push(at(epoch, counter));
                }
            }
            let committed = log[decided.min(log.len() - 1)];
            let learner = at(learner.0, learner.1);
            let processed = committed;
            let (max_diff, skips_membership) = (99, false);
            let view =
                LeaderView { history: &history, committed, processed, max_diff, skips_membership };
            let choice = choose(view, learner);
            let (mode, cut) = walk(&log, committed, learner);
            proptest::prop_assert_eq!(choice.mode, mode, "{} of {:?}", learner, log);
            if let Some(cut) = cut {
                proptest::prop_assert_eq!(choice.zxid, cut);
            }
        }
    }
}
