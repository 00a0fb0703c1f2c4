use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::{
    ClaimPath, ClaimQuery, CredentialQuery, CredentialSet, Format, PathError, Query, Segment,
    TrustedAuthority, TypeFilter,
};

/// The most credential queries of one request.
pub const MAX_CREDENTIALS: usize = 32;
/// The most claims of one credential query.
pub const MAX_CLAIMS: usize = 128;
/// The most claim sets of one credential query, and options of one credential set.
pub const MAX_OPTIONS: usize = 64;
/// The most credential sets.
pub const MAX_SETS: usize = 16;
/// The most claims of all credential queries together.
pub const MAX_CLAIMS_IN_ALL: usize = 512;
/// The most entries of all claim sets together.
pub const MAX_CHOICES_IN_ALL: usize = 1024;
/// The most entries of any list of strings or values.
pub const MAX_VALUES: usize = 128;
/// The longest string, in bytes.
pub const MAX_TEXT: usize = 1024;

/// Why a query was refused. Names the member, never its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A member that must be there is not.
    #[error("the query lacks `{0}`")]
    Missing(&'static str),
    /// A member has another shape than the specification gives it.
    #[error("`{0}` of the query is malformed")]
    Malformed(&'static str),
    /// A list that must hold something is empty.
    #[error("`{0}` of the query is empty")]
    Empty(&'static str),
    /// More entries, or a longer text, than is read.
    #[error("`{0}` of the query is too long")]
    TooLong(&'static str),
    /// An id stands twice.
    #[error("two entries of `{0}` have one id")]
    Repeated(&'static str),
    /// A set names an id that nothing has.
    #[error("`{0}` of the query names something that is not there")]
    Unknown(&'static str),
    /// `claim_sets` without `claims`, or claims without an id beside `claim_sets`.
    #[error("`claim_sets` of the query does not fit its `claims`")]
    ClaimSets,
    /// A claims path pointer is unsound.
    #[error(transparent)]
    Path(#[from] PathError),
}

pub(crate) fn query(value: &Value) -> Result<Query, QueryError> {
    let object = value
        .as_object()
        .ok_or(QueryError::Malformed("dcql_query"))?;
    let credentials = entries(object, "credentials", MAX_CREDENTIALS)?
        .ok_or(QueryError::Missing("credentials"))?
        .iter()
        .map(credential)
        .collect::<Result<Vec<_>, _>>()?;
    unique(credentials.iter().map(|c| c.id.as_str()), "credentials")?;
    let claims = credentials.iter().filter_map(|c| c.claims.as_ref());
    if claims.map(Vec::len).sum::<usize>() > MAX_CLAIMS_IN_ALL {
        return Err(QueryError::TooLong("claims"));
    }
    let choices = credentials.iter().filter_map(|c| c.claim_sets.as_ref());
    if choices.flatten().map(Vec::len).sum::<usize>() > MAX_CHOICES_IN_ALL {
        return Err(QueryError::TooLong("claim_sets"));
    }
    let credential_sets = entries(object, "credential_sets", MAX_SETS)?
        .map(|sets| {
            sets.iter()
                .map(|set| credential_set(set, &credentials))
                .collect()
        })
        .transpose()?;
    Ok(Query {
        credentials,
        credential_sets,
    })
}

fn credential(value: &Value) -> Result<CredentialQuery, QueryError> {
    let object = value
        .as_object()
        .ok_or(QueryError::Malformed("credentials"))?;
    let id = identifier(object)?.ok_or(QueryError::Missing("id"))?;
    let format = text(
        object.get("format").ok_or(QueryError::Missing("format"))?,
        "format",
    )?;
    let format = Format::from_name(&format);
    let claims = entries(object, "claims", MAX_CLAIMS)?
        .map(|claims| {
            claims
                .iter()
                .map(|claim| self::claim(claim, &format))
                .collect()
        })
        .transpose()?;
    if let Some(claims) = &claims {
        let claims: &Vec<ClaimQuery> = claims;
        unique(claims.iter().filter_map(|c| c.id.as_deref()), "claims")?;
    }
    Ok(CredentialQuery {
        id,
        types: types(object.get("meta"), &format)?,
        multiple: flag(object, "multiple")?.unwrap_or(false),
        trusted_authorities: authorities(object)?,
        require_holder_binding: flag(object, "require_cryptographic_holder_binding")?
            .unwrap_or(true),
        claim_sets: claim_sets(object, claims.as_deref())?,
        claims,
        format,
    })
}

/// `meta` is required by §6.1 and may be empty. Verifiers built on drafts leave it out; what
/// they mean is the same, so that is read as empty.
fn types(meta: Option<&Value>, format: &Format) -> Result<TypeFilter, QueryError> {
    let Some(meta) = meta else {
        return Ok(TypeFilter::Any);
    };
    let meta = meta.as_object().ok_or(QueryError::Malformed("meta"))?;
    let vct = || texts(meta, "vct_values").map(|values| values.map(TypeFilter::Vct));
    let all_of = || -> Result<Option<TypeFilter>, QueryError> {
        let Some(lists) = entries(meta, "type_values", MAX_VALUES)? else {
            return Ok(None);
        };
        let lists = lists.iter().map(|list| text_list(list, "type_values"));
        Ok(Some(TypeFilter::AllOf(lists.collect::<Result<_, _>>()?)))
    };
    let filter = match format {
        Format::SdJwt => vct()?,
        Format::DraftSdJwt => match vct()? {
            None => all_of()?,
            found => found,
        },
        Format::Mdoc => meta
            .get("doctype_value")
            .map(|doctype| text(doctype, "doctype_value").map(TypeFilter::Doctype))
            .transpose()?,
        Format::LdpVc | Format::JwtVcJson => all_of()?,
        Format::Other(_) => None,
    };
    Ok(filter.unwrap_or(TypeFilter::Any))
}

fn authorities(object: &Map<String, Value>) -> Result<Vec<TrustedAuthority>, QueryError> {
    const NAME: &str = "trusted_authorities";
    let authority = |value: &Value| {
        let object = value.as_object().ok_or(QueryError::Malformed(NAME))?;
        Ok(TrustedAuthority {
            kind: text(
                object.get("type").ok_or(QueryError::Missing("type"))?,
                "type",
            )?,
            values: texts(object, "values")?.ok_or(QueryError::Missing("values"))?,
        })
    };
    let authorities = entries(object, NAME, MAX_VALUES)?.unwrap_or_default();
    authorities.iter().map(authority).collect()
}

fn claim(value: &Value, format: &Format) -> Result<ClaimQuery, QueryError> {
    let object = value.as_object().ok_or(QueryError::Malformed("claims"))?;
    let path = match object.get("path") {
        Some(path) => ClaimPath::from_json(path)?,
        None => draft_mdoc_path(object, format)?,
    };
    let two_names = |path: &ClaimPath| {
        path.segments().len() == 2
            && path
                .segments()
                .iter()
                .all(|s| matches!(s, Segment::Name(_)))
    };
    // §7.2: a path into an mdoc is a namespace and a data element.
    if *format == Format::Mdoc && !two_names(&path) {
        return Err(QueryError::Malformed("path"));
    }
    let values = entries(object, "values", MAX_VALUES)?.map(<[Value]>::to_vec);
    for value in values.iter().flatten() {
        match value {
            Value::Bool(_) => {}
            Value::Number(number) if number.is_i64() || number.is_u64() => {}
            Value::String(text) if text.len() <= MAX_TEXT => {}
            Value::String(_) => return Err(QueryError::TooLong("values")),
            _ => return Err(QueryError::Malformed("values")),
        }
    }
    Ok(ClaimQuery {
        id: identifier(object)?,
        path,
        values,
        intent_to_retain: flag(object, "intent_to_retain")?,
    })
}

/// Drafts up to 22 named an mdoc's element by two members instead of a path.
fn draft_mdoc_path(object: &Map<String, Value>, format: &Format) -> Result<ClaimPath, QueryError> {
    match (object.get("namespace"), object.get("claim_name")) {
        (Some(namespace), Some(name)) if *format == Format::Mdoc => {
            let names = [text(namespace, "namespace")?, text(name, "claim_name")?];
            Ok(ClaimPath::from_names(names.iter().map(String::as_str))?)
        }
        _ => Err(QueryError::Missing("path")),
    }
}

fn claim_sets(
    object: &Map<String, Value>,
    claims: Option<&[ClaimQuery]>,
) -> Result<Option<Vec<Vec<usize>>>, QueryError> {
    const NAME: &str = "claim_sets";
    let Some(sets) = entries(object, NAME, MAX_OPTIONS)? else {
        return Ok(None);
    };
    let claims = claims.ok_or(QueryError::ClaimSets)?;
    if claims.iter().any(|claim| claim.id.is_none()) {
        return Err(QueryError::ClaimSets);
    }
    let place = |id: String| {
        claims
            .iter()
            .position(|claim| claim.id.as_ref() == Some(&id))
            .ok_or(QueryError::Unknown(NAME))
    };
    let set = |set: &Value| text_list(set, NAME)?.into_iter().map(place).collect();
    sets.iter().map(set).collect::<Result<_, _>>().map(Some)
}

fn credential_set(
    value: &Value,
    credentials: &[CredentialQuery],
) -> Result<CredentialSet, QueryError> {
    const NAME: &str = "credential_sets";
    let object = value.as_object().ok_or(QueryError::Malformed(NAME))?;
    let place = |id: String| {
        credentials
            .iter()
            .position(|credential| credential.id == id)
            .ok_or(QueryError::Unknown(NAME))
    };
    let option = |option: &Value| {
        text_list(option, "options")?
            .into_iter()
            .map(place)
            .collect()
    };
    let options = entries(object, "options", MAX_OPTIONS)?.ok_or(QueryError::Missing("options"))?;
    Ok(CredentialSet {
        options: options.iter().map(option).collect::<Result<_, _>>()?,
        required: flag(object, "required")?.unwrap_or(true),
    })
}

/// A list that is absent, or holds 1 to `most` entries.
fn entries<'a>(
    object: &'a Map<String, Value>,
    name: &'static str,
    most: usize,
) -> Result<Option<&'a [Value]>, QueryError> {
    object
        .get(name)
        .map(|value| list(value, name, most))
        .transpose()
}

fn list<'a>(value: &'a Value, name: &'static str, most: usize) -> Result<&'a [Value], QueryError> {
    let items = value.as_array().ok_or(QueryError::Malformed(name))?;
    if items.is_empty() {
        return Err(QueryError::Empty(name));
    }
    if items.len() > most {
        return Err(QueryError::TooLong(name));
    }
    Ok(items)
}

fn texts(
    object: &Map<String, Value>,
    name: &'static str,
) -> Result<Option<Vec<String>>, QueryError> {
    object
        .get(name)
        .map(|value| text_list(value, name))
        .transpose()
}

fn text_list(value: &Value, name: &'static str) -> Result<Vec<String>, QueryError> {
    list(value, name, MAX_VALUES)?
        .iter()
        .map(|item| text(item, name))
        .collect()
}

fn text(value: &Value, name: &'static str) -> Result<String, QueryError> {
    let text = value.as_str().ok_or(QueryError::Malformed(name))?;
    if text.len() > MAX_TEXT {
        return Err(QueryError::TooLong(name));
    }
    Ok(text.to_owned())
}

fn flag(object: &Map<String, Value>, name: &'static str) -> Result<Option<bool>, QueryError> {
    object
        .get(name)
        .map(|value| value.as_bool().ok_or(QueryError::Malformed(name)))
        .transpose()
}

fn identifier(object: &Map<String, Value>) -> Result<Option<String>, QueryError> {
    let Some(id) = object.get("id") else {
        return Ok(None);
    };
    let id = text(id, "id")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if id.is_empty() || !id.bytes().all(allowed) {
        return Err(QueryError::Malformed("id"));
    }
    Ok(Some(id))
}

fn unique<'a>(ids: impl Iterator<Item = &'a str>, name: &'static str) -> Result<(), QueryError> {
    let mut seen = HashSet::new();
    for id in ids {
        if !seen.insert(id) {
            return Err(QueryError::Repeated(name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
