//! Fuzzes the first frame of a client connection.

#![no_main]

use vivarium_protocol::wire::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::connect(bytes));
