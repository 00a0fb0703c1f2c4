//! In which forms a type is issued: the format, and what signs it.

use credential::format::{self, Format};
use keys::{Algorithm, UnixTime};
use serde_json::{Map, Value, json};

use super::claims::IssuedType;
use super::service::{Issuer, Signer};

/// A form of credentials.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Form {
    /// SD-JWT VC.
    #[default]
    SdJwt,
    /// An mdoc. It needs a certificate chain.
    Mdoc,
    /// W3C with a Data Integrity proof by the issuer's signing key.
    DataIntegrity,
    /// W3C with a BBS proof: bound to no key, and each presentation of it unlinkable to the
    /// others.
    Bbs,
    /// W3C as a JWT.
    Jwt,
}

impl Form {
    /// Every form, the default first.
    pub const ALL: &[Self] = &[
        Self::SdJwt,
        Self::Mdoc,
        Self::DataIntegrity,
        Self::Bbs,
        Self::Jwt,
    ];

    /// Its name in commands and in the ids of configurations: the format's, but for BBS.
    pub fn name(self) -> &'static str {
        match self {
            Self::Bbs => "bbs-2023",
            _ => self.format_id(),
        }
    }

    /// The form of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|form| form.name() == name)
    }

    /// The format's identifier.
    pub fn format_id(self) -> &'static str {
        match self {
            Self::SdJwt => "dc+sd-jwt",
            Self::Mdoc => "mso_mdoc",
            Self::DataIntegrity | Self::Bbs => "ldp_vc",
            Self::Jwt => "jwt_vc_json",
        }
    }

    /// Whether the credential names a key of the holder's. A BBS credential names none: the
    /// key would be the same wherever it is shown.
    pub fn is_bound(self) -> bool {
        self != Self::Bbs
    }

    /// Whether the credential names its place in a list of statuses. A BBS credential names
    /// none: the place would be the same wherever it is shown.
    pub fn has_status(self) -> bool {
        self != Self::Bbs
    }

    /// How long a card usually lives, in seconds. A BBS card has no status that could take it
    /// back, so that it lives shortly.
    pub fn usual_life(self) -> UnixTime {
        match self {
            Self::Bbs => 14 * 86_400,
            _ => 365 * 86_400,
        }
    }

    /// The format; `None` where this program does not speak it.
    pub(crate) fn format(self) -> Option<&'static dyn Format> {
        format::by_id(self.format_id())
    }

    /// The configuration's id for a type: the type's own for the default form.
    pub(crate) fn configuration_id(self, known: &IssuedType) -> String {
        if self == Self::default() {
            known.id.clone()
        } else {
            format!("{}_{}", known.id, self.name())
        }
    }
}

impl<S> Issuer<S> {
    /// The forms in which a type can be issued here, the usual one first.
    pub fn forms(&self, known: &IssuedType) -> Vec<Form> {
        let possible = |form: &Form| {
            let here = match form {
                Form::SdJwt | Form::DataIntegrity | Form::Jwt => true,
                Form::Mdoc => known.doctype.is_some() && matches!(self.signer, Signer::X5c(_)),
                // Claims within claims could tell cards apart.
                Form::Bbs => self.bbs.is_some() && known.is_flat(),
            };
            here && form.format().is_some()
        };
        self.formats.iter().copied().filter(possible).collect()
    }

    /// All that can be issued: the configuration's id, the type and the form.
    pub(crate) fn configurations(&self) -> impl Iterator<Item = (String, &IssuedType, Form)> {
        self.types.iter().flat_map(|known| {
            let forms = self.forms(known).into_iter();
            forms.map(move |form| (form.configuration_id(known), known, form))
        })
    }

    /// The type and the form of a configuration.
    pub(crate) fn configured(&self, id: &str) -> Option<(&IssuedType, Form)> {
        self.configurations()
            .find(|(known, _, _)| known == id)
            .map(|(_, known, form)| (known, form))
    }
}

/// What a configuration says of its format (OpenID4VCI 1.0 appendix A).
pub(crate) fn describe<S>(
    issuer: &Issuer<S>,
    known: &IssuedType,
    form: Form,
) -> Map<String, Value> {
    let signed = issuer.key.algorithm();
    let w3c = |context: bool| {
        let mut definition = json!({"type": ["VerifiableCredential", known.id]});
        if let (true, Some(own), Some(members)) =
            (context, &known.context_id, definition.as_object_mut())
        {
            let contexts = json!(["https://www.w3.org/ns/credentials/v2", own]);
            members.insert("@context".to_owned(), contexts);
        }
        definition
    };
    let (named, value, algorithms) = match form {
        Form::SdJwt => ("vct", json!(known.vct), json!([signed.name()])),
        Form::Mdoc => {
            // The algorithm's number in COSE.
            let algorithm = match signed {
                Algorithm::EdDsa => -8,
                Algorithm::Es384 => -35,
                _ => -7,
            };
            ("doctype", json!(known.doctype), json!([algorithm]))
        }
        Form::DataIntegrity => {
            let suite = match signed {
                Algorithm::EdDsa => "eddsa-rdfc-2022",
                Algorithm::Es384 => "ecdsa-rdfc-2019",
                _ => "ecdsa-sd-2023",
            };
            ("credential_definition", w3c(true), json!([suite]))
        }
        Form::Bbs => ("credential_definition", w3c(true), json!([form.name()])),
        Form::Jwt => ("credential_definition", w3c(false), json!([signed.name()])),
    };
    let mut members = Map::new();
    let mut put = |name: &str, value: Value| members.insert(name.to_owned(), value);
    put("format", form.format_id().into());
    put(named, value);
    put("credential_signing_alg_values_supported", algorithms);
    if form.is_bound() {
        let methods = match form {
            Form::Mdoc => json!(["cose_key"]),
            _ => json!(["jwk", "did:jwk", "did:key"]),
        };
        put("cryptographic_binding_methods_supported", methods);
        let algorithms = json!(Algorithm::OF_WALLETS.map(Algorithm::name));
        let proofs = json!({"jwt": {"proof_signing_alg_values_supported": algorithms}});
        put("proof_types_supported", proofs);
    }
    members
}

/// Where a claim stands in a credential of this form.
pub(crate) fn path(known: &IssuedType, form: Form, in_words_of_type: &Value) -> Value {
    let steps = in_words_of_type.as_array().map(Vec::as_slice);
    let steps = steps.unwrap_or_default();
    let above = match form {
        Form::SdJwt => return in_words_of_type.clone(),
        Form::Mdoc => {
            let element = steps.first().and_then(Value::as_str).unwrap_or_default();
            known.namespace_of(element).map(Value::from)
        }
        Form::DataIntegrity | Form::Bbs | Form::Jwt => Some("credentialSubject".into()),
    };
    above.into_iter().chain(steps.iter().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_known_by_its_name() {
        for &form in Form::ALL {
            assert_eq!(Form::from_name(form.name()), Some(form));
        }
        assert_eq!(Form::from_name("vc+jwt"), None);
        assert!(!Form::Bbs.is_bound() && !Form::Bbs.has_status());
        assert!(Form::Bbs.usual_life() < Form::SdJwt.usual_life());
    }

    #[test]
    fn what_nobody_can_tell_apart_is_flat() {
        let is_flat = |name: &str| {
            let entry = credential::catalogue::by_name(name).unwrap();
            IssuedType::from_catalogue(entry).unwrap().is_flat()
        };
        assert!(is_flat("NHSChargeExemption"));
        // Its privileges are objects in a list.
        assert!(!is_flat("DrivingLicence"));
        assert!(!is_flat("BasicDisclosure"), "an address is an object");
    }

    #[test]
    fn a_claim_stands_where_its_format_puts_it() {
        let entry = credential::catalogue::by_name("DrivingLicence").unwrap();
        let known = IssuedType::from_catalogue(entry).unwrap();
        let claim = json!(["family_name"]);
        assert_eq!(path(&known, Form::SdJwt, &claim), claim);
        assert_eq!(
            path(&known, Form::Mdoc, &claim),
            json!(["org.iso.18013.5.1", "family_name"])
        );
        assert_eq!(
            path(&known, Form::Bbs, &claim),
            json!(["credentialSubject", "family_name"])
        );
    }
}
