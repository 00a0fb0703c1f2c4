//! What a service declared, and what gives the citizen away, in a form for a screen.

use ledger::event::Purpose;
use query::ClaimPath;

use super::view::{Length, Retained};

/// Details by which somebody is known again wherever they are shown.
pub(super) fn is_identifying(path: &ClaimPath) -> bool {
    const MARKS: [&str; 12] = [
        "number", "nino", "utr", "chi", "eori", "email", "phone", "photo", "portrait", "picture",
        "address", "street",
    ];
    path.segments().iter().any(|segment| match segment {
        query::Segment::Name(name) => {
            let name = name.to_ascii_lowercase();
            let words: Vec<&str> = name.split(['_', '-']).collect();
            MARKS
                .iter()
                .any(|mark| words.contains(mark) || name.ends_with(mark))
        }
        query::Segment::Index(_) | query::Segment::All => false,
    })
}

pub(super) fn retention(purpose: Option<&Purpose>) -> Retained {
    purpose.map_or(Retained::NotSaid, |purpose| {
        read_duration(&purpose.retention)
    })
}

/// An ISO 8601 duration such as `P30D` or `PT15M`. What cannot be read was not said.
fn read_duration(text: &str) -> Retained {
    let Some(rest) = text.strip_prefix('P') else {
        return Retained::NotSaid;
    };
    let (date, time) = rest.split_once('T').unwrap_or((rest, ""));
    let (mut years, mut months, mut days, mut hours, mut minutes) = (0, 0, 0, 0, 0);
    for (part, timed) in [(date, false), (time, true)] {
        let mut digits = String::new();
        for c in part.chars() {
            if c.is_ascii_digit() {
                digits.push(c);
                continue;
            }
            let Ok(number) = std::mem::take(&mut digits).parse::<u32>() else {
                return Retained::NotSaid;
            };
            match (c, timed) {
                ('Y', false) => years = number,
                ('M', false) => months = number,
                ('W', false) => days = number.saturating_mul(7),
                ('D', false) => days = number,
                ('H', true) => hours = number,
                ('M', true) => minutes = number,
                ('S', true) => minutes += number.div_ceil(60),
                _ => return Retained::NotSaid,
            }
        }
        if !digits.is_empty() {
            return Retained::NotSaid;
        }
    }
    if rest.is_empty() {
        Retained::NotSaid
    } else if (years, months, days, hours, minutes) == (0, 0, 0, 0, 0) {
        Retained::Nothing
    } else {
        Retained::For(Length {
            years,
            months,
            days,
            hours,
            minutes,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_durations() {
        let of = |years, months, days, hours, minutes| {
            Retained::For(Length {
                years,
                months,
                days,
                hours,
                minutes,
            })
        };
        assert_eq!(read_duration("P0D"), Retained::Nothing);
        assert_eq!(read_duration("P30D"), of(0, 0, 30, 0, 0));
        assert_eq!(read_duration("P1Y6M"), of(1, 6, 0, 0, 0));
        assert_eq!(read_duration("P2W"), of(0, 0, 14, 0, 0));
        assert_eq!(read_duration("PT15M"), of(0, 0, 0, 0, 15));
        assert_eq!(read_duration("PT90S"), of(0, 0, 0, 0, 2));
        for wrong in ["", "P", "30D", "P3", "PT1D", "P-1D"] {
            assert_eq!(read_duration(wrong), Retained::NotSaid, "{wrong}");
        }
    }

    #[test]
    fn says_durations_in_words() {
        for (text, words) in [
            ("P30D", "30 days"),
            ("P1Y6M", "1 year, 6 months"),
            ("P2Y1M1DT1H1M", "2 years, 1 month, 1 day, 1 hour, 1 minute"),
        ] {
            let Retained::For(length) = read_duration(text) else {
                panic!("{text}");
            };
            assert_eq!(length.to_string(), words);
        }
    }

    #[test]
    fn knows_details_that_identify() {
        let path = |value| ClaimPath::from_json(&value).unwrap();
        assert!(is_identifying(&path(json!(["certificate_number"]))));
        assert!(is_identifying(&path(json!(["badgeNumber"]))));
        assert!(is_identifying(&path(json!(["address", "postcode"]))));
        assert!(!is_identifying(&path(json!(["age_over_18"]))));
        assert!(!is_identifying(&path(json!(["valid_to"]))));
    }
}
