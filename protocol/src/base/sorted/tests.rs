//! Whatever is done to a sorted map, it answers as the standard library's map does.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{SortedMap, SortedSet};

/// Something that can be done to a map.
#[derive(Clone, Debug)]
enum Act {
    Insert(u8, u16),
    Remove(u8),
    Add(u8, u16),
    KeepOdd,
    PopFirst,
    PopLast,
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Act::Insert(key, value)),
        3 => any::<u8>().prop_map(Act::Remove),
        3 => (any::<u8>(), any::<u16>()).prop_map(|(key, value)| Act::Add(key, value)),
        1 => Just(Act::KeepOdd),
        1 => Just(Act::PopFirst),
        1 => Just(Act::PopLast),
    ]
}

proptest! {
    #[test]
    fn a_map_does_what_the_standard_map_does(
        acts in proptest::collection::vec(act(), 0..200),
        edges in any::<(u8, u8)>(),
    ) {
        let (mut ours, mut theirs) = (SortedMap::new(), BTreeMap::new());
        for act in acts {
            match act {
                Act::Insert(key, value) => {
                    prop_assert_eq!(ours.insert(key, value), theirs.insert(key, value));
                }
                Act::Remove(key) => prop_assert_eq!(ours.remove(&key), theirs.remove(&key)),
                Act::Add(key, value) => {
                    let sum = ours.entry(key).or_insert(0u16);
                    *sum = sum.wrapping_add(value);
                    let sum = theirs.entry(key).or_insert(0u16);
                    *sum = sum.wrapping_add(value);
                }
                Act::KeepOdd => {
                    ours.retain(|_, value| *value % 2 == 1);
                    theirs.retain(|_, value| *value % 2 == 1);
                }
                Act::PopFirst => prop_assert_eq!(ours.pop_first(), theirs.pop_first()),
                Act::PopLast => prop_assert_eq!(ours.pop_last(), theirs.pop_last()),
            }
            prop_assert!(ours.iter().eq(theirs.iter()));
        }
        prop_assert_eq!(ours.first_key_value(), theirs.first_key_value());
        prop_assert_eq!(ours.last_key_value(), theirs.last_key_value());
        let (low, high) = (edges.0.min(edges.1), edges.0.max(edges.1));
        prop_assert!(ours.range(low..high).eq(theirs.range(low..high)));
        prop_assert!(ours.range(low..=high).eq(theirs.range(low..=high)));
        prop_assert!(ours.range(..low).rev().eq(theirs.range(..low).rev()));
        prop_assert_eq!(ours.get(&low), theirs.get(&low));
        prop_assert!(ours.split_off(&high).iter().eq(theirs.split_off(&high).iter()));
        prop_assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
        let json = serde_json::to_string(&ours).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&theirs).unwrap());
        prop_assert_eq!(serde_json::from_str::<SortedMap<u8, u16>>(&json).unwrap(), ours);
    }

    #[test]
    fn sets_meet_and_differ_as_the_standard_sets_do(
        one in proptest::collection::vec(any::<u8>(), 0..40),
        other in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        let ours: (SortedSet<u8>, SortedSet<u8>) =
            (one.iter().copied().collect(), other.iter().copied().collect());
        let theirs: (BTreeSet<u8>, BTreeSet<u8>) =
            (one.into_iter().collect(), other.into_iter().collect());
        prop_assert!(ours.0.intersection(&ours.1).eq(theirs.0.intersection(&theirs.1)));
        prop_assert!(ours.0.difference(&ours.1).eq(theirs.0.difference(&theirs.1)));
        prop_assert_eq!(ours.0.is_subset(&ours.1), theirs.0.is_subset(&theirs.1));
        prop_assert_eq!(ours.0.is_disjoint(&ours.1), theirs.0.is_disjoint(&theirs.1));
        prop_assert_eq!(ours.0.first(), theirs.0.first());
        let json = serde_json::to_string(&ours.0).unwrap();
        prop_assert_eq!(&json, &serde_json::to_string(&theirs.0).unwrap());
        prop_assert_eq!(serde_json::from_str::<SortedSet<u8>>(&json).unwrap(), ours.0);
    }
}

#[test]
fn a_range_that_is_turned_around_is_empty() {
    let map = SortedMap::from([(1, 'a'), (5, 'b')]);
    let (low, high) = (2, 4);
    assert_eq!(map.range(high..low).count(), 0);
}
