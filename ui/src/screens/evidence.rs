//! Saving evidence about a card's issuer: what the file holds, and what it does not.

use ipc::{Failure, SaveEvidence, SavedEvidence};
use yew::prelude::*;

use crate::components::{FailureNote, Note, Tone};
use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct EvidenceProps {
    /// The card's id.
    pub(crate) id: AttrValue,
}

/// What evidence is, and a button that saves it.
#[component]
pub(crate) fn Evidence(props: &EvidenceProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let failure = use_state(|| None::<Failure>);
    let saved = use_state(|| None::<SavedEvidence>);
    let onclick = {
        let (failure, saved, id) = (failure.clone(), saved.clone(), props.id.to_string());
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| {
            failure.set(None);
            saved.set(None);
            let (then, failure, saved) = (shell.clone(), failure.clone(), saved.clone());
            shell.ask(
                SaveEvidence { id: id.clone() },
                move |answer| match answer {
                    Ok(Some(view)) => {
                        let file = view.saved.file.clone();
                        then.say(then.text().say_with("saved-as", &[("file", file.into())]));
                        saved.set(Some(view));
                    }
                    Ok(None) => then.say(then.text().say("nothing-saved")),
                    Err(found) => failure.set(Some(found)),
                },
            );
        })
    };
    html! {
        <section id="evidence">
            <h2>{ text.say("evidence-title") }</h2>
            <p>{ text.say("evidence-lead") }</p>
            <ul>
                <li>{ text.say("evidence-holds") }</li>
                <li>{ text.say("evidence-holds-not") }</li>
                <li>{ text.say("evidence-time") }</li>
            </ul>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            <div class="buttons">
                <button type="button" id="save-evidence" {onclick}>{ text.say("evidence-save") }</button>
            </div>
            if let Some(view) = &*saved {
                <Note tone={Tone::Good} title={text.say_with("saved-as", &[("file", (&view.saved.file).into())])}>
                    <p id="evidence-saved">{ text.say_with("evidence-saved", &[("time", text.day_and_time(view.attested_at).into())]) }</p>
                </Note>
            }
        </section>
    }
}
