//! A run as a value: a setup, commands with their positions, and a place to look at.
//!
//! As text it is one line for each; as a link the text is compressed and written in url-safe
//! base64 behind a version. A link is a promise: what version 1 wrote, version 1 reads.
//!
//! What stands behind the run, as in `v1.…~lang=zh~tab=faults`, belongs to whoever shows it: it
//! changes nothing about the run, and what a reader doesn't know there it passes over.

use crate::command::{Command, CommandParseError};
use crate::setup::Setup;
use crate::words::{WordError, Words};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::fmt::Write;

/// The version that links are written in, and the newest that is read.
const VERSION: u32 = 1;
/// What stands between the run and each part that is not the run's.
const AND: char = '~';
/// The longest text that a link may unpack to.
const LONGEST: usize = 1 << 20;

/// A run: everything needed to see it again.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// What it starts from.
    pub setup: Setup,
    /// The commands, each after that many frames.
    pub commands: Vec<(u64, Command)>,
    /// Where the playhead stands.
    pub position: u64,
}

/// Why a link cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// It does not begin as links do.
    #[error("this is no link of Vivarium: one begins with v1.")]
    Version,
    /// It was made by a version that this one does not know.
    #[error(
        "this link was made by a newer Vivarium: it is of version {0}, and this one reads \
         version {VERSION}"
    )]
    Newer(u32),
    /// It was cut or changed on its way.
    #[error("this link is damaged")]
    Damaged,
    /// A line of its text cannot be read.
    #[error("line {line} of the run: {error}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why.
        error: CommandParseError,
    },
}

impl Run {
    /// The run as text.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("ensemble {}\n", self.setup);
        for (at, command) in &self.commands {
            let _ = writeln!(text, "{at} {command}");
        }
        let _ = writeln!(text, "{} .", self.position);
        text
    }

    /// Reads what [`Run::to_text`] wrote.
    ///
    /// # Errors
    /// A line cannot be read.
    pub fn from_text(text: &str) -> Result<Run, LinkError> {
        let mut run = Run { setup: Setup::default(), commands: Vec::new(), position: 0 };
        for (index, line) in text.lines().enumerate() {
            run.take_line(line).map_err(|error| LinkError::Line { line: index + 1, error })?;
        }
        Ok(run)
    }

    /// A short text for an address: version, then the compressed run.
    ///
    /// ```
    /// use vivarium_sim::{Run, Setup};
    /// let run = Run { setup: Setup::default(), commands: Vec::new(), position: 12 };
    /// assert_eq!(Run::from_link(&run.to_link()), Ok(run));
    /// ```
    #[must_use]
    pub fn to_link(&self) -> String {
        let packed = miniz_oxide::deflate::compress_to_vec(self.to_text().as_bytes(), 9);
        format!("v{VERSION}.{}", URL_SAFE_NO_PAD.encode(packed))
    }

    /// Opens a link, with or without the parts that are not the run's.
    ///
    /// # Errors
    /// It is of another version, damaged, or its text cannot be read.
    pub fn from_link(link: &str) -> Result<Run, LinkError> {
        let link = link.trim();
        let run = link.split_once(AND).map_or(link, |(run, _)| run);
        let (version, packed) = versioned(run).ok_or(LinkError::Version)?;
        if version != VERSION {
            return Err(LinkError::Newer(version));
        }
        let packed = URL_SAFE_NO_PAD.decode(packed).map_err(|_| LinkError::Damaged)?;
        let text = miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, LONGEST)
            .map_err(|_| LinkError::Damaged)?;
        Run::from_text(&String::from_utf8(text).map_err(|_| LinkError::Damaged)?)
    }

    /// Where in a text a link stands, as in `http://127.0.0.1:8765/#v1.…~lang=zh`: by itself or as
    /// a part of an address, in any version.
    #[must_use]
    pub fn link_in(text: &str) -> Option<&str> {
        let begins = |at: &usize| *at == 0 || !text.as_bytes()[*at - 1].is_ascii_alphanumeric();
        let mut starts = text.match_indices('v').map(|(at, _)| at).filter(begins);
        let start = starts.find(|at| versioned(&text[*at..]).is_some())?;
        let link = &text[start..];
        let ends =
            |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '=' | AND));
        Some(link.find(ends).map_or(link, |end| &link[..end]))
    }

    /// The parts of a link that are not the run's, by name.
    pub fn beside(link: &str) -> impl Iterator<Item = (&str, &str)> {
        link.trim().split(AND).skip(1).map(|part| part.split_once('=').unwrap_or((part, "")))
    }

    /// A link with one more part that is not the run's; the value is letters, digits and `-`.
    #[must_use]
    pub fn with_beside(link: &str, name: &str, value: &str) -> String {
        format!("{link}{AND}{name}={value}")
    }

    fn take_line(&mut self, line: &str) -> Result<(), CommandParseError> {
        if let Some(setup) = line.strip_prefix("ensemble ") {
            self.setup = Setup::parse(&mut Words::of(setup)?)?;
            return Ok(());
        }
        let (at, rest) = line.split_once(' ').unwrap_or((line, ""));
        let wanted = "a position";
        let unexpected = || WordError::Unexpected { wanted, found: at.to_owned() };
        let at = at.parse().map_err(|_| unexpected())?;
        match rest {
            "." => self.position = at,
            command => self.commands.push((at, command.parse()?)),
        }
        Ok(())
    }
}

/// The number behind `v`, and what follows its full stop.
fn versioned(link: &str) -> Option<(u32, &str)> {
    let (number, rest) = link.strip_prefix('v')?.split_once('.')?;
    let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    Some((number.parse().ok().filter(|_| digits)?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vivarium_protocol::zoo_cfg::ZooCfg;

    #[test]
    fn a_run_survives_its_link() {
        let commands = ["crash 1", "partition 1,2 / 3", "c1 create /a \"x\""];
        let commands = commands.iter().zip([4, 9, 70]);
        let commands = commands.map(|(text, at)| (at, text.parse().unwrap())).collect();
        let run = Run { setup: Setup { seed: 7, ..Setup::default() }, commands, position: 88 };
        let link = run.to_link();
        assert!(link.len() < 140, "{} bytes", link.len());
        assert!(link.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b)));
        assert_eq!(Run::from_link(&link), Ok(run));
    }

    #[test]
    fn members_of_a_zoo_cfg_survive_a_link() {
        let text = "dataDir=/d\nclientPort=2181\ninitLimit=5\nsyncLimit=2\nserver.2=a:1:2\n\
                    server.4=[::1]:1:2\nserver.9=c:1:2:observer\nserver.11=d:1:2\n\
                    group.1=2:4:11\nweight.4=2\n";
        let cfg = ZooCfg::parse("zoo.cfg", text).unwrap();
        let ensemble = Arc::new(cfg.ensemble.unwrap());
        let setup = Setup { members: Some(ensemble.clone()), ..Setup::default() };
        let run = Run { setup, commands: Vec::new(), position: 3 };
        let again = Run::from_link(&run.to_link()).unwrap();
        assert_eq!(again.setup.ensemble().text(), ensemble.text());
    }

    #[test]
    fn what_is_no_link_is_refused() {
        assert_eq!(Run::from_link("abc"), Err(LinkError::Version));
        assert_eq!(Run::from_link("v.abc"), Err(LinkError::Version));
        assert_eq!(Run::from_link("v1.****"), Err(LinkError::Damaged));
        let error = Run::from_text("ensemble 3\n5 explode\n").unwrap_err();
        assert_eq!(error.to_string(), "line 2 of the run: `explode` is no command");
    }

    #[test]
    fn a_link_of_a_newer_version_is_refused_in_one_sentence() {
        let error = Run::from_link("v9.abc~lang=en").unwrap_err();
        assert_eq!(error, LinkError::Newer(9));
        let sentence = "this link was made by a newer Vivarium: it is of version 9, and this one \
                        reads version 1";
        assert_eq!(error.to_string(), sentence);
    }

    #[test]
    fn what_stands_beside_the_run_changes_nothing_about_it() {
        let run = Run { setup: Setup::default(), commands: Vec::new(), position: 3 };
        let link = Run::with_beside(&run.to_link(), "lang", "zh");
        let link = Run::with_beside(&link, "of-tomorrow", "7");
        assert_eq!(Run::from_link(&link), Ok(run));
        let beside: Vec<_> = Run::beside(&link).collect();
        assert_eq!(beside, [("lang", "zh"), ("of-tomorrow", "7")]);
    }

    #[test]
    fn a_link_is_found_in_an_address() {
        let found = Run::link_in;
        assert_eq!(found("v1.abc-_9"), Some("v1.abc-_9"));
        assert_eq!(found("http://[::1]:8765/#v1.abc~lang=zh"), Some("v1.abc~lang=zh"));
        assert_eq!(found("http://vivarium.example/embed.html#v12.abc"), Some("v12.abc"));
        assert_eq!(found("'http://127.0.0.1:8765/#v1.abc'"), Some("v1.abc"));
        assert_eq!(found("stories/recovery/trunc.story"), None);
        assert_eq!(found("dev1.story"), None);
    }
}
