//! Frames: a 32-bit length in front of a payload, on the election and client ports.
//!
//! The quorum port has none: see `quorum`.

use bytes::{Buf, BufMut, Bytes, BytesMut};

/// The longest notification: 512 KiB, `QuorumCnxManager`'s PACKETMAXSIZE.
pub const MAX_NOTIFICATION: usize = 512 * 1024;

/// A length prefix that no frame may have; the connection must be closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a frame of {length} bytes is not within {least} to {most}")]
pub struct FrameError {
    /// The length as it was read.
    pub length: i32,
    /// The shortest accepted.
    pub least: usize,
    /// The longest accepted.
    pub most: usize,
}

/// Takes the payload of one frame from the front of `input`; `None` if it is not all there yet, and
/// then nothing is consumed. The length is checked as soon as its four bytes are there.
///
/// # Errors
/// A length outside `least..=most`.
pub fn take_frame(
    input: &mut BytesMut,
    least: usize,
    most: usize,
) -> Result<Option<Bytes>, FrameError> {
    let Some(prefix) = input.first_chunk::<4>() else {
        return Ok(None);
    };
    let length = i32::from_be_bytes(*prefix);
    let Some(payload) = usize::try_from(length).ok().filter(|n| (least..=most).contains(n)) else {
        return Err(FrameError { length, least, most });
    };
    if input.len() - 4 < payload {
        return Ok(None);
    }
    input.advance(4);
    Ok(Some(input.split_to(payload).freeze()))
}

/// Writes a frame: the length, then what `payload` writes.
pub fn put_frame(out: &mut BytesMut, payload: impl FnOnce(&mut BytesMut)) {
    let start = out.len();
    out.put_i32(0);
    payload(out);
    let length = i32::try_from(out.len() - start - 4).expect("a frame is far below 2 GiB");
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_is_taken_only_when_it_is_whole() {
        let mut input = BytesMut::new();
        put_frame(&mut input, |out| out.put_slice(b"vote"));
        let whole = input.clone();
        for cut in 0..whole.len() {
            let mut part = BytesMut::from(&whole[..cut]);
            assert_eq!(take_frame(&mut part, 1, 16), Ok(None));
            assert_eq!(part.len(), cut, "nothing is consumed");
        }
        assert_eq!(take_frame(&mut input, 1, 16), Ok(Some(Bytes::from_static(b"vote"))));
        assert!(input.is_empty());
    }

    #[test]
    fn a_length_out_of_bounds_is_refused_at_once() {
        for length in [-1, 0, 17] {
            let mut input = BytesMut::from(&i32::to_be_bytes(length)[..]);
            let error = FrameError { length, least: 1, most: 16 };
            assert_eq!(take_frame(&mut input, 1, 16), Err(error));
        }
    }
}
