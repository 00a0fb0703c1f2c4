//! What a printed pass says. Labels of details come in the citizen's language; the sentences are
//! English.

use keys::UnixTime;

use super::font::Face;
use crate::share::{Retained, ShareReview, ShareRow};
use crate::words::{Detail, Shown};

pub(super) const REVEALS: &str = "What it reveals to whoever reads the code";
/// Instead of a value of which some letter cannot be printed: with other letters in their place
/// it would be another value.
const UNPRINTABLE: &str = "(in letters that this paper cannot print; it is in the code)";
pub(super) const RULES: [&str; 4] = [
    "The desk checks who you are before it accepts this pass. Bring something that shows it.",
    "The desk takes this pass once and marks it as used. Desks of the same service that have not \
     heard of each other since cannot know of that mark.",
    "Anyone who has this paper, or a copy or photo of it, can read the details above from the \
     code. Keep it like a letter, and destroy it afterwards.",
    "It cannot be called back. It is of no use at another service's desk, for another purpose, \
     or on other days.",
];

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// `1 March 2027` by UTC.
pub(super) fn day(time: UnixTime) -> String {
    // Days since 1 March of the year 0, so that a leap day is the last of its year.
    let days = time.div_euclid(24 * 3600) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 2, 0)
    } else {
        (month - 10, 1)
    };
    let name = usize::try_from(month).ok().and_then(|at| MONTHS.get(at));
    let year = year + era * 400 + later;
    format!("{day} {} {year}", name.copied().unwrap_or_default())
}

/// From the first day to the last.
pub(super) fn days(from: UnixTime, until: UnixTime) -> String {
    let (first, last) = (day(from), day(until - 1));
    if first == last {
        format!("Good on {first} (day by UTC), once.")
    } else {
        format!("Good from {first} to {last} (days by UTC), both days included, once.")
    }
}

/// When a card on it ends before the pass does.
pub(super) fn ends(end: UnixTime) -> String {
    let last = day(end.saturating_sub(1));
    format!(
        "A card on it ends on {last} (day by UTC): once it has ended, the desk refuses the pass."
    )
}

/// How long it is kept, in the service's own word.
pub(super) fn kept(review: &ShareReview) -> String {
    match review.retention {
        Retained::NotSaid => "They have not said how long they keep what they read.".to_owned(),
        Retained::Nothing => "They say that they do not keep what they read.".to_owned(),
        Retained::For(length) => format!("They say that they keep it for {length}."),
    }
}

/// One detail on a line.
pub(super) fn row(row: &ShareRow, face: &Face) -> String {
    format!(
        "{}: {} ({})",
        row.detail.label,
        value(&row.detail.value, face),
        row.title
    )
}

fn value(value: &Shown, face: &Face) -> String {
    let printed = |text: String| {
        if face.has(&text) {
            text
        } else {
            UNPRINTABLE.to_owned()
        }
    };
    let several = |parts: Vec<String>| parts.join(", ");
    match value {
        Shown::Text(text) => printed(text.clone()),
        Shown::Date(date) => printed(long_date(date)),
        Shown::YesNo(true) => "yes".to_owned(),
        Shown::YesNo(false) => "no".to_owned(),
        Shown::Photo(_) => "a photo".to_owned(),
        Shown::List(items) => several(items.iter().map(|item| self::value(item, face)).collect()),
        Shown::Group(members) => several(members.iter().map(|part| member(part, face)).collect()),
    }
}

/// `YYYY-MM-DD` as it is said.
fn long_date(date: &str) -> String {
    let read = || {
        let (year, rest) = date.split_once('-')?;
        let (month, day) = rest.split_once('-')?;
        let month: usize = month.parse().ok()?;
        let name = MONTHS.get(month.checked_sub(1)?)?;
        Some(format!("{} {name} {year}", day.parse::<u8>().ok()?))
    };
    read().unwrap_or_else(|| date.to_owned())
}

fn member(detail: &Detail, face: &Face) -> String {
    format!("{}: {}", detail.label, value(&detail.value, face))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_named_by_the_calendar() {
        for (time, name) in [
            (0, "1 January 1970"),
            (-1, "31 December 1969"),
            (951_782_400, "29 February 2000"),
            (1_803_859_200, "1 March 2027"),
            (4_107_542_399, "28 February 2100"),
            (4_107_542_400, "1 March 2100"),
        ] {
            assert_eq!(day(time), name, "{time}");
        }
    }

    #[test]
    fn one_day_is_one_day() {
        let from = 1_803_859_200;
        assert_eq!(
            days(from, from + 86_400),
            "Good on 1 March 2027 (day by UTC), once."
        );
        let two = days(from, from + 86_401);
        assert!(two.contains("to 2 March 2027 (days by UTC)"), "{two}");
        assert!(ends(from).contains("on 28 February 2027 (day by UTC)"));
        assert!(ends(from + 1).contains("on 1 March 2027 (day by UTC)"));
    }

    #[test]
    fn values_are_written_in_words() {
        let face = Face::new();
        let value = |shown: &Shown| value(shown, &face);
        let text = |text: &str| Shown::Text(text.to_owned());
        let group = Shown::Group(vec![Detail {
            label: "Own".to_owned(),
            value: Shown::YesNo(true),
        }]);
        assert_eq!(value(&Shown::Date("2031-03-05".to_owned())), "5 March 2031");
        assert_eq!(value(&Shown::Date("2031-13-05".to_owned())), "2031-13-05");
        let photo = Shown::Photo("data:".to_owned());
        let list = Shown::List(vec![text("a"), group, photo]);
        assert_eq!(value(&list), "a, Own: yes, a photo");
    }

    #[test]
    fn a_value_in_other_letters_is_not_printed_as_another_value() {
        let face = Face::new();
        let text = |text: &str| Shown::Text(text.to_owned());
        for said in ["Siân", "Tŷ’r\tDŵr 3", "?"] {
            assert_eq!(value(&text(said), &face), said);
        }
        for missing in ["字", "Sample 字", "\u{1f600}"] {
            assert_eq!(value(&text(missing), &face), UNPRINTABLE, "{missing}");
        }
        let group = Shown::Group(vec![Detail {
            label: "Name".to_owned(),
            value: text("字"),
        }]);
        let list = Shown::List(vec![text("a"), group]);
        assert_eq!(value(&list, &face), format!("a, Name: {UNPRINTABLE}"));
    }
}
