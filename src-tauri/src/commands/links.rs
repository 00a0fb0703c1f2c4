//! From a link, a file or an image to a review.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipc::{
    ContinueLink, Failure, FailureKind, LinkView, NextStep, OpenLink, ReadImage, ReplaceLink,
    Stage, Stop,
};
use tauri::{AppHandle, State};
use wallet::open_link::{read_bytes, read_text};
use wallet::{Link, ReviewId, Wallet, desk};

use crate::failures::{self, Fails as _};
use crate::links::Handed;
use crate::shell::{Shell, say};
use crate::views;

/// The largest picture, in bytes, and what that is in base64.
const LARGEST_PICTURE: usize = 10 << 20;
const LARGEST_ENCODED: usize = LARGEST_PICTURE.div_ceil(3) * 4;

/// Names of what is said of a file in which there is no code of a desk at all.
const NO_DESK_CODE: [&str; 4] = ["not_a_desk_code", "picture", "no_code", "not_text"];

#[tauri::command]
pub(crate) async fn open_link(
    shell: State<'_, Shell>,
    input: OpenLink,
) -> Result<LinkView, Failure> {
    shell.wallet()?;
    let handed = if desk::is_desk_code(&input.text) {
        Handed::Desk(desk::read_text(&input.text).map_err(|error| error.failure())?)
    } else {
        Handed::Link(read_text(&input.text).map_err(|error| error.failure())?)
    };
    Ok(shell.links().open(handed))
}

#[tauri::command]
pub(crate) async fn read_image(
    shell: State<'_, Shell>,
    input: ReadImage,
) -> Result<LinkView, Failure> {
    shell.wallet()?;
    if input.file.len() > LARGEST_ENCODED {
        return Err(Failure::new(FailureKind::Unreadable, "picture_too_large"));
    }
    let bytes = STANDARD
        .decode(&input.file)
        .map_err(|_| Failure::new(FailureKind::Unreadable, "not_a_picture"))?;
    let handed = tauri::async_runtime::spawn_blocking(move || read_picture(&bytes))
        .await
        .map_err(|_| Failure::new(FailureKind::Internal, "thread"))??;
    Ok(shell.links().open(handed))
}

/// The code of a desk, else a link. Of a picture with neither it is said what it is not: a link.
fn read_picture(bytes: &[u8]) -> Result<Handed, Failure> {
    match desk::read_bytes(bytes) {
        Ok(ask) => Ok(Handed::Desk(ask)),
        Err(error) if !NO_DESK_CODE.contains(&error.name()) => Err(error.failure()),
        Err(_) => read_bytes(bytes)
            .map(Handed::Link)
            .map_err(|error| error.failure()),
    }
}

#[tauri::command]
pub(crate) async fn replace_link(
    shell: State<'_, Shell>,
    input: ReplaceLink,
) -> Result<Option<LinkView>, Failure> {
    let wallet = shell.wallet()?;
    let (view, under_way) = shell.links().replace(input.replace);
    if let Some(review) = under_way {
        // Without a word to the service: only "Don't share" tells it.
        wallet
            .decline(&review, false)
            .await
            .map_err(|error| error.failure())?;
    }
    Ok(view)
}

#[tauri::command]
pub(crate) async fn continue_link(
    app: AppHandle,
    shell: State<'_, Shell>,
    input: ContinueLink,
) -> Result<NextStep, Failure> {
    let wallet = shell.wallet_with_ledger().await?;
    let waiting = shell.links().find(&input.link);
    let waiting = waiting.ok_or_else(failures::review_gone)?;
    let link = match &waiting.handed {
        Handed::Link(link) => link,
        Handed::Desk(ask) => {
            let step = super::counter::review(&shell, ask.clone())?;
            shell.links().done_with(&waiting.id);
            return Ok(step);
        }
    };
    say(
        &app,
        ipc::Progress {
            stage: Stage::Contacting,
        },
    );
    let locale = shell.locale();
    let (step, review) = tokio::select! {
        done = review(&wallet, link, &locale) => done?,
        () = shell.stopped.notified() => return Err(failures::review_gone()),
    };
    shell.links().went_on(&waiting.id, review);
    Ok(step)
}

#[tauri::command]
pub(crate) async fn stop(shell: State<'_, Shell>, input: Stop) -> Result<(), Failure> {
    shell.links().end(&input.review);
    shell.stopped.notify_waiters();
    // A locked wallet has forgotten its reviews already.
    if let Ok(wallet) = shell.wallet() {
        wallet
            .decline(&ReviewId::from_text(&input.review.0), input.tell)
            .await
            .map_err(|error| error.failure())?;
    }
    Ok(())
}

async fn review(
    wallet: &Wallet,
    link: &Link,
    locale: &str,
) -> Result<(NextStep, ReviewId), Failure> {
    match link {
        Link::Offer(link) => {
            let review = wallet
                .review_offer(link, locale)
                .await
                .map_err(|error| error.failure())?;
            let id = review.id.clone();
            Ok((NextStep::Offer(views::offer(review)), id))
        }
        Link::Request(link) => {
            let step = wallet
                .review_request(link, &[], locale)
                .await
                .map_err(|error| error.failure())?;
            Ok(views::step(step, locale))
        }
    }
}
