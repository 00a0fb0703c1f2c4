//! `cairn present --ask` and `--to`, and `cairn desks`: at a desk, with no network.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};
use wallet::Wallet;
use wallet::code::{Size, Symbol};
use wallet::desk::{self, DeskAsk, DeskCodeError, DeskError, LeftOut, ShownCode, Stapled, Staples};
use wallet::share::{ShareReview, Way};

use crate::args::{Code, CodeSize, Present};
use crate::output::{Failure, Output, names};
use crate::{LOCALE, cards, explain, present, terminal};

const NOTHING_SHOWN: &str = "Nothing was shown to anybody.";
/// Frames of an animation for each that would suffice: a camera that missed some need not wait
/// for the very same ones.
const SURPLUS: usize = 2;

pub(crate) async fn run(
    wallet: &Wallet,
    present: &Present,
    output: Output,
) -> Result<ExitCode, Failure> {
    let ask = match (&present.ask, &present.to, &present.purpose) {
        (Some(ask), ..) => read(ask)?,
        (None, Some(to), Some(purpose)) => DeskAsk::chosen(&find(wallet, to)?, purpose),
        _ => {
            return Err(Failure::new(
                "usage",
                "name a desk",
                "Give --to and --purpose.",
            ));
        }
    };
    answer(wallet, &ask, present, output).await
}

/// True for the text of a desk's code, and for a file that holds one.
pub(crate) fn is_code(given: &str) -> bool {
    if given == "-" {
        return false;
    }
    desk::is_desk_code(given)
        || (Path::new(given).is_file()
            && cards::read_input(given).is_ok_and(|bytes| {
                // Refused as a desk's code is one all the same.
                !matches!(
                    desk::read_bytes(&bytes),
                    Err(error) if error.name() == "not_a_desk_code" || !is_about_code(&error)
                )
            }))
}

/// The refusal is of a code that was found, not of the file.
fn is_about_code(error: &DeskCodeError) -> bool {
    matches!(
        error,
        DeskCodeError::Code(_) | DeskCodeError::Ask(_) | DeskCodeError::SeveralCodes
    )
}

/// Reads a desk's code from an argument, a file or standard input.
pub(crate) fn read(given: &str) -> Result<DeskAsk, Failure> {
    let read = if desk::is_desk_code(given) {
        desk::read_text(given)
    } else {
        let bytes = cards::read_input(given)?;
        cards::refuse_drawing(&bytes)?;
        desk::read_bytes(&bytes)
    };
    read.map_err(|error| {
        let advice = match error {
            DeskCodeError::Ask(_) => "Nothing was shown. Ask the desk for a new code.",
            _ => "Nothing was shown. Take the picture again, closer and straight.",
        };
        Failure::new(error.name(), error, advice).refused()
    })
}

/// The client id of a desk that is named by it or by its name.
pub(crate) fn find(wallet: &Wallet, named: &str) -> Result<String, Failure> {
    pick(&wallet.desks(LOCALE), named)
}

/// An id comes first: nobody gets what is meant for another by taking its id for a name.
fn pick(desks: &[desk::Desk], named: &str) -> Result<String, Failure> {
    if desks.iter().any(|desk| desk.id == named) {
        return Ok(named.to_owned());
    }
    let by_name: Vec<&desk::Desk> = desks.iter().filter(|desk| desk.name == named).collect();
    match by_name.as_slice() {
        [desk] => Ok(desk.id.clone()),
        [] => Ok(named.to_owned()),
        _ => Err(Failure::new(
            "several_desks",
            "several desks on the ledger have this name",
            "Nothing was shown. `cairn desks` says their ids: name one.",
        )
        .refused()),
    }
}

pub(crate) async fn answer(
    wallet: &Wallet,
    ask: &DeskAsk,
    present: &Present,
    output: Output,
) -> Result<ExitCode, Failure> {
    let kind = present.code.qr.as_deref().map(Kind::of).transpose()?;
    let only = present::only(wallet, &present.consent)?;
    let step = wallet
        .review_desk(ask, &only, LOCALE)
        .map_err(|error| explain_desk(&error))?;
    let agreed = present::agree(wallet, step, &present.consent, output).await?;
    let Some((review, sharing)) = agreed else {
        return Ok(ExitCode::FAILURE);
    };
    let shown = wallet
        .show_code(&review.id, &sharing, staples(present.code.staple), LOCALE)
        .map_err(|error| explain::share(&error).with_warnings(&review.warnings))?;
    let drawn = Pictures::of(&shown, &present.code).and_then(|pictures| {
        if let Some((file, kind)) = present.code.qr.as_deref().zip(kind) {
            pictures.write(file, kind, present.code.speed)?;
        }
        Ok(pictures)
    });
    let pictures = match drawn {
        Ok(pictures) => pictures,
        Err(failure) => {
            // What was made is thrown away: the copies are as they were.
            wallet
                .code_not_shown(&shown)
                .map_err(|error| explain::record(&error).at_effect())?;
            return Err(failure);
        }
    };
    report(&review, &shown, &pictures, &present.code, output);
    if present.code.qr.is_none() && !output.json {
        terminal::show(&shown, &pictures, present.code.speed);
    }
    wallet
        .code_shown(shown.event)
        .map_err(|error| explain::record(&error).at_effect())?;
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn staples(all: bool) -> Staples {
    Staples {
        evidence: all,
        status: all,
    }
}

/// The codes of an answer, as they are drawn.
pub(crate) struct Pictures {
    /// How many suffice.
    pub(crate) parts: usize,
    /// Those, and where it takes several, some more that mix them.
    pub(crate) symbols: Vec<Symbol>,
}

impl Pictures {
    fn of(shown: &ShownCode, code: &Code) -> Result<Self, Failure> {
        if let (None, Some(symbol)) = (code.size, shown.still()) {
            return Ok(Self {
                parts: 1,
                symbols: vec![symbol],
            });
        }
        let size = match code.size {
            Some(CodeSize::Small) => Size::Small,
            Some(CodeSize::Medium) | None => Size::Medium,
            Some(CodeSize::Large) => Size::Large,
        };
        let frames = shown.frames(size).map_err(|_| {
            Failure::new(
                "too_long",
                "the answer takes more codes of this size than are ever shown",
                "Nothing was shown. Give --size large, and leave --staple out.",
            )
            .at_effect()
        })?;
        let parts = frames.count();
        let many = match parts {
            1 => 1,
            _ => parts.saturating_mul(SURPLUS),
        };
        Ok(Self {
            parts,
            symbols: (1..=many)
                .filter_map(|number| frames.part(u32::try_from(number).ok()?))
                .collect(),
        })
    }

    /// Draws into a file that is not there yet.
    fn write(&self, file: &Path, kind: Kind, speed: u8) -> Result<(), Failure> {
        let bytes = match (kind, self.symbols.as_slice()) {
            (Kind::Svg, [one]) => one.svg().into_bytes(),
            (Kind::Png, [one]) => one.png(MODULE),
            (Kind::Gif, symbols) => wallet::code::gif(symbols, speed, MODULE),
            (Kind::Svg | Kind::Png, _) => {
                let parts = self.parts;
                return Err(Failure::new(
                    "several_parts",
                    format!("the answer takes {parts} codes, one after the other"),
                    "Nothing was shown. Name a file that ends in .gif.",
                )
                .at_effect());
            }
        };
        write_new(file, &bytes)
    }
}

/// What a file of a code is.
#[derive(Clone, Copy)]
enum Kind {
    Svg,
    Png,
    Gif,
}

impl Kind {
    fn of(file: &Path) -> Result<Self, Failure> {
        match file.extension().and_then(|ending| ending.to_str()) {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            Some("gif") => Ok(Self::Gif),
            _ => Err(Failure::new(
                "usage",
                "a code is written as .svg, .png or .gif",
                "Nothing was shown. Name a file that ends so.",
            )),
        }
    }
}

/// Pixels of one module in a picture.
const MODULE: u32 = 6;

/// Writes a file that is not there yet, readable by its owner alone. Nothing is left of one that
/// could not be written to its end.
pub(crate) fn write_new(file: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(file).and_then(|place| {
        whole_or_gone(file, place, |place| {
            place.write_all(bytes)?;
            place.sync_all()
        })
    });
    written.map_err(|error| {
        let advice = if error.kind() == ErrorKind::AlreadyExists {
            "Nothing was overwritten. Choose another name."
        } else {
            "Check that the folder is there and may be written to."
        };
        Failure::new("file", error, advice).at_effect()
    })
}

/// Fills a file that was made just now, and removes it where that fails.
fn whole_or_gone(
    file: &Path,
    mut place: File,
    fill: impl FnOnce(&mut File) -> io::Result<()>,
) -> io::Result<()> {
    let filled = fill(&mut place);
    drop(place);
    filled.inspect_err(|_| {
        let _ = fs::remove_file(file);
    })
}

fn report(
    review: &ShareReview,
    shown: &ShownCode,
    pictures: &Pictures,
    code: &Code,
    output: Output,
) {
    let texts: Vec<&str> = pictures.symbols.iter().map(Symbol::text).collect();
    output.object(&json!({
        "outcome": "shown",
        "service": service_json(review),
        "shared": cards_json(&shown.cards),
        "code": {
            "file": code.qr.as_ref().map(|file| file.display().to_string()),
            "live": shown.live,
            "bytes": shown.message.len(),
            "parts": pictures.parts,
            "texts": texts,
            "made_at": shown.made_at,
            "expires_at": shown.expires_at,
        },
        "stapled": stapled_json(&shown.stapled),
        "warnings": names(&review.warnings),
    }));
    if let Some(file) = &code.qr {
        output.line(format!("Wrote the code to {}.", file.display()));
    }
    let seconds = shown.expires_at.saturating_sub(shown.made_at);
    output.line(format!(
        "The desk takes it for the next {seconds} seconds, once."
    ));
    for left_out in &shown.stapled.left_out {
        output.line(left_out_words(left_out));
    }
    output.line("Whether they read it cannot be known here. It is in your history.");
}

/// The service, for scripts.
pub(crate) fn service_json(review: &ShareReview) -> Value {
    json!({
        "id": review.service.id,
        "name": review.service.name,
        "verdict": review.service.verdict.standing.name(),
    })
}

/// What is in an answer, for scripts.
pub(crate) fn cards_json(cards: &[wallet::share::SharedCard]) -> Value {
    cards
        .iter()
        .map(|card| {
            let claims: Vec<Value> = card.claims.iter().map(wallet::ClaimPath::to_json).collect();
            json!({"card": card.card.to_string(), "claims": claims})
        })
        .collect()
}

/// What rides along, for scripts.
pub(crate) fn stapled_json(stapled: &Stapled) -> Value {
    let left_out: Vec<&str> = stapled.left_out.iter().map(LeftOut::name).collect();
    json!({
        "evidence": stapled.evidence,
        "statuses": stapled.statuses,
        "left_out": left_out,
    })
}

/// Why something does not ride along.
pub(crate) fn left_out_words(left_out: &LeftOut) -> String {
    let title = left_out.title();
    match left_out {
        LeftOut::EvidenceUnlisted(_) => {
            format!("The ledger says nothing about who issued “{title}”: no evidence rides along.")
        }
        LeftOut::EvidenceTooLong(_) => {
            format!("The evidence about who issued “{title}” is too long for a code.")
        }
        LeftOut::StatusNotHere(_) => format!(
            "There is no current list of statuses for “{title}” here: `cairn cards --check` \
             fetches it while there is a network."
        ),
        LeftOut::StatusTooLong(_) => format!(
            "The list of statuses for “{title}” is longer than 4 kB and too long for a code."
        ),
    }
}

/// Where the answer goes, for the line that says who asks.
pub(crate) fn place(review: &ShareReview) -> String {
    match review.way {
        Way::Sent => review.service.website.clone(),
        Way::Code { .. } | Way::Pass { .. } => format!("the desk of {}", review.service.name),
    }
}

/// How the details go, where they are not sent.
pub(crate) fn way_words(way: Way) -> Vec<String> {
    match way {
        Way::Sent => Vec::new(),
        Way::Code {
            live,
            clock_differs,
            ..
        } => {
            let mut lines = vec![
                "How: shown as a code at the desk; nothing is sent by network. Whoever can see \
                 the code while you show it can read these details."
                    .to_owned(),
            ];
            if !live {
                lines.push(
                    "     The desk did not show a code of its own: yours is good for a minute or \
                     two, and they will check who you are."
                        .to_owned(),
                );
            }
            if clock_differs {
                lines.push(
                    "     The desk's clock and this computer's do not agree: if the code is an \
                     old one, the desk will refuse the answer."
                        .to_owned(),
                );
            }
            lines
        }
        Way::Pass { from, until } => vec![
            format!(
                "How: printed, for this one desk, once, from {} to {}.",
                cards::date(from),
                cards::date(until - 1)
            ),
            "     Whoever has the paper can read these details. The desk will check who brings \
             it."
            .to_owned(),
        ],
    }
}

pub(crate) fn explain_desk(error: &DeskError) -> Failure {
    let advice = match error {
        DeskError::Request(error) => return explain::request(error),
        DeskError::NoLedger | DeskError::Unlisted => {
            "Nothing was shown. `cairn ledger sync` fetches the ledger; `cairn desks` says who \
             is listed."
        }
        DeskError::OtherKey => {
            "Nothing was shown. Somebody else may have put this code here: tell the desk."
        }
        DeskError::NoSuchPurpose => {
            "Nothing was shown. `cairn desks` says what the desk has registered."
        }
        DeskError::Over => "Nothing was shown. Ask the desk for a new code.",
        _ => NOTHING_SHOWN,
    };
    Failure::new(error.name(), error, advice).refused()
}

/// `cairn desks`.
pub(crate) fn list(wallet: &Wallet, output: Output) -> Result<ExitCode, Failure> {
    let desks = wallet.desks(LOCALE);
    let rows: Vec<Value> = desks
        .iter()
        .map(|desk| {
            let purposes: Vec<Value> = desk
                .purposes
                .iter()
                .map(|purpose| {
                    let cards: Vec<Value> = purpose
                        .cards
                        .iter()
                        .map(|card| json!({"title": card.title, "details": card.details}))
                        .collect();
                    json!({
                        "id": purpose.id,
                        "name": purpose.name,
                        "reason": purpose.reason,
                        "cards": cards,
                    })
                })
                .collect();
            json!({"id": desk.id, "name": desk.name, "by": desk.by, "purposes": purposes})
        })
        .collect();
    output.object(&json!({"desks": rows, "warnings": []}));
    if desks.is_empty() {
        output.line("The ledger that was last fetched lists no desk.");
    }
    for desk in &desks {
        output.line(format!("{}   registered by {}", desk.name, desk.by));
        output.line(format!("  {}", desk.id));
        for purpose in &desk.purposes {
            output.line(format!("  {}: {}", purpose.id, purpose.name));
            for card in &purpose.cards {
                output.line(format!("    {}: {}", card.title, card.details.join(", ")));
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(id: &str, name: &str) -> desk::Desk {
        desk::Desk {
            id: id.to_owned(),
            name: name.to_owned(),
            by: "Council".to_owned(),
            purposes: Vec::new(),
        }
    }

    #[test]
    fn an_id_is_an_id_whatever_others_are_called() {
        let desks = [
            desk("x509:library", "Library"),
            desk("evil", "x509:library"),
        ];
        assert_eq!(pick(&desks, "x509:library").unwrap(), "x509:library");
        assert_eq!(pick(&desks, "Library").unwrap(), "x509:library");
        // Refused later, by the ledger.
        assert_eq!(pick(&desks, "nobody").unwrap(), "nobody");
    }

    #[test]
    fn a_name_that_several_have_names_none() {
        let desks = [desk("one", "Library"), desk("two", "Library")];
        let refused = pick(&desks, "Library").unwrap_err();
        assert_eq!(
            (refused.kind.as_str(), refused.refused),
            ("several_desks", true)
        );
        assert_eq!(pick(&desks, "two").unwrap(), "two");
    }

    #[test]
    fn half_a_file_does_not_stay() {
        let file = std::env::temp_dir().join(format!("cairn-half-{}", wallet::Id::make()));
        let place = File::create_new(&file).unwrap();
        let full = whole_or_gone(&file, place, |place| {
            place.write_all(b"half")?;
            Err(io::Error::from(ErrorKind::StorageFull))
        });
        assert_eq!(full.unwrap_err().kind(), ErrorKind::StorageFull);
        assert!(!file.exists());
        write_new(&file, b"whole").unwrap();
        // What was there before is not removed.
        assert_eq!(write_new(&file, b"other").unwrap_err().kind, "file");
        assert_eq!(fs::read(&file).unwrap(), b"whole");
        fs::remove_file(&file).unwrap();
    }
}
