//! `cairn add`.

use std::process::ExitCode;

use serde_json::json;
use wallet::{Acceptance, CardRow, InputMode, Level, Link, OfferReview, Tick, TrustError, Wallet};

use crate::args::Add;
use crate::cards::{self, card_json};
use crate::output::{Failure, Output, names};
use crate::{LOCALE, ask, explain};

pub(crate) async fn run(wallet: &Wallet, add: &Add, output: Output) -> Result<ExitCode, Failure> {
    let link = match cards::read_link(&add.link)? {
        Link::Offer(link) => link,
        Link::Request(_) => {
            return Err(Failure::new(
                "link",
                "this link asks for a card, it does not offer one",
                "Nothing was sent. Use `cairn present` for it.",
            )
            .refused());
        }
    };
    refresh(wallet, output).await?;
    let review = wallet
        .review_offer(&link, LOCALE)
        .await
        .map_err(|error| explain::add(&error))?;
    show(&review, output);
    let warned = &review.warnings;
    if let Some(warning) = warned.iter().find(|one| one.level == Level::Block) {
        return Err(explain::warned(warning.kind, false).with_warnings(warned));
    }
    if let Some(warning) = warned.iter().find(|one| one.level == Level::Tick)
        && !add.accept_unlisted
        && (add.yes || ask::yes("The ledger does not vouch for them. Go on?") != Some(true))
    {
        return Err(explain::warned(warning.kind, false).with_warnings(warned));
    }
    let tx_code = tx_code(&review, add).map_err(|failure| failure.with_warnings(warned))?;
    if !add.yes {
        match ask::yes("Add this to your wallet?") {
            Some(true) => {}
            Some(false) => {
                output.line("Nothing was added.");
                return Ok(ExitCode::FAILURE);
            }
            None => return Err(no_terminal("No card was added.").with_warnings(warned)),
        }
    }
    let mut ticks = review.ticks.clone();
    // Given beforehand for a key that is known only with the card.
    if add.accept_unlisted && !ticks.contains(&Tick::Unlisted) && review.how.is_none() {
        ticks.push(Tick::Unlisted);
    }
    let acceptance = Acceptance {
        cards: Vec::new(),
        tx_code,
        ticks,
    };
    let added = wallet
        .accept(&review.id, &acceptance, LOCALE)
        .await
        .map_err(|error| explain::add(&error).with_warnings(warned))?;
    let rows: Vec<_> = added.cards.iter().map(card_json).collect();
    output.object(&json!({"cards": rows, "warnings": names(&added.warnings)}));
    output.line("");
    for card in &added.cards {
        output.line(format!("Added: {}", line_for(card)));
    }
    Ok(ExitCode::SUCCESS)
}

/// Brings the ledger up to date where it can be reached. A refused update is a failure; an
/// unreachable ledger is not: its last word has its age.
pub(crate) async fn refresh(wallet: &Wallet, output: Output) -> Result<(), Failure> {
    match wallet.sync_ledger().await {
        Ok(_) | Err(TrustError::NoLedger) => Ok(()),
        Err(error) if error.is_refusal() => Err(explain::trust(&error)),
        Err(_) => {
            output.line("The ledger could not be reached; its last word is used.");
            Ok(())
        }
    }
}

pub(crate) fn no_terminal(nothing: &str) -> Failure {
    Failure::new(
        "usage",
        "there is no terminal to ask on",
        format!("{nothing} Give --yes to agree beforehand."),
    )
}

fn tx_code(review: &OfferReview, add: &Add) -> Result<Option<String>, Failure> {
    let Some(expected) = &review.tx_code else {
        return Ok(None);
    };
    let code = match &add.tx_code {
        Some(code) => Some(code.clone()),
        None => {
            let kind = match expected.input_mode {
                InputMode::Numeric => "digits",
                InputMode::Text => "characters",
            };
            let length = expected.length.map(|length| format!("{length} {kind}"));
            let shape = length.unwrap_or_else(|| kind.to_owned());
            ask::line(&format!("Code from the issuer ({shape}): "))
        }
    };
    let missing = || {
        Failure::new(
            "tx_code",
            "the offer asks for a code",
            "No card was added. Give the code that the issuer sent you with --tx-code.",
        )
        .refused()
    };
    let code = code.ok_or_else(missing)?;
    expected.check(&code).map_err(|error| {
        Failure::new("tx_code", error, "No card was added, and nothing was sent.").refused()
    })?;
    Ok(Some(code))
}

fn show(review: &OfferReview, output: Output) {
    output.line(format!(
        "{} offers, from {}:",
        review.issuer.name, review.host
    ));
    for card in &review.cards {
        output.line(format!("  {}", card.title));
        if !card.contents.is_empty() {
            output.line(format!("    with: {}", card.contents.join(", ")));
        }
    }
    output.line(format!(
        "The ledger says: {}",
        cards::verdict_words(&review.verdict)
    ));
    cards::show_warnings(&review.warnings, output);
}

fn line_for(card: &CardRow) -> String {
    format!("{} from {} ({})", card.title, card.issuer.name, card.id)
}
