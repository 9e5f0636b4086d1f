//! `accounts`, `directories`, `symlinks`, `hardlinks` and `data`: what apko does to the files after
//! packages are installed. It does one thing after the other; a manifest says how things are in the
//! end.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::{Translator, distinct};
use crate::formats::apko::{At, Mutation, MutationKind, Place, User};
use crate::formats::manifest::yaml_word as word;

/// Directories of the root below which homes are of packages, or mean that there is none.
const OF_PACKAGES: [&str; 10] =
    ["bin", "dev", "etc", "lib", "proc", "root", "sbin", "sys", "tmp", "usr"];

/// Something that is not of a package.
struct Entry {
    kind: MutationKind,
    path: String,
    /// Where a link leads.
    source: String,
    mode: Option<u32>,
    owner: Option<(u32, u32)>,
    place: Place,
}

impl Translator<'_> {
    pub(super) fn tree(&mut self) {
        let mut entries = self.homes();
        for At { value, place } in &self.configuration.paths {
            self.mutate(&mut entries, value, *place);
        }
        let of = |kind: MutationKind| {
            let lines = entries.iter().filter(move |entry| entry.kind == kind);
            lines.map(|entry| (entry.line(), entry.place)).collect::<Vec<_>>()
        };
        let mut files = of(MutationKind::EmptyFile);
        for entry in entries.iter().filter(|entry| entry.kind == MutationKind::EmptyFile) {
            let text = "make the empty file: `: > empty`, beside the manifest";
            self.note(entry.place, text);
        }
        files.extend(self.services());
        files.append(&mut self.changed);
        for (head, lines) in [
            ("data:", files),
            ("directories:", of(MutationKind::Directory)),
            ("symlinks:", of(MutationKind::Symlink)),
            ("hardlinks:", of(MutationKind::HardLink)),
        ] {
            if !lines.is_empty() {
                self.draft.line("");
            }
            self.draft.section(head, lines);
        }
    }

    /// The home directories that apko makes.
    fn homes(&self) -> Vec<Entry> {
        let mut homes = Vec::<Entry>::new();
        for At { value: user, place } in &self.configuration.users {
            let path = absolute(&user.home);
            let top = path.split('/').nth(1).unwrap_or_default();
            let is_made = user.home != "/dev/null" && path != "/" && !OF_PACKAGES.contains(&top);
            if is_made && homes.iter().all(|home| home.path != path) {
                homes.push(Entry {
                    kind: MutationKind::Directory,
                    path,
                    source: String::new(),
                    mode: Some(0o700),
                    owner: Some((user.uid, user.gid)),
                    place: *place,
                });
            }
        }
        homes
    }

    fn mutate(&mut self, entries: &mut Vec<Entry>, mutation: &Mutation, place: Place) {
        let path = absolute(&mutation.path);
        let mode = mutation.permissions.map(|permissions| permissions.mode & 0o7777);
        if let (Some(permissions), Some(mode)) = (mutation.permissions, mode)
            && permissions.is_decimal
        {
            let text = format!(
                "the permissions {} are no octal number, so that apko makes {mode:04o} of them",
                permissions.mode
            );
            self.note(place, text);
        }
        let known = entries.iter_mut().find(|entry| entry.path == path);
        if mutation.kind == MutationKind::Permissions {
            self.permissions(entries, mutation, &path, place);
            return;
        }
        let is_link = matches!(mutation.kind, MutationKind::HardLink | MutationKind::Symlink);
        if mode.is_none() && !is_link {
            let text = format!(
                "{path} has no `permissions`: apko gives it 0000, the manifest what \
                                is usual"
            );
            self.note(place, text);
        }
        match known {
            Some(entry) if entry.kind == mutation.kind && !is_link => {
                entry.mode = mode;
                entry.owner = mutation.owner.or(entry.owner);
            }
            _ => {
                entries.retain(|entry| entry.path != path);
                entries.push(Entry {
                    kind: mutation.kind,
                    path: path.clone(),
                    source: mutation.source.clone(),
                    mode: mode.filter(|_| !is_link),
                    owner: mutation.owner,
                    place,
                });
            }
        }
        if mutation.is_recursive && mutation.kind == MutationKind::Directory {
            self.permissions(entries, mutation, &path, place);
        }
    }

    /// Mode and owner of a path, and of all below it if that is wanted.
    fn permissions(
        &mut self,
        entries: &mut [Entry],
        mutation: &Mutation,
        path: &str,
        place: Place,
    ) {
        let below = format!("{}/", path.trim_end_matches('/'));
        let is_meant = |entry: &&mut Entry| {
            entry.path == path || (mutation.is_recursive && entry.path.starts_with(&below))
        };
        let mode = mutation.permissions.map_or(0, |permissions| permissions.mode & 0o7777);
        let mut found = false;
        for entry in entries.iter_mut().filter(is_meant) {
            found |= entry.path == path;
            if !matches!(entry.kind, MutationKind::Symlink | MutationKind::HardLink) {
                entry.mode = Some(mode);
            }
            entry.owner = mutation.owner.or(entry.owner);
        }
        let more = attributes(mode, mutation.owner);
        if mutation.is_recursive && mutation.kind == MutationKind::Directory {
            let text = format!(
                "what packages have below {path} keeps its mode and owner: apko changes them to \
                 {mode:04o}"
            );
            self.note(place, text);
        } else if mutation.is_recursive && !found {
            let from = word(&format!("APK{path}"));
            let text = format!("  - {{from: {from}{more}, directory-mode: \"{mode:04o}\"}}");
            self.changed.push((text, place));
        } else if !found {
            let text = format!(
                "{path} keeps the mode and owner of its package: declare {{path: {path}{more}}} \
                 under `directories`, or {{from: APK{path}{more}}} under `data` if it is a file"
            );
            self.note(place, text);
        }
    }

    /// The scripts of services, which have to be made as files.
    fn services(&mut self) -> Vec<(String, Place)> {
        let Some(entrypoint) = &self.configuration.entrypoint else { return Vec::new() };
        let mut lines = Vec::new();
        for At { value: name, place } in &entrypoint.services {
            let file = format!("./sv/{name}/run");
            self.note(*place, format!("write the script of the service {name} into {file}"));
            let to = word(&file[1..]);
            lines
                .push((format!("  - {{from: {}, to: {to}, mode: \"0755\"}}", word(&file)), *place));
        }
        lines
    }

    pub(super) fn accounts(&mut self) {
        let (users, groups) = (&self.configuration.users, &self.configuration.groups);
        if users.is_empty() && groups.is_empty() {
            return;
        }
        self.draft.line("");
        self.draft.line("accounts:");
        let user = |At { value: user, place }: &At<User>| {
            let gid = match user.gid == user.uid {
                true => String::new(),
                false => format!(", gid: {}", user.gid),
            };
            let (name, home, shell) = (word(&user.name), word(&user.home), word(&user.shell));
            let text = format!(
                "    - {{name: {name}, uid: {}{gid}, home: {home}, shell: {shell}}}",
                user.uid
            );
            (text, *place)
        };
        self.draft.section("  users:", users.iter().map(user));
        let mut lines = Vec::new();
        for At { value: group, place } in groups {
            let is_user =
                |name: &&At<String>| users.iter().any(|user| user.value.name == name.value);
            let (known, unknown): (Vec<_>, Vec<_>) = distinct(&group.members).partition(is_user);
            for name in unknown {
                let text = format!(
                    "the member {} of {} is no user under `accounts`, and left out",
                    name.value, group.name
                );
                self.note(name.place, text);
            }
            let members: Vec<_> = known.iter().map(|name| word(&name.value)).collect();
            let members = match members.is_empty() {
                true => String::new(),
                false => format!(", members: [{}]", members.join(", ")),
            };
            let name = word(&group.name);
            lines.push((format!("    - {{name: {name}, gid: {}{members}}}", group.gid), *place));
        }
        self.draft.section("  groups:", lines);
    }
}

impl Entry {
    /// Its line in its section.
    fn line(&self) -> String {
        let owner = self.owner.filter(|owner| *owner != (0, 0));
        let owner = owner.map(|(uid, gid)| format!(", owner: {uid}:{gid}")).unwrap_or_default();
        let mode = |usual: u32| match self.mode {
            Some(mode) if mode != usual => format!(", mode: \"{mode:04o}\""),
            _ => String::new(),
        };
        let path = word(&self.path);
        let item = match self.kind {
            MutationKind::Directory => match format!("{}{owner}", mode(0o755)) {
                rest if rest.is_empty() => path,
                rest => format!("{{path: {path}{rest}}}"),
            },
            MutationKind::EmptyFile => {
                format!("{{from: ./empty, to: {path}{}{owner}}}", mode(0o644))
            }
            MutationKind::Symlink if owner.is_empty() => pair(&self.source, &self.path),
            MutationKind::Symlink => {
                format!("{{target: {}, link: {path}{owner}}}", word(&self.source))
            }
            MutationKind::HardLink | MutationKind::Permissions => {
                pair(&absolute(&self.source), &self.path)
            }
        };
        format!("  - {item}")
    }
}

/// A link in short, if its halves can be told apart then.
fn pair(target: &str, link: &str) -> String {
    match target.contains(':') || link.contains(':') {
        false => word(&format!("{target}:{link}")),
        true => format!("{{target: {}, link: {}}}", word(target), word(link)),
    }
}

/// A path from the root on, as apko takes it.
fn absolute(path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    format!("/{}", path.trim_matches('/'))
}

/// Mode and owner as they go on in an entry.
fn attributes(mode: u32, owner: Option<(u32, u32)>) -> String {
    let owner = owner.map_or_else(String::new, |(uid, gid)| format!(", owner: {uid}:{gid}"));
    format!(", mode: \"{mode:04o}\"{owner}")
}
