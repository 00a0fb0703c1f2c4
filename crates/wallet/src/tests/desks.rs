//! At a desk nothing but light leaves: what it asks is what it registered, and the answer is
//! bound to it.

use protocol::counter_code::{Answer, Ask, Binding, Live, Signer, Wants, check};
use serde_json::json;

use super::book::Book;
use super::*;
use crate::desk::{DeskAsk, DeskCodeError, DeskError, ShownCode, Staples, read_bytes, read_text};
use crate::pending::Waiting;
use crate::share::{
    Destination, NextStep, Recognisability, Retained, ShareError, ShareReview, Sharing, Way,
};
use crate::{EntryWay, Level, Outcome, WarningKind};

pub(super) const DESK: &str = "decentralized_identifier:did:web:desk.example";

pub(super) struct AtDesk {
    pub(super) world: World,
    book: Book,
    key: SigningKey,
}

pub(super) fn asks_for_a_name() -> Value {
    json!({"credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": {"vct_values": [TYPE]},
        "claims": [{"path": ["given_name"]}],
    }]})
}

impl AtDesk {
    /// A wallet that dies when it touches the network, with a ledger that it has read before.
    pub(super) async fn new() -> Self {
        let world = World::new(Service::MustNotBeAsked);
        let (book, key) = (Book::new(), SigningKey::make_p256());
        book.register_issuer(&world.issuer);
        book.register_desk(DESK, &[&key], &asks_for_a_name());
        book.give_to(&world.wallet).await;
        Self { world, book, key }
    }

    fn live(&self, wants: Wants, made_at: i64) -> Live {
        let signer = Signer::Key(self.key.public());
        Live::make(DESK, "borrow", wants, signer, made_at, 120)
    }

    fn live_ask(&self) -> DeskAsk {
        read_live(&self.live(Wants::default(), now()), &self.key)
    }

    pub(super) fn review(&self, ask: &DeskAsk) -> Box<ShareReview> {
        match self.world.wallet.review_desk(ask, &[], "en").unwrap() {
            NextStep::Share(review) => review,
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn refused(&self, ask: &DeskAsk) -> DeskError {
        self.world.wallet.review_desk(ask, &[], "en").unwrap_err()
    }

    /// The codes of a PDF as pictures: every square of its pages, painted.
    pub(super) fn draw(&self, pdf: &[u8]) -> Vec<image::GrayImage> {
        const SCALE: f32 = 2.0;
        let text = String::from_utf8_lossy(pdf);
        let mut pages = Vec::new();
        for stream in text.split("stream\n").filter(|part| part.contains(" re\n")) {
            let mut page = image::GrayImage::from_pixel(1200, 1700, image::Luma([255]));
            for line in stream.lines().filter(|line| line.ends_with(" re")) {
                let numbers: Vec<f32> = line
                    .split(' ')
                    .filter_map(|number| number.parse().ok())
                    .map(|number: f32| number * SCALE)
                    .collect();
                let [x, y, width, height] = numbers[..] else {
                    panic!("a rectangle: {line}")
                };
                for row in y.round() as u32..(y + height).round() as u32 {
                    for column in x.round() as u32..(x + width).round() as u32 {
                        page.put_pixel(column, 1699 - row, image::Luma([0]));
                    }
                }
            }
            pages.push(page);
        }
        pages
    }

    fn show(&self, ask: &DeskAsk, staples: Staples) -> ShownCode {
        let review = self.review(ask);
        let sharing = Sharing::default();
        let shown = self
            .world
            .wallet
            .show_code(&review.id, &sharing, staples, "en");
        shown.unwrap()
    }
}

fn read_live(live: &Live, key: &SigningKey) -> DeskAsk {
    let code = code::still(code::Word::ASK, &live.sign(key).unwrap()).unwrap();
    read_text(code.text()).unwrap()
}

fn poster() -> Vec<u8> {
    let wants = Wants {
        evidence: false,
        status: true,
    };
    Ask::poster(DESK, "borrow", wants).unwrap()
}

/// As the counter does it, without a network: from the codes on the screen to what they say.
fn read_back(at: &AtDesk, shown: &ShownCode) -> (Answer, Vec<protocol::verifier::Checked>) {
    let mut assembly = code::Assembly::new(code::Word::ANSWER);
    for text in code::read_picture(&shown.still().unwrap().png(4)).unwrap() {
        assembly.add(&text).unwrap();
    }
    let answer = Answer::decode(assembly.message().unwrap(), DESK).unwrap();
    let query = query::Query::from_json(&asks_for_a_name()).unwrap();
    let issuer = at.world.issuer.public();
    let checked = check(&answer, &query, &|_| vec![issuer.clone()], now()).unwrap();
    (answer, checked)
}

#[tokio::test]
async fn a_live_code_is_answered_with_its_challenge_and_no_network() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let live = at.live(Wants::default(), now());
    let ask = read_live(&live, &at.key);
    let review = at.review(&ask);
    assert!(matches!(
        review.way,
        Way::Code {
            live: true,
            clock_differs: false,
            ..
        }
    ));
    assert_eq!(review.service.name, "Northgate desk");
    assert_eq!(review.service.website, "");
    assert_eq!(review.retention, Retained::Nothing);
    assert_eq!(review.recognisability, Recognisability::FreshCopy);
    assert!(review.warnings.is_empty() && review.ticks.is_empty());
    assert_eq!(review.stays[0].names, ["Family name", "Over 18"]);
    let shown =
        at.world
            .wallet
            .show_code(&review.id, &Sharing::default(), Staples::default(), "en");
    let shown = shown.unwrap();
    assert!(shown.live && (1..=120).contains(&shown.left(now())));
    let (answer, checked) = read_back(&at, &shown);
    assert_eq!(*answer.bound.binding(), live.binding());
    assert_eq!(checked[0].facts.claims["given_name"], "Sample-Given");
    assert!(!checked[0].facts.claims.contains_key("family_name"));
    assert!(checked[0].facts.holder_proven);
}

#[tokio::test]
async fn what_was_shown_is_remembered_by_name_before_it_is_seen() {
    let at = AtDesk::new().await;
    at.world.add_card(2);
    let shown = at.show(&at.live_ask(), Staples::default());
    let wallet = &at.world.wallet;
    let event = wallet.event(shown.event).unwrap();
    assert_eq!(event.entry.outcome, Some(Outcome::Unknown));
    assert!(matches!(event.entry.way, Some(EntryWay::Code { .. })));
    assert_eq!(event.who.unwrap().id, DESK);
    wallet.code_shown(shown.event).unwrap();
    let event = wallet.event(shown.event).unwrap();
    assert_eq!(event.entry.outcome, Some(Outcome::Shown));
    assert_eq!(event.entry.cards[0].names, ["Given name"]);
    let kept = serde_json::to_string(&wallet.vault.history().unwrap().records).unwrap();
    assert!(!kept.contains("Sample-Given"), "{kept}");
    // The copy was used up: the next one is a fresh one.
    assert_eq!(wallet.cards("en").unwrap()[0].unshown, 1);
    assert_eq!(at.review(&at.live_ask()).service.times, 1);
}

#[tokio::test]
async fn a_code_that_nobody_saw_leaves_the_copy_fresh() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let wallet = &at.world.wallet;
    let shown = at.show(&at.live_ask(), Staples::default());
    assert_eq!(wallet.cards("en").unwrap()[0].unshown, 0);
    wallet.code_not_shown(&shown).unwrap();
    assert_eq!(wallet.cards("en").unwrap()[0].unshown, 1);
    let event = wallet.event(shown.event).unwrap();
    assert_eq!(event.entry.outcome, Some(Outcome::NotSent));
}

#[tokio::test]
async fn a_code_that_nobody_saw_is_noted_though_its_card_is_gone() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let wallet = &at.world.wallet;
    let shown = at.show(&at.live_ask(), Staples::default());
    let card = wallet.cards("en").unwrap()[0].id;
    wallet.delete_card(card).unwrap();
    wallet.code_not_shown(&shown).unwrap();
    let event = wallet.event(shown.event).unwrap();
    assert_eq!(event.entry.outcome, Some(Outcome::NotSent));
}

#[tokio::test]
async fn a_poster_and_a_choice_are_bound_to_a_short_window() {
    let at = AtDesk::new().await;
    at.world.add_card(2);
    let poster = code::still(code::Word::ASK, &poster()).unwrap();
    let poster = read_bytes(&poster.png(3)).unwrap();
    assert!(poster.wants().status);
    for ask in [poster, DeskAsk::chosen(DESK, "borrow")] {
        let shown = at.show(&ask, Staples::default());
        assert!(!shown.live && (60..=120).contains(&shown.left(shown.made_at)));
        let (answer, _) = read_back(&at, &shown);
        assert!(matches!(answer.bound.binding(), Binding::Window { .. }));
        assert_eq!(answer.bound.binding().over_at(), Some(shown.expires_at));
    }
}

#[tokio::test]
async fn each_code_needs_a_review_of_its_own() {
    let at = AtDesk::new().await;
    at.world.add_card(3);
    let (ask, wallet) = (DeskAsk::chosen(DESK, "borrow"), &at.world.wallet);
    let review = at.review(&ask);
    let sharing = Sharing::default();
    // It does not go over the network by mistake.
    let sent = wallet.share(&review.id, &sharing, "en").await;
    assert!(matches!(sent, Err(ShareError::ReviewGone(_))));
    let first = wallet.show_code(&review.id, &sharing, Staples::default(), "en");
    let again = wallet.show_code(&review.id, &sharing, Staples::default(), "en");
    assert!(matches!(again, Err(ShareError::ReviewGone(_))));
    assert_ne!(
        first.unwrap().message,
        at.show(&ask, Staples::default()).message
    );
}

#[tokio::test]
async fn a_desk_that_nobody_vouches_for_is_not_answered() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let wallet = &at.world.wallet;
    let other = SigningKey::make_p256();
    let by_another = Live {
        signer: Signer::Key(other.public()),
        ..at.live(Wants::default(), now())
    };
    let error = at.refused(&read_live(&by_another, &other));
    assert!(matches!(error, DeskError::OtherKey), "{error}");
    let unlisted = DeskAsk::chosen("redirect_uri:https://other.example", "borrow");
    assert!(matches!(at.refused(&unlisted), DeskError::Unlisted));
    let unlisted = Live {
        service: "decentralized_identifier:did:web:other.example".to_owned(),
        ..at.live(Wants::default(), now())
    };
    let error = at.refused(&read_live(&unlisted, &at.key));
    assert!(matches!(error, DeskError::Unlisted), "{error}");
    let more = DeskAsk::chosen(DESK, "everything");
    assert!(matches!(at.refused(&more), DeskError::NoSuchPurpose));
    // A service without a key signs nothing.
    let keyless = "redirect_uri:https://desk.example/cb";
    at.book.register_desk(keyless, &[], &asks_for_a_name());
    at.book.give_to(wallet).await;
    let signed = Live {
        service: keyless.to_owned(),
        ..at.live(Wants::default(), now())
    };
    assert!(matches!(
        at.refused(&read_live(&signed, &at.key)),
        DeskError::OtherKey
    ));
    assert!(
        wallet
            .review_desk(&DeskAsk::chosen(keyless, "borrow"), &[], "en")
            .is_ok()
    );
    let alone = World::new(Service::MustNotBeAsked);
    let error = alone
        .wallet
        .review_desk(&at.live_ask(), &[], "en")
        .unwrap_err();
    assert!(matches!(error, DeskError::NoLedger));
}

#[tokio::test]
async fn a_withdrawn_desk_and_a_revoked_key_are_blocked() {
    for revoked in [false, true] {
        let at = AtDesk::new().await;
        at.world.add_card(1);
        if revoked {
            at.book.revoke(DESK, &at.key);
        } else {
            at.book.withdraw(DESK);
        }
        at.book.give_to(&at.world.wallet).await;
        assert!(at.world.wallet.desks("en").is_empty());
        for ask in [at.live_ask(), DeskAsk::chosen(DESK, "borrow")] {
            let review = at.review(&ask);
            let kind = if revoked {
                WarningKind::ServiceRevoked
            } else {
                WarningKind::ServiceWithdrawn
            };
            assert_eq!(review.warnings[0].kind, kind);
            assert_eq!(review.warnings[0].level, Level::Block);
            let shown = at.world.wallet.show_code(
                &review.id,
                &Sharing::default(),
                Staples::default(),
                "en",
            );
            assert!(matches!(shown, Err(ShareError::Blocked(_))));
        }
    }
}

#[tokio::test]
async fn an_old_code_is_not_answered_and_a_wrong_clock_is_said() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    for hours in [-2, 2] {
        let far = at.live(Wants::default(), now() + hours * 3600);
        assert!(matches!(
            at.refused(&read_live(&far, &at.key)),
            DeskError::Over
        ));
    }
    for minutes in [-10, 10] {
        let near = at.live(Wants::default(), now() + minutes * 60);
        let ask = read_live(&near, &at.key);
        let Way::Code {
            clock_differs,
            expires_at,
            ..
        } = ask.way()
        else {
            panic!("a code")
        };
        assert!(clock_differs);
        // The time that the desk leaves it open begins when it is read.
        assert!((60..=120).contains(&(expires_at.unwrap() - now())));
        at.review(&ask);
    }
}

#[tokio::test]
async fn what_is_over_or_too_long_is_not_shown_and_uses_nothing_up() {
    let at = AtDesk::new().await;
    let wallet = &at.world.wallet;
    let mut claims = card_claims();
    // Random, so that it does not compress.
    let long: Vec<String> = (0..1_200)
        .map(|_| SigningKey::make_ed25519().public().thumbprint())
        .collect();
    claims["given_name"] = long.concat().into();
    let record = at.world.receive(vec![at.world.copy(&claims)]).unwrap();
    let kept = wallet.vault.write(|change| change.insert_card(&record));
    kept.unwrap();
    let refused = |review: &ShareReview| {
        let none = Staples::default();
        wallet
            .show_code(&review.id, &Sharing::default(), none, "en")
            .unwrap_err()
    };
    let live = at.live(Wants::default(), now());
    let review = at.review(&read_live(&live, &at.key));
    let error = refused(&review);
    assert!(matches!(error, ShareError::TooLongForACode), "{error}");
    // The code was read so long ago as it was open.
    let review = at.review(&read_live(&live, &at.key));
    let mut waiting = wallet.pending.take_share(&review.id).unwrap();
    let ask = Ask::parse(&live.sign(&at.key).unwrap()).unwrap();
    let ask = DeskAsk::from_code(ask, now() - 120);
    waiting.to = Destination::Code(Box::new(ask));
    let waiting = Waiting::Share(waiting);
    wallet.pending.put(review.id.clone(), waiting);
    let error = refused(&review);
    assert!(matches!(error, ShareError::CodeOver), "{error}");
    assert_eq!(wallet.cards("en").unwrap()[0].unshown, 1);
    assert!(wallet.history().unwrap().0.is_empty());
}

#[tokio::test]
async fn what_should_ride_along_does_or_is_named() {
    let at = AtDesk::new().await;
    at.world.add_card(1);
    let wants = Wants {
        evidence: true,
        status: true,
    };
    let ask = read_live(&at.live(wants, now()), &at.key);
    let shown = at.show(&ask, Staples::default());
    assert_eq!((shown.stapled.evidence, shown.stapled.statuses), (1, 0));
    // The card cannot be withdrawn by its issuer: there is no list to be missed.
    assert!(shown.stapled.left_out.is_empty());
    let answer = Answer::decode(&shown.message, DESK).unwrap();
    let evidence = ledger::Evidence::parse(&answer.staples.evidence[0]).unwrap();
    let pin = at.world.wallet.following().unwrap().unwrap().pin;
    let pin = ledger::Pin::parse(pin.as_bytes()).unwrap();
    assert!(evidence.check(&pin).is_ok());
}

#[tokio::test]
async fn a_list_of_statuses_rides_along_as_it_was_published_or_is_named() {
    use protocol::status::CachedList;

    let at = AtDesk::new().await;
    super::statuses::add(&at.world, 2);
    let wants = Wants {
        evidence: false,
        status: true,
    };
    let named = |shown: &ShownCode| -> Vec<&str> {
        let left_out = shown.stapled.left_out.iter();
        left_out.map(crate::desk::LeftOut::name).collect()
    };
    let ask = || read_live(&at.live(wants, now()), &at.key);
    assert_eq!(
        named(&at.show(&ask(), Staples::default())),
        ["status_not_here"]
    );
    let put = |expires: i64, published: Option<&str>| {
        let mut kept = super::statuses::list(&at.world.issuer, 0, now() - 60, expires);
        kept["published"] = json!(published.map(keys::b64::encode));
        let list = CachedList::from_json(&kept).unwrap();
        at.world.wallet.statuses.put(list);
    };
    put(now() + 600, None);
    assert_eq!(
        named(&at.show(&ask(), Staples::default())),
        ["status_too_long"]
    );
    put(now() - 1, Some("a signed list"));
    assert_eq!(
        named(&at.show(&ask(), Staples::default())),
        ["status_not_here"]
    );
    put(now() + 600, Some("a signed list"));
    let shown = at.show(&ask(), Staples::default());
    assert!(named(&shown).is_empty());
    let answer = Answer::decode(&shown.message, DESK).unwrap();
    let [stapled] = answer.staples.statuses.as_slice() else {
        panic!("one list")
    };
    assert_eq!(stapled.uri, super::statuses::URI);
    assert_eq!(stapled.list, b"a signed list");
    // Unasked nothing rides along.
    let shown = at.show(&at.live_ask(), Staples::default());
    let answer = Answer::decode(&shown.message, DESK).unwrap();
    assert!(answer.staples.statuses.is_empty());
}

#[tokio::test]
async fn the_desks_of_the_ledger_are_named_in_the_citizens_language() {
    let at = AtDesk::new().await;
    let desks = at.world.wallet.desks("cy-GB");
    assert_eq!(desks.len(), 1);
    assert_eq!(
        (desks[0].id.as_str(), desks[0].by.as_str()),
        (DESK, "Achredwr")
    );
    assert!(desks[0].name.contains("Tŷ’r Dŵr"));
    let purpose = &desks[0].purposes[0];
    assert_eq!(
        (purpose.id.as_str(), purpose.name.as_str()),
        ("borrow", "Benthyg")
    );
    assert_eq!(purpose.reason, "I fenthyg llyfrau i chi");
    assert_eq!(purpose.cards[0].details, ["Given name"]);
}

#[tokio::test]
async fn without_a_card_nothing_is_shown_and_declining_tells_nobody() {
    let at = AtDesk::new().await;
    let wallet = &at.world.wallet;
    let step = wallet.review_desk(&at.live_ask(), &[], "en").unwrap();
    let NextStep::Missing(missing) = step else {
        panic!("missing")
    };
    assert_eq!(missing.missing[0].details, ["Given name"]);
    wallet.decline(&missing.id, true).await.unwrap();
}

#[test]
fn what_is_not_a_desks_code_is_refused_by_name() {
    let answer = code::still(code::Word::ANSWER, b"an answer").unwrap();
    for (text, name) in [
        ("https://desk.example", "not_a_desk_code"),
        (answer.text(), "not_a_desk_code"),
        ("CAIRN-ASK:AAAA", "code_damaged"),
        ("", "code_incomplete"),
    ] {
        assert_eq!(read_text(text).unwrap_err().name(), name, "{text}");
    }
    let hollow = code::still(code::Word::ASK, b"not an ask").unwrap();
    assert_eq!(
        read_text(hollow.text()).unwrap_err().name(),
        "ask_malformed"
    );
    let long = "A".repeat(crate::open_link::MAX_TEXT + 1);
    assert_eq!(read_text(&long).unwrap_err().name(), "code_too_long");
    assert_eq!(read_bytes(&[0xff, 0xfe, 0]).unwrap_err().name(), "not_text");
    let picture = read_bytes(&answer.png(3)).unwrap_err();
    assert_eq!(picture.name(), "not_a_desk_code");
    let nothing = image::GrayImage::from_pixel(64, 64, image::Luma([255]));
    let mut png = std::io::Cursor::new(Vec::new());
    nothing.write_to(&mut png, image::ImageFormat::Png).unwrap();
    assert!(matches!(
        read_bytes(png.get_ref()),
        Err(DeskCodeError::NoCode)
    ));
}
