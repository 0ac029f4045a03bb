//! What is wrong with a file, where, and how to mend it.

use super::{THREE, errors};

const WRONG_SETTINGS: &[(&str, &str)] = &[
    (
        "tickTime=abc",
        "zoo.cfg:7: tickTime must be a positive number of milliseconds, not \"abc\"; write \
             for example tickTime=2000",
    ),
    (
        "tickTime=0",
        "zoo.cfg:7: tickTime must be a positive number of milliseconds, not \"0\"; write for \
             example tickTime=2000",
    ),
    (
        "clientPort=70000",
        "zoo.cfg:7: clientPort must be a port from 1 to 65535, not \"70000\"; write for \
             example clientPort=2181",
    ),
    (
        "clientPortAddress=10.0.0.1",
        "zoo.cfg:7: clientPortAddress is set, but clientPort is not; add for example \
             clientPort=2181",
    ),
    (
        "minSessionTimeout=90000",
        "zoo.cfg:7: minSessionTimeout, 90000 ms, is above maxSessionTimeout, 60000 ms; raise \
             the one or lower the other; they default to 2 and 20 ticks",
    ),
    (
        "standaloneEnabled=yes",
        "zoo.cfg:7: standaloneEnabled must be true or false, not \"yes\"; write for example \
             standaloneEnabled=true",
    ),
    (
        "forceSync=true",
        "zoo.cfg:7: forceSync must be yes or no, not \"true\"; write for example forceSync=yes",
    ),
    (
        "peerType=voter",
        "zoo.cfg:7: peerType must be participant or observer, not \"voter\"; remove it, the \
             server.N lines decide",
    ),
    (
        "autopurge.purgeInterval=often",
        "zoo.cfg:7: autopurge.purgeInterval must be a number of hours, not \"often\"; write \
             for example autopurge.purgeInterval=24",
    ),
    (
        "dataLogDir=\\u12",
        "zoo.cfg:7: \\u must be followed by four hexadecimal digits; write a backslash as \\\\",
    ),
    (
        "dynamicConfigFile=members",
        "zoo.cfg:4: server.1 cannot stand beside dynamicConfigFile; move it to members",
    ),
    (
        "oraclePath=/oracle",
        "zoo.cfg:7: oraclePath asks for a two-server quorum with an oracle, which Vivarium does \
             not offer yet; remove the line to run without it",
    ),
];

#[test]
fn every_error_names_line_fault_and_mend() {
    for (line, expected) in WRONG_SETTINGS {
        assert_eq!(errors(&format!("{THREE}{line}\n"))[0], *expected);
    }
}

const WRONG_MEMBERS: &[(&str, &str)] = &[
    ("zk4", "lacks a quorum port"),
    ("zk4:2888", "lacks an election port"),
    ("zk4:2888:", "lacks an election port"),
    (":2888:3888", "lacks a host"),
    ("zk4:x:3888", "must have a quorum port from 1 to 65535, not \"x\""),
    ("zk4:2888:0", "must have an election port from 1 to 65535, not \"0\""),
    ("zk4:2888:2888", "uses port 2888 for quorum and election alike"),
    ("zk4:2888:3888:boss", "must have the role participant or observer, not \"boss\""),
    ("zk4:2888:3888:observer:1", "has something after the role"),
    ("zk4:2888:3888;host:x", "must have a client port from 1 to 65535, not \"x\""),
    ("[fd00::4:2888:3888", "lacks a closing bracket"),
    ("zk4:2888:3888|zk4b:2888", "lacks an election port"),
    ("zk4:1:2:observer|zk4b:1:2:participant", "gives its addresses different roles"),
];

const WRONG_LISTS: &[(&str, &str)] = &[
    (
        "server.x=zk4:2888:3888",
        "zoo.cfg:7: server.x must end in the number that the server has in its myid file; \
             write for example server.1",
    ),
    ("server.01=zk4:2888:3888", "zoo.cfg:4: server 1 is given twice; keep one of the two lines"),
    (
        "group.1=1:2",
        "zoo.cfg:6: server 3 is in no group, and with groups or weights each must be; add it \
             to one group.G line",
    ),
    (
        "group.1=1:2:3\ngroup.2=3",
        "zoo.cfg:8: server 3 is in more than one group; leave it in one of them",
    ),
    (
        "group.1=1:2:3:4",
        "zoo.cfg:7: group.1 names server 4, which is no participant; name only servers that \
             vote",
    ),
    (
        "group.1=one",
        "zoo.cfg:7: group.1 must name servers by number, not \"one\"; write for example \
             group.1=1:2:3",
    ),
    (
        "weight.1=heavy\ngroup.1=1:2:3",
        "zoo.cfg:7: weight.1 must be a number from 0 on, not \"heavy\"; write for example \
             weight.1=1",
    ),
    (
        "group.1=1:2:3\nweight.1=0\nweight.2=0\nweight.3=0",
        "zoo.cfg: no server weighs anything; give one of them a weight.N above 0",
    ),
];

#[test]
fn every_error_about_members() {
    let form = "write host:quorumPort:electionPort, for example server.4=zk4:2888:3888";
    let member =
        |reason: &str, value: &str| format!("zoo.cfg:7: server.4 {reason}, in \"{value}\"; {form}");
    for (value, reason) in WRONG_MEMBERS {
        let text = format!("{THREE}server.4={value}\n");
        assert_eq!(errors(&text)[0], member(reason, value));
    }
    for (line, expected) in WRONG_LISTS {
        assert_eq!(errors(&format!("{THREE}{line}\n"))[0], *expected);
    }
}

#[test]
fn the_other_elections_are_refused_with_their_history() {
    let told = |number: &str| errors(&format!("dataDir=/d\nelectionAlg={number}")).remove(0);
    assert_eq!(
        told("0"),
        "zoo.cfg:2: electionAlg=0 is not offered, because LeaderElection, which polls every server \
         in turn and knows neither rounds nor epochs, was deprecated in ZooKeeper 3.4.0 and \
         removed in 3.6.0 (ZOOKEEPER-1932); remove the line or write electionAlg=3"
    );
    for number in ["1", "2"] {
        let told = told(number);
        assert!(told.starts_with(&format!("zoo.cfg:2: electionAlg={number} is not offered")));
        for part in ["AuthFastLeaderElection", "3.4.0", "3.6.0", "ZOOKEEPER-2083"] {
            assert!(told.contains(part), "{told}");
        }
    }
    assert!(told("4").contains("electionAlg must be 3, which is FastLeaderElection, not \"4\""));
    assert!(super::read("dataDir=/d\nelectionAlg=3").standalone);
}

#[test]
fn all_errors_come_at_once_in_the_order_of_the_file() {
    let told = errors("syncLimit=x\nserver.1=zk1\nserver.2=a:1:2\nserver.3=b:1:2\ntickTime=-1");
    let places: Vec<&str> = told.iter().map(|error| error.split(": ").next().unwrap()).collect();
    assert_eq!(places, ["zoo.cfg:1", "zoo.cfg:2", "zoo.cfg:5", "zoo.cfg", "zoo.cfg"]);
    assert!(told[3].contains("dataDir is missing") || told[4].contains("dataDir is missing"));
    assert!(told[3].contains("initLimit is not set") || told[4].contains("initLimit is not set"));
}

#[test]
fn ensembles_that_cannot_work() {
    let limits = "dataDir=/d\ninitLimit=10\nsyncLimit=5\n";
    let cases = [
        (
            "standaloneEnabled=false",
            "zoo.cfg:4: standaloneEnabled=false needs at least one participant; add the server.N \
             lines",
        ),
        (
            "server.1=a:1:2:observer",
            "zoo.cfg:4: there are observers and nobody for them to observe; make at least one \
             server a participant",
        ),
        (
            "server.1=a:1:2\nserver.2=b:1:2:observer",
            "zoo.cfg:4: one participant with observers is no ensemble; add participants or set \
             standaloneEnabled=false",
        ),
        (
            "group.1=1",
            "zoo.cfg:4: group.1 is given, but no server; add the server.N lines or remove it",
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(errors(&format!("{limits}{lines}")), [expected]);
    }
    let without = THREE.replace("initLimit=10\n", "");
    assert_eq!(
        errors(&without),
        ["zoo.cfg: initLimit is not set, and an ensemble needs it; write for example \
             initLimit=5, a number of ticks"]
    );
}
