//! Files below another root: links are followed as the kernel would in a changed root.

use crate::support::check;

#[test]
fn absolute_links_start_at_the_root_of_the_tree() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so
         /lib         -> /usr/lib
         /usr/lib/libx.so -> /opt/x/libx.so.1
         /opt/x/libx.so.1 elf x86_64",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn a_link_cannot_lead_above_the_root() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so
         /lib/libx.so -> ../../../../../opt/libx.so
         /opt/libx.so elf x86_64",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn parents_are_those_of_where_a_link_leads() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=libx.so runpath=/link/../lib
         /link         -> /opt/app/sub
         /opt/app/sub/ mode=0755
         /opt/app/lib/libx.so elf x86_64
         /lib/libx.so  elf x86_64",
        "/bin/app",
        "libx.so -> /link/../lib/libx.so (needed by /bin/app; RUNPATH /link/../lib)",
    );
}

#[test]
fn forty_links_are_followed_and_no_more() {
    let chain = |length: usize| {
        let links: Vec<_> = (0..length).map(|n| format!("/lib/l{n} -> l{}", n + 1)).collect();
        format!(
            "/bin/app elf x86_64 interp=/ld.so needed=l0\n/lib/l{length} elf x86_64\n{}",
            links.join("\n")
        )
    };
    check(&chain(40), "/bin/app", "l0 -> /lib/l0 (needed by /bin/app; default /lib)");
    check(
        &chain(41),
        "/bin/app",
        "l0 MISSING (needed by /bin/app)
         tried /lib/l0 (default /lib): too many levels of symbolic links",
    );
}

#[test]
fn a_run_path_of_the_build_host_is_looked_up_below_the_root() {
    check(
        "/bin/app     elf x86_64 interp=/ld.so needed=libx.so runpath=/home/me/output/host/lib
         /lib/libx.so elf x86_64",
        "/bin/app",
        "libx.so -> /lib/libx.so (needed by /bin/app; default /lib)",
    );
}

#[test]
fn the_same_directory_by_two_names_is_two_directories() {
    check(
        "/bin/app      elf x86_64 interp=/ld.so needed=libx.so,liby.so runpath=/a:/b
         /b            -> a
         /a/libx.so    elf x86_64 needed=/b/libx.so
         /a/liby.so    elf x86_64",
        "/bin/app",
        "libx.so -> /a/libx.so (needed by /bin/app; RUNPATH /a)
         liby.so -> /a/liby.so (needed by /bin/app; RUNPATH /a)
         /b/libx.so -> /b/libx.so (needed by /a/libx.so; path)",
    );
}
