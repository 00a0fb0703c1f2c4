cards-title = Your cards
cards-add = Add or show a card
cards-loading = Reading your cards…
cards-search = Search your cards
cards-count = { $count ->
    [one] { $count } card
   *[other] { $count } cards
}
cards-no-match = No card has these words in its name or its issuer.
cards-empty = You have no cards yet.
cards-empty-how = Ask the service that issues your card for a link or a code, then choose “Add or show a card”.
card-valid-until = Valid until { $day }
card-expires-on = Expires on { $day }
card-expired-on = Expired on { $day }
card-state-valid = Valid
card-state-expires-soon = Expires soon
card-state-expired = Expired
card-state-not-yet = Not valid yet
card-state-suspended = Suspended by its issuer
card-state-withdrawn = Withdrawn
card-state-status-unknown = Status not known lately
card-state-checking = Checking the ledger…

card-loading = Reading the card…
card-gone = This card cannot be shown
card-details-title = Details
card-picture = Drawing of the card “{ $card }”. Its details are below.
card-reveal = Show the details
card-hide = Hide the details
card-hidden = The details are hidden, so that nobody reads them over your shoulder.
card-issuer-title = Who issued it, and how we know
card-issuer = Issuer
card-ledger-says = What the ledger says
card-how-known = Where their key comes from
card-issuer-id = Their identifier
how-known-certificate = A certificate that came with the card
how-known-did = Their decentralised identifier
how-known-website = Their own website
how-known-not-yet = Not seen yet: the card is signed when it is issued
card-this-title = This card
card-valid-from = Valid from
card-valid-to = Valid until
card-no-end = No end date
card-status = Whether it still stands
card-status-checked = Its issuer’s list was looked at { $ago }.
card-status-words = Its issuer says of that:
card-status-never = Not looked up yet: the issuer’s list was not to be had.
card-added = Added on
card-copies-label = Fresh copies left
card-copies = { $left } of { $all }
card-copies-none = None. The last copy will be used again.
card-copies-why = Each copy is shown once, so that two services cannot match them by signature.
card-holder = Your identifier on the next copy
card-holders-more = { $count ->
    [one] The identifier on { $count } other copy
   *[other] The identifiers on { $count } other copies
}
card-shared-title = Where it was shared
card-never-shared = You have not shared this card from here.
evidence-title = Evidence about the issuer
evidence-lead = You can keep a file that proves what the ledger says about this card’s issuer today. Anyone with the ledger’s pin can check it without a network, also years from now.
evidence-holds = It holds the ledger’s own records of the issuer and of those who vouch for it, the issuer’s key, the kind of card and when it was issued.
evidence-holds-not = It holds none of your details and nothing that the issuer signed for you. It does not prove that you have this card.
evidence-time = It says what stood at the time that the ledger was last confirmed. It does not say what stands later.
evidence-save = Save evidence
evidence-saved = It says what stood on { $time }. To check it: cairn-counter verify, or cairn-ledger verify.
card-delete = Delete this card
card-delete-title = Delete { $card }?
card-delete-text = The card, its keys and all its copies are deleted from this computer. You would have to ask the issuer for a new one. The issuer is not told.
card-delete-yes = Delete
card-delete-no = Keep it
card-deleted = The card is deleted.

desks-title = The demo world
desks-lead = These desks run on this computer for you to try. Their cards are worth nothing elsewhere.
desks-issuers = Get a card
desks-counters = Show a card
desks-get = Get: { $what }
desks-show = Show: { $what }
desks-page = Its web page:
desks-none = No demo desk is running.
