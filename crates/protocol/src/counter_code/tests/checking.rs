use credential::format::Fault as Format;
use keys::SigningKey;
use query::{Fault, Query};
use serde_json::{Map, json};

use super::support::{Card, KINDS, Kind, NOW, PURPOSE, SERVICE, answer_of, live};
use crate::counter_code::check::MAX_TRIES;
use crate::counter_code::{Answer, Binding, Bound, check};
use crate::verifier::{CheckError, PresentationError};

fn fault(error: CheckError) -> Format {
    match error {
        CheckError::Presentation {
            source: PresentationError::Refused(refused),
            ..
        } => refused.fault,
        other => panic!("another refusal: {other}"),
    }
}

#[test]
fn every_format_goes_through_the_air() {
    let pass = Binding::make_pass(NOW, NOW + 3 * 86_400, NOW).unwrap();
    for kind in KINDS {
        let card = Card::make(kind);
        for binding in [live(), Binding::make_window(NOW), pass.clone()] {
            let answer = card.answer(binding);
            let bytes = answer.encode().unwrap();
            let read = Answer::decode(&bytes, SERVICE).unwrap();
            assert_eq!(read, answer, "{kind:?}");
            let checked = check(&read, &card.query(), &card.keys(), NOW).unwrap();
            assert_eq!(checked.len(), 1);
            assert_eq!(checked[0].facts.holder_proven, kind != Kind::Bbs);
            assert_eq!(checked[0].issuer, card.issuer);
        }
    }
}

#[test]
fn a_presentation_for_another_counter_purpose_or_code_is_refused() {
    for kind in KINDS {
        let card = Card::make(kind);
        let made = [
            Bound::new("x509_san_dns:other.example", PURPOSE, live()),
            Bound::new(SERVICE, "another", live()),
            Bound::new(
                SERVICE,
                PURPOSE,
                Binding::Live {
                    challenge: [8; 16],
                    made_at: NOW,
                },
            ),
            Bound::new(SERVICE, PURPOSE, Binding::make_window(NOW)),
        ];
        for bound in made {
            // Put into an answer that says what is wanted.
            let shown = card.present(&bound);
            let answer = answer_of(Bound::new(SERVICE, PURPOSE, live()), shown);
            let refused = check(&answer, &card.query(), &card.keys(), NOW);
            let fault = fault(refused.err().unwrap_or_else(|| panic!("{kind:?} taken")));
            let expected = match kind {
                // The transcript, and the header of a derived proof, are digests.
                Kind::Mdoc => Format::NotTheHolder,
                Kind::Bbs => fault,
                _ => Format::OtherRequest,
            };
            assert_eq!(fault, expected, "{kind:?}");
        }
    }
}

#[test]
fn a_bbs_card_without_a_holder_is_bound_by_its_presentation_header() {
    let card = Card::make(Kind::Bbs);
    assert!(card.holder.is_none());
    let one = Bound::new(SERVICE, PURPOSE, Binding::make_window(NOW));
    let other = Bound::new(SERVICE, PURPOSE, Binding::make_window(NOW));
    let shown = card.present(&one);
    let checked = |bound: Bound| {
        check(
            &answer_of(bound, shown.clone()),
            &card.query(),
            &card.keys(),
            NOW,
        )
    };
    assert!(checked(one).is_ok());
    assert!(checked(other).is_err(), "another serial of the same minute");
}

#[test]
fn a_card_that_is_bound_to_nothing_is_in_no_window_and_no_pass() {
    let pass = Binding::make_pass(NOW, NOW + 86_400, NOW).unwrap();
    for kind in [Kind::SdJwt, Kind::Jose, Kind::EcdsaSd] {
        let mut card = Card::make(kind);
        card.holder = None;
        card.query["require_cryptographic_holder_binding"] = json!(false);
        for binding in [Binding::make_window(NOW), pass.clone()] {
            let refused = check(&card.answer(binding), &card.query(), &card.keys(), NOW);
            let fault = fault(refused.err().unwrap_or_else(|| panic!("{kind:?} taken")));
            assert_eq!(fault, Format::NotTheHolder, "{kind:?}");
        }
        // Of the answer to a fresh question the desk says that the card is bound to nobody.
        let checked = check(&card.answer(live()), &card.query(), &card.keys(), NOW).unwrap();
        assert!(!checked[0].facts.holder_proven, "{kind:?}");
    }
}

#[test]
fn a_pass_is_checked_days_after_it_was_signed() {
    let later = NOW + 2 * 86_400;
    for kind in KINDS {
        let card = Card::make(kind);
        let pass = Binding::make_pass(NOW, NOW + 3 * 86_400, NOW).unwrap();
        let answer = card.answer(pass);
        check(&answer, &card.query(), &card.keys(), later)
            .unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        // The card may have ended meanwhile.
        let short = Card::until(kind, NOW + 86_400);
        let pass = Binding::make_pass(NOW, NOW + 3 * 86_400, NOW).unwrap();
        let refused = check(&short.answer(pass), &short.query(), &short.keys(), later);
        assert_eq!(fault(refused.err().unwrap()), Format::Expired, "{kind:?}");
    }
    // A proof from the future is none, whatever the pass says.
    let card = Card::make(Kind::SdJwt);
    let early = Binding::Pass {
        serial: [1; 16],
        made_at: NOW + 600,
        from: NOW,
        until: NOW + 86_400,
    };
    let refused = check(&card.answer(early), &card.query(), &card.keys(), NOW);
    assert_eq!(fault(refused.err().unwrap()), Format::ProofTime);
    // A window or a challenge is no pass.
    let card = Card::make(Kind::SdJwt);
    let answer = card.answer(Binding::make_window(NOW));
    let refused = check(&answer, &card.query(), &card.keys(), later);
    assert_eq!(fault(refused.err().unwrap()), Format::ProofTime);
}

#[test]
fn another_issuer_or_holder_is_refused() {
    for kind in KINDS {
        let mut card = Card::make(kind);
        let answer = card.answer(live());
        let stranger = SigningKey::make_p256().public();
        let refused = check(&answer, &card.query(), &|_| vec![stranger.clone()], NOW);
        assert_eq!(fault(refused.err().unwrap()), Format::Changed, "{kind:?}");
        let nobody = check(&answer, &card.query(), &|_| Vec::new(), NOW);
        let error = nobody.err().unwrap();
        let no_key = matches!(
            error,
            CheckError::Presentation {
                source: PresentationError::IssuerKey(_),
                ..
            }
        );
        assert!(no_key, "{kind:?}: {error}");
        if card.holder.take().is_some() {
            // Shown without the holder's proof; an mdoc cannot even be.
            let bound = Bound::new(SERVICE, PURPOSE, live());
            let request = bound.request();
            let Ok(shown) = card.format.present(&card.text, &card.paths, &request, None) else {
                assert_eq!(kind, Kind::Mdoc);
                continue;
            };
            let refused = check(&answer_of(bound, shown), &card.query(), &card.keys(), NOW);
            assert_eq!(
                fault(refused.err().unwrap()),
                Format::NotTheHolder,
                "{kind:?}"
            );
        }
    }
}

#[test]
fn what_was_not_asked_for_is_refused() {
    let card = Card::make(Kind::SdJwt);
    let answer = card.answer(live());
    let mut more = answer.clone();
    let shown = answer.presentations["card"].clone();
    more.presentations.insert("another".to_owned(), shown);
    let refused = check(&more, &card.query(), &card.keys(), NOW);
    assert!(matches!(
        refused.err().unwrap(),
        CheckError::Query(Fault::NotAskedFor)
    ));
    let less = Answer::new(answer.bound.clone(), Map::new());
    let refused = check(&less, &card.query(), &card.keys(), NOW);
    assert!(matches!(refused.err().unwrap(), CheckError::Query(_)));
    // A claim short.
    let mut card = Card::make(Kind::SdJwt);
    card.paths.pop();
    let refused = check(&card.answer(live()), &card.query(), &card.keys(), NOW);
    assert!(matches!(refused.err().unwrap(), CheckError::Query(_)));
    let card = Card::make(Kind::SdJwt);
    let twice = json!([card.present(&answer.bound), card.present(&answer.bound)]);
    let answer = Answer::new(
        answer.bound.clone(),
        Map::from_iter([("card".to_owned(), twice)]),
    );
    // Before a key is looked for, and so before the first signature.
    let refused = check(&answer, &card.query(), &|_| panic!("looked at"), NOW);
    let error = refused.err().unwrap();
    assert!(
        matches!(&error, CheckError::TooManyCards { id } if id == "card"),
        "{error}"
    );
    // Where several are asked for, several may come.
    let mut several = card.query.clone();
    several["multiple"] = json!(true);
    let several = Query::from_json(&json!({"credentials": [several]})).unwrap();
    let checked = check(&answer, &several, &card.keys(), NOW).unwrap();
    assert_eq!(checked.len(), 2);
}

#[test]
fn the_keys_that_are_tried_are_counted_over_all_cards() {
    let card = Card::make(Kind::SdJwt);
    let stranger = SigningKey::make_p256().public();
    let after = |strangers: usize| {
        let mut keys = vec![stranger.clone(); strangers];
        keys.push(card.issuer.clone());
        keys
    };
    let one = card.answer(live());
    let last = |strangers| check(&one, &card.query(), &|_| after(strangers), NOW);
    assert_eq!(last(MAX_TRIES - 1).unwrap().len(), 1);
    let error = last(MAX_TRIES).err().unwrap();
    assert!(matches!(error, CheckError::TooManyKeys), "{error}");
    // Two cards have no more tries than one.
    let mut several = card.query.clone();
    several["multiple"] = json!(true);
    let several = Query::from_json(&json!({"credentials": [several]})).unwrap();
    let shown = one.presentations["card"][0].clone();
    let shown = Map::from_iter([("card".to_owned(), json!([shown, shown]))]);
    let two = Answer::new(one.bound.clone(), shown);
    let last = |strangers| check(&two, &several, &|_| after(strangers), NOW);
    assert_eq!(last(MAX_TRIES / 2 - 1).unwrap().len(), 2);
    let error = last(MAX_TRIES / 2).err().unwrap();
    assert!(matches!(error, CheckError::TooManyKeys), "{error}");
}
