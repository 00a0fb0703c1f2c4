//! What is wrong with what was filled in, in words. No value is in them.

use credential::schema::Violation;

use super::{Faults, Field, Kind, Range, at, is_long};

/// What the schema refuses, by its place and in words.
pub(crate) fn faults(fields: &[Field], broken: &[Violation]) -> Faults {
    let mut faults = Faults::new();
    for one in broken {
        let text = match at(fields, &one.place) {
            Some((field, _)) if one.rule == "required" => {
                format!("This is needed. {}", wanted(field))
            }
            Some((field, _)) => wanted(field),
            None => format!("The details do not fit the type here ({}).", one.rule),
        };
        faults.entry(one.place.clone()).or_insert(text);
    }
    faults
}

/// What a field takes, in a sentence.
pub(super) fn wanted(field: &Field) -> String {
    match &field.kind {
        Kind::Text { most, formed } => {
            let like = match (&field.sample, formed) {
                (Some(sample), true) => format!("Write it like {sample}"),
                (None, true) => "Write it in the form that the type asks for".to_owned(),
                (_, false) if is_long(*most) => {
                    "Write it as one paragraph, without line breaks".to_owned()
                }
                (_, false) => "Write it on one line".to_owned(),
            };
            match most {
                Some(most) => format!("{like}, in {most} characters at most."),
                None => format!("{like}."),
            }
        }
        Kind::Picture => "Paste the picture as text: it begins with data:image/png;base64, or \
                          data:image/jpeg;base64,"
            .to_owned(),
        Kind::Date => "Give a date: day, month and year.".to_owned(),
        Kind::Number { whole, range } => {
            let number = if *whole { "whole number" } else { "number" };
            match range {
                Range(Some(least), Some(most)) => {
                    format!("Write a {number} from {least} to {most}.")
                }
                Range(Some(least), None) => format!("Write a {number}, {least} or more."),
                Range(None, Some(most)) => format!("Write a {number}, {most} or less."),
                Range(None, None) => format!("Write a {number}."),
            }
        }
        Kind::YesNo => "Choose yes or no.".to_owned(),
        Kind::OneOf(_) => "Choose one of them.".to_owned(),
        Kind::SomeOf(_) => "Choose at least one of them.".to_owned(),
        Kind::Fixed(only) => format!("It is {only} on each of these cards."),
        Kind::Group(_) => "Fill in what is required of it.".to_owned(),
        Kind::Rows { least, most, .. } => format!("Give {least} at least and {most} at most."),
        Kind::Other => "Write it as JSON, in the form that the type asks for.".to_owned(),
    }
}
