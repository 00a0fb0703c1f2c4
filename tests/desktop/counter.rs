//! At a counter without a network: chosen from the ledger, by the desk's own code, and on paper.
//! What the camera would see is read from the screen.

use std::path::{Path, PathBuf};
use std::time::Instant;

use code::{Assembly, Word};
use fantoccini::Locator;
use protocol::counter_code::{Ask, Wants};
use serde_json::{Value, json};

use crate::window::{PATIENCE, Window};
use crate::world::{World, outcome, received, shown, take};

/// The most frames that a test steps through.
const MOST: usize = 80;

/// The client id of the counter that has a purpose.
fn service(world: &World, purpose: &str) -> String {
    let has = |desk: &&journeys::CounterDesk| desk.purposes.iter().any(|(id, _)| id == purpose);
    let desk = world.demo.counters.iter().find(has).unwrap();
    desk.client_id.clone()
}

/// From the cards to what may be done for one purpose at its counter.
async fn choose(window: &Window, purpose: &str) {
    window.press("present").await.unwrap();
    let purpose = format!("[data-purpose='{purpose}']");
    window
        .wait_for(&purpose)
        .await
        .unwrap()
        .click()
        .await
        .unwrap();
    window.wait_for("#make-code").await.unwrap();
}

/// Photographs the code on the screen, frame after frame, until a reader has all of it.
async fn photograph(window: &Window, into: &Path) -> Vec<PathBuf> {
    let mut assembly = Assembly::new(Word::ANSWER);
    let mut pictures = Vec::new();
    let (mut frame, end) = (1, Instant::now() + PATIENCE);
    while frame <= MOST {
        window.wait_for(".code-picture").await.unwrap();
        let script = "document.querySelector('.code-paper').scrollIntoView({block: 'center'});";
        window.client.execute(script, Vec::new()).await.unwrap();
        let picture = window.client.screenshot().await.unwrap();
        let texts = code::read_picture(&picture).unwrap();
        let file = into.join(format!("frame-{frame}.png"));
        std::fs::write(&file, picture).unwrap();
        for text in &texts {
            assembly.add(text).unwrap();
        }
        if !texts.is_empty() {
            pictures.push(file);
        }
        if assembly.message().is_some() {
            return pictures;
        }
        if !window.is_gone("#next-frame").await {
            window.press("next-frame").await.unwrap();
            frame += 1;
        } else if Instant::now() > end {
            break;
        }
        // A still code has no other frame: it is on the page, and comes to the screen.
    }
    let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unread.png");
    let last = window.client.screenshot().await.unwrap();
    std::fs::write(&kept, last).unwrap();
    panic!(
        "the code cannot be read: {:?}; the screen is {}",
        assembly.progress(),
        kept.display()
    );
}

/// The desk for travel concessions reads what was agreed, judges so, and takes the code no second
/// time.
fn is_read_once(world: &World, pictures: &[PathBuf], outcome: &str, agreed: &Value) {
    let read = || world.demo.read_code("travel-concession", pictures).unwrap();
    let verdict = read();
    assert_eq!(verdict["outcome"], outcome, "{verdict}");
    assert_eq!(received(&verdict), *agreed, "{verdict}");
    let again = read();
    assert_eq!(again["outcome"], "refused", "{again}");
}

async fn wait_for_frame(window: &Window, number: u32) {
    let picture = format!(".code-picture[data-frame='{number}']");
    window.wait_for(&picture).await.unwrap();
}

async fn choose_file(window: &Window, file: &Path) {
    let chosen = window.wait_for("#file").await.unwrap();
    chosen.send_keys(file.to_str().unwrap()).await.unwrap();
}

async fn heading(window: &Window) -> String {
    window.wait_for("h1").await.unwrap().text().await.unwrap()
}

/// What has the focus.
async fn focused(window: &Window) -> Value {
    let script = "return document.activeElement.tagName;";
    window.client.execute(script, Vec::new()).await.unwrap()
}

#[tokio::test]
async fn a_code_for_a_purpose_from_the_ledger_is_read_from_the_screen() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "AdultDisabilityPayment").await.unwrap();
    window.press("present").await.unwrap();
    window.wait_for("[data-purpose]").await.unwrap();
    assert_eq!(focused(&window).await, "H1");
    window.picture("counter").await.unwrap();
    window.press("back").await.unwrap();
    choose(&window, "travel-concession").await;
    window.picture("at-counter").await.unwrap();
    window.press("make-code").await.unwrap();
    window.wait_for("#share").await.unwrap();
    let way = window.wait_for("#way").await.unwrap().text().await.unwrap();
    assert!(way.contains("Nothing is sent"), "{way}");
    let agreed = shown(&window).await.unwrap();
    window.picture("consent-code").await.unwrap();
    window.press("share").await.unwrap();
    window.wait_for("#code").await.unwrap();
    assert_eq!(focused(&window).await, "H1");
    window.picture("present").await.unwrap();

    let pictures = photograph(&window, &world.saved()).await;
    // Without the desk's own code the desk looks at the person.
    is_read_once(&world, &pictures, "caution", &agreed);
    let names = window.texts("#code-holds li").await.unwrap();
    assert_eq!(names.len(), agreed.as_array().unwrap().len());

    window.press("done").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "outcome-shown");
    window.picture("shown").await.unwrap();
    window.press("to-event").await.unwrap();
    let told = window.wait_for("#event-outcome").await.unwrap();
    assert_eq!(told.text().await.unwrap(), "Shown");
    let way = window.wait_for("#event-way").await.unwrap();
    let way = way.text().await.unwrap();
    assert!(way.starts_with("As a code"), "{way}");
    // The shell has forgotten it.
    let input = json!({"input": {"size": "automatic", "first": 1, "many": 1}});
    let gone = window.invoke("code_frames", input).await.unwrap();
    assert_eq!(gone["error"]["kind"], "review_gone", "{gone}");
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_long_answer_moves_and_can_be_stopped_stepped_and_resized() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "NHSChargeExemption").await.unwrap();
    window.press("nav-settings").await.unwrap();
    window.press("theme-dark").await.unwrap();
    window.press("nav-cards").await.unwrap();
    choose(&window, "free-prescription").await;
    window.press("make-code").await.unwrap();
    window.press("staple").await.unwrap();
    window.press("share").await.unwrap();
    window.wait_for("#part").await.unwrap();
    // On white whatever the theme: cameras read nothing else well.
    let script = "return getComputedStyle(document.querySelector('.code-paper')).backgroundColor;";
    let paper = window.client.execute(script, Vec::new()).await.unwrap();
    assert_eq!(paper, "rgb(255, 255, 255)");
    let number = || async {
        let picture = window.wait_for(".code-picture").await.unwrap();
        let number = picture.attr("data-frame").await.unwrap().unwrap();
        number.parse::<u32>().unwrap()
    };
    // It moves by itself until it is stopped.
    let (first, end) = (number().await, Instant::now() + PATIENCE);
    while number().await == first {
        assert!(Instant::now() < end, "it stands still");
    }
    window.press("pause").await.unwrap();
    let held = number().await;
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    assert_eq!(number().await, held);
    window.press("next-frame").await.unwrap();
    assert_ne!(number().await, held);
    window.press("back-frame").await.unwrap();
    assert_eq!(number().await, held);
    window.picture("present-parts").await.unwrap();

    let option = window.wait_for("#size option:nth-child(4)").await.unwrap();
    option.click().await.unwrap();
    wait_for_frame(&window, 1).await;
    let pictures = photograph(&window, &world.saved()).await;
    assert!(pictures.len() > 1);
    let verdict = world
        .demo
        .read_code("free-prescription", &pictures)
        .unwrap();
    assert_eq!(verdict["outcome"], "caution", "{verdict}");
    window.press("done").await.unwrap();
    window.wait_for("#outcome").await.unwrap();
    window.close().await.unwrap();
}

#[tokio::test]
async fn who_wishes_less_motion_sees_one_part_until_next_is_pressed() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "NHSChargeExemption").await.unwrap();
    let script = "window.matchMedia = () => ({ matches: true });";
    window.client.execute(script, Vec::new()).await.unwrap();
    choose(&window, "free-prescription").await;
    window.press("make-code").await.unwrap();
    window.press("staple").await.unwrap();
    window.press("share").await.unwrap();
    wait_for_frame(&window, 1).await;
    tokio::time::sleep(std::time::Duration::from_millis(900)).await;
    wait_for_frame(&window, 1).await;
    window.press("next-frame").await.unwrap();
    wait_for_frame(&window, 2).await;
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_picture_of_the_desks_poster_leads_to_a_code() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "NHSChargeExemption").await.unwrap();
    let service = service(&world, "free-prescription");
    let poster = Ask::poster(&service, "free-prescription", Wants::default()).unwrap();
    let poster = code::still(Word::ASK, &poster).unwrap();
    let file = world.saved().join("poster.png");
    std::fs::write(&file, poster.png(8)).unwrap();

    window.press("add").await.unwrap();
    choose_file(&window, &file).await;
    window.wait_for("#continue").await.unwrap();
    assert_eq!(heading(&window).await, "This is the code of a counter");
    window.picture("link-counter").await.unwrap();
    window.press("continue").await.unwrap();
    window.press("share").await.unwrap();
    window.wait_for("#code").await.unwrap();
    photograph(&window, &world.saved()).await;

    // The page's clock runs ahead: the code is no longer shown, and a new one is asked for.
    let script = "const now = Date.now; Date.now = () => now() + 600000;";
    window.client.execute(script, Vec::new()).await.unwrap();
    window.wait_for("#expired").await.unwrap();
    assert!(window.is_gone(".code-picture").await);
    window.picture("present-over").await.unwrap();
    window.press("new-code").await.unwrap();
    window.wait_for("#share").await.unwrap();
    window.press("dont-share").await.unwrap();
    assert_eq!(outcome(&window).await.unwrap(), "declined");
    window.close().await.unwrap();
}

#[tokio::test]
async fn an_answer_to_the_code_on_the_desks_screen_is_accepted_once() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "AdultDisabilityPayment").await.unwrap();
    let file = world.saved().join("question.png");
    world.demo.show_code("travel-concession", &file).unwrap();

    window.press("present").await.unwrap();
    window.press("have-code").await.unwrap();
    choose_file(&window, &file).await;
    window.press("continue").await.unwrap();
    window.wait_for("#share").await.unwrap();
    let way = window.wait_for("#way").await.unwrap().text().await.unwrap();
    assert!(way.contains("in answer to the code on the desk"), "{way}");
    let agreed = shown(&window).await.unwrap();
    window.press("share").await.unwrap();
    window.wait_for("#code").await.unwrap();
    let pictures = photograph(&window, &world.saved()).await;
    is_read_once(&world, &pictures, "accepted", &agreed);
    window.close().await.unwrap();
}

#[tokio::test]
async fn what_is_not_listed_or_not_a_code_is_refused_in_words() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    let stranger = Ask::poster("https://stranger.example", "anything", Wants::default()).unwrap();
    let stranger = code::still(Word::ASK, &stranger).unwrap();
    window.press("add").await.unwrap();
    window.fill("link", stranger.text()).await.unwrap();
    window.press("read-link").await.unwrap();
    window.press("continue").await.unwrap();
    let failure = window.wait_for("#failure").await.unwrap();
    let told = failure.text().await.unwrap();
    assert!(told.contains("does not list this counter"), "{told}");
    assert!(
        told.contains("Nothing from your cards was shared"),
        "{told}"
    );
    window.press("stop").await.unwrap();

    let begin = json!({"input": {"service": "https://stranger.example", "purpose": "x"}});
    let refused = window.invoke("begin_at_counter", begin).await.unwrap();
    assert_eq!(
        refused["error"]["reference"], "service_unlisted",
        "{refused}"
    );
    let none = window.client.find(Locator::Css("#share")).await;
    assert!(none.is_err());
    window.close().await.unwrap();
}

#[tokio::test]
async fn a_pass_says_what_it_reveals_and_is_saved_as_pdf() {
    let world = World::start().unwrap();
    let window = world.wallet().await.unwrap();
    take(&window, "AdultDisabilityPayment").await.unwrap();
    choose(&window, "travel-concession").await;
    let option = window.wait_for("#pass-lasts option:nth-child(3)");
    option.await.unwrap().click().await.unwrap();
    window.press("make-pass").await.unwrap();
    window.wait_for("#share").await.unwrap();
    let agreed = shown(&window).await.unwrap();
    window.picture("consent-pass").await.unwrap();
    window.press("share").await.unwrap();
    window.wait_for("#pass").await.unwrap();
    let labels = window.texts("dl.details dt").await.unwrap();
    assert_eq!(labels.len(), agreed.as_array().unwrap().len());
    window.picture("pass").await.unwrap();
    window.press("save-pass").await.unwrap();
    window.wait_for("#saved").await.unwrap();
    let file = std::fs::read(world.saved().join("cairn-pass.pdf")).unwrap();
    assert!(file.starts_with(b"%PDF-"));
    window.press("done").await.unwrap();
    window.wait_for("#count").await.unwrap();
    window.close().await.unwrap();
}
