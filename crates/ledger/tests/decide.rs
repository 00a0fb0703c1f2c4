//! What a verdict must get right.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking, in its helpers too"
)]

mod world;

use keys::x509::Certificate;
use keys::{SigningKey, UnixTime};
use ledger::event::{Action, GOVERNANCE};
use ledger::{Band, Freshness, Presented, Question, Standing, Verdict, View, decide};
use world::{ACCREDITOR, DAY, ISSUER, NOW, World, certificate_entry, key_entry, self_signed};

fn view(world: &World) -> View<'_> {
    View {
        registry: Some(&world.registry),
        attested: world.now,
        highest_attested: world.now,
        freshness: Freshness::default(),
    }
}

fn ask(world: &World, key: Presented<'_>, type_id: &str, issued: Option<UnixTime>) -> Standing {
    let question = Question::Issuer {
        key,
        type_id,
        issued_at: issued,
    };
    decide(&view(world), &question, world.now).standing
}

fn issuer(world: &World, type_id: &str, issued: Option<UnixTime>) -> Standing {
    ask(
        world,
        Presented::Key(&world.issuing.public()),
        type_id,
        issued,
    )
}

fn service(world: &World, client_id: &str, key: Option<Presented<'_>>) -> Verdict {
    decide(
        &view(world),
        &Question::Service { client_id, key },
        world.now,
    )
}

#[test]
fn a_registered_key_is_listed_for_its_types() {
    let world = World::with_issuer();
    assert_eq!(issuer(&world, "a", Some(NOW)), Standing::Listed);
    assert_eq!(issuer(&world, "a", None), Standing::Listed);
    assert_eq!(issuer(&world, "b", Some(NOW)), Standing::OutOfScope);
    let other = SigningKey::make_p256().public();
    assert_eq!(
        ask(&world, Presented::Key(&other), "a", None),
        Standing::Unlisted
    );
}

#[test]
fn a_control_key_issues_nothing() {
    let world = World::with_issuer();
    let control = SigningKey::from_pem(&world.controls[ACCREDITOR]).unwrap();
    assert_eq!(
        ask(&world, Presented::Key(&control.public()), "a", None),
        Standing::Unlisted
    );
}

#[test]
fn without_a_ledger_nothing_is_known() {
    let world = World::with_issuer();
    let question = Question::Issuer {
        key: Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    let nothing = View {
        registry: None,
        ..view(&world)
    };
    assert_eq!(decide(&nothing, &question, NOW).standing, Standing::Unknown);
}

#[test]
fn a_rotated_key_counts_until_its_time() {
    let mut world = World::with_issuer();
    let new = SigningKey::make_p256();
    let old = world.issuing.public().thumbprint();
    let action = world.rotate_action(ISSUER, &old, &new, NOW + 10 * DAY);
    world.submit(ACCREDITOR, action).unwrap();
    assert_eq!(issuer(&world, "a", Some(NOW)), Standing::Listed);
    assert_eq!(
        ask(&world, Presented::Key(&new.public()), "a", None),
        Standing::Listed
    );
    world.now = NOW + 10 * DAY + 1;
    // A thief backdates: the issue time does not help an old key.
    assert_eq!(issuer(&world, "a", Some(NOW - DAY)), Standing::Ended);
    assert_eq!(
        ask(&world, Presented::Key(&new.public()), "a", None),
        Standing::Listed
    );
}

#[test]
fn a_revoked_key_is_refused_whatever_the_issue_time() {
    let mut world = World::with_issuer();
    let key = world.issuing.public().thumbprint();
    world.now += DAY;
    world
        .submit(ACCREDITOR, World::revoke_action(ISSUER, &key))
        .unwrap();
    for issued in [Some(NOW - 100 * DAY), Some(NOW), None] {
        assert_eq!(issuer(&world, "a", issued), Standing::Revoked);
    }
}

#[test]
fn a_withdrawal_overrides_the_issue_time() {
    let mut world = World::with_issuer();
    world.now += DAY;
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    assert_eq!(issuer(&world, "a", Some(NOW)), Standing::Withdrawn);
}

#[test]
fn a_withdrawn_accreditor_takes_its_issuers_along() {
    let mut world = World::with_issuer();
    world
        .submit(GOVERNANCE, World::withdraw_action(ACCREDITOR))
        .unwrap();
    assert_eq!(issuer(&world, "a", Some(NOW)), Standing::Withdrawn);
    // A new accreditation does not raise the old grants.
    world.accredit(ACCREDITOR, &["a"]);
    assert_eq!(issuer(&world, "a", Some(NOW)), Standing::Withdrawn);
}

#[test]
fn an_ended_grant_still_covers_what_was_issued_before() {
    let mut world = World::with_issuer();
    world.now = world.until + DAY;
    assert_eq!(issuer(&world, "a", Some(world.until - 1)), Standing::Listed);
    assert_eq!(issuer(&world, "a", Some(world.until)), Standing::Ended);
    assert_eq!(issuer(&world, "a", None), Standing::Ended);
}

#[test]
fn an_issue_time_to_come_is_judged_as_of_now() {
    let world = World::with_issuer();
    assert_eq!(
        issuer(&world, "a", Some(world.until + DAY)),
        Standing::Listed
    );
}

#[test]
fn age_goes_from_fresh_to_offline_to_stale() {
    let world = World::with_issuer();
    let question = Question::Issuer {
        key: Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    for (later, band, standing) in [
        (DAY, Band::Fresh, Standing::Listed),
        (DAY + 1, Band::Offline, Standing::Listed),
        (7 * DAY, Band::Offline, Standing::Listed),
        (7 * DAY + 1, Band::Stale, Standing::Stale),
    ] {
        let verdict = decide(&view(&world), &question, NOW + later);
        let age = verdict.age.unwrap();
        assert_eq!(
            (age.band, verdict.standing, age.seconds),
            (band, standing, later)
        );
    }
}

#[test]
fn a_clock_set_back_is_reported_and_makes_nothing_fresher() {
    let world = World::with_issuer();
    let question = Question::Issuer {
        key: Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    let view = View {
        attested: NOW,
        highest_attested: NOW + 8 * DAY,
        ..view(&world)
    };
    let verdict = decide(&view, &question, NOW - 100 * DAY);
    let age = verdict.age.unwrap();
    assert!(age.clock_set_back);
    assert_eq!((age.band, verdict.standing), (Band::Stale, Standing::Stale));
    assert!(
        !decide(&view, &question, NOW + 8 * DAY)
            .age
            .unwrap()
            .clock_set_back
    );
}

#[test]
fn what_ended_stays_so_when_the_ledger_is_old() {
    let mut world = World::with_issuer();
    let key = world.issuing.public().thumbprint();
    world
        .submit(ACCREDITOR, World::revoke_action(ISSUER, &key))
        .unwrap();
    let question = Question::Issuer {
        key: Presented::Key(&world.issuing.public()),
        type_id: "a",
        issued_at: None,
    };
    let verdict = decide(&view(&world), &question, NOW + 30 * DAY);
    assert_eq!(verdict.standing, Standing::Revoked);
}

struct Ca {
    certificate: Certificate,
    params: rcgen::CertificateParams,
    key: rcgen::KeyPair,
}

fn ca(name: &str) -> Ca {
    let key = rcgen::KeyPair::generate().unwrap();
    let mut params = rcgen::CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let certificate = params.self_signed(&key).unwrap();
    Ca {
        certificate: Certificate::from_der(certificate.der()).unwrap(),
        params,
        key,
    }
}

fn leaf_below(ca: &Ca, name: &str) -> Certificate {
    leaf_with(ca, name, &rcgen::PKCS_ECDSA_P256_SHA256)
}

fn leaf_with(ca: &Ca, name: &str, kind: &'static rcgen::SignatureAlgorithm) -> Certificate {
    let key = rcgen::KeyPair::generate_for(kind).unwrap();
    let params = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
    let signer = rcgen::Issuer::from_params(&ca.params, &ca.key);
    let certificate = params.signed_by(&key, &signer).unwrap();
    Certificate::from_der(certificate.der()).unwrap()
}

fn register(world: &mut World, id: &str, types: &[&str], entry: ledger::event::KeyEntry) {
    let action = world.issuer_action_of(id, types, entry);
    world.submit(ACCREDITOR, action).unwrap();
}

#[test]
fn a_leaf_below_a_registered_ca_is_listed() {
    let mut world = World::accredited(&["a"]);
    let root = ca("root");
    register(
        &mut world,
        ISSUER,
        &["a"],
        certificate_entry(&root.certificate, true, None),
    );
    let chain = [leaf_below(&root, "any.example")];
    assert_eq!(
        ask(&world, Presented::Chain(&chain), "a", None),
        Standing::Listed
    );
    // What no event may name can stand below what one does name.
    let chain = [leaf_with(
        &root,
        "any.example",
        &rcgen::PKCS_ECDSA_P384_SHA384,
    )];
    assert_eq!(
        ask(&world, Presented::Chain(&chain), "a", None),
        Standing::Listed
    );
    // The same name, another root.
    let chain = [leaf_below(&ca("root"), "any.example")];
    assert_eq!(
        ask(&world, Presented::Chain(&chain), "a", None),
        Standing::Unlisted
    );
    // The CA's own key signs certificates, not credentials.
    let chain = [root.certificate.clone()];
    assert_eq!(
        ask(&world, Presented::Chain(&chain), "a", None),
        Standing::Unlisted
    );
}

#[test]
fn a_ca_that_was_registered_as_a_leaf_vouches_for_nothing() {
    let mut world = World::accredited(&["*"]);
    let root = ca("root");
    register(
        &mut world,
        ISSUER,
        &["*"],
        certificate_entry(&root.certificate, false, None),
    );
    let chain = [leaf_below(&root, "any.example")];
    assert_eq!(
        ask(&world, Presented::Chain(&chain), "a", None),
        Standing::Unlisted
    );
}

#[test]
fn below_a_ca_with_a_name_only_that_name_counts() {
    let mut world = World::accredited(&["a", "b"]);
    let root = ca("root");
    let entry = |san| certificate_entry(&root.certificate, true, Some(san));
    register(&mut world, ISSUER, &["a"], entry("one.example"));
    register(
        &mut world,
        "https://two.example",
        &["b"],
        entry("two.example"),
    );
    let one = [leaf_below(&root, "one.example")];
    let two = [leaf_below(&root, "two.example")];
    let three = [leaf_below(&root, "three.example")];
    assert_eq!(
        ask(&world, Presented::Chain(&one), "a", None),
        Standing::Listed
    );
    assert_eq!(
        ask(&world, Presented::Chain(&one), "b", None),
        Standing::OutOfScope
    );
    assert_eq!(
        ask(&world, Presented::Chain(&two), "b", None),
        Standing::Listed
    );
    assert_eq!(
        ask(&world, Presented::Chain(&three), "a", None),
        Standing::Unlisted
    );
    // A CA without a name would make it unclear whose a leaf is.
    let action = world.issuer_action_of(
        "https://three.example",
        &["a"],
        certificate_entry(&root.certificate, true, None),
    );
    assert_eq!(
        world.submit(ACCREDITOR, action).unwrap_err(),
        ledger::Rejection::KeyTaken
    );
}

#[test]
fn a_service_is_listed_with_its_purposes() {
    let mut world = World::accredited(&["a"]);
    let key = SigningKey::make_p256();
    let id = "decentralized_identifier:did:web:desk.example";
    let action = world.service_action(id, vec![key_entry(&key)]);
    world.submit(ACCREDITOR, action).unwrap();
    let verdict = service(&world, id, Some(Presented::Key(&key.public())));
    assert_eq!(verdict.standing, Standing::Listed);
    assert_eq!(verdict.purposes[0].id, "p");
    assert_eq!(verdict.body.unwrap().by, ACCREDITOR);
    let other = SigningKey::make_p256().public();
    assert_eq!(
        service(&world, id, Some(Presented::Key(&other))).standing,
        Standing::Unlisted
    );
    assert_eq!(service(&world, id, None).standing, Standing::Unlisted);
    world
        .submit(ACCREDITOR, World::withdraw_action(id))
        .unwrap();
    let verdict = service(&world, id, Some(Presented::Key(&key.public())));
    assert_eq!(verdict.standing, Standing::Withdrawn);
    assert!(verdict.purposes.is_empty());
}

#[test]
fn a_service_below_a_root_must_be_the_one_that_its_client_id_names() {
    let mut world = World::accredited(&["a"]);
    let root = ca("root");
    let id = "x509_san_dns:desk.example";
    let action = world.service_action(id, vec![certificate_entry(&root.certificate, true, None)]);
    world.submit(ACCREDITOR, action).unwrap();
    let right = [leaf_below(&root, "desk.example")];
    let wrong = [leaf_below(&root, "other.example")];
    let (own, _) = self_signed("desk.example");
    let own = [own];
    let standing = |chain| service(&world, id, Some(Presented::Chain(chain))).standing;
    assert_eq!(standing(&right), Standing::Listed);
    assert_eq!(standing(&wrong), Standing::Unlisted);
    assert_eq!(standing(&own), Standing::Unlisted);
}

#[test]
fn an_unsigned_request_is_known_by_its_exact_url() {
    let mut world = World::accredited(&["a"]);
    let id = "redirect_uri:https://desk.example/cb";
    let action: Action = world.service_action(id, vec![]);
    world.submit(ACCREDITOR, action).unwrap();
    assert_eq!(service(&world, id, None).standing, Standing::Listed);
    let other = "redirect_uri:https://desk.example/cb2";
    assert_eq!(service(&world, other, None).standing, Standing::Unlisted);
}

#[test]
fn a_service_ends_with_its_key_and_with_its_accreditor() {
    let mut world = World::accredited(&["a"]);
    let id = "decentralized_identifier:did:web:desk.example";
    let (old, new) = (SigningKey::make_p256(), SigningKey::make_p256());
    let action = world.service_action(id, vec![key_entry(&old)]);
    world.submit(ACCREDITOR, action).unwrap();
    let standing = |world: &World, key: &SigningKey| {
        service(world, id, Some(Presented::Key(&key.public()))).standing
    };
    assert_eq!(standing(&world, &old), Standing::Listed);
    let thumbprint = old.public().thumbprint();
    let action = world.rotate_action(id, &thumbprint, &new, NOW + DAY);
    world.submit(ACCREDITOR, action).unwrap();
    world.now = NOW + DAY;
    assert_eq!(standing(&world, &old), Standing::Listed);
    world.now = NOW + DAY + 1;
    assert_eq!(standing(&world, &old), Standing::Ended);
    assert_eq!(standing(&world, &new), Standing::Listed);
    let action = World::withdraw_action(ACCREDITOR);
    world.submit(GOVERNANCE, action).unwrap();
    assert_eq!(standing(&world, &new), Standing::Withdrawn);
}

#[test]
fn a_key_counts_only_under_the_accreditor_that_registered_it() {
    let mut world = World::with_issuer();
    world
        .submit(ACCREDITOR, World::withdraw_action(ISSUER))
        .unwrap();
    let other = "https://other.example";
    world.accredit(other, &["*"]);
    let new = SigningKey::make_p256();
    let action = world.issuer_action(ISSUER, &["a"], &new);
    world.submit(other, action).unwrap();
    assert_eq!(
        ask(&world, Presented::Key(&new.public()), "a", None),
        Standing::Listed
    );
    assert_eq!(issuer(&world, "a", None), Standing::Withdrawn);
}

fn registration(world: &World, client_id: &str) -> Verdict {
    decide(
        &view(world),
        &Question::Registration { client_id },
        world.now,
    )
}

#[test]
fn a_registration_stands_whoever_speaks_for_it() {
    let mut world = World::accredited(&["a"]);
    let key = SigningKey::make_p256();
    let id = "decentralized_identifier:did:web:desk.example";
    assert_eq!(registration(&world, id).standing, Standing::Unlisted);
    let action = world.service_action(id, vec![key_entry(&key)]);
    world.submit(ACCREDITOR, action).unwrap();
    let verdict = registration(&world, id);
    assert_eq!(verdict.standing, Standing::Listed);
    assert_eq!(verdict.purposes[0].id, "p");
    world.now += 1001 * DAY;
    assert_eq!(registration(&world, id).standing, Standing::Ended);
    world.now -= 1001 * DAY;
    world
        .submit(ACCREDITOR, World::withdraw_action(id))
        .unwrap();
    let verdict = registration(&world, id);
    assert_eq!(verdict.standing, Standing::Withdrawn);
    assert!(verdict.purposes.is_empty());
}

#[test]
fn a_registration_is_over_when_all_its_keys_were_revoked() {
    let mut world = World::accredited(&["a"]);
    let keys = [SigningKey::make_p256(), SigningKey::make_p256()];
    let id = "decentralized_identifier:did:web:desk.example";
    let action = world.service_action(id, keys.iter().map(key_entry).collect());
    world.submit(ACCREDITOR, action).unwrap();
    for (key, standing) in keys.iter().zip([Standing::Listed, Standing::Revoked]) {
        let revoke = World::revoke_action(id, &key.public().thumbprint());
        world.submit(ACCREDITOR, revoke).unwrap();
        assert_eq!(registration(&world, id).standing, standing);
    }
}
