//! One sentence of what happened and why, for every step of every run, in the reader's language.
//!
//! Invariants:
//! 1. A sentence is made of the frame's own values, so it is true for any schedule.
//! 2. Each language matches every decision and every cause without a wildcard: a missing sentence
//!    does not compile.

mod boot;
pub mod broken;
mod causes;
mod chinese;
mod english;
#[cfg(test)]
mod truth;
mod words;

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::{PeerState, Vote};
use vivarium_protocol::trace::{
    Comparison, Decision, Frame, QuorumKind, TraceEvent, Travel, TravelFate, Verdict,
};

use crate::i18n::Lang;
use crate::model::scene::{Judgement, Scene};
pub use words::{deadline, message_name, phase_hint, vote_words};

/// What a sentence may draw on besides the decision itself.
pub struct Context<'a> {
    /// The step.
    pub frame: &'a Frame,
    /// The scene after the step.
    pub scene: &'a Scene,
}

/// What belongs to the judgement of one vote.
#[derive(Clone, Copy, Debug)]
pub struct Told {
    /// The judge's round.
    pub round: i64,
    /// The count that followed, if one did: so many, and so many needed.
    pub sum: Option<(usize, u32)>,
}

/// For whom votes were counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// The candidate.
    pub leader: Option<ServerId>,
    /// Whether those counted have decided already.
    pub settled: bool,
}

impl Context<'_> {
    /// The decisions of the step from this one on, and those before it, latest first.
    fn around(&self, made: &Decision) -> (Vec<&Decision>, Vec<&Decision>) {
        let all: Vec<&Decision> = self.frame.events.iter().filter_map(decided).collect();
        let at = all.iter().position(|one| std::ptr::eq(*one, made)).unwrap_or(0);
        let (before, after) = all.split_at(at);
        (after.to_vec(), before.iter().rev().copied().collect())
    }

    /// What belongs to a judgement: the count between it and the next one.
    #[must_use]
    pub fn told(&self, made: &Decision) -> Told {
        let server = self.frame.peer.and_then(|id| self.scene.servers.get(&id));
        let (after, _) = self.around(made);
        let next = after.iter().skip(1).take_while(|one| !matches!(one, Decision::Judged { .. }));
        let sum = next.filter_map(|one| {
            let Decision::Quorum { what: QuorumKind::Votes, have, need, .. } = one else {
                return None;
            };
            Some((have.len(), *need))
        });
        let sum = sum.last();
        Told { round: server.map_or(0, |server| server.status.round), sum }
    }

    /// For whom the votes of this count were cast: a sender that has decided was counted for its
    /// own leader, any other for the candidate proposed then.
    #[must_use]
    pub fn counted_for(&self, id: ServerId, made: &Decision) -> Counted {
        let (_, before) = self.around(made);
        for one in before {
            if let Decision::Proposes { vote, .. } = one {
                return Counted { leader: Some(vote.leader), settled: false };
            }
            let Decision::Judged { state, vote, against, .. } = one else { continue };
            if *state != PeerState::Looking {
                return Counted { leader: Some(vote.leader), settled: true };
            }
            if let Some((own, _)) = against {
                return Counted { leader: Some(own.leader), settled: false };
            }
        }
        let vote = self.scene.servers.get(&id).and_then(|server| server.status.vote);
        Counted { leader: vote.map(|vote| vote.leader), settled: false }
    }

    /// Whether the step came from a message, and whose.
    #[must_use]
    pub fn sender(&self) -> Option<ServerId> {
        self.frame.cause.message().map(|id| id.from)
    }
}

/// The step in one sentence. `scene` is the scene after it.
#[must_use]
pub fn sentence(lang: Lang, frame: &Frame, scene: &Scene) -> String {
    let context = Context { frame, scene };
    let decisions = frame.events.iter().filter_map(decided);
    let Some(best) = decisions.rev().max_by_key(|decision| weight(decision)) else {
        return without_decision(lang, &context);
    };
    match frame.peer {
        Some(id) if weight(best) > 5 => decision(lang, id, best, &context),
        Some(_) | None => without_decision(lang, &context),
    }
}

/// Everything that happened in the step, in order, one line each.
#[must_use]
pub fn details(lang: Lang, frame: &Frame, scene: &Scene) -> Vec<String> {
    let context = Context { frame, scene };
    let line = |event: &TraceEvent| match (event, frame.peer) {
        (TraceEvent::Decided(Decision::Committed { zxid, .. }), _) if zxid.is_epoch_start() => None,
        (TraceEvent::Decided(made), Some(id)) => Some(decision(lang, id, made, &context)),
        (TraceEvent::Decided(_), None) => None,
        (TraceEvent::Travelled(travel), _) => travelled(lang, travel),
    };
    frame.events.iter().filter_map(line).collect()
}

/// What the step decided, in order, one line each.
#[must_use]
pub fn decisions(lang: Lang, frame: &Frame, scene: &Scene) -> Vec<String> {
    let context = Context { frame, scene };
    // The start of an epoch is no transaction.
    let nothing =
        |made: &Decision| matches!(made, Decision::Committed { zxid, .. } if zxid.is_epoch_start());
    let told = frame.events.iter().filter_map(decided).filter(|made| !nothing(made));
    let id = frame.peer;
    told.filter_map(|made| Some(decision(lang, id?, made, &context))).collect()
}

/// What brought the step about.
#[must_use]
pub fn cause(lang: Lang, frame: &Frame, scene: &Scene) -> String {
    caused(lang, &Context { frame, scene }, None)
}

/// A received vote's verdict in words. `round` is the receiver's present round.
#[must_use]
pub fn verdict(lang: Lang, judgement: &Judgement, round: i64) -> String {
    match lang {
        Lang::English => english::verdict(judgement, round),
        Lang::Chinese => chinese::verdict(judgement, round),
    }
}

/// What decides between two votes, in words.
#[must_use]
pub fn comparison(lang: Lang, new: &Vote, old: &Vote, by: Comparison) -> String {
    match lang {
        Lang::English => english::comparison(new, old, by),
        Lang::Chinese => chinese::comparison(new, old, by),
    }
}

fn decided(event: &TraceEvent) -> Option<&Decision> {
    match event {
        TraceEvent::Decided(decision) => Some(decision),
        TraceEvent::Travelled(_) => None,
    }
}

fn decision(lang: Lang, id: ServerId, made: &Decision, context: &Context) -> String {
    match lang {
        Lang::English => english::decision(id, made, context),
        Lang::Chinese => chinese::decision(id, made, context),
    }
}

fn travelled(lang: Lang, travel: &Travel) -> Option<String> {
    let (from, to, name) = (travel.id.from, travel.id.to, message_name(lang, travel));
    match (&travel.fate, lang) {
        (TravelFate::Sent { .. }, Lang::English) => Some(format!("{from} sends {name} to {to}.")),
        (TravelFate::Sent { .. }, Lang::Chinese) => Some(format!("{from} 向 {to} 发送 {name}。")),
        (TravelFate::Lost, Lang::English) => Some(format!("{name} from {from} to {to} is lost.")),
        (TravelFate::Lost, Lang::Chinese) => Some(format!("{from} 发给 {to} 的 {name} 丢失。")),
        (TravelFate::Arrived, Lang::English | Lang::Chinese) => None,
    }
}

/// A step that decided nothing worth a sentence is told by its cause and by what was sent.
fn without_decision(lang: Lang, context: &Context) -> String {
    let frame = context.frame;
    let sent = frame.events.iter().find_map(|event| match event {
        TraceEvent::Travelled(travel) if matches!(travel.fate, TravelFate::Sent { .. }) => {
            Some(travel)
        }
        TraceEvent::Travelled(_) | TraceEvent::Decided(_) => None,
    });
    caused(lang, context, sent)
}

fn caused(lang: Lang, context: &Context, sent: Option<&Travel>) -> String {
    let frame = context.frame;
    let received = frame.cause.message().and_then(|id| context.scene.flights.get(&id));
    let received = received.map(|flight| flight.travel.clone());
    match lang {
        Lang::English => causes::english(frame.peer, &frame.cause, received.as_deref(), sent),
        Lang::Chinese => causes::chinese(frame.peer, &frame.cause, received.as_deref(), sent),
    }
}

/// What a step is told by when it decided several things: the highest weight. Five and less are
/// told by the step's cause.
fn weight(decision: &Decision) -> u8 {
    match decision {
        Decision::Halted { .. } => 100,
        Decision::Elected { .. } => 92,
        Decision::Established { .. } => 90,
        Decision::Truncated { .. } | Decision::Installed { .. } => 86,
        Decision::SyncPlanned { .. } | Decision::MembersChanged { .. } => 84,
        Decision::RoleChanged { .. } => 82,
        Decision::Serving { .. } | Decision::ReadOnly { .. } => 80,
        Decision::Quorum { reached: true, .. } => 76,
        Decision::AcceptedEpoch { .. } => 77,
        Decision::CurrentEpoch { .. } => 73,
        Decision::SyncStarted { .. } => 72,
        // The start of an epoch is no transaction: what it stands for is told as `Established`.
        Decision::Committed { zxid, .. } if zxid.is_epoch_start() => 5,
        Decision::Committed { .. } => 70,
        Decision::Proposed { .. } => 68,
        Decision::Proposes { .. } => 66,
        Decision::SessionExpired { .. } => 64,
        // A vote that was only answered says less than the answer's own news.
        Decision::Judged { verdict: Verdict::NoNews | Verdict::FromObserver, .. } => 42,
        Decision::Judged { .. } => 60,
        Decision::Quorum { reached: false, have, .. } if have.len() < 2 => 30,
        Decision::Quorum { reached: false, .. } => 58,
        Decision::Acked { .. } => 56,
        Decision::Logged { .. } => 54,
        Decision::Learner { .. } => 52,
        Decision::Durable { .. } => 50,
        Decision::Resent { .. } => 48,
        Decision::Hung { .. } => 46,
        Decision::Started { .. } => 45,
        Decision::Registered { .. } => 34,
        Decision::PhaseChanged { .. } => 40,
        Decision::RoundEntered { .. } => 38,
        Decision::VoteRenewed { .. } => 36,
        Decision::TimerSet { .. } => 5,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::{Playback, Until};
    use vivarium_protocol::trace::Phase;
    use vivarium_sim::{Command, Setup};

    /// A run with elections, a crash, a return and an observer.
    fn eventful() -> Playback {
        let setup = Setup {
            participants: 3,
            observers: 1,
            latency_us: (25_000, 60_000),
            ..Setup::default()
        };
        let mut playback = Playback::new(setup);
        assert!(playback.run_until(Until::Serving));
        let leader = playback.scene().leader().expect("somebody leads").id;
        playback.command(Command::Crash(leader)).expect("a leader can crash");
        assert!(playback.run_until(Until::Serving));
        playback.command(Command::Start(leader)).expect("it can start again");
        assert!(playback.run_until(Until::ServerServing(leader)));
        playback
    }

    #[test]
    fn every_step_has_a_sentence_in_both_languages() {
        let playback = eventful();
        for (index, frame) in playback.timeline().frames().iter().enumerate() {
            let scene = playback.scene_after(index + 1);
            let english = sentence(Lang::English, frame, &scene);
            let chinese = sentence(Lang::Chinese, frame, &scene);
            assert!(english.ends_with(['.', '!']) && english.len() > 8, "{index}: {english}");
            assert!(chinese.ends_with('。'), "{index}: {chinese}");
            assert!(!english.contains("9223372036854775808"), "{index}: {english}");
            assert_eq!(
                details(Lang::English, frame, &scene).len(),
                details(Lang::Chinese, frame, &scene).len()
            );
        }
    }

    #[test]
    fn nobody_is_brought_up_to_date_before_its_leader_has_planned_it() {
        let playback = eventful();
        for index in 0..playback.timeline().frames().len() {
            let scene = playback.scene_after(index + 1);
            let early = |phase| matches!(phase, Phase::Election | Phase::Discovery);
            for server in scene.servers.values().filter(|server| early(server.status.phase)) {
                assert!(server.plan.is_none(), "{} after step {index}", server.id);
            }
        }
    }

    #[test]
    fn the_election_is_told_with_the_values_that_decided_it() {
        let playback = eventful();
        let told: Vec<String> = playback
            .timeline()
            .frames()
            .iter()
            .enumerate()
            .map(|(index, frame)| sentence(Lang::English, frame, &playback.scene_after(index + 1)))
            .collect();
        let says = |words: &str| told.iter().any(|sentence| sentence.contains(words));
        assert!(says("higher id wins"), "{told:#?}");
        assert!(says("is elected in round 1"));
        assert!(says("opens epoch 1"));
        assert!(says("Epoch 1 stands"));
        assert!(says("crashes") && says("Epoch 2 stands"));
        assert!(says("DIFF"));
    }
}
