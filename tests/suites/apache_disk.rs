//! Files that pass between our server and Apache's: its tools read ours, each server starts on the
//! other's directory and shows the same, and snapshots may be compressed by either.

use bytes::Bytes;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;
use vivarium_protocol::message::{Acl, CreateOp, Id, Op, ReplyBody, Stat};
use vivarium_tests::client::{Client, create};
use vivarium_tests::ensemble::{self, Place, configure, places};
use vivarium_tests::mixed::Kind::{self, Apache, Vivarium};
use vivarium_tests::process::{Folder, Process};
use vivarium_tests::{apache, tools, wait_for, words};

/// Times to live are on; nothing is cleaned while the test looks.
const SETTINGS: &str = "extendedTypesEnabled=true\nznode.container.checkIntervalMs=86400000\n\
    snapCount=60\npreAllocSize=64\nmaxSessionTimeout=60000\n";
const EPHEMERAL: i32 = 1;

fn configured(place: &Place, more: &str) {
    configure(place, &[], &format!("{SETTINGS}{more}{}", apache::EXTRA));
}

fn start(place: &Place, kind: Kind) -> Process {
    let server = match kind {
        Apache => apache::start_at(place),
        Vivarium => ensemble::start_at(place),
    };
    wait_for(&format!("{kind:?} serves"), || words::mode(place.address()));
    server
}

fn ann(place: &Place) -> Client {
    let mut client = Client::connect(place.address()).expect("it serves");
    let auth = Op::Auth { scheme: Some("digest".to_owned()), auth: Some("ann:pw".into()) };
    client.request(&auth).unwrap().unwrap();
    client
}

/// One of everything that lasts, and enough of it that the log rolls; the client's session keeps
/// an ephemeral.
fn fill(client: &mut Client) {
    let acl = |perms: i32, scheme: &str, id: &str| Acl {
        perms,
        id: Id { scheme: scheme.to_owned(), id: id.to_owned() },
    };
    let made = |op: CreateOp, path: &str, flags: i32, ttl_ms: i64, acl: Vec<Acl>| {
        let (path, data) = (Some(path.to_owned()), Some(Bytes::from_static(b"d")));
        Op::Create { op, path, data, acl: Some(acl), flags, ttl_ms }
    };
    let open = || vec![Acl::open()];
    let path = |path: &str| Some(path.to_owned());
    let lists = vec![acl(31, "auth", ""), acl(1, "ip", "127.0.0.1")];
    for op in [
        create("/a", "ä 世 \u{1f98a}".as_bytes(), 0),
        create("/a/empty", b"", 0),
        create("/a/seq-", b"", 2),
        create("/alive", b"", EPHEMERAL),
        made(CreateOp::Create2, "/hers", 0, -1, lists),
        made(CreateOp::CreateContainer, "/box", 4, -1, open()),
        create("/box/child", b"", 0),
        made(CreateOp::CreateTtl, "/brief", 5, 86_400_000, open()),
        create("/zookeeper/quota/a", b"", 0),
        create("/zookeeper/quota/a/zookeeper_limits", b"count=100,bytes=-1", 0),
        create("/zookeeper/quota/a/zookeeper_stats", b"count=0,bytes=0", 0),
        Op::SetData { path: path("/a/empty"), data: None, version: 0 },
        Op::SetAcl { path: path("/a/empty"), acl: Some(vec![acl(31, "auth", "")]), version: 0 },
        create("/gone", b"", 0),
        Op::Delete { path: path("/gone"), version: 0 },
        Op::Multi(vec![
            create("/m", b"", 0),
            create("/m/n", b"", 0),
            Op::Delete { path: path("/m/n"), version: 0 },
            Op::Check { path: path("/m"), version: 0 },
        ]),
    ] {
        client.request(&op).unwrap().unwrap_or_else(|error| panic!("{op:?}: {error}"));
    }
    let refused = Op::Delete { path: path("/m"), version: 7 };
    assert!(client.request(&refused).unwrap().is_err(), "what is refused is logged, too");
    let rolled_back = Op::Multi(vec![create("/never", b"", 0), create("/a", b"", 0)]);
    let _ = client.request(&rolled_back).unwrap();
    for number in 0..80 {
        assert!(client.create(&format!("/m/{number}"), b"x").unwrap().is_ok());
    }
}

/// Data, Stat and list of every znode.
type Everything = BTreeMap<String, (Option<Bytes>, Option<Stat>, Vec<Acl>)>;

fn everything(place: &Place) -> Everything {
    let mut client = ann(place);
    let mut found = BTreeMap::new();
    let mut open = vec!["/".to_owned()];
    while let Some(path) = open.pop() {
        let (data, stat) = client.get(&path).unwrap().expect("it was listed");
        let Ok(ReplyBody::Acl { acl, .. }) =
            client.request(&Op::GetAcl { path: Some(path.clone()) }).unwrap()
        else {
            panic!("getACL {path} failed");
        };
        for child in client.children(&path).unwrap() {
            open.push(format!("{}/{child}", path.trim_end_matches('/')));
        }
        // Every server computes these figures for itself, without a transaction.
        let stat = (!path.ends_with("zookeeper_stats")).then_some(stat);
        found.insert(path, (data, stat, acl));
    }
    client.close().unwrap();
    found
}

fn assert_no_digest_differed(place: &Place, server: &Process) {
    let report = words::ask(place.address(), "mntr").expect("it serves");
    assert!(report.contains("zk_digest_mismatches_count\t0\n"), "{report}");
    assert!(!server.printed().contains("Digests are not matching"));
}

fn files(place: &Place, prefix: &str) -> Vec<PathBuf> {
    let listed = fs::read_dir(place.folder.join("data/version-2")).expect("it has data");
    let paths = listed.map(|entry| entry.expect("it can be listed").path());
    paths.filter(|path| path.file_name().unwrap().to_string_lossy().starts_with(prefix)).collect()
}

/// What one of Apache's tools says about a file.
fn tool(class: &str, file: &PathBuf) -> String {
    let mut command = Command::new(tools::java());
    command.arg("-cp").arg(tools::zookeeper_class_path());
    command.arg(format!("org.apache.zookeeper.server.{class}")).arg(file);
    let output = command.output().expect("java can be started");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{class} {}: {said}{complained}", file.display());
    said
}

#[test]
fn apaches_tools_and_its_server_accept_what_our_server_wrote() {
    let folder = Folder::new();
    let place = places(folder.path(), 1, 0).remove(0);
    configured(&place, "");
    let mut ours = start(&place, Vivarium);
    let mut holder = ann(&place);
    fill(&mut holder);
    wait_for("a snapshot on the way", || (files(&place, "snapshot.").len() > 1).then_some(()));
    let expected = everything(&place);
    let last = holder.request(&Op::Sync { path: None }).map(|_| holder.zxid.0).unwrap();
    // Nobody is told: what is on disk must be enough.
    ours.kill();

    let mut logged = 0;
    for log in files(&place, "log.") {
        let said = tool("persistence.TxnLogToolkit", &log);
        let head = "ZooKeeper Transactional Log File with dbid 0 txnlog format version 2";
        assert!(said.starts_with(head), "{said}");
        assert!(!said.contains("CRC ERROR"), "{said}");
        let end = said.lines().rfind(|line| line.starts_with("EOF reached after "));
        let count = end.and_then(|line| line.split(' ').nth(3)?.parse::<i64>().ok());
        logged += count.unwrap_or_else(|| panic!("no end in {said}"));
    }
    // The one that looked on opened and closed a session behind what the holder saw last.
    assert!((last..last + 3).contains(&logged), "{logged} records, up to {last}");
    for snapshot in files(&place, "snapshot.") {
        let said = tool("SnapshotFormatter", &snapshot);
        let name = snapshot.extension().unwrap().to_string_lossy().into_owned();
        assert!(said.contains("ZNode Details (count="), "{said}");
        assert!(said.contains(&format!("Last zxid: 0x{name}")), "{said}");
    }

    let mut theirs = start(&place, Apache);
    assert_eq!(everything(&place), expected, "Apache shows what we showed");
    let resumed = Client::resume(place.address(), &holder.session, holder.zxid).unwrap();
    assert_eq!(resumed.session, holder.session, "and the session goes on");
    assert!(ann(&place).create("/from-apache", b"").unwrap().is_ok());
    let expected = everything(&place);
    assert_no_digest_differed(&place, &theirs);
    theirs.terminate();

    let ours = start(&place, Vivarium);
    assert_eq!(everything(&place), expected, "we show what Apache showed");
    assert_no_digest_differed(&place, &ours);
}

/// Waits for a snapshot with this ending, stops the server, and removes every other snapshot: what
/// the next server shows comes from this one and the log.
fn stop_with_only(place: &Place, server: &mut Process, ending: &str) {
    let compressed = || {
        let mut found = files(place, "snapshot.");
        found.retain(|path| path.to_string_lossy().ends_with(ending));
        found.into_iter().max_by_key(|path| fs::metadata(path).unwrap().modified().unwrap())
    };
    let newest = wait_for(&format!("a snapshot with {ending}"), compressed);
    server.terminate();
    for other in files(place, "snapshot.").into_iter().filter(|it| *it != newest) {
        fs::remove_file(other).expect("it is there");
    }
}

#[test]
fn snapshots_compressed_by_either_are_read_by_the_other() {
    let folder = Folder::new();
    let place = places(folder.path(), 1, 0).remove(0);
    for (ours, theirs) in [("gz", "snappy"), ("snappy", "gz")] {
        configured(&place, &format!("snapshot.compression.method={ours}\n"));
        let mut server = start(&place, Vivarium);
        let mut client = ann(&place);
        for number in 0..70 {
            assert!(client.create(&format!("/{ours}-{number}"), b"x").unwrap().is_ok());
        }
        client.close().unwrap();
        let expected = everything(&place);
        stop_with_only(&place, &mut server, &format!(".{ours}"));

        // Apache writes one as it starts.
        configured(&place, &format!("snapshot.compression.method={theirs}\n"));
        let mut server = start(&place, Apache);
        assert_eq!(everything(&place), expected, "ours by {ours}");
        assert_no_digest_differed(&place, &server);
        stop_with_only(&place, &mut server, &format!(".{theirs}"));

        let mut server = start(&place, Vivarium);
        assert_eq!(everything(&place), expected, "Apache's by {theirs}");
        assert_no_digest_differed(&place, &server);
        server.terminate();
    }
}
