//! The clerk's page.

use net::{Http as _, Request, Response};
use tempfile::TempDir;

use crate::commands::{Running, client, get, run};

#[tokio::test(flavor = "multi_thread")]
async fn browsers_find_the_icon() {
    let folder = TempDir::new().unwrap();
    let service = Running::start(folder.path(), "127.0.0.1:0", &[]);
    let icon = get(&format!("{}/favicon.ico", service.url), None).await;
    assert_eq!(icon.status, 200);
    assert_eq!(icon.header("content-type"), Some("image/x-icon"));
    assert_eq!(icon.body, include_bytes!("../../../../icons/icon.ico"));
    let policy = icon.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'"), "{policy}");
    let page = get(&format!("{}/desk", service.url), None).await;
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("img-src 'self';"), "{policy}");
    let page = String::from_utf8(page.body).unwrap();
    assert!(page.contains("<link rel=\"icon\" href=\"/favicon.ico\">"));
}

fn text(response: &Response) -> &str {
    std::str::from_utf8(&response.body).unwrap()
}

/// A form of the desk, filled in.
struct Clerk {
    service: Running,
    token: String,
}

impl Clerk {
    fn open(folder: &TempDir) -> Self {
        let mut service = Running::start(folder.path(), "127.0.0.1:0", &[]);
        let desk = service.desk();
        let token = desk.rsplit_once("token=").unwrap().1.to_owned();
        Self { service, token }
    }

    async fn send(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let desk = [
            ("token", self.token.as_str()),
            ("type", "NHSChargeExemption"),
        ];
        let whole = [desk.as_slice(), fields].concat();
        let url = format!("{}{path}", self.service.url).parse().unwrap();
        let request = Request::post_form(url, &whole).limit(4 * 1024 * 1024);
        client().send(request).await.unwrap()
    }
}

const TERMS: [(&str, &str); 3] = [("format", "dc+sd-jwt"), ("copies", "2"), ("tx_code", "yes")];
const DETAILS: [(&str, &str); 7] = [
    ("c/exemption_type", "maternity"),
    ("c/exemption_code", "0011"),
    ("c/valid_from", "2026-01-01"),
    ("c/valid_to", "2027-01-01"),
    ("c/given_name", "Ailsa <b>"),
    ("c/family_name", "Sample"),
    ("c/date_of_birth", "1990-02-03"),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_clerk_fills_in_a_form_is_asked_and_offers() {
    let folder = TempDir::new().unwrap();
    let clerk = Clerk::open(&folder);
    let fields = [DETAILS.as_slice(), &TERMS].concat();
    let asked = clerk.send("/desk/check", &fields).await;
    assert_eq!(asked.status, 200);
    let page = text(&asked);
    assert!(page.contains("<h1>Offer this card?</h1>") && page.contains("<strong>Demo.</strong>"));
    assert!(page.contains("<dd>Ailsa &lt;b&gt;</dd>") && page.contains("<dd>1990-02-03</dd>"));
    let policy = asked.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"));
    assert!(!page.contains("<script") && !page.contains("<b>"));
    // Nothing is offered by asking.
    let listed = || {
        run(folder.path(), &["list"]).1["offers"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(listed(), 0);
    let claims = page.split("name=\"claims\" value=\"").nth(1).unwrap();
    let claims = claims.split_once('"').unwrap().0;
    let claims = claims
        .replace("&quot;", "\"")
        .replace("&lt;", "<")
        .replace("&gt;", ">");
    let question = [TERMS.as_slice(), &[("claims", claims.as_str())]].concat();
    // Back to the form, with what was filled in.
    let form = clerk.send("/desk/check", &question).await;
    assert_eq!(form.status, 200);
    assert!(text(&form).contains("name=\"c/given_name\" required value=\"Ailsa &lt;b&gt;\""));
    let made = clerk.send("/desk/offers", &question).await;
    assert_eq!(made.status, 200);
    assert!(text(&made).contains("openid-credential-offer://"));
    assert_eq!(listed(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_stands_beside_its_field_and_nothing_is_offered() {
    let folder = TempDir::new().unwrap();
    let clerk = Clerk::open(&folder);
    let mut fields = [DETAILS.as_slice(), &TERMS].concat();
    fields[3].1 = "SECRET";
    fields.remove(5);
    let wrong = clerk.send("/desk/check", &fields).await;
    assert_eq!(wrong.status, 422);
    let page = text(&wrong);
    assert!(page.contains("<title>Error: nothing was offered</title>"));
    assert!(page.contains("role=\"alert\" tabindex=\"-1\" autofocus>"));
    for place in ["c-valid_to", "c-family_name"] {
        assert!(page.contains(&format!("<a href=\"#{place}\">")), "{place}");
        assert!(page.contains(&format!("<p class=\"wrong\" id=\"{place}-wrong\">")));
    }
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 2);
    // What was right is still there, and more can be asked for without being told off.
    assert!(page.contains("value=\"Ailsa &lt;b&gt;\""));
    let more = clerk
        .send(
            "/desk/check",
            &[fields.as_slice(), &[("more", "yes")]].concat(),
        )
        .await;
    assert_eq!(more.status, 200);
    assert!(!text(&more).contains("aria-invalid"));

    let good = [DETAILS.as_slice(), &TERMS].concat();
    for (place, value) in [(7, "no format"), (8, "0"), (8, "many")] {
        let mut fields = good.clone();
        fields[place].1 = value;
        let wrong = clerk.send("/desk/check", &fields).await;
        assert_eq!(wrong.status, 422, "{value}");
        assert!(text(&wrong).contains("<strong>Nothing was offered.</strong>"));
    }
    // As JSON it is said beside the fields too.
    let json = [("claims", r#"{"exemption_type": "SECRET"}"#)];
    let wrong = clerk
        .send("/desk/offers", &[TERMS.as_slice(), &json].concat())
        .await;
    assert_eq!(wrong.status, 422);
    assert!(text(&wrong).contains("id=\"c-exemption_type-wrong\""));
    assert!(text(&wrong).contains("<details open>"));
    let wrong = clerk
        .send(
            "/desk/offers",
            &[TERMS.as_slice(), &[("claims", "no")]].concat(),
        )
        .await;
    assert_eq!(wrong.status, 422);
    assert!(text(&wrong).contains("The claims are not a JSON object."));
    assert_eq!(
        run(folder.path(), &["list"]).1["offers"]
            .as_array()
            .unwrap()
            .len(),
        0
    );

    let stranger = Clerk {
        token: "guess".to_owned(),
        ..clerk
    };
    for path in ["/desk/check", "/desk/offers"] {
        assert_eq!(stranger.send(path, &good).await.status, 403, "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_is_empty_or_a_sample() {
    let folder = TempDir::new().unwrap();
    let service = Running::start(folder.path(), "127.0.0.1:0", &[]);
    let page = async |more: &str| {
        let url = format!("{}/desk?type=BlueBadge{more}", service.url);
        text(&get(&url, None).await).to_owned()
    };
    let sample = page("").await;
    assert!(sample.contains("made-up person") && sample.contains("value=\"0A1B2C\""));
    assert_eq!(page("&fill=sample").await, sample);
    let empty = page("&fill=none").await;
    assert!(!empty.contains("made-up person") && !empty.contains("value=\"0A1B2C\""));
    assert!(
        empty.contains("<label for=\"c-badgeNumber\">Badge number <span class=\"mark\">(required)")
    );
    assert!(empty.contains("<span class=\"mark\">(optional)</span>"));
    assert!(empty.contains("<details><summary>Give the details as JSON instead</summary>"));
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_and_another_issuers_card_are_refused_in_words() {
    let folder = TempDir::new().unwrap();
    let clerk = Clerk::open(&folder);
    let page = |response: &Response, status: u16| {
        assert_eq!(response.status, status);
        assert!(text(response).contains("<title>Error: nothing was offered</title>"));
        let kind = response.header("content-type").unwrap();
        assert!(kind.starts_with("text/html"), "{kind}");
        assert_eq!(response.header("cache-control"), Some("no-store"));
    };
    // What one field cannot hold is shown again, with the rest.
    let long = "A".repeat(300 * 1024);
    let mut fields = [DETAILS.as_slice(), &TERMS].concat();
    fields[5].1 = &long;
    let wrong = clerk.send("/desk/check", &fields).await;
    page(&wrong, 422);
    assert!(text(&wrong).contains("id=\"c-family_name-wrong\""));
    assert!(text(&wrong).contains("value=\"Ailsa &lt;b&gt;\""));
    // What no card holds is not looked at.
    let longer = "A".repeat(1024 * 1024);
    for path in ["/desk/check", "/desk/offers"] {
        let wrong = clerk.send(path, &[("claims", longer.as_str())]).await;
        page(&wrong, 413);
        assert!(text(&wrong).contains("<h1>That was too long</h1>"));
        assert!(!text(&wrong).contains(&clerk.token));
    }
    for path in ["/desk/check", "/desk/offers"] {
        let url = format!("{}{path}", clerk.service.url).parse().unwrap();
        let fields = [("token", clerk.token.as_str()), ("type", "NoSuchCard")];
        let wrong = client().send(Request::post_form(url, &fields)).await;
        let wrong = wrong.unwrap();
        page(&wrong, 422);
        assert!(text(&wrong).contains("This issuer does not have that card"));
        assert!(text(&wrong).contains(&format!("/desk?token={}", clerk.token)));
    }
}
