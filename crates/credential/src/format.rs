//! What every format of credentials can do, in terms that belong to none of them.
//!
//! A format is a module with a [`Format`] and a line in [`FORMATS`]. Wallet, counter and issuer
//! speak to a format through this interface only.

use keys::x509::Certificate;
use keys::{Algorithm, PublicKey, SigningKey, UnixTime};
use query::{ClaimPath, Segment};
use serde_json::{Map, Value};

use crate::KeySource;
use crate::data_integrity::LdpVc;
use crate::mdoc::Mdoc;
use crate::sd_jwt::SdJwtVc;
use crate::status::StatusRef;
use crate::type_metadata::{RuleError, TypeMetadata};
use crate::vc_jose::VcJose;

/// The formats that this program speaks.
pub const FORMATS: &[&dyn Format] = &[&SdJwtVc, &Mdoc, &LdpVc, &VcJose];

/// The format with this identifier of OpenID4VCI 1.0 and OpenID4VP 1.0.
pub fn by_id(id: &str) -> Option<&'static dyn Format> {
    FORMATS
        .iter()
        .copied()
        .find(|format| format.ids().contains(&id))
}

/// The format that reads this credential, with what it says of itself. Nothing has been
/// verified.
pub fn recognise(credential: &str) -> Result<(&'static dyn Format, Claimed), Refused> {
    first(|format| format.peek(credential))
}

/// The format that reads this presentation, with what it says of itself. Nothing has been
/// verified.
pub fn recognise_presented(
    presentation: &Value,
) -> Result<(&'static dyn Format, Claimed), Refused> {
    first(|format| format.peek_presented(presentation))
}

/// The first format that reads it; else the refusal of one that knew what it saw.
fn first(
    peek: impl Fn(&'static dyn Format) -> Result<Claimed, Refused>,
) -> Result<(&'static dyn Format, Claimed), Refused> {
    let mut refusal = Refused::new(Fault::Malformed, Unrecognised);
    for &format in FORMATS {
        match peek(format) {
            Ok(claimed) => return Ok((format, claimed)),
            Err(refused) if refused.fault != Fault::Malformed => refusal = refused,
            Err(_) => {}
        }
    }
    Err(refusal)
}

/// No format reads it.
#[derive(Debug, thiserror::Error)]
#[error("not a credential of any format that is supported")]
struct Unrecognised;

/// A claim about the subject, as [`subject_claims`] finds it.
pub struct SubjectClaim<'a> {
    /// Where it stands in the credential.
    pub path: ClaimPath,
    /// The same in the words of the type.
    pub in_words_of_type: ClaimPath,
    /// Its value.
    pub value: &'a Value,
}

/// The claims about the subject, each with all that lies below it.
pub fn subject_claims<'a>(
    format: &(impl Format + ?Sized),
    claims: &'a Map<String, Value>,
) -> Vec<SubjectClaim<'a>> {
    let mut found = Vec::new();
    for (name, value) in claims {
        descend(
            format,
            &mut vec![Segment::Name(name.clone())],
            value,
            &mut found,
        );
    }
    found
}

/// How deep a format may put the claims about the subject.
const MAX_WRAPPING: usize = 4;

fn descend<'a>(
    format: &(impl Format + ?Sized),
    at: &mut Vec<Segment>,
    value: &'a Value,
    found: &mut Vec<SubjectClaim<'a>>,
) {
    let Ok(path) = ClaimPath::new(at.clone()) else {
        return;
    };
    if let Some(in_words_of_type) = format.in_words_of_type(&path) {
        found.push(SubjectClaim {
            path,
            in_words_of_type,
            value,
        });
        return;
    }
    if at.len() >= MAX_WRAPPING {
        return;
    }
    for (segment, value) in below(value) {
        at.push(segment);
        descend(format, at, value, found);
        at.pop();
    }
}

/// What stands directly within a value, with its name or place there.
pub(crate) fn below(value: &Value) -> Vec<(Segment, &Value)> {
    match value {
        Value::Object(members) => members
            .iter()
            .map(|(name, value)| (Segment::Name(name.clone()), value))
            .collect(),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .map(|(index, value)| (Segment::Index(index), value))
            .collect(),
        _ => Vec::new(),
    }
}

/// The claims about the subject as the type's schema and metadata know them.
pub fn claims_in_words_of_type(
    format: &(impl Format + ?Sized),
    claims: &Map<String, Value>,
) -> Map<String, Value> {
    let mut words = Map::new();
    for claim in subject_claims(format, claims) {
        place(&mut words, &claim.in_words_of_type, claim.value.clone());
    }
    words
}

/// Puts a value at a path of names; what stands there already stays.
fn place(words: &mut Map<String, Value>, path: &ClaimPath, value: Value) {
    let mut members = words;
    let mut steps = path.segments().iter().peekable();
    while let Some(Segment::Name(name)) = steps.next() {
        if steps.peek().is_none() {
            members.entry(name.clone()).or_insert(value);
            return;
        }
        let below = members
            .entry(name.clone())
            .or_insert_with(|| Map::new().into());
        match below {
            Value::Object(below) => members = below,
            _ => return,
        }
    }
}

/// What went wrong, as far as somebody must know who acts on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// It cannot be read, or breaks a rule of its format.
    Malformed,
    /// It is well formed, and uses something that this program does not speak.
    Unsupported,
    /// The issuer did not sign this: another key, a changed value, a digest that is not there.
    Changed,
    /// Not valid yet.
    NotYetValid,
    /// No longer valid.
    Expired,
    /// The holder's proof is missing, or by another key.
    NotTheHolder,
    /// The holder's proof is for another verifier or another request.
    OtherRequest,
    /// The holder's proof is too old, or from the future.
    ProofTime,
    /// A claim was named that the credential does not have.
    NoSuchClaim,
}

/// A refusal by a format. The source says why, in the format's own terms.
#[derive(Debug, thiserror::Error)]
#[error("{source}")]
pub struct Refused {
    /// What kind of refusal it is.
    pub fault: Fault,
    /// The format's own error.
    #[source]
    pub source: Box<dyn std::error::Error + Send + Sync>,
}

impl Refused {
    /// Wraps a format's own error.
    pub fn new(fault: Fault, error: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self {
            fault,
            source: Box::new(error),
        }
    }
}

/// A format of credentials.
///
/// A credential is handled and stored as text: a compact serialization, base64url of CBOR, or
/// JSON. A presentation is the JSON value that stands in a `vp_token`.
pub trait Format: Sync {
    /// Its identifiers, the current one first.
    fn ids(&self) -> &'static [&'static str];

    /// What a credential says of itself. Nothing has been verified.
    fn peek(&self, credential: &str) -> Result<Claimed, Refused>;

    /// Checks a credential that was received, at `now`, and tells what it says.
    fn verify(&self, credential: &str, issuer: &PublicKey, now: UnixTime)
    -> Result<Facts, Refused>;

    /// Tells what a credential says that was verified before and kept safe since.
    fn describe(&self, stored: &str) -> Result<Facts, Refused>;

    /// The paths that a presentation of these claims would reveal, parents and what cannot be
    /// hidden included. Nothing is signed.
    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused>;

    /// A presentation of these claims for this request; with `holder` the holder proves
    /// possession of that key.
    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        request: &Request<'_>,
        holder: Option<&SigningKey>,
    ) -> Result<Value, Refused>;

    /// What a presentation says of the credential in it, and whom it was made for. Nothing has
    /// been verified.
    fn peek_presented(&self, presentation: &Value) -> Result<Claimed, Refused>;

    /// Checks a presentation: the issuer's part, the dates, and the holder's proof, which may
    /// be missing only where `needs_holder` is false; one that is there is checked all the same.
    fn check(
        &self,
        presentation: &Value,
        issuer: &PublicKey,
        request: &Request<'_>,
        needs_holder: bool,
    ) -> Result<Facts, Refused>;

    /// Signs a credential.
    fn issue(&self, draft: &Draft<'_>, key: IssuerSecret<'_>) -> Result<String, Refused>;

    /// Checks what a credential says by the rules of its type. A format that knows more rules
    /// than which claims must be there checks those too.
    fn obeys(&self, stored: &str, metadata: &TypeMetadata) -> Result<(), BrokenRule> {
        let facts = self.describe(stored)?;
        Ok(metadata.check_claims(&claims_in_words_of_type(self, &facts.claims))?)
    }

    /// A path in the words of the type's metadata and schema, whatever the format puts around
    /// them; `None` for what belongs to the credential itself: its dates, its issuer.
    fn in_words_of_type(&self, path: &ClaimPath) -> Option<ClaimPath>;
}

/// Why a credential does not obey the rules of its type.
#[derive(Debug, thiserror::Error)]
pub enum BrokenRule {
    /// The credential cannot be read.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A rule is broken.
    #[error(transparent)]
    Rule(#[from] RuleError),
}

/// What a presentation answers, and is bound to (OpenID4VP 1.0 Appendix B).
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The verifier's client identifier, its prefix included.
    pub client_id: &'a str,
    /// The request's nonce.
    pub nonce: &'a str,
    /// Where the answer goes.
    pub response_uri: Option<&'a str>,
    /// The SHA-256 thumbprint of the key that the answer is encrypted to.
    pub encryption_key: Option<&'a [u8; 32]>,
    /// The time of the presentation, or of the check.
    pub now: UnixTime,
}

/// What a credential or a presentation says of itself.
#[derive(Clone)]
pub struct Claimed {
    /// Where the issuer's key comes from.
    pub key_source: KeySource,
    /// What the issuer signed with.
    pub algorithm: Algorithm,
    /// The type; see [`Facts::type_id`].
    pub type_id: String,
    /// The issuer's identifier, where the credential has one.
    pub issuer: Option<String>,
    /// When it was issued.
    pub issued_at: Option<UnixTime>,
    /// The digest of the type's metadata by which the issuer pinned it (`vct#integrity`).
    pub type_integrity: Option<String>,
    /// Whom a presentation was made for, where it says so.
    pub made_for: Option<MadeFor>,
}

/// Whom a presentation says that it was made for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeFor {
    /// The verifier.
    pub client_id: String,
    /// The request's nonce.
    pub nonce: String,
    /// When.
    pub at: UnixTime,
}

/// What a credential says.
#[derive(Clone)]
pub struct Facts {
    /// The type: `vct`, document type, or the most specific W3C type as an IRI.
    pub type_id: String,
    /// All types that a query may name, `type_id` among them.
    pub types: Vec<String>,
    /// The issuer's identifier, where the credential has one.
    pub issuer: Option<String>,
    /// The key that the credential is bound to.
    pub holder: Option<PublicKey>,
    /// True when a presentation proved possession of that key.
    pub holder_proven: bool,
    /// True where presentations share nothing but what they reveal, so that two verifiers
    /// cannot tell by the proofs that they saw the same credential.
    pub unlinkable: bool,
    /// When it was issued.
    pub issued_at: Option<UnixTime>,
    /// From when it is valid.
    pub valid_from: Option<UnixTime>,
    /// Until when it is valid.
    pub valid_until: Option<UnixTime>,
    /// Where its status is published.
    pub status: Vec<StatusRef>,
    /// All claims as queries address them, those about the credential itself included.
    pub claims: Map<String, Value>,
    /// The paths of all claims, parents first, with whether a presentation can hide them.
    pub paths: Vec<(ClaimPath, bool)>,
}

/// A credential to be issued.
#[derive(Clone, Copy)]
pub struct Draft<'a> {
    /// The type of the catalogue, or another by its `vct`.
    pub type_id: &'a str,
    /// The claims about the subject, in the words of the type.
    pub claims: &'a Map<String, Value>,
    /// Which of them a presentation can hide.
    pub conceal: &'a [ClaimPath],
    /// The key that it is bound to.
    pub holder: Option<&'a PublicKey>,
    /// The issuer's identifier.
    pub issuer: Option<&'a str>,
    /// How the issuer's key is named.
    pub key_name: KeyName<'a>,
    /// When it is issued.
    pub issued_at: UnixTime,
    /// From when it is valid.
    pub valid_from: Option<UnixTime>,
    /// Until when it is valid.
    pub valid_until: Option<UnixTime>,
    /// Where its status will be published.
    pub status: &'a [StatusRef],
}

/// How an issuer's key is named in a credential.
#[derive(Clone, Copy)]
pub enum KeyName<'a> {
    /// The certificate chain, leaf first, without the root.
    Chain(&'a [Certificate]),
    /// A DID URL, or the name of a key in the issuer's metadata.
    Id(&'a str),
}

/// What an issuer signs with.
#[derive(Clone, Copy)]
pub enum IssuerSecret<'a> {
    /// A key for JOSE, COSE and the ECDSA and EdDSA cryptosuites.
    Signing(&'a SigningKey),
    /// A key for BBS.
    Bbs(&'a bbs::SecretKey),
}

// The claims are personal.
impl std::fmt::Debug for Facts {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Facts({})", self.type_id)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: UnixTime = 1_790_000_000;

    fn issue(issuer: &SigningKey, holder: &SigningKey) -> String {
        let Value::Object(claims) = json!({"name": "Ada", "born": 1815}) else {
            panic!("not an object")
        };
        let draft = Draft {
            type_id: "t",
            claims: &claims,
            conceal: &[ClaimPath::from_names(["name"]).unwrap()],
            holder: Some(&holder.public()),
            issuer: Some("https://issuer.example"),
            key_name: KeyName::Id("k"),
            issued_at: NOW,
            valid_from: None,
            valid_until: Some(NOW + 10),
            status: &[],
        };
        by_id("dc+sd-jwt")
            .unwrap()
            .issue(&draft, IssuerSecret::Signing(issuer))
            .unwrap()
    }

    fn request(now: UnixTime) -> Request<'static> {
        Request {
            client_id: "a",
            nonce: "n",
            response_uri: None,
            encryption_key: None,
            now,
        }
    }

    #[test]
    fn a_credential_goes_through_its_format() {
        let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
        let text = issue(&issuer, &holder);
        let format = by_id("dc+sd-jwt").unwrap();
        let claimed = format.peek(&text).unwrap();
        assert!(matches!(claimed.key_source, KeySource::Metadata { .. }));
        assert_eq!(claimed.algorithm, Algorithm::Es256);
        assert_eq!(claimed.made_for, None);
        let facts = format.verify(&text, &issuer.public(), NOW).unwrap();
        assert_eq!(facts.type_id, "t");
        assert_eq!(facts.types, ["t"]);
        assert_eq!(facts.issuer.as_deref(), Some("https://issuer.example"));
        assert_eq!(facts.issued_at, Some(NOW));
        assert_eq!(facts.valid_until, Some(NOW + 10));
        assert!(facts.holder.unwrap() == holder.public());
        assert!(!facts.unlinkable);
        let name = ClaimPath::from_names(["name"]).unwrap();
        let born = ClaimPath::from_names(["born"]).unwrap();
        assert!(facts.paths.contains(&(name.clone(), true)));
        assert!(facts.paths.contains(&(born.clone(), false)));
        let revealed = format.preview(&text, &[]).unwrap();
        assert!(revealed.contains(&born) && !revealed.contains(&name));
        let shown = format
            .present(&text, &[name], &request(NOW), Some(&holder))
            .unwrap();
        let claimed = format.peek_presented(&shown).unwrap();
        assert_eq!(claimed.made_for.unwrap().nonce, "n");
        let facts = format
            .check(&shown, &issuer.public(), &request(NOW), true)
            .unwrap();
        assert!(facts.holder_proven);
        assert_eq!(facts.claims["name"], "Ada");
    }

    #[test]
    fn what_a_format_refuses_is_refused_by_kind() {
        let (issuer, holder) = (SigningKey::make_p256(), SigningKey::make_p256());
        let text = issue(&issuer, &holder);
        let format = by_id("vc+sd-jwt").unwrap();
        let fault = |result: Result<Facts, Refused>| result.unwrap_err().fault;
        let key = issuer.public();
        assert_eq!(
            fault(format.verify(&text, &holder.public(), NOW)),
            Fault::Changed
        );
        assert_eq!(fault(format.verify(&text, &key, NOW + 100)), Fault::Expired);
        // An expired card can still be looked at.
        assert!(format.describe(&text).is_ok());
        assert_eq!(fault(format.describe("x")), Fault::Malformed);
        let missing = ClaimPath::from_names(["missing"]).unwrap();
        let error = format.preview(&text, &[missing]).unwrap_err();
        assert_eq!(error.fault, Fault::NoSuchClaim);
        let bound = format
            .present(&text, &[], &request(NOW), Some(&holder))
            .unwrap();
        let other = Request {
            nonce: "other",
            ..request(NOW)
        };
        assert_eq!(
            fault(format.check(&bound, &key, &other, true)),
            Fault::OtherRequest
        );
        assert_eq!(
            fault(format.check(&bound, &key, &request(NOW - 9000), true)),
            Fault::NotYetValid
        );
        let unbound = format.present(&text, &[], &request(NOW), None).unwrap();
        assert_eq!(
            fault(format.check(&unbound, &key, &request(NOW), true)),
            Fault::NotTheHolder
        );
        let facts = format.check(&unbound, &key, &request(NOW), false).unwrap();
        assert!(!facts.holder_proven);
        assert_eq!(
            fault(format.check(&Value::Null, &key, &request(NOW), false)),
            Fault::Malformed
        );
    }

    #[test]
    fn what_belongs_to_the_credential_has_no_word_of_its_type() {
        let format = by_id("dc+sd-jwt").unwrap();
        let path = |name| ClaimPath::from_names([name]).unwrap();
        assert_eq!(format.in_words_of_type(&path("name")), Some(path("name")));
        assert_eq!(format.in_words_of_type(&path("exp")), None);
    }

    #[test]
    fn unknown_formats() {
        for id in ["dc+cose", ""] {
            assert!(by_id(id).is_none());
        }
    }
}
