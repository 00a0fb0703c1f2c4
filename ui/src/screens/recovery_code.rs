//! The recovery code: shown once, and only left when the citizen has it.

use ipc::Secret;
use web_sys::SubmitEvent;
use yew::prelude::*;

use crate::components::{ErrorSummary, Field, FieldError, Note, Page, Tone};
use crate::dom;
use crate::route::Route;
use crate::state::use_shell;

/// How many characters of the end are asked for.
const ASKED: usize = 4;

#[derive(PartialEq, Properties)]
pub(crate) struct RecoveryCodeProps {
    /// The code.
    pub(crate) code: Secret,
}

/// The code, and the question for its end.
#[component]
pub(crate) fn RecoveryCode(props: &RecoveryCodeProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let typed = use_node_ref();
    let hidden = use_state(|| false);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let onsubmit = {
        let (shell, typed, code) = (shell.clone(), typed.clone(), props.code.clone());
        let (errors, attempt) = (errors.clone(), attempt.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            attempt.set(*attempt + 1);
            if ends_with(code.text(), &dom::value_of(&typed)) {
                shell.go(Route::Cards);
            } else {
                errors.set(vec![FieldError {
                    field: "code-end",
                    words: shell.text().say("recovery-end-wrong"),
                }]);
            }
        })
    };
    let toggle = {
        let hidden = hidden.clone();
        Callback::from(move |_: MouseEvent| hidden.set(!*hidden))
    };
    html! {
        <Page title={text.say("recovery-title")}>
            <p class="lead">{ text.say("recovery-lead") }</p>
            <Note tone={Tone::Warn} title={text.say("recovery-once")}>
                <p>{ text.say("recovery-where") }</p>
            </Note>
            if *hidden {
                <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
                <form {onsubmit} novalidate=true>
                    <Field id="code-end" class="short"
                        label={text.say_with("recovery-end", &[("count", ASKED.into())])}
                        hint={AttrValue::from(text.say("recovery-end-hint"))}
                        error={FieldError::of(&errors, "code-end")} input={typed} />
                    <div class="buttons">
                        <button type="submit" class="main" id="code-confirm">{ text.say("recovery-confirm") }</button>
                        <button type="button" id="code-again" onclick={toggle}>{ text.say("recovery-show-again") }</button>
                    </div>
                </form>
            } else {
                <p class="code" id="recovery-code" translate="no">{ props.code.text() }</p>
                <div class="buttons">
                    <button type="button" class="main" id="code-written" onclick={toggle}>{ text.say("recovery-written") }</button>
                </div>
            }
        </Page>
    }
}

/// Whether what was typed is the code's end, or the whole code. Spaces, dashes and case do not
/// matter.
fn ends_with(code: &str, typed: &str) -> bool {
    let letters = |text: &str| -> String {
        text.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let (code, typed) = (letters(code), letters(typed));
    typed.chars().count() >= ASKED && code.ends_with(&typed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_the_code_is_what_counts() {
        let code = "ABCD-EFGH-JKLM";
        assert!(ends_with(code, "jklm"));
        assert!(ends_with(code, "abcd efgh jklm"));
        assert!(ends_with(code, "J K-L M"));
        assert!(!ends_with(code, "klm"));
        assert!(!ends_with(code, "abcd"));
        assert!(!ends_with(code, ""));
    }
}
