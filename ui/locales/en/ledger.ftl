ledger-title = Ledger
ledger-lead = The ledger says in public who may issue cards and who may ask for which details. A copy of it is kept here, so that nobody sees what you look up.
ledger-loading = Reading the ledger…
freshness-fresh = Up to date
freshness-ageing = More than a day old
freshness-stale = Too old to rely on
freshness-never = No ledger yet
ledger-attested = The newest entry was confirmed { $ago } ({ $time }).
ledger-fetched = Fetched { $ago }.
ledger-clock = This computer’s clock stands before that time. Set the clock right.
ledger-refused-title = An update was refused
ledger-refused = { $reason ->
    [newer_rules] On { $time } the ledger moved to rules that this version of Cairn does not know. Your copy stands as it was and gets older. Update Cairn to follow the ledger again.
    [too_few_witnesses] On { $time } fewer witnesses than your pin asks for had confirmed what the ledger sent. Your copy stands as it was. Try again later.
    [witnesses_too_old] On { $time } what the ledger sent had not been confirmed by witnesses for more than a week. Your copy stands as it was. Try again later.
    [rollback] On { $time } the ledger sent less than it had sent before. Your copy stands as it was, and what was sent is kept as evidence.
    [split_view] On { $time } the ledger sent something that contradicts what it said before. Your copy stands as it was, and what was sent is kept as evidence.
   *[other] On { $time } the ledger sent something that does not hold ({ $reason }). Your copy stands as it was.
}
ledger-check = Check now
ledger-checking = Checking the ledger…
ledger-checked = The ledger is checked.
ledger-name = Name
ledger-source = Comes from
ledger-entries = Entries
ledger-honest = The copy cannot be forged unnoticed. When it was last confirmed is the word of whoever runs the ledger.
ledger-witnessed = { $count ->
    [one] Beside its operator, { $count } witness confirmed each state before this copy took it over.
   *[other] Beside its operator, at least { $count } witnesses confirmed each state before this copy took it over.
}
ledger-by-network = Validators with more than two thirds of the network’s votes signed each state before this copy took it over.
ledger-bodies = Who is listed, and by whom
ledger-tree-lead = The governance accredits. An accreditor lists issuers and services, and publishes kinds of card. Choose a name to see every change.
ledger-governance = The ledger’s governance
ledger-find = Find by name or identifier
ledger-not-found = Nobody of that name is on this ledger.
ledger-under-nobody = Listed by an accreditor that is not on this ledger
ledger-more = Show more
ledger-nobody = Nobody is listed.
body-role-accreditor = Accredits others for
body-scope-any = every kind of card
body-role-issuer = Issues
body-role-service = Asks for
body-role-type = Kind of card
body-state-listed = Listed
body-state-ended = Ended
body-state-revoked = Key revoked
body-state-withdrawn = Withdrawn
body-state-replaced = Replaced by a later one
body-until = until { $day }
body-now = What it is now
body-listed-by = Listed by { $name }.
body-listed-by-governance = Accredited by the ledger’s governance.

type-files = What was published of it
type-files-why = These are digests. A file counts only if it has exactly this digest, wherever it comes from.
type-part-schema = Which details a card may hold
type-part-metadata = How a card is shown
type-part-context = What its terms mean

growth-title = How the ledger grew
growth-picture = A line that rises from { $first } to { $last } entries, from { $from } to { $to }. The same is in the table below.
growth-table = The same as a table
growth-when = When
trail-title = What changed, and when
trail-when = When
trail-what = What
trail-by = Signed by
trail-entry = Entry
trail-accredited = Accredited
trail-issuer-registered = Registered as an issuer
trail-service-registered = Registered as a service
trail-key-rotated = Key replaced
trail-key-revoked = Key revoked
trail-withdrawn = Withdrawn
trail-type-published = Published as a kind of card
trail-governance-rotated = The governance changed its keys
trail-rules-adopted = The governance adopted newer rules
trail-founded = The ledger was founded
trail-other = Another change: { $action }
trail-all-title = Save the whole trail
trail-all-lead = Every change on the ledger, with its date and who signed it. It is written from the copy on this computer, and nobody learns of it.
trail-save-csv = Save as a table (CSV)
trail-save-json = Save as JSON
saved-as = Saved as { $file }.
nothing-saved = Nothing was saved.
