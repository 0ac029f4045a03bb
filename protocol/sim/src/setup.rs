//! The world before its first step: members, limits, latencies, the seed.
//!
//! One line of the story language writes a setup; only what differs from the default is written.

use crate::peer::OwnFile;
use crate::preload::Preload;
use crate::words::{WordError, Words};
use std::fmt;
use std::sync::Arc;
use vivarium_protocol::base::{Config, Ensemble, Exhibit, ServerId, Variants};
use vivarium_protocol::zoo_cfg::{ConfigError, ZooCfg};

/// What a run starts from. Two worlds of equal setups are equal.
#[derive(Clone, Debug, PartialEq)]
pub struct Setup {
    /// The source of every number drawn.
    pub seed: u64,
    /// Voting servers, 1..=n.
    pub participants: u16,
    /// Observers, n+1..
    pub observers: u16,
    /// `tickTime`, milliseconds.
    pub tick_time_ms: u64,
    /// `initLimit`, ticks.
    pub init_limit: u64,
    /// `syncLimit`, ticks.
    pub sync_limit: u64,
    /// Latency of a message, least and most, microseconds.
    pub latency_us: (u64, u64),
    /// Latency of a sync of the disk, least and most, microseconds.
    pub disk_latency_us: (u64, u64),
    /// How long deliveries wait for the replica, least and most, microseconds.
    pub apply_latency_us: (u64, u64),
    /// Whether every server starts at time 0.
    pub autostart: bool,
    /// One server alone, without election (zoo.cfg without `server.` lines).
    pub standalone: bool,
    /// A snapshot is written after so many transactions applied; 0 for never.
    pub snapshot_every: u64,
    /// Whether a server that starts drops the part of its log that its snapshot covers.
    pub purge: bool,
    /// `commitLogCount`: committed transactions kept in memory for DIFF.
    pub commit_log_count: usize,
    /// `reconfigEnabled`, and anybody may: whether clients may change the members.
    pub reconfig: bool,
    /// Whether a crash may keep a part of what was not synced, drawn from the seed.
    pub torn_crashes: bool,
    /// Whether every message goes through its encoding and back.
    pub codec: bool,
    /// Deliberate departures from the protocol.
    pub variants: Variants,
    /// The members by name instead of `participants` and `observers`, as a zoo.cfg has them.
    pub members: Option<Arc<Ensemble>>,
    /// What servers have on their disks before the first start.
    pub preload: Vec<Preload>,
}

impl Default for Setup {
    fn default() -> Setup {
        Setup {
            seed: 1,
            participants: 3,
            observers: 0,
            tick_time_ms: 2000,
            init_limit: 10,
            sync_limit: 5,
            latency_us: (500, 1_500),
            disk_latency_us: (1_000, 3_000),
            apply_latency_us: (0, 0),
            autostart: true,
            standalone: false,
            snapshot_every: 0,
            purge: false,
            commit_log_count: 500,
            reconfig: false,
            torn_crashes: false,
            codec: false,
            variants: Variants::faithful(),
            members: None,
            preload: Vec::new(),
        }
    }
}

impl Setup {
    /// An ensemble whose time is slow enough to watch: with it the page begins. A message takes a
    /// twentieth of a second, and the limits are short enough to be seen running out.
    #[must_use]
    pub fn watchable(participants: u16) -> Setup {
        Setup { participants, ..Setup::default() }.slowed()
    }

    /// The same with the times of [`Setup::watchable`]: the word `watchable` of a setup's line.
    fn slowed(self) -> Setup {
        Setup {
            tick_time_ms: 100,
            init_limit: 20,
            sync_limit: 4,
            latency_us: (25_000, 60_000),
            disk_latency_us: (4_000, 12_000),
            ..self
        }
    }

    /// The ensemble that the servers belong to.
    #[must_use]
    pub fn ensemble(&self) -> Arc<Ensemble> {
        self.members.clone().unwrap_or_else(|| {
            Arc::new(Ensemble::numbered(self.participants.max(1), self.observers))
        })
    }

    /// The configuration of one server.
    #[must_use]
    pub fn config(&self, id: ServerId, ensemble: &Arc<Ensemble>) -> Config {
        let mut config = Config::new(id, ensemble.clone()).with_tick_time_ms(self.tick_time_ms);
        config.standalone = self.standalone;
        config.init_limit = self.init_limit;
        config.sync_limit = self.sync_limit;
        config.commit_log_count = self.commit_log_count;
        config.variants = self.variants;
        config.reconfig_enabled = self.reconfig;
        config.acl.skip = self.reconfig;
        config
    }

    /// A zoo.cfg that `id` has to itself. What a file cannot say, and `commitLogCount` where it
    /// does not, is as in this setup.
    ///
    /// # Errors
    /// The first thing that is wrong with it, as a sentence.
    pub fn own_file(&self, id: ServerId, text: &str) -> Result<OwnFile, String> {
        let first = |errors: Vec<ConfigError>| {
            errors.first().map_or_else(String::new, ConfigError::to_string)
        };
        let cfg = ZooCfg::parse("zoo.cfg", text).map_err(first)?;
        cfg.check_my_id(id).map_err(first)?;
        let mut config = cfg.to_config(id);
        config.variants = self.variants;
        if !cfg.gives("commitLogCount") {
            config.commit_log_count = self.commit_log_count;
        }
        Ok(OwnFile { text: text.into(), config: Arc::new(config) })
    }

    /// Reads what follows the word `ensemble`.
    ///
    /// # Errors
    /// A part of it cannot be read.
    pub fn parse(words: &mut Words) -> Result<Setup, WordError> {
        let mut setup =
            Setup { participants: words.parse("how many servers")?, ..Setup::default() };
        while !words.is_empty() {
            let word = words.bare("a setting")?;
            if let Some(observers) = word.strip_prefix('+') {
                setup.observers = number(observers, &word)?;
                let _ = words.take("observer") || words.take("observers");
            } else if word == "preload" {
                setup.preload.extend(Preload::parse(words)?);
            } else if word == "members" {
                let lines = words.text();
                setup.members = Some(Arc::new(members(&lines)?));
            } else {
                setup.set(&word)?;
            }
        }
        Ok(setup)
    }

    fn set(&mut self, word: &str) -> Result<(), WordError> {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        match key {
            "seed" => self.seed = number(value, word)?,
            "tick" => self.tick_time_ms = number(value, word)?,
            "init" => self.init_limit = number(value, word)?,
            "sync" => self.sync_limit = number(value, word)?,
            "latency" => self.latency_us = range(value, word)?,
            "disk" => self.disk_latency_us = range(value, word)?,
            "apply" => self.apply_latency_us = range(value, word)?,
            "snapshot" => self.snapshot_every = number(value, word)?,
            "committed" => self.commit_log_count = number(value, word)?,
            "watchable" => *self = self.clone().slowed(),
            "down" => self.autostart = false,
            "standalone" => self.standalone = true,
            "purge" => self.purge = true,
            "reconfig" => self.reconfig = true,
            "torn" => self.torn_crashes = true,
            "codec" => self.codec = true,
            key => {
                let exhibit = Exhibit::by_key(key).ok_or_else(|| unexpected(word))?;
                self.variants = self.variants.with(exhibit, true);
            }
        }
        Ok(())
    }
}

impl fmt::Display for Setup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let default = Setup::default();
        write!(f, "{}", self.participants)?;
        if self.observers > 0 {
            write!(f, " +{} observers", self.observers)?;
        }
        let numbers = [
            ("seed", self.seed, default.seed),
            ("tick", self.tick_time_ms, default.tick_time_ms),
            ("init", self.init_limit, default.init_limit),
            ("sync", self.sync_limit, default.sync_limit),
            ("snapshot", self.snapshot_every, default.snapshot_every),
            ("committed", self.commit_log_count as u64, default.commit_log_count as u64),
        ];
        for (key, value, _) in numbers.iter().filter(|(_, value, default)| value != default) {
            write!(f, " {key}={value}")?;
        }
        let ranges = [
            ("latency", self.latency_us, default.latency_us),
            ("disk", self.disk_latency_us, default.disk_latency_us),
            ("apply", self.apply_latency_us, default.apply_latency_us),
        ];
        for (key, (least, most), _) in ranges.iter().filter(|(_, value, default)| value != default)
        {
            write!(f, " {key}={least}..{most}")?;
        }
        let flags = [
            ("down", !self.autostart),
            ("standalone", self.standalone),
            ("purge", self.purge),
            ("reconfig", self.reconfig),
            ("torn", self.torn_crashes),
            ("codec", self.codec),
        ];
        if let Some(ensemble) = &self.members {
            write!(f, " members \"{}\"", member_lines(ensemble))?;
        }
        for (key, _) in flags.iter().filter(|(_, set)| *set) {
            write!(f, " {key}")?;
        }
        for exhibit in self.variants.on() {
            write!(f, " {}", exhibit.key())?;
        }
        self.preload.iter().try_for_each(|preload| write!(f, " preload {preload}"))?;
        Ok(())
    }
}

/// The lines of a zoo.cfg that name the members, with commas for line ends.
fn member_lines(ensemble: &Ensemble) -> String {
    let text = ensemble.text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with("version=")).collect();
    lines.join(",")
}

/// Reads what [`member_lines`] wrote: the same rules as for a zoo.cfg.
fn members(lines: &str) -> Result<Ensemble, WordError> {
    let rest = "dataDir=/data\nclientPort=2181\ninitLimit=5\nsyncLimit=2\nstandaloneEnabled=false";
    let text = format!("{rest}\n{}\n", lines.replace(',', "\n"));
    let cfg = ZooCfg::parse("members", &text).map_err(|_| unexpected(lines))?;
    cfg.ensemble.ok_or_else(|| unexpected(lines))
}

fn unexpected(word: &str) -> WordError {
    WordError::Unexpected { wanted: "a setting, as in seed=7", found: word.to_owned() }
}

fn number<T: std::str::FromStr>(value: &str, word: &str) -> Result<T, WordError> {
    value.parse().map_err(|_| unexpected(word))
}

fn range(value: &str, word: &str) -> Result<(u64, u64), WordError> {
    let (least, most) = value.split_once("..").ok_or_else(|| unexpected(word))?;
    let (least, most) = (number(least, word)?, number(most, word)?);
    if least <= most { Ok((least, most)) } else { Err(unexpected(word)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_is_read_back_from_its_line() {
        let mut setup = Setup { seed: 99, observers: 2, purge: true, ..Setup::default() };
        setup.latency_us = (10, 20);
        setup.variants = setup.variants.with_acks_before_durable();
        let line = "1,2 1|4,2|3 epoch=3 accepted=4 purged=1|2";
        setup.preload = Preload::parse(&mut Words::of(line).unwrap()).unwrap();
        assert_eq!(setup.preload.len(), 2);
        let mut words = Words::of(&setup.to_string()).unwrap();
        assert_eq!(Setup::parse(&mut words), Ok(setup));
        let error = Setup::parse(&mut Words::of("3 speed=9").unwrap()).unwrap_err();
        assert!(error.to_string().contains("speed=9"), "{error}");
    }

    #[test]
    fn a_history_that_would_fill_the_memory_is_refused_while_it_is_read() {
        for history in ["1|4294967295", "1|3000,2|3000"] {
            let line = format!("3 preload 1 {history}");
            let error = Setup::parse(&mut Words::of(&line).unwrap()).unwrap_err();
            assert!(error.to_string().contains("at most 5000 transactions"), "{error}");
        }
        let line = "3 preload 1 1|900,2|4100";
        assert!(Setup::parse(&mut Words::of(line).unwrap()).is_ok());
    }
}
