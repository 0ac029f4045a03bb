//! What is under way on each link.
//!
//! Invariant: a message is on the link of its two ends from its sending until it arrives or is
//! lost, held or not; nearest to its end first.

use vivarium_protocol::base::{Arrange, ServerId, SortedMap};
use vivarium_protocol::trace::MessageId;

use super::flight::{self, Filters};
use super::scene::{FlightView, Scene};

/// From whom, to whom.
pub type Pair = (ServerId, ServerId);

/// The messages under way on one link, the next to arrive first.
#[must_use]
pub fn on_link(scene: &Scene, (from, to): Pair) -> Vec<(MessageId, &FlightView)> {
    let here = scene.flights.of_sender(from).filter(|(id, _)| id.to == to);
    let mut all: Vec<_> = here.filter(|(_, it)| flies(it)).map(|(id, it)| (*id, it)).collect();
    all.arrange(|(id, flight)| (flight.arrives, flight.sent, *id));
    all
}

/// The links with something of these under way, by sender and receiver, and how much it is.
#[must_use]
pub fn busy<'a>(
    flights: impl IntoIterator<Item = (&'a MessageId, &'a FlightView)>,
    filters: Filters,
) -> Vec<(Pair, usize)> {
    let drawn = flights.into_iter().filter(|(_, it)| flies(it));
    let drawn = drawn.filter(|(_, it)| filters.show(flight::family(&it.travel)));
    let mut busy: SortedMap<Pair, usize> = SortedMap::new();
    for (id, _) in drawn {
        *busy.entry((id.from, id.to)).or_default() += 1;
    }
    busy.into_iter().collect()
}

fn flies(flight: &FlightView) -> bool {
    flight.arrived.is_none() && flight.lost.is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::Playback;
    use vivarium_sim::Setup;

    #[test]
    fn a_link_has_what_is_under_way_on_it_and_the_next_to_arrive_comes_first() {
        let mut playback = Playback::new(Setup { participants: 5, ..Setup::default() });
        let mut trains = 0;
        for _ in 0..600 {
            playback.step_forward();
            let scene = playback.scene();
            let busy = busy(scene.flights.iter(), Filters { pings: true, ..Filters::default() });
            let all = scene.flights.values().filter(|it| flies(it)).count();
            assert_eq!(busy.iter().map(|(_, count)| count).sum::<usize>(), all);
            for (pair, count) in busy {
                let messages = on_link(scene, pair);
                assert_eq!(messages.len(), count);
                let arrives = messages.iter().map(|(_, it)| it.arrives);
                assert!(arrives.clone().zip(arrives.skip(1)).all(|(a, b)| a <= b));
                trains += usize::from(count > 1);
            }
        }
        assert!(trains > 10, "a synchronisation sends several at once: {trains}");
    }
}
