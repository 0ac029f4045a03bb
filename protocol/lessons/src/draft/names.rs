//! Servers called by the parts that they play, so that what was done on one seed can be done on
//! every seed.
//!
//! Invariant: a name is written only where it means, in the author's own run, the server that the
//! author meant.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::trace::MessageId;
use vivarium_sim::scenario::Cast;
use vivarium_sim::{ClientAct, Command, Traffic, World};

/// Added to a server's number while a line is written: no run has such servers, so what stands for
/// a server in the line can be told from every other number.
const MARK: i64 = 9_000_000_000_000_000_000;
/// The parts that a server may play, in the order in which they are looked for.
const PARTS: [&str; 4] = ["leader", "follower", "other", "observer"];

/// The names that the author's scene has bound, newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    bound: Vec<(String, ServerId)>,
}

/// A server's number with the mark that makes it a server's.
pub(super) fn marked(id: ServerId) -> ServerId {
    ServerId(id.0 + MARK)
}

/// The part that a server plays.
fn part(id: ServerId, world: &World) -> Option<&'static str> {
    let nobody_bound = Cast::default();
    PARTS.into_iter().find(|part| nobody_bound.who(part, world) == Some(id))
}

impl Names {
    /// The name that was bound to a server.
    pub fn of(&self, id: ServerId) -> Option<&str> {
        let found = self.bound.iter().rev().find(|(_, bound)| *bound == id);
        found.map(|(name, _)| name.as_str())
    }

    /// Every server that has a name.
    pub fn servers(&self) -> impl Iterator<Item = ServerId> {
        self.bound.iter().map(|(_, id)| *id)
    }

    /// The names of a script that was carried out.
    pub fn from_cast(cast: &Cast) -> Names {
        Names { bound: cast.names().to_vec() }
    }

    /// The same as names that lines are resolved with.
    pub fn cast(&self) -> Cast {
        self.bound.iter().cloned().collect()
    }

    /// A command as lines: a name is bound for each server that plays a part now and has none.
    pub fn lines(&mut self, command: &Command, world: &World) -> Vec<String> {
        let mut marked_command = command.clone();
        let mut lines = Vec::new();
        for id in servers_of(&mut marked_command) {
            if self.of(*id).is_none()
                && let Some(part) = part(*id, world)
            {
                let name = self.free(if part == "other" { "follower" } else { part });
                lines.push(format!("name {name} = {part}"));
                self.bound.push((name, *id));
            }
            *id = marked(*id);
        }
        lines.push(self.written(&marked_command.to_string(), None));
        lines
    }

    /// A text with names, or else numbers, in the place of marked numbers. Where a world is given,
    /// a server without a name is called by the part that it plays there.
    pub fn written(&self, text: &str, world: Option<&World>) -> String {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(at) = rest.find(|c: char| c.is_ascii_digit()) {
            let (before, number) = rest.split_at(at);
            out.push_str(before);
            let end = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
            let (digits, after) = number.split_at(end);
            match digits.parse::<i64>().ok().filter(|number| *number > MARK) {
                Some(number) => out.push_str(&self.called(ServerId(number - MARK), world)),
                None => out.push_str(digits),
            }
            rest = after;
        }
        out.push_str(rest);
        out
    }

    fn called(&self, id: ServerId, world: Option<&World>) -> String {
        let own = self.of(id).or_else(|| world.and_then(|world| part(id, world)));
        own.map_or_else(|| id.to_string(), |name| format!("${name}"))
    }

    fn free(&self, part: &str) -> String {
        let taken = |name: &String| self.bound.iter().any(|(other, _)| other == name);
        let mut names = (1..).map(|number: u32| format!("{part}{number}"));
        names.find(|name| !taken(name)).expect("there are more numbers than names")
    }
}

/// The servers that a command names, to be changed.
fn servers_of(command: &mut Command) -> Vec<&mut ServerId> {
    match command {
        Command::StartAll | Command::HealAll => Vec::new(),
        Command::Start(id)
        | Command::Crash(id)
        | Command::StallDisk(id)
        | Command::WakeDisk(id)
        | Command::Pause(id)
        | Command::Resume(id)
        | Command::WipeDisk(id)
        | Command::Snapshot(id)
        | Command::SlowDisk { server: id, .. }
        | Command::TearDisk { server: id, .. }
        | Command::Configure { server: id, .. } => vec![id],
        Command::Partition(groups) => groups.iter_mut().flatten().collect(),
        Command::CutOneWay { from, to }
        | Command::Heal { from, to }
        | Command::Link { from, to, .. }
        | Command::Message { id: MessageId { from, to, .. }, .. } => vec![from, to],
        Command::CutBoth { a, b }
        | Command::DropConnection { a, b, .. }
        | Command::Latency { a, b, .. } => vec![a, b],
        Command::Rule { traffic: Traffic { from, to, .. }, .. } => {
            from.iter_mut().chain(to).collect()
        }
        Command::Client { act, .. } => match act {
            ClientAct::Connect { server } => vec![server],
            ClientAct::List { servers, .. } => servers.iter_mut().collect(),
            ClientAct::Roam
            | ClientAct::Balanced
            | ClientAct::Disconnect
            | ClientAct::Request(_) => Vec::new(),
        },
    }
}
