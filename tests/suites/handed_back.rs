//! A data directory that we wrote, handed to Apache ZooKeeper: it reads every kind of transaction,
//! shows the tree that we have, goes on writing, and what it leaves we read again.

use bytes::Bytes;
use std::path::Path;
use vivarium_protocol::base::{SessionId, Zxid};
use vivarium_protocol::message::{
    Acl, Id, MultiElement, Op, ReplyBody, Txn, TxnBody, TxnDigest, TxnHeader,
};
use vivarium_protocol::replica::{Outbox, Replica};
use vivarium_server::disk::{Storage, StorageOptions, write_snapshot};
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{configure, places};
use vivarium_tests::process::Folder;
use vivarium_tests::{apache, wait_for, words};

/// The session that asked for everything.
const SESSION: SessionId = SessionId(0x0100_0000_0000_0042);

/// Set by every server itself when it starts.
const CONFIG: &str = "/zookeeper/config";

fn options(data: &Path) -> StorageOptions {
    StorageOptions { ensemble: false, pre_alloc_kib: 64, ..StorageOptions::new(data) }
}

fn data(text: &str) -> Option<Bytes> {
    Some(Bytes::copy_from_slice(text.as_bytes()))
}

fn create(path: &str, ephemeral: bool, parent_cversion: i32) -> TxnBody {
    TxnBody::Create {
        create2: ephemeral,
        path: path.to_owned(),
        data: data(path),
        acl: vec![Acl::open()],
        ephemeral,
        parent_cversion,
    }
}

fn set(path: &str, version: i32) -> TxnBody {
    TxnBody::SetData { reconfig: false, path: path.to_owned(), data: data("set"), version }
}

/// One of each kind that a log of Apache's defaults may hold.
fn bodies() -> Vec<TxnBody> {
    let mine = Acl { perms: 31, id: Id { scheme: "ip".to_owned(), id: "127.0.0.1".to_owned() } };
    let all = |bodies: Vec<TxnBody>| TxnBody::Multi {
        elements: bodies.into_iter().map(MultiElement).collect(),
    };
    vec![
        TxnBody::CreateSession { timeout_ms: 10_000 },
        create("/a", false, 1),
        create("/a/b", false, 1),
        TxnBody::Error { code: -110 },
        create("/e", true, 2),
        TxnBody::CreateContainer {
            path: "/c".to_owned(),
            data: None,
            acl: vec![Acl::open()],
            parent_cversion: 3,
        },
        set("/a", 1),
        TxnBody::SetAcl { path: "/a/b".to_owned(), acl: vec![mine], version: 1 },
        all(vec![
            create("/m", false, 4),
            set("/a", 2),
            TxnBody::Check { path: "/a".to_owned(), version: 3 },
            TxnBody::Delete { container: false, path: "/m".to_owned() },
        ]),
        all(vec![set("/a", 3), TxnBody::Error { code: -101 }, TxnBody::Error { code: -2 }]),
        create("/d", false, 5),
        TxnBody::Delete { container: false, path: "/d".to_owned() },
        TxnBody::Delete { container: true, path: "/c".to_owned() },
        TxnBody::CloseSession { paths: Some(vec!["/e".to_owned()]) },
        create("/\u{e4}\u{4e16}", false, 6),
    ]
}

/// Writes it all, with a snapshot on the way, and returns the replica that it makes.
fn write(directory: &Path) -> Replica {
    let (mut storage, loaded) = Storage::open(&options(directory)).unwrap();
    let mut replica = Replica::new(loaded.tree, Zxid::ZERO);
    for (cxid, body) in (0..).zip(bodies()) {
        let zxid = Zxid(replica.last_zxid().0 + 1);
        let header = TxnHeader { session: SESSION, cxid, zxid, time_ms: 1_700_000_000_000 };
        let digested = !matches!(body, TxnBody::Error { .. });
        let mut txn = Txn { header, body, digest: None };
        replica.apply_txn(&txn, None, &mut Outbox::default());
        txn.digest = digested.then(|| TxnDigest { version: 2, tree: replica.tree().digest() });
        storage.append(&txn).unwrap();
        if zxid == Zxid(6) {
            storage.roll().unwrap();
            write_snapshot(storage.snapshot_dir(), replica.tree(), zxid).unwrap();
        }
    }
    storage.sync().unwrap();
    replica
}

fn compare(client: &mut Client, replica: &Replica) {
    let tree = replica.tree();
    let mut found = Vec::new();
    let mut open = vec!["/".to_owned()];
    while let Some(path) = open.pop() {
        let (data, stat) = client.get(&path).unwrap().expect("it was listed");
        let Ok(ReplyBody::Acl { acl, .. }) =
            client.request(&Op::GetAcl { path: Some(path.clone()) }).unwrap()
        else {
            panic!("getACL {path} failed");
        };
        let znode = tree.get(&path).unwrap_or_else(|| panic!("{path} is not ours"));
        assert_eq!(acl, znode.acl.to_vec(), "list of {path}");
        if path != CONFIG {
            assert_eq!((data, stat), (znode.data.clone(), znode.visible_stat()), "{path}");
        }
        for child in client.children(&path).unwrap() {
            open.push(format!("{}/{child}", path.trim_end_matches('/')));
        }
        found.push(path);
    }
    found.sort();
    assert_eq!(found, tree.paths());
}

#[test]
fn apache_goes_on_where_we_stopped_and_we_where_it_stopped() {
    let folder = Folder::new();
    let place = places(folder.path(), 1, 0).remove(0);
    configure(&place, &[], apache::EXTRA);
    let directory = place.folder.join("data");
    let ours = write(&directory);

    let mut server = apache::start_at(&place);
    wait_for("Apache serves", || words::mode(place.address()));
    let mut client = Client::connect(place.address()).unwrap();
    // Opening this session raised Apache's zxid, but no znode's.
    compare(&mut client, &ours);
    assert!(client.create("/from-apache", b"hello").unwrap().is_ok());
    client.close().unwrap();
    let monitored = words::ask(place.address(), "mntr").unwrap();
    assert!(monitored.contains("zk_digest_mismatches_count\t0\n"), "{monitored}");
    server.terminate();

    let (storage, loaded) = Storage::open(&options(&directory)).unwrap();
    assert_eq!(loaded.warnings, Vec::<String>::new());
    let mut replica = Replica::new(loaded.tree, loaded.recovered.replica_at);
    for txn in storage.read_after(replica.last_zxid()).unwrap() {
        replica.apply_txn(&txn.unwrap(), None, &mut Outbox::default());
    }
    assert_eq!(replica.digest_mismatches(), 0);
    assert_eq!(replica.last_zxid(), Zxid(ours.last_zxid().0 + 3), "a session, a create, a close");
    assert_eq!(replica.tree().get("/from-apache").unwrap().data, data("hello"));
    let mut paths = ours.tree().paths();
    paths.push("/from-apache".to_owned());
    paths.sort();
    assert_eq!(replica.tree().paths(), paths);
}
