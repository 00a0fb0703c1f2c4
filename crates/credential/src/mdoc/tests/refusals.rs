//! A negative for every check of the issuer's part.

use ciborium::value::Value as Cbor;
use keys::{KeyError, SigningKey, b64};

use super::super::cbor::encode;
use super::super::{CborError, MAX_BYTES, MAX_ELEMENTS, ParseError, Unverified, VerifyError};
use super::{
    ISO, NOW, World, certificate, change, edit_item, embed, embedded, entry, item, remove,
};

fn verify(world: &World, text: &str) -> Result<(), VerifyError> {
    let unverified = Unverified::parse(text).unwrap();
    unverified.verify(&world.issuer.public(), NOW).map(|_| ())
}

fn parse(text: &str) -> ParseError {
    match Unverified::parse(text) {
        Ok(_) => panic!("it was read"),
        Err(error) => error,
    }
}

fn text(text: &str) -> Cbor {
    Cbor::Text(text.to_owned())
}

fn member(member: &'static str) -> ParseError {
    ParseError::Member { member }
}

#[test]
fn nothing_changed() {
    let world = World::make();
    // Decoding and encoding by another library leaves it as it is.
    assert_eq!(verify(&world, &change(&world.card(), |_| {})), Ok(()));
    assert_eq!(verify(&world, &world.resign(&world.card(), |_| {})), Ok(()));
}

#[test]
fn a_changed_element() {
    let world = World::make();
    for (name, value) in [
        ("family_name", text("Other")),
        ("age_over_18", Cbor::Bool(false)),
        ("birth_date", text("1990-01-01")),
    ] {
        let changed = change(&world.card(), |content| {
            edit_item(content, ISO, name, |item| {
                *entry(item, "elementValue") = value;
            });
        });
        assert_eq!(verify(&world, &changed), Err(VerifyError::Digest));
    }
}

#[test]
fn a_changed_random_or_name() {
    let world = World::make();
    let changed = change(&world.card(), |content| {
        edit_item(content, ISO, "age_over_18", |item| {
            *entry(item, "random") = Cbor::Bytes(vec![7; 32]);
        });
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::Digest));
    let changed = change(&world.card(), |content| {
        edit_item(content, ISO, "age_over_18", |item| {
            *entry(item, "elementIdentifier") = text("age_over_25");
        });
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::Digest));
}

#[test]
fn the_same_value_in_other_bytes() {
    let world = World::make();
    // The order of the members means nothing, and the digest is over the bytes.
    let changed = change(&world.card(), |content| {
        edit_item(content, ISO, "age_over_18", |item| {
            item.as_map_mut().unwrap().reverse();
        });
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::Digest));
}

#[test]
fn a_missing_digest() {
    let world = World::make();
    let changed = world.resign(&world.card(), |mso| {
        let digests = entry(entry(mso, "valueDigests"), ISO);
        digests.as_map_mut().unwrap().remove(0);
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::NoDigest));
    let changed = world.resign(&world.card(), |mso| {
        remove(entry(mso, "valueDigests"), ISO);
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::NoDigest));
}

#[test]
fn an_element_in_another_namespace() {
    let world = World::make();
    let changed = change(&world.card(), |content| {
        let moved = item(content, ISO, "family_name").clone();
        let spaces = entry(content, "nameSpaces").as_map_mut().unwrap();
        spaces.push((text("org.example"), Cbor::Array(vec![moved])));
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::NoDigest));
    // Nor does a digest of one namespace do for the other.
    let changed = change(&world.card(), |content| {
        let moved = item(content, ISO, "family_name").clone();
        let gb = entry(entry(content, "nameSpaces"), "org.iso.18013.5.1.GB");
        *gb = Cbor::Array(vec![moved]);
    });
    let refused = verify(&world, &changed).unwrap_err();
    assert!(matches!(
        refused,
        VerifyError::NoDigest | VerifyError::Digest
    ));
}

#[test]
fn repeated_digest_ids_and_elements() {
    let world = World::make();
    let changed = change(&world.card(), |content| {
        let items = entry(entry(content, "nameSpaces"), ISO);
        let items = items.as_array_mut().unwrap();
        let mut again = embedded(&items[0]);
        *entry(&mut again, "elementIdentifier") = text("other");
        items.push(embed(&again));
    });
    assert_eq!(parse(&changed), ParseError::RepeatedDigestId);
    let changed = change(&world.card(), |content| {
        let items = entry(entry(content, "nameSpaces"), ISO);
        let items = items.as_array_mut().unwrap();
        let mut again = embedded(&items[0]);
        *entry(&mut again, "digestID") = Cbor::from(99);
        items.push(embed(&again));
    });
    assert_eq!(parse(&changed), ParseError::RepeatedElement);
}

#[test]
fn a_short_random_and_other_misshapen_items() {
    let world = World::make();
    let edited = |edit: fn(&mut Cbor)| {
        change(&world.card(), |content| {
            edit_item(content, ISO, "age_over_18", edit);
        })
    };
    let short = edited(|item| *entry(item, "random") = Cbor::Bytes(vec![0; 15]));
    assert_eq!(parse(&short), ParseError::ShortRandom);
    for (edit, name) in [
        (
            (|item: &mut Cbor| remove(item, "random")) as fn(&mut Cbor),
            "random",
        ),
        (|item| remove(item, "digestID"), "digestID"),
        (|item| *entry(item, "digestID") = Cbor::from(-1), "digestID"),
        (
            |item| remove(item, "elementIdentifier"),
            "elementIdentifier",
        ),
        (|item| remove(item, "elementValue"), "elementValue"),
    ] {
        assert_eq!(parse(&edited(edit)), member(name));
    }
    let long = edited(|item| *entry(item, "elementIdentifier") = text(&"n".repeat(10_000)));
    assert_eq!(parse(&long), ParseError::NameTooLong);
    let bare = change(&world.card(), |content| {
        let place = item(content, ISO, "age_over_18");
        *place = embedded(place);
    });
    assert_eq!(parse(&bare), member("IssuerSignedItemBytes"));
}

#[test]
fn dates() {
    let world = World::make();
    let with = |from: i64, until: i64| {
        world.issue(|template| {
            template.validity.from = from;
            template.validity.until = until;
        })
    };
    assert_eq!(verify(&world, &with(NOW, NOW + 1)), Ok(()));
    assert_eq!(verify(&world, &with(NOW - 9, NOW)), Ok(()));
    assert_eq!(
        verify(&world, &with(NOW - 9, NOW - 1)),
        Err(VerifyError::Expired)
    );
    assert_eq!(
        verify(&world, &with(NOW + 1, NOW + 9)),
        Err(VerifyError::NotYetValid)
    );
    let time = |text: &str| Cbor::Tag(0, Box::new(Cbor::Text(text.to_owned())));
    let dated = |name: &'static str, value: Cbor| {
        world.resign(&world.card(), |mso| {
            *entry(entry(mso, "validityInfo"), name) = value;
        })
    };
    let past = dated("validUntil", time("2000-01-01T00:00:00Z"));
    assert_eq!(verify(&world, &past), Err(VerifyError::Dates));
    let before = dated("validFrom", time("2000-01-01T00:00:00Z"));
    assert_eq!(verify(&world, &before), Err(VerifyError::Dates));
    for wrong in [
        text("2026-01-01T00:00:00Z"),
        time("2026-01-01"),
        time(""),
        Cbor::Null,
    ] {
        let text = dated("signed", wrong);
        assert_eq!(parse(&text), member("signed"));
    }
}

#[test]
fn signed_outside_the_certificate() {
    let world = World::make();
    let text = world.resign(&world.card(), |mso| {
        let time = Cbor::Tag(0, Box::new(Cbor::Text("2001-01-01T00:00:00Z".to_owned())));
        *entry(entry(mso, "validityInfo"), "signed") = time;
    });
    assert_eq!(
        verify(&world, &text),
        Err(VerifyError::SignedOutsideCertificate)
    );
}

#[test]
fn another_country_than_the_certificates() {
    let world = World::make();
    let from = |country: &str| {
        let mut namespaces = super::namespaces();
        namespaces[0]
            .1
            .push(("issuing_country".to_owned(), text(country)));
        let namespaces: &'static [_] = namespaces.leak();
        world.issue(|template| template.namespaces = namespaces)
    };
    assert_eq!(verify(&world, &from("GB")), Ok(()));
    assert_eq!(verify(&world, &from("FR")), Err(VerifyError::Country));
}

#[test]
fn another_issuer() {
    let world = World::make();
    let other = World::make();
    assert_eq!(verify(&other, &world.card()), Err(VerifyError::OtherKey));
    let ed25519 = World::with(SigningKey::make_ed25519(), SigningKey::make_p256());
    assert_eq!(verify(&ed25519, &world.card()), Err(VerifyError::Algorithm));
    let p384 = World::with(SigningKey::make_p384(), SigningKey::make_p256());
    assert_eq!(verify(&p384, &p384.card()), Ok(()));
    assert_eq!(verify(&p384, &world.card()), Err(VerifyError::Algorithm));
    assert_eq!(verify(&world, &p384.card()), Err(VerifyError::Algorithm));
    let another = World::with(SigningKey::make_p384(), SigningKey::make_p256());
    assert_eq!(verify(&another, &p384.card()), Err(VerifyError::OtherKey));
    // Signed by another key under the issuer's certificate.
    let forger = World {
        issuer: SigningKey::make_p256(),
        chain: world.chain.clone(),
        device: SigningKey::make_p256(),
    };
    let forged = forger.resign(&world.card(), |_| {});
    assert_eq!(verify(&world, &forged), Err(VerifyError::Signature));
}

#[test]
fn a_changed_security_object() {
    let world = World::make();
    // Not signed again.
    let changed = change(&world.card(), |content| {
        let auth = entry(content, "issuerAuth").as_array_mut().unwrap();
        let payload = auth[2].as_bytes_mut().unwrap();
        let mut mso = embedded(&super::decode(payload));
        let key = entry(entry(&mut mso, "deviceKeyInfo"), "deviceKey");
        let other = super::super::cose::cose_key(&SigningKey::make_p256().public());
        *key = other.unwrap();
        *payload = encode(&embed(&mso));
    });
    assert_eq!(verify(&world, &changed), Err(VerifyError::Signature));
}

#[test]
fn members_of_the_security_object() {
    let world = World::make();
    let edited = |edit: &dyn Fn(&mut Cbor)| parse(&world.resign(&world.card(), edit));
    let version = edited(&|mso| *entry(mso, "version") = text("2.0"));
    let of = "MobileSecurityObject";
    assert_eq!(version, ParseError::Version { of });
    assert_eq!(
        edited(&|mso| remove(mso, "version")),
        ParseError::Version { of }
    );
    let digest = edited(&|mso| *entry(mso, "digestAlgorithm") = text("SHA-1"));
    assert_eq!(digest, ParseError::DigestAlgorithm);
    for name in ["valueDigests", "deviceKeyInfo", "docType", "validityInfo"] {
        assert_eq!(edited(&|mso| remove(mso, name)), member(name));
    }
    let digests = |value: Cbor| {
        edited(&|mso| {
            let list = entry(entry(mso, "valueDigests"), ISO);
            list.as_map_mut().unwrap()[0].1 = value.clone();
        })
    };
    assert_eq!(digests(Cbor::Bytes(vec![0; 31])), member("valueDigests"));
    assert_eq!(digests(text("digest")), member("valueDigests"));
    let key = |edit: &dyn Fn(&mut Cbor)| {
        edited(&|mso| edit(entry(entry(mso, "deviceKeyInfo"), "deviceKey")))
    };
    let set = |label: i64, value: Cbor| {
        move |key: &mut Cbor| {
            let entries = key.as_map_mut().unwrap();
            entries.retain(|(name, _)| *name != Cbor::from(label));
            entries.push((Cbor::from(label), value.clone()));
        }
    };
    let refused = ParseError::DeviceKey;
    assert_eq!(
        key(&set(-1, Cbor::from(3))),
        refused(KeyError::UnsupportedKey)
    );
    // P-256's coordinates said to be P-384's.
    assert_eq!(key(&set(-1, Cbor::from(2))), refused(KeyError::Malformed));
    assert_eq!(
        key(&set(-2, Cbor::Bytes(vec![0; 32]))),
        refused(KeyError::NotOnCurve)
    );
    assert_eq!(
        key(&set(-2, Cbor::Bytes(vec![0; 31]))),
        refused(KeyError::Malformed)
    );
    assert_eq!(
        key(&set(-4, Cbor::Bytes(vec![1; 32]))),
        refused(KeyError::SecretPresent)
    );
    let status = edited(&|mso| {
        let list = Cbor::Map(vec![(text("status_list"), Cbor::Map(Vec::new()))]);
        mso.as_map_mut().unwrap().push((text("status"), list));
    });
    assert_eq!(status, member("status_list"));
}

#[test]
fn the_issuers_headers() {
    let world = World::make();
    let with = |edit: &dyn Fn(&mut Vec<Cbor>)| {
        change(&world.card(), |content| {
            edit(entry(content, "issuerAuth").as_array_mut().unwrap());
        })
    };
    let protected = |entries: Vec<(Cbor, Cbor)>| {
        with(&move |auth| auth[0] = Cbor::Bytes(encode(&Cbor::Map(entries.clone()))))
    };
    let label = |number: i64| Cbor::from(number);
    for wrong in [
        Vec::new(),
        // ES512, RS256 and HMAC.
        vec![(label(1), label(-36))],
        vec![(label(1), label(-257))],
        vec![(label(1), label(5))],
        vec![(label(1), text("ES256"))],
    ] {
        assert_eq!(parse(&protected(wrong)), ParseError::Algorithm);
    }
    let none = with(&|auth| auth[0] = Cbor::Bytes(Vec::new()));
    assert_eq!(parse(&none), ParseError::Algorithm);
    let critical = vec![
        (label(1), label(-7)),
        (label(2), Cbor::Array(vec![label(1)])),
    ];
    assert_eq!(parse(&protected(critical)), ParseError::Critical);
    // The algorithm is signed over: another name for it does not verify.
    let renamed = protected(vec![(label(1), label(-9))]);
    assert_eq!(verify(&world, &renamed), Err(VerifyError::Signature));
    for number in [-35, -51] {
        let renamed = protected(vec![(label(1), label(number))]);
        assert_eq!(verify(&world, &renamed), Err(VerifyError::Algorithm));
    }
    let chain = |value: Option<Cbor>| {
        with(&move |auth| {
            let entries = value.clone().map(|value| (label(33), value));
            auth[1] = Cbor::Map(entries.into_iter().collect());
        })
    };
    assert_eq!(parse(&chain(None)), ParseError::Chain(None));
    for wrong in [
        Cbor::Array(Vec::new()),
        Cbor::Bytes(vec![1, 2, 3]),
        text("certificate"),
        Cbor::Array(vec![text("certificate")]),
        Cbor::Array(vec![Cbor::Bytes(world.chain[0].der().to_vec()); 20]),
    ] {
        let refused = parse(&chain(Some(wrong)));
        assert!(matches!(refused, ParseError::Chain(_)));
    }
    let other = certificate(&SigningKey::make_p256());
    let swapped = chain(Some(Cbor::Bytes(other.der().to_vec())));
    assert_eq!(verify(&world, &swapped), Err(VerifyError::OtherKey));
    // As an array of one it means the same.
    let array = chain(Some(Cbor::Array(vec![Cbor::Bytes(
        world.chain[0].der().to_vec(),
    )])));
    assert_eq!(verify(&world, &array), Ok(()));
    let detached = with(&|auth| auth[2] = Cbor::Null);
    assert_eq!(parse(&detached), member("issuerAuth"));
    let shorter = with(&|auth| auth.truncate(3));
    assert_eq!(parse(&shorter), member("issuerAuth"));
}

#[test]
fn text_that_is_no_mdoc() {
    let world = World::make();
    let card = b64::decode(world.card()).unwrap();
    assert_eq!(parse("a.b.c"), ParseError::Base64);
    assert_eq!(parse(""), ParseError::Cbor(CborError::Truncated));
    assert_eq!(parse("oA"), member("issuerAuth"));
    let mut trailing = card.clone();
    trailing.push(0);
    let trailing = b64::encode(trailing);
    assert_eq!(parse(&trailing), ParseError::Cbor(CborError::Trailing));
    let cut = b64::encode(&card[..card.len() - 1]);
    assert_eq!(parse(&cut), ParseError::Cbor(CborError::Truncated));
    let long = b64::encode(vec![0; MAX_BYTES + 3]);
    assert_eq!(parse(&long), ParseError::Cbor(CborError::TooLong));
    let deep = change(&world.card(), |content| {
        edit_item(content, ISO, "age_over_18", |item| {
            let mut value = Cbor::Null;
            for _ in 0..40 {
                value = Cbor::Array(vec![value]);
            }
            *entry(item, "elementValue") = value;
        });
    });
    assert_eq!(parse(&deep), ParseError::Cbor(CborError::TooDeep));
    let many = change(&world.card(), |content| {
        let items = entry(entry(content, "nameSpaces"), ISO);
        *items = Cbor::Array(vec![Cbor::Null; MAX_ELEMENTS + 1]);
    });
    let limit = MAX_ELEMENTS;
    assert_eq!(parse(&many), ParseError::TooManyElements { limit });
}
