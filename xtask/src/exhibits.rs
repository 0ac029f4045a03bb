//! The switches that turn on a known bug: each asked in one place, each told in one story.
//!
//! A switch that two places ask could be on in one and forgotten in the other, and a switch that no
//! story shows is a bug that nobody watches. The native server names no switch at all: it can only
//! be faithful.

use crate::rules::Finding;
use crate::source::Source;

const VARIANTS: &str = "protocol/src/base/variants.rs";
const STORIES: &str = "tests/stories/exhibits/";

/// Checks every switch that the core has.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let Some(variants) = sources.iter().find(|source| source.path == VARIANTS) else {
        return Vec::new();
    };
    let lines = variants.production();
    let mut findings = Vec::new();
    for (place, name) in lines.iter().enumerate().filter_map(|(at, line)| Some((at, switch(line)?)))
    {
        let mut complain = |message: String| {
            let subject = variants.path.clone();
            findings.push(Finding {
                rule: "exhibits",
                subject,
                line: place + 1,
                measure: 1,
                message,
            });
        };
        let asked = places(sources, "protocol/src/", &format!(".{name}()"));
        if asked.len() != 1 {
            complain(format!("`{name}` is to be asked in one place, and is in {asked:?}"));
        }
        let story = format!("{STORIES}{name}.story");
        if !sources.iter().any(|source| source.path == story) {
            complain(format!("`{name}` has no story: write {story}"));
        }
        let named = places(sources, "server/src/", name);
        if !named.is_empty() {
            complain(format!("the server may not know `{name}`, and names it in {named:?}"));
        }
    }
    findings
}

/// The name of the switch that this line declares.
fn switch(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("pub fn ")?;
    let (name, signature) = rest.split_once('(')?;
    signature.starts_with("&self) -> bool").then_some(name)
}

/// The lines of production code below a folder that hold a text.
fn places(sources: &[Source], folder: &str, text: &str) -> Vec<String> {
    let below = sources.iter().filter(|source| {
        source.is_rust() && source.path.starts_with(folder) && source.path != VARIANTS
    });
    let holding = |source: &Source| {
        let lines = source.production().into_iter().enumerate();
        let lines = lines.filter(|(_, line)| line.contains(text));
        lines.map(|(place, _)| format!("{}:{}", source.path, place + 1)).collect::<Vec<_>>()
    };
    below.flat_map(holding).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DECLARED: &str = "impl Variants {\n    pub fn skips_truncation(&self) -> bool {\n";

    fn complaints(others: &[(&str, &str)]) -> Vec<String> {
        let mut sources = vec![Source::new(VARIANTS, DECLARED)];
        sources.extend(others.iter().map(|(path, text)| Source::new(path, text)));
        check(&sources).into_iter().map(|finding| finding.message).collect()
    }

    const ASKED: (&str, &str) = ("protocol/src/zab/a.rs", "if v.skips_truncation() {\n");
    const STORY: (&str, &str) = ("tests/stories/exhibits/skips_truncation.story", "ensemble 3\n");

    #[test]
    fn a_switch_that_is_asked_once_and_has_a_story_is_right() {
        assert_eq!(complaints(&[ASKED, STORY]), Vec::<String>::new());
    }

    #[test]
    fn a_switch_is_asked_in_one_place() {
        let again = ("protocol/src/zab/b.rs", "if v.skips_truncation() {\n");
        for others in [vec![STORY], vec![ASKED, again, STORY]] {
            let complaints = complaints(&others);
            assert!(complaints[0].contains("asked in one place"), "{complaints:?}");
        }
        let in_test =
            ("protocol/src/zab/b.rs", "#[cfg(test)]\nmod tests {\n    v.skips_truncation()\n}\n");
        assert_eq!(complaints(&[ASKED, in_test, STORY]), Vec::<String>::new());
    }

    #[test]
    fn a_switch_has_a_story() {
        assert!(complaints(&[ASKED])[0].contains("skips_truncation.story"));
    }

    #[test]
    fn the_server_knows_no_switch() {
        let server = ("server/src/start.rs", "Variants::faithful().with_skips_truncation()\n");
        assert!(complaints(&[ASKED, STORY, server])[0].contains("may not know"));
    }
}
