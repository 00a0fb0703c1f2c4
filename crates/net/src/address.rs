//! Which addresses a link may make us talk to (IANA special-purpose registries, RFC 6890).

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why an address is not a public one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressKind {
    /// `127.0.0.0/8`, `::1`.
    Loopback,
    /// RFC 1918, RFC 4193 and site-local.
    Private,
    /// RFC 3927 and `fe80::/10`; cloud metadata lives here.
    LinkLocal,
    /// RFC 6598, `100.64.0.0/10`.
    Shared,
    /// `224.0.0.0/4`, `ff00::/8`.
    Multicast,
    /// `0.0.0.0/8`, `::`.
    Unspecified,
    /// A metadata address of a cloud outside the ranges above.
    Metadata,
    /// Documentation, benchmarking, protocol assignments, transition forms, unassigned.
    Reserved,
}

impl fmt::Display for AddressKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Loopback => "loopback",
            Self::Private => "private",
            Self::LinkLocal => "link-local",
            Self::Shared => "shared",
            Self::Multicast => "multicast",
            Self::Unspecified => "unspecified",
            Self::Metadata => "metadata",
            Self::Reserved => "reserved",
        })
    }
}

/// What kind of special address `ip` is; nothing for a global unicast one.
pub(crate) fn special(ip: IpAddr) -> Option<AddressKind> {
    match ip {
        IpAddr::V4(ip) => special_v4(ip),
        IpAddr::V6(ip) => special_v6(ip),
    }
}

fn special_v4(ip: Ipv4Addr) -> Option<AddressKind> {
    // Azure hands out credentials at this public address.
    if ip == Ipv4Addr::new(168, 63, 129, 16) {
        return Some(AddressKind::Metadata);
    }
    match ip.octets() {
        [0, ..] => Some(AddressKind::Unspecified),
        [127, ..] => Some(AddressKind::Loopback),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Some(AddressKind::Private),
        [169, 254, ..] => Some(AddressKind::LinkLocal),
        [100, 64..=127, ..] => Some(AddressKind::Shared),
        [192, 0, 0 | 2, _] | [192, 88, 99, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Some(AddressKind::Reserved)
        }
        [198, 18 | 19, ..] => Some(AddressKind::Reserved),
        [224..=239, ..] => Some(AddressKind::Multicast),
        [240..=255, ..] => Some(AddressKind::Reserved),
        _ => None,
    }
}

fn special_v6(ip: Ipv6Addr) -> Option<AddressKind> {
    if ip.is_unspecified() {
        return Some(AddressKind::Unspecified);
    }
    if ip.is_loopback() {
        return Some(AddressKind::Loopback);
    }
    if let Some(mapped) = ip.to_ipv4_mapped() {
        return special_v4(mapped);
    }
    let segments = ip.segments();
    let embedded = |high: u16, low: u16| {
        let [a, b] = high.to_be_bytes();
        let [c, d] = low.to_be_bytes();
        // Never loopback: the demo's permission does not reach through a relay.
        special_v4(Ipv4Addr::new(a, b, c, d)).map(|_| AddressKind::Reserved)
    };
    match segments {
        [0xff00..=0xffff, ..] => Some(AddressKind::Multicast),
        [0xfe80..=0xfebf, ..] => Some(AddressKind::LinkLocal),
        [0xfc00..=0xfdff, ..] | [0xfec0..=0xfeff, ..] => Some(AddressKind::Private),
        // NAT64, RFC 6052: how a network without IPv4 reaches public hosts.
        [0x0064, 0xff9b, 0, 0, 0, 0, high, low] => embedded(high, low),
        // 6to4, RFC 3056.
        [0x2002, high, low, ..] => embedded(high, low),
        // Protocol assignments with Teredo and ORCHID, documentation.
        [0x2001, 0x0000..=0x01ff, ..] | [0x2001, 0x0db8, ..] | [0x3fff, 0x0000..=0x0fff, ..] => {
            Some(AddressKind::Reserved)
        }
        [0x2000..=0x3fff, ..] => None,
        _ => Some(AddressKind::Reserved),
    }
}
