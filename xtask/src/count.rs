//! Counts what test programs report, so that a run of many programs ends in one line.

/// How many tests passed, failed and were skipped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Tests that ran and were content.
    pub passed: u32,
    /// Tests that ran and were not.
    pub failed: u32,
    /// Tests, or suites, that did not run.
    pub skipped: u32,
}

impl Count {
    /// One check that passed.
    pub const PASSED: Count = Count { passed: 1, failed: 0, skipped: 0 };
    /// One check that failed.
    pub const FAILED: Count = Count { passed: 0, failed: 1, skipped: 0 };
    /// One suite that did not run.
    pub const SKIPPED: Count = Count { passed: 0, failed: 0, skipped: 1 };

    /// Adds another count to this one.
    pub fn add(&mut self, other: Count) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// Sums the closing lines of the standard test harness and of cargo-nextest.
pub fn count(text: &str) -> Count {
    let mut sum = Count::default();
    for line in text.lines() {
        let line = without_colours(line);
        if let Some(result) = line.trim_start().strip_prefix("test result: ") {
            sum.passed += number_before(result, " passed");
            sum.failed += number_before(result, " failed");
            sum.skipped += number_before(result, " ignored");
        } else if line.trim_start().starts_with("Summary [") {
            // Nextest's "skipped" are those that its filter left to another step.
            sum.passed += number_before(&line, " passed");
            sum.failed += number_before(&line, " failed");
            sum.failed += number_before(&line, " timed out");
        }
    }
    sum
}

fn number_before(line: &str, word: &str) -> u32 {
    let Some(end) = line.find(word) else { return 0 };
    let digits = line[..end].rsplit(|letter: char| !letter.is_ascii_digit()).next();
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        if letter == '\x1b' {
            letters.find(|letter| letter.is_ascii_alphabetic());
        } else {
            plain.push(letter);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_summed() {
        let cases = [
            (
                "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out",
                (5, 0, 1),
            ),
            ("test result: FAILED. 5 passed; 12 failed; 0 ignored", (5, 12, 0)),
            ("     Summary [   0.350s] 4 tests run: 4 passed, 0 skipped", (4, 0, 0)),
            (
                "     Summary [ 10.350s] 14/20 tests run: 12 passed (1 slow), 2 failed, 3 skipped",
                (12, 2, 0),
            ),
            ("     Summary [  9.000s] 3 tests run: 2 passed, 1 timed out, 0 skipped", (2, 1, 0)),
            (
                "\x1b[32;1m Summary\x1b[0m [ 0.3s] 4 tests run: \x1b[1m4\x1b[0m passed, 0 skipped",
                (4, 0, 0),
            ),
            ("running 3 tests", (0, 0, 0)),
            ("thread panicked: 7 passed", (0, 0, 0)),
        ];
        for (line, (passed, failed, skipped)) in cases {
            assert_eq!(count(line), Count { passed, failed, skipped }, "{line}");
        }
        let both = format!("{}\n{}", cases[0].0, cases[1].0);
        assert_eq!(count(&both), Count { passed: 10, failed: 12, skipped: 1 });
    }
}
