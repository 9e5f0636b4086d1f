//! The chain of reasons from a path of an image back to the manifest.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use crate::words::{TreePath, Why};

/// One step of a chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// A path of the image.
    pub path: TreePath,
    /// Why it is there. The next step tells the same of the path this reason leads to.
    pub why: Why,
}

/// The shortest chain from `path` to a reason that stands by itself; of equally short ones that
/// whose reasons come first. Empty when `path` has no reasons. `reasons` tells those of a path.
pub fn chain(path: &TreePath, reasons: impl Fn(&TreePath) -> Vec<Why>) -> Vec<Step> {
    // For each path reached: the step that led to it.
    let mut reached: BTreeMap<TreePath, Option<Step>> = BTreeMap::from([(path.clone(), None)]);
    let mut queue = VecDeque::from([path.clone()]);
    while let Some(at) = queue.pop_front() {
        for why in reasons(&at) {
            let step = Step { path: at.clone(), why };
            match step.why.leads_to() {
                None => return walk_back(&reached, step),
                Some(next) if !reached.contains_key(next) => {
                    let next = next.clone();
                    queue.push_back(next.clone());
                    reached.insert(next, Some(step));
                }
                Some(_) => {}
            }
        }
    }
    Vec::new()
}

fn walk_back(reached: &BTreeMap<TreePath, Option<Step>>, last: Step) -> Vec<Step> {
    let mut steps = Vec::from([last]);
    while let Some(Some(step)) = steps.last().map(|step| reached.get(&step.path).cloned().flatten())
    {
        steps.push(step);
    }
    steps.reverse();
    steps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Place, Section};
    use alloc::string::ToString;

    #[test]
    fn the_shortest_chain_is_found_and_circles_end() {
        let path = |text: &str| TreePath::parse(text).unwrap();
        let declared =
            Why::Declared { place: Place { section: Section::Binaries, line: 2 }, reason: None };
        let reasons = |at: &TreePath| match at.to_string().as_str() {
            "/a" => [Why::Link { to: path("/b") }, Why::Parent { of: path("/c") }].to_vec(),
            "/b" => [Why::Link { to: path("/a") }].to_vec(),
            "/c" => [declared.clone()].to_vec(),
            _ => Vec::new(),
        };
        let shown = |from: &str| -> Vec<_> {
            let steps = chain(&path(from), reasons);
            steps.iter().map(|step| alloc::format!("{} {}", step.path, step.why)).collect()
        };
        let expected = [
            "/b link on the way to /a",
            "/a parent directory of /c",
            "/c declared in `binaries` at line 2",
        ];
        assert_eq!(shown("/b"), expected);
        assert!(shown("/none").is_empty());
    }
}
