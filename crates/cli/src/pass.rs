//! `cairn pass`: a printed pass.

use std::process::ExitCode;

use serde_json::json;
use time::{Date, Month};
use wallet::desk::DeskAsk;
use wallet::{UnixTime, Wallet};

use crate::args::Pass;
use crate::output::{Failure, Output, counted, names};
use crate::{LOCALE, desk, explain, present};

const DAY: UnixTime = 24 * 3600;

pub(crate) async fn run(wallet: &Wallet, pass: &Pass, output: Output) -> Result<ExitCode, Failure> {
    let from = midnight(&pass.from)?;
    let until = midnight(&pass.until)?.saturating_add(DAY);
    let service = desk::find(wallet, &pass.to)?;
    let ask = DeskAsk::pass(&service, &pass.purpose, (from, until), now()).map_err(|error| {
        Failure::new("days", error, "Nothing was printed. Name other days.").refused()
    })?;
    if pass.pdf.exists() {
        let advice = "Nothing was overwritten. Choose another name.";
        return Err(Failure::new("file", "the file is there already", advice));
    }
    let only = present::only(wallet, &pass.consent)?;
    let step = wallet
        .review_desk(&ask, &only, LOCALE)
        .map_err(|error| desk::explain_desk(&error))?;
    let agreed = present::agree(wallet, step, &pass.consent, output).await?;
    let Some((review, sharing)) = agreed else {
        return Ok(ExitCode::FAILURE);
    };
    let staples = desk::staples(pass.staple);
    let printed = wallet
        .print_pass(&review.id, &sharing, staples, LOCALE)
        .map_err(|error| explain::share(&error).with_warnings(&review.warnings))?;
    if let Err(failure) = desk::write_new(&pass.pdf, &printed.pdf) {
        wallet
            .pass_not_printed(&printed)
            .map_err(|error| explain::record(&error).at_effect())?;
        return Err(failure);
    }
    wallet
        .code_shown(printed.event)
        .map_err(|error| explain::record(&error).at_effect())?;
    output.object(&json!({
        "outcome": "shown",
        "service": desk::service_json(&review),
        "shared": desk::cards_json(&printed.cards),
        "pass": {
            "file": pass.pdf.display().to_string(),
            "from": printed.from,
            "until": printed.until,
            "card_ends": printed.card_ends,
            "pages": printed.pages,
            "codes": printed.codes,
        },
        "stapled": desk::stapled_json(&printed.stapled),
        "warnings": names(&review.warnings),
    }));
    let pages = counted(usize::try_from(printed.pages).unwrap_or(usize::MAX), "page");
    output.line(format!(
        "Wrote the pass to {} ({pages}).",
        pass.pdf.display()
    ));
    if let Some(end) = printed.card_ends {
        let last = crate::cards::last_day(end);
        output.line(format!(
            "A card on it ends on {last}: once it has ended, the desk refuses it."
        ));
    }
    for left_out in &printed.stapled.left_out {
        output.line(desk::left_out_words(left_out));
    }
    output.line("The desk takes it once, and checks who brings it. It is in your history.");
    Ok(ExitCode::SUCCESS)
}

/// The first second of a day, by UTC.
fn midnight(text: &str) -> Result<UnixTime, Failure> {
    let date = || {
        let mut parts = text.splitn(3, '-');
        // Digits alone: numbers may have a sign.
        let mut digits = |long: usize| {
            let part = parts.next().filter(|part| part.len() == long)?;
            let digits = part.bytes().all(|byte| byte.is_ascii_digit());
            digits.then_some(part)
        };
        let year = digits(4)?.parse().ok()?;
        let month: u8 = digits(2)?.parse().ok()?;
        let day = digits(2)?.parse().ok()?;
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()
    };
    date()
        .map(|date| date.midnight().assume_utc().unix_timestamp())
        .ok_or_else(|| {
            Failure::new(
                "usage",
                "not a day of the calendar",
                "Write it as YYYY-MM-DD.",
            )
        })
}

pub(crate) fn now() -> UnixTime {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_by_the_calendar() {
        assert_eq!(midnight("1970-01-02").unwrap(), DAY);
        assert_eq!(midnight("2027-03-01").unwrap(), 1_803_859_200);
        for wrong in [
            "2027-02-29",
            "2027-13-01",
            "1/3/2027",
            "27-03-01",
            "2027-03",
            "2027-+3-01",
            "2027-03-+1",
            "+027-03-01",
            "2027-3-1",
            "2027-03-01-",
            "",
        ] {
            assert_eq!(midnight(wrong).unwrap_err().kind, "usage", "{wrong}");
        }
    }
}
