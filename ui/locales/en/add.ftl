add-title = Add or show a card
add-lead = Bring the link or the code that a service gave you. Nothing is sent until you have seen where it leads.
add-link = Paste the link, or the text of a code
add-link-hint = A link often begins with openid-credential-offer:// or openid4vp://
add-empty = Paste a link first, or choose a file
add-read = Read the link
add-file = Or choose a picture of the code
add-file-hint = A picture (PNG, JPEG or GIF) of a service’s or a desk’s code, or a text file with the link. You can also drop it here.
add-counter = At a counter without a code
add-counter-text = The ledger says what each counter asks for. You can choose it there, also without a network.
add-reading = Reading…

link-title-add = This link offers you a card
link-title-show = This link asks to see your cards
link-title-desk = This is the code of a counter
link-lead-add = To see the offer, Cairn will contact:
link-lead-desk = It names a service and a purpose. The ledger on this computer says who that is and what they ask for. No network takes part.
link-lead-show = To see what is asked for, Cairn will contact:
link-no-network = All that they ask is in the link itself. To read it, Cairn need not contact anyone.
link-from-outside = Another program on this computer opened this link.
link-nothing-yet = Nothing has been sent yet.
link-working = Speaking to them…

offer-title = { $count ->
    [one] Add { $count } card from { $issuer }?
   *[other] Add { $count } cards from { $issuer }?
}
offer-who = Who offers it
offer-ledger-later = It is asked when the card is here, before the card is kept
offer-from = It comes from
offer-what = { $count ->
    [one] The card
   *[other] The cards
}
offer-contents = A card of this kind can hold these details about you:
offer-contents-unknown = The issuer does not say what it will hold. You can look at it once it is here.
offer-copies = { $count ->
    [one] { $count } copy: it will be used each time you show the card.
   *[other] { $count } copies: each is shown once, so that services cannot match them.
}
offer-code-title = The code that they sent you
offer-code = Code
code-hint-digits = { $count } digits
code-hint-digits-any = Digits only
code-hint-characters = { $count } characters
code-hint-any = Letters, digits or words, as they sent it
code-empty = Enter the code that the issuer sent you
code-not-digits = The code has digits only. Look at it again
code-length = { $count ->
    [one] The code has { $count } character. Look at it again
   *[other] The code has { $count } characters. Look at it again
}
offer-none-chosen = Choose at least one card
offer-working = Fetching the card…
offer-refuse = Don’t add
offer-accept = { $count ->
    [one] Add the card
   *[other] Add the cards
}
offer-blocked = This card cannot be added. Nothing was shared with the issuer.
added-title = { $count ->
    [one] The card is yours
   *[other] { $count } cards are yours
}
added-lead = Checked and stored in your wallet.
