//! Access control lists: who may do what, and lists that are shared.
//!
//! docs/protocol.md, C8.1, C8.4 and C8.5. How a list asked for becomes a list stored is the
//! business
//! of `service::auth`.

use crate::base::{AclRules, LargeMap};
use crate::message::{Acl, Id};
use core::net::IpAddr;
use std::borrow::Cow;
use std::sync::Arc;

/// Read the node and its children's names, receive its events.
pub const READ: i32 = 1;
/// Set the data.
pub const WRITE: i32 = 2;
/// Create children.
pub const CREATE: i32 = 4;
/// Delete children.
pub const DELETE: i32 = 8;
/// Set the list, see digests in it.
pub const ADMIN: i32 = 16;

/// Whether somebody with these ids has any of the permissions in `perms`. An empty list lets
/// everybody do everything, and `super` may always.
#[must_use]
pub fn allows(acl: &[Acl], perms: i32, ids: &[Id]) -> bool {
    acl.is_empty()
        || acl.iter().any(|entry| entry.perms & perms != 0 && matches_any(&entry.id, ids))
        || ids.iter().any(|id| id.scheme == "super")
}

/// The ids that count in a check: under `skipACL` everybody is `super`, and with
/// `letAnySaslUserDoX` whoever came by SASL goes by that name, too.
#[must_use]
pub fn effective<'a>(rules: &AclRules, ids: &'a [Id]) -> Cow<'a, [Id]> {
    let mut more = Vec::new();
    if rules.skip {
        more.push(Id { scheme: "super".to_owned(), id: String::new() });
    }
    if let Some(user) = &rules.any_sasl_user
        && ids.iter().any(|id| id.scheme == "sasl")
    {
        more.push(Id { scheme: "sasl".to_owned(), id: user.to_string() });
    }
    if more.is_empty() { Cow::Borrowed(ids) } else { Cow::Owned([ids, &more].concat()) }
}

fn matches_any(wanted: &Id, ids: &[Id]) -> bool {
    if wanted.scheme == "world" {
        return wanted.id == "anyone";
    }
    ids.iter().any(|id| id.scheme == wanted.scheme && matches(wanted, &id.id))
}

fn matches(wanted: &Id, id: &str) -> bool {
    match wanted.scheme.as_str() {
        "ip" => match (parse_network(&wanted.id), id.parse()) {
            (Some((network, bits)), Ok(address)) => is_within(network, bits, address),
            _ => false,
        },
        "sasl" => wanted.id == id || id == "super",
        _ => wanted.id == id,
    }
}

/// Reads `address` or `address/bits`.
#[must_use]
pub fn parse_network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits)),
        None => (text, None),
    };
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
    (bits <= most).then_some((address, bits))
}

fn is_within(network: IpAddr, bits: u32, address: IpAddr) -> bool {
    let prefix = |value: u128, width: u32| {
        if bits == 0 { 0 } else { value >> width.saturating_sub(bits) }
    };
    match (network, address) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            prefix(u128::from(a.to_bits()), 32) == prefix(u128::from(b.to_bits()), 32)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => prefix(a.to_bits(), 128) == prefix(b.to_bits(), 128),
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

/// The list as shown to somebody without ADMIN: digests are hidden behind an `x`.
#[must_use]
pub fn redacted(acl: &[Acl]) -> Vec<Acl> {
    let mut shown = acl.to_vec();
    for entry in shown.iter_mut().filter(|entry| entry.id.scheme == "digest") {
        if let Some(colon) = entry.id.id.find(':') {
            entry.id.id.replace_range(colon.., ":x");
        }
    }
    shown
}

/// The lists in use, each once: equal lists share one allocation.
#[derive(Clone, Debug)]
pub struct AclTable {
    open: Arc<[Acl]>,
    uses: Arc<LargeMap<Arc<[Acl]>, u64>>,
}

impl AclTable {
    /// An empty table.
    #[must_use]
    pub fn new() -> AclTable {
        AclTable { open: Arc::from([Acl::open()]), uses: Arc::default() }
    }

    /// The shared form of a list, used once more. The open list is not counted: nearly every node
    /// has it.
    pub fn acquire(&mut self, acl: &[Acl]) -> Arc<[Acl]> {
        if *acl == *self.open {
            return Arc::clone(&self.open);
        }
        let uses = Arc::make_mut(&mut self.uses);
        if let Some((shared, _)) = uses.get_key_value(acl) {
            let shared = Arc::clone(shared);
            *uses.get_mut(acl).expect("it was just found") += 1;
            return shared;
        }
        let shared: Arc<[Acl]> = Arc::from(acl);
        uses.insert(Arc::clone(&shared), 1);
        shared
    }

    /// A list is used once less; it goes with its last use.
    pub fn release(&mut self, acl: &Arc<[Acl]>) {
        if Arc::ptr_eq(acl, &self.open) {
            return;
        }
        let uses = Arc::make_mut(&mut self.uses);
        if let Some(count) = uses.get_mut(&**acl) {
            *count -= 1;
            if *count == 0 {
                uses.remove(&**acl);
            }
        }
    }
}

impl Default for AclTable {
    fn default() -> AclTable {
        AclTable::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(scheme: &str, id: &str) -> Id {
        Id { scheme: scheme.to_owned(), id: id.to_owned() }
    }

    fn entry(perms: i32, scheme: &str, name: &str) -> Acl {
        Acl { perms, id: id(scheme, name) }
    }

    #[test]
    fn who_may_do_what() {
        let ann = [id("ip", "10.1.2.3"), id("digest", "ann:hash")];
        let cases = [
            (vec![], READ, true, "an empty list is open"),
            (vec![Acl::open()], ADMIN, true, "the open list"),
            (vec![entry(READ, "world", "anyone")], WRITE, false, "only reading"),
            (vec![entry(READ, "world", "someone")], READ, false, "no such world"),
            (vec![entry(31, "digest", "ann:hash")], WRITE, true, "her own"),
            (vec![entry(31, "digest", "ann:other")], WRITE, false, "another hash"),
            (vec![entry(31, "sasl", "ann:hash")], WRITE, false, "another scheme"),
            (vec![entry(ADMIN, "digest", "ann:hash")], READ | ADMIN, true, "any bit will do"),
            (vec![entry(0, "world", "anyone")], READ, false, "no permission at all"),
            (vec![entry(31, "ip", "10.1.2.3")], READ, true, "her address"),
            (vec![entry(31, "ip", "10.1.0.0/16")], READ, true, "her network"),
            (vec![entry(31, "ip", "10.1.2.0/31")], READ, false, "a neighbour's network"),
            (vec![entry(31, "ip", "0.0.0.0/0")], READ, true, "every address"),
            (vec![entry(31, "ip", "::/0")], READ, false, "another family"),
        ];
        for (acl, perms, expected, why) in cases {
            assert_eq!(allows(&acl, perms, &ann), expected, "{why}");
        }
        assert!(allows(&[entry(0, "digest", "x:y")], ADMIN, &[id("super", "")]));
    }

    #[test]
    fn what_loosens_the_checks() {
        let hers = [entry(31, "digest", "ann:hash")];
        let any = [entry(31, "sasl", "anyone-known")];
        let (nobody, bob) = ([id("ip", "10.1.2.3")], [id("sasl", "bob")]);
        let may =
            |rules: &AclRules, acl: &[Acl], ids: &[Id]| allows(acl, READ, &effective(rules, ids));
        let strict = AclRules::default();
        assert!(!may(&strict, &hers, &nobody) && !may(&strict, &any, &bob));
        assert!(may(&AclRules { skip: true, ..strict.clone() }, &hers, &nobody));
        let open = AclRules { any_sasl_user: Some("anyone-known".into()), ..strict };
        assert!(may(&open, &any, &bob) && !may(&open, &any, &nobody));
        assert!(may(&open, &[entry(31, "sasl", "ann")], &[id("sasl", "super")]));
    }

    #[test]
    fn networks_are_an_address_and_perhaps_bits() {
        for good in ["10.0.0.1", "10.0.0.0/8", "::1", "fe80::/64", "1.2.3.4/0", "1.2.3.4/32"] {
            assert!(parse_network(good).is_some(), "{good}");
        }
        for bad in ["", "localhost", "10.0.0", "10.0.0.0/33", "::1/129", "1.2.3.4/", "1.2.3.4/-1"] {
            assert!(parse_network(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn digests_are_hidden_from_those_who_may_not_administer() {
        let shown = redacted(&[entry(31, "digest", "u:Jq7w"), entry(1, "world", "anyone")]);
        assert_eq!(shown, [entry(31, "digest", "u:x"), entry(1, "world", "anyone")]);
    }

    #[test]
    fn equal_lists_are_one_and_go_with_their_last_use() {
        let mut table = AclTable::new();
        let list = [entry(1, "world", "anyone")];
        let (first, second) = (table.acquire(&list), table.acquire(&list));
        assert!(Arc::ptr_eq(&first, &second));
        table.release(&first);
        assert_eq!(table.uses.len(), 1);
        table.release(&second);
        assert!(table.uses.is_empty());
    }
}
