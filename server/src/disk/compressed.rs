//! Snapshots that are compressed as a whole (`snapshot.compression.method`): gzip, and the stream
//! of snappy-java, which is not the frame format of other snappy programs (docs/protocol.md, O3.0).

use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Read, Write};

/// How a snapshot is compressed; its name says it by its ending.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compression {
    /// Not at all.
    #[default]
    Plain,
    /// `.gz`
    Gzip,
    /// `.snappy`
    Snappy,
}

/// What begins a stream of snappy-java: its magic, its version, the oldest one that can read it.
const SNAPPY_HEADER: [u8; 16] = *b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01";
/// How much of that is the magic.
const SNAPPY_MAGIC: usize = 8;
/// How many bytes snappy-java compresses at a time.
const SNAPPY_BLOCK: usize = 32 * 1024;

impl Compression {
    /// How a file with this name is compressed.
    pub(super) fn of(name: &str) -> Compression {
        match name.rsplit('.').next() {
            Some("gz") => Compression::Gzip,
            Some("snappy") => Compression::Snappy,
            Some(_) | None => Compression::Plain,
        }
    }

    /// How its files end.
    pub(super) fn ending(self) -> &'static str {
        match self {
            Compression::Plain => "",
            Compression::Gzip => ".gz",
            Compression::Snappy => ".snappy",
        }
    }

    /// Whether a file can be whole, by its first and its last bytes, as Apache looks at them before
    /// it reads all.
    pub(super) fn looks_whole(self, first: &[u8], last: &[u8]) -> bool {
        match self {
            Compression::Plain => last == b"\0\0\0\x01/",
            Compression::Gzip => first.starts_with(b"\x1f\x8b"),
            Compression::Snappy => first.starts_with(&SNAPPY_HEADER[..SNAPPY_MAGIC]),
        }
    }

    /// The bytes of a file with this content.
    ///
    /// # Errors
    /// Never in practice: nothing is written but memory.
    pub(super) fn pack(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Compression::Plain => Ok(plain.to_vec()),
            Compression::Gzip => {
                let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
                gzip.write_all(plain)?;
                gzip.finish()
            }
            Compression::Snappy => {
                let mut out = SNAPPY_HEADER.to_vec();
                let mut encoder = snap::raw::Encoder::new();
                for block in plain.chunks(SNAPPY_BLOCK) {
                    let packed = encoder.compress_vec(block)?;
                    let length = i32::try_from(packed.len()).map_err(io::Error::other)?;
                    out.extend_from_slice(&length.to_be_bytes());
                    out.extend_from_slice(&packed);
                }
                Ok(out)
            }
        }
    }

    /// The content of a file with these bytes.
    ///
    /// # Errors
    /// Bytes that are no such stream.
    pub(super) fn unpack(self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        match self {
            Compression::Plain => Ok(bytes),
            Compression::Gzip => {
                let mut plain = Vec::new();
                GzDecoder::new(&bytes[..]).read_to_end(&mut plain)?;
                Ok(plain)
            }
            Compression::Snappy => unpack_snappy(&bytes),
        }
    }
}

fn unpack_snappy(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let cut = || io::Error::new(io::ErrorKind::UnexpectedEof, "the snappy stream is cut short");
    let magic = &SNAPPY_HEADER[..SNAPPY_MAGIC];
    let (mut plain, mut rest) = (Vec::new(), bytes);
    let mut decoder = snap::raw::Decoder::new();
    if !rest.starts_with(magic) {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "it is no stream of snappy-java"));
    }
    while !rest.is_empty() {
        // Streams may follow one another, each with its header.
        if rest.starts_with(magic) {
            rest = rest.get(SNAPPY_HEADER.len()..).ok_or_else(cut)?;
            continue;
        }
        let (length, behind) = rest.split_first_chunk::<4>().ok_or_else(cut)?;
        let length = usize::try_from(i32::from_be_bytes(*length)).map_err(io::Error::other)?;
        let block = behind.get(..length).ok_or_else(cut)?;
        plain.extend(decoder.decompress_vec(block)?);
        rest = &behind[length..];
    }
    Ok(plain)
}
