use keys::{SigningKey, UnixTime};
use rand::Rng as _;
use rand::rngs::OsRng;
use serde_json::{Map, Value, json};
use url::form_urlencoded;
use zeroize::Zeroizing;

use super::claims::ClaimsError;
use super::form::Form;
use super::grant::{
    CardStatus, Grant, Promised, Reference, Stage, Typed, derive_hash, derive_typed_hash,
    make_secret, reference_lookup,
};
use super::reply::{Refusal, Reply};
use super::service::{Issuer, MAX_BATCH};
use super::store::{Store, StoreError};
use crate::issuance::PRE_AUTHORIZED;

/// The code that the citizen types in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum TxCodeTerms {
    /// Six random digits.
    #[default]
    Random,
    /// This code; digits are announced as digits.
    Given(String),
    /// None.
    Absent,
}

/// What is offered.
pub struct OfferTerms {
    /// The short name or the `vct` of the type.
    pub type_name: String,
    /// The form in which the card is issued; the issuer's usual one where it is not said.
    pub form: Option<Form>,
    /// The claims about the subject.
    pub claims: Map<String, Value>,
    /// The typed code.
    pub tx_code: TxCodeTerms,
    /// The link points to the offer instead of carrying it.
    pub by_reference: bool,
    /// The most copies that the wallet may have.
    pub copies: usize,
    /// Seconds until the offer is over.
    pub offer_lifetime: UnixTime,
    /// Seconds from issue to the credential's expiry; as usual for the form where not said.
    pub valid_for: Option<UnixTime>,
}

/// An offer, ready to be handed over. The link and the code are for one person only.
pub struct MadeOffer {
    /// Its name in lists.
    pub id: String,
    /// `openid-credential-offer://…`.
    pub link: Zeroizing<String>,
    /// The code to hand over on another way.
    pub tx_code: Option<Zeroizing<String>>,
    /// When it is over.
    pub expires: UnixTime,
}

/// Why an offer was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OfferFailure {
    /// No such type.
    #[error("there is no such credential type")]
    UnknownType,
    /// The type is not issued in this form here.
    #[error("the type is not issued in this format here")]
    Form,
    /// The type has claims within claims, and the form is for flat types only.
    #[error("bbs-2023 is for flat types: claims within claims could tell one card from another")]
    Nested,
    /// The claims do not fit the type.
    #[error(transparent)]
    Claims(#[from] ClaimsError),
    /// Not between 1 and [`MAX_BATCH`].
    #[error("the number of copies must be between 1 and {MAX_BATCH}")]
    Copies,
    /// A typed code must have 4 to 32 visible characters.
    #[error("the code must have 4 to 32 visible characters")]
    TxCode,
    /// The records cannot be written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: Store> Issuer<S> {
    /// Makes an offer of one card. The claims are checked now, so that nobody is offered
    /// what cannot be issued.
    pub fn make_offer(&self, terms: OfferTerms, now: UnixTime) -> Result<MadeOffer, OfferFailure> {
        let known = self
            .type_named(&terms.type_name)
            .ok_or(OfferFailure::UnknownType)?;
        let forms = self.forms(known);
        let form = match terms.form {
            Some(form) => forms.contains(&form).then_some(form),
            None => forms.first().copied(),
        };
        let form = form.ok_or(match terms.form {
            Some(Form::Bbs) if !known.is_flat() => OfferFailure::Nested,
            _ => OfferFailure::Form,
        })?;
        let valid_for = terms.valid_for.unwrap_or(form.usual_life());
        known.check(&terms.claims)?;
        if form != Form::default() {
            // What the schema allows may still have no place in the format.
            let holder = SigningKey::make_p256().public();
            let dates = (now, now.saturating_add(valid_for));
            self.sign(known, form, &terms.claims, Some(&holder), dates, &[])
                .map_err(ClaimsError::from)?;
        }
        let configuration_id = form.configuration_id(known);
        if !(1..=MAX_BATCH).contains(&terms.copies) {
            return Err(OfferFailure::Copies);
        }
        let typed = make_typed(&terms.tx_code)?;
        let code = Zeroizing::new(make_secret());
        let offer = self.offer_object(
            &configuration_id,
            &code,
            typed.as_ref().map(|typed| typed.as_str()),
        );
        let code_hash = derive_hash(&code);
        let expires = now.saturating_add(terms.offer_lifetime);
        let (link, reference) = if terms.by_reference {
            let secret = Zeroizing::new(make_secret());
            let uri = self.identity.at(&format!("/offers/{}", secret.as_str()));
            let hash = derive_hash(&secret);
            (
                link("credential_offer_uri", &uri),
                Some(Reference { hash, offer }),
            )
        } else {
            (link("credential_offer", &offer.to_string()), None)
        };
        let grant = Grant {
            id: make_secret().chars().take(12).collect(),
            created: now,
            expires,
            stage: Stage::Offered,
            promised: Promised {
                configuration_id,
                claims: terms.claims,
                valid_for,
            },
            copies: terms.copies,
            issued: 0,
            status: CardStatus::Valid,
            typed: typed.as_ref().map(|typed| Typed {
                hash: derive_typed_hash(&code_hash, typed),
                wrong: 0,
            }),
            code: code_hash,
            token: None,
            reference,
            notifications: Vec::new(),
        };
        self.store.insert(&grant)?;
        Ok(MadeOffer {
            id: grant.id,
            link,
            tx_code: typed,
            expires,
        })
    }

    /// `GET /offers/{secret}`: the offer for those who come by reference.
    pub fn offer_by_reference(&self, secret: &str, now: UnixTime) -> Reply {
        let mut found = None;
        let changed = self
            .store
            .change(&reference_lookup(&derive_hash(secret)), &mut |grant| {
                grant.sweep(now);
                found = grant
                    .reference
                    .as_ref()
                    .map(|reference| reference.offer.clone());
            });
        match (changed, found) {
            (Err(_), _) => Refusal::STORE.reply(),
            (Ok(_), Some(offer)) => Reply::json(200, &offer),
            (Ok(_), None) => Refusal {
                status: 404,
                error: "not_found",
                description: "the offer is over or never was",
            }
            .reply(),
        }
    }

    fn offer_object(&self, configuration_id: &str, code: &str, typed: Option<&str>) -> Value {
        let mut grant = json!({"pre-authorized_code": code});
        if let (Some(typed), Some(object)) = (typed, grant.as_object_mut()) {
            let digits = typed.bytes().all(|byte| byte.is_ascii_digit());
            let terms = json!({
                "input_mode": if digits { "numeric" } else { "text" },
                "length": typed.chars().count(),
                "description": "The code that you were given with this offer",
            });
            object.insert("tx_code".to_owned(), terms);
        }
        json!({
            "credential_issuer": self.identity.id(),
            "credential_configuration_ids": [configuration_id],
            "grants": {PRE_AUTHORIZED: grant},
        })
    }
}

fn make_typed(terms: &TxCodeTerms) -> Result<Option<Zeroizing<String>>, OfferFailure> {
    match terms {
        TxCodeTerms::Absent => Ok(None),
        TxCodeTerms::Random => Ok(Some(Zeroizing::new(format!(
            "{:06}",
            OsRng.gen_range(0..1_000_000)
        )))),
        TxCodeTerms::Given(code) => {
            let visible = code.bytes().all(|byte| byte.is_ascii_graphic());
            if !visible || !(4..=32).contains(&code.len()) {
                return Err(OfferFailure::TxCode);
            }
            Ok(Some(Zeroizing::new(code.clone())))
        }
    }
}

fn link(name: &str, value: &str) -> Zeroizing<String> {
    let value: String = form_urlencoded::byte_serialize(value.as_bytes()).collect();
    // A space as `+` is read as a plus by some; the offer's JSON has none but in texts.
    let value = value.replace('+', "%20");
    Zeroizing::new(format!("openid-credential-offer://?{name}={value}"))
}
