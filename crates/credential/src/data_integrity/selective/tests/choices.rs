//! What a holder chooses is what a verifier sees, for both suites.

use query::ClaimPath;
use serde_json::{Map, Value, json};

use super::super::{
    Guarded, Kind, Pointer, Suite, Unguarded, Verified, derive, guarded_pointers, kind_of, present,
    verify_base, verify_derived,
};
use super::{Issuer, SUITES, card, contexts, object, pointers};

/// Signs, derives and verifies with both suites; what the verifier sees is the same.
fn seen(document: &Map<String, Value>, mandatory: &[&str], chosen: &[&str]) -> Value {
    let issuer = Issuer::make();
    let [left, right] = SUITES.map(|suite| {
        let signed = issuer.sign(suite, document, mandatory).unwrap();
        let checked = verify_base(&signed, &issuer.key(suite), contexts()).unwrap();
        assert_eq!(&checked.document, document);
        let derived = derive(&signed, &pointers(chosen), b"occasion", contexts()).unwrap();
        let verified = verify_derived(
            &derived,
            &issuer.key(suite),
            (suite == Suite::Bbs2023).then_some(b"occasion"),
            contexts(),
        )
        .unwrap();
        verified.document
    });
    assert_eq!(left, right);
    let mut seen = left;
    assert_eq!(seen.remove("@context"), document.get("@context").cloned());
    Value::Object(seen)
}

#[test]
fn one_claim_of_a_subject_with_an_id() {
    assert_eq!(
        seen(&card(), &["/issuer"], &["/credentialSubject/name"]),
        json!({
            "id": "urn:uuid:5be1b7f6-1b5c-4a3f-9f0e-6f2f2d3b8a51",
            "type": ["VerifiableCredential", "Card"],
            "issuer": {"id": "did:example:issuer", "name": "The issuer"},
            "credentialSubject": {"id": "did:example:holder", "name": "Ada Lovelace"}
        })
    );
}

#[test]
fn one_claim_of_a_subject_without_ids() {
    let mut document = card();
    document.remove("id");
    document["credentialSubject"]
        .as_object_mut()
        .unwrap()
        .remove("id");
    let chosen = [
        "/credentialSubject/children/1/name",
        "/credentialSubject/height",
    ];
    assert_eq!(
        seen(&document, &["/issuer/id", "/validUntil"], &chosen),
        json!({
            "type": ["VerifiableCredential", "Card"],
            "issuer": {"id": "did:example:issuer"},
            "validUntil": "2027-01-01T00:00:00Z",
            "credentialSubject": {"height": 1.65, "children": [{"name": "Anne"}]}
        })
    );
}

#[test]
fn items_of_arrays_keep_their_order_and_lose_their_gaps() {
    let chosen = [
        "/credentialSubject/children/2/born",
        "/credentialSubject/children/0",
        "/credentialSubject/emails/0",
    ];
    let seen = seen(&card(), &["/issuer"], &chosen);
    assert_eq!(
        seen["credentialSubject"],
        json!({
            "id": "did:example:holder",
            "emails": ["ada@example.org"],
            "children": [{"name": "Byron", "born": 1836}, {"born": 1839}]
        })
    );
}

#[test]
fn nested_nodes_and_nothing_mandatory() {
    let seen = seen(&card(), &[], &["/credentialSubject/address/country/code"]);
    assert_eq!(
        seen["credentialSubject"],
        json!({"id": "did:example:holder", "address": {"country": {"code": "GB"}}})
    );
    assert!(seen.get("issuer").is_none() && seen.get("validUntil").is_none());
}

#[test]
fn everything_and_nothing_but_what_is_mandatory() {
    let mut whole = card();
    assert_eq!(seen(&whole, &[], &[""])["validFrom"], whole["validFrom"]);
    let all = seen(&whole, &["/issuer", ""], &[]);
    whole.remove("@context");
    assert_eq!(all, Value::Object(whole));
    let seen = seen(&card(), &["/issuer"], &[]);
    assert!(seen.get("credentialSubject").is_none());
}

#[test]
fn an_overlap_of_choices_is_no_choice_twice() {
    let chosen = [
        "/credentialSubject/address",
        "/credentialSubject/address/country/code",
        "/credentialSubject/address",
    ];
    let seen = seen(&card(), &["/credentialSubject/address/street"], &chosen);
    assert_eq!(
        seen["credentialSubject"]["address"],
        card()["credentialSubject"]["address"]
    );
}

#[test]
fn a_node_that_the_document_names_by_a_blank_label() {
    let mut document = card();
    document["credentialSubject"] = json!({
        "id": "_:holder",
        "home": {"id": "_:place", "street": "St James's Square"},
        "work": {"id": "_:place"},
        "knows": [{"id": "_:holder"}, {"name": "Charles"}]
    });
    let chosen = ["/credentialSubject/home/street", "/credentialSubject/work"];
    let seen = seen(&document, &["/issuer"], &chosen);
    assert_eq!(
        seen["credentialSubject"],
        json!({
            "id": "_:holder",
            "home": {"id": "_:place", "street": "St James's Square"},
            "work": {"id": "_:place"}
        })
    );
}

/// An IRI of the document that looks like one of ours stays what it is.
#[test]
fn an_iri_that_looks_like_the_name_of_a_blank_node() {
    let mut document = card();
    document["credentialSubject"]["id"] = json!("urn:bnid:0:1");
    let seen = seen(&document, &["/issuer"], &["/credentialSubject/born"]);
    assert_eq!(
        seen["credentialSubject"],
        json!({"id": "urn:bnid:0:1", "born": 1815})
    );
}

#[test]
fn names_that_need_escapes() {
    let mut document = card();
    document["credentialSubject"] = json!({"a/b": 1, "m~n": 2, "x": {"": 3}});
    document["credentialSubject"]
        .as_object_mut()
        .unwrap()
        .remove("x");
    let chosen = ["/credentialSubject/a~1b", "/credentialSubject/m~0n"];
    let seen = seen(&document, &[], &chosen);
    assert_eq!(seen["credentialSubject"], json!({"a/b": 1, "m~n": 2}));
}

#[test]
fn languages_and_several_values() {
    let mut document = card();
    let names = json!([
        {"@value": "Card", "@language": "en"},
        {"@value": "Cerdyn", "@language": "cy"}
    ]);
    document.insert("name".to_owned(), names);
    let seen = seen(&document, &["/issuer"], &["/name/1"]);
    assert_eq!(
        seen["name"],
        json!([{"@value": "Cerdyn", "@language": "cy"}])
    );
}

/// Two proofs of one card have nothing in common that the card's statements do not say.
#[test]
fn proofs_by_bbs_differ_each_time() {
    let issuer = Issuer::make();
    let signed = issuer.sign(Suite::Bbs2023, &card(), &["/issuer"]).unwrap();
    let derive = || {
        let mut derived = derive(
            &signed,
            &pointers(&["/credentialSubject/name"]),
            b"",
            contexts(),
        )
        .unwrap();
        let value = derived["proof"]["proofValue"].take();
        (derived, value)
    };
    let ((left, left_value), (right, right_value)) = (derive(), derive());
    assert_eq!(left, right);
    let (left, right) = (left_value.as_str().unwrap(), right_value.as_str().unwrap());
    let same = left
        .bytes()
        .zip(right.bytes())
        .take_while(|(l, r)| l == r)
        .count();
    // The header and the beginning of the CBOR: three bytes and the length of the proof.
    assert!(same < 12, "{same}");
}

#[test]
fn how_much_is_hidden_is_known_of_bbs() {
    let issuer = Issuer::make();
    let verify = |suite| {
        let signed = issuer.sign(suite, &card(), &["/issuer"]).unwrap();
        let derived = derive(&signed, &pointers(&["/validUntil"]), b"", contexts()).unwrap();
        verify_derived(&derived, &issuer.key(suite), None, contexts()).unwrap()
    };
    let lines = crate::json_ld::to_quads(&card(), contexts()).unwrap().len();
    let verified = verify(Suite::Bbs2023);
    assert_eq!(verified.hidden, Some(lines - verified.statements.len()));
    assert_eq!(verified.presentation_header.as_deref(), Some(&b""[..]));
    let verified = verify(Suite::EcdsaSd2023);
    assert_eq!(verified.hidden, None);
    assert_eq!(verified.presentation_header, None);
    assert_eq!(format!("{verified:?}"), "Verified(ecdsa-sd-2023)");
}

#[test]
fn a_holder_shows_what_limits_the_card() {
    let issuer = Issuer::make();
    for suite in SUITES {
        let signed = issuer.sign(suite, &card(), &["/issuer"]).unwrap();
        let shown = present(
            &signed,
            &pointers(&["/credentialSubject/name"]),
            b"",
            contexts(),
        )
        .unwrap();
        for member in [
            "issuer",
            "type",
            "validFrom",
            "validUntil",
            "credentialStatus",
        ] {
            assert_eq!(shown[member], card()[member], "{member}");
        }
        assert_eq!(
            shown["credentialSubject"],
            json!({"id": "did:example:holder", "name": "Ada Lovelace"})
        );
    }
}

fn check(
    suite: Suite,
    mandatory: &[Pointer],
    chosen: &[&str],
    demanded: &[Guarded],
) -> Result<(), Unguarded> {
    let issuer = Issuer::make();
    let mandatory: Vec<String> = mandatory.iter().map(Pointer::to_string).collect();
    let mandatory: Vec<&str> = mandatory.iter().map(String::as_str).collect();
    let signed = issuer.sign(suite, &card(), &mandatory).unwrap();
    let derived = derive(&signed, &pointers(chosen), b"", contexts()).unwrap();
    let verified: Verified =
        verify_derived(&derived, &issuer.key(suite), None, contexts()).unwrap();
    verified.require_guarded(demanded)
}

#[test]
fn a_verifier_refuses_what_a_holder_could_hide() {
    let guarded = guarded_pointers(&card());
    let texts: Vec<String> = guarded.iter().map(Pointer::to_string).collect();
    assert_eq!(
        texts,
        [
            "/issuer",
            "/type",
            "/validFrom",
            "/validUntil",
            "/credentialStatus"
        ]
    );
    for suite in SUITES {
        let name = ["/credentialSubject/name"];
        let all = [Guarded::ValidFrom, Guarded::ValidUntil, Guarded::Status];
        assert_eq!(check(suite, &guarded, &name, &all), Ok(()));
        assert_eq!(
            check(suite, &guarded, &name, &[Guarded::Schema]),
            Err(Unguarded::Missing(Guarded::Schema))
        );
        // W3C's example: only the issuer is mandatory, which brings the types with it.
        let issuer = pointers(&["/issuer"]);
        assert_eq!(check(suite, &issuer, &name, &[]), Ok(()));
        for (member, kind) in [
            ("/validFrom", Guarded::ValidFrom),
            ("/validUntil", Guarded::ValidUntil),
            ("/credentialStatus", Guarded::Status),
        ] {
            assert_eq!(
                check(suite, &issuer, &[member], &[]),
                Err(Unguarded::Optional(kind))
            );
            assert_eq!(
                check(suite, &issuer, &name, &[kind]),
                Err(Unguarded::Missing(kind))
            );
        }
        assert_eq!(
            check(suite, &[], &["/issuer"], &[]),
            Err(Unguarded::Optional(Guarded::Issuer))
        );
        assert_eq!(
            check(suite, &[], &name, &[]),
            Err(Unguarded::Missing(Guarded::Issuer))
        );
    }
}

/// A text that looks like a statement is no statement.
#[test]
fn a_claim_cannot_pass_for_what_limits_the_card() {
    let issuer = Issuer::make();
    let suite = Suite::EcdsaSd2023;
    let mut document = card();
    document["credentialSubject"]["name"] =
        json!("x <https://www.w3.org/2018/credentials#validUntil> y");
    let signed = issuer
        .sign(suite, &document, &["/issuer", "/credentialSubject/name"])
        .unwrap();
    let derived = derive(&signed, &[], b"", contexts()).unwrap();
    let verified = verify_derived(&derived, &issuer.key(suite), None, contexts()).unwrap();
    assert!(!verified.is_mandatory("https://www.w3.org/2018/credentials#validUntil"));
    assert_eq!(
        verified.require_guarded(&[Guarded::ValidUntil]),
        Err(Unguarded::Missing(Guarded::ValidUntil))
    );
}

#[test]
fn among_several_proofs_the_selective_one_is_taken() {
    let issuer = Issuer::make();
    let suite = Suite::Bbs2023;
    let mut signed = issuer.sign(suite, &card(), &["/issuer"]).unwrap();
    assert_eq!(Suite::of(&signed), Some(suite));
    let other = json!({"type": "DataIntegrityProof", "cryptosuite": "eddsa-rdfc-2022"});
    let proof = signed["proof"].take();
    signed["proof"] = json!([other, proof]);
    assert_eq!(Suite::of(&signed), Some(suite));
    let derived = derive(&signed, &[], b"", contexts()).unwrap();
    assert!(derived["proof"].is_object());
    assert_eq!(kind_of(&signed), Ok(Kind::Base));
    assert_eq!(kind_of(&derived), Ok(Kind::Derived));
    assert!(kind_of(&card()).is_err());
    assert!(verify_derived(&derived, &issuer.key(suite), None, contexts()).is_ok());
    signed["proof"] = json!([proof, proof]);
    assert_eq!(Suite::of(&signed), None);
    assert_eq!(Suite::of(&card()), None);
    assert_eq!(Suite::from_name("bbs-2023"), Some(suite));
    assert_eq!(Suite::from_name("ecdsa-rdfc-2019"), None);
}

#[test]
fn claim_paths_are_pointers() {
    let pointer =
        |path: Value| Pointer::from_claim_path(&ClaimPath::from_json(&path).unwrap()).to_string();
    assert_eq!(
        pointer(json!(["credentialSubject", "a/b", 2, "m~n"])),
        "/credentialSubject/a~1b/2/m~0n"
    );
    assert_eq!(
        pointer(json!(["credentialSubject", "children", null, "name"])),
        "/credentialSubject/children"
    );
    assert_eq!(object(json!({})).len(), 0);
}
