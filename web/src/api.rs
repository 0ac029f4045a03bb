//! What the page offers to tests and to curious people under `window.vivarium`.
//!
//! The values are the trace's own types, as plain JavaScript objects. A hash is text, since a
//! JavaScript number cannot hold 64 bits.

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde::Serialize;
use vivarium_protocol::base::{ServerId, Time};
use vivarium_protocol::trace::PeerStatus;
use wasm_bindgen::prelude::*;

use crate::view::Session;

thread_local! {
    static SESSION: RefCell<Option<Session>> = const { RefCell::new(None) };
}

/// Makes a run the one that `window.vivarium` speaks of.
pub fn publish(session: &Session) {
    SESSION.with_borrow_mut(|slot| *slot = Some(session.clone()));
}

/// One server as `state()` tells it.
#[derive(Serialize)]
struct ServerState {
    up: bool,
    hears: Option<ServerId>,
    log: Vec<String>,
    status: PeerStatus,
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
    servers: BTreeMap<String, ServerState>,
}

fn with_session<T>(f: impl FnOnce(&crate::model::playback::Playback) -> T) -> Option<T> {
    SESSION.with_borrow(|slot| slot.as_ref().map(|session| f(&session.borrow())))
}

fn to_js(value: &impl Serialize) -> JsValue {
    let serializer = serde_wasm_bindgen::Serializer::json_compatible();
    value.serialize(&serializer).unwrap_or_else(|error| JsValue::from(error))
}

/// The state at the playhead.
#[wasm_bindgen]
#[must_use]
pub fn state() -> JsValue {
    let state = with_session(|playback| {
        let scene = playback.scene();
        let servers = scene.servers.values().map(|server| {
            let log = server.log.iter().map(|entry| entry.zxid.to_string()).collect();
            let state = ServerState {
                up: server.up,
                hears: server.stands_with(),
                log,
                status: server.status.clone(),
            };
            (server.id.to_string(), state)
        });
        State {
            position: playback.position(),
            recorded: playback.timeline().frames().len(),
            at: playback.now(),
            playing: playback.playing,
            hash: format!("{:016x}", playback.timeline().world().hash()),
            leader: scene.leader().map(|leader| leader.id),
            servers: servers.collect(),
        }
    });
    state.map_or(JsValue::NULL, |state| to_js(&state))
}

/// The hash of the world at the playhead: the same as natively for the same run.
#[wasm_bindgen]
#[must_use]
pub fn hash() -> String {
    with_session(|playback| format!("{:016x}", playback.timeline().world().hash()))
        .unwrap_or_default()
}

/// The recorded steps from one number up to another, which is left out.
#[wasm_bindgen]
#[must_use]
pub fn frames(from: u32, to: u32) -> JsValue {
    let frames = with_session(|playback| {
        let frames = playback.timeline().frames();
        let to = (to as usize).min(frames.len());
        to_js(&frames[(from as usize).min(to)..to].to_vec())
    });
    frames.unwrap_or(JsValue::NULL)
}

/// A link to this run at this moment, as it stands behind `#` in the address.
#[wasm_bindgen]
#[must_use]
pub fn link() -> String {
    with_session(|playback| playback.run().to_link()).unwrap_or_default()
}
