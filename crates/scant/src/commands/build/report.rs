//! What a build says when it is done: on stdout the places and digests, on stderr what the image
//! holds. As texts, so that the next build can say the same.

use std::io::{self, Write};

use scant_core::formats::image_reference::ImageReference;
use scant_core::words::OneLine;
use scant_io::image::{Image, PlatformImage};
use scant_io::sinks::Published;
use serde_json::json;

use super::Divided;
use crate::args::Build;
use crate::project::{Planned, Project};
use crate::render::size::{Count, Size};
use crate::render::{findings, suggestions};

/// All that a build says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Report {
    /// What a person should know of the plan: on stderr, as soon as it is made.
    findings: String,
    /// What the image holds: on stderr.
    words: String,
    /// A line for each output: on stdout.
    lines: String,
    /// The same as JSON.
    json: String,
}

impl Report {
    /// What there is to say of an image that was published.
    pub(super) fn new(
        args: &Build,
        project: &Project,
        plans: &[Divided<'_>],
        image: &Image,
        published: &[Published],
    ) -> Self {
        let line = |published: &Published| format!("{} {}\n", published.place, published.digest);
        Self {
            findings: plans.iter().map(|plan| findings(project, plan.planned)).collect(),
            words: words(args, plans, image, published),
            lines: published.iter().map(line).collect(),
            json: format!("{:#}\n", json_of(plans, image, published)),
        }
    }

    /// Prints it, but for the findings, which were printed before the image was made.
    pub(super) fn print(&self, args: &Build) -> io::Result<()> {
        if !args.quiet {
            io::stderr().lock().write_all(self.words.as_bytes())?;
        }
        let text = if args.json { &self.json } else { &self.lines };
        io::stdout().lock().write_all(text.as_bytes())
    }

    /// Prints all of it.
    pub(super) fn print_all(&self, args: &Build) -> io::Result<()> {
        if !args.quiet {
            // Nothing can be done when stderr is gone.
            let _ = io::stderr().lock().write_all(self.findings.as_bytes());
        }
        self.print(args)
    }

    /// As texts, to be remembered.
    pub(super) fn into_texts(self) -> Vec<String> {
        let Self { findings, words, lines, json } = self;
        vec![findings, words, lines, json]
    }

    /// What [`Self::into_texts`] gave.
    pub(super) fn from_texts(texts: Vec<String>) -> Option<Self> {
        let [findings, words, lines, json] = texts.try_into().ok()?;
        Some(Self { findings, words, lines, json })
    }
}

/// What a person should know of a plan.
pub(super) fn findings(project: &Project, planned: &Planned) -> String {
    let (name, plan) = (&project.name, &planned.plan);
    findings::text(name, &plan.findings) + &suggestions::short_text(name, &plan.suggestions)
}

fn words(args: &Build, plans: &[Divided<'_>], image: &Image, published: &[Published]) -> String {
    let mut text = String::new();
    for (Divided { planned, layers }, platform) in plans.iter().zip(&image.platforms) {
        let tree = &planned.plan.tree;
        let (paths, content) = (Count(tree.len(), "path"), Size(tree.content_size()));
        let blobs: u64 = platform.layers.iter().map(|layer| layer.descriptor.size).sum();
        let (name, blobs) = (planned.plan.platform, Size(blobs));
        let layers = match layers.len() {
            1 => "as a layer".into(),
            count => format!("in {count} layers"),
        };
        text += &format!("{name}: {paths}, {content} of files, {blobs} {layers}\n");
    }
    for note in published.iter().flat_map(|published| &published.notes) {
        text += &format!("note: {}\n", OneLine(note));
    }
    for published in published {
        if let ImageReference::DockerArchive { file, name: None } = &published.place {
            text += &format!(
                "note: the image in `{file}` has no name, so `docker load` shows it as `<none>`; \
                 `-t NAME` gives it one\n"
            );
        }
    }
    if args.output.is_empty() {
        text += &format!("written to {}\n", published[0].place);
    }
    text
}

fn json_of(plans: &[Divided<'_>], image: &Image, published: &[Published]) -> serde_json::Value {
    let platform = |(plan, platform): (&Divided<'_>, &PlatformImage)| {
        json!({
            "platform": platform.platform(),
            "image_id": platform.config.descriptor.digest,
            "manifest": platform.manifest.descriptor.digest,
            "layers": plan.layers.iter().zip(&platform.layers).map(|(named, layer)| json!({
                "name": named.name,
                "diff_id": layer.diff_id,
                "digest": layer.descriptor.digest,
                "size": layer.descriptor.size,
            })).collect::<Vec<_>>(),
        })
    };
    json!({
        "digest": image.top().descriptor.digest,
        "platforms": plans.iter().zip(&image.platforms).map(platform).collect::<Vec<_>>(),
        "outputs": published.iter().map(|published| json!({
            "place": published.place.to_string(),
            "notes": published.notes,
        })).collect::<Vec<_>>(),
    })
}
