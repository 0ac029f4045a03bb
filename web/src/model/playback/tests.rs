//! A playhead goes anywhere and always shows what happened there.

use super::*;
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
fn playing_until_something_stops_exactly_there() {
    let mut playback = Playback::new(setup());
    assert!(playback.play_until(Until::Elected));
    assert_eq!(playback.position(), 0, "the way there is played, not skipped");
    let mut pictures = 0;
    while playback.playing {
        playback.advance(16.0);
        pictures += 1;
    }
    assert!(Until::Elected.holds(playback.last_frame().expect("steps were taken")));
    assert!(pictures < 700, "{pictures} pictures are more than ten seconds");
}

#[test]
fn what_does_not_happen_is_not_played() {
    let mut playback = serving();
    let position = playback.position();
    assert!(!playback.play_until(Until::Commit), "no client asks for anything");
    assert!(!playback.playing && playback.position() == position);
}
