//! Names that both languages share: messages, timers, votes.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Vote;
use vivarium_protocol::trace::{Phase, Timer, Travel};

use crate::i18n::Lang;
use crate::model::flight;

/// A message's name: a packet's own, or whom a notification votes for.
#[must_use]
pub fn message_name(lang: Lang, travel: &Travel) -> String {
    if let Some(name) = flight::packet_name(travel) {
        return name;
    }
    let candidate = flight::candidate(travel).filter(|id| *id != ServerId::NOBODY);
    match (candidate, lang) {
        (Some(id), Lang::English) => format!("vote for {id}"),
        (Some(id), Lang::Chinese) => format!("投给 {id} 的选票"),
        (None, Lang::English) => "an observer's question".to_owned(),
        (None, Lang::Chinese) => "Observer 的询问".to_owned(),
    }
}

/// A vote as the plate writes it: candidate, zxid, epoch.
#[must_use]
pub fn vote_words(vote: &Vote) -> String {
    format!("({}, {}, e{})", vote.leader, vote.zxid, vote.peer_epoch)
}

/// A deadline's name in ZooKeeper's own words. A learner's patience with its leader is initLimit
/// before NEWLEADER and syncLimit after it; what is the same throughout is the read timeout.
#[must_use]
pub fn deadline(timer: Timer) -> &'static str {
    match timer {
        Timer::Resend => "resend",
        Timer::FinalizeWait => "finalizeWait",
        Timer::InitLimit => "initLimit",
        Timer::LeaderSilence => "readTimeout",
        Timer::HalfTick => "tick / 2",
        Timer::SessionExpiry => "sessionTimeout",
        Timer::ContainerCheck => "checkIntervalMs",
        Timer::ReadOnlyMode => "readOnlyMode",
        Timer::Pause => "pause",
    }
}

/// What a phase is for, in a few words.
#[must_use]
pub fn phase_hint(lang: Lang, phase: Phase) -> &'static str {
    match (phase, lang) {
        (Phase::Election, Lang::English) => "looking for a leader",
        (Phase::Election, Lang::Chinese) => "寻找 Leader",
        (Phase::Discovery, Lang::English) => "agreeing on a new epoch",
        (Phase::Discovery, Lang::Chinese) => "商定新纪元",
        (Phase::Synchronization, Lang::English) => "bringing logs together",
        (Phase::Synchronization, Lang::Chinese) => "对齐日志",
        (Phase::Broadcast, Lang::English) => "ordering new writes",
        (Phase::Broadcast, Lang::Chinese) => "为新的写入排序",
    }
}
