//! Values by one server's view of one connection: owner, other, channel.
//!
//! Invariant: iteration is in the order of the sides. It is kept in two levels, each of at most a
//! few hundred keys, because with a hundred servers one sorted vector of all sides would be long.

use vivarium_protocol::base::{ServerId, SortedMap};
use vivarium_protocol::message::Channel;

use crate::network::Side;

/// Values by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sides<T> {
    of: SortedMap<ServerId, SortedMap<(ServerId, Channel), T>>,
}

impl<T> Default for Sides<T> {
    fn default() -> Self {
        Sides { of: SortedMap::new() }
    }
}

impl<T> Sides<T> {
    /// The side's value.
    pub(crate) fn get(&self, (owner, other, channel): &Side) -> Option<&T> {
        self.of.get(owner)?.get(&(*other, *channel))
    }

    /// The side's value, to be changed.
    pub(crate) fn get_mut(&mut self, (owner, other, channel): &Side) -> Option<&mut T> {
        self.of.get_mut(owner)?.get_mut(&(*other, *channel))
    }

    /// Whether the side has a value.
    pub(crate) fn contains_key(&self, side: &Side) -> bool {
        self.get(side).is_some()
    }

    /// Gives the side this value; the value that it had before.
    pub(crate) fn insert(&mut self, (owner, other, channel): Side, value: T) -> Option<T> {
        self.of.entry(owner).or_default().insert((other, channel), value)
    }

    /// Takes the side out; the value that it had.
    pub(crate) fn remove(&mut self, (owner, other, channel): &Side) -> Option<T> {
        self.of.get_mut(owner)?.remove(&(*other, *channel))
    }

    /// Every side of this owner, in order.
    pub(crate) fn owned_by(&self, owner: ServerId) -> impl Iterator<Item = Side> {
        let sides = self.of.get(&owner).into_iter().flat_map(SortedMap::keys);
        sides.map(move |(other, channel)| (owner, *other, *channel))
    }

    /// Takes out every side of this owner.
    pub(crate) fn remove_owner(&mut self, owner: ServerId) {
        self.of.remove(&owner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_are_in_order_and_leave_with_their_owner() {
        let side = |owner, other, channel| (ServerId(owner), ServerId(other), channel);
        let mut sides = Sides::default();
        assert_eq!(sides.insert(side(2, 3, Channel::Quorum), 'a'), None);
        assert_eq!(sides.insert(side(2, 1, Channel::Election), 'b'), None);
        assert_eq!(sides.insert(side(1, 2, Channel::Election), 'c'), None);
        assert_eq!(sides.insert(side(2, 3, Channel::Quorum), 'd'), Some('a'));
        let of_two: Vec<Side> = sides.owned_by(ServerId(2)).collect();
        assert_eq!(of_two, [side(2, 1, Channel::Election), side(2, 3, Channel::Quorum)]);
        assert_eq!(sides.remove(&side(2, 1, Channel::Election)), Some('b'));
        sides.remove_owner(ServerId(2));
        assert!(!sides.contains_key(&side(2, 3, Channel::Quorum)));
        assert_eq!(sides.get(&side(1, 2, Channel::Election)), Some(&'c'));
    }
}
