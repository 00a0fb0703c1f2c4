use proptest::prelude::*;
use serde_json::json;

use super::*;

fn build(scheme: &str, parameters: &[(&str, &str)]) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(parameters)
        .finish();
    format!("{scheme}?{query}")
}

fn offer_link(parameters: &[(&str, &str)]) -> Result<Link, LinkError> {
    Link::parse(&build("openid-credential-offer://", parameters))
}

fn request_link(parameters: &[(&str, &str)]) -> Result<Link, LinkError> {
    Link::parse(&build("openid4vp://", parameters))
}

const VALUE: &str =
    r#"{"credential_issuer":"https://issuer.example:8443/a","credential_configuration_ids":["x"]}"#;

#[test]
fn an_offer_by_value_shows_the_issuer() {
    let link = offer_link(&[("credential_offer", VALUE)]).unwrap();
    assert_eq!(link.host().as_deref(), Some("issuer.example:8443"));
    let Link::Offer(OfferLink::Value { offer, issuer }) = link else {
        panic!("an offer")
    };
    assert_eq!(issuer.as_str(), "https://issuer.example:8443/a");
    assert_eq!(offer["credential_configuration_ids"], json!(["x"]));
}

#[test]
fn an_offer_by_reference_shows_where_it_lies() {
    let link = offer_link(&[("credential_offer_uri", "https://offers.example/1")]).unwrap();
    assert_eq!(link.host().as_deref(), Some("offers.example"));
    assert!(matches!(link, Link::Offer(OfferLink::Reference(_))));
}

#[test]
fn every_scheme_of_both_kinds_is_read() {
    for scheme in [
        "openid-credential-offer:",
        "openid-credential-offer://",
        "haip-vci://",
        "HAIP-VCI://",
        "https://wallet.example/",
    ] {
        let text = build(scheme, &[("credential_offer", VALUE)]);
        assert!(matches!(Link::parse(&text), Ok(Link::Offer(_))), "{scheme}");
    }
    for scheme in [
        "openid4vp:",
        "openid4vp://",
        "openid4vp://authorize",
        "haip-vp://",
        "https://wallet.example/a",
    ] {
        let text = build(
            scheme,
            &[
                ("client_id", "x509_san_dns:a.example"),
                ("request_uri", "https://a.example/r"),
            ],
        );
        assert!(
            matches!(Link::parse(&text), Ok(Link::Request(_))),
            "{scheme}"
        );
    }
}

#[test]
fn a_request_by_reference() {
    let link = request_link(&[
        ("client_id", "c"),
        ("request_uri", "https://a.example/r"),
        ("request_uri_method", "post"),
    ])
    .unwrap();
    assert_eq!(link.host().as_deref(), Some("a.example"));
    let Link::Request(request) = link else {
        panic!("a request")
    };
    assert_eq!(request.client_id, "c");
    assert!(matches!(
        request.source,
        RequestSource::Reference { post: true, .. }
    ));
    let link = request_link(&[
        ("client_id", "c"),
        ("request_uri", "https://a.example/r"),
        ("request_uri_method", "get"),
    ])
    .unwrap();
    assert!(matches!(
        link,
        Link::Request(RequestLink {
            source: RequestSource::Reference { post: false, .. },
            ..
        })
    ));
}

#[test]
fn a_request_by_value_needs_no_host() {
    let object = request_link(&[("client_id", "c"), ("request", "a.b.c")]).unwrap();
    assert_eq!(object.host(), None);
    assert!(matches!(
        object,
        Link::Request(RequestLink {
            source: RequestSource::Object(_),
            ..
        })
    ));
    let plain = request_link(&[("client_id", "c"), ("response_type", "vp_token")]).unwrap();
    assert_eq!(plain.host(), None);
    assert!(matches!(
        plain,
        Link::Request(RequestLink {
            source: RequestSource::Parameters(_),
            ..
        })
    ));
}

#[test]
fn a_signed_request_by_value_shows_the_host_of_a_did_web() {
    let host = |client: &str| {
        request_link(&[("client_id", client), ("request", "a.b.c")])
            .unwrap()
            .host()
    };
    assert_eq!(
        host("decentralized_identifier:did:web:desk.example:a").as_deref(),
        Some("desk.example")
    );
    assert_eq!(host("decentralized_identifier:did:jwk:abc"), None);
    assert_eq!(host("x509_san_dns:did:web:desk.example"), None);
}

#[test]
fn what_is_no_link_is_said_to_be_none() {
    assert_eq!(Link::parse(""), Err(LinkError::Empty));
    assert_eq!(Link::parse(" \n"), Err(LinkError::Empty));
    assert_eq!(Link::parse("hello"), Err(LinkError::NotALink));
    assert_eq!(Link::parse("two words"), Err(LinkError::NotALink));
    assert_eq!(
        Link::parse("openid4vp://?client_id=a\u{0}"),
        Err(LinkError::NotALink)
    );
    assert_eq!(
        Link::parse("open\nid4vp://?client_id=a"),
        Err(LinkError::NotALink)
    );
    assert_eq!(
        Link::parse("openid4vp://?client_id=%ff&request=a"),
        Err(LinkError::NotALink)
    );
}

#[test]
fn other_schemes_are_not_for_a_wallet() {
    for text in [
        "http://a.example/?credential_offer=x",
        "https://a.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "data:text/html,x",
        "mailto:a@example.org",
    ] {
        assert_eq!(Link::parse(text), Err(LinkError::NotForAWallet), "{text}");
    }
}

#[test]
fn white_space_around_a_link_is_forgiven() {
    let text = format!(
        "  {}\n",
        build("openid4vp://", &[("client_id", "c"), ("request", "x")])
    );
    assert!(Link::parse(&text).is_ok());
}

#[test]
fn parameters_that_exclude_each_other_are_refused() {
    assert_eq!(
        offer_link(&[
            ("credential_offer", VALUE),
            ("credential_offer_uri", "https://a.example")
        ]),
        Err(LinkError::Both("credential_offer", "credential_offer_uri"))
    );
    assert_eq!(
        request_link(&[
            ("client_id", "c"),
            ("request", "x"),
            ("request_uri", "https://a.example")
        ]),
        Err(LinkError::Both("request", "request_uri"))
    );
    let both = build(
        "https://a.example/",
        &[
            ("credential_offer", VALUE),
            ("client_id", "c"),
            ("request", "x"),
        ],
    );
    assert_eq!(
        Link::parse(&both),
        Err(LinkError::Both("credential_offer", "request"))
    );
}

#[test]
fn a_parameter_given_twice_is_refused() {
    assert_eq!(
        request_link(&[("client_id", "a"), ("client_id", "b"), ("request", "x")]),
        Err(LinkError::Repeated("client_id"))
    );
    assert_eq!(
        request_link(&[
            ("client_id", "a"),
            ("zz", "1"),
            ("zz", "2"),
            ("request", "x")
        ]),
        Err(LinkError::Repeated("a parameter"))
    );
}

#[test]
fn what_must_be_there_is_missed() {
    assert_eq!(
        offer_link(&[("other", "x")]),
        Err(LinkError::Missing("credential_offer"))
    );
    assert_eq!(
        offer_link(&[("credential_offer", "{}")]),
        Err(LinkError::Missing("credential_issuer"))
    );
    assert_eq!(
        request_link(&[("request", "x")]),
        Err(LinkError::Missing("client_id"))
    );
    assert_eq!(
        request_link(&[("client_id", ""), ("request", "x")]),
        Err(LinkError::Malformed("client_id"))
    );
    assert_eq!(
        request_link(&[("client_id", "c"), ("request_uri_method", "post")]),
        Err(LinkError::Missing("request_uri"))
    );
}

#[test]
fn an_unknown_request_method_is_refused() {
    for method in ["POST", "put", ""] {
        assert_eq!(
            request_link(&[
                ("client_id", "c"),
                ("request_uri", "https://a.example"),
                ("request_uri_method", method)
            ]),
            Err(LinkError::Method)
        );
    }
}

#[test]
fn an_offer_that_is_not_an_object_is_refused() {
    for offer in [
        "x",
        "[]",
        r#"{"credential_issuer":"https://a","credential_issuer":"https://b"}"#,
    ] {
        assert_eq!(
            offer_link(&[("credential_offer", offer)]),
            Err(LinkError::Malformed("credential_offer"))
        );
    }
}

#[test]
fn addresses_that_are_not_of_the_web_are_refused() {
    for address in [
        "file:///etc/passwd",
        "ftp://a.example/",
        "data:,x",
        "https://",
        "https://user@a.example/",
        "https://user:pw@a.example/",
        "https://:pw@a.example/",
        "/relative",
        "javascript:1",
    ] {
        assert_eq!(
            offer_link(&[("credential_offer_uri", address)]),
            Err(LinkError::Address("credential_offer_uri")),
            "{address}"
        );
        assert_eq!(
            request_link(&[("client_id", "c"), ("request_uri", address)]),
            Err(LinkError::Address("request_uri")),
            "{address}"
        );
        let value = json!({"credential_issuer": address}).to_string();
        assert_eq!(
            offer_link(&[("credential_offer", &value)]),
            Err(LinkError::Address("credential_issuer")),
            "{address}"
        );
    }
}

#[test]
fn links_are_bounded() {
    let long = "a".repeat(MAX_LINK);
    assert_eq!(
        request_link(&[("client_id", "c"), ("request", &long)]),
        Err(LinkError::TooLong)
    );
    let names: Vec<String> = (0..=MAX_PARAMETERS).map(|n| format!("p{n}")).collect();
    let many: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
    assert_eq!(request_link(&many), Err(LinkError::TooLong));
}

#[test]
fn look_alike_letters_show_in_the_host() {
    let link = offer_link(&[("credential_offer_uri", "https://gоv.example/1")]).unwrap();
    assert_eq!(link.host().as_deref(), Some("xn--gv-fmc.example"));
}

#[test]
fn debug_shows_neither_codes_nor_parameters() {
    let value = r#"{"credential_issuer":"https://issuer.example","grants":{"x":"SECRET-CODE"}}"#;
    let offer = offer_link(&[("credential_offer", value)]).unwrap();
    assert_eq!(format!("{offer:?}"), "Offer(OfferLink(issuer.example))");
    let request = request_link(&[("client_id", "SECRET"), ("state", "SECRET")]).unwrap();
    assert!(!format!("{request:?}").contains("SECRET"));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in ".{0,200}") {
        let _ = Link::parse(&text);
    }

    #[test]
    fn no_query_makes_it_panic(query in "[ -~]{0,200}") {
        for scheme in ["openid4vp://?", "openid-credential-offer://?", "https://a.example/?"] {
            if let Ok(link) = Link::parse(&format!("{scheme}{query}")) {
                let _ = (link.host(), format!("{link:?}"));
            }
        }
    }
}
