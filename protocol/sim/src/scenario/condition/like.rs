//! A kind of message that a condition or a rule of the network speaks of.

use std::fmt;

use vivarium_protocol::base::{ServerId, Zxid};
use vivarium_protocol::trace::{Frame, TraceEvent, Travel, TravelFate};

use super::text::ends_leaf;
use crate::network::Flight;
use crate::words::{Pair, WordError, Words, read_pair};
use crate::world::travel;

/// A kind of message, perhaps between certain servers, perhaps about a certain transaction.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageLike {
    /// ZooKeeper's name of the packet; `NOTIFICATION` for a vote.
    pub kind: String,
    /// The sender.
    pub from: Option<ServerId>,
    /// The receiver.
    pub to: Option<ServerId>,
    /// The transaction.
    pub zxid: Option<Zxid>,
}

impl MessageLike {
    /// Reads `PROPOSAL 3>1 1|4`, in which everything but the name may be missing; `VOTE` is
    /// another word for NOTIFICATION.
    pub(super) fn parse(words: &mut Words) -> Result<MessageLike, WordError> {
        let kind = kind(words.bare("a packet's name, as in PROPOSAL")?);
        let mut like = MessageLike { kind, from: None, to: None, zxid: None };
        while let Some(word) = words.peek().filter(|word| !ends_leaf(word)).map(str::to_owned) {
            let wanted = "2, 1>2 or 1|4";
            if let Some((from, to)) = read_pair(&word, '>') {
                (like.from, like.to) = (Some(from), Some(to));
            } else if let Ok(zxid) = word.parse() {
                like.zxid = Some(zxid);
            } else {
                let id = word.parse().map_err(|_| WordError::Unexpected { wanted, found: word })?;
                like.to = Some(ServerId(id));
            }
            let _ = words.text();
        }
        Ok(like)
    }

    /// The place of such an event in a frame.
    pub(super) fn place(&self, frame: &Frame, fate: impl Fn(&TravelFate) -> bool) -> Option<usize> {
        frame.events.iter().position(|event| match event {
            TraceEvent::Travelled(travel) => fate(&travel.fate) && self.is_like(travel),
            TraceEvent::Decided(_) => false,
        })
    }

    fn is_like(&self, travel: &Travel) -> bool {
        let kind = travel.packet.map_or("NOTIFICATION", |packet| packet.name());
        self.kind == kind
            && self.from.is_none_or(|from| from == travel.id.from)
            && self.to.is_none_or(|to| to == travel.id.to)
            && self.zxid.is_none_or(|zxid| travel.zxid == Some(zxid))
    }

    /// Whether a message on its way is such a one.
    pub(super) fn is_flight(&self, flight: &Flight) -> bool {
        self.is_like(&travel(flight, TravelFate::Arrived))
    }
}

fn kind(word: String) -> String {
    if word == "VOTE" { "NOTIFICATION".to_owned() } else { word }
}

impl fmt::Display for MessageLike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        let pair: Option<Pair> = self.from.zip(self.to);
        match (pair, self.to) {
            (Some((from, to)), _) => write!(f, " {from}>{to}")?,
            (None, Some(to)) => write!(f, " {to}")?,
            (None, None) => {}
        }
        self.zxid.map_or(Ok(()), |zxid| write!(f, " {zxid}"))
    }
}
