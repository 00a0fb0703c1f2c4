//! Add or show: a link or code comes in by paste, file or drop.

use ipc::{Failure, FailureKind, LinkView, OpenLink, ReadImage};
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, HtmlInputElement, HtmlTextAreaElement, SubmitEvent};
use yew::prelude::*;

use super::desks::Desks;
use crate::components::{ErrorSummary, FailureNote, FieldError, Page, Working};
use crate::dom;
use crate::route::Route;
use crate::state::{Shell, use_shell};

/// The largest picture that is read: 10 MiB.
const LARGEST_IMAGE: f64 = 10.0 * 1024.0 * 1024.0;
/// The largest text file that is read: 64 KiB.
const LARGEST_TEXT: f64 = 64.0 * 1024.0;

/// What a file is taken for.
#[derive(Debug, PartialEq)]
enum Taken {
    Image,
    Text,
    TooLarge,
}

/// Add or show.
#[component]
pub(crate) fn Add() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let pasted = use_node_ref();
    let failure = use_state(|| None::<Failure>);
    let errors = use_state(Vec::<FieldError>::new);
    let attempt = use_state(|| 0u32);
    let busy = use_state(|| false);
    let over = use_state(|| false);
    let finish = {
        let (shell, failure, busy) = (shell.clone(), failure.clone(), busy.clone());
        Callback::from(move |answer: Result<LinkView, Failure>| {
            busy.set(false);
            match answer {
                Ok(link) => shell.go(Route::Link(link)),
                Err(found) => failure.set(Some(found)),
            }
        })
    };
    let onsubmit = {
        let (shell, pasted, finish) = (shell.clone(), pasted.clone(), finish.clone());
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
            let typed = pasted
                .cast::<HtmlTextAreaElement>()
                .map(|area| area.value())
                .unwrap_or_default();
            if typed.trim().is_empty() {
                errors.set(vec![FieldError {
                    field: "link",
                    words: shell.text().say("add-empty"),
                }]);
                return;
            }
            errors.set(Vec::new());
            busy.set(true);
            let finish = finish.clone();
            shell.ask(OpenLink { text: typed }, move |answer| finish.emit(answer));
        })
    };
    let take = {
        let (shell, finish, failure, errors, busy) = (
            shell.clone(),
            finish.clone(),
            failure.clone(),
            errors.clone(),
            busy.clone(),
        );
        Callback::from(move |file: File| {
            failure.set(None);
            errors.set(Vec::new());
            busy.set(true);
            read(shell.clone(), file, finish.clone());
        })
    };
    let onfile = {
        let take = take.clone();
        Callback::from(move |event: Event| {
            let input = event.target_dyn_into::<HtmlInputElement>();
            if let Some(input) = input {
                if let Some(file) = input.files().and_then(|files| files.get(0)) {
                    take.emit(file);
                }
                // The same file again is a new choice.
                input.set_value("");
            }
        })
    };
    let ondrop = {
        let (take, over) = (take.clone(), over.clone());
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            over.set(false);
            if let Some(file) = event
                .data_transfer()
                .and_then(|data| data.files())
                .and_then(|files| files.get(0))
            {
                take.emit(file);
            }
        })
    };
    let ondragover = {
        let over = over.clone();
        Callback::from(move |event: DragEvent| {
            event.prevent_default();
            if !*over {
                over.set(true);
            }
        })
    };
    let ondragleave = {
        let over = over.clone();
        Callback::from(move |_: DragEvent| over.set(false))
    };
    let to_counter = {
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| shell.go(Route::Counter))
    };
    let link_error = FieldError::of(&errors, "link");
    html! {
        <Page title={text.say("add-title")} back={Route::Cards}>
            <p class="lead">{ text.say("add-lead") }</p>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} nothing_shared=true />
            }
            <ErrorSummary errors={(*errors).clone()} attempt={*attempt} />
            if *busy {
                <Working label={text.say("add-reading")} />
            }
            <form {onsubmit} novalidate=true>
                <div class={classes!("field", link_error.is_some().then_some("wrong"))}>
                    <label for="link">{ text.say("add-link") }</label>
                    <p class="hint" id="link-hint">{ text.say("add-link-hint") }</p>
                    if let Some(error) = &link_error {
                        <p class="error" id="link-error">{ error }</p>
                    }
                    <textarea id="link" ref={pasted} rows="3" spellcheck="false" autocomplete="off"
                        aria-invalid={link_error.is_some().then_some("true")}
                        aria-describedby={if link_error.is_some() { "link-hint link-error" } else { "link-hint" }} />
                </div>
                <div class="buttons">
                    <button type="submit" class="main" id="read-link" disabled={*busy}>{ text.say("add-read") }</button>
                </div>
            </form>
            <section class={classes!("drop", over.then_some("over"))} {ondrop} {ondragover} {ondragleave}>
                <h2><label for="file">{ text.say("add-file") }</label></h2>
                <p id="file-hint">{ text.say("add-file-hint") }</p>
                <input type="file" id="file" accept="image/png,image/jpeg,image/gif,text/plain,.txt" onchange={onfile}
                    aria-describedby="file-hint" disabled={*busy} />
            </section>
            <section>
                <h2>{ text.say("add-counter") }</h2>
                <p>{ text.say("add-counter-text") }</p>
                <button type="button" id="counter" onclick={to_counter}>{ text.say("counter-title") }</button>
            </section>
            if shell.0.is_demo() {
                <Desks />
            }
        </Page>
    }
}

fn read(shell: Shell, file: File, finish: Callback<Result<LinkView, Failure>>) {
    let odd = |reference: &str| Err(Failure::new(FailureKind::Unreadable, reference));
    spawn_local(async move {
        match taken_for(&file.type_(), &file.name(), file.size()) {
            Taken::TooLarge => finish.emit(odd("file_too_large")),
            Taken::Image => match dom::base64_of(&file).await {
                Some(file) => shell.ask(ReadImage { file }, move |answer| finish.emit(answer)),
                None => finish.emit(odd("file_unreadable")),
            },
            Taken::Text => match dom::text_of(&file).await {
                Some(text) => shell.ask(OpenLink { text }, move |answer| finish.emit(answer)),
                None => finish.emit(odd("file_unreadable")),
            },
        }
    });
}

fn taken_for(kind: &str, name: &str, size: f64) -> Taken {
    let name = name.to_ascii_lowercase();
    let image = kind.starts_with("image/")
        || [".png", ".jpg", ".jpeg", ".gif"]
            .iter()
            .any(|end| name.ends_with(end));
    let limit = if image { LARGEST_IMAGE } else { LARGEST_TEXT };
    if size > limit {
        Taken::TooLarge
    } else if image {
        Taken::Image
    } else {
        Taken::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_taken_by_kind_and_bounded() {
        assert_eq!(taken_for("image/png", "x", 5_000.0), Taken::Image);
        assert_eq!(taken_for("", "Code.JPG", 5_000.0), Taken::Image);
        assert_eq!(taken_for("text/plain", "offer.txt", 900.0), Taken::Text);
        assert_eq!(taken_for("", "offer", 70_000.0), Taken::TooLarge);
        assert_eq!(
            taken_for("image/png", "x.png", 11_000_000.0),
            Taken::TooLarge
        );
    }
}
