//! What zoo.cfg says about files beyond what `ZooCfg` has a type for (docs/protocol.md, O2 and O9).
//!
//! Invariant: a setting that is no number in its range is refused when the server starts.

use crate::disk::Compression;
use crate::findings::Findings;
use vivarium_protocol::zoo_cfg::{ConfigError, ConfigWarning, ZooCfg};

/// Limits to the sizes of files, and how snapshots are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskSettings {
    /// `txnLogSizeLimitInKb`, KiB: a longer log file is ended after a sync, without a snapshot.
    /// `None`, the default, for no such limit.
    pub log_size_limit_kib: Option<u64>,
    /// `snapSizeLimitInKb`, here in bytes: so much log, half of it by lot, gives rise to a
    /// snapshot. `None` (0 or less) for no such limit; the default is 4 GiB.
    pub snapshot_size_limit: Option<u64>,
    /// `snapshot.compression.method`: `gz`, `snappy`, or nothing, the default.
    pub compression: Compression,
}

impl DiskSettings {
    /// Takes the settings out of a configuration, with what hardly does what was meant.
    ///
    /// # Errors
    /// One sentence for each setting that is not what it must be.
    pub fn read(cfg: &ZooCfg) -> Result<(DiskSettings, Vec<ConfigWarning>), Vec<ConfigError>> {
        let mut found = Findings::of(cfg);
        let settings = DiskSettings {
            log_size_limit_kib: kibibytes(&mut found, "txnLogSizeLimitInKb", -1),
            snapshot_size_limit: kibibytes(&mut found, "snapSizeLimitInKb", 4_194_304)
                .map(|kib| kib.saturating_mul(1024)),
            compression: compression(&mut found),
        };
        if let Some(limit) = settings.log_size_limit_kib
            && limit <= cfg.pre_alloc_size_kb
        {
            let what = "txnLogSizeLimitInKb is no larger than preAllocSize";
            found.warn(
                "txnLogSizeLimitInKb",
                format!("{what}: every sync begins another log file"),
                "make it several times preAllocSize",
            );
        }
        if found.errors.is_empty() { Ok((settings, found.warnings)) } else { Err(found.errors) }
    }
}

/// A size; `None` if it is 0 or less.
fn kibibytes(found: &mut Findings<'_>, key: &str, usual: i64) -> Option<u64> {
    let Some(text) = found.text(key) else { return u64::try_from(usual).ok() };
    let Ok(number) = text.trim().parse::<i64>() else {
        let what = format!("{key} must be a number of KiB, or -1 for no limit, not \"{text}\"");
        found.error(key, what, "write such a number, or leave the line out");
        return None;
    };
    u64::try_from(number).ok().filter(|number| *number > 0)
}

fn compression(found: &mut Findings<'_>) -> Compression {
    let key = "snapshot.compression.method";
    match found.text(key).map(str::trim) {
        None => Compression::Plain,
        Some("gz") => Compression::Gzip,
        Some("snappy") => Compression::Snappy,
        Some(other) => {
            let what = format!("{key} must be gz or snappy, not \"{other}\"");
            found.error(key, what, "write one of them, or leave the line out");
            Compression::Plain
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &str) -> Result<(DiskSettings, Vec<ConfigWarning>), Vec<ConfigError>> {
        let text = format!("dataDir=/d\nclientPort=1\n{lines}");
        DiskSettings::read(&ZooCfg::parse("zoo.cfg", &text).expect("the rest is right"))
    }

    #[test]
    fn without_a_word_files_are_as_zookeeper_keeps_them() {
        let (settings, warnings) = read("").expect("nothing is wrong");
        assert_eq!(settings.log_size_limit_kib, None);
        assert_eq!(settings.snapshot_size_limit, Some(4 << 30));
        assert_eq!((settings.compression, warnings.len()), (Compression::Plain, 0));
    }

    #[test]
    fn sizes_are_in_kib_and_none_when_they_are_not_positive() {
        let (settings, warnings) =
            read("txnLogSizeLimitInKb=131072\nzookeeper.snapSizeLimitInKb=0\n").expect("right");
        assert_eq!(settings.log_size_limit_kib, Some(131_072));
        assert_eq!((settings.snapshot_size_limit, warnings.len()), (None, 0));
        let (settings, warnings) = read("txnLogSizeLimitInKb=64\n").expect("it is a number");
        assert_eq!((settings.log_size_limit_kib, warnings.len()), (Some(64), 1));
    }

    #[test]
    fn snapshots_are_compressed_as_zookeeper_names_it() {
        for (text, meant) in [("gz", Compression::Gzip), ("snappy", Compression::Snappy)] {
            let line = format!("snapshot.compression.method={text}\n");
            assert_eq!(read(&line).expect("it is known").0.compression, meant);
        }
        let errors = read("snapshot.compression.method=zip\nsnapSizeLimitInKb=much\n");
        assert_eq!(errors.expect_err("both are wrong").len(), 2);
    }
}
