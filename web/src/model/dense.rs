//! Many servers at once: who stands with whom as groups, and the grid of tiles.
//!
//! Invariant: every server is in exactly one group, and the groups' order depends on nothing but
//! the scene.

use vivarium_protocol::base::{Arrange, ServerId, SortedMap};
use vivarium_protocol::message::PeerState;

use super::layout::{Layout, Rect, StageBox};
use super::scene::{Scene, ServerView};
use crate::model::decimal::Between;

/// Up to this many servers stand as plates; more stand as tiles.
pub const MOST_PLATES: usize = 9;
/// Height that headline and majority bar take, in tenths of a rem.
const HEAD: f64 = 116.0;
/// The space around the tiles and between them, in tenths of a rem.
const MARGIN: f64 = 16.0;
const GAP: f64 = 6.0;
/// A tile's widest and narrowest, in tenths of a rem.
const WIDEST: usize = 54;
const NARROWEST: usize = 20;

/// How the members of a group stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stance {
    /// Leads, follows or observes this leader.
    With(ServerId),
    /// Votes for this candidate, another.
    VotesFor(ServerId),
    /// Each votes for itself, or for nobody yet.
    Alone,
    /// Does not run.
    Down,
}

/// Servers that stand alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// How.
    pub stance: Stance,
    /// Who, in order.
    pub ids: Vec<ServerId>,
    /// How many of them may vote.
    pub voters: usize,
}

fn stance(server: &ServerView) -> Stance {
    if !server.up {
        return Stance::Down;
    }
    let with = server.stands_with();
    match (server.status.role, with) {
        (PeerState::Leading | PeerState::Following | PeerState::Observing, Some(leader)) => {
            Stance::With(leader)
        }
        (PeerState::Looking, Some(candidate)) if candidate != server.id => {
            Stance::VotesFor(candidate)
        }
        (
            PeerState::Looking | PeerState::Leading | PeerState::Following | PeerState::Observing,
            _,
        ) => Stance::Alone,
    }
}

/// Who stands with whom: leaders' groups first, then candidates', each by size; at the end those
/// who vote for themselves and those who are down.
#[must_use]
pub fn groups(scene: &Scene) -> Vec<Group> {
    let mut groups: SortedMap<Stance, Group> = SortedMap::new();
    for server in scene.servers.values() {
        let stance = stance(server);
        let group = groups.entry(stance).or_insert(Group { stance, ids: Vec::new(), voters: 0 });
        group.ids.push(server.id);
        group.voters += usize::from(server.votes);
    }
    // A candidate that others vote for stands with its own voters.
    let candidates: Vec<ServerId> = groups
        .keys()
        .filter_map(|stance| match stance {
            Stance::VotesFor(candidate) => Some(*candidate),
            Stance::With(_) | Stance::Alone | Stance::Down => None,
        })
        .collect();
    for candidate in candidates {
        let alone = groups.get_mut(&Stance::Alone);
        let place = alone.and_then(|group| {
            let at = group.ids.iter().position(|id| *id == candidate)?;
            group.ids.remove(at);
            group.voters -= 1;
            Some(())
        });
        if let (Some(()), Some(group)) = (place, groups.get_mut(&Stance::VotesFor(candidate))) {
            group.ids.push(candidate);
            group.ids.arrange(|id| *id);
            group.voters += 1;
        }
    }
    let mut all: Vec<Group> = groups.into_values().filter(|group| !group.ids.is_empty()).collect();
    let kind = |stance: Stance| match stance {
        Stance::With(_) => 0,
        Stance::VotesFor(_) => 1,
        Stance::Alone => 2,
        Stance::Down => 3,
    };
    all.arrange(|group| (kind(group.stance), std::cmp::Reverse(group.ids.len()), group.stance));
    all
}

/// How high the stage's head is, in pixels; a small frame says less there.
fn head(stage: StageBox) -> f64 {
    stage.scale * if stage.is_low() { 44.0 } else { HEAD }
}

/// The places of `count` tiles in id order: rows from the top left, as large as they can be.
#[must_use]
pub fn tiles(count: usize, stage: StageBox) -> Vec<Rect> {
    let k = stage.scale;
    let (margin, gap) = (MARGIN * k, GAP * k);
    let width = (stage.width - 2.0 * margin).max(1.0);
    let head = head(stage);
    let height = (stage.height - head - margin).max(1.0);
    let columns_at = |wanted: usize| {
        let wanted = wanted as f64 * k;
        (((width + gap) / (wanted + gap)) as usize).max(1)
    };
    let fits = |wanted: &usize| {
        let rows = count.div_ceil(columns_at(*wanted)) as f64;
        rows * (*wanted as f64 * k * 0.62 + gap) <= height + gap
    };
    let wanted = (NARROWEST..=WIDEST).rev().find(fits).unwrap_or(NARROWEST);
    let columns = columns_at(wanted);
    let rows = count.div_ceil(columns).max(1) as f64;
    let w = (width + gap) / columns as f64 - gap;
    let h = ((height + gap) / rows - gap).min(w * 0.96).max(1.0);
    let place = |index: usize| Rect {
        x: margin + (index % columns) as f64 * (w + gap),
        y: head + (index / columns) as f64 * (h + gap),
        width: w,
        height: h,
    };
    (0..count).map(place).collect()
}

/// Where the full plate of a chosen tile stands: beside the tile, wholly on the stage, and
/// below its head.
#[must_use]
pub fn plate_beside(tile: &Rect, (width, height): (f64, f64), stage: StageBox) -> Rect {
    let gap = 14.0 * stage.scale;
    let right = tile.x + tile.width + gap;
    let x = if right + width <= stage.width - 4.0 { right } else { tile.x - gap - width };
    let highest = (stage.height - height - 4.0).max(4.0);
    let y = (tile.centre().1 - height / 2.0).between(head(stage).min(highest), highest);
    Rect { x: x.between(4.0, (stage.width - width - 4.0).max(4.0)), y, width, height }
}

/// Which edge of a tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edge {
    /// Towards the row above.
    Top,
    /// Towards the next tile.
    Right,
    /// Towards the row below.
    Bottom,
    /// Towards the tile before.
    Left,
}

/// The strip along an edge of a tile, in the middle of the gap, as thick as `thick`; `over` longer
/// than the edge at both ends, so that strips of neighbours meet.
#[must_use]
pub fn along(tile: &Rect, edge: Edge, (thick, over): (f64, f64), scale: f64) -> Rect {
    let gap = GAP * scale;
    let (left, top) = (tile.x - (gap + thick) / 2.0, tile.y - (gap + thick) / 2.0);
    let (right, bottom) =
        (tile.x + tile.width + (gap - thick) / 2.0, tile.y + tile.height + (gap - thick) / 2.0);
    let wide = Rect { x: tile.x - over, y: top, width: tile.width + 2.0 * over, height: thick };
    let high = Rect { x: left, y: tile.y - over, width: thick, height: tile.height + 2.0 * over };
    match edge {
        Edge::Top => wide,
        Edge::Bottom => Rect { y: bottom, ..wide },
        Edge::Left => high,
        Edge::Right => Rect { x: right, ..high },
    }
}

/// The fence around one side of a partition: a strip along every edge behind which there is no
/// tile of the same side.
#[must_use]
pub fn fence(side: &[ServerId], layout: &Layout) -> Vec<Rect> {
    let scale = layout.stage.scale;
    let gap = GAP * scale;
    let tiles: Vec<&Rect> = side.iter().filter_map(|id| layout.plates.get(id)).collect();
    let inside = |x: f64, y: f64| tiles.iter().any(|tile| !tile.is_clear_of((x, y), 0.0));
    let mut strips = Vec::new();
    for tile in &tiles {
        let (x, y) = tile.centre();
        let beyond = [
            (Edge::Top, x, y - tile.height - gap),
            (Edge::Right, x + tile.width + gap, y),
            (Edge::Bottom, x, y + tile.height + gap),
            (Edge::Left, x - tile.width - gap, y),
        ];
        let open = beyond.into_iter().filter(|(_, x, y)| !inside(*x, *y));
        let thick = (4.0 * scale, gap / 2.0 + 2.0 * scale);
        strips.extend(open.map(|(edge, _, _)| along(tile, edge, thick, scale)));
    }
    strips
}

/// The edge of a tile that faces another.
#[must_use]
pub fn facing(tile: &Rect, other: &Rect) -> Edge {
    let (dx, dy) = (other.centre().0 - tile.centre().0, other.centre().1 - tile.centre().1);
    match (dx.abs() > dy.abs(), dx > 0.0, dy > 0.0) {
        (true, true, _) => Edge::Right,
        (true, false, _) => Edge::Left,
        (false, _, true) => Edge::Bottom,
        (false, _, false) => Edge::Top,
    }
}

/// How long a server's log is; the snapshot that it stands on counts as one.
#[must_use]
pub fn log_length(server: &ServerView) -> usize {
    server.log.len() + usize::from(server.base.0 > 0)
}

/// How long the longest log is.
#[must_use]
pub fn longest_log(scene: &Scene) -> usize {
    scene.servers.values().map(|one| log_length(one)).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::playback::{Playback, Until};
    use vivarium_sim::{Command, Setup};

    #[test]
    fn a_hundred_and_one_tiles_stand_apart_on_every_stage() {
        let desktop = StageBox { width: 814.0, height: 586.0, scale: 1.0, presenting: false };
        let phone = StageBox { width: 390.0, height: 344.0, scale: 1.0, presenting: false };
        let beamer = StageBox { width: 1500.0, height: 717.0, scale: 1.25, presenting: true };
        for stage in [desktop, phone, beamer] {
            for count in [10, 13, 51, 101] {
                let tiles = tiles(count, stage);
                assert_eq!(tiles.len(), count);
                for (i, one) in tiles.iter().enumerate() {
                    assert!(one.x + one.width <= stage.width, "{count} on {stage:?}: {one:?}");
                    assert!(one.y + one.height <= stage.height, "{count} on {stage:?}: {one:?}");
                    assert!(one.width >= 18.0 && one.height >= 10.0, "{count}: {one:?}");
                    assert!(tiles[i + 1..].iter().all(|other| !one.overlaps(other, 0.0)));
                }
            }
        }
    }

    #[test]
    fn a_chosen_tile_never_has_its_plate_over_itself() {
        let stage = StageBox { width: 814.0, height: 586.0, scale: 1.0, presenting: false };
        for tile in tiles(101, stage) {
            let plate = plate_beside(&tile, (222.0, 147.0), stage);
            assert!(!plate.overlaps(&tile, 0.0), "{tile:?} {plate:?}");
        }
    }

    #[test]
    fn a_fence_runs_around_a_side_and_between_no_two_of_it() {
        let stage = StageBox { width: 814.0, height: 586.0, scale: 1.0, presenting: false };
        let ids: Vec<ServerId> = (1..=101).map(ServerId).collect();
        let layout = Layout::new(&ids, stage);
        let one = fence(&ids[4..5], &layout);
        assert_eq!(one.len(), 4, "alone: all four edges");
        let two = fence(&ids[4..6], &layout);
        assert_eq!(two.len(), 6, "neighbours have none between them: {two:?}");
        for strip in fence(&ids[30..60], &layout) {
            let on_a_tile = layout.plates.values().any(|tile| {
                let (x, y) = strip.centre();
                !tile.is_clear_of((x, y), 0.0)
            });
            assert!(!on_a_tile, "a fence stands in the gaps: {strip:?}");
        }
        let (first, far) = (&layout.plates[&ids[0]], &layout.plates[&ids[12]]);
        assert_eq!(facing(first, far), Edge::Right);
        assert_eq!(facing(far, first), Edge::Left);
        let below = layout.plates.values().rfind(|it| it.x == first.x).unwrap();
        assert_eq!((facing(first, below), facing(below, first)), (Edge::Bottom, Edge::Top));
    }

    #[test]
    fn every_server_is_in_one_group_at_every_step_of_an_election() {
        let setup = Setup { participants: 13, observers: 1, ..Setup::default() };
        let mut playback = Playback::new(setup);
        let mut split = false;
        for _ in 0..2_000 {
            playback.step_forward();
            let groups = groups(playback.scene());
            assert_eq!(groups.iter().map(|group| group.ids.len()).sum::<usize>(), 14);
            assert_eq!(groups.iter().map(|group| group.voters).sum::<usize>(), 13);
            split |= groups.len() > 2;
        }
        assert!(split, "an election passes through several candidates");
        playback.run_until(Until::Serving);
        let leader = playback.scene().leader().unwrap().id;
        let first = groups(playback.scene()).remove(0);
        assert_eq!(first.stance, Stance::With(leader));
        assert!(first.voters >= 7, "a majority follows: {first:?}");
        playback.command(Command::Crash(leader)).unwrap();
        let down = groups(playback.scene()).into_iter().last().unwrap();
        assert_eq!((down.stance, down.ids), (Stance::Down, vec![leader]));
    }
}
