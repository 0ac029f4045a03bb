//! Chaos: real servers, real clients, faults of many kinds, and a checker that reads everybody's
//! logs afterwards.
//!
//! A run starts servers in network namespaces of its own, lets clients work, does and undoes faults
//! as a seed says, repairs everything, lets the servers agree, reads everything back from each of
//! them, stops them, and judges: the logs of all servers agree, and what every client was told
//! follows from what was decided. The same harness and the same rules take Apache's servers.
//!
//! Invariants:
//! 1. Nothing outside of the run's namespaces and its folder is touched.
//! 2. What a run does follows from its seed; when things happen depends on the machine.
//! 3. The checker knows only logs and answers: it shares no code with what it judges but the
//!    formats.

pub mod cluster;
pub mod faults;
pub mod guests;
pub mod logs;
pub mod network;
pub mod record;
pub mod report;
pub mod run;
pub mod session;
#[cfg(test)]
mod tests;
pub mod verdict;
pub mod workload;

pub use cluster::Maker;
pub use report::Report;
pub use run::{Options, run};
