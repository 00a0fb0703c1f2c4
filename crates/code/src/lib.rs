//! Codes that a camera reads: one still picture, or a sequence of them.
