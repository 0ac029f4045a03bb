//! Whose certificate it is: the host names and addresses in it, judged as Java's ZooKeeper does.
//!
//! Where a certificate has alternative names, those count and nothing else; one without any counts
//! by the common name of its subject, since that is how keytool makes them and how ZooKeeper's
//! handbook tells people to. `*` stands for one whole label at the left.

use std::net::IpAddr;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

/// The most names of a certificate that are looked up.
const MOST: usize = 8;

/// The host names that a certificate gives its owner, without stars: for who looks where they are.
/// Not more than a few; names without end are no names.
#[must_use]
pub fn of(certificate: &[u8]) -> Vec<String> {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return Vec::new() };
    let alternatives = certificate.subject_alternative_name().ok().flatten();
    let given = alternatives.iter().flat_map(|it| &it.value.general_names);
    let hosts = given.filter_map(|name| match name {
        GeneralName::DNSName(host) => Some(*host),
        // Other kinds of names are no hosts.
        _ => None,
    });
    let hosts: Vec<String> = hosts.map(str::to_owned).collect();
    let common = || certificate.subject().iter_common_name().last()?.as_str().ok();
    let hosts = match alternatives {
        Some(_) => hosts,
        None => common().map(str::to_owned).into_iter().collect(),
    };
    hosts.into_iter().filter(|host| !host.contains('*')).take(MOST).collect()
}

/// Whether a certificate is one for this host, which is a name or an address.
#[must_use]
pub fn names(certificate: &[u8], host: &str) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(certificate) else { return false };
    let address: Option<IpAddr> = host.parse().ok();
    let Ok(alternatives) = certificate.subject_alternative_name() else { return false };
    let mut named = false;
    for name in alternatives.iter().flat_map(|it| &it.value.general_names) {
        match name {
            GeneralName::DNSName(pattern) => {
                named = true;
                if address.is_none() && fits(pattern, host) {
                    return true;
                }
            }
            GeneralName::IPAddress(bytes) => {
                named = true;
                if address.is_some_and(|address| is(address, bytes)) {
                    return true;
                }
            }
            // Other kinds of names are no hosts.
            _ => {}
        }
    }
    let common = || certificate.subject().iter_common_name().last()?.as_str().ok();
    !named && common().is_some_and(|name| fits(name, host))
}

fn is(address: IpAddr, bytes: &[u8]) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets() == bytes,
        IpAddr::V6(address) => address.octets() == bytes,
    }
}

/// Whether a pattern means this host.
fn fits(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.trim_end_matches('.'), host.trim_end_matches('.'));
    if pattern.eq_ignore_ascii_case(host) {
        return true;
    }
    let is_address = host.parse::<IpAddr>().is_ok();
    let (Some(domain), Some((label, rest))) = (pattern.strip_prefix("*."), host.split_once('.'))
    else {
        return false;
    };
    // A star for a whole top domain would name half of the world.
    !is_address && !label.is_empty() && domain.contains('.') && domain.eq_ignore_ascii_case(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tls::{jks, pem};

    const ANN: &[u8] = include_bytes!("../../../tests/fixtures/tls/ann.pem");
    const CURVE: &[u8] = include_bytes!("../../../tests/fixtures/tls/curve.jks");

    #[test]
    fn a_star_is_one_label() {
        assert!(fits("zk1.example.org", "ZK1.example.org."));
        assert!(fits("*.example.org", "zk1.example.org"));
        assert!(!fits("*.example.org", "a.zk1.example.org"));
        assert!(!fits("*.example.org", "example.org"));
        assert!(!fits("*.org", "example.org"));
        assert!(!fits("*.0.0.1", "127.0.0.1"));
    }

    #[test]
    fn a_certificate_with_other_names_counts_by_them_alone() {
        let own = pem::read(ANN, "password").expect("it is a store").trusted.remove(0);
        assert!(names(&own, "127.0.0.1") && names(&own, "LOCALHOST"));
        assert!(!names(&own, "ann"), "her common name no longer counts");
        assert!(!names(&own, "127.0.0.2") && !names(&own, "::1"));
        assert!(!names(b"no certificate", "ann"));
    }

    #[test]
    fn a_certificate_gives_the_names_to_look_up() {
        let ann = pem::read(ANN, "password").expect("it is a store").trusted.remove(0);
        assert_eq!(of(&ann), ["localhost"], "addresses need no looking up");
        let mut store = jks::read(CURVE, "password").expect("it is a store");
        assert_eq!(of(&store.keys.remove(0).chain.remove(0)), ["curve"]);
        assert_eq!(of(b"no certificate"), [""; 0]);
    }

    #[test]
    fn a_certificate_without_other_names_counts_by_its_common_name() {
        let mut store = jks::read(CURVE, "password").expect("it is a store");
        let own = store.keys.remove(0).chain.remove(0);
        assert!(names(&own, "curve") && names(&own, "Curve"));
        assert!(!names(&own, "eve") && !names(&own, "127.0.0.1"));
    }
}
