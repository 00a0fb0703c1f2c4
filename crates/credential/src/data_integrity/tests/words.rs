//! A proof is over statements, so that it stands whatever words a document puts them in: whose
//! words these are is checked beside it.

use super::*;
use crate::data_integrity::plain::{Expected, Purpose, verify};
use crate::json_ld::Contexts;

/// The proof is good, whatever else is said of the credential.
fn stands_by_the_suite_alone(text: &str, key: &PublicKey) {
    let expected = Expected {
        purpose: Purpose::Assertion,
        challenge: None,
        domain: None,
        now: NOW,
    };
    let by = |_: &str| Some(key.clone());
    verify(&object(text), 0, &by, &expected, Contexts::pinned()).unwrap();
}

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
    stands_by_the_suite_alone(&renamed, &key);
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
    stands_by_the_suite_alone(&spelled, &key);
    let refused = LdpVc.verify(&spelled, &key, NOW).err().unwrap();
    assert_eq!(refused.fault, Fault::Malformed);
    assert!(refused.to_string().contains("its type's JSON-LD context"));
    let shown: Value = serde_json::from_str(&spelled).unwrap();
    let refused = LdpVc.check(&shown, &key, &request(), false).err().unwrap();
    assert!(refused.to_string().contains("its type's JSON-LD context"));
    assert_eq!(fault(LdpVc.describe(&spelled)), Fault::Malformed);
}
