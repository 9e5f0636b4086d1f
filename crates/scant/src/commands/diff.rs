//! `scant diff`: what differs between two images, or between an image and what a manifest would
//! become.

mod print;
mod side;

use std::collections::{BTreeMap, BTreeSet};

use scant_core::rules::diff::{
    self, Change, Difference, Exclude, LayerChange, Setting, Sides, Total, What,
};

use self::side::{Opened, Side};
use crate::args::Diff;
use crate::exit::{Done, Failure, Outcome};
use crate::surroundings::Surroundings;

/// What differs for one platform, and where it was found.
struct Compared<'a> {
    sides: Sides<&'a Side<'a>>,
    settings: Vec<Setting>,
    paths: Vec<Difference<'a>>,
    /// None where nobody asked.
    layers: Option<Vec<LayerChange>>,
    totals: Sides<Total>,
}

/// Runs the command.
pub(crate) fn run(args: &Diff, surroundings: &Surroundings) -> Outcome {
    if args.before == "-" && args.after == "-" {
        return Err(Failure::usage("standard input holds one manifest, not two"));
    }
    let open = |text: &str| Opened::open(text, args, surroundings);
    let opened = Sides { before: open(&args.before)?, after: open(&args.after)? };
    let pairs = pairs(&opened)?;
    let mut printer = print::Printer::new(args, pairs.len());
    for pair in pairs {
        match pair {
            Pair::Both { before, after } => {
                let before = opened.before.side(before)?;
                let after = opened.after.side(after)?;
                printer.compared(&compare(args, Sides { before: &before, after: &after })?)?;
            }
            Pair::Before(platform) => printer.lonely(&platform, &args.before)?,
            Pair::After(platform) => printer.lonely(&platform, &args.after)?,
        }
    }
    let is_same = printer.finish()?;
    Ok(if is_same { Done::Yes } else { Done::No })
}

/// A platform that both have, by its numbers, or that one of them has alone.
enum Pair {
    Both { before: usize, after: usize },
    Before(String),
    After(String),
}

/// The platforms of both sides. Where both have one, these are compared whatever they are called.
fn pairs(opened: &Sides<Opened>) -> Result<Vec<Pair>, Failure> {
    let (before, after) = (opened.before.platforms(), opened.after.platforms());
    if before.len() == 1 && after.len() == 1 {
        return Ok(vec![Pair::Both { before: 0, after: 0 }]);
    }
    if before.contains(&None) || after.contains(&None) {
        let text = "files without an image are compared with one platform";
        return Err(Failure::usage(text).hint("`--platform` chooses it"));
    }
    let (before, after) = (numbered(&before), numbered(&after));
    let names: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let pair = |key @ (name, _): (&str, usize)| match (before.get(&key), after.get(&key)) {
        (Some(&before), Some(&after)) => Pair::Both { before, after },
        (Some(_), None) => Pair::Before(name.to_string()),
        _ => Pair::After(name.to_string()),
    };
    Ok(names.into_iter().map(pair).collect())
}

/// The numbers of platforms by their names. An image may name one twice: that is the second of it.
fn numbered(platforms: &[Option<String>]) -> BTreeMap<(&str, usize), usize> {
    let mut numbers = BTreeMap::new();
    for (number, name) in platforms.iter().flatten().enumerate() {
        let times = platforms[..number].iter().flatten().filter(|other| *other == name).count();
        numbers.insert((name.as_str(), times), number);
    }
    numbers
}

fn compare<'a>(args: &Diff, sides: Sides<&'a Side<'a>>) -> Result<Compared<'a>, Failure> {
    let Sides { before, after } = sides;
    let exclude = Exclude(args.exclude.clone());
    let listings = Sides { before: before.listing(args), after: after.listing(args) };
    let borrowed = Sides { before: &listings.before, after: &listings.after };
    let wanted = diff::uncertain(borrowed, &exclude);
    let contents =
        Sides { before: before.digests(&wanted.before)?, after: after.digests(&wanted.after)? };
    let contents = Sides { before: &contents.before, after: &contents.after };
    let settings = match (&before.settings, &after.settings) {
        (Some(before), Some(after)) => diff::settings(before, after),
        _ => Vec::new(),
    };
    let layers = match args.layers {
        true => Some(diff::layers(before.layers()?, after.layers()?)),
        false => None,
    };
    let mut paths = diff::paths(borrowed, contents, &exclude);
    if !(before.shows_all_xattrs() && after.shows_all_xattrs()) {
        paths.retain_mut(shows_in_directories);
    }
    Ok(Compared {
        sides,
        settings,
        paths,
        layers,
        totals: Sides {
            before: diff::total(&listings.before, &exclude),
            after: diff::total(&listings.after, &exclude),
        },
    })
}

/// Forgets attributes that a layer may hold and that no listing of a directory has, and says whether
/// anything is left.
fn shows_in_directories(difference: &mut Difference<'_>) -> bool {
    let What::Changed(changes) = &mut difference.what else { return true };
    changes.retain(|change| match change {
        Change::Xattr { name, .. } => name == "security.capability" || name.starts_with("user."),
        _ => true,
    });
    !changes.is_empty()
}

impl Compared<'_> {
    fn is_same(&self) -> bool {
        let Self { settings, paths, layers, .. } = self;
        settings.is_empty() && paths.is_empty() && layers.iter().all(Vec::is_empty)
    }
}
