//! Ids of sessions, and the password that goes with each.
//!
//! docs/protocol.md, C2.5 and C2.7.

pub use crate::replica::password;

use crate::base::{ServerId, SessionId};

/// The first session id that a server hands out after a start; each session takes the next. The
/// server's id is the top byte, the low 40 bits of the clock the next five; `clock_ms` is to be
/// the wall clock, so that no id comes twice.
#[must_use]
pub fn first_session_id(id: ServerId, clock_ms: i64) -> SessionId {
    let clock = ((clock_ms as u64) << 24) >> 8;
    let first = (clock | (id.0 as u64) << 56) as i64;
    SessionId(if first == i64::MIN { first + 1 } else { first })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_id_names_its_server_and_its_time() {
        let id = first_session_id(ServerId(1), 0x0034_97b1);
        assert_eq!(id, SessionId(0x0100_0034_97b1_0000));
        let wide = first_session_id(ServerId(2), 0x7f_1234_5678_9abc);
        assert_eq!(wide, SessionId(0x0234_5678_9abc_0000), "40 bits of the clock");
        assert_eq!(first_session_id(ServerId(0x80), 0), SessionId(i64::MIN + 1));
    }
}
