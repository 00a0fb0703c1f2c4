//! Asking all nodes at once.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::time::{Instant, timeout_at};

/// How much longer the others are heard after one gave an answer that is enough by itself. They are
/// asked all the same because one of them may know something newer, or contradict it.
pub(super) const STRAGGLERS: Duration = Duration::from_secs(2);

/// Waits for all answers and, once there is one that is enough, for [`STRAGGLERS`] more: beside such a
/// one, a node that hangs costs no more than that. The answers that came, in the order of the questions.
pub(super) async fn ask_all<F: Future>(
    questions: impl IntoIterator<Item = F>,
    is_enough: impl Fn(&F::Output) -> bool,
) -> Vec<F::Output> {
    let questions = questions.into_iter().enumerate();
    let mut waiting: FuturesUnordered<_> = questions
        .map(|(position, question)| async move { (position, question.await) })
        .collect();
    let mut answers = Vec::new();
    let mut until = None;
    loop {
        let next = match until {
            None => waiting.next().await,
            Some(until) => timeout_at(until, waiting.next()).await.ok().flatten(),
        };
        let Some((position, answer)) = next else {
            break;
        };
        if until.is_none() && is_enough(&answer) {
            until = Some(Instant::now() + STRAGGLERS);
        }
        answers.push((position, answer));
    }
    answers.sort_by_key(|(position, _)| *position);
    answers.into_iter().map(|(_, answer)| answer).collect()
}
