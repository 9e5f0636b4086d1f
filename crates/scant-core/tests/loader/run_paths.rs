//! RPATH, RUNPATH and `LD_LIBRARY_PATH`: their order, who inherits them, and what their elements
//! mean.

use crate::support::{Case, check};

#[test]
fn rpath_comes_before_ld_library_path_and_that_before_runpath() {
    let files = "/bin/old    elf x86_64 interp=/ld.so needed=libx.so rpath=/a
                 /bin/new    elf x86_64 interp=/ld.so needed=libx.so runpath=/a
                 /a/libx.so  elf x86_64
                 /b/libx.so  elf x86_64";
    Case::new(files, "/bin/old")
        .library_path("/b")
        .check("libx.so -> /a/libx.so (needed by /bin/old; RPATH /a)");
    Case::new(files, "/bin/new")
        .library_path("/b")
        .check("libx.so -> /b/libx.so (needed by /bin/new; LD_LIBRARY_PATH /b)");
}

#[test]
fn runpath_comes_before_the_cache_and_that_before_the_default_directories() {
    let files = |runpath: &str| {
        format!(
            "/bin/app          elf x86_64 interp=/ld.so needed=libx.so {runpath}
             /etc/ld.so.cache  cache new x86_64 libx.so=>/c/libx.so
             /r/libx.so        elf x86_64
             /c/libx.so        elf x86_64
             /lib/libx.so      elf x86_64"
        )
    };
    check(
        &files("runpath=/r"),
        "/bin/app",
        "libx.so -> /r/libx.so (needed by /bin/app; RUNPATH /r)",
    );
    check(&files(""), "/bin/app", "libx.so -> /c/libx.so (needed by /bin/app; cache)");
}

#[test]
fn rpath_is_ignored_when_the_requester_has_a_runpath() {
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=libx.so rpath=/a runpath=/b
         /a/libx.so  elf x86_64
         /b/libx.so  elf x86_64",
        "/bin/app",
        "libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)",
    );
}

#[test]
fn rpath_of_the_program_is_ignored_when_the_requester_has_a_runpath() {
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=liba.so rpath=/a
         /a/liba.so  elf x86_64 needed=libx.so runpath=/none
         /a/libx.so  elf x86_64",
        "/bin/app",
        "liba.so -> /a/liba.so (needed by /bin/app; RPATH /a)
         libx.so MISSING (needed by /a/liba.so)
         tried /none/libx.so (RUNPATH /none)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)",
    );
}

#[test]
fn rpath_is_inherited_from_whoever_loaded_the_requester_first() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=liba.so,libb.so rpath=/l
         /l/liba.so   elf x86_64 needed=libm.so rpath=/a
         /l/libb.so   elf x86_64 needed=libm.so rpath=/b
         /l/libm.so   elf x86_64 needed=libx.so
         /a/libx.so   elf x86_64
         /b/libx.so   elf x86_64",
        "/bin/app",
        "liba.so -> /l/liba.so (needed by /bin/app; RPATH /l)
         libb.so -> /l/libb.so (needed by /bin/app; RPATH /l)
         libm.so -> /l/libm.so (needed by /l/liba.so; RPATH /l of /bin/app)
         libm.so -> /l/libm.so (needed by /l/libb.so; RPATH /l of /bin/app)
         libx.so -> /a/libx.so (needed by /l/libm.so; RPATH /a of /l/liba.so)",
    );
}

#[test]
fn the_requester_s_rpath_comes_before_those_it_inherits() {
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=liba.so rpath=/l
         /l/liba.so  elf x86_64 needed=libx.so rpath=/a
         /l/libx.so  elf x86_64
         /a/libx.so  elf x86_64",
        "/bin/app",
        "liba.so -> /l/liba.so (needed by /bin/app; RPATH /l)
         libx.so -> /a/libx.so (needed by /l/liba.so; RPATH /a)",
    );
}

#[test]
fn runpath_is_not_inherited() {
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=liba.so runpath=/a
         /a/liba.so  elf x86_64 needed=libx.so
         /a/libx.so  elf x86_64",
        "/bin/app",
        "liba.so -> /a/liba.so (needed by /bin/app; RUNPATH /a)
         libx.so MISSING (needed by /a/liba.so)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)",
    );
}

#[test]
fn an_ancestor_that_has_a_runpath_is_passed_over() {
    // liba.so has both tags, so its RPATH is lost for libb.so too; the program's is not.
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=liba.so rpath=/l
         /l/liba.so  elf x86_64 needed=libb.so rpath=/a runpath=/l
         /l/libb.so  elf x86_64 needed=libx.so
         /a/libx.so  elf x86_64
         /l/libx.so  elf x86_64",
        "/bin/app",
        "liba.so -> /l/liba.so (needed by /bin/app; RPATH /l)
         libb.so -> /l/libb.so (needed by /l/liba.so; RUNPATH /l)
         libx.so -> /l/libx.so (needed by /l/libb.so; RPATH /l of /bin/app)",
    );
}

#[test]
fn an_empty_element_is_the_working_directory() {
    let files = "/bin/app     elf x86_64 interp=/ld.so needed=libx.so runpath=/a::/b
                 /w/libx.so   elf x86_64
                 /b/libx.so   elf x86_64";
    Case::new(files, "/bin/app")
        .directory("/w")
        .check("libx.so -> /w/libx.so (needed by /bin/app; RUNPATH )");
}

#[test]
fn a_relative_element_starts_at_the_working_directory() {
    let files = "/bin/app       elf x86_64 interp=/ld.so needed=libx.so runpath=lib
                 /w/lib/libx.so elf x86_64";
    Case::new(files, "/bin/app")
        .directory("/w")
        .check("libx.so -> /w/lib/libx.so (needed by /bin/app; RUNPATH lib)");
}

#[test]
fn an_empty_list_is_no_list_but_still_hides_the_rpath() {
    check(
        r#"/bin/app     elf x86_64 interp=/ld.so needed=libx.so rpath=/a runpath=""
           /a/libx.so   elf x86_64
           /libx.so     elf x86_64"#,
        "/bin/app",
        "libx.so MISSING (needed by /bin/app)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)",
    );
}

#[test]
fn an_empty_ld_library_path_is_none() {
    let files = "/bin/app elf x86_64 interp=/ld.so needed=libx.so
                 /libx.so elf x86_64";
    Case::new(files, "/bin/app").library_path("").check(
        "libx.so MISSING (needed by /bin/app)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)",
    );
}

#[test]
fn slashes_at_the_end_are_dropped_and_a_directory_is_searched_once() {
    check(
        "/bin/app elf x86_64 interp=/ld.so needed=libx.so runpath=/a//:/a:/b",
        "/bin/app",
        "libx.so MISSING (needed by /bin/app)
         tried /a/libx.so (RUNPATH /a//)
         tried /b/libx.so (RUNPATH /b)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)",
    );
}

#[test]
fn an_element_that_is_no_directory_is_passed_over() {
    check(
        r#"/bin/app     elf x86_64 interp=/ld.so needed=libx.so runpath=/file:/none:/loop:/b
           /file        "text"
           /loop        -> loop
           /b/libx.so   elf x86_64"#,
        "/bin/app",
        "libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)",
    );
}

#[test]
fn an_error_other_than_absence_ends_the_list_but_not_the_search() {
    for (link, problem) in [
        ("/a/libx.so -> libx.so", "too many levels of symbolic links"),
        ("/a/libx.so -> /file/x\n/file \"text\"", "not a directory"),
    ] {
        let files = format!(
            "/bin/app    elf x86_64 interp=/ld.so needed=libx.so,liby.so runpath=/a:/b
             {link}
             /b/libx.so    elf x86_64
             /lib/libx.so  elf x86_64
             /a/liby.so    elf x86_64"
        );
        check(
            &files,
            "/bin/app",
            "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
             liby.so -> /a/liby.so (needed by /bin/app; RUNPATH /a)",
        );
        let alone = files.replace("/lib/libx.so", "/else/libx.so");
        check(
            &alone,
            "/bin/app",
            &format!(
                "liby.so -> /a/liby.so (needed by /bin/app; RUNPATH /a)
                 libx.so MISSING (needed by /bin/app)
                 tried /a/libx.so (RUNPATH /a): {problem}
                 tried /lib/libx.so (default /lib)
                 tried /usr/lib/libx.so (default /usr/lib)"
            ),
        );
    }
}

#[test]
fn ld_library_path_has_two_separators() {
    let files = "/bin/app    elf x86_64 interp=/ld.so needed=libx.so,liby.so
                 /a/libx.so  elf x86_64
                 /b/liby.so  elf x86_64";
    Case::new(files, "/bin/app").library_path("/a;/b").check(
        "libx.so -> /a/libx.so (needed by /bin/app; LD_LIBRARY_PATH /a)
         liby.so -> /b/liby.so (needed by /bin/app; LD_LIBRARY_PATH /b)",
    );
}

#[test]
fn a_semicolon_separates_nothing_in_a_run_path() {
    check(
        "/bin/app        elf x86_64 interp=/ld.so needed=libx.so runpath=/a;/b
         /a/libx.so      elf x86_64
         /a;/b/libx.so   elf x86_64",
        "/bin/app",
        "libx.so -> /a;/b/libx.so (needed by /bin/app; RUNPATH /a;/b)",
    );
}

#[test]
fn of_a_tag_that_stands_twice_the_last_counts() {
    check(
        "/bin/app    elf x86_64 interp=/ld.so needed=libx.so runpath=/a runpath=/b
         /a/libx.so  elf x86_64
         /b/libx.so  elf x86_64",
        "/bin/app",
        "libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)",
    );
}
