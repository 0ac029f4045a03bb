//! A playhead goes anywhere and always shows what happened there.

use super::*;
use vivarium_protocol::base::ServerId;
use vivarium_sim::ClientOp;

fn setup() -> Setup {
    Setup { participants: 3, latency_us: (25_000, 60_000), ..Setup::default() }
}

fn serving() -> Playback {
    let mut playback = Playback::new(setup());
    assert!(playback.run_until(Until::Serving));
    playback
}

fn request(playback: &mut Playback, act: ClientAct) {
    playback.command(Command::Client { client: 1, act }).expect("a client may ask");
}

#[test]
fn the_scene_says_of_every_server_what_the_server_says_of_itself() {
    let mut playback = serving();
    let create = ClientOp::Create {
        path: "/a".to_owned(),
        data: "x".to_owned(),
        ephemeral: false,
        sequential: false,
    };
    request(&mut playback, ClientAct::Connect { server: ServerId(1) });
    request(&mut playback, ClientAct::Request(create));
    assert!(playback.run_until(Until::Commit));
    for peer in playback.timeline().world().peers() {
        let server = &playback.scene().servers[&peer.id];
        assert_eq!(Some(&server.status), peer.status().as_ref(), "server {}", peer.id);
    }
}

#[test]
fn who_votes_follows_the_members_that_are_in_force() {
    let mut playback = Playback::new(Setup { reconfig: true, ..setup() });
    assert!(playback.run_until(Until::Serving));
    let leaving = ServerId(1);
    request(&mut playback, ClientAct::Connect { server: ServerId(2) });
    let remove = ClientOp::Reconfig { joining: Vec::new(), leaving: vec![leaving] };
    request(&mut playback, ClientAct::Request(remove));
    assert_eq!(playback.scene().voters(), 3, "it is only asked for");
    let known = playback.scene().members;
    while playback.scene().members == known {
        assert!(playback.step_forward(), "it is decided some time");
    }
    assert_eq!(playback.scene().voters(), 2);
    let removed = &playback.scene().servers[&leaving];
    assert!(!removed.votes && !removed.observer, "it follows without a vote");
    playback.seek(playback.timeline().frames().len() / 2);
    assert_eq!(playback.scene().voters(), 3, "before, it had a vote");
}

#[test]
fn going_back_and_forth_shows_the_same_scene() {
    let mut playback = serving();
    let (there, hash) = (playback.scene().clone(), playback.timeline().world().hash());
    playback.seek(5);
    playback.seek(there.frames);
    assert_eq!(*playback.scene(), there);
    for _ in 0..30 {
        playback.back();
    }
    for _ in 0..30 {
        playback.forward();
    }
    assert_eq!((playback.scene(), playback.timeline().world().hash()), (&there, hash));
    assert_eq!(playback.scene_after(there.frames), *there);
}

#[test]
fn a_command_in_the_past_forks_and_the_chronicle_follows() {
    let mut playback = serving();
    let recorded = playback.timeline().frames().len();
    playback.seek(recorded / 2);
    playback.command(Command::Crash(ServerId(2))).expect("a server can crash");
    assert_eq!(playback.branch, 2);
    assert!(!playback.scene().servers[&ServerId(2)].up);
    assert_eq!(playback.chronicle().frames(), playback.timeline().frames().len());
    assert!(playback.is_at_frontier());
}

#[test]
fn a_fork_keeps_the_run_that_it_left_and_each_can_be_gone_back_to() {
    let mut playback = serving();
    let recorded = playback.timeline().frames().to_vec();
    let (end, hash) = (recorded.len(), playback.timeline().world().hash());
    let chronicle = playback.chronicle().clone();
    playback.seek(end / 2);
    playback.command(Command::Crash(ServerId(2))).expect("a server can crash");
    assert!(playback.run_until(Until::Serving));
    let second = playback.timeline().world().hash();
    playback.seek(end / 3);
    playback.command(Command::Crash(ServerId(1))).expect("a server can crash");
    assert_eq!((playback.branch, playback.branches().len()), (3, 3));

    assert!(playback.switch(1));
    playback.seek(usize::MAX);
    assert_eq!(playback.timeline().frames(), recorded, "the first run, as it was recorded");
    assert_eq!(playback.timeline().world().hash(), hash);
    assert_eq!(playback.chronicle().arrows, chronicle.arrows);
    assert_eq!(playback.chronicle().lanes, chronicle.lanes);
    assert_eq!(playback.chronicle().marks, chronicle.marks);
    assert_eq!(*playback.scene().as_ref(), playback.scene_after(end));

    assert!(playback.switch(2));
    playback.seek(usize::MAX);
    assert_eq!(playback.timeline().world().hash(), second);
    let again = Playback::from_run(playback.run());
    assert_eq!(again.timeline().world().hash(), second, "a link names the present branch");
    assert!(!playback.switch(2), "it is the present one");
    assert!(playback.switch(3) && !playback.switch(9));
}

#[test]
fn two_branches_stand_side_by_side_where_they_first_differ() {
    let mut playback = serving();
    let half = playback.timeline().frames().len() / 2;
    playback.seek(half);
    playback.command(Command::Crash(ServerId(2))).expect("a server can crash");
    let twin = playback.beside(1).expect("the first branch is kept");
    assert_eq!(twin.differs, Some(half));
    assert_ne!(twin.frame(), playback.timeline().frames().get(half));
    assert_eq!(twin.scene.as_ref().expect("a difference has a scene").frames, half + 1);
    assert!(playback.beside(2).is_none(), "the present branch has nothing to differ from");

    let other = Playback::new(Setup { seed: 99, ..setup() });
    assert_eq!(playback.beside_run(&other).differs, None, "nothing is recorded there yet");
}

#[test]
fn a_beat_is_a_whole_moment_in_which_something_is_done() {
    let mut playback = serving();
    let end = playback.timeline().frames().len();
    playback.seek(0);
    let mut stops = vec![0];
    while playback.position() < end {
        playback.next_beat();
        stops.push(playback.position());
    }
    let frames = playback.timeline().frames();
    assert!(stops.len() > 10 && 3 * stops.len() < 2 * end, "{} beats in {end} steps", stops.len());
    for (stop, next) in stops.iter().zip(&stops[1..]) {
        assert!(frames[*stop..*next].iter().any(beat::is_act), "{stop} to {next}");
    }
    stops.pop();
    while let Some(stop) = stops.pop() {
        playback.previous_beat();
        assert_eq!(playback.position(), stop);
    }
}

#[test]
fn jumps_go_from_one_step_of_a_kind_to_the_next_and_back() {
    let mut playback = Playback::new(setup());
    assert!(playback.next(Until::Elected));
    let elected = playback.position();
    assert!(Until::Elected.holds(playback.last_frame().expect("a step was taken")));
    assert!(playback.next(Until::SyncPlanned) && playback.position() > elected);
    assert!(playback.previous(Until::VoteCast) && playback.position() < elected);
    assert!(playback.next(Until::Elected) && playback.position() == elected);
    assert!(!playback.previous(Until::Violation) && playback.position() == elected);
    assert!(!playback.next(Until::Commit), "no client asks for anything");
    assert_eq!(playback.position(), elected, "what does not come leaves the playhead");
}

#[test]
fn a_place_is_reached_also_beyond_what_is_recorded() {
    let mut playback = Playback::new(setup());
    assert!(playback.go_to(goto::Place::Step(246)));
    assert_eq!(playback.position(), 246);
    let later = playback.playhead() + 2_000_000.0;
    assert!(playback.go_to(goto::Place::Moment(later)));
    assert_eq!(playback.playhead(), later);
    assert!(playback.go_to(goto::Place::Moment(1_000.0)));
    assert_eq!(playback.playhead(), 1_000.0);
}

/// The promise of "a seek anywhere in a long run answers at once", counted and not timed: no
/// machine is so fast that doing too much would not show.
#[test]
fn a_seek_in_a_long_run_costs_no_more_than_in_a_short_one() {
    let mut playback = Playback::new(setup());
    assert!(playback.go_to(goto::Place::Step(20_000)));
    let recorded = playback.work();
    let places = [19_999, 3, 12_345, 12_344, 12_600, 0, 7_777, 20_000];
    for place in places {
        let before = playback.work();
        playback.seek(place);
        assert_eq!(playback.scene().frames, place);
        let cost = playback.work() - before;
        assert!(cost < 256 + 128, "{cost} frames to get to {place}");
    }
    assert!(playback.work() - recorded < 8 * (256 + 128));
    let before = playback.work();
    playback.seek(10_000);
    playback.command(Command::Crash(ServerId(2))).expect("a server can crash");
    assert!(playback.work() - before < 512, "a fork folds nothing anew");
    let before = playback.work();
    assert!(playback.step_forward());
    assert!(playback.work() - before <= 2, "a step is one frame for the scene, one for the lanes");
}

#[test]
fn playing_until_something_stops_exactly_there() {
    let mut playback = Playback::new(setup());
    assert!(playback.play_until(Until::Elected));
    assert_eq!(playback.position(), 0, "the way there is played, not skipped");
    let mut pictures = 0;
    while playback.playing {
        playback.advance(16.0, || true);
        pictures += 1;
    }
    assert!(Until::Elected.holds(playback.last_frame().expect("steps were taken")));
    assert!(pictures < 700, "{pictures} pictures are more than ten seconds");
}

#[test]
fn where_there_is_no_time_left_the_playhead_waits_and_nothing_is_left_out() {
    let mut quick = Playback::new(setup());
    quick.speed = SPEEDS.len() - 1;
    quick.playing = true;
    let mut slow = Playback::new(setup());
    slow.speed = SPEEDS.len() - 1;
    slow.playing = true;
    quick.advance(100.0, || true);
    let reached = quick.position();
    assert!(reached > 10, "{reached} steps in one picture");
    slow.advance(100.0, || false);
    assert_eq!(slow.position(), 1, "one step in each picture, however slow the machine");
    let waits = slow.playhead();
    assert!(waits <= slow.timeline().world().next_at().map_or(f64::INFINITY, |at| at.0 as f64));
    while slow.position() < reached {
        slow.advance(100.0, || false);
    }
    assert_eq!(slow.timeline().world().hash(), quick.timeline().world().hash());
}

#[test]
fn what_does_not_happen_is_not_played() {
    let mut playback = serving();
    let position = playback.position();
    assert!(!playback.play_until(Until::Commit), "no client asks for anything");
    assert!(!playback.playing && playback.position() == position);
}

#[test]
fn a_run_that_is_opened_behind_a_breach_and_before_its_end_knows_of_the_breach() {
    use crate::model::exhibits;
    use vivarium_protocol::base::Exhibit;

    let run = exhibits::run(Exhibit::AcksBeforeDurable).expect("the link opens");
    let broken: Vec<u64> =
        Timeline::from_run(run.clone()).world().violations().iter().map(|it| it.step).collect();
    let mut playback = Playback::from_run(run);
    assert_eq!(playback.violations(), broken);
    playback.seek(0);
    assert_eq!(playback.violations(), broken, "nor is it forgotten in the past");
    assert!(playback.next(Until::Violation));
    assert_eq!(playback.position() as u64, broken[0] + 1, "a jump lands on it");
}
