//! At a counter: from a purpose to a code on the screen or a pass on paper. Nothing is sent.

use ipc::{
    BeginAtCounter, CodeFrames, CodeView, Failure, FailureKind, FramesView, MakePass, NextStep,
    PassView, SavedView, ServiceRow, SharedView, ShowCode,
};
use tauri::{AppHandle, Manager as _, State};
use wallet::desk::{DeskAsk, Staples};
use wallet::share::{Sharing, Way};
use wallet::{Outcome, ReviewId};

use super::decisions::in_order;
use crate::at_counter::{OnPaper, OnScreen};
use crate::failures::{self, Fails as _};
use crate::saving;
use crate::shell::{Shell, now};
use crate::views;

#[tauri::command]
pub(crate) async fn services(shell: State<'_, Shell>) -> Result<Vec<ServiceRow>, Failure> {
    let wallet = shell.wallet_with_ledger().await?;
    let desks = wallet.desks(&shell.locale());
    Ok(desks.into_iter().map(views::service).collect())
}

#[tauri::command]
pub(crate) async fn begin_at_counter(
    shell: State<'_, Shell>,
    input: BeginAtCounter,
) -> Result<NextStep, Failure> {
    shell.wallet_with_ledger().await?;
    let ask = match input.pass {
        None => DeskAsk::chosen(&input.service, &input.purpose),
        Some(days) => {
            let days = (days.from, days.until);
            DeskAsk::pass(&input.service, &input.purpose, days, now())
                .map_err(|_| Failure::new(FailureKind::NotFound, "pass_days"))?
        }
    };
    review(&shell, ask)
}

#[tauri::command]
pub(crate) async fn ask_again(shell: State<'_, Shell>) -> Result<NextStep, Failure> {
    shell.wallet_with_ledger().await?;
    let ask = shell.at_counter().ask.clone();
    let live = |ask: &DeskAsk| matches!(ask.way(), Way::Code { live: true, .. });
    let ask = ask.filter(|ask| !live(ask));
    review(&shell, ask.ok_or_else(failures::review_gone)?)
}

/// Makes the review of what a desk asks, and remembers what it came from.
pub(super) fn review(shell: &Shell, ask: DeskAsk) -> Result<NextStep, Failure> {
    let locale = shell.locale();
    let step = shell
        .wallet()?
        .review_desk(&ask, &[], &locale)
        .map_err(|error| error.failure())?;
    shell.at_counter().begin(ask);
    let (view, id) = views::step(step, &locale);
    shell.links().under_way(id);
    Ok(view)
}

#[tauri::command]
pub(crate) async fn show_code(app: AppHandle, input: ShowCode) -> Result<CodeView, Failure> {
    let sharing = sharing(input.optional, &input.ticks)?;
    let staples = Staples {
        evidence: input.staple,
        status: input.staple,
    };
    let id = ReviewId::from_text(&input.review.0);
    let code = off_thread(&app, move |shell| {
        let wallet = shell.wallet()?;
        wallet
            .show_code(&id, &sharing, staples, &shell.locale())
            .map_err(|error| error.failure())
    })
    .await?;
    let shell = app.state::<Shell>();
    shell.links().end(&input.review);
    let view = views::code(&code);
    shell.at_counter().code = Some(OnScreen { code, noted: false });
    Ok(view)
}

#[tauri::command]
pub(crate) async fn code_frames(
    shell: State<'_, Shell>,
    input: CodeFrames,
) -> Result<FramesView, Failure> {
    let wallet = shell.wallet()?;
    let shown = shell.at_counter().code.clone();
    let shown = shown.ok_or_else(failures::review_gone)?;
    if shown.code.left(now()) == 0 {
        return Err(Failure::new(FailureKind::ReviewGone, "code_over"));
    }
    // Written down before the first square is on the screen.
    if !shown.noted {
        wallet
            .code_shown(shown.code.event)
            .map_err(|error| error.failure())?;
        if let Some(kept) = &mut shell.at_counter().code {
            kept.noted = true;
        }
    }
    let many = input.many.clamp(1, CodeFrames::MOST);
    views::frames(&shown.code, input.size, input.first, many)
        .ok_or_else(|| Failure::new(FailureKind::NotFound, "frame_size"))
}

#[tauri::command]
pub(crate) async fn end_code(shell: State<'_, Shell>) -> Result<SharedView, Failure> {
    let wallet = shell.wallet()?;
    let shown = shell.at_counter().code.take();
    let shown = shown.ok_or_else(failures::review_gone)?;
    shell.at_counter().end();
    let outcome = if shown.noted {
        Outcome::Shown
    } else {
        wallet
            .code_not_shown(&shown.code)
            .map_err(|error| error.failure())?;
        Outcome::NotSent
    };
    Ok(views::at_desk(&shown.code, outcome))
}

#[tauri::command]
pub(crate) async fn make_pass(app: AppHandle, input: MakePass) -> Result<PassView, Failure> {
    let sharing = sharing(input.optional, &input.ticks)?;
    let id = ReviewId::from_text(&input.review.0);
    let pass = off_thread(&app, move |shell| {
        let wallet = shell.wallet()?;
        wallet
            .print_pass(&id, &sharing, Staples::default(), &shell.locale())
            .map_err(|error| error.failure())
    })
    .await?;
    let shell = app.state::<Shell>();
    shell.links().end(&input.review);
    let view = views::pass(&pass);
    shell.at_counter().pass = Some(OnPaper {
        event: pass.event,
        pass,
        noted: false,
    });
    Ok(view)
}

#[tauri::command]
pub(crate) async fn save_pass(app: AppHandle) -> Result<Option<SavedView>, Failure> {
    let shell = app.state::<Shell>();
    shell.wallet()?;
    let event = shell.at_counter().pass.as_ref().map(|kept| kept.event);
    let event = event.ok_or_else(failures::review_gone)?;
    let Some(file) = saving::place(&app, "cairn-pass.pdf").await? else {
        return Ok(None);
    };
    // While the citizen chose, the wallet may have locked, or the pass been thrown away.
    let wallet = shell.wallet()?;
    let pass = {
        // Held while it is noted: `end_pass` comes before or after, not in between.
        let mut at_counter = shell.at_counter();
        OnPaper::before_writing(at_counter.pass.as_mut(), event, || {
            wallet.code_shown(event).map_err(|error| error.failure())
        })?
    };
    saving::write_to(file, pass.pdf).await.map(Some)
}

#[tauri::command]
pub(crate) async fn end_pass(shell: State<'_, Shell>) -> Result<(), Failure> {
    let made = shell.at_counter().pass.take();
    shell.at_counter().end();
    if let Some(made) = made.filter(|made| !made.noted) {
        shell
            .wallet()?
            .pass_not_printed(&made.pass)
            .map_err(|error| error.failure())?;
    }
    Ok(())
}

fn sharing(optional: Vec<usize>, ticks: &[ipc::Tick]) -> Result<Sharing, Failure> {
    if !in_order(&optional) {
        return Err(Failure::new(FailureKind::NotFound, "choice"));
    }
    Ok(Sharing {
        optional,
        ticks: views::ticks(ticks),
    })
}

/// Signing and packing does not hold up the window.
async fn off_thread<T: Send + 'static>(
    app: &AppHandle,
    work: impl FnOnce(&Shell) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || work(&app.state::<Shell>()))
        .await
        .map_err(|_| Failure::new(FailureKind::Internal, "thread"))?
}
