//! What a run asked for, from its accesses: each name resolved in the image's tree, and searches
//! that succeeded told from files that were never found.

use alloc::boxed::Box;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use super::resolve::{Led, There, follow, of_access, there};
use crate::formats::trace_file::{MOST_USES, Use, UseKind};
use crate::words::{Access, Action, LastLink, Outcome, Tree, TreePath};

/// Failed probes that wait for the end of their search.
const MOST_PROBES: usize = 200_000;

const ENOENT: i32 = 2;
const ENOTDIR: i32 = 20;

/// Collects the uses of one run.
pub struct Recorder<'t> {
    tree: &'t Tree,
    uses: BTreeSet<Use>,
    /// Probes that found nothing yet, by process and what they search for.
    open: BTreeMap<(u32, Box<[u8]>), BTreeSet<Use>>,
    probes: usize,
    /// What the run itself made.
    made: BTreeSet<TreePath>,
    counts: Counts,
}

/// How much there was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Accesses that were taken.
    pub accesses: u64,
    /// Failed probes of searches that succeeded, which are not kept.
    pub searches: u64,
    /// Accesses that were not kept because there were too many.
    pub lost: u64,
}

impl<'t> Recorder<'t> {
    /// A recorder of a run in the image of this tree.
    pub fn new(tree: &'t Tree) -> Self {
        Self {
            tree,
            uses: BTreeSet::new(),
            open: BTreeMap::new(),
            probes: 0,
            made: BTreeSet::new(),
            counts: Counts::default(),
        }
    }

    /// Takes one access.
    pub fn take(&mut self, access: &Access) {
        self.counts.accesses += 1;
        let Some(led) = of_access(self.tree, access) else { return };
        if is_of_the_kernel(&led.path) {
            return;
        }
        match access.action {
            Action::Write | Action::Change => self.write(access, led),
            _ => self.read(access, led),
        }
    }

    /// The uses, sorted, and how much there was.
    pub fn finish(mut self) -> (BTreeSet<Use>, Counts) {
        for (_, probes) in core::mem::take(&mut self.open) {
            let asked = |probe: &Use| probe.asked.as_ref().unwrap_or(&probe.path).parent();
            let directories: BTreeSet<_> = probes.iter().map(asked).collect();
            let searched = directories.len() > 1;
            for probe in probes {
                self.keep(Use { searched, ..probe });
            }
        }
        let made = &self.made;
        self.uses.retain(|one| one.kind == UseKind::Written || !made.contains(&one.path));
        self.forget_lesser_uses();
        (self.uses, self.counts)
    }

    fn read(&mut self, access: &Access, led: Led) {
        let kind = kind(&access.action);
        let found = match access.outcome {
            Outcome::Failed(ENOENT | ENOTDIR) => false,
            Outcome::Unknown => led.there != There::Nothing,
            Outcome::Done | Outcome::Failed(_) => true,
        };
        if is_for_a_while(&led.path) || (!found && is_of_one_processor(&led.path)) {
            return;
        }
        // Sockets are made by those who listen: a missing one is no file of the image.
        if access.action == Action::Connect && !found {
            return;
        }
        self.keep_hops(access, &led);
        let key = (access.process, search_key(&led.path));
        let one = use_of(access, led, kind, found);
        if found {
            if let Some(probes) = self.open.remove(&key) {
                self.probes -= probes.len();
                self.counts.searches += probes.len() as u64;
            }
            self.keep(one);
        } else if self.probes < MOST_PROBES {
            self.probes += usize::from(self.open.entry(key).or_default().insert(one));
        } else {
            self.counts.lost += 1;
        }
    }

    /// A write is kept as one of the place: names that are made may be other ones each time.
    fn write(&mut self, access: &Access, led: Led) {
        // Python writes what it compiled wherever it can: nothing is lost where it cannot.
        if led.path.components().any(|part| part == b"__pycache__") {
            return;
        }
        let is_done = access.outcome == Outcome::Done;
        self.keep_hops(access, &led);
        if led.there == There::Nothing && is_done {
            self.made.insert(led.path.clone());
        }
        let mut place = match led.there {
            There::Nothing => led.path.parent().unwrap_or_else(TreePath::root),
            _ => led.path.clone(),
        };
        while self.made.contains(&place) {
            place = place.parent().unwrap_or_else(TreePath::root);
        }
        if let Some(directory) = temporary(&place) {
            place = directory;
        }
        let found = there(self.tree, &place) != There::Nothing;
        let led = Led { path: place, hops: Vec::new(), there: led.there };
        let mut one = use_of(access, led, UseKind::Written, found);
        one.asked = None;
        self.keep(one);
    }

    fn keep_hops(&mut self, access: &Access, led: &Led) {
        for hop in &led.hops {
            let led = Led { path: hop.clone(), hops: Vec::new(), there: There::Link };
            let mut one = use_of(access, led, UseKind::Followed, true);
            (one.asked, one.by) = (None, None);
            self.keep(one);
        }
    }

    fn keep(&mut self, one: Use) {
        if self.uses.len() < MOST_USES {
            self.uses.insert(one);
        } else {
            self.counts.lost += u64::from(!self.uses.contains(&one));
        }
    }

    /// Who opened a file also looked at it: the greater use says it all.
    fn forget_lesser_uses(&mut self) {
        let greater: BTreeSet<(TreePath, Box<[u8]>)> = self
            .uses
            .iter()
            .filter(|one| !matches!(one.kind, UseKind::LookedAt | UseKind::Followed))
            .map(|one| (one.path.clone(), one.program.clone()))
            .collect();
        let is_lesser = |one: &Use| {
            one.kind == UseKind::LookedAt
                && greater.contains(&(one.path.clone(), one.program.clone()))
        };
        self.uses.retain(|one| !is_lesser(one));
        // A library is opened and then mapped: one use, which keeps whether it was searched for.
        let mapped: BTreeSet<_> = self
            .uses
            .iter()
            .filter(|one| one.kind == UseKind::Mapped)
            .map(|one| (one.path.clone(), one.program.clone()))
            .collect();
        self.uses.retain(|one| {
            one.kind != UseKind::Opened
                || !mapped.contains(&(one.path.clone(), one.program.clone()))
        });
    }
}

fn use_of(access: &Access, led: Led, kind: UseKind, found: bool) -> Use {
    let asked = TreePath::parse(&access.name).ok().filter(|asked| *asked != led.path);
    let program = normal(&access.program);
    let by = access.by.as_deref().map(normal).filter(|by| !by.is_empty() && *by != program);
    Use { path: led.path, kind, found, searched: false, asked, program, by }
}

/// The path of a program, without `.` and repeated slashes.
fn normal(program: &[u8]) -> Box<[u8]> {
    TreePath::parse(program).map_or_else(|_| program.into(), |path| path.as_bytes().into())
}

fn kind(action: &Action) -> UseKind {
    match action {
        Action::Execute { .. } => UseKind::Executed,
        Action::Map => UseKind::Mapped,
        Action::Open => UseKind::Opened,
        Action::List => UseKind::Listed,
        Action::Enter => UseKind::Entered,
        Action::Look | Action::ReadLink | Action::Connect => UseKind::LookedAt,
        Action::Write | Action::Change => UseKind::Written,
    }
}

/// Paths of no image: their names hold numbers of processes and differ each time.
fn is_of_the_kernel(path: &TreePath) -> bool {
    matches!(path.components().next(), Some(b"proc" | b"sys" | b"dev"))
}

/// Directories that a loader tries only on some processors: what is missing there would be told on
/// one machine and not on another. [ld.so(8)](https://man7.org/linux/man-pages/man8/ld.so.8.html),
/// "Hardware capabilities".
fn is_of_one_processor(path: &TreePath) -> bool {
    const ALWAYS: [&[u8]; 5] = [b"glibc-hwcaps", b"tls", b"haswell", b"xeon_phi", b"avx512_1"];
    const IN_LIBRARIES: [&[u8]; 3] = [b"x86_64", b"aarch64", b"atomics"];
    let is_library = |name: &[u8]| name.windows(3).any(|part| part == b".so");
    // A directory is looked at when none of its files was there.
    let directory = match path.name().is_some_and(is_library) {
        true => path.parent(),
        false => Some(path.clone()),
    };
    let Some(directory) = directory else { return false };
    let last = directory.name().unwrap_or_default();
    let is_below = directory.components().any(|part| ALWAYS.contains(&part));
    let is_among_libraries =
        directory.components().any(|part| matches!(part, b"lib" | b"lib64" | b"lib32"));
    (is_below && is_among_libraries)
        || (IN_LIBRARIES.contains(&last) && (is_among_libraries || path != &directory))
}

/// Whether a path lies where files are made at run time.
fn is_for_a_while(path: &TreePath) -> bool {
    temporary(path).is_some_and(|directory| directory != *path)
}

/// The directory of files that are made at run time, if the path is in one.
fn temporary(path: &TreePath) -> Option<TreePath> {
    const DIRECTORIES: [&str; 4] = ["/tmp", "/var/tmp", "/run", "/var/run"];
    let directories = DIRECTORIES.into_iter().map(TreePath::literal);
    directories.into_iter().find(|directory| path.below(directory).is_some())
}

/// What one search has in common: the last component, without its ending where searches try several
/// (modules of Python and Perl), and with the directory where every search has that name.
fn search_key(path: &TreePath) -> Box<[u8]> {
    let name = path.name().unwrap_or_default();
    let is_library = name.starts_with(b"lib") && name.windows(3).any(|part| part == b".so");
    let is_module = !is_library
        && [".so", ".py", ".pyc", ".pm", ".pmc", ".pl", ".pth", ".egg-link"]
            .iter()
            .any(|end| name.ends_with(end.as_bytes()));
    let stem = match is_module {
        true => name.split(|&b| b == b'.').next().unwrap_or_default(),
        false => name,
    };
    let is_common = [&b"__init__"[..], b"__main__", b"index", b"config", b"default"]
        .iter()
        .any(|common| stem.split(|&b| b == b'.').next() == Some(*common));
    if !is_common {
        return stem.into();
    }
    let directory = path.parent();
    let above = directory.as_ref().and_then(TreePath::name).unwrap_or_default();
    [above, b"/", stem].concat().into()
}

/// Whether the tree has what a use asked for.
pub(super) fn is_there(tree: &Tree, one: &Use) -> bool {
    let asked = one.asked.as_ref().unwrap_or(&one.path);
    let has = |path: &TreePath, last| {
        follow(tree, path.as_bytes(), last).is_some_and(|led| led.there != There::Nothing)
    };
    has(&one.path, LastLink::Keep) || has(asked, LastLink::Follow)
}
