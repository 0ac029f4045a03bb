//! The list of lessons that the front page shows: one line a lesson, written from their files, so
//! that a newcomer fetches a few kilobytes and no code for it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde_json::Value;

/// Where the list lies in the page.
const INDEX: &str = "lessons/index.txt";

/// Adds the list to the page's files.
///
/// # Errors
/// A lesson is no JSON, or lacks what the list needs.
pub fn index(mut files: BTreeMap<PathBuf, Vec<u8>>) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let is_lesson = |path: &Path| {
        path.starts_with("lessons") && path.extension().is_some_and(|ending| ending == "json")
    };
    let mut list = String::new();
    for (path, bytes) in files.iter().filter(|(path, _)| is_lesson(path)) {
        let named = || format!("in {}", path.display());
        let lesson: Value = serde_json::from_slice(bytes).with_context(named)?;
        list.push_str(&line(&lesson).with_context(named)?);
    }
    if !list.is_empty() {
        files.insert(INDEX.into(), list.into_bytes());
    }
    Ok(files)
}

/// Id, part, minutes, then question and title in English and in Chinese.
fn line(lesson: &Value) -> Result<String> {
    let text = |place: &str| {
        let found = lesson.pointer(place).and_then(Value::as_str);
        found.with_context(|| format!("there is no text at {place}"))
    };
    let minutes = lesson["minutes"].as_u64().context("there are no minutes")?;
    let words =
        [text("/question/en")?, text("/title/en")?, text("/question/zh")?, text("/title/zh")?];
    Ok(format!("{}\t{}\t{minutes}\t{}\n", text("/id")?, text("/part")?, words.join("\t")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_a_line_for_every_lesson_in_the_order_of_their_files() {
        let lesson = |id: &str| {
            format!(
                r#"{{"id":"{id}","part":"chapter","minutes":5,"question":{{"en":"Q","zh":"问"}},
                    "title":{{"en":"T","zh":"题"}}}}"#
            )
            .into_bytes()
        };
        let files = [("lessons/L02.json", lesson("L02")), ("lessons/L01.json", lesson("L01"))];
        let files = files.map(|(path, bytes)| (PathBuf::from(path), bytes));
        let with = index(files.into_iter().collect()).unwrap();
        let list = String::from_utf8(with[Path::new(INDEX)].clone()).unwrap();
        assert_eq!(list, "L01\tchapter\t5\tQ\tT\t问\t题\nL02\tchapter\t5\tQ\tT\t问\t题\n");
        let broken = [(PathBuf::from("lessons/L01.json"), b"{}".to_vec())];
        assert!(index(broken.into_iter().collect()).is_err());
    }
}
