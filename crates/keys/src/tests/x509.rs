use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, GeneralSubtree, IsCa, Issuer,
    KeyPair, KeyUsagePurpose, NameConstraints, SanType,
};
use serde_json::json;
use time::OffsetDateTime;

use crate::UnixTime;
use crate::x509::{Certificate, CertificateError, MAX_CHAIN, verify_chain};

const NOW: UnixTime = 1_790_000_000;
const YEAR: UnixTime = 31_536_000;

struct Party {
    params: CertificateParams,
    key: KeyPair,
    certificate: Certificate,
}

impl Party {
    fn issuer(&self) -> Issuer<'_, &KeyPair> {
        Issuer::from_params(&self.params, &self.key)
    }
}

type Change<'a> = &'a dyn Fn(&mut CertificateParams);

fn params(name: &str, change: Change<'_>) -> CertificateParams {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.not_before = OffsetDateTime::from_unix_timestamp(NOW - YEAR).unwrap();
    params.not_after = OffsetDateTime::from_unix_timestamp(NOW + YEAR).unwrap();
    change(&mut params);
    params
}

fn authority(params: &mut CertificateParams) {
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
}

fn root(name: &str, change: Change<'_>) -> Party {
    let params = params(name, &|params| {
        authority(params);
        change(params);
    });
    let key = KeyPair::generate().unwrap();
    let der = params.self_signed(&key).unwrap();
    let certificate = Certificate::from_der(der.der()).unwrap();
    Party {
        params,
        key,
        certificate,
    }
}

fn below(parent: &Party, name: &str, change: Change<'_>) -> Party {
    let params = params(name, change);
    let key = KeyPair::generate().unwrap();
    let der = params.signed_by(&key, &parent.issuer()).unwrap();
    let certificate = Certificate::from_der(der.der()).unwrap();
    Party {
        params,
        key,
        certificate,
    }
}

fn leaf(parent: &Party, change: Change<'_>) -> Certificate {
    below(parent, "leaf", &|params| {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        change(params);
    })
    .certificate
}

fn same(_: &mut CertificateParams) {}

fn check(
    chain: &[&Certificate],
    roots: &[&Certificate],
    time: UnixTime,
) -> Result<(), CertificateError> {
    let owned = |list: &[&Certificate]| list.iter().map(|&one| one.clone()).collect::<Vec<_>>();
    verify_chain(&owned(chain), &owned(roots), time).map(|_| ())
}

fn is_no_path(result: Result<(), CertificateError>) -> bool {
    matches!(result, Err(CertificateError::NoPath(_)))
}

#[test]
fn a_chain_through_an_intermediate_leads_to_its_root() {
    let root = root("root", &same);
    let between = below(&root, "between", &authority);
    let leaf = leaf(&between, &same);
    check(&[&leaf, &between.certificate], &[&root.certificate], NOW).unwrap();
    // Repeating the root is allowed.
    check(
        &[&leaf, &between.certificate, &root.certificate],
        &[&root.certificate],
        NOW,
    )
    .unwrap();
}

/// P-384 under P-384, and under P-256 as many authorities have it.
#[test]
fn chains_of_p384() {
    let make = || KeyPair::generate_for(&rcgen::PKCS_ECDSA_P384_SHA384).unwrap();
    let signer = |params: &mut CertificateParams| {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    };
    let (of_p384, key) = (params("root", &authority), make());
    let der = of_p384.self_signed(&key).unwrap();
    let of_p384 = Party {
        certificate: Certificate::from_der(der.der()).unwrap(),
        params: of_p384,
        key,
    };
    let of_p256 = root("root", &same);
    let same_name = root("root", &same);
    for parent in [&of_p384, &of_p256] {
        let key = make();
        let der = params("leaf", &signer).signed_by(&key, &parent.issuer());
        let leaf = Certificate::from_der(der.unwrap().der()).unwrap();
        assert_eq!(leaf.public_key().algorithm(), crate::Algorithm::Es384);
        check(&[&leaf], &[&parent.certificate], NOW).unwrap();
        assert!(is_no_path(check(&[&leaf], &[&same_name.certificate], NOW)));
    }
    let leaf = leaf(&of_p384, &same);
    check(&[&leaf], &[&of_p384.certificate], NOW).unwrap();
}

#[test]
fn wrong_root_and_no_root() {
    let (right, wrong) = (root("root", &same), root("root", &same));
    let leaf = leaf(&right, &same);
    assert!(is_no_path(check(&[&leaf], &[&wrong.certificate], NOW)));
    assert!(is_no_path(check(&[&leaf], &[], NOW)));
    check(&[&leaf], &[&wrong.certificate, &right.certificate], NOW).unwrap();
}

#[test]
fn missing_intermediate() {
    let root = root("root", &same);
    let between = below(&root, "between", &authority);
    let leaf = leaf(&between, &same);
    assert!(is_no_path(check(&[&leaf], &[&root.certificate], NOW)));
}

#[test]
fn expired_or_future_leaf_intermediate_and_root() {
    let outside = [
        |params: &mut CertificateParams| {
            params.not_after = OffsetDateTime::from_unix_timestamp(NOW - 1).unwrap();
        },
        |params: &mut CertificateParams| {
            params.not_before = OffsetDateTime::from_unix_timestamp(NOW + 1).unwrap();
        },
    ];
    for change in outside {
        let root_ok = root("root", &same);
        let bad_leaf = leaf(&root_ok, &change);
        assert_eq!(
            check(&[&bad_leaf], &[&root_ok.certificate], NOW),
            Err(CertificateError::NotValidNow)
        );
        let bad_between = below(&root_ok, "between", &|params| {
            authority(params);
            change(params);
        });
        let good_leaf = leaf(&bad_between, &same);
        assert_eq!(
            check(
                &[&good_leaf, &bad_between.certificate],
                &[&root_ok.certificate],
                NOW
            ),
            Err(CertificateError::NotValidNow)
        );
        let bad_root = root("root", &change);
        let good_leaf = leaf(&bad_root, &same);
        assert_eq!(
            check(&[&good_leaf], &[&bad_root.certificate], NOW),
            Err(CertificateError::NotValidNow)
        );
    }
}

#[test]
fn what_is_wrong_with_the_path_is_told_and_not_the_other_root() {
    let expired = root("root", &|params| {
        params.not_after = OffsetDateTime::from_unix_timestamp(NOW - 1).unwrap();
    });
    let (leaf, other) = (leaf(&expired, &same), root("other", &same));
    for roots in [
        [&expired.certificate, &other.certificate],
        [&other.certificate, &expired.certificate],
    ] {
        assert_eq!(
            check(&[&leaf], &roots, NOW),
            Err(CertificateError::NotValidNow)
        );
    }
}

#[test]
fn an_intermediate_without_the_ca_flag() {
    for is_ca in [IsCa::NoCa, IsCa::ExplicitNoCa] {
        let root = root("root", &same);
        let between = below(&root, "between", &|params| {
            authority(params);
            params.is_ca = is_ca;
        });
        let leaf = leaf(&between, &same);
        assert!(is_no_path(check(
            &[&leaf, &between.certificate],
            &[&root.certificate],
            NOW
        )));
    }
}

#[test]
fn a_root_without_the_ca_flag() {
    let root = root("root", &|params| params.is_ca = IsCa::NoCa);
    let leaf = leaf(&root, &same);
    assert_eq!(
        check(&[&leaf], &[&root.certificate], NOW),
        Err(CertificateError::KeyUsage)
    );
}

#[test]
fn authorities_that_may_not_sign_certificates() {
    let only_crl = |params: &mut CertificateParams| {
        authority(params);
        params.key_usages = vec![KeyUsagePurpose::CrlSign];
    };
    let bad_root = root("root", &only_crl);
    let below_bad = leaf(&bad_root, &same);
    assert_eq!(
        check(&[&below_bad], &[&bad_root.certificate], NOW),
        Err(CertificateError::KeyUsage)
    );
    let root = root("root", &same);
    let between = below(&root, "between", &only_crl);
    let leaf = leaf(&between, &same);
    assert_eq!(
        check(&[&leaf, &between.certificate], &[&root.certificate], NOW),
        Err(CertificateError::KeyUsage)
    );
}

#[test]
fn a_leaf_that_may_not_make_signatures() {
    let root = root("root", &same);
    let agreement = leaf(&root, &|params| {
        params.key_usages = vec![KeyUsagePurpose::KeyAgreement]
    });
    assert_eq!(
        check(&[&agreement], &[&root.certificate], NOW),
        Err(CertificateError::KeyUsage)
    );
    let silent = leaf(&root, &|params| params.key_usages = Vec::new());
    check(&[&silent], &[&root.certificate], NOW).unwrap();
}

#[test]
fn an_authority_as_leaf() {
    let root = root("root", &same);
    let between = below(&root, "between", &authority);
    assert!(check(&[&between.certificate], &[&root.certificate], NOW).is_err());
    assert!(check(&[&root.certificate], &[&root.certificate], NOW).is_err());
}

#[test]
fn path_lengths() {
    let short = |params: &mut CertificateParams| {
        authority(params);
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    };
    let free = root("free", &same);
    let first = below(&free, "first", &short);
    let fits = leaf(&first, &same);
    check(&[&fits, &first.certificate], &[&free.certificate], NOW).unwrap();
    let second = below(&first, "second", &authority);
    let too_deep = leaf(&second, &same);
    assert!(is_no_path(check(
        &[&too_deep, &second.certificate, &first.certificate],
        &[&free.certificate],
        NOW
    )));
    // The root's own length.
    let root = root("root", &short);
    check(&[&leaf(&root, &same)], &[&root.certificate], NOW).unwrap();
    let between = below(&root, "between", &authority);
    let too_deep = leaf(&between, &same);
    assert!(is_no_path(check(
        &[&too_deep, &between.certificate],
        &[&root.certificate],
        NOW
    )));
}

#[test]
fn name_constraints() {
    let root = root("root", &|params| {
        params.name_constraints = Some(NameConstraints {
            permitted_subtrees: vec![GeneralSubtree::DnsName("gov.example".to_owned())],
            excluded_subtrees: Vec::new(),
        });
    });
    let named = |host: &str| {
        leaf(&root, &|params| {
            params.subject_alt_names = vec![SanType::DnsName(host.try_into().unwrap())];
        })
    };
    check(&[&named("a.gov.example")], &[&root.certificate], NOW).unwrap();
    assert!(is_no_path(check(
        &[&named("a.other.example")],
        &[&root.certificate],
        NOW
    )));
}

#[test]
fn unknown_critical_extensions() {
    let root = root("root", &same);
    for (critical, fits) in [(true, false), (false, true)] {
        let leaf = leaf(&root, &|params| {
            let mut extension =
                CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], vec![5, 0]);
            extension.set_criticality(critical);
            params.custom_extensions = vec![extension];
        });
        assert_eq!(check(&[&leaf], &[&root.certificate], NOW).is_ok(), fits);
    }
}

#[test]
fn a_changed_certificate() {
    let root = root("root", &same);
    let good = leaf(&root, &same);
    let mut der = good.der().to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    let forged = Certificate::from_der(&der).unwrap();
    assert!(is_no_path(check(&[&forged], &[&root.certificate], NOW)));
}

#[test]
fn chains_that_are_empty_or_too_long() {
    let root = root("root", &same);
    let leaf = leaf(&root, &same);
    assert_eq!(
        check(&[], &[&root.certificate], NOW),
        Err(CertificateError::ChainLength)
    );
    let long = vec![&leaf; MAX_CHAIN + 1];
    assert_eq!(
        check(&long, &[&root.certificate], NOW),
        Err(CertificateError::ChainLength)
    );
    let x5c = vec![json!(leaf.to_x5c()); MAX_CHAIN + 1];
    assert_eq!(
        Certificate::chain_from_x5c(&x5c.into()).err(),
        Some(CertificateError::ChainLength)
    );
    assert_eq!(
        Certificate::chain_from_x5c(&json!([])).err(),
        Some(CertificateError::ChainLength)
    );
    let pem = leaf.to_pem().unwrap();
    assert_eq!(
        Certificate::chain_from_pem(&pem.repeat(MAX_CHAIN + 1)).err(),
        Some(CertificateError::ChainLength)
    );
}

#[test]
fn x5c_and_pem_round_trip() {
    let root = root("root", &same);
    let leaf = leaf(&root, &same);
    let x5c = json!([leaf.to_x5c(), root.certificate.to_x5c()]);
    let chain = Certificate::chain_from_x5c(&x5c).unwrap();
    assert_eq!(chain[0].der(), leaf.der());
    let pem = format!(
        "{}{}",
        leaf.to_pem().unwrap(),
        root.certificate.to_pem().unwrap()
    );
    assert_eq!(
        Certificate::chain_from_pem(&pem).unwrap()[1].der(),
        root.certificate.der()
    );
    assert_eq!(Certificate::from_pem(&pem).unwrap().sha256(), leaf.sha256());
}

#[test]
fn what_is_no_certificate() {
    let root = root("root", &same);
    let mut longer = root.certificate.der().to_vec();
    longer.push(0);
    for der in [&[][..], &[0x30, 0x00], &longer, &vec![0x30; 20_000]] {
        assert_eq!(
            Certificate::from_der(der).err(),
            Some(CertificateError::Malformed)
        );
    }
    // In order, but for its size.
    let long = params("long", &|params| {
        let extension = CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 1], vec![5; 16_384]);
        params.custom_extensions.push(extension);
    });
    let long = long.self_signed(&KeyPair::generate().unwrap()).unwrap();
    let error = Certificate::from_der(long.der()).err();
    assert_eq!(error, Some(CertificateError::Malformed));
    for x5c in [json!("x"), json!([7]), json!(["!"]), json!(["AA=="])] {
        assert_eq!(
            Certificate::chain_from_x5c(&x5c).err(),
            Some(CertificateError::Malformed)
        );
    }
    assert!(Certificate::from_pem("x").is_err());
    let no_der = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let error = Certificate::from_pem(no_der).err();
    assert_eq!(error, Some(CertificateError::Malformed));
    // A time before all times.
    let leaf = leaf(&root, &same);
    let early = check(&[&leaf], &[&root.certificate], -1);
    assert_eq!(early, Err(CertificateError::NotValidNow));
    for nothing in ["", "\n", " \r\n"] {
        let error = Certificate::chain_from_pem(nothing).err();
        assert!(matches!(error, Some(CertificateError::ChainLength)));
    }
}

#[test]
fn keys_of_other_kinds() {
    let key = KeyPair::generate_for(&rcgen::PKCS_ECDSA_P521_SHA512).unwrap();
    let other = params("p521", &same).self_signed(&key).unwrap();
    assert!(matches!(
        Certificate::from_der(other.der()),
        Err(CertificateError::Key(_))
    ));
    let key = KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    let ed = params("ed", &same).self_signed(&key).unwrap();
    assert_eq!(
        Certificate::from_der(ed.der())
            .unwrap()
            .public_key()
            .algorithm(),
        crate::Algorithm::EdDsa
    );
}

#[test]
fn names_and_validity_are_read() {
    let root = root("root", &same);
    let leaf = leaf(&root, &|params| {
        params.subject_alt_names = vec![
            SanType::DnsName("Issuer.Example".try_into().unwrap()),
            SanType::URI("https://issuer.example/a".try_into().unwrap()),
        ];
    });
    assert_eq!(leaf.san_dns(), ["issuer.example"]);
    assert_eq!(leaf.san_uri(), ["https://issuer.example/a"]);
    assert_eq!(leaf.validity(), (NOW - YEAR, NOW + YEAR));
    assert!(leaf.is_valid_at(NOW - YEAR) && leaf.is_valid_at(NOW + YEAR));
    assert!(!leaf.is_valid_at(NOW - YEAR - 1) && !leaf.is_valid_at(NOW + YEAR + 1));
    assert!(!leaf.is_ca() && root.certificate.is_ca());
    assert!(leaf.subject().contains("leaf"));
}
