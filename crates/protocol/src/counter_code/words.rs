//! The words that stand for themselves in a packed value: their places are part of version 1
//! and never change.

/// The service's client identifier.
pub(super) const SERVICE: u64 = 0;
/// The nonce of the answer.
pub(super) const NONCE: u64 = 1;
/// `sd_hash` of the SD-JWT that a key binding belongs to.
pub(super) const SD_HASH: u64 = 2;
/// The place of the first word of [`WORDS`].
pub(super) const FIRST: u64 = 3;

/// The words, by place from [`FIRST`].
pub(super) const WORDS: &[&str] = &[
    "alg",
    "typ",
    "kid",
    "iss",
    "iat",
    "exp",
    "nbf",
    "aud",
    "nonce",
    "cnf",
    "jwk",
    "kty",
    "crv",
    "x",
    "y",
    "vct",
    "_sd",
    "sd_hash",
    "status",
    "status_list",
    "idx",
    "uri",
    "_sd_alg",
    "sha-256",
    "ES256",
    "EdDSA",
    "EC",
    "OKP",
    "P-256",
    "Ed25519",
    "dc+sd-jwt",
    "vc+sd-jwt",
    "kb+jwt",
    "x5c",
    "...",
    "sub",
    "jti",
    "vct#integrity",
    "vc",
    "vp",
    "id",
    "type",
    "@context",
    "issuer",
    "holder",
    "validFrom",
    "validUntil",
    "issuanceDate",
    "expirationDate",
    "credentialSubject",
    "credentialStatus",
    "statusPurpose",
    "statusListIndex",
    "statusListCredential",
    "revocation",
    "suspension",
    "verifiableCredential",
    "proof",
    "cryptosuite",
    "created",
    "challenge",
    "domain",
    "verificationMethod",
    "proofPurpose",
    "proofValue",
    "assertionMethod",
    "authentication",
    "DataIntegrityProof",
    "VerifiableCredential",
    "VerifiablePresentation",
    "BitstringStatusListEntry",
    "bbs-2023",
    "ecdsa-sd-2023",
    "ecdsa-rdfc-2019",
    "ecdsa-jcs-2019",
    "eddsa-rdfc-2022",
    "eddsa-jcs-2022",
    "https://www.w3.org/ns/credentials/v2",
    "https://www.w3.org/2018/credentials/v1",
    "https://w3id.org/security/data-integrity/v2",
    "vc+jwt",
    "JWT",
    "statuslist+jwt",
    "ttl",
    "bits",
    "lst",
    "cairn_evidence",
    "checkpoint",
    "entry",
    "inclusion",
    "records",
    "record",
    "siblings",
    "about",
    "issuer_key",
    "issued_at",
    "from",
    "until",
    "by",
    "accreditation",
    "types",
    "keys",
    "names",
    "grants",
    "possession",
    "thumbprint",
    "control_keys",
    "sequence",
    "en",
    "cy",
    "gd",
    "given_name",
    "family_name",
    "birth_date",
];

#[cfg(test)]
mod tests {
    use sha2::{Digest as _, Sha256};

    use super::*;

    #[test]
    fn the_words_of_version_1_never_change() {
        let mut sorted = WORDS.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), WORDS.len(), "each word has one place");
        let digest = Sha256::digest(WORDS.join("\n"));
        let start: String = digest.iter().take(8).map(|b| format!("{b:02x}")).collect();
        assert_eq!(start, "c5c241af3378ca0a");
    }
}
