//! A virtual world around N servers: network, disks, clients, faults, virtual time.
//!
//! The same `Server`, `Replica` and `Pipeline` as in the native server, driven by an agenda instead
//! of sockets and threads. A run is a [`Setup`] and a list of [`Command`]s: the same text always
//! gives the same frames, natively and as wasm.
//!
//! ```
//! use vivarium_sim::{Setup, Timeline};
//! let mut timeline = Timeline::new(Setup::default());
//! while timeline.position() < 10 && timeline.step_forward() {}
//! timeline.seek(0);
//! assert_eq!(timeline.position(), 0);
//! ```

mod agenda;
mod balancer;
mod check;
pub mod checkers;
pub mod client;
mod client_watches;
mod clients;
pub mod command;
mod command_text;
pub mod cost;
pub mod disk;
mod driver;
pub mod elections;
pub mod export;
mod fault_text;
mod faults;
pub mod hash;
mod links;
mod messages;
pub mod network;
pub mod observe;
pub mod peer;
pub mod preload;
pub mod rules;
pub mod run;
pub mod scenario;
pub mod search;
pub mod setup;
mod sides;
pub mod swarm;
pub mod tail;
pub mod tally;
pub mod timeline;
pub mod words;
pub mod world;

pub use checkers::{Promise, Violation};
pub use client::{ClientState, Told, VirtualClient};
pub use client_watches::ClientWatches;
pub use command::{ClientAct, ClientOp, Command, CommandError, LinkChange, MessageAct};
pub use disk::Disk;
pub use network::{Faults, Flight, LinkFault};
pub use peer::Peer;
pub use preload::Preload;
pub use rules::{RuleAct, Traffic};
pub use run::{LinkError, Run};
pub use scenario::{Act, Cast, Condition, Facts, Outcome, Player, Story, Watch};
pub use search::{Progress, Search};
pub use setup::Setup;
pub use tail::{Cuts, Tail};
pub use tally::Tally;
pub use timeline::Timeline;
pub use world::World;
