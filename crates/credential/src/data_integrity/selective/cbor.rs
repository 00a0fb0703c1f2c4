//! CBOR as proof values use it: short, plain, in its shortest form.

use ciborium::Value;

use super::ProofValueError;

/// How deep a proof value is nested: a map or an array in an array.
const MAX_DEPTH: usize = 4;

/// Reads one value. What follows it, and longer forms than needed, are refused: a proof value has
/// one encoding, so that equal proofs are equal texts.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Value>, ProofValueError> {
    let mut rest = bytes;
    let value: Value = ciborium::de::from_reader_with_recursion_limit(&mut rest, MAX_DEPTH)
        .map_err(|_| ProofValueError::Cbor)?;
    let mut again = Vec::with_capacity(bytes.len());
    ciborium::into_writer(&value, &mut again).map_err(|_| ProofValueError::Cbor)?;
    if !rest.is_empty() || again != bytes {
        return Err(ProofValueError::Cbor);
    }
    array(value)
}

pub(super) fn write(values: Vec<Value>, out: &mut Vec<u8>) -> Result<(), ProofValueError> {
    ciborium::into_writer(&Value::Array(values), out).map_err(|_| ProofValueError::Cbor)
}

pub(super) fn array(value: Value) -> Result<Vec<Value>, ProofValueError> {
    value.into_array().map_err(|_| ProofValueError::Component)
}

pub(super) fn bytes(value: Value) -> Result<Vec<u8>, ProofValueError> {
    value.into_bytes().map_err(|_| ProofValueError::Component)
}

/// Bytes of a fixed length.
pub(super) fn exactly<const N: usize>(value: Value) -> Result<[u8; N], ProofValueError> {
    bytes(value)?
        .try_into()
        .map_err(|_| ProofValueError::Component)
}

pub(super) fn text(value: Value) -> Result<String, ProofValueError> {
    value.into_text().map_err(|_| ProofValueError::Component)
}

pub(super) fn number(value: &Value) -> Result<usize, ProofValueError> {
    value
        .as_integer()
        .and_then(|number| number.try_into().ok())
        .ok_or(ProofValueError::Component)
}

/// Indexes, which ascend.
pub(super) fn indexes(value: Value) -> Result<Vec<usize>, ProofValueError> {
    let indexes: Vec<usize> = array(value)?.iter().map(number).collect::<Result<_, _>>()?;
    if indexes.is_sorted_by(|left, right| left < right) {
        Ok(indexes)
    } else {
        Err(ProofValueError::Order)
    }
}

pub(super) fn from_indexes(indexes: &[usize]) -> Value {
    Value::Array(indexes.iter().map(|index| from_number(*index)).collect())
}

pub(super) fn from_number(number: usize) -> Value {
    Value::from(number as u64)
}
