//! Log strips: what every plate shows of its server's log, in columns that all plates share.
//!
//! Invariants:
//! 1. The same column is the same zxid on every plate, so that two logs can be compared by eye.
//! 2. The columns are the newest zxids that any server has, as many as one plate has room for; what
//!    is older is counted at the strip's head.
//! 3. A strip is a small value of its own: a plate whose strip is the same is not drawn again.

use vivarium_protocol::base::{Arrange, Epoch, ServerId, SortedSet, Zxid};
use vivarium_protocol::message::PacketKind;

use super::layout::PlateSize;
use super::scene::{CellState, Scene, ServerView};

/// Columns at most.
const MOST: usize = 9;

/// What a server has of one zxid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// An entry of its log, or one that is on its way to it or off it.
    Entry(CellState),
    /// It was in this log, and the leader had it cut off.
    CutOff,
    /// Within the snapshot that the log stands on.
    Snapshot,
    /// Nothing.
    Absent,
}

/// One column of one strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// Which zxid; the same on every plate.
    pub zxid: Zxid,
    /// What this server has of it.
    pub mark: Mark,
    /// Who led its epoch, if that is known.
    pub leader: Option<ServerId>,
    /// Whether it is the first column of its epoch.
    pub opens: bool,
}

/// One server's strip.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Entries older than the first column.
    pub older: usize,
    /// The snapshot that the log stands on, if there is one.
    pub base: Option<Zxid>,
    /// Whether any server has something to say before the first column.
    pub head: bool,
    /// Digits of the widest counter: every cell has their width.
    pub digits: usize,
    /// The columns, oldest first.
    pub columns: Vec<Column>,
}

/// The columns that all strips share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Columns {
    zxids: Vec<Zxid>,
    digits: usize,
    head: bool,
    /// Proposals on their way, with whom they are for, in order.
    coming: Vec<(ServerId, Zxid)>,
}

/// Widths in tenths of a rem, with the gap behind each; `static/css/strips.css` has the same.
struct Room {
    all: usize,
    head: usize,
    epoch: usize,
    cell: usize,
}

fn room(size: PlateSize, digits: usize) -> Room {
    match size {
        PlateSize::Full | PlateSize::Tile => {
            // Two digits fit a square cell; each further one widens it, beyond five to the most.
            let digits = if digits > 5 { 10 } else { digits };
            let cell = 18 + 7 * digits.saturating_sub(2);
            Room { all: 204, head: 24, epoch: 20, cell }
        }
        PlateSize::Compact => Room { all: 146, head: 14, epoch: 4, cell: 14 },
        PlateSize::Mini => Room { all: 108, head: 12, epoch: 3, cell: 11 },
    }
}

fn digits(counter: u32) -> usize {
    counter.checked_ilog10().map_or(1, |log| log as usize + 1)
}

impl Columns {
    /// The columns for plates of this size.
    #[must_use]
    pub fn of(scene: &Scene, size: PlateSize) -> Columns {
        let mut known: SortedSet<Zxid> = SortedSet::new();
        for server in scene.servers.values() {
            known.extend(server.log.iter().rev().take(MOST).map(|entry| entry.zxid));
            known.extend(&server.cut_off);
            known.extend((server.base.0 > 0).then_some(server.base));
        }
        let known: Vec<Zxid> = known.into_iter().collect();
        let mut columns =
            Columns { zxids: newest(&known, size), digits: 1, head: false, coming: coming(scene) };
        let first = columns.zxids.first().copied().unwrap_or_default();
        columns.digits = columns.zxids.iter().map(|it| digits(it.counter())).max().unwrap_or(1);
        let oldest = |server: &ServerView| server.log.first().is_some_and(|it| it.zxid < first);
        let based = |server: &ServerView| server.base.0 > 0;
        columns.head = scene.servers.values().any(|server| oldest(server) || based(server));
        columns
    }

    /// One server's strip.
    #[must_use]
    pub fn strip(&self, scene: &Scene, server: &ServerView) -> Strip {
        let first = self.zxids.first().copied().unwrap_or_default();
        let missing = scene.missing_from(server, first);
        let mut epoch: Option<Epoch> = None;
        let columns = self.zxids.iter().map(|zxid| {
            let opens = epoch != Some(zxid.epoch());
            epoch = Some(zxid.epoch());
            let leader = scene.leaders.get(&zxid.epoch()).copied();
            let mark = self.mark(scene, server, *zxid, &missing);
            Column { zxid: *zxid, mark, leader, opens }
        });
        Strip {
            older: server.log.partition_point(|entry| entry.zxid < first),
            base: (server.base.0 > 0).then_some(server.base),
            head: self.head,
            digits: self.digits,
            columns: columns.collect(),
        }
    }

    fn mark(&self, scene: &Scene, server: &ServerView, zxid: Zxid, missing: &[Zxid]) -> Mark {
        if server.log.binary_search_by_key(&zxid, |entry| entry.zxid).is_ok() {
            Mark::Entry(scene.cell_state(server, zxid))
        } else if zxid <= server.base {
            Mark::Snapshot
        } else if missing.contains(&zxid) || self.coming.binary_search(&(server.id, zxid)).is_ok() {
            Mark::Entry(CellState::Missing)
        } else if server.cut_off.contains(&zxid) {
            Mark::CutOff
        } else {
            Mark::Absent
        }
    }
}

/// As many of the newest as there is room for, with a place for each epoch's name.
fn newest(known: &[Zxid], size: PlateSize) -> Vec<Zxid> {
    let (mut widest, mut epochs, mut count) = (1, 0, 0);
    let mut epoch = None;
    for zxid in known.iter().rev().take(MOST) {
        widest = widest.max(digits(zxid.counter()));
        epochs += usize::from(epoch != Some(zxid.epoch()));
        epoch = Some(zxid.epoch());
        let room = room(size, widest);
        let needs = room.head + epochs * room.epoch + (count + 1) * room.cell;
        if needs > room.all && count > 0 {
            break;
        }
        count += 1;
    }
    known[known.len() - count..].to_vec()
}

/// What has been proposed to whom and has not arrived.
fn coming(scene: &Scene) -> Vec<(ServerId, Zxid)> {
    let mut coming = Vec::new();
    for flight in scene.flights.values() {
        let travel = &flight.travel;
        let proposes = matches!(travel.packet, Some(PacketKind::Proposal | PacketKind::Inform));
        let flying = flight.arrived.is_none() && flight.lost.is_none();
        if let (true, Some(zxid)) = (proposes && flying, travel.zxid) {
            coming.push((travel.id.to, zxid));
        }
    }
    coming.arrange(|one| *one);
    coming
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    use crate::model::playback::{Playback, Until};
    use vivarium_sim::{Command, Setup};

    fn told(line: &str, playback: &mut Playback) {
        for command in Command::parse_line(line).unwrap() {
            playback.command(command).unwrap();
        }
    }

    fn strips(playback: &Playback, size: PlateSize) -> Vec<Strip> {
        let scene = playback.scene();
        let columns = Columns::of(scene, size);
        scene.servers.values().map(|server| columns.strip(scene, server)).collect()
    }

    /// Five servers; the leader, 5, is cut off with a write that nobody else gets, the others go
    /// on, and then it comes back.
    fn divergence() -> Playback {
        let mut playback = Playback::new(Setup { participants: 5, ..Setup::default() });
        playback.run_until(Until::Serving);
        told("c1 at 5", &mut playback);
        for path in ["/a", "/b"] {
            told(&format!("c1 create {path} \"x\""), &mut playback);
            playback.run_until(Until::Commit);
        }
        playback
    }

    #[test]
    fn a_column_is_the_same_zxid_on_every_plate() {
        let mut playback = divergence();
        let mut seen = 0;
        for step in 0..3_000 {
            if step == 200 {
                told("crash 2", &mut playback);
                told("c1 create /c \"x\"", &mut playback);
            }
            playback.step_forward();
            for size in [PlateSize::Full, PlateSize::Compact, PlateSize::Mini] {
                let strips = strips(&playback, size);
                let zxids = |strip: &Strip| {
                    strip.columns.iter().map(|column| column.zxid).collect::<Vec<_>>()
                };
                let first = zxids(&strips[0]);
                assert!(first.windows(2).all(|pair| pair[0] < pair[1]), "{first:?}");
                assert!(strips.iter().all(|strip| zxids(strip) == first));
                assert!(strips.iter().all(|strip| strip.digits == strips[0].digits));
                seen = seen.max(first.len());
            }
        }
        assert!(seen >= 3, "the log has grown to {seen}");
        let strips = strips(&playback, PlateSize::Full);
        let last = |strip: &Strip| strip.columns.last().unwrap().mark;
        assert_eq!(last(&strips[0]), Mark::Entry(CellState::Committed));
        assert_eq!(last(&strips[1]), Mark::Absent, "2 was down: {:?}", strips[1]);
    }

    #[test]
    fn what_a_server_alone_logged_is_told_before_and_after_it_is_cut_off() {
        let mut playback = divergence();
        told("partition 5 / 1,2,3,4", &mut playback);
        told("c1 create /alone \"x\"", &mut playback);
        let leads = |playback: &Playback| {
            playback.scene().leader().is_some_and(|leader| leader.id != ServerId(5))
        };
        let mut logged = false;
        while !leads(&playback) {
            playback.step_forward();
            let strips = strips(&playback, PlateSize::Full);
            let alone = strips[4].columns.last().map(|column| column.mark);
            let others = strips[..4].iter().filter_map(|strip| strip.columns.last());
            logged |= alone == Some(Mark::Entry(CellState::Logged))
                && others.into_iter().all(|column| column.mark != alone.unwrap());
        }
        assert!(logged, "5 logs alone");
        playback.run_until(Until::Serving);
        told("heal", &mut playback);
        let mut seen = [false; 2];
        for _ in 0..20_000 {
            playback.step_forward();
            let strips = strips(&playback, PlateSize::Full);
            let has = |mark| strips[4].columns.iter().any(|column| column.mark == mark);
            seen[0] |= has(Mark::Entry(CellState::ToBeCut));
            seen[1] |= has(Mark::CutOff);
            if seen[1] {
                break;
            }
        }
        assert_eq!(seen, [true, true], "to be cut, then cut off");
    }

    #[test]
    fn strips_never_take_more_room_than_a_plate_has() {
        let many = |epochs: i64, counter: u32| -> Vec<Zxid> {
            let each = |epoch| (1..=4).map(move |i| Zxid::new(Epoch(epoch), counter + i));
            (1..=epochs).flat_map(each).collect()
        };
        for size in [PlateSize::Full, PlateSize::Compact, PlateSize::Mini] {
            for (epochs, counter) in [(1, 0), (3, 5), (9, 98), (9, 99_999), (2, 4_000_000_000)] {
                let known = many(epochs, counter);
                let columns = newest(&known, size);
                assert!(!columns.is_empty() && columns.len() <= MOST);
                let widest = columns.iter().map(|it| digits(it.counter())).max().unwrap();
                let room = room(size, widest);
                let names: BTreeSet<Epoch> = columns.iter().map(|it| it.epoch()).collect();
                let needs = room.head + names.len() * room.epoch + columns.len() * room.cell;
                assert!(needs <= room.all, "{size:?} {epochs} {counter}: {needs} {columns:?}");
                assert_eq!(columns.last(), known.last(), "the newest is always there");
            }
        }
    }
}
