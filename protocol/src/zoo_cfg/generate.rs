//! Writes a `zoo.cfg` for a configuration: for demonstrations and for handing a simulated ensemble
//! to real servers.
//!
//! Invariant: reading the text back gives the configuration again.

use crate::base::Config;
use std::fmt::Write;

/// The text of a `zoo.cfg` for the member that `config` is about.
///
/// ```
/// use std::sync::Arc;
/// use vivarium_protocol::base::{Config, Ensemble, ServerId};
/// use vivarium_protocol::zoo_cfg::{ZooCfg, generate};
/// let config = Config::new(ServerId(1), Arc::new(Ensemble::numbered(3, 0)));
/// let text = generate(&config, "/data", Some(2181));
/// assert_eq!(ZooCfg::parse("zoo.cfg", &text).unwrap().to_config(ServerId(1)), config);
/// ```
#[must_use]
pub fn generate(config: &Config, data_dir: &str, client_port: Option<u16>) -> String {
    let mut text = String::new();
    let mut put = |key: &str, value: &dyn std::fmt::Display| {
        let _ = writeln!(text, "{key}={value}");
    };
    let tick = config.tick_time_ms;
    put("tickTime", &tick);
    put("initLimit", &config.init_limit);
    put("syncLimit", &config.sync_limit);
    put("dataDir", &data_dir.replace('\\', "\\\\"));
    if let Some(port) = client_port {
        put("clientPort", &port);
    }
    let numbers = [
        ("minSessionTimeout", config.min_session_timeout_ms, 2 * tick),
        ("maxSessionTimeout", config.max_session_timeout_ms, 20 * tick),
        ("fastleader.minNotificationInterval", config.min_notification_interval_ms, 200),
        ("fastleader.maxNotificationInterval", config.max_notification_interval_ms, 60_000),
        ("commitLogCount", config.commit_log_count as u64, 500),
    ];
    for (key, value, default) in numbers {
        if value != default {
            put(key, &value);
        }
    }
    if config.standalone {
        return text;
    }
    let others = config.ensemble.participants().count().saturating_sub(1);
    let outstanding = config.outstanding_limit.saturating_mul(others.max(1));
    if outstanding != 1000 {
        put("globalOutstandingLimit", &outstanding);
    }
    if others == 0 || !config.standalone_enabled {
        put("standaloneEnabled", &false);
    }
    if config.reconfig_enabled {
        put("reconfigEnabled", &true);
    }
    let members = config.ensemble.text();
    let lines = members.lines().filter(|line| !line.starts_with("version="));
    lines.for_each(|line| text.push_str(&format!("{line}\n")));
    text
}
