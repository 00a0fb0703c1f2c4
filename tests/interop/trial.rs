//! Runs the exchanges, each a test of its own with a name, and says of each what came of it.
//!
//! The usual harness cannot say while it runs that a test was skipped; here a peer that is
//! missing makes its tests *ignored*, with the reason, and never passed.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::time::Instant;

use anyhow::{Result, anyhow};
use journeys::peer::{Missing, PEERS, Peer};

/// One exchange with one peer.
pub(crate) struct Trial {
    pub(crate) peer: &'static str,
    pub(crate) name: String,
    run: Exchange,
}

type Exchange = Box<dyn Fn(&mut Peer) -> Result<()> + Send + Sync>;

impl Trial {
    pub(crate) fn new(
        peer: &'static str,
        name: impl Into<String>,
        run: impl Fn(&mut Peer) -> Result<()> + Send + Sync + 'static,
    ) -> Self {
        Self {
            peer,
            name: name.into(),
            run: Box::new(run),
        }
    }

    fn full_name(&self) -> String {
        format!("{}::{}", self.peer, self.name)
    }
}

#[derive(Default)]
struct Count {
    passed: usize,
    failed: Vec<String>,
    ignored: usize,
}

/// Runs those whose name contains one of the words of the command line; true when none failed.
///
/// With `CAIRN_PEERS=all` in the environment a missing peer is a failure.
pub(crate) fn run(trials: Vec<Trial>) -> Result<bool> {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let listing = std::env::args().any(|word| word == "--list");
    let wanted = |trial: &Trial| {
        let name = trial.full_name();
        words.is_empty() || words.iter().any(|word| name.contains(word.as_str()))
    };
    let all = trials.len();
    let trials: Vec<Trial> = trials.into_iter().filter(wanted).collect();
    if listing {
        for trial in &trials {
            say(&format!("{}: test", trial.full_name()))?;
        }
        return Ok(true);
    }
    say(&format!("\nrunning {} tests", trials.len()))?;
    let start = Instant::now();
    let count = Mutex::new(Count::default());
    let quiet = std::env::args().any(|word| word == "--quiet" || word == "-q");
    let required = std::env::var_os("CAIRN_PEERS").is_some_and(|value| value == "all");
    // A thread for each peer: each answers one request after the other.
    std::thread::scope(|scope| {
        for peer in PEERS {
            let trials: Vec<&Trial> = trials.iter().filter(|one| one.peer == *peer).collect();
            let count = &count;
            scope.spawn(move || with_peer(peer, &trials, count, required, quiet));
        }
    });
    let count = count.into_inner().map_err(|_| anyhow!("a thread died"))?;
    if !count.failed.is_empty() {
        say("\nfailures:")?;
        for name in &count.failed {
            say(&format!("    {name}"))?;
        }
    }
    say(&format!(
        "\ntest result: {}. {} passed; {} failed; {} ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if count.failed.is_empty() {
            "ok"
        } else {
            "FAILED"
        },
        count.passed,
        count.failed.len(),
        count.ignored,
        all - trials.len(),
        start.elapsed().as_secs_f64(),
    ))?;
    Ok(count.failed.is_empty())
}

fn with_peer(
    peer: &'static str,
    trials: &[&Trial],
    count: &Mutex<Count>,
    required: bool,
    quiet: bool,
) {
    let mut running: Option<Peer> = None;
    for trial in trials {
        let outcome = match running.take().map_or_else(|| Peer::start(peer), Ok) {
            Ok(mut one) => {
                let outcome = catch_unwind(AssertUnwindSafe(|| (trial.run)(&mut one)))
                    .unwrap_or_else(|_| Err(anyhow!("it panicked")));
                // After a failure the peer may be in the middle of an answer: a new one is started.
                if outcome.is_ok() {
                    running = Some(one);
                }
                outcome
            }
            Err(Missing(reason)) if required => Err(anyhow!("the peer is missing: {reason}")),
            Err(Missing(reason)) => {
                if let Ok(mut count) = count.lock() {
                    count.ignored += 1;
                }
                let _ = say(&format!("test {} ... ignored, {reason}", trial.full_name()));
                continue;
            }
        };
        let Ok(mut count) = count.lock() else { return };
        let name = trial.full_name();
        let line = match outcome {
            Ok(()) => {
                count.passed += 1;
                if quiet {
                    continue;
                }
                format!("test {name} ... ok")
            }
            Err(error) => {
                count.failed.push(name.clone());
                format!("test {name} ... FAILED\n    {error:#}")
            }
        };
        let _ = say(&line);
    }
}

fn say(line: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout().lock(), "{line}")
}
