//! `collect` and `sort` in little code: for maps and sets whose code the page has to carry.
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

/// Sorting of few things, for the same reason: the standard library's stable sort is four
/// kilobytes of wasm for each type of item, and no list of servers is long enough to need it.
pub trait Arrange<T> {
    /// Puts the items in the order of their keys; those with equal keys keep their order.
    fn arrange<K: Ord>(&mut self, key: impl Fn(&T) -> K);
}

impl<T> Arrange<T> for [T] {
    fn arrange<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        for end in 1..self.len() {
            let mut at = end;
            while at > 0 && key(&self[at]) < key(&self[at - 1]) {
                self.swap(at, at - 1);
                at -= 1;
            }
        }
    }
}

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

    #[test]
    fn arranging_is_a_stable_sort() {
        let mut arranged = [(3, 'a'), (1, 'b'), (3, 'c'), (2, 'd'), (1, 'e'), (0, 'f')];
        let mut sorted = arranged;
        arranged.arrange(|(key, _)| *key);
        sorted.sort_by_key(|(key, _)| *key);
        assert_eq!(arranged, sorted);
    }
}
