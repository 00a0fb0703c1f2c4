//! What the choice on the consent page comes to.

use ipc::{Recognisability, ReviewId, ShareRow, Verdict};

use super::*;

fn row(label: &str, value: ValueView) -> ShareRow {
    ShareRow {
        label: label.into(),
        value,
        card: "Driving licence".into(),
        excess: false,
        kept: false,
    }
}

fn review() -> ShareReview {
    ShareReview {
        review: ReviewId("r".into()),
        way: Way::Sent,
        service: ServiceView {
            name: "CN=anyone".into(),
            name_listed: false,
            id: "x509_hash:abc".into(),
            website: "shop.example".into(),
            verdict: Verdict::Unlisted,
            checked_at: None,
            times: 0,
            since: None,
        },
        warnings: Vec::new(),
        ticks: vec![Tick::Unlisted],
        purpose: None,
        sets: vec![
            ShareSet {
                required: true,
                rows: vec![
                    row("Name", ValueView::Text("Mair".into())),
                    row("Over 18", ValueView::YesNo(true)),
                ],
            },
            ShareSet {
                required: false,
                rows: vec![row("Photo", ValueView::Photo("data:".into()))],
            },
        ],
        stays: Vec::new(),
        retention: Retention::NotSaid,
        onward: Onward::NotSaid,
        recognisability: Recognisability::FreshCopy,
        unlinkable: Vec::new(),
        choice: None,
    }
}

#[test]
fn optional_sets_count_only_when_chosen() {
    assert_eq!(shared_rows(&review(), &[]), 2);
    assert_eq!(shared_rows(&review(), &[1]), 3);
}

#[test]
fn a_photo_needs_its_tick_when_it_goes_along() {
    assert_eq!(needed_ticks(&review(), &[]), [Tick::Unlisted]);
    assert_eq!(needed_ticks(&review(), &[1]), [Tick::Unlisted, Tick::Photo]);
}

#[test]
fn a_photo_inside_of_another_detail_is_a_photo() {
    let nested = ValueView::Group(vec![ipc::DetailView {
        label: "Portrait".into(),
        value: ValueView::List(vec![ValueView::Photo("data:".into())]),
    }]);
    assert!(is_photo(&row("Holder", nested)));
    assert!(!is_photo(&row("Name", ValueView::Text("photo".into()))));
}

#[test]
fn what_is_chosen_does_not_stay() {
    assert!(optional_labels(&review(), &[]).is_empty());
    assert_eq!(
        optional_labels(&review(), &[1]),
        [("Driving licence".to_owned(), "Photo".to_owned())]
    );
}

#[test]
fn an_unlisted_service_is_called_by_its_website() {
    let mut service = review().service;
    assert_eq!(share_title_name(&service), "shop.example");
    service.name_listed = true;
    assert_eq!(share_title_name(&service), "CN=anyone");
}
