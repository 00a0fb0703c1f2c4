choose-added = Added on { $day }
choose-title = Which card for { $service }?
choose-lead = More than one card fits. Nothing is shared until you have seen what they would see.
choose-required = { $number }. They need
choose-optional = { $number }. You may add
choose-way = Answer with
choose-card = For: { $details }
choose-missing = Choose a card for each thing that they ask for
choose-do = Continue
missing-title = You have no card for this
missing-lead = { $service } asks for something that is not in your wallet. Nothing was shared.
missing-none = You have no card of this kind.
missing-other = You have a card of this kind, but it lacks a detail, has another value, or comes from an issuer that they do not accept.
missing-details = They ask for: { $details }
missing-none-valid = No card of this kind in your wallet counts now.
missing-stopped-title = Your card does not count now
missing-stopped-lead = { $service } asks for a card that its issuer has stopped. Nothing was shared.
missing-suspended = Its issuer has suspended this card. It may count again later; until then it would only be refused.
missing-withdrawn = Its issuer has withdrawn this card, so it would only be refused.
missing-stopped-next = You can ask the body that issued the card why, and what to do.
missing-next = You can ask the body that issues this card for one.
missing-untold = If you tell the service, it learns only that you did not share; it cannot see why.
missing-untold-desk = Nobody has been told anything.
missing-format-title = You have this card, but not in the format that they take
missing-format-lead = { $service } takes this card only in a format that is not in your wallet. Nothing was shared.
missing-format-here = You have
missing-format-card = { $format }, from { $issuer }
missing-format-wanted = They take only
missing-format-next = You can ask { $issuers } for the card in the format that they take, or ask { $service } to take the one that you have.
card-format-sd-jwt = SD-JWT card
card-format-draft-sd-jwt = SD-JWT card by an earlier draft
card-format-mdoc = Mobile document (mdoc)
card-format-ldp-vc = W3C credential (Data Integrity)
card-format-jwt-vc-json = W3C credential (JWT)
card-format-other = A format that Cairn does not know
missing-close = Close
missing-tell = Tell them “not shared”

consent-title = { $count ->
    [one] Share { $count } detail with { $service }?
   *[other] Share { $count } details with { $service }?
}
consent-title-code = { $count ->
    [one] Show { $count } detail at { $service }?
   *[other] Show { $count } details at { $service }?
}
consent-title-pass = { $count ->
    [one] Print a pass with { $count } detail for { $service }?
   *[other] Print a pass with { $count } details for { $service }?
}
consent-who = Who asks
consent-name = Name
consent-way = How it gets there
way-code-live = As a code on this screen, in answer to the code on the desk’s screen. Nothing is sent over a network. Whoever films your screen can read it.
way-code-open = As a code on this screen, good for a minute or two. Nothing is sent over a network. Whoever films your screen can read it. The desk is told to check who you are.
way-pass = On paper, good from { $first } to { $last } at this desk, once. Nothing is sent over a network. Whoever holds the paper can read it. The desk is told to check who you are.
consent-website = Your answer goes to
consent-before = Before
consent-first-time = This is the first time
consent-times = { $count ->
    [one] You shared with them { $count } time
   *[other] You shared with them { $count } times
}
consent-times-since = { $count ->
    [one] { $count } time, in { $since }
   *[other] { $count } times since { $since }
}
consent-why = Why they ask
consent-why-registered = Their words, as they stand in the ledger.
consent-why-request = Their words, in this request only. The ledger does not hold them.
consent-no-reason = They have not said why.
consent-basis = They say that this allows them to ask: { $basis }
consent-contact = Questions to them: { $contact }
consent-see = What they will see
consent-from-card = From: { $card }
consent-always = With a card they always see who issued it, what kind of card it is, and the dates when it was issued and when it ends.
consent-excess = More than they registered.
consent-will-keep = They say that they will keep this.
consent-optional = { $count ->
    [one] Also share this detail, if you like
   *[other] Also share these { $count } details, if you like
}
consent-change-card = Use another card
consent-stays = What stays with you
stays-nothing = Nothing on these cards stays hidden from them.
stays-of = { $count ->
    [one] Your other detail on { $card }: { $names }
   *[other] Your other { $count } details on { $card }: { $names }
}
consent-kept = How long they keep it, and who else gets it
kept-not-said = They have not said how long they keep it.
kept-nothing = They registered that they keep nothing.
kept-for = They registered that they keep it for { $time }.
onward-not-said = They have not said whether they pass it on.
onward-nobody = They registered that they pass it on to nobody.
onward-to = They registered that they pass it on to: { $whom }
consent-recognise = Can they recognise you again?
recognise-unlinkable = Not by the card itself: each time it is shown anew, and two services that compare notes find nothing in common but what you show. What you show can still tell who you are: the details above, who issued the card, its dates, and how few people have such a card.
recognise-not-by = They cannot recognise you by “{ $card }” itself, only by the details that you show from it, by its issuer and dates, and by how few people have such a card.
recognise-fresh-copy = Not by this card’s signature: this copy has never been shown before. They may still recognise you by the details themselves, and the issuer together with them could find out that it was you.
recognise-used-copy = Yes. This copy of the card was shown before. Services that compare notes can see that it is the same card.
recognise-identifying = Yes. Among the details is one that belongs to you alone, such as a number or a name with a date of birth.
consent-refuse = Don’t share
consent-share = { $count ->
    [one] Share { $count } detail
   *[other] Share { $count } details
}
consent-refuse-code = Don’t show
consent-show = { $count ->
    [one] Show { $count } detail
   *[other] Show { $count } details
}
consent-refuse-pass = Don’t print
consent-print = { $count ->
    [one] Make a pass with { $count } detail
   *[other] Make a pass with { $count } details
}
staple-title = For a counter that is seldom on line
staple = Also put into the code what the ledger says about the issuer, and the issuer’s list of withdrawn cards. Nothing more about you is in it; the code becomes longer.
consent-making = Making what you agreed to…
consent-working = Sending what you agreed to…
consent-blocked = This cannot be shared. Nothing was sent.

shared-title = Shared with { $service }
shared-lead = { $service } received these details:
shared-next = What you shared, and with whom, stands in your history, without the values.
refused-title = { $service } did not accept it
refused-lead = { $service } received these details and answered that it does not accept them:
refused-next = Ask them why. If they ask you to try again, they will give you a new link or code.
unknown-title = We do not know whether they received it
unknown-lead = The connection to { $service } broke while sending. They may have received these details:
unknown-next = Ask them before you try again. Your history says “not known” for this.
not-sent-title = Nothing was sent
not-sent-lead = { $service } could not be reached. Nothing left this computer.
not-sent-next = Check your connection, then ask them for a new link or code.
shown-title = You showed it to { $service }
shown-lead = If { $service } read the code, they have these details:
shown-next = Whether they read it, this wallet cannot know: nothing came back to it. What you showed stands in your history, without the values.
not-shown-lead = { $service } got nothing from your cards, and was told nothing.
not-shared-title = You did not share
not-shared-word = Not shared
not-shared-lead = { $service } received nothing from your cards. They may have been told that you did not share, and cannot see why.
not-shared-next = You can open their link or code again if you change your mind.
follow-lead = They ask you to go on at { $host }, in your browser.
follow-do = Go on at { $host }
follow-failed = The page could not be opened. Go to it in your browser yourself.
result-record = See this in your history
outcome-delivered = Shared
outcome-refused = Received and refused
outcome-unknown = Not known
outcome-not-sent = Not shared
outcome-shown = Shown
