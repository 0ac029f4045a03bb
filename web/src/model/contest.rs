//! What a visitor may choose of an election that every algorithm holds, and how its account is
//! drawn: bands of votes and roles, arrows between them, and the newest choice at a moment.

use vivarium_protocol::base::{Epoch, ServerId, SortedMap, Time, Zxid};
use vivarium_protocol::message::PeerState;
use vivarium_sim::elections::{Account, Contest, Entrant, Step, StepEvent};

use super::chronicle::{Band, Stand};

/// The logs that the voters bring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Logs {
    /// All the same: the ids decide.
    #[default]
    Equal,
    /// Server 1 has two transactions more than the others.
    Longer,
    /// Server 1 has two transactions more, but the others have gone on to a newer epoch.
    Stale,
}

impl Logs {
    /// All of them, in the order of their teaching.
    pub const ALL: [Logs; 3] = [Logs::Equal, Logs::Longer, Logs::Stale];
}

/// Everything that can be chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Choices {
    /// Voters 1 to this.
    pub voters: i64,
    /// So many of the lowest ids stay down.
    pub down: i64,
    /// What they bring.
    pub logs: Logs,
    /// Datagrams lost, of 1000.
    pub loss_permille: u64,
    /// The seed of latencies and losses.
    pub seed: u64,
}

impl Default for Choices {
    fn default() -> Choices {
        Choices { voters: 5, down: 0, logs: Logs::Equal, loss_permille: 0, seed: 1 }
    }
}

impl Choices {
    /// The most servers that may stay down without ending every election.
    #[must_use]
    pub fn most_down(&self) -> i64 {
        (self.voters - 1) / 2
    }

    /// The contest that was chosen.
    #[must_use]
    pub fn contest(&self) -> Contest {
        let down = self.down.min(self.most_down());
        let entrants = (1..=self.voters).map(|id| {
            // Who has the odd log runs: it is the lowest id that does.
            let odd = id == down + 1;
            let (counter, epoch) = match (self.logs, odd) {
                (Logs::Equal, _) | (Logs::Longer, false) => (6, 1),
                (Logs::Longer, true) | (Logs::Stale, true) => (8, 1),
                (Logs::Stale, false) => (6, 2),
            };
            Entrant {
                id: ServerId(id),
                zxid: Zxid::new(Epoch(1), counter),
                epoch: Epoch(epoch),
                starts_ms: (id > down).then_some(0),
            }
        });
        Contest {
            entrants: entrants.collect(),
            seed: self.seed,
            latency_us: (5_000, 40_000),
            loss_permille: self.loss_permille,
        }
    }
}

/// Where an account ends: when the last server had decided, or with its last step.
#[must_use]
pub fn end(account: &Account) -> Time {
    let last = account.steps.last().map_or(Time(0), |step| step.at);
    account.settled.unwrap_or(last)
}

/// The bands of one server, in order of time: down, its votes, its role.
#[must_use]
pub fn bands(account: &Account, server: ServerId) -> Vec<Band> {
    let mut bands = vec![Band { from: Time(0), to: None, stand: Stand::Down, after: 0 }];
    let own = account.steps.iter().enumerate().filter(|(_, step)| step.server == server);
    for (after, Step { at, event, .. }) in own {
        let stand = match event {
            StepEvent::Votes { leader, .. } => Stand::Up(PeerState::Looking, Some(*leader)),
            StepEvent::Elected(leader) if *leader == server => {
                Stand::Up(PeerState::Leading, Some(*leader))
            }
            StepEvent::Elected(leader) => Stand::Up(PeerState::Following, Some(*leader)),
            StepEvent::Starts
            | StepEvent::Sends { .. }
            | StepEvent::Round(_)
            | StepEvent::WaitsInVain(_)
            | StepEvent::Counts { .. }
            | StepEvent::Finalizes
            | StepEvent::Unproven(_) => continue,
        };
        if bands.last().is_some_and(|last| last.stand == stand) {
            continue; // The same vote, cast anew.
        }
        close(&mut bands, *at);
        bands.push(Band { from: *at, to: None, stand, after });
    }
    bands
}

/// Ends the newest band; one without length is taken away.
fn close(bands: &mut Vec<Band>, at: Time) {
    if let Some(last) = bands.last_mut() {
        last.to = Some(at);
        if last.from == at {
            bands.pop();
        }
    }
}

/// For whom each server stands at a moment: its vote, or its leader.
#[must_use]
pub fn allegiance(account: &Account, at: Time) -> SortedMap<ServerId, ServerId> {
    let mut all = SortedMap::new();
    for step in account.steps.iter().take_while(|step| step.at <= at) {
        if let StepEvent::Votes { leader, .. } | StepEvent::Elected(leader) = step.event {
            all.insert(step.server, leader);
        }
    }
    all
}

/// The newest step that is not a message, at a moment.
#[must_use]
pub fn newest(account: &Account, at: Time) -> Option<&Step> {
    let past = account.steps.partition_point(|step| step.at <= at);
    let sends = |step: &&Step| matches!(step.event, StepEvent::Sends { .. });
    account.steps[..past].iter().rev().find(|step| !sends(step))
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_sim::elections::{Algorithm, hold};

    #[test]
    fn a_lane_goes_from_votes_to_a_role_without_gaps() {
        for algorithm in Algorithm::ALL {
            let account = hold(&Choices::default().contest(), algorithm);
            for id in (1..=5).map(ServerId) {
                let bands = bands(&account, id);
                assert!(bands.len() > 1, "{algorithm:?} {id}");
                for pair in bands.windows(2) {
                    assert_eq!(pair[0].to, Some(pair[1].from), "{algorithm:?} {id}");
                }
                let last = bands.last().expect("there is one").stand;
                let decided = |role| last == Stand::Up(role, account.winner);
                assert!(decided(PeerState::Leading) || decided(PeerState::Following), "{last:?}");
            }
        }
    }

    #[test]
    fn at_the_end_everybody_stands_with_the_winner() {
        let account = hold(&Choices::default().contest(), Algorithm::Fast);
        let all = allegiance(&account, end(&account));
        assert_eq!(all.len(), 5);
        assert!(all.values().all(|leader| Some(*leader) == account.winner));
        assert!(allegiance(&account, Time(0)).iter().all(|(id, vote)| id == vote));
    }

    #[test]
    fn the_odd_log_belongs_to_a_server_that_runs() {
        let choices = Choices { voters: 5, down: 2, logs: Logs::Stale, ..Choices::default() };
        let contest = choices.contest();
        let longest = contest.entrants.iter().max_by_key(|entrant| entrant.zxid).unwrap();
        assert!(longest.starts_ms.is_some());
        assert_eq!(longest.id, ServerId(3));
        let many = Choices { down: 9, ..choices }.contest();
        assert_eq!(many.entrants.iter().filter(|it| it.starts_ms.is_some()).count(), 3);
    }
}
