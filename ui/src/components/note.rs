//! Things to know: icon, words and colour together.

use ipc::{Level, Tick, Warning, WarningKind};
use yew::prelude::*;

use super::{Icon, Shape, Tickbox};
use crate::state::use_shell;
use crate::text::kind_key;

/// How a note sounds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// All is well.
    Good,
    /// Good to know.
    Info,
    /// Think about it.
    Warn,
    /// It cannot go on, or something went wrong.
    Stop,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Good => "note good",
            Self::Info => "note info",
            Self::Warn => "note warn",
            Self::Stop => "note stop",
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Good => Shape::Good,
            Self::Info => Shape::Info,
            Self::Warn => Shape::Warn,
            Self::Stop => Shape::Stop,
        }
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct NoteProps {
    /// How it sounds.
    pub(crate) tone: Tone,
    /// What it is about.
    pub(crate) title: AttrValue,
    /// The rest.
    #[prop_or_default]
    pub(crate) children: Html,
}

/// A note within a screen.
#[component]
pub(crate) fn Note(props: &NoteProps) -> Html {
    html! {
        <section class={props.tone.class()}>
            <h2><Icon shape={props.tone.shape()} />{ " " }{ &props.title }</h2>
            { props.children.clone() }
        </section>
    }
}

#[derive(PartialEq, Properties)]
pub(crate) struct WarningsProps {
    /// Worst first.
    pub(crate) warnings: Vec<Warning>,
    /// Ticks given so far.
    pub(crate) ticked: Vec<Tick>,
    /// Ticks that are needed.
    pub(crate) needed: Vec<Tick>,
    /// A tick was given or taken back.
    pub(crate) ontick: Callback<(Tick, bool)>,
}

/// The warnings of a review, each with the tick that it needs; a tick is asked for once.
#[component]
pub(crate) fn Warnings(props: &WarningsProps) -> Html {
    let text = use_shell().text();
    let mut asked: Vec<Tick> = Vec::new();
    let notes: Vec<Html> = props
        .warnings
        .iter()
        .map(|warning| {
            let tone = match warning.level {
                Level::Block => Tone::Stop,
                Level::Tick => Tone::Warn,
                Level::Note => Tone::Info,
            };
            let tick = tick_of(warning).filter(|tick| {
                let ask = props.needed.contains(tick) && !asked.contains(tick);
                if ask {
                    asked.push(*tick);
                }
                ask
            });
            html! {
                <Note {tone} title={text.say(&kind_key("warning-title", &warning.kind))}>
                    <p>{ text.say(&kind_key("warning-text", &warning.kind)) }</p>
                    if !warning.names.is_empty() {
                        <ul>{ for warning.names.iter().map(|name| html! { <li><bdi>{ name }</bdi></li> }) }</ul>
                    }
                    if let Some(tick) = tick {
                        <TickOf {tick} ticked={props.ticked.contains(&tick)} ontick={props.ontick.clone()} />
                    }
                </Note>
            }
        })
        .collect();
    let left: Vec<Tick> = props
        .needed
        .iter()
        .filter(|tick| **tick != Tick::Photo && !asked.contains(tick))
        .copied()
        .collect();
    html! {
        <>
            { for notes }
            { for left.into_iter().map(|tick| html! {
                <TickOf {tick} ticked={props.ticked.contains(&tick)} ontick={props.ontick.clone()} />
            }) }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct TickOfProps {
    tick: Tick,
    ticked: bool,
    ontick: Callback<(Tick, bool)>,
}

#[component]
fn TickOf(props: &TickOfProps) -> Html {
    let text = use_shell().text();
    let tick = props.tick;
    html! {
        <Tickbox
            id={kind_key("tick", &tick)}
            label={text.say(&kind_key("tick", &tick))}
            checked={props.ticked}
            onchange={props.ontick.reform(move |on| (tick, on))}
        />
    }
}

/// The tick that belongs to a warning.
fn tick_of(warning: &Warning) -> Option<Tick> {
    if warning.level != Level::Tick {
        return None;
    }
    Some(match warning.kind {
        WarningKind::OverAsking => Tick::OverAsking,
        _ => Tick::Unlisted,
    })
}
