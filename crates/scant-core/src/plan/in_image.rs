//! The loader once more, on the finished tree alone: what was found through an input's
//! `ld.so.cache` must be found in the image too, so scant writes one where it takes one.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use super::fault::{FaultKind, Severity};
use super::placer::Last;
use super::walk::{Planner, Proof};
use crate::formats::ld_so_cache::{self, Cache, Entry, written_flags};
use crate::formats::manifest::LdSoCache;
use crate::rules::loader::{self, Closure, Files as _, Kind, LoaderFacts, Session, Spot};
use crate::words::{ByteOrder, Escaped, Relation, TreePath, Why};

/// What the image's own loaders say.
#[derive(Default)]
struct Verdict {
    /// What is not found in the image although the plan found it: the proof, the name, who needs it.
    lost: Vec<(Proof, Box<[u8]>, TreePath)>,
    /// A loader that reads a cache, with the byte order of its programs.
    loader: Option<(LoaderFacts, ByteOrder)>,
}

impl Planner<'_> {
    /// Proves that every closure holds in the tree; writes an `ld.so.cache` if it is needed for
    /// that, or asked for.
    pub(super) fn prove_in_image(&mut self) {
        let verdict = self.prove();
        let choice = self.request.manifest.ld_so_cache;
        let wanted = match choice {
            LdSoCache::Always => true,
            LdSoCache::Auto => !verdict.lost.is_empty(),
            LdSoCache::Never => false,
        };
        let Some((facts, order)) = verdict.loader.filter(|_| wanted) else {
            self.report_lost(verdict.lost);
            return;
        };
        let purpose = match verdict.lost.first() {
            Some((_, name, _)) => {
                alloc::format!("the loader finds {} through nothing else", Escaped(name))
            }
            None => "the manifest asks for it".to_string(),
        };
        let of = verdict.lost.first().map(|(_, _, by)| by.clone());
        self.write_cache(&facts, order, Why::Made { purpose, of });
        let lost = self.prove().lost;
        self.report_lost(lost);
    }

    fn report_lost(&mut self, lost: Vec<(Proof, Box<[u8]>, TreePath)>) {
        for (proof, name, by) in lost {
            let name = Escaped(&name).to_string();
            self.fault(proof.span, FaultKind::NotFoundInImage { name, by });
        }
    }

    /// Runs the loader for everything that was closed over, on the tree alone.
    fn prove(&self) -> Verdict {
        let files = self.tree_files();
        let session = Session::new(&files);
        let mut verdict = Verdict::default();
        for proof in &self.proofs {
            let program = Spot::new(proof.program.image.clone());
            let Proof { openings, environment, loader, .. } = proof;
            let loader = loader.as_ref();
            let closed = loader::close(&session, &program, openings, environment, loader);
            let Ok(closure) = closed else { continue };
            verdict.lost.extend(self.lost(proof, &closure));
            if let Some(facts) = closure.loader.filter(|facts| facts.kind != Kind::Musl) {
                let order = files.open(&program).ok().and_then(|opened| {
                    opened.elf.as_ref().as_ref().ok().map(|elf| elf.header.order)
                });
                verdict.loader = verdict.loader.or(order.map(|order| (facts, order)));
            }
        }
        verdict
    }

    /// What this closure lacks in the image and did not lack before: what was missing already is a
    /// fault of its own.
    fn lost<'c>(
        &'c self,
        proof: &'c Proof,
        closure: &'c Closure,
    ) -> impl Iterator<Item = (Proof, Box<[u8]>, TreePath)> + 'c {
        let known = |name: &[u8]| {
            let name = Escaped(name).to_string();
            self.faults.iter().any(
                |fault| matches!(&fault.kind, FaultKind::Missing(missing) if missing.name == name),
            )
        };
        let tolerated = |relation: Relation| {
            matches!(relation, Relation::Preload | Relation::PreloadFile | Relation::Audit)
        };
        let missing = closure.missing.iter();
        missing.filter(move |m| !known(&m.name) && !tolerated(m.relation)).map(|missing| {
            let by = &closure.objects[missing.by].opened.real;
            let by = TreePath::parse(by).unwrap_or_else(|_| TreePath::root());
            (proof.clone(), missing.name.clone(), by)
        })
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
        let entries = self.libraries.iter().filter(|library| library.by_system_rule);
        let entries = entries.filter(|library| !library.name.contains(&b'/'));
        let entry = |library: &super::closures::FoundLibrary| {
            let opened = files.open(&Spot::new(library.path.clone())).ok()?;
            let elf = opened.elf.as_ref().as_ref().ok()?;
            Some(Entry {
                name: library.name.clone(),
                flags: written_flags(&elf.header),
                hwcaps: level_of(&library.path),
                path: library.path.clone(),
            })
        };
        Cache::new(entries.filter_map(entry).collect())
    }
}

/// The `glibc-hwcaps` level of a path.
fn level_of(path: &[u8]) -> Option<Box<[u8]>> {
    let mut components = path.split(|&b| b == b'/').skip_while(|name| *name != b"glibc-hwcaps");
    components.nth(1).map(Box::from)
}
