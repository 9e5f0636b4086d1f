//! What is asked for and nobody has, which is told better than a chain of reasons can.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::Packages;
use crate::formats::debian::Alternatives;
use crate::formats::yaml::{list_of, nearest};

/// How many versions are told.
const MOST: usize = 5;

impl Packages<'_> {
    /// What of this no package is, each a sentence that says what there is instead.
    pub fn absent(&self, wishes: &[Alternatives]) -> Vec<String> {
        let is_absent = |wish: &&Alternatives| wish.iter().all(|one| self.matching(one).is_empty());
        wishes.iter().filter(is_absent).map(|wish| self.instead(wish)).collect()
    }

    fn instead(&self, wish: &Alternatives) -> String {
        let asked: Vec<_> = wish.iter().map(ToString::to_string).collect();
        let mut text = format!("no archive has `{}` for {}", asked.join(" | "), self.architecture);
        for relation in wish {
            let name = &*relation.name;
            if let Some(architecture) = &relation.architecture {
                let what = "`platforms` of the manifest says for which architectures packages are";
                text += &format!("; leave `:{architecture}` out: {what}");
            } else if let Some(group) = self.groups.get(name) {
                let candidates = &self.names[*group].1;
                let mut versions: Vec<_> =
                    candidates.iter().map(|at| self.entries[*at].version.as_str()).collect();
                let more = versions.len().saturating_sub(MOST);
                versions.truncate(MOST);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                text += &format!("; of `{name}` there is {}{more}", list_of(versions.into_iter()));
            } else if !self.providers.contains_key(name) {
                let names = || self.names.iter().map(|(name, _)| *name);
                let default = format!("default-{name}");
                let near =
                    names().find(|known| *known == default).or_else(|| nearest(name, names()));
                text += &near.map_or(String::new(), |near| format!("; did you mean `{near}`?"));
            }
        }
        text
    }
}
