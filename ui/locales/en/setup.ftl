welcome-title = Your cards, on your own computer
welcome-lead = Cairn keeps the cards that public bodies give you, and shows only what you agree to.
welcome-promise-here = Your cards stay in one locked file on this computer. There is no account.
welcome-promise-choose = You see every detail before it is shared, and you decide each time.
welcome-promise-check = A public ledger says who may issue cards and who may ask for them. Cairn checks it for you.
welcome-create = Set up a new wallet
welcome-restore = Restore from a backup

create-title = Set up your wallet
create-lead = Choose a passphrase. You will need it each time you open the wallet. Nobody can reset it for you.
create-do = Set up the wallet
create-working = Setting up your wallet. This takes a moment…
passphrase = Passphrase
passphrase-new = New passphrase
passphrase-new-hint = Four or more unrelated words are easy to remember and hard to guess. You may paste it.
passphrase-again = The same passphrase again
passphrase-empty = Enter the passphrase
passphrase-too-short = Use at least { $count } characters for the new passphrase
passphrase-differs = The two passphrases are not the same. Type the new one again
custody-legend = What opens the wallet
custody-keyring = The passphrase and this computer’s keyring
custody-keyring-hint = Recommended. A copy of the file alone is of no use to a thief, not even with the passphrase.
custody-passphrase = The passphrase alone
custody-passphrase-hint = For computers without a keyring. The passphrase has to be stronger.

recovery-title = Write down your recovery code
recovery-lead = With this code you can get back in if you forget your passphrase or this computer’s keyring is lost.
recovery-once = It is shown only once
recovery-where = Write it on paper and keep it where you keep important things. Whoever has the code and this computer’s wallet file can open your wallet.
recovery-written = I have written it down
recovery-end = The last { $count } characters of the code
recovery-end-hint = To be sure that it is written down.
recovery-end-wrong = These are not the last characters of the code. Look at what you wrote down
recovery-confirm = Finish
recovery-show-again = Show the code again

restore-title = Restore from a backup
restore-lead = Choose the backup file and enter the passphrase that you gave it. Then choose a passphrase for the wallet on this computer.
restore-file = Backup file
restore-passphrase = Passphrase of the backup
restore-no-file = Choose the backup file
restore-file-too-large = This file is too large to be a backup. Choose another file
restore-do = Restore
restore-working = Restoring your wallet. This takes a moment…
restore-code-note = A recovery code opens a wallet that is already on this computer. It is asked for on the lock screen.

lock-title = Unlock your wallet
lock-by-itself = The wallet locked itself because nobody was using it, or the computer slept.
lock-link-waits = A link is waiting
lock-link-add = It offers a card, from { $host }. You can look at it after unlocking.
lock-link-show = It asks for details from your cards, at { $host }. You can look at it after unlocking.
lock-link-desk = The code of a counter waits. Nothing has been shown.
lock-delay = { $count ->
    [one] Wait { $count } second, then try again.
   *[other] Wait { $count } seconds, then try again.
}
lock-working = Opening your wallet…
lock-open = Unlock
lock-forgotten = Use the recovery code instead
recover-title = Open with the recovery code
recover-lead = Use this if you forgot the passphrase, or if the keyring is lost. You will choose a new passphrase.
recover-code = Recovery code
recover-code-hint = Spaces, dashes and capitals do not matter.
recover-empty = Enter the recovery code
recover-do = Open the wallet
damaged-title = Your wallet cannot be read
damaged-folder = The file is in { $folder }. Keep a copy of it. To start from a backup, move the file away and start Cairn again.

backup-title = Backup
backup-lead = A backup is one encrypted file with all your cards. Keep it somewhere else: on a stick, or on another computer.
backup-never = There is no backup yet
backup-old = Your last backup is old: { $day }
backup-last = Last backup: { $day }
backup-passphrase = Passphrase for the backup
backup-passphrase-note = The backup opens with this passphrase alone, on any computer. Choose a strong one.
backup-do = Write a backup
backup-working = Writing the backup…
backup-done = The backup is written
backup-not-written = No backup was written.
backup-written = { $count ->
    [one] { $file } holds { $count } card.
   *[other] { $file } holds { $count } cards.
}
backup-keep = Move it off this computer, and try once that you can still read its passphrase.

settings-title = Settings
settings-language = Language
settings-theme = Colours
theme-system = As the computer
theme-light = Light
theme-dark = Dark
settings-text = Text size
text-normal = Normal
text-large = Large
text-larger = Larger
settings-auto-lock = Lock by itself after
settings-auto-lock-hint = When nobody touches the keyboard or the pointer. It also locks when the computer sleeps.
settings-not-kept = The setting could not be kept.
passphrase-change-title = Change the passphrase
passphrase-old = Passphrase so far
passphrase-change-do = Change the passphrase
passphrase-changing = Changing the passphrase…
passphrase-changed = The passphrase is changed
about-title = About Cairn
about-version = Version
about-custody = What opens the wallet
about-folder = Where the wallet is kept
about-what = Cairn is free software. It is not made, run or approved by any government.
about-font = The typeface is Atkinson Hyperlegible Next, under the SIL Open Font License 1.1.
