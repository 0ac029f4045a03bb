//! The election ports of servers that are played: they answer whoever looks for a leader.

use crate::ensemble::Place;
use bytes::BytesMut;
use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::{Notification, PeerState};
use vivarium_protocol::wire::election::{
    HandshakeVersion, InitialMessage, decode_handshake, decode_notification, encode_handshake,
    encode_notification,
};
use vivarium_protocol::wire::frame::{MAX_NOTIFICATION, put_frame, take_frame};

/// What a played server, by its number, answers to a notification.
pub type Answer = dyn Fn(usize, &Notification) -> Notification + Send + Sync;

/// Plays the election port of every server but ours, which is `ours`. Of each pair the larger id
/// keeps the connection that it opened, so the larger ones dial and the smaller ones listen.
///
/// # Panics
/// When a port can't be listened on.
pub fn play(places: &[Place], ours: usize, answer: Arc<Answer>) {
    let at = places[ours - 1].election;
    for place in places.iter().filter(|place| place.id != ours) {
        let (id, port, answer) = (place.id, place.election, Arc::clone(&answer));
        if id > ours {
            std::thread::spawn(move || dial(id, port, at, &*answer));
        } else {
            let listener =
                TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
            std::thread::spawn(move || {
                for socket in listener.incoming().flatten() {
                    // Our server hangs up when it ends.
                    let _ = hold(socket, id, true, &*answer);
                }
            });
        }
    }
}

/// Dials until our server is there, and then talks until it has gone.
fn dial(id: usize, port: u16, at: u16, answer: &Answer) {
    let mut socket = loop {
        match TcpStream::connect((Ipv4Addr::LOCALHOST, at)) {
            Ok(socket) => break socket,
            Err(_) => std::thread::yield_now(),
        }
    };
    let addresses = vec![("127.0.0.1".to_owned(), port)];
    let number = ServerId(i64::try_from(id).expect("it is small"));
    let message = InitialMessage { version: HandshakeVersion::V1, id: number, addresses };
    let mut out = BytesMut::new();
    encode_handshake(&message, &mut out);
    if socket.write_all(&out).is_ok() {
        // Our server hangs up when it ends.
        let _ = hold(socket, id, false, answer);
    }
}

fn hold(mut socket: TcpStream, id: usize, greeted: bool, answer: &Answer) -> io::Result<()> {
    let (mut input, mut chunk) = (BytesMut::new(), [0; 4096]);
    let mut greeted = !greeted;
    loop {
        if !greeted && decode_handshake(&mut input).map_err(io::Error::other)?.is_some() {
            greeted = true;
        }
        while greeted
            && let Some(frame) =
                take_frame(&mut input, 1, MAX_NOTIFICATION).map_err(io::Error::other)?
        {
            let heard = decode_notification(&frame).map_err(io::Error::other)?;
            if heard.state == PeerState::Looking {
                let mut out = BytesMut::new();
                let said = answer(id, &heard);
                put_frame(&mut out, |out| encode_notification(&said, out));
                socket.write_all(&out)?;
            }
        }
        match socket.read(&mut chunk)? {
            0 => return Ok(()),
            read => input.extend_from_slice(&chunk[..read]),
        }
    }
}
