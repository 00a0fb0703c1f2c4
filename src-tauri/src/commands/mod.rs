//! One function a citizen verb, named as `ipc` names it.

pub(crate) mod cards;
pub(crate) mod counter;
pub(crate) mod decisions;
pub(crate) mod demo;
pub(crate) mod history;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod preferences;
pub(crate) mod vault;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    /// Tauri opens every command to every window unless it is told otherwise, and `"main:default"`
    /// or a wildcard would do so again: the capability names each one.
    #[test]
    fn the_capability_grants_each_command_by_name_and_nothing_else_but_listening() {
        let text = include_str!("../../capabilities/main.json");
        let capability: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(capability["windows"], serde_json::json!(["main"]));
        assert!(capability.get("remote").is_none());
        let granted: Vec<String> =
            serde_json::from_value(capability["permissions"].clone()).unwrap();
        let mut expected: BTreeSet<String> = ipc::COMMANDS
            .iter()
            .map(|name| format!("allow-{}", name.replace('_', "-")))
            .collect();
        expected.insert("core:event:allow-listen".into());
        expected.insert("core:event:allow-unlisten".into());
        assert_eq!(granted.len(), expected.len());
        assert_eq!(granted.into_iter().collect::<BTreeSet<_>>(), expected);
    }
}
