//! What every format of credentials can do, in terms that belong to none of them.
//!
//! A format is a module with a [`Format`] and a line in [`FORMATS`]. Whoever needs more than
//! this from one format (its errors one by one, its headers) speaks to its module.

use keys::{PublicKey, SigningKey, UnixTime};
use query::ClaimPath;
use serde_json::{Map, Value};

use crate::KeySource;
use crate::sd_jwt::SdJwtVc;

/// The formats that this program speaks.
pub const FORMATS: &[&dyn Format] = &[&SdJwtVc];

/// The format with this identifier of OpenID4VCI 1.0 and OpenID4VP 1.0.
pub fn by_id(id: &str) -> Option<&'static dyn Format> {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.ids().contains(&id))
}

/// A refusal by a format. The source says why, in the format's own terms.
#[derive(Debug, thiserror::Error)]
#[error("the credential was refused: {0}")]
pub struct Refused(#[source] pub Box<dyn std::error::Error + Send + Sync>);

impl Refused {
    /// Wraps a format's own error.
    pub fn because(error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self(Box::new(error))
    }
}

/// A format of credentials. A credential travels and is stored as text.
pub trait Format: Sync {
    /// Its identifiers, the current one first.
    fn ids(&self) -> &'static [&'static str];

    /// Where the issuer's key comes from. Nothing has been verified.
    fn key_source(&self, text: &str) -> Result<KeySource, Refused>;

    /// Checks a credential that was received, at `now`, and tells what it says.
    fn verify(&self, text: &str, issuer: &PublicKey, now: UnixTime) -> Result<Facts, Refused>;

    /// Tells what a credential says that was verified before and kept safe since.
    fn describe(&self, stored: &str) -> Result<Facts, Refused>;

    /// What a presentation of these claims would reveal: nothing is signed.
    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused>;

    /// A presentation of these claims; bound to the holder's key where `binding` is given.
    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        binding: Option<Binding<'_>>,
    ) -> Result<String, Refused>;
}

/// What a presentation is bound to.
#[derive(Clone, Copy)]
pub struct Binding<'a> {
    /// The key that the credential names.
    pub key: &'a SigningKey,
    /// The verifier's identifier.
    pub audience: &'a str,
    /// The request's nonce.
    pub nonce: &'a str,
    /// The time of the presentation.
    pub now: UnixTime,
}

/// What a credential says.
#[derive(Clone)]
pub struct Facts {
    /// The type: `vct` or its like.
    pub type_id: String,
    /// The issuer's identifier, where the credential has one.
    pub issuer: Option<String>,
    /// The key that the credential is bound to.
    pub holder: Option<PublicKey>,
    /// From when it is valid.
    pub valid_from: Option<UnixTime>,
    /// Until when it is valid.
    pub valid_until: Option<UnixTime>,
    /// All claims, the registered ones included.
    pub claims: Map<String, Value>,
    /// The paths of all claims, parents first, with whether a presentation can hide them.
    pub paths: Vec<(ClaimPath, bool)>,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::sd_jwt::{Expected, HashAlgorithm, IssuerHeader, Template, Unverified};

    const NOW: UnixTime = 1_790_000_000;

    fn issue(issuer: &SigningKey, holder: &SigningKey) -> String {
        let Value::Object(claims) = json!({
            "vct": "t", "iss": "https://issuer.example", "exp": NOW + 10, "name": "Ada", "born": 1815,
        }) else {
            panic!("not an object")
        };
        Template {
            claims: &claims,
            conceal: &[ClaimPath::from_names(["name"]).unwrap()],
            holder: Some(&holder.public()),
            hash: HashAlgorithm::Sha256,
            decoys: 0,
        }
        .issue(IssuerHeader::Kid("k"), issuer)
        .unwrap()
    }

    #[test]
    fn a_credential_goes_through_its_format() {
        let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
        let text = issue(&issuer, &holder);
        let format = by_id("dc+sd-jwt").unwrap();
        assert!(matches!(
            format.key_source(&text),
            Ok(KeySource::Metadata { .. })
        ));
        let facts = format.verify(&text, &issuer.public(), NOW).unwrap();
        assert_eq!(facts.type_id, "t");
        assert_eq!(facts.issuer.as_deref(), Some("https://issuer.example"));
        assert_eq!(facts.valid_until, Some(NOW + 10));
        assert!(facts.holder.unwrap() == holder.public());
        let name = ClaimPath::from_names(["name"]).unwrap();
        let born = ClaimPath::from_names(["born"]).unwrap();
        assert!(facts.paths.contains(&(name.clone(), true)));
        assert!(facts.paths.contains(&(born.clone(), false)));
        let revealed = format.preview(&text, &[]).unwrap();
        assert!(revealed.contains(&born) && !revealed.contains(&name));
        let binding = Binding {
            key: &holder,
            audience: "a",
            nonce: "n",
            now: NOW,
        };
        let shown = format.present(&text, &[name], Some(binding)).unwrap();
        let expected = Expected {
            audience: "a",
            nonce: "n",
            require_key_binding: true,
        };
        Unverified::parse(&shown)
            .unwrap()
            .verify_presentation(&issuer.public(), &expected, NOW)
            .unwrap();
    }

    #[test]
    fn what_a_format_refuses_is_refused() {
        let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
        let text = issue(&issuer, &holder);
        let format = by_id("vc+sd-jwt").unwrap();
        assert!(format.verify(&text, &holder.public(), NOW).is_err());
        assert!(format.verify(&text, &issuer.public(), NOW + 100).is_err());
        // An expired card can still be looked at.
        assert!(format.describe(&text).is_ok());
        assert!(format.describe("x").is_err());
        let missing = ClaimPath::from_names(["missing"]).unwrap();
        assert!(format.preview(&text, &[missing]).is_err());
    }

    #[test]
    fn unknown_formats() {
        for id in ["mso_mdoc", "ldp_vc", "jwt_vc_json", ""] {
            assert!(by_id(id).is_none());
        }
    }
}
