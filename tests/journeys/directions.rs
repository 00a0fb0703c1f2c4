//! Which crate may know which: read from cargo, so that a new dependency has to be written here.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

/// Package → the packages of this workspace that it may depend on.
const MAY_KNOW: &[(&str, &[&str])] = &[
    ("ipc", &[]),
    ("bbs", &[]),
    ("code", &[]),
    ("cairn-reader", &["code"]),
    ("keys", &["bbs"]),
    ("net", &[]),
    ("query", &[]),
    ("vault", &[]),
    ("credential", &["bbs", "keys", "query"]),
    ("ledger", &["keys", "net"]),
    ("protocol", &["credential", "keys", "net", "query"]),
    (
        "wallet",
        &[
            "code",
            "credential",
            "keys",
            "ledger",
            "net",
            "protocol",
            "query",
            "vault",
        ],
    ),
    ("cairn", &["wallet"]),
    ("cairn-desktop", &["ipc", "wallet"]),
    ("cairn-ui", &["ipc"]),
    ("program", &["keys", "protocol"]),
    (
        "cairn-issuer",
        &[
            "credential",
            "keys",
            "ledger",
            "net",
            "program",
            "protocol",
            "query",
        ],
    ),
    (
        "cairn-counter",
        &[
            "code",
            "credential",
            "keys",
            "ledger",
            "net",
            "program",
            "protocol",
            "query",
        ],
    ),
    (
        "cairn-ledger",
        &["credential", "keys", "ledger", "net", "protocol"],
    ),
    ("journeys", &[]),
    ("xtask", &[]),
];

fn ours() -> BTreeMap<String, BTreeSet<String>> {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .args([
            "--manifest-path",
            concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
        ])
        .output()
        .unwrap();
    assert!(output.status.success());
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let names: BTreeSet<String> = packages.iter().map(|p| text(&p["name"])).collect();
    packages
        .iter()
        .map(|package| {
            let known = package["dependencies"]
                .as_array()
                .unwrap()
                .iter()
                // What only tests use is not part of the product.
                .filter(|dependency| dependency["kind"] != "dev" && !dependency["path"].is_null())
                .map(|dependency| text(&dependency["name"]))
                .filter(|name| names.contains(name))
                .collect();
            (text(&package["name"]), known)
        })
        .collect()
}

#[test]
fn every_dependency_points_in_its_direction() {
    let rules: BTreeMap<&str, &[&str]> = MAY_KNOW.iter().copied().collect();
    for (package, known) in ours() {
        let allowed = rules
            .get(package.as_str())
            .unwrap_or_else(|| panic!("{package} is new: say in this file what it may know"));
        for other in known {
            assert!(
                allowed.contains(&other.as_str()),
                "{package} must not depend on {other}"
            );
        }
    }
}

#[test]
fn no_rule_is_left_over() {
    let packages = ours();
    for (package, _) in MAY_KNOW {
        assert!(packages.contains_key(*package), "{package} is gone");
    }
}
