//! Slots for what comes and goes quickly: a newcomer takes the place of something like it that has
//! gone, so that what is drawn there is changed a little and not built anew.
//!
//! Invariants: what stays keeps its slot; no two share one; a slot never comes between two uses.

use vivarium_protocol::base::SortedMap;

/// Who is in which slot.
#[derive(Clone, Debug)]
pub struct Slots<I, K> {
    slots: Vec<(Option<I>, K)>,
}

impl<I, K> Default for Slots<I, K> {
    fn default() -> Slots<I, K> {
        Slots { slots: Vec::new() }
    }
}

impl<I: Copy + Ord, K: Copy + PartialEq> Slots<I, K> {
    /// Gives everyone present a slot and takes it from all others: the slot of each, in the order
    /// in which they are given. A kind says what can take whose place cheaply.
    pub fn assign(&mut self, present: &[(I, K)]) -> Vec<usize> {
        let order: SortedMap<I, usize> =
            present.iter().enumerate().map(|(index, (id, _))| (*id, index)).collect();
        let mut slots = vec![usize::MAX; present.len()];
        for (slot, (holder, _)) in self.slots.iter_mut().enumerate() {
            match holder.as_ref().and_then(|holder| order.get(holder)) {
                Some(index) => slots[*index] = slot,
                None => *holder = None,
            }
        }
        let mut free: Vec<usize> =
            (0..self.slots.len()).filter(|slot| self.slots[*slot].0.is_none()).collect();
        for (index, (id, kind)) in present.iter().enumerate() {
            if slots[index] == usize::MAX {
                slots[index] = self.settle(*id, *kind, &mut free);
            }
        }
        slots
    }

    fn settle(&mut self, id: I, kind: K, free: &mut Vec<usize>) -> usize {
        let like = free.iter().position(|slot| self.slots[*slot].1 == kind);
        let slot = match like {
            Some(like) => free.swap_remove(like),
            None => free.pop().unwrap_or(self.slots.len()),
        };
        if slot == self.slots.len() {
            self.slots.push((Some(id), kind));
        } else {
            self.slots[slot] = (Some(id), kind);
        }
        slot
    }

    /// How many slots there are, free ones among them.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Gives up every slot.
    pub fn clear(&mut self) {
        self.slots.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_stays_keeps_the_slot_and_a_newcomer_takes_one_of_its_kind() {
        let mut slots = Slots::default();
        assert_eq!(slots.assign(&[(5, 'a'), (3, 'b'), (9, 'a')]), [0, 1, 2]);
        assert_eq!(slots.assign(&[(9, 'a'), (3, 'b')]), [2, 1]);
        assert_eq!(slots.assign(&[(9, 'a'), (4, 'a')]), [2, 0], "like what was there");
        assert_eq!(slots.assign(&[(9, 'a'), (4, 'a'), (7, 'c')]), [2, 0, 1], "any other");
        assert_eq!(slots.assign(&[(8, 'a'), (9, 'a'), (4, 'a'), (7, 'c')]), [3, 2, 0, 1]);
        assert_eq!(slots.len(), 4);
    }

    #[test]
    fn a_stream_of_messages_needs_no_more_slots_than_are_under_way_at_once() {
        let mut slots = Slots::default();
        for start in 0..1_000_u32 {
            let present: Vec<_> = (start..start + 100).map(|id| (id, id % 3)).collect();
            let mut given = slots.assign(&present);
            given.sort_unstable();
            given.dedup();
            assert_eq!(given.len(), 100, "no two share one");
        }
        assert!(slots.len() <= 103, "{}", slots.len());
    }
}
