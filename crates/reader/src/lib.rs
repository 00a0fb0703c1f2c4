//! The counter's reader of codes, for its own page: compiled to WebAssembly, it takes pictures
//! from the page's camera and gives back the message in their codes. It has no network and knows
//! nothing of what a message means: the counter that served the page judges it.
//!
//! [`Sight`] is the same for any program; [`Reader`] is what the page's script calls.

mod sight;

pub use sight::{Seen, Sight};

use wasm_bindgen::prelude::wasm_bindgen;

/// What the page's script calls.
#[wasm_bindgen]
pub struct Reader {
    sight: Sight,
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

#[wasm_bindgen]
impl Reader {
    /// A reader of answers.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Reader {
        Reader {
            sight: Sight::new(code::Word::ANSWER),
        }
    }

    /// Looks at one picture of a camera, in `rgba` as a canvas gives it, and says what it saw: a
    /// word of [`Seen`].
    pub fn see(&mut self, rgba: &[u8], width: u32, height: u32) -> String {
        self.sight.see(rgba, width, height).word().to_owned()
    }

    /// Looks at a PNG, JPEG or GIF file.
    pub fn open(&mut self, file: &[u8]) -> String {
        self.sight.open(file).word().to_owned()
    }

    /// Takes the text of one code, as a scanner types it.
    pub fn typed(&mut self, text: &str) -> String {
        self.sight.typed(text).word().to_owned()
    }

    /// Frames that have told something new.
    pub fn have(&self) -> u32 {
        self.sight.progress().have as u32
    }

    /// Frames that are needed; 0 before the first.
    pub fn want(&self) -> u32 {
        self.sight.progress().want as u32
    }

    /// The message once it is whole.
    pub fn message(&self) -> Option<Vec<u8>> {
        self.sight.message().map(<[u8]>::to_vec)
    }

    /// Forgets everything, for the next person.
    pub fn clear(&mut self) {
        self.sight.clear();
    }
}
