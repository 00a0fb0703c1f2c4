use credential::catalogue;
use protocol::issuer::{ClaimsError, IssuedType};
use serde_json::json;

use super::*;

fn open(name: &str) -> (IssuedType, Vec<Field>, Map<String, Value>) {
    let entry = catalogue::by_name(name).unwrap();
    let known = IssuedType::from_catalogue(entry).unwrap();
    let schema: Value = serde_json::from_str(entry.schema).unwrap();
    let claims = sample(entry.example);
    let fields = fields(&schema, &known.metadata, &Value::Object(claims.clone()));
    (known, fields, claims)
}

/// What a browser sends of a page: the value of each field, as the page has it.
fn sent(html: &str) -> Vec<(String, String)> {
    let plain = |text: &str| {
        let plain = [
            ("&lt;", "<"),
            ("&gt;", ">"),
            ("&quot;", "\""),
            ("&#39;", "'"),
        ];
        let plain = plain
            .iter()
            .fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        plain.replace("&amp;", "&")
    };
    let attribute = |tag: &str, name: &str| {
        let (_, behind) = tag.split_once(&format!(" {name}=\""))?;
        Some(plain(behind.split_once('"')?.0))
    };
    let mut sent = Vec::new();
    for part in html.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let kind = tag.split(' ').next().unwrap();
        let name = || attribute(tag, "name").unwrap();
        match kind {
            "input" => {
                let choice = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
                if !choice || tag.ends_with(" checked") {
                    sent.push((name(), attribute(tag, "value").unwrap()));
                }
            }
            "textarea" => sent.push((name(), plain(text.strip_prefix('\n').unwrap()))),
            "select" => sent.push((name(), String::new())),
            "option" if tag.ends_with(" selected") => sent.last_mut().unwrap().1 = plain(text),
            _ => {}
        }
    }
    sent
}

fn broken(known: &IssuedType, fields: &[Field], claims: &Map<String, Value>) -> Faults {
    match known.check(claims) {
        Err(ClaimsError::Schema(broken)) => faults(fields, &broken),
        other => panic!("{other:?}"),
    }
}

fn is(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

#[test]
fn of_every_type_the_form_gives_back_what_it_was_filled_with() {
    for entry in catalogue::types() {
        let (known, fields, claims) = open(entry.name);
        let html = inputs(&fields, &claims, &Faults::new());
        let back = read(&fields, &sent(&html));
        assert_eq!(Value::Object(back), json!(claims), "{}", entry.name);
        // Each is asked for by the type's own label, and nothing is asked for as JSON.
        for claim in &known.metadata.claims {
            // One answer of several has no label of its own on the page: its text is there.
            if claim.path.to_json() == json!(["scope", null]) {
                continue;
            }
            let label = &claim.display[0].label;
            let shown = html.contains(&program::web::escape(label));
            assert!(shown, "{}: {label}", entry.name);
        }
        assert!(!fields.iter().any(|field| matches!(field.kind, Kind::Other)));
        assert_eq!(
            json!([fields[0].name]),
            known.metadata.claims[0].path.to_json()
        );
        let words = told(&fields, &claims);
        assert!(words.starts_with("<dl>") && !words.contains("data:image"));
    }
}

#[test]
fn of_every_type_an_empty_form_says_what_is_needed_beside_each_field() {
    for entry in catalogue::types() {
        let (known, fields, _) = open(entry.name);
        let html = inputs(&fields, &Map::new(), &Faults::new());
        let claims = read(&fields, &sent(&html));
        let faults = broken(&known, &fields, &claims);
        let html = inputs(&fields, &claims, &faults);
        let list = summary(&fields, &faults);
        for (place, fault) in &faults {
            assert!(at(&fields, place).is_some(), "{}{place}", entry.name);
            let id = format!("c{}", place.replace('/', "-"));
            assert!(
                html.contains(&format!("id=\"{id}\"")),
                "{}{place}",
                entry.name
            );
            assert!(
                html.contains(&format!("id=\"{id}-wrong\"")),
                "{}{place}",
                entry.name
            );
            assert!(
                html.contains(&format!("aria-describedby=\"{id}"))
                    || html.contains(&format!(" {id}-wrong\""))
            );
            assert!(list.contains(&format!("<a href=\"#{id}\">")), "{list}");
            assert!(!fault.is_empty());
        }
    }
}

#[test]
fn what_is_wrong_is_said_in_words_and_without_what_was_written() {
    let (known, fields, _) = open("BlueBadge");
    let given = [
        is("c/badgeNumber", "  SECRET77 "),
        is("c/localAuthorityId", "SECRET"),
        is("c/startDate", "SECRET"),
        is("c/eligibilityCode", "SECRET"),
        is("c/holder", " A Person "),
        // What is no field of the type.
        is("c/iss", "https://other.example"),
        is("token", "SECRET"),
    ];
    let claims = read(&fields, &given);
    assert_eq!(claims["holder"], "A Person");
    assert_eq!(claims.len(), 5);
    let faults = broken(&known, &fields, &claims);
    for (place, words) in [
        (
            "/badgeNumber",
            "Write it like 0A1B2C, in 6 characters at most.",
        ),
        ("/localAuthorityId", "Write a whole number from 1 to 9999."),
        ("/startDate", "Give a date: day, month and year."),
        ("/eligibilityCode", "Choose one of them."),
        (
            "/expiryDate",
            "This is needed. Give a date: day, month and year.",
        ),
    ] {
        assert_eq!(faults[place], words);
    }
    assert_eq!(faults.len(), 6, "{faults:?}");
    let list = summary(&fields, &faults);
    assert!(!list.contains("SECRET"));
    // In the order of the page.
    let places = list.split("href=\"#").skip(1);
    let places: Vec<&str> = places.map(|rest| rest.split_once('"').unwrap().0).collect();
    let order = "badgeNumber localAuthorityId startDate expiryDate eligibilityCode statusCode";
    let order: Vec<String> = order.split(' ').map(|name| format!("c-{name}")).collect();
    assert_eq!(places, order);
    let html = inputs(&fields, &claims, &faults);
    assert!(html.contains(
        "<input id=\"c-badgeNumber\" type=\"text\" name=\"c/badgeNumber\" aria-invalid=\"true\" \
         aria-describedby=\"c-badgeNumber-hint c-badgeNumber-wrong\" required value=\"SECRET77\">"
    ));
}

#[test]
fn rows_are_as_many_as_were_filled_in_and_one_more() {
    let (known, fields, mut claims) = open("DrivingLicence");
    let categories = |claims: &Map<String, Value>| -> Vec<Value> {
        let rows = claims["driving_privileges"].as_array().unwrap();
        rows.iter()
            .map(|row| row["vehicle_category_code"].clone())
            .collect()
    };
    let own = categories(&claims);
    let html = inputs(&fields, &claims, &Faults::new());
    let mut given = sent(&html);
    let next = format!("c/driving_privileges/{}/vehicle_category_code", own.len());
    // The second category is emptied, the spare row is filled in.
    given.retain(|(name, _)| !name.starts_with("c/driving_privileges/1/"));
    given.push(is("c/driving_privileges/1/vehicle_category_code", " "));
    given.iter_mut().find(|(name, _)| *name == next).unwrap().1 = "D1".to_owned();
    claims = read(&fields, &given);
    let mut expected = own.clone();
    expected.remove(1);
    expected.push("D1".into());
    assert_eq!(categories(&claims), expected);
    known.check(&claims).unwrap();
    // What is wrong within a row is named with its number.
    claims["driving_privileges"][0]["codes"] = json!([{"code": "01"}, {"code": "*"}]);
    let faults = broken(&known, &fields, &claims);
    let place = "/driving_privileges/0/codes/1/code";
    assert_eq!(faults.keys().collect::<Vec<_>>(), [place]);
    let (_, label) = at(&fields, place).unwrap();
    assert!(label.contains(" 1: ") && label.contains(" 2: "), "{label}");
    // A page that sends rows without end is read to its bound.
    let many = (0..5000).map(|row| {
        is(
            &format!("c/driving_privileges/{row}/vehicle_category_code"),
            "B",
        )
    });
    let many: Vec<_> = many.collect();
    let claims = read(&fields, &many);
    assert_eq!(
        claims["driving_privileges"].as_array().unwrap().len(),
        MAX_ROWS
    );
}

#[test]
fn what_a_form_cannot_ask_for_is_asked_for_as_json() {
    let schema = json!({
        "required": ["list"],
        "properties": {
            "list": {"type": "array", "items": {"type": "integer"}},
            "a/b": {"type": "string"},
            "group": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"const": "K"}, "flag": {"type": "boolean"}},
            },
        },
    });
    let (known, _, _) = open("BlueBadge");
    let fields = fields(&schema, &known.metadata, &Value::Null);
    let given = [is("c/list", "[1, 2]"), is("c/a~1b", "<b>")];
    let claims = read(&fields, &given);
    // A group of which nothing was filled in is not there, whatever is fixed in it.
    assert_eq!(
        Value::Object(claims.clone()),
        json!({"list": [1, 2], "a/b": "<b>"})
    );
    let html = inputs(&fields, &claims, &Faults::new());
    assert!(html.contains("&lt;b&gt;") && !html.contains("<b>"));
    assert_eq!(read(&fields, &sent(&html)), claims);
    assert!(told(&fields, &claims).contains("<dt>a/b</dt><dd>&lt;b&gt;</dd>"));
    let with_flag = [is("c/group/flag", "no"), is("c/list", "{")];
    assert_eq!(
        Value::Object(read(&fields, &with_flag)),
        json!({"list": "{", "group": {"kind": "K", "flag": false}})
    );
    let not_here = credential::schema::Violation {
        place: "/other".to_owned(),
        rule: "additionalProperties".to_owned(),
    };
    let faults = faults(&fields, &[not_here]);
    assert_eq!(
        summary(&fields, &faults),
        "<li>The details do not fit the type here (additionalProperties).</li>\n"
    );
}

#[test]
fn a_text_with_more_than_one_line_of_room_is_not_asked_for_on_one() {
    let mut long = 0;
    let mut look = |fields: &[Field]| {
        for field in fields {
            if let Kind::Text { most, .. } = field.kind {
                let several = is_long(most);
                let asked = words::wanted(field);
                assert!(!(several && asked.contains("on one line")), "{asked}");
                long += usize::from(several && asked.contains("without line breaks"));
            }
        }
    };
    for entry in catalogue::types() {
        let (_, fields, _) = open(entry.name);
        look(&fields);
        for field in &fields {
            if let Kind::Group(within) | Kind::Rows { row: within, .. } = &field.kind {
                look(within);
            }
        }
    }
    assert!(long > 0);
}
