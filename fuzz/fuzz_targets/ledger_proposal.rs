//! A proposed event: what is read is written back with the same meaning.
#![no_main]

use ledger::Proposal;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    if let Ok(proposal) = Proposal::parse(bytes) {
        assert_eq!(
            Proposal::parse(&proposal.to_bytes()).ok().as_ref(),
            Some(&proposal)
        );
        let _ = proposal.to_signed();
        let _ = proposal.try_on(&ledger::Registry::default(), 0);
    }
});
