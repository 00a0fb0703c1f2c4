//! Well-known documents of an identifier with a path (RFC 8414 §3.1).

use url::Url;

/// Puts `/.well-known/NAME` between the host and the path. A final `/` of the path goes.
///
/// ```text
/// https://issuer.example/tenant → https://issuer.example/.well-known/NAME/tenant
/// ```
pub(crate) fn derive(base: &Url, name: &str) -> Url {
    let mut url = base.clone();
    let path = base.path().trim_end_matches('/');
    url.set_path(&format!("/.well-known/{name}{path}"));
    url.set_query(None);
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_stays_behind_the_well_known_part() {
        for (base, expected) in [
            ("https://a.example", "https://a.example/.well-known/x"),
            ("https://a.example/", "https://a.example/.well-known/x"),
            ("https://a.example/t", "https://a.example/.well-known/x/t"),
            ("https://a.example/t/", "https://a.example/.well-known/x/t"),
            (
                "https://a.example:8443/t/u?q#f",
                "https://a.example:8443/.well-known/x/t/u",
            ),
        ] {
            let base: Url = base.parse().unwrap();
            assert_eq!(derive(&base, "x").as_str(), expected);
        }
    }
}
