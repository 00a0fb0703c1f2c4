//! Values, and what the ledger says, as the screen shows them.

use ipc::{DetailView, ValueView, Verdict};
use yew::prelude::*;

use super::{Icon, Shape};
use crate::dates;
use crate::state::use_shell;
use crate::text::kind_key;

#[derive(PartialEq, Properties)]
pub(crate) struct ShownValueProps {
    /// The value.
    pub(crate) value: ValueView,
    /// What it is, for a picture's description.
    pub(crate) label: AttrValue,
}

/// A value.
#[component]
pub(crate) fn ShownValue(props: &ShownValueProps) -> Html {
    let text = use_shell().text();
    match &props.value {
        ValueView::Text(value) => html! { <bdi class="value">{ value }</bdi> },
        ValueView::Date(value) => {
            html! { <time datetime={value.clone()}>{ text.iso_date(value) }</time> }
        }
        ValueView::YesNo(true) => html! { { text.say("value-yes") } },
        ValueView::YesNo(false) => html! { { text.say("value-no") } },
        ValueView::Photo(url) if is_picture(url) => html! {
            <img class="photo" src={url.clone()} alt={props.label.clone()} />
        },
        ValueView::Photo(_) => html! { { text.say("value-no-picture") } },
        ValueView::List(items) => html! {
            <ul class="values">
                { for items.iter().map(|item| html! {
                    <li><ShownValue value={item.clone()} label={props.label.clone()} /></li>
                }) }
            </ul>
        },
        ValueView::Group(details) => html! { <Details details={details.clone()} /> },
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct DetailsProps {
    /// The details.
    pub(crate) details: Vec<DetailView>,
}

/// Details, a label and a value each.
#[component]
pub(crate) fn Details(props: &DetailsProps) -> Html {
    html! {
        <dl class="details">
            { for props.details.iter().map(|detail| html! {
                <div>
                    <dt>{ &detail.label }</dt>
                    <dd><ShownValue value={detail.value.clone()} label={detail.label.clone()} /></dd>
                </div>
            }) }
        </dl>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct CardPictureProps {
    /// A `data:` URL of type `image/svg+xml`.
    pub(crate) picture: AttrValue,
    /// Its words; empty where they stand beside it.
    pub(crate) alt: AttrValue,
    /// How large it is.
    pub(crate) class: &'static str,
}

/// A card as its type draws it. As an image it runs nothing and fetches nothing.
#[component]
pub(crate) fn CardPicture(props: &CardPictureProps) -> Html {
    if !is_drawing(&props.picture) {
        return Html::default();
    }
    html! { <img class={props.class} src={props.picture.clone()} alt={props.alt.clone()} /> }
}

#[derive(PartialEq, Properties)]
pub(crate) struct VerdictLineProps {
    /// What the ledger says.
    pub(crate) verdict: Verdict,
    /// How old its word is.
    #[prop_or_default]
    pub(crate) checked_at: Option<i64>,
}

/// "Listed in the ledger, checked 3 hours ago".
#[component]
pub(crate) fn VerdictLine(props: &VerdictLineProps) -> Html {
    let text = use_shell().text();
    let (class, shape) = match props.verdict {
        Verdict::Listed => ("verdict ok", Shape::Good),
        Verdict::Unlisted | Verdict::OutOfScope | Verdict::Ended => ("verdict warn", Shape::Warn),
        Verdict::Revoked | Verdict::Withdrawn => ("verdict danger", Shape::Stop),
        Verdict::Checking => ("verdict", Shape::Time),
        Verdict::Stale | Verdict::Unknown => ("verdict warn", Shape::Unknown),
    };
    let words = text.say(&kind_key("verdict", &props.verdict));
    let words = match props.checked_at {
        Some(at) => text.say_with(
            "verdict-checked",
            &[
                ("verdict", words.into()),
                ("ago", text.ago(at, dates::now()).into()),
            ],
        ),
        None => words,
    };
    html! { <span {class}><Icon {shape} />{ " " }{ words }</span> }
}

/// Only pictures that the shell may send: nothing that could be fetched or run.
fn is_picture(url: &str) -> bool {
    ["data:image/png;base64,", "data:image/jpeg;base64,"]
        .iter()
        .any(|start| url.starts_with(start))
}

/// Only drawings that the shell has read and written again.
fn is_drawing(url: &str) -> bool {
    url.strip_prefix("data:image/svg+xml;base64,")
        .is_some_and(|data| {
            data.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_inline_png_and_jpeg_are_pictures() {
        assert!(is_picture("data:image/png;base64,iVBOR"));
        assert!(is_picture("data:image/jpeg;base64,/9j/"));
        for other in [
            "data:image/svg+xml;base64,PHN2Zz4=",
            "https://tracker.example/p.png",
            "data:text/html,hello",
            "",
        ] {
            assert!(!is_picture(other), "{other}");
        }
    }

    #[test]
    fn only_inline_drawings_are_drawn() {
        assert!(is_drawing("data:image/svg+xml;base64,PHN2Zz4="));
        for other in [
            "data:image/svg+xml,<svg>",
            "data:image/svg+xml;base64,PHN2Zz4=\"",
            "https://tracker.example/card.svg",
            "",
        ] {
            assert!(!is_drawing(other), "{other}");
        }
    }
}
