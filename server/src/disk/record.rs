//! Log files as they are read: a header, records, zeros.
//!
//! A record is a checksum (Adler-32 of the body alone), a length, the body, and the byte `B`
//! (docs/protocol.md, O2.1). How a file may end is the table of O2.6: the end of the file, a
//! length of zero, a body that is cut short or an end mark that is missing are what a crash leaves;
//! anything else is corruption and is reported, never skipped. Only what a file says twice, word
//! for word, is read once (O2.8): Apache writes so.

use super::error::{Corruption, StorageError, on};
use super::files::{Directories, LogFile, logs};
use adler2::adler32_slice;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use vivarium_protocol::base::Zxid;
use vivarium_protocol::message::Txn;
use vivarium_protocol::wire::txn::decode_txn;

/// `ZKLG`, version 2, database 0.
pub(super) const HEADER: [u8; 16] = *b"ZKLG\0\0\0\x02\0\0\0\0\0\0\0\0";

/// Magic and version; the database's number behind them is never checked.
const CHECKED: usize = 8;

/// The byte behind every record.
pub(super) const END_MARK: u8 = b'B';

/// The log of one server, for whoever reads it; readers on any thread see what was synced.
#[derive(Clone, Debug)]
pub struct LogSource {
    directory: PathBuf,
    limit: usize,
}

impl LogSource {
    pub(super) fn new(directories: &Directories, limit: usize) -> LogSource {
        LogSource { directory: directories.logs.clone(), limit }
    }

    /// Reads every record after a zxid.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn after(&self, after: Zxid) -> Result<LogReader, StorageError> {
        self.between(after, Zxid(i64::MAX))
    }

    /// Reads the records after one zxid up to another, inclusive. Nothing behind the last one is
    /// looked at, so this is safe while the log grows, if `upto` has been synced.
    ///
    /// # Errors
    /// A directory that cannot be listed.
    pub fn between(&self, after: Zxid, upto: Zxid) -> Result<LogReader, StorageError> {
        let files = relevant(logs(&self.directory)?, after).into();
        Ok(LogReader { limit: self.limit, files, scan: None, last: after, upto })
    }
}

/// The files that may hold something after a zxid: those that start beyond it, and the newest of
/// the others.
pub(super) fn relevant(mut files: Vec<LogFile>, after: Zxid) -> Vec<LogFile> {
    let beyond = files.partition_point(|file| file.start <= after);
    files.split_off(beyond.saturating_sub(1))
}

/// Transactions out of the log, in order and without gaps. Ends at the first error.
#[derive(Debug)]
pub struct LogReader {
    limit: usize,
    files: VecDeque<LogFile>,
    scan: Option<FileScan>,
    last: Zxid,
    upto: Zxid,
}

impl LogReader {
    fn advance(&mut self) -> Result<Option<Txn>, StorageError> {
        while self.last < self.upto {
            let Some(scan) = &mut self.scan else {
                let Some(file) = self.files.pop_front() else {
                    return Ok(None);
                };
                self.scan = FileScan::open(&file.path, self.limit, self.files.is_empty())?;
                continue;
            };
            let Some(Record { txn, start, .. }) = scan.advance()? else {
                self.scan = None;
                continue;
            };
            let zxid = txn.header.zxid;
            if zxid <= self.last {
                continue;
            }
            if zxid > self.upto {
                return Ok(None);
            }
            if !zxid.follows(self.last) {
                let path = scan.path.clone();
                return Err(StorageError::Gap {
                    path,
                    offset: start,
                    last: self.last,
                    found: zxid,
                });
            }
            self.last = zxid;
            return Ok(Some(txn));
        }
        Ok(None)
    }
}

impl Iterator for LogReader {
    type Item = Result<Txn, StorageError>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.advance();
        if !matches!(next, Ok(Some(_))) {
            self.files.clear();
            self.scan = None;
        }
        next.transpose()
    }
}

/// One transaction and where it stands in its file.
#[derive(Debug)]
pub(super) struct Record {
    pub txn: Txn,
    /// The offset of its first byte.
    pub start: u64,
}

/// The records of one file, from its start.
#[derive(Debug)]
pub(super) struct FileScan {
    pub path: PathBuf,
    input: BufReader<File>,
    offset: u64,
    limit: usize,
    last: Zxid,
    /// The highest zxid so far.
    highest: Zxid,
    /// How many records said again what an earlier one says.
    pub repeated: u32,
    /// Reads the file a second time, behind this one, once something in it looks repeated.
    behind: Option<Box<FileScan>>,
}

impl FileScan {
    /// Opens a file. `None`: it is the newest and empty, which is what a crash leaves of a file
    /// that was just made.
    pub(super) fn open(
        path: &Path,
        limit: usize,
        newest: bool,
    ) -> Result<Option<FileScan>, StorageError> {
        let file = File::open(path).map_err(on(path))?;
        let length = file.metadata().map_err(on(path))?.len();
        if length == 0 && newest {
            return Ok(None);
        }
        if length < HEADER.len() as u64 {
            return Err(StorageError::ShortHeader { path: path.to_owned(), length });
        }
        let mut input = BufReader::with_capacity(64 * 1024, file);
        let mut header = [0; HEADER.len()];
        input.read_exact(&mut header).map_err(on(path))?;
        if header[..CHECKED] != HEADER[..CHECKED] {
            return Err(StorageError::Foreign(path.to_owned()));
        }
        Ok(Some(FileScan {
            path: path.to_owned(),
            input,
            offset: HEADER.len() as u64,
            limit,
            last: Zxid::ZERO,
            highest: Zxid::ZERO,
            repeated: 0,
            behind: None,
        }))
    }

    /// The next record that is none of the earlier ones again; `None` at the end of the data.
    pub(super) fn advance(&mut self) -> Result<Option<Record>, StorageError> {
        while let Some(record) = self.next_record()? {
            let zxid = record.txn.header.zxid;
            if zxid > self.highest {
                self.highest = zxid;
                return Ok(Some(record));
            }
            if !self.repeats(&record)? {
                return Ok(Some(record));
            }
            self.repeated += 1;
        }
        Ok(None)
    }

    /// Whether an earlier record of this file has the same transaction. Those come in order, so one
    /// reading of the file behind this one finds them all.
    fn repeats(&mut self, record: &Record) -> Result<bool, StorageError> {
        let zxid = record.txn.header.zxid;
        let behind = self.behind.take().filter(|behind| behind.last < zxid);
        let mut behind = match behind {
            Some(behind) => behind,
            None => match FileScan::open(&self.path, self.limit, false)? {
                Some(scan) => Box::new(scan),
                None => return Ok(false),
            },
        };
        let mut same = false;
        while behind.last < zxid && behind.offset < record.start {
            let Some(Record { txn, .. }) = behind.next_record()? else { break };
            same = txn.header == record.txn.header && txn.body == record.txn.body;
        }
        self.behind = Some(behind);
        Ok(same)
    }

    fn next_record(&mut self) -> Result<Option<Record>, StorageError> {
        let start = self.offset;
        let mut head = [0; 12];
        if !self.fill(&mut head)? {
            return Ok(None);
        }
        let (checksum, length) = head.split_at(8);
        let checksum = u64::from_be_bytes(checksum.try_into().expect("eight bytes"));
        let length = i32::from_be_bytes(length.try_into().expect("four bytes"));
        if length == 0 {
            return Ok(None);
        }
        let size = usize::try_from(length).ok().filter(|size| *size <= self.limit);
        let size = size.ok_or_else(|| self.corrupt(start, Corruption::Length(length)))?;
        let mut body = vec![0; size + 1];
        if !self.fill(&mut body)? || body.pop() != Some(END_MARK) {
            return Ok(None);
        }
        self.offset = start + 12 + size as u64 + 1;
        if u64::from(adler32_slice(&body)) != checksum {
            return Err(self.corrupt(start, Corruption::Checksum));
        }
        let txn =
            decode_txn(&body).map_err(|error| self.corrupt(start, Corruption::Record(error)))?;
        self.last = txn.header.zxid;
        Ok(Some(Record { txn, start }))
    }

    /// Whether only zeros follow what was read last.
    pub(super) fn only_zeros_follow(&mut self) -> Result<bool, StorageError> {
        for byte in (&mut self.input).bytes() {
            if byte.map_err(on(&self.path))? != 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Fills the buffer, or says that the file ends before.
    fn fill(&mut self, buffer: &mut [u8]) -> Result<bool, StorageError> {
        match self.input.read_exact(buffer) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
            Err(error) => Err(on(&self.path)(error)),
        }
    }

    fn corrupt(&self, offset: u64, what: Corruption) -> StorageError {
        StorageError::Corrupt { path: self.path.clone(), offset, what, last_good: self.last }
    }
}
