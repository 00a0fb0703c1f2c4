//! `cairn present`.

use std::process::ExitCode;

use serde_json::{Value, json};
use wallet::share::{
    Choice, ChooseReview, NextStep, OfferedAsk, Recognisability, Retained, ShareReview, Shared,
    Sharing, Way,
};
use wallet::{Id, Level, Link, Outcome, Tick, Wallet, WarningKind};

use crate::add::{no_terminal, refresh};
use crate::args::{Consent, Present};
use crate::cards::{self, value_text};
use crate::output::{Failure, Output, counted, names};
use crate::{LOCALE, ask, desk, explain, missing};

pub(crate) async fn run(
    wallet: &Wallet,
    present: &Present,
    output: Output,
) -> Result<ExitCode, Failure> {
    let Some(link) = &present.link else {
        return desk::run(wallet, present, output).await;
    };
    if desk::is_code(link) {
        return desk::answer(wallet, &desk::read(link)?, present, output).await;
    }
    let link = match cards::read_link(link)? {
        Link::Request(link) => link,
        Link::Offer(_) => {
            return Err(Failure::new(
                "link",
                "this link offers a card, it does not ask for one",
                "Nothing was sent. Use `cairn add` for it.",
            )
            .refused());
        }
    };
    if present.code.qr.is_some() || present.code.staple {
        return Err(Failure::new(
            "usage",
            "this request is answered over the network, not with a code",
            "Nothing was sent. Leave --qr and --staple out.",
        ));
    }
    let only = only(wallet, &present.consent)?;
    refresh(wallet, output).await?;
    let step = wallet
        .review_request(&link, &only, LOCALE)
        .await
        .map_err(|error| explain::request(&error))?;
    let Some((review, sharing)) = agree(wallet, step, &present.consent, output).await? else {
        return Ok(ExitCode::FAILURE);
    };
    let shared = wallet
        .share(&review.id, &sharing, LOCALE)
        .await
        .map_err(|error| explain::share(&error).with_warnings(&review.warnings))?;
    Ok(report(&review, &shared, output))
}

/// The cards that were named.
pub(crate) fn only(wallet: &Wallet, consent: &Consent) -> Result<Vec<Id>, Failure> {
    let cards = consent.cards.iter();
    cards.map(|id| cards::find(wallet, id)).collect()
}

/// From what a request turned out to be to a decision; `None` for no.
pub(crate) async fn agree(
    wallet: &Wallet,
    step: NextStep,
    consent: &Consent,
    output: Output,
) -> Result<Option<(ShareReview, Sharing)>, Failure> {
    let review = match step {
        NextStep::Missing(missing) => return Err(missing::failure(&missing)),
        NextStep::Choose(choose) => {
            let chosen = (!consent.yes).then(|| pick(&choose, output)).flatten();
            match chosen {
                Some(choice) => wallet.choose(&choose.id, &choice, LOCALE),
                None => wallet.choose_best(&choose.id, LOCALE),
            }
            .map_err(|error| explain::request(&error))?
        }
        NextStep::Share(review) => *review,
    };
    show(&review, output);
    let sharing = decide(wallet, &review, consent, output).await?;
    if sharing.is_none() {
        output.line("Nothing was shared.");
    }
    Ok(sharing.map(|sharing| (review, sharing)))
}

/// Asks which of several cards; `None` where there is no terminal to ask on.
fn pick(choose: &ChooseReview, output: Output) -> Option<Vec<Choice>> {
    let mut choice = Vec::new();
    for set in &choose.sets {
        let option = if set.options.len() > 1 {
            let lines = set.options.iter().map(|asks| {
                let titles = asks.iter().filter_map(|ask| ask.cards.first());
                titles
                    .map(|card| card.title.as_str())
                    .collect::<Vec<_>>()
                    .join(" and ")
            });
            one_of("Which of these ways?", lines.collect(), output)?
        } else {
            0
        };
        let asks: &[OfferedAsk] = set.options.get(option)?;
        let mut cards = Vec::new();
        for ask in asks {
            let lines: Vec<String> = ask
                .cards
                .iter()
                .map(|card| {
                    let added = cards::date(card.added_at);
                    format!("{} from {}, added {added}", card.title, card.issuer.name)
                })
                .collect();
            let card = if lines.len() > 1 {
                one_of("Which card?", lines, output)?
            } else {
                0
            };
            cards.push(vec![card]);
        }
        choice.push(Choice { option, cards });
    }
    Some(choice)
}

/// Asks for one line of several by its number; what is no number takes the first.
fn one_of(question: &str, lines: Vec<String>, output: Output) -> Option<usize> {
    for (place, line) in lines.iter().enumerate() {
        output.line(format!("  {}  {line}", place + 1));
    }
    let answer = ask::line(&format!("{question} [1] "))?;
    let number = answer.parse::<usize>().unwrap_or(1).clamp(1, lines.len());
    Some(number - 1)
}

/// What the citizen decides; `None` for no.
async fn decide(
    wallet: &Wallet,
    review: &ShareReview,
    consent: &Consent,
    output: Output,
) -> Result<Option<Sharing>, Failure> {
    let warned = &review.warnings;
    if let Some(warning) = warned.iter().find(|one| one.level == Level::Block) {
        return Err(explain::warned(warning.kind, true).with_warnings(warned));
    }
    for warning in warned.iter().filter(|one| one.level == Level::Tick) {
        let over_asking = warning.kind == WarningKind::OverAsking;
        let (given, question) = if over_asking {
            (
                consent.accept_over_asking,
                "They ask for more than they registered. Go on?",
            )
        } else {
            (
                consent.accept_unlisted,
                "The ledger does not vouch for them. Go on?",
            )
        };
        let asked = || !consent.yes && ask::yes(question) == Some(true);
        if !given && !asked() {
            return Err(explain::warned(warning.kind, true).with_warnings(warned));
        }
    }
    let mut sharing = Sharing {
        optional: Vec::new(),
        ticks: review.ticks.clone(),
    };
    if consent.yes {
        if review.sets.iter().all(|set| !set.required) {
            return Err(Failure::new(
                "nothing_required",
                "everything in this request is optional",
                "Nothing was shared. Leave --yes out to choose.",
            )
            .refused()
            .with_warnings(warned));
        }
        return Ok(Some(sharing));
    }
    for (place, set) in review
        .sets
        .iter()
        .enumerate()
        .filter(|(_, set)| !set.required)
    {
        let labels: Vec<&str> = set
            .rows
            .iter()
            .map(|row| row.detail.label.as_str())
            .collect();
        let question = format!("Also share, as you like: {}?", labels.join(", "));
        if ask::yes(&question) == Some(true) {
            sharing.optional.push(place);
            if set.has_photo() && !sharing.ticks.contains(&Tick::Photo) {
                sharing.ticks.push(Tick::Photo);
            }
        }
    }
    match ask::yes("Share this?") {
        Some(true) => Ok(Some(sharing)),
        Some(false) => {
            let online = review.way == Way::Sent;
            let tell = online && ask::yes("Tell them that you did not share?") == Some(true);
            wallet
                .decline(&review.id, tell)
                .await
                .map_err(|error| explain::record(&error))?;
            output.line("");
            Ok(None)
        }
        None => Err(no_terminal("Nothing was shared.").with_warnings(warned)),
    }
}

fn show(review: &ShareReview, output: Output) {
    let required = || review.sets.iter().filter(|set| set.required);
    let count: usize = required().map(|set| set.rows.len()).sum();
    output.line(format!(
        "Share {} with {}?",
        counted(count, "detail"),
        review.service.name
    ));
    cards::show_warnings(&review.warnings, output);
    output.line(format!("Who: {}", desk::place(review)));
    output.line(format!(
        "     the ledger says: {}",
        cards::verdict_words(&review.service.verdict)
    ));
    match review.purpose.as_ref() {
        Some(purpose) => {
            let reason = purpose.reason.get(LOCALE).map_or("", String::as_str);
            output.line(format!("Why: “{reason}”"));
        }
        None => output.line("Why: they have not said in public."),
    }
    for line in desk::way_words(review.way) {
        output.line(line);
    }
    for line in declared(review) {
        output.line(line);
    }
    output.line("What they will see:");
    for set in &review.sets {
        let optional = if set.required {
            ""
        } else {
            " (only if you like)"
        };
        for row in &set.rows {
            let beyond = if row.excess {
                " [beyond what they registered]"
            } else {
                ""
            };
            let kept = if row.kept {
                " [they say that they will keep this]"
            } else {
                ""
            };
            output.line(format!(
                "  {}: {}   from {}{optional}{beyond}{kept}",
                row.detail.label,
                value_text(&row.detail.value),
                row.title
            ));
        }
    }
    output.line("Always with a card: who issued it, its kind, and its dates of issue and end.");
    for stays in review.stays.iter().filter(|stays| !stays.names.is_empty()) {
        output.line(format!(
            "Stays with you: {} ({})",
            stays.names.join(", "),
            stays.title
        ));
    }
}

const UNLINKABLE: &str = "They cannot recognise you by the card itself: two services that compare \
    notes find nothing in common but what you show. The details, who issued the card, its dates, \
    and how few people have such a card can still tell who you are.";

/// What they declared in public, and whether they can recognise the citizen again.
fn declared(review: &ShareReview) -> Vec<String> {
    let kept = match review.retention {
        Retained::NotSaid => "They have not said how long they keep it.".to_owned(),
        Retained::Nothing => "They say that they do not keep it.".to_owned(),
        Retained::For(length) => format!("They say that they keep it for {length}."),
    };
    let onward = match review
        .purpose
        .as_ref()
        .map(|purpose| purpose.onward.as_slice())
    {
        None => "They have not said whether they pass it on.".to_owned(),
        Some([]) => "They say that they pass it on to nobody.".to_owned(),
        Some(others) => format!("They say that they pass it on to: {}.", others.join(", ")),
    };
    let again = match review.recognisability {
        Recognisability::Unlinkable => UNLINKABLE,
        Recognisability::FreshCopy => {
            "They cannot recognise you by the card itself: this copy was never shown before."
        }
        Recognisability::UsedCopy => {
            "They can recognise you: this copy of the card was shown before."
        }
        Recognisability::Identifying => {
            "They can recognise you: among the details is one that only you have."
        }
    };
    let mut lines = vec![kept, onward, again.to_owned()];
    if review.recognisability != Recognisability::Unlinkable {
        let not_by = review.unlinkable.iter().map(|card| {
            format!(
                "They cannot recognise you by {card} itself, only by the details that you show \
                 from it, by its issuer and dates, and by how few people have such a card."
            )
        });
        lines.extend(not_by);
    }
    lines
}

/// Where what was shared is now, and where to look for what they make of it.
fn whereabouts(shared: &Shared) -> Vec<String> {
    let (who, host) = (&shared.service.name, &shared.service.website);
    let mut lines = match shared.outcome {
        Outcome::Delivered => vec![format!("Shared. {who} has it now; it was sent to {host}.")],
        Outcome::Refused => vec![
            format!("{who} received it at {host} and refused it."),
            "Ask them why. To try again takes a new link or code.".to_owned(),
        ],
        Outcome::Unknown | Outcome::NotSent | Outcome::Shown => vec![
            format!("It is not known whether {who} at {host} received it."),
            "Ask them before you try again.".to_owned(),
        ],
    };
    match &shared.redirect_uri {
        Some(next) => lines.push(format!(
            "What they make of it is theirs to say. They ask you to go on at: {next}"
        )),
        None if shared.outcome == Outcome::Delivered => lines.push(
            "What they make of it is theirs to say, where they asked you: they named no page to \
             go on at."
                .to_owned(),
        ),
        None => {}
    }
    lines
}

fn report(review: &ShareReview, shared: &Shared, output: Output) -> ExitCode {
    // Nothing left: to a script that is the same as an outcome that is not known to be bad.
    let outcome = match shared.outcome {
        Outcome::Delivered => "delivered",
        Outcome::Refused => "refused",
        Outcome::Unknown | Outcome::Shown => "unknown",
        Outcome::NotSent => "not_sent",
    };
    let cards: Vec<Value> = shared
        .cards
        .iter()
        .map(|card| {
            let claims: Vec<Value> = card.claims.iter().map(wallet::ClaimPath::to_json).collect();
            json!({"card": card.card.to_string(), "claims": claims})
        })
        .collect();
    if shared.outcome == Outcome::NotSent {
        let failure = Failure::new(
            "unreachable",
            "the service could not be reached",
            "Nothing was shared. Check your connection and ask for a new code.",
        );
        return output.failure(&failure.at_effect().with_warnings(&review.warnings));
    }
    output.object(&json!({
        "outcome": outcome,
        "service": {
            "id": shared.service.id,
            "name": shared.service.name,
            "verdict": shared.service.verdict.standing.name(),
        },
        "shared": cards,
        "sent_to": shared.service.website,
        "redirect_uri": shared.redirect_uri,
        "warnings": names(&review.warnings),
    }));
    for line in whereabouts(shared) {
        output.line(line);
    }
    if shared.outcome == Outcome::Delivered {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
