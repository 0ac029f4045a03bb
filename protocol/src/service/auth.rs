//! Who a connection has shown to be, and what it may ask for in an access control list.
//!
//! docs/protocol.md, C3.7, C8.2 and C8.3. Schemes served: world, ip, digest, auth and super; where
//! a server has them, also sasl and x509.

use crate::base::AclRules;
use crate::message::{Acl, ErrorCode, Id};
use crate::replica::acl::parse_network;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The ids that an auth request adds to its connection. `super_digest` is
/// `DigestAuthenticationProvider.superDigest`, as in `super:hash`. The `ip` scheme adds nothing:
/// every connection has its address from the start.
///
/// # Errors
///
/// `AuthFailed` for an unknown scheme or credentials that are none; the connection is closed then.
pub fn authenticate(
    scheme: &str,
    credentials: Option<&[u8]>,
    super_digest: Option<&str>,
) -> Result<Vec<Id>, ErrorCode> {
    match (scheme, credentials) {
        ("ip", _) => Ok(Vec::new()),
        ("digest", Some(credentials)) => {
            let id = digest_id(&String::from_utf8_lossy(credentials));
            let is_super = super_digest == Some(id.as_str());
            let super_id = is_super.then(|| Id { scheme: "super".to_owned(), id: String::new() });
            let digest = Id { scheme: "digest".to_owned(), id };
            Ok(super_id.into_iter().chain([digest]).collect())
        }
        _ => Err(ErrorCode::AuthFailed),
    }
}

/// `user:` and the base64 of the SHA-1 of the whole `user:password`.
#[must_use]
pub fn digest_id(credentials: &str) -> String {
    let user = credentials.split(':').next().unwrap_or_default();
    format!("{user}:{}", STANDARD.encode(Sha1::digest(credentials.as_bytes())))
}

/// The list to store for a list asked for: duplicates dropped, `auth` replaced by whoever asks.
///
/// # Errors
///
/// `InvalidAcl` for a null or empty list, a scheme that is unknown or not configured, an id that
/// its scheme refuses, or `auth` without an id that identifies somebody.
pub fn normalise(acl: Option<&[Acl]>, ids: &[Id], rules: &AclRules) -> Result<Vec<Acl>, ErrorCode> {
    let mut wanted: Vec<&Acl> = Vec::new();
    for entry in acl.unwrap_or_default() {
        if !wanted.contains(&entry) {
            wanted.push(entry);
        }
    }
    let mut stored = Vec::with_capacity(wanted.len());
    for entry in wanted {
        match entry.id.scheme.as_str() {
            "auth" => stored.extend(creators(entry.perms, ids, rules)?),
            scheme if is_valid(scheme, &entry.id.id, rules) => stored.push(entry.clone()),
            _ => return Err(ErrorCode::InvalidAcl),
        }
    }
    if stored.is_empty() { Err(ErrorCode::InvalidAcl) } else { Ok(stored) }
}

/// One entry for each id that identifies somebody; an address does not.
fn creators(perms: i32, ids: &[Id], rules: &AclRules) -> Result<Vec<Acl>, ErrorCode> {
    let known = ids.iter().filter(|id| identifies(&id.scheme, rules));
    let entries: Vec<Acl> = known.map(|id| Acl { perms, id: id.clone() }).collect();
    if entries.is_empty() { Err(ErrorCode::InvalidAcl) } else { Ok(entries) }
}

/// Whether the ids of a scheme say who somebody is, on a server with these rules.
fn identifies(scheme: &str, rules: &AclRules) -> bool {
    match scheme {
        "digest" => rules.digest,
        "sasl" => rules.sasl,
        "x509" => rules.x509,
        _ => false,
    }
}

fn is_valid(scheme: &str, id: &str, rules: &AclRules) -> bool {
    match scheme {
        "world" => id == "anyone",
        "ip" => parse_network(id).is_some(),
        _ if !identifies(scheme, rules) => false,
        // Two parts; empty ones at the end do not count.
        "digest" => id.trim_end_matches(':').split(':').count() == 2,
        "sasl" => is_kerberos_name(id),
        _ => is_distinguished_name(id),
    }
}

/// Any text without `@`, or `primary@realm`, or `primary/instance@realm`.
fn is_kerberos_name(id: &str) -> bool {
    let Some((name, realm)) = id.split_once('@') else { return true };
    name.matches('/').count() < 2 && !realm.contains(['/', '@'])
}

/// The keywords that Java reads in a distinguished name.
const KEYWORDS: &str = " CN C L S ST O OU T IP STREET DC DNQUALIFIER DNQ SURNAME GIVENNAME \
     INITIALS GENERATION EMAIL EMAILADDRESS UID SERIALNUMBER ";

/// `keyword=value` parts between commas, plus signs or semicolons; one behind a backslash or in
/// quotes parts nothing. Nothing at all is a name, too.
fn is_distinguished_name(id: &str) -> bool {
    let (mut escaped, mut quoted, mut is_value) = (false, false, false);
    let mut keyword = String::from(" ");
    for c in id.chars() {
        match c {
            '=' if !is_value => {
                keyword.push(' ');
                let is_number = keyword.bytes().all(|b| matches!(b, b'0'..=b'9' | b'.' | b' '));
                if keyword.len() < 3 || !(is_number || KEYWORDS.contains(&*keyword)) {
                    return false;
                }
                is_value = true;
            }
            ' ' if !is_value => {}
            _ if !is_value => keyword.push(c.to_ascii_uppercase()),
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' | '+' | ';' if !quoted => {
                is_value = false;
                keyword.truncate(1);
            }
            _ => {}
        }
    }
    !escaped && !quoted && (is_value || id.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(scheme: &str, id: &str) -> Id {
        Id { scheme: scheme.to_owned(), id: id.to_owned() }
    }

    fn entry(scheme: &str, name: &str) -> Acl {
        Acl { perms: 31, id: id(scheme, name) }
    }

    #[test]
    fn digests_are_those_of_zookeeper() {
        assert_eq!(digest_id("u:p"), "u:Jq7wMyA/w2Vd5WIDAKdu4OIIFEQ=");
        assert_eq!(digest_id("super:pw"), "super:0bX78nEegDzJM3ju0iLBEJdWzjg=");
    }

    #[test]
    fn what_an_auth_request_adds() {
        let digest = id("digest", "super:0bX78nEegDzJM3ju0iLBEJdWzjg=");
        let configured = Some("super:0bX78nEegDzJM3ju0iLBEJdWzjg=");
        let credentials = Some(&b"super:pw"[..]);
        assert_eq!(authenticate("digest", credentials, None), Ok(vec![digest.clone()]));
        let both = vec![id("super", ""), digest];
        assert_eq!(authenticate("digest", credentials, configured), Ok(both));
        assert_eq!(authenticate("ip", None, None), Ok(vec![]));
        for (scheme, credentials) in [("digest", None), ("sasl", credentials), ("", None)] {
            assert_eq!(authenticate(scheme, credentials, None), Err(ErrorCode::AuthFailed));
        }
    }

    #[test]
    fn a_list_asked_for_becomes_a_list_stored() {
        let ids = [id("ip", "10.0.0.1"), id("digest", "u:h"), id("digest", "v:h")];
        let open = entry("world", "anyone");
        let expanded = vec![entry("digest", "u:h"), entry("digest", "v:h")];
        let cases = [
            (vec![open.clone(), open.clone()], Some(vec![open.clone()])),
            (vec![entry("auth", ""), open.clone()], Some([&expanded[..], &[open]].concat())),
            (vec![entry("auth", "ignored")], Some(expanded)),
            (vec![entry("ip", "10.0.0.0/8")], Some(vec![entry("ip", "10.0.0.0/8")])),
            (vec![entry("digest", "a:b:")], Some(vec![entry("digest", "a:b:")])),
            (vec![], None),
            (vec![entry("digest", "a")], None),
            (vec![entry("digest", "a:b:c")], None),
            (vec![entry("digest", "a:")], None),
            (vec![entry("world", "all")], None),
            (vec![entry("ip", "here")], None),
            (vec![entry("super", "")], None),
            (vec![entry("sasl", "a@B")], None),
        ];
        let rules = AclRules::default();
        for (wanted, stored) in cases {
            let stored = stored.ok_or(ErrorCode::InvalidAcl);
            assert_eq!(normalise(Some(&wanted), &ids, &rules), stored, "{wanted:?}");
        }
        assert_eq!(normalise(None, &ids, &rules), Err(ErrorCode::InvalidAcl));
        let nobody = normalise(Some(&[entry("auth", "")]), &[id("ip", "10.0.0.1")], &rules);
        assert_eq!(nobody, Err(ErrorCode::InvalidAcl));
    }

    #[test]
    fn schemes_are_valid_where_they_are_configured() {
        let all = AclRules { sasl: true, x509: true, ..AclRules::default() };
        let none = AclRules { digest: false, ..AclRules::default() };
        let cases = [
            ("sasl", "bob", true),
            ("sasl", "", true),
            ("sasl", "bob/here", true),
            ("sasl", "bob/here@REALM", true),
            ("sasl", "bob/here/there@REALM", false),
            ("sasl", "bob@REALM@OTHER", false),
            ("x509", "CN=ann,OU=web\\, and more,O=\"a,b\"", true),
            ("x509", "2.5.4.3=ann + OU=web", true),
            ("x509", "", true),
            ("x509", "ann", false),
            ("x509", "nickname=ann", false),
            ("x509", "CN=ann,", false),
            ("x509", "=ann", false),
            ("x509", "CN=\"ann", false),
            ("digest", "u:hash", true),
        ];
        for (scheme, name, valid) in cases {
            let wanted = [entry(scheme, name)];
            assert_eq!(normalise(Some(&wanted), &[], &all).is_ok(), valid, "{scheme}:{name}");
            let refused = normalise(Some(&wanted), &[], &none);
            assert_eq!(refused, Err(ErrorCode::InvalidAcl), "{scheme} is not configured");
        }
        let ids = [id("sasl", "bob"), id("x509", "CN=ann"), id("digest", "u:h")];
        let mine = [entry("auth", "")];
        assert_eq!(normalise(Some(&mine), &ids, &all).map(|acl| acl.len()), Ok(3));
        assert_eq!(normalise(Some(&mine), &ids, &none), Err(ErrorCode::InvalidAcl));
    }
}
