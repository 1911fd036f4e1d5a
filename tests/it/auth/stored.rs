//! Sessions in a store that several clients or programs share: no refresh token is used twice.

mod store;

use std::{
    env, fs,
    path::PathBuf,
    process::Stdio,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use futures::future;
use koodrive::{Client, ErrorKind, Session, SessionStore as _, SessionTokens};
use koodrive_testing::{AlbumServer, Fault};
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Command,
    time::sleep,
};

use self::store::{SessionFile, Shelf, Trouble};
use super::{client, list, session};
use crate::support::{HOUR, chain, until};

async fn rotating() -> AlbumServer {
    AlbumServer::builder().files(1).rotating_refresh_tokens(true).start().await
}

fn stored(server: &AlbumServer, shelf: &Shelf) -> Client {
    client(server, Session::stored(shelf.clone()))
}

/// The stored access token is the newest, and no refresh token was refused.
fn assert_right(server: &AlbumServer, shelf: &Shelf, refreshes: usize) {
    let stored = shelf.inner().tokens.clone();
    assert_eq!(stored.access_token(), server.newest_access_token());
    assert_eq!(stored.refresh_token(), server.refresh_token());
    assert_eq!((server.received_refreshes(), server.issued_tokens()), (refreshes, refreshes));
    assert!(!shelf.is_locked());
}

#[tokio::test]
async fn the_store_is_first_read_when_a_request_needs_a_token() {
    let server = rotating().await;
    let shelf = Shelf::of(&server);
    let client = stored(&server, &shelf);
    assert_eq!(shelf.calls(), [""; 0]);

    for _ in 0..3 {
        assert_eq!(list(&client, &server).await.unwrap(), 1);
    }

    assert_eq!(shelf.calls(), ["lock", "load"]);
    assert_eq!(server.received_refreshes(), 0);
}

#[tokio::test]
async fn stored_tokens_that_have_expired_are_refreshed_before_the_first_request() {
    let server = rotating().await;
    let past = Some(SystemTime::now() - Duration::from_secs(1));
    let first = SessionTokens::new(server.access_token(), server.refresh_token(), past);
    let shelf = Shelf::new(first);

    assert_eq!(list(&stored(&server, &shelf), &server).await.unwrap(), 1);

    assert_eq!(shelf.calls(), ["lock", "load", "save"]);
    assert_right(&server, &shelf, 1);
    assert!(shelf.inner().tokens.expires_at() > Some(SystemTime::now()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_clients_with_one_store_never_use_a_refresh_token_twice() {
    let builder = AlbumServer::builder().files(1).rotating_refresh_tokens(true);
    let server = builder.refresh_delay(Duration::from_millis(20)).start().await;
    let shelf = Shelf::of(&server);
    let server = Arc::new(server);
    let clients: Vec<_> = (0..8).map(|_| stored(&server, &shelf)).collect();
    for round in 1..=5 {
        server.revoke_all();
        let tasks = clients.iter().flat_map(|client| [client, client]).map(|client| {
            let (client, server) = (client.clone(), Arc::clone(&server));
            tokio::spawn(async move { list(&client, &server).await })
        });

        for listed in future::join_all(tasks).await {
            assert_eq!(listed.unwrap().unwrap(), 1, "round {round}");
        }

        assert_right(&server, &shelf, round);
    }
}

#[tokio::test]
async fn new_tokens_are_saved_before_any_request_uses_them() {
    let server = Arc::new(rotating().await);
    let shelf = Shelf::of(&server);
    let (witness, used) = (Arc::clone(&server), Arc::new(Mutex::new(Vec::new())));
    let keep = Arc::clone(&used);
    shelf.inner().on_call = Some(Arc::new(move |name, _| {
        let newest = witness.newest_access_token();
        let requests = witness.received_requests();
        let is_used = requests.iter().any(|it| it.header("authorization") == Some(&newest));
        keep.lock().unwrap().extend((name == "save").then_some(is_used));
    }));
    let client = stored(&server, &shelf);
    server.revoke_all();

    assert_eq!(list(&client, &server).await.unwrap(), 1);

    assert_eq!(*used.lock().unwrap(), [false]);
    assert_right(&server, &shelf, 1);
}

#[tokio::test]
async fn a_refused_token_is_replaced_by_a_newer_one_in_the_store() {
    let server = rotating().await;
    let shelf = Shelf::of(&server);
    let (one, other) = (stored(&server, &shelf), stored(&server, &shelf));
    list(&one, &server).await.unwrap();
    list(&other, &server).await.unwrap();
    server.revoke_all();

    list(&one, &server).await.unwrap();
    list(&other, &server).await.unwrap();

    assert_right(&server, &shelf, 1);
    let calls = ["lock", "load", "lock", "load", "lock", "load", "save", "lock", "load"];
    assert_eq!(shelf.calls(), calls);
}

#[tokio::test]
async fn tokens_of_a_program_that_does_not_lock_are_found_after_the_refusal() {
    let server = Arc::new(rotating().await);
    let shelf = Shelf::of(&server);
    let client = stored(&server, &shelf);
    list(&client, &server).await.unwrap();
    server.revoke_all();
    // Refreshes the same session, and tells the store when the other client has read it.
    let newer = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&newer);
    let rude = session(&server).on_refresh(move |tokens| {
        *keep.lock().unwrap() = Some(tokens.clone());
    });
    list(&super::client(&server, rude), &server).await.unwrap();
    let loads = Mutex::new(0);
    shelf.inner().on_call = Some(Arc::new(move |name, tokens| {
        *loads.lock().unwrap() += usize::from(name == "load");
        if *loads.lock().unwrap() == 2 {
            *tokens = newer.lock().unwrap().clone().unwrap();
        }
    }));

    assert_eq!(list(&client, &server).await.unwrap(), 1);

    assert_eq!((server.received_refreshes(), server.issued_tokens()), (2, 1));
    assert_eq!(shelf.calls()[2..], ["lock", "load", "load"]);
    assert!(!shelf.is_locked());
}

#[tokio::test]
async fn a_store_that_fails_or_panics_fails_the_requests_that_need_it_and_unlocks() {
    let known = "the session's store could not";
    for (call, what) in [("lock", "be locked"), ("load", "be read")] {
        for (trouble, cause) in
            [(Trouble::Fails, "the disk is full"), (Trouble::Panics, "it panicked")]
        {
            let server = rotating().await;
            let shelf = Shelf::of(&server);
            let client = stored(&server, &shelf);
            shelf.trouble(call, trouble, 1);

            let error = list(&client, &server).await.unwrap_err();

            assert_eq!((error.kind(), error.is_retryable()), (ErrorKind::Credentials, true));
            let texts: Vec<_> = chain(&error).map(ToString::to_string).collect();
            assert!(texts.contains(&format!("{known} {what}")), "{texts:?}");
            assert!(texts.contains(&cause.to_owned()), "{texts:?}");
            assert!(!shelf.is_locked());

            sleep(error.retry_after().unwrap()).await;
            assert_eq!(list(&client, &server).await.unwrap(), 1);
            assert_right(&server, &shelf, 0);
        }
    }
}

#[tokio::test]
async fn tokens_that_could_not_be_saved_are_not_used_and_not_lost() {
    for trouble in [Trouble::Fails, Trouble::Panics] {
        let server = rotating().await;
        let shelf = Shelf::of(&server);
        let client = stored(&server, &shelf);
        server.revoke_all();
        shelf.trouble("save", trouble, 2);

        let error = list(&client, &server).await.unwrap_err();

        assert_eq!(error.kind(), ErrorKind::Credentials);
        let texts: Vec<_> = chain(&error).map(ToString::to_string).collect();
        assert!(texts.iter().any(|text| text.contains("could not be written")), "{texts:?}");
        let newest = server.newest_access_token();
        let requests = server.received_requests();
        assert!(requests.iter().all(|it| it.header("authorization") != Some(&newest)));

        let saves = || shelf.calls().iter().filter(|call| **call == "save").count();
        while saves() < 3 {
            sleep(Duration::from_millis(200)).await;
            let _ = list(&client, &server).await;
        }
        assert_eq!(list(&client, &server).await.unwrap(), 1);
        assert_right(&server, &shelf, 1);
    }
}

#[tokio::test]
async fn while_a_token_is_valid_a_failing_store_is_not_noticed() {
    let server = rotating().await;
    let soon = Some(SystemTime::now() + Duration::from_secs(200));
    let first = SessionTokens::new(server.access_token(), server.refresh_token(), soon);
    let shelf = Shelf::new(first);
    let client = stored(&server, &shelf);
    shelf.trouble("save", Trouble::Fails, usize::MAX);

    for _ in 0..5 {
        assert_eq!(list(&client, &server).await.unwrap(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_dropped_during_a_refresh_saves_the_new_tokens() {
    let builder = AlbumServer::builder().files(1).rotating_refresh_tokens(true);
    let server = builder.refresh_delay(Duration::from_millis(100)).start().await;
    let shelf = Shelf::of(&server);
    server.revoke_all();
    {
        let client = stored(&server, &shelf);
        tokio::select! {
            _ = list(&client, &server) => {}
            () = until(|| server.received_refreshes() > 0) => {}
        }
    }

    until(|| shelf.calls().contains(&"save") && !shelf.is_locked()).await;

    assert_right(&server, &shelf, 1);
}

#[tokio::test]
async fn a_refresh_that_fails_unlocks_the_store() {
    let fault = Fault::status(500);
    let builder = AlbumServer::builder().files(1).refresh_fault(0, fault);
    let server = builder.rotating_refresh_tokens(true).start().await;
    let shelf = Shelf::of(&server);
    let (one, other) = (stored(&server, &shelf), stored(&server, &shelf));
    server.revoke_all();

    assert_eq!(list(&one, &server).await.unwrap_err().kind(), ErrorKind::Credentials);
    assert_eq!(list(&other, &server).await.unwrap(), 1);

    assert_eq!((server.received_refreshes(), server.issued_tokens()), (2, 1));
    assert!(!shelf.is_locked());
}

#[tokio::test]
async fn a_logout_ends_the_newest_tokens_of_the_store() {
    let server = rotating().await;
    let shelf = Shelf::of(&server);
    let (one, other) = (stored(&server, &shelf), Session::stored(shelf.clone()));
    server.revoke_all();
    list(&one, &server).await.unwrap();

    other.logout(&server.uri(), server.user_id()).await.unwrap();

    assert_eq!((server.received_logouts(), server.received_refreshes()), (1, 1));
    let error = list(&one, &server).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Credentials, "{error}");
}

const HELD: &str = "KOODRIVE_TEST_HELD_SESSION";

#[tokio::test]
async fn a_program_that_is_killed_gives_the_lock_back() {
    let server = rotating().await;
    let file = env::temp_dir().join(format!("koodrive-held-{}.json", std::process::id()));
    let store = SessionFile(file.clone());
    let first = SessionTokens::new(server.access_token(), server.refresh_token(), None);
    store.save(&mut store.try_lock().unwrap().unwrap(), &first).unwrap();
    let mut holder = Command::new(env::current_exe().unwrap())
        .args(["a_program_that_holds_the_lock", "--ignored", "--nocapture"])
        .env(HELD, &file)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(holder.stdout.take().unwrap()).lines();
    while !lines.next_line().await.unwrap().unwrap().contains("locked") {}
    assert!(store.try_lock().unwrap().is_none());
    server.revoke_all();
    let client = client(&server, Session::stored(store));

    let (listed, ()) = tokio::join!(list(&client, &server), async {
        sleep(Duration::from_millis(200)).await;
        assert_eq!(server.received_requests().len(), 0);
        holder.kill().await.unwrap();
    });

    assert_eq!((listed.unwrap(), server.received_refreshes()), (1, 1));
    let saved: SessionTokens = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(saved.refresh_token(), server.refresh_token());
    fs::remove_file(file.with_extension("lock")).unwrap();
    fs::remove_file(file).unwrap();
}

#[test]
#[ignore = "run by another test in a separate process"]
fn a_program_that_holds_the_lock() {
    let Ok(file) = env::var(HELD) else { return };
    let _lock = SessionFile(PathBuf::from(file)).try_lock().unwrap().unwrap();
    println!("\nlocked");
    std::thread::sleep(HOUR);
}
