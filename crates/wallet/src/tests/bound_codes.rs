//! A code is seen by whoever stands near it: the holder's key is proven in it, asked for or not.

use protocol::counter_code::{Answer, Ask, Wants, check};

use super::book::Book;
use super::desks::{DESK, asks_for_a_name};
use super::*;
use crate::desk::{Staples, read_text};
use crate::share::{NextStep, Sharing};

#[tokio::test]
async fn a_card_with_a_holders_key_goes_into_no_code_unbound() {
    let world = World::new(Service::MustNotBeAsked);
    let (book, key) = (Book::new(), SigningKey::make_p256());
    let mut query = asks_for_a_name();
    query["credentials"][0]["require_cryptographic_holder_binding"] = false.into();
    book.register_issuer(&world.issuer);
    book.register_desk(DESK, &[&key], &query);
    book.give_to(&world.wallet).await;
    world.add_card(1);
    let poster = Ask::poster(DESK, "borrow", Wants::default()).unwrap();
    let poster = code::still(code::Word::ASK, &poster).unwrap();
    let ask = read_text(poster.text()).unwrap();
    let review = match world.wallet.review_desk(&ask, &[], "en").unwrap() {
        NextStep::Share(review) => review,
        other => panic!("{other:?}"),
    };
    let wallet = &world.wallet;
    let shown = wallet.show_code(&review.id, &Sharing::default(), Staples::default(), "en");
    let mut assembly = code::Assembly::new(code::Word::ANSWER);
    let still = shown.unwrap().still().unwrap();
    assembly.add(still.text()).unwrap();
    let answer = Answer::decode(assembly.message().unwrap(), DESK).unwrap();
    let query = query::Query::from_json(&query).unwrap();
    let issuer = world.issuer.public();
    let checked = check(&answer, &query, &|_| vec![issuer.clone()], now()).unwrap();
    assert!(checked[0].facts.holder_proven);
}
