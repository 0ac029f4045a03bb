//! The lessons' files as texts: complete in both languages, numbered in order, in short sentences
//! and in the words of the glossary. That what they say is true is for `tests/suites/lessons.rs`.

use serde_json::Value;

use crate::rules::Finding;
use crate::source::Source;

const FOLDER: &str = "static/lessons/";
/// The longest sentence: words in English, characters in Chinese.
const WORDS: usize = 32;
const CHARACTERS: usize = 60;

/// Roles keep their English names in Chinese sentences.
const ROLES: [&str; 3] = ["Leader", "Follower", "Observer"];

/// English words that ZooKeeper's own take the place of.
const NOT_IN_ENGLISH: [(&str, &str); 4] = [
    ("node", "say server or peer; a znode is a znode"),
    ("nodes", "say servers or peers; znodes are znodes"),
    ("master", "say leader"),
    ("slave", "say follower"),
];
/// Chinese words that the glossary has others for.
const NOT_IN_CHINESE: [(&str, &str); 6] = [
    ("领导者", "write Leader"),
    ("跟随者", "write Follower"),
    ("追随者", "write Follower"),
    ("观察者", "write Observer"),
    ("事务ID", "write zxid"),
    ("法定人数", "write 过半数"),
];

/// Checks every lesson.
pub fn check(sources: &[Source]) -> Vec<Finding> {
    let lessons = sources
        .iter()
        .filter(|source| source.path.starts_with(FOLDER) && source.path.ends_with(".json"));
    lessons.flat_map(check_one).collect()
}

fn check_one(source: &Source) -> Vec<Finding> {
    let complaints = match serde_json::from_str::<Value>(&source.text) {
        Ok(lesson) => {
            let mut complaints = numbered(&lesson, &source.path);
            texts(&lesson, &mut complaints);
            complaints
        }
        Err(error) => vec![(String::new(), format!("it is no JSON: {error}"))],
    };
    let line = |text: &str| {
        let whole = source.text.find(&format!("\"{text}\""));
        let at = whole.or_else(|| source.text.find(text)).unwrap_or(0);
        source.text[..at].matches('\n').count() + 1
    };
    let complain = |(text, message): (String, String)| Finding {
        rule: "lessons",
        subject: source.path.clone(),
        line: line(&text),
        measure: 1,
        message,
    };
    complaints.into_iter().map(complain).collect()
}

/// A text in the file, to find its line by, and what is wrong with it.
type Complaint = (String, String);

/// The ids: the file's, the steps' from 1 in order, the task's and the quiz's.
fn numbered(lesson: &Value, path: &str) -> Vec<Complaint> {
    let id = lesson["id"].as_str().unwrap_or_default();
    let scenes = lesson["scenes"].as_array().into_iter().flatten();
    let steps = scenes.flat_map(|scene| scene["steps"].as_array().into_iter().flatten());
    let mut found: Vec<(String, String)> = vec![(format!("{FOLDER}{id}.json"), path.to_owned())];
    for (place, step) in steps.enumerate() {
        let own = step["id"].as_str().unwrap_or_default().to_owned();
        found.push((format!("{id}.{}", place + 1), own));
    }
    for part in ["task", "quiz"] {
        if let Some(own) = lesson[part]["id"].as_str() {
            found.push((format!("{id}.{part}"), own.to_owned()));
        }
    }
    let wrong = found.into_iter().filter(|(due, own)| due != own);
    wrong.map(|(due, own)| (own.clone(), format!("`{own}` should be `{due}`"))).collect()
}

/// Looks at every pair of texts below a value.
fn texts(value: &Value, out: &mut Vec<Complaint>) {
    match value {
        Value::Object(fields) if fields.contains_key("en") || fields.contains_key("zh") => {
            let text = |language: &str| fields.get(language).and_then(Value::as_str);
            pair(text("en").unwrap_or_default(), text("zh").unwrap_or_default(), out);
        }
        Value::Object(fields) => {
            const TEXTS: [&str; 7] = ["title", "question", "goal", "say", "ask", "hint", "reason"];
            for (name, value) in fields {
                texts(value, out);
                if TEXTS.contains(&name.as_str()) && !value.is_object() {
                    out.push((value.to_string(), format!("`{name}` is to be in both languages")));
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, out)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// One text in both languages.
fn pair(en: &str, zh: &str, out: &mut Vec<Complaint>) {
    let mut complain = |text: &str, message: String| out.push((text.to_owned(), message));
    if en.is_empty() || zh.is_empty() {
        complain(if en.is_empty() { zh } else { en }, "a language is missing".to_owned());
        return;
    }
    let chinese = |letter: char| ('\u{4e00}'..='\u{9fff}').contains(&letter);
    let stays = en == zh || ROLES.contains(&zh);
    if !stays && !zh.contains(chinese) {
        complain(zh, "this is not Chinese".to_owned());
    }
    if ends_sentence(en, &['.', '?', '!']) != ends_sentence(zh, &['。', '？', '！']) {
        complain(zh, "one language ends its sentence, and the other doesn't".to_owned());
    }
    for sentence in en.split_inclusive(". ").flat_map(|part| part.split_inclusive("? ")) {
        let words = sentence.split_whitespace().count();
        if words > WORDS {
            complain(en, format!("a sentence of {words} words; the limit is {WORDS}"));
        }
    }
    for sentence in zh.split(['。', '？', '！']) {
        let length = sentence.chars().count();
        if length > CHARACTERS {
            complain(zh, format!("a sentence of {length} characters; the limit is {CHARACTERS}"));
        }
    }
    let words = en.split(|letter: char| !letter.is_alphanumeric());
    for word in words.map(str::to_lowercase) {
        if let Some((_, instead)) = NOT_IN_ENGLISH.iter().find(|(wrong, _)| *wrong == word) {
            complain(en, format!("`{word}`: {instead}"));
        }
    }
    for (wrong, instead) in NOT_IN_CHINESE.iter().filter(|(wrong, _)| zh.contains(wrong)) {
        complain(zh, format!("`{wrong}`: {instead}"));
    }
}

fn ends_sentence(text: &str, signs: &[char]) -> bool {
    text.trim_end().ends_with(signs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let source = Source::new("static/lessons/L09.json", text);
        check(&[source]).into_iter().map(|finding| finding.message).collect()
    }

    fn lesson(say: &str) -> String {
        format!(r#"{{"id": "L09", "scenes": [{{"steps": [{{"id": "L09.1", "say": {say}}}]}}]}}"#)
    }

    #[test]
    fn a_text_is_complete_short_and_in_the_words_of_the_glossary() {
        let good = r#"{"en": "S1 leads.", "zh": "S1 是 Leader。"}"#;
        assert_eq!(found(&lesson(good)), Vec::<String>::new());
        let long = format!(r#"{{"en": "{}.", "zh": "好。"}}"#, "so ".repeat(33).trim_end());
        let cases = [
            (r#"{"en": "S1 leads."}"#, "a language is missing"),
            (r#"{"en": "S1 leads.", "zh": "S1 leads so."}"#, "this is not Chinese"),
            (r#"{"en": "S1 leads", "zh": "S1 领导。"}"#, "one language ends its sentence"),
            (r#"{"en": "A node leads.", "zh": "它领导。"}"#, "`node`: say server"),
            (r#"{"en": "S1 leads.", "zh": "S1 是领导者。"}"#, "`领导者`: write Leader"),
            (long.as_str(), "a sentence of 33 words"),
            (r#""S1 leads.""#, "`say` is to be in both languages"),
        ];
        for (say, expected) in cases {
            let found = found(&lesson(say));
            assert!(found.iter().any(|message| message.starts_with(expected)), "{say}: {found:?}");
        }
    }

    #[test]
    fn ids_follow_the_file_and_the_order() {
        let text = r#"{"id": "L08", "quiz": {"id": "L09.quiz"},
            "scenes": [{"steps": [{"id": "L08.1"}]}, {"steps": [{"id": "L08.3"}]}]}"#;
        let found = found(text);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[1].contains("`L08.3` should be `L08.2`"), "{found:?}");
    }
}
