//! Fields as HTML, without any script.

use std::fmt::Write as _;

use program::web::escape;
use serde_json::{Map, Value};

use super::read::PREFIX;
use super::words::wanted;
use super::{Faults, Field, Kind, MAX_ROWS, at, is_long, member, order, text};

/// The fields, filled in with what there is of the claims, each with what is wrong beside it.
pub(crate) fn inputs(fields: &[Field], claims: &Map<String, Value>, faults: &Faults) -> String {
    let mut page = Page {
        html: String::new(),
        spare: false,
        faults,
    };
    page.group(fields, "", Some(claims));
    page.html
}

/// What is wrong, each with a link to its field. The browser goes there at once.
pub(crate) fn summary(fields: &[Field], faults: &Faults) -> String {
    let mut faults: Vec<_> = faults.iter().collect();
    faults.sort_by_key(|(place, _)| order(fields, place));
    let mut list = String::new();
    for (place, fault) in faults {
        let fault = escape(fault);
        let _ = match at(fields, place) {
            Some((_, label)) => writeln!(
                list,
                "<li><a href=\"#{}\">{}</a>: {fault}</li>",
                id(place),
                escape(&label)
            ),
            None => writeln!(list, "<li>{fault}</li>"),
        };
    }
    list
}

/// The claims in words, for somebody who is asked whether they are right.
pub(crate) fn told(fields: &[Field], claims: &Map<String, Value>) -> String {
    let mut list = "<dl>\n".to_owned();
    for field in fields {
        if let Some(value) = claims.get(&field.name) {
            let label = escape(&field.label);
            let _ = writeln!(
                list,
                "<dt>{label}</dt><dd>{}</dd>",
                value_told(field, value)
            );
        }
    }
    list.push_str("</dl>\n");
    list
}

fn value_told(field: &Field, value: &Value) -> String {
    match (&field.kind, value) {
        (Kind::YesNo, Value::Bool(yes)) => if *yes { "Yes" } else { "No" }.to_owned(),
        (Kind::Picture, _) => "a picture".to_owned(),
        (Kind::Group(within), Value::Object(claims)) => told(within, claims),
        (Kind::Rows { row, .. }, Value::Array(rows)) => {
            let rows = rows.iter().filter_map(Value::as_object);
            let rows: String = rows
                .map(|claims| format!("<li>{}</li>", told(row, claims)))
                .collect();
            match rows.is_empty() {
                true => "none".to_owned(),
                false => format!("<ol>{rows}</ol>"),
            }
        }
        (Kind::SomeOf(_), Value::Array(chosen)) => {
            let chosen: Vec<String> = chosen.iter().map(text).collect();
            escape(&chosen.join(", "))
        }
        _ => escape(&text(value)),
    }
}

struct Page<'p> {
    html: String,
    /// Within a row that may stay empty.
    spare: bool,
    faults: &'p Faults,
}

/// What a field's control refers to.
struct Refers {
    id: String,
    /// ` name="…"`, and what is said about it to those who do not see the page.
    attributes: String,
}

impl Page<'_> {
    fn put(&mut self, html: &str) {
        self.html.push_str(html);
    }

    fn group(&mut self, fields: &[Field], place: &str, claims: Option<&Map<String, Value>>) {
        for field in fields {
            let value = claims.and_then(|claims| claims.get(&field.name));
            self.field(field, &member(place, &field.name), value);
        }
    }

    fn field(&mut self, field: &Field, place: &str, value: Option<&Value>) {
        let filled = escape(&value.map(text).unwrap_or_default());
        match &field.kind {
            Kind::Text { most, .. } if is_long(*most) => {
                self.area(field, place, &filled, 4);
            }
            Kind::Picture | Kind::Other => self.area(field, place, &filled, 3),
            Kind::Text { .. } => self.input(field, place, &filled, "type=\"text\""),
            Kind::Date => self.input(field, place, &filled, "type=\"date\""),
            Kind::Number { whole, .. } => {
                let mode = if *whole { "numeric" } else { "decimal" };
                let kind = format!("type=\"text\" inputmode=\"{mode}\"");
                self.input(field, place, &filled, &kind);
            }
            Kind::OneOf(choices) => self.one_of(field, place, choices, value),
            Kind::Fixed(only) => {
                let label = escape(&field.label);
                let only = escape(only);
                self.put(&format!(
                    "<p class=\"fixed\"><strong>{label}</strong>: {only}</p>\n"
                ));
            }
            Kind::YesNo => self.yes_no(field, place, value),
            Kind::SomeOf(choices) => self.some_of(field, place, choices, value),
            Kind::Group(within) => {
                self.open_set(field, place);
                self.group(within, place, value.and_then(Value::as_object));
                self.put("</fieldset>\n");
            }
            Kind::Rows {
                row, each, most, ..
            } => {
                self.open_set(field, place);
                self.put("<p class=\"hint\">What is left empty is left out.</p>\n");
                let each = each.as_ref().unwrap_or(&field.label);
                self.rows(place, row, &escape(each), *most, value);
                self.put("</fieldset>\n");
            }
        }
    }

    /// What is said about a field besides its label: an example, and what is wrong with it.
    fn about(&mut self, field: &Field, place: &str) -> Refers {
        let id = id(place);
        let mut described = Vec::new();
        let hint = match (&field.kind, &field.sample) {
            (Kind::Text { formed: true, .. }, Some(sample)) => {
                Some(format!("For example {sample}"))
            }
            (Kind::Number { .. } | Kind::Picture | Kind::Other, _) => Some(wanted(field)),
            _ => None,
        };
        if let Some(hint) = hint {
            let hint = escape(&hint);
            self.put(&format!("<p class=\"hint\" id=\"{id}-hint\">{hint}</p>\n"));
            described.push(format!("{id}-hint"));
        }
        let mut attributes = format!(" name=\"{PREFIX}{}\"", escape(place));
        if let Some(fault) = self.faults.get(place) {
            let fault = wrong(&id, &escape(fault));
            self.put(&fault);
            described.push(format!("{id}-wrong"));
            attributes.push_str(" aria-invalid=\"true\"");
        }
        if !described.is_empty() {
            let _ = write!(attributes, " aria-describedby=\"{}\"", described.join(" "));
        }
        Refers { id, attributes }
    }

    fn label(&mut self, field: &Field, place: &str) -> Refers {
        let label = labelled(field);
        self.put(&format!("<label for=\"{}\">{label}</label>\n", id(place)));
        let mut refers = self.about(field, place);
        if field.required && !self.spare {
            refers.attributes.push_str(" required");
        }
        refers
    }

    fn input(&mut self, field: &Field, place: &str, filled: &str, kind: &str) {
        let Refers { id, attributes } = self.label(field, place);
        self.put(&format!(
            "<input id=\"{id}\" {kind}{attributes} value=\"{filled}\">\n"
        ));
    }

    fn area(&mut self, field: &Field, place: &str, filled: &str, rows: usize) {
        let Refers { id, attributes } = self.label(field, place);
        // A line break at the start is the page's, not the text's.
        self.put(&format!(
            "<textarea id=\"{id}\" rows=\"{rows}\"{attributes}>\n{filled}</textarea>\n"
        ));
    }

    fn one_of(&mut self, field: &Field, place: &str, choices: &[String], value: Option<&Value>) {
        let Refers { id, attributes } = self.label(field, place);
        let none = if field.required {
            "Choose"
        } else {
            "Not on the card"
        };
        self.put(&format!(
            "<select id=\"{id}\"{attributes}>\n<option value=\"\">{none}</option>\n"
        ));
        for choice in choices {
            let chosen = value.and_then(Value::as_str) == Some(choice);
            let selected = if chosen { " selected" } else { "" };
            let choice = escape(choice);
            self.put(&format!("<option{selected}>{choice}</option>\n"));
        }
        self.put("</select>\n");
    }

    fn open_set(&mut self, field: &Field, place: &str) {
        let label = labelled(field);
        let id = id(place);
        let fault = self.faults.get(place).map(|fault| escape(fault));
        let described = match fault {
            Some(_) => format!(" aria-describedby=\"{id}-wrong\""),
            None => String::new(),
        };
        self.put(&format!(
            "<fieldset id=\"{id}\" tabindex=\"-1\"{described}><legend>{label}</legend>\n"
        ));
        if let Some(fault) = fault {
            self.put(&wrong(&id, &fault));
        }
    }

    fn yes_no(&mut self, field: &Field, place: &str, value: Option<&Value>) {
        let chosen = match value {
            Some(Value::Bool(true)) => "yes",
            Some(Value::Bool(false)) => "no",
            _ => "",
        };
        let mut choices = vec![("yes", "Yes"), ("no", "No")];
        if !field.required {
            choices.push(("", "Not on the card"));
        }
        self.open_set(field, place);
        for (value, label) in choices {
            // Nothing is chosen beforehand of what has to be answered.
            let checked = chosen == value && (!field.required || !value.is_empty());
            self.choice("radio", place, value, label, checked);
        }
        self.put("</fieldset>\n");
    }

    fn some_of(&mut self, field: &Field, place: &str, choices: &[String], value: Option<&Value>) {
        let chosen = value.and_then(Value::as_array);
        self.open_set(field, place);
        for choice in choices {
            let is = |one: &Value| one.as_str() == Some(choice);
            let checked = chosen.is_some_and(|chosen| chosen.iter().any(is));
            self.choice("checkbox", place, choice, choice, checked);
        }
        self.put("</fieldset>\n");
    }

    fn choice(&mut self, kind: &str, place: &str, value: &str, label: &str, checked: bool) {
        let id = format!("{}-{}", id(place), id(value));
        let name = escape(place);
        let checked = if checked { " checked" } else { "" };
        let (value, label) = (escape(value), escape(label));
        self.put(&format!(
            "<p class=\"choice\"><input id=\"{id}\" type=\"{kind}\" name=\"{PREFIX}{name}\" \
             value=\"{value}\"{checked}>\n<label for=\"{id}\">{label}</label></p>\n"
        ));
    }

    /// One row more than there are, for the next.
    fn rows(&mut self, place: &str, row: &[Field], each: &str, most: u64, value: Option<&Value>) {
        let filled = value.and_then(Value::as_array);
        let filled = filled.map(Vec::as_slice).unwrap_or_default();
        let most = usize::try_from(most).unwrap_or(MAX_ROWS).min(MAX_ROWS);
        for number in 0..(filled.len() + 1).min(most) {
            let claims = filled.get(number).and_then(Value::as_object);
            let place = member(place, &number.to_string());
            let id = id(&place);
            let number = number + 1;
            self.put(&format!(
                "<fieldset id=\"{id}\"><legend>{each} {number}</legend>\n"
            ));
            let around = std::mem::replace(&mut self.spare, claims.is_none());
            self.group(row, &place, claims);
            self.spare = around;
            self.put("</fieldset>\n");
        }
        let to = id(place);
        self.put(&format!(
            "<button type=\"submit\" class=\"plain\" name=\"more\" value=\"yes\" \
             formaction=\"/desk/check#{to}\">Another: {each}</button>\n"
        ));
    }
}

/// What is wrong with a field, beside it.
fn wrong(id: &str, fault: &str) -> String {
    format!(
        "<p class=\"wrong\" id=\"{id}-wrong\"><span class=\"unseen\">Error: </span>{fault}</p>\n"
    )
}

fn labelled(field: &Field) -> String {
    let mark = if field.required {
        "required"
    } else {
        "optional"
    };
    let label = escape(&field.label);
    format!("{label} <span class=\"mark\">({mark})</span>")
}

/// The id of a place on the page.
fn id(place: &str) -> String {
    let mut id = PREFIX.to_owned();
    for character in place.chars() {
        match character {
            '/' => id.push('-'),
            'A'..='Z' | 'a'..='z' | '0'..='9' | '_' => id.push(character),
            other => {
                let _ = write!(id, ".{:x}", u32::from(other));
            }
        }
    }
    id
}
