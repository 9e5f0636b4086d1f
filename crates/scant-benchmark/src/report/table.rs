//! Markdown tables.

use super::TreeResult;
use super::targets::targets;
use crate::case::{Method, Subject};
use crate::measure::Summary;

/// What was measured on a tree: a row for each case, by subject.
pub(super) fn cases(tree: &TreeResult) -> String {
    let mut table = String::from(
        "| tool | compression | time | of scant's | processor time | peak memory | layer | output \
         | others | runs |\n|---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n",
    );
    let base = tree.find(Subject::ScantToLayout, Method::Gzip);
    let mut cases: Vec<_> = tree.cases.iter().collect();
    cases.sort_by_key(|case| (case.subject, case.method));
    for case in cases {
        let Some(summary) = case.summary() else { continue };
        let Summary { wall, cpu, wall_range: (shortest, longest), .. } = summary;
        let time = format!("{} ({} to {})", Seconds(wall), Seconds(shortest), Seconds(longest));
        let ratio = base.as_ref().map_or("".into(), |base| format!("{:.2}", wall / base.wall));
        let compression = match case.subject {
            Subject::ReadFloor | Subject::HashFloor => String::new(),
            _ => case.method.to_string(),
        };
        let (layer, output) = sizes(&summary);
        table += &format!(
            "| {} | {compression} | {time} | {ratio} | {} | {} | {layer} | {output} | {:.0} % | {} |\n",
            case.subject,
            Seconds(cpu),
            megabytes(summary.peak),
            100.0 * summary.others,
            summary.runs,
        );
    }
    table
}

/// The layer and all that was written. An archive is one file, whose layer is not told apart.
fn sizes(summary: &Summary) -> (String, String) {
    let Some(output) = summary.output else { return (String::new(), String::new()) };
    let is_file = output.total == output.largest;
    let layer = if is_file { String::new() } else { megabytes(output.largest) };
    (layer, megabytes(output.total))
}

/// Which targets are met on which tree.
pub(super) fn summary(trees: &[TreeResult], cores: usize) -> String {
    let mut table =
        String::from("| tree | target | at most | measured | met |\n|---|---|--:|--:|---|\n");
    for tree in trees {
        for target in targets(tree, cores) {
            let unit = target.unit;
            let digits = if unit.is_empty() { 2 } else { 0 };
            let value = target.value.map_or("".into(), |value| format!("{value:.digits$}{unit}"));
            table += &format!(
                "| {} | {} | {}{unit} | {value} | {} |\n",
                tree.name,
                target.text,
                target.limit,
                target.answer()
            );
        }
    }
    table
}

pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

/// Seconds with three digits.
struct Seconds(f64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let digits = match self.0 {
            ..9.995 => 2,
            ..99.95 => 1,
            _ => 0,
        };
        match self.0 {
            ..0.9995 => write!(f, "{:.0} ms", 1000.0 * self.0),
            seconds => write!(f, "{seconds:.digits$} s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{case, tree};
    use super::*;

    #[test]
    fn rows_are_sorted_and_compared_with_scant() {
        let tree = tree(vec![
            case(Subject::ReadFloor, Method::None, 0.0123, 0),
            case(Subject::Umoci, Method::Gzip, 12.34, 51),
            case(Subject::ScantToLayout, Method::Zstd, 0.75, 45),
            case(Subject::ScantToLayout, Method::Gzip, 1.5, 50),
        ]);
        assert_eq!(
            cases(&tree),
            "| tool | compression | time | of scant's | processor time | peak memory | layer | \
             output | others | runs |\n\
             |---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n\
             | scant build -o oci: | gzip | 1.50 s (1.50 s to 1.50 s) | 1.00 | 3.00 s | 30.0 MB | \
             50.0 MB | 50.3 MB | 1 % | 1 |\n\
             | scant build -o oci: | zstd | 750 ms (750 ms to 750 ms) | 0.50 | 1.50 s | 30.0 MB | \
             45.0 MB | 45.3 MB | 1 % | 1 |\n\
             | umoci init + new + insert | gzip | 12.3 s (12.3 s to 12.3 s) | 8.23 | 24.7 s | \
             30.0 MB | 51.0 MB | 51.3 MB | 1 % | 1 |\n\
             | floor: read |  | 12 ms (12 ms to 12 ms) | 0.01 | 25 ms | 30.0 MB | 0.0 MB | 0.3 MB | 1 % | 1 \
             |\n"
        );
    }

    #[test]
    fn the_summary_shows_what_was_measured() {
        let tree = tree(vec![
            case(Subject::ScantToLayout, Method::Gzip, 1.0, 50),
            case(Subject::DockerBuildAndSave, Method::None, 4.0, 160),
        ]);
        let summary = summary(&[tree], 2);
        let rows: Vec<&str> = summary.lines().collect();
        assert_eq!(rows[2], "| small | gzip: time, of docker build and save | 0.2 | 0.25 | no |");
        assert_eq!(rows[3], "| small | gzip: time, of umoci's | 0.65 |  | not measured |");
        assert_eq!(rows[7], "| small | peak memory | 64 MB | 30 MB | yes |");
    }
}
