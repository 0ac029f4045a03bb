//! Maps and sets of few things, in order of their keys: a vector kept sorted.
//!
//! The standard `BTreeMap` compiles its nodes, splits, merges and steals anew for every pair of key
//! and value: some eight kilobytes of wasm each, a fifth of the page's code, for maps of at most a
//! few hundred servers. Here an entry is found by halving and put in by moving what follows: less
//! code, fewer allocations and, at these sizes, faster.
//!
//! Invariants:
//! 1. Keys ascend strictly, so iteration is ordered: the same everywhere, as the core demands.
//! 2. The names and meanings are those of `BTreeMap` and `BTreeSet`, and so is the serialised form.
//! 3. Putting in or taking out costs up to the length of the map. What grows with the clients or
//!    the data (znodes, sessions, watches) is a [`LargeMap`] or [`LargeSet`]: a standard tree in a
//!    server, and a sorted vector in a page, where few clients write little and code is downloaded.

mod map;
mod set;

pub use map::{Entry, SortedMap};
pub use set::SortedSet;

/// A map of what grows with the clients or the data.
#[cfg(not(target_arch = "wasm32"))]
pub type LargeMap<K, V> = std::collections::BTreeMap<K, V>;
/// A set of what grows with the clients or the data.
#[cfg(not(target_arch = "wasm32"))]
pub type LargeSet<T> = std::collections::BTreeSet<T>;

/// A map of what grows with the clients or the data.
#[cfg(target_arch = "wasm32")]
pub type LargeMap<K, V> = SortedMap<K, V>;
/// A set of what grows with the clients or the data.
#[cfg(target_arch = "wasm32")]
pub type LargeSet<T> = SortedSet<T>;

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests;
