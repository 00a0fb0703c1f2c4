//! Plain dates and times. The calendar is worked out here, so that it can be tested.

use ipc::Duration;

use crate::text::Text;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Year, month (1 to 12) and day (1 to 31) of a number of days since 1970-01-01.
pub(crate) fn civil(days: i64) -> (i64, u32, u32) {
    // Counted from 1 March of year 0, so that a leap day is the last day of its year.
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (
        year,
        u32::try_from(month).unwrap_or(1),
        u32::try_from(day).unwrap_or(1),
    )
}

/// Now, in Unix seconds, and how far the local clock is ahead of UTC at a time, in seconds.
pub(crate) fn now() -> i64 {
    let milliseconds = js_sys::Date::now() as i64;
    milliseconds.div_euclid(1000)
}

/// The first second of the day, by UTC, so many days after the day of a time.
pub(crate) fn day_begins(time: i64, after: i64) -> i64 {
    (time.div_euclid(DAY) + after) * DAY
}

fn offset_at(time: i64) -> i64 {
    if cfg!(not(target_arch = "wasm32")) {
        return 0;
    }
    let date = js_sys::Date::new(&(time.saturating_mul(1000) as f64).into());
    let behind = date.get_timezone_offset() as i64;
    -behind * MINUTE
}

impl Text {
    fn civil_day(&self, days: i64) -> String {
        let (year, month, day) = civil(days);
        self.say_with(
            "date-day",
            &[
                ("day", day.to_string().into()),
                ("month", self.say(&format!("month-{month}")).into()),
                ("year", year.to_string().into()),
            ],
        )
    }

    /// "3 March 2027", where the citizen is.
    pub(crate) fn day(&self, time: i64) -> String {
        self.civil_day(time.saturating_add(offset_at(time)).div_euclid(DAY))
    }

    /// "3 March 2027", by UTC: what stands on paper is read elsewhere too.
    pub(crate) fn day_by_utc(&self, time: i64) -> String {
        self.civil_day(time.div_euclid(DAY))
    }

    /// The last day of something that ends at a time. An end at midnight by UTC is the end of a
    /// day, which is named as the issuer gave it, wherever the citizen is.
    pub(crate) fn last_day(&self, end: i64) -> String {
        if end.rem_euclid(DAY) == 0 {
            self.day_by_utc(end.saturating_sub(1))
        } else {
            self.day(end)
        }
    }

    /// "3 March 2027, 14:05", where the citizen is.
    pub(crate) fn day_and_time(&self, time: i64) -> String {
        let local = time.saturating_add(offset_at(time));
        let of_day = local.rem_euclid(DAY);
        self.say_with(
            "date-day-time",
            &[
                ("day", self.civil_day(local.div_euclid(DAY)).into()),
                (
                    "time",
                    format!("{:02}:{:02}", of_day / HOUR, of_day % HOUR / MINUTE).into(),
                ),
            ],
        )
    }

    /// "March 2027", where the citizen is.
    pub(crate) fn month(&self, time: i64) -> String {
        let (year, month, _) = civil(time.saturating_add(offset_at(time)).div_euclid(DAY));
        self.say_with(
            "date-month",
            &[
                ("month", self.say(&format!("month-{month}")).into()),
                ("year", year.to_string().into()),
            ],
        )
    }

    /// "3 hours ago". A time to come is "just now": clocks differ by a little.
    pub(crate) fn ago(&self, time: i64, now: i64) -> String {
        let age = now.saturating_sub(time).max(0);
        if age < MINUTE {
            self.say("ago-now")
        } else if age < HOUR {
            self.say_with("ago-minutes", &[("count", (age / MINUTE).into())])
        } else if age < DAY {
            self.say_with("ago-hours", &[("count", (age / HOUR).into())])
        } else if age < 60 * DAY {
            self.say_with("ago-days", &[("count", (age / DAY).into())])
        } else {
            self.day(time)
        }
    }

    /// `2027-03-01` as "1 March 2027"; anything else as it stands.
    pub(crate) fn iso_date(&self, iso: &str) -> String {
        parse_iso_date(iso).map_or_else(
            || iso.to_owned(),
            |(year, month, day)| {
                self.say_with(
                    "date-day",
                    &[
                        ("day", day.to_string().into()),
                        ("month", self.say(&format!("month-{month}")).into()),
                        ("year", year.to_string().into()),
                    ],
                )
            },
        )
    }

    /// "1 year and 6 months": the parts that are not nothing.
    pub(crate) fn duration(&self, duration: &Duration) -> String {
        let parts: Vec<String> = [
            (
                duration.years,
                self.say_with("time-years", &[("count", duration.years.into())]),
            ),
            (
                duration.months,
                self.say_with("time-months", &[("count", duration.months.into())]),
            ),
            (
                duration.days,
                self.say_with("time-days", &[("count", duration.days.into())]),
            ),
            (
                duration.hours,
                self.say_with("time-hours", &[("count", duration.hours.into())]),
            ),
            (
                duration.minutes,
                self.say_with("time-minutes", &[("count", duration.minutes.into())]),
            ),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(_, words)| words)
        .collect();
        if parts.is_empty() {
            self.say("time-none")
        } else {
            self.list(&parts)
        }
    }

    /// "a, b and c".
    pub(crate) fn list<S: AsRef<str>>(&self, items: &[S]) -> String {
        match items {
            [] => String::new(),
            [only] => only.as_ref().to_owned(),
            [first @ .., last] => self.say_with(
                "list-and",
                &[
                    (
                        "first",
                        first
                            .iter()
                            .map(AsRef::as_ref)
                            .collect::<Vec<_>>()
                            .join(", ")
                            .into(),
                    ),
                    ("last", last.as_ref().into()),
                ],
            ),
        }
    }
}

fn parse_iso_date(iso: &str) -> Option<(u32, u32, u32)> {
    let mut parts = iso.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || month.len() != 2 || day.len() != 2 {
        return None;
    }
    let month: u32 = month.parse().ok()?;
    let day: u32 = day.parse().ok()?;
    ((1..=12).contains(&month) && (1..=31).contains(&day)).then_some((
        year.parse().ok()?,
        month,
        day,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_become_calendar_dates() {
        assert_eq!(civil(0), (1970, 1, 1));
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(11_016), (2000, 2, 29));
        assert_eq!(civil(19_782), (2024, 2, 29));
        assert_eq!(civil(20_454), (2026, 1, 1));
        assert_eq!(civil(47_541), (2100, 3, 1));
    }

    #[test]
    fn dates_read_plainly() {
        let text = Text::load("en");
        assert_eq!(text.day(1_804_032_000), "3 March 2027");
        assert_eq!(text.day_and_time(1_804_032_300), "3 March 2027, 00:05");
        assert_eq!(text.iso_date("1990-12-05"), "5 December 1990");
    }

    #[test]
    fn what_ends_at_midnight_has_the_day_before_as_its_last() {
        let text = Text::load("en");
        assert_eq!(text.last_day(1_804_032_000), "2 March 2027");
        assert_eq!(text.last_day(1_804_032_001), "3 March 2027");
        assert_eq!(text.last_day(1_804_031_999), "2 March 2027");
    }

    #[test]
    fn what_is_no_date_stands_as_it_is() {
        let text = Text::load("en");
        for odd in ["1990-13-05", "1990-12-5", "soon", "1990-12-05-01", ""] {
            assert_eq!(text.iso_date(odd), odd);
        }
    }

    #[test]
    fn ages_are_rounded_down() {
        let text = Text::load("en");
        assert_eq!(text.ago(1_000, 1_000), "just now");
        assert_eq!(text.ago(2_000, 1_000), "just now");
        assert_eq!(text.ago(0, 119), "1 minute ago");
        assert_eq!(text.ago(0, 3 * HOUR + 5), "3 hours ago");
        assert_eq!(text.ago(0, 2 * DAY), "2 days ago");
        assert_eq!(text.ago(0, 400 * DAY), "1 January 1970");
    }

    #[test]
    fn durations_name_what_is_there() {
        let text = Text::load("en");
        let year_and_half = Duration {
            years: 1,
            months: 6,
            ..Duration::default()
        };
        assert_eq!(text.duration(&year_and_half), "1 year and 6 months");
        assert_eq!(text.duration(&Duration::default()), "no time at all");
    }

    #[test]
    fn lists_join_with_and() {
        let text = Text::load("en");
        assert_eq!(text.list(&["a"]), "a");
        assert_eq!(text.list(&["a", "b", "c"]), "a, b and c");
    }
}
