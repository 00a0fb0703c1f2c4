//! Settings: language, theme, text size, auto-lock, passphrase, about.

use ipc::{ChangePassphrase, Custody, Failure, Preferences, Secret, TextSize, Theme};
use web_sys::{HtmlSelectElement, SubmitEvent};
use yew::prelude::*;

use super::welcome::{LanguageChoice, keep};
use crate::components::{
    ErrorSummary, FailureNote, Field, FieldError, NewPassphrase, NewPassphraseRefs, Note, Page,
    Tone, Working,
};
use crate::dom;
use crate::state::use_shell;

/// The minutes on offer until the wallet locks itself.
const MINUTES: [u32; 6] = [1, 2, 5, 10, 30, 60];

/// Settings.
#[component]
pub(crate) fn Settings() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let now = &shell.0.preferences;
    let theme = |theme: Theme| change(&shell, move |preferences| preferences.theme = theme);
    let size = |size: TextSize| change(&shell, move |preferences| preferences.text_size = size);
    let onminutes = {
        let shell = shell.clone();
        Callback::from(move |event: Event| {
            let minutes = event
                .target_dyn_into::<HtmlSelectElement>()
                .and_then(|select| select.value().parse().ok());
            if let Some(minutes) = minutes {
                let mut preferences = shell.0.preferences.clone();
                preferences.auto_lock_minutes = minutes;
                keep(&shell, preferences);
            }
        })
    };
    let status = shell.0.status.clone();
    html! {
        <Page title={text.say("settings-title")}>
            <LanguageChoice />
            <fieldset>
                <legend>{ text.say("settings-theme") }</legend>
                { radio("theme", "theme-system", text.say("theme-system"), now.theme == Theme::System, theme(Theme::System)) }
                { radio("theme", "theme-light", text.say("theme-light"), now.theme == Theme::Light, theme(Theme::Light)) }
                { radio("theme", "theme-dark", text.say("theme-dark"), now.theme == Theme::Dark, theme(Theme::Dark)) }
            </fieldset>
            <fieldset>
                <legend>{ text.say("settings-text") }</legend>
                { radio("text", "text-normal", text.say("text-normal"), now.text_size == TextSize::Normal, size(TextSize::Normal)) }
                { radio("text", "text-large", text.say("text-large"), now.text_size == TextSize::Large, size(TextSize::Large)) }
                { radio("text", "text-larger", text.say("text-larger"), now.text_size == TextSize::Larger, size(TextSize::Larger)) }
            </fieldset>
            <div class="field">
                <label for="auto-lock">{ text.say("settings-auto-lock") }</label>
                <p class="hint" id="auto-lock-hint">{ text.say("settings-auto-lock-hint") }</p>
                <select id="auto-lock" aria-describedby="auto-lock-hint" onchange={onminutes}>
                    { for minutes_with(now.auto_lock_minutes).into_iter().map(|minutes| html! {
                        <option value={minutes.to_string()} selected={minutes == now.auto_lock_minutes}>{ text.say_with("time-minutes", &[("count", minutes.into())]) }</option>
                    }) }
                </select>
            </div>
            <Passphrase />
            if let Some(status) = status {
                <section>
                    <h2>{ text.say("about-title") }</h2>
                    <dl class="facts">
                        <div><dt>{ text.say("about-version") }</dt><dd>{ status.version }</dd></div>
                        <div><dt>{ text.say("about-custody") }</dt><dd>{ match status.custody {
                            Some(Custody::PassphraseOnly) => text.say("custody-passphrase"),
                            _ => text.say("custody-keyring"),
                        } }</dd></div>
                        <div><dt>{ text.say("about-folder") }</dt><dd><bdi class="id">{ status.folder }</bdi></dd></div>
                    </dl>
                    <p>{ text.say("about-what") }</p>
                    <p class="muted small">{ text.say("about-font") }</p>
                </section>
            }
        </Page>
    }
}

fn change(
    shell: &crate::state::Shell,
    how: impl Fn(&mut Preferences) + 'static,
) -> Callback<Event> {
    let shell = shell.clone();
    Callback::from(move |_: Event| {
        let mut preferences = shell.0.preferences.clone();
        how(&mut preferences);
        keep(&shell, preferences);
    })
}

fn radio(
    name: &'static str,
    id: &'static str,
    label: String,
    checked: bool,
    onchange: Callback<Event>,
) -> Html {
    html! {
        <div class="tick">
            <input type="radio" {name} {id} {checked} {onchange} />
            <label for={id}>{ label }</label>
        </div>
    }
}

/// The minutes on offer, with those kept now among them.
fn minutes_with(now: u32) -> Vec<u32> {
    let mut minutes = MINUTES.to_vec();
    if !minutes.contains(&now) {
        minutes.push(now);
        minutes.sort_unstable();
    }
    minutes
}

#[component]
fn Passphrase() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let old = use_node_ref();
    let fields = use_state(NewPassphraseRefs::default);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let failure = use_state(|| None::<Failure>);
    let done = use_state(|| false);
    let busy = use_state(|| false);
    let onsubmit = {
        let (shell, old, fields, errors) =
            (shell.clone(), old.clone(), fields.clone(), errors.clone());
        let (attempt, failure, done, busy) =
            (attempt.clone(), failure.clone(), done.clone(), busy.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            let text = shell.text();
            attempt.set(*attempt + 1);
            failure.set(None);
            done.set(false);
            let mut found = Vec::new();
            let typed = dom::value_of(&old);
            if typed.is_empty() {
                found.push(FieldError {
                    field: "old-passphrase",
                    words: text.say("passphrase-empty"),
                });
            }
            let new = fields.read(&text).map_err(|error| found.push(error));
            errors.set(found.clone());
            let (Ok(new), true) = (new, found.is_empty()) else {
                return;
            };
            busy.set(true);
            let then = shell.clone();
            let (old, fields, failure, done, busy) = (
                old.clone(),
                fields.clone(),
                failure.clone(),
                done.clone(),
                busy.clone(),
            );
            shell.ask(
                ChangePassphrase {
                    old: Secret::new(typed),
                    new,
                },
                move |answer| {
                    busy.set(false);
                    match answer {
                        Ok(_) => {
                            dom::clear(&old);
                            fields.clear();
                            then.say(then.text().say("passphrase-changed"));
                            done.set(true);
                        }
                        Err(found) => failure.set(Some(found)),
                    }
                },
            );
        })
    };
    html! {
        <section>
            <h2>{ text.say("passphrase-change-title") }</h2>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            if *done {
                <Note tone={Tone::Good} title={text.say("passphrase-changed")} />
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            <form {onsubmit} novalidate=true>
                <Field id="old-passphrase" label={text.say("passphrase-old")} secret=true autocomplete="current-password"
                    error={FieldError::of(&errors, "old-passphrase")} input={old} />
                <NewPassphrase fields={(*fields).clone()} errors={(*errors).clone()} />
                if *busy {
                    <Working label={text.say("passphrase-changing")} />
                }
                <div class="buttons"><button type="submit" id="change-passphrase" disabled={*busy}>{ text.say("passphrase-change-do") }</button></div>
            </form>
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_minutes_kept_now_are_on_offer() {
        assert_eq!(minutes_with(5), MINUTES);
        assert_eq!(minutes_with(7), [1, 2, 5, 7, 10, 30, 60]);
    }
}
