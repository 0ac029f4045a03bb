//! The client port: what a client says and what it is told.
//!
//! Each function reads or writes the payload of one frame (`wire::frame`); the first frame each way
//! is a connect record, every later one a header and the record of its opcode. Both ends are here:
//! the server's for the server, the client's for tests and for showing a virtual client's bytes.

pub mod connect;
pub mod reply;
pub mod request;

pub use connect::{
    ConnectRequest, ConnectResponse, decode_connect_request, decode_connect_response,
    encode_connect_request, encode_connect_response,
};
pub use reply::{FromServer, decode_from_server, decode_reply, encode_event, encode_reply};
pub use request::{RequestError, decode_op, decode_request, encode_op, encode_request};

pub(super) use connect::{read_connect_request, read_connect_response};
pub(super) use reply::{read_event, read_reply};
pub(super) use request::read_request;
