//! The few things that need the document itself.

use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{File, FileReader, HtmlElement, HtmlInputElement};
use yew::NodeRef;

fn document() -> Option<web_sys::Document> {
    web_sys::window().and_then(|window| window.document())
}

/// Sets the window's title.
pub(crate) fn set_title(title: &str) {
    if let Some(document) = document() {
        document.set_title(title);
    }
}

/// Sets an attribute of the `html` element.
pub(crate) fn set_root(attribute: &str, value: &str) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        // The names are ours and well formed.
        let _ = root.set_attribute(attribute, value);
    }
}

/// Moves the focus to an element and brings it into view.
pub(crate) fn focus(node: &NodeRef) {
    if let Some(element) = node.cast::<HtmlElement>() {
        let _ = element.focus();
    }
}

/// Moves the focus to the element of an id.
pub(crate) fn focus_id(id: &str) {
    if let Some(element) = document()
        .and_then(|document| document.get_element_by_id(id))
        .and_then(|element| element.dyn_into::<HtmlElement>().ok())
    {
        let _ = element.focus();
    }
}

/// Scrolls the window to its beginning.
pub(crate) fn scroll_to_top() {
    if let Some(window) = web_sys::window() {
        window.scroll_to_with_x_and_y(0.0, 0.0);
    }
}

/// What stands in an input.
pub(crate) fn value_of(node: &NodeRef) -> String {
    node.cast::<HtmlInputElement>()
        .map(|input| input.value())
        .unwrap_or_default()
}

/// Empties an input.
pub(crate) fn clear(node: &NodeRef) {
    if let Some(input) = node.cast::<HtmlInputElement>() {
        input.set_value("");
    }
}

/// The first file chosen in a file input.
pub(crate) fn chosen_file(node: &NodeRef) -> Option<File> {
    node.cast::<HtmlInputElement>()?.files()?.get(0)
}

/// The bytes of a file in standard base64. None where it cannot be read.
pub(crate) async fn base64_of(file: &File) -> Option<String> {
    let reader = FileReader::new().ok()?;
    let read = js_sys::Promise::new(&mut |resolve, _| {
        // Called on success and on failure: the result tells which.
        reader.set_onloadend(Some(&resolve));
    });
    reader.read_as_data_url(file).ok()?;
    JsFuture::from(read).await.ok()?;
    let url = reader.result().ok()?.as_string()?;
    url.split_once(',').map(|(_, data)| data.to_owned())
}

/// The text of a file. None where it cannot be read.
pub(crate) async fn text_of(file: &File) -> Option<String> {
    let reader = FileReader::new().ok()?;
    let read = js_sys::Promise::new(&mut |resolve, _| {
        reader.set_onloadend(Some(&resolve));
    });
    reader.read_as_text(file).ok()?;
    JsFuture::from(read).await.ok()?;
    reader.result().ok()?.as_string()
}

/// Waits for so many milliseconds.
pub(crate) async fn wait(milliseconds: i32) {
    let waited = js_sys::Promise::new(&mut |resolve, _| {
        if let Some(window) = web_sys::window() {
            let _ = window
                .set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, milliseconds);
        }
    });
    // A promise that only resolves.
    let _ = JsFuture::from(waited).await;
}

/// Something that happens again and again, until this is dropped.
pub(crate) struct Every {
    id: i32,
    _work: Closure<dyn Fn()>,
}

impl Every {
    /// Does `work` each time so many milliseconds have passed.
    pub(crate) fn milliseconds(pause: i32, work: impl Fn() + 'static) -> Option<Self> {
        let work = Closure::<dyn Fn()>::new(work);
        let id = web_sys::window()?
            .set_interval_with_callback_and_timeout_and_arguments_0(
                work.as_ref().unchecked_ref(),
                pause,
            )
            .ok()?;
        Some(Self { id, _work: work })
    }
}

impl Drop for Every {
    fn drop(&mut self) {
        if let Some(window) = web_sys::window() {
            window.clear_interval_with_handle(self.id);
        }
    }
}

/// Whether the citizen asked the computer for less motion.
pub(crate) fn wishes_less_motion() -> bool {
    let asked = || {
        let window: JsValue = web_sys::window()?.into();
        let ask = js_sys::Reflect::get(&window, &"matchMedia".into()).ok()?;
        let ask = ask.dyn_into::<js_sys::Function>().ok()?;
        let query = "(prefers-reduced-motion: reduce)".into();
        let answer = ask.call1(&window, &query).ok()?;
        js_sys::Reflect::get(&answer, &"matches".into())
            .ok()?
            .as_bool()
    };
    asked().unwrap_or(false)
}
