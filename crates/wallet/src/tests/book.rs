//! A real ledger in a folder, for tests that ask who a desk is.

use keys::{SigningKey, UnixTime};
use ledger::event::{
    ATTESTED, Accredit, Action, ControlKey, Event, GOVERNANCE, Genesis, KeyEntry, Names, Purpose,
    RegisterIssuer, RegisterService, RevokeKey, Withdraw,
};
use ledger::{Log, OperatorKeys, SignedEvent};

use crate::wallet::{Wallet, now};

const ACCREDITOR: &str = "https://accreditor.example";

pub(super) struct Book {
    folder: tempfile::TempDir,
    operator: OperatorKeys,
    governance: SigningKey,
    accreditor: SigningKey,
}

fn names(english: &str, welsh: &str) -> Names {
    Names::from([
        ("en".to_owned(), english.to_owned()),
        ("cy".to_owned(), welsh.to_owned()),
    ])
}

fn entry(key: &SigningKey) -> KeyEntry {
    KeyEntry {
        jwk: Some(key.public().to_jwk()),
        x509: None,
        ca: false,
        san: None,
        source: None,
        possession: ATTESTED.to_owned(),
    }
}

impl Book {
    pub(super) fn new() -> Self {
        let book = Self {
            folder: tempfile::tempdir().unwrap(),
            operator: OperatorKeys {
                log: SigningKey::make_ed25519(),
                operator: SigningKey::make_ed25519(),
            },
            governance: SigningKey::make_ed25519(),
            accreditor: SigningKey::make_ed25519(),
        };
        let genesis = Event {
            ledger: None,
            signer: GOVERNANCE.to_owned(),
            sequence: 1,
            submit_before: now() + 3600,
            action: Action::Genesis(Genesis {
                name: "Test".to_owned(),
                rules: ledger::RULES,
                keys: vec![book.governance.public().to_jwk()],
                threshold: 1,
                demo: false,
                validators: Vec::new(),
                nonce: book.governance.public().thumbprint(),
            }),
        };
        let genesis = SignedEvent::sign(&genesis, &[&book.governance]).unwrap();
        Log::create(book.folder.path(), genesis, &book.operator, book.began()).unwrap();
        book.write(
            GOVERNANCE,
            Action::Accredit(Accredit {
                id: ACCREDITOR.to_owned(),
                names: names("Accreditor", "Achredwr"),
                control_keys: vec![ControlKey {
                    jwk: book.accreditor.public().to_jwk(),
                    possession: ATTESTED.to_owned(),
                }],
                types: vec!["*".to_owned()],
                until: now() + 1000 * 86_400,
            }),
        );
        book
    }

    /// Before the cards were issued.
    fn began(&self) -> UnixTime {
        now() - 120
    }

    fn write(&self, signer: &str, action: Action) {
        let mut log = Log::open(self.folder.path()).unwrap();
        let event = Event {
            ledger: Some(log.registry().ledger().to_owned()),
            signer: signer.to_owned(),
            sequence: log.registry().next_sequence(signer),
            submit_before: now() + 3600,
            action,
        };
        let key = if signer == GOVERNANCE {
            &self.governance
        } else {
            &self.accreditor
        };
        let signed = SignedEvent::sign(&event, &[key]).unwrap();
        let at = self.began();
        let receipts = log.append(vec![signed], &self.operator, at).unwrap();
        drop(receipts);
    }

    pub(super) fn register_issuer(&self, key: &SigningKey) {
        self.write(
            ACCREDITOR,
            Action::RegisterIssuer(RegisterIssuer {
                id: "https://library.example".to_owned(),
                names: names("Library", "Llyfrgell"),
                jurisdiction: None,
                control_keys: Vec::new(),
                keys: vec![entry(key)],
                types: vec![super::TYPE.to_owned()],
                until: None,
                status_lists: Vec::new(),
            }),
        );
    }

    pub(super) fn register_desk(&self, id: &str, keys: &[&SigningKey], query: &serde_json::Value) {
        self.write(
            ACCREDITOR,
            Action::RegisterService(RegisterService {
                id: id.to_owned(),
                names: names("Northgate desk", "Desg Porth y Gogledd, Tŷ’r Dŵr"),
                keys: keys.iter().map(|key| entry(key)).collect(),
                purposes: vec![Purpose {
                    id: "borrow".to_owned(),
                    name: names("Borrowing", "Benthyg"),
                    reason: names("To lend you books", "I fenthyg llyfrau i chi"),
                    retention: "P0D".to_owned(),
                    onward: Vec::new(),
                    legal_basis: "An act".to_owned(),
                    contact: "mailto:desk@example".to_owned(),
                    dcql: query.to_string(),
                }],
                until: None,
            }),
        );
    }

    pub(super) fn withdraw(&self, id: &str) {
        self.write(
            ACCREDITOR,
            Action::Withdraw(Withdraw {
                id: id.to_owned(),
                types: None,
                reason: None,
            }),
        );
    }

    pub(super) fn revoke(&self, id: &str, key: &SigningKey) {
        self.write(
            ACCREDITOR,
            Action::RevokeKey(RevokeKey {
                id: id.to_owned(),
                key: key.public().thumbprint(),
                reason: "stolen".to_owned(),
                invalid_from: None,
            }),
        );
    }

    /// Lets a wallet follow this ledger and read all of it.
    pub(super) async fn give_to(&self, wallet: &Wallet) {
        let place = self.folder.path().to_str().unwrap();
        wallet.follow(place, None).await.unwrap();
        wallet.sync_ledger().await.unwrap();
    }
}
