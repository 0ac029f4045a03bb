//! Who is meant: names that a story or a lesson gives to servers while it runs.
//!
//! Which server leads depends on the seed, so a script that has to be true on every seed speaks of
//! `$leader` and `$follower`, or binds a name of its own: `name old = leader`, and then
//! `crash $old`. Invariant: names are resolved before a command is made, so a run holds concrete
//! servers and nothing else.

use vivarium_protocol::base::ServerId;
use vivarium_protocol::message::PeerState;

use crate::peer::Peer;
use crate::words::{WordError, Words};
use crate::world::World;

/// Why a line's names mean nobody.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CastError {
    /// Nobody has the name, or plays the part, at this moment.
    #[error("nobody is ${0} now")]
    Nobody(String),
    /// The line that binds a name cannot be read.
    #[error(transparent)]
    Word(#[from] WordError),
}

/// The names bound so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cast {
    names: Vec<(String, ServerId)>,
}

impl FromIterator<(String, ServerId)> for Cast {
    fn from_iter<I: IntoIterator<Item = (String, ServerId)>>(names: I) -> Cast {
        Cast { names: names.into_iter().collect() }
    }
}

impl Cast {
    /// The names bound so far, oldest first.
    #[must_use]
    pub fn names(&self) -> &[(String, ServerId)] {
        &self.names
    }

    /// Whether a line binds a name.
    #[must_use]
    pub fn binds(line: &str) -> bool {
        line.trim_start().starts_with("name ")
    }

    /// Whether a line uses names, outside of quoted texts.
    #[must_use]
    pub fn is_used_in(line: &str) -> bool {
        outside_of_quotes(line).any(|part| part.contains('$'))
    }

    /// Carries out `name old = leader`; what is on the right is a part (see [`Cast::who`]), with or
    /// without `$`, or a server's number.
    ///
    /// # Errors
    /// The line is none, or nobody is meant.
    pub fn bind(&mut self, line: &str, world: &World) -> Result<(), CastError> {
        let (name, part) = binding(line)?;
        let part = part.trim_start_matches('$');
        let id = match part.parse() {
            Ok(number) => ServerId(number),
            Err(_) => self.who(part, world).ok_or(CastError::Nobody(part.to_owned()))?,
        };
        self.names.retain(|(other, _)| *other != name);
        self.names.push((name, id));
        Ok(())
    }

    /// Puts numbers in the place of names.
    ///
    /// # Errors
    /// Nobody is meant by one of them.
    pub fn resolve(&self, line: &str, world: &World) -> Result<String, CastError> {
        replaced(line, |name| {
            self.who(name, world).ok_or_else(|| CastError::Nobody(name.to_owned()))
        })
    }

    /// The same with 1 for every name: enough to see whether a line can be read.
    #[must_use]
    pub fn stand_in(line: &str) -> String {
        replaced(line, |_| Ok(ServerId(1))).unwrap_or_default()
    }

    /// Whom a name means: one that was bound, or a part. `leader` is the server that leads, in the
    /// newest epoch if there are two; `follower` the first that follows and `other` the second;
    /// `observer` the first that observes; `c1` the server where this client's session is open.
    #[must_use]
    pub fn who(&self, name: &str, world: &World) -> Option<ServerId> {
        if let Some((_, id)) = self.names.iter().find(|(other, _)| other == name) {
            return Some(*id);
        }
        match name {
            "leader" => leader(world),
            "follower" => in_role(world, PeerState::Following).next(),
            "other" => in_role(world, PeerState::Following).nth(1),
            "observer" => in_role(world, PeerState::Observing).next(),
            name => {
                let number: u32 = name.strip_prefix('c')?.parse().ok()?;
                world.clients().iter().find(|client| client.id == number)?.server()
            }
        }
    }
}

/// The name and the part of a line that binds.
pub(super) fn binding(line: &str) -> Result<(String, String), WordError> {
    let mut words = Words::of(line)?;
    let _ = words.take("name");
    let name = words.bare("a name")?;
    if !words.take("=") {
        return Err(WordError::Unexpected { wanted: "`=`", found: words.text() });
    }
    let part = words.bare("who is meant, as in leader")?;
    words.end()?;
    Ok((name, part))
}

fn leader(world: &World) -> Option<ServerId> {
    let statuses = world.peers().filter_map(|peer| Some((peer.id, peer.status()?)));
    let leading = statuses.filter(|(_, status)| status.role == PeerState::Leading);
    leading.max_by_key(|(_, status)| status.accepted_epoch).map(|(id, _)| id)
}

fn in_role(world: &World, role: PeerState) -> impl Iterator<Item = ServerId> {
    let is_it = move |peer: &&Peer| peer.status().is_some_and(|status| status.role == role);
    world.peers().filter(is_it).map(|peer| peer.id)
}

/// The parts of a line between its quoted texts; an escaped quote ends none.
fn outside_of_quotes(line: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    let mut escaped = false;
    line.split(move |c: char| {
        let ends = c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        quoted ^= ends;
        ends
    })
    .step_by(2)
}

fn replaced(
    line: &str,
    who: impl Fn(&str) -> Result<ServerId, CastError>,
) -> Result<String, CastError> {
    let (mut out, mut rest, mut quoted) = (String::new(), line, false);
    while let Some(at) = rest.find(['$', '"', '\\']) {
        out.push_str(&rest[..at]);
        let (sign, after) = rest[at..].split_at(1);
        rest = after;
        match sign {
            "$" if !quoted => {
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                out.push_str(&who(&rest[..end])?.to_string());
                rest = &rest[end..];
            }
            "\\" => {
                out.push_str(sign);
                let end = rest.chars().next().map_or(0, char::len_utf8);
                out.push_str(&rest[..end]);
                rest = &rest[end..];
            }
            sign => {
                quoted ^= sign == "\"";
                out.push_str(sign);
            }
        }
    }
    out.push_str(rest);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::Condition;
    use crate::setup::Setup;
    use crate::timeline::Timeline;

    #[test]
    fn names_mean_who_plays_the_part_when_they_are_bound() {
        let mut timeline = Timeline::new(Setup::default());
        let serving = Condition::Serving;
        timeline.run_until(2_000, |world, _| serving.holds(world, None)).expect("they agree");
        let mut cast = Cast::default();
        let world = timeline.world();
        cast.bind("name old = leader", world).unwrap();
        assert_eq!(cast.resolve("crash $old", world), Ok("crash 3".to_owned()));
        let line = "client c1 at $follower: set /x \"$old \\\" $old\"";
        let resolved = "client c1 at 1: set /x \"$old \\\" $old\"";
        assert_eq!(cast.resolve(line, world), Ok(resolved.to_owned()), "texts stay as they are");
        assert_eq!(cast.resolve("hold ACK $follower>$leader", world).unwrap(), "hold ACK 1>3");
        let nobody = cast.resolve("crash $observer", world).unwrap_err();
        assert_eq!(nobody.to_string(), "nobody is $observer now");
        assert!(!Cast::is_used_in("c1 set /x \"$1\""));
        assert!(Cast::is_used_in("c1 set /x \"$1\" $old"));
    }
}
