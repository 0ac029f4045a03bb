//! The sentences in Chinese, as Chinese readers of ZooKeeper write: protocol constants stay as in
//! the logs.

use vivarium_protocol::base::{Epoch, ServerId, Zxid};
use vivarium_protocol::message::{PeerState, Vote};
use vivarium_protocol::trace::{
    Comparison, Decision, ElectedHow, LearnerPhase, Phase, QuorumKind, RoleReason, SyncMode,
    SyncRule, Timer, Verdict, VoteReason,
};
use vivarium_sim::command::server_list;

use super::english::sign;
use super::words::{deadline, phase_hint, vote_words};
use super::{Context, Counted, Told, boot};
use crate::i18n::Lang;
use crate::model::scene::Judgement;

pub fn decision(id: ServerId, made: &Decision, context: &Context) -> String {
    match made {
        Decision::Registered { part } => boot::sentence(Lang::Chinese, id, *part),
        Decision::Started { accepted_epoch, current_epoch, last_logged } => {
            started(id, *accepted_epoch, *current_epoch, *last_logged)
        }
        Decision::RoleChanged { role, leader, why } => role_changed(id, *role, *leader, *why),
        Decision::PhaseChanged { phase } => phase_changed(id, *phase),
        Decision::RoundEntered { round } => format!("{id} 进入第 {round} 轮，选票表清空。"),
        Decision::Proposes { vote, round, why, against, by } => {
            proposes(id, vote, *round, *why, against.as_ref(), *by)
        }
        Decision::Judged { from, state, vote, round, verdict, against } => {
            judged(id, (*from, *state, vote, *round), *verdict, *against, context.told(made))
        }
        Decision::Resent { next_ms } => {
            format!("{id} 没有听到新消息，重发自己的选票；下次在 {next_ms} 毫秒后。")
        }
        Decision::Elected { vote, round, how } => elected(id, vote, *round, *how),
        Decision::VoteRenewed { vote } => renewed(id, vote),
        Decision::Quorum { what, have, need, reached } => {
            quorum(id, *what, (have.len(), *need, *reached), context.counted_for(id, made))
        }
        Decision::AcceptedEpoch { epoch } => accepted(id, epoch.0, context),
        Decision::CurrentEpoch { epoch } => format!("{id} 采用纪元 {epoch}，并写入磁盘。"),
        Decision::Learner { learner, phase } => learner_phase(id, *learner, *phase),
        Decision::SyncPlanned { learner, learner_zxid, window, mode, zxid, count, rule } => {
            let why = sync_rule(*rule, *learner, *learner_zxid, *window);
            format!("{id} 向 {learner} 发送{}：{why}。", sync_plan(*mode, *zxid, *count))
        }
        Decision::SyncStarted { mode, zxid } => sync_started(id, *mode, *zxid, context),
        Decision::MembersChanged { version, in_force, voters } => {
            members(id, *version, *in_force, voters)
        }
        Decision::Truncated { to } => format!("{id} 把日志截到 {to}：Leader 的历史从那里继续。"),
        Decision::Installed { zxid } => {
            format!("{id} 用 Leader 的快照替换整棵树，快照位于 {zxid}。")
        }
        Decision::Logged { zxid, summary } => logged(id, *zxid, summary),
        Decision::Durable { zxid } => durable(id, *zxid),
        Decision::Proposed { zxid, summary } => {
            format!("Leader {id} 把 {summary} 定为提案 {zxid}。")
        }
        Decision::Acked { from, zxid } => acked(id, *from, *zxid),
        Decision::Committed { zxid, by } => committed(id, *zxid, by),
        Decision::Serving { serving } => serves(id, *serving),
        Decision::ReadOnly { serving } => reads(id, *serving),
        Decision::Established { epoch } => established(id, epoch.0),
        Decision::TimerSet { timer, at, from } => {
            timer_set(id, *timer, at.map(|at| at.since(*from)))
        }
        Decision::SessionExpired { session } => {
            format!("Leader {id} 超时未收到会话 {session} 的消息，将其关闭。")
        }
        Decision::Hung { peer, why, .. } => format!("{id} 关闭与 {peer} 的连接：{why}。"),
        Decision::Halted { why } => {
            format!("服务器 {id} 永久停止，因为它所依赖的承诺被破坏：{why}。")
        }
    }
}

fn started(id: ServerId, accepted: Epoch, current: Epoch, logged: Zxid) -> String {
    format!("服务器 {id} 启动：已接受纪元 {accepted}，当前纪元 {current}，日志到 {logged}。")
}

fn renewed(id: ServerId, vote: &Vote) -> String {
    format!("{id} 把它上报的选票改到纪元 {}，让迟到者看到同一个说法。", vote.peer_epoch)
}

fn logged(id: ServerId, zxid: Zxid, summary: &str) -> String {
    format!("{id} 把 {zxid}（{summary}）写入日志；此时崩溃仍可能丢失。")
}

fn acked(id: ServerId, from: ServerId, zxid: Zxid) -> String {
    format!("Leader {id} 得知 {from} 的日志已有 {zxid} 及之前的条目。")
}

fn serves(id: ServerId, serving: bool) -> String {
    if serving {
        format!("{id} 开始为客户端服务。")
    } else {
        format!("{id} 停止服务，直到重新有 Leader。")
    }
}

fn reads(id: ServerId, serving: bool) -> String {
    if serving {
        format!("{id} 久未找到 Leader，开始只读服务（readonlymode.enabled）。")
    } else {
        format!("{id} 结束只读服务。")
    }
}

fn established(id: ServerId, epoch: i64) -> String {
    format!("纪元 {epoch} 确立：多数派已确认 {id} 的 NEWLEADER，Leader {id} 可以接受写入。")
}

fn timer_set(id: ServerId, timer: Timer, after_us: Option<u64>) -> String {
    match after_us {
        Some(us) => format!("{id} 设置 {}：{} 毫秒。", deadline(timer), us / 1000),
        None => format!("{id} 取消 {}。", deadline(timer)),
    }
}

fn role_changed(
    id: ServerId,
    role: PeerState,
    leader: Option<ServerId>,
    why: RoleReason,
) -> String {
    let other = leader.map_or_else(|| "Leader".to_owned(), |leader| leader.to_string());
    match role {
        PeerState::Looking => format!("{id} 开始寻找 Leader：{}。", role_reason(why)),
        PeerState::Leading => format!("{id} 成为 Leader：{}。", role_reason(why)),
        PeerState::Following => format!("{id} 跟随 {other}：{}。", role_reason(why)),
        PeerState::Observing => format!("{id} 作为 Observer 观察 {other}：{}。", role_reason(why)),
    }
}

fn durable(id: ServerId, zxid: Zxid) -> String {
    format!("{id} 的磁盘已同步：{zxid} 及之前的条目崩溃也不会丢。")
}

fn members(id: ServerId, version: Zxid, in_force: bool, voters: &[ServerId]) -> String {
    let (voters, stand) = (server_list(voters), if in_force { "生效" } else { "提出" });
    format!("{id}：成员配置 {version} 已{stand}，由 {voters} 投票。")
}

fn role_reason(why: RoleReason) -> &'static str {
    match why {
        RoleReason::Started => "它刚刚启动",
        RoleReason::Alone => "它单机运行",
        RoleReason::ElectedMyself => "选举选中了它",
        RoleReason::ElectedAnother => "选举选中了那台服务器",
        RoleReason::CannotConnect => "连不上 Leader",
        RoleReason::LostLeader => "与 Leader 的连接断开",
        RoleReason::LeaderSilent => "在整个时限内没有听到 Leader",
        RoleReason::Reconfigured => "成员配置已变更",
        RoleReason::EpochTooOld => "Leader 提出的纪元比它承诺过的更旧",
        RoleReason::LeaderMisbehaved => "Leader 发来了此处不该有的消息",
        RoleReason::NoQuorumRegistered => "initLimit 内登记的服务器太少",
        RoleReason::NoQuorumPromised => "initLimit 内承诺新纪元的服务器太少",
        RoleReason::NoQuorumSynced => "initLimit 内确认 NEWLEADER 的服务器太少",
        RoleReason::LostQuorum => "它不再听得到多数派",
        RoleReason::Halted => "它所依赖的承诺被破坏",
        RoleReason::CounterExhausted => "本纪元的计数器已用尽",
    }
}

fn phase_changed(id: ServerId, phase: Phase) -> String {
    format!("{id} 进入 {}：{}。", phase.name(), phase_hint(Lang::Chinese, phase))
}

fn proposes(
    id: ServerId,
    vote: &Vote,
    round: i64,
    why: VoteReason,
    against: Option<&Vote>,
    by: Comparison,
) -> String {
    let because = against.map(|old| comparison(vote, old, by));
    let because = because.map(|words| format!("：{words}")).unwrap_or_default();
    match why {
        VoteReason::OwnVote if vote.leader == ServerId::NOBODY => {
            format!("Observer {id} 开始第 {round} 轮，询问谁是 Leader；它自己没有选票。")
        }
        VoteReason::OwnVote => {
            format!("{id} 开始第 {round} 轮，投票给自己 {}。", vote_words(vote))
        }
        VoteReason::NewerRoundBetter => {
            format!("{id} 加入第 {round} 轮并投给 {}{because}。", vote.leader)
        }
        VoteReason::NewerRoundOwnBetter => {
            format!("{id} 加入第 {round} 轮，仍投给自己{because}。")
        }
        VoteReason::Better => format!("{id} 改投 {}{because}。", vote.leader),
    }
}

pub fn comparison(new: &Vote, old: &Vote, by: Comparison) -> String {
    let sign = sign(new, old, by);
    let word = if sign == '>' { "更大者胜" } else { "更小者负" };
    match by {
        Comparison::Epoch => format!("纪元{word}，{} {sign} {}", new.peer_epoch, old.peer_epoch),
        Comparison::Zxid => format!("zxid {word}，{} {sign} {}", new.zxid, old.zxid),
        Comparison::Id => format!("id {word}，{} {sign} {}", new.leader, old.leader),
        Comparison::Equal => "同一选票".to_owned(),
        Comparison::NoWeight => format!("{} 没有权重，永远不会当选", new.leader),
    }
}

fn judged(
    id: ServerId,
    (from, state, vote, round): (ServerId, PeerState, &Vote, i64),
    verdict: Verdict,
    against: Option<(Vote, Comparison)>,
    told: Told,
) -> String {
    let leader = vote.leader;
    let mine = told.round;
    let sum = told.sum.map(|(have, need)| format!("现在是 {have}/{need}。")).unwrap_or_default();
    match verdict {
        Verdict::NotAVoter => format!("{id} 忽略 {from}：它在这个集群里没有选票。"),
        Verdict::OldRound if state == PeerState::Looking => {
            format!(
                "{id} 忽略 {from} 在第 {round} 轮的选票（该轮已结束），并告知现在是第 {mine} 轮。"
            )
        }
        Verdict::OldRound => format!("{id} 忽略 {from} 的选票：第 {round} 轮已结束。"),
        Verdict::Untrusted => format!("{id} 不计入 {from}：两者之一的数据库可能为空，不可信。"),
        Verdict::Counted => {
            let why = against.map(|(own, by)| match by {
                Comparison::Equal => format!("与 {id} 自己的一致。"),
                by if sign(vote, &own, by) == '>' => {
                    format!("它胜过 {id} 自己的：{}。", comparison(vote, &own, by))
                }
                by => format!("{id} 不改投：{}。", comparison(vote, &own, by)),
            });
            format!("{id} 计入 {from} 投给 {leader} 的票。{}{sum}", why.unwrap_or_default())
        }
        Verdict::CountedDecided => format!(
            "{id} 计入 {from} 投给 {leader} 的票，不再比较：{from} 已是 {}。{sum}",
            state.name()
        ),
        Verdict::KeptApart => format!(
            "{id} 把 {from} 的票另存：{from} 自第 {round} 轮起已是 {}，轮次不同。",
            state.name()
        ),
        Verdict::FromObserver => format!("{from} 是 Observer：{id} 答复它，但没有票可计。"),
        Verdict::NoBetterWhileFinalizing => {
            format!("{id} 正在确认胜者；{from} 投给 {leader} 的票并不更好，丢弃。")
        }
        Verdict::BetterWhileFinalizing => {
            format!("{id} 正要决定，但 {from} 投给 {leader} 的票更好。")
        }
        Verdict::Answered => format!("{id} 已不在选举：它告诉 {from} 谁是 Leader，而不计票。"),
        Verdict::NoNews => format!("{id} 已决定，{from} 也已决定：无事可做。"),
    }
}

pub fn verdict(judgement: &Judgement, round: i64) -> String {
    let (from, theirs) = (judgement.from, judgement.round);
    match judgement.verdict {
        Verdict::NotAVoter => "没有选票：忽略".to_owned(),
        Verdict::OldRound => format!("轮次更旧 {theirs} < {round}：忽略"),
        Verdict::Untrusted => "数据库不可信".to_owned(),
        Verdict::Counted => match &judgement.against {
            Some((own, by)) if *by != Comparison::Equal => {
                format!("计入；{}", comparison(&judgement.vote, own, *by))
            }
            Some(_) | None => "同一选票：计入".to_owned(),
        },
        Verdict::CountedDecided if judgement.state == PeerState::Leading => {
            format!("计入，并证实 {from} 在领导")
        }
        Verdict::CountedDecided => format!("计入，不再比较：{from} 已决定"),
        Verdict::KeptApart => format!("轮次不同（{theirs} ≠ {round}）：另存"),
        Verdict::FromObserver => "来自 Observer：没有票可计".to_owned(),
        Verdict::NoBetterWhileFinalizing => "不比胜者更好".to_owned(),
        Verdict::BetterWhileFinalizing => "更好：等待结束，继续计票".to_owned(),
        Verdict::Answered => "已答复：本服务器已决定".to_owned(),
        Verdict::NoNews => "双方都已决定".to_owned(),
    }
}

fn elected(id: ServerId, vote: &Vote, round: i64, how: ElectedHow) -> String {
    let leader = vote.leader;
    let who = if leader == id {
        format!("服务器 {id} 在第 {round} 轮当选")
    } else {
        format!("{id} 在第 {round} 轮认 {leader} 为 Leader")
    };
    match how {
        ElectedHow::QuorumOfVotes => {
            format!("{who}：多数派投给它，200 毫秒内没有更好的票。")
        }
        ElectedHow::SettledThisRound if leader == id => format!("{who}：多数派已选定它。"),
        ElectedHow::SettledThisRound => {
            format!("{who}：多数派已选定它，{leader} 自己也说它在领导。")
        }
        ElectedHow::JoinedEstablished => {
            format!("{who}：多数派已在跟随它，{id} 加入一个正在工作的集群。")
        }
    }
}

fn quorum(
    id: ServerId,
    what: QuorumKind,
    (count, need, reached): (usize, u32, bool),
    counted: Counted,
) -> String {
    let candidate =
        |id: Option<ServerId>| id.map_or_else(|| "候选者".to_owned(), |id| id.to_string());
    match (what, reached) {
        (QuorumKind::Votes, true) if counted.settled => {
            format!("{id} 数到 {count} 台已选定 {} 的服务器：已是多数。", candidate(counted.leader))
        }
        (QuorumKind::Votes, true) => format!(
            "{id} 数到 {count} 票投给 {}：已是多数。再等 200 毫秒看有没有更好的票。",
            candidate(counted.leader)
        ),
        (QuorumKind::Votes, false) => {
            format!("{id} 有 {count} 票投给 {}，需要 {need} 票。", candidate(counted.leader))
        }
        (QuorumKind::Registered, true) => {
            format!("已有 {count} 台服务器向 {id} 登记：足以选定新纪元。")
        }
        (QuorumKind::Registered, false) => {
            format!("向 Leader {id} 登记的服务器：{count}/{need}。")
        }
        (QuorumKind::Promised, true) => {
            format!("{count} 台服务器已承诺 {id} 的纪元：已是多数。")
        }
        (QuorumKind::Promised, false) => format!("承诺 {id} 的纪元的服务器：{count}/{need}。"),
        (QuorumKind::Synced, true) => {
            format!("{count} 台服务器已确认 {id} 的 NEWLEADER：已是多数。")
        }
        (QuorumKind::Synced, false) => {
            format!("确认 {id} 的 NEWLEADER 的服务器：{count}/{need}。")
        }
    }
}

fn accepted(id: ServerId, epoch: i64, context: &Context) -> String {
    match context.scene.leaders.iter().find(|(known, _)| known.0 == epoch) {
        Some((_, leader)) if *leader == id => {
            format!("Leader {id} 开启纪元 {epoch}：登记者接受过的最高纪元加一。")
        }
        Some(_) | None => format!("{id} 承诺纪元 {epoch}：从此拒绝任何更旧的 Leader。"),
    }
}

fn learner_phase(id: ServerId, learner: ServerId, phase: Option<LearnerPhase>) -> String {
    match phase {
        Some(LearnerPhase::Registered) => format!(
            "Leader {id} 的 LearnerCnxAcceptor 接受 {learner} 的连接，由专属的 LearnerHandler 登记。"
        ),
        Some(LearnerPhase::EpochOffered) => {
            format!("{id} 的 LearnerHandler 用 LEADERINFO 向 {learner} 提出纪元。")
        }
        Some(LearnerPhase::Promised) => {
            format!("{learner} 已承诺 {id} 的纪元；它的 LearnerHandler 得知其日志止于何处。")
        }
        Some(LearnerPhase::Syncing) => {
            format!("{id} 的 LearnerHandler 对齐 {learner} 的日志，然后发送 NEWLEADER。")
        }
        Some(LearnerPhase::Synced) => {
            format!("{learner} 已确认 {id} 的 NEWLEADER。")
        }
        Some(LearnerPhase::UpToDate) => {
            format!("{id} 向 {learner} 发送 UPTODATE：它参与广播，可以服务。")
        }
        None => format!("{id} 失去 {learner}：它的 LearnerHandler 结束。"),
    }
}

fn sync_plan(mode: SyncMode, zxid: Zxid, count: u64) -> String {
    match (mode, count) {
        (SyncMode::Diff, 0) => format!("空的 DIFF {zxid}"),
        (SyncMode::Diff, _) => format!(" DIFF {zxid} 和 {count} 条条目"),
        (SyncMode::Trunc, 0) => format!(" TRUNC {zxid}"),
        (SyncMode::Trunc, _) => format!(" TRUNC {zxid}，再发 {count} 条条目"),
        (SyncMode::Snap, _) => format!(" SNAP {zxid}，即整棵树"),
    }
}

fn sync_rule(rule: SyncRule, learner: ServerId, at: Zxid, window: (Zxid, Zxid)) -> String {
    let (oldest, newest) = window;
    match rule {
        SyncRule::SameZxid => format!("{learner} 在 {at}，正是 Leader 所在之处"),
        SyncRule::LearnerAhead => format!("{learner} 在 {at}，超过 Leader 的 {newest}"),
        SyncRule::InHistory => format!("{learner} 在 {at}，位于 Leader 的历史之内"),
        SyncRule::EpochStart => format!("{learner} 在 {at}，只是纪元起点，无需截断"),
        SyncRule::Divergent => format!("{learner} 的 {at} 不在 Leader 的历史里"),
        SyncRule::AcrossEpochs => format!("{learner} 的 {at} 所在的纪元，Leader 无法在其中截断"),
        SyncRule::TooOld => format!("{learner} 在 {at}，落后太多（Leader 的日志始于 {oldest}）"),
    }
}

fn sync_started(id: ServerId, mode: SyncMode, zxid: Zxid, context: &Context) -> String {
    let leader = context.sender().map_or_else(|| "Leader".to_owned(), |from| from.to_string());
    match mode {
        SyncMode::Diff => format!("{id} 收到 {leader} 的 DIFF {zxid}：只有其后的才是新的。"),
        SyncMode::Trunc => format!("{id} 收到 {leader} 的 TRUNC {zxid}：截掉其后的一切。"),
        SyncMode::Snap => format!("{id} 收到 {leader} 的 SNAP {zxid}：随后是整棵树。"),
    }
}

fn committed(id: ServerId, zxid: Zxid, by: &[ServerId]) -> String {
    if by.is_empty() {
        return format!("{id} 得知 {zxid} 及之前的都已提交。");
    }
    let disks: Vec<String> = by.iter().map(ServerId::to_string).collect();
    format!("Leader {id} 提交 {zxid}：{} 已确认，是多数。", disks.join("、"))
}
