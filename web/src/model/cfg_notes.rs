//! What each line of a zoo.cfg means, in time or bytes, for the margin beside it.
//!
//! The values are those that the reader of zoo.cfg took, not the text's: a missing `tickTime` makes
//! `initLimit` what ZooKeeper's default makes it. The text only says which line is about what.

use vivarium_protocol::base::{Ensemble, Learner, ServerId, SortedSet};
use vivarium_protocol::zoo_cfg::ZooCfg;

use crate::i18n::Lang;

/// One note for each line of `text`, empty where there is nothing to say.
#[must_use]
pub fn notes(text: &str, cfg: &ZooCfg, lang: Lang) -> Vec<String> {
    text.lines().map(|line| note(line, cfg, lang).unwrap_or_default()).collect()
}

fn note(line: &str, cfg: &ZooCfg, lang: Lang) -> Option<String> {
    let key = line.split_once(['=', ':']).map_or(line, |(key, _)| key).trim();
    let ticks = |count: u64| time(cfg.tick_time_ms.saturating_mul(count), lang);
    Some(match key {
        "tickTime" => {
            let (tick, ping) = (time(cfg.tick_time_ms, lang), time(cfg.tick_time_ms / 2, lang));
            lang.pick(format!("{tick}, ping each {ping}"), format!("{tick}，每 {ping} 一次 ping"))
        }
        "initLimit" => {
            let limit = ticks(cfg.init_limit);
            lang.pick(format!("{limit} to synchronise"), format!("{limit}内完成同步"))
        }
        "syncLimit" => {
            let limit = ticks(cfg.sync_limit);
            lang.pick(format!("{limit} of silence"), format!("至多沉默 {limit}"))
        }
        "minSessionTimeout" => time(cfg.min_session_timeout_ms, lang),
        "maxSessionTimeout" => time(cfg.max_session_timeout_ms, lang),
        "cnxTimeout" => time(cfg.cnx_timeout_ms, lang),
        "fastleader.minNotificationInterval" => time(cfg.min_notification_interval_ms, lang),
        "fastleader.maxNotificationInterval" => time(cfg.max_notification_interval_ms, lang),
        "autopurge.purgeInterval" => match cfg.purge_interval_minutes {
            0 => lang.pick("never", "从不").to_owned(),
            minutes => time(minutes * 60_000, lang),
        },
        "jute.maxbuffer" => bytes(cfg.jute_max_buffer as u64),
        "preAllocSize" => bytes(cfg.pre_alloc_size_kb * 1024),
        "commitLogCount" => lang.pick("entries for DIFF", "条，用于 DIFF").to_owned(),
        "snapCount" => lang.pick("entries a snapshot", "条一个快照").to_owned(),
        _ => return member_note(key, cfg.ensemble.as_ref()?, lang),
    })
}

fn member_note(key: &str, ensemble: &Ensemble, lang: Lang) -> Option<String> {
    let (kind, number) = key.split_once('.')?;
    let number: i64 = number.parse().ok()?;
    match kind {
        "server" => {
            let member = ensemble.members.get(&ServerId(number))?;
            Some(match member.learner {
                Learner::Participant => lang.pick("votes", "投票").to_owned(),
                Learner::Observer => lang.pick("observes", "观察").to_owned(),
            })
        }
        "weight" => (ensemble.weight(ServerId(number)) == 0)
            .then(|| lang.pick("never leads, never counts", "不当选，不计票").to_owned()),
        "group" => {
            let standing = ensemble.standing(&SortedSet::new());
            let group = standing.groups.iter().find(|group| group.group == Some(number));
            Some(match group {
                Some(group) => {
                    let (need, total) = (group.need(), group.total);
                    lang.pick(
                        format!("won by {need} of {total}"),
                        format!("{total} 中的 {need} 即赢"),
                    )
                }
                None => lang.pick("weighs nothing", "没有权重").to_owned(),
            })
        }
        _ => None,
    }
}

/// Milliseconds in the unit that a person would use.
#[must_use]
pub fn time(ms: u64, lang: Lang) -> String {
    let units = [(3_600_000, "h", "小时"), (60_000, "min", "分钟"), (1000, "s", "秒")];
    let unit = units.iter().find(|(length, _, _)| ms >= 2 * length || ms == *length);
    let (length, english, chinese) = unit.copied().unwrap_or((1, "ms", "毫秒"));
    let (whole, tenth) = (ms / length, ms % length * 10 / length);
    let number = if tenth == 0 { whole.to_string() } else { format!("{whole}.{tenth}") };
    format!("{number} {}", lang.pick(english, chinese))
}

fn bytes(bytes: u64) -> String {
    match bytes {
        0..1024 => format!("{bytes} B"),
        1024..1_048_575 => format!("{} KiB", bytes / 1024),
        _ => format!("{} MiB", (bytes + 1) / 1_048_576),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_means_time_or_bytes_or_a_vote() {
        let text = "tickTime=2000\ninitLimit=10\n# note\nsyncLimit=5\ndataDir=/d\n\
                    clientPort=2181\njute.maxbuffer=1048575\nautopurge.purgeInterval=24\n\
                    server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\nserver.4=d:1:2:observer\n\
                    group.1=1:2:3\nweight.2=3\nweight.3=0";
        let cfg = ZooCfg::parse("zoo.cfg", text).expect("it is right");
        let english = [
            "2 s, ping each 1 s",
            "20 s to synchronise",
            "",
            "10 s of silence",
            "",
            "",
            "1 MiB",
            "24 h",
            "votes",
            "votes",
            "votes",
            "observes",
            "won by 3 of 4",
            "",
            "never leads, never counts",
        ];
        assert_eq!(notes(text, &cfg, Lang::English), english);
        assert_eq!(notes(text, &cfg, Lang::Chinese)[1], "20 秒内完成同步");
        assert_eq!(time(1500, Lang::English), "1500 ms");
        assert_eq!(time(2500, Lang::English), "2.5 s");
    }
}
