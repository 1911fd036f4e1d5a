//! App signatures.

use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::{Client, RequestBuilder, Url};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{DATE, json, server_time};
use crate::{AlbumServer, AlbumServerBuilder};

fn builder() -> AlbumServerBuilder {
    AlbumServer::builder().files(1).clock(server_time)
}

/// A list request, signed as the vendor documents it, from the URL that is sent.
fn signed(server: &AlbumServer, secret: &str, query: &str) -> RequestBuilder {
    let path = format!("/koodrive/ose/v1/album/{}/list", server.album_id());
    let host = server.uri().replace("http://", "");
    let canonical = format!(
        "GET\n{path}/\n{query}\nhost:{host}\nx-date:{DATE}\nx-user-id:{}\n\n\
         host;x-date;x-user-id\n{}",
        server.user_id(),
        hex::encode(Sha256::digest(b"")),
    );
    let to_sign = format!("HMAC-SHA256\n{}", hex::encode(Sha256::digest(canonical)));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(to_sign);
    let authorization = format!(
        "HMAC-SHA256 AppId={},SignedHeaders=host;x-date;x-user-id,Signature={}",
        server.app_id(),
        hex::encode(mac.finalize().into_bytes())
    );
    let url = Url::parse(&format!("{}{path}?{query}", server.uri())).unwrap();
    assert_eq!(url.query(), Some(query));
    let request = Client::new().get(url).header("authorization", authorization);
    request.header("x-date", DATE).header("x-user-id", server.user_id())
}

#[tokio::test]
async fn a_signed_request_needs_no_token() {
    let server = builder().app_credentials("a378331e", "0123456789abcdef").start().await;
    assert_eq!((server.app_id(), server.app_secret()), ("a378331e", "0123456789abcdef"));
    server.revoke_all();
    let query = "pageSize=100&sortDirection=2";
    let (status, page) = json(signed(&server, server.app_secret(), query)).await;
    assert_eq!((status, &page["code"]), (200, &Value::from(0)), "{page}");

    let (status, body) = json(signed(&server, "0123456789abcdee", query)).await;
    assert_eq!((status, &body["error_code"]), (401, &Value::from("APIG.0303")));
    let words = body["error_msg"].as_str().unwrap();
    assert!(words.contains("verify signature fail") && words.contains(query), "{words}");
}

#[tokio::test]
async fn a_cursor_may_hold_any_characters_and_still_be_signed() {
    let server = builder().start().await;
    // The signature is valid, so what is refused is the cursor, which this server never made.
    for cursor in [
        "%20%21%22%23%24%25%26%27%28%29%2A%2B%2C-.%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%5E_%60%7B%7C%7D~",
        "%C3%A9%E7%9B%B8%F0%9F%93%B7",
        "%00%0A%FF",
        "%253D%2B%252B",
    ] {
        let query = format!("pageCursor={cursor}&sortType=1");
        let (status, body) = json(signed(&server, server.app_secret(), &query)).await;
        assert_eq!((status, &body["code"]), (400, &Value::from(13_000_102)), "{cursor}: {body}");
    }
}

#[tokio::test]
async fn a_signature_expires_by_the_servers_clock() {
    let server = builder().clock(|| server_time() + Duration::from_secs(901)).start().await;
    let (status, body) = json(signed(&server, server.app_secret(), "pageSize=1")).await;
    assert_eq!((status, &body["error_code"]), (401, &Value::from("APIG.0303")));
    let words = body["error_msg"].as_str().unwrap();
    let times = "signature time:20251103T070140Z,server time:20251103T071641Z";
    assert!(words.ends_with(times), "{words}");
}
