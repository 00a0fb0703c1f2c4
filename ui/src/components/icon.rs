//! Drawn signs. Each stands beside a word and is hidden from those who listen.

use yew::prelude::*;

/// Which sign.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shape {
    /// A tick in a circle.
    Good,
    /// A triangle.
    Warn,
    /// An octagon.
    Stop,
    /// An i in a circle.
    Info,
    /// A question mark in a circle.
    Unknown,
    /// A clock.
    Time,
}

#[derive(PartialEq, Properties)]
pub(crate) struct IconProps {
    /// Which sign.
    pub(crate) shape: Shape,
}

/// A sign as high as the text.
#[component]
pub(crate) fn Icon(props: &IconProps) -> Html {
    let circle = html! { <circle cx="12" cy="12" r="9.5" /> };
    let inner = match props.shape {
        Shape::Good => html! { <>{ circle }<path d="M7.5 12.5l3 3 6-6.5" /></> },
        Shape::Warn => html! {
            <><path d="M12 3L22 20.5H2z" /><path d="M12 9.5v5" /><path d="M12 17.4v.2" /></>
        },
        Shape::Stop => html! {
            <><path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z" /><path d="M12 7v6" /><path d="M12 16.4v.2" /></>
        },
        Shape::Info => html! { <>{ circle }<path d="M12 11v6" /><path d="M12 7.4v.2" /></> },
        Shape::Unknown => html! {
            <>{ circle }<path d="M9.3 9.6a2.8 2.8 0 1 1 3.9 2.6c-.8.4-1.2.9-1.2 1.9" /><path d="M12 17.1v.2" /></>
        },
        Shape::Time => html! { <>{ circle }<path d="M12 6.5V12l3.5 2.5" /></> },
    };
    html! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ inner }</svg>
    }
}

/// Our own mark, as in `icons/cairn.svg`: three stones, one on the other.
#[component]
pub(crate) fn Mark() -> Html {
    html! {
        <svg class="mark" viewBox="0 0 1024 1024" aria-hidden="true" focusable="false">
            <rect x="48" y="48" width="928" height="928" rx="208" />
            <path d="M196 722 C188 654 296 622 470 616 C662 610 822 640 832 716 C840 786 756 812 628 820 C512 826 392 832 308 816 C236 802 200 772 196 722 Z" />
            <path d="M306 512 C296 448 372 406 512 396 C650 388 768 420 774 484 C778 542 706 562 592 570 C486 578 414 584 362 570 C324 558 310 540 306 512 Z" />
            <path d="M342 284 C346 222 416 188 508 194 C600 200 664 240 660 294 C656 342 596 354 504 350 C404 346 338 336 342 284 Z" />
        </svg>
    }
}
