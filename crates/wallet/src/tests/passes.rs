//! A printed pass: for one desk, one purpose, some days, once.

use protocol::counter_code::{Answer, Binding, TimeFault, check};

use super::desks::{AtDesk, DESK, asks_for_a_name};
use super::*;
use crate::desk::{DeskAsk, DeskError, MAX_PASS_DAYS, PrintedPass, Staples};
use crate::share::{ShareError, Sharing, Way};
use crate::{EntryWay, Outcome};

const DAY: i64 = 24 * 3600;

fn pass(from: i64, until: i64) -> DeskAsk {
    DeskAsk::pass(DESK, "borrow", (from, until), now()).unwrap()
}

fn print(at: &AtDesk, ask: &DeskAsk, staples: Staples) -> PrintedPass {
    let review = at.review(ask);
    let wallet = &at.world.wallet;
    let printed = wallet.print_pass(&review.id, &Sharing::default(), staples, "en");
    printed.unwrap()
}

/// What the codes of a pass carry, from the page's own squares.
fn message(at: &AtDesk, printed: &PrintedPass) -> Vec<u8> {
    let drawn = at.draw(&printed.pdf);
    let mut assembly = code::Assembly::new(code::Word::ANSWER);
    for picture in drawn {
        for text in code::read(&picture) {
            assembly.add(&text).unwrap();
        }
    }
    assembly.message().expect("every part was read").to_vec()
}

#[tokio::test]
async fn a_pass_is_for_one_desk_and_some_days() {
    let at = AtDesk::new().await;
    at.world.add_card(2);
    // The second before it begins is within what clocks may differ by.
    let (from, until) = (now() - 10, now() + 7 * DAY);
    let ask = pass(from, until);
    assert_eq!(at.review(&ask).way, Way::Pass { from, until });
    let printed = print(&at, &ask, Staples::default());
    assert_eq!((printed.codes, printed.pages), (1, 1));
    // The card is good for an hour.
    let ends = printed.card_ends.unwrap();
    assert!(ends < until && ends > now());
    assert_eq!(
        print(&at, &pass(from, now() + 60), Staples::default()).card_ends,
        None
    );
    assert_eq!(printed.purpose, "Borrowing");
    assert_eq!(printed.reveals[0].label, "Given name");
    let answer = Answer::decode(&message(&at, &printed), DESK).unwrap();
    let binding = answer.bound.binding();
    assert!(matches!(binding, Binding::Pass { .. }));
    assert_eq!(binding.check_time(from - 1), Err(TimeFault::PassNotYet));
    assert_eq!(binding.check_time(until), Err(TimeFault::PassOver));
    let query = query::Query::from_json(&asks_for_a_name()).unwrap();
    let issuer = at.world.issuer.public();
    let checked = check(&answer, &query, &|_| vec![issuer.clone()], now()).unwrap();
    assert_eq!(checked[0].facts.claims["given_name"], "Sample-Given");
    assert!(Answer::decode(&message(&at, &printed), "another").is_err());
    // Another one has a serial of its own.
    let again = print(&at, &ask, Staples::default());
    let again = Answer::decode(&message(&at, &again), DESK).unwrap();
    assert_ne!(again.bound.mark(), answer.bound.mark());
}

#[tokio::test]
async fn a_longer_pass_has_several_codes_side_by_side() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let staples = Staples {
        evidence: true,
        status: true,
    };
    let printed = print(&at, &pass(now(), now() + DAY), staples);
    assert!(printed.codes > 1, "{}", printed.codes);
    let answer = Answer::decode(&message(&at, &printed), DESK).unwrap();
    assert_eq!(answer.staples.evidence.len(), 1);
}

#[tokio::test]
async fn a_pass_is_remembered_with_its_days() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let wallet = &at.world.wallet;
    let (from, until) = (now(), now() + DAY);
    let printed = print(&at, &pass(from, until), Staples::default());
    let entry = wallet.event(printed.event).unwrap().entry;
    assert_eq!(entry.way, Some(EntryWay::Pass { from, until }));
    assert_eq!(entry.outcome, Some(Outcome::Unknown));
    wallet.pass_not_printed(&printed).unwrap();
    assert_eq!(wallet.cards("en").unwrap()[0].unshown, 1);
    wallet.code_shown(printed.event).unwrap();
    let entry = wallet.event(printed.event).unwrap().entry;
    assert_eq!(entry.outcome, Some(Outcome::Shown));
    let kept = serde_json::to_string(&wallet.vault.history().unwrap().records).unwrap();
    assert!(!kept.contains("Sample-Given"), "{kept}");
}

#[tokio::test]
async fn the_days_of_a_pass_are_bounded_and_to_come() {
    let now = now();
    let of = |from, until| DeskAsk::pass(DESK, "borrow", (from, until), now);
    assert!(of(now, now + MAX_PASS_DAYS * DAY).is_ok());
    let long = of(now, now + MAX_PASS_DAYS * DAY + 1).unwrap_err();
    assert!(long.is_too_long());
    for (from, until) in [(now + DAY, now + DAY), (now - 2 * DAY, now - DAY)] {
        assert!(!of(from, until).unwrap_err().is_too_long());
    }
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let wallet = &at.world.wallet;
    let unlisted = DeskAsk::pass("nobody", "borrow", (now, now + DAY), now).unwrap();
    assert!(matches!(at.refused(&unlisted), DeskError::Unlisted));
    // A pass is not shown, and a code is not printed.
    let review = at.review(&pass(now, now + DAY));
    let none = Staples::default();
    let shown = wallet.show_code(&review.id, &Sharing::default(), none, "en");
    assert!(matches!(shown, Err(ShareError::ReviewGone(_))));
    let review = at.review(&DeskAsk::chosen(DESK, "borrow"));
    let printed = wallet.print_pass(&review.id, &Sharing::default(), none, "en");
    assert!(matches!(printed, Err(ShareError::ReviewGone(_))));
}
