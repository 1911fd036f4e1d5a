//! The parts of an attempt, one at a time: `cargo xtask bench --micro`.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use koodrive::{
    AppCredentials,
    benching::{self, Stamps},
};
use koodrive_testing::AlbumServer;
use serde_json::{Value, json};

const FILES: u64 = 100;

/// The body of a page, as the fake server sends it.
fn body() -> Vec<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let page = runtime.block_on(async {
        let server = AlbumServer::builder().files(FILES).start().await;
        let page = server.client().list_album_content(server.album_id()).send().await.unwrap();
        json!({ "code": 0, "msg": "success", "contentList": page.contents(), "total": page.total() })
    });
    serde_json::to_vec(&page).unwrap()
}

fn decode(criterion: &mut Criterion) {
    let body = body();
    let mut group = criterion.benchmark_group("decode a page of 100 files");
    group.throughput(Throughput::Bytes(body.len() as u64));
    group.bench_function("well formed", |b| b.iter(|| benching::page(black_box(&body))));
    group.bench_function("file by file", |b| {
        b.iter(|| benching::page_file_by_file(black_box(&body)));
    });
    group.bench_function("serde_json, to a Value", |b| {
        b.iter(|| serde_json::from_slice::<Value>(black_box(&body)));
    });
    group.finish();
}

fn stamp(criterion: &mut Criterion) {
    let stamps = Stamps::new(&AppCredentials::new("an-app", "its-secret")).unwrap();
    let url = "https://example.com/koodrive/ose/v1/album/1795607640592646273/list\
               ?pageCursor=0123456789abcdef&pageSize=100&sortDirection=2&sortType=1";
    let request = reqwest::Client::new().get(url).header("X-Date", "20251027T091151Z");
    let request = request.header("X-User-Id", "1765263620687613825").build().unwrap();
    criterion.bench_function("date and trace id", |b| b.iter(|| stamps.date_and_trace_id()));
    criterion.bench_function("sign", |b| b.iter(|| stamps.authorization(black_box(&request))));
}

criterion_group!(benches, decode, stamp);
criterion_main!(benches);
