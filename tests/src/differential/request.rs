//! Requests as bytes, with a sentence that tells a person what they ask.

use super::jute::{Entry, Writer};
use std::fmt::Write as _;

/// A path as it is sent: null, or any bytes.
pub type Path = Option<Vec<u8>>;

/// A request without its number.
#[derive(Clone, Debug)]
pub struct Request {
    /// The opcode.
    pub opcode: i32,
    /// The record behind the header.
    pub body: Vec<u8>,
    /// What it asks, for a person.
    pub says: String,
    /// The path that it is about, if it has one.
    pub path: Path,
    /// What a create makes: its flags, if it is one.
    pub flags: Option<i32>,
    /// Whether it brings an access control list, be it an empty one.
    pub has_acl: bool,
    /// The elements of a multi.
    pub elements: Vec<Request>,
    /// Whether it may end the connection, so that nothing can be sent behind it.
    pub is_last: bool,
    /// Whether its record was cut short.
    pub is_cut: bool,
    /// Whether it may end the connection before older requests are answered.
    pub is_alone: bool,
}

impl Request {
    fn new(opcode: i32, name: &str, path: &Path, body: Writer) -> Request {
        Request {
            opcode,
            body: body.0,
            says: format!("{name} {}", shown(path)),
            path: path.clone(),
            flags: None,
            has_acl: false,
            elements: Vec::new(),
            is_last: false,
            is_cut: false,
            is_alone: false,
        }
    }

    fn adding(mut self, detail: impl std::fmt::Display) -> Request {
        write!(self.says, ", {detail}").expect("a text takes text");
        self
    }

    /// create, create2, createContainer or createTTL, by opcode.
    #[must_use]
    pub fn create(
        opcode: i32,
        path: &Path,
        data: Option<&[u8]>,
        acl: Option<&[Entry]>,
        flags: i32,
        ttl: i64,
    ) -> Request {
        let body = Writer::default().buffer(path.as_deref()).buffer(data).acl(acl).int(flags);
        let body = if opcode == 21 { body.long(ttl) } else { body };
        let name = match opcode {
            1 => "create",
            15 => "create2",
            19 => "createContainer",
            _ => "createTTL",
        };
        let request = Request::new(opcode, name, path, body).adding(format!("flags {flags}"));
        let request = request.adding(shown_data(data)).adding(shown_acl(acl));
        let request = if opcode == 21 { request.adding(format!("ttl {ttl}")) } else { request };
        Request { flags: Some(flags), has_acl: acl.is_some(), ..request }
    }

    /// setData.
    #[must_use]
    pub fn set_data(path: &Path, data: Option<&[u8]>, version: i32) -> Request {
        let body = Writer::default().buffer(path.as_deref()).buffer(data).int(version);
        let request = Request::new(5, "setData", path, body);
        request.adding(shown_data(data)).adding(format!("version {version}"))
    }

    /// setACL.
    #[must_use]
    pub fn set_acl(path: &Path, acl: Option<&[Entry]>, version: i32) -> Request {
        let body = Writer::default().buffer(path.as_deref()).acl(acl).int(version);
        let request = Request::new(7, "setACL", path, body);
        let request = request.adding(shown_acl(acl)).adding(format!("version {version}"));
        // Apache checks what is sent behind it against the old list, now and then
        // (docs/differences.md, projected-list).
        Request { is_last: true, ..request }
    }

    /// A path and a number: delete, check, checkWatches, removeWatches, addWatch.
    #[must_use]
    pub fn with_number(opcode: i32, path: &Path, number: i32) -> Request {
        let (name, what) = match opcode {
            2 => ("delete", "version"),
            13 => ("check", "version"),
            17 => ("checkWatches", "type"),
            18 => ("removeWatches", "type"),
            _ => ("addWatch", "mode"),
        };
        let body = Writer::default().buffer(path.as_deref()).int(number);
        Request::new(opcode, name, path, body).adding(format!("{what} {number}"))
    }

    /// A path and whether to watch: exists, getData, getChildren, getChildren2.
    #[must_use]
    pub fn watching(opcode: i32, path: &Path, watch: bool) -> Request {
        let name = match opcode {
            3 => "exists",
            4 => "getData",
            8 => "getChildren",
            _ => "getChildren2",
        };
        let body = Writer::default().buffer(path.as_deref()).boolean(watch);
        let request = Request::new(opcode, name, path, body);
        if watch { request.adding("watch") } else { request }
    }

    /// A path alone: getACL, sync, getEphemerals, getAllChildrenNumber.
    #[must_use]
    pub fn with_path(opcode: i32, path: &Path) -> Request {
        let name = match opcode {
            6 => "getACL",
            9 => "sync",
            103 => "getEphemerals",
            _ => "getAllChildrenNumber",
        };
        Request::new(opcode, name, path, Writer::default().buffer(path.as_deref()))
    }

    /// Nothing but the header: ping, whoAmI, closeSession, or no operation at all.
    #[must_use]
    pub fn bare(opcode: i32) -> Request {
        let body = Writer::default();
        let says = match opcode {
            11 => "ping".to_owned(),
            107 => "whoAmI".to_owned(),
            -11 => "closeSession".to_owned(),
            other => format!("opcode {other}"),
        };
        let closes = opcode == -11;
        Request { says, is_last: closes, is_alone: closes, ..Request::new(opcode, "", &None, body) }
    }

    /// auth.
    #[must_use]
    pub fn auth(scheme: Option<&str>, credentials: Option<&[u8]>) -> Request {
        let body = Writer::default().int(0).buffer(scheme.map(str::as_bytes)).buffer(credentials);
        let text = credentials.map(String::from_utf8_lossy);
        let says = format!("auth {scheme:?} {text:?}");
        // Credentials that are none are refused at once.
        let is_alone = scheme != Some("digest") || credentials.is_none();
        Request { says, is_last: true, is_alone, ..Request::new(100, "", &None, body) }
    }

    /// sasl.
    #[must_use]
    pub fn sasl(token: Option<&[u8]>) -> Request {
        let body = Writer::default().buffer(token);
        // Without a token the connection ends at once.
        let (says, is_alone) = (format!("sasl {token:?}"), token.is_none());
        Request { says, is_last: true, is_alone, ..Request::new(102, "", &None, body) }
    }

    /// reconfig.
    #[must_use]
    pub fn reconfig(joining: Option<&str>, config: i64) -> Request {
        let none = None::<&[u8]>;
        let body = Writer::default().buffer(joining.map(str::as_bytes)).buffer(none).buffer(none);
        let says = format!("reconfig joining {joining:?}, configuration {config}");
        Request { says, ..Request::new(16, "", &None, body.long(config)) }
    }

    /// setWatches with three lists, setWatches2 with five.
    #[must_use]
    pub fn set_watches(zxid: i64, lists: &[Option<Vec<Path>>]) -> Request {
        let body =
            lists.iter().fold(Writer::default().long(zxid), |it, list| it.list(list.as_deref()));
        let (opcode, name) =
            if lists.len() == 3 { (101, "setWatches") } else { (105, "setWatches2") };
        let shown_list = |list: &Option<Vec<Path>>| {
            list.as_ref().map_or("null".to_owned(), |list| {
                format!("[{}]", list.iter().map(shown).collect::<Vec<_>>().join(" "))
            })
        };
        let lists: Vec<String> = lists.iter().map(shown_list).collect();
        let says = format!("{name} since {zxid}: {}", lists.join(" "));
        Request { says, ..Request::new(opcode, name, &None, body) }
    }

    /// multi or multiRead, by opcode.
    #[must_use]
    pub fn multi(opcode: i32, elements: Vec<Request>) -> Request {
        let body = elements.iter().fold(Writer::default(), |written, element| {
            let mut written = written.element(element.opcode, false);
            written.0.extend(&element.body);
            written
        });
        let name = if opcode == 14 { "multi" } else { "multiRead" };
        let says: Vec<&str> = elements.iter().map(|element| element.says.as_str()).collect();
        let says = format!("{name} of {}:\n      {}", elements.len(), says.join("\n      "));
        let request = Request::new(opcode, name, &None, body.element(-1, true));
        Request { says, elements, ..request }
    }

    /// The same with only so many bytes of its record.
    #[must_use]
    pub fn cut(mut self, kept: usize) -> Request {
        write!(self.says, " (cut to {kept} of {} bytes)", self.body.len()).expect("it is text");
        self.body.truncate(kept);
        Request { is_cut: true, ..self }
    }

    /// The same with more bytes behind its record.
    #[must_use]
    pub fn trailed(mut self) -> Request {
        self.says.push_str(" (with three bytes behind it)");
        self.body.extend([1, 2, 3]);
        self
    }

    /// The same, to be sent by itself.
    #[must_use]
    pub fn alone(self) -> Request {
        Request { is_last: true, is_alone: true, ..self }
    }

    /// Whether it names this path, or its parent.
    #[must_use]
    pub fn is_about(&self, path: &[u8]) -> bool {
        let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        let names = |path: &[u8]| self.says.contains(&shown(&Some(path.to_vec())));
        names(path) || names(&path[..end])
    }
}

fn shown(path: &Path) -> String {
    let Some(path) = path else { return "null".to_owned() };
    if path.len() > 100 {
        return format!("a path of {} bytes", path.len());
    }
    match std::str::from_utf8(path) {
        Ok(text) => format!("{text:?}"),
        Err(_) => format!("bytes {path:02x?}"),
    }
}

fn shown_data(data: Option<&[u8]>) -> String {
    match data {
        Some(data) if data.len() > 20 => format!("{} bytes", data.len()),
        Some(data) => format!("data {:?}", String::from_utf8_lossy(data)),
        None => "data null".to_owned(),
    }
}

fn shown_acl(acl: Option<&[Entry]>) -> String {
    let Some(entries) = acl else { return "acl null".to_owned() };
    let text = |it: Option<&str>| it.unwrap_or("null").to_owned();
    let entry = |it: &Entry| format!("{}:{}:{}", text(it.scheme), text(it.id.as_deref()), it.perms);
    format!("acl [{}]", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
}
