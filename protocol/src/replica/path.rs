//! Paths of znodes: what is valid, what is reserved, and how they take apart.
//!
//! docs/protocol.md, C5.1 and C5.7. Only writes validate; a read of an odd path simply finds
//! nothing.

/// The root.
pub const ROOT: &str = "/";
/// The parent of everything that servers keep for themselves.
pub const ZOOKEEPER: &str = "/zookeeper";
/// The parent of quotas.
pub const QUOTA: &str = "/zookeeper/quota";
/// The text of the ensemble's configuration.
pub const CONFIG: &str = "/zookeeper/config";

/// Whether a znode may have this path.
#[must_use]
pub fn is_valid(path: &str) -> bool {
    let Some(rest) = path.strip_prefix('/') else { return false };
    rest.is_empty() || (rest.split('/').all(is_component) && !path.chars().any(is_refused))
}

fn is_component(name: &str) -> bool {
    !matches!(name, "" | "." | "..")
}

/// Characters are UTF-16 units to ZooKeeper: above U+FFFF they are surrogates, which are refused.
fn is_refused(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{e000}'..='\u{f8ff}'
        | '\u{fff0}'..='\u{10ffff}')
}

/// Whether the path is of a node that can not be deleted.
#[must_use]
pub fn is_reserved(path: &str) -> bool {
    matches!(path, ROOT | ZOOKEEPER | QUOTA | CONFIG)
}

/// The path of the node above; the root's is the root.
///
/// ```
/// use vivarium_protocol::replica::path::parent;
/// assert_eq!(parent("/a/b"), "/a");
/// assert_eq!(parent("/a"), "/");
/// ```
#[must_use]
pub fn parent(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => ROOT,
        Some(slash) => &path[..slash],
    }
}

/// The last component; the root's is empty.
#[must_use]
pub fn name(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[slash + 1..])
}

/// The path of a child.
#[must_use]
pub fn child(parent: &str, name: &str) -> String {
    let mut path = String::with_capacity(parent.len() + 1 + name.len());
    if parent != ROOT {
        path.push_str(parent);
    }
    path.push('/');
    path.push_str(name);
    path
}

/// Appends the suffix of a sequential node: the parent's raw cversion, ten characters wide with
/// its sign.
pub fn append_sequence(path: &mut String, parent_cversion: i32) {
    use std::fmt::Write;
    write!(path, "{parent_cversion:010}").expect("writing to a string does not fail");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_judged_as_zookeeper_judges_them() {
        let cases = [
            ("/", true),
            ("/a", true),
            ("/a/b", true),
            ("/...", true),
            ("/.a", true),
            ("/a.", true),
            ("/a b", true),
            ("/\u{f900}", true),
            ("/\u{ffef}", true),
            ("/\u{a0}", true),
            ("", false),
            ("a", false),
            ("a/b", false),
            ("/a/", false),
            ("//", false),
            ("/a//b", false),
            ("/.", false),
            ("/..", false),
            ("/a/./b", false),
            ("/a/../b", false),
            ("/a\0", false),
            ("/\u{1}", false),
            ("/\u{1f}", false),
            ("/\u{7f}", false),
            ("/\u{9f}", false),
            ("/\u{e000}", false),
            ("/\u{f8ff}", false),
            ("/\u{fff0}", false),
            ("/\u{fffd}", false),
            ("/\u{1f600}", false),
        ];
        for (path, expected) in cases {
            assert_eq!(is_valid(path), expected, "{path:?}");
        }
    }

    #[test]
    fn a_path_is_its_parent_and_its_name() {
        for path in ["/a", "/a/b", "/a/b/c"] {
            assert_eq!(child(parent(path), name(path)), path);
        }
        assert_eq!((parent("/"), name("/")), ("/", ""));
    }

    #[test]
    fn the_sequence_is_ten_characters_wide_with_its_sign() {
        let cases = [
            (0, "/s-0000000000"),
            (23, "/s-0000000023"),
            (i32::MAX, "/s-2147483647"),
            (-1, "/s--000000001"),
            (i32::MIN, "/s--2147483648"),
        ];
        for (cversion, expected) in cases {
            let mut path = "/s-".to_owned();
            append_sequence(&mut path, cversion);
            assert_eq!(path, expected);
        }
    }
}
