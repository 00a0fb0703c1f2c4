//! A long list of which only the rows near the window are in the page.

use wasm_bindgen::prelude::*;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Rows above and below the visible ones.
const OVERSCAN: usize = 8;
/// The height of a row in pixels until one was measured.
const FIRST_GUESS: f64 = 96.0;
/// The height of a window that does not say.
const PLAIN_WINDOW: f64 = 800.0;

/// The rows that are in the page, and the room that the others take.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Slice {
    /// The first row.
    pub(crate) first: usize,
    /// One after the last row.
    pub(crate) end: usize,
    /// Pixels above.
    pub(crate) before: f64,
    /// Pixels below.
    pub(crate) after: f64,
}

/// Which of `total` rows of `row` pixels are near a window of `window` pixels, when the list
/// starts `top` pixels below the window's upper edge (negative: scrolled past).
pub(crate) fn slice(total: usize, row: f64, top: f64, window: f64) -> Slice {
    let row = if row.is_finite() && row >= 1.0 {
        row
    } else {
        FIRST_GUESS
    };
    let above = whole(-top / row).saturating_sub(OVERSCAN);
    let shown = whole(window / row) + 1 + 2 * OVERSCAN;
    let first = above.min(total.saturating_sub(shown));
    let end = first.saturating_add(shown).min(total);
    Slice {
        first,
        end,
        before: rows(first) * row,
        after: rows(total - end) * row,
    }
}

fn whole(number: f64) -> usize {
    number.clamp(0.0, 1e7) as usize
}

fn rows(count: usize) -> f64 {
    u32::try_from(count).map_or(0.0, f64::from)
}

#[derive(PartialEq, Properties)]
pub(crate) struct VirtualListProps {
    /// How many rows there are.
    pub(crate) total: usize,
    /// Draws the content of one row.
    pub(crate) row: Callback<usize, Html>,
    /// The list's name.
    pub(crate) label: AttrValue,
}

/// The list. Rows are as high as one another; the arrow keys go from row to row.
#[component]
pub(crate) fn VirtualList(props: &VirtualListProps) -> Html {
    let list = use_node_ref();
    let at = use_state(|| (0.0, PLAIN_WINDOW, FIRST_GUESS));
    let measure = {
        let (list, at) = (list.clone(), at.clone());
        move || {
            let Some(element) = list.cast::<HtmlElement>() else {
                return;
            };
            let window = web_sys::window()
                .and_then(|window| window.inner_height().ok())
                .and_then(|height| height.as_f64())
                .unwrap_or(PLAIN_WINDOW);
            let row = element
                .query_selector("li.row")
                .ok()
                .flatten()
                .map(|row| row.get_bounding_client_rect().height())
                .filter(|height| *height >= 1.0)
                .unwrap_or(FIRST_GUESS);
            let next = (element.get_bounding_client_rect().top(), window, row);
            if *at != next {
                at.set(next);
            }
        }
    };
    {
        let measure = measure.clone();
        use_effect_with(props.total, move |_| measure());
    }
    {
        // Listens anew after each drawing, because the measuring closes over what was drawn.
        use_effect(move || {
            let closure = Closure::<dyn Fn()>::new(measure);
            let window = web_sys::window();
            for event in ["scroll", "resize"] {
                if let Some(window) = &window {
                    let _ = window
                        .add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
                }
            }
            move || {
                for event in ["scroll", "resize"] {
                    if let Some(window) = &window {
                        let _ = window.remove_event_listener_with_callback(
                            event,
                            closure.as_ref().unchecked_ref(),
                        );
                    }
                }
            }
        });
    }
    let (top, window, row) = *at;
    let slice = slice(props.total, row, top, window);
    let onkeydown = Callback::from(|event: KeyboardEvent| {
        let forward = match event.key().as_str() {
            "ArrowDown" => true,
            "ArrowUp" => false,
            _ => return,
        };
        let row = event
            .target_dyn_into::<HtmlElement>()
            .and_then(|focused| focused.closest("li.row").ok().flatten());
        let next = row.and_then(|row| {
            if forward {
                row.next_element_sibling()
            } else {
                row.previous_element_sibling()
            }
        });
        let button = next
            .and_then(|row| row.query_selector("button").ok().flatten())
            .and_then(|button| button.dyn_into::<HtmlElement>().ok());
        if let Some(button) = button {
            event.prevent_default();
            let _ = button.focus();
        }
    });
    html! {
        // The style of a list without bullets takes its role away in some browsers.
        <ul class="rows" role="list" ref={list} aria-label={props.label.clone()} {onkeydown}
            style={format!("padding-block: {}px {}px", slice.before, slice.after)}>
            { for (slice.first..slice.end).map(|index| html! {
                <li class="row" key={index} aria-setsize={props.total.to_string()} aria-posinset={(index + 1).to_string()}>
                    { props.row.emit(index) }
                </li>
            }) }
        </ul>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thousand_rows_are_a_few_in_the_page() {
        let slice = slice(1_000, 80.0, 200.0, 900.0);
        assert_eq!((slice.first, slice.before), (0, 0.0));
        assert!(slice.end < 40, "{slice:?}");
        assert_eq!(slice.after, (1_000 - slice.end) as f64 * 80.0);
    }

    #[test]
    fn the_room_stays_the_same_wherever_it_is_scrolled() {
        for top in [0.0, -1.0, -4_321.0, -79_000.0, -200_000.0, 5_000.0] {
            let slice = slice(1_000, 80.0, top, 900.0);
            let drawn = (slice.end - slice.first) as f64 * 80.0;
            assert_eq!(slice.before + drawn + slice.after, 80_000.0, "{top}");
        }
    }

    #[test]
    fn the_visible_rows_are_drawn() {
        let slice = slice(1_000, 80.0, -40_000.0, 900.0);
        assert!(slice.first <= 500 && slice.end >= 500 + 12, "{slice:?}");
    }

    #[test]
    fn short_and_empty_lists_are_whole() {
        assert_eq!(slice(3, 80.0, 0.0, 900.0).end, 3);
        assert_eq!(slice(0, 80.0, 0.0, 900.0).end, 0);
    }

    #[test]
    fn odd_measures_do_no_harm() {
        for row in [0.0, -5.0, f64::NAN, f64::INFINITY] {
            let slice = slice(1_000, row, f64::NAN, f64::NAN);
            assert!(slice.end <= 1_000);
        }
    }
}
