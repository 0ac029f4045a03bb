//! Cutting a line of the story language into words.
//!
//! A word ends at a blank. Text between double quotes is one word, blanks included, with `\"`,
//! `\\` and `\n` inside; `;`, `[` and `]` stand alone. What the words mean is `command`'s and
//! `scenario`'s business.

use vivarium_protocol::base::ServerId;

/// One word of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// A bare word.
    Bare(String),
    /// A quoted text, unescaped.
    Quoted(String),
}

/// Why a line, or a part of one, cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// A quote is not closed.
    #[error("a text that begins with a quote has no closing quote")]
    OpenQuote,
    /// Something else was expected.
    #[error("`{found}` where {wanted} was expected")]
    Unexpected {
        /// What is needed here.
        wanted: &'static str,
        /// What is there; empty at the end of the line.
        found: String,
    },
    /// Words are left over.
    #[error("nothing may follow here, but `{0}` does")]
    Trailing(String),
}

/// A line's words, taken from the front.
#[derive(Clone, Debug)]
pub struct Words {
    words: std::collections::VecDeque<Word>,
}

impl Words {
    /// Cuts a line.
    ///
    /// # Errors
    /// An open quote.
    pub fn of(line: &str) -> Result<Words, WordError> {
        let mut words = std::collections::VecDeque::new();
        let mut rest = line.trim_start();
        while let Some(first) = rest.chars().next() {
            rest = match first {
                '"' => {
                    let (text, after) = quoted(&rest[1..])?;
                    words.push_back(Word::Quoted(text));
                    after
                }
                ';' | '[' | ']' => {
                    words.push_back(Word::Bare(first.to_string()));
                    &rest[1..]
                }
                _ => {
                    let stop = |c: char| c.is_whitespace() || matches!(c, '"' | ';' | '[' | ']');
                    let end = rest.find(stop).unwrap_or(rest.len());
                    words.push_back(Word::Bare(rest[..end].to_owned()));
                    &rest[end..]
                }
            };
            rest = rest.trim_start();
        }
        Ok(Words { words })
    }

    /// The next bare word, if one is next.
    #[must_use]
    pub fn peek(&self) -> Option<&str> {
        match self.words.front() {
            Some(Word::Bare(word)) => Some(word),
            Some(Word::Quoted(_)) | None => None,
        }
    }

    /// Takes the next word if it is this one.
    pub fn take(&mut self, wanted: &str) -> bool {
        let is_next = self.peek() == Some(wanted);
        if is_next {
            self.words.pop_front();
        }
        is_next
    }

    /// Takes a bare word.
    ///
    /// # Errors
    /// The line has ended, or a quoted text is next.
    pub fn bare(&mut self, wanted: &'static str) -> Result<String, WordError> {
        match self.words.pop_front() {
            Some(Word::Bare(word)) => Ok(word),
            Some(Word::Quoted(found)) => Err(WordError::Unexpected { wanted, found }),
            None => Err(WordError::Unexpected { wanted, found: String::new() }),
        }
    }

    /// Takes a quoted text, or a bare word in its place; an empty text if the line has ended.
    pub fn text(&mut self) -> String {
        match self.words.pop_front() {
            Some(Word::Bare(word) | Word::Quoted(word)) => word,
            None => String::new(),
        }
    }

    /// Takes a quoted text if one is next.
    pub fn quoted(&mut self) -> Option<String> {
        match self.words.front() {
            Some(Word::Quoted(_)) => Some(self.text()),
            Some(Word::Bare(_)) | None => None,
        }
    }

    /// Takes a word and reads it as what the caller needs.
    ///
    /// # Errors
    /// It cannot be read so.
    pub fn parse<T: std::str::FromStr>(&mut self, wanted: &'static str) -> Result<T, WordError> {
        let word = self.bare(wanted)?;
        word.parse().map_err(|_| WordError::Unexpected { wanted, found: word })
    }

    /// Takes a server's number.
    ///
    /// # Errors
    /// The word is no number.
    pub fn server(&mut self) -> Result<ServerId, WordError> {
        Ok(ServerId(self.parse("a server's number")?))
    }

    /// Takes a list of servers, as in `1,2,3`.
    ///
    /// # Errors
    /// The word is no such list.
    pub fn servers(&mut self) -> Result<Vec<ServerId>, WordError> {
        let word = self.bare("servers, as in 1,2")?;
        let ids = word.split(',').map(|id| id.parse().map(ServerId));
        let wanted = "servers, as in 1,2";
        ids.collect::<Result<_, _>>().map_err(|_| WordError::Unexpected { wanted, found: word })
    }

    /// Takes two servers with a mark between them, as in `1>2` or `1-2`.
    ///
    /// # Errors
    /// The word is no such pair.
    pub fn pair(&mut self, mark: char, wanted: &'static str) -> Result<Pair, WordError> {
        let word = self.bare(wanted)?;
        read_pair(&word, mark).ok_or(WordError::Unexpected { wanted, found: word })
    }

    /// Takes a duration, as in `150ms`, `20us` or `3s`; in microseconds.
    ///
    /// # Errors
    /// The word is no duration.
    pub fn micros(&mut self) -> Result<u64, WordError> {
        let wanted = "a duration, as in 150ms";
        let word = self.bare(wanted)?;
        read_micros(&word).ok_or(WordError::Unexpected { wanted, found: word })
    }

    /// Makes words of their own of the parentheses that stand before or behind a bare word.
    pub(crate) fn split_parentheses(&mut self) {
        let mut split = std::collections::VecDeque::new();
        for word in std::mem::take(&mut self.words) {
            let Word::Bare(text) = word else {
                split.push_back(word);
                continue;
            };
            let inside = text.trim_start_matches('(');
            let open = text.len() - inside.len();
            let word = inside.trim_end_matches(')');
            let close = inside.len() - word.len();
            let own = |sign: &str| Word::Bare(sign.to_owned());
            split.extend(std::iter::repeat_n(own("("), open));
            if !word.is_empty() {
                split.push_back(own(word));
            }
            split.extend(std::iter::repeat_n(own(")"), close));
        }
        self.words = split;
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    /// Ends the line.
    ///
    /// # Errors
    /// Words are left.
    pub fn end(&mut self) -> Result<(), WordError> {
        if self.is_empty() { Ok(()) } else { Err(WordError::Trailing(self.text())) }
    }
}

/// Two servers.
pub type Pair = (ServerId, ServerId);

/// Reads two servers with a mark between them.
#[must_use]
pub fn read_pair(word: &str, mark: char) -> Option<Pair> {
    let (left, right) = word.split_once(mark)?;
    Some((ServerId(left.parse().ok()?), ServerId(right.parse().ok()?)))
}

/// Reads `20us`, `150ms` or `3s` as microseconds.
#[must_use]
pub fn read_micros(word: &str) -> Option<u64> {
    let units = [("us", 1), ("ms", 1_000), ("s", 1_000_000)];
    let (number, unit) =
        units.iter().find_map(|(unit, factor)| Some((word.strip_suffix(unit)?, factor)))?;
    number.parse::<u64>().ok()?.checked_mul(*unit)
}

/// Writes microseconds in the largest unit that loses nothing.
#[must_use]
pub fn write_micros(us: u64) -> String {
    match us {
        0 => "0ms".to_owned(),
        us if us % 1_000_000 == 0 => format!("{}s", us / 1_000_000),
        us if us % 1_000 == 0 => format!("{}ms", us / 1_000),
        us => format!("{us}us"),
    }
}

/// Writes a text so that [`Words`] reads it back.
#[must_use]
pub fn quote(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("\"{escaped}\"")
}

/// Reads up to the closing quote; gives the text and what follows.
fn quoted(rest: &str) -> Result<(String, &str), WordError> {
    let mut text = String::new();
    let mut chars = rest.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((text, &rest[at + 1..])),
            '\\' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, other)) => text.push(other),
                None => return Err(WordError::OpenQuote),
            },
            other => text.push(other),
        }
    }
    Err(WordError::OpenQuote)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_cut_at_blanks_and_quotes() {
        let mut words = Words::of(r#"c1 create /a "two words \"and\" more"; 1>2"#).unwrap();
        assert_eq!(words.bare("client"), Ok("c1".to_owned()));
        assert!(words.take("create"));
        assert_eq!(words.text(), "/a");
        assert_eq!(words.quoted(), Some("two words \"and\" more".to_owned()));
        assert!(words.take(";"));
        assert_eq!(words.pair('>', "a pair"), Ok((ServerId(1), ServerId(2))));
        assert_eq!(words.end(), Ok(()));
        assert_eq!(Words::of("say \"never").unwrap_err(), WordError::OpenQuote);
    }

    #[test]
    fn what_is_written_is_read_back() {
        for us in [0, 7, 1_000, 150_000, 2_000_000, 1_500_000] {
            assert_eq!(read_micros(&write_micros(us)), Some(us));
        }
        for text in ["", "plain", "a \"quoted\" one\nwith \\ and ; and ]"] {
            assert_eq!(Words::of(&quote(text)).unwrap().text(), text);
        }
    }
}
