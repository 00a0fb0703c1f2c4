//! Parses a Status List Token in JWT form, and inflates its list whoever signed it.
#![no_main]

use credential::status::token::{Bits, TokenList, UnverifiedJwt};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(token) = UnverifiedJwt::parse(text)
    {
        let _ = token.signer().map(|signer| signer.key_source(None).is_ok());
    }
    if let Ok(list) = TokenList::from_compressed(Bits::Two, data) {
        assert!(list.get(list.entries()).is_err());
        let again = TokenList::from_compressed(Bits::Two, &list.to_compressed());
        assert!(again.is_ok_and(|again| again == list));
    }
});
