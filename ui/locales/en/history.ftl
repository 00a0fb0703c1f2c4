history-title = History
history-lead = What you added and shared, with whom and when. The history holds no values from your cards.
history-loading = Reading your history…
history-empty = Nothing has happened yet.
history-filter = Show
history-everyone = Everyone
history-more = { $count ->
    [one] Show { $count } more
   *[other] Show more ({ $count } left)
}
event-added = Added
event-shared = Shared
event-declined = Not shared
event-deleted = Deleted
event-backed-up = Backup written
event-restored = Wallet restored
event-passphrase-changed = Passphrase changed
event-somebody = somebody
event-a-card = a card
event-line-added = Added { $cards } from { $who }
event-line-shared = { $count ->
    [one] Shared { $count } detail with { $who }
   *[other] Shared { $count } details with { $who }
}
event-line-unknown = { $count ->
    [one] Not known: { $who } may have received { $count } detail
   *[other] Not known: { $who } may have received { $count } details
}
event-line-shown = { $count ->
    [one] Showed { $count } detail at { $who }
   *[other] Showed { $count } details at { $who }
}
event-line-refused = { $who } did not accept what you shared
event-line-not-sent = Nothing was sent to { $who }
event-line-declined = You did not share with { $who }
event-line-deleted = Deleted { $cards }
event-gone = This entry cannot be shown
event-what = What
event-when = When
event-outcome = Outcome
event-code = As a code on the screen, good until { $time }. Whether it was read is not known.
event-pass = As a pass on paper, good from { $first } to { $last }. Whether it was used is not known.
event-who = Who
event-who-id = Their identifier
event-ledger-then = What the ledger said then
event-reason = Their reason
event-contact = Where to ask them
event-details = The details
event-no-values = Their names only. The values are not kept here.
event-forget = Forget this entry
event-forget-title = Forget this entry?
event-forget-text = You will not be able to see that it happened. What they received stays with them.
event-forget-yes = Forget
event-forget-no = Keep it
event-forgotten = The entry is forgotten.
