//! How the log grew: a picture, and the same as a table.

use ipc::GrowthPoint;
use yew::prelude::*;

use crate::state::use_shell;

/// The picture's own units.
const WIDE: f64 = 600.0;
const TALL: f64 = 140.0;

#[derive(PartialEq, Properties)]
pub(crate) struct GrowthProps {
    /// The oldest first.
    pub(crate) points: Vec<GrowthPoint>,
    /// Until when it is known that nothing came after.
    pub(crate) until: Option<i64>,
}

/// How the log grew.
#[component]
pub(crate) fn Growth(props: &GrowthProps) -> Html {
    let text = use_shell().text();
    let points = &props.points;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Html::default();
    };
    let end = props.until.unwrap_or(last.at).max(last.at);
    let (from, to) = (text.day_and_time(first.at), text.day_and_time(end));
    let told = text.say_with(
        "growth-picture",
        &[
            ("first", first.entries.into()),
            ("from", from.clone().into()),
            ("last", last.entries.into()),
            ("to", to.clone().into()),
        ],
    );
    html! {
        <section id="growth">
            <h2>{ text.say("growth-title") }</h2>
            <figure class="growth">
                <p class="growth-most muted" aria-hidden="true">{ last.entries.to_string() }</p>
                <svg viewBox={format!("0 0 {WIDE} {TALL}")} preserveAspectRatio="none" role="img" aria-label={told}>
                    <path class="growth-area" d={format!("{} V {TALL} H 0 Z", steps(points, end))} />
                    <path class="growth-line" d={steps(points, end)} />
                </svg>
                <p class="growth-ends muted" aria-hidden="true"><span>{ from }</span><span>{ to }</span></p>
            </figure>
            <details>
                <summary>{ text.say("growth-table") }</summary>
                <div class="scroll" tabindex="0" role="region" aria-label={text.say("growth-title")}>
                    <table>
                        <thead><tr>
                            <th scope="col">{ text.say("growth-when") }</th>
                            <th scope="col" class="number">{ text.say("ledger-entries") }</th>
                        </tr></thead>
                        <tbody>
                            { for points.iter().map(|point| html! {
                                <tr><td>{ text.day_and_time(point.at) }</td><td class="number">{ point.entries.to_string() }</td></tr>
                            }) }
                        </tbody>
                    </table>
                </div>
            </details>
        </section>
    }
}

/// A line that rises at each point, from the first to `end`.
fn steps(points: &[GrowthPoint], end: i64) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return String::new();
    };
    let span = (end - first.at).max(1) as f64;
    let most = last.entries.max(1) as f64;
    let x = |at: i64| WIDE * (at - first.at) as f64 / span;
    let y = |entries: u64| TALL * (1.0 - entries as f64 / most);
    let mut path = format!("M 0 {TALL} V {:.1}", y(first.entries));
    for point in points.iter().skip(1) {
        path.push_str(&format!(" H {:.1} V {:.1}", x(point.at), y(point.entries)));
    }
    path.push_str(&format!(" H {WIDE}"));
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_rises_where_entries_came() {
        let point = |at, entries| GrowthPoint { at, entries };
        let points = [point(100, 1), point(150, 2), point(200, 4)];
        assert_eq!(
            steps(&points, 300),
            "M 0 140 V 105.0 H 150.0 V 70.0 H 300.0 V 0.0 H 600"
        );
        assert_eq!(steps(&[point(5, 1)], 5), "M 0 140 V 0.0 H 600");
        assert_eq!(steps(&[], 5), "");
    }
}
