//! Fuzzes the handshake of an election connection.

#![no_main]

use vivarium_protocol::wire::fuzzing;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| fuzzing::handshake(bytes));
