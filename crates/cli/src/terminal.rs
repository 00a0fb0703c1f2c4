//! Codes drawn in the terminal, two modules a character, black on white whatever its colours.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use wallet::code::Symbol;
use wallet::desk::ShownCode;

use crate::desk::Pictures;

/// Black on white, set for each line, so that what is scrolled away leaves no colour behind.
const BLACK_ON_WHITE: &str = "\x1b[30;107m";
const PLAIN: &str = "\x1b[0m";
/// To the upper left corner, and everything gone.
const CLEAR: &str = "\x1b[H\x1b[2J\x1b[3J";
/// The white margin that readers need, in modules.
const QUIET: usize = 4;

/// Shows the code until it is over or the citizen is done: one still picture, or an animation
/// that Enter halts, and then steps. Where there is no terminal the pictures are written once,
/// one below the other.
pub(crate) fn show(shown: &ShownCode, pictures: &Pictures, speed: u8) {
    let mut stdout = std::io::stdout().lock();
    if !std::io::stdout().is_terminal() || !std::io::stdin().is_terminal() {
        for symbol in pictures.symbols.iter().take(pictures.parts) {
            let _ = writeln!(stdout, "{}", draw(symbol));
        }
        return;
    }
    let lines = read_lines();
    let mut number = 0_usize;
    let mut halted = pictures.parts == 1;
    loop {
        let left = shown.left(now());
        let Some(symbol) = pictures.symbols.get(number % pictures.symbols.len().max(1)) else {
            break;
        };
        if left == 0 {
            let _ = writeln!(
                stdout,
                "{CLEAR}The code is over. For a new one, begin again."
            );
            break;
        }
        let hint = hint(pictures.parts, number, halted);
        let _ = write!(stdout, "{CLEAR}{}{left} s left. {hint} ", draw(symbol));
        let _ = stdout.flush();
        let patience = if halted {
            Duration::from_secs(1)
        } else {
            Duration::from_millis(1000 / u64::from(speed.max(1)))
        };
        match lines.recv_timeout(patience) {
            Ok(line) => match (line.trim(), pictures.parts) {
                ("q", _) | (_, 1) => {
                    let _ = write!(stdout, "{CLEAR}");
                    break;
                }
                ("g", _) => halted = false,
                _ if halted => number += 1,
                _ => halted = true,
            },
            Err(RecvTimeoutError::Timeout) if halted => {}
            Err(RecvTimeoutError::Timeout) => number += 1,
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    let _ = stdout.flush();
}

fn hint(parts: usize, number: usize, halted: bool) -> String {
    if parts == 1 {
        return "Enter: done. Where the picture does not fit: --size small.".to_owned();
    }
    let part = number % parts + 1;
    if halted {
        format!("Part {part} of {parts}. Enter: next. g Enter: go on. q Enter: done.")
    } else {
        format!("Part {part} of {parts}. Enter: halt. q Enter: done.")
    }
}

/// Lines that are typed, until the program ends.
fn read_lines() -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { return };
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}

fn now() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
        })
}

/// One code in half blocks, with its white margin.
fn draw(symbol: &Symbol) -> String {
    let (side, modules) = symbol.modules();
    let whole = side + 2 * QUIET;
    let is_dark = |x: usize, y: usize| {
        let (x, y) = (x.checked_sub(QUIET), y.checked_sub(QUIET));
        x.zip(y)
            .filter(|(x, y)| *x < side && *y < side)
            .and_then(|(x, y)| modules.get(y * side + x))
            .copied()
            .unwrap_or(false)
    };
    let mut text = String::new();
    for y in (0..whole).step_by(2) {
        text.push_str(BLACK_ON_WHITE);
        for x in 0..whole {
            text.push(match (is_dark(x, y), is_dark(x, y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            });
        }
        text.push_str(PLAIN);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_code_has_each_module_once_and_its_margin() {
        let symbol = Symbol::new("CAIRN-ASK:TEST").unwrap();
        let (side, modules) = symbol.modules();
        let drawn = draw(&symbol);
        let lines: Vec<&str> = drawn
            .lines()
            .map(|line| {
                let line = line.strip_prefix(BLACK_ON_WHITE).unwrap();
                line.strip_suffix(PLAIN).unwrap()
            })
            .collect();
        assert_eq!(lines.len(), (side + 2 * QUIET).div_ceil(2));
        let mut read = Vec::new();
        for y in QUIET..QUIET + side {
            let line: Vec<char> = lines[y / 2].chars().collect();
            assert_eq!(line.len(), side + 2 * QUIET);
            assert!(line[..QUIET].iter().all(|one| *one == ' '));
            let dark = if y % 2 == 0 {
                ['▀', '█']
            } else {
                ['▄', '█']
            };
            read.extend(
                line[QUIET..QUIET + side]
                    .iter()
                    .map(|one| dark.contains(one)),
            );
        }
        assert_eq!(read, modules);
    }

    #[test]
    fn what_can_be_done_is_said() {
        assert!(hint(1, 5, true).starts_with("Enter: done."));
        assert!(hint(3, 4, true).starts_with("Part 2 of 3."));
        assert!(hint(3, 4, false).contains("halt"));
    }
}
