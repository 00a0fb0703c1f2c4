//! `verify` of a file with evidence: what stood about an issuer, by the pin that this counter
//! trusts. The ledger is not asked.

use ledger::{Evidence, Standing};

use crate::judge::Check;
use crate::trust::Trust;
use crate::verify::describe;
use crate::words;

/// The checks, where the file says that it holds evidence.
pub(crate) async fn checks(bytes: &[u8], trust: Option<&Trust>) -> Option<Vec<Check>> {
    let document = keys::json::parse_bounded(bytes, bytes.len()).ok()?;
    if !Evidence::is_marked(document.as_object()?) {
        return None;
    }
    let evidence = match Evidence::parse(bytes) {
        Ok(evidence) => evidence,
        Err(error) => return Some(vec![Check::new("form", false, error.to_string())]),
    };
    let mut checks = vec![Check::new("form", true, "evidence about an issuer")];
    let Some(trust) = trust else {
        let detail = "this counter trusts no ledger: give --ledger and --pin";
        checks.push(Check::new("evidence", false, detail));
        return Some(checks);
    };
    let proven = match evidence.check(&trust.pin().await) {
        Ok(proven) => proven,
        Err(error) => {
            let detail = format!("{}: {error}", error.name());
            checks.push(Check::new("evidence", false, detail));
            return Some(checks);
        }
    };
    let when = words::moment(proven.attested()).unwrap_or_default();
    checks.push(Check::new("evidence", true, format!("stood at {when}")));
    if let Some(about) = evidence.subject() {
        let verdict = proven.decide(&about.question());
        let detail = format!(
            "{}, for {}",
            describe(&verdict),
            words::type_name(&about.type_id)
        );
        let listed = verdict.standing == Standing::Listed;
        checks.push(Check::new("ledger", listed, detail));
    }
    Some(checks)
}
