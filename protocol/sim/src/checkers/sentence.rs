//! What a checker saw, as a value: which sentence it is, and what stands in it. English is written
//! here; whoever speaks another language has words of their own for each (the page does).

use std::fmt;

/// Declares the sentences with their English words.
macro_rules! sentences {
    ($($name:ident $english:literal,)*) => {
        /// Which sentence; `{0}`, `{1}` … stand for its values.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Sentence {
            $(#[doc = $english] $name,)*
        }

        impl Sentence {
            /// All of them.
            pub const ALL: &[Sentence] = &[$(Sentence::$name,)*];

            /// The English words.
            #[must_use]
            pub fn english(self) -> &'static str {
                match self {
                    $(Sentence::$name => $english,)*
                }
            }
        }
    };
}

sentences! {
    DeliveredElsewhere "{0} delivered {1} {2} where {3} {4} was decided",
    DeliveredAs "{0} delivered {1} as {2}, others as {3}",
    TreeDiffers "the tree of {0} differs from others' after {1}",
    SnapshotDiffers "the snapshot of {0} at {1} is not the tree of that moment",
    NeverDecided "{0} stands at {1}, which was never decided",
    DurableNowhere "{0} is decided, but durable only at nobody",
    DurableOnlyAt "{0} is decided, but durable only at {1}",
    LeadsWithout "{0} begins to lead without {1}",
    AnsweredUndecided "{0} answered a write at {1}, which is not decided",
    ProposedInEpochOf "{0} proposed {1} in the epoch of {2}",
    ProposedAfter "{0} proposed {1} after {2}",
    DeliveredOtherwise "{0} delivered {1} otherwise than it was proposed",
    NobodyProposed "{0} delivered {1}, which nobody proposed",
    DeliveredAfter "{0} delivered {1} after {2}",
    FirstOfEpoch "{0} delivered {1} as the first of its epoch",
    SpokeTooEarly "{0} spoke in epoch {1} knowing {2} decisions, before {3} was",
    DeliveredAndNot "{0} delivered {1} and not {2}",
    AcknowledgedEpochEarly "{0} acknowledges NEWLEADER of epoch {1} before it is on disk",
    AcknowledgedEarly "{0} acknowledges {1} before it is on its disk",
    PromisedEarly "{0} promises epoch {1} before it is on its disk",
    PromiseForgotten "{0} promised epoch {1} and starts with acceptedEpoch {2}",
    EpochWentBack "{0} of {1} goes back from {2} to {3}",
    NotificationChanged "a notification came back as another",
    PacketChanged "{0} came back as another",
    AnsweredOutOfOrder "{0} is answered after a later request of the same client",
    OwnWriteUnseen "{0} is answered as of {1}, before the client's own write {2}",
    WentBack "{0} is answered as of {1}, after the session has seen {2}",
    StaleAfterSync "{0} is answered as of {1} after a sync that owes it {2}",
    AcknowledgedUndecided "{0} is acknowledged at {1}, where it was not decided",
    TakesPlaceBefore "{0} takes place at {1}, yet {2} was answered before",
    DoesNotExist "{0} at {1}: {2} does not exist",
    Exists "{0} at {1}: {2} exists",
    HasThatVersion "{0} at {1}: {2} has that version",
    HasNoChildren "{0} at {1}: {2} has no children",
    HadNotVersion "{0} at {1}: {2} did not have version {3}",
    NotAsAnswered "{0} at {1}: {2} is not as the answer says",
    ShowsWhatWasNot "{0} as of {1} shows what {2} was not at that point",
    ShownBeforeEvent "{0} shows {1} before the event that its watch owes",
    WatchesWithoutEvent "c{0} watches {1} again without the event of {2}",
    SessionWentBack "c{0} continues its session as of {1}, after {2}",
    EventWithoutWatch "c{0} hears of {1} without a watch on it",
    EphemeralAfterEnd "{0} makes the ephemeral {1} after its session ended",
    CreatedTwice "{0} creates {1}, which is there already",
    ChangedMissing "{0} changes {1}, which is not there",
    WrongVersion "{0} gives {1} version {2} instead of {3}",
    DeletedMissing "{0} deletes {1}, which is gone already",
    EphemeralStays "session {0} ends at {1}, and its ephemeral {2} stays",
    TakesForeign "session {0} ends at {1} and takes {2}, which is not its own",
}

/// A sentence with its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Which sentence.
    pub sentence: Sentence,
    /// What stands in it, in the order of the English words: ids, zxids, requests, paths.
    pub values: Vec<String>,
}

impl Said {
    /// The words of some language with the values in them.
    #[must_use]
    pub fn within(&self, words: &str) -> String {
        let mut text = String::new();
        let mut pieces = words.split('{');
        text.push_str(pieces.next().unwrap_or_default());
        for piece in pieces {
            let (number, rest) = piece.split_once('}').unwrap_or(("", piece));
            let value = number.parse().ok().and_then(|number: usize| self.values.get(number));
            text.push_str(value.map_or("", String::as_str));
            text.push_str(rest);
        }
        text
    }
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.within(self.sentence.english()))
    }
}

impl Sentence {
    /// With its values.
    pub(crate) fn of(self, values: &[&dyn fmt::Display]) -> Said {
        let mut said = Said { sentence: self, values: Vec::new() };
        for value in values {
            said.values.push(value.to_string());
        }
        said
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_where_the_words_want_them_in_any_order() {
        let said = Sentence::DeliveredAfter.of(&[&3, &"1|7", &"1|9"]);
        assert_eq!(said.to_string(), "3 delivered 1|7 after 1|9");
        assert_eq!(said.within("{2} < {1} ({0})"), "1|9 < 1|7 (3)");
    }
}
