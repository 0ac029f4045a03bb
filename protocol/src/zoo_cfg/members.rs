//! The lines that make an ensemble: `server.N`, `group.G`, `weight.N`.
//!
//! Invariants of an ensemble that was read without an error: every id is 0 or more, the two ports
//! of a member differ, and with groups every participant is in exactly one of them.

use super::reader::{Entry, Reader};
use crate::base::{Ensemble, Learner, Member, QuorumVerifier, ServerId, SortedMap, SortedSet};

/// Whether a key belongs here rather than among the settings.
pub(super) fn is_member_key(key: &str) -> bool {
    key.starts_with("server.") || key.starts_with("group") || key.starts_with("weight")
}

/// Takes the member lines out of `reader`; `None` if there is no member.
pub(super) fn read(reader: &mut Reader, version: i64) -> Option<Ensemble> {
    let entries = reader.take_all(is_member_key);
    let mut members = SortedMap::new();
    for (key, entry) in entries.iter().filter(|(key, _)| key.starts_with("server.")) {
        read_member(reader, key, entry, &mut members);
    }
    let others: Vec<_> = entries.iter().filter(|(key, _)| !key.starts_with("server.")).collect();
    if members.is_empty() {
        if let Some((key, entry)) = others.first() {
            let what = format!("{key} is given, but no server");
            reader.error(Some(entry.line), &what, "add the server.N lines or remove it");
        }
        return None;
    }
    let verifier = if others.is_empty() {
        QuorumVerifier::Majority
    } else {
        read_hierarchy(reader, &others, &members)
    };
    Some(Ensemble { members, verifier, version })
}

fn read_member(
    reader: &mut Reader,
    key: &str,
    entry: &Entry,
    members: &mut SortedMap<ServerId, Member>,
) {
    let line = Some(entry.line);
    let Some(id) = id_of(key) else {
        let what = format!("{key} must end in the number that the server has in its myid file");
        return reader.error(line, &what, "write for example server.1");
    };
    if id.0 > 255 {
        let what = format!("server {id} has a number above 255, so its session ids may collide");
        reader.warn(line, &what, "number the servers from 1 to 255");
    }
    let value = entry.value.trim_end();
    if value.len() != entry.value.len() {
        let what = format!("{key} ends in a blank, which Apache ZooKeeper refuses");
        reader.warn(line, &what, "remove it");
    }
    match Member::parse(value) {
        Ok(member) => {
            if members.insert(id, member).is_some() {
                let what = format!("server {id} is given twice");
                reader.error(line, &what, "keep one of the two lines");
            }
        }
        Err(reason) => {
            let what = format!("{key} {reason}, in \"{value}\"");
            let mend =
                format!("write host:quorumPort:electionPort, for example {key}=zk{id}:2888:3888");
            reader.error(line, &what, &mend);
        }
    }
}

/// The id at the end of a key; negative ones name nobody.
fn id_of(key: &str) -> Option<ServerId> {
    let (_, id) = key.split_once('.')?;
    id.parse().ok().filter(|id| *id >= 0).map(ServerId)
}

fn read_hierarchy(
    reader: &mut Reader,
    entries: &[&(String, Entry)],
    members: &SortedMap<ServerId, Member>,
) -> QuorumVerifier {
    let mut groups = SortedMap::new();
    let mut weights = SortedMap::new();
    let mut placed = SortedSet::new();
    let wrong_so_far = reader.errors.len();
    for (key, entry) in entries {
        if key.starts_with("group") {
            let Some(group) = read_group(reader, key, entry, members, &mut placed) else {
                continue;
            };
            groups.entry(group.0).or_insert_with(SortedSet::new).extend(group.1);
        } else if let Some((id, weight)) = read_weight(reader, key, entry, members) {
            weights.insert(id, weight);
        }
    }
    if reader.errors.len() > wrong_so_far {
        return QuorumVerifier::Hierarchical { groups, weights };
    }
    let participants = members.iter().filter(|(_, member)| member.learner == Learner::Participant);
    for (id, _) in participants.filter(|(id, _)| !placed.contains(*id)) {
        let line = reader.lines.get(&format!("server.{id}")).copied();
        let what = format!("server {id} is in no group, and with groups or weights each must be");
        reader.error(line, &what, "add it to one group.G line");
    }
    weights.retain(|_, weight| *weight != 1);
    let weighs = |id: &ServerId| weights.get(id).copied().unwrap_or(1) > 0;
    if !placed.is_empty() && !placed.iter().any(weighs) {
        reader.error(None, "no server weighs anything", "give one of them a weight.N above 0");
    }
    QuorumVerifier::Hierarchical { groups, weights }
}

fn read_group(
    reader: &mut Reader,
    key: &str,
    entry: &Entry,
    members: &SortedMap<ServerId, Member>,
    placed: &mut SortedSet<ServerId>,
) -> Option<(i64, SortedSet<ServerId>)> {
    let line = Some(entry.line);
    let value = entry.value.trim();
    let group = key.strip_prefix("group.").and_then(|group| group.parse().ok());
    let ids: Option<Vec<i64>> = value.split(':').map(|id| id.parse().ok()).collect();
    let (Some(group), Some(ids)) = (group, ids) else {
        let what = format!("{key} must name servers by number, not \"{value}\"");
        reader.error(line, &what, "write for example group.1=1:2:3");
        return None;
    };
    let mut servers = SortedSet::new();
    for id in ids.into_iter().map(ServerId) {
        let known = members.get(&id);
        if known.is_none_or(|member| member.learner == Learner::Observer) {
            let what = format!("{key} names server {id}, which is no participant");
            reader.error(line, &what, "name only servers that vote");
        } else if !placed.insert(id) {
            let what = format!("server {id} is in more than one group");
            reader.error(line, &what, "leave it in one of them");
        } else {
            servers.insert(id);
        }
    }
    Some((group, servers))
}

fn read_weight(
    reader: &mut Reader,
    key: &str,
    entry: &Entry,
    members: &SortedMap<ServerId, Member>,
) -> Option<(ServerId, u64)> {
    let (line, value) = (Some(entry.line), entry.value.trim());
    let id = key.strip_prefix("weight.").and_then(|id| id.parse().ok().map(ServerId));
    let (Some(id), Ok(weight)) = (id, value.parse::<u32>()) else {
        let what = format!("{key} must be a number from 0 on, not \"{value}\"");
        reader.error(line, &what, "write for example weight.1=1");
        return None;
    };
    if !members.contains_key(&id) {
        let what = format!("{key} weighs a server that is not listed");
        reader.warn(line, &what, "remove it or add the server");
        return None;
    }
    Some((id, u64::from(weight)))
}
