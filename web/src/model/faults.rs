//! The faults in force, each with its words and the commands that undo it.

use vivarium_protocol::base::{Ensemble, ServerId, SortedMap};
use vivarium_sim::{Command, LinkChange, LinkFault, MessageAct, RuleAct, Traffic};

use super::cfg_notes::time;
use super::outside::{Outside, sides_words};
use super::quorum;
use crate::i18n::Lang;

/// A direction: from, to.
type Pair = (ServerId, ServerId);

/// What a fault's undo is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undo {
    /// A cut is healed.
    Heal,
    /// A server starts.
    Start,
    /// A server goes on.
    Resume,
    /// A disk goes on.
    Wake,
    /// Something is as the set-up has it again.
    Normal,
    /// A message goes on.
    Release,
    /// A server reads the common file again.
    SharedFile,
}

/// One fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InForce {
    /// The name of its icon.
    pub symbol: &'static str,
    /// What is wrong.
    pub words: String,
    /// What that means, if it can be said in a few words.
    pub note: String,
    /// What its undo is called.
    pub undo: Undo,
    /// What undoes it.
    pub commands: Vec<Command>,
}

/// Every fault in force; `down` are the servers that do not run.
#[must_use]
pub fn in_force(
    outside: &Outside,
    ensemble: &Ensemble,
    down: &[ServerId],
    lang: Lang,
) -> Vec<InForce> {
    let mut all = cuts(outside, ensemble, lang);
    all.extend(links(outside, lang));
    all.extend(servers(outside, down, lang));
    all.extend(disks(outside, lang));
    all.extend(outside.rules.iter().map(|rule| held_by_rule(rule, lang)));
    all.extend(outside.held.keys().map(|id| {
        let (from, to, count) = (id.from, id.to, id.count);
        let words = lang.pick(
            format!("Message {count}, {from} → {to}, is held"),
            format!("{from} → {to} 的第 {count} 条消息被扣住"),
        );
        let release = Command::Message { id: *id, act: MessageAct::Release };
        fault("PAUSED", words, Undo::Release, vec![release])
    }));
    all
}

/// A standing rule: releasing it lets go what it holds.
fn held_by_rule(rule: &Traffic, lang: Lang) -> InForce {
    let rule_words = rule.to_string().replace('>', " → ");
    let (kind, ends) = rule_words.split_once(' ').unwrap_or((&rule_words, ""));
    let kind = if kind == "*" { lang.pick("message", "消息") } else { kind };
    let words =
        lang.pick(format!("Every {kind} {ends} is held"), format!("{ends} 的 {kind} 全部被扣住"));
    let release = Command::Rule { act: RuleAct::Release, traffic: *rule };
    fault("PAUSED", words, Undo::Release, vec![release])
}

fn fault(symbol: &'static str, words: String, undo: Undo, commands: Vec<Command>) -> InForce {
    InForce { symbol, words, note: String::new(), undo, commands }
}

fn cuts(outside: &Outside, ensemble: &Ensemble, lang: Lang) -> Vec<InForce> {
    let members: Vec<ServerId> = ensemble.members.keys().copied().collect();
    let sides = outside.sides(&members);
    let heal = |(from, to): &Pair| Command::Heal { from: *from, to: *to };
    let within = outside.cuts_within(&sides);
    let each = within.iter().map(|pair| {
        let (from, to) = pair;
        let words = lang.pick(format!("{to} does not hear {from}"), format!("{to} 听不到 {from}"));
        fault("cut", words, Undo::Heal, vec![heal(pair)])
    });
    if sides.is_empty() {
        return each.collect();
    }
    let partition = lang.pick("partition", "分区");
    let words = format!("{partition} {}", sides_words(&sides));
    let note = quorum_side(&sides, ensemble, lang);
    // Whoever heals the partition leaves the cuts within a side as they are.
    let undo = match within.as_slice() {
        [] => vec![Command::HealAll],
        within => outside.cuts.iter().filter(|pair| !within.contains(pair)).map(heal).collect(),
    };
    let partition = InForce { note, ..fault("cut", words, Undo::Heal, undo) };
    std::iter::once(partition).chain(each).collect()
}

/// Which side of a partition can decide, and if none can, what the largest lacks.
#[must_use]
pub fn quorum_side(sides: &[Vec<ServerId>], ensemble: &Ensemble, lang: Lang) -> String {
    let set = |side: &Vec<ServerId>| side.iter().copied().collect();
    let Some(side) = sides.iter().find(|side| ensemble.is_quorum(&set(side))) else {
        let lacks = sides.last().map(|side| quorum::words(ensemble, &set(side), lang));
        let lacks = lacks.unwrap_or_default();
        return lang.pick(
            format!("neither side is a quorum; the larger has {lacks}"),
            format!("没有一侧构成多数派；较大一侧 {lacks}"),
        );
    };
    let side = sides_words(std::slice::from_ref(side));
    lang.pick(format!("{side} can decide"), format!("{side} 能做决定"))
}

/// Links with the same fault are one row, or a slow server would fill the panel.
fn links(outside: &Outside, lang: Lang) -> Vec<InForce> {
    let mut alike: SortedMap<LinkFault, Vec<Pair>> = SortedMap::new();
    for (pair, link) in &outside.links {
        alike.entry(*link).or_default().push(*pair);
    }
    let row = |(link, pairs): (LinkFault, Vec<Pair>)| {
        let undo = pairs.iter().map(|(from, to)| Command::Link {
            from: *from,
            to: *to,
            change: LinkChange::Normal,
        });
        let words = format!("{}: {}", directions(&pairs), link_words(link, lang));
        fault("clock", words, Undo::Normal, undo.collect())
    };
    alike.into_iter().map(row).collect()
}

/// `1 ↔ 2, 3 → 1`, and a number for what would be too many to read.
fn directions(pairs: &[Pair]) -> String {
    let back = |pair: &Pair| pairs.contains(&(pair.1, pair.0));
    let shown = pairs.iter().filter(|pair| !back(pair) || pair.0 < pair.1).map(|pair| {
        let arrow = if back(pair) { "↔" } else { "→" };
        format!("{} {arrow} {}", pair.0, pair.1)
    });
    let all: Vec<String> = shown.collect();
    let more = all.len().saturating_sub(4);
    let mut words = all[..all.len() - more].join(", ");
    if more > 0 {
        words.push_str(&format!(" +{more}"));
    }
    words
}

/// `10–50 ms, 30 % lost, 20 kB/s`.
#[must_use]
pub fn link_words(link: LinkFault, lang: Lang) -> String {
    let delay = link.delay.map(|(least, most)| match least == most {
        true => time(least / 1000, lang),
        false => format!("{}–{}", least / 1000, time(most / 1000, lang)),
    });
    let lost = || lang.pick(format!("{} % lost", link.loss), format!("丢失 {} %", link.loss));
    let loss = (link.loss > 0).then(lost);
    let bandwidth = link.bandwidth.map(|bytes| match bytes % 1000 {
        0 => format!("{} kB/s", bytes / 1000),
        _ => format!("{bytes} B/s"),
    });
    delay.into_iter().chain(loss).chain(bandwidth).collect::<Vec<_>>().join(lang.pick(", ", "，"))
}

fn servers(outside: &Outside, down: &[ServerId], lang: Lang) -> Vec<InForce> {
    let stopped = down.iter().map(|id| {
        let words = lang.pick(format!("Server {id} is down"), format!("服务器 {id} 未运行"));
        let half = outside.half_written.get(id).map(|zxid| {
            lang.pick(
                format!("half of {zxid} is written; a start cuts it off"),
                format!("{zxid} 只写了一半；启动时会截掉"),
            )
        });
        let row = fault("DOWN", words, Undo::Start, vec![Command::Start(*id)]);
        InForce { note: half.unwrap_or_default(), ..row }
    });
    let paused = outside.paused.iter().map(|id| {
        let words = lang.pick(format!("Server {id} is paused"), format!("服务器 {id} 停顿"));
        fault("PAUSED", words, Undo::Resume, vec![Command::Resume(*id)])
    });
    let own = outside.own_files.keys().map(|id| {
        let words = lang.pick(
            format!("Server {id} has its own zoo.cfg"),
            format!("服务器 {id} 用自己的 zoo.cfg"),
        );
        let undo = restart(*id, "", !down.contains(id));
        fault("keys", words, Undo::SharedFile, undo)
    });
    stopped.chain(paused).chain(own).collect()
}

/// Gives a server a file (an empty one is the common file) and lets it read it.
#[must_use]
pub fn restart(id: ServerId, file: &str, up: bool) -> Vec<Command> {
    let mut commands = vec![Command::Configure { server: id, file: file.to_owned() }];
    if up {
        commands.push(Command::Crash(id));
    }
    commands.push(Command::Start(id));
    commands
}

fn disks(outside: &Outside, lang: Lang) -> Vec<InForce> {
    let stalled = outside.stalled.iter().map(|id| {
        let words = lang.pick(format!("Disk of {id} is stalled"), format!("{id} 的磁盘停滞"));
        fault("disk", words, Undo::Wake, vec![Command::WakeDisk(*id)])
    });
    let slow = outside.slow.iter().map(|(id, us)| {
        let takes = time(us / 1000, lang);
        let words = lang
            .pick(format!("A sync of {id} takes {takes}"), format!("{id} 的一次落盘要 {takes}"));
        fault("disk", words, Undo::Normal, vec![Command::SlowDisk { server: *id, us: None }])
    });
    stalled.chain(slow).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use vivarium_sim::{Setup, World};

    fn after(commands: &[&str]) -> World {
        let mut world = World::new(&Setup::default());
        while world.steps() < 60 {
            world.step().expect("servers have something to do");
        }
        for text in commands {
            for command in Command::parse_line(text).expect(text) {
                world.command(&command).expect(text);
            }
        }
        world
    }

    fn of(world: &World, lang: Lang) -> Vec<InForce> {
        let down: Vec<ServerId> =
            world.peers().filter(|peer| !peer.is_up()).map(|peer| peer.id).collect();
        in_force(&Outside::of(world), world.ensemble(), &down, lang)
    }

    #[test]
    fn every_fault_is_named_and_its_undo_leaves_nothing() {
        let file = "tickTime=50\\ninitLimit=5\\nsyncLimit=2\\ndataDir=/d\\nclientPort=2181\\n\
                    server.1=a:1:2\\nserver.2=b:1:2\\nserver.3=c:1:2";
        let mixed = format!("zoo.cfg 2 \"{file}\"");
        let faults = [
            "partition 1 / 2,3",
            "link 1-2 10ms..50ms",
            "link 3>1 loss 30%",
            "link 2>3 bandwidth 20000B/s",
            "disk 2 slow 300ms",
            "disk 3 stalled",
            "pause 2",
            mixed.as_str(),
            "hold SNAP 3>*",
            "hold * 1>2",
            "crash 1",
        ];
        let mut world = after(&faults);
        let rows = of(&world, Lang::English);
        let words: Vec<&str> = rows.iter().map(|row| row.words.as_str()).collect();
        assert_eq!(
            words,
            [
                "partition 1 | 2 3",
                "2 → 3: 20 kB/s",
                "3 → 1: 30 % lost",
                "1 ↔ 2: 10–50 ms",
                "Server 1 is down",
                "Server 2 is paused",
                "Server 2 has its own zoo.cfg",
                "Disk of 3 is stalled",
                "A sync of 2 takes 300 ms",
                "Every message 1 → 2 is held",
                "Every SNAP 3 → * is held",
            ]
        );
        assert_eq!(rows[0].note, "2 3 can decide");
        while let Some(row) = of(&world, Lang::Chinese).first() {
            assert!(row.words.chars().any(|c| c > '\u{2000}'), "{}", row.words);
            for command in &row.commands {
                world.command(command).unwrap_or_else(|e| panic!("{command}: {e}"));
            }
        }
        assert!(of(&world, Lang::English).is_empty());
    }
}
