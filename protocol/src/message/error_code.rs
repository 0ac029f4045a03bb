//! ZooKeeper's error numbers (docs/protocol.md, C4). A code that is not here is never sent:
//! clients stumble over unknown ones.

use std::fmt;

/// ZooKeeper's error numbers, as clients see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum ErrorCode {
    RuntimeInconsistency,
    MarshallingError,
    Unimplemented,
    BadArguments,
    NewConfigNoQuorum,
    ReconfigInProgress,
    NoNode,
    NoAuth,
    BadVersion,
    NoChildrenForEphemerals,
    NodeExists,
    NotEmpty,
    SessionExpired,
    InvalidAcl,
    AuthFailed,
    SessionMoved,
    NotReadOnly,
    EphemeralOnLocalSession,
    NoWatcher,
    ReconfigDisabled,
    SessionClosedRequireAuth,
    QuotaExceeded,
    ThrottledOp,
}

/// Every code with its number and ZooKeeper's name for it.
const CODES: [(ErrorCode, i32, &str); 23] = [
    (ErrorCode::RuntimeInconsistency, -2, "RuntimeInconsistency"),
    (ErrorCode::MarshallingError, -5, "MarshallingError"),
    (ErrorCode::Unimplemented, -6, "Unimplemented"),
    (ErrorCode::BadArguments, -8, "BadArguments"),
    (ErrorCode::NewConfigNoQuorum, -13, "NewConfigNoQuorum"),
    (ErrorCode::ReconfigInProgress, -14, "ReconfigInProgress"),
    (ErrorCode::NoNode, -101, "NoNode"),
    (ErrorCode::NoAuth, -102, "NoAuth"),
    (ErrorCode::BadVersion, -103, "BadVersion"),
    (ErrorCode::NoChildrenForEphemerals, -108, "NoChildrenForEphemerals"),
    (ErrorCode::NodeExists, -110, "NodeExists"),
    (ErrorCode::NotEmpty, -111, "NotEmpty"),
    (ErrorCode::SessionExpired, -112, "SessionExpired"),
    (ErrorCode::InvalidAcl, -114, "InvalidACL"),
    (ErrorCode::AuthFailed, -115, "AuthFailed"),
    (ErrorCode::SessionMoved, -118, "SessionMoved"),
    (ErrorCode::NotReadOnly, -119, "NotReadOnly"),
    (ErrorCode::EphemeralOnLocalSession, -120, "EphemeralOnLocalSession"),
    (ErrorCode::NoWatcher, -121, "NoWatcher"),
    (ErrorCode::ReconfigDisabled, -123, "ReconfigDisabled"),
    (ErrorCode::SessionClosedRequireAuth, -124, "SessionClosedRequireSaslAuth"),
    (ErrorCode::QuotaExceeded, -125, "QuotaExceeded"),
    (ErrorCode::ThrottledOp, -127, "ThrottledOp"),
];

impl ErrorCode {
    /// The number on the wire.
    #[must_use]
    pub fn number(self) -> i32 {
        self.row().1
    }

    /// The code for a number; `None` for one that no server sends.
    #[must_use]
    pub fn from_number(number: i32) -> Option<ErrorCode> {
        CODES.iter().find(|row| row.1 == number).map(|row| row.0)
    }

    fn row(self) -> (ErrorCode, i32, &'static str) {
        *CODES.iter().find(|row| row.0 == self).expect("every code has a row in the table")
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.row().2, self.number())
    }
}
