//! What the replies told of the tree: which nodes are probably there, so that random requests
//! hit something. A hint may be stale; no request needs it to be true.

use crate::differential::request::Request;
use crate::differential::seen::Field;
use std::collections::BTreeMap;

/// What is probably there.
#[derive(Debug, Default)]
pub struct Hints {
    nodes: BTreeMap<String, Hint>,
    /// The highest zxid of a reply.
    pub zxid: i64,
}

#[derive(Debug, Default)]
struct Hint {
    /// The session that owns it, if it is an ephemeral.
    owner: Option<usize>,
    version: i32,
}

impl Hints {
    /// Takes the reply to a request of a session.
    pub fn learn(
        &mut self,
        session: Option<usize>,
        request: &Request,
        zxid: i64,
        err: i32,
        body: &[Field],
    ) {
        self.zxid = self.zxid.max(zxid);
        if err != 0 {
            return;
        }
        if request.opcode != 14 {
            self.note(session, request, body);
            return;
        }
        // Results and elements go in step; a failed multi has results without records.
        let mut fields = body;
        for element in &request.elements {
            let [Field::Result(kind, 0, 0), rest @ ..] = fields else { return };
            if *kind == -1 {
                return;
            }
            let is_head = |field: &Field| matches!(field, Field::Result(..));
            let end = rest.iter().position(is_head).unwrap_or(rest.len());
            self.note(session, element, &rest[..end]);
            fields = &rest[end..];
        }
    }

    fn note(&mut self, session: Option<usize>, request: &Request, body: &[Field]) {
        let path = request.path.as_ref().map(|it| String::from_utf8_lossy(it).into_owned());
        match (request.opcode, body, path) {
            (1 | 15 | 19 | 21, [Field::Text(Some(made)), ..], _) => {
                let owner = session.filter(|_| matches!(request.flags, Some(1 | 3)));
                self.nodes.insert(made.clone(), Hint { owner, version: 0 });
            }
            (2, _, Some(path)) => {
                self.nodes.remove(&path);
            }
            (-11, _, _) => {
                self.nodes.retain(|_, hint| hint.owner.is_none() || hint.owner != session)
            }
            (_, [.., Field::Stat(stat)], Some(path)) => {
                let hint = self.nodes.entry(path).or_default();
                hint.version = stat.version;
            }
            _ => {}
        }
    }

    /// How many nodes are known below a path.
    pub fn count(&self, under: &str) -> usize {
        self.nodes.keys().filter(|path| path.starts_with(under)).count()
    }

    /// The node below a path that comes as this many-th.
    pub fn nth(&self, under: &str, at: usize) -> Option<&str> {
        self.nodes.keys().filter(|path| path.starts_with(under)).nth(at).map(String::as_str)
    }

    /// Whether a node probably has children.
    pub fn is_parent(&self, path: &str) -> bool {
        let below = format!("{path}/");
        self.nodes.range(below.clone()..).next().is_some_and(|(next, _)| next.starts_with(&below))
    }

    /// The version that a node had last.
    pub fn version(&self, path: &str) -> i32 {
        self.nodes.get(path).map_or(0, |hint| hint.version)
    }
}
