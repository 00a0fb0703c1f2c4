//! What `./run` builds, `./test` does not build once more: both with the same features.

use std::collections::BTreeSet;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// Every package with its features that a selection builds.
fn built(selection: &[&str], edges: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .current_dir(ROOT)
        // Whoever builds with all features of the workspace at once sees no difference.
        .env_remove("CARGO_RESOLVER_FEATURE_UNIFICATION")
        .args(["tree", "--offline", "--prefix", "none"])
        .args(["--format", "{p} {f}", "--edges", edges])
        .args(selection)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let listed = String::from_utf8(output.stdout).unwrap();
    let lines = listed.lines().map(|line| line.trim_end_matches(" (*)"));
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn tests_change_no_features_of_what_programs_are_built_from() {
    let script = std::fs::read_to_string(format!("{ROOT}/run")).unwrap();
    let words: Vec<&str> = script
        .split(|c: char| c.is_whitespace() || c == '(' || c == ')')
        .collect();
    let programs: Vec<&str> = words
        .windows(2)
        .filter(|pair| pair[0] == "--package")
        .flatten()
        .copied()
        .collect();
    assert!(programs.contains(&"cairn-desktop"), "{programs:?}");
    let run = built(&programs, "normal,build");
    let test = built(&["--workspace", "--exclude", "xtask"], "normal,build,dev");
    let twice: Vec<&String> = run.difference(&test).collect();
    assert!(
        twice.is_empty(),
        "built twice; say the tests' features in tests/Cargo.toml: {twice:?}"
    );
}
