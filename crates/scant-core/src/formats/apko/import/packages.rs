//! `inputs` and `packages`: where packages come from, and which.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{NOWHERE, Translator, distinct};
use crate::formats::apko::{At, Place};
use crate::formats::manifest::yaml_word as word;

impl Translator<'_> {
    pub(super) fn packages(&mut self) {
        let mut packages: Vec<_> = distinct(&self.configuration.packages).cloned().collect();
        if self.is_service_bundle() && packages.iter().all(|package| package.value != "s6") {
            let place = self.configuration.entrypoint.as_ref().map_or(NOWHERE, |entry| entry.place);
            packages.push(At { value: "s6".into(), place });
        }
        if packages.is_empty() {
            self.note(NOWHERE, "no `packages`: the image has only what is declared besides");
            return;
        }
        for line in ["inputs:", "  APK:", "    backend: apk"] {
            self.draft.line(line);
        }
        self.repositories();
        self.keys();
        self.draft.section("    packages:", packages.iter().map(item));
        for line in
            ["", "# Whole packages, and those that they depend on.", "packages:", "  - APK/*"]
        {
            self.draft.line(line);
        }
        self.draft.end_packages();
    }

    fn repositories(&mut self) {
        let repositories = &self.configuration.repositories;
        if repositories.is_empty() {
            self.draft.line("    repositories: [\"https://example.com/REPOSITORY\"]");
            let text = "no `repositories`: apko got them as --repository-append; name them in the \
                        place of https://example.com/REPOSITORY";
            self.note(NOWHERE, text);
        }
        let item = |at: &At<String>| match tagged(&at.value) {
            Some((tag, url)) => {
                (format!("      - {{url: {}, tag: {}}}", word(url), word(tag)), at.place)
            }
            None => item(&At { value: at.value.trim_end_matches('/').into(), place: at.place }),
        };
        self.draft.section("    repositories:", distinct(repositories).map(item));
    }

    fn keys(&mut self) {
        let keyring = &self.configuration.keyring;
        if keyring.is_empty() {
            self.draft.line("    keys: [./keys/REPOSITORY.rsa.pub]");
            let text = "no `keyring`: apko trusts keys that it finds on the network; store those of \
                        the repositories, check their fingerprints, and name them in the place of \
                        ./keys/REPOSITORY.rsa.pub";
            self.note(NOWHERE, text);
        }
        let mut keys: Vec<At<String>> = Vec::new();
        for key in distinct(keyring) {
            let value = match key.value.contains("://") {
                false => key.value.clone(),
                true => {
                    let is_free = |file: &String| keys.iter().all(|known| known.value != *file);
                    // Keys of two places may have one name.
                    let file = (1..).map(|number| stored(&key.value, number)).find(is_free);
                    let file = file.unwrap_or_default();
                    let text = format!(
                        "nothing is fetched: store {} as {file}, and check its fingerprint",
                        key.value
                    );
                    self.note(key.place, text);
                    file
                }
            };
            keys.push(At { value, place: key.place });
        }
        self.draft.section("    keys:", keys.iter().map(item));
    }
}

/// A name in a list.
fn item(at: &At<String>) -> (String, Place) {
    (format!("      - {}", word(&at.value)), at.place)
}

/// The tag and the rest of `@tag URL`.
fn tagged(text: &str) -> Option<(&str, &str)> {
    let (tag, url) = text.strip_prefix('@')?.split_once([' ', '\t'])?;
    Some((tag, url.trim().trim_end_matches('/')))
}

/// Where a key of the network is to be stored; one of the same name in a directory with a number.
fn stored(url: &str, number: usize) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    let name = path.rsplit('/').find(|name| !name.is_empty()).unwrap_or_default();
    match number {
        1 => format!("./keys/{name}"),
        number => format!("./keys/{number}/{name}"),
    }
}
