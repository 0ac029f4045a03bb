//! Clients by the server that they hang under, each of them to be seen, and where there are many a
//! number for the rest.
//!
//! Invariants:
//! 1. Every client is in exactly one group; a group's clients stand in the order of their numbers.
//! 2. A group shows at most [`SEEN`] of them, and those that wait for an answer before the others.

use vivarium_protocol::base::{Arrange, ServerId};

use super::dense;
use super::layout::{Layout, PlateSize, Rect};
use super::outside::ClientView;
use crate::model::decimal::Between;

/// Clients of one server that are drawn; the others are a number.
pub const SEEN: usize = 3;

/// The clients of one server, or those without one.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Under which plate.
    pub server: Option<ServerId>,
    /// Who, by number.
    pub clients: Vec<ClientView>,
}

impl Group {
    /// Those that are drawn.
    #[must_use]
    pub fn seen(&self) -> Vec<&ClientView> {
        let mut seen: Vec<&ClientView> = self.clients.iter().collect();
        seen.arrange(|client| client.waits.is_empty());
        seen.truncate(SEEN);
        seen.arrange(|client| client.id);
        seen
    }

    /// How many are not.
    #[must_use]
    pub fn more(&self) -> usize {
        self.clients.len().saturating_sub(SEEN)
    }
}

/// The clients, by server; those without one come first.
#[must_use]
pub fn groups(clients: &[ClientView]) -> Vec<Group> {
    let mut all: Vec<ClientView> = clients.to_vec();
    all.arrange(|client| (client.server, client.id));
    let mut groups: Vec<Group> = Vec::new();
    for client in all {
        match groups.last_mut().filter(|group| group.server == client.server) {
            Some(group) => group.clients.push(client),
            None => groups.push(Group { server: client.server, clients: vec![client] }),
        }
    }
    groups
}

/// Where a group hangs: the middle of its upper edge. Among tiles only that of the chosen server
/// hangs anywhere, under its plate, if the stage has room for one; the others are marks on their
/// tiles.
#[must_use]
pub fn place(
    server: Option<ServerId>,
    layout: &Layout,
    chosen: Option<ServerId>,
) -> Option<(f64, f64)> {
    let stage = layout.stage;
    let lowest = stage.height - 27.0 * stage.scale;
    let Some(id) = server else { return Some((stage.width / 2.0, lowest)) };
    let rect = layout.plates.get(&id)?;
    let beside = if layout.size == PlateSize::Tile {
        chosen.filter(|chosen| *chosen == id && !stage.is_low())?;
        plate_beside(rect, layout)
    } else {
        *rect
    };
    let below = beside.y + beside.height + 6.0 * stage.scale;
    Some((beside.centre().0, below.min(lowest)))
}

/// Where the full plate of a chosen tile stands.
#[must_use]
pub fn plate_beside(tile: &Rect, layout: &Layout) -> Rect {
    let (width, height) = PlateSize::Full.dimensions();
    let scale = layout.stage.scale;
    dense::plate_beside(tile, (width * scale, height * scale), layout.stage)
}

/// The upper left corner of the list of a group that hangs at `at`, wholly on the stage: above the
/// group where there is room, else below it.
#[must_use]
pub fn list_place(at: (f64, f64), (width, height): (f64, f64), layout: &Layout) -> (f64, f64) {
    let stage = layout.stage;
    let x = (at.0 - width / 2.0).between(4.0, (stage.width - width - 4.0).max(4.0));
    let above = at.1 - height - 6.0 * stage.scale;
    let below = at.1 + 30.0 * stage.scale;
    let y = if below + height <= stage.height - 4.0 { below } else { above };
    (x, y.max(4.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::layout::StageBox;
    use crate::model::outside::{Fate, Outside};
    use crate::model::playback::{Playback, Until};
    use vivarium_sim::{Command, Setup};

    fn told(line: &str, playback: &mut Playback) {
        for command in Command::parse_line(line).unwrap() {
            playback.command(command).unwrap();
        }
    }

    /// Five clients at server 1; c4 watches, c5 asks for a write.
    fn many() -> Vec<ClientView> {
        let mut playback = Playback::new(Setup { participants: 3, ..Setup::default() });
        playback.run_until(Until::Serving);
        for client in 1..=5 {
            told(&format!("c{client} at 1"), &mut playback);
        }
        told("c6 at 2", &mut playback);
        for _ in 0..400 {
            playback.step_forward();
        }
        told("c4 get / watch", &mut playback);
        told("c4 children / watch", &mut playback);
        for _ in 0..100 {
            playback.step_forward();
        }
        told("c5 create /a \"x\"", &mut playback);
        Outside::of(playback.timeline().world()).clients
    }

    #[test]
    fn each_client_has_its_session_what_it_saw_what_it_waits_for_and_its_watches() {
        let clients = many();
        let four = &clients[3];
        assert!(four.session.is_some() && four.seen.0 > 0, "{four:?}");
        assert_eq!(four.watches, ["/", "/ children"], "{four:?}");
        let five = &clients[4];
        assert_eq!(
            (five.waits.as_slice(), &five.fate),
            (&["create /a".to_owned()][..], &Fate::Waiting)
        );
        assert!(five.watches.is_empty());
    }

    #[test]
    fn three_of_a_server_are_seen_whoever_waits_among_them_and_the_rest_are_counted() {
        let groups = groups(&many());
        let at = |id| groups.iter().find(|group| group.server == Some(ServerId(id))).unwrap();
        let seen: Vec<u32> = at(1).seen().iter().map(|client| client.id).collect();
        assert_eq!((seen, at(1).more()), (vec![1, 2, 5], 2));
        assert_eq!((at(2).seen().len(), at(2).more()), (1, 0));
    }

    #[test]
    fn a_list_is_wholly_on_the_stage_wherever_its_group_hangs() {
        let stage = StageBox { width: 814.0, height: 562.0, scale: 1.0, presenting: false };
        for count in [1, 5, 9, 101] {
            let ids: Vec<ServerId> = (1..=count).map(ServerId).collect();
            let layout = Layout::new(&ids, stage);
            for id in ids {
                let at = place(Some(id), &layout, Some(id)).unwrap();
                let (x, y) = list_place(at, (420.0, 150.0), &layout);
                assert!(x >= 0.0 && x + 420.0 <= stage.width, "{count} {id}");
                assert!(y >= 0.0 && y + 150.0 <= stage.height, "{count} {id}");
                assert_eq!(place(Some(id), &layout, None).is_none(), count == 101);
            }
        }
    }
}
