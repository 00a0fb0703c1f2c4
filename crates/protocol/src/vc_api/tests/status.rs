use credential::status::{BitstringList, derive_list_credential};

use super::*;

const LIST: &str = "https://issuer.example/status/1";

fn entry(more: &Value) -> Value {
    let mut entry = json!({
        "type": "BitstringStatusListEntry",
        "statusPurpose": "revocation",
        "statusListIndex": "7",
        "statusListCredential": LIST,
    });
    for (name, value) in more.as_object().unwrap() {
        entry[name] = value.clone();
    }
    entry
}

fn with_status(keys: &IssuerKeys, status: Value) -> Value {
    let mut given = credential(&name(keys, "EdDSA"));
    given["credentialStatus"] = status;
    given
}

/// A list for one purpose in which place 7 has this value, signed by these keys.
fn published(keys: &IssuerKeys, purpose: &str, size: u8, value: u8, options: &Value) -> Vec<u8> {
    let mut list = BitstringList::new(purpose, 0, size).unwrap();
    list.set(7, size, value).unwrap();
    let issuer = name(keys, "EdDSA");
    let credential = derive_list_credential(&list, LIST, &issuer, (NOW, NOW + 100), None).unwrap();
    let signed = issued(keys, &Value::Object(credential), options);
    match signed["id"].as_str().and_then(|id| id.split_once(',')) {
        Some((_, jwt)) => jwt.as_bytes().to_vec(),
        None => signed.to_string().into_bytes(),
    }
}

#[test]
fn a_status_is_looked_up_in_the_issuers_list() {
    let keys = keys_for("EdDSA");
    for options in [json!({}), json!({"mediaType": "application/vc+jwt"})] {
        let vc = issued(&keys, &with_status(&keys, entry(&json!({}))), &options);
        let list = |value| published(&keys, "revocation", 1, value, &options);
        let verdict = holds(verify_with(&Web::with(LIST, list(0)), &vc, &json!({})));
        let found = &verdict["results"]["credentialStatus"][0];
        assert_eq!(
            found,
            &json!({"statusPurpose": "revocation", "status": "0x0"})
        );
        assert_eq!(
            verdict["checks"][0]["check"],
            json!(["proof", "credentialStatus"])
        );
        let web = Web::with(LIST, list(1));
        fails(verify_with(&web, &vc, &json!({})), "revoked", "revoked");
        let asked = json!({"checks": ["proof", "credentialStatus"]});
        fails(verify_with(&web, &vc, &asked), "revoked", "revoked");
        // Whoever does not want it gets to know that it was left out.
        let verdict = holds(verify_with(&web, &vc, &json!({"checks": ["proof"]})));
        let title = &verdict["warnings"][0]["title"];
        assert_eq!(title, "`credentialStatus` was not looked up");
    }
}

#[test]
fn a_suspension_refuses_and_a_message_is_passed_on() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let status = entry(&json!({"statusPurpose": "suspension"}));
    let vc = issued(&keys, &with_status(&keys, status), &none);
    let web = Web::with(LIST, published(&keys, "suspension", 1, 1, &none));
    fails(verify_with(&web, &vc, &none), "suspended", "suspended");

    let messages: Vec<Value> = ["in use", "lost", "replaced", "under review"]
        .iter()
        .enumerate()
        .map(|(value, text)| json!({"status": format!("0x{value:x}"), "message": text}))
        .collect();
    let status = entry(&json!({
        "statusPurpose": "message", "statusSize": 2, "statusMessage": messages,
    }));
    let vc = issued(&keys, &with_status(&keys, status), &none);
    let web = Web::with(LIST, published(&keys, "message", 2, 2, &none));
    let verdict = holds(verify_with(&web, &vc, &none));
    assert_eq!(
        verdict["results"]["credentialStatus"][0],
        json!({"statusPurpose": "message", "status": "0x2", "message": "replaced"})
    );
    let title = &verdict["warnings"][0]["title"];
    assert_eq!(title, "the issuer's list says status 0x2");
}

#[test]
fn a_list_that_says_nothing_of_the_credential_refuses_it() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let vc = issued(&keys, &with_status(&keys, entry(&none)), &none);
    let list = published(&keys, "revocation", 1, 0, &none);
    let refused = |web: &Web, kind, reason| {
        fails(
            verify_with(web, &vc, &none),
            &format!("status-list#{kind}"),
            reason,
        );
    };
    refused(
        &Web::default(),
        "STATUS_RETRIEVAL_ERROR",
        "could not be had",
    );
    let mut changed: Value = serde_json::from_slice(&list).unwrap();
    changed["validUntil"] = json!("2099-01-01T00:00:00Z");
    let web = Web::with(LIST, changed.to_string());
    refused(&web, "STATUS_VERIFICATION_ERROR", "signature");
    let web = Web::with(LIST, "{}");
    refused(&web, "STATUS_VERIFICATION_ERROR", "");
    let web = Web::with(LIST, published(&keys, "suspension", 1, 0, &none));
    refused(&web, "STATUS_VERIFICATION_ERROR", "another purpose");
    // Right in itself, and by somebody else.
    let stranger = published(&keys_for("EdDSA"), "revocation", 1, 0, &none);
    refused(
        &Web::with(LIST, stranger),
        "STATUS_VERIFICATION_ERROR",
        "another issuer's",
    );

    let web = Web::with(LIST, list);
    let beyond = entry(&json!({"statusListIndex": "131072"}));
    let vc = issued(&keys, &with_status(&keys, beyond), &none);
    fails(
        verify_with(&web, &vc, &none),
        "#RANGE_ERROR",
        "no such place",
    );
    let wide = entry(&json!({
        "statusSize": 2,
        "statusMessage": (0..4).map(|value| json!({"status": format!("0x{value}"), "message": ""}))
            .collect::<Vec<_>>(),
    }));
    let vc = issued(&keys, &with_status(&keys, wide), &none);
    fails(
        verify_with(&web, &vc, &none),
        "STATUS_LIST_LENGTH_ERROR",
        "shorter",
    );
}

#[test]
fn entries_that_cannot_be_read_are_neither_issued_nor_verified() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    for (status, kind) in [
        (
            entry(&json!({"statusListIndex": 7})),
            "MALFORMED_VALUE_ERROR",
        ),
        (
            entry(&json!({"statusListIndex": "-1"})),
            "MALFORMED_VALUE_ERROR",
        ),
        (entry(&json!({"statusSize": 0})), "MALFORMED_VALUE_ERROR"),
        (entry(&json!({"statusSize": 2})), "MALFORMED_VALUE_ERROR"),
        (
            json!({"type": "OtherStatus", "id": "urn:a:1"}),
            "STATUS_VERIFICATION_ERROR",
        ),
    ] {
        let given = with_status(&keys, status);
        let is_known = kind == "MALFORMED_VALUE_ERROR";
        let (code, body) = try_issue(&keys, &given, &none);
        assert_eq!(code, if is_known { 400 } else { 201 }, "{body}");
        let options = Options {
            suite: Suite::EddsaRdfc2022,
            verification_method: &did::derive_did_key_url(&keys.signing.public()).unwrap(),
            purpose: Purpose::Assertion,
            created: None,
            challenge: None,
            domain: None,
        };
        let given = given.as_object().unwrap();
        let signed = plain::sign(given, &options, &keys.signing, contexts()).unwrap();
        fails(verify(&Value::Object(signed), &none), kind, "status");
    }
}

#[test]
fn no_more_lists_are_fetched_than_a_bound() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let list = |number: usize| format!("https://issuer.example/status/{number}");
    let mut web = Web::default();
    let mut statuses = Vec::new();
    for number in 0..=MAX_LISTS {
        let mut of_this = BitstringList::new("revocation", 0, 1).unwrap();
        of_this.set(7, 1, 0).unwrap();
        let uri = list(number);
        let issuer = name(&keys, "EdDSA");
        let of_this = derive_list_credential(&of_this, &uri, &issuer, (NOW, NOW + 9), None);
        let signed = issued(&keys, &Value::Object(of_this.unwrap()), &none);
        web.0.insert(uri.clone(), signed.to_string().into_bytes());
        statuses.push(entry(&json!({"statusListCredential": uri})));
    }
    let vc = issued(&keys, &with_status(&keys, json!(statuses)), &none);
    let refused = verify_with(&web, &vc, &none);
    fails(refused, "STATUS_RETRIEVAL_ERROR", "more lists");
    statuses.pop();
    let vc = issued(&keys, &with_status(&keys, json!(statuses)), &none);
    holds(verify_with(&web, &vc, &none));
}

#[test]
fn status_list_2021_is_read() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let context = "https://w3id.org/vc/status-list/2021/v1";
    let mut given = older(&name(&keys, "EdDSA"));
    given["@context"]
        .as_array_mut()
        .unwrap()
        .push(json!(context));
    given["credentialStatus"] = entry(&json!({
        "id": format!("{LIST}#7"), "type": "StatusList2021Entry",
    }));
    let vc = issued(&keys, &given, &none);
    for (value, stands) in [(0, true), (1, false)] {
        let mut bits = BitstringList::new("revocation", 0, 1).unwrap();
        bits.set(7, 1, value).unwrap();
        let subject = bits.to_subject(LIST, None);
        let encoded = subject["encodedList"].as_str().unwrap();
        let list = json!({
            "@context": ["https://www.w3.org/2018/credentials/v1", context],
            "id": LIST,
            "type": ["VerifiableCredential", "StatusList2021Credential"],
            "issuer": name(&keys, "EdDSA"),
            "issuanceDate": "2026-01-01T00:00:00Z",
            "credentialSubject": {
                "id": format!("{LIST}#list"),
                "type": "StatusList2021",
                "statusPurpose": "revocation",
                "encodedList": encoded.strip_prefix('u').unwrap(),
            },
        });
        let web = Web::with(LIST, issued(&keys, &list, &none).to_string());
        let found = verify_with(&web, &vc, &none);
        match stands {
            true => drop(holds(found)),
            false => fails(found, "revoked", "revoked"),
        }
    }
}

#[test]
fn no_more_entries_are_looked_up_than_a_bound() {
    let keys = keys_for("EdDSA");
    let none = json!({});
    let web = Web::with(LIST, published(&keys, "revocation", 1, 0, &none));
    let with = |count: usize| {
        let entries = vec![entry(&none); count];
        issued(&keys, &with_status(&keys, json!(entries)), &none)
    };
    let found = holds(verify_with(&web, &with(MAX_ENTRIES), &none));
    let found = found["results"]["credentialStatus"].as_array().unwrap();
    assert_eq!(found.len(), MAX_ENTRIES);
    let over = with(MAX_ENTRIES + 1);
    let refused = verify_with(&web, &over, &none);
    fails(refused, "STATUS_RETRIEVAL_ERROR", "more status entries");
    holds(verify_with(&web, &over, &json!({"checks": ["proof"]})));
    // All credentials of a presentation together.
    let (half, more) = (with(MAX_ENTRIES / 2), with(MAX_ENTRIES / 2 + 1));
    for (second, accepted) in [(&half, true), (&more, false)] {
        let vp = json!({
            "@context": ["https://www.w3.org/ns/credentials/v2"],
            "type": ["VerifiablePresentation"],
            "verifiableCredential": [half, second],
        });
        let body = json!({"presentation": vp}).to_string();
        let found = verdict(&web, Asked::presentation(body.as_bytes()));
        match accepted {
            true => drop(holds(found)),
            false => fails(found, "STATUS_RETRIEVAL_ERROR", "more status entries"),
        }
    }
}
