//! A code for a desk's camera: large, on white, with its time running.

mod player;

use std::rc::Rc;

use ipc::{AskAgain, CodeFrames, CodeView, EndCode, Failure, FrameSize};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use self::player::{Play, Player, SPEEDS};
use crate::components::{CodePicture, FailureNote, Note, Page, Tone, Working};
use crate::dates;
use crate::dom::{self, Every};
use crate::route::Route;
use crate::state::use_shell;
use crate::text::kind_key;

/// At so many seconds before the end the live region says so.
const WARNED_AT: [i64; 2] = [30, 10];
const SECOND: i32 = 1000;

#[derive(PartialEq, Properties)]
pub(crate) struct PresentProps {
    /// The code.
    pub(crate) code: Rc<CodeView>,
}

/// The code, until it is read or its time is over.
#[component]
pub(crate) fn Present(props: &PresentProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let code = &props.code;
    let left = use_state_eq(|| seconds_left(code));
    let failure = use_state(|| None::<Failure>);
    {
        let (shell, left, code) = (shell.clone(), left.setter(), code.clone());
        use_effect_with((), move |()| {
            let ticking = Every::milliseconds(SECOND, move || {
                let now = seconds_left(&code);
                left.set(now);
                if WARNED_AT.contains(&now) {
                    let count = [("count", now.into())];
                    shell.say(shell.text().say_with("present-left-said", &count));
                } else if now == 0 {
                    shell.say(shell.text().say("present-over-title"));
                }
            });
            move || drop(ticking)
        });
    }
    let done = {
        let (shell, failure) = (shell.clone(), failure.clone());
        Callback::from(move |_: MouseEvent| {
            let (then, failure) = (shell.clone(), failure.clone());
            shell.ask(EndCode, move |answer| match answer {
                Ok(shared) => then.go(Route::Shared(Rc::new(shared))),
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    let again = {
        let (shell, failure) = (shell.clone(), failure.clone());
        Callback::from(move |_: MouseEvent| {
            let (then, failure) = (shell.clone(), failure.clone());
            shell.ask(AskAgain, move |answer| match answer {
                Ok(step) => then.go(Route::from(step)),
                Err(found) => failure.set(Some(found)),
            });
        })
    };
    html! {
        <Page title={text.say_with("present-title", &[("service", (&code.service).into())])}>
            if let Some(failure) = &*failure {
                <FailureNote failure={failure.clone()} />
            }
            if *left == 0 {
                <Note tone={Tone::Warn} title={text.say("present-over-title")}>
                    <p id="expired">{ if code.again { text.say("present-over-again") } else { text.say("present-over-live") } }</p>
                </Note>
                <div class="buttons">
                    if code.again {
                        <button type="button" class="main" id="new-code" onclick={again}>{ text.say("present-new") }</button>
                    }
                    <button type="button" id="done" onclick={done}>{ text.say("present-done") }</button>
                </div>
            } else {
                <p>{ text.say("present-lead") }</p>
                <Screen code={code.clone()}>
                    <p class="countdown" id="countdown" role="timer">{ countdown(&text, *left) }</p>
                    <button type="button" class="main" id="done" onclick={done}>{ text.say("present-done") }</button>
                </Screen>
                <section>
                    <h2>{ text.say("present-holds") }</h2>
                    <ul id="code-holds">{ for code.details.iter().map(|name| html! { <li><bdi>{ name }</bdi></li> }) }</ul>
                    <p class="muted">{ text.say("present-offline") }</p>
                </section>
            }
        </Page>
    }
}

#[derive(PartialEq, Properties)]
struct ScreenProps {
    code: Rc<CodeView>,
    /// What stands beside the picture.
    children: Html,
}

/// The picture and what moves it.
#[component]
fn Screen(props: &ScreenProps) -> Html {
    let shell = use_shell();
    let text = shell.text();
    let player = use_reducer(|| Player::new(dom::wishes_less_motion()));
    let failure = use_state(|| None::<Failure>);
    {
        let (shell, to, failure) = (shell.clone(), player.dispatcher(), failure.setter());
        use_effect_with((player.size, player.wants()), move |(size, wants)| {
            let (size, Some(first)) = (*size, *wants) else {
                return;
            };
            let many = CodeFrames::MOST;
            shell.ask(
                CodeFrames { size, first, many },
                move |answer| match answer {
                    Ok(view) => to.dispatch(Play::Came(size, view)),
                    Err(found) => failure.set(Some(found)),
                },
            );
        });
    }
    {
        let to = player.dispatcher();
        let moving = player.moves() && player.playing;
        use_effect_with((moving, player.speed), move |(moving, speed)| {
            let pause = SECOND / i32::try_from(*speed).unwrap_or(1).max(1);
            let ticking =
                moving.then(|| Every::milliseconds(pause, move || to.dispatch(Play::Tick)));
            move || drop(ticking)
        });
    }
    if let Some(failure) = &*failure {
        return html! { <FailureNote failure={failure.clone()} /> };
    }
    let Some(frame) = player.frame() else {
        return html! { <Working label={text.say("present-drawing")} /> };
    };
    let service = || ("service", (&props.code.service).into());
    let count = ("count", props.code.details.len().into());
    let label = text.say_with("present-picture", &[service(), count]);
    let play = |action: fn() -> Play| {
        let to = player.dispatcher();
        Callback::from(move |_: MouseEvent| to.dispatch(action()))
    };
    html! {
        <>
            <div class="code-screen" id="code">
                <div class="code-paper"><CodePicture frame={frame.clone()} {label} /></div>
                <div class="code-side">
                    { props.children.clone() }
                    if player.moves() {
                        <p id="part">{ part_words(&text, frame.number, player.parts) }</p>
                        <div class="buttons" role="group" aria-label={text.say("present-controls")}>
                            <button type="button" id="pause" onclick={play(|| Play::Toggle)}>
                                { if player.playing { text.say("present-pause") } else { text.say("present-go-on") } }
                            </button>
                            <button type="button" id="back-frame" onclick={play(|| Play::Step { back: true })}>{ text.say("present-before") }</button>
                            <button type="button" id="next-frame" onclick={play(|| Play::Step { back: false })}>{ text.say("present-next") }</button>
                        </div>
                    }
                    <Adjust size={player.size} speed={player.speed} moves={player.moves()} to={player.dispatcher()} />
                </div>
            </div>
            if player.moves() {
                <p class="muted small">{ text.say("present-moves") }</p>
            } else {
                <details>
                    <summary>{ text.say("present-as-text") }</summary>
                    <p>{ text.say("present-as-text-how") }</p>
                    <p class="code selectable" id="code-text">{ &frame.text }</p>
                </details>
            }
        </>
    }
}

#[derive(PartialEq, Properties)]
struct AdjustProps {
    size: FrameSize,
    speed: u32,
    /// Speed matters.
    moves: bool,
    to: UseReducerDispatcher<Player>,
}

/// What the desk's camera can make out, and how fast.
#[component]
fn Adjust(props: &AdjustProps) -> Html {
    let text = use_shell().text();
    let onsize = {
        let to = props.to.clone();
        Callback::from(move |event: Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else {
                return;
            };
            let wanted = usize::try_from(select.selected_index()).ok();
            if let Some(size) = wanted.and_then(|at| FrameSize::ALL.get(at)) {
                to.dispatch(Play::Size(*size));
            }
        })
    };
    let onspeed = {
        let to = props.to.clone();
        Callback::from(move |event: Event| {
            let Some(select) = event.target_dyn_into::<HtmlSelectElement>() else {
                return;
            };
            if let Ok(speed) = select.value().parse() {
                to.dispatch(Play::Speed(speed));
            }
        })
    };
    html! {
        <div class="beside">
            <div class="field">
                <label for="size">{ text.say("present-size") }</label>
                <select id="size" onchange={onsize}>
                    { for FrameSize::ALL.iter().map(|size| html! {
                        <option selected={*size == props.size}>{ text.say(&kind_key("frame-size", size)) }</option>
                    }) }
                </select>
            </div>
            if props.moves {<div class="field">
                <label for="speed">{ text.say("present-speed") }</label>
                <select id="speed" onchange={onspeed}>
                    { for SPEEDS.iter().map(|speed| html! {
                        <option value={speed.to_string()} selected={*speed == props.speed}>{ text.say_with("present-a-second", &[("count", (*speed).into())]) }</option>
                    }) }
                </select>
            </div>}
        </div>
    }
}

fn part_words(text: &crate::text::Text, number: u32, parts: u32) -> String {
    let values = [("number", number.into()), ("parts", parts.into())];
    if number <= parts {
        text.say_with("present-part", &values)
    } else {
        text.say_with("present-more-parts", &values)
    }
}

fn countdown(text: &crate::text::Text, left: i64) -> String {
    let time = format!("{}:{:02}", left / 60, left % 60);
    text.say_with("present-left", &[("time", time.into())])
}

fn seconds_left(code: &CodeView) -> i64 {
    code.expires_at.saturating_sub(dates::now()).max(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Text;

    #[test]
    fn parts_beyond_those_that_suffice_are_called_so() {
        let text = Text::load("en");
        assert_eq!(part_words(&text, 3, 8), "Part 3 of 8");
        assert!(part_words(&text, 9, 8).contains("8"));
        assert_ne!(part_words(&text, 9, 8), "Part 9 of 8");
    }

    #[test]
    fn the_time_left_is_read_like_a_clock() {
        let text = Text::load("en");
        assert!(countdown(&text, 65).contains("1:05"));
        assert!(countdown(&text, 9).contains("0:09"));
    }
}
