//! Where musl differs from glibc.

use crate::support::Case;

/// Files with musl's loader and a program that names it, whose other words are given.
fn case(program: &str, files: &str) -> Case {
    Case::new(
        &format!(
            "/lib/ld-musl-x86_64.so.1 loader musl x86_64
             /bin/app elf x86_64 interp=/lib/ld-musl-x86_64.so.1 {program}
             {files}"
        ),
        "/bin/app",
    )
}

/// Checks without the line of the interpreter, which is always the same.
trait CheckMusl {
    fn check_musl(self, expected: &str);
}

impl CheckMusl for Case {
    #[track_caller]
    fn check_musl(self, expected: &str) {
        self.check(&format!(
            "/lib/ld-musl-x86_64.so.1 -> /lib/ld-musl-x86_64.so.1 (interpreter of /bin/app)
             {expected}"
        ));
    }
}

#[test]
fn ld_library_path_comes_before_run_paths() {
    case("needed=libx.so rpath=/a", "/a/libx.so elf x86_64\n/b/libx.so elf x86_64")
        .library_path("/b")
        .check_musl("libx.so -> /b/libx.so (needed by /bin/app; LD_LIBRARY_PATH /b)");
}

#[test]
fn runpath_hides_rpath() {
    case("needed=libx.so rpath=/a runpath=/b", "/a/libx.so elf x86_64\n/b/libx.so elf x86_64")
        .check_musl("libx.so -> /b/libx.so (needed by /bin/app; RPATH /b)");
}

#[test]
fn both_run_paths_are_inherited() {
    case(
        "needed=liba.so runpath=/a",
        "/a/liba.so elf x86_64 needed=libx.so runpath=/none
         /a/libx.so elf x86_64",
    )
    .check_musl(
        "liba.so -> /a/liba.so (needed by /bin/app; RPATH /a)
         libx.so -> /a/libx.so (needed by /a/liba.so; RPATH /a of /bin/app)",
    );
}

#[test]
fn the_directories_are_lib_usr_local_lib_and_usr_lib() {
    case("needed=libx.so", "/usr/lib/libx.so elf x86_64\n/usr/local/lib/libx.so elf x86_64")
        .check_musl(
            "libx.so -> /usr/local/lib/libx.so (needed by /bin/app; default /usr/local/lib)",
        );
}

#[test]
fn a_path_file_replaces_the_directories() {
    case(
        "needed=libx.so,liby.so,libz.so",
        r#"/etc/ld-musl-x86_64.path "/opt/a\n/opt/b:/opt/c\n"
           /opt/a/libx.so elf x86_64
           /opt/c/liby.so elf x86_64
           /lib/libz.so elf x86_64"#,
    )
    .check_musl(
        "libx.so -> /opt/a/libx.so (needed by /bin/app; path file /opt/a)
         liby.so -> /opt/c/liby.so (needed by /bin/app; path file /opt/c)
         libz.so MISSING (needed by /bin/app)
         tried /opt/a/libz.so (path file /opt/a)
         tried /opt/b/libz.so (path file /opt/b)
         tried /opt/c/libz.so (path file /opt/c)",
    );
}

#[test]
fn a_path_file_that_cannot_be_read_is_an_empty_one() {
    case("needed=libx.so", "/etc/ld-musl-x86_64.path/\n/lib/libx.so elf x86_64")
        .check_musl("libx.so MISSING (needed by /bin/app)");
}

#[test]
fn the_path_file_lies_beside_the_directory_of_the_loader() {
    Case::new(
        r#"/opt/musl/lib/ld.so loader musl x86_64
           /opt/musl/etc/ld-musl-x86_64.path "/a"
           /etc/ld-musl-x86_64.path "/b"
           /bin/app   elf x86_64 interp=/opt/musl/lib/ld.so needed=libx.so
           /a/libx.so elf x86_64
           /b/libx.so elf x86_64"#,
        "/bin/app",
    )
    .check(
        "/opt/musl/lib/ld.so -> /opt/musl/lib/ld.so (interpreter of /bin/app)
         libx.so -> /a/libx.so (needed by /bin/app; path file /a)",
    );
}

#[test]
fn names_of_the_c_library_s_parts_mean_the_loader() {
    let names = "libc.so,libpthread.so.0,librt.so.1,libm.so.6,libdl.so.2,libutil.so.1,libxnet.so,\
                 libc.musl-x86_64.so.1";
    let expected: Vec<_> = names
        .split(',')
        .map(|name| {
            let loader = "/lib/ld-musl-x86_64.so.1";
            format!("{name} -> {loader} (needed by /bin/app; the loader itself)")
        })
        .collect();
    // Nothing is opened for them, even where such a file exists.
    case(&format!("needed={names}"), "/lib/libm.so.6 elf x86_64").check_musl(&expected.join("\n"));
    case("needed=libcrypt.so", "/lib/libcrypt.so elf x86_64")
        .check_musl("libcrypt.so -> /lib/libcrypt.so (needed by /bin/app; default /lib)");
}

#[test]
fn a_second_c_library_is_replaced_by_the_loader() {
    for hash in ["", "gnu-hash"] {
        case(
            "needed=/opt/libother.so",
            &format!("/opt/libother.so elf x86_64 {hash} exports=stdin,__libc_start_main,puts"),
        )
        .check_musl(
            "/opt/libother.so -> /lib/ld-musl-x86_64.so.1 (needed by /bin/app; the loader itself)",
        );
        case(
            "needed=/opt/libother.so",
            &format!("/opt/libother.so elf x86_64 {hash} exports=stdin imports=__libc_start_main"),
        )
        .check_musl("/opt/libother.so -> /opt/libother.so (needed by /bin/app; path)");
    }
}

#[test]
fn sonames_do_not_answer_for_names() {
    case("needed=libx.so,libx.so.5", "/lib/libx.so elf x86_64 soname=libx.so.5").check_musl(
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         libx.so.5 MISSING (needed by /bin/app)
         tried /lib/libx.so.5 (default /lib)
         tried /usr/local/lib/libx.so.5 (default /usr/local/lib)
         tried /usr/lib/libx.so.5 (default /usr/lib)",
    );
}

#[test]
fn a_second_path_of_the_same_file_is_not_loaded_again() {
    case(
        "needed=libx.so,liby.so",
        "/lib/libx.so elf x86_64 needed=libz.so
         /usr/lib/liby.so -> /lib/libx.so
         /lib/libz.so elf x86_64",
    )
    .check_musl(
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)
         liby.so -> /usr/lib/liby.so (needed by /bin/app; default /usr/lib)
         libz.so -> /lib/libz.so (needed by /lib/libx.so; default /lib)",
    );
}

#[test]
fn the_first_file_that_opens_is_taken_whatever_it_is() {
    case(
        "needed=libx.so,liby.so rpath=/a:/b",
        r#"/a/libx.so elf aarch64
           /b/libx.so elf x86_64
           /a/liby.so "text"
           /b/liby.so elf x86_64"#,
    )
    .check_musl(
        "libx.so MISSING (needed by /bin/app)
         stopped at /a/libx.so: made for another machine (e_machine 183)
         liby.so MISSING (needed by /bin/app)
         stopped at /a/liby.so: not an ELF file",
    );
}

#[test]
fn an_error_other_than_absence_ends_the_search() {
    case("needed=libx.so rpath=/a:/b", "/a/libx.so -> libx.so\n/lib/libx.so elf x86_64")
        .check_musl(
            "libx.so MISSING (needed by /bin/app)
             tried /a/libx.so (RPATH /a): too many levels of symbolic links
             stopped at /a/libx.so: it cannot be opened: too many levels of symbolic links",
        );
}

#[test]
fn a_directory_whose_name_is_too_long_is_passed_over() {
    let long = "n".repeat(256);
    case(&format!("needed=libx.so rpath=/{long}:/b"), "/b/libx.so elf x86_64")
        .check_musl("libx.so -> /b/libx.so (needed by /bin/app; RPATH /b)");
}

#[test]
fn origin_is_the_only_token_and_any_other_drops_the_whole_run_path() {
    case("needed=libx.so rpath=${ORIGIN}/../a", "/a/libx.so elf x86_64")
        .check_musl("libx.so -> /bin/../a/libx.so (needed by /bin/app; RPATH /bin/../a)");
    case("needed=libx.so rpath=/a:/$LIB", "/a/libx.so elf x86_64\n/lib/libx.so elf x86_64")
        .check_musl("libx.so -> /lib/libx.so (needed by /bin/app; default /lib)");
}

#[test]
fn empty_elements_are_nothing() {
    case("needed=libx.so rpath=::/a:", "/libx.so elf x86_64\n/a/libx.so elf x86_64")
        .directory("/")
        .check_musl("libx.so -> /a/libx.so (needed by /bin/app; RPATH /a)");
}

#[test]
fn preloaded_libraries_are_searched_for_without_run_paths() {
    let files = "/a/libp.so elf x86_64\n/usr/lib/libp.so elf x86_64\n/opt/libq.so elf x86_64";
    case("rpath=/a", files).preload("libp.so\t/opt/libq.so").check_musl(
        "libp.so -> /usr/lib/libp.so (LD_PRELOAD of /bin/app; default /usr/lib)
         /opt/libq.so -> /opt/libq.so (LD_PRELOAD of /bin/app; path)",
    );
}

#[test]
fn there_is_no_cache_no_preload_file_no_level_no_nodeflib_no_filter_and_no_audit() {
    case(
        "needed=libx.so auxiliary=liba.so filter=libf.so audit=libd.so nodeflib",
        r#"/etc/ld.so.cache    cache new x86_64 libx.so=>/c/libx.so
           /etc/ld.so.preload  "/lib/liba.so"
           /c/libx.so          elf x86_64
           /lib/libx.so        elf x86_64
           /lib/liba.so        elf x86_64
           /lib/glibc-hwcaps/x86-64-v2/libx.so elf x86_64"#,
    )
    .check_musl("libx.so -> /lib/libx.so (needed by /bin/app; default /lib)");
}
