//! The crate `zookeeper-client`, unmodified, through a follower of three servers, one of which
//! dies.

use std::time::Duration;
use tokio::runtime::Runtime;
use vivarium_tests::ensemble::Ensemble;
use vivarium_tests::guest::Victim;
use vivarium_tests::{PATIENCE, words};
use zookeeper_client::{
    Acls, AddWatchMode, Client, CreateMode, CreateOptions, Error, EventType, LockOptions,
    LockPrefix, MultiReadResult, MultiWriteError,
};

/// A node of this kind with an open list.
fn kind(mode: CreateMode) -> CreateOptions<'static> {
    mode.with_acls(Acls::anyone_all())
}

/// The library begins with any server of the list: it is asked again until that is the follower.
async fn through(ensemble: &Ensemble, follower: usize) -> Client {
    let servers: Vec<String> =
        ensemble.places().iter().map(|place| place.connect_string()).collect();
    let address = ensemble.place(follower).address();
    for _ in 0..100 {
        let connector = Client::connector().with_session_timeout(Duration::from_secs(10));
        let client = connector.connect(&servers.join(",")).await.expect("an ensemble serves");
        let session = format!("sid=0x{:x}", client.session_id().0);
        if words::ask(address, "cons").is_some_and(|report| report.contains(&session)) {
            return client;
        }
    }
    panic!("a hundred connections, and none to server {follower}")
}

/// Znodes of every kind, versions, watches of every mode, multi and multiRead.
async fn works(client: &Client) {
    let (stat, _) = client.create("/rust", b"one", &kind(CreateMode::Persistent)).await.unwrap();
    assert_eq!(client.get_data("/rust").await.unwrap(), (b"one".to_vec(), stat));
    let (_, _, data_watcher) = client.get_and_watch_data("/rust").await.unwrap();
    let mut all = client.watch("/rust", AddWatchMode::PersistentRecursive).await.unwrap();

    let changed = client.set_data("/rust", b"two", Some(0)).await.unwrap();
    assert_eq!((changed.version, changed.czxid), (1, stat.czxid));
    let stale = client.set_data("/rust", b"three", Some(0)).await;
    assert_eq!(stale.unwrap_err(), Error::BadVersion);
    assert_eq!(data_watcher.changed().await.event_type, EventType::NodeDataChanged);
    assert_eq!(all.changed().await.event_type, EventType::NodeDataChanged);

    let numbered = kind(CreateMode::EphemeralSequential);
    for expected in 0..3 {
        let (stat, number) = client.create("/rust/n-", b"", &numbered).await.unwrap();
        assert_eq!((number.into_i64(), stat.ephemeral_owner), (expected, client.session_id().0));
        let event = all.changed().await;
        assert_eq!(event.event_type, EventType::NodeCreated);
        assert_eq!(event.path, format!("/rust/n-{expected:010}"));
    }
    drop(all);
    client.create("/box", b"", &kind(CreateMode::Container)).await.unwrap();
    let mut mine = client.list_ephemerals("/rust").await.unwrap();
    mine.sort();
    assert_eq!(mine.len(), 3, "{mine:?}");
    assert_eq!(client.count_descendants_number("/rust").await.unwrap(), 3);

    let mut writer = client.new_multi_writer();
    writer.add_check_version("/rust", 1).unwrap();
    writer.add_create("/rust/multi", b"", &kind(CreateMode::Persistent)).unwrap();
    writer.add_set_data("/rust", b"four", Some(1)).unwrap();
    assert_eq!(writer.commit().await.unwrap().len(), 3);
    let mut writer = client.new_multi_writer();
    writer.add_delete("/rust/multi", None).unwrap();
    writer.add_create("/rust", b"", &kind(CreateMode::Persistent)).unwrap();
    let failed = writer.commit().await.unwrap_err();
    assert_eq!(failed, MultiWriteError::OperationFailed { index: 1, source: Error::NodeExists });
    assert!(client.check_stat("/rust/multi").await.unwrap().is_some(), "all or nothing");

    let mut reader = client.new_multi_reader();
    reader.add_get_data("/rust").unwrap();
    reader.add_get_children("/rust").unwrap();
    reader.add_get_data("/nowhere").unwrap();
    let read = reader.commit().await.unwrap();
    assert!(matches!(&read[0], MultiReadResult::Data { data, .. } if data == b"four"));
    assert!(matches!(&read[1], MultiReadResult::Children { children } if children.len() == 4));
    assert!(matches!(&read[2], MultiReadResult::Error { err: Error::NoNode }));
}

/// Asks again while the connection is being replaced, which the library leaves to its user.
async fn patiently<T, F: Future<Output = Result<T, Error>>>(mut ask: impl FnMut() -> F) -> T {
    let asking = async {
        loop {
            match ask().await {
                Ok(answer) => return answer,
                Err(Error::ConnectionLoss) => tokio::task::yield_now().await,
                Err(error) => panic!("{error}"),
            }
        }
    };
    tokio::time::timeout(PATIENCE, asking).await.expect("another server answers in time")
}

async fn outlives(victim: Victim) {
    let mut ensemble = Ensemble::start(3, 0);
    let (follower, leader) = (ensemble.follower(), ensemble.leader());
    let client = through(&ensemble, follower).await;
    works(&client).await;
    let session = client.session_id();
    let (_, deleted) = client.check_and_watch_stat("/rust/multi").await.unwrap();
    let options = LockOptions::new(Acls::anyone_all())
        .with_ancestor_options(kind(CreateMode::Persistent))
        .unwrap();
    let prefix = LockPrefix::new_curator("/locks", "lock-").unwrap();
    let lock = client.lock(prefix, b"", options).await.unwrap();

    ensemble.kill(if victim == Victim::Its { follower } else { leader });
    patiently(|| client.sync("/")).await;
    assert_eq!(client.session_id(), session, "the session went on at another server");
    let held = patiently(|| client.check_stat(lock.lock_path())).await;
    assert_eq!(held.expect("the lock is still held").ephemeral_owner, session.0);
    patiently(|| client.delete("/rust/multi", None)).await;
    let event = tokio::time::timeout(PATIENCE, deleted.changed()).await;
    assert_eq!(event.expect("the watch was set again").event_type, EventType::NodeDeleted);
    drop(lock);

    let survivor = ensemble.alive().next().expect("two are left").connect_string();
    drop(client);
    let other = Client::connect(&survivor).await.unwrap();
    let gone = async {
        while other.check_stat("/rust/n-0000000000").await.unwrap().is_some() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, gone).await.expect("ephemerals go with the session");
    assert_eq!(other.get_data("/rust").await.unwrap().0, b"four");
}

#[test]
fn the_rust_client_works_through_a_follower_and_its_session_outlives_that_server() {
    Runtime::new().expect("a runtime can be made").block_on(outlives(Victim::Its));
}

#[test]
fn the_rust_client_works_through_a_follower_and_its_session_outlives_the_leader() {
    Runtime::new().expect("a runtime can be made").block_on(outlives(Victim::Leader));
}
