//! Where a program serves, where others reach it, and until when.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use url::{Host, Url};

/// Why an address cannot be the one that wallets use.
#[derive(Debug, thiserror::Error)]
pub enum BadAddress {
    /// None was given, and more than this computer is served.
    #[error("beyond loopback the service needs its https address")]
    Missing,
    /// It is no URL.
    #[error("--public-url is not a URL")]
    NotUrl(#[from] url::ParseError),
    /// It is not `https` and a host alone.
    #[error("the public address must be https, a host, and no path")]
    NotPlain,
}

/// The address that wallets use: https, or what this listens on where that is loopback.
pub fn public_url(given: Option<&str>, address: SocketAddr) -> Result<Url, BadAddress> {
    let url: Url = match given {
        Some(given) => given.parse()?,
        None if address.ip().is_loopback() => format!("http://{address}").parse()?,
        None => return Err(BadAddress::Missing),
    };
    let https = url.scheme() == "https" && url.has_host();
    let demo = url.scheme() == "http" && is_loopback(&url);
    // Well-known documents lie at the root of the host.
    let plain = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    if !(https || demo) || !plain || !url.username().is_empty() {
        return Err(BadAddress::NotPlain);
    }
    Ok(url)
}

/// Whether a URL names this computer: `localhost`, 127.0.0.0/8 or `::1`.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// Where programs of this computer reach what listens on `address`.
#[must_use]
pub fn reachable(address: SocketAddr) -> SocketAddr {
    if !address.ip().is_unspecified() {
        return address;
    }
    let loopback: IpAddr = if address.is_ipv4() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        Ipv6Addr::LOCALHOST.into()
    };
    SocketAddr::new(loopback, address.port())
}

/// Ends when the program is told to stop.
pub async fn stopped() {
    let interrupted = tokio::signal::ctrl_c();
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminated) = signal(SignalKind::terminate()) {
            tokio::select! {
                _ = interrupted => {}
                _ = terminated.recv() => {}
            }
            return;
        }
    }
    let _ = interrupted.await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_address_is_https_or_this_computer_and_nothing_more() {
        let here = SocketAddr::from(([127, 0, 0, 1], 7000));
        let everywhere = SocketAddr::from(([0, 0, 0, 0], 7000));
        let own = public_url(None, here).unwrap();
        assert_eq!(own.as_str(), "http://127.0.0.1:7000/");
        let missing = public_url(None, everywhere).unwrap_err();
        assert!(matches!(missing, BadAddress::Missing));
        for good in ["https://a.example", "http://localhost:1", "http://[::1]:1"] {
            assert!(public_url(Some(good), everywhere).is_ok(), "{good}");
        }
        for bad in [
            "http://a.example",
            "https://a.example/path",
            "https://a.example/?query",
            "https://a.example/#part",
            "https://name@a.example",
            "ftp://a.example",
        ] {
            let refused = public_url(Some(bad), here).unwrap_err();
            assert!(matches!(refused, BadAddress::NotPlain), "{bad}");
        }
        let refused = public_url(Some("a.example"), here).unwrap_err();
        assert!(matches!(refused, BadAddress::NotUrl(_)));
    }

    #[test]
    fn who_listens_everywhere_is_reached_by_loopback() {
        for (listens, reached) in [
            ("0.0.0.0:5", "127.0.0.1:5"),
            ("[::]:5", "[::1]:5"),
            ("192.0.2.1:5", "192.0.2.1:5"),
        ] {
            let listens: SocketAddr = listens.parse().unwrap();
            assert_eq!(reachable(listens).to_string(), reached);
        }
    }
}
