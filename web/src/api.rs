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

use crate::model::scene::ServerView;
use crate::view::{Msg, Session};

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
    static SEND: RefCell<Option<Callback<Msg>>> = const { RefCell::new(None) };
}

/// Lets [`seek`] speak to the root.
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
            servers: scene.servers.values().map(ServerState::of).collect(),
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

/// The recorded steps from one number up to another, which is left out. Numbers of 64 bits are
/// BigInts, since an observer's vote names a candidate that no JavaScript number can hold.
#[wasm_bindgen]
#[must_use]
pub fn frames(from: u32, to: u32) -> JsValue {
    let wide = Serializer::new().serialize_large_number_types_as_bigints(true);
    let frames = with_session(|playback| {
        let frames = playback.timeline().frames();
        let to = (to as usize).min(frames.len());
        to_js(&frames[(from as usize).min(to)..to].to_vec(), &wide)
    });
    frames.unwrap_or(JsValue::NULL)
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
