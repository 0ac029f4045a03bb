//! When the network between two servers was cut, and in which direction: the spans that the
//! diagram hatches.

use vivarium_protocol::base::{ServerId, SortedMap, Time};
use vivarium_sim::Cuts;

/// A moment and how many frames lie behind it.
pub type Moment = (Time, usize);

/// Two servers that did not hear each other for a while, or one of them the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// The lower of the two.
    pub low: ServerId,
    /// The higher.
    pub high: ServerId,
    /// Who did not hear the other.
    pub deaf: Deaf,
    /// From here.
    pub from: Moment,
    /// To here; `None` while it lasts.
    pub to: Option<Moment>,
}

/// Who does not hear the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deaf {
    /// The lower one.
    Low,
    /// The higher one.
    High,
    /// Both.
    Both,
}

/// All spans of a run, in the order in which they begin.
#[must_use]
pub fn spans(cuts: &[Cuts]) -> Vec<Span> {
    let mut open: SortedMap<(ServerId, ServerId), (Deaf, usize)> = SortedMap::new();
    let mut spans: Vec<Span> = Vec::new();
    for change in cuts {
        let moment = (change.at, change.position as usize + 1);
        let now = pairs(change);
        let over =
            open.iter().filter(|(pair, (deaf, _))| now.get(pair) != Some(deaf)).map(|it| *it.0);
        for pair in over.collect::<Vec<_>>() {
            if let Some((_, index)) = open.remove(&pair) {
                spans[index].to = Some(moment);
            }
        }
        for ((low, high), deaf) in now {
            open.entry((low, high)).or_insert_with(|| {
                spans.push(Span { low, high, deaf, from: moment, to: None });
                (deaf, spans.len() - 1)
            });
        }
    }
    spans
}

fn pairs(change: &Cuts) -> SortedMap<(ServerId, ServerId), Deaf> {
    let mut pairs = SortedMap::new();
    for &(from, to) in &change.directions {
        let (pair, deaf) =
            if from < to { ((from, to), Deaf::High) } else { ((to, from), Deaf::Low) };
        let both = |other: &mut Deaf| {
            if *other != deaf {
                *other = Deaf::Both;
            }
        };
        pairs.entry(pair).and_modify(both).or_insert(deaf);
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(position: u64, pairs: &[(i64, i64)]) -> Cuts {
        let directions = pairs.iter().map(|(from, to)| (ServerId(*from), ServerId(*to))).collect();
        Cuts { position, at: Time(position * 1_000), directions }
    }

    #[test]
    fn a_cut_lasts_from_its_command_to_the_one_that_mends_it() {
        let cuts = [
            change(10, &[(1, 2), (2, 1), (3, 1)]),
            change(20, &[(1, 2), (3, 1)]),
            change(30, &[]),
            change(40, &[(2, 3), (3, 2)]),
        ];
        let span = |low, high, deaf, from: u64, to: Option<u64>| {
            let moment = |at: u64| (Time(at * 1_000), at as usize + 1);
            let (low, high) = (ServerId(low), ServerId(high));
            Span { low, high, deaf, from: moment(from), to: to.map(moment) }
        };
        let expected = [
            span(1, 2, Deaf::Both, 10, Some(20)),
            span(1, 3, Deaf::Low, 10, Some(30)),
            span(1, 2, Deaf::High, 20, Some(30)),
            span(2, 3, Deaf::Both, 40, None),
        ];
        assert_eq!(spans(&cuts), expected);
    }
}
