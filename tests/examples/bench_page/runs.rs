//! The runs that the page is measured with: made here by the simulator, handed over as links.

use std::collections::BTreeSet;

use vivarium_protocol::base::ServerId;
use vivarium_protocol::trace::{Frame, MessageId, TraceEvent, TravelFate};
use vivarium_sim::{ClientAct, ClientOp, ClientState, Command, Run, Setup, Timeline};

/// Writers of the busy run.
const CLIENTS: u32 = 9;
/// Writes of the busy run.
const WRITES: u32 = 360;

/// A run that is busy for a while.
pub struct Busy {
    /// A link to the moment at which it begins to be busy.
    pub link: String,
    /// Messages under way, on average over its steps from there on.
    pub in_flight: f64,
    /// Virtual seconds from that moment to the end of what is recorded.
    pub seconds: f64,
}

/// An ensemble as the page makes it, with that many voting servers and more patience.
fn ensemble(participants: u16) -> Setup {
    Setup { sync_limit: 20, ..Setup::watchable(participants) }
}

/// Nine servers, a client at each, and writes without a pause: a hundred messages at any time.
pub fn busy() -> Busy {
    let mut timeline = Timeline::new(ensemble(9));
    let leads = |world: &vivarium_sim::World, _: &Frame| world.now().0 > 3_000_000;
    timeline.run_until(100_000, leads);
    for client in 1..=CLIENTS {
        let server = ServerId(i64::from(client));
        let connect = Command::Client { client, act: ClientAct::Connect { server } };
        timeline.command(connect).expect("a client may always connect");
    }
    let connected = |world: &vivarium_sim::World, _: &Frame| {
        let is_open = |state: &ClientState| matches!(state, ClientState::Connected { .. });
        world.clients().iter().filter(|client| is_open(&client.state)).count() == CLIENTS as usize
    };
    timeline.run_until(100_000, connected).expect("every client gets its session");
    let start = timeline.position();
    let begins = timeline.world().now();
    for number in 0..WRITES {
        let path = format!("/n{number}");
        let op = ClientOp::Create { path, data: "x".into(), ephemeral: false, sequential: false };
        let act = ClientAct::Request(op);
        let command = Command::Client { client: 1 + number % CLIENTS, act };
        timeline.command(command).expect("a connected client may ask");
        let next = timeline.world().now().after_ms(13);
        timeline.run_until(10_000, |world, _| world.now() >= next);
    }
    let seconds = timeline.world().now().since(begins) as f64 / 1e6;
    let in_flight = mean_in_flight(&timeline.frames()[start as usize..]);
    let run = Run { position: start, ..timeline.run() };
    Busy { link: run.to_link(), in_flight, seconds }
}

/// Messages sent and neither arrived nor lost, on average after each of these steps.
fn mean_in_flight(frames: &[Frame]) -> f64 {
    let mut under_way: BTreeSet<MessageId> = BTreeSet::new();
    let mut sum = 0;
    for frame in frames {
        for event in &frame.events {
            let TraceEvent::Travelled(travel) = event else { continue };
            match travel.fate {
                TravelFate::Sent { .. } => under_way.insert(travel.id),
                TravelFate::Arrived | TravelFate::Lost => under_way.remove(&travel.id),
            };
        }
        sum += under_way.len();
    }
    sum as f64 / frames.len().max(1) as f64
}

/// Many servers that look for their first leader.
pub fn many(participants: u16) -> String {
    Run { setup: ensemble(participants), commands: Vec::new(), position: 0 }.to_link()
}

/// A run of that many steps: five servers elect and serve.
pub fn long(steps: u64) -> String {
    Run { setup: ensemble(5), commands: Vec::new(), position: steps }.to_link()
}
