use super::super::cbor::{Kind, Writer, parse};
use super::super::{CborError, MAX_BYTES, MAX_DEPTH, MAX_ITEMS, value};

fn bytes(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

fn refused(hex: &str) -> CborError {
    match parse(&bytes(hex)) {
        Ok(_) => panic!("{hex} was read"),
        Err(error) => error,
    }
}

fn json(hex: &str) -> String {
    let bytes = bytes(hex);
    let item = parse(&bytes).unwrap();
    assert_eq!(item.raw, bytes);
    value::to_json(&item).unwrap().to_string()
}

/// RFC 8949 Appendix A, as far as JSON can say it.
#[test]
fn examples_of_the_rfc() {
    for (hex, expected) in [
        ("00", "0"),
        ("1818", "24"),
        ("1903e8", "1000"),
        ("1a000f4240", "1000000"),
        ("1bffffffffffffffff", "18446744073709551615"),
        ("3bffffffffffffffff", "\"-18446744073709551616\""),
        ("20", "-1"),
        ("3903e7", "-1000"),
        ("f93c00", "1.0"),
        ("f93e00", "1.5"),
        ("f97bff", "65504.0"),
        ("f90001", "5.960464477539063e-8"),
        ("f9c400", "-4.0"),
        ("fa47c35000", "100000.0"),
        ("fb3ff199999999999a", "1.1"),
        ("f97c00", "null"),
        ("f97e00", "null"),
        ("f4", "false"),
        ("f5", "true"),
        ("f6", "null"),
        ("f7", "null"),
        ("f0", "16"),
        ("f8ff", "255"),
        (
            "c074323031332d30332d32315432303a30343a30305a",
            "\"2013-03-21T20:04:00Z\"",
        ),
        ("d903ec6a323031392d31302d3230", "\"2019-10-20\""),
        ("d74401020304", "\"AQIDBA\""),
        ("d818456449455446", "\"ZElFVEY\""),
        ("40", "\"\""),
        ("62c3bc", "\"ü\""),
        ("80", "[]"),
        ("8301820203820405", "[1,[2,3],[4,5]]"),
        ("a201020304", "{\"1\":2,\"3\":4}"),
        ("a26161016162820203", "{\"a\":1,\"b\":[2,3]}"),
        ("5f42010243030405ff", "\"AQIDBAU\""),
        ("7f657374726561646d696e67ff", "\"streaming\""),
        ("9fff", "[]"),
        ("9f018202039f0405ffff", "[1,[2,3],[4,5]]"),
        ("bf61610161629f0203ffff", "{\"a\":1,\"b\":[2,3]}"),
    ] {
        assert_eq!(json(hex), expected, "{hex}");
    }
}

#[test]
fn what_is_not_well_formed() {
    // RFC 8949 Appendix F.
    for hex in [
        "",
        "18",
        "19ff",
        "1a0000",
        "5affffffff00",
        "5bffffffffffffffff010203",
        "81",
        "818181",
        "8200",
        "a1",
        "a20102",
        "a100",
        "bf",
        "9f",
        "9f0102",
        "5f4100",
        "61",
        "c0",
    ] {
        assert_eq!(refused(hex), CborError::Truncated, "{hex}");
    }
    for hex in [
        "1c",
        "1d",
        "1e",
        "3c",
        "5c",
        "7c",
        "9c",
        "bc",
        "dc",
        "fc",
        "fd",
        "fe",
        "f800",
        "f818",
        "f81f",
        "ff",
        "81ff",
        "8200ff",
        "a1ff",
        "a100ff",
        "bf00ff",
        "9f81ff",
        "1f",
        "3f",
        "df",
        "5f00ff",
        "5f6100ff",
        "7f4100ff",
        "5f5f4100ffff",
        "c0ff",
    ] {
        assert_eq!(refused(hex), CborError::Malformed, "{hex}");
    }
    assert_eq!(refused("61ff"), CborError::NotUtf8);
    // A character may not be cut in two by the pieces.
    assert_eq!(refused("7f61c361bcff"), CborError::NotUtf8);
    assert_eq!(refused("0000"), CborError::Trailing);
}

#[test]
fn keys_that_repeat() {
    for hex in [
        "a2616101616102",
        // The same number and the same text, encoded differently.
        "a201011801f6",
        "a261610178016102",
        "a241610158016102",
        "bf616101616102ff",
        "a2c001f6c001f6",
        "a28101f68101f6",
        "a2a10102f6a10102f6",
        "a2f6f6f6f6",
    ] {
        assert_eq!(refused(hex), CborError::RepeatedKey, "{hex}");
    }
    // Many keys take another way.
    let mut writer = Writer::new().map(101);
    for number in 0..100 {
        writer = writer.unsigned(number).null();
    }
    let twice = writer.unsigned(99).null().into_bytes();
    assert_eq!(parse(&twice).err(), Some(CborError::RepeatedKey));
    // Of different kinds they are different keys.
    assert!(parse(&bytes("a30001200161300140")).is_err());
    assert!(parse(&bytes("a3000120016130f6")).is_ok());
    // Maps are the same key only with the same keys and the same values.
    assert!(parse(&bytes("a2a10102f6a10302f6")).is_ok());
    assert!(parse(&bytes("a2a10102f6a10103f6")).is_ok());
}

#[test]
fn many_keys_that_are_hard_to_tell_apart() {
    let mut writer = Writer::new().map(65);
    for number in 0..64 {
        writer = writer.unsigned(number).null();
    }
    let list = writer.array(0).null().into_bytes();
    assert_eq!(parse(&list).err(), Some(CborError::Malformed));
}

#[test]
fn two_keys_that_would_become_one() {
    let bytes = bytes("a20101613102");
    assert!(value::to_json(&parse(&bytes).unwrap()).is_none());
}

#[test]
fn deep_nesting() {
    for opener in [vec![0x81], vec![0x9f], vec![0xa1, 0x00], vec![0xc1]] {
        let nested = |depth: usize| {
            let mut bytes = opener.repeat(depth);
            bytes.push(0);
            bytes
        };
        if opener != [0x9f] {
            assert!(parse(&nested(MAX_DEPTH)).is_ok());
        }
        let error = parse(&nested(MAX_DEPTH + 1)).err();
        assert_eq!(error, Some(CborError::TooDeep));
        assert_eq!(parse(&nested(500_000)).err(), Some(CborError::TooDeep));
    }
}

#[test]
fn too_long_and_too_many() {
    let long = Writer::new().bytes(&vec![0; MAX_BYTES]).into_bytes();
    assert_eq!(parse(&long).err(), Some(CborError::TooLong));
    let many = |count: usize| {
        let mut bytes = Writer::new().array(count).into_bytes();
        bytes.resize(bytes.len() + count, 0);
        bytes
    };
    assert!(parse(&many(MAX_ITEMS - 1)).is_ok());
    assert_eq!(parse(&many(MAX_ITEMS)).err(), Some(CborError::TooMany));
    let mut pieces = vec![0x5f];
    pieces.extend([0x40].repeat(MAX_ITEMS));
    pieces.push(0xff);
    assert_eq!(parse(&pieces).err(), Some(CborError::TooMany));
}

#[test]
fn heads_are_the_shortest() {
    for (number, hex) in [
        (0, "00"),
        (23, "17"),
        (24, "1818"),
        (255, "18ff"),
        (256, "190100"),
        (65_536, "1a00010000"),
        (1 << 32, "1b0000000100000000"),
    ] {
        let written = Writer::new().unsigned(number).into_bytes();
        assert_eq!(written, bytes(hex));
        let item = parse(&written).unwrap();
        assert!(matches!(item.kind, Kind::Unsigned(read) if read == number as u64));
    }
}

#[test]
fn dates_and_pictures_of_a_schema() {
    let schema = serde_json::json!({
        "properties": {
            "day": {"type": "string", "format": "date"},
            "at": {"type": "string", "format": "date-time"},
            "list": {"items": {"properties": {"day": {"format": "date"}}}},
        },
    });
    let claims = serde_json::json!({
        "day": "2026-01-02",
        "at": "2026-01-02T03:04:05Z",
        "list": [{"day": "2026-01-03"}],
        "text": "2026-01-02",
        "photo": "data:image/png;base64,iVBORw0KGgo=",
        "other": "data:image/png;base64,AAAA",
        "number": -5,
        "half": 0.5,
        "none": null,
    });
    let cbor = value::from_json(&claims, Some(&schema)).unwrap();
    let encoded = super::super::cbor::encode(&cbor);
    let item = parse(&encoded).unwrap();
    assert_eq!(value::to_json(&item).unwrap(), claims);
    assert!(item.get("day").unwrap().tagged(1004).is_some());
    assert!(item.get("at").unwrap().tagged(0).is_some());
    let list = item.get("list").unwrap().as_array().unwrap();
    assert!(list[0].get("day").unwrap().tagged(1004).is_some());
    assert!(item.get("text").unwrap().as_text().is_some());
    assert_eq!(item.get("photo").unwrap().as_bytes().unwrap().len(), 8);
    // What is no picture stays a text.
    assert!(item.get("other").unwrap().as_text().is_some());
}
