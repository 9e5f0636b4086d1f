//! Libraries for newer processors: `glibc-hwcaps`, what came before it, and files that demand a
//! level.

use crate::support::{Case, check};

const LEVELS: &str = "
    /bin/app    elf x86_64 interp=/ld.so needed=libx.so
    /lib/libx.so elf x86_64
    /lib/glibc-hwcaps/x86-64-v2/libx.so elf x86_64
    /lib/glibc-hwcaps/x86-64-v3/libx.so elf x86_64";

#[test]
fn every_level_counts_unless_one_is_chosen() {
    check(
        LEVELS,
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         libx.so -> /lib/glibc-hwcaps/x86-64-v2/libx.so (needed by /bin/app; default /lib)
         libx.so -> /lib/glibc-hwcaps/x86-64-v3/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn a_processor_takes_the_best_level_it_has() {
    for (level, path) in [
        ("x86-64-v1", "/lib/libx.so"),
        ("x86-64-v2", "/lib/glibc-hwcaps/x86-64-v2/libx.so"),
        ("x86-64-v3", "/lib/glibc-hwcaps/x86-64-v3/libx.so"),
        ("x86-64-v4", "/lib/glibc-hwcaps/x86-64-v3/libx.so"),
    ] {
        Case::new(LEVELS, "/bin/app")
            .cpu(level)
            .check(&format!("libx.so -> {path} (needed by /bin/app; default /lib)"));
    }
}

#[test]
fn each_level_is_a_process_of_its_own() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=libx.so
         /lib/libx.so  elf x86_64
         /lib/glibc-hwcaps/x86-64-v3/libx.so elf x86_64 needed=libfast.so
         /lib/libfast.so elf x86_64",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         libx.so -> /lib/glibc-hwcaps/x86-64-v3/libx.so (needed by /bin/app; default /lib)
         libfast.so -> /lib/libfast.so (needed by /lib/glibc-hwcaps/x86-64-v3/libx.so; default /lib)",
    );
}

#[test]
fn all_levels_of_a_directory_come_before_the_next_directory() {
    let files = "/bin/app   elf x86_64 interp=/ld.so needed=libx.so runpath=/a:/b
                 /a/libx.so elf x86_64
                 /b/glibc-hwcaps/x86-64-v2/libx.so elf x86_64";
    Case::new(files, "/bin/app")
        .cpu("x86-64-v4")
        .check("libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)");
}

#[test]
fn levels_count_in_every_kind_of_list() {
    for (tags, variable, rule) in [
        ("rpath=/a", "", "RPATH /a"),
        ("runpath=/a", "", "RUNPATH /a"),
        ("", "/a", "LD_LIBRARY_PATH /a"),
    ] {
        let files = format!(
            "/bin/app elf x86_64 interp=/ld.so needed=libx.so {tags}
             /a/glibc-hwcaps/x86-64-v2/libx.so elf x86_64"
        );
        Case::new(&files, "/bin/app").library_path(variable).cpu("x86-64-v2").check(&format!(
            "libx.so -> /a/glibc-hwcaps/x86-64-v2/libx.so (needed by /bin/app; {rule})"
        ));
    }
}

#[test]
fn levels_count_in_the_cache() {
    let files = "/bin/app         elf x86_64 interp=/ld.so needed=libx.so
                 /etc/ld.so.cache cache new x86_64 libx.so=>/c/libx.so libx.so@x86-64-v2=>/c/2/libx.so libx.so@x86-64-v3=>/c/3/libx.so
                 /c/libx.so       elf x86_64
                 /c/2/libx.so     elf x86_64
                 /c/3/libx.so     elf x86_64";
    for (level, path) in
        [("x86-64-v1", "/c/libx.so"), ("x86-64-v2", "/c/2/libx.so"), ("x86-64-v4", "/c/3/libx.so")]
    {
        Case::new(files, "/bin/app")
            .cpu(level)
            .check(&format!("libx.so -> {path} (needed by /bin/app; cache)"));
    }
    check(
        files,
        "/bin/app",
        "libx.so -> /c/libx.so (needed by /bin/app; cache)
         libx.so -> /c/2/libx.so (needed by /bin/app; cache)
         libx.so -> /c/3/libx.so (needed by /bin/app; cache)",
    );
}

/// `ldconfig` writes them where the loader does not look.
#[test]
fn levels_do_not_count_in_a_compat_cache() {
    let files = "/bin/app         elf x86_64 interp=/ld.so needed=libx.so
                 /etc/ld.so.cache cache compat x86_64 libx.so=>/c/libx.so libx.so@x86-64-v2=>/c/2/libx.so
                 /c/libx.so       elf x86_64
                 /c/2/libx.so     elf x86_64";
    check(files, "/bin/app", "libx.so -> /c/libx.so (needed by /bin/app; cache)");
}

#[test]
fn a_level_that_the_loader_does_not_know_is_not_searched() {
    let files = "/ld.so     loader glibc x86_64 hwcaps=x86-64-v3:x86-64-v2
                 /bin/app   elf x86_64 interp=/ld.so needed=libx.so
                 /lib/libx.so elf x86_64
                 /lib/glibc-hwcaps/x86-64-v4/libx.so elf x86_64";
    check(files, "/bin/app", "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)");
}

#[test]
fn power_and_z_have_levels_and_arm_has_none() {
    for (machine, loader, level, is_taken) in [
        ("ppc64le", "/lib64/ld64.so.2", "power10", true),
        ("s390x", "/lib/ld64.so.1", "z15", true),
        ("aarch64", "/lib/ld-linux-aarch64.so.1", "x86-64-v3", false),
    ] {
        let files = format!(
            "{loader}      loader glibc {machine}
             /bin/app      elf {machine} interp={loader} needed=libx.so
             /lib/libx.so  elf {machine}
             /lib/glibc-hwcaps/{level}/libx.so elf {machine}"
        );
        let below = if is_taken { format!("glibc-hwcaps/{level}/") } else { String::new() };
        Case::new(&files, "/bin/app").cpu(level).check(&format!(
            "{loader} -> {loader} (interpreter of /bin/app)
             libx.so -> /lib/{below}libx.so (needed by /bin/app; default /lib)"
        ));
    }
}

#[test]
fn an_error_in_a_level_s_directory_is_passed_over() {
    let files = "/bin/app      elf x86_64 interp=/ld.so needed=libx.so runpath=/a:/b
                 /a/glibc-hwcaps/x86-64-v2/libx.so -> libx.so
                 /b/libx.so    elf x86_64";
    Case::new(files, "/bin/app")
        .cpu("x86-64-v2")
        .check("libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)");
}

/// Before glibc 2.37 these were searched as well; on x86-64 in combinations of four names.
#[test]
fn old_loaders_search_the_old_subdirectories() {
    let files = |loader: &str| {
        format!(
            "/ld.so        loader glibc x86_64 {loader}
             /bin/app      elf x86_64 interp=/ld.so needed=libx.so
             /lib/libx.so  elf x86_64
             /lib/tls/haswell/libx.so elf x86_64
             /lib/tls/x86_64/libx.so elf x86_64
             /lib/haswell/avx512_1/libx.so elf x86_64"
        )
    };
    check(
        &files("release=2.36 legacy-hwcaps"),
        "/bin/app",
        "libx.so -> /lib/tls/x86_64/libx.so (needed by /bin/app; default /lib)
         libx.so -> /lib/tls/haswell/libx.so (needed by /bin/app; default /lib)",
    );
    check(
        &files("release=2.37"),
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn levels_come_before_the_old_subdirectories() {
    let files = "/ld.so        loader glibc x86_64 release=2.36 legacy-hwcaps
                 /bin/app      elf x86_64 interp=/ld.so needed=libx.so
                 /lib/tls/libx.so elf x86_64
                 /lib/glibc-hwcaps/x86-64-v2/libx.so elf x86_64";
    Case::new(files, "/bin/app")
        .cpu("x86-64-v2")
        .check("libx.so -> /lib/glibc-hwcaps/x86-64-v2/libx.so (needed by /bin/app; default /lib)");
    Case::new(files, "/bin/app")
        .cpu("x86-64-v1")
        .check("libx.so -> /lib/tls/libx.so (needed by /bin/app; default /lib)");
}

#[test]
fn only_processors_of_one_maker_are_called_haswell() {
    let files = "/ld.so        loader glibc x86_64 release=2.36 legacy-hwcaps
                 /bin/app      elf x86_64 interp=/ld.so needed=libx.so
                 /lib/libx.so  elf x86_64
                 /lib/haswell/libx.so elf x86_64";
    Case::new(files, "/bin/app").cpu("x86-64-v3").check(
        "libx.so -> /lib/haswell/libx.so (needed by /bin/app; default /lib)
         libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn a_library_above_the_processor_s_level_is_fatal() {
    let files = "/bin/app      elf x86_64 interp=/ld.so needed=libx.so
                 /lib/libx.so  elf x86_64 level=3";
    Case::new(files, "/bin/app").cpu("x86-64-v2").check(
        "libx.so MISSING (needed by /bin/app)
         stopped at /lib/libx.so: it needs a processor of level x86-64-v3",
    );
    let found = "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)";
    Case::new(files, "/bin/app").cpu("x86-64-v3").check(found);
    check(files, "/bin/app", found);
}

#[test]
fn a_program_above_the_processor_s_level_is_refused() {
    Case::new("/bin/app elf x86_64 interp=/ld.so level=4", "/bin/app").cpu("x86-64-v3").check(
        "/bin/app MISSING (needed by /bin/app)
         stopped at /bin/app: it needs a processor of level x86-64-v4",
    );
}
