//! From an error of the wallet to what a person reads and a script compares.

use wallet::open_link::OpenLinkError;
use wallet::presentation::{FetchError, Refusal};
use wallet::share::{RequestError, ShareError};
use wallet::{
    AddError, CardState, HttpError, KeyringError, OpenError, RecordError, TrustError, WarningKind,
};

use crate::output::Failure;

const NOTHING_ADDED: &str = "No card was added.";
const NOTHING_SHARED: &str = "Nothing was shared.";

pub(crate) fn open(error: &OpenError) -> Failure {
    let (kind, advice) = match error {
        OpenError::Absent => (
            "no_wallet",
            "Make one with `cairn init`, or name its folder with --data.".to_owned(),
        ),
        OpenError::Exists => (
            "exists",
            "Nothing was changed. Name another folder with --data.".to_owned(),
        ),
        OpenError::FileExists => (
            "exists",
            "Nothing was overwritten. Name another file.".to_owned(),
        ),
        OpenError::WrongPassphrase { retry_after } if retry_after.is_zero() => {
            ("wrong_passphrase", "Try again.".to_owned())
        }
        OpenError::WrongPassphrase { retry_after } | OpenError::TooSoon { retry_after } => {
            let kind = if matches!(error, OpenError::TooSoon { .. }) {
                "delayed"
            } else {
                "wrong_passphrase"
            };
            (
                kind,
                format!(
                    "Wait {} seconds, then try again.",
                    retry_after.as_secs_f32().ceil()
                ),
            )
        }
        OpenError::WrongCode => (
            "wrong_code",
            "Check the recovery code letter by letter.".to_owned(),
        ),
        OpenError::Weak(_) => (
            "weak_passphrase",
            "Choose a longer one: four or more unrelated words are good.".to_owned(),
        ),
        OpenError::Keyring(error) => ("keyring", keyring_advice(error).to_owned()),
        OpenError::InUse => (
            "in_use",
            "Close the other program, then try again. Nothing was changed.".to_owned(),
        ),
        OpenError::Newer => ("newer", "Install the newest version of Cairn.".to_owned()),
        OpenError::Damaged(_) => (
            "damaged",
            "Restore a backup with `cairn restore FILE` into a new folder.".to_owned(),
        ),
        OpenError::Network(_) => ("network", "The network could not be set up.".to_owned()),
        _ => (
            "file",
            "Check the folder's permissions and the free space.".to_owned(),
        ),
    };
    Failure::new(kind, error, advice)
}

fn keyring_advice(error: &KeyringError) -> &'static str {
    match error {
        KeyringError::Missing => {
            "Log in to a desktop session, or start gnome-keyring or KWallet, then start Cairn again. \
             Or make a wallet that needs the passphrase alone: `cairn init --no-keyring`."
        }
        KeyringError::Locked => "Unlock the keyring, then try again.",
        KeyringError::TimedOut => "Look for the keyring's own window, then try again.",
        KeyringError::NoSecret | KeyringError::OtherSecret => {
            "Open the wallet with its recovery code: `cairn recover`."
        }
        _ => "Try again after logging in anew.",
    }
}

pub(crate) fn record(error: &RecordError) -> Failure {
    let (kind, advice) = match error {
        RecordError::NotFound => ("not_found", "`cairn cards` lists what is here."),
        RecordError::Damaged { .. } => ("damaged", "The other cards are not affected."),
        _ => (
            "file",
            "Nothing was changed. Check the folder's permissions and the free space.",
        ),
    };
    Failure::new(kind, error, advice)
}

pub(crate) fn link(error: &OpenLinkError) -> Failure {
    let kind = match error {
        OpenLinkError::Link(wallet::LinkError::NotForAWallet) => "not_for_a_wallet",
        OpenLinkError::Link(_) | OpenLinkError::NotText => "link",
        OpenLinkError::Frame(_) => "picture",
        _ => "link",
    };
    let advice = "Nothing was sent. Ask the service for a new link or code.";
    Failure::new(kind, error, advice).refused()
}

pub(crate) fn trust(error: &TrustError) -> Failure {
    let advice = match error {
        TrustError::NoLedger => "Name one with --ledger URL or DIR.",
        TrustError::PinNeeded => {
            "Get the ledger's pin.json from a body that you trust and give it with --pin."
        }
        error if error.is_forbidden() => {
            "Nothing was sent: the wallet does not go there. Plain HTTP and this computer's own \
             addresses are for wallets of the demo."
        }
        error if error.is_refusal() => {
            "The update was refused and what was known before still stands. Tell the body that runs the ledger."
        }
        _ => "What was known before still stands. Try again later.",
    };
    let failure = Failure::new(error.name(), error, advice);
    if error.is_refusal() || error.is_forbidden() {
        failure.refused()
    } else {
        failure
    }
}

/// A warning in a few words.
pub(crate) fn warning(kind: WarningKind) -> &'static str {
    match kind {
        WarningKind::OverAsking => "they ask for more than they registered",
        WarningKind::ServiceUnlisted => "the service is not on the ledger",
        WarningKind::ServiceChanged => "the service is listed, but not with this key",
        WarningKind::ServiceEnded => "the service's listing has ended",
        WarningKind::ServiceRevoked => "the service's key was revoked",
        WarningKind::ServiceWithdrawn => "the service was withdrawn",
        WarningKind::ServiceUnproven => "nothing proves who asks: the request is not signed",
        WarningKind::IssuerUnlisted => "the issuer is not on the ledger",
        WarningKind::IssuerOutOfScope => "the issuer is listed, but not for this kind of card",
        WarningKind::IssuerEnded => "the issuer's listing has ended",
        WarningKind::IssuerRevoked => "the issuer's key was revoked",
        WarningKind::IssuerWithdrawn => "the issuer was withdrawn",
        WarningKind::IssuerNotYetKnown => "the issuer's key is known only with the card",
        WarningKind::IssuerChanged => "you have this kind of card from another issuer or key",
        WarningKind::Duplicate => "you have this kind of card from this issuer already",
        WarningKind::LedgerStale => "the copy of the ledger here is too old to say",
        WarningKind::LedgerUnknown => "there is no ledger to ask",
        WarningKind::ClockSetBack => "this computer's clock was set back",
        WarningKind::LastCopy => {
            "no fresh copy is left, so that services can see it is the same card"
        }
        WarningKind::CardExpired => "the card is past its date",
        WarningKind::CardWithdrawn => "the card's issuer or its key was withdrawn or revoked",
        WarningKind::CardLeftOut => "a card of the offer that this wallet cannot take",
    }
}

pub(crate) fn warned(kind: WarningKind, shares: bool) -> Failure {
    let (message, option) = match kind {
        WarningKind::OverAsking => (
            "the service asks for more than it registered",
            "Give --accept-over-asking if you want to share all the same.",
        ),
        WarningKind::IssuerRevoked | WarningKind::IssuerWithdrawn => (
            "the ledger says that this issuer's cards must not be taken",
            "",
        ),
        WarningKind::ServiceRevoked | WarningKind::ServiceWithdrawn => {
            ("the ledger says that this service must not be answered", "")
        }
        WarningKind::LedgerUnknown => (
            "there is no ledger that could vouch for them",
            "Name a ledger with --ledger, or give --accept-unlisted.",
        ),
        WarningKind::LedgerStale => (
            "the ledger kept here is too old to vouch for them",
            "Run `cairn ledger sync`, or give --accept-unlisted.",
        ),
        _ => (
            "the ledger does not vouch for them",
            "Give --accept-unlisted if you trust them all the same.",
        ),
    };
    let nothing = if shares {
        NOTHING_SHARED
    } else {
        NOTHING_ADDED
    };
    Failure::new(
        kind.name(),
        message,
        format!("{nothing} {option}").trim_end().to_owned(),
    )
    .refused()
}

pub(crate) fn add(error: &AddError) -> Failure {
    use wallet::{RedeemError, ResolveError};
    let new_offer = format!("{NOTHING_ADDED} Ask the issuer for a new offer.");
    let failure = |kind: &str| Failure::new(kind, error, new_offer.clone());
    match error {
        AddError::Blocked(kind) | AddError::NotListed(kind) => warned(*kind, false).at_effect(),
        AddError::Resolve(ResolveError::Fetch(fetch)) => network(error, fetch, NOTHING_ADDED),
        AddError::Resolve(ResolveError::Forbidden { .. }) => Failure::new(
            "forbidden_address",
            error,
            format!("{NOTHING_ADDED} The offer leads where the wallet does not go."),
        )
        .refused(),
        AddError::Resolve(ResolveError::Unsupported(_)) => failure("unsupported").refused(),
        AddError::Resolve(_) => failure("offer").refused(),
        AddError::Redeem(RedeemError::TxCode(_)) => Failure::new(
            "tx_code",
            error,
            format!("{NOTHING_ADDED} Give the code that the issuer sent you with --tx-code."),
        )
        .refused()
        .at_effect(),
        AddError::Redeem(RedeemError::CodeRefused) => Failure::new(
            "code_refused",
            error,
            format!(
                "{NOTHING_ADDED} An offer works once, and for a time. Check the code if one was \
                 asked for, or ask the issuer for a new offer."
            ),
        )
        .at_effect(),
        AddError::Redeem(RedeemError::Deferred { .. }) => Failure::new(
            "deferred",
            error,
            format!("{NOTHING_ADDED} Ask the issuer for a new offer when the card is ready."),
        )
        .at_effect(),
        AddError::Redeem(RedeemError::Fetch(fetch)) => {
            network(error, fetch, NOTHING_ADDED).at_effect()
        }
        // Found by a check of this wallet, not said by the issuer.
        AddError::Redeem(
            RedeemError::OtherKey
            | RedeemError::CopyCount
            | RedeemError::Member {
                member: "credential",
                ..
            },
        ) => failure("credential").refused().at_effect(),
        AddError::Redeem(RedeemError::Member { .. } | RedeemError::TokenType) => {
            failure("issuer_answer").refused().at_effect()
        }
        AddError::Redeem(_) => failure("issuer_refused").at_effect(),
        AddError::Receive(_) => failure("credential").refused().at_effect(),
        AddError::IssuerKey(_) => failure("issuer_key").refused().at_effect(),
        AddError::TypeMetadata(_) => failure("type_metadata").refused().at_effect(),
        AddError::Published(_) => Failure::new(
            "type_not_as_published",
            error,
            format!(
                "{NOTHING_ADDED} Ask the issuer which version of the card is meant, and see whether \
                 there is a newer version of this program."
            ),
        )
        .refused()
        .at_effect(),
        AddError::Vault(error) => record(error).at_effect(),
        _ => failure("decision").at_effect(),
    }
}

fn network(error: &AddError, fetch: &wallet::IssuanceFetchError, nothing: &str) -> Failure {
    use wallet::IssuanceFetchError as Fetch;
    match fetch {
        Fetch::Http { source, .. } if source.forbidden().is_some() => Failure::new(
            "forbidden_address",
            error,
            format!("{nothing} The offer leads where the wallet does not go."),
        )
        .refused(),
        Fetch::Http { source, .. } => http(source, error, nothing),
        Fetch::Status { status: 400.., .. } => Failure::new(
            "issuer_answer",
            error,
            format!("{nothing} Try again later, or ask the issuer for a new offer."),
        ),
        _ => Failure::new(
            "issuer_answer",
            error,
            format!("{nothing} Ask the issuer for a new offer."),
        )
        .refused(),
    }
}

/// Bounds that an answer broke are checks; a line that failed is not.
fn http(source: &HttpError, error: impl ToString, nothing: &str) -> Failure {
    match source {
        HttpError::TooLarge { .. } | HttpError::TooManyRedirects => {
            let kind = match source {
                HttpError::TooLarge { .. } => "too_large",
                _ => "too_many_redirects",
            };
            Failure::new(kind, error, nothing).refused()
        }
        HttpError::TimedOut { .. } => {
            Failure::new("timed_out", error, format!("{nothing} Try again later."))
        }
        _ => Failure::new(
            "unreachable",
            error,
            format!("{nothing} Check your connection and try again."),
        ),
    }
}

pub(crate) fn request(error: &RequestError) -> Failure {
    let again = format!("{NOTHING_SHARED} Ask the service for a new link or code.");
    match error {
        RequestError::Fetch(FetchError::Http(http) | FetchError::DidDocument(http)) => {
            if http.forbidden().is_some() {
                Failure::new(
                    "forbidden_address",
                    error,
                    format!("{NOTHING_SHARED} The link leads where the wallet does not go."),
                )
                .refused()
            } else {
                self::http(http, error, NOTHING_SHARED)
            }
        }
        RequestError::Fetch(FetchError::Status { .. }) => {
            Failure::new("service_answer", error, again)
        }
        RequestError::Fetch(FetchError::Refused { refusal, .. }) => {
            let kind = match refusal {
                Refusal::ResponseUri(_) => "forbidden_address",
                _ => "request",
            };
            Failure::new(kind, error, again).refused()
        }
        RequestError::Stopped(state) => stopped("the card that was named", *state),
        RequestError::CardsDoNotFit => Failure::new(
            "cards_do_not_fit",
            error,
            format!("{NOTHING_SHARED} Name other cards with --card, or none."),
        )
        .refused(),
        RequestError::Vault(error) => record(error),
        _ => Failure::new("damaged", error, NOTHING_SHARED),
    }
}

/// A card that its issuer stopped is not offered for sharing.
pub(crate) fn stopped(title: &str, state: CardState) -> Failure {
    let (kind, happened, advice) = match state {
        CardState::Suspended => (
            "card_suspended",
            "is suspended by its issuer",
            "Ask its issuer, and run `cairn cards --check` later.",
        ),
        _ => (
            "card_revoked",
            "was withdrawn by its issuer",
            "Ask its issuer for a new one.",
        ),
    };
    let message = format!("{title} {happened}, so it would only be refused");
    Failure::new(kind, message, format!("{NOTHING_SHARED} {advice}")).refused()
}

pub(crate) fn share(error: &ShareError) -> Failure {
    match error {
        ShareError::Blocked(kind) => warned(*kind, true),
        ShareError::Vault(error) => record(error).at_effect(),
        ShareError::CodeOver => Failure::new(
            "code_over",
            error,
            "Nothing was shown. Begin again, with a new code of the desk.",
        )
        .at_effect(),
        ShareError::TooLongForACode => Failure::new(
            "too_long",
            error,
            "Nothing was shown. Leave --staple out, or show fewer cards at once.",
        )
        .at_effect(),
        _ => Failure::new("decision", error, NOTHING_SHARED).at_effect(),
    }
}

#[cfg(test)]
mod tests {
    use wallet::{Document, IssuanceFetchError, RedeemError};

    use super::*;

    /// What a check of this wallet found is exit status 2; what another side said, or did not
    /// say, is 1.
    #[test]
    fn only_checks_are_refusals() {
        let member = |member| RedeemError::Member {
            document: Document::Credential,
            member,
        };
        let status = |status| {
            RedeemError::Fetch(IssuanceFetchError::Status {
                document: Document::Credential,
                status,
            })
        };
        let said = RedeemError::Refused {
            document: Document::Credential,
            error: "invalid_proof".to_owned(),
        };
        for (error, kind, refused) in [
            (RedeemError::OtherKey, "credential", true),
            (RedeemError::CopyCount, "credential", true),
            (member("credential"), "credential", true),
            (member("credentials"), "issuer_answer", true),
            (status(307), "issuer_answer", true),
            (status(500), "issuer_answer", false),
            (said, "issuer_refused", false),
        ] {
            let failure = add(&AddError::Redeem(error));
            assert_eq!((failure.kind.as_str(), failure.refused), (kind, refused));
            assert_eq!(failure.stage, crate::output::Stage::Effect);
        }
    }
}
