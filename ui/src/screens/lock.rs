//! The lock: passphrase, waiting after wrong ones, and the way back in by the recovery code.

use ipc::{Custody, Failure, FailureKind, LinkPurpose, Recover, Retry, Secret, Unlock};
use wasm_bindgen_futures::spawn_local;
use web_sys::SubmitEvent;
use yew::prelude::*;

use super::welcome::{CustodyChoice, opened};
use crate::components::{
    ErrorSummary, FailureNote, Field, FieldError, NewPassphrase, NewPassphraseRefs, Note, Page,
    Tone, Working,
};
use crate::dom;
use crate::state::{Action, use_shell};

/// The lock.
#[component]
pub(crate) fn Lock() -> Html {
    let recovering = use_state(|| false);
    let to = |on: bool| {
        let recovering = recovering.clone();
        Callback::from(move |()| recovering.set(on))
    };
    if *recovering {
        html! { <RecoverForm key="recover" onback={to(false)} /> }
    } else {
        html! { <UnlockForm key="unlock" onrecover={to(true)} /> }
    }
}

#[derive(PartialEq, Properties)]
struct UnlockFormProps {
    onrecover: Callback<()>,
}

#[component]
fn UnlockForm(props: &UnlockFormProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let status = shell.0.status.clone();
    let passphrase = use_node_ref();
    let failure = use_state(|| None::<Failure>);
    let empty = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let busy = use_state(|| false);
    let left = use_state(|| status.as_ref().and_then(|s| s.retry_after).unwrap_or(0));
    {
        let left = left.clone();
        use_effect_with(*left, move |seconds| {
            let seconds = *seconds;
            if seconds > 0 {
                spawn_local(async move {
                    dom::wait(1_000).await;
                    left.set(seconds - 1);
                });
            }
        });
    }
    {
        // The heading has the focus first; the one field of this screen takes it from there.
        use_effect_with((), |()| {
            spawn_local(async {
                dom::wait(60).await;
                dom::focus_id("passphrase");
            });
        });
    }
    let onsubmit = {
        let (shell, passphrase, failure) = (shell.clone(), passphrase.clone(), failure.clone());
        let (empty, attempt, busy, left) =
            (empty.clone(), attempt.clone(), busy.clone(), left.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            if *busy || *left > 0 {
                return;
            }
            attempt.set(*attempt + 1);
            failure.set(None);
            let typed = dom::value_of(&passphrase);
            if typed.is_empty() {
                empty.set(vec![FieldError {
                    field: "passphrase",
                    words: shell.text().say("passphrase-empty"),
                }]);
                return;
            }
            empty.set(Vec::new());
            busy.set(true);
            dom::clear(&passphrase);
            let (then, failure, busy, left) =
                (shell.clone(), failure.clone(), busy.clone(), left.clone());
            shell.ask(
                Unlock {
                    passphrase: Secret::new(typed),
                },
                move |answer| {
                    busy.set(false);
                    match answer {
                        Ok(status) => then.0.dispatch(Action::Status(Box::new(status))),
                        Err(found) => {
                            if let Retry::After(seconds) = found.retry {
                                left.set(seconds);
                            }
                            failure.set(Some(found));
                        }
                    }
                },
            );
        })
    };
    let waiting = status.and_then(|status| status.waiting);
    html! {
        <Page title={text.say("lock-title")}>
            if shell.0.locked_itself {
                <p>{ text.say("lock-by-itself") }</p>
            }
            if let Some(link) = waiting {
                <Note tone={Tone::Info} title={text.say("lock-link-waits")}>
                    <p>{ match link.purpose {
                        LinkPurpose::Add => text.say_with("lock-link-add", &[("host", link.host.into())]),
                        LinkPurpose::Show => text.say_with("lock-link-show", &[("host", link.host.into())]),
                        LinkPurpose::Desk => text.say("lock-link-desk"),
                    } }</p>
                </Note>
            }
            if let Some(failure) = (*failure).clone() {
                <FailureNote failure={Failure { retry: Retry::No, ..failure }} />
            }
            <ErrorSummary errors={(*empty).clone()} attempt={*attempt} />
            <form {onsubmit} novalidate=true>
                <Field id="passphrase" label={text.say("passphrase")} secret=true autocomplete="current-password"
                    error={FieldError::of(&empty, "passphrase")} input={passphrase} />
                if *left > 0 {
                    <p class="countdown" id="countdown">{ text.say_with("lock-delay", &[("count", (*left).into())]) }</p>
                }
                if *busy {
                    <Working label={text.say("lock-working")} />
                }
                <div class="buttons">
                    <button type="submit" class="main" id="unlock" disabled={*busy || *left > 0}>{ text.say("lock-open") }</button>
                </div>
            </form>
            <p><button type="button" class="link" id="use-recovery-code" onclick={props.onrecover.reform(|_: MouseEvent| ())}>
                { text.say("lock-forgotten") }
            </button></p>
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct RecoverFormProps {
    onback: Callback<()>,
}

#[component]
fn RecoverForm(props: &RecoverFormProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let code = use_node_ref();
    let fields = use_state(NewPassphraseRefs::default);
    let custody = use_state(|| {
        shell
            .0
            .status
            .as_ref()
            .and_then(|status| status.custody)
            .unwrap_or(Custody::Keyring)
    });
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let busy = use_state(|| false);
    let onsubmit = {
        let (shell, code, fields) = (shell.clone(), code.clone(), fields.clone());
        let (custody, errors, attempt) = (custody.clone(), errors.clone(), attempt.clone());
        let (failure, busy) = (failure.clone(), busy.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = shell.text();
            attempt.set(*attempt + 1);
            failure.set(None);
            let mut found = Vec::new();
            let typed = dom::value_of(&code);
            if typed.trim().is_empty() {
                found.push(FieldError {
                    field: "recovery-code",
                    words: text.say("recover-empty"),
                });
            }
            let passphrase = fields.read(&text).map_err(|error| found.push(error));
            errors.set(found.clone());
            let (Ok(passphrase), true) = (passphrase, found.is_empty()) else {
                return;
            };
            busy.set(true);
            let (then, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
            shell.ask(
                Recover {
                    recovery_code: Secret::new(typed),
                    passphrase,
                    custody: *custody,
                },
                move |answer| opened(&then, answer, &failure, &busy),
            );
        })
    };
    html! {
        <Page title={text.say("recover-title")}>
            <p>{ text.say("recover-lead") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            <form {onsubmit} novalidate=true>
                <Field id="recovery-code" label={text.say("recover-code")} hint={AttrValue::from(text.say("recover-code-hint"))}
                    error={FieldError::of(&errors, "recovery-code")} input={code} />
                <NewPassphrase fields={(*fields).clone()} errors={(*errors).clone()} />
                <CustodyChoice chosen={*custody} onchoose={Callback::from(move |to| custody.set(to))} />
                if *busy {
                    <Working label={text.say("lock-working")} />
                }
                <div class="buttons">
                    <button type="submit" class="main" id="recover" disabled={*busy}>{ text.say("recover-do") }</button>
                    <button type="button" id="back" disabled={*busy} onclick={props.onback.reform(|_: MouseEvent| ())}>{ text.say("back") }</button>
                </div>
            </form>
        </Page>
    }
}

/// The wallet's file is damaged: what that means and what there is to do.
#[component]
pub(crate) fn DamagedVault() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let folder = shell
        .0
        .status
        .as_ref()
        .map(|status| status.folder.clone())
        .unwrap_or_default();
    let onretry = {
        let shell = shell.clone();
        Callback::from(move |()| shell.refresh())
    };
    let failure = Failure::new(FailureKind::Damaged, "").retry(Retry::Now);
    html! {
        <Page title={text.say("damaged-title")}>
            <FailureNote {failure} {onretry} />
            <p>{ text.say_with("damaged-folder", &[("folder", folder.into())]) }</p>
        </Page>
    }
}
