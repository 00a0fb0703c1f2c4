//! The TOML file of a service's purposes.

use std::path::Path;

use ledger::PurposeTable;
use ledger::event::Purpose;
use serde::Deserialize;

use crate::custody;
use crate::failure::Failure;

/// Other tables of the file are for other programs.
#[derive(Deserialize)]
struct PurposesFile {
    purpose: Vec<PurposeTable>,
}

/// Reads and checks a file of purposes.
pub(crate) fn read(path: &Path) -> Result<Vec<Purpose>, Failure> {
    parse(&custody::read_text(path)?)
}

pub(crate) fn parse(text: &str) -> Result<Vec<Purpose>, Failure> {
    let refused = |message: String| Failure::refused("malformed_purposes", message);
    let file: PurposesFile = toml::from_str(text).map_err(|error| {
        refused(format!(
            "the purposes file is malformed: {}",
            error.message()
        ))
    })?;
    file.purpose
        .into_iter()
        .map(|table| {
            table
                .into_purpose()
                .map_err(|error| refused(error.to_string()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"
        title = "for another program"
        [[purpose]]
        id = "prescription"
        name.en = "Free prescription"
        reason.en = "To see that you need not pay"
        retention = "P30D"
        onward = ["NHSBSA"]
        legal_basis = "Regulations 2015"
        contact = "mailto:desk@example"
        dcql = '{"credentials":[{"id":"a","format":"dc+sd-jwt"}]}'
    "#;

    #[test]
    fn a_good_file_is_read() {
        let purposes = parse(GOOD).unwrap();
        assert_eq!(purposes[0].id, "prescription");
        assert_eq!(purposes[0].onward, ["NHSBSA"]);
    }

    #[test]
    fn nobody_has_several_spellings() {
        for spelling in ["[]", "\"Nobody.\"", "\"none\"", "false", "\"\""] {
            let text = GOOD.replace("[\"NHSBSA\"]", spelling);
            assert!(parse(&text).unwrap()[0].onward.is_empty(), "{spelling}");
        }
        assert!(parse(&GOOD.replace("[\"NHSBSA\"]", "true")).is_err());
    }

    #[test]
    fn every_member_is_needed_and_checked() {
        for (from, to) in [
            ("id = \"prescription\"", ""),
            ("name.en", "name.cy"),
            ("P30D", "30 days"),
            ("legal_basis = \"Regulations 2015\"", "legal_basis = \" \""),
            (
                "{\"credentials\":[{\"id\":\"a\",\"format\":\"dc+sd-jwt\"}]}",
                "{}",
            ),
            ("{\"credentials\"", "{credentials"),
        ] {
            let text = GOOD.replace(from, to);
            assert_ne!(text, GOOD, "{from}");
            let error = parse(&text).unwrap_err();
            assert_eq!(
                (error.kind(), error.exit_code()),
                ("malformed_purposes", 2),
                "{to}"
            );
        }
    }
}
