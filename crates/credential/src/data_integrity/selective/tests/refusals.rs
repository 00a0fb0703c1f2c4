//! Every check has a case that only it refuses.

use ciborium::Value as Cbor;
use keys::{PublicKey, SigningKey, b64};
use serde_json::{Map, Value, json};

use super::super::config::Secured;
use super::super::value::{Base, BaseBy, Derived, DerivedBy};
use super::super::{
    Pointer, PointerError, ProofValueError, SelectiveError, Suite, derive, proof_options,
    sign_base, verify_base, verify_derived,
};
use super::{Issuer, SUITES, card, contexts, object, pointers};
use crate::format::IssuerSecret;
use crate::json_ld::JsonLdError;

const CHOSEN: [&str; 2] = [
    "/credentialSubject/name",
    "/credentialSubject/address/country/code",
];

/// A signed card and a credential derived from it.
struct Given {
    suite: Suite,
    key: PublicKey,
    base: Map<String, Value>,
    derived: Map<String, Value>,
}

impl Given {
    fn each() -> [Self; 2] {
        let issuer = Issuer::make();
        SUITES.map(|suite| {
            let base = issuer
                .sign(suite, &card(), &["/issuer", "/validUntil"])
                .unwrap();
            Self {
                suite,
                key: issuer.key(suite),
                derived: derive(&base, &pointers(&CHOSEN), b"header", contexts()).unwrap(),
                base,
            }
        })
    }

    fn verify(&self, credential: &Map<String, Value>) -> SelectiveError {
        verify_derived(credential, &self.key, Some(b"header"), contexts()).unwrap_err()
    }

    fn verify_base(&self, credential: &Map<String, Value>) -> SelectiveError {
        verify_base(credential, &self.key, contexts()).unwrap_err()
    }

    /// The derived credential with another proof value.
    fn with_value(&self, change: impl Fn(&mut Derived)) -> Map<String, Value> {
        let mut credential = self.derived.clone();
        let secured = Secured::split(&credential).unwrap();
        let mut value = Derived::decode(self.suite, &secured.value).unwrap();
        change(&mut value);
        credential["proof"]["proofValue"] = json!(value.encode().unwrap());
        credential
    }

    fn with_base_value(&self, change: impl Fn(&mut Base)) -> Map<String, Value> {
        let mut credential = self.base.clone();
        let secured = Secured::split(&credential).unwrap();
        let mut value = Base::decode(self.suite, &secured.value).unwrap();
        change(&mut value);
        credential["proof"]["proofValue"] = json!(value.encode().unwrap());
        credential
    }

    /// Either credential with other CBOR in its proof value.
    fn with_cbor(
        &self,
        of: &Map<String, Value>,
        change: impl Fn(&mut Vec<Cbor>),
    ) -> SelectiveError {
        let text = of["proof"]["proofValue"].as_str().unwrap();
        let bytes = b64::decode(&text[1..]).unwrap();
        let Cbor::Array(mut items) = ciborium::from_reader(&bytes[3..]).unwrap() else {
            panic!("not an array")
        };
        change(&mut items);
        let mut changed = bytes[..3].to_vec();
        ciborium::into_writer(&Cbor::Array(items), &mut changed).unwrap();
        self.with_text(of, &format!("u{}", b64::encode(changed)))
    }

    fn with_text(&self, of: &Map<String, Value>, text: &str) -> SelectiveError {
        let mut credential = of.clone();
        credential["proof"]["proofValue"] = json!(text);
        if of == &self.base {
            self.verify_base(&credential)
        } else {
            self.verify(&credential)
        }
    }
}

#[test]
fn a_changed_credential() {
    for given in Given::each() {
        let changes: [fn(&mut Map<String, Value>); 6] = [
            |it| it["credentialSubject"]["name"] = json!("Someone else"),
            |it| it["credentialSubject"]["id"] = json!("did:example:other"),
            |it| it["validUntil"] = json!("2099-01-01T00:00:00Z"),
            |it| it["issuer"]["name"] = json!("Another issuer"),
            |it| it["type"] = json!(["VerifiableCredential", "Other"]),
            |it| it["proof"]["verificationMethod"] = json!("did:example:issuer#other"),
        ];
        for change in changes {
            for credential in [&given.derived, &given.base] {
                let mut changed = credential.clone();
                change(&mut changed);
                let error = if credential == &given.base {
                    given.verify_base(&changed)
                } else {
                    given.verify(&changed)
                };
                assert_eq!(error, SelectiveError::Signature);
            }
        }
    }
}

#[test]
fn a_statement_added_or_taken_away() {
    for given in Given::each() {
        let mut more = given.derived.clone();
        more["credentialSubject"]["born"] = json!(1815);
        let expected = |count| match given.suite {
            Suite::EcdsaSd2023 => SelectiveError::SignatureCount,
            Suite::Bbs2023 => count,
        };
        assert_eq!(given.verify(&more), expected(SelectiveError::Indexes));
        let mut less = given.derived.clone();
        less["credentialSubject"]
            .as_object_mut()
            .unwrap()
            .remove("name");
        assert_eq!(given.verify(&less), expected(SelectiveError::Indexes));
        let mut node = given.derived.clone();
        node["credentialSubject"]["extra"] = json!({"x": 1});
        assert_eq!(given.verify(&node), SelectiveError::LabelMap);
        let mut unknown = given.derived.clone();
        unknown["@context"] = json!(["https://www.w3.org/ns/credentials/v2"]);
        let error = given.verify(&unknown);
        assert!(matches!(error, SelectiveError::JsonLd(_)), "{error:?}");
    }
}

#[test]
fn another_key() {
    let [ecdsa, bbs] = Given::each();
    let other = Issuer::make();
    for (given, another) in [(&ecdsa, &bbs), (&bbs, &ecdsa)] {
        let key = other.key(given.suite);
        let refused = verify_derived(&given.derived, &key, None, contexts());
        assert_eq!(refused.unwrap_err(), SelectiveError::Signature);
        let expected = match given.suite {
            Suite::EcdsaSd2023 => SelectiveError::Signature,
            Suite::Bbs2023 => SelectiveError::OtherKey,
        };
        let refused = verify_base(&given.base, &key, contexts());
        assert_eq!(refused.unwrap_err(), expected);
        for key in [
            &another.key,
            &SigningKey::make_ed25519().public(),
            &SigningKey::make_p384().public(),
        ] {
            let refused = verify_derived(&given.derived, key, None, contexts());
            assert_eq!(refused.unwrap_err(), SelectiveError::KeyKind);
            let refused = verify_base(&given.base, key, contexts());
            assert_eq!(refused.unwrap_err(), SelectiveError::KeyKind);
        }
    }
}

#[test]
fn another_occasion() {
    let [ecdsa, bbs] = Given::each();
    let refused = verify_derived(&bbs.derived, &bbs.key, Some(b"other"), contexts());
    assert_eq!(refused.unwrap_err(), SelectiveError::PresentationHeader);
    let changed = bbs.with_value(|value| {
        if let DerivedBy::Bbs {
            presentation_header,
            ..
        } = &mut value.secured
        {
            *presentation_header = b"other".to_vec();
        }
    });
    let refused = verify_derived(&changed, &bbs.key, Some(b"other"), contexts());
    assert_eq!(refused.unwrap_err(), SelectiveError::Signature);
    // There is nothing in this suite that could be bound.
    assert!(verify_derived(&ecdsa.derived, &ecdsa.key, Some(b"other"), contexts()).is_ok());
}

#[test]
fn indexes_out_of_order_or_range() {
    for given in Given::each() {
        let place = if given.suite == Suite::Bbs2023 { 2 } else { 4 };
        let error = given.with_cbor(&given.derived, |items| {
            items[place].as_array_mut().unwrap().reverse();
        });
        assert_eq!(error, ProofValueError::Order.into());
        let error = given.with_cbor(&given.derived, |items| {
            let indexes = items[place].as_array_mut().unwrap();
            indexes.insert(0, indexes[0].clone());
        });
        assert_eq!(error, ProofValueError::Order.into());
        let error = given.with_cbor(&given.derived, |items| {
            items[place].as_array_mut().unwrap()[0] = Cbor::from(-1);
        });
        assert_eq!(error, ProofValueError::Component.into());
        let beyond = given.with_value(|value| value.mandatory.push(1000));
        assert_eq!(given.verify(&beyond), SelectiveError::Indexes);
        let fewer = given.with_value(|value| value.mandatory = value.mandatory[1..].to_vec());
        assert!(matches!(
            given.verify(&fewer),
            SelectiveError::SignatureCount | SelectiveError::Indexes
        ));
    }
    let [_, bbs] = Given::each();
    let beyond = bbs.with_value(|value| {
        if let DerivedBy::Bbs { selective, .. } = &mut value.secured {
            *selective.last_mut().unwrap() = 1000;
        }
    });
    assert_eq!(bbs.verify(&beyond), SelectiveError::Indexes);
    let moved = bbs.with_value(|value| {
        if let DerivedBy::Bbs { selective, .. } = &mut value.secured {
            *selective.last_mut().unwrap() += 1;
        }
    });
    assert!(matches!(
        bbs.verify(&moved),
        SelectiveError::Signature | SelectiveError::Indexes
    ));
    let error = bbs.with_cbor(&bbs.derived, |items| {
        items[3].as_array_mut().unwrap().reverse();
    });
    assert_eq!(error, ProofValueError::Order.into());
}

#[test]
fn labels_that_do_not_fit() {
    for given in Given::each() {
        let place = if given.suite == Suite::Bbs2023 { 1 } else { 3 };
        let changed = |change: fn(&mut Vec<(Cbor, Cbor)>)| {
            given.with_cbor(&given.derived, |items| {
                change(items[place].as_map_mut().unwrap());
            })
        };
        let fewer = given.with_value(|value| drop(value.labels.pop()));
        assert_eq!(given.verify(&fewer), SelectiveError::LabelMap);
        let extra = if given.suite == Suite::Bbs2023 {
            "b99".to_owned()
        } else {
            format!("u{}", b64::encode([7; 32]))
        };
        let more = given.with_value(|value| value.labels.push(extra.clone()));
        assert_eq!(given.verify(&more), SelectiveError::LabelMap);
        let swapped = given.with_value(|value| value.labels.reverse());
        assert_eq!(given.verify(&swapped), SelectiveError::Signature);
        let labels: SelectiveError = ProofValueError::Labels.into();
        // One label for two nodes; two labels for one node; a number left out.
        assert_eq!(changed(|map| map[0].1 = map[1].1.clone()), labels);
        assert_eq!(changed(|map| map[0].0 = map[1].0.clone()), labels);
        assert_eq!(changed(|map| map[1].0 = Cbor::from(7)), labels);
        let component: SelectiveError = ProofValueError::Component.into();
        assert_eq!(changed(|map| map[0].0 = Cbor::from("c14n0")), component);
        assert_eq!(changed(|map| map[0].1 = Cbor::from("b0")), component);
    }
}

#[test]
fn signatures_of_statements() {
    let [given, _] = Given::each();
    let ecdsa = |change: fn(&mut Vec<[u8; 64]>)| {
        let derived = given.with_value(|value| {
            if let DerivedBy::Ecdsa { signatures, .. } = &mut value.secured {
                change(signatures);
            }
        });
        let base = given.with_base_value(|value| {
            if let BaseBy::Ecdsa { signatures, .. } = &mut value.secured {
                change(signatures);
            }
        });
        let derive = derive(&base, &[], b"", contexts()).map(|_| ());
        (given.verify(&derived), given.verify_base(&base), derive)
    };
    let count = SelectiveError::SignatureCount;
    assert_eq!(ecdsa(|all| all.truncate(1)), (count, count, Err(count)));
    assert_eq!(ecdsa(|all| all.push([7; 64])), (count, count, Err(count)));
    let signature = SelectiveError::Signature;
    let changed = ecdsa(|all| all.swap(0, 1));
    assert_eq!(changed, (signature, signature, Ok(())));
    let changed = given.with_value(|value| {
        if let DerivedBy::Ecdsa { proof_key, .. } = &mut value.secured {
            proof_key[5] ^= 1;
        }
    });
    assert_eq!(given.verify(&changed), signature);
}

#[test]
fn a_base_proof_by_bbs_for_other_hashes() {
    let [_, given] = Given::each();
    for change in [
        |header: &mut [u8; 64]| header[0] ^= 1,
        |header: &mut [u8; 64]| header[63] ^= 1,
    ] {
        let changed = given.with_base_value(|value| {
            if let BaseBy::Bbs { header, .. } = &mut value.secured {
                change(header);
            }
        });
        assert_eq!(given.verify_base(&changed), SelectiveError::Signature);
    }
    let changed = given.with_base_value(|value| {
        if let BaseBy::Bbs { public_key, .. } = &mut value.secured {
            *public_key = [0; 96];
        }
    });
    assert_eq!(given.verify_base(&changed), SelectiveError::OtherKey);
    let refused = derive(&changed, &[], b"", contexts());
    assert_eq!(refused.unwrap_err(), SelectiveError::OtherKey);
    let mandatory = given.with_base_value(|value| drop(value.mandatory.pop()));
    assert_eq!(given.verify_base(&mandatory), SelectiveError::Signature);
}

#[test]
fn a_proof_value_of_another_kind() {
    let [ecdsa, bbs] = Given::each();
    let header: SelectiveError = ProofValueError::Header.into();
    for (given, another) in [(&ecdsa, &bbs), (&bbs, &ecdsa)] {
        assert_eq!(given.verify(&given.base), header);
        assert_eq!(given.verify_base(&given.derived), header);
        let refused = derive(&given.derived, &[], b"", contexts());
        assert_eq!(refused.unwrap_err(), header);
        let text = another.derived["proof"]["proofValue"].as_str().unwrap();
        assert_eq!(given.with_text(&given.derived, text), header);
        let text = another.base["proof"]["proofValue"].as_str().unwrap();
        assert_eq!(given.with_text(&given.base, text), header);
        for bytes in [&[][..], &[0xd9], &[0xd9, 0x5d], &[0xd9, 0x5e, 3, 0x80]] {
            let text = format!("u{}", b64::encode(bytes));
            assert_eq!(given.with_text(&given.derived, &text), header);
        }
    }
}

#[test]
fn a_proof_value_in_another_form() {
    for given in Given::each() {
        let multibase: SelectiveError = ProofValueError::Multibase.into();
        let cbor: SelectiveError = ProofValueError::Cbor.into();
        for credential in [&given.derived, &given.base] {
            let text = credential["proof"]["proofValue"].as_str().unwrap();
            let bytes = b64::decode(&text[1..]).unwrap();
            let refused = |text: &str| given.with_text(credential, text);
            assert_eq!(refused(""), multibase);
            assert_eq!(refused(&format!("z{}", &text[1..])), multibase);
            assert_eq!(refused(&format!("{text}=")), multibase);
            assert_eq!(refused(&format!("{text} ")), multibase);
            assert_eq!(
                refused(&format!("u{}", "A".repeat(1 << 19))),
                ProofValueError::TooLong.into()
            );
            let encoded = |bytes: &[u8]| refused(&format!("u{}", b64::encode(bytes)));
            // What follows, what is cut off, and lengths that are longer than they need to be.
            assert_eq!(encoded(&[&bytes[..], &[0]].concat()), cbor);
            assert_eq!(encoded(&bytes[..bytes.len() - 1]), cbor);
            assert_eq!(
                encoded(&[&bytes[..3], &[0x98, 5], &bytes[4..]].concat()),
                cbor
            );
            let open = [&bytes[..3], &[0x9f], &bytes[4..], &[0xff]].concat();
            assert_eq!(encoded(&open), cbor);
            let mut deep = bytes[..3].to_vec();
            deep.extend([0x81; 2000]);
            deep.push(0x80);
            assert_eq!(encoded(&deep), cbor);
        }
    }
}

#[test]
fn loose_bits_at_the_end_of_base64url() {
    // Two bytes end in a character whose last two bits mean nothing.
    assert!(b64::decode("AAA").is_ok());
    assert!(b64::decode("AAB").is_err());
    for given in Given::each() {
        let text = given.derived["proof"]["proofValue"].as_str().unwrap();
        let Some(last) = text.chars().last().filter(|_| (text.len() - 1) % 4 != 0) else {
            continue;
        };
        let next = char::from(last as u8 + 1);
        let loose = format!("{}{next}", &text[..text.len() - 1]);
        assert_eq!(
            given.with_text(&given.derived, &loose),
            ProofValueError::Multibase.into()
        );
    }
}

#[test]
fn components_that_are_missing_or_others() {
    for given in Given::each() {
        let component: SelectiveError = ProofValueError::Component.into();
        for credential in [&given.derived, &given.base] {
            let changed = |change: &dyn Fn(&mut Vec<Cbor>)| given.with_cbor(credential, change);
            assert_eq!(changed(&|items| drop(items.pop())), component);
            assert_eq!(changed(&|items| items.push(Cbor::Null)), component);
            for place in 0..5 {
                assert_eq!(changed(&|items| items[place] = Cbor::Null), component);
                assert_eq!(changed(&|items| items[place] = Cbor::from(1)), component);
            }
        }
        // Bytes of another length: signature, header, keys.
        let places = match given.suite {
            Suite::EcdsaSd2023 => 0..3,
            Suite::Bbs2023 => 0..4,
        };
        for place in places {
            let error = given.with_cbor(&given.base, |items| {
                items[place].as_bytes_mut().unwrap().push(0);
            });
            assert_eq!(error, component, "{place}");
        }
        let error = given.with_cbor(&given.base, |items| {
            items[4].as_array_mut().unwrap()[0] = Cbor::from("no pointer");
        });
        assert_eq!(error, component);
        let error = given.with_cbor(&given.base, |items| {
            items[4] = Cbor::Array(vec![Cbor::from("/issuer"); 1025]);
        });
        assert_eq!(error, component);
    }
    let [ecdsa, bbs] = Given::each();
    // Another kind of key, and a point that is not compressed.
    let error = ecdsa.with_cbor(&ecdsa.derived, |items| {
        items[1].as_bytes_mut().unwrap()[0] = 0xed;
    });
    assert_eq!(error, ProofValueError::Component.into());
    let error = bbs.with_cbor(&bbs.derived, |items| {
        items[0].as_bytes_mut().unwrap().pop();
    });
    assert_eq!(error, SelectiveError::Signature);
}

#[test]
fn a_configuration_that_is_not_acceptable() {
    for given in Given::each() {
        for (member, value) in [
            ("type", json!("Ed25519Signature2020")),
            ("cryptosuite", json!("eddsa-rdfc-2022")),
            ("cryptosuite", json!(1)),
            ("proofPurpose", json!("authentication")),
            ("proofPurpose", Value::Null),
            ("verificationMethod", Value::Null),
            ("previousProof", json!("urn:x")),
        ] {
            let mut changed = given.derived.clone();
            changed["proof"][member] = value.clone();
            assert_eq!(given.verify(&changed), SelectiveError::NoProof, "{member}");
            let mut config = proof_options(given.suite, "did:example:issuer#key", None);
            config.insert(member.to_owned(), value);
            let issuer = Issuer::make();
            let secret = issuer.secret(given.suite);
            let refused = sign_base(&card(), &config, &[], secret, contexts());
            assert_eq!(refused.unwrap_err(), SelectiveError::Configuration(member));
        }
        let mut without = given.derived.clone();
        without["proof"]
            .as_object_mut()
            .unwrap()
            .remove("proofValue");
        assert_eq!(
            given.verify(&without),
            SelectiveError::Configuration("proofValue")
        );
        without.remove("proof");
        assert_eq!(given.verify(&without), SelectiveError::NoProof);
        let mut twice = given.derived.clone();
        twice["proof"] = json!([given.derived["proof"], given.derived["proof"]]);
        assert_eq!(given.verify(&twice), SelectiveError::NoProof);
        let mut context = given.derived.clone();
        context.remove("@context");
        assert_eq!(given.verify(&context), JsonLdError::Context.into());
    }
}

#[test]
fn signing_with_a_key_of_another_kind_or_twice() {
    let issuer = Issuer::make();
    let ed25519 = SigningKey::make_ed25519();
    let p384 = SigningKey::make_p384();
    for (suite, secret) in [
        (Suite::EcdsaSd2023, IssuerSecret::Signing(&p384)),
        (Suite::EcdsaSd2023, issuer.secret(Suite::Bbs2023)),
        (Suite::Bbs2023, issuer.secret(Suite::EcdsaSd2023)),
        (Suite::EcdsaSd2023, IssuerSecret::Signing(&ed25519)),
    ] {
        let config = proof_options(suite, "did:example:issuer#key", None);
        let refused = sign_base(&card(), &config, &[], secret, contexts());
        assert_eq!(refused.unwrap_err(), SelectiveError::KeyKind);
    }
    let signed = issuer.sign(Suite::Bbs2023, &card(), &[]).unwrap();
    let again = issuer.sign(Suite::Bbs2023, &signed, &[]);
    assert_eq!(again.unwrap_err(), SelectiveError::NoProof);
}

#[test]
fn pointers_that_point_at_nothing() {
    let issuer = Issuer::make();
    let no_value: SelectiveError = PointerError::NoValue.into();
    for suite in SUITES {
        let signed = issuer.sign(suite, &card(), &["/issuer"]).unwrap();
        for pointer in [
            "/missing",
            "/credentialSubject/missing",
            "/credentialSubject/name/first",
            "/credentialSubject/children/3",
            "/credentialSubject/children/01",
            "/credentialSubject/children/+1",
            "/credentialSubject/children/-",
            "/credentialSubject/children/name",
            "/credentialSubject/emails/1",
            "/",
            "/proof",
        ] {
            let chosen = pointers(&[pointer]);
            let refused = derive(&signed, &chosen, b"", contexts());
            assert_eq!(refused.unwrap_err(), no_value, "{pointer}");
            let refused = issuer.sign(suite, &card(), &[pointer]);
            assert_eq!(refused.unwrap_err(), no_value, "{pointer}");
            // Also within what is chosen as a whole.
            let chosen = pointers(&["", pointer]);
            let refused = derive(&signed, &chosen, b"", contexts());
            assert_eq!(refused.unwrap_err(), no_value, "{pointer}");
        }
        let many = vec![Pointer::to_member("type"); 1025];
        let refused = derive(&signed, &many, b"", contexts());
        assert_eq!(refused.unwrap_err(), PointerError::TooMany.into());
        let nothing = issuer.sign(suite, &card(), &[]).unwrap();
        let refused = derive(&nothing, &[], b"", contexts());
        assert_eq!(refused.unwrap_err(), SelectiveError::NothingChosen);
    }
    for text in ["x", "issuer/id", "/a~", "/a~2", "/~"] {
        assert_eq!(Pointer::parse(text), Err(PointerError::Syntax), "{text}");
    }
    assert!(Pointer::parse(&"/x".repeat(32)).is_ok());
    assert_eq!(Pointer::parse(&"/x".repeat(33)), Err(PointerError::Syntax));
}

#[test]
fn parts_that_cannot_be_told_apart() {
    let issuer = Issuer::make();
    for suite in SUITES {
        let mut document = card();
        document["credentialSubject"] = json!({"steps": {"@list": ["one", "two"]}});
        let refused = issuer.sign(suite, &document, &["/credentialSubject/steps/@list/0"]);
        assert!(refused.is_err());
        // What JSON-LD drops would change what indexes mean, and nobody would have signed it.
        for dropped in [json!([null, {"a": 1}]), json!([]), json!(null), json!([[]])] {
            document["credentialSubject"] = json!({"x": dropped, "y": {"a": 1}});
            let refused = issuer.sign(suite, &document, &["/credentialSubject/y"]);
            assert_eq!(refused.unwrap_err(), JsonLdError::Dropped.into());
        }
        // An array that JSON-LD flattens.
        document["credentialSubject"] = json!({"x": [[1, 2], [3]]});
        let refused = issuer.sign(suite, &document, &["/credentialSubject/x/0"]);
        assert!(refused.is_err());
    }
}

#[test]
fn more_statements_than_can_be_signed() {
    let issuer = Issuer::make();
    let mut document = card();
    let many: Vec<usize> = (0..5000).collect();
    document["credentialSubject"] = object(json!({"x": many})).into();
    for suite in SUITES {
        let error = issuer.sign(suite, &document, &["/issuer"]).unwrap_err();
        assert!(
            matches!(error, SelectiveError::JsonLd(JsonLdError::TooLarge(_))),
            "{error:?}"
        );
    }
}
