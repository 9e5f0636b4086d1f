//! Platforms: what the image is for, and inputs for each.

use scant_core::plan::{Request, plan as make, platforms};
use scant_core::words::TreePath;

use crate::support::{check_faults, compare, faults, planned_for, prepare, tree, views};

#[test]
fn the_platform_is_what_the_binaries_are() {
    let shown = |manifest: &str, listing: &str| {
        let (manifest, opened) = prepare(manifest, &[("SYS", listing)]);
        let views = views(&opened, false);
        platforms(&manifest, &views, &TreePath::root())
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(shown("binaries: [SYS/a]", "/a elf aarch64 static"), "linux/arm64");
    assert_eq!(
        shown("binaries: [SYS/s, SYS/a]", "/s \"#!/a\"\n/a elf s390x static"),
        "linux/s390x"
    );
    assert_eq!(shown("data: [SYS/s]", "/s \"\""), "linux/amd64");
    let both = "
        binaries: [SYS/a]
        platforms: [linux/arm64, linux/amd64]
        ";
    assert_eq!(shown(both, "/a elf x86_64 static"), "linux/arm64 linux/amd64");
}

#[test]
fn a_binary_for_another_platform_is_refused() {
    check_faults(
        "
        binaries: [SYS/a]
        platforms: [linux/arm64]
        ",
        &[("SYS", "/a elf x86_64 static")],
        "
        1: `SYS/a` is made for linux/amd64, and the image is for linux/arm64
            help: name the platform under `platforms`, and give the input a path for each platform
        ",
    );
}

#[test]
fn binaries_for_several_platforms_do_not_mix() {
    check_faults(
        "
        binaries:
          - SYS/a
          - SYS/b
          - SYS/c
        ",
        &[("SYS", "/a elf x86_64 static\n/b elf aarch64 static\n/c elf x32 static")],
        "
        3: `SYS/b` is made for linux/arm64, and the image is for linux/amd64
            help: name the platform under `platforms`, and give the input a path for each platform
        4: `SYS/c` is made for a machine without a platform (e_machine 62), and the image is for linux/amd64
            help: name the platform under `platforms`, and give the input a path for each platform
        ",
    );
}

#[test]
fn an_input_without_a_path_for_the_platform_is_refused() {
    let (manifest, mut opened) = prepare(
        "
        inputs:
          ALL: {backend: sysroot, path: .}
          SOME: {backend: sysroot, path: {linux/amd64: ./a}}
        binaries:
          - ALL/a
          - SOME/b
        platforms: [linux/amd64, linux/arm64]
        ",
        &[("ALL", "/a elf aarch64 static"), ("SOME", "/b elf x86_64 static")],
    );
    opened.retain(|name, _| name.as_str() != "SOME");
    let views = views(&opened, false);
    let platform = manifest.platforms[1];
    let request = Request { manifest: &manifest, platform, inputs: &views, base: TreePath::root() };
    compare(
        &faults(&make(&request)),
        "
        6: input SOME has no path for linux/arm64
        ",
    );
}

#[test]
fn each_platform_takes_its_own_inputs() {
    let of = |platform: &str, listing: &str| {
        let (manifest, opened) = prepare(
            "
            inputs:
              SYS: {backend: sysroot, path: {linux/amd64: ./a, linux/arm64: ./b}}
            binaries: [SYS/app]
            ",
            &[("SYS", listing)],
        );
        tree(&planned_for(&manifest, &opened, platform.parse().unwrap()))
    };
    compare(&of("linux/amd64", "/app elf x86_64 static"), "/app SYS 0755 binaries:3");
    let arm = "/app elf aarch64 interp=/lib/ld.so\n/lib/ld.so loader glibc aarch64";
    compare(
        &of("linux/arm64", arm),
        "
        /app        SYS 0755  binaries:3
        /lib/                 parent directory of /lib/ld.so
        /lib/ld.so  SYS 0755  interpreter of /app
        ",
    );
}
