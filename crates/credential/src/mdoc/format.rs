use ciborium::value::Value as Cbor;
use keys::{PublicKey, SigningKey, UnixTime, b64};
use query::{ClaimPath, Segment};
use serde_json::{Map, Value};

use super::{
    CheckError, DeviceError, DigestAlgorithm, Document, FORMAT, IssueError, IssuerSigned,
    ParseError, PresentError, SessionTranscript, Template, Unverified, Validity, VerifyError,
    value,
};
use crate::KeySource;
use crate::catalogue::{self, TypeEntry};
use crate::format::{
    Claimed, Draft, Facts, Fault, Format, IssuerSecret, KeyName, Refused, Request,
};
use crate::status::StatusRef;

/// ISO mdoc as one of the [`FORMATS`](crate::format::FORMATS). Its claims are namespaces, its
/// paths a namespace and an element.
pub struct Mdoc;

/// What only this format has to say.
#[derive(Debug, thiserror::Error)]
enum Unfit {
    #[error("a shown mdoc is a text")]
    NotText,
    #[error("an mdoc is not signed with BBS")]
    BbsKey,
    #[error("an mdoc names its issuer by certificates")]
    NoChain,
    #[error("an mdoc is bound to a device's key")]
    NoHolder,
    #[error("an mdoc names its status in a token status list")]
    Status,
}

impl Format for Mdoc {
    fn ids(&self) -> &'static [&'static str] {
        &[FORMAT]
    }

    fn peek(&self, credential: &str) -> Result<Claimed, Refused> {
        Ok(claimed(Unverified::parse(credential)?.content()))
    }

    fn verify(
        &self,
        credential: &str,
        issuer: &PublicKey,
        now: UnixTime,
    ) -> Result<Facts, Refused> {
        let verified = Unverified::parse(credential)?.verify(issuer, now)?;
        Ok(facts(&verified, false))
    }

    fn describe(&self, stored: &str) -> Result<Facts, Refused> {
        Ok(facts(&IssuerSigned::from_store(stored)?, false))
    }

    fn preview(&self, stored: &str, paths: &[ClaimPath]) -> Result<Vec<ClaimPath>, Refused> {
        Ok(IssuerSigned::from_store(stored)?.select(paths)?.leaves())
    }

    fn present(
        &self,
        stored: &str,
        paths: &[ClaimPath],
        request: &Request<'_>,
        holder: Option<&SigningKey>,
    ) -> Result<Value, Refused> {
        let selected = IssuerSigned::from_store(stored)?.select(paths)?;
        let key = holder.ok_or(PresentError::NoKey)?;
        let text = selected.respond_text(&transcript(request)?, key)?;
        Ok(Value::String(text))
    }

    fn peek_presented(&self, presentation: &Value) -> Result<Claimed, Refused> {
        Ok(claimed(open(presentation)?.issuer_signed()))
    }

    /// The device's proof is asked for whether or not the request `needs_holder`: the standard
    /// has no mdoc without.
    fn check(
        &self,
        presentation: &Value,
        issuer: &PublicKey,
        request: &Request<'_>,
        _needs_holder: bool,
    ) -> Result<Facts, Refused> {
        let document = open(presentation)?;
        let verified = document.verify(issuer, &transcript(request)?, None, request.now)?;
        Ok(facts(&verified, true))
    }

    /// Every element can be held back, whatever the draft conceals. Without an end of validity
    /// the mdoc ends with its signer's certificate.
    fn issue(&self, draft: &Draft<'_>, key: IssuerSecret<'_>) -> Result<String, Refused> {
        let unfit = |unfit| Refused::new(Fault::Unsupported, unfit);
        let IssuerSecret::Signing(key) = key else {
            return Err(unfit(Unfit::BbsKey));
        };
        let KeyName::Chain(chain) = draft.key_name else {
            return Err(unfit(Unfit::NoChain));
        };
        let status = match draft.status {
            [] => None,
            [StatusRef::TokenList { uri, index }] => Some((uri.as_str(), *index)),
            _ => return Err(unfit(Unfit::Status)),
        };
        let entry = catalogue::by_type_id(draft.type_id);
        let doc_type = entry.map_or(Some(draft.type_id), |entry| entry.doctype);
        let leaf = chain.first().ok_or(IssueError::Chain)?;
        let bytes = Template {
            doc_type: doc_type.ok_or(IssueError::NoSuchElement)?,
            namespaces: &elements(entry, draft.claims)?,
            device_key: draft.holder.ok_or_else(|| unfit(Unfit::NoHolder))?,
            digest_algorithm: DigestAlgorithm::Sha256,
            validity: Validity {
                signed: draft.issued_at,
                from: draft.valid_from.unwrap_or(draft.issued_at),
                until: draft.valid_until.unwrap_or(leaf.validity().1),
                expected_update: None,
            },
            status,
        }
        .issue(chain, key)?;
        Ok(b64::encode(bytes))
    }

    fn in_words_of_type(&self, path: &ClaimPath) -> Option<ClaimPath> {
        let (_, rest) = path.segments().split_first()?;
        matches!(rest.first(), Some(Segment::Name(_)))
            .then(|| ClaimPath::new(rest.to_vec()).ok())
            .flatten()
    }
}

type Namespaces = Vec<(String, Vec<(String, Cbor)>)>;

/// The claims in their namespaces. A type of the catalogue says which element stands where and
/// what is a date; for any other type the claims are namespaces themselves.
fn elements(
    entry: Option<&TypeEntry>,
    claims: &Map<String, Value>,
) -> Result<Namespaces, IssueError> {
    let Some(entry) = entry else {
        return claims
            .iter()
            .map(|(namespace, elements)| {
                let elements = elements.as_object().ok_or(IssueError::NoSuchElement)?;
                let element = |(name, value): (&String, &Value)| {
                    Some((name.clone(), value::from_json(value, None)?))
                };
                let elements = elements.iter().map(element).collect::<Option<_>>();
                Ok((namespace.clone(), elements.ok_or(IssueError::Value)?))
            })
            .collect();
    };
    // A schema of the catalogue is JSON: a test holds it to that.
    let schema: Value = serde_json::from_str(entry.schema).unwrap_or_default();
    let properties = schema.get("properties");
    let mut namespaces: Namespaces = entry
        .namespaces
        .iter()
        .map(|(namespace, _)| ((*namespace).to_owned(), Vec::new()))
        .collect();
    for (name, value) in claims {
        let namespace = entry.namespace_of(name).ok_or(IssueError::NoSuchElement)?;
        let schema = properties.and_then(|properties| properties.get(name));
        let value = value::from_json(value, schema).ok_or(IssueError::Value)?;
        let place = namespaces.iter_mut().find(|(known, _)| known == namespace);
        let (_, elements) = place.ok_or(IssueError::NoSuchElement)?;
        elements.push((name.clone(), value));
    }
    namespaces.retain(|(_, elements)| !elements.is_empty());
    Ok(namespaces)
}

fn open(presentation: &Value) -> Result<Document, Refused> {
    let text = presentation
        .as_str()
        .ok_or_else(|| Refused::new(Fault::Malformed, Unfit::NotText))?;
    Ok(Document::parse(text)?)
}

fn transcript(request: &Request<'_>) -> Result<SessionTranscript, Refused> {
    let response_uri = request.response_uri.ok_or(DeviceError::NoResponseUri)?;
    Ok(SessionTranscript::derive_openid4vp(
        request.client_id,
        request.nonce,
        request.encryption_key,
        response_uri,
    ))
}

fn claimed(content: &IssuerSigned) -> Claimed {
    let mso = content.security_object();
    Claimed {
        key_source: KeySource::X5c(content.chain().to_vec()),
        algorithm: content.algorithm(),
        type_id: mso.doc_type().to_owned(),
        issuer: None,
        issued_at: Some(mso.validity().signed),
        type_integrity: None,
        // The transcript is a digest: it does not say whom it is for.
        made_for: None,
    }
}

fn facts(content: &IssuerSigned, holder_proven: bool) -> Facts {
    let mso = content.security_object();
    let validity = mso.validity();
    Facts {
        type_id: mso.doc_type().to_owned(),
        types: vec![mso.doc_type().to_owned()],
        issuer: None,
        holder: Some(mso.device_key().clone()),
        holder_proven,
        unlinkable: false,
        issued_at: Some(validity.signed),
        valid_from: Some(validity.from),
        valid_until: Some(validity.until),
        status: mso.status().into_iter().collect(),
        claims: content.claims(),
        paths: content
            .paths()
            .into_iter()
            .map(|path| (path, true))
            .collect(),
    }
}

impl From<ParseError> for Refused {
    fn from(error: ParseError) -> Self {
        let fault = match error {
            ParseError::Algorithm
            | ParseError::DigestAlgorithm
            | ParseError::Version { .. }
            | ParseError::Critical => Fault::Unsupported,
            _ => Fault::Malformed,
        };
        Self::new(fault, error)
    }
}

impl From<VerifyError> for Refused {
    fn from(error: VerifyError) -> Self {
        let fault = match error {
            VerifyError::Expired => Fault::Expired,
            VerifyError::NotYetValid => Fault::NotYetValid,
            _ => Fault::Changed,
        };
        Self::new(fault, error)
    }
}

impl From<CheckError> for Refused {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Issuer(error) => error.into(),
            CheckError::Device(error) => error.into(),
        }
    }
}

impl From<DeviceError> for Refused {
    fn from(error: DeviceError) -> Self {
        let fault = match error {
            DeviceError::NoReaderKey => Fault::Unsupported,
            DeviceError::NoResponseUri => Fault::OtherRequest,
            _ => Fault::NotTheHolder,
        };
        Self::new(fault, error)
    }
}

impl From<PresentError> for Refused {
    fn from(error: PresentError) -> Self {
        let fault = match error {
            PresentError::NoSuchElement => Fault::NoSuchClaim,
            PresentError::WrongKey | PresentError::NoKey => Fault::NotTheHolder,
        };
        Self::new(fault, error)
    }
}

impl From<IssueError> for Refused {
    fn from(error: IssueError) -> Self {
        Self::new(Fault::Malformed, error)
    }
}
