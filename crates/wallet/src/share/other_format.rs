//! Cards of the kind that is asked for, in another format than the service takes. Pure.

use credential::catalogue::ledger_type;
use query::{CredentialQuery, TypeFilter};

/// What every W3C credential is (VC Data Model 2.0 §4.5), which makes it no kind of card.
const ANY_W3C: [&str; 2] = [
    "https://www.w3.org/2018/credentials#VerifiableCredential",
    "VerifiableCredential",
];

/// Whether a card of these types is what is asked for in everything but its format. Formats have
/// type ids of their own; those that stand for one type of the catalogue are the same kind.
pub(super) fn only_format_differs(wanted: &CredentialQuery, format: &str, types: &[&str]) -> bool {
    wanted.format.as_str() != format && is_of_kind(&wanted.types, types)
}

/// The type that is asked for, as people know it; of several the first.
pub(super) fn kind_wanted(wanted: &TypeFilter) -> &str {
    let names = wanted.names();
    names
        .iter()
        .find(|name| !ANY_W3C.contains(name))
        .or_else(|| names.first())
        .copied()
        .unwrap_or_default()
}

fn is_of_kind(wanted: &TypeFilter, types: &[&str]) -> bool {
    let has = |name: &str| {
        types
            .iter()
            .any(|has| ledger_type(has) == ledger_type(name))
    };
    match wanted {
        // Who asks for no kind would be told of every card.
        TypeFilter::Any => false,
        TypeFilter::Vct(values) => values.iter().any(|vct| has(vct)),
        TypeFilter::Doctype(doctype) => has(doctype),
        TypeFilter::AllOf(lists) => lists.iter().any(|list| {
            let mut kinds = list
                .iter()
                .map(String::as_str)
                .filter(|name| !ANY_W3C.contains(name))
                .peekable();
            kinds.peek().is_some() && kinds.all(has)
        }),
    }
}

#[cfg(test)]
mod tests {
    use query::Query;
    use serde_json::{Value, json};

    use super::*;

    const LICENCE: &str = "urn:cairn:demo:driving-licence:1";
    const DOCTYPE: &str = "org.iso.18013.5.1.mDL";

    fn wants(format: &str, meta: Value) -> CredentialQuery {
        let query = json!({"credentials": [{"id": "x", "format": format, "meta": meta}]});
        let mut query = Query::from_json(&query).unwrap();
        query.credentials.remove(0)
    }

    #[test]
    fn one_kind_has_an_id_in_each_format() {
        let mdoc = wants("mso_mdoc", json!({"doctype_value": DOCTYPE}));
        assert!(only_format_differs(&mdoc, "dc+sd-jwt", &[LICENCE]));
        assert!(!only_format_differs(&mdoc, "mso_mdoc", &[DOCTYPE]));
        assert!(!only_format_differs(&mdoc, "dc+sd-jwt", &["urn:other:1"]));
        let sd_jwt = wants("dc+sd-jwt", json!({"vct_values": ["urn:other:1", LICENCE]}));
        assert!(only_format_differs(&sd_jwt, "mso_mdoc", &[DOCTYPE]));
        assert!(only_format_differs(
            &sd_jwt,
            "ldp_vc",
            &[ANY_W3C[0], LICENCE]
        ));
    }

    #[test]
    fn that_it_is_a_w3c_credential_makes_no_kind() {
        let any = wants("ldp_vc", json!({"type_values": [[ANY_W3C[0]]]}));
        assert!(!only_format_differs(
            &any,
            "jwt_vc_json",
            &[ANY_W3C[0], LICENCE]
        ));
        let licence = wants("ldp_vc", json!({"type_values": [[ANY_W3C[0], LICENCE]]}));
        assert!(only_format_differs(&licence, "dc+sd-jwt", &[LICENCE]));
        assert_eq!(kind_wanted(&licence.types), LICENCE);
        let two = json!({"type_values": [[ANY_W3C[0], LICENCE, "urn:other:1"]]});
        let two = wants("ldp_vc", two);
        assert!(!only_format_differs(&two, "dc+sd-jwt", &[LICENCE]));
    }
}
