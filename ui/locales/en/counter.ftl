counter-title = Present at a counter
counter-lead = Show a card at a counter as a code, or on paper. No network takes part, and nobody learns what you look at here.
counter-code-title = Does the desk have a code?
counter-code-text = Take that one instead, from its screen or its poster. An answer to the code on a desk’s screen is good for that one question only: nobody who films it can use it again.
counter-code-open = I have the desk’s code
counter-choose = Choose the counter, and what it is for
counter-nobody = The ledger on this computer lists no counter. Look at the ledger, and check it when you have a network.
counter-find = Find by counter, purpose or card
counter-found = { $count ->
    [one] { $count } counter
   *[other] { $count } counters
}
counter-no-match = No counter, purpose or card has these words.
counter-more = There are more. Type some words to find yours.
at-counter-title = At { $service }
at-counter-purpose = Purpose
at-counter-cards = Cards that they ask for
at-counter-code = A code on this screen
at-counter-code-text = You see first what they will see. The code is good for a minute or two: make it when you stand at the counter.
at-counter-code-do = Go on to a code
at-counter-pass = A pass on paper
at-counter-pass-text = For when you cannot bring this computer. The pass is good at this counter only, on the days that you choose, once.
at-counter-pass-do = Go on to a pass
pass-first-day = First day
pass-lasts = How long it is good

present-title = Show this to { $service }
present-lead = Hold this screen before the counter’s camera, or let the clerk take a picture of it.
present-drawing = Drawing the code…
present-picture = { $count ->
    [one] A code for { $service } that holds { $count } detail. Hold the screen before their camera.
   *[other] A code for { $service } that holds { $count } details. Hold the screen before their camera.
}
present-part = Part { $number } of { $parts }
present-more-parts = Frame { $number }, for what the camera missed. Any { $parts } or so are enough.
present-controls = Move through the parts
present-before = Before
present-next = Next
present-pause = Pause
present-go-on = Go on by itself
present-moves = The picture changes several times a second. If that troubles you, pause it and press Next when the counter has read a part.
present-size = Squares
present-speed = Speed
frame-size-automatic = As the code needs
frame-size-coarse = Large, for a poor camera
frame-size-medium = Medium
frame-size-fine = Small, for a good camera
present-a-second = { $count } a second
present-as-text = The code as text
present-as-text-how = A counter can also take the code as text, by a scanner that types or from a file.
present-left = Good for { $time } more
present-left-said = { $count ->
    [one] { $count } second left
   *[other] { $count } seconds left
}
present-holds = What is in it
present-offline = Nothing is sent over a network. Whether the counter read it, this wallet cannot know.
present-over-title = The code is over
present-over-again = The counter no longer takes it. You can make a new one.
present-over-live = The counter no longer takes it. Ask for a new code at the desk.
present-new = Make a new code
present-done = Done

pass-title = Your pass for { $service }
pass-lead = Look through it, then save it and print it.
pass-for = Good at
pass-good = Good on
pass-days = { $first } to { $last }
pass-pages = Pages
pass-uses = How often
pass-once = Once
pass-reveals = What it reveals
pass-care-title = Keep it as you would keep the card
pass-care-paper = Whoever holds the paper, or a picture of it, can read these details.
pass-care-identity = The counter is told to check who you are.
pass-care-once = The counter marks it as used. Two desks of one service that cannot reach one another may not know of each other’s marks.
pass-save = Save as PDF
pass-saved-next = Print it on white paper, as large as it is.
pass-drop = Throw it away
