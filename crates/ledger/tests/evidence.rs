//! What evidence proves, and each way in which it is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use keys::SigningKey;
use keys::x509::Certificate;
use ledger::event::Action;
use ledger::note::{NoteAlgorithm, VerifierKey};
use ledger::{
    About, Evidence, FolderSource, IssuerKey, Log, MAX_EVIDENCE, OperatorKeys, Pin, Presented,
    Question, Standing, StoredReplica,
};
use serde_json::{Value, json};
use world::{ACCREDITOR, ISSUER, NOW, World, certificate_entry, self_signed};

struct Kept {
    _folders: [tempfile::TempDir; 2],
    replica: StoredReplica,
    pin: Pin,
    world: World,
}

/// A replica of the ledger that this world makes, after one more event.
async fn kept(mut world: World) -> Kept {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let keys = OperatorKeys {
        log: SigningKey::make_ed25519(),
        operator: SigningKey::make_ed25519(),
    };
    let other = SigningKey::make_ed25519();
    let action = world.issuer_action("https://another.example", &["a"], &other);
    world.submit(ACCREDITOR, action).unwrap();
    let events = std::mem::take(&mut world.events);
    let (genesis, rest) = events.split_first().unwrap();
    let mut log = Log::create(folders[0].path(), genesis.clone(), &keys, NOW).unwrap();
    log.append(rest.to_vec(), &keys, NOW).unwrap();
    let pin = log.pin().clone();
    let mut replica = StoredReplica::open(folders[1].path(), pin.clone()).unwrap();
    let source = FolderSource::new(folders[0].path());
    replica.sync(&source, NOW).await.unwrap();
    Kept {
        _folders: folders,
        replica,
        pin,
        world,
    }
}

impl Kept {
    fn evidence(&self, body: &str) -> Value {
        let evidence = self.replica.prove_standing(body).unwrap().unwrap();
        serde_json::from_slice(&evidence.to_bytes().unwrap()).unwrap()
    }

    fn standing(&self, evidence: &Value, type_id: &str) -> Result<Standing, &'static str> {
        let key = self.world.issuing.public();
        self.judge(evidence, Presented::Key(&key), type_id)
    }

    fn judge(
        &self,
        evidence: &Value,
        key: Presented<'_>,
        type_id: &str,
    ) -> Result<Standing, &'static str> {
        let read = Evidence::parse(evidence.to_string().as_bytes());
        let proven = read
            .and_then(|evidence| evidence.check(&self.pin))
            .map_err(|error| error.name())?;
        assert_eq!(proven.attested(), NOW);
        let question = Question::Issuer {
            key,
            type_id,
            issued_at: Some(NOW),
        };
        Ok(proven.decide(&question).standing)
    }
}

#[tokio::test]
async fn evidence_says_what_the_replica_said() {
    let kept = kept(World::with_issuer()).await;
    let evidence = kept.evidence(ISSUER);
    assert_eq!(kept.standing(&evidence, "a"), Ok(Standing::Listed));
    assert_eq!(kept.standing(&evidence, "b"), Ok(Standing::OutOfScope));
    let other = SigningKey::make_p256().public();
    assert_eq!(
        kept.judge(&evidence, Presented::Key(&other), "a"),
        Ok(Standing::Unlisted)
    );
    let nobody = kept.replica.prove_standing("https://nobody.example");
    assert!(nobody.unwrap().is_none());
}

#[tokio::test]
async fn evidence_says_what_it_was_made_for() {
    let kept = kept(World::with_issuer()).await;
    let evidence = kept.replica.prove_standing(ISSUER).unwrap().unwrap();
    assert!(evidence.subject().is_none());
    let (certificate, _) = self_signed("issuer.example");
    let keys = [
        IssuerKey::Bare(kept.world.issuing.public()),
        IssuerKey::Chain(vec![certificate]),
    ];
    for (key, issued_at) in keys.into_iter().zip([Some(NOW), None]) {
        let about = About {
            key,
            type_id: "a".to_owned(),
            issued_at,
        };
        let evidence = evidence.clone().about(about.clone());
        let mut value: Value = serde_json::from_slice(&evidence.to_bytes().unwrap()).unwrap();
        let read = Evidence::parse(&evidence.to_bytes().unwrap()).unwrap();
        assert_eq!(read.subject(), Some(&about));
        let proven = read.check(&kept.pin).unwrap();
        let listed = proven.decide(&about.question()).standing == Standing::Listed;
        assert_eq!(listed, issued_at.is_some());
        for wrong in [
            json!(null),
            json!({}),
            json!({"issuer_key": 1, "type": "a"}),
        ] {
            value["about"] = wrong;
            assert!(Evidence::parse(value.to_string().as_bytes()).is_err());
        }
    }
}

#[tokio::test]
async fn what_was_revoked_or_withdrawn_is_proven_too() {
    let mut world = World::with_issuer();
    let thumbprint = world.issuing.public().thumbprint();
    world
        .submit(ACCREDITOR, World::revoke_action(ISSUER, &thumbprint))
        .unwrap();
    let kept_revoked = kept(world).await;
    let evidence = kept_revoked.evidence(ISSUER);
    assert_eq!(kept_revoked.standing(&evidence, "a"), Ok(Standing::Revoked));
    let mut world = World::with_issuer();
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    let withdrawn = kept(world).await;
    let evidence = withdrawn.evidence(ISSUER);
    assert_eq!(withdrawn.standing(&evidence, "a"), Ok(Standing::Withdrawn));
}

#[tokio::test]
async fn an_authority_above_the_chain_is_found_in_evidence() {
    let mut world = World::accredited(&["a"]);
    let (root, root_key) = {
        let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(2040, 1, 1);
        let name = (rcgen::DnType::CommonName, "A root");
        params.distinguished_name.push(name.0, name.1);
        let key = rcgen::KeyPair::generate().unwrap();
        let made = params.self_signed(&key).unwrap();
        let issuer = rcgen::Issuer::new(params, key);
        (Certificate::from_der(made.der()).unwrap(), issuer)
    };
    let mut leaf = rcgen::CertificateParams::new(vec!["issuer.example".to_owned()]).unwrap();
    leaf.not_before = rcgen::date_time_ymd(2020, 1, 1);
    leaf.not_after = rcgen::date_time_ymd(2040, 1, 1);
    let leaf_key = rcgen::KeyPair::generate().unwrap();
    let leaf = leaf.signed_by(&leaf_key, &root_key).unwrap();
    let chain = [Certificate::from_der(leaf.der()).unwrap()];
    let entry = certificate_entry(&root, true, None);
    let action = world.issuer_action_of(ISSUER, &["a"], entry);
    world.submit(ACCREDITOR, action).unwrap();
    let kept = kept(world).await;
    let evidence = kept.evidence(ISSUER);
    assert_eq!(
        kept.judge(&evidence, Presented::Chain(&chain), "a"),
        Ok(Standing::Listed)
    );
    let (stranger, _) = self_signed("issuer.example");
    assert_eq!(
        kept.judge(&evidence, Presented::Chain(&[stranger]), "a"),
        Ok(Standing::Unlisted)
    );
}

#[tokio::test]
async fn what_was_changed_is_refused_by_name() {
    let kept = kept(World::with_issuer()).await;
    let sound = kept.evidence(ISSUER);
    let changed = |change: &dyn Fn(&mut Value)| {
        let mut evidence = sound.clone();
        change(&mut evidence);
        assert_ne!(evidence, sound);
        kept.standing(&evidence, "a").unwrap_err()
    };
    assert_eq!(
        changed(&|e| e["records"][0]["record"]["issuer"]["grants"][0]["until"] = json!(2 * NOW)),
        "wrong_record"
    );
    assert_eq!(
        changed(&|e| e["records"][0]["record"]["id"] = json!("https://another.example")),
        "wrong_record"
    );
    assert_eq!(
        changed(&|e| {
            e["records"][0]["siblings"].as_array_mut().unwrap().pop();
        }),
        "wrong_record"
    );
    assert_eq!(
        changed(&|e| e["entry"]["state"] = json!(keys::b64::encode([7; 32]))),
        "wrong_inclusion"
    );
    assert_eq!(
        changed(&|e| e["inclusion"][0] = json!(keys::b64::encode([7; 32]))),
        "wrong_inclusion"
    );
    let note = sound["checkpoint"].as_str().unwrap();
    let forged = note.replacen("\n4\n", "\n3\n", 1);
    assert_eq!(
        changed(&|e| e["checkpoint"] = json!(forged)),
        "wrong_signature"
    );
    assert_eq!(changed(&|e| e["more"] = json!(1)), "malformed_evidence");
    assert_eq!(changed(&|e| e["records"] = json!([])), "malformed_evidence");
    let record = sound["records"][0].clone();
    assert_eq!(
        changed(&|e| e["records"] = json!(vec![record.clone(); 33])),
        "malformed_evidence"
    );
}

#[tokio::test]
async fn evidence_holds_what_is_known_and_no_more() {
    let kept = kept(World::with_issuer()).await;
    let mut good = kept.evidence(ISSUER);
    good["about"] = json!({
        "issuer_key": kept.world.issuing.public().to_jwk(), "type": "a", "issued_at": NOW,
    });
    let parse = |evidence: &Value| {
        let read = Evidence::parse(evidence.to_string().as_bytes());
        read.map(|_| ()).map_err(|error| error.name())
    };
    assert_eq!(parse(&good), Ok(()));
    type Change = fn(&mut Value);
    let changes: [(&str, Change); 9] = [
        ("member", |it| it["comment"] = json!("x")),
        ("version", |it| it["cairn_evidence"] = json!(2)),
        ("no records", |it| it["records"] = json!([])),
        ("record", |it| it["records"][0]["comment"] = json!("x")),
        ("hashes", |it| {
            let hash = "A".repeat(43);
            it["inclusion"] = json!(vec![hash; 1000]);
        }),
        ("hash", |it| it["inclusion"] = json!(["AA"])),
        ("about", |it| it["about"]["comment"] = json!("x")),
        ("time", |it| it["about"]["issued_at"] = json!("x")),
        ("key", |it| it["about"]["issuer_key"] = json!(["x"])),
    ];
    for (name, change) in changes {
        let mut changed = good.clone();
        change(&mut changed);
        assert_eq!(parse(&changed), Err("malformed_evidence"), "{name}");
    }
}

#[tokio::test]
async fn evidence_of_another_ledger_or_an_earlier_entry_proves_nothing() {
    let kept_one = kept(World::with_issuer()).await;
    let kept_other = kept(World::with_issuer()).await;
    let evidence = kept_other.evidence(ISSUER);
    assert_eq!(kept_one.standing(&evidence, "a"), Err("wrong_signature"));
    let replica = &kept_one.replica;
    let earlier = replica.entry(1).unwrap().unwrap();
    assert!(replica.replica().prove_standing(ISSUER, &earlier).is_none());
}

#[tokio::test]
async fn evidence_without_those_who_vouch_is_incomplete() {
    let kept = kept(World::with_issuer()).await;
    let mut evidence = kept.evidence(ISSUER);
    let records = evidence["records"].as_array_mut().unwrap();
    records.retain(|shown| shown["record"]["id"] == ISSUER);
    assert_eq!(kept.standing(&evidence, "a"), Err("incomplete_evidence"));
}

/// An issuer as a public body registers it: two languages, two types, a proof of possession, and
/// where its status lists live.
fn whole_issuer(world: &World, id: &str, key: &SigningKey) -> Action {
    let Action::RegisterIssuer(mut body) = world.issuer_action(
        id,
        &[
            "urn:cairn:demo:nhs-charge-exemption:1",
            "urn:cairn:demo:blue-badge:1",
        ],
        key,
    ) else {
        unreachable!()
    };
    for (tag, name) in [
        ("en", "NHS Business Services Authority"),
        ("cy", "Awdurdod Gwasanaethau Busnes y GIG"),
    ] {
        body.names.insert(tag.to_owned(), name.to_owned());
    }
    body.jurisdiction = Some("GB-ENG".to_owned());
    body.status_lists = vec![format!("{id}/status/")];
    body.keys[0].possession = ledger::possession::prove(key, id, world.registry.ledger());
    Action::RegisterIssuer(body)
}

/// What a card's evidence costs on paper or in a code: on a ledger of 100,000 entries, with the
/// word of three witnesses, at most 4 kB compressed. Measured on one of a thousand; each of its
/// three paths then has seven hashes more.
#[tokio::test]
async fn evidence_is_small() {
    use std::io::Write as _;
    const AIM: usize = 4096 - 3 * 7 * 32;
    let mut world = World::accredited(&["*"]);
    for number in 0..1000 {
        let key = SigningKey::make_p256();
        let id = format!("https://{number}.example");
        let action = world.issuer_action(&id, &["a"], &key);
        world.submit(ACCREDITOR, action).unwrap();
    }
    let key = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
    for (id, key) in [
        (ISSUER, key),
        ("https://another-issuer.example", SigningKey::make_p256()),
    ] {
        let action = whole_issuer(&world, id, &key);
        world.submit(ACCREDITOR, action).unwrap();
    }
    let kept = kept(world).await;
    let evidence = kept.replica.prove_standing(ISSUER).unwrap().unwrap();
    let evidence = evidence.about(About {
        key: IssuerKey::Bare(kept.world.issuing.public()),
        type_id: "urn:cairn:demo:nhs-charge-exemption:1".to_owned(),
        issued_at: Some(NOW),
    });
    let mut evidence: Value = serde_json::from_slice(&evidence.to_bytes().unwrap()).unwrap();
    let note = evidence["checkpoint"].as_str().unwrap();
    let text = format!("{}\n", note.split_once("\n\n").unwrap().0);
    let mut known = Vec::new();
    let witnesses: Vec<ledger::Cosignature> = (1..=3)
        .map(|number| {
            let name = format!("witness-{number}.example/w");
            let key = SigningKey::make_ed25519();
            let kind = NoteAlgorithm::Cosignature;
            known.push(VerifierKey::new(&name, kind, &key.public()).unwrap());
            ledger::Cosignature::make(&text, &name, &key, NOW).unwrap()
        })
        .collect();
    let pin = kept.pin.clone().with_witnesses(known, 3).unwrap();
    let check = |evidence: &Value| {
        let read = Evidence::parse(evidence.to_string().as_bytes()).unwrap();
        read.check(&pin).map(|_| ()).map_err(|error| error.name())
    };
    // Years later too, the pin's witnesses must have stood behind it.
    let few = ledger::cosign(note.as_bytes(), None, &witnesses[..2]).unwrap();
    let all = ledger::cosign(note.as_bytes(), None, &witnesses).unwrap();
    evidence["checkpoint"] = String::from_utf8(few).unwrap().into();
    assert_eq!(check(&evidence), Err("too_few_witnesses"));
    evidence["checkpoint"] = String::from_utf8(all).unwrap().into();
    assert_eq!(check(&evidence), Ok(()));
    let bytes = evidence.to_string();
    let mut packed = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packed.write_all(bytes.as_bytes()).unwrap();
    let packed = packed.finish().unwrap().len();
    assert!(packed <= AIM, "{} bytes, {packed} compressed", bytes.len());
}

/// A body that was registered again and again, with all that a registration may hold.
#[tokio::test]
async fn what_does_not_fit_is_refused_when_it_is_made() {
    let mut world = World::accredited(&["*"]);
    let types: Vec<String> = (0..64).map(|n| format!("{n:0>255}")).collect();
    let types: Vec<&str> = types.iter().map(String::as_str).collect();
    while serde_json::to_vec(&world.registry.record(ISSUER))
        .unwrap()
        .len()
        <= MAX_EVIDENCE
    {
        let key = SigningKey::from_pem(&world.issuing.to_pem().unwrap()).unwrap();
        let action = world.issuer_action(ISSUER, &types, &key);
        world.submit(ACCREDITOR, action).unwrap();
        let action = World::withdraw_action(ISSUER);
        world.submit(ACCREDITOR, action).unwrap();
    }
    let kept = kept(world).await;
    let evidence = kept.replica.prove_standing(ISSUER).unwrap().unwrap();
    assert_eq!(
        evidence.to_bytes().err().unwrap().name(),
        "evidence_too_long"
    );
    let evidence = kept.replica.prove_standing(ACCREDITOR).unwrap().unwrap();
    assert!(evidence.to_bytes().is_ok());
}
