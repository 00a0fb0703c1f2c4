use keys::UnixTime;
use time::format_description::well_known::Rfc3339;
use time::{Date, Month, OffsetDateTime};

/// A point in time, to the nanosecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Whole seconds since 1970.
    pub seconds: UnixTime,
    /// The rest, below a second.
    pub nanoseconds: u32,
}

/// A time as credentials write it: `2026-11-20T09:30:00Z`. `None` beyond the year 9999.
pub fn written(time: UnixTime) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(time)
        .ok()?
        .format(&Rfc3339)
        .ok()
}

impl Moment {
    /// Reads `dateTimeStamp` of XML Schema 1.1 (part 2, §3.4.28), years 0000 to 9999: a date, `T`,
    /// a time to the second or finer, and a zone, which `dateTime` may leave out.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, rest) = (text.get(..10)?, text.get(10..)?);
        let rest = rest.strip_prefix('T')?;
        let (clock, rest) = (rest.get(..8)?, rest.get(8..)?);
        let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
        let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
        let (nanoseconds, zone) = fraction(rest)?;
        let midnight = hour == 24 && minute == 0 && second == 0 && nanoseconds == 0;
        if (hour > 23 && !midnight) || minute > 59 || second > 59 {
            return None;
        }
        let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
        let date =
            Date::from_calendar_date(year.try_into().ok()?, month, day.try_into().ok()?).ok()?;
        let day_begins = date.midnight().assume_utc().unix_timestamp();
        let of_day = i64::from(hour * 3600 + minute * 60 + second);
        Some(Self {
            seconds: day_begins.checked_add(of_day)?.checked_sub(offset(zone)?)?,
            nanoseconds,
        })
    }
}

/// Numbers of exactly so many digits, with a separator between them.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

/// The nanoseconds of a fraction, whose further digits are cut, and what follows it.
fn fraction(text: &str) -> Option<(u32, &str)> {
    let Some(rest) = text.strip_prefix('.') else {
        return Some((0, text));
    };
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let (digits, zone) = rest.split_at_checked(end)?;
    if digits.is_empty() {
        return None;
    }
    let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
    Some((nine.parse().ok()?, zone))
}

/// The seconds that local time is ahead.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, rest) = match zone.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let two = |text: &str| {
        let plain = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| text.parse::<i64>().ok()).flatten()
    };
    let (hours, minutes) = (two(hours)?, two(minutes)?);
    let in_range = minutes < 60 && (hours < 14 || (hours == 14 && minutes == 0));
    in_range.then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(text: &str) -> Option<i64> {
        Moment::parse(text).map(|moment| moment.seconds)
    }

    #[test]
    fn stamps_with_a_zone_are_read() {
        assert_eq!(seconds("1970-01-01T00:00:00Z"), Some(0));
        assert_eq!(seconds("2024-01-01T19:23:24Z"), Some(1_704_137_004));
        assert_eq!(
            seconds("2024-01-01T19:23:24.500+01:00"),
            Some(1_704_133_404)
        );
        assert_eq!(seconds("2024-01-01T19:23:24-14:00"), Some(1_704_187_404));
        assert_eq!(
            seconds("2023-12-31T24:00:00Z"),
            seconds("2024-01-01T00:00:00Z")
        );
        let half = Moment::parse("1970-01-01T00:00:00.5Z").unwrap();
        assert_eq!(half.nanoseconds, 500_000_000);
        assert!(Moment::parse("1970-01-01T00:00:00.1234567899Z").unwrap() < half);
    }

    #[test]
    fn what_is_written_is_read_again() {
        for time in [0, 1_790_000_000, -1] {
            assert_eq!(seconds(&written(time).unwrap()), Some(time));
        }
        assert_eq!(written(1_704_137_004).unwrap(), "2024-01-01T19:23:24Z");
    }

    #[test]
    fn what_is_no_stamp() {
        for text in [
            "",
            "2024-01-01",
            "2024-01-01T19:23:24",
            "2024-01-01T19:23Z",
            "2024-01-01 19:23:24Z",
            "2024-01-01t19:23:24Z",
            "2024-01-01T19:23:24z",
            "2024-02-30T19:23:24Z",
            "2024-13-01T19:23:24Z",
            "2024-01-01T24:00:01Z",
            "2024-01-01T25:00:00Z",
            "2024-01-01T19:60:24Z",
            "2024-01-01T19:23:60Z",
            "2024-01-01T19:23:24.Z",
            "2024-01-01T19:23:24.5",
            "2024-01-01T19:23:24+14:01",
            "2024-01-01T19:23:24+1:00",
            "2024-01-01T19:23:24+01:60",
            "2024-01-01T19:23:24 Z",
            "24-01-01T19:23:24Z",
            "+024-01-01T19:23:24Z",
            "2024-1-01T019:23:24Z",
            "2024-01-01T19:23:24Ö",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
