//! The ways by which issuers and services are known, each to the end: the issuer's web site, a
//! DID, a certificate; a service's DID, a DNS name, a hash, its address.

use crate::certified::certify;
use crate::stage::{Counter, DESK_NAME, ISSUER_NAME, Issuer, LedgerDesk, Stage, names, purpose};

#[test]
fn issuers_by_did_and_by_certificate() {
    let stage = Stage::new();
    for (name, by_did) in [("by-did", true), ("by-certificate", false)] {
        let stage = if by_did { &stage } else { &Stage::new() };
        let ledger = LedgerDesk::found(stage);
        let certified = certify(stage, "127.0.0.1");
        let issuer = if by_did {
            let options = ["--key-by", "did", "--alg", "EdDSA", "--dpop", "required"];
            let issuer = Issuer::open_in(stage, name, &options);
            let host = issuer.service.url().strip_prefix("http://").unwrap();
            let did = format!("did:web:{}", host.replace(':', "%3A"));
            ledger.register_issuer_by(&["--did", &did]);
            issuer
        } else {
            let options = ["--key-by", "x5c", "--key", &certified.key];
            let options = [options.as_slice(), &["--cert", &certified.leaf]].concat();
            let issuer = Issuer::open_in(stage, name, &options);
            ledger.register_issuer_by(&["--x509", &certified.root, "--ca"]);
            issuer
        };
        let wallet = stage.wallet("wallet", ledger.url());
        // The key comes with the card: that is said before anything is taken.
        let link = issuer.offer(&["--no-tx-code"]);
        let added = wallet.run(&["add", &link, "--yes"]).done();
        assert_eq!(added["cards"][0]["issuer"]["verdict"], "listed", "{added}");
        assert_eq!(added["cards"][0]["issuer"]["name"], ISSUER_NAME);
        for warning in names(&added["warnings"]) {
            assert_eq!(warning, "issuer_not_yet_known");
        }
        let purposes = stage.write("purposes.toml", purpose("p", &["exemption_type"]));
        let counter = Counter::open(stage, "counter", ledger.url(), &purposes, &[]);
        ledger.register_service(&counter.client_id, &purposes);
        let asked = counter.ask("p");
        let shown = wallet.run(&["present", &asked.link, "--yes"]).done();
        assert_eq!(names(&shown["warnings"]), [""; 0]);
        assert_eq!(counter.result(&asked).done()["outcome"], "accepted");
    }
}

#[test]
fn a_key_known_only_with_the_card_is_asked_about_when_it_comes() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let certified = certify(&stage, "127.0.0.1");
    let options = ["--key-by", "x5c", "--key", &certified.key];
    let options = [options.as_slice(), &["--cert", &certified.leaf]].concat();
    let issuer = Issuer::open_in(&stage, "issuer", &options);
    let wallet = stage.wallet("wallet", ledger.url());
    let link = issuer.offer(&["--no-tx-code"]);
    let refused = wallet.run(&["add", &link, "--yes"]);
    refused.failed(2, "issuer_unlisted", "effect");
    assert!(wallet.cards().is_empty() && wallet.history().is_empty());
    assert_eq!(issuer.stages(), ["failed"], "the issuer was told");
    let link = issuer.offer(&["--no-tx-code"]);
    let added = wallet.run(&["add", &link, "--yes", "--accept-unlisted"]);
    let added = added.done();
    assert!(names(&added["warnings"]).contains(&"issuer_unlisted"));
    assert_eq!(added["cards"][0]["issuer"]["verdict"], "unlisted");
}

#[test]
fn services_by_certificate_and_by_address() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write("purposes.toml", purpose("p", &["exemption_type"]));
    let wallet = stage.wallet("wallet", ledger.url());
    wallet.add(&issuer, "10");
    let certified = certify(&stage, "desk.example");
    let x509 = ["--key", &certified.key, "--cert", &certified.leaf];
    let shown = |counter: &Counter<'_>| {
        let asked = counter.ask("p");
        let shown = wallet.run(&["present", &asked.link, "--yes"]).done();
        assert_eq!(shown["service"]["name"], DESK_NAME);
        assert_eq!(shown["service"]["verdict"], "listed");
        assert_eq!(counter.result(&asked).done()["outcome"], "accepted");
        shown
    };
    for (prefix, registered) in [
        ("x509_san_dns", &certified.root),
        ("x509_hash", &certified.leaf),
    ] {
        let options = [["--client-id-prefix", prefix].as_slice(), &x509].concat();
        let counter = Counter::open(&stage, prefix, ledger.url(), &purposes, &options);
        assert!(
            counter.client_id.starts_with(prefix),
            "{}",
            counter.client_id
        );
        let who = ["--name", DESK_NAME, "--purposes", &purposes];
        // Not listed yet: a name that is not the host of its answers is trusted by nobody.
        let asked = counter.ask("p");
        let refused = wallet.run(&["present", &asked.link, "--yes"]);
        assert_eq!(refused.code, 2, "{refused:?}");
        let what = [who.as_slice(), &["--x509", registered]].concat();
        ledger.sign("register-service", &counter.client_id, &what);
        assert_eq!(names(&shown(&counter)["warnings"]), [""; 0]);
    }

    // Known by the address of its answers alone: nothing is signed, which is said until the
    // ledger vouches for that address.
    let options = ["--client-id-prefix", "redirect_uri"];
    let counter = Counter::open(&stage, "address", ledger.url(), &purposes, &options);
    let asked = counter.ask("p");
    let refused = wallet.run(&["present", &asked.link, "--yes"]);
    let refused = refused.failed(2, "service_unlisted", "review");
    let warnings = names(&refused["warnings"]);
    assert_eq!(warnings, ["service_unlisted", "service_unproven"]);
    let what = ["--name", DESK_NAME, "--purposes", &purposes];
    ledger.sign("register-service", &counter.client_id, &what);
    assert_eq!(names(&shown(&counter)["warnings"]), [""; 0]);
}
