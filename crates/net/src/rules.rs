//! What a URL must be before anything is looked up.

use std::net::IpAddr;

use url::{Host, Url};

use crate::Policy;
use crate::address::{AddressKind, special};
use crate::error::ForbiddenUrl;

/// The longest URL that is asked, in bytes.
pub const MAX_URL: usize = 8 * 1024;

/// Checks the text of a URL against `policy`, without asking any name server.
pub fn check(policy: Policy, url: &Url) -> Result<(), ForbiddenUrl> {
    if url.as_str().len() > MAX_URL {
        return Err(ForbiddenUrl::TooLong);
    }
    let plain = match url.scheme() {
        "https" => false,
        "http" => true,
        _ => return Err(ForbiddenUrl::Scheme),
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(ForbiddenUrl::Credentials);
    }
    let loopback = match url.host().ok_or(ForbiddenUrl::NoHost)? {
        Host::Domain(name) => {
            let local = is_localhost(name);
            if local && !policy.demo {
                return Err(ForbiddenUrl::Address(AddressKind::Loopback));
            }
            local
        }
        Host::Ipv4(ip) => check_ip(policy, IpAddr::V4(ip))?,
        Host::Ipv6(ip) => check_ip(policy, IpAddr::V6(ip))?,
    };
    if plain && !(policy.demo && loopback) {
        return Err(ForbiddenUrl::PlainHttp);
    }
    Ok(())
}

/// Checks one address; says whether it is loopback.
pub(crate) fn check_ip(policy: Policy, ip: IpAddr) -> Result<bool, ForbiddenUrl> {
    match special(ip) {
        None => Ok(false),
        Some(AddressKind::Loopback) if policy.demo => Ok(true),
        Some(kind) => Err(ForbiddenUrl::Address(kind)),
    }
}

/// `localhost` and the names below it, which RFC 6761 §6.3 keeps for loopback.
pub(crate) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name.eq_ignore_ascii_case("localhost")
        || name
            .len()
            .checked_sub(".localhost".len())
            .and_then(|start| name.get(start..))
            .is_some_and(|end| end.eq_ignore_ascii_case(".localhost"))
}
