//! Ten thousand cards: opening and listing, one card, one change.
//!
//! `open, 10000 cards, listed` less `open, empty` is what the cards cost beside the key
//! derivation. `one record` is the machine's own raw cost of one record of the list.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot prepare itself has nothing to say"
)]

use chacha20poly1305::aead::{AeadInPlace, KeyInit};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use criterion::{Criterion, criterion_group, criterion_main};
use secrecy::SecretString;
use serde_json::json;
use vault::{
    CardDetails, CardRecord, CardSummary, CopyRecord, HistoryRecord, HolderKey, Id, MemoryStore,
    Mode, Options, Party, RecordError, Vault,
};

const CARDS: i64 = 10_000;

/// A card of about three kilobytes with one copy.
fn card(number: i64) -> CardRecord {
    CardRecord {
        summary: CardSummary {
            id: Id::make(),
            format: "dc+sd-jwt".into(),
            type_id: "urn:cairn:demo:nhs-charge-exemption:1".into(),
            issuer: Party {
                id: "https://issuer.example".into(),
                name: "NHS Business Services Authority".into(),
            },
            verified_key: "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs".into(),
            issued_at: Some(number),
            valid_from: Some(number),
            valid_until: Some(number + 1),
            added_at: number,
            copies: 0,
            unshown: 0,
            display: json!({"name": "NHS charge exemption", "colour": "#005eb8"}),
        },
        details: CardDetails {
            claims: json!({"given_name": "Erika", "family_name": "Mustermann", "exemption": "x".repeat(600)}),
            ..CardDetails::default()
        },
        copies: vec![CopyRecord {
            id: Id::make(),
            credential: SecretString::from("e".repeat(2_000)),
            key: HolderKey::from_slice(&[1; 32]),
            shown: 0,
        }],
    }
}

fn fill(vault: &Vault) -> Vec<Id> {
    vault
        .write(|change| {
            (0..CARDS)
                .map(|number| {
                    let card = card(number);
                    change.insert_card(&card).map(|()| card.summary.id)
                })
                .collect::<Result<Vec<_>, RecordError>>()
        })
        .expect("filled")
}

fn bench(criterion: &mut Criterion) {
    let passphrase = SecretString::from("harbour violet kettle moss");
    let options = Options {
        passphrase: &passphrase,
        mode: Mode::Keyring,
        demo: false,
    };
    let store = MemoryStore::default();
    let (empty, full) = (
        tempfile::tempdir().expect("folder"),
        tempfile::tempdir().expect("folder"),
    );
    drop(Vault::create(empty.path(), &options, &store).expect("made"));
    let (vault, _) = Vault::create(full.path(), &options, &store).expect("made");
    let ids = fill(&vault);
    drop(vault);

    let mut group = criterion.benchmark_group("vault");
    group.sample_size(10);
    group.bench_function("open, empty", |bench| {
        bench.iter(|| Vault::open(empty.path(), &passphrase, &store).expect("opened"));
    });
    group.bench_function("open, 10000 cards, listed", |bench| {
        bench.iter(|| {
            let vault = Vault::open(full.path(), &passphrase, &store).expect("opened");
            assert_eq!(vault.cards().expect("listed").records.len(), ids.len());
        });
    });
    let vault = Vault::open(full.path(), &passphrase, &store).expect("opened");
    group.bench_function("list 10000 cards", |bench| {
        bench.iter(|| vault.cards().expect("listed"));
    });
    group.bench_function("one card with its copy", |bench| {
        bench.iter(|| vault.card(ids[77]).expect("found"));
    });
    group.bench_function("one change, on the disk", |bench| {
        bench.iter(|| {
            let line = HistoryRecord {
                id: Id::make(),
                time: 0,
                kind: "shown".into(),
                service: None,
                details: json!(null),
            };
            vault
                .write(|change| change.add_history(&line))
                .expect("written");
        });
    });
    let cipher = XChaCha20Poly1305::new(&[7; 32].into());
    let mut sealed = vec![0_u8; 768];
    let nonce = XNonce::from([9; 24]);
    let tag = cipher
        .encrypt_in_place_detached(&nonce, b"", &mut sealed)
        .expect("sealed");
    group.bench_function("one record, 768 bytes, opened", |bench| {
        bench.iter(|| {
            let mut opened = sealed.clone();
            cipher
                .decrypt_in_place_detached(&nonce, b"", &mut opened, &tag)
                .expect("opened");
            opened
        });
    });
    group.finish();
}

criterion_group!(benches, bench);
criterion_main!(benches);
