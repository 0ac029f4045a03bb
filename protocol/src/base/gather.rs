//! `collect` without a sort: for maps and sets whose code the page has to carry.
//!
//! The standard library fills a `BTreeMap` or `BTreeSet` from an iterator by a stable sort and a
//! bulk load, compiled anew for each type of key and value: six kilobytes of wasm each. Nothing
//! here is large enough for the sort to pay, so the entries are put in one by one.

/// An iterator that fills a collection by [`Extend`].
pub trait Gather: Iterator + Sized {
    /// The collection with every item put in, one after another; of equal keys the last one stays,
    /// as with `collect`.
    fn gather<C: Default + Extend<Self::Item>>(self) -> C {
        let mut collection = C::default();
        collection.extend(self);
        collection
    }
}

impl<I: Iterator> Gather for I {}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn gathering_is_collecting() {
        let items = [(3, 'c'), (1, 'a'), (3, 'd'), (2, 'b')];
        let gathered: BTreeMap<i32, char> = items.into_iter().gather();
        assert_eq!(gathered, items.into_iter().collect());
    }
}
