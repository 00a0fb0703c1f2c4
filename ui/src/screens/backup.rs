//! Backup: an encrypted file where the citizen wants it, and when the last one was written.

use ipc::{BackUp, BackedUpView, Failure};
use web_sys::SubmitEvent;
use yew::prelude::*;

use crate::components::{
    ErrorSummary, FailureNote, FieldError, NewPassphrase, NewPassphraseRefs, Note, Page, Tone,
    Working,
};
use crate::dates;
use crate::state::use_shell;

/// After this many seconds a backup is called old: 90 days.
const OLD: i64 = 90 * 24 * 60 * 60;

/// Backup.
#[component]
pub(crate) fn Backup() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let fields = use_state(NewPassphraseRefs::default);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let written = use_state(|| None::<BackedUpView>);
    let busy = use_state(|| false);
    let last = shell
        .0
        .status
        .as_ref()
        .and_then(|status| status.last_backup);
    let onsubmit = {
        let (shell, fields, errors) = (shell.clone(), fields.clone(), errors.clone());
        let (attempt, failure, written, busy) = (
            attempt.clone(),
            failure.clone(),
            written.clone(),
            busy.clone(),
        );
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            attempt.set(*attempt + 1);
            failure.set(None);
            written.set(None);
            match fields.read(&shell.text()) {
                Err(error) => errors.set(vec![error]),
                Ok(passphrase) => {
                    errors.set(Vec::new());
                    busy.set(true);
                    let then = shell.clone();
                    let (fields, failure, written, busy) = (
                        fields.clone(),
                        failure.clone(),
                        written.clone(),
                        busy.clone(),
                    );
                    shell.ask(BackUp { passphrase }, move |answer| {
                        busy.set(false);
                        match answer {
                            Ok(Some(view)) => {
                                fields.clear();
                                then.say(then.text().say("backup-done"));
                                written.set(Some(view));
                                then.refresh();
                            }
                            Ok(None) => then.say(then.text().say("backup-not-written")),
                            Err(found) => failure.set(Some(found)),
                        }
                    });
                }
            }
        })
    };
    html! {
        <Page title={text.say("backup-title")}>
            <p>{ text.say("backup-lead") }</p>
            { match last {
                None => html! { <Note tone={Tone::Warn} title={text.say("backup-never")} /> },
                Some(at) if dates::now() - at > OLD => html! {
                    <Note tone={Tone::Warn} title={text.say_with("backup-old", &[("day", text.day(at).into())])} />
                },
                Some(at) => html! {
                    <Note tone={Tone::Good} title={text.say_with("backup-last", &[("day", text.day(at).into())])} />
                },
            } }
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            if let Some(written) = &*written {
                <Note tone={Tone::Good} title={text.say("backup-done")}>
                    <p id="backup-written">{ text.say_with("backup-written", &[("file", (&written.file).into()), ("count", written.cards.into())]) }</p>
                    <p>{ text.say("backup-keep") }</p>
                </Note>
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            <form {onsubmit} novalidate=true>
                <NewPassphrase label={AttrValue::from(text.say("backup-passphrase"))} fields={(*fields).clone()} errors={(*errors).clone()} />
                <p>{ text.say("backup-passphrase-note") }</p>
                if *busy {
                    <Working label={text.say("backup-working")} />
                }
                <div class="buttons"><button type="submit" class="main" id="back-up" disabled={*busy}>{ text.say("backup-do") }</button></div>
            </form>
        </Page>
    }
}
