use credential::format::{Draft, IssuerSecret, KeyName, Refused};
use credential::status::StatusRef;
use keys::x509::Certificate;
use keys::{PublicKey, SigningKey, UnixTime, bls};
use serde_json::{Map, Value};
use url::Url;

use super::claims::IssuedType;
use super::documents;
use super::form::Form;
use super::grant::Grant;
use super::nonce::Nonces;
use super::reply::{Refusal, Reply};
use super::status::Lists;
use super::store::{Store, StoreError};
use crate::dpop::{self, DpopError};

/// The most copies of one request.
pub const MAX_BATCH: usize = 20;
/// The longest request body, in bytes.
pub const MAX_BODY: usize = 256 * 1024;

/// Who issues.
#[derive(Clone, Debug)]
pub struct Identity {
    /// The credential issuer identifier: an https URL, or http on loopback. No final `/`.
    pub url: Url,
    /// The name that wallets show.
    pub name: String,
}

impl Identity {
    /// The identifier as it stands in every document.
    pub fn id(&self) -> &str {
        let text = self.url.as_str();
        text.strip_suffix('/').unwrap_or(text)
    }

    /// An address below the issuer's own.
    pub(crate) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.id())
    }
}

/// How credentials say which key signed them.
pub enum Signer {
    /// By `/.well-known/jwt-vc-issuer`: `iss` is the issuer's URL, `kid` the thumbprint.
    Metadata,
    /// By the issuer's `did:web`.
    Did,
    /// By a certificate chain, leaf first. `iss` is there if the leaf vouches for it.
    X5c(Vec<Certificate>),
}

/// Whether access tokens are bound to a key.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dpop {
    /// Never; not mentioned in the metadata.
    Off,
    /// Where the wallet sends a proof.
    #[default]
    Offered,
    /// Always.
    Required,
}

/// An issuer: its endpoints as functions from bytes and time to a [`Reply`].
pub struct Issuer<S> {
    pub(crate) identity: Identity,
    pub(crate) key: SigningKey,
    pub(crate) bbs: Option<bls::SecretKey>,
    pub(crate) signer: Signer,
    pub(crate) formats: Vec<Form>,
    pub(crate) types: Vec<IssuedType>,
    pub(crate) dpop: Dpop,
    pub(crate) nonces: Nonces,
    pub(crate) store: S,
    pub(crate) lists: Lists,
}

impl<S: Store> Issuer<S> {
    /// An issuer of these types.
    pub fn new(
        identity: Identity,
        key: SigningKey,
        signer: Signer,
        types: Vec<IssuedType>,
        nonces: Nonces,
        store: S,
    ) -> Self {
        Self {
            identity,
            key,
            bbs: None,
            signer,
            formats: Form::ALL.to_vec(),
            types,
            dpop: Dpop::default(),
            nonces,
            store,
            lists: Lists::default(),
        }
    }

    /// Sets whether access tokens are bound to a key.
    #[must_use]
    pub fn dpop(mut self, dpop: Dpop) -> Self {
        self.dpop = dpop;
        self
    }

    /// Gives it a BBS key beside its signing key. Both are published, by the `did:web` and, unless
    /// cards are signed by a chain, by `/.well-known/jwt-vc-issuer`.
    #[must_use]
    pub fn bbs(mut self, key: bls::SecretKey) -> Self {
        self.bbs = Some(key);
        self
    }

    /// Restricts the forms in which cards are issued, the usual one first; an empty list changes
    /// nothing.
    #[must_use]
    pub fn formats(mut self, formats: Vec<Form>) -> Self {
        if !formats.is_empty() {
            self.formats = formats;
        }
        self
    }

    /// Sets for how many seconds wallets and verifiers may keep a list of statuses before they
    /// ask again.
    #[must_use]
    pub fn status_ttl(mut self, seconds: u64) -> Self {
        self.lists = Lists::new(seconds);
        self
    }

    /// Who issues.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// What can be issued.
    pub fn types(&self) -> &[IssuedType] {
        &self.types
    }

    /// The type of this short name or `vct`.
    pub fn type_named(&self, name: &str) -> Option<&IssuedType> {
        self.types
            .iter()
            .find(|known| known.id == name || known.vct == name)
    }

    /// `GET` of a public document: `/.well-known/…` and the metadata of types whose `vct` is
    /// an address of this issuer. `path` starts with `/`.
    pub fn document(&self, path: &str) -> Option<Reply> {
        let value = match path {
            "/.well-known/openid-credential-issuer" => documents::issuer_metadata(self),
            "/.well-known/oauth-authorization-server" => documents::server_metadata(self),
            // A bare key is not what a card with a chain is checked by: wallets would ask the
            // ledger about the wrong thing.
            "/.well-known/jwt-vc-issuer" if matches!(self.signer, Signer::X5c(_)) => return None,
            "/.well-known/jwt-vc-issuer" => documents::key_metadata(self),
            "/.well-known/did.json" => documents::did_document(self)?,
            _ => return self.type_document(path),
        };
        Some(Reply::public(&value))
    }

    fn type_document(&self, path: &str) -> Option<Reply> {
        let vct = self.identity.at(path);
        let found = self.types.iter().find(|known| known.vct == vct)?;
        // Byte by byte, so that `vct#integrity` fits.
        let mut reply = Reply::public(&Value::Null);
        reply.body.clone_from(&found.metadata_bytes);
        Some(reply)
    }

    /// All offers, the newest first.
    pub fn list(&self, now: UnixTime) -> Result<Vec<Grant>, StoreError> {
        let mut grants = self.store.grants()?;
        for grant in &mut grants {
            grant.sweep(now);
        }
        grants.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
        Ok(grants)
    }

    /// Writes down which offers are over, and forgets their claims. To be called now and then.
    pub fn sweep(&self, now: UnixTime) -> Result<(), StoreError> {
        for grant in self.store.grants()? {
            if let Some(lookup) = grant.lookups().into_iter().next() {
                self.store.change(&lookup, &mut |grant| grant.sweep(now))?;
            }
        }
        Ok(())
    }

    /// Checks the `DPoP` headers of a request: none where none is needed, never two. Returns
    /// the thumbprint of the key. A proof serves once.
    pub(crate) fn prove(
        &self,
        proofs: &[&str],
        path: &str,
        token: Option<(&str, Option<&str>)>,
        now: UnixTime,
    ) -> Result<Option<String>, Refusal> {
        let invalid = |description| match token {
            Some(_) => Refusal::unauthorized("invalid_dpop_proof", description),
            None => Refusal::new("invalid_dpop_proof", description),
        };
        let bound = token.and_then(|(_, key)| key);
        let proof = match (proofs, self.dpop) {
            ([], _) if bound.is_some() => return Err(invalid("the DPoP proof is missing")),
            ([], Dpop::Required) if token.is_none() => {
                return Err(invalid("the DPoP proof is missing"));
            }
            ([], _) => return Ok(None),
            (_, Dpop::Off) => return Ok(None),
            ([one], _) => one,
            _ => return Err(invalid("more than one DPoP proof")),
        };
        let url: Url = self
            .identity
            .at(path)
            .parse()
            .map_err(|_| invalid("the DPoP proof is for another address"))?;
        let ours = |nonce: &str| self.nonces.expiry(DPOP, nonce, now).is_some();
        let expected = dpop::Expected {
            method: "POST",
            url: &url,
            token: token.and_then(|(token, key)| Some((token, key?))),
            nonce: &ours,
        };
        let proven = dpop::verify(proof, &expected, now).map_err(|error| match error {
            DpopError::Nonce => Refusal {
                error: "use_dpop_nonce",
                ..invalid("the DPoP proof lacks a valid nonce")
            },
            _ => invalid("the DPoP proof does not fit the request"),
        })?;
        let thumbprint = proven.key.thumbprint();
        let id = format!(
            "dpop:{thumbprint}:{}",
            super::grant::derive_hash(&proven.jti)
        );
        let until = now.saturating_add(dpop::MAX_AGE.saturating_mul(2));
        match self.store.use_once(&id, until, now) {
            Ok(true) => Ok(Some(thumbprint)),
            Ok(false) => Err(invalid("the DPoP proof was used before")),
            Err(_) => Err(Refusal::STORE),
        }
    }

    /// Adds a fresh DPoP nonce to an answer.
    pub(crate) fn with_dpop_nonce(&self, reply: Reply, now: UnixTime) -> Reply {
        if self.dpop == Dpop::Off {
            return reply;
        }
        reply.header("dpop-nonce", self.nonces.make_nonce(DPOP, now))
    }

    /// Signs one copy, for `holder` where the form binds to a key. Everything is concealed that
    /// the type does not want to be always visible.
    pub(crate) fn sign(
        &self,
        known: &IssuedType,
        form: Form,
        claims: &Map<String, Value>,
        holder: Option<&PublicKey>,
        dates: (UnixTime, UnixTime),
        status: &[StatusRef],
    ) -> Result<String, Refused> {
        let unfit = || Refused::new(credential::format::Fault::Unsupported, NotHere);
        let format = form.format().ok_or_else(unfit)?;
        let names = documents::names(self);
        let (issuer, key_name) = self.named(form, &names);
        let (issued_at, valid_until) = match form {
            // A second of its own would be as good as a number.
            Form::Bbs => (whole_days(dates.0), whole_days(dates.1)),
            _ => dates,
        };
        let conceal = known.conceal(claims);
        let draft = Draft {
            type_id: &known.vct,
            claims,
            conceal: &conceal,
            holder: holder.filter(|_| form.is_bound()),
            issuer,
            key_name,
            issued_at,
            valid_from: None,
            valid_until: Some(valid_until),
            status,
        };
        let secret = match form {
            Form::Bbs => IssuerSecret::Bbs(self.bbs.as_ref().ok_or_else(unfit)?),
            _ => IssuerSecret::Signing(&self.key),
        };
        format.issue(&draft, secret)
    }

    /// The issuer's identifier and how its key is named.
    pub(crate) fn named<'a>(
        &'a self,
        form: Form,
        names: &'a documents::Names,
    ) -> (Option<&'a str>, KeyName<'a>) {
        let by_did = |url: &'a str| (Some(names.did.as_str()), KeyName::Id(url));
        match (form, &self.signer) {
            // A Data Integrity proof names its key by a URL.
            (Form::Bbs, _) => by_did(names.bbs_url.as_deref().unwrap_or_default()),
            (Form::DataIntegrity, _) => by_did(&names.multikey_url),
            (_, Signer::Did) | (Form::Jwt, Signer::Metadata) => by_did(&names.did_url),
            (_, Signer::Metadata) => (Some(self.identity.id()), KeyName::Id(&names.kid)),
            (_, Signer::X5c(chain)) => {
                let vouched = chain
                    .first()
                    .is_some_and(|leaf| documents::vouches_for(leaf, &self.identity));
                let issuer = vouched.then(|| self.identity.id());
                (issuer, KeyName::Chain(chain))
            }
        }
    }
}

/// The form cannot be issued here.
#[derive(Debug, thiserror::Error)]
#[error("the card cannot be issued in this format here")]
struct NotHere;

const DAY: UnixTime = 86_400;

/// The begin of the day.
fn whole_days(time: UnixTime) -> UnixTime {
    time.saturating_sub(time.rem_euclid(DAY))
}

const DPOP: &str = "dpop";
