//! What the page offers to tests and to curious people under `window.vivarium`.
//!
//! The values are the trace's own types, as plain JavaScript objects. A hash is text, since a
//! JavaScript number cannot hold 64 bits.

use std::cell::RefCell;

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use vivarium_protocol::base::{Epoch, ServerId, Time, Zxid};
use vivarium_sim::{Run, Timeline};
use wasm_bindgen::prelude::*;
use yew::Callback;

use crate::i18n::Lang;
use crate::model::scene::ServerView;
use crate::panels::later;
use crate::panels::time::menus::UNTILS;
use crate::view::{Msg, Page, Session};

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
    static SEND: RefCell<Option<Callback<Msg>>> = const { RefCell::new(None) };
}

/// Makes this the way to the page: for [`perform`] and for what is asked below.
pub fn connect(send: &Callback<Msg>) {
    SEND.with_borrow_mut(|slot| *slot = Some(send.clone()));
}

/// Makes a run the one that `window.vivarium` speaks of.
pub fn publish(session: &Session) {
    SESSION.with_borrow_mut(|slot| *slot = Some(session.clone()));
}

/// One server as `state()` tells it: zxids as text, as everywhere on the page.
#[derive(Serialize)]
struct ServerState {
    id: ServerId,
    up: bool,
    state: &'static str,
    phase: &'static str,
    leader: Option<ServerId>,
    round: i64,
    accepted_epoch: Epoch,
    current_epoch: Epoch,
    last_logged: Zxid,
    last_committed: Zxid,
    serving: bool,
    log: Vec<Zxid>,
}

impl ServerState {
    fn of(server: &ServerView) -> ServerState {
        let status = &server.status;
        ServerState {
            id: server.id,
            up: server.up,
            state: if server.up { status.role.name() } else { "DOWN" },
            phase: status.phase.name(),
            leader: status.leader,
            round: status.round,
            accepted_epoch: status.accepted_epoch,
            current_epoch: status.current_epoch,
            last_logged: status.last_logged,
            last_committed: status.last_committed,
            serving: status.serving,
            log: server.log.iter().map(|entry| entry.zxid).collect(),
        }
    }
}

/// The whole state.
#[derive(Serialize)]
struct State {
    position: usize,
    recorded: usize,
    at: Time,
    playing: bool,
    hash: String,
    leader: Option<ServerId>,
    servers: Vec<ServerState>,
}

fn with_session<T>(f: impl FnOnce(&crate::model::playback::Playback) -> T) -> Option<T> {
    SESSION.with_borrow(|slot| slot.as_ref().map(|session| f(&session.borrow())))
}

fn to_js(value: &impl Serialize, serializer: &Serializer) -> JsValue {
    value.serialize(serializer).unwrap_or_else(JsValue::from)
}

/// The state at the playhead.
#[wasm_bindgen]
#[must_use]
pub fn state() -> JsValue {
    let state = with_session(|playback| {
        let scene = playback.scene();
        State {
            position: playback.position(),
            recorded: playback.timeline().frames().len(),
            at: playback.now(),
            playing: playback.playing,
            hash: format!("{:016x}", playback.timeline().world().hash()),
            leader: scene.leader().map(|leader| leader.id),
            servers: scene.servers.values().map(|server| ServerState::of(server)).collect(),
        }
    });
    state.map_or(JsValue::NULL, |state| to_js(&state, &Serializer::json_compatible()))
}

/// The hash of the world at the playhead: the same as natively for the same run.
#[wasm_bindgen]
#[must_use]
pub fn hash() -> String {
    with_session(|playback| format!("{:016x}", playback.timeline().world().hash()))
        .unwrap_or_default()
}

/// The recorded steps from one number up to another, which is left out, as JSON. The one number
/// of 64 bits in it, whom an observer votes for, is a power of two and survives as any number.
/// Nothing when the part of the page that writes it can't be fetched.
#[wasm_bindgen]
#[must_use]
pub async fn frames(from: u32, to: u32) -> Option<String> {
    let tools = later::fetch_tools().await?;
    with_session(|playback| {
        let frames = playback.timeline().frames();
        let to = (to as usize).min(frames.len());
        (tools.frames)(&frames[(from as usize).min(to)..to])
    })
}

/// Does what a page outside asks for: `what` as docs/embed.md names it, with its number if it has
/// one. False if there is no such thing.
#[wasm_bindgen]
#[must_use]
pub fn perform(what: &str, number: f64) -> bool {
    let playing = with_session(|playback| playback.playing).unwrap_or(false);
    let msg = match what {
        "play" | "pause" if playing == (what == "play") => return true,
        "play" | "pause" | "toggle" => Msg::TogglePlay,
        "step" => Msg::StepForward,
        "back" => Msg::StepBack,
        "next" => Msg::NextKey,
        "previous" => Msg::PreviousKey,
        "start" => Msg::Home,
        "end" => Msg::End,
        "seek-step" => Msg::SeekStep(number.max(0.0) as u64),
        "seek-ms" => Msg::SeekTime(number.max(0.0) * 1000.0),
        "until" => match UNTILS.get((number as usize).wrapping_sub(1)) {
            Some((until, _)) => Msg::PlayUntil(*until),
            None => return false,
        },
        "language" if number > 0.0 => Msg::Page(Page::Speak(Lang::Chinese)),
        "language" => Msg::Page(Page::Speak(Lang::English)),
        _ => return false,
    };
    SEND.with_borrow(|send| send.as_ref().map(|send| send.emit(msg))).is_some()
}

/// A link to this run at this moment, as it stands behind `#` in the address.
#[wasm_bindgen]
#[must_use]
pub fn link() -> String {
    with_session(|playback| playback.run().to_link()).unwrap_or_default()
}

/// Puts the playhead after that many steps of what is recorded, as the buttons do.
#[wasm_bindgen]
pub fn seek(step: u32) {
    if let Some(send) = SEND.with_borrow(Clone::clone) {
        send.emit(Msg::SeekStep(u64::from(step)));
    }
}

/// Replays a link's run aside and gives its hash, empty for a link that cannot be opened: the
/// speed of the simulator alone, since nothing is drawn.
#[wasm_bindgen]
#[must_use]
pub fn replay(link: &str) -> String {
    let run = Run::from_link(link).ok();
    run.map_or_else(String::new, |run| format!("{:016x}", Timeline::from_run(run).world().hash()))
}
