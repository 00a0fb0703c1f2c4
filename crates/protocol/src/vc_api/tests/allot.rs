//! Places in the issuer's own lists.

use super::*;
use crate::issuer::{Dpop, Identity, InMemory, Issuer, Nonces, Signer};

const HOST: &str = "https://issuer.example";

struct Service {
    keys: IssuerKeys,
    issuer: Issuer<InMemory>,
}

impl Service {
    fn make() -> Self {
        Self::with_key("EdDSA")
    }

    fn with_key(algorithm: &str) -> Self {
        let keys = keys_for(algorithm);
        let again = SigningKey::from_pem(&keys.signing.to_pem().unwrap()).unwrap();
        let identity = Identity {
            url: HOST.parse().unwrap(),
            name: "Test issuer".to_owned(),
        };
        let (nonces, store) = (Nonces::make(), InMemory::default());
        let issuer = Issuer::new(identity, again, Signer::Metadata, Vec::new(), nonces, store);
        Self {
            keys,
            issuer: issuer.dpop(Dpop::Off),
        }
    }

    fn try_issue(&self, credential: &Value, options: &Value) -> (u16, Value) {
        let body = json!({"credential": credential, "options": options}).to_string();
        let issue = || {
            let mut asked = ToIssue::read(body.as_bytes())?;
            asked.allot(&self.keys, &self.issuer, NOW)?;
            Ok(asked.sign(&self.keys, NOW))
        };
        reply(&issue().unwrap_or_else(|problem: Problem| problem.reply()))
    }

    #[track_caller]
    fn issue(&self, options: &Value) -> Value {
        let (status, body) = self.try_issue(&self.credential(), options);
        assert_eq!(status, 201, "{body}");
        body["verifiableCredential"].clone()
    }

    fn credential(&self) -> Value {
        let mut given = credential(&name(&self.keys, "EdDSA"));
        given.as_object_mut().unwrap().remove("id");
        given
    }

    /// The lists as they are published now, in a JWT or as JSON.
    fn web(&self, vc: &Value, accept: &str) -> Web {
        let mut web = Web::default();
        let entries = match &vc["credentialStatus"] {
            Value::Array(many) => many.clone(),
            one => vec![one.clone()],
        };
        for entry in entries {
            let url = entry["statusListCredential"].as_str().unwrap();
            let mut parts = url
                .strip_prefix(&format!("{HOST}/status/"))
                .unwrap()
                .split('/');
            let (number, purpose) = (parts.next().unwrap(), parts.next());
            let list = self.issuer.status_list(number, purpose, accept, NOW);
            assert_eq!(list.status, 200);
            web.0.insert(url.to_owned(), list.body);
        }
        // Its lists name its key by its did:web.
        let did = "did:web:issuer.example";
        let url = format!(
            "{did}#{}",
            did::multikey::write(&self.keys.signing.public())
        );
        let method = json!({
            "id": url, "type": "Multikey", "controller": did,
            "publicKeyMultibase": did::multikey::write(&self.keys.signing.public()),
        });
        let document = json!({"id": did, "verificationMethod": [method], "assertionMethod": [url]});
        let at = format!("{HOST}/.well-known/did.json");
        web.0.insert(at, document.to_string().into_bytes());
        web
    }

    fn set(&self, request: &Value) -> u16 {
        set_status(request.to_string().as_bytes(), &self.issuer).status
    }
}

fn entry(purpose: &str) -> Value {
    json!({"type": "BitstringStatusListEntry", "statusPurpose": purpose})
}

#[test]
fn a_credential_is_issued_with_a_place_and_revoked() {
    let service = Service::make();
    let options = json!({"credentialId": "urn:one", "credentialStatus": entry("revocation")});
    let vc = service.issue(&options);
    let status = &vc["credentialStatus"];
    assert_eq!(status["type"], "BitstringStatusListEntry");
    let other = json!({"credentialId": "urn:two", "credentialStatus": entry("revocation")});
    let other = service.issue(&other);
    for accept in ["", "application/json"] {
        for vc in [&vc, &other] {
            let found = holds(verify_with(&service.web(vc, accept), vc, &json!({})));
            assert_eq!(found["results"]["credentialStatus"][0]["status"], "0x0");
        }
    }
    let is_json = |accept: &str| {
        let web = service.web(&vc, accept);
        let list = web.0.get(status["statusListCredential"].as_str().unwrap());
        serde_json::from_slice::<Value>(list.unwrap()).is_ok()
    };
    assert!(is_json("application/ld+json, application/json"));
    assert!(!is_json("*/*") && !is_json("application/vc+jwt, application/vc;q=0.9"));

    let request = json!({"credentialId": "urn:one", "credentialStatus": entry("revocation"),
        "status": true});
    assert_eq!(service.set(&request), 200);
    assert_eq!(service.set(&request), 200, "what is so stays so");
    for accept in ["", "application/json"] {
        let web = service.web(&vc, accept);
        fails(verify_with(&web, &vc, &json!({})), "revoked", "revoked");
        holds(verify_with(
            &service.web(&other, accept),
            &other,
            &json!({}),
        ));
    }
    // Revoked is for good.
    for (purpose, status) in [
        ("revocation", false),
        ("suspension", true),
        ("suspension", false),
    ] {
        let request = json!({"credentialId": "urn:one", "credentialStatus": entry(purpose),
            "status": status});
        assert_eq!(service.set(&request), 400, "{purpose} {status}");
    }
}

#[test]
fn a_place_is_named_by_its_entry_too() {
    let service = Service::make();
    let options = json!({"credentialStatus": {"type": "BitstringStatusListEntry"}});
    let vc = service.issue(&options);
    let entries = vc["credentialStatus"].as_array().unwrap();
    let purposes: Vec<_> = entries.iter().map(|one| &one["statusPurpose"]).collect();
    assert_eq!(purposes, ["revocation", "suspension"]);
    let set = |status: bool| {
        let request = json!({"credentialStatus": entries[1], "status": status});
        service.set(&request)
    };
    assert_eq!(set(true), 200);
    fails(
        verify_with(&service.web(&vc, ""), &vc, &json!({})),
        "suspended",
        "suspended",
    );
    assert_eq!(set(false), 200);
    holds(verify_with(&service.web(&vc, ""), &vc, &json!({})));
    assert_eq!(set(false), 200, "it stands already");
}

#[test]
fn what_gets_no_place() {
    let service = Service::make();
    let given = service.credential();
    for asked in [
        json!({"type": "BitstringStatusListEntry", "statusPurpose": "message"}),
        json!({"type": "StatusList2021Entry"}),
        json!({"statusPurpose": "revocation"}),
        json!([]),
        json!([entry("revocation"), 7]),
        json!(true),
    ] {
        let refused = service.try_issue(&given, &json!({"credentialStatus": asked}));
        fails(refused, "MALFORMED_VALUE_ERROR", "`credentialStatus`");
    }
    let options = json!({"credentialStatus": entry("revocation")});
    let mut has_one = given.clone();
    has_one["credentialStatus"] = json!({"type": "T"});
    fails(
        service.try_issue(&has_one, &options),
        "",
        "`credentialStatus`",
    );
    // The place would be the same wherever it is shown.
    let bbs = credential(&name(&service.keys, "BBS"));
    fails(service.try_issue(&bbs, &options), "", "`credentialStatus`");
    // Nobody's name twice: its own id, or the caller's.
    let mut named = given.clone();
    named["id"] = json!("urn:one");
    assert_eq!(service.try_issue(&named, &options).0, 201);
    fails(
        service.try_issue(&named, &options),
        "MALFORMED_VALUE_ERROR",
        "was issued",
    );
    let mut more = options.clone();
    more["credentialId"] = json!("urn:one");
    fails(
        service.try_issue(&given, &more),
        "MALFORMED_VALUE_ERROR",
        "was issued",
    );
    // What is refused takes no place.
    let taken = || service.issuer.lists().unwrap()[0].taken;
    let before = taken();
    let mut other = given;
    other["issuer"] = json!("did:example:other");
    fails(service.try_issue(&other, &options), "", "no key here");
    assert_eq!(taken(), before);
}

#[test]
fn what_is_no_change_of_status() {
    let service = Service::make();
    service.issue(&json!({"credentialId": "urn:one", "credentialStatus": entry("suspension")}));
    for (request, status) in [
        (json!([]), 400),
        (json!({}), 400),
        (json!({"credentialId": "urn:one", "status": true}), 400),
        (
            json!({"credentialId": "urn:one", "credentialStatus": entry("suspension")}),
            400,
        ),
        (
            json!({"credentialId": "urn:one", "credentialStatus": entry("message"), "status": true}),
            400,
        ),
        (
            json!({"credentialId": 7, "credentialStatus": entry("suspension"), "status": true}),
            400,
        ),
        (
            json!({"credentialStatus": entry("suspension"), "status": true}),
            400,
        ),
        (
            json!({"credentialId": "urn:two", "credentialStatus": entry("suspension"), "status": true}),
            404,
        ),
        (
            json!({"credentialStatus": {"statusPurpose": "suspension", "statusListIndex": "1",
                "statusListCredential": "https://other.example/1"}, "status": true}),
            404,
        ),
    ] {
        assert_eq!(service.set(&request), status, "{request}");
    }
}

/// What is refused uses up neither a place nor the caller's name for the credential.
#[test]
fn a_refused_request_can_be_made_again() {
    let jwt = "application/vc+jwt";
    let sd = "ecdsa-sd-2023";
    for (algorithm, wrong, right) in [
        (
            "EdDSA",
            json!({"created": "today"}),
            json!({"created": "2026-02-03T04:05:06Z"}),
        ),
        ("EdDSA", json!({"created": 7}), json!({})),
        (
            "EdDSA",
            json!({"verificationMethod": "did:example:1#2"}),
            json!({}),
        ),
        ("EdDSA", json!({"verificationMethod": 7}), json!({})),
        ("EdDSA", json!({"challenge": 7}), json!({"challenge": "c"})),
        ("EdDSA", json!({"domain": 7}), json!({"domain": "d"})),
        (
            "EdDSA",
            json!({"mediaType": jwt, "challenge": "c"}),
            json!({"mediaType": jwt}),
        ),
        (
            "EdDSA",
            json!({"mediaType": jwt, "domain": "d"}),
            json!({"mediaType": jwt}),
        ),
        (
            "EdDSA",
            json!({"mediaType": jwt, "mandatoryPointers": ["/issuer"]}),
            json!({"mediaType": jwt}),
        ),
        (
            "EdDSA",
            json!({"mandatoryPointers": ["/issuer"]}),
            json!({"mandatoryPointers": []}),
        ),
        (
            "EdDSA",
            json!({"cryptosuite": "ecdsa-rdfc-2019"}),
            json!({"cryptosuite": "eddsa-jcs-2022"}),
        ),
        ("EdDSA", json!({"cryptosuite": sd}), json!({})),
        ("EdDSA", json!({"cryptosuite": "bbs-2023"}), json!({})),
        (
            "EdDSA",
            json!({"proofPurpose": "authentication"}),
            json!({"proofPurpose": "assertionMethod"}),
        ),
        ("EdDSA", json!({"type": "RsaSignature2018"}), json!({})),
        ("EdDSA", json!({"mediaType": "text/plain"}), json!({})),
        (
            "ES256",
            json!({"cryptosuite": "eddsa-rdfc-2022"}),
            json!({"cryptosuite": "ecdsa-rdfc-2019"}),
        ),
        (
            "ES256",
            json!({"cryptosuite": sd, "challenge": "c"}),
            json!({"cryptosuite": sd}),
        ),
        (
            "ES256",
            json!({"cryptosuite": sd, "domain": "d"}),
            json!({"cryptosuite": sd}),
        ),
        (
            "ES256",
            json!({"mandatoryPointers": ["no pointer"]}),
            json!({"mandatoryPointers": ["/issuer"]}),
        ),
        (
            "ES256",
            json!({"mandatoryPointers": ["/nothing/there"]}),
            json!({"mandatoryPointers": ["/credentialStatus/statusListIndex"]}),
        ),
    ] {
        let service = Service::with_key(algorithm);
        let given = service.credential();
        let with_place = |options: &Value| {
            let mut options = options.clone();
            options["credentialId"] = json!("urn:one");
            options["credentialStatus"] = entry("revocation");
            service.try_issue(&given, &options)
        };
        fails(with_place(&wrong), "_ERROR", "");
        assert!(service.issuer.lists().unwrap().is_empty(), "{wrong}");
        let (status, body) = with_place(&right);
        assert_eq!(status, 201, "{wrong}: {body}");
        assert_eq!(service.issuer.lists().unwrap()[0].taken, 1, "{right}");
    }
}

#[test]
fn a_credential_that_no_jwt_can_hold_takes_no_place() {
    let service = Service::make();
    let mut given = older(&name(&service.keys, "EdDSA"));
    let contexts = given["@context"].as_array_mut().unwrap();
    contexts.push(json!(UNDEFINED_TERMS));
    let options = json!({"credentialId": "urn:one", "credentialStatus": entry("revocation"),
        "mediaType": "application/vc+jwt"});
    fails(service.try_issue(&given, &options), "_ERROR", "`@context`");
    let (status, body) = service.try_issue(&service.credential(), &options);
    assert_eq!(status, 201, "{body}");
}
