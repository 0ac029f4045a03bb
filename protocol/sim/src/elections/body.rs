//! One voter of a contest, whatever its algorithm.

use super::{Algorithm, Contest, Entrant, StepEvent};
use bytes::BytesMut;
use std::sync::Arc;
use vivarium_protocol::base::{Config, Ensemble, Learner, Now, ServerId, Time};
use vivarium_protocol::effects::TraceLane;
use vivarium_protocol::election::auth_fast::AuthFastLeaderElection;
use vivarium_protocol::election::historic::{Choice, Datagram, HistoricElection, Voter, Wishes};
use vivarium_protocol::election::polling::PollingElection;
use vivarium_protocol::election::{Ballot, Elected, Election, ElectionOutput};
use vivarium_protocol::message::Notification;
use vivarium_protocol::trace::{Decision, Timer};
use vivarium_protocol::wire::election::encode_notification;

/// A message of any algorithm.
#[derive(Clone, Debug)]
pub(super) enum Message {
    /// Of algorithms 0 to 2.
    Datagram(Datagram),
    /// Of algorithm 3.
    Notification(Notification),
}

impl Message {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Message::Datagram(datagram) => datagram.name(),
            Message::Notification(_) => "notification",
        }
    }

    /// The payload's length; a notification travels behind the four bytes of its frame.
    pub(super) fn length(&self) -> usize {
        match self {
            Message::Datagram(datagram) => datagram.length(),
            Message::Notification(notification) => {
                let mut bytes = BytesMut::new();
                encode_notification(notification, &mut bytes);
                4 + bytes.len()
            }
        }
    }

    /// Whether it travels over a connection, which loses nothing and keeps the order.
    pub(super) fn is_connected(&self) -> bool {
        matches!(self, Message::Notification(_))
    }
}

/// What one call led to.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    pub(super) sends: Vec<(ServerId, Message)>,
    pub(super) events: Vec<StepEvent>,
}

/// One voter.
#[derive(Debug)]
pub(super) enum Body {
    Historic(Box<HistoricElection>),
    Fast { election: Box<Election>, ballot: Ballot },
}

impl Body {
    pub(super) fn new(algorithm: Algorithm, entrant: &Entrant, contest: &Contest) -> Body {
        let id = entrant.id;
        let voters = contest.entrants.iter().map(|one| one.id).collect();
        let voter = Voter { id, voters, zxid: entrant.zxid };
        let seed = contest.seed ^ (id.0 as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let historic = match algorithm {
            Algorithm::Polling => HistoricElection::Polling(PollingElection::new(voter, seed)),
            Algorithm::AuthFast | Algorithm::AuthFastChallenged => {
                let authenticates = algorithm == Algorithm::AuthFastChallenged;
                let fast = AuthFastLeaderElection::new(voter, authenticates, seed);
                HistoricElection::AuthFast(fast)
            }
            Algorithm::Fast => return Body::fast(entrant, contest),
        };
        Body::Historic(Box::new(historic))
    }

    fn fast(entrant: &Entrant, contest: &Contest) -> Body {
        let highest = contest.entrants.iter().map(|one| one.id.0).max().unwrap_or(1);
        let mut ensemble = Ensemble::numbered(u16::try_from(highest).unwrap_or(u16::MAX), 0);
        ensemble.members.retain(|id, _| contest.entrants.iter().any(|one| one.id == *id));
        let config = Arc::new(Config::new(entrant.id, Arc::new(ensemble)));
        let ballot = Ballot {
            id: entrant.id,
            learner: Learner::Participant,
            zxid: entrant.zxid,
            current_epoch: entrant.epoch,
        };
        Body::Fast { election: Box::new(Election::new(&config)), ballot }
    }

    pub(super) fn start(&mut self, now: Time) -> Outcome {
        match self {
            Body::Historic(election) => historic(|wishes| election.start(now, wishes)),
            Body::Fast { election, ballot } => {
                fast(|out| election.start(moment(now), *ballot, out))
            }
        }
    }

    /// A message of the other kind of algorithm never comes: a contest has one algorithm.
    pub(super) fn receive(&mut self, now: Time, from: ServerId, message: &Message) -> Outcome {
        match (self, message) {
            (Body::Historic(election), Message::Datagram(datagram)) => {
                historic(|wishes| election.on_datagram(now, from, *datagram, wishes))
            }
            (Body::Fast { election, .. }, Message::Notification(notification)) => {
                fast(|out| election.on_notification(moment(now), from, notification, out))
            }
            (Body::Historic(_), Message::Notification(_))
            | (Body::Fast { .. }, Message::Datagram(_)) => Outcome::default(),
        }
    }

    pub(super) fn deadline(&mut self, now: Time) -> Outcome {
        match self {
            Body::Historic(election) => historic(|wishes| election.on_deadline(now, wishes)),
            Body::Fast { election, .. } => fast(|out| election.on_deadline(moment(now), out)),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        match self {
            Body::Historic(election) => election.next_deadline(),
            Body::Fast { election, .. } => election.next_deadline().map(|(at, _)| at),
        }
    }
}

fn moment(at: Time) -> Now {
    Now { at, wall_ms: 0 }
}

fn historic(act: impl FnOnce(&mut Wishes)) -> Outcome {
    let mut wishes = Wishes::default();
    act(&mut wishes);
    let sends = wishes.sends.into_iter().map(|(to, it)| (to, Message::Datagram(it)));
    Outcome { sends: sends.collect(), events: wishes.choices.into_iter().map(chosen).collect() }
}

fn chosen(choice: Choice) -> StepEvent {
    match choice {
        Choice::Round(round) => StepEvent::Round(round),
        Choice::Votes(vote) => StepEvent::Votes { leader: vote.leader, zxid: vote.zxid },
        Choice::Silent(whom) | Choice::GaveUp(whom) => StepEvent::WaitsInVain(whom),
        Choice::Counted { vote, votes, needed } => {
            StepEvent::Counts { leader: vote.leader, votes, needed }
        }
        Choice::Waits => StepEvent::Finalizes,
        Choice::Unproven(whom) => StepEvent::Unproven(whom),
        Choice::Elected(vote) => StepEvent::Elected(vote.leader),
    }
}

/// Whether somebody was elected is among the decisions, so what `act` gives is not needed.
fn fast(act: impl FnOnce(&mut ElectionOutput<'_>) -> Option<Elected>) -> Outcome {
    let mut trace = TraceLane::On(Vec::new());
    let mut out = ElectionOutput::new(&mut trace);
    act(&mut out);
    let sends = out.sends.into_iter().map(|(to, it)| (to, Message::Notification(it))).collect();
    Outcome { sends, events: trace.take().iter().filter_map(told).collect() }
}

/// What of FastLeaderElection's decisions has its like in the other algorithms.
fn told(decision: &Decision) -> Option<StepEvent> {
    if let Decision::RoundEntered { round } = decision {
        Some(StepEvent::Round(*round))
    } else if let Decision::Proposes { vote, .. } = decision {
        Some(StepEvent::Votes { leader: vote.leader, zxid: vote.zxid })
    } else if let Decision::TimerSet { timer: Timer::FinalizeWait, at: Some(_), .. } = decision {
        Some(StepEvent::Finalizes)
    } else if let Decision::Elected { vote, .. } = decision {
        Some(StepEvent::Elected(vote.leader))
    } else {
        None
    }
}
