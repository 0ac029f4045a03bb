//! The password of a session: a checksum that every server can compute, not a secret.
//!
//! docs/protocol.md, C2.7. Exact, because a session may go on at a server of another make.

use crate::base::SessionId;

/// 16 bytes that depend on the low 48 bits of the id alone.
#[must_use]
pub fn password(session: SessionId) -> [u8; 16] {
    const MULTIPLIER: u64 = 0x5_DEEC_E66D;
    const MASK: u64 = (1 << 48) - 1;
    let mut state = (session.0 as u64 ^ 0xB341_5C00 ^ MULTIPLIER) & MASK;
    let mut password = [0; 16];
    for word in password.chunks_exact_mut(4) {
        state = state.wrapping_mul(MULTIPLIER).wrapping_add(0xB) & MASK;
        word.copy_from_slice(&((state >> 16) as u32).to_le_bytes());
    }
    password
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_those_of_live_servers() {
        let cases = [
            (0x1, "054cc74a37327db215e702e20c73f005"),
            (0x0100_0000_0000_0001, "054cc74a37327db215e702e20c73f005"),
            (0xff00_0000_0000_0001, "054cc74a37327db215e702e20c73f005"),
            (0x0100_0034_97b1_0000, "35b0441c1ed6fff29beaf560976e0280"),
            (0x0100_0034_97b1_002b, "1eba5f1b7d5b0471f71db1fdd54623be"),
            (0x0400_0029_5340_0000, "32c353a2d739b6796096c2f6788f165a"),
        ];
        for (session, expected) in cases {
            let hex = |bytes: [u8; 16]| bytes.map(|byte| format!("{byte:02x}")).concat();
            let session: u64 = session;
            assert_eq!(hex(password(SessionId(session as i64))), expected, "{session:x}");
        }
    }
}
