//! The deadlines that a server waits for, by ZooKeeper's own names.
//!
//! Invariant: the names, the ticks and what is left come from the deadlines in the trace and from
//! the server's zoo.cfg; nothing is counted here.

use vivarium_protocol::base::Time;
use vivarium_protocol::trace::{Phase, Timer, TimerStatus};

use super::scene::ServerView;
use crate::i18n::Lang;
use crate::narrate;

/// What a zoo.cfg says about patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `tickTime`, milliseconds.
    pub tick_ms: u64,
    /// `initLimit`, ticks.
    pub init: u64,
    /// `syncLimit`, ticks.
    pub sync: u64,
}

/// What a deadline is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Name {
    /// ZooKeeper's own word for it.
    Own(&'static str),
    /// A leader's half tick that only pings.
    PingRound,
    /// A leader's half tick that ends a tick: it counts who is heard, then pings.
    SyncCheck,
}

impl Name {
    /// The name for a reader.
    #[must_use]
    pub fn words(self, lang: Lang) -> &'static str {
        match self {
            Name::Own(name) => name,
            Name::PingRound => lang.pick("ping round", "发送 PING"),
            Name::SyncCheck => lang.pick("sync check", "同步检查"),
        }
    }

    /// How often it comes round, if it does.
    #[must_use]
    pub fn every(self) -> Option<&'static str> {
        match self {
            Name::Own(_) => None,
            Name::PingRound => Some("tick / 2"),
            Name::SyncCheck => Some("tick"),
        }
    }
}

/// A deadline as a plate names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Countdown {
    /// Its name.
    pub name: Name,
    /// What is left, microseconds.
    pub left_us: u64,
    /// Which of how many ticks runs now, where it is counted in ticks.
    pub ticks: Option<(u64, u64)>,
}

/// The deadline that says most about what the server is waiting for.
#[must_use]
pub fn foremost(server: &ServerView) -> Option<(Timer, TimerStatus)> {
    let order = [
        Timer::FinalizeWait,
        Timer::Resend,
        Timer::InitLimit,
        Timer::LeaderSilence,
        Timer::HalfTick,
        Timer::Pause,
    ];
    let set = |timer: Timer| server.status.timers.get(&timer).map(|status| (timer, *status));
    order.into_iter().find_map(set)
}

/// That deadline by name, while the process runs. A server with a zoo.cfg of its own has no
/// `limits` here, and no ticks.
#[must_use]
pub fn countdown(server: &ServerView, limits: Option<Limits>, now: Time) -> Option<Countdown> {
    let (timer, status) = foremost(server).filter(|_| server.up)?;
    let span_ms = status.at.since(status.from) / 1000;
    let name = name(server, timer, status, limits);
    let in_ticks = matches!(name, Name::Own("initLimit" | "syncLimit"));
    let ticks = limits.filter(|limits| in_ticks && limits.tick_ms > 0).and_then(|limits| {
        let all = span_ms / limits.tick_ms;
        let whole = all > 0 && all * limits.tick_ms == span_ms;
        let passed = now.since(status.from) / 1000 / limits.tick_ms;
        whole.then(|| ((passed + 1).min(all), all))
    });
    Some(Countdown { name, left_us: status.at.since(now), ticks })
}

/// What a server calls one of its deadlines. A leader's half ticks are told apart by their count:
/// the first of its reign ends a tick, and from then on every other one does; whom it hears is
/// counted only once its epoch stands.
#[must_use]
pub fn name(
    server: &ServerView,
    timer: Timer,
    status: TimerStatus,
    limits: Option<Limits>,
) -> Name {
    let phase = server.status.phase;
    match timer {
        Timer::HalfTick if server.half_ticks % 2 == 1 && phase == Phase::Broadcast => {
            Name::SyncCheck
        }
        Timer::HalfTick => Name::PingRound,
        Timer::LeaderSilence => Name::Own(limits.map_or_else(
            || narrate::deadline(timer),
            |limits| patience(status.at.since(status.from) / 1000, phase, limits),
        )),
        Timer::Resend
        | Timer::FinalizeWait
        | Timer::InitLimit
        | Timer::SessionExpiry
        | Timer::ContainerCheck
        | Timer::ReadOnlyMode
        | Timer::Pause => Name::Own(narrate::deadline(timer)),
    }
}

/// A learner's patience with its leader is initLimit until it is synchronised, and syncLimit from
/// then on.
fn patience(span_ms: u64, phase: Phase, limits: Limits) -> &'static str {
    let (init, sync) = (limits.init * limits.tick_ms, limits.sync * limits.tick_ms);
    let synced = match (span_ms == init, span_ms == sync) {
        (true, false) => false,
        (false, true) => true,
        // Set again for what was left of it, or both are the same.
        (true, true) | (false, false) => phase == Phase::Broadcast,
    };
    if synced { "syncLimit" } else { "initLimit" }
}

/// Microseconds with their unit, to the precision that can be read.
#[must_use]
pub fn span_words(us: u64) -> String {
    let ms = us / 1000;
    if ms < 1000 { format!("{ms} ms") } else { format!("{}.{:02} s", ms / 1000, ms % 1000 / 10) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::{Playback, Until};
    use std::collections::BTreeSet;
    use vivarium_protocol::message::PeerState;
    use vivarium_sim::{Command, Setup};

    const LIMITS: Limits = Limits { tick_ms: 100, init: 20, sync: 4 };

    #[test]
    fn from_the_first_vote_to_service_every_wait_has_its_name_and_its_ticks() {
        let (tick, init, sync) = (LIMITS.tick_ms, 20, 4);
        let setup =
            Setup { tick_time_ms: tick, init_limit: init, sync_limit: sync, ..Setup::default() };
        let mut playback = Playback::new(setup);
        let mut seen = BTreeSet::new();
        for _ in 0..1_500 {
            playback.step_forward();
            let now = playback.now();
            for server in playback.scene().servers.values() {
                let Some(countdown) = countdown(server, Some(LIMITS), now) else { continue };
                let (_, status) = foremost(server).unwrap();
                assert_eq!(countdown.left_us, status.at.since(now));
                if let Some((tick, of)) = countdown.ticks {
                    let most = if countdown.name == Name::Own("initLimit") { 20 } else { 4 };
                    assert!(of == most && (1..=of).contains(&tick), "{countdown:?}");
                    let passed = now.since(status.from) / 100_000;
                    assert!(tick == passed + 1 || tick == of, "{countdown:?}");
                }
                seen.insert((server.status.role.name(), countdown.name.words(Lang::English)));
            }
        }
        for wait in [
            ("LOOKING", "finalizeWait"),
            ("LOOKING", "resend"),
            ("LEADING", "initLimit"),
            ("LEADING", "ping round"),
            ("LEADING", "sync check"),
            ("FOLLOWING", "initLimit"),
            ("FOLLOWING", "syncLimit"),
        ] {
            assert!(seen.contains(&wait), "{wait:?} in {seen:?}");
        }
        assert!(!seen.contains(&("FOLLOWING", "readTimeout")), "{seen:?}");
    }

    #[test]
    fn a_leader_that_hears_nobody_steps_down_at_a_sync_check_and_never_at_a_ping_round() {
        let mut playback = Playback::new(Setup::default());
        assert!(playback.run_until(Until::Serving));
        let leader = playback.scene().leader().expect("it serves").id;
        let others = playback.scene().servers.keys().copied().filter(|id| *id != leader);
        for id in others.collect::<Vec<_>>() {
            playback.command(Command::Crash(id)).expect("it runs");
        }
        let leads = |playback: &Playback| {
            playback.scene().servers[&leader].status.role == PeerState::Leading
        };
        let mut awaited = None;
        while leads(&playback) {
            let server = &playback.scene().servers[&leader];
            awaited = countdown(server, Some(LIMITS), playback.now()).map(|waits| waits.name);
            playback.step_forward();
        }
        assert_eq!(awaited, Some(Name::SyncCheck));
    }

    #[test]
    fn a_server_with_a_file_of_its_own_is_not_told_in_the_ticks_of_others() {
        let mut playback = Playback::new(Setup::default());
        let now = loop {
            playback.step_forward();
            let followers = playback.scene().servers.values();
            if followers.clone().any(|it| it.status.phase == Phase::Discovery) {
                break playback.now();
            }
        };
        let told = playback.scene().servers.values().filter_map(|it| countdown(it, None, now));
        assert!(told.into_iter().all(|countdown| countdown.ticks.is_none()));
    }

    #[test]
    fn spans_are_told_in_milliseconds_or_in_seconds() {
        assert_eq!(span_words(160_900), "160 ms");
        assert_eq!(span_words(7_040_000), "7.04 s");
    }
}
