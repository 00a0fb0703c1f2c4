//! The page's side of the boundary: a few lines to `window.__TAURI__`, and nothing else leaves.

use ipc::{Command, Event, Failure, FailureKind};
use serde_json::Value;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = ["window", "__TAURI__", "core"], js_name = invoke, catch)]
    async fn invoke(name: &str, arguments: JsValue) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = ["window", "__TAURI__", "event"], js_name = listen, catch)]
    async fn listen_to(name: &str, handler: &JsValue) -> Result<JsValue, JsValue>;
}

/// Asks the shell for one thing.
///
/// # Errors
/// The shell's failure, or [`FailureKind::Internal`] where its answer is not what it should be.
pub(crate) async fn call<C: Command>(command: C) -> Result<C::Answer, Failure> {
    let arguments = if C::HAS_INPUT {
        serde_json::to_string(&command).map(|input| format!("{{\"input\":{input}}}"))
    } else {
        Ok("{}".to_owned())
    };
    let arguments = arguments
        .ok()
        .and_then(|json| js_sys::JSON::parse(&json).ok())
        .ok_or_else(|| odd("page_input"))?;
    match invoke(C::NAME, arguments).await {
        Ok(answer) => read(&answer).ok_or_else(|| odd("page_answer")),
        Err(failure) => Err(read(&failure).unwrap_or_else(|| odd("page_failure"))),
    }
}

/// Calls the handler for each event of a kind, for as long as the page lives.
pub(crate) async fn listen<E: Event + 'static>(handler: impl Fn(E) + 'static) {
    let closure = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let payload = js_sys::Reflect::get(&event, &JsValue::from_str("payload"));
        if let Some(event) = payload.ok().and_then(|payload| read::<E>(&payload)) {
            handler(event);
        }
    });
    // A refusal means that the shell grants no events: commands go on working without them.
    let _ = listen_to(E::NAME, closure.as_ref()).await;
    closure.forget();
}

fn odd(reference: &str) -> Failure {
    Failure::new(FailureKind::Internal, reference)
}

fn read<T: serde::de::DeserializeOwned>(value: &JsValue) -> Option<T> {
    let json = if value.is_undefined() {
        "null".to_owned()
    } else {
        String::from(js_sys::JSON::stringify(value).ok()?)
    };
    let mut value: Value = serde_json::from_str(&json).ok()?;
    plain(&mut value);
    serde_json::from_value(value).ok()
}

/// Removes from every text what could make it look like another: control characters other than
/// line breaks, and those that change the direction of writing.
fn plain(value: &mut Value) {
    match value {
        Value::String(text) => text.retain(|c| !misleading(c)),
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Object(members) => members.values_mut().for_each(plain),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn misleading(c: char) -> bool {
    (c.is_control() && c != '\n')
        || matches!(
            c,
            '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{2069}' | '\u{feff}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_turn_the_writing_round() {
        let mut value = serde_json::json!({
            "name": "evil\u{202e}cod.knab\u{200b}", "rows": [{ "label": "a\u{7}\nb" }], "n": 1
        });
        plain(&mut value);
        assert_eq!(
            value,
            serde_json::json!({ "name": "evilcod.knab", "rows": [{ "label": "a\nb" }], "n": 1 })
        );
    }
}
