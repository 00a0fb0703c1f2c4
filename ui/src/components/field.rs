//! Form fields with their label, hint and error joined to them.

use web_sys::HtmlInputElement;
use yew::prelude::*;

use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct FieldProps {
    /// Names the input.
    pub(crate) id: AttrValue,
    /// Its label.
    pub(crate) label: AttrValue,
    /// A sentence below the label.
    #[prop_or_default]
    pub(crate) hint: Option<AttrValue>,
    /// What is wrong with it.
    #[prop_or_default]
    pub(crate) error: Option<AttrValue>,
    /// Hide what is typed, with a way to show it.
    #[prop_or_default]
    pub(crate) secret: bool,
    /// `autocomplete`.
    #[prop_or(AttrValue::Static("off"))]
    pub(crate) autocomplete: AttrValue,
    /// `inputmode`.
    #[prop_or_default]
    pub(crate) inputmode: Option<AttrValue>,
    /// `maxlength`.
    #[prop_or_default]
    pub(crate) maxlength: Option<u32>,
    /// Another class: `short` for codes.
    #[prop_or_default]
    pub(crate) class: Classes,
    /// The input itself.
    pub(crate) input: NodeRef,
}

/// A text field. What is typed stays in the element.
#[component]
pub(crate) fn Field(props: &FieldProps) -> Html {
    let text = use_shell().text();
    let shown = use_state(|| false);
    let hint_id = format!("{}-hint", props.id);
    let error_id = format!("{}-error", props.id);
    let described: Vec<&str> = [
        props.hint.as_ref().map(|_| hint_id.as_str()),
        props.error.as_ref().map(|_| error_id.as_str()),
    ]
    .into_iter()
    .flatten()
    .collect();
    let toggle = {
        let shown = shown.clone();
        Callback::from(move |_: MouseEvent| shown.set(!*shown))
    };
    html! {
        <div class={classes!("field", props.class.clone(), props.error.is_some().then_some("wrong"))}>
            <label for={props.id.clone()}>{ &props.label }</label>
            if let Some(hint) = &props.hint {
                <p class="hint" id={hint_id.clone()}>{ hint }</p>
            }
            if let Some(error) = &props.error {
                <p class="error" id={error_id.clone()}>{ error }</p>
            }
            <div class="input-row">
                <input
                    id={props.id.clone()}
                    ref={props.input.clone()}
                    type={if props.secret && !*shown { "password" } else { "text" }}
                    autocomplete={props.autocomplete.clone()}
                    autocapitalize="none"
                    spellcheck="false"
                    inputmode={props.inputmode.clone()}
                    maxlength={props.maxlength.map(|n| n.to_string())}
                    aria-invalid={props.error.is_some().then_some("true")}
                    aria-describedby={(!described.is_empty()).then(|| described.join(" "))}
                />
                if props.secret {
                    <button type="button" class="quiet" onclick={toggle} aria-pressed={shown.to_string()}
                        aria-label={text.say_with("field-show-label", &[("field", props.label.as_str().into())])}>
                        { if *shown { text.say("field-hide") } else { text.say("field-show") } }
                    </button>
                }
            </div>
        </div>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct TickboxProps {
    /// Names the input.
    pub(crate) id: AttrValue,
    /// Its label.
    pub(crate) label: AttrValue,
    /// Whether it is ticked.
    pub(crate) checked: bool,
    /// It was ticked or cleared.
    pub(crate) onchange: Callback<bool>,
}

/// A tick with its label, large enough to hit.
#[component]
pub(crate) fn Tickbox(props: &TickboxProps) -> Html {
    let onchange = props.onchange.reform(|event: Event| {
        event
            .target_dyn_into::<HtmlInputElement>()
            .is_some_and(|input| input.checked())
    });
    html! {
        <div class="tick">
            <input type="checkbox" id={props.id.clone()} checked={props.checked} {onchange} />
            <label for={props.id.clone()}>{ &props.label }</label>
        </div>
    }
}
