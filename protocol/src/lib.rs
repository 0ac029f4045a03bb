//! FastLeaderElection and Zab as a value.
//!
//! The core of Vivarium is one type, `Server`: a state machine without I/O, clock, threads or
//! unordered iteration. A driver (the simulator or the native server) runs it like this:
//!
//! 1. Call `handle` any number of times with one [`Effects`]; more calls before draining mean
//!    bigger batches, never other results.
//! 2. Drain the lanes in the order of the fields, each in its own order, before waiting.
//! 3. Report `Durable` and `Applied` as they become true. Both are cumulative.
//! 4. For each peer and channel: `LinkUp`, then what was received in order, then `LinkDown`, then
//!    perhaps `LinkUp` again. Never two at once.
//! 5. Call with `Deadline` when `next_deadline` has passed. Time never goes back.
//! 6. On `halt`, stop this peer as a crash would.

pub mod base;
pub mod effects;
pub mod election;
pub mod input;
pub mod message;
pub mod replica;
pub mod server;
pub mod service;
pub mod trace;
pub mod wire;
pub mod zab;
pub mod zoo_cfg;

pub use effects::Effects;
pub use input::Input;
pub use server::Server;
pub use zab::{History, Recovered};
