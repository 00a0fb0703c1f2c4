use std::fmt;
use std::ops::Deref;

use keys::{PublicKey, UnixTime};
use serde_json::{Map, Value};

use super::disclosure::Disclosure;
use super::process::{self, Child};
use super::{
    DisclosureError, Expected, HashAlgorithm, KeyBindingError, LEEWAY, ParseError, Unverified,
    VerifyError, key_binding,
};

/// The `typ` of SD-JWT VC §3.2.1, and the one that drafts before November 2024 used.
const TYPES: [&str; 2] = ["dc+sd-jwt", "vc+sd-jwt"];

/// Claims that may not be selectively disclosed (SD-JWT VC §3.2.2.2).
pub(super) const ALWAYS_VISIBLE: [&str; 7] =
    ["iss", "nbf", "exp", "cnf", "vct", "vct#integrity", "status"];

/// An SD-JWT VC with its claims put together (the "Processed SD-JWT Payload" of RFC 9901).
///
/// [`Verified`] holds one after verification; [`Processed::from_store`] makes one from a
/// text that the caller verified before and has kept safe since.
#[derive(Clone)]
pub struct Processed {
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    pub(super) members: Vec<(String, Child)>,
    pub(super) jwt_text: String,
    pub(super) disclosures: Vec<Disclosure>,
    pub(super) hash: HashAlgorithm,
    vct: String,
    holder: Option<PublicKey>,
}

/// A credential whose issuer's signature, shape and times were checked.
#[derive(Clone)]
pub struct Verified {
    processed: Processed,
    key_bound: bool,
}

impl Unverified {
    /// Checks the credential as a holder does who receives it: RFC 9901 §7.1 and
    /// SD-JWT VC §3.4. `issuer` must be the key that the issuer's key source led to.
    ///
    /// `exp` is checked to the second, `nbf` and `iat` with [`LEEWAY`]. A key binding is not looked at:
    /// see [`Self::verify_presentation`].
    pub fn verify(&self, issuer: &PublicKey, now: UnixTime) -> Result<Verified, VerifyError> {
        let processed = self.verify_issuer(issuer)?;
        processed.check_times(now)?;
        Ok(Verified {
            processed,
            key_bound: false,
        })
    }

    /// Checks a presentation as a verifier does (RFC 9901 §7.3): the credential, and that
    /// its holder made this presentation for this request.
    pub fn verify_presentation(
        &self,
        issuer: &PublicKey,
        expected: &Expected<'_>,
        now: UnixTime,
    ) -> Result<Verified, VerifyError> {
        let processed = self.verify_issuer(issuer)?;
        processed.check_times(now)?;
        let key_bound = self.verify_key_binding(&processed, expected, now)?;
        Ok(Verified {
            processed,
            key_bound,
        })
    }

    fn verify_issuer(&self, issuer: &PublicKey) -> Result<Processed, VerifyError> {
        if TYPES.iter().all(|typ| self.jwt.require_type(typ).is_err()) {
            return Err(VerifyError::Type);
        }
        self.jwt.verify(issuer).map_err(VerifyError::Signature)?;
        self.process()
    }

    fn verify_key_binding(
        &self,
        processed: &Processed,
        expected: &Expected<'_>,
        now: UnixTime,
    ) -> Result<bool, KeyBindingError> {
        let Some(jwt) = &self.key_binding else {
            return if expected.require_key_binding {
                Err(KeyBindingError::Missing)
            } else {
                Ok(false)
            };
        };
        let holder = processed
            .holder
            .as_ref()
            .ok_or(KeyBindingError::NoHolderKey)?;
        let covered = self.covered_text();
        key_binding::verify(jwt, &covered, processed.hash, holder, expected, now)?;
        Ok(true)
    }

    pub(super) fn covered_text(&self) -> String {
        compact(&self.jwt_text, &self.disclosures)
    }

    /// Replaces digests by what they disclose (RFC 9901 §7.1 step 3), whatever the type.
    pub(super) fn claims(&self) -> Result<process::Outcome, DisclosureError> {
        let payload = self
            .jwt
            .unverified_claims()
            .map_err(|_| DisclosureError::Payload)?;
        process::process(&payload, &self.disclosures)
    }

    /// Puts the claims together. Whoever calls this has checked the signature, now or
    /// before.
    pub(super) fn process(&self) -> Result<Processed, VerifyError> {
        let outcome = self.claims()?;
        for (name, child) in &outcome.members {
            if let Some(claim) = ALWAYS_VISIBLE.iter().find(|claim| *claim == name)
                && child.count() > 0
            {
                return Err(VerifyError::MustBeVisible { claim });
            }
        }
        let vct = outcome
            .claims
            .get("vct")
            .and_then(Value::as_str)
            .filter(|vct| !vct.is_empty())
            .ok_or(VerifyError::NoVct)?
            .to_owned();
        if outcome
            .claims
            .get("iss")
            .is_some_and(|iss| !iss.is_string())
        {
            return Err(VerifyError::Claim { claim: "iss" });
        }
        let holder = outcome
            .claims
            .get("cnf")
            .map(key_binding::holder_key)
            .transpose()
            .map_err(VerifyError::HolderKey)?;
        Ok(Processed {
            header: self.jwt.header.clone(),
            claims: outcome.claims,
            members: outcome.members,
            jwt_text: self.jwt_text.clone(),
            disclosures: self.disclosures.clone(),
            hash: outcome.hash,
            vct,
            holder,
        })
    }
}

/// Why a stored credential could not be opened again.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Not an SD-JWT.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// An SD-JWT that does not hold together.
    #[error(transparent)]
    Process(#[from] VerifyError),
}

impl Processed {
    /// Opens a credential that the caller verified when it came in and has since kept where
    /// nobody can change it. Neither signature nor times are checked: an expired card can
    /// still be looked at.
    pub fn from_store(text: &str) -> Result<Self, StoreError> {
        Ok(Unverified::parse(text)?.process()?)
    }

    /// All claims that are disclosed, digests removed, the registered ones included.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The protected header of the issuer's JWT.
    pub fn header(&self) -> &Map<String, Value> {
        &self.header
    }

    /// `vct`: the type.
    pub fn vct(&self) -> &str {
        &self.vct
    }

    /// `vct#integrity`, where the issuer pins the type metadata.
    pub fn vct_integrity(&self) -> Option<&str> {
        self.claims.get("vct#integrity").and_then(Value::as_str)
    }

    /// `iss`. Absent where the certificate of `x5c` says who issued.
    pub fn issuer(&self) -> Option<&str> {
        self.claims.get("iss").and_then(Value::as_str)
    }

    /// The key that `cnf` names.
    pub fn holder_key(&self) -> Option<&PublicKey> {
        self.holder.as_ref()
    }

    /// `status`, uninterpreted.
    pub fn status(&self) -> Option<&Value> {
        self.claims.get("status")
    }

    /// `nbf`, else `iat`, in seconds.
    pub fn valid_from(&self) -> Option<UnixTime> {
        ["nbf", "iat"]
            .iter()
            .find_map(|name| self.claims.get(*name).and_then(numeric_date))
    }

    /// `exp` in seconds.
    pub fn valid_until(&self) -> Option<UnixTime> {
        self.claims.get("exp").and_then(numeric_date)
    }

    /// The compact form with all disclosures and the final tilde, without key binding: what
    /// a wallet stores.
    pub fn to_text(&self) -> String {
        compact(&self.jwt_text, &self.disclosures)
    }

    /// Checks `exp` to the second, `nbf` and `iat` with [`LEEWAY`] (RFC 7519 §4.1).
    pub fn check_times(&self, now: UnixTime) -> Result<(), VerifyError> {
        let time = |claim: &'static str| match self.claims.get(claim) {
            None => Ok(None),
            Some(value) => numeric_date(value)
                .map(Some)
                .ok_or(VerifyError::Claim { claim }),
        };
        if time("exp")?.is_some_and(|exp| now >= exp) {
            return Err(VerifyError::Expired);
        }
        if time("nbf")?.is_some_and(|nbf| nbf > now.saturating_add(LEEWAY)) {
            return Err(VerifyError::NotYetValid);
        }
        if time("iat")?.is_some_and(|iat| iat > now.saturating_add(LEEWAY)) {
            return Err(VerifyError::IssuedInFuture);
        }
        Ok(())
    }
}

impl Verified {
    /// True when the holder's key binding was checked too.
    pub fn is_key_bound(&self) -> bool {
        self.key_bound
    }

    /// The credential.
    pub fn into_processed(self) -> Processed {
        self.processed
    }
}

impl Deref for Verified {
    type Target = Processed;

    fn deref(&self) -> &Processed {
        &self.processed
    }
}

/// Without claims: they are personal.
impl fmt::Debug for Processed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Processed({})", self.vct)
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Verified({})", self.processed.vct)
    }
}

impl fmt::Debug for Unverified {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Unverified(..)")
    }
}

/// The compact form, without key binding: what `sd_hash` covers (RFC 9901 §4.3.1).
pub(super) fn compact<'a>(
    jwt: &str,
    disclosures: impl IntoIterator<Item = &'a Disclosure>,
) -> String {
    let mut text = format!("{jwt}~");
    for disclosure in disclosures {
        text.push_str(disclosure.encoded());
        text.push('~');
    }
    text
}

/// A `NumericDate` (RFC 7519 §2) in whole seconds; fractions are cut off.
pub(crate) fn numeric_date(value: &Value) -> Option<UnixTime> {
    if let Some(seconds) = value.as_i64() {
        return Some(seconds);
    }
    let seconds = value.as_number()?.as_f64()?;
    // Beyond 2^53 a float no longer holds whole seconds.
    (seconds.abs() < 9_007_199_254_740_992.0).then_some(seconds.floor() as UnixTime)
}
