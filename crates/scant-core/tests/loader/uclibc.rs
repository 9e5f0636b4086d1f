//! Where uClibc-ng differs from glibc, by its source.

use crate::support::Case;

/// Files with uClibc's loader and a program that names it, whose other words are given.
fn case(program: &str, files: &str) -> Case {
    Case::new(
        &format!(
            "/opt/ld64-uClibc.so.1 loader uclibc x86_64
             /bin/app elf x86_64 interp=/opt/ld64-uClibc.so.1 {program}
             {files}"
        ),
        "/bin/app",
    )
}

/// Checks without the line of the interpreter, which is always the same.
trait CheckUclibc {
    fn check_uclibc(self, expected: &str);
}

impl CheckUclibc for Case {
    #[track_caller]
    fn check_uclibc(self, expected: &str) {
        self.check(&format!(
            "/opt/ld64-uClibc.so.1 -> /opt/ld64-uClibc.so.1 (interpreter of /bin/app)
             {expected}"
        ));
    }
}

#[test]
fn every_place_in_its_order() {
    case(
        "needed=liba.so rpath=/p runpath=/q",
        "/p/liba.so        elf x86_64 needed=libx.so rpath=/r runpath=/u
         /etc/ld.so.cache  cache old x86_64 flags=4 libx.so=>/c/libx.so",
    )
    .library_path("/l")
    .check_uclibc(
        "liba.so -> /p/liba.so (needed by /bin/app; RPATH /p)
         libx.so MISSING (needed by /p/liba.so)
         tried /r/libx.so (RPATH /r)
         tried /l/libx.so (LD_LIBRARY_PATH /l)
         tried /u/libx.so (RUNPATH /u)
         tried /p/libx.so (RPATH /p of /bin/app)
         tried /c/libx.so (cache)
         tried /opt/libx.so (beside the loader)
         tried /lib/libx.so (default /lib)
         tried /usr/lib/libx.so (default /usr/lib)
         tried /q/libx.so (RUNPATH /q of /bin/app)
         tried /p/libx.so (RPATH /p of /bin/app)",
    );
}

#[test]
fn rpath_is_not_inherited_but_from_the_program() {
    case(
        "needed=liba.so rpath=/p",
        "/p/liba.so elf x86_64 needed=libb.so rpath=/r
         /r/libb.so elf x86_64 needed=libx.so
         /r/libx.so elf x86_64
         /p/libx.so elf x86_64",
    )
    .check_uclibc(
        "liba.so -> /p/liba.so (needed by /bin/app; RPATH /p)
         libb.so -> /r/libb.so (needed by /p/liba.so; RPATH /r)
         libx.so -> /p/libx.so (needed by /r/libb.so; RPATH /p of /bin/app)",
    );
}

#[test]
fn origin_is_known_at_the_start_of_the_requester_s_rpath_only() {
    case("needed=libx.so rpath=$ORIGIN/../a", "/a/libx.so elf x86_64")
        .check_uclibc("libx.so -> /bin/../a/libx.so (needed by /bin/app; RPATH $ORIGIN/../a)");
    case("needed=libx.so runpath=$ORIGIN/../a:/b", "/a/libx.so elf x86_64\n/b/libx.so elf x86_64")
        .check_uclibc("libx.so -> /b/libx.so (needed by /bin/app; RUNPATH /b)");
    case("needed=libx.so rpath=/x/$ORIGIN", "/x/$ORIGIN/libx.so elf x86_64")
        .check_uclibc("libx.so -> /x/$ORIGIN/libx.so (needed by /bin/app; RPATH /x/$ORIGIN)");
}

#[test]
fn a_path_that_leads_nowhere_is_searched_for_by_its_last_component() {
    case("needed=/none/libx.so", "/lib/libx.so elf x86_64")
        .check_uclibc("/none/libx.so -> /lib/libx.so (needed by /bin/app; default /lib)");
}

#[test]
fn whatever_is_wrong_with_a_candidate_the_search_goes_on() {
    for content in [r#""text""#, "elf aarch64", "elf x86_64 exec", "elf x86_64 nodynamic"] {
        case("needed=libx.so rpath=/a", &format!("/a/libx.so {content}\n/lib/libx.so elf x86_64"))
            .check_uclibc("libx.so -> /lib/libx.so (needed by /bin/app; default /lib)");
    }
}

#[test]
fn only_the_file_tells_whether_it_is_loaded_already() {
    case(
        "needed=libx.so,libx.so.5,liby.so",
        "/lib/libx.so elf x86_64 soname=libx.so.5
         /lib/liby.so -> libx.so",
    )
    .check_uclibc(
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         liby.so -> /lib/liby.so (needed by /bin/app; default /lib)
         libx.so.5 MISSING (needed by /bin/app)
         tried /opt/libx.so.5 (beside the loader)
         tried /lib/libx.so.5 (default /lib)
         tried /usr/lib/libx.so.5 (default /usr/lib)",
    );
}

#[test]
fn the_loader_s_name_means_the_loader() {
    case("needed=ld64-uClibc.so.1", "").check_uclibc(
        "ld64-uClibc.so.1 -> /opt/ld64-uClibc.so.1 (needed by /bin/app; the loader itself)",
    );
}

#[test]
fn the_cache_is_the_old_format_with_flags_of_its_own() {
    case(
        "needed=libx.so,liby.so",
        "/etc/ld.so.cache cache old x86_64 flags=4 libx.so=>/c/libx.so flags=0x303 liby.so=>/c/liby.so
         /c/libx.so elf x86_64
         /c/liby.so elf x86_64
         /lib/liby.so elf x86_64",
    )
    .check_uclibc(
        "libx.so -> /c/libx.so (needed by /bin/app; cache)
         liby.so -> /lib/liby.so (needed by /bin/app; default /lib)",
    );
}
