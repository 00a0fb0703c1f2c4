use super::*;

/// A picture with this inside.
fn picture(inner: &str) -> String {
    format!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 340 214\">{inner}</svg>")
}

fn parse(text: &str) -> Result<Template, SvgError> {
    Template::parse(text.as_bytes())
}

fn refused(inner: &str) -> SvgError {
    match parse(&picture(inner)) {
        Ok(template) => panic!("taken: {inner} as {}", template.fill(|_| None)),
        Err(error) => error,
    }
}

#[test]
fn a_plain_card_comes_out_as_it_went_in_and_values_are_put_in() {
    let inner = "<defs><linearGradient id=\"a\" href=\"#b\"><stop offset=\"0%\" stop-color=\"#fff\"/>\
                 </linearGradient><clipPath id=\"c\"><rect width=\"10\" height=\"10\"/></clipPath></defs>\
                 <g transform=\"translate(1 2) rotate(-3.5)\" clip-path=\"url(#c)\">\
                 <path d=\"M0 0L10,10z\" fill=\"url(#a)\" style=\"stroke: rgb(1, 2, 3); stroke-width: 2\"/></g>\
                 <title>Card</title><text x=\"1\" font-family=\"Arial, sans-serif\">Name: {{name}}<tspan>{{ a_2 }}</tspan></text>";
    let inner = inner.replace("{{ a_2 }}", "{{a_2}}");
    let template = parse(&picture(&inner)).unwrap();
    let ids: Vec<&str> = template.placeholders().into_iter().collect();
    assert_eq!(ids, ["a_2", "name"]);
    let filled = template.fill(|id| (id == "name").then(|| "Ada".to_owned()));
    let expected = picture(&inner)
        .replace("{{name}}", "Ada")
        .replace("{{a_2}}", "");
    assert_eq!(filled, expected);
}

#[test]
fn a_value_is_text_whatever_it_holds() {
    let template = parse(&picture("<text>{{a}}</text>")).unwrap();
    let fill = |value: &str| template.fill(|_| Some(value.to_owned()));
    assert_eq!(
        fill("</text><script>alert('1')</script>&lt;\"{{a}}"),
        picture(
            "<text>&lt;/text&gt;&lt;script&gt;alert(&apos;1&apos;)&lt;/script&gt;&amp;lt;&quot;{{a}}</text>"
        )
    );
    assert_eq!(
        fill("a\u{0}b\u{202e}c\nd\u{ffff}"),
        picture("<text>abcd</text>")
    );
    let long = fill(&"x".repeat(10 * MAX_VALUE));
    assert_eq!(
        long,
        picture(&format!("<text>{}</text>", "x".repeat(MAX_VALUE)))
    );
    // What was filled in is a picture itself, and its text no placeholder of another round.
    let again = parse(&fill("<b>")).unwrap();
    assert!(again.placeholders().is_empty());
}

#[test]
fn what_surrounds_a_picture_is_left_out() {
    let text = format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- made by hand -->\n{}\n",
        picture("<!-- a <script> in words --><text>a<!-- b -->c</text>")
    );
    assert_eq!(
        parse(&text).unwrap().fill(|_| None),
        picture("<text>ac</text>")
    );
    let old = "<svg version=\"1.1\" xmlns=\"http://www.w3.org/2000/svg\" \
               xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0,0,1,1\">\
               <linearGradient xlink:href=\"#a\"/></svg>";
    let written = parse(old).unwrap().fill(|_| None);
    assert!(
        written.contains("<linearGradient href=\"#a\"/>"),
        "{written}"
    );
    assert!(!written.contains("xlink"));
}

#[test]
fn elements_that_act_fetch_or_multiply_are_refused() {
    for inner in [
        "<script>alert(1)</script>",
        "<SCRIPT/>",
        "<foreignObject><p/></foreignObject>",
        "<style>@import 'a'</style>",
        "<image href=\"#a\"/>",
        "<use href=\"#a\"/>",
        "<symbol/>",
        "<a href=\"#a\"/>",
        "<animate/>",
        "<set/>",
        "<filter/>",
        "<feImage/>",
        "<pattern/>",
        "<mask/>",
        "<marker/>",
        "<switch/>",
        "<iframe/>",
        "<metadata/>",
        "<textPath href=\"#a\"/>",
        "<svg:rect/>",
        "<h:script xmlns:h=\"http://www.w3.org/1999/xhtml\"/>",
        "<svg/>",
        "<text><rect/></text>",
        "<title><tspan/><circle/></title>",
        "<clipPath><clipPath/></clipPath>",
        "<clipPath><g><clipPath/></g></clipPath>",
    ] {
        assert_eq!(refused(inner), SvgError::Element, "{inner}");
    }
}

#[test]
fn attributes_that_act_are_refused() {
    for inner in [
        "<rect onload=\"alert(1)\"/>",
        "<rect ONCLICK=\"a\"/>",
        "<rect class=\"a\"/>",
        "<rect filter=\"url(#a)\"/>",
        "<rect mask=\"url(#a)\"/>",
        "<rect stroke-dasharray=\"0.0001\"/>",
        "<rect src=\"a\"/>",
        "<rect tabindex=\"1\"/>",
        "<rect xmlns=\"http://www.w3.org/2000/svg\"/>",
        "<rect xmlns:a=\"http://www.w3.org/2000/svg\"/>",
        "<rect xml:base=\"http://tracker.example/\"/>",
        "<rect viewBox=\"0 0 1 1\"/>",
        "<clipPath clip-path=\"url(#a)\"/>",
        "<clipPath><rect clip-path=\"url(#a)\"/></clipPath>",
        "<rect style=\"behavior: a\"/>",
        "<rect style=\"clip-path: url(#a)\"/>",
        "<rect style=\"fill: red; --a: b\"/>",
        "<linearGradient href=\"#a\" xlink:href=\"#a\"/>",
    ] {
        assert_eq!(refused(inner), SvgError::Attribute, "{inner}");
    }
}

#[test]
fn nothing_leads_outside_the_picture() {
    for inner in [
        "<linearGradient href=\"https://tracker.example/a.svg#a\"/>",
        "<linearGradient href=\"a.svg#a\"/>",
        "<linearGradient href=\"#\"/>",
        "<linearGradient xlink:href=\"data:image/svg+xml,a\"/>",
        "<rect fill=\"url(https://tracker.example/a)\"/>",
        "<rect fill=\"url(a.svg#a)\"/>",
        "<rect fill=\"url('#a')\"/>",
        "<rect fill=\"URL(a)\"/>",
        "<rect fill=\"url( a )\"/>",
        "<rect clip-path=\"url(a#a)\"/>",
        "<rect clip-path=\"circle(1)\"/>",
        "<rect fill=\"&#x75;rl(//tracker.example)\"/>",
        "<rect fill=\"ur\\6c(a)\"/>",
        "<rect style=\"fill: url(a)\"/>",
        "<rect style=\"fill: @import\"/>",
        "<rect style=\"fill: javascript:alert\"/>",
        "<rect style=\"fill: url(#a) url(b)\"/>",
    ] {
        assert_eq!(refused(inner), SvgError::Reference, "{inner}");
    }
}

#[test]
fn values_are_plain() {
    for inner in [
        "<rect fill=\"image(a)\"/>",
        "<rect fill=\"var(a)\"/>",
        "<rect fill=\"rgb(url(#a))\"/>",
        "<rect fill=\"rgb(1\"/>",
        "<rect fill=\"1)\"/>",
        "<rect fill=\"red; a\"/>",
        "<rect fill=\"a!important\"/>",
        "<rect fill=\"{a}\"/>",
        "<rect fill=\"r\u{e9}d\"/>",
        "<rect id=\"1\"/>",
        "<rect id=\"a b\"/>",
        "<rect style=\"fill\"/>",
        "<rect style=\"fill: image-set(a)\"/>",
    ] {
        assert_eq!(refused(inner), SvgError::Value, "{inner}");
    }
}

#[test]
fn document_types_entities_and_instructions_are_refused() {
    let typed = format!("<!DOCTYPE svg [<!ENTITY a \"b\">]>{}", picture(""));
    assert_eq!(parse(&typed), Err(SvgError::DocumentType));
    for inner in ["<text>&a;</text>", "<rect fill=\"&a;\"/>", "&nbsp;"] {
        assert_eq!(refused(inner), SvgError::Entity, "{inner}");
    }
    for inner in [
        "<?xml-stylesheet href=\"a.css\"?>",
        "<text><![CDATA[<script>]]></text>",
        "<?xml version=\"1.0\"?>",
    ] {
        assert_eq!(refused(inner), SvgError::Instruction, "{inner}");
    }
    let before = format!("<?xml-stylesheet href=\"a.css\"?>{}", picture(""));
    assert_eq!(parse(&before), Err(SvgError::Instruction));
}

#[test]
fn a_picture_is_well_formed() {
    for text in [
        "",
        "<svg",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\">",
        &picture("<g>"),
        &picture("<g></rect>"),
        &picture("</svg>"),
        &picture("<rect x=\"1\" x=\"2\"/>"),
        &picture("<rect x=1/>"),
        &picture("<rect x=\"<\"/>"),
        &picture("<rect x=\"&lt\"/>"),
        &picture("<text>\u{1}</text>"),
        &picture("<text>&#1;</text>"),
        &picture("<text>&#xd800;</text>"),
        &picture("<title lang=\"\u{2}\"/>"),
        &picture("<text>a & b</text>"),
        &picture("<!-- a -- b -->"),
        &format!("<?xml version=\"1.1\"?>{}", picture("")),
        &format!("<?xml version=\"1.0\" encoding=\"UTF-7\"?>{}", picture("")),
    ] {
        assert_eq!(parse(text), Err(SvgError::Xml), "{text}");
    }
    assert_eq!(Template::parse(&[0xff, 0xfe]), Err(SvgError::Xml));
}

#[test]
fn the_root_is_one_svg_with_a_view_box() {
    for text in [
        "<html/>",
        "<g xmlns=\"http://www.w3.org/2000/svg\"/>",
        "<svg viewBox=\"0 0 1 1\"/>",
        "<svg xmlns=\"http://www.w3.org/1999/xhtml\" viewBox=\"0 0 1 1\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 0 1\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 -1\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1e9 1\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 inf NaN\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\" version=\"9\"/>",
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\" xmlns:xlink=\"a\"/>",
    ] {
        assert_eq!(parse(text), Err(SvgError::NotSvg), "{text}");
    }
    let two = format!("{}<rect/>", picture(""));
    assert_eq!(parse(&two), Err(SvgError::Element));
    assert_eq!(parse(&format!("{}a", picture(""))), Err(SvgError::Text));
    assert_eq!(refused("a"), SvgError::Text);
    assert_eq!(refused("<g>{{a}}</g>"), SvgError::Text);
}

#[test]
fn placeholders_stand_in_text_and_are_well_formed() {
    for inner in [
        "<text>{{a</text>",
        "<text>{{a b}}</text>",
        "<text>{{1a}}</text>",
        "<text>{{}}</text>",
        "<text>{{a<tspan>}}</tspan></text>",
        "<rect fill=\"{{a}}\"/>",
        "<title lang=\"{{a}}\"/>",
        "<linearGradient href=\"#{{a}}\"/>",
    ] {
        assert_eq!(refused(inner), SvgError::Placeholder, "{inner}");
    }
    // References are resolved before placeholders are looked for.
    let hidden = parse(&picture("<text>{&#123;a}}</text>")).unwrap();
    assert_eq!(hidden.placeholders().len(), 1);
    // What a comment hides in between is looked at as it is written.
    let cut = parse(&picture("<text>{<!-- -->{a}}</text>")).unwrap();
    assert_eq!(cut.placeholders().len(), 1);
    let cut = refused("<text>{<!-- -->{1}}</text>");
    assert_eq!(cut, SvgError::Placeholder);
}

#[test]
fn sizes_are_bounded() {
    let inner = |text: &str, count: usize| picture(&text.repeat(count));
    assert_eq!(parse(&inner(" ", MAX_BYTES)), Err(SvgError::TooLong));
    assert!(parse(&inner("<g/>", MAX_ELEMENTS - 1)).is_ok());
    assert_eq!(parse(&inner("<g/>", MAX_ELEMENTS)), Err(SvgError::TooMany));
    let nested = |depth: usize| picture(&("<g>".repeat(depth) + &"</g>".repeat(depth)));
    assert!(parse(&nested(MAX_DEPTH - 1)).is_ok());
    assert_eq!(parse(&nested(MAX_DEPTH)), Err(SvgError::TooDeep));
    let slots = |count: usize| picture(&format!("<text>{}</text>", "{{a}}".repeat(count)));
    assert!(parse(&slots(MAX_PLACEHOLDERS)).is_ok());
    assert_eq!(parse(&slots(MAX_PLACEHOLDERS + 1)), Err(SvgError::TooMany));
    let names = [
        "x",
        "y",
        "x1",
        "x2",
        "y1",
        "y2",
        "cx",
        "cy",
        "d",
        "dx",
        "dy",
        "fx",
        "fy",
        "r",
        "rx",
        "ry",
        "fill",
        "fill-opacity",
        "fill-rule",
        "font-family",
        "font-size",
        "font-style",
        "font-weight",
        "height",
        "width",
        "opacity",
        "offset",
        "points",
        "stroke",
        "stroke-width",
        "transform",
        "visibility",
        "color",
    ];
    let many: String = names.iter().map(|name| format!(" {name}=\"1\"")).collect();
    assert_eq!(refused(&format!("<rect{many}/>")), SvgError::TooMany);
}

#[test]
fn no_refusal_repeats_what_it_refused() {
    let error = refused("<SECRET/>");
    assert!(!format!("{error} {error:?}").contains("SECRET"));
}

#[test]
fn whatever_passes_passes_again() {
    use proptest::prelude::*;
    let part = prop_oneof![
        Just("<text>"),
        Just("</text>"),
        Just("{{a}}"),
        Just("<g fill=\"red\">"),
        Just("</g>"),
        Just("<rect/>"),
        Just("&amp;"),
        Just("<!-- -->"),
        Just("a"),
        Just(" "),
        Just("<script/>"),
        Just("<tspan x='1'>"),
        Just("</tspan>"),
        Just("\""),
        Just("<rect fill='url(#a)'/>"),
    ];
    proptest!(|(parts in proptest::collection::vec(part, 0..12), value in ".{0,20}")| {
        if let Ok(template) = parse(&picture(&parts.concat())) {
            let filled = template.fill(|_| Some(value.clone()));
            let again = parse(&filled);
            prop_assert!(!filled.contains("<script"));
            // Only a value can make a placeholder of text, and then it is a placeholder.
            prop_assert!(again.is_ok() || value.contains("{{"), "{}", filled);
        }
    });
}
