//! What a citizen or a stranger may hand over that is not what it should be.

use std::io::Cursor;

use image::{GrayImage, ImageFormat, Luma};
use qrcode::QrCode;
use serde_json::{Value, json};

use crate::peer::{Peer, Reply};
use crate::stage::{Counter, EXEMPTION_VCT, Issuer, LedgerDesk, Said, Stage, Wallet, purpose};

/// A PNG file with these codes side by side.
fn picture(texts: &[&str]) -> Vec<u8> {
    let mut sheet = GrayImage::from_pixel(40, 1000, Luma([255]));
    for text in texts {
        let code = QrCode::with_error_correction_level(text.as_bytes(), qrcode::EcLevel::L);
        let code: GrayImage = code
            .unwrap()
            .render::<Luma<u8>>()
            .module_dimensions(4, 4)
            .build();
        let mut wider = GrayImage::from_pixel(
            sheet.width() + code.width() + 40,
            sheet.height().max(code.height() + 40),
            Luma([255]),
        );
        image::imageops::replace(&mut wider, &sheet, 0, 0);
        image::imageops::replace(&mut wider, &code, sheet.width().into(), 20);
        sheet = wider;
    }
    let mut bytes = Cursor::new(Vec::new());
    sheet.write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

fn offer_at(address: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("credential_offer_uri", address)
        .finish();
    format!("openid-credential-offer://?{query}")
}

fn request_at(address: &str) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("client_id", "x509_san_dns:desk.example")
        .append_pair("request_uri", address)
        .finish();
    format!("openid4vp://?{query}")
}

/// A refusal that names its kind, says what was wrong and that nothing happened.
#[track_caller]
fn refused(said: &Said, kind: &str) {
    let object = said.failed(2, kind, "review");
    let advice = object["error"]["advice"].as_str().unwrap();
    let nothing = [
        "Nothing was shared",
        "Nothing was sent",
        "No card was added",
    ];
    assert!(nothing.iter().any(|text| advice.contains(text)), "{advice}");
}

#[track_caller]
fn untouched(wallet: &Wallet<'_>) {
    assert!(wallet.cards().is_empty() && wallet.history().is_empty());
}

#[test]
fn what_is_no_link_and_what_is_no_picture() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = stage.wallet("wallet", ledger.url());
    let empty = GrayImage::from_pixel(200, 200, Luma([255]));
    let mut blank = Cursor::new(Vec::new());
    empty.write_to(&mut blank, ImageFormat::Png).unwrap();
    let blank = stage.write("blank.png", blank.into_inner());
    let whole = picture(&["openid4vp://?client_id=a&request_uri=https://desk.example/r"]);
    let cut = stage.write("cut.png", &whole[..whole.len() / 2]);
    let two = stage.write("two.png", picture(&["openid4vp://?a", "openid4vp://?b"]));
    let other = stage.write("other.png", picture(&["https://example.org/menu"]));
    let noise = stage.write("noise", [0xff, 0xfe, 0x00, 0x80]);
    let long = stage.write("long", "openid4vp://?request=".repeat(10_000));
    for verb in ["add", "present"] {
        let given = |what: &str| wallet.run(&[verb, what, "--yes"]);
        refused(&given("not a link"), "link");
        refused(&given("file:///etc/hostname"), "not_for_a_wallet");
        refused(&given("javascript://alert(1)"), "not_for_a_wallet");
        refused(&given("https://example.org/menu"), "not_for_a_wallet");
        refused(&given("openid-credential-offer://"), "link");
        refused(&given(&blank), "picture");
        refused(&given(&cut), "picture");
        refused(&given(&two), "picture");
        refused(&given(&other), "not_for_a_wallet");
        refused(&given(&noise), "link");
        refused(&given(&long), "link");
    }
    let unsigned = wallet.run(&["present", "openid4vp://?client_id=x"]);
    refused(&unsigned, "request");
    refused(&wallet.run_with_input(&["add", "-"], b""), "link");
    let offer = offer_at("https://issuer.example/offer");
    refused(&wallet.run(&["present", &offer]), "link");
    let request = request_at("https://desk.example/request");
    refused(&wallet.run(&["add", &request]), "link");
    untouched(&wallet);
}

#[test]
fn no_link_leads_to_a_file_or_a_private_address() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = stage.wallet("wallet", ledger.url());
    for address in [
        "file:///etc/hostname",
        "https://10.0.0.1/x",
        "https://192.168.1.1/x",
        "https://169.254.169.254/latest",
        "https://0.0.0.0/x",
        "https://[fd00::1]/x",
        "https://[::ffff:10.0.0.1]/x",
        "https://0x0a000001/x",
        "http://example.org/x",
        "http://10.0.0.1/x",
    ] {
        for (verb, link) in [("add", offer_at(address)), ("present", request_at(address))] {
            let said = wallet.run(&[verb, &link, "--yes", "--accept-unlisted"]);
            assert_eq!(said.code, 2, "{verb} {address}: {said:?}");
            let kind = said.json()["error"]["kind"].as_str().unwrap().to_owned();
            assert!(["forbidden_address", "link"].contains(&&*kind), "{said:?}");
            refused(&said, &kind);
        }
    }
    // The issuer that an offer names is an address as well.
    let offer = json!({
        "credential_issuer": "https://10.0.0.1",
        "credential_configuration_ids": ["x"],
        "grants": {"urn:ietf:params:oauth:grant-type:pre-authorized_code": {"pre-authorized_code": "c"}},
    });
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("credential_offer", &offer.to_string())
        .finish();
    let said = wallet.run(&[
        "add",
        &format!("openid-credential-offer://?{query}"),
        "--yes",
    ]);
    refused(&said, "forbidden_address");
    untouched(&wallet);
}

#[test]
fn what_a_server_may_answer_is_bounded() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let wallet = stage.wallet("wallet", ledger.url());
    let peer = Peer::open(|url, seen| match seen.path.as_str() {
        "/private" => Reply::redirect("http://10.0.0.1/x"),
        "/outside" => Reply::redirect("http://example.org/x"),
        "/file" => Reply::redirect("file:///etc/hostname"),
        "/round" => Reply::redirect(&format!("{url}/round")),
        "/large" => Reply::json(200, &json!({"x": "y".repeat(6 << 20)})),
        "/deep" => Reply::Answer {
            status: 200,
            headers: vec![("content-type", "application/json".to_owned())],
            body: [b"[".repeat(5000), b"]".repeat(5000)].concat(),
        },
        "/noise" => Reply::Answer {
            status: 200,
            headers: Vec::new(),
            body: vec![0xff; 64],
        },
        _ => Reply::not_found(),
    });
    for (path, add, present) in [
        ("/private", "forbidden_address", "forbidden_address"),
        ("/outside", "forbidden_address", "forbidden_address"),
        ("/file", "forbidden_address", "forbidden_address"),
        ("/round", "too_many_redirects", "too_many_redirects"),
        ("/large", "too_large", "too_large"),
        ("/deep", "offer", "request"),
        ("/noise", "offer", "request"),
    ] {
        let address = format!("{}{path}", peer.url);
        let said = wallet.run(&["add", &offer_at(&address), "--yes"]);
        refused(&said, add);
        let said = wallet.run(&["present", &request_at(&address), "--yes"]);
        refused(&said, present);
    }
    untouched(&wallet);
}

#[test]
fn a_wallet_that_is_no_demo_does_not_speak_to_this_computer() {
    let stage = Stage::new();
    let wallet = Wallet {
        stage: &stage,
        data: stage.text_path("wallet"),
    };
    let made = wallet.run(&["init", "--no-keyring"]).done();
    assert_eq!(made["demo"], false);
    let peer = Peer::open(|_, _| Reply::not_found());
    let https = peer.url.replace("http:", "https:");
    for address in [&peer.url, &https] {
        let said = wallet.run(&["add", &offer_at(address), "--yes"]);
        assert_eq!(said.code, 2, "{said:?}");
        let said = wallet.run(&["present", &request_at(address), "--yes"]);
        assert_eq!(said.code, 2, "{said:?}");
    }
    assert!(peer.seen().is_empty());
    // Being a demo is fixed when the wallet is made.
    let said = wallet.run(&["--demo", "add", &offer_at(&peer.url), "--yes"]);
    said.failed(2, "not_a_demo_wallet", "review");
    assert!(peer.seen().is_empty());
    untouched(&wallet);
}

#[test]
fn codes_in_pictures_and_links_on_standard_input() {
    let stage = Stage::new();
    let ledger = LedgerDesk::found(&stage);
    let issuer = Issuer::open(&stage);
    ledger.register_issuer(&issuer);
    let purposes = stage.write("purposes.toml", purpose("p", &["exemption_type"]));
    let counter = Counter::open(&stage, "counter", ledger.url(), &purposes, &[]);
    ledger.register_service(&counter.client_id, &purposes);
    let wallet = stage.wallet("wallet", ledger.url());
    let offer = || issuer.offer(&["--no-tx-code", "--by-reference"]);

    let file = stage.write("offer.png", picture(&[&offer()]));
    wallet.run(&["add", &file, "--yes"]).done();
    let file = stage.write("offer.txt", format!("{}\n", offer()));
    let again = wallet.run(&["add", &file, "--yes"]).done();
    assert_eq!(again["warnings"], json!(["duplicate"]));
    let said = wallet.run_with_input(&["add", "-", "--yes"], offer().as_bytes());
    assert_eq!(said.done()["cards"][0]["type"], EXEMPTION_VCT);
    assert_eq!(wallet.cards().len(), 3);

    let present = |arguments: &[&str], input: &[u8]| -> Value {
        let shown = wallet.run_with_input(arguments, input).done();
        assert_eq!(shown["outcome"], "delivered");
        shown
    };
    let file = stage.write("request.png", picture(&[&counter.ask("p").link]));
    present(&["present", &file, "--yes"], b"");
    let link = counter.ask("p").link;
    present(&["present", "-", "--yes"], picture(&[&link]).as_slice());
    let link = counter.ask("p").link;
    present(&["present", "-", "--yes"], format!("{link}\n").as_bytes());
}
