//! The citizen's answers to reviews. Each names the review that it answers, and no more is done
//! than that review showed.

use ipc::{
    AcceptOffer, AddedView, Choose, Failure, FailureKind, Share, ShareReview, SharedView, Stage,
};
use tauri::{AppHandle, State};
use wallet::share::Sharing;
use wallet::{Acceptance, ReviewId};

use crate::failures::Fails as _;
use crate::shell::{Shell, say};
use crate::views;

#[tauri::command]
pub(crate) async fn accept_offer(
    app: AppHandle,
    shell: State<'_, Shell>,
    input: AcceptOffer,
) -> Result<AddedView, Failure> {
    let wallet = shell.wallet()?;
    // To the wallet an empty choice means all.
    if !in_order(&input.cards) || input.cards.is_empty() {
        return Err(Failure::new(FailureKind::NotFound, "choice"));
    }
    let acceptance = Acceptance {
        cards: input.cards,
        tx_code: input.tx_code.map(ipc::Secret::into_text),
        ticks: views::ticks(&input.ticks),
    };
    say(
        &app,
        ipc::Progress {
            stage: Stage::Fetching,
        },
    );
    let added = wallet
        .accept(
            &ReviewId::from_text(&input.review.0),
            &acceptance,
            &shell.locale(),
        )
        .await
        .map_err(|error| error.failure())?;
    shell.links().end(&input.review);
    Ok(views::added(added))
}

#[tauri::command]
pub(crate) async fn choose(shell: State<'_, Shell>, input: Choose) -> Result<ShareReview, Failure> {
    let locale = shell.locale();
    shell
        .wallet()?
        .choose(
            &ReviewId::from_text(&input.review.0),
            &views::choices(input.choice),
            &locale,
        )
        .map(|review| views::share(review, &locale))
        .map_err(|error| error.failure())
}

#[tauri::command]
pub(crate) async fn share(
    app: AppHandle,
    shell: State<'_, Shell>,
    input: Share,
) -> Result<SharedView, Failure> {
    let wallet = shell.wallet()?;
    if !in_order(&input.optional) {
        return Err(Failure::new(FailureKind::NotFound, "choice"));
    }
    let sharing = Sharing {
        optional: input.optional,
        ticks: views::ticks(&input.ticks),
    };
    say(
        &app,
        ipc::Progress {
            stage: Stage::Sending,
        },
    );
    let shared = wallet
        .share(
            &ReviewId::from_text(&input.review.0),
            &sharing,
            &shell.locale(),
        )
        .await
        .map_err(|error| error.failure())?;
    shell.links().end(&input.review);
    Ok(views::shared(shared))
}

/// Rising, so without repeats.
pub(super) fn in_order(indices: &[usize]) -> bool {
    indices
        .iter()
        .zip(indices.iter().skip(1))
        .all(|(one, next)| one < next)
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn indices_rise_without_repeats() {
        assert!(in_order(&[]));
        assert!(in_order(&[3]));
        assert!(in_order(&[0, 2, 5]));
        assert!(!in_order(&[0, 0]));
        assert!(!in_order(&[2, 1]));
    }
}
