//! The first screen: the promise, the language, create or restore.

use ipc::{CreateVault, Custody, Failure, Restore, Secret};
use wasm_bindgen_futures::spawn_local;
use web_sys::{HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use crate::components::{
    ErrorSummary, FailureNote, Field, FieldError, NewPassphrase, NewPassphraseRefs, Page, Working,
};
use crate::dom;
use crate::route::Route;
use crate::state::{Action, Shell, use_shell};
use crate::text::Text;

/// The largest backup that is read: 64 MiB.
const LARGEST_BACKUP: f64 = 64.0 * 1024.0 * 1024.0;

#[derive(Clone, Copy, PartialEq)]
enum Step {
    Start,
    Create,
    Restore,
}

/// The first screen.
#[component]
pub(crate) fn Welcome() -> Html {
    let step = use_state(|| Step::Start);
    let go = |to: Step| {
        let step = step.clone();
        Callback::from(move |()| step.set(to))
    };
    match *step {
        Step::Start => {
            html! { <Start key="start" oncreate={go(Step::Create)} onrestore={go(Step::Restore)} /> }
        }
        Step::Create => html! { <Create key="create" onback={go(Step::Start)} /> },
        Step::Restore => html! { <RestoreForm key="restore" onback={go(Step::Start)} /> },
    }
}

#[derive(PartialEq, Properties)]
struct StartProps {
    oncreate: Callback<()>,
    onrestore: Callback<()>,
}

#[component]
fn Start(props: &StartProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    html! {
        <Page title={text.say("welcome-title")}>
            <p class="lead">{ text.say("welcome-lead") }</p>
            <ul class="promises">
                <li>{ text.say("welcome-promise-here") }</li>
                <li>{ text.say("welcome-promise-choose") }</li>
                <li>{ text.say("welcome-promise-check") }</li>
            </ul>
            <LanguageChoice />
            <div class="buttons">
                <button type="button" class="main" id="create" onclick={props.oncreate.reform(|_: MouseEvent| ())}>
                    { text.say("welcome-create") }
                </button>
                <button type="button" id="restore" onclick={props.onrestore.reform(|_: MouseEvent| ())}>
                    { text.say("welcome-restore") }
                </button>
            </div>
        </Page>
    }
}

/// The language, where there is more than one.
#[component]
pub(crate) fn LanguageChoice() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let languages = Text::languages();
    let onchange = {
        let shell = shell.clone();
        Callback::from(move |event: Event| {
            if let Some(select) = event.target_dyn_into::<HtmlSelectElement>() {
                let mut preferences = shell.0.preferences.clone();
                preferences.language = select.value();
                keep(&shell, preferences);
            }
        })
    };
    html! {
        <div class="field">
            <label for="language">{ text.say("settings-language") }</label>
            <select id="language" {onchange}>
                { for languages.into_iter().map(|(tag, name)| html! {
                    <option value={tag} lang={tag} selected={tag == text.language()}>{ name }</option>
                }) }
            </select>
        </div>
    }
}

/// Keeps preferences: at once on the screen, then by the shell.
pub(crate) fn keep(shell: &Shell, preferences: ipc::Preferences) {
    shell.0.dispatch(Action::Preferences(preferences.clone()));
    let then = shell.clone();
    shell.ask(
        ipc::SetPreferences { preferences },
        move |answer| match answer {
            Ok(kept) => then.0.dispatch(Action::Preferences(kept)),
            Err(_) => then.say(then.text().say("settings-not-kept")),
        },
    );
}

#[derive(PartialEq, Properties)]
struct BackProps {
    onback: Callback<()>,
}

#[component]
fn Create(props: &BackProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let fields = use_state(NewPassphraseRefs::default);
    let custody = use_state(|| Custody::Keyring);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let onsubmit = {
        let (shell, fields, custody) = (shell.clone(), fields.clone(), custody.clone());
        let (errors, attempt, failure, busy) = (
            errors.clone(),
            attempt.clone(),
            failure.clone(),
            busy.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            attempt.set(*attempt + 1);
            failure.set(None);
            match fields.read(&shell.text()) {
                Err(error) => errors.set(vec![error]),
                Ok(passphrase) => {
                    errors.set(Vec::new());
                    busy.set(true);
                    let (then, failure, busy, fields) =
                        (shell.clone(), failure.clone(), busy.clone(), fields.clone());
                    shell.ask(
                        CreateVault {
                            passphrase,
                            custody: *custody,
                        },
                        move |answer| {
                            fields.clear();
                            opened(&then, answer, &failure, &busy);
                        },
                    );
                }
            }
        })
    };
    html! {
        <Page title={text.say("create-title")}>
            <p>{ text.say("create-lead") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            <form {onsubmit} novalidate=true>
                <NewPassphrase fields={(*fields).clone()} errors={(*errors).clone()} />
                <CustodyChoice chosen={*custody} onchoose={Callback::from(move |to| custody.set(to))} />
                if *busy {
                    <Working label={text.say("create-working")} />
                }
                <div class="buttons">
                    <button type="submit" class="main" id="create-wallet" disabled={*busy}>{ text.say("create-do") }</button>
                    <button type="button" id="back" disabled={*busy} onclick={props.onback.reform(|_: MouseEvent| ())}>{ text.say("back") }</button>
                </div>
            </form>
        </Page>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CustodyChoiceProps {
    /// What is chosen.
    pub(crate) chosen: Custody,
    /// Another is chosen.
    pub(crate) onchoose: Callback<Custody>,
}

/// With the computer's keyring, or with the passphrase alone.
#[component]
pub(crate) fn CustodyChoice(props: &CustodyChoiceProps) -> Html {
    let text = use_shell().text();
    let radio = |id: &'static str, custody: Custody, label: String, hint: String| {
        html! {
            <div class="tick">
                <input type="radio" name="custody" {id} checked={props.chosen == custody}
                    aria-describedby={format!("{id}-hint")}
                    onchange={props.onchoose.reform(move |_: Event| custody)} />
                <label for={id}>{ label }</label>
                <p class="hint" id={format!("{id}-hint")}>{ hint }</p>
            </div>
        }
    };
    html! {
        <fieldset>
            <legend>{ text.say("custody-legend") }</legend>
            { radio("custody-keyring", Custody::Keyring, text.say("custody-keyring"), text.say("custody-keyring-hint")) }
            { radio("custody-passphrase", Custody::PassphraseOnly, text.say("custody-passphrase"), text.say("custody-passphrase-hint")) }
        </fieldset>
    }
}

/// Goes on after a wallet was opened in one of the rarer ways: the code first, if there is one.
pub(crate) fn opened(
    shell: &Shell,
    answer: Result<ipc::OpenedView, Failure>,
    failure: &UseStateHandle<Option<Failure>>,
    busy: &UseStateHandle<bool>,
) {
    busy.set(false);
    match answer {
        Ok(opened) => {
            if let Some(code) = opened.recovery_code {
                shell.go(Route::RecoveryCode(code));
            }
            shell.refresh();
        }
        Err(found) => failure.set(Some(found)),
    }
}

#[component]
fn RestoreForm(props: &BackProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let file = use_node_ref();
    let backup_passphrase = use_node_ref();
    let fields = use_state(NewPassphraseRefs::default);
    let custody = use_state(|| Custody::Keyring);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let onsubmit = {
        let shell = shell.clone();
        let (file, backup_passphrase, fields) =
            (file.clone(), backup_passphrase.clone(), fields.clone());
        let (custody, errors, attempt) = (custody.clone(), errors.clone(), attempt.clone());
        let (failure, busy) = (failure.clone(), busy.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = shell.text();
            attempt.set(*attempt + 1);
            failure.set(None);
            let mut found = Vec::new();
            let chosen = dom::chosen_file(&file);
            let wrong_file = match &chosen {
                None => Some(text.say("restore-no-file")),
                Some(chosen) if chosen.size() > LARGEST_BACKUP => {
                    Some(text.say("restore-file-too-large"))
                }
                Some(_) => None,
            };
            if let Some(words) = wrong_file {
                found.push(FieldError {
                    field: "backup-file",
                    words,
                });
            }
            let old = dom::value_of(&backup_passphrase);
            if old.is_empty() {
                found.push(FieldError {
                    field: "backup-passphrase",
                    words: text.say("passphrase-empty"),
                });
            }
            let passphrase = fields.read(&text).map_err(|error| found.push(error));
            errors.set(found.clone());
            let (Some(chosen), Ok(passphrase), true) = (chosen, passphrase, found.is_empty())
            else {
                return;
            };
            busy.set(true);
            let (shell, failure, busy, custody) =
                (shell.clone(), failure.clone(), busy.clone(), *custody);
            spawn_local(async move {
                let Some(file) = dom::base64_of(&chosen).await else {
                    busy.set(false);
                    failure.set(Some(Failure::new(
                        ipc::FailureKind::Unreadable,
                        "file_unreadable",
                    )));
                    return;
                };
                let then = shell.clone();
                shell.ask(
                    Restore {
                        file,
                        backup_passphrase: Secret::new(old),
                        passphrase,
                        custody,
                    },
                    move |answer| opened(&then, answer, &failure, &busy),
                );
            });
        })
    };
    let file_error = FieldError::of(&errors, "backup-file");
    html! {
        <Page title={text.say("restore-title")}>
            <p>{ text.say("restore-lead") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            <form {onsubmit} novalidate=true>
                <div class={classes!("field", file_error.is_some().then_some("wrong"))}>
                    <label for="backup-file">{ text.say("restore-file") }</label>
                    if let Some(error) = &file_error {
                        <p class="error" id="backup-file-error">{ error }</p>
                    }
                    <input type="file" id="backup-file" ref={file} accept=".age"
                        aria-describedby={file_error.is_some().then_some("backup-file-error")} />
                </div>
                <Field id="backup-passphrase" label={text.say("restore-passphrase")} secret=true
                    error={FieldError::of(&errors, "backup-passphrase")} input={backup_passphrase} />
                <NewPassphrase fields={(*fields).clone()} errors={(*errors).clone()} />
                <CustodyChoice chosen={*custody} onchoose={Callback::from(move |to| custody.set(to))} />
                if *busy {
                    <Working label={text.say("restore-working")} />
                }
                <div class="buttons">
                    <button type="submit" class="main" id="restore-wallet" disabled={*busy}>{ text.say("restore-do") }</button>
                    <button type="button" id="back" disabled={*busy} onclick={props.onback.reform(|_: MouseEvent| ())}>{ text.say("back") }</button>
                </div>
            </form>
            <p class="muted">{ text.say("restore-code-note") }</p>
        </Page>
    }
}
