//! Messages that a visitor chose: held, released, lost with their connection, or treated as no TCP
//! connection could.
//!
//! A held message stops where it would arrive, and whatever comes behind it in its direction of its
//! connection waits for it, a close included. Invariant: `waiting` has a list for each such
//! direction, whose first entry is a message that is held.

use crate::agenda::Event;
use crate::command::{CommandError, MessageAct};
use crate::network::Flight;
use crate::world::World;
use vivarium_protocol::base::{ServerId, SortedMap, Time};
use vivarium_protocol::trace::MessageId;

/// One direction of one connection: the connection, and who sends.
pub(crate) type LaneId = (u64, ServerId);
/// What waits, in order, each with the step that put it on the agenda.
pub(crate) type Waiting = SortedMap<LaneId, Vec<(Event, Option<u64>)>>;

impl World {
    /// Gives the event back unless it must wait.
    pub(crate) fn not_held(&mut self, event: Event, by: Option<u64>) -> Option<Event> {
        if self.faults.held.is_empty() {
            return Some(event);
        }
        let (lane, held) = match &event {
            Event::Arrive { flight, .. } if self.overtaking == Some(flight.id) => {
                self.overtaking = None;
                return Some(event);
            }
            Event::Arrive { conn, flight } if !flight.lost => {
                ((*conn, flight.id.from), self.faults.held.contains_key(&flight.id))
            }
            Event::Fin { other, conn, .. } => ((*conn, *other), false),
            _ => return Some(event),
        };
        match self.waiting.get_mut(&lane) {
            Some(waiting) => waiting.push((event, by)),
            None if held => {
                self.waiting.insert(lane, vec![(event, by)]);
            }
            None => return Some(event),
        }
        None
    }

    /// Nothing is in the way of a direction any more: what waited there arrives, up to the next
    /// message that is held.
    pub(crate) fn go_on(&mut self, lane: LaneId) {
        for (event, by) in self.waiting.remove(&lane).unwrap_or_default() {
            self.agenda.at_once(self.now, event, by);
        }
    }

    /// What a command does to one message.
    pub(crate) fn message_act(
        &mut self,
        id: MessageId,
        act: MessageAct,
    ) -> Result<(), CommandError> {
        let (conn, flight) = self.on_its_way(id).ok_or(CommandError::NotOnItsWay(id))?;
        self.faults.unreal += u32::from(act.is_unreal());
        match act {
            MessageAct::Hold => {
                self.faults.held.entry(id).or_insert(self.now);
            }
            MessageAct::Release => self.release(conn, id)?,
            MessageAct::Drop => self.reset(conn),
            MessageAct::Vanish => self.lose(|_, flight| flight.id == id),
            MessageAct::Duplicate => self.duplicate(conn, flight),
            MessageAct::Overtake => self.overtake(conn, id),
        }
        Ok(())
    }

    fn on_its_way(&self, id: MessageId) -> Option<(u64, Flight)> {
        let waiting = self.waiting.values().flatten().map(|(event, _)| event);
        self.agenda.iter().chain(waiting).find_map(|event| {
            let Event::Arrive { conn, flight } = event else { return None };
            (flight.id == id && !flight.lost).then(|| (*conn, (**flight).clone()))
        })
    }

    fn release(&mut self, conn: u64, id: MessageId) -> Result<(), CommandError> {
        self.faults.held.remove(&id).ok_or(CommandError::NotHeld(id))?;
        self.go_on((conn, id.from));
        Ok(())
    }

    /// The copy is a message of its own, so that both can be told apart.
    fn duplicate(&mut self, conn: u64, original: Flight) {
        let id = self.net.name(original.id.from, original.id.to, original.id.channel);
        let arrives = Time(original.arrives.max(self.now).0 + 1);
        let copy = Flight { id, sent: self.now, arrives, ..original };
        self.trace_sent(&copy);
        self.later(arrives, Event::Arrive { conn, flight: Box::new(copy) });
    }

    fn overtake(&mut self, conn: u64, id: MessageId) {
        self.overtaking = Some(id);
        let Some(waiting) = self.waiting.get_mut(&(conn, id.from)) else {
            return self.arrive_now(id);
        };
        let is_it =
            |(event, _): &mut (Event, _)| event.flight().is_some_and(|(_, flight)| flight.id == id);
        match waiting.iter_mut().position(is_it) {
            Some(place) => {
                let (event, by) = waiting.remove(place);
                self.agenda.at_once(self.now, event, by);
                if self.faults.held.remove(&id).is_some() {
                    self.go_on((conn, id.from));
                }
            }
            None => self.arrive_now(id),
        }
    }

    fn arrive_now(&mut self, id: MessageId) {
        self.faults.held.remove(&id);
        if let Some((conn, flight)) = self.agenda.take_flight(id) {
            self.at_once(Event::Arrive { conn, flight });
        }
    }
}
