use keys::{PublicKey, SigningKey};
use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::{ISO, MDL, NOW, World, YEAR};
use crate::KeySource;
use crate::catalogue;
use crate::format::{
    Draft, Fault, Format, IssuerSecret, KeyName, Refused, Request, by_id, claims_in_words_of_type,
    recognise, recognise_presented,
};
use crate::schema::Schema;
use crate::status::StatusRef;

fn mdoc() -> &'static dyn Format {
    by_id("mso_mdoc").unwrap()
}

fn request<'a>() -> Request<'a> {
    Request {
        client_id: "x509_san_dns:verifier.example",
        nonce: "n",
        response_uri: Some("https://verifier.example/answer"),
        encryption_key: Some(&[7; 32]),
        now: NOW,
    }
}

fn example() -> Map<String, Value> {
    let entry = catalogue::by_type_id(MDL).unwrap();
    serde_json::from_str(entry.example).unwrap()
}

fn issue(
    world: &World,
    claims: &Map<String, Value>,
    change: impl FnOnce(&mut Draft<'_>),
) -> Result<String, Refused> {
    let device = world.device.public();
    let mut draft = Draft {
        type_id: "urn:cairn:demo:driving-licence:1",
        claims,
        conceal: &[],
        holder: Some(&device),
        issuer: Some("https://issuer.example"),
        key_name: KeyName::Chain(&world.chain),
        issued_at: NOW,
        valid_from: None,
        valid_until: Some(NOW + 100),
        status: &[],
    };
    change(&mut draft);
    mdoc().issue(&draft, IssuerSecret::Signing(&world.issuer))
}

fn path(json: Value) -> ClaimPath {
    ClaimPath::from_json(&json).unwrap()
}

#[test]
fn the_driving_licence_of_the_catalogue() {
    let world = World::make();
    let status: &[StatusRef] = vec![StatusRef::TokenList {
        uri: "https://issuer.example/status/1".to_owned(),
        index: 3,
    }]
    .leak();
    let text = issue(&world, &example(), |draft| draft.status = status).unwrap();
    let (format, claimed) = recognise(&text).unwrap();
    assert_eq!(format.ids(), ["mso_mdoc"]);
    assert!(matches!(claimed.key_source, KeySource::X5c(chain) if chain == world.chain));
    assert_eq!(claimed.type_id, MDL);
    assert_eq!(claimed.issued_at, Some(NOW));
    let facts = format.verify(&text, &world.issuer.public(), NOW).unwrap();
    assert_eq!(facts.type_id, MDL);
    assert_eq!(facts.types, [MDL]);
    assert_eq!(facts.valid_from, Some(NOW));
    assert_eq!(facts.valid_until, Some(NOW + 100));
    assert_eq!(facts.status, status);
    assert!(facts.holder.unwrap() == world.device.public());
    assert!(!facts.holder_proven && !facts.unlinkable);
    assert_eq!(facts.claims[ISO]["age_over_18"], true);
    assert_eq!(facts.claims["org.iso.18013.5.1.GB"]["title"], "Mx");
    assert!(
        facts
            .paths
            .contains(&(path(json!([ISO, "portrait"])), true))
    );
    // In the words of the type it satisfies the schema that it was made from.
    let words = claims_in_words_of_type(format, &facts.claims);
    assert_eq!(Value::Object(words.clone()), Value::Object(example()));
    let entry = catalogue::by_type_id(MDL).unwrap();
    let schema = Schema::parse(entry.schema.as_bytes()).unwrap();
    assert!(schema.check(&Value::Object(words)).is_ok());
}

#[test]
fn showing_it() {
    let world = World::make();
    let text = issue(&world, &example(), |_| {}).unwrap();
    let paths = [path(json!([ISO, "age_over_18"]))];
    assert_eq!(mdoc().preview(&text, &paths).unwrap(), paths);
    let shown = mdoc()
        .present(&text, &paths, &request(), Some(&world.device))
        .unwrap();
    let (format, claimed) = recognise_presented(&shown).unwrap();
    assert_eq!(claimed.type_id, MDL);
    assert_eq!(claimed.made_for, None);
    let issuer = &world.issuer.public();
    let facts = format.check(&shown, issuer, &request(), true).unwrap();
    assert!(facts.holder_proven);
    assert_eq!(
        Value::Object(facts.claims),
        json!({ISO: {"age_over_18": true}})
    );
    let fault = |request: &Request<'_>, issuer: &PublicKey| {
        let result = format.check(&shown, issuer, request, false);
        result.unwrap_err().fault
    };
    for other in [
        Request {
            nonce: "m",
            ..request()
        },
        Request {
            client_id: "x509_san_dns:other.example",
            ..request()
        },
        Request {
            response_uri: Some("https://other.example"),
            ..request()
        },
        Request {
            encryption_key: None,
            ..request()
        },
    ] {
        assert_eq!(fault(&other, issuer), Fault::NotTheHolder);
    }
    let nowhere = Request {
        response_uri: None,
        ..request()
    };
    assert_eq!(fault(&nowhere, issuer), Fault::OtherRequest);
    let late = Request {
        now: NOW + 101,
        ..request()
    };
    assert_eq!(fault(&late, issuer), Fault::Expired);
    let early = Request {
        now: NOW - 1,
        ..request()
    };
    assert_eq!(fault(&early, issuer), Fault::NotYetValid);
    let other = SigningKey::make_p256().public();
    assert_eq!(fault(&request(), &other), Fault::Changed);
    let malformed = format.check(&Value::Null, issuer, &request(), true);
    assert_eq!(malformed.unwrap_err().fault, Fault::Malformed);
}

#[test]
fn what_cannot_be_shown() {
    let world = World::make();
    let text = issue(&world, &example(), |_| {}).unwrap();
    let fault = |paths: &[ClaimPath], request: &Request<'_>, key: Option<&SigningKey>| {
        let result = mdoc().present(&text, paths, request, key);
        result.unwrap_err().fault
    };
    let missing = [path(json!([ISO, "weight"]))];
    let key = Some(&world.device);
    assert_eq!(fault(&missing, &request(), key), Fault::NoSuchClaim);
    // An mdoc is never shown without its device.
    assert_eq!(fault(&[], &request(), None), Fault::NotTheHolder);
    let other = SigningKey::make_p256();
    assert_eq!(fault(&[], &request(), Some(&other)), Fault::NotTheHolder);
    let nowhere = Request {
        response_uri: None,
        ..request()
    };
    assert_eq!(fault(&[], &nowhere, key), Fault::OtherRequest);
}

#[test]
fn what_cannot_be_issued() {
    let world = World::make();
    let claims = example();
    let fault = |change: &dyn Fn(&mut Draft<'_>)| {
        let result = issue(&world, &claims, |draft| change(draft));
        result.unwrap_err().fault
    };
    let unsupported = Fault::Unsupported;
    assert_eq!(
        fault(&|draft| draft.key_name = KeyName::Id("key-1")),
        unsupported
    );
    assert_eq!(fault(&|draft| draft.holder = None), unsupported);
    assert_eq!(
        fault(&|draft| draft.key_name = KeyName::Chain(&[])),
        Fault::Malformed
    );
    // A type of the catalogue that is no mdoc.
    assert_eq!(
        fault(&|draft| draft.type_id = "urn:cairn:demo:blue-badge:1"),
        Fault::Malformed
    );
    let place = |index| StatusRef::TokenList {
        uri: "https://issuer.example/status/1".to_owned(),
        index,
    };
    let two = [place(3), place(4)];
    let refused = issue(&world, &claims, |draft| {
        draft.status = Box::leak(Box::new(two));
    });
    assert_eq!(refused.unwrap_err().fault, unsupported);
    // Of a type that is in no catalogue the claims are namespaces.
    let Value::Object(flat) = json!({"name": "Ada"}) else {
        panic!("not an object")
    };
    let refused = issue(&world, &flat, |draft| draft.type_id = "org.example.member");
    assert_eq!(refused.unwrap_err().fault, Fault::Malformed);
    let mut more = claims.clone();
    more.insert("weight".to_owned(), 70.into());
    let error = issue(&world, &more, |_| {}).unwrap_err();
    assert_eq!(error.fault, Fault::Malformed);
    let bbs = bbs::SecretKey::make();
    let draft_key = IssuerSecret::Bbs(&bbs);
    let device = world.device.public();
    let draft = Draft {
        type_id: MDL,
        claims: &claims,
        conceal: &[],
        holder: Some(&device),
        issuer: None,
        key_name: KeyName::Chain(&world.chain),
        issued_at: NOW,
        valid_from: None,
        valid_until: None,
        status: &[],
    };
    let error = mdoc().issue(&draft, draft_key).unwrap_err();
    assert_eq!(error.fault, unsupported);
}

#[test]
fn a_type_of_another_catalogue_and_no_end() {
    let world = World::make();
    let Value::Object(claims) = json!({"org.example": {"name": "Ada", "born": "1815-12-10"}})
    else {
        panic!("not an object")
    };
    let text = issue(&world, &claims, |draft| {
        draft.type_id = "org.example.member";
        draft.valid_until = None;
    })
    .unwrap();
    let facts = mdoc().describe(&text).unwrap();
    assert_eq!(facts.type_id, "org.example.member");
    assert_eq!(Value::Object(facts.claims), Value::Object(claims));
    // It ends with its signer's certificate.
    assert_eq!(facts.valid_until, Some(NOW + YEAR));
}

#[test]
fn the_words_of_the_type() {
    let words = |json| mdoc().in_words_of_type(&path(json));
    assert_eq!(words(json!([ISO, "title"])), Some(path(json!(["title"]))));
    assert_eq!(
        words(json!([ISO, "driving_privileges", null, "codes"])),
        Some(path(json!(["driving_privileges", null, "codes"])))
    );
    assert_eq!(words(json!([ISO])), None);
    assert_eq!(words(json!([ISO, null, "codes"])), None);
}
