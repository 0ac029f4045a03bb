//! The log as it is written: one open file at a time, named by its first transaction.
//!
//! A file of an earlier process is never appended to. Space is taken ahead in large sparse steps,
//! so that a sync rarely has to write a new length (docs/protocol.md, O2.3 to O2.5). A new file
//! appears with its header whole: Apache refuses to start on one that has less.

use super::StorageOptions;
use super::error::{StorageError, on};
use super::files::{Directories, create_whole, hex};
use super::record::{END_MARK, HEADER};
use adler2::adler32_slice;
use bytes::{BufMut, BytesMut};
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::Txn;
use vivarium_protocol::wire::txn::encode_txn;

/// Checksum and length in front of a body.
const RECORD_HEAD: usize = 12;
/// How close to the end of the file the next record may begin before it grows; Apache's number.
const MARGIN: u64 = 4096;
/// How much may gather before it is written, bytes; a sync writes whatever there is.
const BUFFER: usize = 1 << 20;

/// Appends to the log.
#[derive(Debug)]
pub(super) struct LogWriter {
    directory: PathBuf,
    step: u64,
    force_sync: bool,
    size_limit: Option<u64>,
    open: Option<OpenFile>,
    /// Rolled, but not synced since.
    rolled: Vec<(File, PathBuf)>,
    buffer: BytesMut,
    last: Zxid,
    records: u64,
    bytes: u64,
}

#[derive(Debug)]
struct OpenFile {
    file: File,
    path: PathBuf,
    /// How much of it is header and records.
    position: u64,
    /// How long it is, with the space taken ahead.
    size: u64,
}

impl LogWriter {
    pub(super) fn new(
        options: &StorageOptions,
        directories: &Directories,
        last: Zxid,
    ) -> LogWriter {
        LogWriter {
            directory: directories.logs.clone(),
            step: options.pre_alloc_kib.saturating_mul(1024),
            force_sync: options.force_sync,
            size_limit: options.log_size_limit_kib.map(|kib| kib.saturating_mul(1024)),
            open: None,
            rolled: Vec::new(),
            buffer: BytesMut::new(),
            last,
            records: 0,
            bytes: 0,
        }
    }

    pub(super) fn last(&self) -> Zxid {
        self.last
    }

    pub(super) fn since_roll(&self) -> (u64, u64) {
        (self.records, self.bytes)
    }

    pub(super) fn append(&mut self, txn: &Txn) -> Result<(), StorageError> {
        let zxid = txn.header.zxid;
        if !zxid.follows(self.last) {
            return Err(StorageError::OutOfOrder { last: self.last, found: zxid });
        }
        if self.open.is_none() {
            self.create(zxid)?;
        }
        let before = self.buffer.len();
        put_record(txn, &mut self.buffer);
        self.last = zxid;
        self.records += 1;
        self.bytes += (self.buffer.len() - before) as u64;
        if self.buffer.len() >= BUFFER { self.flush() } else { Ok(()) }
    }

    pub(super) fn sync(&mut self) -> Result<(), StorageError> {
        self.flush()?;
        for (file, path) in std::mem::take(&mut self.rolled) {
            self.sync_file(&file).map_err(on(&path))?;
        }
        let Some(open) = &self.open else {
            return Ok(());
        };
        self.sync_file(&open.file).map_err(on(&open.path))?;
        if self.size_limit.is_some_and(|limit| open.size > limit) { self.roll() } else { Ok(()) }
    }

    pub(super) fn roll(&mut self) -> Result<(), StorageError> {
        self.flush()?;
        self.rolled.extend(self.open.take().map(|open| (open.file, open.path)));
        (self.records, self.bytes) = (0, 0);
        Ok(())
    }

    /// Syncs and lets go of every file, so that others may cut or move them.
    pub(super) fn close(&mut self) -> Result<(), StorageError> {
        self.roll()?;
        self.sync()
    }

    /// Others changed the log: it now ends here.
    pub(super) fn stand_at(&mut self, last: Zxid) {
        assert!(self.open.is_none() && self.buffer.is_empty(), "the writer was closed before");
        self.last = last;
    }

    fn create(&mut self, first: Zxid) -> Result<(), StorageError> {
        let name = format!("log.{}", hex(first));
        let file = create_whole(&self.directory, &name, &HEADER)?;
        let (path, position) = (self.directory.join(name), HEADER.len() as u64);
        self.open = Some(OpenFile { file, path, position, size: position });
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StorageError> {
        let Some(open) = &mut self.open else {
            return Ok(());
        };
        let end = open.position + self.buffer.len() as u64;
        let size = grown(open.position, open.size, self.step);
        if size > open.size {
            open.file.set_len(size).map_err(on(&open.path))?;
            open.size = size;
        }
        open.file.write_all(&self.buffer).map_err(on(&open.path))?;
        open.position = end;
        open.size = open.size.max(end);
        self.buffer.clear();
        Ok(())
    }

    fn sync_file(&self, file: &File) -> std::io::Result<()> {
        if self.force_sync { file.sync_data() } else { Ok(()) }
    }
}

/// How long the file must be to go on at `position`, growing in steps of `step` (0: not at all). A
/// batch longer than the step makes it grow by itself, and the next growth catches up.
fn grown(position: u64, size: u64, step: u64) -> u64 {
    if step == 0 || position + MARGIN < size {
        size
    } else if position > size {
        (position + step) / step * step
    } else {
        size + step
    }
}

fn put_record(txn: &Txn, out: &mut BytesMut) {
    let start = out.len();
    out.put_bytes(0, RECORD_HEAD);
    encode_txn(txn, out);
    let body = start + RECORD_HEAD;
    let length = i32::try_from(out.len() - body).expect("a transaction is far below 2 GiB");
    let checksum = u64::from(adler32_slice(&out[body..]));
    out[start..start + 8].copy_from_slice(&checksum.to_be_bytes());
    out[start + 8..body].copy_from_slice(&length.to_be_bytes());
    out.put_u8(END_MARK);
}
