//! Members of another kind than the standard says, and CBOR that stands where it should not.

use ciborium::value::Value as Cbor;
use keys::{KeyError, b64};

use super::super::cbor::encode;
use super::super::{CborError, DeviceProof, Document, IssuerSigned, MAX_BYTES, MAX_ELEMENTS};
use super::super::{ParseError, Unverified};
use super::{
    ISO, World, change, edit_item, embed, embedded, entry, item, namespaces, remove, transcript,
};

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

fn map<const N: usize>(entries: [(Cbor, Cbor); N]) -> Cbor {
    Cbor::Map(entries.into())
}

#[test]
fn a_long_text_is_not_decoded() {
    assert_eq!(
        parse(&"!".repeat(2 * MAX_BYTES)),
        ParseError::Cbor(CborError::TooLong)
    );
}

#[test]
fn namespaces_of_another_kind() {
    let world = World::make();
    let with = |spaces: Cbor| {
        parse(&change(&world.card(), |content| {
            *entry(content, "nameSpaces") = spaces;
        }))
    };
    for wrong in [
        text("x"),
        map([(Cbor::from(1), Cbor::Array(Vec::new()))]),
        map([(text(ISO), map([]))]),
    ] {
        assert_eq!(with(wrong), member("nameSpaces"));
    }
    let edited = |edit: &dyn Fn(&mut Cbor)| parse(&change(&world.card(), |content| edit(content)));
    // Two keys that a claim would not tell apart.
    let twice = edited(&|content| {
        edit_item(content, ISO, "age_over_18", |item| {
            *entry(item, "elementValue") =
                map([(text("1"), Cbor::Null), (Cbor::from(1), Cbor::Null)]);
        });
    });
    assert_eq!(twice, member("elementValue"));
    let keyed_by_list = edited(&|content| {
        edit_item(content, ISO, "age_over_18", |item| {
            *entry(item, "elementValue") = map([(Cbor::Array(Vec::new()), Cbor::Null)]);
        });
    });
    assert_eq!(keyed_by_list, member("elementValue"));
    // Tag 24 says that it is CBOR; another tag does not.
    let tagged = edited(&|content| {
        let place = item(content, ISO, "age_over_18");
        if let Cbor::Tag(number, _) = place {
            *number = 25;
        }
    });
    assert_eq!(tagged, member("IssuerSignedItemBytes"));
}

#[test]
fn the_issuers_signature_of_another_kind() {
    let world = World::make();
    let with = |edit: &dyn Fn(&mut Vec<Cbor>)| {
        parse(&change(&world.card(), |content| {
            edit(entry(content, "issuerAuth").as_array_mut().unwrap());
        }))
    };
    let wrong = member("issuerAuth");
    let bare = change(&world.card(), |content| {
        *entry(content, "issuerAuth") = map([]);
    });
    assert_eq!(parse(&bare), wrong);
    for part in [0, 2, 3] {
        assert_eq!(with(&|auth| auth[part] = text("x")), wrong);
    }
    let list = encode(&Cbor::Array(Vec::new()));
    assert_eq!(with(&|auth| auth[0] = Cbor::Bytes(list.clone())), wrong);
    assert_eq!(with(&|auth| auth[1] = Cbor::Array(Vec::new())), wrong);
    // A header that must be understood, where nobody signs it.
    let critical = with(&|auth| {
        let headers = auth[1].as_map_mut().unwrap();
        headers.push((Cbor::from(2), Cbor::Array(vec![Cbor::from(1)])));
    });
    assert_eq!(critical, ParseError::Critical);
    // One chain in each header.
    let chain = Cbor::Bytes(world.chain[0].der().to_vec());
    let both = with(&|auth| {
        let protected = map([
            (Cbor::from(1), Cbor::from(-7)),
            (Cbor::from(33), chain.clone()),
        ]);
        auth[0] = Cbor::Bytes(encode(&protected));
    });
    assert_eq!(both, ParseError::Chain(None));
}

#[test]
fn the_security_object_of_another_kind() {
    let world = World::make();
    let edited = |edit: &dyn Fn(&mut Cbor)| parse(&world.resign(&world.card(), edit));
    let bare = change(&world.card(), |content| {
        let auth = entry(content, "issuerAuth").as_array_mut().unwrap();
        let payload = auth[2].as_bytes_mut().unwrap();
        *payload = encode(&embedded(&super::decode(payload)));
    });
    assert_eq!(parse(&bare), member("MobileSecurityObjectBytes"));
    for digests in [
        map([(Cbor::from(1), map([]))]),
        map([(text(ISO), Cbor::Array(Vec::new()))]),
    ] {
        let refused = edited(&|mso| *entry(mso, "valueDigests") = digests.clone());
        assert_eq!(refused, member("valueDigests"));
    }
    let key = |value: Cbor| {
        edited(&|mso| *entry(entry(mso, "deviceKeyInfo"), "deviceKey") = value.clone())
    };
    for wrong in [Cbor::Array(Vec::new()), map([])] {
        assert_eq!(key(wrong), ParseError::DeviceKey(KeyError::Malformed));
    }
    let allowed = |value: Cbor| {
        edited(&|mso| {
            let info = entry(mso, "deviceKeyInfo").as_map_mut().unwrap();
            info.push((text("keyAuthorizations"), value.clone()));
        })
    };
    for wrong in [
        Cbor::Array(Vec::new()),
        map([(text("nameSpaces"), text(ISO))]),
        map([(text("nameSpaces"), Cbor::Array(vec![Cbor::from(1)]))]),
        map([(text("dataElements"), text(ISO))]),
    ] {
        assert_eq!(allowed(wrong), member("keyAuthorizations"));
    }
    let added = |name: &str, value: Cbor| {
        edited(&|mso| {
            let entries = mso.as_map_mut().unwrap();
            entries.push((text(name), value.clone()));
        })
    };
    assert_eq!(added("status", text("x")), member("status"));
    let update = edited(&|mso| {
        let dates = entry(mso, "validityInfo").as_map_mut().unwrap();
        dates.push((text("expectedUpdate"), text("soon")));
    });
    assert_eq!(update, member("expectedUpdate"));
    // A date under another tag.
    let tagged = edited(&|mso| {
        if let Cbor::Tag(number, _) = entry(entry(mso, "validityInfo"), "signed") {
            *number = 1004;
        }
    });
    assert_eq!(tagged, member("signed"));
}

#[test]
fn what_the_device_says_of_another_kind() {
    let world = World::make();
    let card = IssuerSigned::from_store(&world.card()).unwrap();
    let reader = keys::SigningKey::make_p256().public();
    let shown = |proof: DeviceProof<'_>, edit: &dyn Fn(&mut Cbor)| {
        let shown = card.respond(&transcript(), &world.device, proof).unwrap();
        let changed = change(&b64::encode(shown), |response| {
            let documents = entry(response, "documents").as_array_mut().unwrap();
            edit(entry(&mut documents[0], "deviceSigned"));
        });
        match Document::parse(&changed) {
            Ok(_) => panic!("it was read"),
            Err(error) => error,
        }
    };
    let elements = |value: Cbor| {
        shown(DeviceProof::Signature, &|signed| {
            *entry(signed, "nameSpaces") = value.clone()
        })
    };
    assert_eq!(elements(map([])), member("DeviceNameSpacesBytes"));
    for wrong in [
        Cbor::Array(Vec::new()),
        map([(Cbor::from(1), map([]))]),
        map([(text(ISO), Cbor::Array(Vec::new()))]),
        map([(text(ISO), map([(Cbor::from(1), Cbor::Null)]))]),
    ] {
        assert_eq!(elements(embed(&wrong)), member("DeviceNameSpaces"));
    }
    let many = (0..=MAX_ELEMENTS).map(|number| (text(&number.to_string()), Cbor::Null));
    let limit = MAX_ELEMENTS;
    assert_eq!(
        elements(embed(&map([(text(ISO), Cbor::Map(many.collect()))]))),
        ParseError::TooManyElements { limit }
    );
    // What is authenticated is never sent.
    let attached = shown(DeviceProof::Mac(&reader), &|signed| {
        let mac = entry(entry(signed, "deviceAuth"), "deviceMac");
        mac.as_array_mut().unwrap()[2] = Cbor::Bytes(vec![1]);
    });
    assert_eq!(attached, member("deviceMac"));
    let nothing = shown(DeviceProof::Signature, &|signed| {
        remove(signed, "deviceAuth")
    });
    assert_eq!(nothing, member("deviceAuth"));
}

/// The namespaces of the tests are within the bounds that these go over.
#[test]
fn names_that_are_too_long_and_elements_that_are_too_many() {
    use super::super::{DigestAlgorithm, IssueError, Template, Validity};
    let world = World::make();
    let bls = keys::PublicKey::Bls12381G2(bbs::SecretKey::make().public());
    let device = world.device.public();
    let issue = |doc_type: &str, namespaces: &[_], device_key, until| {
        let template = Template {
            doc_type,
            namespaces,
            device_key,
            digest_algorithm: DigestAlgorithm::Sha256,
            validity: Validity {
                signed: super::NOW,
                from: super::NOW,
                until,
                expected_update: None,
            },
            status: None,
        };
        template.issue(&world.chain, &world.issuer).err()
    };
    let (good, end) = (namespaces(), super::NOW + 1);
    assert_eq!(issue(super::MDL, &good, &device, end), None);
    let long = "n".repeat(query::MAX_NAME + 1);
    let too_large = Some(IssueError::TooLarge);
    assert_eq!(issue(&long, &good, &device, end), too_large);
    let named = [(long.clone(), good[0].1.clone())];
    assert_eq!(issue(super::MDL, &named, &device, end), too_large);
    let many = (0..=MAX_ELEMENTS).map(|number| (number.to_string(), Cbor::Null));
    let many = [(ISO.to_owned(), many.collect())];
    assert_eq!(issue(super::MDL, &many, &device, end), too_large);
    let twice = [good[0].clone(), (ISO.to_owned(), good[1].1.clone())];
    let repeated = Some(IssueError::Repeated);
    assert_eq!(issue(super::MDL, &twice, &device, end), repeated);
    let no_key = Some(IssueError::DeviceKey);
    assert_eq!(issue(super::MDL, &good, &bls, end), no_key);
    let dates = Some(IssueError::Dates);
    assert_eq!(issue(super::MDL, &good, &device, i64::MAX), dates);
}
