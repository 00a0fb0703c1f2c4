use keys::SigningKey;

use super::*;

const NAME: &str = "A ledger";

fn key(name: &str, algorithm: NoteAlgorithm, key: &SigningKey) -> VerifierKey {
    VerifierKey::new(name, algorithm, &key.public()).unwrap()
}

fn cosigner(name: &str) -> VerifierKey {
    let signing = SigningKey::make_ed25519();
    key(name, NoteAlgorithm::Cosignature, &signing)
}

struct Scene {
    ledger: String,
    log: SigningKey,
}

impl Scene {
    fn new() -> Self {
        Self {
            ledger: b64::encode([7; 32]),
            log: SigningKey::make_ed25519(),
        }
    }

    fn log_key(&self) -> VerifierKey {
        key(&origin(&self.ledger), NoteAlgorithm::Ed25519, &self.log)
    }

    fn pin(&self) -> Pin {
        let operator = cosigner("operator.example");
        Pin::new(&self.ledger, NAME, self.log_key(), operator).unwrap()
    }
}

fn file(pin: &Pin, change: impl FnOnce(&mut serde_json::Value)) -> Result<Pin, PinError> {
    let mut value = serde_json::from_slice(&pin.to_bytes()).unwrap();
    change(&mut value);
    Pin::parse(value.to_string().as_bytes())
}

#[test]
fn a_pin_is_written_and_read() {
    let pin = Scene::new().pin();
    assert_eq!(Pin::parse(&pin.to_bytes()).unwrap(), pin);
    for version in [0, 2] {
        let refused = file(&pin, |value| value["version"] = version.into());
        assert!(matches!(refused, Err(PinError::Malformed)));
    }
    let refused = file(&pin, |value| value["more"] = 1.into());
    assert!(matches!(refused, Err(PinError::Malformed)));
    for name in ["log", "operator"] {
        let refused = file(&pin, |value| value[name] = "key".into());
        assert!(matches!(refused, Err(PinError::Key(_))));
    }
    let long = vec![b' '; MAX_PIN + 1];
    assert!(matches!(Pin::parse(&long), Err(PinError::Malformed)));
}

#[test]
fn each_key_is_of_its_kind_and_name() {
    let scene = Scene::new();
    let operator = || cosigner("operator.example");
    let with = |log, operator| Pin::new(&scene.ledger, NAME, log, operator).err();
    assert!(with(scene.log_key(), operator()).is_none());
    let cosigning = key(
        &origin(&scene.ledger),
        NoteAlgorithm::Cosignature,
        &scene.log,
    );
    let named = key("log.example", NoteAlgorithm::Ed25519, &scene.log);
    for log in [cosigning, named] {
        let refused = with(log, operator());
        assert!(matches!(refused, Some(PinError::Key("log key"))));
    }
    let plain = SigningKey::make_ed25519();
    let plain = key("operator.example", NoteAlgorithm::Ed25519, &plain);
    let refused = with(scene.log_key(), plain);
    assert!(matches!(refused, Some(PinError::Key("operator key"))));
}

#[test]
fn the_id_of_a_ledger_is_a_digest_and_its_name_is_bounded() {
    let scene = Scene::new();
    for ledger in [b64::encode([7; 31]), "ledger".to_owned()] {
        let log = key(&origin(&ledger), NoteAlgorithm::Ed25519, &scene.log);
        let refused = Pin::new(&ledger, NAME, log, cosigner("operator.example"));
        assert!(matches!(refused, Err(PinError::Malformed)), "{ledger}");
    }
    let long = "n".repeat(801);
    let refused = Pin::new(
        &scene.ledger,
        &long,
        scene.log_key(),
        cosigner("operator.example"),
    );
    assert!(matches!(refused, Err(PinError::Malformed)));
}

#[test]
fn witnesses_are_others_and_can_be_satisfied() {
    let scene = Scene::new();
    let with = |witnesses, threshold| scene.pin().with_witnesses(witnesses, threshold);
    let one = cosigner("w.example/1");
    assert!(with(vec![one.clone(), cosigner("w.example/2")], 2).is_ok());
    let plain = SigningKey::make_ed25519();
    let plain = key("w.example/3", NoteAlgorithm::Ed25519, &plain);
    let refused = with(vec![plain], 1);
    assert!(matches!(refused, Err(PinError::Key("witness"))));
    let many = (0..=MAX_WITNESSES).map(|number| cosigner(&format!("w.example/{number}")));
    let many: Vec<VerifierKey> = many.collect();
    assert!(with(many[1..].to_vec(), 1).is_ok());
    // The log's own key under another name would count a machine twice.
    let of_log = key("w.example/4", NoteAlgorithm::Cosignature, &scene.log);
    for (witnesses, threshold) in [
        (vec![one.clone()], 2),
        (vec![one.clone(), one], 1),
        (vec![of_log], 1),
        (many, 1),
    ] {
        let refused = with(witnesses, threshold);
        assert!(matches!(refused, Err(PinError::Witnesses)));
    }
}
