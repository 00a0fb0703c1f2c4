//! What the documents point to is there: files, and the names of functions and types.

use std::path::{Path, PathBuf};

const DOCUMENTS: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "README.md",
    "SECURITY.md",
    "docs/conformance.md",
    "docs/counter-code.md",
    "docs/decisions/README.md",
    "docs/governance.md",
    "docs/pilot.md",
    "docs/scale.md",
    "docs/upstream.md",
    "schemas/README.md",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Every `[text](target)` of a document, without its code blocks.
fn links(text: &str) -> Vec<(String, String)> {
    let prose: String = text.split("```").step_by(2).collect();
    let mut found = Vec::new();
    for (place, _) in prose.match_indices("](") {
        let before = &prose[..place];
        let after = &prose[place + 2..];
        let (Some(open), Some(close)) = (before.rfind('['), after.find(')')) else {
            continue;
        };
        found.push((before[open + 1..].to_owned(), after[..close].to_owned()));
    }
    found
}

#[test]
fn every_link_leads_to_a_file_that_has_the_name() {
    let mut checked = 0;
    for document in DOCUMENTS {
        let path = root().join(document);
        let folder = path.parent().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for (label, target) in links(&text) {
            if target.contains("://") || target.starts_with('#') {
                continue;
            }
            let file = target.split('#').next().unwrap();
            let there = folder.join(file);
            assert!(
                there.exists(),
                "{document} points to {target}, which is not there"
            );
            let name = label.trim_matches('`');
            if label.starts_with('`') && file.ends_with(".rs") && !name.contains(['/', '-']) {
                let word = name.rsplit("::").next().unwrap();
                let source = std::fs::read_to_string(&there).unwrap();
                let known = ["fn ", "struct ", "enum ", "trait ", "mod "]
                    .iter()
                    .any(|kind| source.contains(&format!("{kind}{word}")));
                assert!(
                    known || there.file_stem().is_some_and(|stem| stem == word),
                    "{document} says that {name} is in {target}"
                );
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "only {checked} links were found");
}
