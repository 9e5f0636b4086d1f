//! The loader once more, on the finished tree alone: what was found through an input's
//! `ld.so.cache` must be found in the image too, so scant writes one where it takes one.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::closures::{Cached, FoundLibrary, Proof, elf_of, run};
use super::fault::{FaultKind, Severity};
use super::missing::is_tolerated;
use super::placer::Last;
use super::planner::Planner;
use crate::formats::ld_so_cache::{self, Cache, Entry, written_flags};
use crate::formats::manifest::{LdSoCache, Span};
use crate::rules::loader::{Closure, Files as _, Kind, LoaderFacts, Session, Spot};
use crate::words::{ByteOrder, Escaped, Relation, TreePath, Why};

/// What the image's own loaders say.
#[derive(Default)]
struct Verdict {
    lost: Vec<Lost>,
    /// A loader that reads a cache as scant writes it, with the byte order of its programs.
    loader: Option<(LoaderFacts, ByteOrder)>,
}

/// What the plan found and the loader would not find in the image.
struct Lost {
    span: Span,
    name: Box<[u8]>,
    /// Who needs it.
    by: TreePath,
    /// Where it is in the image.
    at: Option<TreePath>,
}

impl Planner<'_> {
    /// Proves that every closure holds in the tree; writes an `ld.so.cache` if it is needed for
    /// that, or asked for.
    pub(super) fn prove_in_image(&mut self) {
        // What could not be placed is not found either, and was told.
        if self.faults.iter().any(|fault| fault.kind.is_about_a_place()) {
            return;
        }
        let verdict = self.prove();
        let choice = self.request.manifest.ld_so_cache;
        let wanted = match choice {
            LdSoCache::Always => true,
            LdSoCache::Auto => !verdict.lost.is_empty(),
            LdSoCache::Never => false,
        };
        let can_be_written = verdict.loader.is_some();
        let Some((facts, order)) = verdict.loader.filter(|_| wanted) else {
            self.report_lost(verdict.lost, can_be_written);
            return;
        };
        let purpose = match verdict.lost.first() {
            Some(lost) => {
                alloc::format!("the loader finds {} through nothing else", Escaped(&lost.name))
            }
            None => "the manifest asks for it".to_string(),
        };
        let of = verdict.lost.first().map(|lost| lost.by.clone());
        self.write_cache(&facts, order, Why::Made { purpose, of });
        let lost = self.prove().lost;
        self.report_lost(lost, false);
    }

    fn report_lost(&mut self, lost: Vec<Lost>, cache_helps: bool) {
        for Lost { span, name, by, at } in lost {
            let name = Escaped(&name).to_string();
            self.fault(span, FaultKind::NotFoundInImage { name, by, at, cache_helps });
        }
    }

    /// Runs the loader for everything that was closed over, on the tree alone.
    fn prove(&self) -> Verdict {
        let files = self.tree_files();
        let session = Session::new(&files);
        let mut verdict = Verdict::default();
        for proof in &self.proofs {
            // A library of an image without a loader is for other images.
            let has_loader = |spot: &Spot| files.open(spot).is_ok();
            let Ok(program) = files.open(&Spot::new(proof.program.image.clone())) else { continue };
            let Ok(elf) = elf_of(&program) else { continue };
            if elf.interpreter.is_none() && !proof.loader.as_ref().is_some_and(has_loader) {
                continue;
            }
            let program = Spot::new(proof.program.image.clone());
            let Some(closure) = run(&session, &Proof { program, ..proof.clone() }) else {
                continue;
            };
            self.compare(proof, &closure, &mut verdict.lost);
            if let Some(facts) = closure.loader.filter(|facts| facts.kind == Kind::Glibc) {
                verdict.loader.get_or_insert((facts, elf.header.order));
            }
        }
        verdict
    }

    /// What this closure lacks in the image and did not lack before; what was missing already is a
    /// fault of its own. What a cache found must be found again, not another file of that name.
    fn compare(&self, proof: &Proof, closure: &Closure, lost: &mut Vec<Lost>) {
        let real = |object: usize| {
            let real = &closure.objects[object].opened.real;
            TreePath::parse(real).unwrap_or_else(|_| TreePath::root())
        };
        let is_known = |name: &[u8]| {
            let name = Escaped(name).to_string();
            self.missing.contains_key(&name) || self.opened_before.contains(&name)
        };
        if closure.missing.iter().any(|missing| missing.relation == Relation::Interpreter) {
            return;
        }
        let place = |name: &[u8]| {
            let cached = proof.cached.iter().find(|cached| *cached.name == *name);
            cached.map(|cached| cached.at.clone())
        };
        for missing in &closure.missing {
            if !is_known(&missing.name) && !is_tolerated(missing.relation) {
                let (name, by) = (missing.name.clone(), real(missing.by));
                lost.push(Lost { span: proof.span, at: place(&name), name, by });
            }
        }
        let found: BTreeSet<(TreePath, &[u8], TreePath)> =
            closure.edges.iter().map(|e| (real(e.by), &*e.name, real(e.to))).collect();
        for Cached { by, name, at } in &proof.cached {
            let is_found = found.contains(&(by.clone(), &**name, at.clone()));
            let is_missing = closure.missing.iter().any(|missing| missing.name == *name);
            if !is_found && !is_missing {
                let (name, by, at) = (name.clone(), by.clone(), Some(at.clone()));
                lost.push(Lost { span: proof.span, name, by, at });
            }
        }
    }

    fn write_cache(&mut self, facts: &LoaderFacts, order: ByteOrder, why: Why) {
        let content = ld_so_cache::encode(&self.cache(), order);
        let span = self.proofs.first().map(|proof| proof.span).unwrap_or_default();
        let landed = self.placer.land(&facts.configuration, None, Last::Follow);
        let Some(path) = self.keep(span, landed) else { return };
        if self.placer.tree.get(&path).is_some() {
            let text = alloc::format!("`{path}` is declared, so scant does not write it");
            self.find(Some(span), Severity::Warning, text);
            return;
        }
        let placed = self.place_made(path, content, why);
        self.keep(span, placed);
    }

    /// What `ldconfig` would find: every library that was found through a cache or in a default
    /// directory.
    fn cache(&self) -> Cache {
        let files = self.tree_files();
        let names = self.libraries.iter().filter(|library| !library.name.contains(&b'/'));
        let entry = |FoundLibrary { name, path }: &FoundLibrary| {
            let opened = files.open(&Spot::new(path.clone())).ok()?;
            let elf = elf_of(&opened).ok()?;
            Some(Entry {
                name: name.clone(),
                flags: written_flags(&elf.header),
                hwcaps: level_of(path),
                path: path.clone(),
            })
        };
        Cache::new(names.filter_map(entry).collect())
    }
}

/// The `glibc-hwcaps` level of a path.
fn level_of(path: &[u8]) -> Option<Box<[u8]>> {
    let mut components = path.split(|&b| b == b'/').skip_while(|name| *name != b"glibc-hwcaps");
    components.nth(1).map(Box::from)
}
