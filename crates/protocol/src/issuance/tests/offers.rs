//! From the link to the review.

use serde_json::{Value, json};

use super::peer::*;
use crate::Document;
use crate::fetch::FetchError;
use crate::issuance::*;
use crate::issuer::Dpop;
use crate::link::OfferLink;

const ISSUER_METADATA: &str = "/.well-known/openid-credential-issuer";
const SERVER_METADATA: &str = "/.well-known/oauth-authorization-server";

fn read(value: &Value) -> Result<OfferDocument, OfferError> {
    OfferDocument::parse(value.to_string().as_bytes())
}

fn good() -> Value {
    json!({
        "credential_issuer": "https://issuer.example/a",
        "credential_configuration_ids": ["one", "two"],
        "grants": {PRE_AUTHORIZED: {
            "pre-authorized_code": "secret-code",
            "tx_code": {"input_mode": "text", "length": 4, "description": "by\u{202e} letter"},
        }},
    })
}

#[test]
fn an_offer_is_read() {
    let offer = read(&good()).unwrap();
    assert_eq!(offer.configuration_ids, ["one", "two"]);
    let tx_code = offer.tx_code.clone().unwrap();
    assert_eq!(tx_code.input_mode, InputMode::Text);
    assert_eq!(tx_code.length, Some(4));
    assert_eq!(tx_code.description.as_deref(), Some("by letter"));
    assert!(!format!("{offer:?}").contains("secret-code"));
}

#[test]
fn an_offer_without_what_it_needs_is_refused() {
    let many: Vec<String> = (0..=MAX_OFFERED).map(|n| n.to_string()).collect();
    let grant = |member: &str, value: Value| {
        let mut offer = good();
        offer["grants"][PRE_AUTHORIZED][member] = value;
        offer
    };
    let with = |member: &str, value: Value| {
        let mut offer = good();
        offer[member] = value;
        offer
    };
    let ids = "credential_configuration_ids";
    for (offer, expected) in [
        (json!([]), OfferError::Json),
        (
            with("credential_issuer", json!("not a url")),
            OfferError::Issuer,
        ),
        (
            with("credential_issuer", json!("https://i.example/?q")),
            OfferError::Issuer,
        ),
        (
            with("credential_issuer", json!("https://i.example/#f")),
            OfferError::Issuer,
        ),
        (
            with("credential_issuer", json!("mailto:issuer")),
            OfferError::Issuer,
        ),
        (
            with("credential_issuer", json!(1)),
            OfferError::Member("credential_issuer"),
        ),
        (with(ids, json!([])), OfferError::Member(ids)),
        (with(ids, json!(["one", "one"])), OfferError::Member(ids)),
        (with(ids, json!([1])), OfferError::Member(ids)),
        (with(ids, json!([""])), OfferError::Member(ids)),
        (with(ids, json!(["x".repeat(257)])), OfferError::Member(ids)),
        (with(ids, json!(many)), OfferError::Member(ids)),
        (
            with("grants", json!({"authorization_code": {}})),
            OfferError::NoPreAuthorizedCode,
        ),
        (
            grant("pre-authorized_code", json!("")),
            OfferError::Member("pre-authorized_code"),
        ),
        (
            grant("tx_code", json!({"input_mode": "voice"})),
            OfferError::Member("input_mode"),
        ),
        (
            grant("tx_code", json!({"length": 0})),
            OfferError::Member("length"),
        ),
        (
            grant("tx_code", json!({"length": 4.5})),
            OfferError::Member("length"),
        ),
        (
            grant("tx_code", json!({"description": 1})),
            OfferError::Member("description"),
        ),
    ] {
        assert_eq!(read(&offer).unwrap_err(), expected);
    }
    let mut without = good();
    without.as_object_mut().unwrap().remove("grants");
    assert_eq!(read(&without).unwrap_err(), OfferError::NoPreAuthorizedCode);
}

#[test]
fn the_form_of_a_typed_code_is_checked() {
    let code = |input_mode, length| TxCode {
        input_mode,
        length,
        description: None,
    };
    let digits = code(InputMode::Numeric, Some(6));
    assert_eq!(digits.check("123456"), Ok(()));
    assert_eq!(digits.check(""), Err(TxCodeError::Missing));
    assert_eq!(digits.check("12345a"), Err(TxCodeError::NotNumeric));
    assert_eq!(digits.check("١٢٣٤٥٦"), Err(TxCodeError::NotNumeric));
    let six = Err(TxCodeError::Length { expected: 6 });
    assert_eq!(digits.check("12345"), six);
    let text = code(InputMode::Text, None);
    assert_eq!(text.check("åb c"), Ok(()));
    assert_eq!(text.check(&"x".repeat(65)), Err(TxCodeError::TooLong));
}

#[tokio::test]
async fn an_offer_is_resolved_by_value_and_by_reference() {
    let peer = Peer::new(Dpop::Off);
    for by_reference in [false, true] {
        let mut terms = terms();
        terms.by_reference = by_reference;
        let offer = resolve(&peer, &peer.make(terms)).await.unwrap();
        assert_eq!(offer.issuer, ISSUER);
        assert_eq!(offer.issuer_display[0].name, "Test issuer");
        assert_eq!(offer.configurations.len(), 1);
        assert_eq!(offer.configurations[0].id, "DrivingLicence");
        assert_eq!(offer.configurations[0].binding, Some(Binding::DidJwk));
        assert_eq!(offer.tx_code.as_ref().unwrap().length, Some(6));
        assert!(offer.batch_size > 1 && offer.left.is_empty());
    }
    let seen = peer.seen.lock().unwrap();
    assert!(seen.iter().all(|request| request.body.is_none()));
}

#[tokio::test]
async fn metadata_of_another_issuer_is_refused() {
    let peer = Peer::changed(ISSUER_METADATA, |metadata| {
        metadata["credential_issuer"] = json!("https://issuer.example/");
    });
    assert!(matches!(peer.offer().await, Err(ResolveError::OtherIssuer)));
}

#[tokio::test]
async fn metadata_of_another_authorization_server_is_refused() {
    let peer = Peer::changed(SERVER_METADATA, |metadata| {
        metadata["issuer"] = json!("https://other.example");
    });
    assert!(matches!(peer.offer().await, Err(ResolveError::OtherServer)));
}

#[tokio::test]
async fn the_offer_may_name_only_a_listed_server() {
    let peer = Peer::new(Dpop::Off);
    let named = |server: &str| {
        let OfferLink::Value { mut offer, issuer } = peer.make(terms()) else {
            panic!("by value");
        };
        offer["grants"][PRE_AUTHORIZED]["authorization_server"] = json!(server);
        OfferLink::Value { offer, issuer }
    };
    resolve(&peer, &named(ISSUER)).await.unwrap();
    assert!(matches!(
        resolve(&peer, &named("https://evil.example")).await,
        Err(ResolveError::UnlistedServer)
    ));
}

#[tokio::test]
async fn the_first_server_that_takes_codes_is_chosen() {
    let peer = Peer::tampered(|request, response| {
        let path = request.url.path();
        if path == ISSUER_METADATA {
            let mut value: Value = serde_json::from_slice(&response.body).unwrap();
            value["authorization_servers"] =
                json!(["https://login.example/realm", "https://codes.example"]);
            response.body = value.to_string().into_bytes();
        } else if path.starts_with(SERVER_METADATA) {
            let host = request.url.host_str().unwrap();
            let (issuer, grant) = match host {
                "login.example" => {
                    assert!(path.ends_with("/realm"));
                    ("https://login.example/realm", "authorization_code")
                }
                _ => ("https://codes.example", PRE_AUTHORIZED),
            };
            response.status = 200;
            response.body = json!({"issuer": issuer, "grant_types_supported": [grant],
                "token_endpoint": format!("https://{host}/t")})
            .to_string()
            .into_bytes();
        }
    });
    let offer = peer.offer().await.unwrap();
    assert_eq!(
        offer.server.token_endpoint.as_str(),
        "https://codes.example/t"
    );
}

#[tokio::test]
async fn an_issuer_or_endpoint_that_may_not_be_asked_is_refused() {
    for member in [
        "credential_endpoint",
        "nonce_endpoint",
        "notification_endpoint",
    ] {
        for address in ["http://issuer.example/x", "https://10.0.0.1/x", "file:///x"] {
            let peer = Peer::changed(ISSUER_METADATA, move |metadata| {
                metadata[member] = json!(address);
            });
            let Err(ResolveError::Forbidden { member: found, .. }) = peer.offer().await else {
                panic!("{member} {address}");
            };
            assert_eq!(found, member);
        }
    }
    let peer = Peer::changed(SERVER_METADATA, |metadata| {
        metadata["token_endpoint"] = json!("https://127.0.0.1/token");
    });
    assert!(matches!(
        peer.offer().await,
        Err(ResolveError::Forbidden { .. })
    ));
    let mut private = good();
    private["credential_issuer"] = json!("https://192.168.1.1");
    let link = OfferLink::Value {
        offer: private.as_object().unwrap().clone(),
        issuer: "https://192.168.1.1".parse().unwrap(),
    };
    let peer = Peer::new(Dpop::Off);
    assert!(matches!(
        resolve(&peer, &link).await,
        Err(ResolveError::Forbidden { .. })
    ));
    assert!(peer.seen.lock().unwrap().is_empty());
}

fn many_configurations() -> Value {
    (0..=1000)
        .map(|number: u32| (number.to_string(), json!({})))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[tokio::test]
async fn what_is_missing_from_metadata_is_named() {
    for (path, member) in [
        (ISSUER_METADATA, "credential_endpoint"),
        (ISSUER_METADATA, "credential_configurations_supported"),
        (SERVER_METADATA, "token_endpoint"),
    ] {
        let peer = Peer::changed(path, move |metadata| {
            metadata.as_object_mut().unwrap().remove(member);
        });
        let Err(ResolveError::Member { member: found, .. }) = peer.offer().await else {
            panic!("{member}");
        };
        assert_eq!(found, member);
    }
    for (member, value) in [
        ("credential_configurations_supported", many_configurations()),
        ("batch_credential_issuance", json!({"batch_size": 0})),
        ("batch_credential_issuance", json!([])),
        ("credential_response_encryption", json!("x")),
        ("nonce_endpoint", json!("nonce")),
        ("display", json!({})),
        ("display", json!(["name"])),
        ("display", json!(vec![json!({"name": "x"}); 65])),
    ] {
        let peer = Peer::changed(ISSUER_METADATA, move |metadata| {
            metadata[member] = value.clone();
        });
        let refused = peer.offer().await;
        assert!(
            matches!(refused, Err(ResolveError::Member { .. })),
            "{member}"
        );
    }
    let peer = Peer::changed(ISSUER_METADATA, |metadata| {
        metadata["credential_configurations_supported"] = json!({});
    });
    assert!(matches!(
        peer.offer().await,
        Err(ResolveError::UnknownConfiguration)
    ));
}

#[tokio::test]
async fn what_this_wallet_cannot_do_is_said_by_name() {
    let refused = |change: fn(&mut Value)| async move {
        let peer = Peer::changed(ISSUER_METADATA, move |metadata| {
            change(&mut metadata["credential_configurations_supported"]["DrivingLicence"]);
        });
        match peer.offer().await {
            Err(ResolveError::Unsupported(reason)) => reason,
            _ => panic!("must not be supported"),
        }
    };
    assert_eq!(
        refused(|c| c["format"] = json!("dc+cose")).await,
        Unsupported::Format("dc+cose".to_owned())
    );
    assert_eq!(
        refused(|c| c["cryptographic_binding_methods_supported"] = json!(["cose_key"])).await,
        Unsupported::BindingMethod
    );
    assert_eq!(
        refused(|c| c["proof_types_supported"] = json!({"attestation": {}})).await,
        Unsupported::ProofType
    );
    assert_eq!(
        refused(
            |c| c["proof_types_supported"]["jwt"]["proof_signing_alg_values_supported"] =
                json!(["ES384"])
        )
        .await,
        Unsupported::ProofAlgorithm
    );
    assert_eq!(
        refused(|c| c["proof_types_supported"]["jwt"]["key_attestations_required"] = json!({}))
            .await,
        Unsupported::KeyAttestation
    );
    let peer = Peer::changed(ISSUER_METADATA, |metadata| {
        metadata["credential_response_encryption"] = json!({"encryption_required": true});
    });
    assert!(matches!(
        peer.offer().await,
        Err(ResolveError::Unsupported(Unsupported::ResponseEncryption))
    ));
}

#[tokio::test]
async fn the_key_is_named_as_the_issuer_lists() {
    for (methods, expected) in [
        (json!(["jwk"]), Binding::Jwk),
        (json!(["jwk", "did:key"]), Binding::DidKey),
        (json!(["did:web", "did:jwk", "did:key"]), Binding::DidJwk),
    ] {
        let peer = Peer::changed(ISSUER_METADATA, move |metadata| {
            metadata["credential_configurations_supported"]["DrivingLicence"]["cryptographic_binding_methods_supported"] =
                methods.clone();
        });
        let offer = peer.offer().await.unwrap();
        assert_eq!(offer.configurations[0].binding, Some(expected));
    }
}

#[tokio::test]
async fn a_type_is_named_as_its_format_does() {
    let offered = |change: fn(&mut Value)| async move {
        let peer = Peer::changed(ISSUER_METADATA, move |metadata| {
            let configuration =
                &mut metadata["credential_configurations_supported"]["DrivingLicence"];
            configuration.as_object_mut().unwrap().remove("vct");
            change(configuration);
        });
        peer.offer()
            .await
            .map(|offer| offer.configurations[0].clone())
    };
    let is = |configuration: &crate::issuance::Configuration, types: &[&str]| {
        let types: Vec<String> = types.iter().map(|&name| name.to_owned()).collect();
        configuration.is_type(&types)
    };
    let exemption = "urn:cairn:demo:nhs-charge-exemption:1";
    let w3c = offered(|c| {
        c["credential_definition"] =
            json!({"type": ["VerifiableCredential", "NHSChargeExemption"]});
    });
    let w3c = w3c.await.unwrap();
    assert_eq!(w3c.type_id, exemption);
    assert_eq!(w3c.metadata_id.as_deref(), Some(exemption));
    assert!(is(
        &w3c,
        &[
            "https://www.w3.org/2018/credentials#VerifiableCredential",
            exemption
        ]
    ));
    assert!(!is(&w3c, &["urn:cairn:demo:driving-licence:1"]));
    let unknown = offered(|c| {
        c["credential_definition"] = json!({"type": ["VerifiableCredential", "Degree"]});
    });
    let unknown = unknown.await.unwrap();
    assert_eq!(
        (unknown.type_id.as_str(), unknown.metadata_id),
        ("Degree", None)
    );
    let unknown = offered(|c| {
        c["credential_definition"] = json!({"type": ["VerifiableCredential", "Degree"]});
    });
    let unknown = unknown.await.unwrap();
    assert!(is(&unknown, &["https://school.example/terms#Degree"]));
    assert!(!is(&unknown, &["https://school.example/terms#OtherDegree"]));
    // A name with a scheme is whole: nothing stands before it.
    let whole = offered(|c| c["credential_definition"] = json!({"type": ["s:Degree"]}));
    let whole = whole.await.unwrap();
    assert!(!is(&whole, &["https://school.example/s:Degree"]));
    let mdoc = offered(|c| c["doctype"] = json!("org.iso.18013.5.1.mDL"))
        .await
        .unwrap();
    assert_eq!(mdoc.type_id, "org.iso.18013.5.1.mDL");
    assert_eq!(
        mdoc.metadata_id.as_deref(),
        Some("urn:cairn:demo:driving-licence:1")
    );
    for change in [
        (|c| c["credential_definition"] = json!({"type": ["VerifiableCredential"]}))
            as fn(&mut Value),
        |c| c["credential_definition"] = json!({"type": "x"}),
        |c| c["credential_definition"] = json!({}),
        |c| c["doctype"] = json!(1),
        |_| (),
    ] {
        assert!(matches!(
            offered(change).await,
            Err(ResolveError::Member { .. })
        ));
    }
}

#[tokio::test]
async fn an_oversized_or_broken_document_is_refused() {
    let large = Peer::tampered(|request, response| {
        if request.url.path() == ISSUER_METADATA {
            response.body = vec![b' '; 2 << 20];
        }
    });
    let Err(ResolveError::Fetch(FetchError::Http { source, .. })) = large.offer().await else {
        panic!("too large");
    };
    assert!(matches!(source, net::HttpError::TooLarge { .. }));
    let deep = Peer::tampered(|request, response| {
        if request.url.path() == ISSUER_METADATA {
            response.body = "[".repeat(1000).into_bytes();
        }
    });
    assert!(matches!(
        deep.offer().await,
        Err(ResolveError::Fetch(FetchError::Json {
            document: Document::IssuerMetadata,
            ..
        }))
    ));
    let gone = Peer::tampered(|_, response| response.status = 404);
    assert!(matches!(
        gone.offer().await,
        Err(ResolveError::Fetch(FetchError::Status { status: 404, .. }))
    ));
}

#[tokio::test]
async fn words_of_the_issuer_are_cleaned() {
    let peer = Peer::changed(ISSUER_METADATA, |metadata| {
        metadata["display"] = json!([
            {"name": "Go\u{202e}od\nname", "text_color": "red;x", "background_color": "#1a2B3c"},
            {"name": "\u{200b}"},
            {"locale": "cy"},
            {"name": "A", "text_color": "#12345", "background_color": "#12345g"},
        ]);
    });
    let offer = peer.offer().await.unwrap();
    let [only, other] = offer.issuer_display.as_slice() else {
        panic!("nameless entries go");
    };
    assert_eq!((&other.text_color, &other.background_color), (&None, &None));
    assert_eq!(only.name, "Goodname");
    assert_eq!(only.text_color, None);
    assert_eq!(only.background_color.as_deref(), Some("#1a2B3c"));
}
