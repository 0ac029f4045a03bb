//! What is wrong with a configuration file, and what is doubtful.
//!
//! Invariant: every message names the file, the line where there is one, what was wrong and how to
//! mend it, in one sentence.

/// One thing that makes a configuration unusable.
///
/// ```
/// use vivarium_protocol::zoo_cfg::ZooCfg;
/// let errors = ZooCfg::parse("zoo.cfg", "dataDir=/data\ntickTime=abc").unwrap_err();
/// assert_eq!(
///     errors[0].to_string(),
///     "zoo.cfg:2: tickTime must be a positive number of milliseconds, not \"abc\"; \
///      write for example tickTime=2000"
/// );
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}; {mend}", place(.file, .line))]
pub struct ConfigError {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1; `None` if something is missing altogether.
    pub line: Option<u32>,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

/// One thing that works, but hardly as it was meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}; {mend}", place(.file, .line))]
pub struct ConfigWarning {
    /// The file, as it was named to the parser.
    pub file: String,
    /// The line, from 1; `None` if it is about the whole.
    pub line: Option<u32>,
    /// What is doubtful.
    pub what: String,
    /// What to do about it.
    pub mend: String,
}

fn place(file: &str, line: &Option<u32>) -> String {
    match line {
        Some(line) => format!("{file}:{line}"),
        None => file.to_owned(),
    }
}
