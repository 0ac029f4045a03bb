//! The native body of Vivarium: threads, sockets and files around the core.
//!
//! Everything that decides is in `vivarium-protocol`; this package feeds it inputs and carries out
//! its effects. One thread owns the core, one the disk; links and clients are tokio tasks. Threads
//! meet at bounded queues, and no lock is held over an await.

pub mod admin;
pub mod auth;
pub mod cli;
pub mod clients;
pub mod config;
pub mod core_loop;
pub mod disk;
pub mod disk_settings;
pub mod disk_thread;
pub mod findings;
pub mod links;
mod listening;
pub mod members;
pub mod purging;
pub mod replica;
pub mod snapshots;
pub mod start;
pub mod tls;
pub mod trace_file;
