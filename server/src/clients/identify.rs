//! Requests about who the client is, judged as soon as they are read: `addauth` and SASL.
//!
//! Invariants:
//! 1. What a client has shown counts for every request that it sends afterwards, and for none that
//!    it sent before.
//! 2. Where a scheme is enforced, nothing else is answered before an id of it is shown.

use super::connection::Closed;
use super::conversation::Conversation;
use crate::auth::{Step, Verdict};
use crate::tls;
use bytes::Bytes;
use std::net::IpAddr;
use vivarium_protocol::message::{ErrorCode, Id, ReplyBody};
use vivarium_protocol::service::Step as Next;
use vivarium_protocol::wire::client::RequestError;
use vivarium_protocol::wire::jute::Reader;

/// The opcode of SASL's requests.
pub const SASL: i32 = 102;

/// The id that every connection has: its address, written as Java does.
#[must_use]
pub fn address_id(address: IpAddr) -> Id {
    let id = match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => address.segments().map(|part| format!("{part:x}")).join(":"),
    };
    Id { scheme: "ip".to_owned(), id }
}

impl Conversation<'_> {
    /// Whether this client may ask for anything but to be known.
    pub(super) fn is_admitted(&self) -> bool {
        self.port.authentication.admits(self.pipeline.auth())
    }

    /// Refuses a request for want of an id; the connection ends with the answer.
    pub(super) fn turn_away(&mut self, cxid: i32, steps: &mut Vec<Next>) {
        tracing::info!("{} has not authenticated: it is closed", self.info.address);
        let refusal = Err(ErrorCode::SessionClosedRequireAuth);
        self.pipeline.judged(cxid, Vec::new(), refusal, steps);
    }

    /// `addauth`.
    ///
    /// # Errors
    /// The connection must be closed without a word.
    pub(super) fn authenticate(
        &mut self,
        cxid: i32,
        scheme: Option<&str>,
        credentials: Option<&[u8]>,
        steps: &mut Vec<Next>,
    ) -> Result<(), Closed> {
        let scheme = scheme.unwrap_or_default();
        match self.port.authentication.judge(scheme, credentials) {
            Verdict::Shown(ids) => self.pipeline.judged(cxid, ids, Ok(ReplyBody::Empty), steps),
            Verdict::Refused => {
                tracing::warn!("{} failed to authenticate by {scheme:?}", self.info.address);
                let refusal = Err(ErrorCode::AuthFailed);
                self.pipeline.judged(cxid, Vec::new(), refusal, steps);
            }
            Verdict::HangUp => return Err(Closed::AnotherEnsemble),
        }
        Ok(())
    }

    /// One step of a SASL exchange; `record` holds the client's token.
    ///
    /// # Errors
    /// No token can be read, or a null one.
    pub(super) fn negotiate(
        &mut self,
        cxid: i32,
        record: &[u8],
        steps: &mut Vec<Next>,
    ) -> Result<(), Closed> {
        let token = Reader::new(record).data("token").map_err(RequestError::Close)?;
        let token = token.ok_or(Closed::NoToken)?;
        let Some(exchange) = &mut self.exchange else {
            // A client that is set up for SASL goes on without it.
            self.pipeline.judged(cxid, Vec::new(), Ok(ReplyBody::Token(None)), steps);
            return Ok(());
        };
        let authentication = &self.port.authentication;
        let (ids, result) = match exchange.step(&token, &tls::random()) {
            Ok(Step::Challenge(token)) => (Vec::new(), Ok(Some(token))),
            Ok(Step::Done { token, user }) => {
                tracing::info!("{} is {user} by SASL", self.info.address);
                (authentication.sasl_ids(&user), Ok(Some(token)))
            }
            Err(error) => {
                tracing::warn!("{} failed by SASL: {error}", self.info.address);
                let code = if authentication.requires_sasl() {
                    ErrorCode::SessionClosedRequireAuth
                } else {
                    ErrorCode::AuthFailed
                };
                let stays = authentication.tolerates_failure();
                (Vec::new(), if stays { Ok(None) } else { Err(code) })
            }
        };
        let result = result.map(|token| ReplyBody::Token(token.map(Bytes::from)));
        self.pipeline.judged(cxid, ids, result, steps);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_written_as_java_writes_them() {
        let cases = [
            ("10.1.2.3", "10.1.2.3"),
            ("::ffff:10.1.2.3", "10.1.2.3"),
            ("::1", "0:0:0:0:0:0:0:1"),
            ("fe80::a:0:12", "fe80:0:0:0:0:a:0:12"),
        ];
        for (address, id) in cases {
            assert_eq!(address_id(address.parse().expect("an address")).id, id);
        }
    }
}
