use super::*;

fn fault<T>(result: Result<T, Refused>) -> Fault {
    match result {
        Ok(_) => panic!("accepted"),
        Err(refused) => refused.fault,
    }
}

fn object(text: &str) -> Map<String, Value> {
    keys::json::parse_object(text.as_bytes()).unwrap()
}

fn changed(text: &str, change: impl FnOnce(&mut Map<String, Value>)) -> String {
    let mut document = object(text);
    change(&mut document);
    Value::Object(document).to_string()
}

#[test]
fn what_the_issuer_did_not_sign() {
    for issuer in [Issuer::ed25519(), Issuer::p256(), Issuer::bbs()] {
        let text = issuer.issue(None, &[]).unwrap();
        let key = issuer.public();
        let other = match &issuer {
            Issuer::Bbs(_) => Issuer::bbs().public(),
            Issuer::Signing(key) if key.algorithm() == Algorithm::Es256 => Issuer::p256().public(),
            Issuer::Signing(_) => Issuer::ed25519().public(),
        };
        assert_eq!(fault(LdpVc.verify(&text, &other, NOW)), Fault::Changed);
        let bent = changed(&text, |it| {
            it["credentialSubject"]["exemption_type"] = json!("0009")
        });
        assert_eq!(fault(LdpVc.verify(&bent, &key, NOW)), Fault::Changed);
        let longer = changed(&text, |it| it["validUntil"] = json!("2030-01-01T00:00:00Z"));
        assert_eq!(fault(LdpVc.verify(&longer, &key, NOW)), Fault::Changed);
        assert_eq!(fault(LdpVc.verify(&text, &key, NOW + 1001)), Fault::Expired);
        assert_eq!(
            fault(LdpVc.verify(&text, &key, NOW - 61)),
            Fault::NotYetValid
        );
        LdpVc.describe(&text).unwrap();

        let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
        assert_eq!(
            fault(LdpVc.check(&shown, &other, &request(), false)),
            Fault::Changed
        );
        let mut bent = shown.clone();
        bent["credentialSubject"]["exemption_type"] = json!("0009");
        assert_eq!(
            fault(LdpVc.check(&bent, &key, &request(), false)),
            Fault::Changed
        );
        let late = Request {
            now: NOW + 1001,
            ..request()
        };
        assert_eq!(
            fault(LdpVc.check(&shown, &key, &late, false)),
            Fault::Expired
        );
    }
}

#[test]
fn the_holders_proof_is_for_this_request_by_the_holder() {
    for issuer in [Issuer::ed25519(), Issuer::p256(), Issuer::bbs()] {
        let (holder, key) = (SigningKey::make_p256(), issuer.public());
        let text = issuer.issue(Some(&holder.public()), &[]).unwrap();
        let shown = LdpVc
            .present(&text, &[], &request(), Some(&holder))
            .unwrap();
        let check =
            |shown: &Value, request: Request<'_>| fault(LdpVc.check(shown, &key, &request, true));
        let nonce = "other";
        assert_eq!(
            check(&shown, Request { nonce, ..request() }),
            Fault::OtherRequest
        );
        let client_id = "x509_san_dns:other.example";
        assert_eq!(
            check(
                &shown,
                Request {
                    client_id,
                    ..request()
                }
            ),
            Fault::OtherRequest
        );
        assert_eq!(
            check(
                &shown,
                Request {
                    now: NOW + 601,
                    ..request()
                }
            ),
            Fault::ProofTime
        );

        // By another key, in the holder's name or in its own.
        let thief = SigningKey::make_p256();
        let refused = LdpVc.present(&text, &[], &request(), Some(&thief));
        assert_eq!(fault(refused), Fault::NotTheHolder);
        let own = issuer.issue(Some(&thief.public()), &[]).unwrap();
        let mut stolen = LdpVc.present(&own, &[], &request(), Some(&thief)).unwrap();
        stolen["verifiableCredential"] = shown["verifiableCredential"].clone();
        assert_eq!(check(&stolen, request()), Fault::NotTheHolder);
        stolen["holder"] = shown["holder"].clone();
        assert_eq!(check(&stolen, request()), Fault::NotTheHolder);
        stolen["proof"]["verificationMethod"] = shown["proof"]["verificationMethod"].clone();
        assert_eq!(check(&stolen, request()), Fault::NotTheHolder);

        let mut without = shown.clone();
        without.as_object_mut().unwrap().remove("proof");
        assert_eq!(check(&without, request()), Fault::NotTheHolder);
        let mut undated = shown.clone();
        undated["proof"].as_object_mut().unwrap().remove("created");
        assert_eq!(check(&undated, request()), Fault::NotTheHolder);
        let mut twice = shown.clone();
        twice["verifiableCredential"] = json!([
            shown["verifiableCredential"][0],
            shown["verifiableCredential"][0],
        ]);
        assert_eq!(check(&twice, request()), Fault::Malformed);
        // A proof that is there is checked even where none is needed.
        let other = Request {
            nonce: "other",
            ..request()
        };
        assert_eq!(
            fault(LdpVc.check(&shown, &key, &other, false)),
            Fault::OtherRequest
        );
    }
}

#[test]
fn a_bbs_proof_is_for_one_request() {
    let issuer = Issuer::bbs();
    let text = issuer.issue(None, &[]).unwrap();
    let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
    for other in [
        Request {
            nonce: "other",
            ..request()
        },
        Request {
            client_id: "other",
            ..request()
        },
        // The same letters, cut elsewhere.
        Request {
            client_id: "x509_san_dns:counter.examplen",
            nonce: "-0S6_WzA2Mj",
            ..request()
        },
    ] {
        let refused = LdpVc.check(&shown, &issuer.public(), &other, false);
        assert_eq!(fault(refused), Fault::OtherRequest);
    }
}

#[test]
fn what_an_issuer_made_mandatory_cannot_be_hidden_and_what_limits_is_mandatory() {
    use super::super::selective::{Pointer, Suite, derive, proof_options, sign_base};
    let contexts = crate::json_ld::Contexts::pinned();
    let issuer = Issuer::p256();
    let mut document = object(&issuer.issue(None, &[]).unwrap());
    document.remove("proof");
    let config = proof_options(Suite::EcdsaSd2023, &issuer.url(), None);
    // An issuer who lets the end of the validity be hidden.
    let mandatory = [Pointer::to_member("issuer"), Pointer::to_member("type")];
    let signed = sign_base(&document, &config, &mandatory, issuer.secret(), contexts).unwrap();
    let text = Value::Object(signed.clone()).to_string();
    // The holder's own program shows it all the same.
    let preview = LdpVc.preview(&text, &[]).unwrap();
    assert!(preview.contains(&path(&["validUntil"])));
    let shown = LdpVc.present(&text, &[], &request(), None).unwrap();
    assert!(shown.get("validUntil").is_some());
    let refused = LdpVc.check(&shown, &issuer.public(), &request(), false);
    assert_eq!(fault(refused), Fault::Malformed);
    let chosen = [Pointer::to_member("credentialSubject")];
    let hidden = derive(&signed, &chosen, &[], contexts).unwrap();
    assert!(!hidden.contains_key("validUntil"));
}

#[test]
fn what_is_no_credential_of_this_format() {
    let issuer = Issuer::ed25519();
    let text = issuer.issue(None, &[]).unwrap();
    for refused in ["", "x", "[]", "{}", "eyJ.e30.x~"] {
        assert_eq!(fault(LdpVc.peek(refused)), Fault::Malformed, "{refused}");
    }
    assert_eq!(fault(LdpVc.peek_presented(&Value::Null)), Fault::Malformed);
    assert_eq!(fault(LdpVc.peek_presented(&json!("x"))), Fault::Malformed);
    let with = |change: fn(&mut Map<String, Value>)| fault(LdpVc.peek(&changed(&text, change)));
    assert_eq!(
        with(|it| it["proof"]["cryptosuite"] = json!("other-2030")),
        Fault::Unsupported
    );
    assert_eq!(with(|it| drop(it.remove("proof"))), Fault::Malformed);
    assert_eq!(
        with(|it| it["issuer"] = json!("did:example:other")),
        Fault::Malformed
    );
    assert_eq!(
        with(|it| it["proof"]["proofPurpose"] = json!("authentication")),
        Fault::Unsupported
    );
    assert_eq!(
        with(|it| it["type"] = json!(["VerifiableCredential", "Undefined"])),
        Fault::Malformed
    );
    let unknown = "https://unknown.example/context";
    let with_context = changed(&text, |it| {
        it["@context"].as_array_mut().unwrap().push(unknown.into());
    });
    assert_eq!(fault(LdpVc.peek(&with_context)), Fault::Unsupported);
    let status = |status: Value| {
        let text = changed(&text, |it| {
            it.insert("credentialStatus".to_owned(), status);
        });
        fault(LdpVc.describe(&text))
    };
    assert_eq!(status(json!({"type": "OtherList"})), Fault::Unsupported);
    let entry = json!({"type": "BitstringStatusListEntry", "statusPurpose": "revocation"});
    assert_eq!(status(entry), Fault::Malformed);
    let web = changed(&text, |it| {
        it["issuer"] = json!("https://issuer.example");
        it["proof"]["verificationMethod"] = json!("https://issuer.example#key");
    });
    assert_eq!(fault(LdpVc.peek(&web)), Fault::Unsupported);
}

#[test]
fn a_claim_that_is_not_there_is_not_shown() {
    for issuer in [Issuer::ed25519(), Issuer::p256(), Issuer::bbs()] {
        let text = issuer.issue(None, &[]).unwrap();
        let missing = [path(&["credentialSubject", "missing"])];
        assert_eq!(fault(LdpVc.preview(&text, &missing)), Fault::NoSuchClaim);
        let refused = LdpVc.present(&text, &missing, &request(), None);
        assert_eq!(fault(refused), Fault::NoSuchClaim);
    }
}

#[test]
fn what_cannot_be_issued() {
    let (issuer, claims) = (Issuer::ed25519(), example());
    let url = issuer.url();
    let draft = Draft {
        type_id: exemption().vct,
        claims: &claims,
        conceal: &[],
        holder: None,
        issuer: None,
        key_name: KeyName::Id(&url),
        issued_at: NOW,
        valid_from: None,
        valid_until: None,
        status: &[],
    };
    let issue = |draft: Draft<'_>| fault(LdpVc.issue(&draft, issuer.secret()));
    LdpVc.issue(&draft, issuer.secret()).unwrap();
    assert_eq!(
        issue(Draft {
            type_id: "urn:x:y",
            ..draft
        }),
        Fault::Unsupported
    );
    assert_eq!(
        issue(Draft {
            key_name: KeyName::Chain(&[]),
            ..draft
        }),
        Fault::Unsupported
    );
    assert_eq!(
        issue(Draft {
            key_name: KeyName::Id("key-1"),
            ..draft
        }),
        Fault::Unsupported
    );
    let elsewhere = Some("https://issuer.example");
    assert_eq!(
        issue(Draft {
            issuer: elsewhere,
            ..draft
        }),
        Fault::Unsupported
    );
    let token = StatusRef::TokenList {
        uri: "https://i.example/1".to_owned(),
        index: 1,
    };
    assert_eq!(
        issue(Draft {
            status: &[token],
            ..draft
        }),
        Fault::Unsupported
    );
    assert_eq!(
        issue(Draft {
            claims: &Map::new(),
            ..draft
        }),
        Fault::Malformed
    );
    let unknown = Map::from_iter([("unknown".to_owned(), json!(1))]);
    assert_eq!(
        issue(Draft {
            claims: &unknown,
            ..draft
        }),
        Fault::Malformed
    );
    let bbs = Issuer::bbs();
    assert_eq!(fault(LdpVc.issue(&draft, bbs.secret())), Fault::Unsupported);
}

/// More nodes would stand in an order of the card's own.
#[test]
fn no_unlinkable_card_has_claims_within_claims() {
    let entry = catalogue::by_name("BasicDisclosure").unwrap();
    let claims = keys::json::parse_object(entry.example.as_bytes()).unwrap();
    for (issuer, accepted) in [(Issuer::bbs(), false), (Issuer::p256(), true)] {
        let url = issuer.url();
        let draft = Draft {
            type_id: entry.vct,
            claims: &claims,
            conceal: &[],
            holder: None,
            issuer: None,
            key_name: KeyName::Id(&url),
            issued_at: NOW,
            valid_from: None,
            valid_until: Some(NOW + 10),
            status: &[],
        };
        match LdpVc.issue(&draft, issuer.secret()) {
            Ok(_) => assert!(accepted),
            Err(refused) => {
                assert!(!accepted, "{refused}");
                assert!(refused.to_string().contains("claims within claims"));
            }
        }
    }
}

#[test]
fn of_several_proofs_the_issuers_counts() {
    use super::super::plain::{self, Options, Purpose, Suite};
    let (issuer, other) = (Issuer::p256(), SigningKey::make_ed25519());
    let text = issuer.issue(None, &[]).unwrap();
    let mut document = object(&text);
    let first = document.remove("proof").unwrap();
    let url = did::derive_did_key_url(&other.public()).unwrap();
    let options = Options {
        suite: Suite::EddsaRdfc2022,
        verification_method: &url,
        purpose: Purpose::Assertion,
        created: None,
        challenge: None,
        domain: None,
    };
    let contexts = crate::json_ld::Contexts::pinned();
    let theirs = plain::sign(&document, &options, &other, contexts).unwrap();
    document.insert("proof".to_owned(), json!([theirs["proof"], first]));
    let both = Value::Object(document).to_string();
    LdpVc.verify(&both, &issuer.public(), NOW).unwrap();
    assert_eq!(
        fault(LdpVc.verify(&both, &other.public(), NOW)),
        Fault::Changed
    );
    // A derived credential has the derived proof alone.
    let shown = LdpVc.present(&both, &[], &request(), None).unwrap();
    LdpVc
        .check(&shown, &issuer.public(), &request(), false)
        .unwrap();
}

/// The proof is over statements, so that it stands whatever words a document puts them in.
#[test]
fn nobody_gives_a_claim_the_name_of_another() {
    let issuer = Issuer::ed25519();
    let text = issuer.issue(None, &[]).unwrap();
    let key = issuer.public();
    let swapped = |it: &mut Map<String, Value>| {
        let subject = it["credentialSubject"].as_object_mut().unwrap();
        let (from, to) = (subject["valid_from"].clone(), subject["valid_to"].clone());
        subject["valid_from"] = to;
        subject["valid_to"] = from;
        if let Some(proof) = it["proof"].as_object_mut() {
            proof.remove("@context");
        }
    };
    let mut words: Value = serde_json::from_str(exemption().context).unwrap();
    let own = words["@context"].as_object_mut().unwrap();
    let (from, to) = (own["valid_from"].clone(), own["valid_to"].clone());
    own.insert("valid_from".to_owned(), to);
    own.insert("valid_to".to_owned(), from);
    let own = words["@context"].clone();

    let renamed = changed(&text, |it| {
        it["@context"][1] = own.clone();
        swapped(it);
    });
    // So it is: the bare suite has nothing to say against it.
    let document = object(&renamed);
    let expected = crate::data_integrity::plain::Expected {
        purpose: crate::data_integrity::plain::Purpose::Assertion,
        challenge: None,
        domain: None,
        now: NOW,
    };
    crate::data_integrity::plain::verify(
        &document,
        0,
        &|_: &str| Some(key.clone()),
        &expected,
        crate::json_ld::Contexts::pinned(),
    )
    .unwrap();
    assert_eq!(fault(LdpVc.verify(&renamed, &key, NOW)), Fault::Unsupported);
    let shown: Value = serde_json::from_str(&renamed).unwrap();
    assert_eq!(
        fault(LdpVc.check(&shown, &key, &request(), false)),
        Fault::Unsupported
    );
    assert_eq!(fault(LdpVc.describe(&renamed)), Fault::Unsupported);

    let below = changed(&text, |it| {
        let subject = it["credentialSubject"].as_object_mut().unwrap();
        subject.insert("@context".to_owned(), own.clone());
    });
    assert_eq!(fault(LdpVc.verify(&below, &key, NOW)), Fault::Unsupported);
}

/// The same statements without the type's own words: the proof stands, and nobody who knows the
/// type would find its claims.
#[test]
fn a_type_of_the_catalogue_speaks_in_its_own_words() {
    let issuer = Issuer::ed25519();
    let text = issuer.issue(None, &[]).unwrap();
    let key = issuer.public();
    let words: Value = serde_json::from_str(exemption().context).unwrap();
    let spelled = changed(&text, |it| {
        it["@context"].as_array_mut().unwrap().truncate(1);
        it["type"] = json!(["VerifiableCredential", exemption().vct]);
        let subject = std::mem::take(it["credentialSubject"].as_object_mut().unwrap());
        for (name, value) in subject {
            let word = &words["@context"][&name];
            let (name, value) = match (word["@id"].as_str(), word["@type"].as_str()) {
                (None, _) => (name, value),
                (Some(iri), None) => (iri.to_owned(), value),
                (Some(iri), Some(datatype)) => {
                    (iri.to_owned(), json!({"@type": datatype, "@value": value}))
                }
            };
            it["credentialSubject"][name] = value;
        }
        it["proof"].as_object_mut().unwrap().remove("@context");
    });
    let expected = crate::data_integrity::plain::Expected {
        purpose: crate::data_integrity::plain::Purpose::Assertion,
        challenge: None,
        domain: None,
        now: NOW,
    };
    let contexts = crate::json_ld::Contexts::pinned();
    let by = |_: &str| Some(key.clone());
    crate::data_integrity::plain::verify(&object(&spelled), 0, &by, &expected, contexts).unwrap();
    let refused = LdpVc.verify(&spelled, &key, NOW).err().unwrap();
    assert_eq!(refused.fault, Fault::Malformed);
    assert!(refused.to_string().contains("its type's JSON-LD context"));
    let shown: Value = serde_json::from_str(&spelled).unwrap();
    let refused = LdpVc.check(&shown, &key, &request(), false).err().unwrap();
    assert!(refused.to_string().contains("its type's JSON-LD context"));
    assert_eq!(fault(LdpVc.describe(&spelled)), Fault::Malformed);
}
