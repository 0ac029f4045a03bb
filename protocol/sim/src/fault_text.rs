//! The lines of the story language that are about links, messages and disks.
//!
//! Invariant: as in `command_text`, what `Display` writes is read back here to the same command.

use crate::command::{Command, LinkChange, MessageAct};
use crate::command_text::each;
use crate::rules::{RuleAct, Traffic};
use crate::words::{Pair, WordError, Words, read_micros, read_pair, write_micros};
use std::fmt;
use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::Channel;
use vivarium_protocol::trace::MessageId;

pub(crate) fn drop_connection(words: &mut Words) -> Result<Command, WordError> {
    let (a, b) = words.pair('-', "two servers, as in 1-2")?;
    Ok(Command::DropConnection { a, b, channel: channel(words)? })
}

fn channel(words: &mut Words) -> Result<Channel, WordError> {
    let wanted = "`election` or `quorum`";
    match words.bare(wanted)?.as_str() {
        "election" => Ok(Channel::Election),
        "quorum" => Ok(Channel::Quorum),
        other => Err(WordError::Unexpected { wanted, found: other.to_owned() }),
    }
}

pub(crate) fn disk(words: &mut Words) -> Result<Vec<Command>, WordError> {
    let ids = words.servers()?;
    let wanted = "`stalled`, `awake`, `slow`, `normal` or `wiped`";
    match words.bare(wanted)?.as_str() {
        "stalled" => Ok(each(ids, Command::StallDisk)),
        "awake" => Ok(each(ids, Command::WakeDisk)),
        "wiped" => Ok(each(ids, Command::WipeDisk)),
        "slow" => slow_disks(ids, Some(words.micros()?)),
        "normal" => slow_disks(ids, None),
        other => Err(WordError::Unexpected { wanted, found: other.to_owned() }),
    }
}

fn slow_disks(ids: Vec<ServerId>, us: Option<u64>) -> Result<Vec<Command>, WordError> {
    Ok(ids.into_iter().map(|server| Command::SlowDisk { server, us }).collect())
}

/// `crash 1,2`, or `crash 1 keeping 3` for a disk that was writing.
pub(crate) fn crash(words: &mut Words) -> Result<Vec<Command>, WordError> {
    let ids = words.servers()?;
    if !words.take("keeping") {
        return Ok(each(ids, Command::Crash));
    }
    let kept = words.parse("how many records survive")?;
    Ok(ids.into_iter().map(|server| Command::TearDisk { server, kept }).collect())
}

/// `1>2 quorum 7`: the seventh message of a link.
pub(crate) fn message(act: MessageAct, words: &mut Words) -> Result<Command, WordError> {
    let (from, to) = words.pair('>', "a direction, as in 1>2")?;
    let channel = channel(words)?;
    let count = words.parse("a message's number on its link")?;
    Ok(Command::Message { id: MessageId { from, to, channel, count }, act })
}

/// `hold 1>2 quorum 7` is about one message, `hold ACK 1>2` about a kind of them.
pub(crate) fn held(one: MessageAct, all: RuleAct, words: &mut Words) -> Result<Command, WordError> {
    let is_one = words.peek().is_some_and(|word| word.contains('>'));
    if is_one { message(one, words) } else { rule(all, words) }
}

/// `hold ACK 1>2`, `release * 3>*`, `discard PROPOSAL *>1`.
pub(crate) fn rule(act: RuleAct, words: &mut Words) -> Result<Command, WordError> {
    Ok(Command::Rule { act, traffic: Traffic::parse(words)? })
}

pub(crate) fn unreal(words: &mut Words) -> Result<Command, WordError> {
    let wanted = "`duplicate`, `overtake` or `vanish`";
    let act = match words.bare(wanted)?.as_str() {
        "duplicate" => MessageAct::Duplicate,
        "overtake" => MessageAct::Overtake,
        "vanish" => MessageAct::Vanish,
        other => return Err(WordError::Unexpected { wanted, found: other.to_owned() }),
    };
    message(act, words)
}

/// `link 1>2 10ms..50ms`, `link 1-2 loss 30%`, `link 1-2 bandwidth 20000B/s`, `link 1>2 normal`.
pub(crate) fn link(words: &mut Words) -> Result<Vec<Command>, WordError> {
    let wanted = "two servers, as in 1>2 or 1-2";
    let word = words.bare(wanted)?;
    let both = |(a, b): Pair| vec![(a, b), (b, a)];
    let one_way = read_pair(&word, '>').map(|pair| vec![pair]);
    let directions = one_way.or(read_pair(&word, '-').map(both));
    let directions = directions.ok_or(WordError::Unexpected { wanted, found: word })?;
    let change = link_change(words)?;
    let commands = directions.into_iter().map(|(from, to)| Command::Link { from, to, change });
    Ok(commands.collect())
}

fn link_change(words: &mut Words) -> Result<LinkChange, WordError> {
    if words.take("normal") {
        return Ok(LinkChange::Normal);
    }
    if words.take("loss") {
        let wanted = "a share from 0% to 95%";
        let word = words.bare(wanted)?;
        let percent = word.strip_suffix('%').and_then(|number| number.parse().ok());
        let percent = percent.filter(|percent| *percent <= 95);
        let percent = percent.ok_or(WordError::Unexpected { wanted, found: word })?;
        return Ok(LinkChange::Loss { percent });
    }
    if words.take("bandwidth") {
        return bandwidth(words);
    }
    let wanted = "a range of durations, as in 10ms..50ms";
    let word = words.bare(wanted)?;
    let range = word.split_once("..");
    let range = range.and_then(|(a, b)| Some((read_micros(a)?, read_micros(b)?)));
    let range = range.filter(|(least, most)| least <= most);
    let (least, most) = range.ok_or(WordError::Unexpected { wanted, found: word })?;
    Ok(LinkChange::Delay { least, most })
}

fn bandwidth(words: &mut Words) -> Result<LinkChange, WordError> {
    if words.take("unlimited") {
        return Ok(LinkChange::Bandwidth { bytes: None });
    }
    let wanted = "bytes a second, as in 20000B/s, or `unlimited`";
    let word = words.bare(wanted)?;
    let bytes = word.strip_suffix("B/s").and_then(|number| number.parse().ok());
    match bytes.filter(|bytes| *bytes > 0) {
        Some(bytes) => Ok(LinkChange::Bandwidth { bytes: Some(bytes) }),
        None => Err(WordError::Unexpected { wanted, found: word }),
    }
}

impl fmt::Display for LinkChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LinkChange::Delay { least, most } => {
                write!(f, "{}..{}", write_micros(*least), write_micros(*most))
            }
            LinkChange::Loss { percent } => write!(f, "loss {percent}%"),
            LinkChange::Bandwidth { bytes: Some(bytes) } => write!(f, "bandwidth {bytes}B/s"),
            LinkChange::Bandwidth { bytes: None } => f.write_str("bandwidth unlimited"),
            LinkChange::Normal => f.write_str("normal"),
        }
    }
}
