//! The file that `java.security.auth.login.config` names: JAAS's login configuration.
//!
//! Read as Java reads it: sections of login modules, comments as in C and C++, words or quoted
//! text. Of a module ZooKeeper takes the options whose names begin with `user_`.
//!
//! Invariant: every mistake is one sentence with its line.

use std::iter::Peekable;
use std::str::Chars;

/// One section, as in `Server { … };`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// Its name.
    pub name: String,
    /// What stands in it.
    pub modules: Vec<Module>,
}

/// One login module of a section.
#[derive(Clone, PartialEq, Eq)]
pub struct Module {
    /// Its class.
    pub class: String,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// Its options, in order.
    pub options: Vec<(String, String)>,
}

impl std::fmt::Debug for Module {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&String> = self.options.iter().map(|(name, _)| name).collect();
        f.debug_struct("Module").field("class", &self.class).field("options", &names).finish()
    }
}

/// What is wrong, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JaasError {
    /// The line, from 1.
    pub line: u32,
    /// What was expected there.
    pub expected: &'static str,
}

/// Reads every section.
///
/// # Errors
/// The first thing that is out of place.
pub fn parse(text: &str) -> Result<Vec<Section>, JaasError> {
    let mut tokens = Tokens { rest: text.chars().peekable(), line: 1, ahead: None };
    let mut sections = Vec::new();
    while tokens.peek()? != &Token::End {
        let name = tokens.text("the name of a section")?;
        tokens.sign('{', "`{` after the name of a section")?;
        let mut modules = Vec::new();
        while tokens.peek()? != &Token::Sign('}') {
            modules.push(module(&mut tokens)?);
        }
        tokens.sign('}', "`}` at the end of a section")?;
        tokens.sign(';', "`;` after the `}` of a section")?;
        sections.push(Section { name, modules });
    }
    Ok(sections)
}

fn module(tokens: &mut Tokens<'_>) -> Result<Module, JaasError> {
    let class = tokens.text("the class of a login module, or `}`")?;
    let line = tokens.line;
    let flag = tokens.text("required, requisite, sufficient or optional")?.to_ascii_lowercase();
    if !["required", "requisite", "sufficient", "optional"].contains(&flag.as_str()) {
        return Err(tokens.error("required, requisite, sufficient or optional"));
    }
    let mut options = Vec::new();
    while tokens.peek()? != &Token::Sign(';') {
        let name = tokens.text("the name of an option, or `;` after the last one")?;
        tokens.sign('=', "`=` after the name of an option")?;
        let value = tokens.text("the value of an option")?;
        if value.contains("${") {
            return Err(tokens.error("a value that is written out: ${…} is not filled in"));
        }
        options.push((name, value));
    }
    tokens.sign(';', "`;` after the last option")?;
    Ok(Module { class, line, options })
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Text(String),
    Sign(char),
    End,
}

struct Tokens<'a> {
    rest: Peekable<Chars<'a>>,
    line: u32,
    ahead: Option<Token>,
}

impl Tokens<'_> {
    fn error(&self, expected: &'static str) -> JaasError {
        JaasError { line: self.line, expected }
    }

    fn peek(&mut self) -> Result<&Token, JaasError> {
        let token = match self.ahead.take() {
            Some(token) => token,
            None => self.read()?,
        };
        Ok(self.ahead.insert(token))
    }

    fn next(&mut self) -> Result<Token, JaasError> {
        match self.ahead.take() {
            Some(token) => Ok(token),
            None => self.read(),
        }
    }

    fn text(&mut self, expected: &'static str) -> Result<String, JaasError> {
        match self.next()? {
            Token::Text(text) => Ok(text),
            Token::Sign(_) | Token::End => Err(self.error(expected)),
        }
    }

    fn sign(&mut self, sign: char, expected: &'static str) -> Result<(), JaasError> {
        if self.next()? == Token::Sign(sign) { Ok(()) } else { Err(self.error(expected)) }
    }

    fn take(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.line += u32::from(next == '\n');
        Some(next)
    }

    fn read(&mut self) -> Result<Token, JaasError> {
        loop {
            let Some(next) = self.take() else { return Ok(Token::End) };
            match next {
                '/' => self.skip_comment()?,
                '"' | '\'' => return self.quoted(next),
                _ if next.is_whitespace() => {}
                _ if is_word(next) => {
                    let mut word = String::from(next);
                    while let Some(more) = self.rest.next_if(|more| is_word(*more)) {
                        word.push(more);
                    }
                    return Ok(Token::Text(word));
                }
                sign => return Ok(Token::Sign(sign)),
            }
        }
    }

    fn skip_comment(&mut self) -> Result<(), JaasError> {
        if self.rest.next_if_eq(&'*').is_none() {
            // One slash is as good as two.
            while self.rest.next_if(|next| *next != '\n').is_some() {}
            return Ok(());
        }
        let begun = self.error("`*/` at the end of this comment");
        let mut last = ' ';
        loop {
            match self.take() {
                Some('/') if last == '*' => return Ok(()),
                Some(next) => last = next,
                None => return Err(begun),
            }
        }
    }

    fn quoted(&mut self, quote: char) -> Result<Token, JaasError> {
        let begun = self.error("a quotation mark at the end of this text, on the same line");
        let mut text = String::new();
        loop {
            match self.take() {
                Some(next) if next == quote => return Ok(Token::Text(text)),
                Some('\n') | None => return Err(begun),
                Some('\\') => match self.take() {
                    Some('n') => text.push('\n'),
                    Some('t') => text.push('\t'),
                    Some('r') => text.push('\r'),
                    Some(plain) => text.push(plain),
                    None => return Err(begun),
                },
                Some(plain) => text.push(plain),
            }
        }
    }
}

/// What Java takes for part of a word.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '$' | '_' | '-' | '*' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"
/* Who may come
   to our servers. */
Client { org.example.Other optional; };
Server {
    org.apache.zookeeper.server.auth.DigestLoginModule required // by password
        user_super="adm\"in"
        user_bob='bob secret'
        debug=true;
};
"#;

    #[test]
    fn sections_modules_and_options() {
        let sections = parse(FILE).expect("it is a login configuration");
        let names: Vec<&str> = sections.iter().map(|section| section.name.as_str()).collect();
        assert_eq!(names, ["Client", "Server"]);
        let module = &sections[1].modules[0];
        assert_eq!(module.class, "org.apache.zookeeper.server.auth.DigestLoginModule");
        assert_eq!(module.line, 6);
        let expected = [("user_super", "adm\"in"), ("user_bob", "bob secret"), ("debug", "true")];
        assert_eq!(module.options, expected.map(|(k, v)| (k.to_owned(), v.to_owned())));
        assert!(!format!("{sections:?}").contains("secret"), "passwords are not printed");
        assert_eq!(parse("  // nothing\n"), Ok(Vec::new()));
    }

    #[test]
    fn mistakes_have_a_line() {
        let cases = [
            ("Server", 1, "`{` after the name of a section"),
            ("Server {\n a.B must;\n};", 2, "required, requisite, sufficient or optional"),
            ("Server {\n a.B required x;\n};", 2, "`=` after the name of an option"),
            (
                "Server {\n a.B required x=\"y;\n};",
                2,
                "a quotation mark at the end of this text, on \
               the same line",
            ),
            (
                "Server {\n a.B required\n x=y\n}",
                4,
                "the name of an option, or `;` after the last \
              one",
            ),
            ("Server {\n};\n/* open\n", 3, "`*/` at the end of this comment"),
            ("Server { a.B required; }", 1, "`;` after the `}` of a section"),
        ];
        for (text, line, expected) in cases {
            assert_eq!(parse(text), Err(JaasError { line, expected }), "{text}");
        }
    }
}
