//! The vocabulary that everything else is written in: identities, zxids, time, the ensemble, the
//! configuration, the generator.
//!
//! Nothing here decides; it names, orders and bounds.

pub mod config;
pub mod ensemble;
pub mod gather;
pub mod ids;
pub mod member;
pub mod rng;
pub mod sorted;
pub mod standing;
pub mod time;
pub mod variants;
pub mod zxid;

pub use config::{AclRules, Config, ZnodeRules};
pub use ensemble::{AckSet, Ensemble, QuorumVerifier};
pub use gather::{Arrange, Gather};
pub use ids::{ConnectionId, DiskSeq, ServerId, SessionId};
pub use member::{Address, Learner, Member};
pub use rng::Rng;
pub use sorted::{LargeMap, LargeSet, SortedMap, SortedSet};
pub use standing::{GroupStanding, Standing};
pub use time::{Now, Time};
pub use variants::{Exhibit, Variants};
pub use zxid::{Epoch, Zxid};
