//! What many programs of one file system share: their loader and its cache, each read once.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::rc::Rc;
use core::cell::RefCell;

use super::facts::{Kind, LoaderFacts};
use super::files::{Config, Files, Identity, Spot};
use crate::formats::elf::Header;
use crate::formats::ld_so_cache::{self, Cache};
use crate::words::ByteOrder;

/// Loaders are a few hundred kilobytes; what is larger is not read for its strings.
const LARGEST_LOADER: u64 = 16 << 20;

/// The cache of a full desktop system is under 500 KB.
const LARGEST_CACHE: u64 = 64 << 20;

type CacheKey = (Box<[u8]>, ByteOrder);

/// Files, and what was learnt of their loaders.
pub struct Session<'a> {
    files: &'a dyn Files,
    facts: RefCell<BTreeMap<Identity, Rc<LoaderFacts>>>,
    caches: RefCell<BTreeMap<CacheKey, Option<Rc<Cache>>>>,
}

impl<'a> Session<'a> {
    /// A session over these files.
    pub fn new(files: &'a dyn Files) -> Self {
        Self { files, facts: RefCell::default(), caches: RefCell::default() }
    }

    /// The files.
    pub fn files(&self) -> &'a dyn Files {
        self.files
    }

    /// What is known of the loader at `spot`; from the table where it cannot be read.
    pub(super) fn facts(&self, loader: Option<&Spot>, header: &Header) -> Rc<LoaderFacts> {
        let opened = loader.and_then(|spot| self.files.open(spot).ok());
        let Some(opened) = opened else {
            let kind = loader.map_or(Kind::Glibc, |spot| LoaderFacts::kind_of_name(&spot.image));
            return Rc::new(LoaderFacts::table(kind, header));
        };
        if let Some(facts) = self.facts.borrow().get(&opened.identity) {
            return facts.clone();
        }
        let content = self.files.content(&opened.identity, LARGEST_LOADER).unwrap_or_default();
        let facts = Rc::new(LoaderFacts::read(&content, header));
        self.facts.borrow_mut().insert(opened.identity, facts.clone());
        facts
    }

    /// The cache that the loader would use.
    pub(super) fn cache(&self, facts: &LoaderFacts, header: &Header) -> Option<Rc<Cache>> {
        if facts.kind == Kind::Musl {
            return None;
        }
        let key = (facts.configuration.clone(), header.order);
        if let Some(cache) = self.caches.borrow().get(&key) {
            return cache.clone();
        }
        let content = self.files.config(Config::Cache, &facts.configuration, LARGEST_CACHE);
        let cache = content.ok().flatten();
        let cache = cache.and_then(|bytes| ld_so_cache::parse(&bytes, header.order)).map(Rc::new);
        self.caches.borrow_mut().insert(key, cache.clone());
        cache
    }
}
