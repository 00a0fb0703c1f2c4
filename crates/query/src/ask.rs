use serde_json::{Map, Value, json};

use crate::{ClaimPath, QueryError};

/// A DCQL query that was read and found sound (OpenID4VP 1.0 §6).
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What is asked for; 1 to [`MAX_CREDENTIALS`](crate::MAX_CREDENTIALS).
    pub credentials: Vec<CredentialQuery>,
    /// Which combinations satisfy the request. `None`: everything in `credentials` is wanted.
    pub credential_sets: Option<Vec<CredentialSet>>,
}

/// One credential that is asked for (§6.1).
#[derive(Clone, Debug, PartialEq)]
pub struct CredentialQuery {
    /// Its name within the query and in the answer: letters, digits, `_` and `-`.
    pub id: String,
    /// The format that it must have.
    pub format: Format,
    /// True when more than one card may be shown for it.
    pub multiple: bool,
    /// Which types of credential are wanted.
    pub types: TypeFilter,
    /// Who must stand behind the issuer; empty when the service does not mind (§6.1.1).
    pub trusted_authorities: Vec<TrustedAuthority>,
    /// True (the default) when the holder must prove possession of the key.
    pub require_holder_binding: bool,
    /// The claims; `None` asks for nothing that can be held back (§6.4.1).
    pub claims: Option<Vec<ClaimQuery>>,
    /// Alternative combinations of `claims`, as places in that list, the preferred first.
    pub claim_sets: Option<Vec<Vec<usize>>>,
}

/// One claim that is asked for (§6.3).
#[derive(Clone, Debug, PartialEq)]
pub struct ClaimQuery {
    /// Its name within the credential query.
    pub id: Option<String>,
    /// Where it stands in the credential.
    pub path: ClaimPath,
    /// The values that are of use: strings, whole numbers and booleans.
    pub values: Option<Vec<Value>>,
    /// Whether the service says that it keeps the value; mdoc only (§B.2.4).
    pub intent_to_retain: Option<bool>,
}

/// A credential format identifier (Appendix B).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// `dc+sd-jwt`, SD-JWT VC.
    SdJwt,
    /// `vc+sd-jwt`, as drafts before 1.0 called it. Read so that a request can be named; no
    /// card is kept under it.
    DraftSdJwt,
    /// `mso_mdoc`, ISO/IEC 18013-5.
    Mdoc,
    /// `ldp_vc`, W3C with Data Integrity.
    LdpVc,
    /// `jwt_vc_json`, W3C as a JWT.
    JwtVcJson,
    /// Any other: never answered, since no card has it.
    Other(String),
}

/// Which types a credential query accepts: the `meta` of §6.1 by format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeFilter {
    /// Any type.
    Any,
    /// One of these `vct` values (§B.3.5).
    Vct(Vec<String>),
    /// This document type (§B.2.3).
    Doctype(String),
    /// All types of one of these lists, as expanded IRIs (§B.1.1).
    AllOf(Vec<Vec<String>>),
}

/// A condition on who certifies the issuer (§6.1.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrustedAuthority {
    /// `aki`, `etsi_tl`, `openid_federation` or another.
    pub kind: String,
    /// Any of these will do.
    pub values: Vec<String>,
}

/// A combination of credentials for one use (§6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialSet {
    /// Alternatives, each a list of places in [`Query::credentials`].
    pub options: Vec<Vec<usize>>,
    /// True (the default) when the service will not do without.
    pub required: bool,
}

impl Query {
    /// Reads a query strictly. Unknown members are ignored, as §6 asks.
    pub fn from_json(value: &Value) -> Result<Self, QueryError> {
        crate::read::query(value)
    }

    /// The credential query of this id and its place.
    pub fn credential(&self, id: &str) -> Option<(usize, &CredentialQuery)> {
        self.credentials
            .iter()
            .enumerate()
            .find(|(_, credential)| credential.id == id)
    }

    /// The JSON form, with defaults written out where a reader could otherwise wonder.
    pub fn to_json(&self) -> Value {
        let name = |&place: &usize| self.credentials.get(place).map(|c| c.id.as_str());
        let mut object = Map::new();
        object.insert(
            "credentials".to_owned(),
            self.credentials
                .iter()
                .map(CredentialQuery::to_json)
                .collect(),
        );
        if let Some(sets) = &self.credential_sets {
            let set = |set: &CredentialSet| {
                let options: Vec<Vec<&str>> = set
                    .options
                    .iter()
                    .map(|option| option.iter().filter_map(name).collect())
                    .collect();
                json!({"options": options, "required": set.required})
            };
            object.insert("credential_sets".to_owned(), sets.iter().map(set).collect());
        }
        Value::Object(object)
    }
}

impl CredentialQuery {
    /// The combinations of claims that would do, the preferred first. One empty combination
    /// when no claims are asked for.
    pub fn claim_options(&self) -> Vec<Vec<&ClaimQuery>> {
        match (&self.claims, &self.claim_sets) {
            (None, _) => vec![Vec::new()],
            (Some(claims), None) => vec![claims.iter().collect()],
            (Some(claims), Some(sets)) => sets
                .iter()
                .map(|set| set.iter().filter_map(|&place| claims.get(place)).collect())
                .collect(),
        }
    }

    fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Value| object.insert(name.to_owned(), value);
        put("id", self.id.as_str().into());
        put("format", self.format.as_str().into());
        put("multiple", self.multiple.into());
        put("meta", self.types.to_json());
        put(
            "require_cryptographic_holder_binding",
            self.require_holder_binding.into(),
        );
        if !self.trusted_authorities.is_empty() {
            let authority =
                |a: &TrustedAuthority| json!({"type": a.kind.as_str(), "values": a.values});
            put(
                "trusted_authorities",
                self.trusted_authorities.iter().map(authority).collect(),
            );
        }
        if let Some(claims) = &self.claims {
            put("claims", claims.iter().map(ClaimQuery::to_json).collect());
            if let Some(sets) = &self.claim_sets {
                let id = |&place: &usize| claims.get(place).and_then(|c| c.id.as_deref());
                let sets: Vec<Vec<&str>> = sets
                    .iter()
                    .map(|set| set.iter().filter_map(id).collect())
                    .collect();
                put("claim_sets", json!(sets));
            }
        }
        Value::Object(object)
    }
}

impl ClaimQuery {
    fn to_json(&self) -> Value {
        let mut object = Map::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        };
        put("id", self.id.as_deref().map(Value::from));
        put("path", Some(self.path.to_json()));
        put("values", self.values.clone().map(Value::from));
        put("intent_to_retain", self.intent_to_retain.map(Value::from));
        Value::Object(object)
    }
}

impl Format {
    /// Reads a credential format identifier.
    pub fn from_name(name: &str) -> Self {
        match name {
            "dc+sd-jwt" => Self::SdJwt,
            "vc+sd-jwt" => Self::DraftSdJwt,
            "mso_mdoc" => Self::Mdoc,
            "ldp_vc" => Self::LdpVc,
            "jwt_vc_json" => Self::JwtVcJson,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The credential format identifier.
    pub fn as_str(&self) -> &str {
        match self {
            Self::SdJwt => "dc+sd-jwt",
            Self::DraftSdJwt => "vc+sd-jwt",
            Self::Mdoc => "mso_mdoc",
            Self::LdpVc => "ldp_vc",
            Self::JwtVcJson => "jwt_vc_json",
            Self::Other(name) => name,
        }
    }

    /// True when claims can be held back for certain. A Data Integrity credential may have a
    /// suite that can; it is taken as one that cannot.
    pub fn discloses_selectively(&self) -> bool {
        matches!(self, Self::SdJwt | Self::DraftSdJwt | Self::Mdoc)
    }
}

impl TypeFilter {
    /// True when a credential of these types is wanted.
    pub fn accepts(&self, types: &[impl AsRef<str>]) -> bool {
        let has = |wanted: &str| types.iter().any(|has| has.as_ref() == wanted);
        match self {
            Self::Any => true,
            Self::Vct(values) => values.iter().any(|vct| has(vct)),
            Self::Doctype(doctype) => has(doctype),
            Self::AllOf(lists) => lists.iter().any(|list| list.iter().all(|name| has(name))),
        }
    }

    /// True when every type that `narrower` accepts is accepted here too.
    pub fn covers(&self, narrower: &Self) -> bool {
        match (self, narrower) {
            (Self::Any, _) => true,
            (Self::Vct(mine), Self::Vct(theirs)) => theirs.iter().all(|vct| mine.contains(vct)),
            (Self::Doctype(mine), Self::Doctype(theirs)) => mine == theirs,
            (Self::AllOf(mine), Self::AllOf(theirs)) => theirs.iter().all(|their| {
                mine.iter()
                    .any(|my| my.iter().all(|name| their.contains(name)))
            }),
            _ => false,
        }
    }

    /// Every type that is named, for people.
    pub fn names(&self) -> Vec<&str> {
        match self {
            Self::Any => Vec::new(),
            Self::Vct(values) => values.iter().map(String::as_str).collect(),
            Self::Doctype(doctype) => vec![doctype],
            Self::AllOf(lists) => lists.iter().flatten().map(String::as_str).collect(),
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Any => json!({}),
            Self::Vct(values) => json!({"vct_values": values}),
            Self::Doctype(doctype) => json!({"doctype_value": doctype}),
            Self::AllOf(lists) => json!({"type_values": lists}),
        }
    }
}
