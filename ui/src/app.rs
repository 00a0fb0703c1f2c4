//! The window: the rail, the screen, the live region, and what the keyboard does everywhere.

use ipc::{
    Connectivity, LedgerRead, LinkReceived, LoadPreferences, Locked, Progress, ReplaceLink,
    TextSize, Theme, VaultState,
};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::KeyboardEvent;
use yew::prelude::*;

use crate::components::{FailureNote, Mark, Note, Page, Question, Tone, Working};
use crate::dates;
use crate::dom;
use crate::ipc::{call, listen};
use crate::route::{Route, Section};
use crate::screens;
use crate::state::{Action, Shell, State, use_shell};

/// Seconds between two words to the shell that the citizen is there.
const TOUCH_EVERY: i64 = 10;

/// The whole window.
#[component]
pub(crate) fn App() -> Html {
    let state = use_reducer(State::default);
    let shell = Shell(state.clone());
    {
        let shell = shell.clone();
        use_effect_with((), move |()| start(&shell));
    }
    {
        use_effect_with(
            (state.preferences.clone(), state.text.language()),
            |(preferences, language)| {
                dom::set_root("lang", language);
                dom::set_root(
                    "data-theme",
                    match preferences.theme {
                        Theme::System => "system",
                        Theme::Light => "light",
                        Theme::Dark => "dark",
                    },
                );
                dom::set_root(
                    "data-text",
                    match preferences.text_size {
                        TextSize::Normal => "normal",
                        TextSize::Large => "large",
                        TextSize::Larger => "larger",
                    },
                );
            },
        );
    }
    let said = state.said.clone();
    html! {
        <ContextProvider<Shell> context={shell}>
            <Keyboard />
            <Window />
            <div id="live" class="heard" role="status" aria-live="polite">{ said }</div>
        </ContextProvider<Shell>>
    }
}

fn start(shell: &Shell) {
    let first = shell.clone();
    spawn_local(async move {
        if let Ok(preferences) = call(LoadPreferences).await {
            first.0.dispatch(Action::Preferences(preferences));
        }
        first.refresh();
    });
    let heard = shell.clone();
    spawn_local(async move {
        let on = heard.clone();
        listen(move |event: Locked| {
            on.0.dispatch(Action::Locked {
                by_itself: event.by_itself,
            });
            on.refresh();
        })
        .await;
        let on = heard.clone();
        listen(move |event: LinkReceived| on.0.dispatch(Action::Received(Box::new(event)))).await;
        let on = heard.clone();
        listen(move |event: Progress| on.0.dispatch(Action::Stage(Some(event.stage)))).await;
        let on = heard.clone();
        listen(move |_: LedgerRead| {
            on.0.dispatch(Action::LedgerRead);
            on.refresh();
        })
        .await;
        let on = heard.clone();
        listen(move |event: Connectivity| {
            // What the ledger says may have come.
            on.refresh();
            let words = if event.online {
                on.text().say("network-back")
            } else {
                on.text().say("network-gone")
            };
            on.say(words);
        })
        .await;
    });
}

/// Shortcuts, and the word that the citizen is there.
#[component]
fn Keyboard() -> Html {
    let shell = use_shell();
    let touched = use_mut_ref(|| 0i64);
    use_effect(move || {
        let touch = {
            let shell = shell.clone();
            Closure::<dyn Fn()>::new(move || {
                let now = dates::now();
                if shell.0.is_open() && now - *touched.borrow() >= TOUCH_EVERY {
                    *touched.borrow_mut() = now;
                    spawn_local(async {
                        // A shell that locks too early is a nuisance, not a fault to show.
                        let _ = call(ipc::Touch).await;
                    });
                }
            })
        };
        let keys = Closure::<dyn Fn(KeyboardEvent)>::new(move |event: KeyboardEvent| {
            if (event.ctrl_key() || event.meta_key()) && !event.alt_key() && !event.shift_key() {
                shortcut(&shell, &event);
            }
        });
        let window = web_sys::window();
        if let Some(window) = &window {
            for event in ["keydown", "pointerdown", "pointermove", "wheel"] {
                let _ =
                    window.add_event_listener_with_callback(event, touch.as_ref().unchecked_ref());
            }
            let _ =
                window.add_event_listener_with_callback("keydown", keys.as_ref().unchecked_ref());
        }
        move || {
            if let Some(window) = &window {
                for event in ["keydown", "pointerdown", "pointermove", "wheel"] {
                    let _ = window
                        .remove_event_listener_with_callback(event, touch.as_ref().unchecked_ref());
                }
                let _ = window
                    .remove_event_listener_with_callback("keydown", keys.as_ref().unchecked_ref());
            }
        }
    });
    Html::default()
}

fn shortcut(shell: &Shell, event: &KeyboardEvent) {
    if !shell.0.is_open() {
        return;
    }
    let free = !shell.0.route.is_decision() && shell.0.newcomer.is_none();
    match event.key().as_str() {
        "n" if free => shell.go(Route::Add),
        "f" if free => {
            if shell.0.route != Route::Cards {
                shell.go(Route::Cards);
            }
            spawn_local(async {
                // After the new screen has taken the focus.
                dom::wait(60).await;
                dom::focus_id("search");
            });
        }
        "l" => shell.lock(),
        "," if free => shell.go(Route::Settings),
        _ => return,
    }
    event.prevent_default();
}

#[component]
fn Window() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let state = &shell.0;
    let open = state.is_open();
    let code = matches!(state.route, Route::RecoveryCode(_));
    let skip = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        dom::focus_id("main");
    });
    html! {
        <div class={classes!("window", open.then_some("open"))}>
            <a class="skip" href="#main" onclick={skip}>{ text.say("skip-to-content") }</a>
            <Rail />
            <main id="main" tabindex="-1" key={state.visit}>
                if open {
                    <Newcomer />
                }
                if let Some(failure) = &state.broken {
                    <Page title={text.say("broken-title")}>
                        <FailureNote failure={failure.clone()} onretry={retry(&shell)} />
                    </Page>
                } else if open || code {
                    { screen(&state.route) }
                } else {
                    { closed(state.status.as_ref().map(|status| status.vault), &shell) }
                }
            </main>
        </div>
    }
}

fn retry(shell: &Shell) -> Callback<()> {
    let shell = shell.clone();
    Callback::from(move |()| shell.refresh())
}

fn closed(vault: Option<VaultState>, shell: &Shell) -> Html {
    let text = shell.text();
    match vault {
        None => html! { <Working label={text.say("starting")} /> },
        Some(VaultState::Missing) => html! { <screens::Welcome /> },
        Some(VaultState::Locked | VaultState::Open) => html! { <screens::Lock /> },
        Some(VaultState::Damaged) => html! { <screens::DamagedVault /> },
        Some(VaultState::InUse) => html! {
            <Page title={text.say("in-use-title")}>
                <Note tone={Tone::Stop} title={text.say("failure-title-in-use")}>
                    <p>{ text.say("failure-next-in-use") }</p>
                </Note>
                <button type="button" id="retry" onclick={retry(shell).reform(|_: MouseEvent| ())}>
                    { text.say("try-again") }
                </button>
            </Page>
        },
    }
}

fn screen(route: &Route) -> Html {
    match route.clone() {
        Route::Cards => html! { <screens::Cards /> },
        Route::Card(id) => html! { <screens::Card {id} /> },
        Route::Add => html! { <screens::Add /> },
        Route::Link(link) => html! { <screens::Link {link} /> },
        Route::Offer(review) => html! { <screens::Offer {review} /> },
        Route::Choose(review) => html! { <screens::Choose {review} /> },
        Route::Consent(review) => html! { <screens::Consent {review} /> },
        Route::Missing(review) => html! { <screens::Missing {review} /> },
        Route::Added(added) => html! { <screens::Added {added} /> },
        Route::Shared(shared) => html! { <screens::Shared {shared} /> },
        Route::Counter => html! { <screens::Counter /> },
        Route::AtCounter(at) => html! { <screens::AtCounter {at} /> },
        Route::Present(code) => html! { <screens::Present {code} /> },
        Route::Pass(pass) => html! { <screens::Pass {pass} /> },
        Route::NotShared(service, told) => html! { <screens::NotShared {service} {told} /> },
        Route::RecoveryCode(code) => html! { <screens::RecoveryCode {code} /> },
        Route::History => html! { <screens::History /> },
        Route::Event(id) => html! { <screens::Event {id} /> },
        Route::Ledger => html! { <screens::Ledger /> },
        Route::Body(id, name) => html! { <screens::Body {id} {name} /> },
        Route::Backup => html! { <screens::Backup /> },
        Route::Settings => html! { <screens::Settings /> },
    }
}

/// The mark, the places, and the lock.
#[component]
fn Rail() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let open = shell.0.is_open();
    let free = open && !shell.0.route.is_decision();
    let here = shell.0.route.section();
    let places = Section::ALL.map(|section| {
        let (id, words) = match section {
            Section::Cards => ("nav-cards", text.say("nav-cards")),
            Section::History => ("nav-history", text.say("nav-history")),
            Section::Ledger => ("nav-ledger", text.say("nav-ledger")),
            Section::Backup => ("nav-backup", text.say("nav-backup")),
            Section::Settings => ("nav-settings", text.say("nav-settings")),
        };
        let onclick = {
            let shell = shell.clone();
            Callback::from(move |_: MouseEvent| shell.go(section.route()))
        };
        let current = (here == Some(section)).then_some("page");
        html! { <li><button type="button" {id} aria-current={current} {onclick}>{ words }</button></li> }
    });
    let lock = {
        let shell = shell.clone();
        Callback::from(move |_: MouseEvent| shell.lock())
    };
    html! {
        <header class="rail">
            <p class="brand"><Mark /><span>{ text.say("product-name") }</span></p>
            if shell.0.is_demo() {
                <p class="demo" id="demo">{ text.say("demo-badge") }</p>
            }
            if free {
                <nav aria-label={text.say("nav-label")}><ul>{ for places }</ul></nav>
            }
            if open {
                <button type="button" class="lock" id="lock" onclick={lock}
                    aria-keyshortcuts="Control+L Meta+L">{ text.say("lock-now") }</button>
            }
        </header>
    }
}

/// The question about a link that came while another is under way.
#[component]
fn Newcomer() -> Html {
    let shell = use_shell();
    let text = shell.text();
    let Some(newcomer) = shell.0.newcomer.clone() else {
        return Html::default();
    };
    let Some(link) = newcomer.link else {
        let onanswer = {
            let shell = shell.clone();
            Callback::from(move |_| shell.0.dispatch(Action::Answered))
        };
        return html! {
            <Question title={text.say("newcomer-odd-title")} yes={text.say("close")} single=true {onanswer}>
                <p>{ text.say("newcomer-odd-text") }</p>
            </Question>
        };
    };
    let onanswer = {
        let shell = shell.clone();
        Callback::from(move |replace: bool| {
            let then = shell.clone();
            shell.0.dispatch(Action::Answered);
            shell.ask(ReplaceLink { replace }, move |answer| {
                if let (true, Ok(Some(link))) = (replace, answer) {
                    then.go(Route::Link(link));
                }
            });
        })
    };
    html! {
        <Question title={text.say("newcomer-title")} yes={text.say("newcomer-replace")} no={AttrValue::from(text.say("newcomer-keep"))} {onanswer}>
            <p>{ text.say_with("newcomer-text", &[("host", link.host.into())]) }</p>
        </Question>
    }
}
