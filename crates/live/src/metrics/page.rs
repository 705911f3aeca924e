//! The text that Prometheus reads (its exposition format, version 0.0.4).

use std::fmt::Write;

use super::series::{Kind, Sample, Written};

pub(super) fn write(samples: &[Sample]) -> String {
    let mut text = String::new();
    let mut before = "";
    for Sample { series, value } in samples {
        let Written { name, help, kind, action } = series.written();
        if name != before {
            let kind = match kind {
                Kind::Gauge { .. } => "gauge",
                Kind::Counter { .. } => "counter",
            };
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {kind}");
            before = name;
        }
        let _ = match action {
            Some(action) => writeln!(text, "{name}{{action=\"{action}\"}} {value}"),
            None => writeln!(text, "{name} {value}"),
        };
    }
    text
}

#[cfg(test)]
mod tests {
    use super::super::series::SERIES;
    use super::*;

    #[test]
    fn what_shares_a_name_is_explained_once() {
        let text = write(&SERIES.map(|series| Sample { series, value: 20 }));
        assert_eq!(text.matches("# TYPE vivavoce_actions_total counter\n").count(), 1, "{text}");
        assert!(text.starts_with(
            "# HELP vivavoce_rooms Open rooms.\n# TYPE vivavoce_rooms gauge\nvivavoce_rooms 20\n"
        ));
        assert!(text.contains("\nvivavoce_actions_total{action=\"removal\"} 20\n"), "{text}");
        assert!(text.ends_with(" 20\n"));
    }
}
