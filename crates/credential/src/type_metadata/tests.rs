use keys::{SigningKey, b64};
use query::ClaimPath;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha384, Sha512};

use super::*;
use crate::sd_jwt::{HashAlgorithm, IssuerHeader, Processed, Template};

const VCT: &str = "urn:example:type:1";

fn path(json: Value) -> ClaimPath {
    ClaimPath::from_json(&json).unwrap()
}

fn parse(mut document: Value) -> Result<TypeMetadata, TypeMetadataError> {
    if document.get("vct").is_none() {
        document["vct"] = VCT.into();
    }
    TypeMetadata::parse(document.to_string().as_bytes(), VCT, None)
}

fn card(claims: Value, conceal: &[Value]) -> Processed {
    let mut all: Map<String, Value> = claims.as_object().unwrap().clone();
    all.insert("vct".into(), VCT.into());
    let conceal: Vec<ClaimPath> = conceal.iter().cloned().map(path).collect();
    let text = Template {
        claims: &all,
        conceal: &conceal,
        holder: None,
        hash: HashAlgorithm::Sha256,
        decoys: 1,
    }
    .issue(IssuerHeader::Kid("k"), &SigningKey::make_p256())
    .unwrap();
    Processed::from_store(&text).unwrap()
}

#[test]
fn every_type_of_the_catalogue_is_read() {
    for entry in crate::catalogue::types() {
        let metadata = TypeMetadata::parse(entry.metadata.as_bytes(), entry.vct, None).unwrap();
        for locale in ["en-GB", "cy", "gd"] {
            assert!(
                metadata
                    .display
                    .iter()
                    .any(|display| display.locale == locale)
            );
        }
    }
}

#[test]
fn display_is_read_and_chosen_by_language() {
    let metadata = parse(json!({
        "display": [
            {"locale": "en-GB", "name": "Card", "description": "d", "rendering": {"simple": {
                "background_color": "#123abc", "text_color": "red; x",
                "logo": {"uri": "https://example.com/l.png", "alt_text": "a",
                         "uri#integrity": Integrity::derive(b"logo")},
            }}},
            {"lang": "cy", "name": "Cerdyn"},
        ],
        "claims": [{"path": ["a", null], "display": [
            {"locale": "en", "label": "A"}, {"locale": "cy", "label": "B"}]}],
        "unknown": {"ignored": true},
    }))
    .unwrap();
    let english = metadata.display_for("en").unwrap();
    assert_eq!(english.name, "Card");
    assert_eq!(english.simple.background_color.as_deref(), Some("#123abc"));
    assert_eq!(english.simple.text_color, None);
    let logo = english.simple.logo.as_ref().unwrap();
    assert!(logo.integrity.as_ref().unwrap().check(b"logo").is_ok());
    assert_eq!(metadata.display_for("cy-GB").unwrap().name, "Cerdyn");
    assert_eq!(metadata.display_for("fr").unwrap().name, "Card");
    assert_eq!(metadata.label(&path(json!(["a", 3])), "cy"), Some("B"));
    assert_eq!(metadata.label(&path(json!(["a"])), "cy"), None);
    assert_eq!(metadata.label(&path(json!(["a", 3, "b"])), "cy"), None);
}

#[test]
fn the_type_must_be_the_one_asked_for() {
    assert_eq!(
        parse(json!({"vct": "urn:example:other:1"})).err(),
        Some(TypeMetadataError::OtherType)
    );
}

#[test]
fn malformed_documents() {
    for bytes in [
        &b"[]"[..],
        b"{",
        b"{\"vct\":\"a\",\"vct\":\"a\"}",
        &vec![b' '; MAX_BYTES + 1],
    ] {
        assert_eq!(
            TypeMetadata::parse(bytes, VCT, None).err(),
            Some(TypeMetadataError::Json)
        );
    }
    for (document, wanted) in [
        (json!({"vct": 7}), "vct"),
        (json!({"name": 7}), "name"),
        (json!({"extends": 7}), "extends"),
        (json!({"display": {}}), "display"),
        (json!({"display": [7]}), "display"),
        (
            json!({"display": vec![json!({}); MAX_ENTRIES + 1]}),
            "display",
        ),
        (json!({"display": [{"name": "n"}]}), "locale"),
        (json!({"display": [{"locale": "en"}]}), "name"),
        (
            json!({"display": [{"locale": "en", "name": "n", "rendering": 7}]}),
            "rendering",
        ),
        (
            json!({"display": [{"locale": "en", "name": "n", "rendering": {"simple": 7}}]}),
            "simple",
        ),
        (
            json!({"display": [{"locale": "en", "name": "n", "rendering": {"simple": {"logo": {}}}}]}),
            "uri",
        ),
        (json!({"claims": {}}), "claims"),
        (json!({"claims": [{}]}), "path"),
        (json!({"claims": [{"path": []}]}), "path"),
        (
            json!({"claims": [{"path": ["a"], "mandatory": 1}]}),
            "mandatory",
        ),
        (json!({"claims": [{"path": ["a"], "sd": "maybe"}]}), "sd"),
        (
            json!({"claims": [{"path": ["a"]}, {"path": ["a"]}]}),
            "claims",
        ),
        (
            json!({"claims": [{"path": ["a"], "display": [{"locale": "en"}]}]}),
            "label",
        ),
    ] {
        assert_eq!(
            parse(document).err(),
            Some(TypeMetadataError::Member { member: wanted })
        );
    }
}

#[test]
fn integrity_takes_the_strongest_hash() {
    let document = b"document";
    let sha384 = format!("sha384-{}", b64::encode_standard(Sha384::digest(document)));
    let sha512 = format!("sha512-{}", b64::encode_standard(Sha512::digest(document)));
    let other512 = format!("sha512-{}", b64::encode_standard(Sha512::digest(b"other")));
    for fits in [
        Integrity::derive(document),
        sha384.clone(),
        sha512.clone(),
        format!("{sha512}?ct=application/json"),
        format!("{other512} {sha512}"),
        format!("md5-AAAA {sha384}"),
        format!("sha512-!! {sha384}"),
    ] {
        assert_eq!(
            Integrity::parse(&fits).unwrap().check(document),
            Ok(()),
            "{fits}"
        );
    }
    for differs in [
        Integrity::derive(b"other"),
        format!("{} {other512}", Integrity::derive(document)),
    ] {
        assert_eq!(
            Integrity::parse(&differs).unwrap().check(document),
            Err(IntegrityError::Mismatch)
        );
    }
    for unknown in ["", "x", "md5-AAAA", "sha256-", "sha256-AAAA", "sha256"] {
        assert_eq!(
            Integrity::parse(unknown).err(),
            Some(IntegrityError::Unsupported)
        );
    }
}

#[test]
fn a_pinned_document_is_checked_byte_by_byte() {
    let text = json!({"vct": VCT}).to_string();
    let pin = Integrity::parse(&Integrity::derive(text.as_bytes())).unwrap();
    TypeMetadata::parse(text.as_bytes(), VCT, Some(&pin)).unwrap();
    assert_eq!(
        TypeMetadata::parse(format!("{text} ").as_bytes(), VCT, Some(&pin)).err(),
        Some(TypeMetadataError::Integrity(IntegrityError::Mismatch))
    );
    assert_eq!(
        parse(json!({"extends": "urn:x", "extends#integrity": "md5-AA"})).err(),
        Some(TypeMetadataError::Integrity(IntegrityError::Unsupported))
    );
}

fn chain(child: Value, parent: Value) -> Result<TypeMetadata, TypeMetadataError> {
    let mut chain = Chain::start(parse(child)?);
    assert_eq!(chain.wanted().unwrap().vct, "urn:base");
    chain.add(parent.to_string().as_bytes())?;
    assert!(chain.wanted().is_none());
    chain.finish()
}

#[test]
fn a_type_inherits_and_overrides() {
    let merged = chain(
        json!({
            "extends": "urn:base",
            "claims": [
                {"path": ["city"], "display": [{"locale": "en", "label": "Town"}], "sd": "always"},
                {"path": ["nationalities"]},
            ],
        }),
        json!({
            "vct": "urn:base",
            "display": [{"locale": "en", "name": "Base"}],
            "claims": [
                {"path": ["name"], "mandatory": true},
                {"path": ["city"], "display": [{"locale": "en", "label": "City"}]},
            ],
        }),
    )
    .unwrap();
    assert_eq!(merged.vct, VCT);
    assert_eq!(merged.display_for("en").unwrap().name, "Base");
    assert_eq!(merged.claims.len(), 3);
    assert!(merged.claim(&path(json!(["name"]))).unwrap().mandatory);
    assert_eq!(merged.label(&path(json!(["city"])), "en"), Some("Town"));
}

#[test]
fn rules_may_not_be_loosened() {
    for (child, parent) in [
        (json!({"sd": "never"}), json!({"sd": "always"})),
        (json!({"sd": "allowed"}), json!({"sd": "never"})),
        (json!({}), json!({"sd": "always"})),
        (json!({}), json!({"mandatory": true})),
    ] {
        let claim = |mut rules: Value| {
            rules["path"] = json!(["a"]);
            json!([rules])
        };
        assert_eq!(
            chain(
                json!({"extends": "urn:base", "claims": claim(child)}),
                json!({"vct": "urn:base", "claims": claim(parent)}),
            )
            .err(),
            Some(TypeMetadataError::Loosened)
        );
    }
}

#[test]
fn circles_and_long_chains() {
    let mut circle = Chain::start(parse(json!({"extends": VCT})).unwrap());
    let own = json!({"vct": VCT, "extends": VCT}).to_string();
    assert_eq!(
        circle.add(own.as_bytes()).err(),
        Some(TypeMetadataError::Circular)
    );

    let mut long = Chain::start(parse(json!({"extends": "urn:0"})).unwrap());
    let link =
        |at: usize| json!({"vct": format!("urn:{at}"), "extends": format!("urn:{}", at + 1)});
    for at in 0..MAX_EXTENDS {
        long.add(link(at).to_string().as_bytes()).unwrap();
    }
    let next = link(MAX_EXTENDS).to_string();
    assert_eq!(
        long.add(next.as_bytes()).err(),
        Some(TypeMetadataError::TooManyExtends)
    );
}

#[test]
fn a_chain_that_is_not_complete_or_answered_by_another() {
    let mut chain = Chain::start(parse(json!({"extends": "urn:base"})).unwrap());
    assert_eq!(
        chain.clone().finish().err(),
        Some(TypeMetadataError::Member { member: "extends" })
    );
    assert_eq!(
        chain
            .add(json!({"vct": "urn:other"}).to_string().as_bytes())
            .err(),
        Some(TypeMetadataError::OtherType)
    );
}

#[test]
fn issued_credentials_keep_the_rules() {
    let metadata = parse(json!({"claims": [
        {"path": ["name"], "mandatory": true, "sd": "always"},
        {"path": ["kind"], "mandatory": true, "sd": "never"},
        {"path": ["list", null], "sd": "always"},
        {"path": ["place", "city"], "mandatory": false},
    ]}))
    .unwrap();
    let name = [json!(["name"])];
    let check = |claims: Value, conceal: &[Value]| metadata.check_issued(&card(claims, conceal));
    check(json!({"name": "n", "kind": "k"}), &name).unwrap();
    check(
        json!({"name": "n", "kind": "k", "list": [1]}),
        &[json!(["name"]), json!(["list", null])],
    )
    .unwrap();
    assert_eq!(
        check(json!({"kind": "k"}), &[]),
        Err(RuleError::Missing {
            path: path(json!(["name"]))
        })
    );
    assert_eq!(
        check(json!({"name": "n", "kind": "k"}), &[]),
        Err(RuleError::MustBeHideable {
            path: path(json!(["name"]))
        })
    );
    assert_eq!(
        check(
            json!({"name": "n", "kind": "k"}),
            &[json!(["name"]), json!(["kind"])]
        ),
        Err(RuleError::MustBeVisible {
            path: path(json!(["kind"]))
        })
    );
    assert_eq!(
        check(
            json!({"name": "n", "kind": "k", "list": [1, 2]}),
            &[json!(["name"]), json!(["list", 0])]
        ),
        Err(RuleError::MustBeHideable {
            path: path(json!(["list", 1]))
        })
    );
    assert_eq!(
        check(json!({"name": "n", "kind": "k", "place": "x"}), &name),
        Err(RuleError::Shape {
            path: path(json!(["place", "city"]))
        })
    );
}

#[test]
fn presentations_may_leave_out_what_can_be_hidden() {
    let metadata = parse(json!({"claims": [
        {"path": ["name"], "mandatory": true, "sd": "always"},
        {"path": ["kind"], "mandatory": true, "sd": "never"},
    ]}))
    .unwrap();
    metadata
        .check_presented(&card(json!({"kind": "k"}), &[]))
        .unwrap();
    assert_eq!(
        metadata.check_presented(&card(json!({}), &[])),
        Err(RuleError::Missing {
            path: path(json!(["kind"]))
        })
    );
}

#[test]
fn a_credential_of_another_type() {
    let mut metadata = parse(json!({})).unwrap();
    metadata.vct = "urn:example:other:1".to_owned();
    assert_eq!(
        metadata.check_issued(&card(json!({}), &[])),
        Err(RuleError::OtherType)
    );
}

const PICTURE: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\"/>";

fn with_template(template: Value) -> Result<TypeMetadata, TypeMetadataError> {
    parse(json!({"display": [
        {"locale": "en", "name": "Card", "rendering": {"svg_templates": [template]}}
    ]}))
}

#[test]
fn svg_templates_are_read_with_what_they_are_made_for() {
    let uri = format!(
        "data:image/svg+xml;base64,{}",
        b64::encode_standard(PICTURE)
    );
    let metadata = with_template(json!({
        "uri": uri,
        "uri#integrity": Integrity::derive(PICTURE.as_bytes()),
        "properties": {"orientation": "landscape", "color_scheme": "dark", "contrast": "high"},
    }))
    .unwrap();
    let template = &metadata.display[0].svg_templates[0];
    assert_eq!(
        template.properties,
        Properties {
            orientation: Some(Orientation::Landscape),
            color_scheme: Some(ColourScheme::Dark),
            contrast: Some(Contrast::High),
        }
    );
    assert_eq!(template.carried(), Some(Ok(PICTURE.as_bytes().to_vec())));
    let strange = with_template(json!({"uri": uri, "properties": {"contrast": "loud"}})).unwrap();
    let template = &strange.display[0].svg_templates[0];
    assert_eq!(template.properties, Properties::default());
    assert!(template.integrity.is_none());
}

#[test]
fn a_carried_picture_must_be_the_one_that_was_pinned() {
    let uri = format!(
        "data:image/svg+xml;base64,{}",
        b64::encode_standard(PICTURE)
    );
    let pin = Integrity::derive(b"another");
    let metadata = with_template(json!({"uri": uri, "uri#integrity": pin})).unwrap();
    let carried = metadata.display[0].svg_templates[0].carried();
    assert_eq!(carried, Some(Err(IntegrityError::Mismatch)));
}

#[test]
fn only_data_urls_carry_a_picture() {
    let carried = |uri: &str| {
        let metadata = with_template(json!({"uri": uri})).unwrap();
        metadata.display[0].svg_templates[0].carried()
    };
    for uri in [
        "data:image/svg+xml,%3Cg%3e/",
        "data:image/svg+xml;utf8,%3cg>/",
    ] {
        assert_eq!(carried(uri), Some(Ok(b"<g>/".to_vec())), "{uri}");
    }
    let long = format!(
        "data:image/svg+xml,{}",
        "a".repeat(crate::svg::MAX_BYTES + 1)
    );
    for uri in [
        "https://types.example/card.svg",
        "data:text/html,<b>",
        "data:image/svg+xmlx,a",
        "data:image/svg+xml;base64,***",
        "data:image/svg+xml;charset=utf-16,a",
        "data:image/svg+xml,%3",
        "data:image/svg+xml,%zz",
        "data:image/svg+xml,a b",
        "data:image/svg+xml",
        &long,
    ] {
        assert_eq!(carried(uri), None, "{uri}");
    }
}

#[test]
fn rendering_is_in_form_or_refused() {
    for (rendering, member) in [
        (json!([]), "rendering"),
        (json!({"simple": []}), "simple"),
        (json!({"svg_templates": {}}), "svg_templates"),
        (json!({"svg_templates": [7]}), "svg_templates"),
        (json!({"svg_templates": [{}]}), "uri"),
        (
            json!({"svg_templates": [{"uri": "a", "properties": 7}]}),
            "properties",
        ),
        (
            json!({"svg_templates": [{"uri": "a", "properties": {"contrast": 7}}]}),
            "contrast",
        ),
        (
            json!({"svg_templates": vec![json!({"uri": "a"}); 17]}),
            "svg_templates",
        ),
    ] {
        let document = json!({"display": [
            {"locale": "en", "name": "Card", "rendering": rendering}
        ]});
        assert_eq!(
            parse(document),
            Err(TypeMetadataError::Member { member }),
            "{rendering}"
        );
    }
}

#[test]
fn an_svg_id_names_one_claim() {
    let claims = |first: &str, second: &str| {
        parse(json!({"claims": [
            {"path": ["a"], "svg_id": first}, {"path": ["b"], "svg_id": second}
        ]}))
    };
    let metadata = claims("first_1", "_second").unwrap();
    let found = metadata.claim_by_svg_id("_second").unwrap();
    assert_eq!(found.path, path(json!(["b"])));
    assert!(metadata.claim_by_svg_id("b").is_none());
    let refused = Err(TypeMetadataError::Member { member: "svg_id" });
    for second in ["first_1", "1a", "a b", "a-b", "", "\u{e9}"] {
        assert_eq!(claims("first_1", second), refused, "{second}");
    }
}

#[test]
fn an_svg_id_is_inherited_and_stays_the_only_one() {
    let parent = json!({"vct": "urn:example:parent", "claims": [{"path": ["a"], "svg_id": "one"}]});
    let extended = |claims: Value| {
        let child = parse(json!({"extends": "urn:example:parent", "claims": claims})).unwrap();
        let mut chain = Chain::start(child);
        chain.add(parent.to_string().as_bytes()).unwrap();
        chain.finish()
    };
    let metadata = extended(json!([{"path": ["a"], "mandatory": true}])).unwrap();
    assert!(metadata.claim_by_svg_id("one").unwrap().mandatory);
    let twice = extended(json!([{"path": ["b"], "svg_id": "one"}]));
    assert_eq!(twice, Err(TypeMetadataError::Member { member: "svg_id" }));
}
