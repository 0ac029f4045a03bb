//! Who may connect: the limits that hold before a byte is read (docs/protocol.md, C2.10).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};

/// The doorkeeper of the client port.
#[derive(Debug)]
pub struct Admission {
    per_ip: usize,
    total: usize,
    inside: Mutex<BTreeMap<IpAddr, usize>>,
}

/// A place inside; dropping it gives it back.
#[derive(Debug)]
pub struct Place {
    admission: Arc<Admission>,
    ip: IpAddr,
}

impl Admission {
    /// Lets in `per_ip` connections from one address and `total` in all; 0 means no limit.
    #[must_use]
    pub fn new(per_ip: usize, total: usize) -> Arc<Admission> {
        Arc::new(Admission { per_ip, total, inside: Mutex::default() })
    }

    /// A place for a connection from `ip`, unless a limit is reached.
    #[must_use]
    pub fn admit(self: &Arc<Admission>, ip: IpAddr) -> Option<Place> {
        let mut inside = self.inside.lock().expect("whoever counts does not panic");
        let total: usize = inside.values().sum();
        let here = inside.get(&ip).copied().unwrap_or(0);
        let full =
            (self.total > 0 && total >= self.total) || (self.per_ip > 0 && here >= self.per_ip);
        if full {
            return None;
        }
        inside.insert(ip, here + 1);
        Some(Place { admission: Arc::clone(self), ip })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut inside = self.admission.inside.lock().expect("whoever counts does not panic");
        if let Some(here) = inside.get_mut(&self.ip) {
            *here -= 1;
            if *here == 0 {
                inside.remove(&self.ip);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_a_limit_of_its_own_and_places_come_back() {
        let (one, other) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        let admission = Admission::new(2, 3);
        let first = admission.admit(one);
        let second = admission.admit(one);
        assert!(first.is_some() && second.is_some());
        assert!(admission.admit(one).is_none(), "a third from the same address");
        let third = admission.admit(other);
        assert!(third.is_some());
        assert!(admission.admit(other).is_none(), "a fourth in all");
        drop(first);
        assert!(admission.admit(one).is_some(), "the place is free again");
    }

    #[test]
    fn zero_is_no_limit() {
        let admission = Admission::new(0, 0);
        let ip = IpAddr::from([127, 0, 0, 1]);
        let places: Vec<_> = (0..100).map(|_| admission.admit(ip)).collect();
        assert!(places.iter().all(Option::is_some));
    }
}
