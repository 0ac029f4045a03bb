//! Slices never show anything but what is, and a step draws few of them again.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::*;
use crate::i18n::Lang;
use crate::model::flight::{Filters, micros};
use crate::model::playback::{Playback, Until};
use crate::view::{Session, Snapshot};
use vivarium_sim::{ClientAct, ClientOp, Command, Setup};

const CHOICES: Choices = Choices {
    lang: Lang::English,
    selection: Selection::Nothing,
    filters: Filters { votes: true, sync: true, broadcast: true, pings: true },
};

/// Nine servers that serve, with a write every 20 ms.
fn busy() -> Playback {
    let setup = Setup { participants: 9, latency_us: (25_000, 60_000), ..Setup::default() };
    let mut playback = Playback::new(setup);
    assert!(playback.run_until(Until::Serving));
    let act = ClientAct::Connect { server: ServerId(1) };
    playback.command(Command::Client { client: 1, act }).expect("a client may connect");
    let start = playback.playhead();
    for number in 1..=60 {
        let path = format!("/n{number}");
        let op = ClientOp::Create { path, data: "x".into(), ephemeral: false, sequential: false };
        let act = ClientAct::Request(op);
        playback.command(Command::Client { client: 1, act }).expect("a client may ask");
        playback.record_until(start + f64::from(number) * 20_000.0);
    }
    playback
}

fn shown(playback: Playback) -> (Session, Shown) {
    let session: Session = Rc::new(RefCell::new(playback));
    let shown = Shown(Rc::new(Snapshot::of(&session)));
    (session, shown)
}

/// The plot whose window ends a little after the playhead.
fn plot(shown: &Shown) -> Scale {
    let scale = Scale::example((micros(shown.at) - 860_000.0).max(0.0));
    scale.ahead(&scale)
}

type Seen = BTreeMap<i64, (u64, Vec<(Pen, String)>)>;

/// Every slice of the plot: its revision, and what is drawn of it.
fn seen(shown: &Shown, choices: &Choices) -> Seen {
    let playback = shown.playback();
    let drawn = Drawn::own(shown, &playback, None);
    let plot = plot(shown);
    let slices = in_plot(&drawn, &plot).into_iter().map(|part| {
        let own = plot.slice(part.start);
        let paths = inked(&part, &drawn, choices, &own).into_paths();
        (part.number, (revision(&part, &drawn, choices, &own), paths))
    });
    slices.collect()
}

#[test]
fn a_window_of_any_number_of_arrows_is_a_bounded_number_of_paths() {
    let (_session, shown) = shown(busy());
    let arrows = shown.playback().chronicle().arrows.len();
    assert!(arrows > 1_500, "a busy run: {arrows}");
    let seen = seen(&shown, &CHOICES);
    assert!(seen.len() <= 20, "a plot and a half: {}", seen.len());
    let most = seen.values().map(|(_, paths)| paths.len()).max().expect("something is drawn");
    assert!(most <= 40, "one path a pen: {most}");
}

#[test]
fn a_step_draws_few_slices_again_and_a_slice_that_is_not_would_look_the_same() {
    let (session, first) = shown(busy());
    session.borrow_mut().seek(first.recorded - 600);
    let mut before = seen(&Shown(Rc::new(Snapshot::of(&session))), &CHOICES);
    let (mut steps, mut redrawn) = (0, 0);
    for _ in 0..300 {
        session.borrow_mut().step_forward();
        let shown = Shown(Rc::new(Snapshot::of(&session)));
        let after = seen(&shown, &CHOICES);
        for (number, (revision, paths)) in &after {
            match before.get(number).filter(|(known, _)| known == revision) {
                Some((_, known)) => assert_eq!(known, paths, "slice {number} would be stale"),
                None => redrawn += 1,
            }
        }
        steps += 1;
        before = after;
    }
    assert!(redrawn > 0, "what arrives looks otherwise than what is under way");
    assert!(redrawn < 3 * steps, "{redrawn} slices in {steps} steps");
}

#[test]
fn what_is_selected_or_hidden_is_drawn_otherwise() {
    let (_session, shown) = shown(busy());
    let usual = seen(&shown, &CHOICES);
    let id = {
        let playback = shown.playback();
        let arrows = &playback.chronicle().arrows;
        arrows[arrows.len() - 40].travel.id
    };
    let chosen = seen(&shown, &Choices { selection: Selection::Message(id), ..CHOICES });
    let differ = |other: &Seen| other.iter().filter(|(number, one)| usual[number] != **one).count();
    assert_eq!(differ(&chosen), 1, "one slice holds the message");
    let filters = Filters { broadcast: false, ..CHOICES.filters };
    assert!(differ(&seen(&shown, &Choices { filters, ..CHOICES })) > 3);
}

#[test]
fn a_click_on_an_arrow_finds_its_message_and_one_beside_it_none() {
    let (_session, shown) = shown(busy());
    let scale = Scale::example(micros(shown.at) - 860_000.0);
    let (id, middle) = {
        let playback = shown.playback();
        let drawn = Drawn::own(&shown, &playback, None);
        let arrow = arrows::in_window(&drawn, &scale)
            .find(|arrow| scale.x(micros(arrow.sent)) > scale.left)
            .expect("the window holds arrows");
        let ends = arrows::ends(arrow, &drawn, &scale).expect("every lane is drawn");
        let (from, to) = (ends.from, ends.to);
        (arrow.travel.id, (f64::midpoint(from.0, to.0), f64::midpoint(from.1, to.1)))
    };
    let own = |choices| Own {
        shown: shown.clone(),
        choices,
        time: crate::panels::time::TimeView::default(),
        send: Callback::noop(),
    };
    let found = message_at(&own(CHOICES), &scale, middle).expect("an arrow lies there");
    let (playback, wanted) = (shown.playback(), [found, id]);
    let near = playback.chronicle().arrows.iter().filter(|arrow| wanted.contains(&arrow.travel.id));
    let times: Vec<f64> = near.map(|arrow| micros(arrow.sent)).collect();
    assert!(times.iter().all(|time| (time - times[0]).abs() < 60_000.0), "it or one across it");
    assert_eq!(message_at(&own(CHOICES), &scale, (20.0, middle.1)), None, "beside the plot");
    assert_eq!(message_at(&own(CHOICES), &scale, (middle.0, 2.0)), None, "above the lanes");
}
