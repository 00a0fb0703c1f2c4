//! JSON Schema 2020-12 for claims. A schema is compiled once; nothing outside it is read.

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, Retrieve, Uri, ValidationError, Validator};
use keys::json;
use serde_json::Value;

/// The longest schema, in bytes.
pub const MAX_BYTES: usize = 256 * 1024;
/// The most violations that are reported.
pub const MAX_VIOLATIONS: usize = 20;

/// Why a schema was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// Longer than [`MAX_BYTES`] or not acceptable JSON.
    #[error("the schema is not acceptable JSON")]
    Json,
    /// Not JSON Schema 2020-12, or it refers to something outside itself.
    #[error("the schema is not a self-contained JSON Schema 2020-12")]
    Schema,
}

/// A place in the claims that breaks the schema. Carries no value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{place}` breaks `{rule}`")]
pub struct Violation {
    /// JSON Pointer into the claims, to the claim that is missing where one is; empty for the
    /// whole.
    pub place: String,
    /// The keyword of the schema that is broken: `required`, `pattern`, …
    pub rule: String,
}

/// A compiled schema.
pub struct Schema(Validator);

impl Schema {
    /// Compiles a schema. References must stay inside it; `format` is asserted; patterns run
    /// in linear time, so that look-around and back-references are refused.
    pub fn parse(bytes: &[u8]) -> Result<Self, SchemaError> {
        let schema = json::parse_bounded(bytes, MAX_BYTES).map_err(|_| SchemaError::Json)?;
        let dialect = schema.get("$schema");
        if dialect.is_some_and(|uri| uri.as_str() != Some(DIALECT)) {
            return Err(SchemaError::Schema);
        }
        jsonschema::options()
            .with_draft(Draft::Draft202012)
            .with_retriever(Nothing)
            .should_validate_formats(true)
            .with_pattern_options(PatternOptions::regex())
            .build(&schema)
            .map(Self)
            .map_err(|_| SchemaError::Schema)
    }

    /// Checks claims; at most [`MAX_VIOLATIONS`] are told.
    pub fn check(&self, claims: &Value) -> Result<(), Vec<Violation>> {
        let violations: Vec<Violation> = self
            .0
            .iter_errors(claims)
            .take(MAX_VIOLATIONS)
            .map(|error| Violation {
                place: place(&error),
                rule: error.kind().keyword().to_owned(),
            })
            .collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(violations)
        }
    }
}

/// Where the claims are broken. A claim that is missing is named: its name is the schema's.
fn place(error: &ValidationError<'_>) -> String {
    let place = error.instance_path().to_string();
    match error.kind() {
        ValidationErrorKind::Required { property } => match property.as_str() {
            Some(name) => format!("{place}/{}", name.replace('~', "~0").replace('/', "~1")),
            None => place,
        },
        _ => place,
    }
}

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Fetches nothing, whatever the scheme.
struct Nothing;

impl Retrieve for Nothing {
    fn retrieve(&self, _: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        Err(SchemaError::Schema.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema(value: &Value) -> Result<Schema, SchemaError> {
        Schema::parse(value.to_string().as_bytes())
    }

    #[test]
    fn claims_that_fit_pass_and_others_say_where_without_their_value() {
        let schema = schema(&json!({
            "$schema": DIALECT,
            "type": "object",
            "required": ["name", "born"],
            "properties": {
                "name": {"type": "string", "minLength": 1},
                "born": {"$ref": "#/$defs/date"},
                "codes": {"type": "array", "items": {"pattern": "^[0-9]{4}$"}},
            },
            "$defs": {"date": {"type": "string", "format": "date"}},
        }))
        .unwrap();
        assert_eq!(
            schema.check(&json!({"name": "Ada", "born": "1815-12-10", "codes": ["0002"]})),
            Ok(())
        );
        let broken = schema
            .check(&json!({"born": "SECRET", "codes": ["0002", "SECRET"]}))
            .unwrap_err();
        let told: Vec<String> = broken.iter().map(ToString::to_string).collect();
        for expected in [
            "`/name` breaks `required`",
            "`/born` breaks `format`",
            "`/codes/1` breaks `pattern`",
        ] {
            assert!(told.iter().any(|line| line == expected), "{told:?}");
        }
        assert!(!format!("{broken:?}").contains("SECRET"));
    }

    #[test]
    fn nothing_outside_the_schema_is_read() {
        for reference in [
            "https://example.com/schema.json",
            "file:///etc/hostname",
            "other.json",
        ] {
            assert_eq!(
                schema(&json!({"$ref": reference})).err(),
                Some(SchemaError::Schema),
                "{reference}"
            );
        }
    }

    #[test]
    fn another_dialect_is_refused() {
        let old = json!({"$schema": "http://json-schema.org/draft-07/schema#"});
        assert_eq!(schema(&old).err(), Some(SchemaError::Schema));
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        assert_eq!(schema(&json!({"type": 7})).err(), Some(SchemaError::Schema));
        assert_eq!(Schema::parse(b"{").err(), Some(SchemaError::Json));
        let long = format!("{{\"title\": \"{}\"}}", "x".repeat(MAX_BYTES));
        assert_eq!(
            Schema::parse(long.as_bytes()).err(),
            Some(SchemaError::Json)
        );
    }

    #[test]
    fn a_pattern_that_needs_backtracking_is_refused() {
        let greedy = json!({"pattern": r"^(a+)+\1$"});
        assert_eq!(schema(&greedy).err(), Some(SchemaError::Schema));
    }

    #[test]
    fn the_number_of_violations_is_bounded() {
        let schema = schema(&json!({"items": {"type": "string"}})).unwrap();
        let many = Value::Array(vec![json!(1); 1000]);
        assert_eq!(schema.check(&many).unwrap_err().len(), MAX_VIOLATIONS);
    }
}
