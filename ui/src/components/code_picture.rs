//! A code for a camera: dark squares on white, whatever the theme.

use ipc::CodeFrame;
use yew::prelude::*;

/// White squares around a code: a camera needs them to find it (ISO/IEC 18004, 4 on each side).
const BORDER: u32 = 4;
/// How much of the window's height a code takes at most, and how wide it is at most, in pixels.
const MOST_OF_HEIGHT: f64 = 0.8;
const WIDEST: f64 = 720.0;

#[derive(PartialEq, Properties)]
pub(crate) struct CodePictureProps {
    /// The frame.
    pub(crate) frame: CodeFrame,
    /// What it is, for those who listen.
    pub(crate) label: AttrValue,
}

/// A code, as large as there is room.
#[component]
pub(crate) fn CodePicture(props: &CodePictureProps) -> Html {
    let side = props.frame.side + 2 * BORDER;
    let style = width(side).map(|width| format!("width: {width:.3}px"));
    html! {
        <svg class="code-picture" {style} viewBox={format!("0 0 {side} {side}")} role="img" aria-label={props.label.clone()}
            shape-rendering="crispEdges" data-frame={props.frame.number.to_string()}>
            <rect width={side.to_string()} height={side.to_string()} fill="#ffffff" />
            <path d={path(&props.frame)} fill="#000000" />
        </svg>
    }
}

/// How wide the picture is, so that each square has the same whole number of the screen's points:
/// uneven ones are what cameras misread. Where so few points are there, it fills what there is.
fn width(side: u32) -> Option<f64> {
    let window = web_sys::window()?;
    let points = window.device_pixel_ratio().max(0.5);
    let wide = window.inner_width().ok()?.as_f64()?;
    let high = window.inner_height().ok()?.as_f64()?;
    let room = (high * MOST_OF_HEIGHT).min(wide).min(WIDEST);
    whole_points(side, room, points)
}

fn whole_points(side: u32, room: f64, points: f64) -> Option<f64> {
    let each = (room * points / f64::from(side)).floor();
    (each >= 1.0).then(|| each * f64::from(side) / points)
}

/// The dark squares as one path, a bar for each run of them.
fn path(frame: &CodeFrame) -> String {
    let mut path = String::new();
    for row in 0..frame.side {
        let mut begun = None;
        // One beyond the end, which is never dark, ends the last run.
        for column in 0..=frame.side {
            match (frame.is_dark(column, row), begun) {
                (true, None) => begun = Some(column),
                (false, Some(first)) => {
                    let (x, y) = (first + BORDER, row + BORDER);
                    let wide = column - first;
                    path.push_str(&format!("M{x} {y}h{wide}v1h-{wide}z"));
                    begun = None;
                }
                _ => {}
            }
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_whole_points_of_the_screen() {
        assert_eq!(whole_points(113, 600.0, 1.0), Some(565.0));
        // Of 1.5 points a pixel: 7 points each.
        assert_eq!(whole_points(113, 600.0, 1.5), Some(7.0 * 113.0 / 1.5));
        assert_eq!(whole_points(113, 100.0, 1.0), None);
    }

    #[test]
    fn each_run_of_dark_squares_is_one_bar() {
        let frame = CodeFrame {
            number: 1,
            side: 3,
            // 110 000 011: 1100 0001 1000.
            squares: "c18".into(),
            text: String::new(),
        };
        assert_eq!(path(&frame), "M4 4h2v1h-2zM5 6h2v1h-2z");
    }
}
