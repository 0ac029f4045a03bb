//! The sentences in English: present tense, subject first, what happened and then why.

use vivarium_protocol::base::{Epoch, ServerId, Zxid};
use vivarium_protocol::message::{PeerState, Vote};
use vivarium_protocol::trace::{
    Comparison, Decision, ElectedHow, LearnerPhase, Phase, QuorumKind, RoleReason, SyncMode,
    SyncRule, Timer, Verdict, VoteReason,
};
use vivarium_sim::command::server_list;

use super::words::{deadline, phase_hint, vote_words};
use super::{Context, Counted, Told, boot};
use crate::i18n::Lang;
use crate::model::scene::Judgement;

pub fn decision(id: ServerId, made: &Decision, context: &Context) -> String {
    match made {
        Decision::Registered { part } => boot::sentence(Lang::English, id, *part),
        Decision::Started { accepted_epoch, current_epoch, last_logged } => {
            started(id, *accepted_epoch, *current_epoch, *last_logged)
        }
        Decision::RoleChanged { role, leader, why } => role_changed(id, *role, *leader, *why),
        Decision::PhaseChanged { phase } => phase_changed(id, *phase),
        Decision::RoundEntered { round } => {
            format!("{id} enters round {round} with an empty table of votes.")
        }
        Decision::Proposes { vote, round, why, against, by } => {
            proposes(id, vote, *round, *why, against.as_ref(), *by)
        }
        Decision::Judged { from, state, vote, round, verdict, against } => {
            judged(id, (*from, *state, vote, *round), *verdict, *against, context.told(made))
        }
        Decision::Resent { next_ms } => resent(id, *next_ms),
        Decision::Elected { vote, round, how } => elected(id, vote, *round, *how),
        Decision::VoteRenewed { vote } => renewed(id, vote),
        Decision::Quorum { what, have, need, reached } => {
            quorum(id, *what, (have.len(), *need, *reached), context.counted_for(id, made))
        }
        Decision::AcceptedEpoch { epoch } => accepted(id, epoch.0, context),
        Decision::CurrentEpoch { epoch } => {
            format!("{id} adopts epoch {epoch} and writes it to its disk.")
        }
        Decision::Learner { learner, phase } => learner_phase(id, *learner, *phase),
        Decision::SyncPlanned { learner, learner_zxid, window, mode, zxid, count, rule } => {
            let why = sync_rule(*rule, *learner, *learner_zxid, *window);
            format!("{id} sends {learner} {}: {why}.", sync_plan(*mode, *zxid, *count))
        }
        Decision::SyncStarted { mode, zxid } => sync_started(id, *mode, *zxid, context),
        Decision::MembersChanged { version, in_force, voters } => {
            let stand = if *in_force { "are in force" } else { "are proposed" };
            format!("{id}: members {version} {stand}; {} vote.", server_list(voters))
        }
        Decision::Truncated { to } => truncated(id, *to),
        Decision::Installed { zxid } => installed(id, *zxid),
        Decision::Logged { zxid, summary } => logged(id, *zxid, summary),
        Decision::Durable { zxid } => durable(id, *zxid),
        Decision::Proposed { zxid, summary } => proposed(id, *zxid, summary),
        Decision::Acked { from, zxid } => acked(id, *from, *zxid),
        Decision::Committed { zxid, by } => committed(id, &zxid.to_string(), by),
        Decision::Serving { serving } => serves(id, *serving),
        Decision::ReadOnly { serving } => reads(id, *serving),
        Decision::Established { epoch } => established(id, epoch.0),
        Decision::TimerSet { timer, at, from } => {
            timer_set(id, *timer, at.map(|at| at.since(*from)))
        }
        Decision::SessionExpired { session } => expired(id, &session.to_string()),
        Decision::Hung { peer, why, .. } => format!("{id} closes its connection to {peer}: {why}."),
        Decision::Halted { why } => halted(id, why),
    }
}

fn started(id: ServerId, accepted: Epoch, current: Epoch, logged: Zxid) -> String {
    format!(
        "Server {id} starts with accepted epoch {accepted}, current epoch {current} and a log up \
         to {logged}."
    )
}

fn resent(id: ServerId, next_ms: u64) -> String {
    format!("{id} heard nothing new, so it sends its vote again; next try in {next_ms} ms.")
}

fn renewed(id: ServerId, vote: &Vote) -> String {
    let epoch = vote.peer_epoch;
    format!(
        "{id} moves the vote it reports on to epoch {epoch}, so that late joiners see one story."
    )
}

fn truncated(id: ServerId, to: Zxid) -> String {
    format!("{id} cuts its log back to {to}: the leader's history goes on from there.")
}

fn installed(id: ServerId, zxid: Zxid) -> String {
    format!("{id} replaces its whole tree by the leader's snapshot, which stands at {zxid}.")
}

fn logged(id: ServerId, zxid: Zxid, summary: &str) -> String {
    format!("{id} writes {zxid} ({summary}) to its log; it is not yet safe from a crash.")
}

fn durable(id: ServerId, zxid: Zxid) -> String {
    format!("{id}'s disk has synced: everything up to {zxid} survives a crash.")
}

fn proposed(id: ServerId, zxid: Zxid, summary: &str) -> String {
    format!("Leader {id} makes {summary} the proposal {zxid}.")
}

fn acked(id: ServerId, from: ServerId, zxid: Zxid) -> String {
    format!("Leader {id} hears from {from} that its log holds everything up to {zxid}.")
}

fn serves(id: ServerId, serving: bool) -> String {
    if serving {
        format!("{id} serves clients from here on.")
    } else {
        format!("{id} stops serving clients until it has a leader again.")
    }
}

fn reads(id: ServerId, serving: bool) -> String {
    if serving {
        format!("{id} has found no leader for a while: readers are served (readonlymode.enabled).")
    } else {
        format!("{id} serves readers without a leader no longer.")
    }
}

fn established(id: ServerId, epoch: i64) -> String {
    format!(
        "Epoch {epoch} stands: a majority has acknowledged {id}'s NEWLEADER, so leader {id} may \
         take writes."
    )
}

fn timer_set(id: ServerId, timer: Timer, after_us: Option<u64>) -> String {
    match after_us {
        Some(us) => format!("{id} sets {} to {} ms.", deadline(timer), us / 1000),
        None => format!("{id} clears {}.", deadline(timer)),
    }
}

fn expired(id: ServerId, session: &str) -> String {
    format!("Leader {id} has not heard from session {session} for its timeout and closes it.")
}

fn halted(id: ServerId, why: &str) -> String {
    format!("Server {id} stops for good, because a promise it relies on was broken: {why}.")
}

fn role_changed(
    id: ServerId,
    role: PeerState,
    leader: Option<ServerId>,
    why: RoleReason,
) -> String {
    let other = leader.map_or_else(|| "a leader".to_owned(), |leader| leader.to_string());
    match role {
        PeerState::Looking => format!("{id} looks for a leader: {}.", role_reason(why)),
        PeerState::Leading => format!("{id} leads: {}.", role_reason(why)),
        PeerState::Following => format!("{id} follows {other}: {}.", role_reason(why)),
        PeerState::Observing => format!("{id} observes {other}: {}.", role_reason(why)),
    }
}

fn role_reason(why: RoleReason) -> &'static str {
    match why {
        RoleReason::Started => "it has just started",
        RoleReason::Alone => "it runs alone",
        RoleReason::ElectedMyself => "the election chose it",
        RoleReason::ElectedAnother => "the election chose that server",
        RoleReason::CannotConnect => "it could not connect to the leader",
        RoleReason::LostLeader => "the connection to its leader broke",
        RoleReason::LeaderSilent => "its leader was silent for the whole limit",
        RoleReason::Reconfigured => "the members have changed",
        RoleReason::EpochTooOld => "the leader offered an epoch older than the one it promised",
        RoleReason::LeaderMisbehaved => "the leader sent what it should not have sent here",
        RoleReason::NoQuorumRegistered => "too few servers registered within initLimit",
        RoleReason::NoQuorumPromised => "too few servers promised the epoch within initLimit",
        RoleReason::NoQuorumSynced => "too few servers acknowledged NEWLEADER within initLimit",
        RoleReason::LostQuorum => "it no longer hears from a majority",
        RoleReason::Halted => "a promise it relies on was broken",
        RoleReason::CounterExhausted => "the epoch's counter is used up",
    }
}

fn phase_changed(id: ServerId, phase: Phase) -> String {
    format!("{id} enters {}: {}.", phase.name(), phase_hint(Lang::English, phase))
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
    let because = because.map(|words| format!(": {words}")).unwrap_or_default();
    match why {
        VoteReason::OwnVote if vote.leader == ServerId::NOBODY => {
            format!("Observer {id} starts round {round} and asks who leads; it has no vote itself.")
        }
        VoteReason::OwnVote => {
            format!("{id} starts round {round} and votes for itself {}.", vote_words(vote))
        }
        VoteReason::NewerRoundBetter => {
            format!("{id} joins round {round} and votes for {}{because}.", vote.leader)
        }
        VoteReason::NewerRoundOwnBetter => {
            format!("{id} joins round {round} and keeps its own vote{because}.")
        }
        VoteReason::Better => format!("{id} switches its vote to {}{because}.", vote.leader),
    }
}

pub fn comparison(new: &Vote, old: &Vote, by: Comparison) -> String {
    let wins = sign(new, old, by);
    let word = if wins == '>' { ("higher", "wins") } else { ("lower", "loses") };
    match by {
        Comparison::Epoch => {
            format!("{} epoch {}, {} {wins} {}", word.0, word.1, new.peer_epoch, old.peer_epoch)
        }
        Comparison::Zxid => {
            format!("{} zxid {}, {} {wins} {}", word.0, word.1, new.zxid, old.zxid)
        }
        Comparison::Id => {
            format!("{} id {}, {} {wins} {}", word.0, word.1, new.leader, old.leader)
        }
        Comparison::Equal => "the same vote".to_owned(),
        Comparison::NoWeight => format!("{} has no weight and can never win", new.leader),
    }
}

pub(super) fn sign(new: &Vote, old: &Vote, by: Comparison) -> char {
    let higher = match by {
        Comparison::Epoch => new.peer_epoch > old.peer_epoch,
        Comparison::Zxid => new.zxid > old.zxid,
        Comparison::Id => new.leader > old.leader,
        Comparison::Equal | Comparison::NoWeight => return '=',
    };
    if higher { '>' } else { '<' }
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
    let sum = told.sum.map(|(have, need)| format!(" That makes {have} of {need}."));
    let sum = sum.unwrap_or_default();
    match verdict {
        Verdict::NotAVoter => format!("{id} ignores {from}: it has no vote in this ensemble."),
        Verdict::OldRound if state == PeerState::Looking => format!(
            "{id} ignores {from}'s vote of round {round}, which is over, and tells it of round \
             {mine}."
        ),
        Verdict::OldRound => format!("{id} ignores {from}'s vote: round {round} is over."),
        Verdict::Untrusted => format!(
            "{id} does not count {from}: one of their databases may be empty and is not trusted."
        ),
        Verdict::Counted => {
            let why = against.map(|(own, by)| match by {
                Comparison::Equal => format!(" It agrees with {id}'s own."),
                by if sign(vote, &own, by) == '>' => {
                    format!(" It beats {id}'s own: {}.", comparison(vote, &own, by))
                }
                by => format!(" It does not move {id}: {}.", comparison(vote, &own, by)),
            });
            format!("{id} counts {from}'s vote for {leader}.{}{sum}", why.unwrap_or_default())
        }
        Verdict::CountedDecided => format!(
            "{id} counts {from}'s vote for {leader} without comparing: {from} is {} already.{sum}",
            state.name()
        ),
        Verdict::KeptApart => format!(
            "{id} sets {from}'s vote apart: {from} is {} since round {round}, another round.",
            state.name()
        ),
        Verdict::FromObserver => {
            format!("{from} is an observer: {id} answers, but there is no vote to count.")
        }
        Verdict::NoBetterWhileFinalizing => format!(
            "{id} is confirming its winner; {from}'s vote for {leader} is no better and is dropped."
        ),
        Verdict::BetterWhileFinalizing => {
            format!("{id} was about to decide, but {from}'s vote for {leader} is better.")
        }
        Verdict::Answered => format!(
            "{id} is no longer looking: it tells {from} who leads instead of counting its vote."
        ),
        Verdict::NoNews => format!("{id} has decided and so has {from}: nothing to do."),
    }
}

pub fn verdict(judgement: &Judgement, round: i64) -> String {
    let (from, theirs) = (judgement.from, judgement.round);
    match judgement.verdict {
        Verdict::NotAVoter => "no vote here: ignored".to_owned(),
        Verdict::OldRound => format!("older round {theirs} < {round}: ignored"),
        Verdict::Untrusted => "its database is not trusted".to_owned(),
        Verdict::Counted => match &judgement.against {
            Some((own, by)) if *by != Comparison::Equal => {
                format!("counted; {}", comparison(&judgement.vote, own, *by))
            }
            Some(_) | None => "same vote: counted".to_owned(),
        },
        Verdict::CountedDecided if judgement.state == PeerState::Leading => {
            format!("counted; it confirms that {from} leads")
        }
        Verdict::CountedDecided => format!("counted, not compared: {from} has decided"),
        Verdict::KeptApart => format!("other round ({theirs} ≠ {round}): kept apart"),
        Verdict::FromObserver => "an observer: nothing to count".to_owned(),
        Verdict::NoBetterWhileFinalizing => "no better than the winner".to_owned(),
        Verdict::BetterWhileFinalizing => "better: the wait is over, the count goes on".to_owned(),
        Verdict::Answered => "answered: this server has decided".to_owned(),
        Verdict::NoNews => "no news: both have decided".to_owned(),
    }
}

fn elected(id: ServerId, vote: &Vote, round: i64, how: ElectedHow) -> String {
    let leader = vote.leader;
    let who = if leader == id {
        format!("Server {id} is elected in round {round}")
    } else {
        format!("{id} accepts {leader} as its leader, round {round}")
    };
    match how {
        ElectedHow::QuorumOfVotes => {
            format!("{who}: a majority votes for it and no better vote came within 200 ms.")
        }
        ElectedHow::SettledThisRound if leader == id => {
            format!("{who}: a majority has settled on it.")
        }
        ElectedHow::SettledThisRound => {
            format!("{who}: a majority has settled on it, and {leader} itself says that it leads.")
        }
        ElectedHow::JoinedEstablished => {
            format!("{who}: a majority follows it already, so {id} joins an ensemble at work.")
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
        |id: Option<ServerId>| id.map_or_else(|| "its candidate".to_owned(), |id| id.to_string());
    match (what, reached) {
        (QuorumKind::Votes, true) if counted.settled => format!(
            "{id} counts {count} servers that have settled on {}: a majority.",
            candidate(counted.leader)
        ),
        (QuorumKind::Votes, true) => format!(
            "{id} counts {count} votes for {}: a majority. It waits 200 ms for a better one.",
            candidate(counted.leader)
        ),
        (QuorumKind::Votes, false) => {
            format!(
                "{id} has {count} of the {need} votes needed for {}.",
                candidate(counted.leader)
            )
        }
        (QuorumKind::Registered, true) => {
            format!("{count} servers have registered with {id}: enough to choose the new epoch.")
        }
        (QuorumKind::Registered, false) => {
            format!("{count} of {need} servers have registered with leader {id}.")
        }
        (QuorumKind::Promised, true) => {
            format!("{count} servers have promised {id}'s epoch: a majority.")
        }
        (QuorumKind::Promised, false) => {
            format!("{count} of {need} servers have promised {id}'s epoch.")
        }
        (QuorumKind::Synced, true) => {
            format!("{count} servers have acknowledged {id}'s NEWLEADER: a majority.")
        }
        (QuorumKind::Synced, false) => {
            format!("{count} of {need} servers have acknowledged {id}'s NEWLEADER.")
        }
    }
}

fn accepted(id: ServerId, epoch: i64, context: &Context) -> String {
    match context.scene.leaders.iter().find(|(known, _)| known.0 == epoch) {
        Some((_, leader)) if *leader == id => format!(
            "Leader {id} opens epoch {epoch}: one more than the highest that those who registered \
             had accepted."
        ),
        Some(_) | None => {
            format!("{id} promises epoch {epoch}: from now on it refuses any older leader.")
        }
    }
}

fn learner_phase(id: ServerId, learner: ServerId, phase: Option<LearnerPhase>) -> String {
    match phase {
        Some(LearnerPhase::Registered) => format!(
            "The acceptor of leader {id} takes {learner}'s connection; a handler of its own \
             registers it."
        ),
        Some(LearnerPhase::EpochOffered) => {
            format!("{id}'s handler offers {learner} the epoch with LEADERINFO.")
        }
        Some(LearnerPhase::Promised) => {
            format!(
                "{learner} has promised {id}'s epoch, and its handler knows where its log ends."
            )
        }
        Some(LearnerPhase::Syncing) => {
            format!("{id}'s handler brings {learner}'s log in line, then sends NEWLEADER.")
        }
        Some(LearnerPhase::Synced) => {
            format!("{learner} has acknowledged {id}'s NEWLEADER.")
        }
        Some(LearnerPhase::UpToDate) => {
            format!("{id} sends {learner} UPTODATE: it takes part in broadcast and may serve.")
        }
        None => format!("{id} loses learner {learner}: its handler ends."),
    }
}

fn sync_plan(mode: SyncMode, zxid: Zxid, count: u64) -> String {
    let entries = if count == 1 { "entry" } else { "entries" };
    match (mode, count) {
        (SyncMode::Diff, 0) => format!("an empty DIFF {zxid}"),
        (SyncMode::Diff, _) => format!("DIFF {zxid} and {count} {entries}"),
        (SyncMode::Trunc, 0) => format!("TRUNC {zxid}"),
        (SyncMode::Trunc, _) => format!("TRUNC {zxid} and then {count} {entries}"),
        (SyncMode::Snap, _) => format!("SNAP {zxid}, the whole tree"),
    }
}

fn sync_rule(rule: SyncRule, learner: ServerId, at: Zxid, window: (Zxid, Zxid)) -> String {
    let (oldest, newest) = window;
    match rule {
        SyncRule::SameZxid => format!("{learner} is at {at}, just where the leader stands"),
        SyncRule::LearnerAhead => format!("{learner} is at {at}, beyond the leader's {newest}"),
        SyncRule::InHistory => format!("{learner} is at {at}, within the leader's history"),
        SyncRule::EpochStart => format!("{learner} is at {at}, an epoch's start: nothing to cut"),
        SyncRule::Divergent => format!("{learner}'s {at} is not in the leader's history"),
        SyncRule::AcrossEpochs => {
            format!("{learner}'s {at} lies in an epoch that the leader cannot cut in")
        }
        SyncRule::TooOld => {
            format!("{learner} is at {at}, too far back (the leader's log begins at {oldest})")
        }
    }
}

fn sync_started(id: ServerId, mode: SyncMode, zxid: Zxid, context: &Context) -> String {
    let leader = context.sender().map_or_else(|| "its leader".to_owned(), |from| from.to_string());
    match mode {
        SyncMode::Diff => {
            format!("{id} hears DIFF {zxid} from {leader}: only what follows is new.")
        }
        SyncMode::Trunc => {
            format!("{id} hears TRUNC {zxid} from {leader}: cut everything after it.")
        }
        SyncMode::Snap => format!("{id} hears SNAP {zxid} from {leader}: the whole tree follows."),
    }
}

fn committed(id: ServerId, zxid: &str, by: &[ServerId]) -> String {
    if by.is_empty() {
        return format!("{id} knows that everything up to {zxid} is decided.");
    }
    let disks: Vec<String> = by.iter().map(ServerId::to_string).collect();
    format!("Leader {id} commits {zxid}: acknowledged by {}, a majority.", disks.join(", "))
}
