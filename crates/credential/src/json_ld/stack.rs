//! A stack that is large enough for a nested document.

use serde_json::{Map, Value};

use super::{JsonLdError, bounds};

/// The library takes 130 kB a level where nothing is optimised, which makes 4 MB at the deepest
/// that is read. The threads of a server have 2 MiB, and one that runs over ends the program.
const STACK: usize = 16 << 20;
/// So many levels fit on the stack of any thread.
const SHALLOW: usize = 6;

/// Does the work on a stack that is large enough for this document.
pub(super) fn with_room<T: Send>(
    document: &Map<String, Value>,
    work: impl FnOnce() -> Result<T, JsonLdError> + Send,
) -> Result<T, JsonLdError> {
    if bounds::depth(document) <= SHALLOW {
        return work();
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, work)
            .map_err(|_| JsonLdError::TooLarge("the memory that there is"))?
            .join()
            .unwrap_or(Err(JsonLdError::NotJsonLd))
    })
}
