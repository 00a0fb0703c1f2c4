//! Setting up, unlocking, locking, backing up and restoring.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ipc::{
    BackUp, BackedUpView, ChangePassphrase, CreateVault, Custody, Failure, FailureKind, Locked,
    OpenedView, Recover, Restore, Secret, Stage, StatusView, Unlock, VaultState,
};
use secrecy::{ExposeSecret as _, SecretString};
use tauri::{AppHandle, Manager as _, State};
use tokio::sync::MutexGuard;
use wallet::{EventKind, Mode, OpenError, OsKeyring, RecoveryCode, Status, Wallet};

use crate::failures::Fails as _;
use crate::refresh;
use crate::saving::{self, replace_with};
use crate::shell::{Shell, say};
use crate::views;

/// The largest backup that is read, in characters of base64.
const LARGEST_BACKUP: usize = 400 << 20;

#[tauri::command]
pub(crate) async fn status(shell: State<'_, Shell>) -> Result<StatusView, Failure> {
    let mut view = StatusView {
        vault: VaultState::Missing,
        custody: None,
        demo: shell.demo,
        waiting: shell.links().waiting(),
        retry_after: None,
        last_backup: None,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        folder: shell.folder.display().to_string(),
        ledger: None,
    };
    let _alone = shell.vault_file.lock().await;
    if let Ok(wallet) = shell.wallet() {
        view.vault = VaultState::Open;
        view.demo = wallet.is_demo();
        view.custody = Some(custody(wallet.mode()));
        let kept = wallet.ledger_kept().map_err(|error| error.failure())?;
        view.ledger = Some(views::ledger_kept(kept));
        let (events, _) = wallet.history().map_err(|error| error.failure())?;
        view.last_backup = events
            .iter()
            .find(|event| event.kind == EventKind::BackedUp)
            .map(|event| event.at);
        return Ok(view);
    }
    match wallet::status(&shell.folder).map_err(|error| error.failure())? {
        Status::Absent => {}
        Status::Locked {
            mode,
            demo,
            retry_after,
        } => {
            view.vault = VaultState::Locked;
            view.custody = Some(custody(mode));
            view.demo = demo;
            view.retry_after = retry_after.map(|wait| wait.as_secs_f64().ceil() as u32);
        }
        Status::InUse => view.vault = VaultState::InUse,
        _ => view.vault = VaultState::Damaged,
    }
    Ok(view)
}

#[tauri::command]
pub(crate) async fn create(app: AppHandle, input: CreateVault) -> Result<OpenedView, Failure> {
    let passphrase = secret(input.passphrase);
    let mode = mode(input.custody);
    let shell = app.state::<Shell>();
    let alone = shell.vault_file.lock().await;
    let (wallet, code) = off_thread(&app, move |shell| {
        Wallet::create(&shell.folder, &passphrase, mode, shell.demo, &OsKeyring)
    })
    .await?;
    opened(&app, wallet, alone).await;
    Ok(with_code(&code))
}

#[tauri::command]
pub(crate) async fn unlock(app: AppHandle, input: Unlock) -> Result<StatusView, Failure> {
    let passphrase = secret(input.passphrase);
    say(
        &app,
        ipc::Progress {
            stage: Stage::Opening,
        },
    );
    let shell = app.state::<Shell>();
    let alone = shell.vault_file.lock().await;
    let wallet = off_thread(&app, move |shell| {
        Wallet::unlock(&shell.folder, &passphrase, &OsKeyring)
    })
    .await?;
    opened(&app, wallet, alone).await;
    status(app.state()).await
}

#[tauri::command]
pub(crate) async fn recover(app: AppHandle, input: Recover) -> Result<OpenedView, Failure> {
    let code = secret(input.recovery_code);
    let new = secret(input.passphrase);
    let shell = app.state::<Shell>();
    let alone = shell.vault_file.lock().await;
    let wallet = off_thread(&app, move |shell| {
        Wallet::recover(&shell.folder, &code, &new, &OsKeyring)
    })
    .await?;
    opened(&app, wallet, alone).await;
    Ok(OpenedView {
        recovery_code: None,
    })
}

#[tauri::command]
pub(crate) async fn restore(app: AppHandle, input: Restore) -> Result<OpenedView, Failure> {
    let unreadable = || Failure::new(FailureKind::Damaged, "backup");
    if input.file.len() > LARGEST_BACKUP {
        return Err(unreadable());
    }
    let bytes = STANDARD.decode(&input.file).map_err(|_| unreadable())?;
    let backup_passphrase = secret(input.backup_passphrase);
    let new = secret(input.passphrase);
    let mode = mode(input.custody);
    let shell = app.state::<Shell>();
    let alone = shell.vault_file.lock().await;
    let (wallet, code) = off_thread(&app, move |shell| {
        let io = |error: std::io::Error| OpenError::Io(Box::new(error));
        // Encrypted as it came; gone again when this ends.
        let mut file = tempfile::NamedTempFile::new().map_err(io)?;
        file.write_all(&bytes).map_err(io)?;
        Wallet::restore(
            file.path(),
            &backup_passphrase,
            &shell.folder,
            &new,
            mode,
            &OsKeyring,
        )
    })
    .await?;
    opened(&app, wallet, alone).await;
    Ok(with_code(&code))
}

#[tauri::command]
pub(crate) fn lock(app: AppHandle, shell: State<'_, Shell>) {
    if shell.lock() {
        say(&app, Locked { by_itself: false });
    }
}

#[tauri::command]
pub(crate) fn touch(shell: State<'_, Shell>) {
    shell.idle.touch();
}

#[tauri::command]
pub(crate) async fn change_passphrase(
    app: AppHandle,
    input: ChangePassphrase,
) -> Result<(), Failure> {
    let wallet = app.state::<Shell>().wallet()?;
    let (old, new) = (secret(input.old), secret(input.new));
    off_thread(&app, move |_| {
        wallet.change_passphrase(&old, &new, &OsKeyring)
    })
    .await
}

#[tauri::command]
pub(crate) async fn back_up(
    app: AppHandle,
    input: BackUp,
) -> Result<Option<BackedUpView>, Failure> {
    let wallet = app.state::<Shell>().wallet()?;
    let passphrase = secret(input.passphrase);
    let Some(file) = saving::place(&app, "cairn-backup.age").await? else {
        return Ok(None);
    };
    off_thread(&app, move |_| {
        let io = |error| OpenError::Io(Box::new(error));
        let cards = replace_with(&file, |fresh| wallet.back_up(fresh, &passphrase), io)?;
        Ok(Some(BackedUpView {
            file: saving::last_part(&file),
            at: crate::shell::now(),
            cards,
        }))
    })
    .await
}

/// What is slow by intent, or waits for a keyring, does not hold up the window.
async fn off_thread<T: Send + 'static>(
    app: &AppHandle,
    work: impl FnOnce(&Shell) -> Result<T, OpenError> + Send + 'static,
) -> Result<T, Failure> {
    let app = app.clone();
    tauri::async_runtime::spawn_blocking(move || work(&app.state::<Shell>()))
        .await
        .map_err(|_| internal())?
        .map_err(|error| error.failure())
}

async fn opened(app: &AppHandle, wallet: Wallet, alone: MutexGuard<'_, ()>) {
    let wallet = app.state::<Shell>().keep(wallet);
    drop(alone);
    refresh::start(app.clone(), wallet).await;
}

fn internal() -> Failure {
    Failure::new(FailureKind::Internal, "thread")
}

fn secret(secret: Secret) -> SecretString {
    SecretString::from(secret.into_text())
}

fn with_code(code: &RecoveryCode) -> OpenedView {
    OpenedView {
        recovery_code: Some(Secret::new(code.expose().expose_secret().to_owned())),
    }
}

fn mode(custody: Custody) -> Mode {
    match custody {
        Custody::Keyring => Mode::Keyring,
        Custody::PassphraseOnly => Mode::PassphraseOnly,
    }
}

fn custody(mode: Mode) -> Custody {
    match mode {
        Mode::Keyring => Custody::Keyring,
        Mode::PassphraseOnly => Custody::PassphraseOnly,
    }
}
