use super::*;

#[test]
fn durations_are_iso_8601() {
    for good in ["P30D", "PT10M", "P1Y2M3DT4H5M6S", "P2W", "P0D"] {
        assert!(is_duration(good), "{good}");
    }
    for bad in [
        "",
        "P",
        "PT",
        "30D",
        "P30",
        "P1D2Y",
        "PT5D",
        "P-1D",
        "P1.5D",
        "P1DT",
        "P1\u{e9}",
        "PD",
        "P1YM",
        &format!("P{}D", "1".repeat(31)),
    ] {
        assert!(!is_duration(bad), "{bad}");
    }
}

#[test]
fn ids_are_visible_and_bounded() {
    assert!(id("https://issuer.example/a").is_ok());
    for bad in ["", "a b", "a\nb", GOVERNANCE, &"x".repeat(256)] {
        assert!(id(bad).is_err(), "{bad}");
    }
}

#[test]
fn any_type_stands_alone() {
    let list = |types: &[&str]| types.iter().map(|&t| t.to_owned()).collect::<Vec<_>>();
    assert!(types(&list(&["*"])).is_ok());
    assert!(types(&list(&["a", "b"])).is_ok());
    for bad in [&[][..], &["*", "a"], &["a", "a"], &[""], &["a b"]] {
        assert!(types(&list(bad)).is_err(), "{bad:?}");
    }
    assert!(types(&list(&[&"t".repeat(MAX_ID + 1)])).is_err());
    let many: Vec<String> = (0..=MAX_TYPES).map(|number| number.to_string()).collect();
    assert!(types(&many[1..]).is_ok());
    assert!(types(&many).is_err());
}

fn in_english(name: &str) -> Names {
    Names::from([("en".to_owned(), name.to_owned())])
}

#[test]
fn names_are_bounded_and_in_english_at_least() {
    let with = |tag: &str, name: &str| {
        let mut given = in_english("Desk");
        given.insert(tag.to_owned(), name.to_owned());
        names(&given, "names", 10)
    };
    assert!(with("cy-GB", "0123456789").is_ok());
    for (tag, name) in [
        ("c", "Desg"),
        ("abcdefghijklm", "Desg"),
        ("c_y", "Desg"),
        ("cy", "01234567890"),
        ("cy", "De\nsg"),
        ("cy", " "),
        ("cy", ""),
    ] {
        let refused = with(tag, name);
        assert_eq!(refused, Err(Rejection::Malformed("names")), "{tag} {name}");
    }
    let welsh = Names::from([("cy".to_owned(), "Desg".to_owned())]);
    assert!(names(&welsh, "names", 10).is_err());
    let mut many = in_english("Desk");
    many.extend((10..26).map(|number| (format!("x{number}"), "Desk".to_owned())));
    assert!(names(&many, "names", 10).is_err());
    many.remove("x10");
    assert!(names(&many, "names", 10).is_ok());
}

#[test]
fn every_member_of_a_purpose_is_bounded() {
    let good = Purpose {
        id: "age.check:1_a-b".to_owned(),
        name: in_english("Age"),
        reason: in_english("To sell"),
        retention: "P30D".to_owned(),
        onward: vec!["The police".to_owned()],
        legal_basis: "An act".to_owned(),
        contact: "mailto:desk@example".to_owned(),
        dcql: r#"{"credentials":[{"id":"a","format":"dc+sd-jwt"}]}"#.to_owned(),
    };
    assert_eq!(purpose(&good), Ok(()));
    let long = "x".repeat(MAX_TEXT + 1);
    let refused = |member, change: &dyn Fn(&mut Purpose)| {
        let mut changed = good.clone();
        change(&mut changed);
        assert_eq!(purpose(&changed), Err(Rejection::Malformed(member)));
    };
    for id in ["", "a b", "\u{e9}", &"a".repeat(65)] {
        refused("purpose id", &|purpose| purpose.id = id.to_owned());
    }
    let wordy = "x".repeat(MAX_NAME + 1);
    refused("purpose name", &|purpose| purpose.name = in_english(&wordy));
    refused("purpose reason", &|purpose| {
        purpose.reason = in_english(&long)
    });
    refused("retention", &|purpose| {
        purpose.retention = "a month".to_owned()
    });
    refused("onward", &|purpose| {
        purpose.onward = vec![String::new(); 33]
    });
    refused("onward", &|purpose| purpose.onward = vec![long.clone()]);
    for text in [&long, " ", "a\nb"] {
        refused("legal_basis", &|purpose| {
            purpose.legal_basis = text.to_owned()
        });
        refused("contact", &|purpose| purpose.contact = text.to_owned());
    }
    let padded = format!("{}{}", good.dcql, " ".repeat(MAX_DCQL));
    for query in [
        "",
        "[]",
        "{}",
        r#"{"credentials":[]}"#,
        r#"{"credentials":{}}"#,
        &padded,
    ] {
        refused("dcql", &|purpose| purpose.dcql = query.to_owned());
    }
}

#[test]
fn purposes_are_bounded_and_distinct() {
    let one = |id: &str| Purpose {
        id: id.to_owned(),
        name: in_english("Age"),
        reason: in_english("To sell"),
        retention: "P30D".to_owned(),
        onward: Vec::new(),
        legal_basis: "An act".to_owned(),
        contact: "mailto:desk@example".to_owned(),
        dcql: r#"{"credentials":[{"id":"a"}]}"#.to_owned(),
    };
    let many: Vec<Purpose> = (0..=MAX_PURPOSES).map(|n| one(&n.to_string())).collect();
    assert!(purposes(&many[1..]).is_ok());
    for refused in [&many[..], &[], &[one("a"), one("a")]] {
        assert_eq!(purposes(refused), Err(Rejection::Malformed("purposes")));
    }
}

#[test]
fn digests_of_files_have_one_spelling() {
    let digest = b64::encode_standard([0; 32]);
    let file = |integrity: String, uri: Option<&str>| {
        let file = TypeFile {
            integrity,
            uri: uri.map(str::to_owned),
        };
        type_file(&file, false, "metadata")
    };
    let right = format!("sha256-{digest}");
    assert!(file(right.clone(), None).is_ok());
    assert!(file(right.clone(), Some("https://a.example/x")).is_ok());
    assert!(file(right, Some("http://a.example/x")).is_err());
    for wrong in [
        digest.clone(),
        format!("sha512-{digest}"),
        format!("sha256-{}", b64::encode_standard([0; 31])),
        format!("sha256-{}", digest.trim_end_matches('=')),
        "sha256-!".to_owned(),
    ] {
        assert!(file(wrong.clone(), None).is_err(), "{wrong}");
    }
}

#[test]
fn a_key_stands_in_one_form_with_bounded_words() {
    let key = keys::SigningKey::make_p256().public();
    let good = KeyEntry {
        jwk: Some(key.to_jwk()),
        x509: None,
        ca: false,
        san: None,
        source: Some("https://a.example".to_owned()),
        possession: String::new(),
    };
    assert!(key_entry(&good).is_ok());
    let refused = |member, change: &dyn Fn(&mut KeyEntry)| {
        let mut changed = good.clone();
        change(&mut changed);
        let error = key_entry(&changed).err();
        assert_eq!(error, Some(Rejection::Malformed(member)));
    };
    refused("jwk", &|entry| {
        if let Some(jwk) = entry.jwk.as_mut().and_then(|jwk| jwk.as_object_mut()) {
            jwk.insert("kid".to_owned(), "1".into());
        }
    });
    refused("jwk", &|entry| entry.jwk = Some("x".into()));
    refused("keys", &|entry| entry.jwk = None);
    for x509 in ["!", "AAAA"] {
        refused("x509", &|entry| entry.x509 = Some(x509.to_owned()));
    }
    refused("san", &|entry| entry.san = Some("a.example".to_owned()));
    for san in [String::new(), "s".repeat(MAX_ID + 1)] {
        refused("san", &|entry| {
            entry.ca = true;
            entry.san = Some(san.clone());
        });
    }
    refused("source", &|entry| entry.source = Some("s".repeat(1025)));
    let no_ca = KeyEntry { ca: true, ..good };
    assert_eq!(
        key_entry(&no_ca).err(),
        Some(Rejection::CertificateMismatch)
    );
}

#[test]
fn plain_http_is_for_demonstrations_on_loopback() {
    assert!(web_url("https://a.example/x", false));
    assert!(web_url("http://127.0.0.1:8000/x", true));
    assert!(!web_url("http://127.0.0.1:8000/x", false));
    assert!(!web_url("http://a.example/x", true));
    assert!(!web_url("https://user@a.example/x", true));
    assert!(!web_url("file:///etc/passwd", true));
    assert!(!web_url("https://:pw@a.example/x", true));
    assert!(!web_url("https://a.example/x#y", true));
    assert!(!web_url("no address", true));
    let path = "x".repeat(1024);
    assert!(!web_url(&format!("https://a.example/{path}"), true));
    let one = "https://a.example/x".to_owned();
    assert!(urls(&vec![one.clone(); 16], false).is_ok());
    assert!(urls(&vec![one; 17], false).is_err());
    assert!(urls(&["http://a.example/x".to_owned()], true).is_err());
}
