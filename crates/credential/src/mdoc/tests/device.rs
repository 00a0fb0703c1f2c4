//! A negative for every check of the device's part, and of the answer around it.

use ciborium::value::Value as Cbor;
use keys::{SigningKey, b64};

use super::super::cbor::Writer;
use super::super::cose::sign1;
use super::super::{
    CheckError, DeviceError, Document, IssuerSigned, ParseError, SessionTranscript, VerifyError,
};
use super::{NOW, World, change, embed, entry, remove, transcript};

fn show(world: &World) -> String {
    let card = IssuerSigned::from_store(&world.card()).unwrap();
    card.respond_text(&transcript(), &world.device).unwrap()
}

fn check(world: &World, text: &str, transcript: &SessionTranscript) -> Result<(), CheckError> {
    let document = Document::parse(text).unwrap();
    let result = document.verify(&world.issuer.public(), transcript, None, NOW);
    result.map(|_| ())
}

fn parse(text: &str) -> ParseError {
    match Document::parse(text) {
        Ok(_) => panic!("it was read"),
        Err(error) => error,
    }
}

fn document(response: &mut Cbor) -> &mut Cbor {
    &mut entry(response, "documents").as_array_mut().unwrap()[0]
}

fn device(error: DeviceError) -> Result<(), CheckError> {
    Err(CheckError::Device(error))
}

#[test]
fn nothing_changed() {
    let world = World::make();
    let shown = change(&show(&world), |_| {});
    assert_eq!(check(&world, &shown, &transcript()), Ok(()));
}

#[test]
fn another_reader_request_or_address() {
    let world = World::make();
    let shown = show(&world);
    let derive = SessionTranscript::derive_openid4vp;
    let (client, nonce, uri) = (
        "x509_san_dns:verifier.example",
        "nonce-1",
        "https://verifier.example/answer",
    );
    assert_eq!(
        check(&world, &shown, &derive(client, nonce, None, uri)),
        Ok(())
    );
    for other in [
        derive("x509_san_dns:other.example", nonce, None, uri),
        derive("verifier.example", nonce, None, uri),
        derive(client, "nonce-2", None, uri),
        derive(client, nonce, Some(&[0; 32]), uri),
        derive(client, nonce, None, "https://other.example/answer"),
    ] {
        let refused = check(&world, &shown, &other);
        assert_eq!(refused, device(DeviceError::Signature));
    }
}

/// An answer that was made for one session is worth nothing in the next.
#[test]
fn a_replayed_answer() {
    let world = World::make();
    let card = IssuerSigned::from_store(&world.card()).unwrap();
    let session = |nonce: &str| SessionTranscript::derive_openid4vp("c", nonce, None, "u");
    let shown = card.respond_text(&session("1"), &world.device).unwrap();
    assert_eq!(check(&world, &shown, &session("1")), Ok(()));
    let replayed = check(&world, &shown, &session("2"));
    assert_eq!(replayed, device(DeviceError::Signature));
}

#[test]
fn another_device() {
    let world = World::make();
    // The device signs what another device's card says.
    let other = World {
        device: SigningKey::make_p256(),
        issuer: SigningKey::p256_from_scalar(
            &world.issuer.to_secret_bytes()[..].try_into().unwrap(),
        )
        .unwrap(),
        chain: world.chain.clone(),
    };
    let theirs = show(&other);
    let swapped = change(&show(&world), |response| {
        let mut other = super::decode(&b64::decode(&theirs).unwrap());
        let signed = entry(document(&mut other), "deviceSigned").clone();
        *entry(document(response), "deviceSigned") = signed;
    });
    let refused = check(&world, &swapped, &transcript());
    assert_eq!(refused, device(DeviceError::Signature));
    let ed25519 = World::with(SigningKey::make_p256(), SigningKey::make_ed25519());
    let theirs = show(&ed25519);
    let swapped = change(&show(&world), |response| {
        let mut other = super::decode(&b64::decode(&theirs).unwrap());
        let signed = entry(document(&mut other), "deviceSigned").clone();
        *entry(document(response), "deviceSigned") = signed;
    });
    let refused = check(&world, &swapped, &transcript());
    assert_eq!(refused, device(DeviceError::Algorithm));
}

#[test]
fn another_document_type() {
    let world = World::make();
    let changed = change(&show(&world), |response| {
        *entry(document(response), "docType") = Cbor::Text("org.example.other".to_owned());
    });
    assert_eq!(
        check(&world, &changed, &transcript()),
        Err(CheckError::Issuer(VerifyError::DocType))
    );
}

#[test]
fn without_the_devices_proof() {
    let world = World::make();
    let bare = change(&show(&world), |response| {
        remove(document(response), "deviceSigned");
    });
    let refused = check(&world, &bare, &transcript());
    assert_eq!(refused, device(DeviceError::Missing));
    let edited = |edit: &dyn Fn(&mut Cbor)| {
        change(&show(&world), |response| {
            edit(entry(document(response), "deviceSigned"));
        })
    };
    let member = |member| ParseError::Member { member };
    let none = edited(&|signed| *entry(signed, "deviceAuth") = Cbor::Map(Vec::new()));
    assert_eq!(parse(&none), member("deviceAuth"));
    let both = edited(&|signed| {
        let auth = entry(signed, "deviceAuth").as_map_mut().unwrap();
        let proof = auth[0].1.clone();
        auth.push((Cbor::Text("deviceMac".to_owned()), proof));
    });
    assert_eq!(parse(&both), member("deviceAuth"));
    let attached = edited(&|signed| {
        let signature = entry(entry(signed, "deviceAuth"), "deviceSignature");
        signature.as_array_mut().unwrap()[2] = Cbor::Bytes(vec![1]);
    });
    assert_eq!(parse(&attached), member("deviceSignature"));
    let algorithm = edited(&|signed| {
        let auth = entry(signed, "deviceAuth").as_map_mut().unwrap();
        // A signature's header does not make a MAC.
        auth[0].0 = Cbor::Text("deviceMac".to_owned());
    });
    assert_eq!(parse(&algorithm), ParseError::Algorithm);
    let cut = edited(&|signed| {
        let signature = entry(entry(signed, "deviceAuth"), "deviceSignature");
        signature.as_array_mut().unwrap()[3] = Cbor::Bytes(vec![1; 63]);
    });
    let refused = check(&world, &cut, &transcript());
    assert_eq!(refused, device(DeviceError::Signature));
}

/// What the device says itself counts only where the issuer allowed it.
#[test]
fn elements_of_the_device() {
    let world = World::make();
    let elements = Cbor::Map(vec![(
        Cbor::Text("org.example".to_owned()),
        Cbor::Map(vec![(
            Cbor::Text("seen".to_owned()),
            Cbor::Text("today".to_owned()),
        )]),
    )]);
    let namespaces = embed(&elements);
    let shown = |card: &str| {
        let card = IssuerSigned::from_store(card).unwrap();
        let text = card.respond_text(&transcript(), &world.device).unwrap();
        change(&text, |response| {
            let content = Writer::new()
                .array(4)
                .text("DeviceAuthentication")
                .raw(transcript().as_bytes())
                .text(super::MDL)
                .raw(&super::encode(&namespaces))
                .into_bytes();
            let payload = Writer::new().embed(&content).into_bytes();
            let signature = sign1(&world.device, payload, true, &[]).unwrap();
            let signed = entry(document(response), "deviceSigned");
            *entry(signed, "nameSpaces") = namespaces.clone();
            *entry(entry(signed, "deviceAuth"), "deviceSignature") = super::decode(&signature);
        })
    };
    let refused = check(&world, &shown(&world.card()), &transcript());
    assert_eq!(refused, device(DeviceError::NotAuthorised));
    let authorised = |name: &str, value: Cbor| {
        world.resign(&world.card(), |mso| {
            let info = entry(mso, "deviceKeyInfo").as_map_mut().unwrap();
            let allowed = Cbor::Map(vec![(Cbor::Text(name.to_owned()), value)]);
            info.push((Cbor::Text("keyAuthorizations".to_owned()), allowed));
        })
    };
    let text = |text: &str| Cbor::Text(text.to_owned());
    let list = |names: &[&str]| Cbor::Array(names.iter().map(|name| text(name)).collect());
    let namespace = authorised("nameSpaces", list(&["org.example"]));
    assert_eq!(check(&world, &shown(&namespace), &transcript()), Ok(()));
    let element = |name| Cbor::Map(vec![(text("org.example"), list(&[name]))]);
    let allowed = authorised("dataElements", element("seen"));
    assert_eq!(check(&world, &shown(&allowed), &transcript()), Ok(()));
    let other = authorised("dataElements", element("other"));
    let refused = check(&world, &shown(&other), &transcript());
    assert_eq!(refused, device(DeviceError::NotAuthorised));
    // And it is no claim of the issuer.
    let read = Document::parse(&shown(&allowed)).unwrap();
    let seen = read.verify(&world.issuer.public(), &transcript(), None, NOW);
    assert!(!seen.unwrap().claims().contains_key("org.example"));
    // Changed after the device signed.
    let changed = change(&show(&world), |response| {
        let signed = entry(document(response), "deviceSigned");
        *entry(signed, "nameSpaces") = namespaces.clone();
    });
    let refused = check(&world, &changed, &transcript());
    assert_eq!(refused, device(DeviceError::Signature));
}

#[test]
fn answers_that_are_none() {
    let world = World::make();
    let shown = show(&world);
    let of = "DeviceResponse";
    let version = change(&shown, |response| {
        *entry(response, "version") = Cbor::Text("2.0".to_owned());
    });
    assert_eq!(parse(&version), ParseError::Version { of });
    let status = change(&shown, |response| {
        *entry(response, "status") = Cbor::from(10);
    });
    assert_eq!(parse(&status), ParseError::Status(10));
    let member = |member| ParseError::Member { member };
    let status = change(&shown, |response| remove(response, "status"));
    assert_eq!(parse(&status), member("status"));
    let none = change(&shown, |response| remove(response, "documents"));
    assert_eq!(parse(&none), ParseError::Documents);
    let two = change(&shown, |response| {
        let documents = entry(response, "documents").as_array_mut().unwrap();
        let again = documents[0].clone();
        documents.push(again);
    });
    assert_eq!(parse(&two), ParseError::Documents);
    for name in ["docType", "issuerSigned"] {
        let changed = change(&shown, |response| remove(document(response), name));
        assert_eq!(parse(&changed), member(name));
    }
    let mut trailing = b64::decode(&shown).unwrap();
    trailing.push(0);
    assert!(matches!(
        Document::from_bytes(&trailing),
        Err(ParseError::Cbor(_))
    ));
    assert!(SessionTranscript::from_bytes(&[0x82, 0xf6, 0xf6]).is_err());
}
