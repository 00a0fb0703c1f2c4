//! W3C's test vectors, at every intermediate value: `ecdsa-sd-2023` (VC DI ECDSA Appendix A.7 and
//! the files beside it), `bbs-2023` (VC DI BBS Appendix A.1 and A.2).

use keys::{PublicKey, SigningKey};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

use super::super::config::{Secured, config_hash};
use super::super::derive::{Disclosure, derive};
use super::super::group::{Group, Whole};
use super::super::sign::{Fresh, sign_with};
use super::super::value::{Base, BaseBy, Derived, DerivedBy, to_multikey};
use super::super::{Pointer, SelectiveError, Suite, verify_base, verify_derived};
use super::{contexts, read};
use crate::data_integrity::selective::ProofValueError;
use crate::format::IssuerSecret;
use crate::json_ld::{canonize, hash_lines, to_quads};
use crate::rdf::canon;
use crate::rdf::nquads::sorted_lines;

/// One set of vectors.
struct Vector {
    suite: Suite,
    /// The folder of its files.
    folder: &'static str,
    /// The files with the chosen pointers.
    selective: &'static str,
}

const EMPLOYMENT: Vector = Vector {
    suite: Suite::EcdsaSd2023,
    folder: "vc-di-ecdsa/TestVectors/ecdsa-sd-2023/employ/",
    selective: "vc-di-ecdsa/TestVectors/employSelective.json",
};
const RESIDENT_ECDSA: Vector = Vector {
    suite: Suite::EcdsaSd2023,
    folder: "vc-di-ecdsa/TestVectors/ecdsa-sd-2023/prc/",
    selective: "vc-di-ecdsa/TestVectors/prCredSelective.json",
};
const RESIDENT_BBS: Vector = Vector {
    suite: Suite::Bbs2023,
    folder: "vc-di-bbs/TestVectors/prc/",
    selective: "vc-di-bbs/TestVectors/prCredSelective.json",
};
const WINDSURFER: Vector = Vector {
    suite: Suite::Bbs2023,
    folder: "vc-di-bbs/TestVectors/",
    selective: "vc-di-bbs/TestVectors/windSelective.json",
};

macro_rules! each_vector {
    ($($step:ident)*) => { $(
        mod $step {
            #[test]
            fn employment() { super::EMPLOYMENT.$step(); }
            #[test]
            fn resident_ecdsa() { super::RESIDENT_ECDSA.$step(); }
            #[test]
            fn resident_bbs() { super::RESIDENT_BBS.$step(); }
            #[test]
            fn windsurfer() { super::WINDSURFER.$step(); }
        }
    )* };
}

each_vector! {
    transform
    proof_configuration
    hashes
    base_proof
    base_proof_value
    groups
    adjusted_indexes
    disclosure
    derived_credential
    verification
}

fn json(path: &str) -> Value {
    serde_json::from_str(&read(path)).unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    let strings = value.as_array().unwrap().iter();
    strings
        .map(|text| text.as_str().unwrap().to_owned())
        .collect()
}

fn numbers(value: &Value) -> Vec<usize> {
    let numbers = value.as_array().unwrap().iter();
    numbers
        .map(|number| number.as_u64().unwrap() as usize)
        .collect()
}

fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len() / 2)
        .map(|index| u8::from_str_radix(&text[2 * index..2 * index + 2], 16).unwrap())
        .collect()
}

/// A multikey in base 58 without its two bytes of prefix.
fn multikey(value: &Value) -> Vec<u8> {
    let text = value.as_str().unwrap().strip_prefix('z').unwrap();
    bs58::decode(text).into_vec().unwrap()[2..].to_vec()
}

/// Lines by their index, as the vectors write a `Map`.
fn indexed(value: &Value) -> Vec<(usize, String)> {
    let entries = value["value"].as_array().unwrap().iter();
    entries
        .map(|entry| {
            let index = entry[0].as_u64().unwrap() as usize;
            (index, entry[1].as_str().unwrap().to_owned())
        })
        .collect()
}

impl Vector {
    fn file(&self, name: &str) -> Value {
        json(&format!("{}{name}.json", self.folder))
    }

    fn signed(&self) -> Map<String, Value> {
        super::object(self.file("addSignedSDBase"))
    }

    /// The credential before it was signed. The file of that name is older than the others.
    fn document(&self) -> Map<String, Value> {
        let mut document = self.signed();
        document.remove("proof");
        document
    }

    /// The configuration as the vectors keep it, without the context.
    fn config(&self) -> Map<String, Value> {
        let mut config = super::object(self.file("addProofConfig"));
        config.remove("@context");
        config
    }

    fn mandatory(&self) -> Vec<Pointer> {
        let pointers = &self.file("addBaseTransform")["mandatoryPointers"];
        let pointers = strings(pointers).into_iter();
        pointers
            .map(|text| Pointer::parse(&text).unwrap())
            .collect()
    }

    fn chosen(&self) -> Vec<Pointer> {
        let pointers = strings(&json(self.selective)).into_iter();
        pointers
            .map(|text| Pointer::parse(&text).unwrap())
            .collect()
    }

    fn key_file(&self) -> Value {
        json(match self.suite {
            Suite::EcdsaSd2023 => "vc-di-ecdsa/TestVectors/ecdsa-sd-2023/SDKeyMaterial.json",
            Suite::Bbs2023 => "vc-di-bbs/TestVectors/BBSKeyMaterial.json",
        })
    }

    fn hmac_key(&self) -> [u8; 32] {
        let hex = self.key_file();
        from_hex(hex["hmacKeyString"].as_str().unwrap())
            .try_into()
            .unwrap()
    }

    fn key(&self) -> PublicKey {
        let file = self.key_file();
        match self.suite {
            Suite::EcdsaSd2023 => {
                PublicKey::from_sec1(&multikey(&file["baseKeyPair"]["publicKeyMultibase"])).unwrap()
            }
            Suite::Bbs2023 => {
                let point = from_hex(file["publicKeyHex"].as_str().unwrap());
                PublicKey::from_bls12381_g2(&point.try_into().unwrap()).unwrap()
            }
        }
    }

    fn sign(&self) -> Map<String, Value> {
        let file = self.key_file();
        let p256 = |name: &str| {
            let scalar = multikey(&file[name]["secretKeyMultibase"]);
            SigningKey::p256_from_scalar(&scalar.try_into().unwrap()).unwrap()
        };
        let hmac_key = Zeroizing::new(self.hmac_key());
        let sign = |secret, proof_key| {
            let fresh = Fresh {
                hmac_key: hmac_key.clone(),
                proof_key,
            };
            sign_with(
                &self.document(),
                &self.config(),
                &self.mandatory(),
                secret,
                &fresh,
                contexts(),
            )
            .unwrap()
        };
        match self.suite {
            Suite::EcdsaSd2023 => {
                let key = p256("baseKeyPair");
                sign(IssuerSecret::Signing(&key), p256("proofKeyPair"))
            }
            Suite::Bbs2023 => {
                let scalar = from_hex(file["privateKeyHex"].as_str().unwrap());
                let key = bbs::SecretKey::from_bytes(&scalar.try_into().unwrap()).unwrap();
                sign(IssuerSecret::Bbs(&key), SigningKey::make_p256())
            }
        }
    }

    fn whole(&self) -> Whole<'static> {
        Whole::read(self.suite, &self.document(), &self.hmac_key(), contexts()).unwrap()
    }

    fn group(&self, whole: &Whole<'_>, pointers: &[Pointer]) -> Group {
        let pointers: Vec<&Pointer> = pointers.iter().collect();
        whole.group(&pointers).unwrap()
    }

    fn presentation_header(&self) -> Vec<u8> {
        match self.suite {
            Suite::EcdsaSd2023 => Vec::new(),
            Suite::Bbs2023 => {
                let file = json("vc-di-bbs/TestVectors/BBSDeriveMaterial.json");
                from_hex(file["presentationHeaderHex"].as_str().unwrap())
            }
        }
    }

    /// Canonical statements, and the same under the labels that the HMAC decides.
    fn transform(&self) {
        let canonical = canonize(&self.document(), contexts()).unwrap();
        assert_eq!(canonical, strings(&self.file("addBaseDocCanon")));
        let whole = self.whole();
        assert_eq!(whole.lines, strings(&self.file("addBaseDocHMACCanon")));
        let group = self.group(&whole, &self.mandatory());
        let transform = self.file("addBaseTransform");
        let lines = |is_mandatory: bool| -> Vec<(usize, String)> {
            let lines = whole.lines.iter().cloned().enumerate();
            lines
                .filter(|(index, _)| group.indexes.contains(index) == is_mandatory)
                .collect()
        };
        assert_eq!(lines(true), indexed(&transform["mandatory"]));
        assert_eq!(lines(false), indexed(&transform["nonMandatory"]));
    }

    fn proof_configuration(&self) {
        let config = super::object(self.file("addProofConfig"));
        let lines = canonize(&config, contexts()).unwrap().concat();
        let expected = read(&format!("{}addProofConfigCanon.txt", self.folder));
        assert_eq!(lines.trim_end(), expected.trim_end());
    }

    fn hashes(&self) {
        let expected = self.file("addHashData");
        let hash = config_hash(&self.document(), &self.config(), contexts()).unwrap();
        assert_eq!(hex(hash), expected["proofHash"]);
        let whole = self.whole();
        let group = self.group(&whole, &self.mandatory());
        let hash = hash_lines(&whole.split(&group.indexes).0);
        assert_eq!(hex(hash), expected["mandatoryHash"]);
    }

    /// What we sign is what they sign, byte for byte.
    fn base_proof(&self) {
        let signed = self.sign();
        assert_eq!(signed, self.signed());
        let verified = verify_base(&signed, &self.key(), contexts()).unwrap();
        assert_eq!(verified.document, self.document());
        assert!(verified.is_mandatory("https://www.w3.org/2018/credentials#issuer"));
    }

    fn base_proof_value(&self) {
        let secured = Secured::split(&self.signed()).unwrap();
        assert_eq!(secured.config, self.config());
        let base = Base::decode(self.suite, &secured.value).unwrap();
        assert_eq!(base.encode().unwrap(), secured.value);
        let expected = self.file("derivedRecoveredBaseData");
        assert_eq!(hex(base.hmac_key.as_slice()), expected["hmacKey"]);
        assert!(base.mandatory == self.mandatory());
        let pointers: Vec<String> = base.mandatory.iter().map(Pointer::to_string).collect();
        assert_eq!(pointers, strings(&expected["mandatoryPointers"]));
        let raw = self.file("addRawBaseSignatureInfo");
        match base.secured {
            BaseBy::Ecdsa {
                signature,
                proof_key,
                signatures,
            } => {
                assert_eq!(hex(signature), raw["baseSignature"]);
                assert_eq!(hex(signature), expected["baseSignature"]);
                assert_eq!(proof_key.to_vec(), multikey(&raw["publicKey"]));
                let signatures: Vec<String> = signatures.iter().map(hex).collect();
                assert_eq!(signatures, strings(&raw["signatures"]));
                assert_eq!(signatures, strings(&expected["signatures"]));
            }
            BaseBy::Bbs {
                signature,
                header,
                public_key,
            } => {
                assert_eq!(hex(signature), raw["bbsSignature"]);
                assert_eq!(hex(signature), expected["bbsSignature"]);
                let hashes = self.file("addHashData");
                let hash = |name: &str| hashes[name].as_str().unwrap().to_owned();
                assert_eq!(hex(header), hash("proofHash") + &hash("mandatoryHash"));
                assert_eq!(hex(public_key), self.key_file()["publicKeyHex"]);
            }
        }
    }

    fn groups(&self) {
        let expected = self.file("derivedGroupIndexes");
        let whole = self.whole();
        let combined: Vec<Pointer> = [self.mandatory(), self.chosen()].concat();
        let groups = [
            ("mandatory", self.group(&whole, &self.mandatory())),
            ("selective", self.group(&whole, &self.chosen())),
            ("combined", self.group(&whole, &combined)),
        ];
        for (name, group) in &groups {
            let expected = numbers(&expected[format!("{name}Indexes")]);
            assert_eq!(group.indexes, expected, "{name}");
        }
        let mandatory = &groups[0].1.indexes;
        let others: Vec<usize> = (0..whole.lines.len())
            .filter(|index| !mandatory.contains(index))
            .collect();
        assert_eq!(others, numbers(&expected["nonMandatoryIndexes"]));
        let all = format!("{}derivedAllGroupData.json", self.folder);
        if !std::path::Path::new(&format!("{}{all}", super::BASE)).exists() {
            return;
        }
        for (name, group) in &groups {
            let expected = &json(&all)["groups"][name];
            let lines = |matching: bool| -> Vec<(usize, String)> {
                let lines = whole.lines.iter().cloned().enumerate();
                lines
                    .filter(|(index, _)| group.indexes.contains(index) == matching)
                    .collect()
            };
            assert_eq!(lines(true), indexed(&expected["matching"]), "{name}");
            assert_eq!(lines(false), indexed(&expected["nonMatching"]), "{name}");
            assert_eq!(
                group.quads.len(),
                expected["deskolemizedNQuads"].as_array().unwrap().len()
            );
        }
    }

    fn disclose(&self) -> (Secured, Base, Disclosure) {
        let secured = Secured::split(&self.signed()).unwrap();
        let base = Base::decode(self.suite, &secured.value).unwrap();
        let disclosure = Disclosure::of(&secured, &base, &self.chosen(), contexts()).unwrap();
        (secured, base, disclosure)
    }

    fn adjusted_indexes(&self) {
        let (_, base, disclosure) = self.disclose();
        match &base.secured {
            BaseBy::Ecdsa { signatures, .. } => {
                let expected = self.file("derivedAdjMandatoryIndexes");
                assert_eq!(
                    disclosure.mandatory,
                    numbers(&expected["adjMandatoryIndexes"])
                );
                let expected = self.file("derivedAdjSignatures");
                assert_eq!(
                    disclosure.selective,
                    numbers(&expected["adjSignatureIndexes"])
                );
                let shown = disclosure.selective.iter();
                let filtered: Vec<String> = shown.map(|index| hex(signatures[*index])).collect();
                assert_eq!(filtered, strings(&expected["filteredSignatures"]));
            }
            BaseBy::Bbs { .. } => {
                let expected = self.file("derivedAdjIndexes");
                assert_eq!(
                    disclosure.mandatory,
                    numbers(&expected["adjMandatoryIndexes"])
                );
                assert_eq!(
                    disclosure.selective,
                    numbers(&expected["adjSelectiveIndexes"])
                );
            }
        }
    }

    fn disclosure(&self) {
        let (_, _, disclosure) = self.disclose();
        let expected = self.file("derivedUnsignedReveal");
        assert_eq!(Value::Object(disclosure.document), expected);
        let expected = self.file("derivedDisclosureData");
        let entries = expected["labelMap"]["value"].as_array().unwrap();
        assert_eq!(disclosure.labels.len(), entries.len());
        for (number, entry) in entries.iter().enumerate() {
            assert_eq!(entry[0], format!("c14n{number}"));
            assert_eq!(entry[1], disclosure.labels[number]);
        }
        assert_eq!(disclosure.mandatory, numbers(&expected["mandatoryIndexes"]));
    }

    /// Their derived credential; ours is the same where the suite has no chance in it.
    fn derived_credential(&self) {
        let expected = super::object(self.file("derivedRevealDocument"));
        let header = self.presentation_header();
        let derived = derive(&self.signed(), &self.chosen(), &header, contexts()).unwrap();
        if self.suite == Suite::EcdsaSd2023 {
            assert_eq!(derived, expected);
        } else {
            let unproven = |document: &Map<String, Value>| {
                let mut document = document.clone();
                document["proof"]
                    .as_object_mut()
                    .unwrap()
                    .remove("proofValue");
                document
            };
            assert_eq!(unproven(&derived), unproven(&expected));
        }
        for credential in [&derived, &expected] {
            let verified =
                verify_derived(credential, &self.key(), Some(&header), contexts()).unwrap();
            assert_eq!(
                Value::Object(verified.document),
                self.file("derivedUnsignedReveal")
            );
        }
    }

    fn verification(&self) {
        let derived = super::object(self.file("derivedRevealDocument"));
        let secured = Secured::split(&derived).unwrap();
        let value = Derived::decode(self.suite, &secured.value).unwrap();
        assert_eq!(value.encode().unwrap(), secured.value);
        let quads = to_quads(&secured.document, contexts()).unwrap();
        let canonical = canon::canonical_labels(&quads).unwrap();
        let labels = value.relabel(&canonical).unwrap();
        let lines = sorted_lines(&quads, |label| &labels[label]);
        let expected = self.file("derivedDisclosureData");
        assert_eq!(value.mandatory, numbers(&expected["mandatoryIndexes"]));
        match &value.secured {
            DerivedBy::Ecdsa {
                signature,
                proof_key,
                signatures,
            } => {
                assert_eq!(lines, strings(&self.file("verifyNQuads")));
                let expected = self.file("verifyCreateVerifyData");
                assert_eq!(hex(signature), expected["baseSignature"]);
                assert_eq!(
                    to_multikey(proof_key)[2..],
                    multikey(&expected["publicKey"])
                );
                let signatures: Vec<String> = signatures.iter().map(hex).collect();
                assert_eq!(signatures, strings(&expected["signatures"]));
                let hash = secured.config_hash(contexts()).unwrap();
                assert_eq!(hex(hash), expected["proofHash"]);
                let (mandatory, optional) = super::super::group::split(&lines, &value.mandatory);
                assert_eq!(hex(hash_lines(&mandatory)), expected["mandatoryHash"]);
                assert_eq!(optional, strings(&expected["nonMandatory"]));
            }
            DerivedBy::Bbs {
                proof,
                selective,
                presentation_header,
            } => {
                assert_eq!(hex(proof), expected["bbsProof"]);
                assert_eq!(*selective, numbers(&expected["adjSelectiveIndexes"]));
                assert_eq!(*presentation_header, self.presentation_header());
                if self.folder.contains("prc") {
                    assert_eq!(lines, strings(&self.file("verifyNQuads")));
                }
            }
        }
    }
}

/// The vectors of the features beyond the baseline are refused by name.
#[test]
fn features_beyond_the_baseline() {
    for (feature, error) in [
        ("HolderBinding", ProofValueError::AnonymousHolderBinding),
        ("Pseudonym", ProofValueError::Pseudonym),
    ] {
        let file = |name: &str| {
            super::object(json(&format!(
                "vc-di-bbs/TestVectors/{feature}/{name}.json"
            )))
        };
        let error = SelectiveError::from(error);
        let key = RESIDENT_BBS.key();
        let refused = verify_base(&file("addSignedSDBase"), &key, contexts());
        assert_eq!(refused.unwrap_err(), error);
        let refused = derive(&file("addSignedSDBase"), &[], b"", contexts());
        assert_eq!(refused.unwrap_err(), error);
        let derived = file("derivedRevealDocument");
        let refused = verify_derived(&derived, &key, None, contexts());
        assert_eq!(refused.unwrap_err(), error);
    }
}
