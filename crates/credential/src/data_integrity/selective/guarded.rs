use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::verify::Statement;
use super::{Pointer, Verified};

/// What limits a credential, and so should be mandatory: whoever could hide it would have a
/// credential that says more than its issuer meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Guarded {
    /// `issuer`.
    Issuer,
    /// `type`.
    Type,
    /// `validFrom`, or `issuanceDate` of VCDM 1.1.
    ValidFrom,
    /// `validUntil`, or `expirationDate` of VCDM 1.1.
    ValidUntil,
    /// `credentialStatus`.
    Status,
    /// `credentialSchema`.
    Schema,
    /// `termsOfUse`.
    TermsOfUse,
}

/// Why a derived credential is not accepted although its proof is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unguarded {
    /// It is there, but others could hide it.
    #[error("the issuer lets a holder hide the credential's {}", .0.member())]
    Optional(Guarded),
    /// It is not there, and was demanded.
    #[error("the credential does not show its {}", .0.member())]
    Missing(Guarded),
}

impl Guarded {
    const ALL: [Self; 7] = [
        Self::Issuer,
        Self::Type,
        Self::ValidFrom,
        Self::ValidUntil,
        Self::Status,
        Self::Schema,
        Self::TermsOfUse,
    ];

    /// The member's name in VCDM 2.0.
    pub fn member(self) -> &'static str {
        match self {
            Self::Issuer => "issuer",
            Self::Type => "type",
            Self::ValidFrom => "validFrom",
            Self::ValidUntil => "validUntil",
            Self::Status => "credentialStatus",
            Self::Schema => "credentialSchema",
            Self::TermsOfUse => "termsOfUse",
        }
    }

    /// The member's name in VCDM 1.1, where it is another.
    fn older_member(self) -> Option<&'static str> {
        match self {
            Self::ValidFrom => Some("issuanceDate"),
            Self::ValidUntil => Some("expirationDate"),
            _ => None,
        }
    }

    /// How the member stands in a statement.
    fn predicates(self) -> Vec<String> {
        const VOCABULARY: &str = "https://www.w3.org/2018/credentials#";
        if self == Self::Type {
            return vec!["http://www.w3.org/1999/02/22-rdf-syntax-ns#type".to_owned()];
        }
        [Some(self.member()), self.older_member()]
            .into_iter()
            .flatten()
            .map(|member| format!("{VOCABULARY}{member}"))
            .collect()
    }
}

/// The pointers to what limits a credential, as far as it has it: what an issuer makes mandatory,
/// and a holder does not hide.
pub fn guarded_pointers(credential: &Map<String, Value>) -> Vec<Pointer> {
    Guarded::ALL
        .into_iter()
        .flat_map(|guarded| [Some(guarded.member()), guarded.older_member()])
        .flatten()
        .filter(|member| credential.contains_key(*member))
        .map(Pointer::to_member)
        .collect()
}

impl Verified {
    /// Refuses a credential whose issuer lets holders hide what limits it: its issuer and types
    /// must be mandatory, and everything else of [`Guarded`] that it shows. What is `demanded` must
    /// be there.
    ///
    /// That is all that can be known: where neither `validUntil` nor anything about it is shown,
    /// the credential may never have had one, or an issuer without this rule may have let it be
    /// hidden. Who cannot accept that demands [`Guarded::ValidUntil`].
    pub fn require_guarded(&self, demanded: &[Guarded]) -> Result<(), Unguarded> {
        let issuer = Guarded::Issuer.predicates();
        // A credential within this one is held to the same.
        let credentials: BTreeSet<&str> = self
            .statements
            .iter()
            .filter(|statement| issuer.iter().any(|issuer| statement.predicate() == issuer))
            .map(Statement::subject)
            .collect();
        if credentials.is_empty() {
            return Err(Unguarded::Missing(Guarded::Issuer));
        }
        for (credential, guarded) in credentials
            .into_iter()
            .flat_map(|credential| Guarded::ALL.map(|guarded| (credential, guarded)))
        {
            let predicates = guarded.predicates();
            let mut shown = self
                .statements
                .iter()
                .filter(|statement| {
                    statement.subject() == credential
                        && predicates
                            .iter()
                            .any(|known| statement.predicate() == known)
                })
                .peekable();
            let needed =
                matches!(guarded, Guarded::Issuer | Guarded::Type) || demanded.contains(&guarded);
            if needed && shown.peek().is_none() {
                return Err(Unguarded::Missing(guarded));
            }
            if shown.any(|statement| !statement.is_mandatory) {
                return Err(Unguarded::Optional(guarded));
            }
        }
        Ok(())
    }
}
