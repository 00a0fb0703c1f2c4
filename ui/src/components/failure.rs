//! A failure in words: what happened, whether anything was shared, what to do next.

use ipc::{Failure, Retry};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::dom;
use crate::state::use_shell;
use crate::text::kind_key;

#[derive(PartialEq, Properties)]
pub(crate) struct FailureNoteProps {
    /// What went wrong.
    pub(crate) failure: Failure,
    /// Say that nothing was shared: true wherever a link or a review is under way.
    #[prop_or_default]
    pub(crate) nothing_shared: bool,
    /// Tries again, where that makes sense.
    #[prop_or_default]
    pub(crate) onretry: Option<Callback<()>>,
}

/// A failure; it takes the focus when it appears.
#[component]
pub(crate) fn FailureNote(props: &FailureNoteProps) -> Html {
    let text = use_shell().text();
    let note = use_node_ref();
    {
        let note = note.clone();
        use_effect_with(props.failure.clone(), move |_| dom::focus(&note));
    }
    let failure = &props.failure;
    // References are ours: lower case, digits, `_` and `-`.
    let reason = text.say_if_known(&format!("reason-{}", failure.reference.replace('_', "-")));
    html! {
        <div class="note stop" id="failure" tabindex="-1" ref={note} aria-labelledby="failure-title"
            data-kind={kind_key("kind", &failure.kind)}>
            <h2 id="failure-title">
                <Icon shape={Shape::Stop} />{ " " }{ text.say(&kind_key("failure-title", &failure.kind)) }
            </h2>
            if let Some(reason) = reason {
                <p>{ reason }</p>
            }
            if props.nothing_shared {
                <p>{ text.say("failure-nothing-shared") }</p>
            }
            <p>{ text.say(&kind_key("failure-next", &failure.kind)) }</p>
            if let Retry::After(seconds) = failure.retry {
                <p>{ text.say_with("failure-wait", &[("count", seconds.into())]) }</p>
            }
            if !failure.reference.is_empty() {
                <p class="muted small">{ text.say_with("failure-reference", &[("reference", (&failure.reference).into())]) }</p>
            }
            if let Some(onretry) = props.onretry.as_ref().filter(|_| failure.retry != Retry::No) {
                <button type="button" id="retry" onclick={onretry.reform(|_: MouseEvent| ())}>{ text.say("try-again") }</button>
            }
        </div>
    }
}
