//! Which addresses a client may be led to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use http::Uri;

/// The addresses that a client connects to, when others name the places (AUTH-C-11): whoever may
/// say where a document lies could have this process knock at doors that only it can reach.
///
/// It is the address itself that counts, however it is written or looked up, and the connection
/// goes to the very address that was looked at (fault 89).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// Those of the public Internet.
    Public,
    /// Those, and this machine.
    Loopback,
    /// Those, and private networks. Never link-local addresses, behind which clouds keep their
    /// secrets.
    Private,
    /// All: for places that nobody but the user names.
    #[default]
    Anywhere,
}

impl Reach {
    /// What a server at `uri` may lead its client to: this machine only if it is on it itself.
    pub fn of_server(uri: &Uri) -> Self {
        if is_this_machine(uri) {
            Self::Loopback
        } else {
            Self::Public
        }
    }

    /// Whether this address may be connected to.
    pub fn allows(self, address: IpAddr) -> bool {
        let address = meant(address);
        match self {
            Self::Anywhere => true,
            Self::Public => is_public(address),
            Self::Loopback => is_public(address) || address.is_loopback(),
            Self::Private => {
                is_public(address) || address.is_loopback() || is_private_network(address)
            }
        }
    }

    /// Whether `uri` may be connected to as far as it names an address and not a name.
    pub fn allows_literal(self, uri: &Uri) -> bool {
        literal(uri).is_none_or(|address| self.allows(address))
    }
}

/// The address that a URI names itself.
fn literal(uri: &Uri) -> Option<IpAddr> {
    let host = uri.host()?;
    let bare = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    bare.unwrap_or(host).parse().ok()
}

/// Whether a URI names this machine, whatever names are looked up as.
pub fn is_this_machine(uri: &Uri) -> bool {
    let named = uri
        .host()
        .is_some_and(|host| host.eq_ignore_ascii_case("localhost"));
    named || literal(uri).is_some_and(|address| meant(address).is_loopback())
}

/// The IPv4 address inside an IPv6 one, where there is one.
fn meant(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else {
        return address;
    };
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        IpAddr::V4(Ipv4Addr::new(a, b, c, d))
    };
    match six.segments() {
        // Mapped, and by NAT64.
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            embedded(high, low)
        }
        // 6to4.
        [0x2002, high, low, ..] => embedded(high, low),
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => is_public_v4(four),
        IpAddr::V6(six) => is_public_v6(six),
    }
}

/// Not among the special ones of RFC 6890.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = match address.octets() {
        [0 | 10 | 127, ..] => true,
        [100, b, ..] => (64..128).contains(&b),
        [169, 254, ..] | [192, 168, ..] => true,
        [172, b, ..] => (16..32).contains(&b),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] => true,
        [198, 18 | 19, ..] | [198, 51, 100, _] | [203, 0, 113, _] => true,
        [a, ..] => a >= 224,
    };
    !special
}

/// Global unicast, but for what is set apart in it: protocols such as Teredo, and documentation.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, b, ..] => b >= 0x200 && b != 0xdb8,
        [0x3fff, b, ..] => b >= 0x1000,
        [a, ..] => a & 0xe000 == 0x2000,
    }
}

fn is_private_network(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => match four.octets() {
            [100, b, ..] => (64..128).contains(&b),
            _ => four.is_private(),
        },
        IpAddr::V6(six) => six.segments().first().is_some_and(|a| a & 0xfe00 == 0xfc00),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether each reach allows an address: `P`ublic, `L`oopback, p`R`ivate.
    fn who_allows(address: &str) -> String {
        let address = address.parse().expect(address);
        let reaches = [
            (Reach::Public, 'P'),
            (Reach::Loopback, 'L'),
            (Reach::Private, 'R'),
        ];
        let allowed = reaches.iter().filter(|(reach, _)| reach.allows(address));
        allowed.map(|(_, letter)| letter).collect()
    }

    #[test]
    fn fault_89_addresses_that_only_this_machine_can_reach_are_told_from_public_ones() {
        for (addresses, expected) in [
            (
                &[
                    "8.8.8.8",
                    "2606:4700::1111",
                    "::ffff:8.8.8.8",
                    "64:ff9b::808:808",
                ][..],
                "PLR",
            ),
            (
                &[
                    "127.0.0.1",
                    "127.8.9.1",
                    "::1",
                    "::ffff:127.0.0.1",
                    "64:ff9b::7f00:1",
                ],
                "LR",
            ),
            (
                &[
                    "10.0.0.1",
                    "172.31.0.1",
                    "192.168.1.1",
                    "100.64.0.1",
                    "fd00::1",
                ],
                "R",
            ),
            (&["::ffff:10.0.0.1", "2002:c0a8:101::1"], "R"),
            (
                &[
                    "169.254.169.254",
                    "::ffff:169.254.169.254",
                    "64:ff9b::a9fe:a9fe",
                ],
                "",
            ),
            (
                &[
                    "fe80::1",
                    "0.0.0.0",
                    "::",
                    "224.0.0.1",
                    "255.255.255.255",
                    "ff02::1",
                ],
                "",
            ),
            (
                &[
                    "192.0.2.1",
                    "198.18.0.1",
                    "2001:db8::1",
                    "2001::1",
                    "::7f00:1",
                    "100::1",
                ],
                "",
            ),
        ] {
            for address in addresses {
                assert_eq!(who_allows(address), expected, "{address}");
                assert!(Reach::Anywhere.allows(address.parse().expect(address)));
            }
        }
    }

    #[test]
    fn a_server_may_lead_to_this_machine_only_from_this_machine() {
        let reach = |url: &str| Reach::of_server(&url.parse().expect(url));
        for url in [
            "http://localhost:1/mcp",
            "http://127.0.0.1/",
            "http://[::1]:8/",
        ] {
            assert_eq!(reach(url), Reach::Loopback, "{url}");
        }
        for url in [
            "https://a.example",
            "https://localhost.a.example",
            "http://10.0.0.1/",
        ] {
            assert_eq!(reach(url), Reach::Public, "{url}");
        }
    }

    #[test]
    fn literals_are_looked_at_in_brackets_too() {
        let allows = |url: &str| Reach::Public.allows_literal(&url.parse().expect(url));
        assert!(allows("https://a.example/") && allows("https://[2606:4700::1111]/"));
        assert!(!allows("https://[::ffff:10.0.0.1]:8/") && !allows("http://169.254.169.254/x"));
    }
}
