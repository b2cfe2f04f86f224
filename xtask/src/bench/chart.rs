//! Bars in SVG, which are readable on a light page and on a dark one.

/// Bars that belong together because they have one unit.
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) groups: Vec<Group>,
}

/// Bars under one heading.
pub(crate) struct Group {
    pub(crate) title: String,
    pub(crate) bars: Vec<Bar>,
}

/// One bar.
pub(crate) struct Bar {
    /// Whose it is.
    pub(crate) label: String,
    pub(crate) value: f64,
    /// The quartiles, where the value is the middle of several.
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// What stands behind the bar.
    pub(crate) caption: String,
}

const WIDTH: f64 = 760.0;
/// Where bars start: beyond the labels.
const LEFT: f64 = 110.0;
/// What is free behind the longest bar, for its caption.
const RIGHT: f64 = 190.0;
/// From one bar to the next.
const STEP: f64 = 24.0;
/// How high a bar is.
const THICK: f64 = 16.0;
/// What a heading takes.
const HEADING: f64 = 30.0;
const TITLE: f64 = 44.0;
const MARGIN: f64 = 16.0;

/// The colours follow what the reader's system prefers, and the ground belongs to the picture, so
/// that neither is ever seen with the other's text.
const STYLE: &str = "\
text{font:13px system-ui,-apple-system,'Segoe UI',Helvetica,Arial,sans-serif;fill:#1f2328}\
.title{font-size:16px;font-weight:600}.group{font-weight:600}.caption{fill:#57606a}\
.ground{fill:#ffffff;stroke:#d0d7de}.range{stroke:#1f2328;stroke-width:1.5}\
.floor{fill:#9aa4af}.ours{fill:#1f6feb}.other{fill:#e3a25a}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.caption{fill:#9da7b1}\
.ground{fill:#0d1117;stroke:#30363d}.range{stroke:#e6edf3}\
.floor{fill:#6e7681}.ours{fill:#4493f8}.other{fill:#b9772c}}";

impl Chart {
    /// The picture, if there is a bar to show.
    pub(crate) fn svg(&self) -> Option<String> {
        let bars = || self.groups.iter().flat_map(|group| &group.bars);
        let longest = bars().map(|bar| bar.high.max(bar.value)).reduce(f64::max)?;
        let scale = (WIDTH - LEFT - RIGHT) / longest;
        let mut body = text(MARGIN, 28.0, "title", &self.title);
        let mut y = TITLE;
        for group in self.groups.iter().filter(|group| !group.bars.is_empty()) {
            body.push_str(&text(MARGIN, y + 19.0, "group", &group.title));
            y += HEADING;
            for bar in &group.bars {
                body.push_str(&bar.svg(y, scale));
                y += STEP;
            }
        }
        let height = y + MARGIN;
        let (title, style) = (escaped(&self.title), STYLE);
        Some(format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
             width=\"{WIDTH}\" height=\"{height}\" role=\"img\" aria-label=\"{title}\">\n\
             <style>{style}</style>\n\
             <rect class=\"ground\" x=\"0.5\" y=\"0.5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n\
             {body}</svg>\n",
            WIDTH - 1.0,
            height - 1.0,
        ))
    }
}

impl Bar {
    fn svg(&self, y: f64, scale: f64) -> String {
        let class = match self.label.as_str() {
            "floor" => "floor",
            "ours" => "ours",
            _ => "other",
        };
        let length = (self.value * scale).max(1.0);
        let baseline = y + THICK - 3.5;
        let mut svg = text(MARGIN, baseline, "label", &self.label);
        svg.push_str(&format!(
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{THICK}\" rx=\"2\"/>\n"
        ));
        if self.high > self.low {
            let (from, to) = (LEFT + self.low * scale, LEFT + self.high * scale);
            let middle = y + THICK / 2.0;
            svg.push_str(&format!(
                "<line class=\"range\" x1=\"{from:.1}\" y1=\"{middle:.1}\" x2=\"{to:.1}\" y2=\"{middle:.1}\"/>\n"
            ));
        }
        let end = LEFT + length.max(self.high * scale) + 8.0;
        svg.push_str(&text(end, baseline, "caption", &self.caption));
        svg
    }
}

fn text(x: f64, y: f64, class: &str, what: &str) -> String {
    let what = escaped(what);
    format!("<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{what}</text>\n")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bar(label: &str, value: f64) -> Bar {
        Bar {
            label: label.to_owned(),
            value,
            low: value * 0.9,
            high: value * 1.1,
            caption: format!("{value} µs"),
        }
    }

    fn chart(bars: Vec<Bar>) -> Chart {
        Chart {
            title: "a < b".to_owned(),
            groups: vec![Group {
                title: "group".to_owned(),
                bars,
            }],
        }
    }

    #[test]
    fn bars_are_as_long_as_their_values() {
        let svg = chart(vec![bar("floor", 10.0), bar("ours", 5.0)])
            .svg()
            .unwrap();
        assert!(
            svg.contains("class=\"floor\" x=\"110\" y=\"74.0\" width=\"418.2\""),
            "{svg}"
        );
        assert!(
            svg.contains("class=\"ours\" x=\"110\" y=\"98.0\" width=\"209.1\""),
            "{svg}"
        );
        assert!(svg.contains("a &lt; b"));
        assert_eq!(svg.matches("<text").count(), svg.matches("</text>").count());
    }

    #[test]
    fn without_a_bar_there_is_no_picture() {
        assert!(chart(Vec::new()).svg().is_none());
    }
}
