//! The files of a configuration that changes at run time: `zoo.cfg.dynamic.VERSION`,
//! `zoo.cfg.dynamic.next`, and zoo.cfg itself, which is made to name the former
//! (docs/protocol.md, O10.1).
//!
//! Invariants:
//! 1. A file is written whole or not at all, and is on disk before anything relies on it.
//! 2. A file that was there before the first reconfiguration is kept as `zoo.cfg.bak`.
//! 3. A directory that can't be written is no reason to stop: membership then lives in memory, and
//!    the log says so.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use vivarium_protocol::base::{Config, Ensemble};

/// The files of one server.
#[derive(Clone, Debug)]
pub struct MemberFiles {
    /// Where zoo.cfg is.
    file: PathBuf,
}

impl MemberFiles {
    /// The files beside this zoo.cfg.
    #[must_use]
    pub fn beside(file: &str) -> MemberFiles {
        let path = Path::new(file);
        MemberFiles { file: std::path::absolute(path).unwrap_or_else(|_| path.to_owned()) }
    }

    /// The members that were proposed and perhaps not put in force when this server ended.
    #[must_use]
    pub fn proposed(&self) -> Option<Ensemble> {
        Ensemble::parse(&fs::read_to_string(self.with(".dynamic.next")).ok()?)
    }

    /// Keeps what a server must be started with next time.
    pub fn keep(&self, config: &Config) {
        if let Err(error) = self.write(config) {
            let file = self.file.display();
            tracing::error!(
                "the members can't be kept beside {file}: {error}; make its directory writable, or \
                 this server starts with older members"
            );
        }
    }

    fn write(&self, config: &Config) -> io::Result<()> {
        let next = self.with(".dynamic.next");
        if let Some(proposed) = &config.proposed {
            return write_whole(&next, proposed.text().as_bytes());
        }
        if config.ensemble.version > 0 {
            self.put_in_force(config)?;
        }
        match fs::remove_file(&next) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn put_in_force(&self, config: &Config) -> io::Result<()> {
        let dynamic = self.with(&format!(".dynamic.{:x}", config.ensemble.version));
        let text = config.ensemble.text();
        let mut lines: Vec<&str> = text.lines().filter(|it| !it.starts_with("version=")).collect();
        lines.sort_unstable();
        write_whole(&dynamic, lines.join("\n").as_bytes())?;
        let old = fs::read_to_string(&self.file)?;
        let own = config.ensemble.members.get(&config.id);
        let names_client = own.is_some_and(|member| member.client.is_some());
        let new = pointing_at(&old, &dynamic, names_client);
        if new == old {
            return Ok(());
        }
        let backup = self.with(".bak");
        if !backup.exists() {
            write_whole(&backup, old.as_bytes())?;
        }
        write_whole(&self.file, new.as_bytes())
    }

    fn with(&self, suffix: &str) -> PathBuf {
        let mut name = self.file.clone().into_os_string();
        name.push(suffix);
        PathBuf::from(name)
    }
}

/// The text of zoo.cfg without what the members' file says now, and with the name of that file.
fn pointing_at(text: &str, dynamic: &Path, names_client: bool) -> String {
    let moved = |line: &str| {
        let key = line.trim_start().split(['=', ':', ' ', '\t']).next().unwrap_or_default();
        let member = ["server.", "group", "weight"].iter().any(|start| key.starts_with(start));
        let client = ["clientPort", "clientPortAddress"].contains(&key);
        member || ["dynamicConfigFile", "peerType"].contains(&key) || (names_client && client)
    };
    let mut kept: String =
        text.lines().filter(|line| !moved(line)).flat_map(|line| [line, "\n"]).collect();
    let path = dynamic.display().to_string().replace('\\', "\\\\");
    kept.push_str(&format!("dynamicConfigFile={path}\n"));
    kept
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut writing = path.to_owned().into_os_string();
    writing.push(".tmp");
    let mut file = fs::File::create(&writing)?;
    io::Write::write_all(&mut file, bytes)?;
    file.sync_all()?;
    fs::rename(&writing, path)?;
    // A directory can't be opened everywhere; the name is durable where it can.
    if let Some(directory) = path.parent().and_then(|it| fs::File::open(it).ok()) {
        directory.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use vivarium_protocol::base::ServerId;

    #[test]
    fn zoo_cfg_keeps_its_comments_and_loses_what_the_members_file_says() {
        let text = "# ours\ntickTime=2000\nserver.1=a:1:2\nserver.2=b:1:2\npeerType=observer\n\
                    clientPort=2181\nweight.1=3\n";
        let path = Path::new("/conf/zoo.cfg.dynamic.100000000");
        let end = "dynamicConfigFile=/conf/zoo.cfg.dynamic.100000000\n";
        let kept = pointing_at(text, path, false);
        assert_eq!(kept, format!("# ours\ntickTime=2000\nclientPort=2181\n{end}"));
        let kept = pointing_at(&kept, path, true);
        assert_eq!(kept, format!("# ours\ntickTime=2000\n{end}"), "and may be written again");
    }

    #[test]
    fn a_crash_between_the_two_files_and_a_file_that_was_left_behind_do_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("zoo.cfg");
        fs::write(&file, "server.1 : zk1:2888:3888\ndataDir=/data\n").expect("zoo.cfg");
        let dynamic = folder.path().join("zoo.cfg.dynamic.100000000");
        fs::write(&dynamic, "server.9=elsewhere:1:2:participant").expect("a file of long ago");
        let members = Ensemble { version: 0x1_0000_0000, ..Ensemble::numbered(3, 0) };
        let config = Config::new(ServerId(1), Arc::new(members));
        MemberFiles::beside(&file.display().to_string()).keep(&config);
        let text = fs::read_to_string(&dynamic).expect("the members' file");
        assert!(text.contains("server.3=zk3") && !text.contains("elsewhere"), "{text}");
        let text = fs::read_to_string(&file).expect("zoo.cfg");
        assert!(text.contains("dynamicConfigFile=/") && !text.contains("server.1"), "{text}");
    }

    #[test]
    fn what_was_proposed_is_there_until_it_is_in_force() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("zoo.cfg");
        fs::write(&file, "server.1=zk1:2888:3888\ndataDir=/data\n").expect("zoo.cfg");
        let files = MemberFiles::beside(&file.display().to_string());
        let mut config = Config::new(ServerId(1), Arc::new(Ensemble::numbered(3, 0)));
        let proposed = Ensemble { version: 0x1_0000_0007, ..Ensemble::numbered(4, 0) };
        config.proposed = Some(Arc::new(proposed.clone()));
        files.keep(&config);
        assert_eq!(files.proposed(), Some(proposed.clone()), "with its version");
        config.ensemble = Arc::new(proposed);
        config.proposed = None;
        files.keep(&config);
        assert_eq!(files.proposed(), None);
        let members = fs::read_to_string(folder.path().join("zoo.cfg.dynamic.100000007"));
        let members = members.expect("the members' file");
        assert!(members.starts_with("server.1=zk1:2888:3888:participant\n"), "{members}");
        assert!(!members.contains("version"), "{members}");
        let text = fs::read_to_string(&file).expect("zoo.cfg");
        assert!(text.starts_with("dataDir=/data\ndynamicConfigFile=/"), "{text}");
        assert!(folder.path().join("zoo.cfg.bak").exists());
    }
}
