//! Requests to change the members of an ensemble.

use crate::client::Client;
use crate::ensemble::Place;
use std::io;
use vivarium_protocol::message::{ErrorCode, Op, ReplyBody};

/// The line by which a server is asked to join as a voter.
#[must_use]
pub fn member_line(place: &Place) -> String {
    let Place { id, client, quorum, election, .. } = place;
    format!("server.{id}=127.0.0.1:{quorum}:{election}:participant;127.0.0.1:{client}")
}

/// Asks for other members; the text of the new configuration, or why not.
///
/// # Errors
/// What the leader says.
///
/// # Panics
/// When nothing is answered.
pub fn ask(client: &mut Client, joining: &str, leaving: &str) -> Result<String, ErrorCode> {
    try_ask(client, joining, leaving).expect("the server answers")
}

/// The same, where the connection may be lost over it: Apache's followers hang up without an answer
/// when another is to lead.
///
/// # Errors
/// The connection is lost.
///
/// # Panics
/// When the answer is of another kind.
pub fn try_ask(
    client: &mut Client,
    joining: &str,
    leaving: &str,
) -> io::Result<Result<String, ErrorCode>> {
    let some = |text: &str| Some(text).filter(|text| !text.is_empty()).map(str::to_owned);
    let (joining, leaving) = (some(joining), some(leaving));
    let op = Op::Reconfig { joining, leaving, members: None, config_id: -1 };
    Ok(client.request(&op)?.map(|body| match body {
        ReplyBody::Data { data, .. } => {
            String::from_utf8(data.unwrap_or_default().to_vec()).expect("it is text")
        }
        other => panic!("a reconfiguration answers with data, not {other:?}"),
    }))
}
