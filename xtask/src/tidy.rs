//! `cargo xtask tidy`: the rules of `rules.rs`, `layers.rs`, `exhibits.rs` and
//! `lesson_texts.rs` over the whole tree.
//!
//! What breaks a rule of size today is listed in `xtask/tidy-exceptions.txt` with how much. The
//! list may only shrink: a listed thing that grew is refused, and one that shrank must be written
//! down with its new measure, so it can't grow back.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use anyhow::{Context, Result, bail};

use crate::rules::{self, Finding};
use crate::workspace::Workspace;
use crate::{exhibits, layers, lesson_texts, source};

const LIST: &str = "xtask/tidy-exceptions.txt";

const WRITE_DOWN: &str = "write that down with `cargo xtask tidy --shrink`";

/// What `cargo xtask tidy` can be told.
#[derive(clap::Args)]
pub struct Options {
    /// Write down what is mended: lower the numbers of the exceptions and remove those not needed
    #[arg(long)]
    shrink: bool,
}

/// Checks the tree, after writing down what is mended if that is asked for.
///
/// # Errors
/// As [`check`], or when the list can't be written.
pub fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let path = workspace.root.join(LIST);
    if options.shrink && path.is_file() {
        let list = fs::read_to_string(&path)?;
        let shrunk = shrink(&list, &by_subject(findings(workspace)?.0))?;
        fs::write(&path, shrunk).with_context(|| format!("can't write {LIST}"))?;
    }
    check(workspace)
}

/// Checks the tree.
///
/// # Errors
/// When a rule is broken; each place is printed before.
pub fn check(workspace: &Workspace) -> Result<()> {
    let (findings, files) = findings(workspace)?;
    let list = fs::read_to_string(workspace.root.join(LIST)).unwrap_or_default();
    let complaints = weigh(findings, &parse(&list)?);
    for complaint in &complaints {
        println!("   {complaint}");
    }
    if !complaints.is_empty() {
        bail!("tidy found {} places; each line above says what to do", complaints.len());
    }
    println!("   {files} files are tidy");
    Ok(())
}

/// Everything that is found, and in how many files it was looked for.
fn findings(workspace: &Workspace) -> Result<(Vec<Finding>, usize)> {
    let sources = source::read_all(&workspace.root)?;
    let mut findings: Vec<Finding> = sources.iter().flat_map(rules::check).collect();
    findings.extend(layers::check(&sources));
    findings.extend(exhibits::check(&sources));
    findings.extend(lesson_texts::check(&sources));
    findings.sort();
    Ok((findings, sources.len()))
}

/// What is excepted, by rule and subject, and how much of it.
type Exceptions = BTreeMap<(String, String), usize>;

fn parse(list: &str) -> Result<Exceptions> {
    let mut exceptions = BTreeMap::new();
    for line in list.lines().filter(|line| !line.starts_with('#') && !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let [rule, subject, measure] = fields.as_slice() else {
            bail!("{LIST}: `{line}` is not a rule, a path and a number");
        };
        let measure = measure.parse().with_context(|| format!("{LIST}: {line}"))?;
        exceptions.insert(((*rule).to_owned(), (*subject).to_owned()), measure);
    }
    Ok(exceptions)
}

/// The list without what is mended, and with lower numbers where there is less to except.
fn shrink(list: &str, found: &BySubject) -> Result<String> {
    let mut shrunk = String::new();
    for line in list.lines() {
        match parse(line)?.first_key_value() {
            None => writeln!(shrunk, "{line}")?,
            Some((key, listed)) => {
                if let Some(findings) = found.get(key) {
                    let measure = measure(findings).min(*listed);
                    writeln!(shrunk, "{} {} {measure}", key.0, key.1)?;
                }
            }
        }
    }
    Ok(shrunk)
}

/// The findings by rule and subject, as the exceptions are.
type BySubject = BTreeMap<(String, String), Vec<Finding>>;

fn by_subject(findings: Vec<Finding>) -> BySubject {
    let mut found = BySubject::new();
    for finding in findings {
        let key = (finding.rule.to_owned(), finding.subject.clone());
        found.entry(key).or_default().push(finding);
    }
    found
}

fn measure(findings: &[Finding]) -> usize {
    findings.iter().map(|finding| finding.measure).sum()
}

/// Sets the findings against the exceptions and returns what is to be complained about.
fn weigh(findings: Vec<Finding>, exceptions: &Exceptions) -> Vec<String> {
    let found = by_subject(findings);
    let mut complaints = Vec::new();
    for (key, findings) in &found {
        let measure = measure(findings);
        match exceptions.get(key) {
            Some(listed) if *listed == measure => {}
            Some(listed) if *listed > measure => complaints.push(format!(
                "{LIST}: {} {} is down from {listed} to {measure}: {WRITE_DOWN}",
                key.0, key.1
            )),
            Some(_) | None => complaints.extend(findings.iter().map(complaint)),
        }
    }
    for (rule, subject) in exceptions.keys().filter(|key| !found.contains_key(*key)) {
        complaints.push(format!("{LIST}: {rule} {subject} is mended: {WRITE_DOWN}"));
    }
    complaints
}

fn complaint(finding: &Finding) -> String {
    let path = finding.subject.split('#').next().unwrap_or_default();
    format!("{path}:{}: {}: {}", finding.line, finding.rule, finding.message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn long_file(lines: usize) -> Vec<Finding> {
        let message = "split the file".to_owned();
        let subject = "web/src/a.rs".to_owned();
        vec![Finding { rule: "file-length", subject, line: 1, measure: lines, message }]
    }

    #[test]
    fn an_exception_may_shrink_but_not_grow() {
        let exceptions = parse("# why\nfile-length web/src/a.rs 600\n").unwrap();
        let cases =
            [(599, "write that down"), (601, "web/src/a.rs:1: file-length: split the file")];
        assert_eq!(weigh(long_file(600), &exceptions), Vec::<String>::new());
        for (lines, expected) in cases {
            let complaints = weigh(long_file(lines), &exceptions);
            assert_eq!(complaints.len(), 1, "{complaints:?}");
            assert!(complaints[0].contains(expected), "{complaints:?}");
        }
        let mended = weigh(Vec::new(), &exceptions);
        assert!(mended[0].contains("is mended"), "{mended:?}");
    }

    #[test]
    fn the_list_is_shrunk_and_never_grown() {
        let list = "# why\nfile-length web/src/a.rs 600\nheader web/src/b.rs 1\n";
        let cases = [(550, 550), (700, 600)];
        for (lines, expected) in cases {
            let shrunk = shrink(list, &by_subject(long_file(lines))).unwrap();
            assert_eq!(shrunk, format!("# why\nfile-length web/src/a.rs {expected}\n"));
        }
    }

    #[test]
    fn what_is_not_listed_is_complained_about_by_file_and_line() {
        let complaints = weigh(long_file(501), &Exceptions::new());
        assert_eq!(complaints, ["web/src/a.rs:1: file-length: split the file"]);
    }

    #[test]
    fn a_line_that_is_no_exception_is_refused() {
        parse("file-length web/src/a.rs\n").unwrap_err();
        parse("file-length web/src/a.rs many\n").unwrap_err();
    }
}
