//! What scant is to reach, and whether it does on a tree. Numbers are shown as they were measured.

use super::TreeResult;
use crate::case::{Method, Subject};
use crate::measure::Summary;

/// A limit and what was measured.
#[derive(Debug)]
pub(super) struct Target {
    pub(super) text: &'static str,
    pub(super) limit: f64,
    pub(super) unit: &'static str,
    /// None when something it is made of was not measured.
    pub(super) value: Option<f64>,
    /// What must hold besides.
    also: Option<(&'static str, bool)>,
}

impl Target {
    /// Whether it is met; none when it was not measured.
    pub(super) fn is_met(&self) -> Option<bool> {
        let value = self.value?;
        Some(value <= self.limit && self.also.is_none_or(|(_, holds)| holds))
    }

    /// The answer in words.
    pub(super) fn answer(&self) -> String {
        match (self.is_met(), self.also) {
            (None, _) => "not measured".into(),
            (Some(true), _) => "yes".into(),
            (Some(false), Some((otherwise, false))) => format!("no: {otherwise}"),
            (Some(false), _) => "no".into(),
        }
    }
}

const MEGABYTE: f64 = 1_000_000.0;

/// All targets. Peers are taken with what they write: a layer of gzip, but for Docker, whose
/// `save` does not compress.
pub(super) fn targets(tree: &TreeResult, cores: usize) -> Vec<Target> {
    let scant = |method| tree.find(Subject::ScantToLayout, method);
    let (gzip, zstd) = (scant(Method::Gzip), scant(Method::Zstd));
    let docker = tree.find(Subject::DockerBuildAndSave, Method::None);
    let umoci = tree.find(Subject::Umoci, Method::Gzip);
    let walls = |a: &Option<Summary>, b: &Option<Summary>| {
        Some(a.as_ref()?.wall / b.as_ref()?.wall).filter(|ratio| ratio.is_finite())
    };
    let target = |text, limit, value| Target { text, limit, unit: "", value, also: None };
    let mut against_umoci = target("gzip: time, of umoci's", 0.65, walls(&gzip, &umoci));
    if let (Some(scant), Some(umoci)) = (&gzip, &umoci) {
        let layer = |summary: &Summary| summary.output.map(|output| output.largest);
        against_umoci.also = Some(("its layer is larger", layer(scant) <= layer(umoci)));
    }
    let mut memory = target("peak memory", 64.0, memory(tree));
    memory.unit = " MB";
    let again = tree.find(Subject::ScantAgain, Method::Gzip).map(|again| 1000.0 * again.wall);
    let mut again = target("nothing changed: time", 50.0, again);
    again.unit = " ms";
    vec![
        target("gzip: time, of docker build and save", 0.2, walls(&gzip, &docker)),
        against_umoci,
        target("zstd: time, of umoci's with gzip", 0.35, walls(&zstd, &umoci)),
        target("gzip: time, of the floors on all cores", 1.3, floors(tree, Method::Gzip, cores)),
        target("zstd: time, of the floors on all cores", 1.3, floors(tree, Method::Zstd, cores)),
        memory,
        again,
    ]
}

/// The most memory that scant used in any case.
fn memory(tree: &TreeResult) -> Option<f64> {
    let ours = tree.cases.iter().filter(|case| case.subject <= Subject::ScantAfterTouch);
    let peaks = ours.filter_map(|case| Some(case.summary()?.peak));
    peaks.max().map(|peak| peak as f64 / MEGABYTE)
}

/// The time of a cold build, as a multiple of the processor time that reading, hashing and
/// compressing need, spread over all cores. Hashing and compressing were measured with reading,
/// which counts once.
fn floors(tree: &TreeResult, method: Method, cores: usize) -> Option<f64> {
    let cpu = |subject, method| Some(tree.find(subject, method)?.cpu);
    let read = cpu(Subject::ReadFloor, Method::None)?;
    let hash = cpu(Subject::HashFloor, Method::None)?;
    let compress = cpu(Subject::CompressFloor, method)?;
    let floor = (hash + compress - read) / cores as f64;
    let wall = tree.find(Subject::ScantToLayout, method)?.wall;
    (floor > 0.0).then(|| wall / floor)
}

#[cfg(test)]
mod tests {
    use super::super::testing::{case, tree};
    use super::*;

    #[track_caller]
    fn check(tree: &TreeResult, expected: &str) {
        let line = |target: Target| {
            let value = target.value.map_or("-".into(), |value| format!("{value:.2}"));
            format!("{} {value} {}\n", target.text, target.answer())
        };
        let found: String = targets(tree, 2).into_iter().map(line).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_reached_is_said() {
        let tree = tree(vec![
            case(Subject::ScantToLayout, Method::Gzip, 1.0, 50),
            case(Subject::ScantToLayout, Method::Zstd, 0.5, 45),
            case(Subject::ScantAgain, Method::Gzip, 0.02, 50),
            case(Subject::DockerBuildAndSave, Method::None, 8.0, 160),
            case(Subject::Umoci, Method::Gzip, 2.0, 51),
            case(Subject::ReadFloor, Method::None, 0.1, 0),
            case(Subject::HashFloor, Method::None, 0.2, 0),
            case(Subject::CompressFloor, Method::Gzip, 0.8, 0),
        ]);
        check(
            &tree,
            "gzip: time, of docker build and save 0.12 yes\n\
             gzip: time, of umoci's 0.50 yes\n\
             zstd: time, of umoci's with gzip 0.25 yes\n\
             gzip: time, of the floors on all cores 1.11 yes\n\
             zstd: time, of the floors on all cores - not measured\n\
             peak memory 30.00 yes\n\
             nothing changed: time 20.00 yes\n",
        );
    }

    #[test]
    fn what_is_not_reached_is_said_too() {
        let tree = tree(vec![
            case(Subject::ScantToLayout, Method::Gzip, 1.0, 52),
            case(Subject::DockerBuildAndSave, Method::None, 4.0, 160),
            case(Subject::Umoci, Method::Gzip, 2.0, 51),
        ]);
        check(
            &tree,
            "gzip: time, of docker build and save 0.25 no\n\
             gzip: time, of umoci's 0.50 no: its layer is larger\n\
             zstd: time, of umoci's with gzip - not measured\n\
             gzip: time, of the floors on all cores - not measured\n\
             zstd: time, of the floors on all cores - not measured\n\
             peak memory 30.00 yes\n\
             nothing changed: time - not measured\n",
        );
    }
}
