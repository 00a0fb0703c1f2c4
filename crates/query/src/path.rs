use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

/// The most segments of one path. Documents from outside are no deeper.
pub const MAX_SEGMENTS: usize = 32;
/// The longest name in a path, in bytes.
pub const MAX_NAME: usize = 512;

/// One step of a claims path pointer.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Segment {
    /// The member of this name.
    Name(String),
    /// The array element at this place, from 0.
    Index(usize),
    /// Every element of an array; `null` in JSON.
    All,
}

/// A claims path pointer (OpenID4VP 1.0 §7): at least one and at most [`MAX_SEGMENTS`] steps.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ClaimPath(Vec<Segment>);

/// Why a claims path pointer was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not an array.
    #[error("a claims path is not an array")]
    NotAnArray,
    /// An array without elements.
    #[error("a claims path is empty")]
    Empty,
    /// More than [`MAX_SEGMENTS`] elements, or a name longer than [`MAX_NAME`] bytes.
    #[error("a claims path is too long")]
    TooLong,
    /// An element is neither a string, nor a whole number from 0, nor null.
    #[error("a claims path holds something other than names, indices and null")]
    Segment,
}

/// Why a path selects nothing in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SelectError {
    /// The document has nothing there.
    #[error("the path selects nothing")]
    Nothing,
    /// A name was applied to something that is not an object, or an index or null to
    /// something that is not an array (§7.1.1 asks to abort then).
    #[error("the path does not fit the shape of the document")]
    Shape,
}

impl ClaimPath {
    /// Takes segments that came from elsewhere.
    pub fn new(segments: Vec<Segment>) -> Result<Self, PathError> {
        if segments.is_empty() {
            return Err(PathError::Empty);
        }
        let long = |segment: &Segment| matches!(segment, Segment::Name(n) if n.len() > MAX_NAME);
        if segments.len() > MAX_SEGMENTS || segments.iter().any(long) {
            return Err(PathError::TooLong);
        }
        Ok(Self(segments))
    }

    /// Reads the JSON form: an array of strings, whole numbers from 0 and nulls.
    pub fn from_json(value: &Value) -> Result<Self, PathError> {
        let items = value.as_array().ok_or(PathError::NotAnArray)?;
        if items.len() > MAX_SEGMENTS {
            return Err(PathError::TooLong);
        }
        let segment = |item: &Value| match item {
            Value::String(name) => Ok(Segment::Name(name.clone())),
            Value::Null => Ok(Segment::All),
            Value::Number(number) => number
                .as_u64()
                .and_then(|index| usize::try_from(index).ok())
                .map(Segment::Index)
                .ok_or(PathError::Segment),
            _ => Err(PathError::Segment),
        };
        Self::new(items.iter().map(segment).collect::<Result<_, _>>()?)
    }

    /// A path of names only: `["address", "locality"]`.
    pub fn from_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Result<Self, PathError> {
        Self::new(
            names
                .into_iter()
                .map(|name| Segment::Name(name.to_owned()))
                .collect(),
        )
    }

    /// The JSON form.
    pub fn to_json(&self) -> Value {
        let item = |segment: &Segment| match segment {
            Segment::Name(name) => Value::from(name.as_str()),
            Segment::Index(index) => Value::from(*index),
            Segment::All => Value::Null,
        };
        self.0.iter().map(item).collect()
    }

    /// The steps; never empty.
    pub fn segments(&self) -> &[Segment] {
        &self.0
    }

    /// The first step when it is a name, as it always is in a credential in JSON.
    pub fn root(&self) -> Option<&str> {
        match self.0.first() {
            Some(Segment::Name(name)) => Some(name),
            _ => None,
        }
    }

    /// True when the path has no null, so that it selects at most one element.
    pub fn is_concrete(&self) -> bool {
        !self.0.contains(&Segment::All)
    }

    /// True when everything that `other` can select is selected by this path or lies below
    /// something that this path selects, whatever the document.
    pub fn covers(&self, other: &Self) -> bool {
        self.0.len() <= other.0.len()
            && self.0.iter().zip(&other.0).all(|(mine, theirs)| {
                mine == theirs || matches!((mine, theirs), (Segment::All, Segment::Index(_)))
            })
    }

    /// The path with every index widened to all elements.
    pub(crate) fn any_index(&self) -> Self {
        let widen = |segment: &Segment| match segment {
            Segment::Index(_) => Segment::All,
            other => other.clone(),
        };
        Self(self.0.iter().map(widen).collect())
    }

    /// Every element that the path selects, with its concrete path, in document order.
    pub fn select<'a>(&self, document: &'a Value) -> Result<Vec<(Self, &'a Value)>, SelectError> {
        let mut selected = Vec::new();
        self.visit(document, |at, value| selected.push((self.at(at), value)))?;
        Ok(selected)
    }

    /// True when the path selects at least one element.
    pub fn selects(&self, document: &Value) -> bool {
        self.visit(document, |_, _| ()).is_ok()
    }

    /// The elements that the path selects, without their paths.
    pub fn values<'a>(&self, document: &'a Value) -> Result<Vec<&'a Value>, SelectError> {
        let mut selected = Vec::new();
        self.visit(document, |_, value| selected.push(value))?;
        Ok(selected)
    }

    /// Calls `found` with every element that the path selects, in document order, and with the
    /// index that each null of the path stands for there. An error makes what was found void.
    pub(crate) fn visit<'a>(
        &self,
        document: &'a Value,
        mut found: impl FnMut(&[usize], &'a Value),
    ) -> Result<(), SelectError> {
        let mut any = false;
        let mut noted = |at: &[usize], value: &'a Value| {
            any = true;
            found(at, value);
        };
        walk(&self.0, document, &mut Vec::new(), &mut noted)?;
        if any {
            Ok(())
        } else {
            Err(SelectError::Nothing)
        }
    }

    /// How many nulls the path has.
    pub(crate) fn nulls(&self) -> usize {
        let null = |segment: &&Segment| **segment == Segment::All;
        self.0.iter().filter(null).count()
    }

    /// The path with its nulls replaced by these indices, in order.
    pub(crate) fn at(&self, indices: &[usize]) -> Self {
        let mut indices = indices.iter();
        let concrete = |segment: &Segment| match segment {
            Segment::All => indices
                .next()
                .map_or(Segment::All, |&at| Segment::Index(at)),
            other => other.clone(),
        };
        Self(self.0.iter().map(concrete).collect())
    }
}

/// No deeper than [`MAX_SEGMENTS`].
fn walk<'a>(
    segments: &[Segment],
    value: &'a Value,
    at: &mut Vec<usize>,
    found: &mut impl FnMut(&[usize], &'a Value),
) -> Result<(), SelectError> {
    let Some((segment, rest)) = segments.split_first() else {
        found(at, value);
        return Ok(());
    };
    match segment {
        Segment::Name(name) => {
            let object = value.as_object().ok_or(SelectError::Shape)?;
            match member(object, name) {
                Some(value) => walk(rest, value, at, found),
                None => Ok(()),
            }
        }
        Segment::Index(index) => {
            let array = value.as_array().ok_or(SelectError::Shape)?;
            match array.get(*index) {
                Some(value) => walk(rest, value, at, found),
                None => Ok(()),
            }
        }
        Segment::All => {
            let array = value.as_array().ok_or(SelectError::Shape)?;
            for (index, value) in array.iter().enumerate() {
                at.push(index);
                walk(rest, value, at, found)?;
                at.pop();
            }
            Ok(())
        }
    }
}

/// The most members that are looked through one by one.
const FEW: usize = 16;

/// A member of an object. Among a few, names of another length are passed over without being read,
/// which most often leaves one; a map's own way reads several, each from another place in memory,
/// and over thousands of cards that is nearly all the time that a query takes.
fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if object.len() > FEW {
        return object.get(name);
    }
    let mut members = object.iter();
    members
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
}

/// `address.locality`, `nationalities[0]`, `degrees[*].type`: for people, not to be parsed.
impl fmt::Display for ClaimPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Name(name) if place == 0 => formatter.write_str(name)?,
                Segment::Name(name) => write!(formatter, ".{name}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
                Segment::All => formatter.write_str("[*]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ClaimPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ClaimPath({self})")
    }
}

impl Serialize for ClaimPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_json().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ClaimPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_json(&Value::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
