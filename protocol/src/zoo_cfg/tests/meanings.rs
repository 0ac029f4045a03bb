//! What a right file means.

use std::sync::Arc;

use super::super::reader::Reader;
use super::super::settings::TYPED_KEYS;
use super::super::{generate, keys, parse_my_id, settings};
use super::{THREE, read, warnings};
use crate::base::{
    Config, Ensemble, Learner, QuorumVerifier, ServerId, SortedMap, SortedSet, ZnodeRules,
};

#[test]
fn the_sample_file_runs_standalone_with_its_values() {
    let cfg = read(
        "# The number of milliseconds of each tick\ntickTime=2000\ninitLimit=10\nsyncLimit=5\n\
         dataDir=/tmp/zookeeper\nclientPort=2181\n#maxClientCnxns=60\n",
    );
    assert!(cfg.standalone);
    assert_eq!(cfg.ensemble, None);
    assert_eq!(
        (cfg.data_dir.as_str(), cfg.data_log_dir.as_str()),
        ("/tmp/zookeeper", "/tmp/zookeeper")
    );
    assert_eq!(cfg.client_address(None), Some(("0.0.0.0".to_owned(), 2181)));
    assert_eq!(cfg.max_client_cnxns, 60);
    assert_eq!(cfg.warnings, []);
    let config = cfg.to_config(ServerId(1));
    assert!(config.standalone);
    assert_eq!(
        config,
        Config { standalone: true, ..Config::new(ServerId(1), config.ensemble.clone()) }
    );
}

#[test]
fn defaults_are_zookeepers() {
    let cfg = read("dataDir=/data");
    assert_eq!((cfg.tick_time_ms, cfg.min_session_timeout_ms), (3000, 6000));
    assert_eq!((cfg.max_session_timeout_ms, cfg.client_port), (60_000, None));
    assert_eq!((cfg.snap_count, cfg.pre_alloc_size_kb, cfg.force_sync), (100_000, 65_536, true));
    assert_eq!((cfg.jute_max_buffer, cfg.jute_max_buffer_extra), (1_048_575, 1_048_575));
    assert_eq!((cfg.snap_retain_count, cfg.purge_interval_minutes), (3, 0));
    assert!(cfg.allows_four_letter("srvr") && !cfg.allows_four_letter("stat"));
}

#[test]
fn member_lines_in_every_shape() {
    let member = |line: &str| {
        let cfg = read(&format!("{THREE}server.4={line}\nserver.5=zk5:1:2\n"));
        cfg.ensemble.unwrap().members[&ServerId(4)].text()
    };
    let cases = [
        ("zk4:2888:3888", "zk4:2888:3888:participant"),
        ("zk4:2888:3888:Observer", "zk4:2888:3888:observer"),
        ("zk4:2888:3888;2181", "zk4:2888:3888:participant;0.0.0.0:2181"),
        ("zk4:2888:3888:observer;10.0.0.4:2181", "zk4:2888:3888:observer;10.0.0.4:2181"),
        ("[fd00::4]:2888:3888", "[fd00::4]:2888:3888:participant"),
        ("[fd00::4]:2888:3888;[::]:2181", "[fd00::4]:2888:3888:participant;[::]:2181"),
        ("zk4:2888:3888;", "zk4:2888:3888:participant"),
    ];
    for (line, text) in cases {
        assert_eq!(member(line), text, "{line}");
    }
}

#[test]
fn standalone_or_distributed_as_zookeeper_decides() {
    let limits = "dataDir=/d\ninitLimit=10\nsyncLimit=5\n";
    let one = "server.1=zk1:2888:3888\n";
    let observer = "server.9=zk9:2888:3888:observer\n";
    let cases = [
        (limits.to_owned(), true),
        (format!("{limits}{one}"), true),
        (format!("{limits}{one}standaloneEnabled=false\n"), false),
        (format!("{limits}{one}{observer}standaloneEnabled=FALSE\n"), false),
        (format!("{limits}{one}server.2=zk2:2888:3888\n"), false),
        (THREE.to_owned(), false),
    ];
    for (text, standalone) in cases {
        assert_eq!(read(&text).standalone, standalone, "{text}");
    }
}

#[test]
fn groups_and_weights_make_hierarchical_quorums() {
    let cfg = read(&format!("{THREE}group.1=1:2:3\nweight.1=1\nweight.3=0\n"));
    let groups = SortedMap::from([(1, SortedSet::from([1, 2, 3].map(ServerId)))]);
    let weights = SortedMap::from([(ServerId(3), 0)]);
    let verifier = QuorumVerifier::Hierarchical { groups, weights };
    assert_eq!(cfg.ensemble.map(|ensemble| ensemble.verifier), Some(verifier));
}

#[test]
fn typed_settings_are_read() {
    let cfg = read(
        "dataDir = /d \ndataLogDir:/l\nclientPort \
         2182\nclientPortAddress=[::1]\nminSessionTimeout=-1\n\
         maxSessionTimeout=90000\nsnapCount=50\npreAllocSize=64\nforceSync=no\n\
         jute.maxbuffer=0x400000\n4lw.commands.whitelist=stat, ruok\n\
         autopurge.purgeInterval=2\nautopurge.snapRetainCount=5\n\
         readonlymode.enabled=true\nskipACL=yes\nadmin.enableServer=false\nsyncEnabled=true\n\
         observer.syncEnabled=false\nfsync.warningthresholdms=20\n",
    );
    assert_eq!((cfg.data_dir.as_str(), cfg.data_log_dir.as_str()), ("/d", "/l"));
    assert_eq!(cfg.client_address(Some(ServerId(7))), Some(("::1".to_owned(), 2182)));
    assert_eq!((cfg.min_session_timeout_ms, cfg.max_session_timeout_ms), (6000, 90_000));
    assert_eq!((cfg.snap_count, cfg.pre_alloc_size_kb, cfg.force_sync), (50, 64, false));
    assert_eq!((cfg.jute_max_buffer, cfg.jute_max_buffer_extra), (4_194_304, 4_194_304));
    for word in ["stat", "ruok", "srvr", "isro"] {
        assert!(cfg.allows_four_letter(word), "{word}");
    }
    assert!(!cfg.allows_four_letter("mntr"));
    assert_eq!((cfg.purge_interval_minutes, cfg.snap_retain_count), (120, 5));
    assert!(cfg.skip_acl && !cfg.sync_enabled);
    assert_eq!(cfg.fsync_warning_threshold_ms, 20);
    assert_eq!(cfg.setting("admin.enableServer"), Some("false"));
    assert_eq!(cfg.setting("dataDir"), None);
}

#[test]
fn sessions_may_be_local_and_readers_served_without_a_leader() {
    let text = "dataDir=/d\nlocalSessionsEnabled=true\nreadonlymode.enabled=true\n";
    let config = read(text).to_config(ServerId(1));
    assert!(config.local_sessions && !config.local_sessions_upgrading && config.read_only_mode);
    let upgrading =
        read(&format!("{text}localSessionsUpgradingEnabled=true")).to_config(ServerId(1));
    assert!(upgrading.local_sessions_upgrading);
}

#[test]
fn purge_intervals_take_units() {
    for (text, minutes) in [("1", 60), ("30m", 30), ("2h", 120), ("1d", 1440), ("0", 0)] {
        let cfg = read(&format!("dataDir=/d\nautopurge.purgeInterval={text}"));
        assert_eq!(cfg.purge_interval_minutes, minutes, "{text}");
    }
}

#[test]
fn the_outstanding_limit_is_shared_among_the_others() {
    let limit = |text: &str| read(text).to_config(ServerId(1)).outstanding_limit;
    assert_eq!(limit("dataDir=/d"), 1000);
    assert_eq!(limit(THREE), 500);
    let five = format!("{THREE}server.4=zk4:2888:3888\nserver.5=zk5:2888:3888\n");
    assert_eq!(limit(&format!("{five}globalOutstandingLimit=80")), 20);
}

#[test]
fn the_client_port_may_stand_in_the_member_line_or_in_both() {
    let with = |line: &str, keys: &str| {
        let text = format!("{THREE}{keys}\nserver.4={line}\nserver.5=zk5:1:2\n");
        let cfg = read(&text);
        let checked = cfg.check_my_id(ServerId(4)).map_err(|errors| errors[0].to_string());
        (checked.is_ok(), cfg.client_address(Some(ServerId(4))))
    };
    let at = |host: &str| Some((host.to_owned(), 2181));
    let cases = [
        ("zk4:2888:3888;2181", "", true, at("0.0.0.0")),
        ("zk4:2888:3888", "clientPort=2181", true, at("0.0.0.0")),
        ("zk4:2888:3888", "clientPort=0", true, None),
        ("zk4:2888:3888;10.0.0.4:2181", "clientPort=2181", true, at("10.0.0.4")),
        ("zk4:2888:3888;2181", "clientPort=2182", false, at("0.0.0.0")),
        ("zk4:2888:3888;2181", "clientPort=2181\nclientPortAddress=::1", false, at("0.0.0.0")),
    ];
    for (line, keys, agrees, address) in cases {
        assert_eq!(with(line, keys), (agrees, address), "{line} with {keys}");
    }
}

#[test]
fn a_standalone_server_goes_by_the_only_line() {
    let cfg = read("dataDir=/d\nserver.5=localhost:2888:3888;2181");
    for id in [None, Some(ServerId(1)), Some(ServerId(5))] {
        assert_eq!(cfg.client_address(id), Some(("0.0.0.0".to_owned(), 2181)));
    }
    assert_eq!(cfg.check_my_id(ServerId(1)), Ok(Vec::new()));
}

#[test]
fn a_member_must_be_listed_and_its_line_decides_its_role() {
    let cfg = read(&format!("{THREE}peerType=observer"));
    let missing = cfg.check_my_id(ServerId(8)).unwrap_err();
    assert_eq!(
        missing[0].to_string(),
        "zoo.cfg: server 8 is not among the servers 1, 2, 3; \
         add its server.8 line or correct its myid file"
    );
    let warnings = cfg.check_my_id(ServerId(1)).unwrap();
    assert_eq!(
        warnings[0].to_string(),
        "zoo.cfg:7: peerType differs from the line of server 1, which decides; remove peerType"
    );
    assert_eq!(cfg.to_config(ServerId(1)).learner(), Learner::Participant);
}

#[test]
fn members_may_stand_in_a_file_of_their_own() {
    let cfg = read("dataDir=/d\ninitLimit=10\nsyncLimit=5\ndynamicConfigFile=zoo.cfg.dynamic.1f");
    assert_eq!(cfg.ensemble, None);
    let members = "server.1=zk1:2888:3888;2181\nserver.2=zk2:2888:3888;2181\nserver.3=zk3:1:2";
    let cfg = cfg.with_members("zoo.cfg.dynamic.1f", members).unwrap();
    assert!(!cfg.standalone);
    let ensemble = cfg.ensemble.as_ref().unwrap();
    assert_eq!((ensemble.version, ensemble.participants().count()), (0x1f, 3));
    let bare = read("dataDir=/d\ndynamicConfigFile=members");
    let errors = bare.with_members("members", &format!("{members}\nversion=1\ntickTime=1"));
    let errors: Vec<_> = errors.unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 4, "{errors:?}");
    assert!(errors[0].starts_with("members:4: version does not belong into a file of members"));
    assert!(errors[1].starts_with("members:5: tickTime does not belong"));
    assert!(errors[2].starts_with("zoo.cfg: initLimit is not set"));
}

#[test]
fn beside_times_to_live_a_number_must_fit_into_a_byte_and_not_fill_it() {
    let cfg =
        read(&format!("{THREE}server.254=a:1:2\nserver.255=b:1:2\nextendedTypesEnabled=true"));
    assert!(cfg.check_my_id(ServerId(254)).is_ok());
    let refused = cfg.check_my_id(ServerId(255)).unwrap_err();
    assert!(refused[0].to_string().contains("up to 254"), "{}", refused[0]);
    let without = read(&format!("{THREE}server.254=a:1:2\nserver.255=b:1:2\n"));
    assert!(without.check_my_id(ServerId(255)).is_ok());
}

#[test]
fn my_id_is_one_number() {
    for text in ["3", "3\n", " 3 \r\nand a remark"] {
        assert_eq!(parse_my_id("myid", text), Ok(ServerId(3)), "{text:?}");
    }
    for text in ["", "zk3", "-1", "3 4"] {
        assert!(parse_my_id("myid", text).is_err(), "{text:?}");
    }
    assert_eq!(
        parse_my_id("/data/myid", "zk3\n").unwrap_err().to_string(),
        "/data/myid:1: myid must be the number of this server, not \"zk3\"; \
         write the N of its server.N line and nothing else"
    );
}

#[test]
fn what_is_generated_reads_back_as_the_same_configuration() {
    let mut hierarchical = Ensemble::numbered(4, 1);
    hierarchical.verifier = QuorumVerifier::Hierarchical {
        groups: SortedMap::from([
            (1, SortedSet::from([1, 2].map(ServerId))),
            (2, SortedSet::from([3, 4].map(ServerId))),
        ]),
        weights: SortedMap::from([(ServerId(2), 3)]),
    };
    let ensembles = [Ensemble::numbered(1, 0), Ensemble::numbered(3, 2), hierarchical];
    for ensemble in ensembles {
        let mut config = Config::new(ServerId(1), Arc::new(ensemble)).with_tick_time_ms(500);
        config.init_limit = 7;
        config.reconfig_enabled = true;
        // One participant alone would be no ensemble otherwise.
        config.standalone_enabled = config.ensemble.members.len() > 1;
        config.max_session_timeout_ms = 1234;
        config.max_notification_interval_ms = 5000;
        let text = generate(&config, "C:\\data", Some(2181));
        let cfg = read(&text);
        assert_eq!(cfg.to_config(ServerId(1)), config, "{text}");
        assert_eq!(cfg.data_dir, "C:\\data");
    }
    let cfg = read("dataDir=/d");
    let config = cfg.to_config(ServerId(1));
    assert_eq!(read(&generate(&config, "/d", None)).to_config(ServerId(1)), config);
}

#[test]
fn every_typed_key_is_taken_and_known() {
    for key in TYPED_KEYS {
        let mut reader = Reader::new("zoo.cfg", &format!("{key}=1"));
        settings::read(&mut reader);
        assert_eq!(reader.rest().count(), 0, "{key}");
        keys::examine(&mut reader);
        let unknown = reader.warnings.iter().any(|warning| warning.what.contains("no setting"));
        assert!(!unknown, "{key}");
    }
}

const DOUBTFUL: &[(&str, &str)] = &[
    (
        "tikTime=2000",
        "zoo.cfg:7: tikTime is no setting that ZooKeeper knows; perhaps tickTime is meant",
    ),
    (
        "ticktime=2000",
        "zoo.cfg:7: ticktime is no setting that ZooKeeper knows; perhaps tickTime is meant",
    ),
    (
        "colour=green",
        "zoo.cfg:7: colour is no setting that ZooKeeper knows; remove it, it has no effect",
    ),
    (
        "zookeeper.snapCount=7",
        "zoo.cfg:7: Apache ZooKeeper ignores zookeeper.snapCount in a file, Vivarium takes it; \
             write snapCount without the prefix",
    ),
    (
        "syncLimit=6",
        "zoo.cfg:7: syncLimit was already given on line 3; keep one of the two lines, this \
             one counts",
    ),
    (
        "server.4=zk4:2888:3888",
        "zoo.cfg:4: 4 participants tolerate no more failures than 3; make their number odd",
    ),
    (
        "autopurge.snapRetainCount=1",
        "zoo.cfg:7: autopurge.snapRetainCount is at least 3, so 1 is raised to that; write \
             autopurge.snapRetainCount=3",
    ),
    (
        "forceSync=no",
        "zoo.cfg:7: forceSync=no acknowledges what is not on disk, so a crash can lose it; \
             remove the line unless the data may be lost",
    ),
    (
        "db.autocreate=1",
        "zoo.cfg:7: db.autocreate is neither true nor false but \"1\"; it counts as false, \
             as in Apache ZooKeeper",
    ),
    (
        "emulate353TTLNodes=true",
        "zoo.cfg:7: emulate353TTLNodes asks for reading times to live as release 3.5.3 wrote \
             them, which Vivarium does not offer yet; it goes on without",
    ),
    (
        "dataLogDir=logs",
        "zoo.cfg:7: dataLogDir is relative, so it depends on where the server is started; \
             write an absolute path, or ./ before it to insist",
    ),
    (
        "server.1=zk1:2888:3888 \nserver.1=zk1:2888:3888 ",
        "zoo.cfg:7: server.1 was already given on line 4; keep one of the two lines, this \
             one counts",
    ),
    (
        "weight.9=1\ngroup.1=1:2:3",
        "zoo.cfg:7: weight.9 weighs a server that is not listed; remove it or add the server",
    ),
    (
        "server.300=zk4:2888:3888:observer",
        "zoo.cfg:7: server 300 has a number above 255, so its session ids may collide; \
             number the servers from 1 to 255",
    ),
];

#[test]
fn what_works_but_hardly_as_meant_is_warned_about() {
    for (line, expected) in DOUBTFUL {
        assert_eq!(warnings(&format!("{THREE}{line}\n"))[0], *expected);
    }
    let quiet = [
        "sslQuorum=false",
        "admin.serverPort=8081",
        "leader.maxTimeToWaitForEpoch=5",
        "jaasLoginRenew=1",
    ];
    for line in quiet {
        assert_eq!(warnings(&format!("{THREE}{line}\n")), [""; 0], "{line}");
    }
    let two = THREE.replace("server.3=zk3:2888:3888\n", "");
    assert_eq!(
        warnings(&two),
        ["zoo.cfg:4: no failure of a server will be tolerated; add servers until there are \
             three participants"]
    );
    let alone = two.replace("server.2=zk2:2888:3888\n", "");
    assert!(warnings(&alone)[0].starts_with("zoo.cfg:4: the only server listed runs standalone"));
}

#[test]
fn containers_and_times_to_live_are_looked_after_as_the_file_says() {
    let config = |text: &str| read(&format!("dataDir=/d\n{text}")).to_config(ServerId(1)).znodes;
    assert_eq!(config(""), ZnodeRules::default());
    let text = "extendedTypesEnabled=true\nznode.container.checkIntervalMs=500\n\
                znode.container.maxPerMinute=60\nznode.container.maxNeverUsedIntervalMs=300000\n\
                enforceQuota=true\n";
    let expected = ZnodeRules {
        extended_types: true,
        check_interval_ms: 500,
        max_per_minute: 60,
        max_never_used_ms: 300_000,
        enforce_quota: true,
    };
    assert_eq!(config(text), expected);
}

#[test]
fn a_prefixed_key_counts() {
    assert_eq!(read("dataDir=/d\nzookeeper.snapCount=7").snap_count, 7);
}

#[cfg(not(target_arch = "wasm32"))]
mod properties {
    use super::*;
    use crate::zoo_cfg::ZooCfg;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in "[a-z.=:\\\\u#!\\[\\]; |\\n\\r0-9é-]{0,120}") {
            let _ = ZooCfg::parse("zoo.cfg", &text);
            let _ = ZooCfg::parse("zoo.cfg", &format!("{THREE}server.1={text}\ngroup.{text}"));
            let _ = parse_my_id("myid", &text);
        }
    }
}
