//! A pass to print: what stands on it, in words, before it is saved.

use std::rc::Rc;

use ipc::{EndPass, Failure, PassView, SavePass};
use yew::prelude::*;

use crate::components::{Details, FailureNote, Note, Page, Tone};
use crate::route::Route;
use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct PassProps {
    /// The pass.
    pub(crate) pass: Rc<PassView>,
}

/// The pass, to be looked through and saved.
#[component]
pub(crate) fn Pass(props: &PassProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let pass = &props.pass;
    let failure = use_state(|| None::<Failure>);
    let saved = use_state(|| None::<String>);
    let save = {
        let (shell, failure, saved) = (shell.clone(), failure.clone(), saved.clone());
        Callback::from(move |_: MouseEvent| {
            failure.set(None);
            let (then, failure, saved) = (shell.clone(), failure.clone(), saved.clone());
            shell.ask(SavePass, move |answer| match answer {
                Ok(Some(view)) => {
                    let file = [("file", view.file.into())];
                    let words = then.text().say_with("saved-as", &file);
                    then.say(words.clone());
                    saved.set(Some(words));
                }
                Ok(None) => then.say(then.text().say("nothing-saved")),
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    let done = {
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| {
            let then = shell.clone();
            shell.ask(EndPass, move |_| then.go(Route::Cards));
        })
    };
    // It is good until the second before: the last second of a day.
    let (first, last) = (
        text.day_by_utc(pass.days.from),
        text.day_by_utc(pass.days.until - 1),
    );
    html! {
        <Page title={text.say_with("pass-title", &[("service", (&pass.service).into())])}>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            if let Some(words) = &*saved {
                <Note tone={Tone::Good} title={words.clone()}><p id="saved">{ text.say("pass-saved-next") }</p></Note>
            } else {
                <p class="lead">{ text.say("pass-lead") }</p>
            }
            <dl class="facts" id="pass">
                <div><dt>{ text.say("pass-for") }</dt><dd><bdi>{ &pass.service }</bdi></dd></div>
                <div><dt>{ text.say("at-counter-purpose") }</dt><dd><bdi>{ &pass.purpose }</bdi></dd></div>
                <div><dt>{ text.say("pass-good") }</dt><dd>{ if first == last { first } else { text.say_with("pass-days", &[("first", first.into()), ("last", last.into())]) } }</dd></div>
                <div><dt>{ text.say("pass-pages") }</dt><dd>{ pass.pages.to_string() }</dd></div>
                <div><dt>{ text.say("pass-uses") }</dt><dd>{ text.say("pass-once") }</dd></div>
            </dl>
            <section>
                <h2>{ text.say("pass-reveals") }</h2>
                <Details details={pass.reveals.clone()} />
            </section>
            <Note tone={Tone::Warn} title={text.say("pass-care-title")}>
                <ul>
                    <li>{ text.say("pass-care-paper") }</li>
                    <li>{ text.say("pass-care-identity") }</li>
                    <li>{ text.say("pass-care-once") }</li>
                </ul>
            </Note>
            <div class="buttons">
                <button type="button" class="main" id="save-pass" onclick={save}>{ text.say("pass-save") }</button>
                <button type="button" id="done" onclick={done}>{ if saved.is_some() { text.say("present-done") } else { text.say("pass-drop") } }</button>
            </div>
        </Page>
    }
}
