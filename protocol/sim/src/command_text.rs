//! The lines of the story language that are commands: reading and writing them.
//!
//! Invariant: what `Display` writes, `FromStr` reads back to the same command. What the commands
//! mean is `command`'s to say and `faults`'s to do.

use crate::command::{ClientAct, ClientOp, Command, CommandParseError, MessageAct};
use crate::fault_text::{crash, disk, drop_connection, held, link, message, rule, unreal};
use crate::rules::RuleAct;
use crate::words::{Pair, WordError, Words, quote, read_pair, write_micros};
use std::fmt;
use std::str::FromStr;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;
use vivarium_protocol::trace::MessageId;

impl Command {
    /// Reads a line that may stand for several commands, as in `crash 1,2` and
    /// `client c1 at 3: create /a "x"`.
    ///
    /// # Errors
    /// The line is no command.
    pub fn parse_line(line: &str) -> Result<Vec<Command>, CommandParseError> {
        let line = line.trim();
        if let Some(rest) = line.strip_prefix("client ") {
            return client_line(rest.trim());
        }
        let mut words = Words::of(line)?;
        let first = words.bare("a command")?;
        if let Some(client) = client_number(&first) {
            let act = client_act(&mut words)?;
            words.end()?;
            return Ok(vec![Command::Client { client, act }]);
        }
        let commands = match first.as_str() {
            "start" | "restart" if words.is_empty() || words.take("all") => {
                vec![Command::StartAll]
            }
            "start" | "restart" => each(words.servers()?, Command::Start),
            "crash" => crash(&mut words)?,
            "pause" => each(words.servers()?, Command::Pause),
            "resume" => each(words.servers()?, Command::Resume),
            "snapshot" => each(words.servers()?, Command::Snapshot),
            "partition" => vec![partition(&mut words)?],
            "cut" => vec![cut(&mut words)?],
            "heal" => vec![heal(&mut words)?],
            "drop" if words.peek().is_some_and(|link| link.contains('>')) => {
                vec![message(MessageAct::Drop, &mut words)?]
            }
            "drop" => vec![drop_connection(&mut words)?],
            "hold" => vec![held(MessageAct::Hold, RuleAct::Hold, &mut words)?],
            "release" => vec![held(MessageAct::Release, RuleAct::Release, &mut words)?],
            "discard" => vec![rule(RuleAct::Discard, &mut words)?],
            "unreal" => vec![unreal(&mut words)?],
            "link" => link(&mut words)?,
            "zoo.cfg" => {
                vec![Command::Configure { server: words.server()?, file: words.text() }]
            }
            "disk" => disk(&mut words)?,
            "latency" => {
                let (a, b) = words.pair('-', "two servers, as in 1-2")?;
                vec![Command::Latency { a, b, us: words.micros()? }]
            }
            _ => return Err(CommandParseError::Unknown(first)),
        };
        words.end()?;
        Ok(commands)
    }

    /// Whether a line begins like a command, so that errors in it should be reported as a
    /// command's.
    #[must_use]
    pub fn is_command_word(word: &str) -> bool {
        const WORDS: [&str; 20] = [
            "start",
            "restart",
            "crash",
            "pause",
            "resume",
            "snapshot",
            "partition",
            "cut",
            "heal",
            "drop",
            "disk",
            "latency",
            "client",
            "stall",
            "hold",
            "release",
            "discard",
            "unreal",
            "link",
            "zoo.cfg",
        ];
        WORDS.contains(&word) || client_number(word).is_some()
    }
}

pub(crate) fn each(ids: Vec<ServerId>, command: fn(ServerId) -> Command) -> Vec<Command> {
    ids.into_iter().map(command).collect()
}

fn client_line(rest: &str) -> Result<Vec<Command>, CommandParseError> {
    let (connect, ask) = match rest.split_once(':') {
        Some((connect, ask)) => (connect, Some(ask)),
        None => (rest, None),
    };
    let mut commands = Command::parse_line(connect)?;
    if let (Some(ask), Some(Command::Client { client, .. })) = (ask, commands.first()) {
        commands.extend(Command::parse_line(&format!("c{client} {}", ask.trim()))?);
    }
    Ok(commands)
}

fn client_number(word: &str) -> Option<u32> {
    match word {
        "c" => Some(1),
        word => word.strip_prefix('c')?.parse().ok(),
    }
}

fn client_act(words: &mut Words) -> Result<ClientAct, CommandParseError> {
    if words.take("at") {
        return Ok(ClientAct::Connect { server: words.server()? });
    }
    if words.take("anywhere") {
        return Ok(ClientAct::Roam);
    }
    if words.take("among") {
        return Ok(ClientAct::List { servers: words.servers()?, shuffled: true });
    }
    if words.take("along") {
        return Ok(ClientAct::List { servers: words.servers()?, shuffled: false });
    }
    if words.take("balanced") {
        return Ok(ClientAct::Balanced);
    }
    if words.take("disconnect") {
        return Ok(ClientAct::Disconnect);
    }
    Ok(ClientAct::Request(client_op(words)?))
}

fn client_op(words: &mut Words) -> Result<ClientOp, CommandParseError> {
    let verb = words.bare("an operation")?;
    let op = match verb.as_str() {
        "create" => {
            let (path, data) = (words.bare("a path")?, words.quoted().unwrap_or_default());
            let ephemeral = words.take("ephemeral");
            ClientOp::Create { path, data, ephemeral, sequential: words.take("sequential") }
        }
        "set" => {
            let (path, data) = (words.bare("a path")?, words.quoted().unwrap_or_default());
            ClientOp::Set { path, data, version: version(words)? }
        }
        "get" => ClientOp::Get { path: words.bare("a path")?, watch: words.take("watch") },
        "exists" => ClientOp::Exists { path: words.bare("a path")?, watch: words.take("watch") },
        "children" => {
            ClientOp::Children { path: words.bare("a path")?, watch: words.take("watch") }
        }
        "delete" => ClientOp::Delete { path: words.bare("a path")?, version: version(words)? },
        "check" => ClientOp::Check { path: words.bare("a path")?, version: version(words)? },
        "sync" => ClientOp::Sync { path: words.bare("a path")? },
        "multi" => ClientOp::Multi(multi(words)?),
        "reconfig" => ClientOp::Reconfig {
            joining: if words.take("add") { words.servers()? } else { Vec::new() },
            leaving: if words.take("remove") { words.servers()? } else { Vec::new() },
        },
        "close" => ClientOp::Close,
        _ => return Err(CommandParseError::Unknown(verb)),
    };
    Ok(op)
}

fn version(words: &mut Words) -> Result<i32, WordError> {
    if words.take("version") { words.parse("a version") } else { Ok(-1) }
}

fn multi(words: &mut Words) -> Result<Vec<ClientOp>, CommandParseError> {
    let wanted = "`[`";
    if !words.take("[") {
        return Err(WordError::Unexpected { wanted, found: words.text() }.into());
    }
    let mut ops = Vec::new();
    while !words.take("]") {
        ops.push(client_op(words)?);
        if !words.take(";") && words.peek() != Some("]") {
            return Err(WordError::Unexpected { wanted: "`;` or `]`", found: words.text() }.into());
        }
    }
    Ok(ops)
}

fn partition(words: &mut Words) -> Result<Command, WordError> {
    let mut groups = vec![words.servers()?];
    while words.take("/") {
        groups.push(words.servers()?);
    }
    Ok(Command::Partition(groups))
}

fn cut(words: &mut Words) -> Result<Command, WordError> {
    let wanted = "two servers, as in 1>2 or 1-2";
    let word = words.bare(wanted)?;
    let one_way = |(from, to): Pair| Command::CutOneWay { from, to };
    let both = |(a, b): Pair| Command::CutBoth { a, b };
    let command = read_pair(&word, '>').map(one_way).or(read_pair(&word, '-').map(both));
    command.ok_or(WordError::Unexpected { wanted, found: word })
}

fn heal(words: &mut Words) -> Result<Command, WordError> {
    if words.is_empty() || words.take("all") {
        return Ok(Command::HealAll);
    }
    let (from, to) = words.pair('>', "a direction, as in 1>2")?;
    Ok(Command::Heal { from, to })
}

impl FromStr for Command {
    type Err = CommandParseError;

    fn from_str(line: &str) -> Result<Command, CommandParseError> {
        match <[Command; 1]>::try_from(Command::parse_line(line)?) {
            Ok([command]) => Ok(command),
            Err(_) => Err(CommandParseError::Several),
        }
    }
}

/// Writes servers as in `1,2,3`.
#[must_use]
pub fn server_list(ids: &[ServerId]) -> String {
    ids.iter().map(ServerId::to_string).collect::<Vec<_>>().join(",")
}

/// The story language's word for a channel.
#[must_use]
pub fn channel_name(channel: Channel) -> &'static str {
    match channel {
        Channel::Election => "election",
        Channel::Quorum => "quorum",
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Command::Start(id) => write!(f, "start {id}"),
            Command::StartAll => f.write_str("start all"),
            Command::Crash(id) => write!(f, "crash {id}"),
            Command::Partition(groups) => {
                let groups: Vec<String> = groups.iter().map(|ids| server_list(ids)).collect();
                write!(f, "partition {}", groups.join(" / "))
            }
            Command::CutOneWay { from, to } => write!(f, "cut {from}>{to}"),
            Command::CutBoth { a, b } => write!(f, "cut {a}-{b}"),
            Command::HealAll => f.write_str("heal"),
            Command::Heal { from, to } => write!(f, "heal {from}>{to}"),
            Command::DropConnection { a, b, channel } => {
                write!(f, "drop {a}-{b} {}", channel_name(*channel))
            }
            Command::StallDisk(id) => write!(f, "disk {id} stalled"),
            Command::WakeDisk(id) => write!(f, "disk {id} awake"),
            Command::Pause(id) => write!(f, "pause {id}"),
            Command::Resume(id) => write!(f, "resume {id}"),
            Command::Latency { a, b, us } => write!(f, "latency {a}-{b} {}", write_micros(*us)),
            Command::Link { from, to, change } => write!(f, "link {from}>{to} {change}"),
            Command::SlowDisk { server, us: Some(us) } => {
                write!(f, "disk {server} slow {}", write_micros(*us))
            }
            Command::SlowDisk { server, us: None } => write!(f, "disk {server} normal"),
            Command::WipeDisk(id) => write!(f, "disk {id} wiped"),
            Command::TearDisk { server, kept } => write!(f, "crash {server} keeping {kept}"),
            Command::Message { id, act } => {
                let MessageId { from, to, channel, count } = id;
                write!(f, "{} {from}>{to} {} {count}", act.word(), channel_name(*channel))
            }
            Command::Rule { act, traffic } => write!(f, "{} {traffic}", act.word()),
            Command::Configure { server, file } => write!(f, "zoo.cfg {server} {}", quote(file)),
            Command::Snapshot(id) => write!(f, "snapshot {id}"),
            Command::Client { client, act } => write!(f, "c{client} {act}"),
        }
    }
}

impl fmt::Display for ClientAct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ClientAct::Connect { server } => write!(f, "at {server}"),
            ClientAct::Roam => f.write_str("anywhere"),
            ClientAct::List { servers, shuffled: true } => {
                write!(f, "among {}", server_list(servers))
            }
            ClientAct::List { servers, shuffled: false } => {
                write!(f, "along {}", server_list(servers))
            }
            ClientAct::Balanced => f.write_str("balanced"),
            ClientAct::Disconnect => f.write_str("disconnect"),
            ClientAct::Request(op) => op.fmt(f),
        }
    }
}

impl fmt::Display for ClientOp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let watch = |watch: &bool| if *watch { " watch" } else { "" };
        let version = |version: &i32| match version {
            -1 => String::new(),
            version => format!(" version {version}"),
        };
        match self {
            ClientOp::Create { path, data, ephemeral, sequential } => {
                write!(f, "create {path} {}", quote(data))?;
                f.write_str(if *ephemeral { " ephemeral" } else { "" })?;
                f.write_str(if *sequential { " sequential" } else { "" })
            }
            ClientOp::Set { path, data, version: expected } => {
                write!(f, "set {path} {}{}", quote(data), version(expected))
            }
            ClientOp::Get { path, watch: wanted } => write!(f, "get {path}{}", watch(wanted)),
            ClientOp::Exists { path, watch: wanted } => write!(f, "exists {path}{}", watch(wanted)),
            ClientOp::Children { path, watch: wanted } => {
                write!(f, "children {path}{}", watch(wanted))
            }
            ClientOp::Delete { path, version: expected } => {
                write!(f, "delete {path}{}", version(expected))
            }
            ClientOp::Check { path, version: expected } => {
                write!(f, "check {path}{}", version(expected))
            }
            ClientOp::Sync { path } => write!(f, "sync {path}"),
            ClientOp::Multi(ops) => {
                let ops: Vec<String> = ops.iter().map(ClientOp::to_string).collect();
                write!(f, "multi [{}]", ops.join("; "))
            }
            ClientOp::Reconfig { joining, leaving } => {
                f.write_str("reconfig")?;
                for (word, ids) in [("add", joining), ("remove", leaving)] {
                    if !ids.is_empty() {
                        write!(f, " {word} {}", server_list(ids))?;
                    }
                }
                Ok(())
            }
            ClientOp::Close => f.write_str("close"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_one_line_and_the_line_is_the_command() {
        let lines = [
            "start 3",
            "start all",
            "crash 2",
            "partition 1,2 / 3,4,5",
            "cut 1>2",
            "cut 1-2",
            "heal",
            "heal 2>1",
            "drop 1-3 quorum",
            "disk 1 stalled",
            "disk 1 awake",
            "pause 2",
            "resume 2",
            "latency 1-2 150ms",
            "link 1>2 10ms..50ms",
            "link 1>2 loss 30%",
            "link 1>2 bandwidth 20000B/s",
            "link 1>2 bandwidth unlimited",
            "link 2>1 normal",
            "disk 1 slow 300ms",
            "disk 1 normal",
            "disk 1 wiped",
            "crash 2 keeping 3",
            "hold 1>2 quorum 7",
            "release 1>2 quorum 7",
            "drop 3>1 election 1",
            "hold PROPOSAL 3>1",
            "hold VOTE 1>*",
            "release * *>2",
            "discard ACK *>3",
            "unreal duplicate 1>2 quorum 7",
            "unreal overtake 1>2 quorum 7",
            "unreal vanish 1>2 quorum 7",
            "zoo.cfg 2 \"tickTime=100\\nserver.1=a:1:2\"",
            "snapshot 3",
            "c1 at 3",
            "c2 anywhere",
            "c2 balanced",
            "c2 among 1,2,3",
            "c2 along 3,1,2",
            "c1 disconnect",
            "c1 create /a \"x y\" ephemeral sequential",
            "c1 set /a \"\\\"\" version 3",
            "c1 get /a watch",
            "c1 delete /a",
            "c1 sync /",
            "c3 multi [create /a \"x\"; check /b version 1; delete /c]",
            "c1 close",
        ];
        for line in lines {
            let command: Command = line.parse().expect(line);
            assert_eq!(command.to_string(), line);
        }
    }

    #[test]
    fn some_lines_are_several_commands() {
        let lines = Command::parse_line("client c at 3: create /a \"x\"").unwrap();
        let written: Vec<String> = lines.iter().map(Command::to_string).collect();
        assert_eq!(written, ["c1 at 3", "c1 create /a \"x\""]);
        assert_eq!(Command::parse_line("crash 1,2").unwrap().len(), 2);
        assert_eq!("crash 1,2".parse::<Command>(), Err(CommandParseError::Several));
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        let error = "explode 1".parse::<Command>().unwrap_err();
        assert_eq!(error.to_string(), "`explode` is no command");
        let error = "cut 1".parse::<Command>().unwrap_err();
        assert!(error.to_string().contains("1>2 or 1-2"), "{error}");
    }
}
