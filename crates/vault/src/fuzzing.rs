//! What the fuzz targets call: the readers of bytes that someone else may have written.

use secrecy::SecretString;

use crate::id::Id;
use crate::migrate::SCHEMA;
use crate::sealed::{CARDS, Sealer};
use crate::secret::Key;

/// Reads a header. Derives no key: the bounds are checked before that.
pub fn header(bytes: &[u8]) -> bool {
    crate::header::Header::parse(bytes, SCHEMA.current).is_ok()
}

/// Reads a sealed record.
pub fn record(bytes: &[u8]) -> bool {
    Sealer::new(&Key::empty(), Id::ZERO)
        .open(CARDS, Id::ZERO, bytes)
        .is_ok()
}

/// Reads the content of a backup.
pub fn backup_content(bytes: &[u8]) -> bool {
    crate::restore::parse(bytes).is_ok_and(|backup| {
        backup
            .cards
            .into_iter()
            .all(|card| card.into_record().is_some())
    })
}

/// Reads the outside of a backup file.
pub fn backup_file(bytes: &[u8]) -> bool {
    crate::restore::decrypt(bytes, &SecretString::from("passphrase")).is_ok()
}

/// Reads a recovery code.
pub fn recovery_code(text: &str) -> bool {
    crate::RecoveryCode::parse(&SecretString::from(text)).is_ok()
}
