//! Programs that gain privileges when started (`AT_SECURE`): the caller's variables do not count.

use crate::support::Case;

#[test]
fn ld_library_path_is_ignored() {
    let files = "/bin/app     elf x86_64 interp=/ld.so needed=libx.so
                 /a/libx.so   elf x86_64
                 /lib/libx.so elf x86_64";
    Case::new(files, "/bin/app")
        .library_path("/a")
        .privileged()
        .check("libx.so -> /lib/libx.so (needed by /bin/app; default /lib)");
}

#[test]
fn ld_preload_is_ignored() {
    let files = "/bin/app     elf x86_64 interp=/ld.so
                 /lib/libx.so elf x86_64";
    Case::new(files, "/bin/app").preload("/lib/libx.so:libx.so").privileged().check("");
}

#[test]
fn of_the_preload_file_only_paths_count() {
    let files = r#"/bin/app     elf x86_64 interp=/ld.so
                   /lib/libx.so elf x86_64
                   /lib/liby.so elf x86_64
                   /etc/ld.so.preload "libx.so /lib/liby.so""#;
    Case::new(files, "/bin/app")
        .privileged()
        .check("/lib/liby.so -> /lib/liby.so (ld.so.preload of /bin/app; path)");
}

#[test]
fn audit_libraries_have_no_slash() {
    let files = "/bin/app     elf x86_64 interp=/ld.so audit=/lib/libx.so:liby.so
                 /lib/libx.so elf x86_64
                 /lib/liby.so elf x86_64";
    Case::new(files, "/bin/app")
        .privileged()
        .check("liby.so -> /lib/liby.so (audits /bin/app; default /lib)");
}

#[test]
fn a_run_path_without_tokens_counts() {
    let files = "/bin/app     elf x86_64 interp=/ld.so needed=libx.so runpath=/a
                 /a/libx.so   elf x86_64";
    Case::new(files, "/bin/app")
        .privileged()
        .check("libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)");
}

#[test]
fn origin_of_the_program_must_lead_into_a_default_directory() {
    let files = |runpath: &str| {
        format!(
            "/usr/bin/app         elf x86_64 interp=/ld.so needed=libx.so runpath={runpath}
             /usr/lib/app/libx.so elf x86_64
             /usr/bin/libx.so     elf x86_64
             /usr/binx/libx.so    elf x86_64"
        )
    };
    let missing = "libx.so MISSING (needed by /usr/bin/app)
                   tried /lib/libx.so (default /lib)
                   tried /usr/lib/libx.so (default /usr/lib)";
    let case = |runpath: &str| Case::new(&files(runpath), "/usr/bin/app").privileged();
    case("$ORIGIN/../lib/app").check(
        "libx.so -> /usr/bin/../lib/app/libx.so (needed by /usr/bin/app; RUNPATH $ORIGIN/../lib/app)",
    );
    case("$ORIGIN").check(missing);
    case("${ORIGIN}x").check(missing);
    case("/$ORIGIN/../lib/app").check(missing);
}

#[test]
fn origin_of_a_library_may_be_anywhere() {
    let files = "/bin/app      elf x86_64 interp=/ld.so needed=liba.so runpath=/opt
                 /opt/liba.so  elf x86_64 needed=libx.so runpath=$ORIGIN/sub
                 /opt/sub/libx.so elf x86_64";
    Case::new(files, "/bin/app").privileged().check(
        "liba.so -> /opt/liba.so (needed by /bin/app; RUNPATH /opt)
         libx.so -> /opt/sub/libx.so (needed by /opt/liba.so; RUNPATH $ORIGIN/sub)",
    );
}

#[test]
fn tokens_in_needed_names_are_fatal() {
    let files =
        "/bin/app     elf x86_64 interp=/ld.so needed=$ORIGIN/libx.so auxiliary=$ORIGIN/libx.so
                 /bin/libx.so elf x86_64";
    Case::new(files, "/bin/app").privileged().check(
        "$ORIGIN/libx.so MISSING (needed by /bin/app)
         stopped at $ORIGIN/libx.so: tokens such as $ORIGIN are not allowed in the names that a privileged program needs",
    );
}

#[test]
fn musl_ignores_variables_and_the_program_s_origin() {
    let files = "/lib/ld-musl-x86_64.so.1 loader musl x86_64
                 /bin/app     elf x86_64 interp=/lib/ld-musl-x86_64.so.1 needed=liba.so rpath=$ORIGIN/../a
                 /a/liba.so   elf x86_64
                 /lib/liba.so elf x86_64 needed=libb.so rpath=$ORIGIN/sub
                 /lib/sub/libb.so elf x86_64";
    Case::new(files, "/bin/app").preload("/a/liba.so").library_path("/a").privileged().check(
        "/lib/ld-musl-x86_64.so.1 -> /lib/ld-musl-x86_64.so.1 (interpreter of /bin/app)
         liba.so -> /lib/liba.so (needed by /bin/app; default /lib)
         libb.so -> /lib/sub/libb.so (needed by /lib/liba.so; RPATH /lib/sub)",
    );
}
