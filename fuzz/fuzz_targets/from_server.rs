//! Fuzzes a server's reply or event.

#![no_main]

use vivarium_protocol::wire::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::from_server(bytes));
