//! SASL between servers: packets of a magic number, a status and a token (docs/protocol.md, Q8.3).
//!
//! Whoever dials speaks first. Invariants:
//! 1. Not a byte of what follows the exchange is lost: whoever dials reads exactly the packets,
//!    whoever accepts leaves the rest in its buffer.
//! 2. An exchange has an end: at most [`ROUNDS`] tokens each way, none above [`MOST`] bytes.

use crate::auth::{Answer, Exchange, Login, PEERS, PeerSasl, Step};
use crate::tls::{Stream, random};
use bytes::{Buf, BufMut, BytesMut};
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// With this every packet begins.
const MAGIC: i64 = 0x5F24_3501_3501_EDCC;
/// Magic number, status, length of the token.
const HEAD: usize = 16;
/// The most tokens that whoever accepts asks for.
const ROUNDS: usize = 5;
/// The longest token, bytes.
const MOST: usize = 64 * 1024;

const IN_PROGRESS: i32 = 0;
const SUCCESS: i32 = 1;
const ERROR: i32 = -1;

/// Says who this server is to one that it has dialled.
///
/// # Errors
/// The other end refuses the login, or does not know the password itself.
pub async fn introduce(login: &Login, stream: &mut Stream) -> io::Result<()> {
    let mut answer = Answer::new(login.clone(), PEERS);
    send(stream, IN_PROGRESS, &[]).await?;
    loop {
        let (status, token) = receive(stream).await?;
        match status {
            IN_PROGRESS => {
                let token = answer.respond(&token, &random()).map_err(|it| failed(&it))?;
                send(stream, IN_PROGRESS, &token).await?;
            }
            SUCCESS => {
                answer.verify(&token).map_err(|it| failed(&it))?;
                tracing::debug!("the other server takes this one for {}", login.user);
                return Ok(());
            }
            _ => return Err(failed(&format!("the other server refuses {}", login.user))),
        }
    }
}

/// Hears who a server is that has dialled; one that does not say so is let in unless the
/// settings insist.
///
/// # Errors
/// It does not say, or not rightly, and the settings insist.
pub async fn identify(
    sasl: &PeerSasl,
    stream: &mut Stream,
    input: &mut BytesMut,
) -> io::Result<()> {
    let known = fill(stream, input, 8).await? && input[..8] == MAGIC.to_be_bytes();
    if !known {
        let why = "it does not say who it is, and quorum.auth.serverRequireSasl asks for that";
        return if sasl.insists { Err(failed(&why)) } else { Ok(()) };
    }
    match examine(sasl, stream, input).await {
        Ok(user) => {
            tracing::debug!("the server that dialled is {user}");
            Ok(())
        }
        Err(error) => {
            // It may be gone already.
            let _ = send(stream, ERROR, &[]).await;
            if sasl.insists {
                return Err(error);
            }
            tracing::warn!("a server that is not known is let in: {error}");
            Ok(())
        }
    }
}

async fn examine(sasl: &PeerSasl, stream: &mut Stream, input: &mut BytesMut) -> io::Result<String> {
    let mut exchange = Exchange::new(Arc::clone(&sasl.users), PEERS);
    for _ in 0..=ROUNDS {
        let token = take(stream, input).await?;
        match exchange.step(&token, &random()).map_err(|it| failed(&it))? {
            Step::Challenge(challenge) => send(stream, IN_PROGRESS, &challenge).await?,
            Step::Done { token, user } => {
                send(stream, SUCCESS, &token).await?;
                return Ok(user);
            }
        }
    }
    Err(failed(&"it goes on for too long"))
}

async fn send(stream: &mut Stream, status: i32, token: &[u8]) -> io::Result<()> {
    let mut packet = BytesMut::with_capacity(HEAD + token.len());
    packet.put_i64(MAGIC);
    packet.put_i32(status);
    packet.put_i32(i32::try_from(token.len()).unwrap_or(i32::MAX));
    packet.put_slice(token);
    stream.write_all(&packet).await?;
    stream.flush().await
}

/// The next packet, read to its end and no further.
async fn receive(stream: &mut Stream) -> io::Result<(i32, Vec<u8>)> {
    let mut head = [0; HEAD];
    stream.read_exact(&mut head).await?;
    let (status, length) = read_head(&head)?;
    let mut token = vec![0; length];
    stream.read_exact(&mut token).await?;
    Ok((status, token))
}

/// The token of the next packet out of a buffer, which is filled as far as needed.
async fn take(stream: &mut Stream, input: &mut BytesMut) -> io::Result<Vec<u8>> {
    let cut = || failed(&"it hung up in the middle");
    if !fill(stream, input, HEAD).await? {
        return Err(cut());
    }
    let (status, length) = read_head(&input[..HEAD])?;
    if !fill(stream, input, HEAD + length).await? {
        return Err(cut());
    }
    input.advance(HEAD);
    let token = input.split_to(length).to_vec();
    if status == ERROR { Err(failed(&"it gave up")) } else { Ok(token) }
}

fn read_head(mut head: &[u8]) -> io::Result<(i32, usize)> {
    let (magic, status, length) = (head.get_i64(), head.get_i32(), head.get_i32());
    // A token that is null counts as an empty one.
    let length = usize::try_from(length.max(0)).unwrap_or(usize::MAX);
    if magic != MAGIC || length > MOST {
        return Err(failed(&"what it sends is no packet of SASL"));
    }
    Ok((status, length))
}

/// Reads until the buffer holds so many bytes; false if the other end hangs up before.
async fn fill(stream: &mut Stream, input: &mut BytesMut, wanted: usize) -> io::Result<bool> {
    while input.len() < wanted {
        if stream.read_buf(input).await? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn failed(why: &dyn std::fmt::Display) -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, format!("SASL: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Users;
    use std::collections::BTreeMap;
    use tokio::net::{TcpListener, TcpStream};

    fn login(password: &str) -> Login {
        Login { user: "zoo".to_owned(), password: password.to_owned() }
    }

    fn doorkeeper(insists: bool) -> PeerSasl {
        let users = BTreeMap::from([("zoo".to_owned(), "secret".to_owned())]);
        PeerSasl { login: None, users: Arc::new(Users(users)), insists }
    }

    async fn pair() -> (Stream, Stream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = listener.local_addr().expect("it listens");
        let (dialled, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        (
            Stream::Plain(dialled.expect("it listens")),
            Stream::Plain(accepted.expect("it is ours").0),
        )
    }

    async fn meet(password: &str, insists: bool) -> (io::Result<()>, io::Result<()>, BytesMut) {
        let (mut one, mut other) = pair().await;
        let (login, keeper) = (login(password), doorkeeper(insists));
        let dialler = async {
            introduce(&login, &mut one).await?;
            one.write_all(b"what follows").await
        };
        let mut input = BytesMut::new();
        let acceptor = async {
            identify(&keeper, &mut other, &mut input).await?;
            fill(&mut other, &mut input, 12).await.map(drop)
        };
        let (said, heard) = tokio::join!(dialler, acceptor);
        (said, heard, input)
    }

    #[tokio::test]
    async fn who_knows_the_password_is_let_in_and_nothing_that_follows_is_lost() {
        let (said, heard, input) = meet("secret", true).await;
        said.expect("the other end is content");
        heard.expect("so is this one");
        assert_eq!(&input[..], b"what follows");
    }

    #[tokio::test]
    async fn who_does_not_know_it_is_not_and_both_ends_say_why() {
        let (said, heard, _) = meet("guess", true).await;
        assert_eq!(said.unwrap_err().to_string(), "SASL: the other server refuses zoo");
        assert_eq!(heard.unwrap_err().to_string(), "SASL: unknown user or wrong password");
    }

    #[tokio::test]
    async fn who_says_nothing_is_let_in_only_where_nobody_insists() {
        for (insists, welcome) in [(false, true), (true, false)] {
            let (mut one, mut other) = pair().await;
            one.write_all(b"a notification").await.expect("it is connected");
            let mut input = BytesMut::new();
            let heard = identify(&doorkeeper(insists), &mut other, &mut input).await;
            assert_eq!(heard.is_ok(), welcome);
            assert_eq!(&input[..], b"a notification");
        }
    }

    #[tokio::test]
    async fn an_endless_token_is_refused() {
        let (mut one, mut other) = pair().await;
        let mut packet = MAGIC.to_be_bytes().to_vec();
        packet.extend([0, 0, 0, 0, 0x7f, 0, 0, 0]);
        one.write_all(&packet).await.expect("it is connected");
        let heard = identify(&doorkeeper(true), &mut other, &mut BytesMut::new()).await;
        assert!(heard.unwrap_err().to_string().contains("no packet of SASL"));
    }
}
