//! Reading and writing stories. An error names the line.

use super::cast::{Cast, binding};
use super::{Act, Condition, Story};
use crate::command::{Command, CommandParseError};
use crate::setup::Setup;
use crate::words::{WordError, Words, write_micros};
use std::fmt;
use std::str::FromStr;
use vivarium_protocol::base::ServerId;

/// The longest wait for a condition that does not say otherwise: two virtual minutes, twice the
/// longest pause between notifications.
const WITHIN_US: u64 = 120_000_000;

/// Why a text is no story.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoryError {
    /// A line cannot be read.
    #[error("line {line}: {error}")]
    Line {
        /// Which, from 1.
        line: usize,
        /// Why.
        error: CommandParseError,
    },
    /// The first line that is no comment must say what the ensemble is.
    #[error("line {line}: a story begins with `ensemble`, as in `ensemble 3`")]
    NoEnsemble {
        /// Which, from 1.
        line: usize,
    },
}

impl FromStr for Story {
    type Err = StoryError;

    fn from_str(text: &str) -> Result<Story, StoryError> {
        let mut story = Story {
            why: Vec::new(),
            setup: Setup::default(),
            leader: None,
            acts: Vec::new(),
            record: String::new(),
        };
        let mut begun = false;
        let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line));
        for (number, line) in lines.by_ref() {
            let wrong = |error: CommandParseError| StoryError::Line { line: number, error };
            let line = line.trim();
            if line == "----" {
                break;
            } else if let Some(comment) = line.strip_prefix('#') {
                story.why.push(comment.trim().to_owned());
            } else if let Some(ensemble) = line.strip_prefix("ensemble ") {
                story.take_ensemble(ensemble).map_err(|error| wrong(error.into()))?;
                begun = true;
            } else if !line.is_empty() && !begun {
                return Err(StoryError::NoEnsemble { line: number });
            } else if !line.is_empty() {
                let acts = read_acts(line).map_err(wrong)?;
                story.acts.extend(acts.into_iter().map(|act| (number, act)));
            }
        }
        let record: Vec<&str> = lines.map(|(_, line)| line).collect();
        story.record = record.join("\n").trim().to_owned();
        if begun { Ok(story) } else { Err(StoryError::NoEnsemble { line: 1 }) }
    }
}

impl Story {
    /// `leader=3` is the story's, the rest the setup's.
    fn take_ensemble(&mut self, text: &str) -> Result<(), WordError> {
        let leads = |word: &&str| word.starts_with("leader=");
        let leader = text.split_whitespace().find(leads);
        let rest: Vec<&str> = text.split_whitespace().filter(|word| !leads(word)).collect();
        self.setup = Setup::parse(&mut Words::of(&rest.join(" "))?)?;
        if let Some(word) = leader {
            let wanted = "a leader, as in leader=3";
            let id = word.trim_start_matches("leader=").parse();
            let found = word.to_owned();
            self.leader = Some(ServerId(id.map_err(|_| WordError::Unexpected { wanted, found })?));
        }
        Ok(())
    }
}

/// Reads one line above the rule; it may stand for several acts, as `crash 1,2` does.
///
/// # Errors
/// The line is no act.
pub fn read_acts(line: &str) -> Result<Vec<Act>, CommandParseError> {
    if Cast::binds(line) {
        binding(line)?;
        return Ok(vec![Act::Named(line.to_owned())]);
    }
    if Cast::is_used_in(line) {
        read_acts(&Cast::stand_in(line))?;
        return Ok(vec![Act::Named(line.to_owned())]);
    }
    let mut words = Words::of(line)?;
    let act = if words.take("until") {
        let condition = Condition::parse(&mut words)?;
        let within_us = if words.take("within") { words.micros()? } else { WITHIN_US };
        Act::Until { condition, within_us }
    } else if words.take("expect") {
        match Condition::parse(&mut words)? {
            Condition::Not(condition) => Act::Expect { condition: *condition, holds: false },
            condition => Act::Expect { condition, holds: true },
        }
    } else if words.take("wait") {
        Act::Wait(words.micros()?)
    } else {
        return Ok(Command::parse_line(line)?.into_iter().map(Act::Do).collect());
    };
    words.end()?;
    Ok(vec![act])
}

impl fmt::Display for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Act::Do(command) => command.fmt(f),
            Act::Until { condition, within_us: WITHIN_US } => write!(f, "until {condition}"),
            Act::Until { condition, within_us } => {
                write!(f, "until {condition} within {}", write_micros(*within_us))
            }
            Act::Expect { condition, holds: true } => write!(f, "expect {condition}"),
            Act::Expect { condition, holds: false } => {
                write!(f, "expect {}", Condition::Not(Box::new(condition.clone())))
            }
            Act::Wait(us) => write!(f, "wait {}", write_micros(*us)),
            Act::Named(line) => f.write_str(line),
        }
    }
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.why {
            writeln!(f, "# {line}")?;
        }
        write!(f, "ensemble {}", self.setup)?;
        if let Some(leader) = self.leader {
            write!(f, " leader={leader}")?;
        }
        writeln!(f)?;
        for (_, act) in &self.acts {
            writeln!(f, "{act}")?;
        }
        if self.record.is_empty() { Ok(()) } else { writeln!(f, "----\n{}", self.record) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "\
# A follower that crashed before its sync must not be counted.
ensemble 3 +1 observers seed=7 leader=3
disk 1 stalled
c1 create /a \"x\"
until delivered PROPOSAL 1
until sent ACK 2>3 1|1 within 500ms
expect not serves 4
wait 2s
crash 1
----
1: fell; lost 1|1
";

    #[test]
    fn a_story_is_read_and_written_alike() {
        let story: Story = TEXT.parse().unwrap();
        assert_eq!(story.leader, Some(ServerId(3)));
        assert_eq!(story.acts.len(), 7);
        assert_eq!(story.acts[6].0, 9, "acts know their lines");
        assert_eq!(story.to_string(), TEXT);
    }

    #[test]
    fn an_error_names_its_line() {
        let error = "# Why.\nensemble 3\nuntil cows home\n".parse::<Story>().unwrap_err();
        assert_eq!(error.to_string(), "line 3: `cows` where a condition was expected");
        let error = "crash 1\n".parse::<Story>().unwrap_err();
        assert_eq!(error, StoryError::NoEnsemble { line: 1 });
    }
}
