//! The common zoo.cfg of a run: from a set-up to the file, and from a file to the set-up.

use std::sync::Arc;

use vivarium_protocol::base::{Ensemble, ServerId, SortedSet};
use vivarium_protocol::zoo_cfg::ZooCfg;
use vivarium_sim::Setup;

/// The name that errors give the text.
pub const FILE: &str = "zoo.cfg";
/// The most servers that the page has room for.
pub const MOST_SERVERS: usize = 255;

/// The world that a file describes; what a file does not say stays as it was.
#[must_use]
pub fn setup_of(cfg: &ZooCfg, before: &Setup) -> Setup {
    let mut setup = Setup {
        tick_time_ms: cfg.tick_time_ms,
        init_limit: cfg.init_limit,
        sync_limit: cfg.sync_limit,
        commit_log_count: cfg.commit_log_count,
        standalone: cfg.standalone,
        members: None,
        ..before.clone()
    };
    let Some(ensemble) = cfg.ensemble.as_ref().filter(|_| !cfg.standalone) else {
        (setup.participants, setup.observers) = (1, 0);
        return setup;
    };
    let participants = ensemble.participants().count() as u16;
    setup.participants = participants;
    setup.observers = ensemble.members.len() as u16 - participants;
    if !is_numbered(ensemble, participants) {
        setup.members = Some(Arc::new(ensemble.clone()));
    }
    setup
}

/// Whether members are numbered as a setup numbers them: voters from 1, then observers, all of
/// equal weight. Such an ensemble needs no names to be shared in a link.
fn is_numbered(ensemble: &Ensemble, participants: u16) -> bool {
    let numbers = ensemble.members.keys().zip(1..).all(|(id, number)| *id == ServerId(number));
    let voters = ensemble.participants().zip(1..).all(|(id, number)| id == ServerId(number));
    let plain = ensemble.verifier == vivarium_protocol::base::QuorumVerifier::Majority;
    numbers && voters && plain && participants > 0
}

/// The zoo.cfg of a setup.
#[must_use]
pub fn written(setup: &Setup) -> String {
    let mut text = format!(
        "tickTime={}\ninitLimit={}\nsyncLimit={}\nclientPort=2181\ndataDir=/var/lib/zookeeper\n",
        setup.tick_time_ms, setup.init_limit, setup.sync_limit
    );
    if !setup.standalone {
        let members = setup.ensemble().text();
        for line in members.lines().filter(|line| !line.starts_with("version=")) {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

/// Which lines of one server's file the common file does not have, from 1.
#[must_use]
pub fn own_lines(text: &str, common: &str) -> SortedSet<usize> {
    let known: SortedSet<&str> = common.lines().map(str::trim).collect();
    let lines = (1..).zip(text.lines().map(str::trim));
    let own = lines.filter(|(_, line)| !line.is_empty() && !known.contains(line));
    own.map(|(number, _)| number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setup_survives_its_zoo_cfg() {
        let setup = Setup { participants: 3, observers: 1, tick_time_ms: 100, ..Setup::default() };
        let cfg = ZooCfg::parse(FILE, &written(&setup)).unwrap();
        assert_eq!(setup_of(&cfg, &Setup::default()), setup);
    }

    #[test]
    fn members_with_their_own_numbers_keep_them() {
        let text = "tickTime=100\ninitLimit=5\nsyncLimit=2\ndataDir=/d\nclientPort=2181\n\
                    server.2=a:1:2\nserver.4=b:1:2\nserver.9=c:1:2\n";
        let setup = setup_of(&ZooCfg::parse(FILE, text).unwrap(), &Setup::default());
        let ids: Vec<i64> = setup.ensemble().members.keys().map(|id| id.0).collect();
        assert_eq!(ids, [2, 4, 9]);
    }

    #[test]
    fn groups_and_weights_survive_too() {
        let text = "tickTime=100\ninitLimit=5\nsyncLimit=2\ndataDir=/d\nclientPort=2181\n\
                    server.1=a:1:2\nserver.2=b:1:2\nserver.3=c:1:2\ngroup.1=1:2:3\nweight.3=0\n";
        let setup = setup_of(&ZooCfg::parse(FILE, text).unwrap(), &Setup::default());
        let again = setup_of(&ZooCfg::parse(FILE, &written(&setup)).unwrap(), &Setup::default());
        assert_eq!(again, setup);
        assert_eq!(setup.ensemble().weight(ServerId(3)), 0);
    }

    #[test]
    fn the_lines_that_are_a_servers_own_are_found() {
        let common = written(&Setup::default());
        let own = common.replace("initLimit=10", "initLimit=3");
        assert_eq!(own_lines(&own, &common), SortedSet::from([2]));
        assert!(own_lines(&common, &common).is_empty());
    }

    #[test]
    fn an_error_names_its_line() {
        let errors = ZooCfg::parse(FILE, "tickTime=fast\n").unwrap_err();
        assert!(errors.iter().any(|error| error.line == Some(1)));
    }
}
