//! A data directory that Apache ZooKeeper left, opened and served as if nothing had happened.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use vivarium_protocol::message::{Acl, Op, ReplyBody, Stat};
use vivarium_tests::client::Client;
use vivarium_tests::ensemble::{configure, places, start_at};
use vivarium_tests::process::Folder;
use vivarium_tests::{fixture, wait_for, words};

/// The znode that says who the members are.
const CONFIG: &str = "/zookeeper/config";

#[test]
fn a_directory_of_apache_shows_a_client_exactly_what_apache_showed() {
    let folder = Folder::new();
    let place = places(folder.path(), 1, 0).remove(0);
    configure(&place, &[], "");
    let recorded = fixture("apache-3.9.5/datadir/participant");
    copy(&recorded.join("version-2"), &place.folder.join("data/version-2"));
    let _server = start_at(&place);
    wait_for("it serves", || words::mode(place.address()));

    let text = fs::read_to_string(recorded.join("tree.json")).expect("the fixture is there");
    let expected: BTreeMap<String, Value> = serde_json::from_str(&text).expect("it is JSON");
    let mut client = Client::connect(place.address()).unwrap();
    let auth = Op::Auth { scheme: Some("digest".to_owned()), auth: Some("ann:pw".into()) };
    assert!(client.request(&auth).unwrap().is_ok());

    let mut found = BTreeMap::new();
    let mut open = vec!["/".to_owned()];
    while let Some(path) = open.pop() {
        let (data, stat) = client.get(&path).unwrap().expect("it was listed");
        let acl = match client.request(&Op::GetAcl { path: Some(path.clone()) }).unwrap() {
            Ok(ReplyBody::Acl { acl, .. }) => acl,
            other => panic!("getACL {path} was answered with {other:?}"),
        };
        for child in client.children(&path).unwrap() {
            let child = if path == "/" { format!("/{child}") } else { format!("{path}/{child}") };
            open.push(child);
        }
        found.insert(path, as_json(data.as_deref(), &acl, &stat));
    }
    let paths = |tree: &BTreeMap<String, Value>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(paths(&found), paths(&expected), "the same znodes");
    for (path, node) in expected.iter().filter(|(path, _)| *path != CONFIG) {
        assert_eq!(&found[path], node, "{path}");
    }
    // Every Apache server of an ensemble writes its own member list over this one as it starts, in
    // memory only; its list then had an observer more than the one in the snapshot.
    assert_eq!(found[CONFIG]["acl"], expected[CONFIG]["acl"]);
    assert_eq!(found[CONFIG]["stat"]["version"], expected[CONFIG]["stat"]["version"]);
}

fn as_json(data: Option<&[u8]>, acl: &[Acl], stat: &Stat) -> Value {
    let data = data.map(|data| data.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    let acl: Vec<Value> =
        acl.iter().map(|it| serde_json::json!([it.perms, it.id.scheme, it.id.id])).collect();
    serde_json::json!({
        "data": data,
        "acl": acl,
        "stat": {
            "czxid": stat.czxid.0,
            "mzxid": stat.mzxid.0,
            "ctime": stat.ctime_ms,
            "mtime": stat.mtime_ms,
            "version": stat.version,
            "cversion": stat.cversion,
            "aversion": stat.aversion,
            "ephemeralOwner": stat.ephemeral_owner,
            "dataLength": stat.data_length,
            "numChildren": stat.num_children,
            "pzxid": stat.pzxid.0,
        }
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in fs::read_dir(from).expect("the fixture is there") {
        let entry = entry.expect("the fixture can be listed");
        fs::copy(entry.path(), to.join(entry.file_name())).expect("a file can be copied");
    }
}
