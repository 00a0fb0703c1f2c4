//! Links that wait for the citizen. One waits; another one takes its place only with a question.
//!
//! Any program may fire a link: nothing here acts, sends or opens anything.

use ipc::{LinkPurpose, LinkReceived, LinkView, ReviewId};
use wallet::Link;
use wallet::desk::DeskAsk;
use wallet::open_link::{OpenLinkError, read_text};

/// The longest command line argument that is looked at.
const LONGEST: usize = wallet::open_link::MAX_TEXT;

/// What the citizen or another program handed over.
#[derive(Clone)]
pub(crate) enum Handed {
    /// A link: going on contacts somebody, unless all stands in the link.
    Link(Link),
    /// The code of a desk: no network takes part.
    Desk(DeskAsk),
}

impl From<Link> for Handed {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

/// What was read and waits for Continue or Stop.
#[derive(Clone)]
pub(crate) struct Waiting {
    pub(crate) id: wallet::ReviewId,
    pub(crate) handed: Handed,
    from_outside: bool,
}

impl Waiting {
    fn new(handed: Handed, from_outside: bool) -> Self {
        Self {
            id: wallet::ReviewId::make(),
            handed,
            from_outside,
        }
    }

    pub(crate) fn view(&self) -> LinkView {
        LinkView {
            link: ReviewId(self.id.as_str().to_owned()),
            purpose: match &self.handed {
                Handed::Link(Link::Offer(_)) => LinkPurpose::Add,
                Handed::Link(Link::Request(_)) => LinkPurpose::Show,
                Handed::Desk(_) => LinkPurpose::Desk,
            },
            host: match &self.handed {
                Handed::Link(link) => link.host().unwrap_or_default(),
                Handed::Desk(_) => String::new(),
            },
            from_outside: self.from_outside,
        }
    }
}

/// The link that waits, the review under way, and a link that would take their place.
#[derive(Default)]
pub(crate) struct Links {
    waiting: Option<Waiting>,
    under_way: Option<wallet::ReviewId>,
    asking: Option<Waiting>,
}

impl Links {
    /// The citizen opens a link: it takes the place of a waiting one.
    pub(crate) fn open(&mut self, handed: Handed) -> LinkView {
        self.asking = None;
        self.waiting.insert(Waiting::new(handed, false)).view()
    }

    /// Another program hands over text. Where something waits or is under way, the new link waits
    /// for [`Self::replace`].
    pub(crate) fn receive(&mut self, text: &str) -> LinkReceived {
        let Ok(link) = read(text) else {
            return LinkReceived {
                link: None,
                replaces: false,
            };
        };
        let new = Waiting::new(link.into(), true);
        let view = new.view();
        let replaces = self.waiting.is_some() || self.under_way.is_some();
        if replaces {
            self.asking = Some(new);
        } else {
            self.waiting = Some(new);
        }
        LinkReceived {
            link: Some(view),
            replaces,
        }
    }

    /// Answers the question; with yes, the new link waits and what was under way is returned, to
    /// be stopped.
    pub(crate) fn replace(
        &mut self,
        replace: bool,
    ) -> (Option<LinkView>, Option<wallet::ReviewId>) {
        let Some(new) = self.asking.take().filter(|_| replace) else {
            return (None, None);
        };
        let view = self.waiting.insert(new).view();
        (Some(view), self.under_way.take())
    }

    pub(crate) fn waiting(&self) -> Option<LinkView> {
        self.waiting.as_ref().map(Waiting::view)
    }

    /// The waiting link of this id. It goes on waiting until [`Self::went_on`]: a line that was
    /// down is tried again with the same link.
    pub(crate) fn find(&self, id: &ReviewId) -> Option<Waiting> {
        self.waiting
            .clone()
            .filter(|waiting| waiting.id.as_str() == id.0)
    }

    /// The link became a review.
    pub(crate) fn went_on(&mut self, link: &wallet::ReviewId, review: wallet::ReviewId) {
        self.done_with(link);
        self.under_way(review);
    }

    /// What waited goes on waiting no longer.
    pub(crate) fn done_with(&mut self, link: &wallet::ReviewId) {
        self.waiting.take_if(|one| one.id == *link);
    }

    /// A review is under way.
    pub(crate) fn under_way(&mut self, review: wallet::ReviewId) {
        self.under_way = Some(review);
    }

    /// The citizen stops a link or a review, or has answered it.
    pub(crate) fn end(&mut self, id: &ReviewId) {
        self.waiting.take_if(|waiting| waiting.id.as_str() == id.0);
        self.under_way.take_if(|review| review.as_str() == id.0);
    }

    /// The wallet was locked: reviews are gone, a waiting link stays.
    pub(crate) fn locked(&mut self) {
        self.under_way = None;
    }
}

/// The link among the arguments of a second instance. Options are not looked at: whoever starts a
/// second instance decides nothing about the first.
pub(crate) fn among(arguments: &[String]) -> Option<&str> {
    arguments
        .iter()
        .skip(1)
        .map(String::as_str)
        .find(|argument| argument.contains("://") && !argument.starts_with('-'))
}

fn read(text: &str) -> Result<Link, OpenLinkError> {
    if text.len() > LONGEST {
        return Err(OpenLinkError::NotText);
    }
    read_text(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OFFER: &str =
        "openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fissuer.example%2Foffers%2F1";
    const OTHER: &str = "haip-vci://?credential_offer_uri=https%3A%2F%2Fother.example%2Foffers%2F2";

    #[test]
    fn a_link_from_outside_waits_and_says_where_it_leads() {
        let mut links = Links::default();
        let received = links.receive(OFFER);
        assert!(!received.replaces);
        let view = received.link.unwrap();
        assert_eq!(view.host, "issuer.example");
        assert!(view.from_outside);
        assert_eq!(links.waiting(), Some(view));
    }

    #[test]
    fn a_second_link_takes_the_place_only_when_the_citizen_says_so() {
        let mut links = Links::default();
        links.receive(OFFER);
        assert!(links.receive(OTHER).replaces);
        assert_eq!(links.waiting().unwrap().host, "issuer.example");
        assert_eq!(links.replace(false), (None, None));
        assert_eq!(links.waiting().unwrap().host, "issuer.example");
        // Asked and answered: an answer without a question changes nothing.
        assert_eq!(links.replace(true), (None, None));
        links.receive(OTHER);
        links.replace(true);
        assert_eq!(links.waiting().unwrap().host, "other.example");
    }

    #[test]
    fn a_review_under_way_is_asked_about_too_and_ends_when_it_is_replaced() {
        let mut links = Links::default();
        let view = links.receive(OFFER).link.unwrap();
        let waiting = links.find(&view.link).unwrap();
        let review = wallet::ReviewId::make();
        links.went_on(&waiting.id, review.clone());
        assert_eq!(links.waiting(), None);
        assert!(links.receive(OTHER).replaces);
        assert_eq!(links.replace(true).1, Some(review));
    }

    #[test]
    fn what_is_no_wallet_link_is_dropped() {
        let mut links = Links::default();
        for text in [
            "https://example.org/",
            "file:///etc/passwd",
            "",
            "cairn",
            "javascript:x",
        ] {
            assert_eq!(links.receive(text).link, None, "{text}");
        }
        let long = format!("{OFFER}&x={}", "x".repeat(LONGEST));
        assert_eq!(links.receive(&long).link, None);
        assert_eq!(links.waiting(), None);
    }

    #[test]
    fn of_a_second_instance_only_a_link_is_taken() {
        let arguments = |all: &[&str]| all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>();
        assert_eq!(
            among(&arguments(&["cairn-desktop", "--demo", OFFER])),
            Some(OFFER)
        );
        assert_eq!(among(&arguments(&["cairn-desktop", "--demo"])), None);
        assert_eq!(
            among(&arguments(&["cairn-desktop", "--ledger=https://x.example"])),
            None
        );
    }
}
