//! A manifest, or its faults, as lines of text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::formats::manifest::*;
use crate::formats::structure_test;

/// What `parse` says of a text.
pub(super) fn outcome(text: &str) -> String {
    match parse(text) {
        Ok(manifest) => lines(&manifest).join("\n"),
        Err(faults) => faults.iter().map(fault).collect::<Vec<_>>().join("\n"),
    }
}

fn fault(fault: &Fault) -> String {
    let mut text = fault.to_string();
    if let Some(help) = &fault.help {
        text += &format!(" (help: {help})");
    }
    if let Some((span, label)) = &fault.also {
        text += &format!(" ({span}: {label})");
    }
    text
}

fn lines(manifest: &Manifest) -> Vec<String> {
    let mut lines = Vec::new();
    let Manifest {
        inputs,
        binaries,
        data,
        packages,
        directories,
        symlinks,
        hardlinks,
        accounts,
        image: settings,
        platforms,
        ld_so_cache,
        package_database,
        layers,
        suggestions,
        checks,
        tests,
    } = manifest;
    for input in inputs {
        let InputDeclaration { span, name, backend, place } = input;
        let backend = match backend {
            // Its place says all of it.
            Backend::Apt(_) => "apt".into(),
            Backend::Apk(_) => "apk".into(),
            backend => format!("{backend:?}"),
        };
        lines.push(format!("{span} input {name} {backend} {}", place_of(place)));
    }
    for binary in binaries {
        let Binary { span, from, to, mode, owner, capabilities, xattrs, libraries, why } = binary;
        let mut line = format!("{span} binary {}", taken(from, to));
        option(&mut line, "mode", *mode);
        option(&mut line, "owner", owner.as_ref().map(owned_by));
        texts(&mut line, "capabilities", capabilities);
        line += &pairs("xattrs", xattrs);
        texts(&mut line, "libraries", libraries);
        option(&mut line, "why", why.as_ref());
        lines.push(line);
    }
    for item in data {
        let Data { span, from, to, mode, directory_mode, owner, .. } = item;
        let mut line = format!("{span} data {}", taken(from, to));
        option(&mut line, "mode", *mode);
        option(&mut line, "directory-mode", *directory_mode);
        option(&mut line, "owner", owner.as_ref().map(owned_by));
        texts(&mut line, "capabilities", &item.capabilities);
        line += &pairs("xattrs", &item.xattrs);
        texts(&mut line, "include", &item.include);
        texts(&mut line, "exclude", &item.exclude);
        option(
            &mut line,
            "elf",
            Some(item.elf).filter(|elf| *elf == Elf::Ignore).map(|_| "ignore"),
        );
        option(&mut line, "why", item.why.as_ref());
        lines.push(line);
    }
    for WholePackage { span, input, name, include, exclude, elf, why } in packages {
        let mut line = format!("{span} package {} of {input}", name.value);
        texts(&mut line, "include", include);
        texts(&mut line, "exclude", exclude);
        option(&mut line, "elf", Some(elf).filter(|elf| **elf == Elf::Ignore).map(|_| "ignore"));
        option(&mut line, "why", why.as_ref());
        lines.push(line);
    }
    for Directory { span, path, mode, owner, xattrs, why } in directories {
        let mut line = format!("{span} directory {path}");
        option(&mut line, "mode", *mode);
        option(&mut line, "owner", owner.as_ref().map(owned_by));
        line += &pairs("xattrs", xattrs);
        option(&mut line, "why", why.as_ref());
        lines.push(line);
    }
    for Symlink { span, target, link, owner, why } in symlinks {
        let mut line = format!("{span} symlink {link} to {target}");
        option(&mut line, "owner", owner.as_ref().map(owned_by));
        option(&mut line, "why", why.as_ref());
        lines.push(line);
    }
    for HardLink { span, target, link, why } in hardlinks {
        let mut line = format!("{span} hardlink {link} to {target}");
        option(&mut line, "why", why.as_ref());
        lines.push(line);
    }
    for (name, content) in [("passwd", accounts.passwd()), ("group", accounts.group())] {
        for record in content.iter().flat_map(|content| content.split(|b| *b == b'\n')) {
            let record = String::from_utf8_lossy(record);
            lines.extend((!record.is_empty()).then(|| format!("{name} {record}")));
        }
    }
    image(settings, &mut lines);
    lines.extend(platforms.iter().map(|platform| format!("platform {platform}")));
    lines.extend((*ld_so_cache != LdSoCache::Auto).then(|| format!("ld-so-cache {ld_so_cache:?}")));
    lines.extend(package_database.map(|span| format!("{span} package-database")));
    match layers {
        Layers::Single => {}
        Layers::ByInput => lines.push("layers by input".into()),
        Layers::ByPackage(span) => lines.push(format!("{span} layers by package")),
        Layers::Groups(groups) => lines.extend(groups.iter().map(layer)),
    }
    for AllowedCheck { span, check, path, reason } in &checks.allow {
        let mut line = format!("{span} allow {check}");
        option(&mut line, "path", path.as_ref());
        lines.push(format!("{line} reason={reason}"));
    }
    lines.extend(tests.iter().map(|source| match source {
        TestSource::File(file) => format!("{} tests in {}", file.span, file.value),
        TestSource::Here(tests) => {
            let test = |test: &structure_test::Test| {
                format!(" {}@{} {:?}", test.subject.kind(), test.span, test.name)
            };
            format!("tests{}", tests.tests.iter().map(test).collect::<String>())
        }
    }));
    lines
        .extend(suggestions.files.iter().map(|file| format!("{} rules {}", file.span, file.value)));
    for Accepted { span, id, with } in &suggestions.accept {
        lines.push(format!("{span} accept {id} {with:?}"));
    }
    for Declined { span, id, reason } in &suggestions.decline {
        lines.push(format!("{span} decline {id}: {reason}"));
    }
    lines
}

fn place_of(place: &PerPlatform<Location>) -> String {
    let shown = |location: &Location| match location.sha256() {
        Some(digest) => format!("{location} {}…", &digest.to_string()[..15]),
        None => location.to_string(),
    };
    match place {
        PerPlatform::One(one) => shown(one),
        PerPlatform::Each(each) => {
            let each = each.iter().map(|(key, one)| format!("{key}: {}", shown(one)));
            each.collect::<Vec<_>>().join(", ")
        }
    }
}

fn layer(LayerGroup { span, name, takes }: &LayerGroup) -> String {
    let mut line = format!("{span} layer {name}");
    for Spanned { value, span } in takes {
        line += &format!(" {value:?}@{span}");
    }
    line
}

fn taken(from: &Reference, to: &Destination) -> String {
    let kind = if matches!(from, Reference::Beside(_)) { "beside " } else { "" };
    let into = if to.into { " (into)" } else { "" };
    format!("{kind}{from} -> {}{into}", to.path)
}

fn option(line: &mut String, name: &str, value: Option<impl ToString>) {
    if let Some(value) = value {
        *line += &format!(" {name}={}", value.to_string());
    }
}

fn texts(line: &mut String, name: &str, values: &[Spanned<String>]) {
    for value in values {
        *line += &format!(" {name}={}@{}", value.value, value.span);
    }
}

fn owned_by(owner: &Owner) -> String {
    match owner {
        Owner::Numbers { uid, gid } => format!("{uid}:{gid}"),
        Owner::Named { user, group: Some(group) } => format!("`{user}:{group}`"),
        Owner::Named { user, group: None } => format!("`{user}`"),
    }
}

fn pairs(name: &str, values: &alloc::collections::BTreeMap<String, String>) -> String {
    values.iter().map(|(key, value)| format!(" {name}:{key}={value}")).collect()
}

fn image(image: &ImageSettings, lines: &mut Vec<String>) {
    if let Some(entrypoint) = &image.entrypoint {
        lines.push(format!("{} entrypoint {:?}", entrypoint.span, entrypoint.value));
    }
    if let Some(cmd) = &image.cmd {
        lines.push(format!("{} cmd {:?}", cmd.span, cmd.value));
    }
    lines.extend(image.env.iter().map(|(key, value)| format!("env {key}={value}")));
    lines.extend(image.workdir.iter().map(|path| format!("{} workdir {}", path.span, path.value)));
    lines.extend(image.user.iter().map(|user| format!("{} user {}", user.span, user.value)));
    lines.extend(image.expose.iter().map(|port| format!("expose {port}")));
    lines.extend(image.volumes.iter().map(|path| format!("{} volume {}", path.span, path.value)));
    lines.extend(image.labels.iter().map(|(key, value)| format!("label {key}={value}")));
    lines.extend(image.stopsignal.iter().map(|signal| format!("stopsignal {signal}")));
    lines.extend(image.healthcheck.iter().map(|check| {
        format!("{} healthcheck {:?} {:?}", check.span, check.test.to_list(), check.value)
    }));
    lines.extend(image.annotations.iter().map(|(key, value)| format!("annotation {key}={value}")));
}
