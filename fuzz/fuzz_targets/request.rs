//! Fuzzes a client's request.

#![no_main]

use vivarium_protocol::wire::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::request(bytes));
