//! Which frame of a code is on the screen, and how fast the next one comes.

use std::rc::Rc;

use ipc::{CodeFrame, FrameSize, FramesView};
use yew::prelude::*;

/// Frames a second, to choose from.
pub(super) const SPEEDS: [u32; 5] = [2, 4, 6, 8, 10];
const ORDINARY: u32 = 6;
/// How many rounds of frames are shown before they begin again: those after the first round are
/// different mixtures, for a camera that missed some.
const ROUNDS: u32 = 3;

/// What is shown, and how.
#[derive(Clone, PartialEq)]
pub(super) struct Player {
    pub(super) size: FrameSize,
    pub(super) speed: u32,
    pub(super) playing: bool,
    /// How many frames suffice; 0 until that is known.
    pub(super) parts: u32,
    frames: Rc<Vec<CodeFrame>>,
    at: usize,
}

/// What changes it.
pub(super) enum Play {
    /// Frames of this size came.
    Came(FrameSize, FramesView),
    /// Time for the next frame.
    Tick,
    /// The citizen wants the next frame, or the one before.
    Step { back: bool },
    /// Go on, or stop.
    Toggle,
    /// Another size.
    Size(FrameSize),
    /// Another speed.
    Speed(u32),
}

impl Player {
    /// Not moving by itself where the citizen wishes less motion.
    pub(super) fn new(still: bool) -> Self {
        Self {
            size: FrameSize::default(),
            speed: ORDINARY,
            playing: !still,
            parts: 0,
            frames: Rc::default(),
            at: 0,
        }
    }

    /// The frame on the screen.
    pub(super) fn frame(&self) -> Option<&CodeFrame> {
        self.frames.get(self.at)
    }

    /// More than one frame.
    pub(super) fn moves(&self) -> bool {
        self.parts > 1
    }

    /// The number of the next frame to ask for; none when there are enough.
    pub(super) fn wants(&self) -> Option<u32> {
        let have = u32::try_from(self.frames.len()).ok()?;
        let enough = match self.parts {
            0 => 1,
            1 => 1,
            parts => parts.saturating_mul(ROUNDS),
        };
        (have < enough).then_some(have + 1)
    }

    fn stepped(&self, back: bool) -> usize {
        let have = self.frames.len().max(1);
        if back {
            (self.at + have - 1) % have
        } else {
            (self.at + 1) % have
        }
    }
}

impl Reducible for Player {
    type Action = Play;

    fn reduce(self: Rc<Self>, action: Play) -> Rc<Self> {
        let mut next = (*self).clone();
        match action {
            Play::Came(size, view) if size == self.size => {
                let due = self.wants();
                let first = view.frames.first().map(|frame| frame.number);
                // Frames that were asked for twice come twice.
                if first.is_some() && first == due {
                    Rc::make_mut(&mut next.frames).extend(view.frames);
                    next.parts = view.parts;
                }
            }
            Play::Came(..) => {}
            Play::Tick => {
                if self.playing {
                    next.at = self.stepped(false);
                }
            }
            Play::Step { back } => {
                next.playing = false;
                next.at = self.stepped(back);
            }
            Play::Toggle => next.playing = !self.playing,
            Play::Size(size) => {
                next.size = size;
                next.frames = Rc::default();
                next.parts = 0;
                next.at = 0;
            }
            Play::Speed(speed) => next.speed = speed,
        }
        Rc::new(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn came(first: u32, many: u32, parts: u32) -> Play {
        let frame = |number| CodeFrame {
            number,
            side: 1,
            squares: "8".into(),
            text: String::new(),
        };
        let frames = (first..first + many).map(frame).collect();
        Play::Came(FrameSize::Automatic, FramesView { parts, frames })
    }

    fn after(player: Player, all: Vec<Play>) -> Rc<Player> {
        all.into_iter()
            .fold(Rc::new(player), |player, play| player.reduce(play))
    }

    fn number(player: &Player) -> Option<u32> {
        player.frame().map(|frame| frame.number)
    }

    #[test]
    fn a_still_code_needs_one_frame_and_never_moves() {
        let player = after(Player::new(false), vec![came(1, 1, 1), Play::Tick]);
        assert_eq!(player.wants(), None);
        assert!(!player.moves());
        assert_eq!(number(&player), Some(1));
    }

    #[test]
    fn frames_go_round_and_every_round_is_asked_for() {
        let player = after(Player::new(false), vec![came(1, 4, 2)]);
        assert_eq!(player.wants(), Some(5));
        let player = player.reduce(came(5, 2, 2));
        assert_eq!(player.wants(), None);
        let mut seen = Vec::new();
        let mut player = player;
        for _ in 0..7 {
            seen.push(number(&player).unwrap());
            player = player.reduce(Play::Tick);
        }
        assert_eq!(seen, [1, 2, 3, 4, 5, 6, 1]);
    }

    #[test]
    fn a_step_stops_and_a_pause_holds() {
        let player = after(Player::new(false), vec![came(1, 6, 2)]);
        let player = player.reduce(Play::Step { back: false });
        assert!(!player.playing);
        assert_eq!(number(&player), Some(2));
        let player = player.reduce(Play::Tick);
        assert_eq!(number(&player), Some(2));
        let player = player.reduce(Play::Step { back: true });
        let player = player.reduce(Play::Step { back: true });
        assert_eq!(number(&player), Some(6));
        assert!(player.reduce(Play::Toggle).playing);
    }

    #[test]
    fn frames_of_another_size_or_out_of_turn_are_left_out() {
        let player = after(
            Player::new(false),
            vec![came(1, 2, 4), came(1, 2, 4), came(9, 2, 4)],
        );
        assert_eq!(player.wants(), Some(3));
        let player = player.reduce(Play::Size(FrameSize::Fine));
        assert_eq!(player.wants(), Some(1));
        assert_eq!(player.reduce(came(1, 2, 4)).wants(), Some(1));
    }

    #[test]
    fn who_wishes_less_motion_begins_with_a_still_frame() {
        assert!(!Player::new(true).playing);
        assert!(Player::new(false).playing);
    }
}
