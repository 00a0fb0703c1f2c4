use std::collections::HashSet;

use query::{ClaimPath, SelectError};
use serde_json::{Map, Value};

use super::{ClaimMetadata, SelectiveDisclosure, TypeMetadata, TypeMetadataError};
use crate::sd_jwt::Processed;

/// How a credential breaks the rules of its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// The credential has another `vct`.
    #[error("the credential is of another type")]
    OtherType,
    /// A mandatory claim is not there (§9.3).
    #[error("the mandatory claim {path} is missing")]
    Missing {
        /// Where.
        path: ClaimPath,
    },
    /// `sd` is `always`, and the claim is always visible (§9.4).
    #[error("the claim {path} must be selectively disclosable")]
    MustBeHideable {
        /// Where.
        path: ClaimPath,
    },
    /// `sd` is `never`, and the claim is selectively disclosable (§9.4).
    #[error("the claim {path} may not be selectively disclosable")]
    MustBeVisible {
        /// Where.
        path: ClaimPath,
    },
    /// A path does not fit the shape of the claims (§9.1).
    #[error("the claims at {path} have another shape than the type says")]
    Shape {
        /// Where.
        path: ClaimPath,
    },
}

impl TypeMetadata {
    /// Checks a credential as its holder received it, with all its disclosures.
    pub fn check_issued(&self, credential: &Processed) -> Result<(), RuleError> {
        self.check(credential, true)
    }

    /// Checks what a presentation shows. What it does not show cannot be missed: only claims
    /// that the type makes always visible must be there.
    pub fn check_presented(&self, credential: &Processed) -> Result<(), RuleError> {
        self.check(credential, false)
    }

    /// Checks that every mandatory claim is among these, which stand in the words of the type.
    pub fn check_claims(&self, claims: &Map<String, Value>) -> Result<(), RuleError> {
        let document = Value::Object(claims.clone());
        for rule in &self.claims {
            let path = || rule.path.clone();
            match rule.path.select(&document) {
                Err(SelectError::Nothing) if rule.mandatory => {
                    return Err(RuleError::Missing { path: path() });
                }
                Err(SelectError::Shape) => return Err(RuleError::Shape { path: path() }),
                _ => {}
            }
        }
        Ok(())
    }

    fn check(&self, credential: &Processed, issued: bool) -> Result<(), RuleError> {
        if credential.vct() != self.vct {
            return Err(RuleError::OtherType);
        }
        let document = Value::Object(credential.claims().clone());
        let disclosable: HashSet<ClaimPath> = credential
            .describe()
            .into_iter()
            .filter(|claim| claim.disclosable)
            .map(|claim| claim.path)
            .collect();
        for rule in &self.claims {
            let path = || rule.path.clone();
            let selected = match rule.path.select(&document) {
                Ok(selected) => selected,
                Err(SelectError::Nothing) => {
                    if rule.mandatory && (issued || self.always_visible(rule)) {
                        return Err(RuleError::Missing { path: path() });
                    }
                    continue;
                }
                // In a presentation the elements beside may be hidden; the shape stays.
                Err(SelectError::Shape) => return Err(RuleError::Shape { path: path() }),
            };
            for (at, _) in selected {
                match (rule.sd, disclosable.contains(&at)) {
                    (SelectiveDisclosure::Always, false) => {
                        return Err(RuleError::MustBeHideable { path: at });
                    }
                    (SelectiveDisclosure::Never, true) => {
                        return Err(RuleError::MustBeVisible { path: at });
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }

    /// True when neither the claim nor anything above it can be hidden: each step from the
    /// top has a rule that says `never`.
    fn always_visible(&self, rule: &ClaimMetadata) -> bool {
        let segments = rule.path.segments();
        (1..=segments.len()).all(|length| {
            self.claims.iter().any(|other| {
                other.sd == SelectiveDisclosure::Never
                    && Some(other.path.segments()) == segments.get(..length)
            })
        })
    }
}

/// `child` with what it inherits from `parent` (§9.5).
pub(super) fn extend(
    parent: TypeMetadata,
    child: TypeMetadata,
) -> Result<TypeMetadata, TypeMetadataError> {
    let mut claims = parent.claims;
    for claim in child.claims {
        match claims.iter_mut().find(|known| known.path == claim.path) {
            None => claims.push(claim),
            Some(known) => {
                let loosens = (known.mandatory && !claim.mandatory)
                    || (known.sd != SelectiveDisclosure::Allowed && known.sd != claim.sd);
                if loosens {
                    return Err(TypeMetadataError::Loosened);
                }
                let inherited = known.svg_id.take();
                *known = claim;
                known.svg_id = known.svg_id.take().or(inherited);
            }
        }
    }
    let display = match child.display.is_empty() {
        true => parent.display,
        false => child.display,
    };
    Ok(TypeMetadata {
        display,
        claims,
        ..child
    })
}
