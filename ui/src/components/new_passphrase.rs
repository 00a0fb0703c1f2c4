//! A new passphrase, twice.

use ipc::Secret;
use yew::prelude::*;

use super::{Field, FieldError};
use crate::dom;
use crate::state::use_shell;
use crate::text::Text;

/// The shortest passphrase that is sent to the shell, which judges its strength.
const SHORTEST: usize = 8;

/// The two fields.
#[derive(Clone, Default, PartialEq)]
pub(crate) struct NewPassphraseRefs {
    first: NodeRef,
    second: NodeRef,
}

impl NewPassphraseRefs {
    /// Reads the fields: the passphrase, or what is wrong.
    pub(crate) fn read(&self, text: &Text) -> Result<Secret, FieldError> {
        check(
            dom::value_of(&self.first),
            &dom::value_of(&self.second),
            text,
        )
    }

    /// Empties the fields.
    pub(crate) fn clear(&self) {
        dom::clear(&self.first);
        dom::clear(&self.second);
    }
}

fn check(first: String, second: &str, text: &Text) -> Result<Secret, FieldError> {
    if first.chars().count() < SHORTEST {
        return Err(FieldError {
            field: "new-passphrase",
            words: text.say_with("passphrase-too-short", &[("count", SHORTEST.into())]),
        });
    }
    if first != second {
        return Err(FieldError {
            field: "new-passphrase-again",
            words: text.say("passphrase-differs"),
        });
    }
    Ok(Secret::new(first))
}

#[derive(PartialEq, Properties)]
pub(crate) struct NewPassphraseProps {
    /// The fields.
    pub(crate) fields: NewPassphraseRefs,
    /// What is wrong in the form.
    pub(crate) errors: Vec<FieldError>,
    /// The first field's label, where it is not "New passphrase".
    #[prop_or_default]
    pub(crate) label: Option<AttrValue>,
}

/// The two fields of a new passphrase.
#[component]
pub(crate) fn NewPassphrase(props: &NewPassphraseProps) -> Html {
    let text = use_shell().text();
    html! {
        <>
            <Field
                id="new-passphrase"
                label={props.label.clone().unwrap_or_else(|| text.say("passphrase-new").into())}
                hint={AttrValue::from(text.say("passphrase-new-hint"))}
                error={FieldError::of(&props.errors, "new-passphrase")}
                secret=true
                autocomplete="new-password"
                input={props.fields.first.clone()}
            />
            <Field
                id="new-passphrase-again"
                label={text.say("passphrase-again")}
                error={FieldError::of(&props.errors, "new-passphrase-again")}
                secret=true
                autocomplete="new-password"
                input={props.fields.second.clone()}
            />
        </>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_passphrase_is_named_before_a_different_one() {
        let text = Text::load("en");
        let field = |first: &str, second: &str| {
            check(first.to_owned(), second, &text)
                .map(Secret::into_text)
                .map_err(|error| error.field)
        };
        assert_eq!(field("short", "short"), Err("new-passphrase"));
        assert_eq!(
            field("long enough", "long enougj"),
            Err("new-passphrase-again")
        );
        assert_eq!(
            field("long enough", "long enough"),
            Ok("long enough".into())
        );
    }
}
