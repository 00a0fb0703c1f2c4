//! The counter's reader of codes, for its own page: compiled to WebAssembly.
