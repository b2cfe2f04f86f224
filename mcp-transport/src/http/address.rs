//! Where a request came from, for limits on what one client may hold.

use std::net::{IpAddr, Ipv6Addr};

/// The address a request came from, among the
/// [extensions](http::Request::extensions) of the request.
///
/// A server that listens itself knows it. A service that is mounted in a router learns it from
/// whoever inserts it there; behind a proxy that is what the proxy says, if it can be believed.
/// Without it, clients that do not say who they are cannot be told apart, and only
/// [`Limits::sessions`](mcp_core::Limits::sessions) counts for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl ClientAddress {
    /// What tells clients apart: all addresses of one IPv6 network are usually one client's, who
    /// could take a new one for each request.
    pub(super) fn network(self) -> IpAddr {
        match self.0.to_canonical() {
            IpAddr::V6(address) => {
                let [a, b, c, d, ..] = address.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            }
            v4 @ IpAddr::V4(_) => v4,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_one_ipv6_network_are_one_client_and_mapped_ones_are_ipv4() {
        let network = |text: &str| ClientAddress(text.parse().expect("an address")).network();
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:2:ffff::4"));
        assert_ne!(network("2001:db8:1:2::3"), network("2001:db8:1:3::3"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.1"), network("192.0.2.2"));
    }
}
