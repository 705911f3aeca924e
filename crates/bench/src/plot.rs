//! The report as a picture: what a packet costs beside what it costs at least, and how late packets were.
//!
//! Plain SVG with its styles inside, for a page or a browser; dark where the reader's system is dark.

use std::fmt::Write;

use crate::report::{Figures, Report};

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 470.0;
const LEFT: f64 = 190.0;
const RIGHT: f64 = 56.0;
/// Where the bars are, and how high one is.
const BARS_TOP: f64 = 92.0;
const BAR: f64 = 22.0;
/// Where the curve is.
const CURVE_TOP: f64 = 240.0;
const CURVE_BOTTOM: f64 = 420.0;

/// As SVG; nothing is drawn of sockets.
pub fn svg(figures: &Figures) -> Option<String> {
    match figures {
        Figures::Voice(report) => Some(voice(report)),
        Figures::Signalling(_) => None,
    }
}

fn voice(report: &Report) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\">\n<title>{}</title>\n{STYLE}\n\
         <rect class=\"page\" width=\"{WIDTH}\" height=\"{HEIGHT}\"/>\n",
        title(report)
    );
    text(&mut svg, 24.0, 34.0, "head", "start", &title(report));
    let build = if report.build == "debug" { "debug build · " } else { "" };
    let sub = format!(
        "{build}{:.0} packets a second · {:.4} % lost · {} processors",
        report.packets_per_second,
        report.loss_ratio * 100.0,
        report.processors
    );
    text(&mut svg, 24.0, 56.0, "dim", "start", &sub);
    bars(&mut svg, report);
    curve(&mut svg, report);
    svg.push_str("</svg>\n");
    svg
}

const STYLE: &str = "<style>.page{fill:#fff}text{fill:#1d1b20}.dim{fill:#68646e}.head{font-size:17px;font-weight:600}\
    .server{fill:#b4541a}.floor{fill:#8a8f98}.line{stroke:#b4541a;fill:none;stroke-width:2}\
    .packed{stroke:#356f9c}.grid{stroke:#d9d6de}\
    @media(prefers-color-scheme:dark){.page{fill:#17151a}text{fill:#ece8f1}.dim{fill:#a29da9}.grid{stroke:#38343d}\
    .server{fill:#f0935a}.line{stroke:#f0935a}.packed{stroke:#7db8e4}}</style>";

fn title(report: &Report) -> String {
    let rooms = if report.rooms == 1 { "One room".to_owned() } else { format!("{} rooms", report.rooms) };
    format!("{rooms}, {} talking, {} listening", report.speakers, report.listeners)
}

fn bars(svg: &mut String, report: &Report) {
    let floor = report.floor.as_ref();
    let bars = [
        ("server", "the server", report.server_cpu_ns_per_packet),
        ("floor", "floor, same rhythm", floor.map(|floor| floor.paced_ns)),
        ("floor", "floor, flat out", floor.map(|floor| floor.flat_ns)),
    ];
    text(svg, 24.0, BARS_TOP - 8.0, "dim", "start", "CPU for each packet");
    let longest = bars.iter().filter_map(|(_, _, ns)| *ns).fold(1.0, f64::max);
    let mut y = BARS_TOP;
    for (class, name, ns) in bars {
        let Some(ns) = ns else { continue };
        let width = (WIDTH - LEFT - RIGHT - 70.0) * ns / longest;
        text(svg, LEFT - 10.0, y + BAR - 6.0, "", "end", name);
        let _ = writeln!(
            svg,
            "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{y}\" width=\"{width:.1}\" height=\"{BAR}\" rx=\"3\"/>"
        );
        text(svg, LEFT + width + 8.0, y + BAR - 6.0, "", "start", &format!("{:.2} µs", ns / 1e3));
        y += BAR + 10.0;
    }
}

/// How many packets were later than so much, both on logarithmic axes: the tail is what people hear.
fn curve(svg: &mut String, report: &Report) {
    text(svg, 24.0, CURVE_TOP - 24.0, "dim", "start", "Share of packets that came later than …");
    let both = [("", &report.added_delay), ("packed", &report.packed_delay)];
    let longest = both.iter().filter_map(|(_, delay)| delay.max_ms).fold(1.0, f64::max);
    let decades = longest.log10().ceil().max(1.0) + SHORTEST;
    let x = |ms: f64| {
        LEFT + (WIDTH - LEFT - RIGHT) * ((ms.max(1e-3).log10() + SHORTEST) / decades).clamp(0.0, 1.0)
    };
    let y = |share: f64| {
        CURVE_TOP + (CURVE_BOTTOM - CURVE_TOP) * (-share.max(1e-9).log10() / RAREST).clamp(0.0, 1.0)
    };
    for (share, name) in [(1.0, "all"), (0.1, "10 %"), (0.01, "1 %"), (0.001, "0.1 %"), (1e-4, "0.01 %")] {
        let y = y(share);
        grid(svg, (LEFT, y), (WIDTH - RIGHT, y));
        text(svg, LEFT - 10.0, y + 4.0, "dim", "end", name);
    }
    for ms in [0.01, 0.1, 1.0, 10.0, 100.0, 1_000.0].into_iter().filter(|ms| *ms <= longest * 10.0) {
        let x = x(ms);
        grid(svg, (x, CURVE_TOP), (x, CURVE_BOTTOM));
        text(svg, x, CURVE_BOTTOM + 20.0, "dim", "middle", &format!("{ms} ms"));
    }
    for (class, delay) in both {
        let total = delay.packets as f64;
        let mut later = total;
        let mut points = String::new();
        for (ms, count) in &delay.distribution {
            let _ = write!(points, "{:.1},{:.1} ", x(*ms), y(later / total));
            later -= *count as f64;
        }
        if !points.is_empty() {
            let _ = writeln!(svg, "<polyline class=\"line {class}\" points=\"{}\"/>", points.trim_end());
        }
    }
    if report.packed_delay.packets > 0 {
        text(svg, WIDTH - RIGHT, CURVE_TOP - 24.0, "dim", "end", "blue: several frames in a packet");
    }
}

/// The axis begins at 10^-2 ms.
const SHORTEST: f64 = 2.0;
/// Decades of rarity.
const RAREST: f64 = 4.0;

fn grid(svg: &mut String, from: (f64, f64), to: (f64, f64)) {
    let _ = writeln!(
        svg,
        "<line class=\"grid\" x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, x: f64, y: f64, class: &str, anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" class=\"{class}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}
