//! Fuzzes the image of a tree.

#![no_main]

use vivarium_protocol::wire::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::image(bytes));
