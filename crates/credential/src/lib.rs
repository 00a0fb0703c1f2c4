//! Credentials: parse, verify, describe, present, issue. Pure: no network, no storage, and
//! the time is always handed in.
//!
//! - [`sd_jwt`]: SD-JWT VC (RFC 9901 and draft-ietf-oauth-sd-jwt-vc), the format `dc+sd-jwt`.
//! - [`mdoc`]: ISO mdoc (ISO/IEC 18013-5), the format `mso_mdoc`.
//! - [`format`](mod@format): what every format can do, and the list of formats.
//! - [`status`]: where a credential's status is published.
//! - [`issuer`]: where an issuer's key comes from, and its metadata.
//! - [`catalogue`]: the credential types of `schemas/`, compiled in.
//! - [`type_metadata`]: names, looks and rules of a type.
//! - [`svg`]: templates of cards, read by an allow-list.
//! - [`schema`]: JSON Schema 2020-12 for claims.
//! - [`data_integrity`]: W3C Data Integrity proofs, with selective disclosure.
//! - [`rdf`] and [`json_ld`]: canonical RDF of JSON-LD documents, by pinned contexts.
//! - [`vc_jose`]: W3C credentials secured with JOSE, the format `jwt_vc_json`.
//! - [`vcdm`]: what W3C credentials and presentations must look like.
//! - [`did`]: `did:key`, `did:jwk`, and `did:web` as a URL and a document.
//!
//! Everything that comes in is hostile: sizes, depths and counts are bounded, and a type
//! named `Unverified` turns into `Verified` only by verifying.

pub mod catalogue;
pub mod data_integrity;
pub mod did;
pub mod format;
pub mod issuer;
pub mod json_ld;
pub mod mdoc;
pub mod rdf;
pub mod schema;
pub mod sd_jwt;
pub mod status;
pub mod svg;
pub mod type_metadata;
pub mod vc_jose;
pub mod vcdm;

pub use issuer::KeySource;
