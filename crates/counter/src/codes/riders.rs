use keys::UnixTime;
use protocol::counter_code::Wants;

use crate::args::{Global, When};
use crate::trust::Trust;

/// When wallets are asked to send along what this counter may lack. Evidence makes of one still
/// code a moving one, so it is asked for where it is needed only.
#[derive(Clone, Copy)]
pub(crate) struct Riders {
    evidence: When,
    status: When,
}

impl Riders {
    pub(crate) fn of(global: &Global) -> Self {
        Self {
            evidence: global.evidence,
            status: global.status,
        }
    }

    /// For a poster, which hangs for longer than anything that is kept here is fresh.
    pub(crate) fn of_poster(self) -> Wants {
        Wants {
            evidence: self.evidence != When::Never,
            status: self.wants_status(),
        }
    }

    /// For a question that is open until this time. Where no ledger is named the counter that
    /// reads the answer may have one.
    pub(crate) async fn of_question(self, trust: Option<&Trust>, until: UnixTime) -> Wants {
        let evidence = match (self.evidence, trust) {
            (When::Never, _) => false,
            (When::Always, _) | (When::Auto, None) => true,
            (When::Auto, Some(trust)) => !trust.is_fresh_until(until).await,
        };
        Wants {
            evidence,
            status: self.wants_status(),
        }
    }

    /// Which list a card stands in is known when it is shown. A list that is kept here may be
    /// another one of the same issuer.
    fn wants_status(self) -> bool {
        self.status != When::Never
    }
}
