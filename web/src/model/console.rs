//! What is typed into the clients' console: lines as in ZooKeeper's own `zkCli`, read into commands
//! of the run; and what `zkCli` would print for an answer.
//!
//! A line that cannot be read says what is wrong, as a value; the words are the panel's. What is
//! read here is always a command that a link can carry.

use vivarium_protocol::base::{ServerId, Zxid};
use vivarium_protocol::message::{MultiResult, ReplyBody, Stat};
use vivarium_sim::client::Told;
use vivarium_sim::command::server_list;
use vivarium_sim::words::{WordError, Words};
use vivarium_sim::{ClientAct, ClientOp, Command};

/// What can be typed first, and what follows it.
pub const VERBS: [(&str, &str); 13] = [
    ("create", "[-s] [-e] path [data]"),
    ("get", "[-w] path"),
    ("set", "[-v version] path data"),
    ("delete", "[-v version] path"),
    ("ls", "[-w] path"),
    ("stat", "[-w] path"),
    ("exists", "[-w] path"),
    ("sync", "path"),
    ("multi", "create path [data] ; set … ; delete … ; check -v version path"),
    ("connect", "server"),
    ("roam", ""),
    ("drop", ""),
    ("close", ""),
];

/// What is wrong with a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// Nothing was typed.
    Empty,
    /// No such verb.
    Verb(String),
    /// The verb does not know this option.
    Option(String),
    /// An option that `zkCli` knows, for something that the playground's clients cannot do.
    NotHere(String),
    /// A path is missing.
    NoPath,
    /// A path has to begin with a slash and end without one, and holds no blanks, quotes or
    /// brackets.
    Path(String),
    /// Data is missing.
    NoData,
    /// A version has to be a number.
    Version(String),
    /// There is no such server.
    Server(String),
    /// A quote is not closed.
    OpenQuote,
    /// Something follows that should not.
    Trailing(String),
    /// A multi holds only create, set, delete and check.
    InMulti(String),
}

/// Reads a line of one client.
///
/// # Errors
/// What is wrong with it.
pub fn read(client: u32, line: &str, servers: &[ServerId]) -> Result<Command, Wrong> {
    let mut words = Words::of(line).map_err(wrong)?;
    let Some(verb) = words.peek().map(str::to_owned) else { return Err(Wrong::Empty) };
    let _ = words.text();
    let act = match verb.as_str() {
        "connect" => ClientAct::Connect { server: server(&mut words, servers)? },
        "roam" => ClientAct::Roam,
        "drop" => ClientAct::Disconnect,
        "multi" => ClientAct::Request(multi(&mut words)?),
        _ => ClientAct::Request(op(&verb, &mut words)?),
    };
    words.end().map_err(wrong)?;
    let command = Command::Client { client, act };
    debug_assert_eq!(command.to_string().parse(), Ok(command.clone()));
    Ok(command)
}

fn wrong(error: WordError) -> Wrong {
    match error {
        WordError::OpenQuote => Wrong::OpenQuote,
        WordError::Unexpected { found, .. } | WordError::Trailing(found) => Wrong::Trailing(found),
    }
}

fn server(words: &mut Words, servers: &[ServerId]) -> Result<ServerId, Wrong> {
    let word = words.text();
    let id = word.parse().ok().map(ServerId).filter(|id| servers.contains(id));
    id.ok_or(Wrong::Server(word))
}

/// The options of one operation: which are set, and the version.
#[derive(Default)]
struct Options {
    set: Vec<char>,
    version: Option<i32>,
}

impl Options {
    fn has(&self, option: char) -> bool {
        self.set.contains(&option)
    }

    /// Takes the options that stand in front; `known` are those that the verb has here, `other`
    /// those that it has in `zkCli` alone. `-s` of a read asks for the Stat, which is shown anyway.
    fn take(words: &mut Words, known: &str, other: &str) -> Result<Options, Wrong> {
        let mut options = Options::default();
        while let Some(word) = words.peek().filter(|word| word.starts_with('-')) {
            let word = word.to_owned();
            let letter = word.chars().nth(1).filter(|_| word.chars().count() == 2);
            let letter = letter.ok_or_else(|| Wrong::Option(word.clone()))?;
            let _ = words.text();
            if other.contains(letter) {
                return Err(Wrong::NotHere(word));
            }
            if !known.contains(letter) {
                return Err(Wrong::Option(word));
            }
            options.set.push(letter);
            if letter == 'v' {
                let version = words.text();
                options.version = Some(version.parse().map_err(|_| Wrong::Version(version))?);
            }
        }
        Ok(options)
    }
}

fn op(verb: &str, words: &mut Words) -> Result<ClientOp, Wrong> {
    let (known, other) = match verb {
        "create" => ("se", "ct"),
        "get" | "stat" | "exists" => ("sw", ""),
        "ls" => ("sw", "R"),
        "set" => ("sv", ""),
        "delete" | "check" => ("v", ""),
        "sync" | "close" => ("", ""),
        _ => return Err(Wrong::Verb(verb.to_owned())),
    };
    let options = Options::take(words, known, other)?;
    if verb == "close" {
        return Ok(ClientOp::Close);
    }
    let path = path(words)?;
    let watch = options.has('w');
    let version = options.version.unwrap_or(-1);
    Ok(match verb {
        "create" => {
            let data = data(words).unwrap_or_default();
            let (ephemeral, sequential) = (options.has('e'), options.has('s'));
            ClientOp::Create { path, data, ephemeral, sequential }
        }
        "get" => ClientOp::Get { path, watch },
        "ls" => ClientOp::Children { path, watch },
        "set" => ClientOp::Set { path, data: data(words).ok_or(Wrong::NoData)?, version },
        "delete" => ClientOp::Delete { path, version },
        "check" => ClientOp::Check { path, version },
        "sync" => ClientOp::Sync { path },
        _ => ClientOp::Exists { path, watch },
    })
}

fn multi(words: &mut Words) -> Result<ClientOp, Wrong> {
    let mut ops = Vec::new();
    let bracket = words.take("[");
    loop {
        let verb = words.text();
        if !["create", "set", "delete", "check"].contains(&verb.as_str()) {
            return Err(Wrong::InMulti(verb));
        }
        ops.push(op(&verb, words)?);
        if !words.take(";") {
            break;
        }
    }
    if bracket && !words.take("]") {
        return Err(Wrong::Trailing(words.text()));
    }
    Ok(ClientOp::Multi(ops))
}

fn path(words: &mut Words) -> Result<String, Wrong> {
    if words.is_empty() || words.peek() == Some(";") {
        return Err(Wrong::NoPath);
    }
    let path = words.text();
    let plain = !path.chars().any(|c| c.is_whitespace() || matches!(c, '"' | ';' | '[' | ']'));
    let slashes = path.starts_with('/') && (path == "/" || !path.ends_with('/'));
    if plain && slashes && !path.contains("//") { Ok(path) } else { Err(Wrong::Path(path)) }
}

/// The data: quoted, or one bare word.
fn data(words: &mut Words) -> Option<String> {
    let ends = words.is_empty() || matches!(words.peek(), Some(";" | "]"));
    (!ends).then(|| words.text())
}

/// The verbs that begin like this, if nothing but a verb has been typed.
#[must_use]
pub fn completions(line: &str) -> Vec<&'static str> {
    let start = line.trim_start();
    if start.contains(char::is_whitespace) {
        return Vec::new();
    }
    VERBS.iter().map(|(verb, _)| *verb).filter(|verb| verb.starts_with(start)).collect()
}

/// The line with its verb completed, if only one verb begins like this.
#[must_use]
pub fn completed(line: &str) -> Option<String> {
    let found = completions(line);
    let short = !line.trim().is_empty();
    (found.len() == 1 && short).then(|| format!("{} ", found[0]))
}

/// What follows the verb of a line, as a reminder.
#[must_use]
pub fn usage(line: &str) -> Option<&'static str> {
    let verb = line.split_whitespace().next()?;
    VERBS.iter().find(|(known, _)| *known == verb).map(|(_, usage)| *usage)
}

/// What a client sees of something it was told: the lines that `zkCli` would print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Printed {
    /// The request that it answers, as typed.
    pub request: Option<String>,
    /// The answer.
    pub lines: Vec<String>,
    /// The zxid of the answer or event.
    pub zxid: Option<Zxid>,
    /// Whether it is an error or a loss.
    pub bad: bool,
    /// Whether it is an event of a watch.
    pub event: bool,
}

/// What `told` looks like.
#[must_use]
pub fn print(told: &Told) -> Printed {
    let mut printed =
        Printed { request: None, lines: Vec::new(), zxid: None, bad: false, event: false };
    match told {
        Told::Session(session) => printed.lines.push(format!("session {session}")),
        Told::Answer { op, result, zxid, .. } => {
            printed.request = Some(typed(op));
            printed.zxid = Some(*zxid);
            match result {
                Ok(body) => printed.lines = body_lines(body),
                Err(error) => {
                    printed.lines.push(error.to_string());
                    printed.bad = true;
                }
            }
        }
        Told::WatchesSet => printed.lines.push("setWatches".to_owned()),
        Told::Event(event) => {
            printed.lines.push(format!("WATCHER:: Node{:?} {}", event.kind, event.path));
            printed.zxid = Some(event.zxid);
            printed.event = true;
        }
        Told::ConnectionLost => {
            printed.lines.push("ConnectionLoss".to_owned());
            printed.bad = true;
        }
        Told::Expired => {
            printed.lines.push("SessionExpired".to_owned());
            printed.bad = true;
        }
    }
    printed
}

/// What a client did, as it would be typed.
#[must_use]
pub fn typed_act(act: &ClientAct) -> String {
    match act {
        ClientAct::Connect { server } => format!("connect {server}"),
        ClientAct::Balanced | ClientAct::List { .. } => act.to_string(),
        ClientAct::Roam => "roam".to_owned(),
        ClientAct::Disconnect => "drop".to_owned(),
        ClientAct::Request(op) => typed(op),
    }
}

/// A request as it would be typed.
#[must_use]
pub fn typed(op: &ClientOp) -> String {
    let flag = |set: bool, flag: &'static str| if set { flag } else { "" };
    let at = |version: i32| match version {
        -1 => String::new(),
        version => format!("-v {version} "),
    };
    match op {
        ClientOp::Create { path, data, ephemeral, sequential } => {
            let flags = [flag(*sequential, "-s "), flag(*ephemeral, "-e ")].concat();
            format!("create {flags}{path}{}", spaced(data))
        }
        ClientOp::Set { path, data, version } => {
            format!("set {}{path} {}", at(*version), quoted(data))
        }
        ClientOp::Get { path, watch } => format!("get {}{path}", flag(*watch, "-w ")),
        ClientOp::Exists { path, watch } => format!("stat {}{path}", flag(*watch, "-w ")),
        ClientOp::Children { path, watch } => format!("ls {}{path}", flag(*watch, "-w ")),
        ClientOp::Delete { path, version } => format!("delete {}{path}", at(*version)),
        ClientOp::Check { path, version } => format!("check {}{path}", at(*version)),
        ClientOp::Sync { path } => format!("sync {path}"),
        ClientOp::Multi(ops) => {
            let ops: Vec<String> = ops.iter().map(typed).collect();
            format!("multi {}", ops.join(" ; "))
        }
        ClientOp::Reconfig { joining, leaving } => {
            let list = |option: &str, ids: &[ServerId]| match ids {
                [] => String::new(),
                ids => format!(" {option} {}", server_list(ids)),
            };
            format!("reconfig{}{}", list("-add", joining), list("-remove", leaving))
        }
        ClientOp::Close => "close".to_owned(),
    }
}

fn spaced(data: &str) -> String {
    if data.is_empty() { String::new() } else { format!(" {}", quoted(data)) }
}

fn quoted(data: &str) -> String {
    let bare = |c: char| c.is_alphanumeric() || "-_.:/=,".contains(c);
    if !data.is_empty() && data.chars().all(bare) {
        data.to_owned()
    } else {
        vivarium_sim::words::quote(data)
    }
}

fn body_lines(body: &ReplyBody) -> Vec<String> {
    match body {
        ReplyBody::Path(path) => vec![path.clone().unwrap_or_default()],
        ReplyBody::PathStat { path, stat } => with_stat(format!("Created {path}"), stat),
        ReplyBody::Stat(stat) => vec![stat_line(stat)],
        ReplyBody::Data { data, stat } => {
            let text = data.as_deref().map_or("null".into(), String::from_utf8_lossy);
            with_stat(text.into_owned(), stat)
        }
        ReplyBody::Children(children) => vec![list(children)],
        ReplyBody::ChildrenStat { children, stat } => with_stat(list(children), stat),
        ReplyBody::Multi(results) => results.iter().map(element).collect(),
        ReplyBody::Acl { stat, .. } => vec![stat_line(stat)],
        ReplyBody::Number(number) => vec![number.to_string()],
        ReplyBody::Empty
        | ReplyBody::ClientInfo(_)
        | ReplyBody::Token(_)
        | ReplyBody::Connected { .. } => {
            vec!["OK".to_owned()]
        }
    }
}

fn with_stat(first: String, stat: &Stat) -> Vec<String> {
    vec![first, stat_line(stat)]
}

fn list(names: &[String]) -> String {
    format!("[{}]", names.join(", "))
}

fn element(result: &MultiResult) -> String {
    match result {
        MultiResult::Create { path } | MultiResult::Create2 { path, .. } => {
            format!("Created {path}")
        }
        MultiResult::SetData { stat } | MultiResult::Data { stat, .. } => stat_line(stat),
        MultiResult::Children(names) => list(names),
        MultiResult::Delete | MultiResult::Check => "OK".to_owned(),
        MultiResult::Error(code) => format!("error {code}"),
    }
}

/// The parts of a Stat that change, in ZooKeeper's names.
fn stat_line(stat: &Stat) -> String {
    let mut line = format!(
        "cZxid {} mZxid {} pZxid {} dataVersion {} cversion {} numChildren {}",
        stat.czxid, stat.mzxid, stat.pzxid, stat.version, stat.cversion, stat.num_children
    );
    if stat.ephemeral_owner != 0 {
        line.push_str(&format!(" ephemeralOwner 0x{:x}", stat.ephemeral_owner));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVERS: [ServerId; 3] = [ServerId(1), ServerId(2), ServerId(3)];

    fn line(line: &str) -> Result<String, Wrong> {
        read(1, line, &SERVERS).map(|command| command.to_string())
    }

    #[test]
    fn lines_of_zkcli_become_commands_of_the_run() {
        let table = [
            ("create /a", "c1 create /a \"\""),
            ("create -e -s /a/b data", "c1 create /a/b \"data\" ephemeral sequential"),
            ("create -s /a \"two words\"", "c1 create /a \"two words\" sequential"),
            ("get -w /a", "c1 get /a watch"),
            ("get -s /a", "c1 get /a"),
            ("set /a y", "c1 set /a \"y\""),
            ("set -v 3 /a y", "c1 set /a \"y\" version 3"),
            ("delete -v 0 /a", "c1 delete /a version 0"),
            ("ls -w /", "c1 children / watch"),
            ("stat /a", "c1 exists /a"),
            ("exists -w /a", "c1 exists /a watch"),
            ("sync /", "c1 sync /"),
            (
                "multi create /a x ; check -v 1 /b ; delete /c",
                "c1 multi [create /a \"x\"; check /b version 1; delete /c]",
            ),
            ("multi [set /a \"\"]", "c1 multi [set /a \"\"]"),
            ("connect 3", "c1 at 3"),
            ("roam", "c1 anywhere"),
            ("drop", "c1 disconnect"),
            ("close", "c1 close"),
        ];
        for (typed, wanted) in table {
            assert_eq!(line(typed).as_deref(), Ok(wanted), "{typed}");
            let command: Command = wanted.parse().expect(wanted);
            assert_eq!(command.to_string(), wanted, "a link carries it");
        }
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        let text = str::to_owned;
        let table = [
            ("", Wrong::Empty),
            ("crate /a", Wrong::Verb(text("crate"))),
            ("get", Wrong::NoPath),
            ("get a", Wrong::Path(text("a"))),
            ("get /a/", Wrong::Path(text("/a/"))),
            ("get \"/a b\"", Wrong::Path(text("/a b"))),
            ("get /a /b", Wrong::Trailing(text("/b"))),
            ("get -x /a", Wrong::Option(text("-x"))),
            ("create -t 100 /a", Wrong::NotHere(text("-t"))),
            ("set /a", Wrong::NoData),
            ("set -v one /a x", Wrong::Version(text("one"))),
            ("create /a \"open", Wrong::OpenQuote),
            ("connect 9", Wrong::Server(text("9"))),
            ("multi get /a", Wrong::InMulti(text("get"))),
            ("multi", Wrong::InMulti(String::new())),
        ];
        for (typed, wanted) in table {
            assert_eq!(line(typed), Err(wanted), "{typed}");
        }
    }

    #[test]
    fn verbs_are_completed_once_they_are_clear() {
        assert_eq!(completions("c"), ["create", "connect", "close"]);
        assert_eq!(completed("cr").as_deref(), Some("create "));
        assert_eq!(completed("c"), None);
        assert_eq!(completed(""), None);
        assert!(completions("create /").is_empty(), "a path is nobody's guess");
        assert_eq!(usage("set -v"), Some("[-v version] path data"));
    }

    #[test]
    fn an_answer_is_printed_with_its_stat_and_zxid() {
        let stat = Stat { version: 2, mzxid: "1|4".parse().unwrap(), ..Stat::default() };
        let data = Some(b"y".to_vec().into());
        let op = ClientOp::Get { path: "/a".to_owned(), watch: true };
        let zxid = "1|5".parse().unwrap();
        let told = Told::Answer { cxid: 1, op, result: Ok(ReplyBody::Data { data, stat }), zxid };
        let printed = print(&told);
        assert_eq!(printed.request.as_deref(), Some("get -w /a"));
        assert_eq!(printed.lines[0], "y");
        assert!(printed.lines[1].contains("mZxid 1|4"), "{}", printed.lines[1]);
        assert!(printed.lines[1].contains("dataVersion 2"), "{}", printed.lines[1]);
        assert_eq!(printed.zxid, Some(zxid));
    }
}
