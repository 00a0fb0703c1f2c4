//! Dates on the command line.

use keys::UnixTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::failure::Failure;

const DAY: UnixTime = 24 * 3600;

/// The time at which something ends: RFC 3339, or the end of a day (UTC).
pub(crate) fn end(text: &str) -> Result<UnixTime, Failure> {
    read(text, DAY)
}

/// The time at which something begins: RFC 3339, or the start of a day (UTC).
pub(crate) fn start(text: &str) -> Result<UnixTime, Failure> {
    read(text, 0)
}

fn read(text: &str, into_the_day: UnixTime) -> Result<UnixTime, Failure> {
    if let Ok(time) = OffsetDateTime::parse(text, &Rfc3339) {
        return Ok(time.unix_timestamp());
    }
    Date::parse(text, format_description!("[year]-[month]-[day]"))
        .map(|date| date.midnight().assume_utc().unix_timestamp() + into_the_day)
        .map_err(|_| {
            Failure::failed(
                "usage",
                format!("{text:?} is not a date: write YYYY-MM-DD or RFC 3339"),
            )
        })
}

/// RFC 3339 in UTC, for people.
pub(crate) fn show(time: UnixTime) -> String {
    OffsetDateTime::from_unix_timestamp(time)
        .ok()
        .and_then(|time| time.format(&Rfc3339).ok())
        .unwrap_or_else(|| time.to_string())
}

/// When a period ends, for people: its last day where it ends with a day (UTC), as [`end`] reads it,
/// else the time.
pub(crate) fn until(time: UnixTime) -> String {
    if time.rem_euclid(DAY) != 0 {
        return show(time);
    }
    match OffsetDateTime::from_unix_timestamp(time - 1) {
        Ok(last) => format!("the end of {}", last.date()),
        Err(_) => show(time),
    }
}

/// Seconds since 1970 by this computer's clock.
pub(crate) fn now() -> UnixTime {
    OffsetDateTime::now_utc().unix_timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_date_ends_with_its_day() {
        assert_eq!(end("1970-01-02").unwrap(), 2 * 86_400);
        assert_eq!(start("1970-01-02").unwrap(), 86_400);
        assert_eq!(end("1970-01-02T00:00:01+00:00").unwrap(), 86_401);
        assert_eq!(end("1970-01-02T01:00:00+01:00").unwrap(), 86_400);
    }

    #[test]
    fn a_period_is_said_to_end_as_it_was_given() {
        for day in ["2035-12-31", "2028-02-29", "1969-12-31"] {
            assert_eq!(until(end(day).unwrap()), format!("the end of {day}"));
        }
        let noon = "2035-12-31T12:00:00Z";
        assert_eq!(until(end(noon).unwrap()), noon);
        assert_eq!(
            until(end("2036-01-01T00:00:00Z").unwrap()),
            "the end of 2035-12-31"
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "tomorrow", "2026-13-01", "01/02/2026", "2026-02-30"] {
            assert!(end(text).is_err(), "{text}");
        }
    }
}
