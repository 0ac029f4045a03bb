//! Measures the playground in headless Chromium and prints what it found as one JSON object.
//!
//! `cargo xtask bench web` builds the page and the programs, runs this, and writes the figures
//! into BENCHMARKS.md. Nothing here passes or fails: a figure depends on the machine.

mod measure;
mod runs;

use serde_json::json;
use vivarium_tests::browser::visit;

fn main() {
    let seconds: u64 = std::env::args()
        .nth(1)
        .and_then(|seconds| seconds.parse().ok())
        .expect("bench_page SECONDS: how long the heap is watched");
    visit(async move {
        let busy = runs::busy();
        let long = runs::long(20_000);
        let load = measure::load(5).await;
        let frames = measure::frames(&busy.link, &["0.1×", "0.5×"]).await;
        let many = measure::frames(&runs::many(101), &["1/50×"]).await;
        let engine = measure::engine(&long).await;
        let seek = measure::seek(&long).await;
        let heap = measure::heap(seconds).await;
        let report = json!({
            "load": load,
            "nine": { "in_flight": busy.in_flight, "seconds": busy.seconds, "frames": frames },
            "many": many,
            "engine": engine,
            "seek": seek,
            "heap": heap,
            "long": long,
        });
        println!("{report}");
    });
}
