//! A question in a native dialog. Escape means no.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct QuestionProps {
    /// The question.
    pub(crate) title: AttrValue,
    /// The verb of yes.
    pub(crate) yes: AttrValue,
    /// The verb of no.
    #[prop_or_default]
    pub(crate) no: Option<AttrValue>,
    /// There is nothing to say no to: one button.
    #[prop_or_default]
    pub(crate) single: bool,
    /// The answer.
    pub(crate) onanswer: Callback<bool>,
    /// What to know before answering.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// A question that stands before everything else until it is answered.
#[component]
pub(crate) fn Question(props: &QuestionProps) -> Html {
    let text = use_shell().text();
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // It is closed and in the document: it can be shown.
                let _ = dialog.show_modal();
            }
        });
    }
    let answer = {
        let (dialog, onanswer) = (dialog.clone(), props.onanswer.clone());
        Callback::from(move |yes: bool| {
            // Closing gives the focus back to where it was before the question.
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
            onanswer.emit(yes);
        })
    };
    let oncancel = answer.reform(|event: Event| {
        event.prevent_default();
        false
    });
    let onkeydown = Callback::from(|event: KeyboardEvent| event.stop_propagation());
    html! {
        <dialog ref={dialog} aria-labelledby="question-title" {oncancel} {onkeydown}>
            <h2 id="question-title">{ &props.title }</h2>
            { props.children.clone() }
            <div class="buttons even">
                if !props.single {
                    <button type="button" id="answer-no" onclick={answer.reform(|_: MouseEvent| false)}>
                        { props.no.clone().unwrap_or_else(|| text.say("cancel").into()) }
                    </button>
                }
                <button type="button" id="answer-yes" onclick={answer.reform(|_: MouseEvent| true)}>{ &props.yes }</button>
            </div>
        </dialog>
    }
}
