//! A screen's frame: its heading takes the focus and names the window.

use yew::prelude::*;

use crate::dom;
use crate::route::Route;
use crate::state::use_shell;

#[derive(PartialEq, Properties)]
pub(crate) struct PageProps {
    /// The heading.
    pub(crate) title: AttrValue,
    /// Where Back leads.
    #[prop_or_default]
    pub(crate) back: Option<Route>,
    /// What stands beside the heading.
    #[prop_or_default]
    pub(crate) actions: Html,
    /// The screen.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// A screen. It is made anew for each visit, so the heading takes the focus once.
#[component]
pub(crate) fn Page(props: &PageProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let heading = use_node_ref();
    {
        let heading = heading.clone();
        use_effect_with((), move |()| {
            dom::scroll_to_top();
            dom::focus(&heading);
        });
    }
    {
        let window_title =
            text.say_with("window-title", &[("screen", props.title.as_str().into())]);
        use_effect_with(window_title, |title| dom::set_title(title));
    }
    let back = props.back.clone().map(|route| {
        let label = text.say("back");
        let onclick = Callback::from(move |_: MouseEvent| shell.go(route.clone()));
        html! {
            <p class="back">
                <button type="button" class="link" id="back" {onclick}>
                    <span aria-hidden="true">{ "←" }</span>{ " " }{ label }
                </button>
            </p>
        }
    });
    html! {
        <>
            { back }
            <div class="page-head">
                <h1 tabindex="-1" ref={heading}>{ &props.title }</h1>
                { props.actions.clone() }
            </div>
            { props.children.clone() }
        </>
    }
}
