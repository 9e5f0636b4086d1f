//! The last build of the same: when nothing has changed since, it is not done again.

use std::sync::Arc;

use scant_core::formats::image_reference::ImageReference;
use scant_io::cache::{BuildKey, Cache};
use scant_io::inputs::{Asked, Journal};
use scant_io::sinks::{self, Published};

use super::report::Report;
use super::{Settings, cache_directory, existing};
use crate::args::Build;
use crate::overlap;
use crate::project::Project;
use crate::surroundings::Surroundings;

/// A build that may have been done before.
pub(super) struct Last<'a> {
    key: BuildKey,
    cache: Arc<Cache>,
    args: &'a Build,
    project: &'a Project,
    outputs: &'a [ImageReference],
    surroundings: &'a Surroundings,
    threads: usize,
}

impl<'a> Last<'a> {
    /// None where nothing may be remembered, or nothing could be recognised.
    pub(super) fn of(
        args: &'a Build,
        project: &'a Project,
        outputs: &'a [ImageReference],
        settings: &Settings,
        surroundings: &'a Surroundings,
    ) -> Option<Self> {
        // A new option is one of the key, unless it changes nothing about what comes out.
        let Build {
            output,
            tag,
            of,
            force,
            no_check,
            test,
            manifest: _,
            compression: _,
            threads: _,
            cache_dir: _,
            no_cache: _,
            registry: _,
            quiet: _,
            json: _,
            inputs: _,
        } = args;
        let cache = settings.cache.clone()?;
        // Who wants tests wants them run.
        if *test || !outputs.iter().all(sinks::can_be_recognised) {
            return None;
        }
        let (path, directory) = (project.path(), &surroundings.directory);
        let which = [
            format!("{path:?} {directory:?} {:?}", project.name),
            output.iter().map(|output| format!("{output:?} ")).collect(),
            format!(
                "{tag:?} {:?} {} {} {force} {no_check} {}",
                of.platform, settings.compression, settings.epoch, project.locked.is_required
            ),
        ];
        let which = which.each_ref().map(String::as_str);
        let texts = std::iter::once(&project.text).chain(&project.rule_texts);
        let texts: Vec<_> = texts.map(String::as_str).chain(project.locked.text()).collect();
        let key = BuildKey::new(&which, &texts)?;
        let threads = settings.threads;
        Some(Self { key, cache, args, project, outputs, surroundings, threads })
    }

    /// What the last build said, if all is as it was then. Whatever is not is found, and told, by a
    /// build from the beginning.
    pub(super) fn report(&self) -> Option<Report> {
        let Self { args, project, outputs, surroundings, .. } = self;
        let said = self.cache.recall(&self.key, project.declared(), self.threads)?;
        let cache = cache_directory(args, surroundings);
        overlap::check(project, outputs, cache.as_deref(), &surroundings.directory).ok()?;
        outputs.iter().try_for_each(|output| sinks::check(output, existing(args))).ok()?;
        Report::from_texts(said)
    }

    /// Ends a journal.
    pub(super) fn asked(&self, journal: Journal) -> Option<Asked> {
        self.cache.asked(journal)
    }

    /// Leaves this build to the next.
    pub(super) fn keep(&self, asked: Asked, published: &[Published], report: Report) {
        self.cache.keep_build(&self.key, asked, published, report.into_texts());
    }
}
