//! Reads a template of a card; what passes must be harmless and must pass again.
#![no_main]

use credential::svg::{SvgError, Template};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(template) = Template::parse(data) {
        let picture = template.fill(|_| Some("<script href='x'>".to_owned()));
        assert!(!picture.contains("<script"));
        let again = Template::parse(picture.as_bytes());
        assert!(matches!(again, Ok(_) | Err(SvgError::TooLong)));
    }
});
