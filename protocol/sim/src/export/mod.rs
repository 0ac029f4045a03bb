//! A run in the formats of other tools: a trace as JSON, a Mermaid sequence diagram, a ShiViz log.
//!
//! Invariants:
//! 1. Everything is taken from the frames that were recorded; nothing is simulated again.
//! 2. The same run gives the same bytes, natively and in the page.
//!
//! Where the text goes is left to others: the page saves it as a file, `vivarium replay` writes it.

mod mermaid;
mod shiviz;
mod trace;

pub use mermaid::mermaid;
pub use shiviz::{SHIVIZ_PATTERN, shiviz};
pub use trace::{TRACE_FORMAT, TRACE_VERSION, frames, trace};

use crate::world::World;
use vivarium_protocol::message::PacketKind;
use vivarium_protocol::trace::{Cause, Frame, Travel};

/// Whether a message is more than a sign of life.
#[must_use]
pub fn is_no_ping(travel: &Travel) -> bool {
    travel.packet != Some(PacketKind::Ping)
}

/// What a server did in a step, without its number in front; `None` if nothing matters to a reader.
fn told(frame: &Frame, world: &World) -> Option<String> {
    if frame.cause == Cause::Crashed {
        return Some("crashed".to_owned());
    }
    let line = crate::scenario::narrate::frame(frame, world)?;
    line.split_once(": ").map(|(_, rest)| rest.to_owned())
}
