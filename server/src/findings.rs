//! What is found while settings are read: values, and sentences about what is wrong.

use std::fmt::Display;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

/// A reader of the settings that have no type in [`ZooCfg`]; it collects what is wrong with them.
#[derive(Debug)]
pub struct Findings<'a> {
    /// The file.
    pub cfg: &'a ZooCfg,
    /// What makes the server refuse to start.
    pub errors: Vec<ConfigError>,
    /// What works, but hardly as it was meant.
    pub warnings: Vec<ConfigWarning>,
}

impl Findings<'_> {
    /// A reader that has found nothing yet.
    #[must_use]
    pub fn of(cfg: &ZooCfg) -> Findings<'_> {
        Findings { cfg, errors: Vec::new(), warnings: Vec::new() }
    }

    /// The server must not start with this key as it is.
    pub fn error(&mut self, key: &str, what: impl Display, mend: impl Display) {
        let (what, mend) = (what.to_string(), mend.to_string());
        let (file, line) = (self.cfg.file.clone(), self.cfg.line(key));
        self.errors.push(ConfigError { file, line, what, mend });
    }

    /// The key will hardly do what was meant.
    pub fn warn(&mut self, key: &str, what: impl Display, mend: impl Display) {
        let (what, mend) = (what.to_string(), mend.to_string());
        let (file, line) = (self.cfg.file.clone(), self.cfg.line(key));
        self.warnings.push(ConfigWarning { file, line, what, mend });
    }

    /// A value; `None` if it is absent or empty.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.cfg.setting(key).filter(|value| !value.is_empty())
    }

    /// The parts between commas; none if the key is absent.
    #[must_use]
    pub fn list(&self, key: &str) -> Vec<String> {
        let parts = self.cfg.setting(key).unwrap_or_default().split(',');
        parts.map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
    }

    /// Whether it is `true`; whatever else it says is false, as in ZooKeeper.
    #[must_use]
    pub fn flag(&self, key: &str, default: bool) -> bool {
        self.cfg.setting(key).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }
}
