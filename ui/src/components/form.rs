//! What a form says when something is missing, and while it works.

use yew::prelude::*;

use super::{Icon, Shape};
use crate::dom;
use crate::state::use_shell;
use crate::text::kind_key;

/// One thing that is wrong in a form: the field's id and the sentence.
#[derive(Clone, PartialEq)]
pub(crate) struct FieldError {
    /// The field's id.
    pub(crate) field: &'static str,
    /// The sentence, whole without the field.
    pub(crate) words: String,
}

impl FieldError {
    /// What is wrong with a field, if anything.
    pub(crate) fn of(errors: &[Self], field: &str) -> Option<AttrValue> {
        errors
            .iter()
            .find(|error| error.field == field)
            .map(|error| error.words.clone().into())
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct ErrorSummaryProps {
    /// What is wrong. Each attempt brings a new summary that takes the focus.
    pub(crate) errors: Vec<FieldError>,
    /// Counts the attempts.
    pub(crate) attempt: u32,
}

/// All that is wrong, above the form, each with the way to its field.
#[component]
pub(crate) fn ErrorSummary(props: &ErrorSummaryProps) -> Html {
    let text = use_shell().text();
    let summary = use_node_ref();
    {
        let summary = summary.clone();
        use_effect_with((props.attempt, props.errors.clone()), move |(_, errors)| {
            if !errors.is_empty() {
                dom::focus(&summary);
            }
        });
    }
    if props.errors.is_empty() {
        return Html::default();
    }
    html! {
        <div class="note stop" id="error-summary" tabindex="-1" ref={summary} aria-labelledby="error-summary-title">
            <h2 id="error-summary-title"><Icon shape={Shape::Stop} />{ " " }{ text.say("form-errors") }</h2>
            <ul>
                { for props.errors.iter().map(|error| {
                    let field = error.field;
                    let onclick = Callback::from(move |event: MouseEvent| {
                        event.prevent_default();
                        dom::focus_id(field);
                    });
                    html! { <li><a href={format!("#{field}")} {onclick}>{ &error.words }</a></li> }
                }) }
            </ul>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct WorkingProps {
    /// What is being done, until the shell says more.
    pub(crate) label: AttrValue,
    /// Ends it, where it can be ended.
    #[prop_or_default]
    pub(crate) onstop: Option<Callback<()>>,
}

/// Long work, in words.
#[component]
pub(crate) fn Working(props: &WorkingProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    {
        let shell = shell.clone();
        use_effect_with(props.label.clone(), move |label| {
            shell.say(label.to_string());
        });
    }
    let words = shell.0.stage.map_or_else(
        || props.label.to_string(),
        |stage| text.say(&kind_key("stage", &stage)),
    );
    html! {
        <div class="working" id="working">
            <span class="pebbles" aria-hidden="true"><i /><i /><i /></span>
            <p>{ words }</p>
            if let Some(onstop) = &props.onstop {
                <button type="button" id="stop-work" onclick={onstop.reform(|_: MouseEvent| ())}>
                    { text.say("stop") }
                </button>
            }
        </div>
    }
}
