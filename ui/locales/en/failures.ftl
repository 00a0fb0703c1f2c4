failure-nothing-shared = Nothing from your cards was shared.
failure-wait = { $count ->
    [one] Wait { $count } second before you try again.
   *[other] Wait { $count } seconds before you try again.
}
failure-reference = Reference for a report: { $reference }
failure-title-locked = The wallet is locked
failure-next-locked = Unlock it and try again.
failure-title-wrong-secret = That was not right
failure-next-wrong-secret = Look at it again and type it slowly. Capitals count in a passphrase.
failure-title-delayed = Too many tries
failure-next-delayed = After wrong passphrases Cairn waits a little longer each time.
failure-title-weak-passphrase = This passphrase is too easy to guess
failure-next-weak-passphrase = Add more words that have nothing to do with one another. Nothing was changed.
failure-title-keyring = The keyring does not answer
failure-next-keyring = Your wallet needs a secret from this computer’s keyring. Unlock the keyring, or log in to your desktop as usual, then try again. If the secret is lost for good, use the recovery code.
failure-title-damaged = The file is damaged
failure-next-damaged = Cairn cannot read it and has changed nothing. If you have a backup, you can restore from it.
failure-title-in-use = Another program has your wallet open
failure-next-in-use = Close the other window, or the terminal wallet, then try again. Nothing was changed.
failure-title-unreadable = This is not something that Cairn understands
failure-next-unreadable = Ask the service for a new link or code. If it is a picture, take it again, straight and sharp.
failure-title-forbidden = Cairn does not go where this leads
failure-next-forbidden = The address is not a public, protected website, so Cairn did not contact it. Do not use this link, and tell the service.
failure-title-unreachable = They could not be reached
failure-next-unreachable = Check your connection, then try again. If it goes on, ask the service.
failure-title-refused = They refused
failure-next-refused = The link or code may be used up or too old. Ask the service for a new one.
failure-title-untrusted = What they sent failed a check
failure-next-untrusted = Cairn stopped and kept nothing of it. Do not go on with this link, and tell the service.
failure-title-review-gone = This was already answered, or it waited too long
failure-next-review-gone = Open the link or code again, or ask the service for a new one.
failure-title-not-found = It is no longer there
failure-next-not-found = Go back and look at the list again.
failure-title-internal = Something went wrong in Cairn
failure-next-internal = Nothing was changed. Try again; if it happens once more, report it with the reference below.
reason-file-too-large = The file is too large. Pictures may have 10 MB, text files 64 kB.
reason-file-unreadable = The file could not be read from your disk.
